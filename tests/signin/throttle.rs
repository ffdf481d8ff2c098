//! Guessing gets slow, for strangers, without keeping the owner out.

use std::time::Duration;

use startlink::actions::security;
use startlink::runtime::block_on;

use super::{NEXT_STEP, ada, signed_in};
use crate::support::app::{PASSWORD, TestApp};
use crate::support::browser::{Browser, Reply, TOTP_SECRET, code_at};

fn guess(browser: &mut Browser) -> Reply {
    browser.get("/sign-in");
    browser.post("/sign-in", &[("name", "ada"), ("password", "a wrong guess, again")])
}

fn right(browser: &mut Browser) -> Reply {
    browser.get("/sign-in");
    browser.post("/sign-in", &[("name", "ada"), ("password", PASSWORD)])
}

#[test]
fn delays_grow_and_are_told_but_never_become_a_lock() {
    let app = TestApp::set_up();
    let mut browser = app.browser();
    for _ in 0..5 {
        assert_eq!(guess(&mut browser).status, 401);
    }
    let mut waits = Vec::new();
    for _ in 0..14 {
        let reply = guess(&mut browser);
        assert_eq!(reply.status, 429);
        let wait: u64 = reply.header("retry-after").unwrap().parse().unwrap();
        assert!(reply.body.contains(&format!("in {wait} s")), "{}", reply.body);
        assert_eq!(right(&mut browser).status, 429, "the right password waits as well");
        waits.push(wait);
        app.advance(Duration::from_secs(wait));
        assert_eq!(guess(&mut browser).status, 401);
    }
    assert_eq!(waits[..6], [1, 2, 4, 8, 16, 32]);
    assert_eq!(waits.last(), Some(&900), "the longest wait");
    app.advance(Duration::from_mins(15));
    assert_eq!(right(&mut browser).status, 303);
}

#[test]
fn a_browser_that_signed_in_before_is_not_kept_out_by_strangers() {
    let app = TestApp::set_up();
    let mut own = signed_in(&app);
    own.get("/admin/security");
    own.post("/sign-out", &[]);
    let mut stranger = app.browser();
    for _ in 0..5 {
        guess(&mut stranger);
    }
    assert_eq!(guess(&mut stranger).status, 429);
    assert_eq!(right(&mut app.browser()).status, 429, "an unknown browser in the same network waits");
    assert_eq!(right(&mut own).status, 303, "the known one does not");
    for _ in 0..5 {
        guess(&mut own);
    }
    assert_eq!(guess(&mut own).status, 429, "but it is no way around either");
}

#[test]
fn a_network_pays_for_all_the_names_it_tries() {
    let app = TestApp::set_up();
    let try_name = |name: &str| {
        let mut browser = app.browser();
        browser.get("/sign-in");
        browser.post("/sign-in", &[("name", name), ("password", "a wrong guess, again")]).status
    };
    for number in 0..20 {
        assert_eq!(try_name(&format!("nobody{number}")), 401);
    }
    assert_eq!(try_name("somebody"), 429);
}

#[test]
fn guesses_at_the_same_time_do_not_slip_through_together() {
    let app = TestApp::set_up();
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..12).map(|_| scope.spawn(|| guess(&mut app.browser()).status)).collect();
        tries.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 5, "{statuses:?}");
}

#[test]
fn the_second_factor_is_tried_thirty_times_a_day_and_recovery_codes_count_apart() {
    let app = TestApp::set_up();
    let mut browser = app.browser();
    right(&mut browser);
    browser.get("/sign-in/code");
    for _ in 0..30 {
        assert_eq!(browser.post("/sign-in/code", &[("code", "000000")]).status, 401);
    }
    let code = code_at(TOTP_SECRET, app.clock.now());
    assert_eq!(browser.post("/sign-in/code", &[("code", &code)]).status, 429);
    assert_eq!(browser.post("/sign-in/code", &[("recovery", "abcdef")]).status, 401);
    app.advance(Duration::from_hours(24));
    assert_eq!(app.browser().sign_in("ada").status, 303);
}

#[test]
fn the_operator_resets_throttling_with_a_new_password() {
    let app = TestApp::set_up();
    let mut browser = app.browser();
    for _ in 0..8 {
        guess(&mut browser);
    }
    assert_eq!(right(&mut browser).status, 429);
    let hash = app.admin("ada").1.credentials.password;
    block_on(app.store.write(move |tx| security::set_password(tx, &ada(), &hash))).unwrap();
    assert_eq!(right(&mut browser).status, 303);
    app.advance(NEXT_STEP);
}
