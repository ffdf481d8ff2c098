//! Letting people in and shutting them out.

use std::net::{IpAddr, Ipv4Addr};

use super::*;
use crate::actions::Kind;
use crate::actions::accounts::{self, NewAccount};
use crate::actions::session::{Signed, find};
use crate::actions::testing::{Desk, OWNER, VIEWER, config};
use crate::actions::throttle::Tries;
use crate::ids::AdminId;
use crate::model::event::Actor;
use crate::model::session::Stage;
use crate::model::settings::Saved;

fn at() -> (From, Origin) {
    let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
    (From { network: "127.0.0.1".into(), device: None }, Origin { address, agent: "Firefox".into() })
}

/// Lets a person in, who takes the invitation up.
fn entered(desk: &Desk, id: AccountId) -> Half {
    let token = desk.run(move |tx| invite(tx, &OWNER, id));
    let (from, origin) = at();
    desk.run(move |tx| accept(tx, &token, "$argon2id$x", (&from, &origin)))
}

fn signed(desk: &Desk, half: &Half) -> Option<Signed<AccountId>> {
    desk.read(|read| find(read, half.session.hash()))
}

fn switch(desk: &Desk, off: bool) {
    desk.run(move |tx| Ok(meta::save(tx, &Saved { no_portal: off, ..Saved::default() })?));
}

#[test]
fn an_invitation_is_taken_up_once_within_its_week_and_only_the_newest() {
    let desk = Desk::new();
    let id = desk.account("ada");
    let older = desk.run(move |tx| invite(tx, &OWNER, id));
    let newer = desk.run(move |tx| invite(tx, &OWNER, id));
    let is_good = |token: &Secret| desk.read(|read| invited(read, token)).is_some();
    assert!(!is_good(&older) && is_good(&newer));
    assert!(!is_good(&Secret::new(newer.expose().replacen("1.", "2.", 1))) && !is_good(&Secret::new("1.x")));
    let token = newer.clone();
    let (from, origin) = at();
    let half = desk.run(move |tx| accept(tx, &token, "$argon2id$x", (&from, &origin)));
    assert_eq!(half.stage, Stage::Full, "a second factor is theirs to choose");
    assert!(half.device.is_some() && signed(&desk, &half).is_some());
    assert!(!is_good(&newer));
    let (from, origin) = at();
    let again = desk.refused(move |tx| accept(tx, &newer, "$argon2id$y", (&from, &origin)));
    assert_eq!(again.kind, Kind::Unproven);
    let late = desk.run(move |tx| invite(tx, &OWNER, id));
    desk.pass(INVITE_LIFE);
    assert!(desk.read(|read| invited(read, &late)).is_none());
}

#[test]
fn only_operators_let_people_in_and_shut_them_out() {
    let desk = Desk::new();
    let id = desk.account("ada");
    assert_eq!(desk.refused(move |tx| invite(tx, &VIEWER, id)).kind, Kind::Forbidden);
    assert_eq!(desk.refused(move |tx| set_password(tx, &VIEWER, id, "x")).kind, Kind::Forbidden);
    assert_eq!(desk.refused(move |tx| shut_out(tx, &VIEWER, id)).kind, Kind::Forbidden);
    assert_eq!(desk.refused(move |tx| shut_out(tx, &OWNER, id)).kind, Kind::Conflict);
    assert_eq!(desk.refused(|tx| invite(tx, &OWNER, AccountId(99))).kind, Kind::NotFound);
}

#[test]
fn a_renamed_account_keeps_its_person_and_a_deleted_one_leaves_nothing() {
    let desk = Desk::new();
    let id = desk.account("ada");
    let half = entered(&desk, id);
    let typed = NewAccount { username: "ada.l", name: "", tags: "" };
    desk.run(move |tx| accounts::edit(tx, &OWNER, id, typed));
    assert_eq!(signed(&desk, &half).unwrap().person.username.as_str(), "ada.l");
    desk.run(move |tx| accounts::erase(tx, Actor::Person(id), id));
    assert!(signed(&desk, &half).is_none());
    assert_eq!(desk.read(|read| members::get(read, id)), None);
    assert_eq!(desk.read(|read| sessions::of(read, id)).len(), 0);
    assert_eq!(desk.read(|read| sessions::devices_of(read, id)).len(), 0);
}

#[test]
fn a_new_password_and_shutting_out_end_all_sessions() {
    let desk = Desk::new();
    let id = desk.account("ada");
    let half = entered(&desk, id);
    desk.run(move |tx| set_password(tx, &OWNER, id, "$argon2id$z"));
    assert!(signed(&desk, &half).is_none());
    assert!(desk.read(|read| standing(read, id)).unwrap().has_password);
    let half = entered(&desk, id);
    desk.run(move |tx| shut_out(tx, &OWNER, id));
    assert!(signed(&desk, &half).is_none());
    assert_eq!(desk.read(|read| standing(read, id)), None);
    let words = desk.audit();
    assert!(words.contains(&"portal.shut_out ada".to_owned()) && words.contains(&"portal.password.set ada".to_owned()));
}

#[test]
fn while_it_is_switched_off_nobody_is_known() {
    let desk = Desk::new();
    let id = desk.account("ada");
    let half = entered(&desk, id);
    let open = desk.run(move |tx| invite(tx, &OWNER, id));
    switch(&desk, true);
    assert!(signed(&desk, &half).is_none());
    assert!(desk.read(|read| invited(read, &open)).is_none());
    assert!(desk.read(|read| AccountId::named(read, "ada")).is_none());
    assert_eq!(desk.refused(move |tx| invite(tx, &OWNER, id)).kind, Kind::Conflict);
    switch(&desk, false);
    assert!(signed(&desk, &half).is_some(), "it was never ended");
}

#[test]
fn failures_of_one_kind_do_not_count_for_the_other() {
    let desk = Desk::new();
    desk.account("root");
    for _ in 0..10 {
        desk.run(|tx| Ok(Tries::new::<AccountId>("root", "127.0.0.1", None).charge(tx)?));
    }
    let wait = desk.run(|tx| Ok(Tries::new::<AccountId>("root", "127.0.0.1", None).charge(tx)?));
    assert!(wait.is_some());
    assert_eq!(desk.run(|tx| Ok(Tries::new::<AdminId>("root", "127.0.0.1", None).charge(tx)?)), None);
}

#[test]
fn a_cookie_of_one_kind_is_none_of_the_other() {
    let desk = Desk::new();
    let id = desk.account("ada");
    let half = entered(&desk, id);
    assert!(desk.read(|read| find::<AdminId>(read, half.session.hash())).is_none());
}

#[test]
fn links_of_ones_own_are_limited_a_day() {
    let desk = Desk::new();
    let id = desk.account("ada");
    let caller = Caller::internal(Actor::Person(id));
    for _ in 0..throttle::CODES_A_DAY {
        desk.run(move |tx| connect(tx, &caller, &config(&[]), id));
    }
    let refused = desk.refused(move |tx| connect(tx, &caller, &config(&[]), id));
    assert!(matches!(refused.kind, Kind::TooMany { .. }));
}
