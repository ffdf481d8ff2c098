//! Password, second factor and sessions, each with the present password.

use std::time::Duration;

use startlink::store::{journal, members};

use super::{COOKIE, OWN, is_signed_in, member, signed_in};
use crate::pages::given::app;
use crate::support::app::TestApp;
use crate::support::browser::{Browser, Reply, code_at};

const NEW: &str = "glacier pepper violin";
const NEXT_STEP: Duration = Duration::from_secs(30);

fn change(browser: &mut Browser, current: &str, new: &str, repeat: &str) -> Reply {
    browser.get("/me/security/password");
    browser.post("/me/security/password", &[("current", current), ("password", new), ("repeat", repeat)])
}

#[test]
fn a_new_password_renews_this_session_and_ends_the_others() {
    let app = app();
    let (_, mut browser) = member(&app, "anna");
    let mut other = signed_in(&app, "anna");
    let before = browser.cookies[COOKIE].clone();
    let reply = change(&mut browser, OWN, "password1234", "password1234");
    assert!(reply.status == 422 && reply.body.contains("id=\"f-password-error\""), "{}", reply.status);
    assert_eq!(change(&mut browser, OWN, "annaannaanna", "annaannaanna").status, 422);
    assert_eq!(change(&mut browser, OWN, NEW, "glacier pepper violim").status, 422);
    let reply = change(&mut browser, "not my old password", NEW, NEW);
    assert!(reply.status == 401 && reply.body.contains("id=\"f-current-error\""), "{}", reply.status);
    assert_eq!(change(&mut browser, OWN, NEW, NEW).location(), "/me/security");
    assert_ne!(browser.cookies[COOKIE], before);
    assert!(browser.get("/me/security").body.contains("Your password is changed."));
    assert!(!is_signed_in(&mut other));
    browser.cookies.insert(COOKIE.to_owned(), before);
    assert!(!is_signed_in(&mut browser), "the old secret is worthless");
}

#[test]
fn guessing_the_present_password_gets_slow_too() {
    let app = app();
    let (_, mut browser) = member(&app, "anna");
    for _ in 0..5 {
        assert_eq!(change(&mut browser, "not my old password", NEW, NEW).status, 401);
    }
    let reply = change(&mut browser, OWN, NEW, NEW);
    assert_eq!((reply.status, reply.header("retry-after")), (429, Some("1")));
}

/// Adds a second factor: its secret, and the recovery codes.
fn enrol(app: &TestApp, browser: &mut Browser) -> (Vec<u8>, Vec<String>) {
    let page = browser.get("/me/security/second-factor");
    let (secret, offer) = (page.secret(), page.between("name=\"offer\" value=\"", "\"").unwrap());
    let send = |browser: &mut Browser, current: &str, code: &str| {
        let fields = [("offer", offer.as_str()), ("code", code), ("current", current)];
        browser.post("/me/security/second-factor", &fields)
    };
    let code = code_at(&secret, app.clock.now());
    let wrong = send(browser, "not my password", &code);
    assert!(wrong.status == 401 && wrong.body.contains("id=\"f-current-error\""), "{}", wrong.status);
    assert_eq!(wrong.between("name=\"offer\" value=\"", "\"").unwrap(), offer, "the key that is being added stays");
    assert_eq!(send(browser, OWN, "000000").status, 422);
    let done = send(browser, OWN, &code);
    assert_eq!(done.status, 200, "{}", done.body);
    let codes: Vec<String> =
        done.body.split("<li><code>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect();
    assert_eq!(codes.len(), 10);
    (secret, codes)
}

fn begin(app: &TestApp) -> Browser<'_> {
    let mut browser = app.browser();
    browser.get("/me/sign-in");
    let reply = browser.post_and_follow("/me/sign-in", &[("name", "anna"), ("password", OWN)]);
    assert!(reply.body.contains("Code from your authenticator"), "{}", reply.body);
    browser
}

#[test]
fn a_second_factor_is_asked_for_from_then_on_and_a_code_counts_once() {
    let app = app();
    let (_, mut browser) = member(&app, "anna");
    let mut other = signed_in(&app, "anna");
    let (secret, codes) = enrol(&app, &mut browser);
    assert!(is_signed_in(&mut browser) && !is_signed_in(&mut other));
    assert_eq!(browser.get("/me/security/second-factor").location(), "/me/security", "one is enough");
    app.advance(NEXT_STEP);
    let code = code_at(&secret, app.clock.now());
    let mut again = begin(&app);
    let half = again.cookies[COOKIE].clone();
    assert_eq!(again.get("/me").location(), "/me/sign-in/code");
    assert_eq!(again.post("/me/sign-in/code", &[("code", "000000")]).status, 401);
    assert_eq!(again.post("/me/sign-in/code", &[("code", &code)]).location(), "/me");
    assert_ne!(again.cookies[COOKIE], half);
    let late = begin(&app).post("/me/sign-in/code", &[("code", &code)]);
    assert!(late.status == 401 && late.body.contains("already used"), "{}", late.body);
    let mut recovered = begin(&app);
    assert_eq!(recovered.post("/me/sign-in/code", &[("recovery", &codes[3])]).status, 303);
    assert!(recovered.get("/me").body.contains("9 are left"));
    assert_eq!(begin(&app).post("/me/sign-in/code", &[("recovery", &codes[3])]).status, 401);
}

#[test]
fn a_second_factor_is_removed_with_password_and_code() {
    let app = app();
    let (id, mut browser) = member(&app, "anna");
    let (secret, codes) = enrol(&app, &mut browser);
    app.advance(NEXT_STEP);
    let code = code_at(&secret, app.clock.now());
    let remove = |browser: &mut Browser, fields: &[(&str, &str)]| {
        browser.get("/me/security/second-factor/remove");
        browser.post("/me/security/second-factor/remove", fields).status
    };
    assert_eq!(remove(&mut browser, &[("current", "not my password"), ("code", &code)]), 401);
    assert_eq!(remove(&mut browser, &[("current", OWN), ("code", "000000")]), 401);
    assert_eq!(remove(&mut browser, &[("current", OWN)]), 401);
    assert_eq!(remove(&mut browser, &[("current", OWN), ("recovery", &codes[0])]), 303);
    let row = app.store.read(|read| members::get(read, id)).unwrap().unwrap();
    assert!(row.credentials.totp_sealed.is_none() && row.credentials.recovery.is_empty());
    assert!(is_signed_in(&mut signed_in(&app, "anna")));
    let words: Vec<String> = app
        .store
        .read(|read| journal::audits(read, None, 20))
        .unwrap()
        .into_iter()
        .map(|(_, row)| row.action)
        .collect();
    for word in ["portal.second_factor", "portal.second_factor.remove", "portal.signin"] {
        assert!(words.iter().any(|entry| entry == word), "{word}: {words:?}");
    }
}

#[test]
fn sessions_are_listed_and_ended_one_by_one_or_all() {
    let app = app();
    let (_, mut browser) = member(&app, "anna");
    let mut other = signed_in(&app, "anna");
    let page = browser.get("/me/security");
    let path = page.between("action=\"/me/security/sessions/", "\"").unwrap();
    assert_eq!(browser.post(&format!("/me/security/sessions/{path}"), &[]).status, 303);
    assert!(!is_signed_in(&mut other) && is_signed_in(&mut browser));
    let mut other = signed_in(&app, "anna");
    browser.get("/me/security");
    assert_eq!(browser.post("/me/security/sign-out-everywhere", &[]).location(), "/me/sign-in");
    assert!(!is_signed_in(&mut other) && !is_signed_in(&mut browser));
}
