//! The control API: the sandbox driven by programs in any language.

use serde_json::json;
use startlink::sandbox::ADA;

use super::*;

impl Bench {
    pub async fn control(&self, method: surf::http::Method, path: &str, body: Value) -> (u16, Value) {
        let url = surf::Url::parse(&format!("{}/control/{path}", self.sandbox.url())).unwrap();
        let request = surf::RequestBuilder::new(method, url).body_json(&body).unwrap().build();
        let mut response = self.client.send(request).await.unwrap();
        let text = response.body_string().await.unwrap();
        (response.status().into(), serde_json::from_str(&text).unwrap_or(Value::Null))
    }
}

use surf::http::Method::{Delete, Get, Post, Put};

#[test]
fn a_program_plays_a_person_and_reads_what_the_bot_wrote() {
    run(|bench| async move {
        let (_, state) = bench.control(Get, "state", json!({})).await;
        assert_eq!(state["bot"]["token"], json!(bench.sandbox.token().expose()));
        let (status, person) = bench.control(Post, "people", json!({ "first_name": "Mira" })).await;
        assert_eq!(status, 201);
        let id = person["id"].as_i64().unwrap();
        let phone = |act: &str| format!("phones/{id}/{act}");
        let link = bench.sandbox.deep_link("code-1");
        assert_eq!(
            bench.control(Post, &phone("open"), json!({ "link": link })).await,
            (200, json!({ "message_id": 1 }))
        );
        let button = json!({ "inline_keyboard": [[{ "text": "Go", "callback_data": "g" }]] });
        bench.result("sendMessage", json!({ "chat_id": id, "text": "hi", "reply_markup": button })).await;
        let (_, read) = bench.control(Get, &phone("messages?after=1&wait=10"), json!({})).await;
        assert_eq!((&read["messages"][0]["text"], &read["messages"][0]["author"]), (&json!("hi"), &json!("bot")));
        let (status, pressed) = bench.control(Post, &phone("press"), json!({ "message": 2, "label": "Go" })).await;
        assert_eq!((status, pressed["query"].is_string()), (200, true));
        assert_eq!(bench.updates().await.len(), 2);
        assert_eq!(bench.control(Post, &phone("block"), json!({})).await.0, 200);
        let (status, why) = bench.control(Post, &phone("send"), json!({ "text": "x" })).await;
        assert_eq!((status, why["error"].is_string()), (409, true));
        assert_eq!(bench.control(Post, "phones/1/send", json!({ "text": "x" })).await.0, 404);
        assert_eq!(bench.control(Post, &phone("send"), json!({ "txet": "x" })).await.0, 422);
    });
}

#[test]
fn faults_limits_updates_and_the_journal_are_within_reach() {
    run(|bench| async move {
        bench.sandbox.phone(ADA).press_start("").unwrap();
        let fault = json!({ "trouble": { "kind": "too_many_requests", "retry_after": 9 }, "method": "sendMessage", "times": 1 });
        let (status, made) = bench.control(Post, "faults", fault).await;
        assert_eq!((status, &made["number"]), (201, &json!(1)));
        assert_eq!(bench.call("sendMessage", json!({ "chat_id": ADA, "text": "x" })).await.0, 429);
        assert_eq!(bench.control(Delete, "faults/1", json!({})).await.0, 404, "it was used up");
        assert_eq!(bench.control(Post, "faults", json!({ "trouble": { "kind": "magic" } })).await.0, 422);
        let off = json!({ "per_second": 0, "per_chat_second": 0, "per_group_minute": 0, "paid_per_second": 0 });
        assert_eq!(bench.control(Put, "limits", off.clone()).await, (200, off));
        assert_eq!(bench.sandbox.limits(), Limits::OFF);
        bench.control(Post, "updates", json!({ "update_id": 3, "odd": true })).await;
        let (_, waiting) = bench.control(Get, "updates", json!({})).await;
        assert_eq!(waiting["waiting"].as_array().unwrap().len(), 2);
        let (_, journal) = bench.control(Get, "journal", json!({})).await;
        assert_eq!(journal["calls"][0]["method"], json!("sendMessage"));
    });
}

