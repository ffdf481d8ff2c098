//! Messages over the API: to one, to many, to a chat; looked at and taken back.

use std::time::Duration;

use serde_json::{Value, json};
use startlink::actions::Caller;
use startlink::actions::messages::{SendOptions, To, end, send};
use startlink::ids::{MessageId, TelegramMessageId};
use startlink::model::admin::Role;
use startlink::model::delivery::DeliveryState;
use startlink::model::event::Actor;
use startlink::model::message::Body;
use startlink::store::{Read as _, deliveries};
use tide::http::Method;

use super::given::{Site, photos, picture};
use crate::pages::given::{account, act, app, claim};
use crate::support::app::TestApp;

#[test]
fn a_message_goes_to_an_account_with_all_its_options() {
    let app = app();
    let ada = account(&app, "ada");
    claim(&app, ada, 11, "Ada L");
    let site = Site::with(&app, "messages");
    let said = site.post(
        "/api/v1/messages",
        &json!({ "to": { "username": "ada" }, "text": "<b>Hi</b>", "format": "html", "silent": true, "protect": true,
            "on_uncertain": "report", "expires_in": 3600,
            "buttons": [[{ "label": "Open", "url": "https://example.org" }]] }),
    );
    assert_eq!(said.status, 202, "{said:?}");
    let one = &said.json["deliveries"][0];
    assert_eq!((&one["state"], &one["chat_id"], &one["reason"]), (&json!("queued"), &json!(11), &Value::Null));
    let path = format!("/api/v1/messages/{}", said.json["id"]);
    assert_eq!(site.get(&path).json, said.json);
    assert_eq!((&said.json["silent"], &said.json["buttons"][0][0]["label"]), (&json!(true), &json!("Open")));
    let gone = site.send(Method::Delete, &path, None, &[]);
    assert_eq!((gone.status, &gone.json["deliveries"][0]["state"]), (202, &json!("cancelled")));
    assert_eq!(site.get(&path).json, gone.json);
    assert_eq!(site.send(Method::Delete, &path, None, &[]).problem(), (409, "conflict", ""));
    let chat = site.post("/api/v1/messages", &json!({ "to": { "chat_id": 11 }, "text": "x" }));
    assert_eq!((chat.status, &chat.json["chat_id"]), (202, &json!(11)));
}

#[test]
fn of_many_each_has_its_own_outcome() {
    let app = app();
    let ada = account(&app, "ada");
    claim(&app, ada, 11, "Ada L");
    account(&app, "ben");
    let site = Site::with(&app, "messages");
    let body = json!({ "to": { "usernames": ["ada", "nobody", "ben"] }, "text": "x" });
    let post = || {
        let body = Some(("application/json", body.to_string()));
        site.send(Method::Post, "/api/v1/messages", body, &[("idempotency-key", "k")])
    };
    let said = post();
    let items = &said.json["items"];
    assert_eq!((said.status, &items[0]["message"]["deliveries"][0]["state"]), (202, &json!("queued")));
    assert_eq!((&items[1]["error"]["code"], &items[1]["message"]), (&json!("not_found"), &Value::Null));
    let failed = &items[2]["message"]["deliveries"][0];
    assert_eq!(
        (&failed["state"], &failed["reason"], &failed["chat_id"]),
        (&json!("failed"), &json!("not_linked"), &Value::Null)
    );
    assert_eq!(post().json, said.json, "the same answer again");
}

