//! The sandbox over real HTTP, judged by Telegram's documentation: what a bot sees of it, and what a person does in it.

mod attachments;
mod control;
mod documents;
mod faults;
mod groups;
mod pages;
mod photos;
mod polling;
mod sending;

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use startlink::clock::{Clock, Timestamp};
use startlink::rng::Rng;
use startlink::runtime::{Stop, block_on};
use startlink::sandbox::{Limits, Sandbox, SandboxOptions};
use startlink::wire::{Engine, EngineOptions};

/// How long a test waits for what must come.
const SOON: Duration = Duration::from_secs(10);

/// A sandbox that serves, and a client that talks to it as a bot does.
struct Bench {
    sandbox: Sandbox,
    clock: Clock,
    client: surf::Client,
    stop: Stop,
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.stop.raise();
    }
}

impl Bench {
    async fn new() -> Self {
        let clock = Clock::manual(Timestamp(1_790_000_000_000));
        let stop = Stop::new();
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let options = SandboxOptions { listen, clock: clock.clone(), rng: Rng::seeded(7) };
        let sandbox = Sandbox::start(options, stop.clone()).await.unwrap();
        let client = Engine::new(EngineOptions::default()).unwrap().client();
        Self { sandbox, clock, client, stop }
    }

    fn method_url(&self, method: &str) -> String {
        format!("{}/bot{}/{method}", self.sandbox.url(), self.sandbox.token().expose())
    }

    /// Calls a method with a JSON body; the status and the whole answer.
    async fn call(&self, method: &str, params: Value) -> (u16, Value) {
        let mut response = self.client.post(self.method_url(method)).body_json(&params).unwrap().await.unwrap();
        (response.status().into(), response.body_json().await.unwrap())
    }

    /// Calls a method that must succeed; its result.
    async fn result(&self, method: &str, params: Value) -> Value {
        let (status, mut answer) = self.call(method, params).await;
        assert_eq!((status, &answer["ok"]), (200, &Value::Bool(true)), "{method}: {answer}");
        answer["result"].take()
    }

    /// Calls a method that must be refused; the code and the description.
    async fn refusal(&self, method: &str, params: Value) -> (u16, String) {
        let (status, answer) = self.call(method, params).await;
        assert_eq!(answer["ok"], Value::Bool(false), "{method}: {answer}");
        assert_eq!(answer["error_code"], json!(status));
        (status, answer["description"].as_str().unwrap().to_owned())
    }

    /// Fetches and confirms what waits.
    async fn updates(&self) -> Vec<Value> {
        let list = self.result("getUpdates", json!({})).await.as_array().unwrap().clone();
        if let Some(last) = list.last().and_then(|update| update["update_id"].as_i64()) {
            self.result("getUpdates", json!({ "offset": last + 1 })).await;
        }
        list
    }
}

fn run<F: Future<Output = ()>>(test: impl FnOnce(Bench) -> F) {
    block_on(async { test(Bench::new().await).await });
}

#[test]
fn a_token_has_to_be_the_right_one() {
    run(|bench| async move {
        let get = async |path: String| {
            let mut response = bench.client.get(format!("{}{path}", bench.sandbox.url())).await.unwrap();
            let answer: Value = response.body_json().await.unwrap();
            (u16::from(response.status()), answer["description"].as_str().unwrap_or_default().to_owned())
        };
        let wrong = format!("/bot{}:{}/getMe", bench.sandbox.bot().id, "A".repeat(35));
        assert_eq!(get(wrong).await, (401, "Unauthorized".to_owned()));
        assert_eq!(get("/bot123/getMe".to_owned()).await, (404, "Not Found".to_owned()));
        let token = bench.sandbox.token();
        assert_eq!(get(format!("/bot{}/getNothing", token.expose())).await, (404, "Not Found".to_owned()));
        assert_eq!(get(format!("/bot{}/GETME", token.expose())).await, (200, String::new()));
        let encoded = token.expose().replace(':', "%3A");
        assert_eq!(get(format!("/bot{encoded}/getMe")).await, (200, String::new()));
    });
}

#[test]
fn get_me_shows_the_bot() {
    run(|bench| async move {
        let me = bench.result("getMe", json!({})).await;
        let info = bench.sandbox.bot();
        assert_eq!((&me["id"], &me["username"]), (&json!(info.id), &json!(info.username)));
        assert_eq!(me["is_bot"], json!(true));
        assert!(bench.sandbox.token().expose().starts_with(&format!("{}:", info.id)));
        assert!(info.id > i64::from(u32::MAX), "ids are above 32 bits, like Telegram's own");
    });
}

#[test]
fn unknown_parameters_work_as_at_telegram_but_are_written_down() {
    run(|bench| async move {
        bench.sandbox.set_limits(Limits::OFF);
        let ada = bench.sandbox.phone(startlink::sandbox::ADA);
        ada.press_start("").unwrap();
        bench.result("sendMessage", json!({ "chat_id": ada.id(), "text": "hi", "parsemode": "HTML" })).await;
        bench.result("sendMessage", json!({ "chat_id": ada.id(), "text": "hi" })).await;
        let calls = bench.sandbox.journal(0);
        assert_eq!(calls[0].warnings, ["unknown parameter \"parsemode\""]);
        assert_eq!((calls[1].warnings.len(), calls[1].param("text")), (0, Some("hi")));
        assert_eq!(bench.sandbox.call_counts(), (2, 1));
    });
}

#[test]
fn the_profile_and_the_menu_are_kept_per_language() {
    run(|bench| async move {
        bench.result("setMyName", json!({ "name": "Post Office" })).await;
        assert_eq!(bench.result("getMyName", json!({})).await, json!({ "name": "Post Office" }));
        let commands = json!([{ "command": "stop", "description": "Disconnect" }]);
        let scope = json!({ "type": "all_private_chats" });
        bench.result("setMyCommands", json!({ "commands": commands, "scope": scope, "language_code": "de" })).await;
        assert_eq!(bench.result("getMyCommands", json!({ "scope": scope, "language_code": "de" })).await, commands);
        assert_eq!(bench.result("getMyCommands", json!({})).await, json!([]));
        assert_eq!(bench.sandbox.menu("de")[0].command, "stop");
        assert_eq!(bench.sandbox.menu("en").len(), 0);
        assert_eq!(bench.refusal("close", json!({})).await.0, 429);
        bench.clock.advance(Duration::from_secs(601));
        assert_eq!(bench.result("close", json!({})).await, json!(true));
    });
}
