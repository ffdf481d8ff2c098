//! Links and events over the API: made once however often it is asked, waited for, heard of.

use std::time::Duration;

use futures_lite::future::zip;
use serde_json::{Value, json};
use startlink::actions::Caller;
use startlink::actions::links::{issue, mark_used};
use startlink::ids::{AdminId, ChatId, LinkId};
use startlink::model::admin::Role;
use startlink::model::event::Actor;
use startlink::model::link::Target;
use startlink::runtime::block_on;
use startlink::store::links;
use tide::http::Method;

use super::given::Site;
use crate::pages::given::{account, act, app};
use crate::support::app::TestApp;

#[test]
fn a_link_makes_its_account_and_shows_every_way_until_it_is_used() {
    let app = app();
    let site = Site::with(&app, "links");
    let asked = json!({ "username": "ada", "name": "Ada", "ttl_seconds": 600, "metadata": { "cart": 7 },
        "return_url": "https://shop.example/done" });
    let made = site.post("/api/v1/links", &asked);
    assert_eq!(made.status, 201, "{made:?}");
    let code = made.json["code"].as_str().unwrap().to_owned();
    assert_eq!(made.json["url"], format!("https://t.me/post_bot?start={code}"));
    assert_eq!(made.json["command"], format!("/start {code}"));
    assert_eq!(made.json["page_url"], format!("https://links.example.org/l/{code}"));
    assert!(made.json["qr_svg"].as_str().unwrap().starts_with("<svg xmlns="));
    assert_eq!((&made.json["state"], &made.json["metadata"]["cart"]), (&json!("open"), &json!(7)));
    let path = format!("/api/v1/links/{}", made.json["id"]);
    let row = app.store.read(|read| links::get(read, LinkId(1))).unwrap().unwrap();
    let Target::Account(account) = row.target else { panic!("not an account's") };
    act(&app, move |tx| {
        startlink::actions::chats::note(tx, ChatId(11), startlink::model::chat::Profile::default())?;
        startlink::actions::chats::bind(tx, ChatId(11), account)?;
        Ok(mark_used(tx, LinkId(1), &row, ChatId(11))?)
    });
    let used = site.get(&path).json;
    assert_eq!(
        (&used["state"], &used["code"], &used["qr_svg"], &used["chat_id"]),
        (&json!("used"), &Value::Null, &Value::Null, &json!(11))
    );
    let page = app.browser().get(&format!("/l/{code}"));
    assert!(page.body.contains("href=\"https://shop.example/done\""), "the page leads back: {}", page.body);
    assert_eq!(site.send(Method::Delete, &path, None, &[]).problem(), (409, "conflict", ""));
}

#[test]
fn what_is_wrong_with_a_link_makes_no_account() {
    let app = app();
    let site = Site::with(&app, "links,accounts:read");
    for (body, problem) in [
        (json!({}), (422, "missing_field", "username")),
        (json!({ "username": ".." }), (422, "invalid", "username")),
        (json!({ "username": "ada", "ttl_seconds": 59 }), (422, "invalid", "ttl_seconds")),
        (json!({ "username": "ada", "ttl_seconds": "9" }), (422, "invalid", "ttl_seconds")),
        (json!({ "username": "ada", "return_url": "javascript:alert(1)" }), (422, "invalid", "return_url")),
        (json!({ "username": "ada", "return_url": "http://shop.example/" }), (422, "invalid", "return_url")),
        (
            json!({ "username": "ada", "return_url": "https://shop.example@evil.example/" }),
            (422, "invalid", "return_url"),
        ),
        (json!({ "username": "ada", "metadata": [1] }), (422, "invalid", "metadata")),
        (json!({ "username": "ada", "ttl": 9 }), (422, "unknown_field", "ttl")),
    ] {
        assert_eq!(site.post("/api/v1/links", &body).problem(), problem, "{body}");
    }
    assert_eq!(site.get("/api/v1/accounts/ada").status, 404);
}

