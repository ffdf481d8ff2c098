//! Webhook endpoints over the API: their whole life. Nobody sends here.

use serde_json::{Value, json};
use startlink::actions::webhooks::{Ended, Round, settle};
use startlink::ids::{EndpointId, EventId};
use startlink::model::webhook::Outcome;
use startlink::store::webhooks::{NOBODY, Turn};
use tide::http::Method;

use super::given::{Said, Site};
use crate::pages::given::{account, app, claim};
use crate::support::app::TestApp;

fn made(site: &Site) -> Said {
    site.post("/api/v1/webhooks", &json!({ "url": "https://example.org/hook", "events": ["link.used"] }))
}

fn step(site: &Site, word: &str) -> Said {
    site.send(Method::Post, &format!("/api/v1/webhooks/1/{word}"), None, &[])
}

/// An attempt as the sender writes it down.
fn attempted(app: &TestApp, event: u64, outcome: Outcome) {
    let turn = Turn { account: NOBODY, event: EventId(event) };
    let took = std::time::Duration::from_millis(7);
    let ended = Ended { turn, at: app.clock.now(), outcome, status: Some(410), took, wish: None };
    app.write(move |tx| settle(tx, EndpointId(1), &Round { ended: vec![ended], ..Round::new(EventId(event)) }));
}

#[test]
fn an_endpoint_is_made_changed_and_deleted_and_its_secret_told_once() {
    let app = app();
    let site = Site::with(&app, "webhooks");
    let made = made(&site);
    assert_eq!((made.status, &made.json["state"], &made.json["name"]), (201, &json!("active"), &json!("example.org")));
    let secret = made.json["secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("whsec_"));
    let listed = site.get("/api/v1/webhooks");
    assert_eq!(listed.json["items"][0]["events"], json!(["link.used"]));
    assert!(!listed.text.contains("whsec_") && !site.get("/api/v1/webhooks/1").text.contains("whsec_"));
    let patched = site.json(Method::Patch, "/api/v1/webhooks/1", &json!({ "events": null, "name": "Shop" }));
    assert_eq!((&patched.json["events"], &patched.json["name"]), (&Value::Null, &json!("Shop")), "{patched:?}");
    let rotated = step(&site, "rotate");
    assert_ne!(rotated.json["secret"], json!(secret));
    assert_eq!(rotated.json["previous_secret_until"], "2026-11-23T19:00:00.000Z");
    assert_eq!(site.send(Method::Delete, "/api/v1/webhooks/1", None, &[]).status, 204);
    assert_eq!(site.get("/api/v1/webhooks/1").problem(), (404, "not_found", ""));
}

#[test]
fn what_is_wrong_with_an_endpoint_names_its_field() {
    let app = app();
    let site = Site::with(&app, "webhooks");
    for (body, problem) in [
        (json!({}), (422, "missing_field", "url")),
        (json!({ "url": "http://example.org/" }), (422, "invalid", "url")),
        (json!({ "url": "https://10.0.0.1/" }), (422, "invalid", "url")),
        (json!({ "url": "https://example.org/", "events": ["link"] }), (422, "invalid", "events")),
        (json!({ "url": "https://example.org/", "events": [] }), (422, "invalid", "events")),
        (json!({ "url": "https://example.org/", "secret": "x" }), (422, "unknown_field", "secret")),
    ] {
        assert_eq!(site.post("/api/v1/webhooks", &body).problem(), problem, "{body}");
    }
    made(&site);
    assert_eq!(
        site.post("/api/v1/webhooks/1/redeliver", &json!({ "event_id": 99 })).problem(),
        (404, "not_found", "event_id")
    );
    assert_eq!(site.post("/api/v1/webhooks/1/redeliver", &json!({})).problem(), (422, "missing_field", "event_id"));
}

#[test]
fn an_endpoint_is_switched_and_tried_and_its_log_read() {
    let app = app();
    let site = Site::with(&app, "webhooks");
    made(&site);
    let ada = account(&app, "ada");
    claim(&app, ada, 11, "Ada L");
    let tried = step(&site, "test");
    let event = tried.json["event_id"].as_u64().unwrap();
    assert_eq!((tried.status, &tried.json["webhook_id"]), (202, &json!(1)));
    let again = site.post("/api/v1/webhooks/1/redeliver", &json!({ "event_id": 1 }));
    assert_eq!((again.status, &again.json["event_id"]), (202, &json!(1)));
    assert_eq!(site.get("/api/v1/webhooks/1").json["waiting"], 2);
    attempted(&app, event, Outcome::TimedOut);
    attempted(&app, event + 1, Outcome::Gone);
    let seen = site.get("/api/v1/webhooks/1").json;
    assert_eq!((&seen["state"], &seen["off_since"]), (&json!("gone"), &json!("2026-11-22T19:00:00.000Z")));
    assert_eq!(step(&site, "test").problem(), (409, "conflict", ""));
    let log = site.get("/api/v1/webhooks/1/attempts?limit=1").json;
    assert_eq!((&log["items"][0]["outcome"], &log["items"][0]["status"]), (&json!("gone"), &json!(410)));
    let next = log["next"].as_str().unwrap();
    let rest = site.get(&format!("/api/v1/webhooks/1/attempts?cursor={next}")).json;
    assert_eq!((&rest["items"][0]["test"], &rest["items"][0]["outcome"]), (&json!(true), &json!("timed_out")));
    assert_eq!(step(&site, "enable").json["state"], "active");
    assert_eq!(step(&site, "disable").json["state"], "off");
}

#[test]
fn a_repeated_request_makes_one_endpoint_and_one_answer() {
    let app = app();
    let site = Site::with(&app, "webhooks");
    let body = json!({ "url": "https://example.org/hook" }).to_string();
    let post = || {
        let sent = Some(("application/json", body.clone()));
        site.send(Method::Post, "/api/v1/webhooks", sent, &[("idempotency-key", "one")])
    };
    let (first, again) = (post(), post());
    assert_eq!((first.status, first.json), (201, again.json.clone()));
    assert_eq!(again.header("idempotency-replayed"), "true");
    let rotate = || site.send(Method::Post, "/api/v1/webhooks/1/rotate", None, &[("idempotency-key", "two")]);
    assert_eq!(rotate().json["secret"], rotate().json["secret"]);
}
