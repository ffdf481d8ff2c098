//! Accounts over the API: made, looked at, changed, listed, brought in by the thousand, deleted.

use serde_json::json;
use startlink::ids::ChatId;
use startlink::store::chats;
use tide::http::Method;

use super::given::Site;
use crate::pages::given::{account, app, claim};

#[test]
fn an_account_is_made_changed_renamed_and_deleted() {
    let app = app();
    let site = Site::with(&app, "accounts");
    let path = "/api/v1/accounts/ada%2Fl%C3%B6";
    let made = site.json(Method::Put, path, &json!({ "name": "Ada", "tags": ["vip", "Beta"] }));
    assert_eq!(
        (made.status, &made.json["username"], &made.json["tags"]),
        (201, &json!("ada/lö"), &json!(["beta", "vip"]))
    );
    let same = site.json(Method::Put, path, &json!({}));
    assert_eq!((same.status, &same.json), (200, &made.json), "what is left out stays");
    let bare = site.json(Method::Patch, path, &json!({ "tags": null, "username": "ada" }));
    assert_eq!((bare.status, &bare.json["tags"], &bare.json["name"]), (200, &json!([]), &json!("Ada")));
    assert_eq!(site.get(path).problem(), (404, "not_found", ""));
    assert_eq!(site.json(Method::Put, "/api/v1/accounts/ben", &json!({})).status, 201);
    let taken = site.json(Method::Patch, "/api/v1/accounts/ben", &json!({ "username": "ada" }));
    assert_eq!(taken.problem(), (409, "conflict", "username"));
    assert_eq!(site.send(Method::Delete, "/api/v1/accounts/ada", None, &[]).status, 204);
    assert_eq!(site.send(Method::Delete, "/api/v1/accounts/ada", None, &[]).status, 404);
}

#[test]
fn what_is_wrong_with_an_account_names_its_field() {
    let app = app();
    let site = Site::with(&app, "accounts");
    let put = |body| site.json(Method::Put, "/api/v1/accounts/ada", &body);
    assert_eq!(put(json!({ "nam": "x" })).problem(), (422, "unknown_field", "nam"));
    assert_eq!(put(json!({ "name": 1 })).problem(), (422, "invalid", "name"));
    assert_eq!(put(json!({ "tags": ["a b"] })).problem(), (422, "invalid", "tags"));
    assert_eq!(site.json(Method::Put, "/api/v1/accounts/..", &json!({})).status, 404);
    assert_eq!(site.get("/api/v1/accounts?limit=201").problem(), (422, "invalid", "limit"));
    assert_eq!(site.get("/api/v1/accounts?stat=linked").problem(), (422, "unknown_field", "stat"));
    assert_eq!(site.get("/api/v1/accounts?state=x").problem(), (422, "invalid", "state"));
    assert_eq!(site.get("/api/v1/accounts?cursor=x").problem(), (422, "invalid", "cursor"));
}

#[test]
fn a_list_is_walked_to_its_end_and_what_is_known_costs_no_body() {
    let app = app();
    for name in ["anna", "ben", "cleo", "dora", "emil"] {
        account(&app, name);
    }
    let site = Site::with(&app, "accounts:read");
    let (mut names, mut path) = (Vec::new(), "/api/v1/accounts?limit=2".to_owned());
    loop {
        let page = site.get(&path);
        names.extend(
            page.json["items"].as_array().unwrap().iter().map(|row| row["username"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page.json["next"].as_str() else { break };
        path = format!("/api/v1/accounts?limit=2&cursor={next}");
    }
    assert_eq!(names, ["anna", "ben", "cleo", "dora", "emil"]);
    let first = site.get("/api/v1/accounts/anna");
    let again = site.send(Method::Get, "/api/v1/accounts/anna", None, &[("if-none-match", first.header("etag"))]);
    assert_eq!((again.status, again.text.as_str()), (304, ""));
}

#[test]
fn many_lines_are_carried_out_together_or_not_at_all() {
    let app = app();
    account(&app, "ben");
    let site = Site::with(&app, "accounts");
    let bulk = |body: &str, headers: &[(&str, &str)]| {
        site.send(Method::Post, "/api/v1/accounts", Some(("application/x-ndjson", body.to_owned())), headers)
    };
    let wrong = bulk("{\"username\": \"ada\"}\n{\"username\": \"\"}\n{\"user\": 1}\nx", &[]);
    assert_eq!(wrong.problem(), (422, "invalid_lines", ""));
    let lines: Vec<_> =
        wrong.json["errors"].as_array().unwrap().iter().map(|one| (one["line"].clone(), one["code"].clone())).collect();
    assert_eq!(
        lines,
        [(json!(2), json!("invalid")), (json!(3), json!("missing_field")), (json!(4), json!("bad_json"))]
    );
    assert_eq!(site.get("/api/v1/accounts/ada").status, 404, "nothing was done");
    let body = "{\"username\": \"ada\"}\n{\"username\": \"ben\"}\n{\"username\": \"ben\", \"name\": \"Ben\"}\n";
    let first = bulk(body, &[("idempotency-key", "one")]);
    let words: Vec<_> =
        first.json["items"].as_array().unwrap().iter().map(|item| item["outcome"].as_str().unwrap()).collect();
    assert_eq!(words, ["created", "unchanged", "updated"]);
    let again = bulk(body, &[("idempotency-key", "one")]);
    assert_eq!((again.json, again.headers.iter().any(|(name, _)| name == "idempotency-replayed")), (first.json, true));
    assert_eq!(bulk("{\"username\": \"eve\"}", &[("idempotency-key", "one")]).problem().1, "idempotency_mismatch");
}

#[test]
fn the_chats_of_an_account_are_listed_and_disconnected() {
    let app = app();
    let ada = account(&app, "ada");
    claim(&app, ada, 11, "Ada L");
    let site = Site::with(&app, "accounts");
    let chats_of = |name: &str| site.get(&format!("/api/v1/accounts/{name}/chats"));
    let listed = chats_of("ada").json["items"][0].clone();
    assert_eq!((&listed["chat_id"], &listed["telegram"]["name"]), (&json!(11), &json!("Ada L")));
    assert_eq!(site.send(Method::Delete, "/api/v1/chats/11", None, &[]).status, 204);
    assert_eq!(chats_of("ada").json["items"], json!([]));
    assert_eq!(site.send(Method::Delete, "/api/v1/chats/11", None, &[]).problem(), (404, "not_found", ""));
    assert_eq!(app.store.read(|read| chats::get(read, ChatId(11))).unwrap().unwrap().account(), None);
    assert_eq!(chats_of("nobody").status, 404);
}
