//! Everything at once, in and out over HTTP.

use serde_json::{Value, json};
use tide::http::Method;

use super::given::{Said, Site};
use crate::pages::given::{account, app};

const FORM: &str = "multipart/form-data; boundary=xyz";

fn form(lists: &[(&str, &str)]) -> String {
    let part = |(name, text): &(&str, &str)| {
        format!("--xyz\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{name}.csv\"\r\n\r\n{text}\r\n")
    };
    lists.iter().map(part).collect::<String>() + "--xyz--\r\n"
}

fn bring(site: &Site, query: &str, lists: &[(&str, &str)], headers: &[(&str, &str)]) -> Said {
    site.send(Method::Post, &format!("/api/v1/import{query}"), Some((FORM, form(lists))), headers)
}

const LISTS: [(&str, &str); 3] = [
    ("accounts", "username,name,tags\nada,Ada,vip\n"),
    ("codes", "code,username\nCARD-0042,ada\n"),
    ("chats", "chat_id,username\n42,ada\n"),
];

#[test]
fn lists_are_looked_at_first_and_carried_out_once() {
    let app = app();
    let site = Site::with(&app, "all");
    let before = app.store.changes().value();
    let said = bring(&site, "", &LISTS, &[]);
    assert_eq!((said.status, &said.json["applied"]), (200, &json!(false)), "{said:?}");
    assert_eq!((&said.json["accounts"]["new"], &said.json["codes"]["warnings"]), (&json!(1), &json!(1)));
    let line = &said.json["lines"][0];
    assert_eq!((&line["list"], &line["line"], &line["outcome"]), (&json!("codes"), &json!(2), &json!("new")));
    assert!(!said.text.contains("CARD-0042"));
    assert_eq!(app.store.changes().value(), before + 1, "the use of the key, and nothing else");

    let nameless = bring(&site, "", &LISTS, &[("idempotency-key", "two words")]);
    assert_eq!(nameless.problem(), (422, "invalid", "Idempotency-Key"));

    let key = [("idempotency-key", "move-1")];
    assert_eq!(bring(&site, "", &LISTS, &key).status, 200, "a dry run does not use a name up");
    let first = bring(&site, "?apply=true", &LISTS, &key);
    assert_eq!((first.status, &first.json["applied"]), (200, &json!(true)), "{first:?}");
    assert_eq!(site.get("/api/v1/accounts/ada/chats").json["items"][0]["chat_id"], 42);
    let again = bring(&site, "?apply=true", &LISTS, &key);
    assert_eq!((again.header("idempotency-replayed"), &again.json), ("true", &first.json));
    let other = bring(&site, "?apply=true", &LISTS[..1], &key);
    assert_eq!(other.problem(), (422, "idempotency_mismatch", "Idempotency-Key"));
    let same = bring(&site, "?apply=true", &LISTS, &[]);
    assert_eq!((&same.json["accounts"]["unchanged"], &same.json["chats"]["new"]), (&json!(1), &json!(0)));
    assert_eq!(site.get("/api/v1/events").json["items"], json!([]), "the website brought it and knows");
}

#[test]
fn wrong_lines_are_listed_and_nothing_is_changed() {
    let app = app();
    let site = Site::with(&app, "all");
    site.get("/api/v1/accounts");
    let before = app.store.changes().value();
    let lists = [("accounts", "username\nada\n..\n"), ("chats", "chat_id,username\n-5,ada\n")];
    let said = bring(&site, "?apply=true", &lists, &[("idempotency-key", "a")]);
    assert_eq!((said.problem(), &said.json["line"]), ((422, "invalid_lines", "accounts"), &json!(3)));
    let told: Vec<(&str, u64)> = said.json["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| (error["field"].as_str().unwrap(), error["line"].as_u64().unwrap()))
        .collect();
    assert_eq!(told, [("accounts", 3), ("chats", 2)]);
    let dry = bring(&site, "", &lists, &[]);
    assert_eq!((dry.status, &dry.json["accounts"]["wrong"]), (200, &json!(1)));
    assert_eq!(bring(&site, "", &[], &[]).problem(), (422, "missing_field", "accounts"));
    assert_eq!(bring(&site, "?apply=yes", &LISTS, &[]).problem(), (422, "invalid", "apply"));
    assert_eq!(bring(&site, "?dry=1", &LISTS, &[]).problem(), (422, "unknown_field", "dry"));
    assert_eq!(site.send(Method::Post, "/api/v1/import", None, &[]).status, 415);
    assert_eq!(app.store.changes().value(), before);
    let fixed = bring(
        &site,
        "?apply=true",
        &lists[..0].iter().chain(&LISTS[..1]).copied().collect::<Vec<_>>(),
        &[("idempotency-key", "a")],
    );
    assert_eq!(fixed.status, 200, "a refusal leaves the name free: {fixed:?}");
}

#[test]
fn a_hundred_thousand_lines_fit() {
    let app = app();
    let site = Site::with(&app, "all");
    let row = |n: u32| format!("{},user-with-a-name-of-some-length-{n:06}@example.org\n", 1000 + n);
    let rows = (0..100_000).map(row).collect::<Vec<_>>().concat();
    let said = bring(&site, "", &[("chats", &format!("chat_id,username\n{rows}"))], &[]);
    assert_eq!((said.status, &said.json["accounts_made"]), (200, &json!(100_000)), "{}", said.status);
}

#[test]
fn everything_goes_out_to_a_key_that_may_read_everything() {
    let app = app();
    account(&app, "ada");
    let site = Site::with(&app, "all:read");
    let said = site.get("/api/v1/export");
    assert_eq!((said.status, said.header("content-type")), (200, "application/x-ndjson"));
    let lines: Vec<Value> = said.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["type"], &lines.last().unwrap()["type"]), (&json!("header"), &json!("end")));
    assert!(lines.iter().any(|line| line["type"] == "account" && line["username"] == "ada"));
    let audit = lines.iter().rfind(|line| line["type"] == "audit").unwrap();
    assert!(audit["action"] == "export" && audit["by"].as_str().unwrap().starts_with("key:"), "{audit}");
    assert_eq!(bring(&site, "", &LISTS, &[]).problem(), (403, "missing_scope", ""), "reading is not writing");
    for _ in 0..5 {
        assert_eq!(site.get("/api/v1/export").status, 200, "a place is given free");
    }
}