#[test]
fn what_is_wrong_with_a_message_names_its_field() {
    let app = app();
    account(&app, "ada");
    let site = Site::with(&app, "messages");
    let to = json!({ "username": "ada" });
    for (body, problem) in [
        (json!({ "text": "x" }), (422, "missing_field", "to")),
        (json!({ "to": {}, "text": "x" }), (422, "invalid", "to")),
        (json!({ "to": { "username": "ada", "chat_id": 1 }, "text": "x" }), (422, "invalid", "to")),
        (json!({ "to": { "user": "ada" }, "text": "x" }), (422, "unknown_field", "to.user")),
        (json!({ "to": { "username": "nobody" }, "text": "x" }), (404, "not_found", "to.username")),
        (json!({ "to": { "chat_id": 5 }, "text": "x" }), (404, "not_found", "")),
        (json!({ "to": { "usernames": [] }, "text": "x" }), (422, "invalid", "to.usernames")),
        (json!({ "to": to, "text": "" }), (422, "invalid", "text")),
        (json!({ "to": to, "text": "<b>", "format": "html" }), (422, "invalid", "text")),
        (json!({ "to": to, "text": "x", "format": "markdown" }), (422, "invalid", "format")),
        (json!({ "to": to, "text": "x", "expires_in": 0 }), (422, "invalid", "expires_in")),
        (json!({ "to": to, "text": "x", "on_uncertain": "maybe" }), (422, "invalid", "on_uncertain")),
        (
            json!({ "to": to, "text": "x", "buttons": [[{ "label": "a" }]] }),
            (422, "missing_field", "buttons[0][0].url"),
        ),
        (
            json!({ "to": to, "text": "x", "buttons": [[{ "label": "a", "url": "javascript:1" }]] }),
            (422, "invalid", "buttons"),
        ),
    ] {
        assert_eq!(site.post("/api/v1/messages", &body).problem(), problem, "{body}");
    }
    assert_eq!(site.get("/api/v1/messages/1").status, 404, "nothing was sent");
}

#[test]
fn a_picture_comes_in_a_form_of_two_parts() {
    let app = app();
    let ada = account(&app, "ada");
    claim(&app, ada, 11, "Ada L");
    let site = Site::with(&app, "messages");
    let object = json!({ "to": { "username": "ada" }, "text": "Look" }).to_string();
    let head = format!("--xyz\r\nContent-Disposition: form-data; name=\"json\"\r\n\r\n{object}\r\n");
    let file =
        "--xyz\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a.png\"\r\n\r\nno picture\r\n--xyz--\r\n";
    let media_type = "multipart/form-data; boundary=xyz";
    let wrong = site.send(Method::Post, "/api/v1/messages", Some((media_type, format!("{head}{file}"))), &[]);
    assert_eq!(wrong.problem(), (422, "invalid", "photo"));
    let bare = site.send(Method::Post, "/api/v1/messages", Some((media_type, format!("{head}--xyz--\r\n"))), &[]);
    assert_eq!((bare.status, &bare.json["photo"]), (202, &json!(false)));
    let object = json!({ "to": { "username": "ada" }, "text": "" });
    let post = || site.form(Method::Post, "/api/v1/messages", &object, &picture(200), &[("idempotency-key", "k")]);
    let said = post();
    assert_eq!((said.status, &said.json["photo"], &said.json["text"]), (202, &json!(true), &json!("")), "{said:?}");
    assert_eq!((post().json, photos(&app)), (said.json, vec![1]), "a repeat keeps no second picture");
    let refused = json!({ "to": { "username": "nobody" }, "text": "" });
    let refused = site.form(Method::Post, "/api/v1/messages", &refused, &picture(100), &[]);
    assert_eq!(
        (refused.problem(), photos(&app)),
        ((404, "not_found", "to.username"), vec![1]),
        "it leaves none behind"
    );
}

#[test]
fn a_notice_to_an_admin_is_none_of_the_websites() {
    let app = app();
    let admin = app.admin("ada").0;
    let caller = Caller { actor: Actor::Admin(admin), role: Role::Owner };
    let (id, _) = act(&app, move |tx| send(tx, &caller, To::Admin(admin), Body::plain("x"), SendOptions::default()));
    let site = Site::with(&app, "all");
    let path = format!("/api/v1/messages/{id}");
    assert_eq!(site.get(&path).problem(), (404, "not_found", ""));
    assert_eq!(site.send(Method::Delete, &path, None, &[]).problem(), (404, "not_found", ""));
}

