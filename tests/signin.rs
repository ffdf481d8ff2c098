//! Signing in, staying signed in, and what ends it: the lines of the security rules, one by one.

mod accounts;
mod journey;
mod setup;
mod throttle;

use std::collections::BTreeSet;
use std::time::Duration;

use startlink::actions::{security, session};
use startlink::ids::AdminId;
use startlink::model::admin::{AdminName, Role};
use startlink::model::session::{SESSION_IDLE, SESSION_LIFE};
use startlink::runtime::block_on;
use startlink::store::sessions;

use crate::support::app::{PASSWORD, Setting, TestApp};
use crate::support::browser::{Browser, Reply, TOTP_SECRET, code_at};
use crate::support::logs;

const COOKIE: &str = "__Host-startlink";
const NEXT_STEP: Duration = Duration::from_secs(30);

fn ada() -> AdminName {
    AdminName::parse("ada").unwrap()
}

fn signed_in(app: &TestApp) -> Browser<'_> {
    let mut browser = app.browser();
    let reply = browser.sign_in("ada");
    assert_eq!((reply.status, reply.location()), (303, "/admin"), "{}", reply.body);
    app.advance(NEXT_STEP);
    browser
}

fn is_signed_in(browser: &mut Browser) -> bool {
    let reply = browser.get("/admin/security");
    assert!(reply.status == 200 || reply.location().starts_with("/sign-in"), "{}", reply.status);
    reply.status == 200
}

#[test]
fn a_sign_in_takes_both_factors_and_renews_the_session_at_each() {
    let app = TestApp::set_up();
    let mut browser = app.browser();
    let reply = browser.get("/admin/security");
    assert_eq!((reply.status, reply.location()), (303, "/sign-in?to=%2Fadmin%2Fsecurity"));
    let page = browser.get("/sign-in?to=%2Fadmin%2Fsecurity");
    assert!(page.body.contains("startlink admin reset-2fa"), "recovery belongs on the sign-in page");
    let reply = browser.post("/sign-in", &[("name", "Ada"), ("password", PASSWORD), ("to", "/admin/security")]);
    assert_eq!((reply.status, reply.location()), (303, "/sign-in/code?to=%2Fadmin%2Fsecurity"));
    let half = browser.cookies[COOKIE].clone();
    assert_eq!(browser.get("/admin/security").location(), "/sign-in/code", "half a session opens nothing");
    assert_eq!(browser.get("/sign-in/enrol").location(), "/sign-in/code");
    browser.get("/sign-in/code");
    let code = code_at(TOTP_SECRET, app.clock.now());
    let reply = browser.post("/sign-in/code", &[("code", &code), ("to", "/admin/security")]);
    assert_eq!((reply.status, reply.location()), (303, "/admin/security"));
    assert_ne!(browser.cookies[COOKIE], half);
    assert!(is_signed_in(&mut browser));
    browser.cookies.insert(COOKIE.to_owned(), half);
    assert!(!is_signed_in(&mut browser), "the half session is over");
}

#[test]
fn cookies_are_host_only_strict_and_secure_but_on_plain_loopback() {
    let app = TestApp::set_up();
    let mut browser = app.browser();
    let reply = browser.sign_in("ada");
    for line in reply.set_cookies() {
        assert!(line.starts_with("__Host-startlink"), "{line}");
        for attribute in ["; Path=/", "; HttpOnly", "; SameSite=Strict", "; Secure"] {
            assert!(line.contains(attribute), "{line}");
        }
        assert!(!line.contains("Domain"), "{line}");
    }
    assert_eq!(reply.set_cookies().len(), 2, "session and device");
    app.advance(NEXT_STEP);
    let mut local = app.local_browser();
    let reply = local.sign_in("ada");
    let session = reply.set_cookies()[0];
    assert!(session.starts_with("startlink=") && !session.contains("Secure"), "{session}");
    assert!(is_signed_in(&mut local));
}

#[test]
fn a_return_address_is_a_route_of_ours_or_nothing() {
    let app = TestApp::set_up();
    for to in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/sign-in",
        "/assets/x",
        "/nothing",
        "/admin/security/../x",
    ] {
        let mut browser = app.browser();
        browser.get("/sign-in");
        let reply = browser.post("/sign-in", &[("name", "ada"), ("password", PASSWORD), ("to", to)]);
        assert_eq!(reply.location(), "/sign-in/code", "{to}");
    }
}

