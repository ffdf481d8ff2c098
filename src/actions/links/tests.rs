//! One code at a time, each with one end, and the website told of all of them.

use super::*;
use crate::actions::Kind;
use crate::actions::testing::{Desk, OWNER, VIEWER};
use crate::ids::AccountId;
use crate::model::link::{HOLD, LinkStatus};

const QUARTER: Duration = Duration::from_mins(15);

fn issued(desk: &Desk, account: AccountId) -> Issued {
    desk.run(move |tx| issue(tx, &OWNER, Target::Account(account), QUARTER))
}

fn held(desk: &Desk, id: LinkId) {
    desk.run(move |tx| {
        let link = links::get(tx, id)?.unwrap();
        let until = tx.now().plus(HOLD);
        Ok(hold(tx, id, &link, ChatId(5), until)?)
    });
}

fn status(desk: &Desk, id: LinkId) -> LinkStatus {
    desk.read(|read| links::get(read, id)).unwrap().status(desk.clock.now())
}

fn stored(desk: &Desk, id: LinkId) -> LinkState {
    desk.read(|read| links::get(read, id)).unwrap().state
}

fn swept(desk: &Desk, limit: usize) -> usize {
    desk.run(move |tx| sweep(tx, limit))
}

#[test]
fn a_new_link_is_found_by_its_code_alone() {
    let desk = Desk::new();
    let account = desk.account("ada");
    let made = issued(&desk, account);
    let found = desk.read(|read| links::find(read, made.code.hash())).unwrap();
    assert_eq!(found.0, made.id);
    assert_eq!((found.1.issued_by, found.1.expires), (OWNER.actor, desk.clock.now().plus(QUARTER)));
    assert!(desk.read(|read| Ok(links::code(read, &found.1))).unwrap() == made.code);
    assert_eq!(desk.events(), [("ada".into(), EventKind::LinkCreated(made.id))]);
    assert_eq!(desk.audit()[0], "link.create ada");
}

#[test]
fn a_newer_code_revokes_the_older_even_while_a_chat_is_asked() {
    let desk = Desk::new();
    let account = desk.account("ada");
    let first = issued(&desk, account).id;
    let second = issued(&desk, account).id;
    held(&desk, second);
    let third = issued(&desk, account).id;
    assert_eq!(
        [first, second, third].map(|id| status(&desk, id)),
        [LinkStatus::Revoked, LinkStatus::Revoked, LinkStatus::Open]
    );
    let revoked = desk.events().into_iter().filter(|(_, kind)| matches!(kind, EventKind::LinkRevoked(..))).count();
    assert_eq!(revoked, 2);
}

#[test]
fn a_code_that_ran_out_before_the_next_was_made_is_called_expired() {
    let desk = Desk::new();
    let account = desk.account("ada");
    let first = issued(&desk, account).id;
    desk.pass(QUARTER);
    issued(&desk, account);
    assert_eq!(status(&desk, first), LinkStatus::Expired);
    assert!(desk.events().contains(&("ada".into(), EventKind::LinkExpired(first))));
}

#[test]
fn an_admin_links_their_own_chat_and_the_site_is_not_told() {
    let desk = Desk::new();
    let admin = desk.admin("root");
    let own = Caller { role: Role::Viewer, actor: Actor::Admin(admin) };
    let first = desk.run(move |tx| issue(tx, &own, Target::Admin(admin), QUARTER)).id;
    desk.run(move |tx| issue(tx, &own, Target::Admin(admin), QUARTER));
    assert_eq!(status(&desk, first), LinkStatus::Revoked);
    assert_eq!(desk.events(), []);
    assert_eq!(desk.refused(move |tx| issue(tx, &VIEWER, Target::Admin(admin), QUARTER)).kind, Kind::Forbidden);
}

#[test]
fn what_cannot_be_issued_or_revoked_is_refused() {
    let desk = Desk::new();
    let account = Target::Account(desk.account("ada"));
    for lifetime in [Duration::from_secs(59), LIFETIME_MAX + QUARTER] {
        let refusal = desk.refused(move |tx| issue(tx, &OWNER, account, lifetime).map(|_| ()));
        assert_eq!(refusal.field, Some("lifetime"));
    }
    let nobody = Target::Account(AccountId(9));
    assert_eq!(desk.refused(move |tx| issue(tx, &OWNER, nobody, QUARTER)).kind, Kind::NotFound);
    assert_eq!(desk.refused(move |tx| issue(tx, &VIEWER, account, QUARTER)).kind, Kind::Forbidden);
    assert_eq!(desk.refused(|tx| revoke(tx, &OWNER, LinkId(9))).kind, Kind::NotFound);
}

#[test]
fn a_link_is_revoked_once_and_a_used_one_never() {
    let desk = Desk::new();
    let account = desk.account("ada");
    let first = issued(&desk, account).id;
    let revoked = desk.run(move |tx| revoke(tx, &OWNER, first));
    assert!(revoked.sealed_code.is_none());
    assert_eq!(desk.refused(move |tx| revoke(tx, &OWNER, first)).kind, Kind::Conflict);
    let second = issued(&desk, account);
    desk.run(move |tx| Ok(mark_used(tx, second.id, &second.link, ChatId(5))?));
    assert_eq!(desk.refused(move |tx| revoke(tx, &OWNER, second.id)).kind, Kind::Conflict);
    assert_eq!(desk.events().pop(), Some(("ada".into(), EventKind::LinkUsed(second.id, ChatId(5)))));
}

#[test]
fn the_sweep_frees_lapsed_questions_and_writes_down_what_expired() {
    let desk = Desk::new();
    let (ada, ben) = (desk.account("ada"), desk.account("ben"));
    let asked = issued(&desk, ada).id;
    held(&desk, asked);
    let plain = issued(&desk, ben).id;
    assert_eq!(swept(&desk, 10), 0);
    desk.pass(HOLD);
    assert_eq!((swept(&desk, 10), stored(&desk, asked)), (1, LinkState::Open));
    desk.pass(QUARTER.saturating_sub(HOLD));
    let at = desk.clock.now();
    desk.pass(QUARTER);
    assert_eq!(swept(&desk, 10), 2);
    assert_eq!([asked, plain].map(|id| stored(&desk, id)), [LinkState::Expired { at }; 2]);
    assert_eq!(swept(&desk, 10), 0);
}

#[test]
fn a_question_that_outlives_its_code_ends_it_when_it_lapses() {
    let desk = Desk::new();
    let id = issued(&desk, desk.account("ada")).id;
    desk.pass(Duration::from_mins(14));
    held(&desk, id);
    desk.pass(Duration::from_mins(5));
    assert_eq!((swept(&desk, 10), status(&desk, id)), (0, LinkStatus::Held));
    desk.pass(HOLD);
    assert_eq!((swept(&desk, 10), status(&desk, id)), (1, LinkStatus::Expired));
}

#[test]
fn ended_links_are_known_for_90_days_and_a_full_sweep_says_so() {
    let desk = Desk::new();
    let account = desk.account("ada");
    let ids: Vec<_> = (0..3).map(|_| issued(&desk, account).id).collect();
    desk.pass(QUARTER);
    assert_eq!(swept(&desk, 10), 1);
    desk.pass(KEPT.saturating_sub(QUARTER));
    assert_eq!(swept(&desk, 10), 0);
    desk.pass(QUARTER + Duration::from_millis(1));
    assert_eq!([swept(&desk, 2), swept(&desk, 2), swept(&desk, 2)], [2, 1, 0]);
    assert!(ids.iter().all(|id| desk.read(|read| links::get(read, *id)).is_none()));
}
