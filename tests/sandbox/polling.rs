//! The queue and the polls: what Telegram promises about getUpdates.

use serde_json::json;
use startlink::runtime::{race, spawn};
use startlink::sandbox::{ADA, BEN};

use super::*;

#[test]
fn a_press_of_start_arrives_as_a_message_with_the_payload() {
    run(|bench| async move {
        let ada = bench.sandbox.phone(ADA);
        ada.open(&bench.sandbox.deep_link("abc-_123")).unwrap();
        let updates = bench.updates().await;
        assert_eq!(updates.len(), 1);
        let message = &updates[0]["message"];
        assert_eq!(message["text"], json!("/start abc-_123"));
        assert_eq!(message["entities"], json!([{ "type": "bot_command", "offset": 0, "length": 6 }]));
        assert_eq!((&message["chat"]["id"], &message["chat"]["type"]), (&json!(ADA), &json!("private")));
        assert_eq!((&message["from"]["id"], &message["from"]["language_code"]), (&json!(ADA), &json!("en")));
        assert_eq!((&message["message_id"], &message["date"]), (&json!(1), &json!(1_790_000_000)));
        assert_eq!(ada.messages(0)[0].seen_text(), "/start");
    });
}

#[test]
fn blocking_and_unblocking_tell_the_bot_and_the_first_start_does_not() {
    run(|bench| async move {
        let ben = bench.sandbox.phone(BEN);
        ben.press_start("").unwrap();
        ben.block().unwrap();
        ben.block().unwrap();
        ben.press_start("again").unwrap();
        let kinds: Vec<String> = bench
            .updates()
            .await
            .iter()
            .map(|update| match update.get("my_chat_member") {
                Some(change) => change["new_chat_member"]["status"].as_str().unwrap().to_owned(),
                None => update["message"]["text"].as_str().unwrap().to_owned(),
            })
            .collect();
        assert_eq!(kinds, ["/start", "kicked", "member", "/start again"]);
    });
}

#[test]
fn a_poll_waits_for_the_first_update() {
    run(|bench| async move {
        let ada = bench.sandbox.phone(ADA);
        let poll = async { Some(bench.result("getUpdates", json!({ "timeout": 50 })).await) };
        let start = async {
            bench.sandbox.wait_for_polls(1, SOON).await.unwrap();
            ada.press_start("").unwrap();
            startlink::runtime::sleep(SOON).await;
            None
        };
        let updates = race(poll, start).await.expect("an answer long before the poll's own timeout");
        assert_eq!(updates[0]["message"]["text"], json!("/start"));
    });
}

#[test]
fn a_second_poller_ends_the_first_with_409() {
    run(|bench| async move {
        let first = spawn({
            let (client, url) = (bench.client.clone(), bench.method_url("getUpdates?timeout=50"));
            async move {
                let mut response = client.get(url).await.unwrap();
                response.body_json::<Value>().await.unwrap()
            }
        });
        bench.sandbox.wait_for_polls(1, SOON).await.unwrap();
        assert_eq!(bench.result("getUpdates", json!({ "timeout": 0 })).await, json!([]));
        let ended = first.await;
        assert_eq!(ended["error_code"], json!(409));
        assert_eq!(
            ended["description"],
            json!("Conflict: terminated by other getUpdates request; make sure that only one bot instance is running")
        );
    });
}

#[test]
fn a_webhook_stands_in_the_way_of_polling_and_ends_a_waiting_poll() {
    run(|bench| async move {
        let first = spawn({
            let (client, url) = (bench.client.clone(), bench.method_url("getUpdates?timeout=50"));
            async move { client.get(url).await.unwrap().body_json::<Value>().await.unwrap() }
        });
        bench.sandbox.wait_for_polls(1, SOON).await.unwrap();
        let (code, why) = bench.refusal("setWebhook", json!({ "url": "http://plain.example/" })).await;
        assert_eq!((code, why.as_str()), (400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook"));
        bench.result("setWebhook", json!({ "url": "https://other.example/hook" })).await;
        assert_eq!(first.await["description"], json!("Conflict: terminated by setWebhook request"));
        let info = bench.result("getWebhookInfo", json!({})).await;
        assert_eq!((&info["url"], &info["pending_update_count"]), (&json!("https://other.example/hook"), &json!(0)));
        let (code, why) = bench.refusal("getUpdates", json!({})).await;
        assert_eq!(code, 409);
        assert_eq!(
            why,
            "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
        );
        bench.result("deleteWebhook", json!({})).await;
        assert_eq!(bench.result("getUpdates", json!({})).await, json!([]));
    });
}

#[test]
fn an_omitted_filter_stays_and_works_at_arrival() {
    run(|bench| async move {
        let ada = bench.sandbox.phone(ADA);
        bench.result("getUpdates", json!({ "allowed_updates": ["my_chat_member"] })).await;
        ada.press_start("").unwrap();
        bench.result("getUpdates", json!({})).await;
        ada.block().unwrap();
        let updates = bench.updates().await;
        assert_eq!(updates.len(), 1);
        assert!(updates[0].get("my_chat_member").is_some());
        bench.result("getUpdates", json!({ "allowed_updates": [] })).await;
        ada.press_start("").unwrap();
        assert_eq!(bench.updates().await.len(), 2);
    });
}

#[test]
fn updates_come_again_until_an_offset_confirms_them() {
    run(|bench| async move {
        let ada = bench.sandbox.phone(ADA);
        ada.press_start("").unwrap();
        ada.send("one").unwrap();
        let first = bench.result("getUpdates", json!({ "limit": 1 })).await;
        assert_eq!(first.as_array().unwrap().len(), 1);
        assert_eq!(bench.result("getUpdates", json!({ "limit": 1 })).await, first);
        let id = first[0]["update_id"].as_i64().unwrap();
        let second = bench.result("getUpdates", json!({ "offset": id + 1 })).await;
        assert_eq!(second[0]["update_id"], json!(id + 1));
        assert_eq!(bench.sandbox.waiting_updates().len(), 1);
        bench.clock.advance(Duration::from_hours(24));
        assert_eq!(bench.result("getUpdates", json!({})).await, json!([]));
    });
}

#[test]
fn an_injected_update_comes_as_it_is() {
    run(|bench| async move {
        bench.sandbox.inject(r#"{"update_id":1,"message":{"text":7}}"#);
        let mut response = bench.client.get(bench.method_url("getUpdates")).await.unwrap();
        let body = response.body_string().await.unwrap();
        assert_eq!(body, r#"{"ok":true,"result":[{"update_id":1,"message":{"text":7}}]}"#);
    });
}