#[test]
fn a_code_is_accepted_once_and_the_wait_is_told() {
    let app = TestApp::set_up();
    let code = code_at(TOTP_SECRET, app.clock.now());
    assert_eq!(app.browser().sign_in("ada").status, 303);
    app.advance(Duration::from_secs(10));
    let mut second = app.browser();
    second.get("/sign-in");
    second.post_and_follow("/sign-in", &[("name", "ada"), ("password", PASSWORD)]);
    let reply = second.post("/sign-in/code", &[("code", &code)]);
    assert_eq!(reply.status, 401);
    assert!(reply.body.contains("already used. Your authenticator shows the next one in 20 s."), "{}", reply.body);
    app.advance(Duration::from_secs(20));
    let next = code_at(TOTP_SECRET, app.clock.now());
    assert_eq!(second.post("/sign-in/code", &[("code", &next)]).status, 303);
}

#[test]
fn two_answers_with_one_code_at_the_same_time_give_one_session() {
    let app = TestApp::set_up();
    let code = code_at(TOTP_SECRET, app.clock.now());
    let mut browsers = [app.browser(), app.browser()];
    for browser in &mut browsers {
        browser.get("/sign-in");
        browser.post_and_follow("/sign-in", &[("name", "ada"), ("password", PASSWORD)]);
    }
    let statuses = browsers.map(|mut browser| browser.post("/sign-in/code", &[("code", &code)]).status);
    assert_eq!(statuses, [303, 401]);
}

#[test]
fn a_clock_that_was_set_back_is_explained() {
    let app = TestApp::set_up();
    let (id, ahead) = (app.admin("ada").0, u64::try_from(app.clock.now().seconds() / 30).unwrap() + 10);
    app.change_admin(id, move |admin| admin.credentials.totp_step = ahead);
    let mut browser = app.browser();
    let reply = browser.sign_in("ada");
    assert_eq!(reply.status, 401);
    assert!(reply.body.contains("clock was set back") && reply.body.contains("admin reset-2fa"));
}

#[test]
fn a_recovery_code_opens_the_door_once() {
    let app = TestApp::set_up();
    let mut browser = signed_in(&app);
    browser.get("/admin/security/recovery-codes");
    let sheet = browser.post("/admin/security/recovery-codes", &[]);
    assert_eq!(sheet.status, 200);
    let codes: Vec<&str> = sheet.body.split("<li><code>").skip(1).map(|rest| rest.split('<').next().unwrap()).collect();
    assert_eq!(codes.len(), 10);
    let with = |code: &str| {
        let mut browser = app.browser();
        browser.get("/sign-in");
        browser.post_and_follow("/sign-in", &[("name", "ada"), ("password", PASSWORD)]);
        let reply = browser.post("/sign-in/code", &[("recovery", code)]);
        (reply.status, browser.get("/admin/security").body)
    };
    let typed = codes[3].to_uppercase().replace('-', " ");
    let (status, body) = with(&typed);
    assert_eq!(status, 303);
    assert!(body.contains("9 are left"), "{body}");
    assert_eq!(with(codes[3]).0, 401);
    assert_eq!(with(codes[4]).0, 303);
}

#[test]
fn names_that_do_not_exist_look_like_wrong_passwords() {
    let app = TestApp::set_up();
    let reply_to = |name: &str| {
        let mut browser = app.browser();
        browser.get("/sign-in");
        browser.post("/sign-in", &[("name", name), ("password", "not the right password")])
    };
    let (known, unknown) = (reply_to("ada"), reply_to("bob"));
    assert_eq!((known.status, unknown.status), (401, 401));
    assert_eq!(known.body.replace("ada", "bob"), unknown.body);
    let headers = |reply: &Reply| reply.headers.iter().cloned().collect::<BTreeSet<_>>();
    assert_eq!(headers(&known), headers(&unknown));
    assert!(known.body.contains("Name or password is wrong."));
}

#[test]
fn sessions_end_by_idleness_and_by_age() {
    let app = TestApp::set_up();
    let mut browser = signed_in(&app);
    app.advance(SESSION_IDLE.saturating_sub(Duration::from_mins(1)));
    assert!(is_signed_in(&mut browser));
    app.advance(SESSION_IDLE);
    assert!(!is_signed_in(&mut browser));
    let mut browser = signed_in(&app);
    let step = SESSION_IDLE / 2;
    let mut age = NEXT_STEP;
    while age + step < SESSION_LIFE {
        app.advance(step);
        age += step;
        assert!(is_signed_in(&mut browser), "{age:?}");
    }
    app.advance(step);
    assert!(!is_signed_in(&mut browser));
}

