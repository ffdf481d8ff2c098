//! The page of keys: made after a step-up, shown once, ended for good.

use startlink::actions::keys::admit;
use startlink::model::admin::Role;
use startlink::model::api_key::KeySecret;
use startlink::store::{StoreError, keys};

use super::given::{app, proven, signed};

#[test]
fn a_key_is_made_shown_once_and_ended() {
    let app = app();
    let mut browser = proven(&app);
    assert!(browser.get("/admin/settings/keys").body.contains("No keys yet"));
    let fields = [
        ("name", "shop"),
        ("accounts", "write"),
        ("links", "write"),
        ("events", "read"),
        ("days", "30"),
        ("rate", "600"),
    ];
    let made = browser.post("/admin/settings/keys/new", &fields);
    assert_eq!(made.status, 200, "{}", made.body);
    let text = made.between("id=\"key-secret\"", ">").unwrap();
    let secret = KeySecret::parse(text.split("value=\"").nth(1).unwrap().split('"').next().unwrap()).unwrap();
    let holder = app.store.read(|read| admit(read, &secret)).unwrap().unwrap();
    assert_eq!((holder.key.scopes.to_string().as_str(), holder.key.rate), ("accounts, links, events:read", 600));
    let list = browser.get("/admin/settings/keys").body;
    assert!(list.contains("shop") && list.contains(&secret.hint()) && !list.contains(secret.expose()));
    assert_eq!(browser.post("/admin/settings/keys/1/revoke", &[]).location(), "/admin/settings/keys");
    assert!(app.store.read(|read| admit(read, &secret)).unwrap().is_none());
}

#[test]
fn a_form_with_a_mistake_makes_no_key() {
    let app = app();
    let mut browser = proven(&app);
    for (fields, field) in [
        ([("name", ""), ("links", "write"), ("days", "")], "name"),
        ([("name", "shop"), ("links", ""), ("days", "")], "scopes"),
        ([("name", "shop"), ("links", "read"), ("days", "soon")], "days"),
    ] {
        let reply = browser.post("/admin/settings/keys/new", &fields);
        assert_eq!(reply.status, 422, "{field}");
        assert!(reply.body.contains(&format!("#f-{field}")), "{field}: {}", reply.body);
    }
    assert!(app.store.read(|read| Ok::<_, StoreError>(keys::all(read)?.is_empty())).unwrap());
}

#[test]
fn only_an_owner_who_proved_it_makes_keys() {
    let app = app();
    let mut operator = signed(&app, Role::Operator);
    assert_eq!(operator.post("/admin/settings/keys/new", &[("name", "x"), ("links", "read")]).status, 403);
    let mut owner = signed(&app, Role::Owner);
    assert_eq!(owner.post("/admin/settings/keys/new", &[("name", "x"), ("links", "read")]).status, 401);
}