/// As if the sender had sent it, so long ago.
fn sent(app: &TestApp, id: u64, ago: Duration) {
    act(app, move |tx| {
        let at = tx.now().minus(ago);
        for (id, delivery) in deliveries::of_message(tx, MessageId(id))? {
            end(tx, id, &delivery, DeliveryState::Sent { telegram: TelegramMessageId(1), at })?;
        }
        Ok(())
    });
}

#[test]
fn a_message_is_edited_before_it_leaves_and_after() {
    let app = app();
    let ada = account(&app, "ada");
    claim(&app, ada, 11, "Ada L");
    let site = Site::with(&app, "messages");
    let body = json!({ "to": { "username": "ada" }, "text": "one", "silent": true,
        "buttons": [[{ "label": "Open", "url": "https://example.org" }]] });
    site.post("/api/v1/messages", &body);
    let patch = |body: Value| site.json(Method::Patch, "/api/v1/messages/1", &body);
    let waits = patch(json!({ "text": "<b>two</b>", "format": "html" }));
    assert_eq!((waits.status, &waits.json["text"], &waits.json["silent"]), (202, &json!("<b>two</b>"), &json!(true)));
    let one = &waits.json["deliveries"][0];
    assert_eq!((&one["state"], &one["change"], &one["edited_at"]), (&json!("queued"), &Value::Null, &Value::Null));
    sent(&app, 1, Duration::ZERO);
    let said = patch(json!({ "buttons": null }));
    let one = &said.json["deliveries"][0];
    assert_eq!((&one["state"], &said.json["buttons"]), (&json!("sent"), &json!([])));
    let change = &one["change"];
    assert_eq!((&change["action"], &change["state"]), (&json!("edit"), &json!("pending")));
    for (body, problem) in [
        (json!({}), (422, "invalid", "text")),
        (json!({ "text": "" }), (422, "invalid", "text")),
        (json!({ "text": "<b>", "format": "html" }), (422, "invalid", "text")),
        (json!({ "photo": null }), (422, "unknown_field", "photo")),
        (json!({ "silent": true }), (422, "unknown_field", "silent")),
        (json!({ "buttons": [[{ "label": "a" }]] }), (422, "missing_field", "buttons[0][0].url")),
    ] {
        assert_eq!(patch(body.clone()).problem(), problem, "{body}");
    }
    assert_eq!(site.get("/api/v1/messages/1").json, said.json, "nothing was half done");
    let gone = site.send(Method::Delete, "/api/v1/messages/1", None, &[]).json;
    assert_eq!(gone["deliveries"][0]["change"]["action"], "delete");
    assert_eq!(patch(json!({ "text": "three" })).problem(), (409, "conflict", ""), "it is on its way out");
    assert_eq!(
        site.json(Method::Patch, "/api/v1/messages/9", &json!({ "text": "x" })).problem(),
        (404, "not_found", "")
    );
}

#[test]
fn what_is_older_than_two_days_stays_on_the_phone_and_says_so() {
    let app = app();
    let ada = account(&app, "ada");
    claim(&app, ada, 11, "Ada L");
    let site = Site::with(&app, "messages");
    site.post("/api/v1/messages", &json!({ "to": { "username": "ada" }, "text": "old" }));
    sent(&app, 1, Duration::from_hours(49));
    let old = site.send(Method::Delete, "/api/v1/messages/1", None, &[]);
    assert_eq!(old.problem(), (409, "conflict", ""));
    assert!(old.json["detail"].as_str().unwrap().contains("48 hours"), "{old:?}");
    let edited = site.json(Method::Patch, "/api/v1/messages/1", &json!({ "text": "new" }));
    assert_eq!(edited.status, 202, "an edit has no such limit");
}
