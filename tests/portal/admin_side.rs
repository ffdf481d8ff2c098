//! Letting people in and shutting them out, on the account's page.

use std::time::Duration;

use startlink::model::admin::Role;

use super::{OWN, is_signed_in, member, signed_in, switch};
use crate::pages::given::{account, app, proven, signed};
use crate::support::app::TestApp;
use crate::support::browser::Browser;

/// Makes an invitation on the account's page; the path of its link.
fn invite(app: &TestApp, browser: &mut Browser) -> String {
    browser.get("/admin/accounts/1");
    let page = browser.post("/admin/accounts/1/portal/invite", &[]);
    assert_eq!(page.status, 200, "{}", page.body);
    let link = page.between("id=\"invitation\" type=\"text\" readonly value=\"", "\"").unwrap();
    assert!(app.store.changes().value() > 0);
    link.strip_prefix("https://links.example.org").unwrap().to_owned()
}

fn take_up(browser: &mut Browser, path: &str) -> u16 {
    let page = browser.get(path);
    if page.status != 200 {
        return page.status;
    }
    let token = page.between("name=\"token\" value=\"", "\"").unwrap();
    let form = |password, repeat| [("token", token.as_str()), ("password", password), ("repeat", repeat)];
    assert_eq!(browser.post("/me/invite", &form("annaannaanna", "annaannaanna")).status, 422);
    assert_eq!(browser.post("/me/invite", &form(OWN, "something else here")).status, 422);
    let reply = browser.post("/me/invite", &form(OWN, OWN));
    assert_eq!(reply.location(), "/me", "{}", reply.body);
    reply.status
}

#[test]
fn an_invitation_is_good_once_for_a_week_and_the_newest_only() {
    let app = app();
    account(&app, "anna");
    let mut admin = signed(&app, Role::Operator);
    assert!(admin.get("/admin/accounts/1").body.contains("cannot sign in to the portal yet"));
    let older = invite(&app, &mut admin);
    let newer = invite(&app, &mut admin);
    assert_eq!(app.browser().get(&older).status, 404);
    let mut browser = app.browser();
    assert_eq!(take_up(&mut browser, &newer), 303);
    assert!(is_signed_in(&mut browser) && is_signed_in(&mut signed_in(&app, "anna")));
    assert_eq!(app.browser().get(&newer).status, 404);
    assert!(admin.get("/admin/accounts/1").body.contains("can sign in"));
    let late = invite(&app, &mut admin);
    app.advance(Duration::from_hours(7 * 24));
    assert_eq!(app.browser().get(&late).status, 404);
}

#[test]
fn an_operator_sets_a_password_after_a_fresh_proof() {
    let app = app();
    account(&app, "anna");
    let mut unproven = signed(&app, Role::Operator);
    let reply = unproven.get("/admin/accounts/1/portal/password");
    assert!(reply.location().starts_with("/admin/confirm"), "{}", reply.location());
    let mut admin = proven(&app);
    admin.get("/admin/accounts/1/portal/password");
    let set = |admin: &mut Browser, password: &str| {
        admin.post("/admin/accounts/1/portal/password", &[("password", password), ("repeat", password)])
    };
    assert_eq!(set(&mut admin, "short").status, 422);
    assert_eq!(set(&mut admin, OWN).location(), "/admin/accounts/1");
    assert!(is_signed_in(&mut signed_in(&app, "anna")));
}

#[test]
fn taking_access_away_ends_sessions_and_says_nothing_at_the_door() {
    let app = app();
    let (_, mut browser) = member(&app, "anna");
    let mut admin = signed(&app, Role::Operator);
    assert_eq!(admin.get("/admin/accounts/1/portal/shut-out").status, 200);
    assert!(is_signed_in(&mut browser));
    assert_eq!(admin.post("/admin/accounts/1/portal/shut-out", &[]).location(), "/admin/accounts/1");
    assert!(!is_signed_in(&mut browser));
    browser.get("/me/sign-in");
    let reply = browser.post("/me/sign-in", &[("name", "anna"), ("password", OWN)]);
    assert!(reply.status == 401 && reply.body.contains("Name or password is wrong."));
}

#[test]
fn the_panel_is_for_operators_and_only_a_hint_while_the_portal_is_off() {
    let app = app();
    account(&app, "anna");
    assert!(!signed(&app, Role::Sender).get("/admin/accounts/1").body.contains("<h2>Portal</h2>"));
    let mut admin = signed(&app, Role::Operator);
    switch(&app, false);
    let page = admin.get("/admin/accounts/1").body;
    assert!(page.contains("switched off") && !page.contains("invitation"), "{page}");
    assert_eq!(admin.post("/admin/accounts/1/portal/invite", &[]).status, 409);
}

#[test]
fn the_switch_stands_in_the_settings_and_is_on_at_first() {
    let app = app();
    let mut owner = signed(&app, Role::Owner);
    let page = owner.get("/admin/settings").body;
    let tick = page.split("name=\"portal\"").nth(1).unwrap().split('>').next().unwrap();
    assert!(tick.contains("checked"), "{tick}");
    assert_eq!(owner.post("/admin/settings", &[("site_name", "Northmail")]).status, 303);
    assert_eq!(app.browser().get("/me/sign-in").status, 404);
    assert_eq!(owner.post("/admin/settings", &[("site_name", "Northmail"), ("portal", "on")]).status, 303);
    assert_eq!(app.browser().get("/me/sign-in").status, 200);
}
