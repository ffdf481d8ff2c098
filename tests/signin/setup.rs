//! The set-up: whoever has the one-time link, and nobody else.

use std::time::Duration;

use startlink::actions::{Error, setup};
use startlink::model::admin::SETUP_LIFE;
use startlink::runtime::block_on;
use startlink::secret::Secret;
use startlink::store::{admins, meta};

use super::is_signed_in;
use crate::support::app::{PASSWORD, Setting, TestApp};
use crate::support::browser::{Browser, Reply, code_at};

fn ticket(app: &TestApp) -> String {
    block_on(app.store.write(setup::new_ticket)).unwrap().expose().to_owned()
}

fn begin(browser: &mut Browser, token: &str, base: &str) -> Reply {
    browser.get(&format!("/setup?token={token}"));
    browser.post("/setup", &[("token", token), ("base_url", base)])
}

fn name(browser: &mut Browser) -> Reply {
    browser.post("/setup/password", &[("name", "Ada"), ("password", PASSWORD), ("repeat", PASSWORD)])
}

fn confirm(app: &TestApp, browser: &mut Browser) -> Reply {
    let page = browser.get("/setup/second-factor");
    assert_eq!(page.status, 200, "{}", page.body);
    let code = code_at(&page.secret(), app.clock.now());
    browser.post("/setup/second-factor", &[("code", &code)])
}

fn admins(app: &TestApp) -> usize {
    app.store.read(admins::all).unwrap().len()
}

const LOCAL: &str = "http://127.0.0.1:8080";

#[test]
fn the_link_leads_to_the_first_admin_and_a_session() {
    let app = TestApp::new();
    let token = ticket(&app);
    let mut browser = app.local_browser();
    let page = browser.get(&format!("/setup?token={token}"));
    assert!(page.body.contains(&format!("value=\"{LOCAL}\"")), "the address in use is proposed");
    let reply = begin(&mut browser, &token, LOCAL);
    assert_eq!((reply.status, reply.location()), (303, "/setup/password"));
    let wrong = browser.post("/setup/password", &[("name", "Ada"), ("password", "short"), ("repeat", "short")]);
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("value=\"Ada\"") && wrong.body.contains("at least 12 characters"));
    assert_eq!(name(&mut browser).location(), "/setup/second-factor");
    let wrong = browser.post("/setup/second-factor", &[("code", "000000")]);
    assert_eq!((wrong.status, admins(&app)), (422, 0));
    let sheet = confirm(&app, &mut browser);
    assert_eq!(sheet.status, 200);
    assert_eq!(sheet.body.matches("<li><code>").count(), 10);
    assert!(sheet.body.contains("href=\"/setup/bot\""));
    assert_eq!(admins(&app), 1);
    assert_eq!(app.store.read(meta::saved).unwrap().base_url.as_deref(), Some(LOCAL));
    assert!(is_signed_in(&mut browser));
    assert_eq!(browser.get("/setup").location(), "/admin");
    assert_eq!(app.local_browser().get(&format!("/setup?token={token}")).location(), "/admin");
}

#[test]
fn without_the_link_nobody_becomes_admin() {
    let app = TestApp::new();
    let token = ticket(&app);
    let mut stranger = app.local_browser();
    for wrong in ["x", "", &token[..42]] {
        assert_eq!(stranger.post("/setup", &[("token", wrong), ("base_url", LOCAL)]).status, 401);
    }
    assert_eq!(stranger.get("/setup?token=x").status, 401);
    assert_eq!(name(&mut stranger).status, 401);
    assert_eq!(stranger.post("/setup/second-factor", &[("code", "000000")]).status, 401);
    let mut browser = app.local_browser();
    begin(&mut browser, &token, LOCAL);
    assert_eq!(name(&mut stranger).status, 401, "the draft belongs to the browser that began it");
    name(&mut browser);
    assert_eq!(stranger.get("/setup/second-factor").status, 401);
    assert_eq!(admins(&app), 0);
}

#[test]
fn the_link_ends_after_an_hour_and_with_a_newer_one() {
    let app = TestApp::new();
    let old = ticket(&app);
    let new = ticket(&app);
    assert_eq!(begin(&mut app.local_browser(), &old, LOCAL).status, 401);
    let mut browser = app.local_browser();
    assert_eq!(begin(&mut browser, &new, LOCAL).status, 303);
    app.advance(SETUP_LIFE);
    assert_eq!(name(&mut browser).status, 401);
    let reply = begin(&mut app.local_browser(), &new, LOCAL);
    assert_eq!(reply.status, 401);
    assert!(reply.body.contains("startlink setup-link"), "how to print a new one");
}

#[test]
fn an_abandoned_set_up_starts_over_with_the_same_link() {
    let app = TestApp::new();
    let token = ticket(&app);
    let mut first = app.local_browser();
    begin(&mut first, &token, LOCAL);
    name(&mut first);
    let mut second = app.local_browser();
    begin(&mut second, &token, LOCAL);
    assert_eq!(first.get("/setup/second-factor").status, 401, "it went on elsewhere");
    name(&mut second);
    assert_eq!(confirm(&app, &mut second).status, 200);
    assert_eq!(admins(&app), 1);
}

