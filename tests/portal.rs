//! The portal without a browser: signing in by the same rules as admins, and two kinds of session that never stand in for each other.

mod admin_side;
mod delete;
mod pages;
mod security;
mod separation;
mod signin;

use startlink::actions::portal::set_password;
use startlink::actions::{Caller, settings};
use startlink::ids::AccountId;
use startlink::model::admin::Role;
use startlink::model::event::Actor;
use startlink::runtime::block_on;
use startlink::secret::Secret;

use crate::pages::given::{account, act};
use crate::support::app::TestApp;
use crate::support::browser::Browser;

const COOKIE: &str = "__Host-startlink-me";
/// The password of everyone here.
const OWN: &str = "seven lanterns by the quay";
const OWNER: Caller = Caller { actor: Actor::Operator, role: Role::Owner };

/// An account whose person has the password [`OWN`].
fn let_in(app: &TestApp, username: &str) -> AccountId {
    let id = account(app, username);
    let hash = block_on(app.state.hasher().hash(Secret::new(OWN))).unwrap();
    act(app, move |tx| set_password(tx, &OWNER, id, &hash));
    id
}

/// A browser in which the person of this account, which is made, is signed in.
fn member<'a>(app: &'a TestApp, username: &str) -> (AccountId, Browser<'a>) {
    let id = let_in(app, username);
    (id, signed_in(app, username))
}

fn signed_in<'a>(app: &'a TestApp, username: &str) -> Browser<'a> {
    let mut browser = app.browser();
    browser.get("/me/sign-in");
    let reply = browser.post("/me/sign-in", &[("name", username), ("password", OWN)]);
    assert_eq!((reply.status, reply.location()), (303, "/me"), "{}", reply.body);
    browser
}

fn is_signed_in(browser: &mut Browser) -> bool {
    let reply = browser.get("/me");
    assert!(reply.status == 200 || reply.location().starts_with("/me/sign-in"), "{}", reply.status);
    reply.status == 200
}

fn switch(app: &TestApp, on: bool) {
    let config = app.state.config().clone();
    let change = settings::SettingsChange { portal: Some(on), ..settings::SettingsChange::default() };
    act(app, move |tx| settings::save(tx, &OWNER, &config, &change));
}
