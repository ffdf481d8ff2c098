//! Broadcasts over the API: their whole life.

use serde_json::{Value, json};
use startlink::actions::broadcasts::expand;
use startlink::ids::BroadcastId;
use startlink::store::broadcasts;
use tide::http::Method;

use super::given::{Said, Site};
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
