//! Broadcasts over the API: their whole life.

use serde_json::{Value, json};
use startlink::actions::broadcasts::expand;
use startlink::ids::BroadcastId;
use startlink::store::broadcasts;
use tide::http::Method;

use super::given::{Said, Site, photos, picture};
use crate::pages::given::{act, app, claim, tagged};
use crate::support::app::TestApp;

/// Three accounts, two of them connected, one of those a vip.
fn town() -> TestApp {
    let app = app();
    let anna = tagged(&app, "anna", "vip");
    claim(&app, anna, 11, "Anna");
    let ben = tagged(&app, "ben", "");
    claim(&app, ben, 12, "Ben");
    tagged(&app, "cleo", "vip");
    app
}

fn draft(site: &Site, audience: &Value) -> Said {
    site.post("/api/v1/broadcasts", &json!({ "text": "Hello {name}", "audience": audience }))
}

/// The outbox writes the audience down; here nobody runs it.
fn expand_now(app: &TestApp, id: u64) {
    let id = BroadcastId(id);
    let row = app.store.read(|read| broadcasts::get(read, id)).unwrap().unwrap();
    let chunk = app.store.read(|read| expand::look(read, &row, 0, 100)).unwrap();
    act(app, move |tx| expand::write(tx, id, 0, &chunk));
}

#[test]
fn a_broadcast_is_written_started_paused_resumed_and_cancelled() {
    let app = town();
    let site = Site::with(&app, "broadcasts");
    let made = draft(&site, &json!({ "all": true }));
    assert_eq!(
        (made.status, &made.json["state"], &made.json["audience"]),
        (201, &json!("draft"), &json!({ "all": true }))
    );
    let wrong = site.post("/api/v1/broadcasts/1/start", &json!({ "chats": 3 }));
    assert_eq!(wrong.problem(), (422, "invalid", "chats"));
    assert_eq!(site.post("/api/v1/broadcasts/1/start", &json!({ "chats": 2 })).json["state"], "preparing");
    assert_eq!(site.post("/api/v1/broadcasts/1/start", &json!({})).problem(), (409, "conflict", ""));
    expand_now(&app, 1);
    let seen = site.get("/api/v1/broadcasts/1").json;
    assert_eq!((&seen["state"], &seen["chats"], &seen["counts"]["queued"]), (&json!("sending"), &json!(2), &json!(2)));
    let step = |word: &str| site.send(Method::Post, &format!("/api/v1/broadcasts/1/{word}"), None, &[]);
    let paused = step("pause");
    assert_eq!((paused.status, &paused.json["pause"]["reason"]), (200, &json!("person")), "{paused:?}");
    assert_eq!(step("resume").json["state"], "sending");
    assert_eq!(step("retry-failed").problem(), (409, "conflict", ""));
    let page = site.get("/api/v1/broadcasts/1/recipients?limit=1").json;
    assert_eq!((&page["items"][0]["username"], &page["items"][0]["state"]), (&json!("anna"), &json!("queued")));
    let next = site.get(&format!("/api/v1/broadcasts/1/recipients?limit=1&cursor={}", page["next"].as_str().unwrap()));
    assert_eq!(next.json["items"][0]["username"], "ben");
    assert_eq!(step("cancel").json["counts"]["cancelled"], 2);
    let file = site.get("/api/v1/broadcasts/1/recipients.csv");
    assert!(file.text.starts_with("username,") && file.text.contains("\r\nben,"), "{}", file.text);
    assert_eq!(site.send(Method::Delete, "/api/v1/broadcasts/1", None, &[]).problem(), (409, "conflict", ""));
}

#[test]
fn an_audience_is_everyone_tags_or_names() {
    let app = town();
    let site = Site::with(&app, "broadcasts");
    let tags = draft(&site, &json!({ "tags": { "any": ["vip"] } }));
    assert_eq!(tags.json["audience"]["tags"]["any"], json!(["vip"]));
    assert_eq!(draft(&site, &json!({ "usernames": ["ben", "anna"] })).json["audience"], json!({ "picked": 2 }));
    for (audience, problem) in [
        (json!({}), (422, "invalid", "audience")),
        (json!({ "all": false }), (422, "invalid", "audience")),
        (json!({ "all": true, "usernames": ["ben"] }), (422, "invalid", "audience")),
        (json!({ "usernames": ["nobody"] }), (422, "invalid", "audience.usernames")),
        (json!({ "tags": { "some": [] } }), (422, "unknown_field", "audience.tags.some")),
        (json!({ "tags": {} }), (422, "invalid", "audience.tags.all")),
    ] {
        assert_eq!(draft(&site, &audience).problem(), problem, "{audience}");
    }
    let listed = site.get("/api/v1/broadcasts?state=draft&limit=1").json;
    assert_eq!(listed["items"][0]["id"], 2);
    let next = listed["next"].as_str().unwrap();
    let rest = site.get(&format!("/api/v1/broadcasts?state=draft&limit=1&cursor={next}")).json;
    assert_eq!((&rest["items"][0]["id"], &rest["next"]), (&json!(1), &Value::Null));
    assert_eq!(site.send(Method::Delete, "/api/v1/broadcasts/1", None, &[]).status, 204);
    assert_eq!(site.get("/api/v1/broadcasts/1").problem(), (404, "not_found", ""));
}

