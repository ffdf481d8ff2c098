//! Messages of the bot: what is taken, what is refused and in which words, what buttons do.

use serde_json::json;
use startlink::sandbox::{ADA, ActError, BEN, CHEN, Kind, Pressed, Which};

use super::*;

async fn started() -> Bench {
    let bench = Bench::new().await;
    bench.sandbox.set_limits(Limits::OFF);
    bench.sandbox.phone(ADA).press_start("").unwrap();
    bench.updates().await;
    bench
}

fn run_started<F: Future<Output = ()>>(test: impl FnOnce(Bench) -> F) {
    block_on(async { test(started().await).await });
}

#[test]
fn a_message_comes_back_with_its_entities_and_shows_on_the_phone() {
    run_started(|bench| async move {
        let text = "Hello <b>Ada</b> &amp; see <a href=\"https://site.example/x\">this</a>";
        let message = bench.result("sendMessage", json!({ "chat_id": ADA, "text": text, "parse_mode": "HTML" })).await;
        assert_eq!(message["text"], json!("Hello Ada & see this"));
        assert_eq!(
            message["entities"],
            json!([
                { "type": "bold", "offset": 6, "length": 3 },
                { "type": "text_link", "offset": 16, "length": 4, "url": "https://site.example/x" }
            ])
        );
        assert_eq!((&message["message_id"], &message["from"]["is_bot"]), (&json!(2), &json!(true)));
        let shown = bench.sandbox.phone(ADA).next_from_bot(0, SOON).await.unwrap();
        assert_eq!((shown.text.as_str(), &shown.entities[0].kind), ("Hello Ada & see this", &Kind::Bold));
    });
}

#[test]
fn people_who_may_not_be_written_to_are_told_apart() {
    run_started(|bench| async move {
        let refused = async |chat: Value| bench.refusal("sendMessage", json!({ "chat_id": chat, "text": "x" })).await;
        let not_found = (400, "Bad Request: chat not found".to_owned());
        assert_eq!(refused(json!(42)).await, not_found);
        assert_eq!(refused(json!("@ada_lindqvist")).await, not_found);
        assert_eq!(refused(json!("ada")).await, not_found);
        assert_eq!(refused(json!("")).await, (400, "Bad Request: chat_id is empty".to_owned()));
        let stranger = (403, "Forbidden: bot can't initiate conversation with a user".to_owned());
        assert_eq!(refused(json!(BEN)).await, stranger);
        bench.sandbox.phone(ADA).block().unwrap();
        assert_eq!(refused(json!(ADA)).await, (403, "Forbidden: bot was blocked by the user".to_owned()));
        let chen = bench.sandbox.phone(CHEN);
        chen.press_start("").unwrap();
        chen.deactivate().unwrap();
        assert_eq!(refused(json!(CHEN)).await, (403, "Forbidden: user is deactivated".to_owned()));
        assert_eq!(chen.send("x"), Err(ActError::Deactivated));
    });
}

#[test]
fn texts_are_judged_after_their_entities_are_parsed() {
    run_started(|bench| async move {
        let send = async |text: &str, mode: &str| {
            bench.call("sendMessage", json!({ "chat_id": ADA, "text": text, "parse_mode": mode })).await
        };
        let words = async |text: &str, mode: &str| send(text, mode).await.1["description"].clone();
        assert_eq!(send(&format!("<b>{}</b>", "x".repeat(4096)), "html").await.0, 200);
        assert_eq!(words(&"x".repeat(4097), "").await, json!("Bad Request: message is too long"));
        assert_eq!(words(&"🏟".repeat(2049), "").await, json!("Bad Request: message is too long"));
        assert_eq!(words(" \n ", "").await, json!("Bad Request: message text is empty"));
        assert_eq!(words("<b> </b>", "HTML").await, json!("Bad Request: text must be non-empty"));
        assert_eq!(words("x", "Loud").await, json!("Bad Request: unsupported parse_mode"));
        assert_eq!(
            words("a < b", "HTML").await,
            json!("Bad Request: can't parse entities: Unsupported start tag \"\" at byte offset 2")
        );
        assert_eq!(
            words("<b>x", "HTML").await,
            json!("Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\"")
        );
    });
}

