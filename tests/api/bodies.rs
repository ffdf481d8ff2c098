//! What every endpoint has in common: bodies that are read strictly, methods, addresses that are none, limits.

use serde_json::json;
use tide::http::Method;

use super::given::Site;
use crate::pages::given::{account, app};
use crate::support::app::TestApp;

#[test]
fn a_field_that_stands_there_twice_and_a_broken_body_are_told_with_their_place() {
    let app = app();
    account(&app, "ada");
    let site = Site::with(&app, "all");
    let post = |path: &str, body: &str| site.send(Method::Post, path, Some(("application/json", body.to_owned())), &[]);
    for (path, body, field) in [
        ("/api/v1/messages", r#"{"to": {"username": "ada", "username": "eve"}, "text": "x"}"#, "to.username"),
        ("/api/v1/messages", r#"{"to": {"username": "ada"}, "text": "x", "text": "y"}"#, "text"),
        ("/api/v1/links", r#"{"username": "ada", "metadata": {"a": {"b": 1, "b": 2}}}"#, "metadata.a.b"),
        (
            "/api/v1/broadcasts",
            r#"{"text": "x", "audience": {"tags": {"any": ["a"], "any": ["b"]}}}"#,
            "audience.tags.any",
        ),
    ] {
        let said = post(path, body);
        assert_eq!(said.problem(), (400, "duplicate_field", field), "{body}");
        assert_eq!(said.json["line"], 1, "{said:?}");
    }
    let broken = post("/api/v1/links", "{\n  \"username\": ada\n}");
    assert_eq!(broken.problem(), (400, "bad_json", ""));
    assert_eq!((&broken.json["line"], &broken.json["column"]), (&json!(2), &json!(15)));
    let lines = site.send(
        Method::Post,
        "/api/v1/accounts",
        Some(("application/x-ndjson", "{\"username\": \"a\"}\n{\"username\": \"b\", \"username\": \"c\"}".to_owned())),
        &[],
    );
    let first = &lines.json["errors"][0];
    assert_eq!(
        (&first["code"], &first["line"], &first["field"]),
        (&json!("duplicate_field"), &json!(2), &json!("username"))
    );
}

#[test]
fn fields_that_are_not_known_are_refused_by_name_wherever_they_stand() {
    let app = app();
    account(&app, "ada");
    let site = Site::with(&app, "all");
    let to = json!({ "username": "ada" });
    let button = json!([[{ "label": "a", "url": "https://a.example", "style": "red" }]]);
    site.post("/api/v1/broadcasts", &json!({ "text": "x", "audience": { "all": true } }));
    for (method, path, body, field) in [
        (Method::Put, "/api/v1/accounts/ada", json!({ "nick": "x" }), "nick"),
        (Method::Patch, "/api/v1/accounts/ada", json!({ "nick": "x" }), "nick"),
        (Method::Post, "/api/v1/links", json!({ "username": "ada", "ttl": 60 }), "ttl"),
        (Method::Post, "/api/v1/messages", json!({ "to": to, "text": "x", "parse_mode": "html" }), "parse_mode"),
        (Method::Post, "/api/v1/messages", json!({ "to": { "user": "ada" }, "text": "x" }), "to.user"),
        (Method::Post, "/api/v1/messages", json!({ "to": to, "text": "x", "buttons": button }), "buttons[0][0].style"),
        (Method::Post, "/api/v1/broadcasts", json!({ "text": "x", "audience": { "every": true } }), "audience.every"),
        (
            Method::Post,
            "/api/v1/broadcasts",
            json!({ "text": "x", "audience": { "all": true }, "title": "x" }),
            "title",
        ),
        (Method::Patch, "/api/v1/broadcasts/1", json!({ "title": "x" }), "title"),
        (Method::Post, "/api/v1/broadcasts/1/start", json!({ "when": "now" }), "when"),
        (Method::Post, "/api/v1/broadcasts/1/test", json!({ "to": { "username": "ada", "chat_id": 1 } }), "to.chat_id"),
        (Method::Post, "/api/v1/broadcasts/1/pause", json!({ "why": "x" }), "why"),
    ] {
        let said = site.json(method, path, &body);
        assert_eq!(said.problem(), (422, "unknown_field", field), "{method} {path} {body}");
    }
}

#[test]
fn before_there_is_an_admin_the_api_says_so_as_a_program_reads_it() {
    let app = TestApp::new();
    let site = Site::stranger(&app);
    for path in ["/api/v1/accounts/ada", "/api/v1/openapi.json", "/api/v1/nothing", "/api/docs"] {
        for (method, accept) in [(Method::Get, "text/html"), (Method::Get, "*/*")] {
            let said = site.send(method, path, None, &[("accept", accept)]);
            assert_eq!(said.problem(), (503, "not_set_up", ""), "{method} {path}");
        }
    }
    let said = site.send(Method::Post, "/api/v1/links", Some(("application/json", "{}".to_owned())), &[]);
    assert_eq!(said.problem(), (503, "not_set_up", ""));
}

#[test]
fn a_wrong_method_is_told_the_right_ones_and_an_address_that_is_none_is_not_found() {
    let app = app();
    let site = Site::with(&app, "all");
    for (method, path, allow) in [
        (Method::Put, "/api/v1/links", "POST"),
        (Method::Delete, "/api/v1/accounts", "GET, HEAD, POST"),
        (Method::Post, "/api/v1/accounts/ada", "DELETE, GET, HEAD, PATCH, PUT"),
        (Method::Options, "/api/v1/events", "GET, HEAD"),
        (Method::Trace, "/api/v1/openapi.json", "GET, HEAD"),
    ] {
        let said = site.send(method, path, None, &[]);
        assert_eq!(said.problem(), (405, "method_not_allowed", ""), "{method} {path}");
        assert_eq!(said.header("allow"), allow, "{method} {path}");
    }
    for path in ["/api/v1", "/api/v1/", "/api/v2/links", "/api/v1/link", "/api/v1/links/x", "/api/v1/links/-1"] {
        assert_eq!(site.get(path).problem(), (404, "not_found", ""), "{path}");
        assert_eq!(
            site.send(Method::Post, path, None, &[]).header("content-type"),
            "application/problem+json",
            "{path}"
        );
    }
}

#[test]
fn a_head_is_answered_as_its_get() {
    let app = app();
    account(&app, "ada");
    let site = Site::with(&app, "all");
    for (path, status) in [("/api/v1/accounts/ada", 200), ("/api/v1/accounts/eve", 404), ("/api/v1/openapi.json", 200)]
    {
        let (get, head) = (site.get(path), site.send(Method::Head, path, None, &[]));
        assert_eq!((get.status, head.status), (status, status), "{path}");
        for name in ["content-type", "etag"] {
            assert_eq!(get.header(name), head.header(name), "{path}: {name}");
        }
    }
}

#[test]
fn what_is_looked_at_again_and_again_costs_no_body_while_it_is_the_same() {
    let app = app();
    let ada = account(&app, "ada");
    crate::pages::given::claim(&app, ada, 11, "Ada L");
    let site = Site::with(&app, "all");
    site.post("/api/v1/messages", &json!({ "to": { "username": "ada" }, "text": "x" }));
    site.post("/api/v1/broadcasts", &json!({ "text": "x", "audience": { "all": true } }));
    for path in [
        "/api/v1/accounts",
        "/api/v1/accounts/ada",
        "/api/v1/accounts/ada/chats",
        "/api/v1/links/1",
        "/api/v1/messages/1",
        "/api/v1/broadcasts",
        "/api/v1/broadcasts/1",
        "/api/v1/events",
    ] {
        let etag = site.get(path).header("etag").to_owned();
        assert!(etag.starts_with('"') && etag.len() > 20, "{path}: {etag}");
        let ask = |mark: &str| site.send(Method::Get, path, None, &[("if-none-match", mark)]);
        for mark in [etag.as_str(), &format!("W/{etag}"), &format!("\"old\", {etag}"), "*"] {
            let said = ask(mark);
            assert_eq!(
                (said.status, said.text.as_str(), said.header("etag")),
                (304, "", etag.as_str()),
                "{path} {mark}"
            );
        }
        let said = ask("\"old\"");
        assert!(said.status == 200 && !said.text.is_empty(), "{path}");
    }
    let before = site.get("/api/v1/messages/1").header("etag").to_owned();
    site.send(Method::Delete, "/api/v1/messages/1", None, &[]);
    let after = site.send(Method::Get, "/api/v1/messages/1", None, &[("if-none-match", &before)]);
    assert_eq!(after.status, 200, "it is another one now");
}

#[test]
fn every_answer_tells_how_many_requests_are_left() {
    let app = app();
    let site = Site::with_rate(&app, 3);
    let left = |path: &str| {
        let said = site.get(path);
        let header = |name: &str| said.header(name).to_owned();
        (said.status, header("ratelimit-limit"), header("ratelimit-remaining"), header("ratelimit-reset"))
    };
    let told = |status, remaining: &str| (status, "3".to_owned(), remaining.to_owned(), "60".to_owned());
    assert_eq!(left("/api/v1/accounts"), told(200, "2"));
    assert_eq!(left("/api/v1/accounts/nobody"), told(404, "1"), "a refusal too");
    assert_eq!(left("/api/v1/accounts?limit=0"), told(422, "0"));
    assert_eq!(left("/api/v1/accounts"), told(429, "0"));
    let said = site.get("/api/v1/accounts");
    assert_eq!((said.problem(), said.header("retry-after")), ((429, "too_many_requests", ""), "60"));
    app.advance(std::time::Duration::from_mins(1));
    assert_eq!(left("/api/v1/accounts").0, 200);
}
