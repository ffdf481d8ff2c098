//! Signing in to the portal, staying signed in, and what ends it.

use std::collections::BTreeSet;
use std::time::Duration;

use startlink::model::session::{SESSION_IDLE, SESSION_LIFE};

use super::{COOKIE, OWN, is_signed_in, let_in, member, signed_in, switch};
use crate::pages::given::{account, app};
use crate::support::app::{PASSWORD, Setting, TestApp};
use crate::support::browser::{Browser, Reply};
use crate::support::logs;

fn attempt(browser: &mut Browser, name: &str, password: &str) -> Reply {
    browser.get("/me/sign-in");
    browser.post("/me/sign-in", &[("name", name), ("password", password)])
}

#[test]
fn a_right_password_is_enough_for_whoever_has_no_second_factor() {
    let app = app();
    let_in(&app, "anna");
    let mut browser = app.browser();
    assert_eq!(browser.get("/me/security").location(), "/me/sign-in?to=%2Fme%2Fsecurity");
    browser.get("/me/sign-in?to=%2Fme%2Fsecurity");
    let reply = browser.post("/me/sign-in", &[("name", "anna"), ("password", OWN), ("to", "/me/security")]);
    assert_eq!((reply.status, reply.location()), (303, "/me/security"));
    let names: Vec<&str> = reply.set_cookies().iter().map(|line| line.split('=').next().unwrap()).collect();
    assert_eq!(names, ["__Host-startlink-me", "__Host-startlink-me-device"]);
    for line in reply.set_cookies() {
        assert!(line.contains("; Path=/; HttpOnly; SameSite=Strict; Secure"), "{line}");
    }
    assert!(is_signed_in(&mut browser));
}

#[test]
fn a_way_back_leads_into_the_portal_only() {
    let app = app();
    let_in(&app, "anna");
    for to in ["/admin", "/admin/security", "https://evil.example/", "//evil.example", "/me/sign-in", "/me/nothing"] {
        let mut browser = app.browser();
        browser.get("/me/sign-in");
        let reply = browser.post("/me/sign-in", &[("name", "anna"), ("password", OWN), ("to", to)]);
        assert_eq!(reply.location(), "/me", "{to}");
    }
}

#[test]
fn nobody_can_tell_which_accounts_there_are() {
    let app = app();
    let_in(&app, "anna");
    account(&app, "bare");
    app.add_admin("root", startlink::model::admin::Role::Owner);
    let replies = ["anna", "bare", "none", "root", " ", "a\u{1}b"].map(|name| {
        let mut browser = app.browser();
        (name, attempt(&mut browser, name, "not the right password"))
    });
    let headers = |reply: &Reply| reply.headers.iter().cloned().collect::<BTreeSet<_>>();
    let (_, first) = &replies[0];
    assert!(first.body.contains("Name or password is wrong."), "{}", first.body);
    for (name, reply) in &replies {
        assert_eq!((reply.status, headers(reply)), (401, headers(first)), "{name:?}");
        if name.trim() == *name && !name.contains('\u{1}') {
            assert_eq!(reply.body.replace(&format!("value=\"{name}\""), "value=\"anna\""), first.body, "{name:?}");
        }
    }
    assert_eq!(attempt(&mut app.browser(), "root", PASSWORD).status, 401, "an admin is nobody here");
}

#[test]
fn guessing_gets_slow_for_known_and_unknown_names_alike_and_not_for_admins() {
    let app = app();
    let_in(&app, "ada");
    for name in ["ada", "nobody"] {
        let mut browser = app.browser();
        for _ in 0..5 {
            assert_eq!(attempt(&mut browser, name, "a wrong guess, again").status, 401);
        }
        let reply = attempt(&mut browser, name, "a wrong guess, again");
        assert_eq!((reply.status, reply.header("retry-after")), (429, Some("1")), "{name}");
        app.advance(Duration::from_secs(1));
    }
    assert_eq!(attempt(&mut app.browser(), "ada", OWN).status, 303, "the wait is over");
    for _ in 0..40 {
        attempt(&mut app.browser(), "ada", "a wrong guess, again");
    }
    assert_eq!(attempt(&mut app.browser(), "ada", OWN).status, 429);
    assert_eq!(app.browser().sign_in("ada").status, 303, "the admin of the same name, from the same network");
}