#[test]
fn forms_and_queries_work_like_json() {
    run_started(|bench| async move {
        let markup =
            "%7B%22inline_keyboard%22%3A%5B%5B%7B%22text%22%3A%22a%22%2C%22callback_data%22%3A%22d%22%7D%5D%5D%7D";
        let request = bench.client.post(bench.method_url("sendMessage"));
        let form = format!("chat_id={ADA}&text=a+b&reply_markup={markup}");
        let mut response = request.content_type("application/x-www-form-urlencoded").body(form).await.unwrap();
        let answer: Value = response.body_json().await.unwrap();
        assert_eq!(answer["result"]["reply_markup"]["inline_keyboard"][0][0]["callback_data"], json!("d"));
        let url = bench.method_url(&format!("sendMessage?chat_id={ADA}&text=query"));
        let answer: Value = bench.client.get(url).await.unwrap().body_json().await.unwrap();
        assert_eq!(answer["result"]["text"], json!("query"));
        assert_eq!(bench.sandbox.call_counts().1, 0);
    });
}

#[test]
fn a_pressed_button_becomes_a_query_that_is_answered_once_and_in_time() {
    run_started(|bench| async move {
        let ada = bench.sandbox.phone(ADA);
        let row =
            json!([{ "text": "Yes", "callback_data": "yes:1" }, { "text": "Site", "url": "https://site.example" }]);
        let markup = json!({ "inline_keyboard": [row] });
        let sent =
            bench.result("sendMessage", json!({ "chat_id": ADA, "text": "Sure?", "reply_markup": markup })).await;
        let id = sent["message_id"].as_i64().unwrap();
        let label = |label: &str| Which::Label(label.to_owned());
        assert_eq!(ada.press(id, &label("Site")), Ok(Pressed::Url("https://site.example/".to_owned())));
        assert_eq!(ada.press(id, &label("No")), Err(ActError::NoSuchButton));
        let Ok(Pressed::Query(query)) = ada.press(id, &label("Yes")) else { panic!("a query") };
        let update = &bench.updates().await[0]["callback_query"];
        assert_eq!((&update["id"], &update["data"]), (&json!(query), &json!("yes:1")));
        assert_eq!((&update["message"]["message_id"], &update["from"]["id"]), (&json!(id), &json!(ADA)));
        assert!(update["chat_instance"].is_string());
        bench.result("answerCallbackQuery", json!({ "callback_query_id": query, "text": "Done" })).await;
        assert_eq!(ada.toast().unwrap().text, "Done");
        let too_old = "Bad Request: query is too old and response timeout expired or query ID is invalid";
        let refused = bench.refusal("answerCallbackQuery", json!({ "callback_query_id": "7" })).await;
        assert_eq!(refused, (400, too_old.to_owned()));
        let Ok(Pressed::Query(late)) = ada.press(id, &Which::Data("yes:1".to_owned())) else { panic!("a query") };
        assert_eq!(ada.toast(), None, "a new act takes the old note away");
        bench.clock.advance(Duration::from_secs(61));
        assert_eq!(bench.refusal("answerCallbackQuery", json!({ "callback_query_id": late })).await.0, 400);
    });
}

#[test]
fn messages_can_be_edited_and_deleted() {
    run_started(|bench| async move {
        let sent = bench.result("sendMessage", json!({ "chat_id": ADA, "text": "one" })).await;
        let id = &sent["message_id"];
        let edit = json!({ "chat_id": ADA, "message_id": id, "text": "<i>two</i>", "parse_mode": "HTML" });
        assert_eq!(bench.result("editMessageText", edit.clone()).await["text"], json!("two"));
        assert!(bench.refusal("editMessageText", edit).await.1.starts_with("Bad Request: message is not modified"));
        let missing = json!({ "chat_id": ADA, "message_id": 99, "text": "x" });
        assert_eq!(bench.refusal("editMessageText", missing).await.1, "Bad Request: message to edit not found");
        let theirs = json!({ "chat_id": ADA, "message_id": 1, "text": "x" });
        assert_eq!(bench.refusal("editMessageText", theirs).await.1, "Bad Request: message can't be edited");
        let delete = json!({ "chat_id": ADA, "message_id": id });
        bench.result("deleteMessage", delete.clone()).await;
        assert_eq!(bench.refusal("deleteMessage", delete).await.1, "Bad Request: message to delete not found");
        assert_eq!(bench.sandbox.phone(ADA).messages(1).len(), 0);
    });
}

#[test]
fn one_chat_gets_three_at_once_and_then_waits() {
    run(|bench| async move {
        let ada = bench.sandbox.phone(ADA);
        ada.press_start("").unwrap();
        let message = json!({ "chat_id": ADA, "text": "x" });
        for _ in 0..3 {
            bench.result("sendMessage", message.clone()).await;
        }
        let (status, answer) = bench.call("sendMessage", message.clone()).await;
        assert_eq!((status, &answer["parameters"]["retry_after"]), (429, &json!(1)));
        assert_eq!(answer["description"], json!("Too Many Requests: retry after 1"));
        bench.clock.advance(Duration::from_secs(1));
        bench.result("sendMessage", message).await;
    });
}