#[test]
fn a_broadcast_starts_by_itself_at_its_moment() {
    let app = town();
    let site = Site::with(&app, "broadcasts");
    draft(&site, &json!({ "all": true }));
    let start = |at: &str| site.post("/api/v1/broadcasts/1/start", &json!({ "at": at }));
    assert_eq!(start("tomorrow").problem(), (422, "invalid", "at"));
    assert_eq!(start("2020-01-01T00:00:00Z").problem(), (422, "invalid", "at"));
    let said = start("2026-11-23T08:00:00+01:00");
    assert_eq!(
        (&said.json["state"], &said.json["scheduled_at"]),
        (&json!("scheduled"), &json!("2026-11-23T07:00:00.000Z"))
    );
}

#[test]
fn a_draft_is_changed_field_by_field() {
    let app = town();
    let site = Site::with(&app, "broadcasts");
    let made = site.post(
        "/api/v1/broadcasts",
        &json!({ "text": "Hello", "audience": { "all": true }, "rate": 5, "silent": true,
            "buttons": [[{ "label": "Open", "url": "https://example.org" }]] }),
    );
    let patch = |body: Value| site.json(Method::Patch, "/api/v1/broadcasts/1", &body);
    let same = patch(json!({}));
    assert_eq!((same.status, &same.json), (200, &made.json), "what is left out stays");
    let said = patch(json!({ "text": "<b>Hi</b>", "format": "html", "audience": { "usernames": ["ben"] } }));
    assert_eq!(
        (&said.json["text"], &said.json["format"], &said.json["audience"]),
        (&json!("<b>Hi</b>"), &json!("html"), &json!({ "picked": 1 }))
    );
    assert_eq!((&said.json["rate"], &said.json["silent"]), (&json!(5), &json!(true)));
    assert_ne!(said.json["revision"], made.json["revision"]);
    let bare = patch(json!({ "rate": null, "buttons": null, "silent": false }));
    assert_eq!(
        (&bare.json["rate"], &bare.json["buttons"], &bare.json["silent"]),
        (&Value::Null, &json!([]), &json!(false))
    );
    for (body, problem) in [
        (json!({ "text": "" }), (422, "invalid", "text")),
        (json!({ "rate": 0 }), (422, "invalid", "rate")),
        (json!({ "audience": { "usernames": ["nobody"] } }), (422, "invalid", "audience.usernames")),
        (json!({ "photo": "x" }), (422, "invalid", "photo")),
    ] {
        assert_eq!(patch(body.clone()).problem(), problem, "{body}");
    }
    assert_eq!(site.get("/api/v1/broadcasts/1").json, bare.json, "nothing was half done");
    let late = json!({ "at": "2026-11-23T08:00:00Z" });
    assert_eq!(site.post("/api/v1/broadcasts/1/start", &late).json["state"], "scheduled");
    assert_eq!(patch(json!({ "text": "Hi" })).json["state"], "scheduled", "the same people");
    assert_eq!(patch(json!({ "audience": { "all": true } })).json["state"], "draft", "not what was approved");
    site.post("/api/v1/broadcasts/1/start", &json!({}));
    assert_eq!(patch(json!({ "text": "Other" })).problem(), (409, "conflict", ""));
    let missing = site.json(Method::Patch, "/api/v1/broadcasts/9", &json!({}));
    assert_eq!(missing.problem(), (404, "not_found", ""));
}