#[test]
fn a_pages_own_looks_do_not_keep_a_session_alive() {
    let app = TestApp::set_up();
    let mut browser = signed_in(&app);
    for _ in 0..3 {
        app.advance(SESSION_IDLE / 3);
        browser.get("/admin/security?poll=1");
    }
    assert_eq!(browser.get("/admin/security?poll=1").status, 401);
}

#[test]
fn use_is_written_down_at_most_once_a_minute() {
    let app = TestApp::set_up();
    let mut browser = signed_in(&app);
    browser.get("/admin/security");
    let before = app.store.changes().value();
    for _ in 0..5 {
        app.advance(Duration::from_secs(5));
        browser.get("/admin/security");
    }
    assert_eq!(app.store.changes().value(), before);
    app.advance(Duration::from_secs(40));
    browser.get("/admin/security");
    assert_eq!(app.store.changes().value(), before + 1);
}

#[test]
fn signing_out_ends_the_session_on_the_server() {
    let app = TestApp::set_up();
    let mut browser = signed_in(&app);
    browser.get("/admin/security");
    let cookie = browser.cookies[COOKIE].clone();
    let reply = browser.post("/sign-out", &[]);
    assert_eq!((reply.status, reply.location()), (303, "/sign-in"));
    assert!(!browser.cookies.contains_key(COOKIE));
    browser.cookies.insert(COOKIE.to_owned(), cookie);
    assert!(!is_signed_in(&mut browser));
}

#[test]
fn a_new_password_renews_this_session_and_ends_the_others() {
    let app = TestApp::set_up();
    let (mut other, mut browser) = (signed_in(&app), signed_in(&app));
    let before = browser.cookies[COOKIE].clone();
    browser.get("/admin/security/password");
    let change = |browser: &mut Browser, current: &str, new: &str, repeat: &str| {
        browser.post("/admin/security/password", &[("current", current), ("password", new), ("repeat", repeat)])
    };
    let new = "glacier pepper violin";
    let reply = change(&mut browser, PASSWORD, "password1234", "password1234");
    assert_eq!(reply.status, 422);
    assert!(reply.body.contains("id=\"f-password-error\""));
    assert_eq!(change(&mut browser, PASSWORD, new, "glacier pepper violim").status, 422);
    let reply = change(&mut browser, "not my old password", new, new);
    assert_eq!(reply.status, 401);
    assert!(reply.body.contains("id=\"f-current-error\""));
    assert_eq!(change(&mut browser, PASSWORD, new, new).status, 303);
    assert_ne!(browser.cookies[COOKIE], before);
    assert!(browser.get("/admin/security").body.contains("Your password is changed."));
    assert!(!is_signed_in(&mut other));
    browser.cookies.insert(COOKIE.to_owned(), before);
    assert!(!is_signed_in(&mut browser), "the old secret is worthless");
}

#[test]
fn a_session_can_be_ended_from_the_list_but_only_ones_own() {
    let app = TestApp::set_up();
    app.add_admin("bob", Role::Owner);
    let (mut other, mut browser) = (signed_in(&app), signed_in(&app));
    let page = browser.get("/admin/security");
    let path = page.between("action=\"/admin/security/sessions/", "\"").unwrap();
    let mut bob = app.browser();
    bob.sign_in("bob");
    bob.get("/admin/security");
    assert_eq!(bob.post(&format!("/admin/security/sessions/{path}"), &[]).status, 404);
    assert!(is_signed_in(&mut other));
    assert_eq!(browser.post(&format!("/admin/security/sessions/{path}"), &[]).status, 303);
    assert!(!is_signed_in(&mut other));
    assert!(is_signed_in(&mut browser));
    assert_eq!(browser.post(&format!("/admin/security/sessions/{path}"), &[]).status, 404);
}

#[test]
fn signing_out_everywhere_ends_every_session() {
    let app = TestApp::set_up();
    let (mut other, mut browser) = (signed_in(&app), signed_in(&app));
    browser.get("/admin/security");
    assert_eq!(browser.post("/admin/security/sign-out-everywhere", &[]).location(), "/sign-in");
    assert!(!is_signed_in(&mut other) && !is_signed_in(&mut browser));
}

