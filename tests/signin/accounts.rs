//! Admins who come by the operator's commands: invited, or with a second factor taken away.

use std::time::Duration;

use startlink::actions::{Error, security};
use startlink::model::admin::{AdminName, Role};
use startlink::runtime::block_on;

use super::{NEXT_STEP, ada, is_signed_in};
use crate::support::app::{PASSWORD, TestApp};
use crate::support::browser::{Browser, Reply, code_at};

fn invite(app: &TestApp, name: &'static str) -> Result<String, Error> {
    let added = app.store.write(move |tx| security::add_admin(tx, &AdminName::parse(name).unwrap(), Role::Sender));
    block_on(added).map(|token| token.expose().to_owned())
}

fn enrol(app: &TestApp, browser: &mut Browser) -> Reply {
    let page = browser.get("/sign-in/enrol");
    assert_eq!(page.status, 200);
    let code = code_at(&page.secret(), app.clock.now());
    let offer = page.between("name=\"offer\" value=\"", "\"").unwrap();
    browser.post("/sign-in/enrol", &[("offer", &offer), ("code", &code)])
}

#[test]
fn an_invited_admin_chooses_a_password_and_enrols() {
    let app = TestApp::set_up();
    let token = invite(&app, "Bob").unwrap();
    assert!(invite(&app, "bob").is_err(), "the name is taken, whatever its case");
    let path = format!("/invite?token={token}");
    let mut browser = app.browser();
    assert!(browser.get(&path).body.contains("value=\"Bob\""));
    let form = |password, repeat| [("token", token.as_str()), ("password", password), ("repeat", repeat)];
    assert_eq!(browser.post("/invite", &form("bobbobbobbob", "bobbobbobbob")).status, 422);
    let reply = browser.post("/invite", &form(PASSWORD, PASSWORD));
    assert_eq!((reply.status, reply.location()), (303, "/sign-in/enrol"));
    assert_eq!(browser.get("/admin/security").location(), "/sign-in/enrol");
    let sheet = enrol(&app, &mut browser);
    assert_eq!(sheet.body.matches("<li><code>").count(), 10);
    assert!(is_signed_in(&mut browser));
    assert_eq!(app.browser().get(&path).status, 404, "an invitation is taken up once");
}

#[test]
fn an_invitation_has_a_day_and_its_own_secret() {
    let app = TestApp::set_up();
    let token = invite(&app, "bob").unwrap();
    let (id, _) = token.split_once('.').unwrap();
    for wrong in ["", "x", &format!("{id}.x"), &token.replacen(id, "1", 1)] {
        assert_eq!(app.browser().get(&format!("/invite?token={wrong}")).status, 404, "{wrong}");
    }
    app.advance(Duration::from_hours(24));
    assert_eq!(app.browser().get(&format!("/invite?token={token}")).status, 404);
}

#[test]
fn an_admin_who_has_not_come_yet_cannot_be_signed_in_as() {
    let app = TestApp::set_up();
    invite(&app, "bob").unwrap();
    for password in ["", PASSWORD] {
        let mut browser = app.browser();
        browser.get("/sign-in");
        let reply = browser.post("/sign-in", &[("name", "bob"), ("password", password)]);
        assert_eq!(reply.status, 401);
    }
}

#[test]
fn after_a_reset_the_next_sign_in_enrols_before_anything_else() {
    let app = TestApp::set_up();
    block_on(app.store.write(|tx| security::reset_2fa(tx, &ada()))).unwrap();
    let mut browser = app.browser();
    browser.get("/sign-in");
    let reply = browser.post("/sign-in", &[("name", "ada"), ("password", PASSWORD)]);
    assert_eq!(reply.location(), "/sign-in/enrol");
    assert_eq!(browser.get("/admin/security").location(), "/sign-in/enrol");
    assert_eq!(browser.get("/sign-in/code").location(), "/sign-in/enrol");
    browser.get("/sign-in/enrol");
    let wrong = browser.post("/sign-in/enrol", &[("offer", "nonsense"), ("code", "000000")]);
    assert_eq!(wrong.status, 401);
    assert_eq!(enrol(&app, &mut browser).status, 200);
    assert!(is_signed_in(&mut browser));
    app.advance(NEXT_STEP);
}

#[test]
fn of_two_who_enrol_at_once_one_is_refused() {
    let app = TestApp::set_up();
    block_on(app.store.write(|tx| security::reset_2fa(tx, &ada()))).unwrap();
    let mut browsers = [app.browser(), app.browser()];
    for browser in &mut browsers {
        browser.get("/sign-in");
        browser.post("/sign-in", &[("name", "ada"), ("password", PASSWORD)]);
    }
    let [mut first, mut second] = browsers;
    let page = second.get("/sign-in/enrol");
    let offer = page.between("name=\"offer\" value=\"", "\"").unwrap();
    let code = code_at(&page.secret(), app.clock.now());
    assert_eq!(enrol(&app, &mut first).status, 200);
    let late = second.post("/sign-in/enrol", &[("offer", &offer), ("code", &code)]);
    assert_eq!(late.status, 401, "the half session ended with the change");
}