#[test]
fn a_broadcast_gets_a_picture_another_one_and_none() {
    let app = town();
    let site = Site::with(&app, "broadcasts");
    let object = json!({ "text": "Look", "audience": { "all": true } });
    let made = site.form(Method::Post, "/api/v1/broadcasts", &object, &picture(200), &[]);
    assert_eq!((made.status, &made.json["photo"]), (201, &json!(true)), "{made:?}");
    assert_eq!(photos(&app), [1]);
    let other = site.form(Method::Patch, "/api/v1/broadcasts/1", &json!({ "text": "Look!" }), &picture(100), &[]);
    assert_eq!((other.status, &other.json["photo"], &other.json["text"]), (200, &json!(true), &json!("Look!")));
    assert_eq!(photos(&app), [1], "the first one is gone");
    let none = site.json(Method::Patch, "/api/v1/broadcasts/1", &json!({ "photo": null }));
    assert_eq!((none.status, &none.json["photo"]), (200, &json!(false)));
    assert_eq!(photos(&app), [0_u32; 0]);
    let refused = site.form(Method::Patch, "/api/v1/broadcasts/1", &json!({ "rate": 0 }), &picture(100), &[]);
    assert_eq!(refused.problem(), (422, "invalid", "rate"));
    assert_eq!(photos(&app), [0_u32; 0], "what was refused leaves no picture");
}

#[test]
fn what_starts_is_what_was_read() {
    let app = town();
    let site = Site::with(&app, "broadcasts");
    let read = draft(&site, &json!({ "all": true })).json;
    site.json(Method::Patch, "/api/v1/broadcasts/1", &json!({ "text": "Something else" }));
    let start = |body: Value| site.post("/api/v1/broadcasts/1/start", &body);
    assert_eq!(start(json!({ "chats": 2, "revision": read["revision"] })).problem(), (409, "conflict", ""));
    assert_eq!(start(json!({ "revision": "new" })).problem(), (422, "invalid", "revision"));
    let now = site.get("/api/v1/broadcasts/1").json["revision"].clone();
    assert_eq!(start(json!({ "chats": 2, "revision": now })).json["state"], "preparing");
}

#[test]
fn a_broadcast_is_taken_off_the_schedule_and_put_on_it_anew() {
    let app = town();
    let site = Site::with(&app, "broadcasts");
    draft(&site, &json!({ "all": true }));
    let start = |at: &str| site.post("/api/v1/broadcasts/1/start", &json!({ "at": at })).json;
    assert_eq!(start("2026-11-23T08:00:00Z")["scheduled_at"], "2026-11-23T08:00:00.000Z");
    assert_eq!(start("2026-11-24T08:00:00Z")["scheduled_at"], "2026-11-24T08:00:00.000Z", "moved");
    let off = site.send(Method::Post, "/api/v1/broadcasts/1/unschedule", None, &[]);
    assert_eq!((&off.json["state"], &off.json["scheduled_at"]), (&json!("draft"), &Value::Null));
    let twice = site.send(Method::Post, "/api/v1/broadcasts/1/unschedule", None, &[]);
    assert_eq!(twice.problem(), (409, "conflict", ""));
    assert_eq!(start("2026-11-25T08:00:00Z")["state"], "scheduled");
}

#[test]
fn a_broadcast_is_tried_on_one_account() {
    let app = town();
    let site = Site::with(&app, "broadcasts");
    draft(&site, &json!({ "all": true }));
    let test = |name: &str| site.post("/api/v1/broadcasts/1/test", &json!({ "to": { "username": name } }));
    let said = test("anna");
    assert_eq!((said.status, &said.json["text"]), (202, &json!("Hello anna")), "{said:?}");
    assert_eq!((&said.json["deliveries"][0]["chat_id"], &said.json["username"]), (&json!(11), &json!("anna")));
    assert_eq!(test("nobody").problem(), (404, "not_found", "to.username"));
    assert_eq!(site.get("/api/v1/broadcasts/1").json["state"], "draft", "it counts for nothing");
}

#[test]
fn a_repeat_is_answered_before_anything_is_made_of_it() {
    let app = town();
    let site = Site::with(&app, "broadcasts,accounts");
    let object = json!({ "text": "Look", "audience": { "usernames": ["ben"] } });
    let key = [("idempotency-key", "k")];
    let first = site.form(Method::Post, "/api/v1/broadcasts", &object, &picture(200), &key);
    assert_eq!(first.status, 201, "{first:?}");
    // Nobody of that name any more: looked up again, it would be refused.
    assert_eq!(site.send(Method::Delete, "/api/v1/accounts/ben", None, &[]).status, 204);
    let before = app.store.changes().value();
    let again = site.form(Method::Post, "/api/v1/broadcasts", &object, &picture(200), &key);
    assert_eq!((again.status, &again.json, again.header("idempotency-replayed")), (201, &first.json, "true"));
    assert_eq!(app.store.changes().value(), before, "and nothing was written");
    let other = site.form(Method::Post, "/api/v1/broadcasts", &object, &picture(100), &key);
    assert_eq!(other.problem(), (422, "idempotency_mismatch", "Idempotency-Key"));
    assert_eq!((app.store.changes().value(), photos(&app)), (before, vec![1]), "another picture is another request");
}