#[test]
fn sensitive_pages_ask_again_after_ten_minutes() {
    let app = TestApp::set_up();
    let mut browser = signed_in(&app);
    assert_eq!(browser.get("/admin/security/password").status, 200);
    app.advance(Duration::from_mins(10));
    let reply = browser.get("/admin/security/password");
    assert_eq!(reply.location(), "/admin/confirm?to=%2Fadmin%2Fsecurity%2Fpassword");
    browser.get("/admin/security");
    assert_eq!(browser.post("/admin/security/recovery-codes", &[]).status, 401);
    let page = browser.get(reply.location());
    assert_eq!(page.status, 200);
    let before = browser.cookies[COOKIE].clone();
    let code = code_at(TOTP_SECRET, app.clock.now());
    let to = ("to", "/admin/security/password");
    let wrong = browser.post("/admin/confirm", &[("password", "not my password"), ("code", &code), to]);
    assert_eq!(wrong.status, 401);
    let wrong = browser.post("/admin/confirm", &[("password", PASSWORD), ("code", "000000"), to]);
    assert_eq!(wrong.status, 401);
    assert_eq!(browser.get("/admin/security/password").status, 303);
    let right = browser.post("/admin/confirm", &[("password", PASSWORD), ("code", &code), to]);
    assert_eq!(right.location(), "/admin/security/password");
    assert_ne!(browser.cookies[COOKIE], before, "a new secret with the new proof");
    assert_eq!(browser.get("/admin/security/password").status, 200);
}

#[test]
fn a_replaced_second_factor_is_the_only_one() {
    let app = TestApp::set_up();
    let (mut other, mut browser) = (signed_in(&app), signed_in(&app));
    let page = browser.get("/admin/security/second-factor");
    let secret = page.secret();
    let offer = page.between("name=\"offer\" value=\"", "\"").unwrap();
    let wrong = browser.post("/admin/security/second-factor", &[("offer", &offer), ("code", "000000")]);
    assert_eq!(wrong.status, 422);
    assert_eq!(wrong.between("name=\"offer\" value=\"", "\"").unwrap(), offer, "the key that is being added stays");
    let code = code_at(&secret, app.clock.now());
    let forged = other.post("/admin/security/second-factor", &[("offer", &offer), ("code", &code)]);
    assert_ne!(forged.status, 303, "an offer belongs to its session");
    let done = browser.post("/admin/security/second-factor", &[("offer", &offer), ("code", &code)]);
    assert_eq!(done.status, 303, "{}", done.body);
    assert!(!is_signed_in(&mut other));
    app.advance(NEXT_STEP);
    let mut again = app.browser();
    assert_eq!(again.sign_in("ada").status, 401, "the old authenticator");
    let code = code_at(&secret, app.clock.now());
    assert_eq!(again.post("/sign-in/code", &[("code", &code)]).status, 303);
}

#[test]
fn the_operators_commands_end_sessions_at_once() {
    let app = TestApp::set_up();
    let mut browser = signed_in(&app);
    let cookie = browser.session_hash();
    let found = || app.store.read(|read| session::find::<AdminId>(read, cookie)).unwrap().is_some();
    assert!(found());
    let ended = block_on(app.store.write(|tx| security::logout_all(tx, None))).unwrap();
    assert_eq!(ended, 1);
    assert!(!found() && !is_signed_in(&mut browser), "open streams ask the same question");
    let mut browser = signed_in(&app);
    block_on(app.store.write(|tx| security::reset_2fa(tx, &ada()))).unwrap();
    assert!(!is_signed_in(&mut browser));
    let list = app.store.read(security::list).unwrap();
    assert_eq!((list.len(), list[0].second_factor, list[0].sessions), (1, false, 0));
}

#[test]
fn failed_sign_ins_name_the_address_in_one_stable_line() {
    let app = TestApp::set_up_with(&Setting {
        environment: &[("STARTLINK_TRUSTED_PROXIES", "127.0.0.1")],
        ..Setting::default()
    });
    logs::collect();
    let mut browser = app.browser().with_header("x-forwarded-for", "1.2.3.4, 203.0.113.77");
    browser.extra.push(("x-forwarded-proto", "https".to_owned()));
    browser.get("/sign-in");
    browser.post("/sign-in", &[("name", "ada"), ("password", "not the right password")]);
    let line = "WARN Failed sign-in from 203.0.113.77";
    assert_eq!(logs::with("203.0.113.77"), [line]);
    browser.post_and_follow("/sign-in", &[("name", "ada"), ("password", PASSWORD)]);
    browser.post("/sign-in/code", &[("code", "000000")]);
    assert_eq!(logs::with("203.0.113.77"), [line, line]);
}

#[test]
fn the_sweep_forgets_what_is_over() {
    let app = TestApp::set_up();
    let browser = signed_in(&app);
    let cookie = browser.session_hash();
    app.advance(SESSION_LIFE);
    app.write(session::sweep);
    let left = app.store.read(|read| sessions::get::<AdminId>(read, cookie)).unwrap();
    assert_eq!(left, None);
}