#[test]
fn two_set_ups_at_once_make_one_admin() {
    let app = TestApp::new();
    let token = ticket(&app);
    let mut browser = app.local_browser();
    begin(&mut browser, &token, LOCAL);
    name(&mut browser);
    let page = browser.get("/setup/second-factor");
    let code = code_at(&page.secret(), app.clock.now());
    let cookies = browser.cookies.clone();
    let mut statuses: Vec<u16> = std::thread::scope(|scope| {
        let send = || {
            let mut browser = app.local_browser();
            browser.cookies.clone_from(&cookies);
            browser.post("/setup/second-factor", &[("code", &code)]).status
        };
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(send)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    statuses.sort_unstable();
    assert_eq!(statuses[0], 200);
    assert!(statuses[1..].iter().all(|status| [401, 409].contains(status)), "{statuses:?}");
    assert_eq!(admins(&app), 1);
    let late = block_on(app.store.write(setup::new_ticket));
    assert!(matches!(late.err(), Some(Error::Refused(_))), "there is nothing to set up any more");
}

#[test]
fn a_base_url_that_is_not_in_use_has_to_be_proven_or_insisted_on_at_the_server() {
    let app = TestApp::new();
    let token = ticket(&app);
    let mut browser = app.local_browser();
    let reply = begin(&mut browser, &token, "https://links.example.org");
    assert_eq!(reply.status, 422);
    assert!(reply.body.contains(&format!("href=\"https://links.example.org/setup?token={token}\"")));
    assert!(reply.body.contains("value=\"https://links.example.org\""), "what was typed stays");
    let form = [("token", token.as_str()), ("base_url", "https://links.example.org"), ("anyway", "on")];
    let far = Browser::new(&app, "10.1.2.3", "10.1.2.4:5".parse().unwrap()).post("/setup", &form);
    assert_eq!(far.status, 403, "in clear from afar nothing is taken at all");
    assert_eq!(browser.post("/setup", &form).status, 303);
    let mut there = app.browser();
    assert_eq!(begin(&mut there, &token, "https://links.example.org").status, 303);
    for bad in ["links.example.org", "https://links.example.org/x", "http://links.example.org", ""] {
        let reply = begin(&mut there, &token, bad);
        assert_eq!(reply.status, 422, "{bad}");
        assert!(reply.body.contains("id=\"f-base_url-error\""));
    }
}

#[test]
fn the_cookies_take_the_form_of_the_address_that_was_chosen() {
    let app = TestApp::new();
    let token = ticket(&app);
    let mut browser = app.browser();
    begin(&mut browser, &token, "https://links.example.org");
    name(&mut browser);
    let sheet = confirm(&app, &mut browser);
    let cookies = sheet.set_cookies().join("\n");
    assert!(cookies.contains("__Host-startlink=") && cookies.contains("__Host-startlink-device="), "{cookies}");
    assert!(is_signed_in(&mut browser));
    assert_eq!(Browser::new(&app, "other.example", "127.0.0.1:5".parse().unwrap()).get("/sign-in").status, 421);
}

#[test]
fn a_base_url_from_the_environment_is_locked_and_not_saved() {
    let environment = [("STARTLINK_BASE_URL", "https://fixed.example.org")];
    let app = TestApp::with(&Setting { environment: &environment, ..Setting::default() });
    let token = ticket(&app);
    let mut browser = app.local_browser();
    let page = browser.get(&format!("/setup?token={token}"));
    assert!(page.body.contains("value=\"https://fixed.example.org\"") && page.body.contains("STARTLINK_BASE_URL"));
    assert_eq!(begin(&mut browser, &token, "https://evil.example").status, 303);
    name(&mut browser);
    assert_eq!(confirm(&app, &mut browser).status, 200);
    assert_eq!(app.store.read(meta::saved).unwrap().base_url, None);
}

#[test]
fn in_the_sandbox_the_phone_takes_the_key() {
    let app = TestApp::with(&Setting { phone: Some("http://127.0.0.1:8090"), ..Setting::default() });
    let token = ticket(&app);
    let mut browser = app.local_browser();
    begin(&mut browser, &token, LOCAL);
    name(&mut browser);
    let page = browser.get("/setup/second-factor");
    assert!(
        page.body.contains("href=\"http://127.0.0.1:8090/authenticator?add=otpauth%3A%2F%2Ftotp%2F"),
        "{}",
        page.body
    );
}

#[test]
fn a_forged_browser_cookie_is_no_draft() {
    let app = TestApp::new();
    let token = ticket(&app);
    let mut browser = app.local_browser();
    begin(&mut browser, &token, LOCAL);
    browser.cookies.insert("startlink-setup".into(), Secret::new("x".repeat(43)).expose().to_owned());
    assert_eq!(name(&mut browser).status, 401);
    app.advance(Duration::from_secs(1));
}
