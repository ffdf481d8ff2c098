//! The sandbox's control API, as a program uses it: what people do, what arrived at them, what the bot asked Telegram for.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::support::raw::Raw;

/// Where the phones are.
pub struct Phones {
    address: SocketAddr,
    host: String,
}

impl Phones {
    /// Those at this address, such as `http://127.0.0.1:4000`.
    pub fn at(url: &str) -> Self {
        let host = url.strip_prefix("http://").unwrap().to_owned();
        Self { address: host.parse().unwrap(), host }
    }

    pub fn get(&self, path: &str) -> Value {
        self.call("GET", path, "")
    }

    pub fn post(&self, path: &str, body: &Value) -> Value {
        self.call("POST", path, &body.to_string())
    }

    fn call(&self, method: &str, path: &str, body: &str) -> Value {
        let (host, length) = (&self.host, body.len());
        let answer = Raw::connect(self.address)
            .send(format!(
                "{method} /control/{path} HTTP/1.1\r\nhost: {host}\r\ncontent-length: {length}\r\n\r\n{body}"
            ))
            .answer();
        assert!((200..300).contains(&answer.status), "{method} {path}: {} {}", answer.status, answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }

    /// Somebody new who has not written to the bot; their id.
    pub fn add(&self, name: &str) -> i64 {
        self.post("people", &json!({ "first_name": name }))["id"].as_i64().unwrap()
    }

    /// Somebody presses Start with a code.
    pub fn press_start(&self, person: i64, code: &str) {
        self.post(&format!("phones/{person}/start"), &json!({ "payload": code }));
    }

    /// The next call that names this chat meets trouble.
    pub fn spoil_next(&self, person: i64, trouble: &Value) {
        self.post("faults", &json!({ "trouble": trouble, "chat": person, "times": 1 }));
    }

    /// Everything that arrived with these words in it, oldest first: at whom.
    pub fn arrivals(&self, words: &str) -> Vec<i64> {
        let all = self.get("arrivals");
        let fitting =
            all["arrivals"].as_array().unwrap().iter().filter(|one| one["text"].as_str().unwrap().contains(words));
        fitting.map(|one| one["chat"].as_i64().unwrap()).collect()
    }

    /// What became known to nobody yet: updates that the bot has not confirmed.
    pub fn waiting_updates(&self) -> u64 {
        self.get("state")["waiting_updates"].as_u64().unwrap()
    }

    /// The value of a parameter in each call of a method; those that came too fast for Telegram, and come again, are left out.
    pub fn params(&self, method: &str, name: &str) -> Vec<String> {
        let all = self.get("journal");
        let calls = all["calls"].as_array().unwrap().iter().filter(|call| call["method"] == method);
        let calls = calls.filter(|call| call["outcome"]["refused"]["code"] != 429);
        let params = calls.flat_map(|call| call["params"].as_array().unwrap());
        params.filter(|pair| pair[0] == name).map(|pair| pair[1].as_str().unwrap().to_owned()).collect()
    }
}