#[test]
fn a_browser_that_signed_in_before_is_not_kept_out_by_strangers() {
    let app = app();
    let (_, mut own) = member(&app, "anna");
    own.get("/me");
    assert_eq!(own.post("/me/sign-out", &[]).location(), "/me/sign-in");
    for _ in 0..30 {
        attempt(&mut app.browser(), "anna", "a wrong guess, again");
    }
    assert_eq!(attempt(&mut app.browser(), "anna", OWN).status, 429);
    assert_eq!(attempt(&mut own, "anna", OWN).status, 303);
}

#[test]
fn sessions_end_by_idleness_by_age_and_by_signing_out() {
    let app = app();
    let (_, mut browser) = member(&app, "anna");
    app.advance(SESSION_IDLE.saturating_sub(Duration::from_mins(1)));
    assert!(is_signed_in(&mut browser));
    app.advance(SESSION_IDLE);
    assert!(!is_signed_in(&mut browser));
    let mut browser = signed_in(&app, "anna");
    let mut age = Duration::ZERO;
    while age + SESSION_IDLE / 2 < SESSION_LIFE {
        app.advance(SESSION_IDLE / 2);
        age += SESSION_IDLE / 2;
        assert!(is_signed_in(&mut browser), "{age:?}");
    }
    app.advance(SESSION_IDLE / 2);
    assert!(!is_signed_in(&mut browser));
    let mut browser = signed_in(&app, "anna");
    browser.get("/me");
    let cookie = browser.cookies[COOKIE].clone();
    browser.post("/me/sign-out", &[]);
    assert!(!browser.cookies.contains_key(COOKIE));
    browser.cookies.insert(COOKIE.to_owned(), cookie);
    assert!(!is_signed_in(&mut browser));
}

#[test]
fn a_pages_own_looks_do_not_keep_a_session_alive() {
    let app = app();
    let (_, mut browser) = member(&app, "anna");
    for _ in 0..3 {
        app.advance(SESSION_IDLE / 3);
        browser.get("/me/live?poll=1");
    }
    assert_eq!(browser.get("/me/live?poll=1").status, 401);
}

#[test]
fn a_new_sign_in_takes_the_place_of_the_session_before() {
    let app = app();
    let (_, mut browser) = member(&app, "anna");
    let before = browser.cookies[COOKIE].clone();
    assert_eq!(browser.get("/me/sign-in").location(), "/me", "who is signed in is asked nothing");
    assert_eq!(browser.post("/me/sign-in", &[("name", "anna"), ("password", OWN)]).status, 303);
    assert_ne!(browser.cookies[COOKIE], before);
    browser.cookies.insert(COOKIE.to_owned(), before);
    assert!(!is_signed_in(&mut browser));
}

#[test]
fn failed_sign_ins_name_the_address_in_the_one_stable_line() {
    let environment = [("STARTLINK_TRUSTED_PROXIES", "127.0.0.1")];
    let app = TestApp::set_up_with(&Setting { environment: &environment, ..Setting::default() });
    logs::collect();
    let mut browser = app.browser().with_header("x-forwarded-for", "203.0.113.78");
    browser.extra.push(("x-forwarded-proto", "https".to_owned()));
    attempt(&mut browser, "anna", "not the right password");
    assert_eq!(logs::with("203.0.113.78"), ["WARN Failed sign-in from 203.0.113.78"]);
}

#[test]
fn while_the_portal_is_off_there_is_nothing() {
    let app = app();
    let (_, mut browser) = member(&app, "anna");
    assert!(is_signed_in(&mut browser));
    switch(&app, false);
    let portal: Vec<_> = app.state.rows().iter().filter(|row| row.path.starts_with("/me")).collect();
    assert!(portal.len() > 20, "{}", portal.len());
    for row in portal {
        let path = row.path.replace(":id", "1").replace(":chat", "11");
        let form = (row.method == tide::http::Method::Post).then(String::new);
        let reply = browser.send(row.method, &path, form, &[("sec-fetch-site", "same-origin")]);
        assert_eq!(reply.status, 404, "{path}");
        assert!(reply.body.contains("The portal is switched off"), "{path}");
        assert!(!reply.body.contains("/admin") && !reply.body.contains("anna"), "{path}");
    }
    switch(&app, true);
    assert!(is_signed_in(&mut browser));
}
