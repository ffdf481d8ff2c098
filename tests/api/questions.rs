//! Questions over the API: asked, waited for, answered once, counted in broadcasts.

use std::time::Duration;

use serde_json::{Value, json};
use startlink::actions::messages::receive;
use startlink::ids::{ChatId, MessageId, TelegramMessageId};
use startlink::model::message::Body;
use startlink::model::question::Asked;
use startlink::runtime::{self, block_on};
use tide::http::Method;

use super::given::Site;
use crate::pages::given::{account, act, app, claim, push};
use crate::support::app::TestApp;

fn buttons() -> Value {
    json!([[{ "label": "Yes", "value": "yes" }, { "label": "No", "value": "no" }]])
}

fn ask(site: &Site) -> Value {
    let body = json!({ "to": { "username": "ada" }, "text": "Approve?", "buttons": buttons(), "answer_within": 120 });
    let said = site.post("/api/v1/messages", &body);
    assert_eq!(said.status, 202, "{said:?}");
    said.json
}

fn given() -> TestApp {
    let app = app();
    let ada = account(&app, "ada");
    claim(&app, ada, 11, "Ada L");
    app
}

#[test]
fn a_question_is_answered_once_and_the_answer_is_told() {
    let app = given();
    let site = Site::with(&app, "messages, events:read");
    let asked = ask(&site);
    assert_eq!(asked["question"]["state"], "open");
    assert_eq!(
        (&asked["answer_within"], &asked["buttons"]),
        (
            &json!(120),
            &json!([[
        { "label": "Yes", "url": null, "value": "yes" }, { "label": "No", "url": null, "value": "no" }]])
        )
    );
    let id = asked["id"].as_u64().unwrap();
    for button in [1, 0] {
        push(&app.store, ChatId(11), Asked::Message(MessageId(id)), button);
    }
    let question = site.get(&format!("/api/v1/messages/{id}?wait=25")).json["question"].clone();
    assert_eq!(
        (&question["state"], &question["value"], &question["label"]),
        (&json!("answered"), &json!("no"), &json!("No"))
    );
    assert_eq!(question["chat_id"], 11);
    let events = site.get("/api/v1/events").json;
    let told: Vec<&Value> =
        events["items"].as_array().unwrap().iter().filter(|e| e["type"] == "button.pressed").collect();
    assert_eq!(told.len(), 1);
    assert_eq!((&told[0]["data"]["message_id"], &told[0]["data"]["value"]), (&json!(id), &json!("no")));
}

#[test]
fn whoever_waits_hears_the_answer_when_it_comes() {
    let app = given();
    let site = Site::with(&app, "messages");
    let id = ask(&site)["id"].as_u64().unwrap();
    let path = format!("/api/v1/messages/{id}?wait=25");
    let said = block_on(async {
        let wait = site.ask(Method::Get, &path, None, &[]);
        let press = async {
            runtime::sleep(Duration::from_millis(100)).await;
            runtime::blocking({
                let store = app.store.clone();
                move || push(&store, ChatId(11), Asked::Message(MessageId(id)), 0)
            })
            .await;
        };
        futures_lite::future::zip(wait, press).await.0
    });
    assert_eq!(said.json["question"]["value"], "yes");
}

#[test]
fn a_question_whose_time_is_over_is_not_waited_for() {
    let app = given();
    let site = Site::with(&app, "messages");
    let id = ask(&site)["id"].as_u64().unwrap();
    app.advance(Duration::from_mins(2));
    let said = site.get(&format!("/api/v1/messages/{id}?wait=25"));
    assert_eq!(said.json["question"]["state"], "over");
}

#[test]
fn mistakes_in_a_question_are_named() {
    let app = given();
    let site = Site::with(&app, "messages");
    let with = |more: Value| {
        let mut body = json!({ "to": { "username": "ada" }, "text": "x" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let said = site.post("/api/v1/messages", &body);
        (said.status, said.json["field"].as_str().unwrap_or_default().to_owned())
    };
    let long = "v".repeat(129);
    for (more, field) in [
        (json!({ "answer_within": 60 }), "answer_within"),
        (json!({ "buttons": buttons(), "answer_within": 0 }), "answer_within"),
        (json!({ "buttons": buttons(), "answer_within": 604_801 }), "answer_within"),
        (json!({ "buttons": [[{ "label": "a" }]] }), "buttons[0][0].url"),
        (json!({ "buttons": [[{ "label": "a", "value": "b", "url": "https://a.example" }]] }), "buttons[0][0]"),
        (json!({ "buttons": [[{ "label": "a", "value": "" }]] }), "buttons"),
        (json!({ "buttons": [[{ "label": "a", "value": long }]] }), "buttons"),
    ] {
        assert_eq!(with(more.clone()), (422, field.to_owned()), "{more}");
    }
    let id = ask(&site)["id"].as_u64().unwrap();
    let patch = json!({ "buttons": [[{ "label": "Maybe", "value": "maybe" }]] });
    let said = site.json(Method::Patch, &format!("/api/v1/messages/{id}"), &patch);
    assert_eq!(said.problem(), (409, "conflict", "buttons"));
}

#[test]
fn an_answer_to_what_a_person_wrote_goes_to_their_chat_and_quotes_it() {
    let app = app();
    let ada = account(&app, "ada");
    claim(&app, ada, 11, "Ada L");
    let wrote = act(&app, move |tx| receive(tx, ChatId(11), Some(ada), TelegramMessageId(9), &Body::plain("Hi")));
    let wrote = wrote.unwrap().0;
    let site = Site::with(&app, "messages");
    let said = site.post("/api/v1/messages", &json!({ "to": { "message_id": wrote }, "text": "Hello" }));
    assert_eq!((said.status, &said.json["chat_id"], &said.json["reply_to"]), (202, &json!(11), &json!(wrote)));
    let own = said.json["id"].clone();
    for id in [own, json!(999)] {
        let said = site.post("/api/v1/messages", &json!({ "to": { "message_id": id }, "text": "Hello" }));
        assert_eq!(said.problem().0, 404);
    }
}