#[test]
fn thousands_of_people_are_added_at_once_and_what_arrived_is_read_in_pages() {
    run(|bench| async move {
        bench.sandbox.set_limits(Limits::OFF);
        let many = json!({ "count": 3000, "first_id": 7_200_000_000_i64 });
        let (status, made) = bench.control(Post, "people/many", many.clone()).await;
        let range = json!({ "first_id": 7_200_000_000_i64, "last_id": 7_200_002_999_i64, "count": 3000 });
        assert_eq!((status, made), (201, range));
        let (status, why) = bench.control(Post, "people/many", many).await;
        assert_eq!((status, why["error"].as_str().unwrap().contains("7200000000")), (409, true));
        assert_eq!(bench.control(Post, "people/many", json!({ "count": 0 })).await.0, 422);
        assert_eq!(bench.control(Post, "people/many", json!({ "count": 1, "first_id": -4 })).await.0, 422);
        let (_, next) = bench.control(Post, "people/many", json!({ "count": 1 })).await;
        assert_eq!(next["first_id"], json!(7_200_003_000_i64));
        assert_eq!(bench.updates().await.len(), 0, "the bot is not told");
        for id in [7_200_000_000_i64, 7_200_002_999] {
            bench.result("sendMessage", json!({ "chat_id": id, "text": "<b>to</b> all", "parse_mode": "HTML" })).await;
        }
        bench.sandbox.add_fault(startlink::sandbox::Fault::new(startlink::sandbox::Trouble::Garbage).times(1));
        let url = bench.method_url("sendMessage?chat_id=7200000000&text=more&allow_paid_broadcast=true");
        bench.client.get(url).await.unwrap();
        bench.refusal("sendMessage", json!({ "chat_id": ADA, "text": "to a stranger" })).await;
        bench.result("deleteMessage", json!({ "chat_id": 7_200_000_000_i64, "message_id": 1 })).await;
        let (_, page) = bench.control(Get, "arrivals?limit=2", json!({})).await;
        assert_eq!((&page["next"], &page["total"]), (&json!(2), &json!(3)));
        let arrival = |number: u64, chat: i64, id: i64, text: &str, paid: bool| json!({ "number": number, "chat": chat, "message_id": id, "at": 1_790_000_000_000_i64, "text": text, "photo": false, "paid": paid });
        let first = arrival(1, 7_200_000_000, 1, "to all", false);
        let second = arrival(2, 7_200_002_999, 1, "to all", false);
        assert_eq!(page["arrivals"], json!([first, second]));
        let (_, page) = bench.control(Get, "arrivals?after=2", json!({})).await;
        assert_eq!(page["arrivals"], json!([arrival(3, 7_200_000_000, 2, "more", true)]));
        assert_eq!(bench.sandbox.arrivals(1).len(), 2);
    });
}

#[test]
fn every_trouble_can_be_ordered_as_json() {
    run(|bench| async move {
        let troubles = [
            json!({ "kind": "refuse", "code": 400, "description": "Bad Request: x", "migrate_to_chat_id": -1007 }),
            json!({ "kind": "refuse", "code": 403, "description": "Forbidden: x" }),
            json!({ "kind": "server_error_after", "status": 502 }),
            json!({ "kind": "slow_body", "wait_ms": 10 }),
        ];
        for trouble in troubles {
            let fault = json!({ "trouble": trouble, "chat": ADA, "percent": 40, "times": 3 });
            assert_eq!(bench.control(Post, "faults", fault.clone()).await.0, 201, "{fault}");
            let (_, listed) = bench.control(Get, "faults", json!({})).await;
            let shown = &listed["faults"].as_array().unwrap().last().unwrap()["fault"];
            assert_eq!((&shown["trouble"], &shown["percent"]), (&fault["trouble"], &fault["percent"]));
        }
        let too_much = json!({ "trouble": { "kind": "blocked" }, "percent": 101 });
        assert_eq!(bench.control(Post, "faults", too_much).await.0, 422);
        assert_eq!(bench.control(Put, "faults/seed", json!({ "seed": 7 })).await.0, 204);
    });
}