#[test]
fn a_link_of_an_admin_is_none_of_the_websites() {
    let app = app();
    let admin = app.admin("ada").0;
    let own = Caller { actor: Actor::Admin(admin), role: Role::Owner };
    let issued = act(&app, move |tx| issue(tx, &own, Target::Admin(AdminId(admin.0)), Duration::from_mins(9)));
    let site = Site::with(&app, "all");
    let path = format!("/api/v1/links/{}", issued.id);
    assert_eq!(site.get(&path).problem(), (404, "not_found", ""));
    assert_eq!(site.send(Method::Delete, &path, None, &[]).problem(), (404, "not_found", ""));
}

#[test]
fn a_name_makes_one_link_also_when_two_ask_at_once() {
    let app = app();
    let site = Site::with(&app, "links");
    // The first use of a key is written down; then nothing comes between the two.
    site.get("/api/v1/links/1");
    let body = || Some(("application/json", json!({ "username": "ada" }).to_string()));
    let headers = [("idempotency-key", "abc")];
    let ask = || site.ask(Method::Post, "/api/v1/links", body(), &headers);
    let (first, second) = block_on(zip(ask(), ask()));
    let is_first = first.status == 201 && first.header("idempotency-replayed").is_empty();
    let (winner, other) = if is_first { (first, second) } else { (second, first) };
    assert_eq!(winner.status, 201);
    // The other one meets the first while it runs, or, when the machine was slow between the two, its outcome.
    if other.status == 201 {
        assert_eq!((&other.json, other.header("idempotency-replayed")), (&winner.json, "true"));
    } else {
        assert!(other.problem() == (409, "in_progress", "") && other.header("retry-after") == "1", "{other:?}");
    }
    let again = block_on(ask());
    assert_eq!((again.status, &again.json, again.header("idempotency-replayed")), (201, &winner.json, "true"));
    let foreign = Some(("application/json", json!({ "username": "ben" }).to_string()));
    let foreign = site.send(Method::Post, "/api/v1/links", foreign, &headers);
    assert_eq!(foreign.problem(), (422, "idempotency_mismatch", "Idempotency-Key"));
    let bad = site.send(Method::Post, "/api/v1/links", body(), &[("idempotency-key", "a b")]);
    assert_eq!(bad.problem(), (422, "invalid", "Idempotency-Key"));
    assert!(app.store.read(|read| links::get(read, LinkId(2))).unwrap().is_none());
}

/// While `site` waits, a chat uses the link: the one who asks is asked first.
fn use_meanwhile(app: &TestApp, site: &Site, path: &str) -> super::given::Said {
    let ada = account(app, "ada");
    let issued = crate::pages::given::link(app, ada);
    // The first use of a key is written down; then nothing comes before the waiting.
    site.get("/api/v1/links/99");
    let waiting = site.ask(Method::Get, path, None, &[]);
    let using = async {
        let app = app.store.clone();
        let (id, row) = (issued.id, issued.link.clone());
        app.write(move |tx| mark_used(tx, id, &row, ChatId(11))).await.unwrap();
    };
    block_on(zip(waiting, using)).0
}

#[test]
fn whoever_waits_for_a_link_hears_of_it_when_it_is_used() {
    let app = app();
    let site = Site::with(&app, "links:read");
    let said = use_meanwhile(&app, &site, "/api/v1/links/1?wait=25");
    assert_eq!(said.json["state"], "used");
    assert_eq!(site.get("/api/v1/links/1?wait=26").problem(), (422, "invalid", "wait"));
}

#[test]
fn events_are_walked_waited_for_and_never_lost() {
    let app = app();
    let site = Site::with(&app, "events");
    let empty = site.get("/api/v1/events");
    assert_eq!(empty.json["items"], json!([]));
    let after = empty.json["next"].as_str().unwrap().to_owned();
    let said = use_meanwhile(&app, &site, &format!("/api/v1/events?wait=25&after={after}"));
    let words = |said: &super::given::Said| {
        let items = said.json["items"].as_array().unwrap().clone();
        items.iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(words(&said), ["link.created"], "what was there already");
    let next = site.get(&format!("/api/v1/events?after={}", said.json["next"].as_str().unwrap()));
    assert_eq!((words(&next), &next.json["items"][0]["username"]), (vec!["link.used".to_owned()], &json!("ada")));
    assert_eq!(site.get("/api/v1/events?after=zzz").problem(), (422, "invalid", "after"));
}
