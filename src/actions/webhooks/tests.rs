//! Endpoints through their life: what is asked of them, and what the sender's rounds make of them.

use std::time::Duration;

use super::*;
use crate::actions::sweep::{self, Kept};
use crate::actions::testing::{Desk, OWNER, VIEWER};
use crate::actions::{Kind, chats, links};
use crate::ids::{AccountId, ChatId};
use crate::model::link::Target;
use crate::model::webhook::{ATTEMPTS_MAX, Outcome, TRIED};
use crate::store;

const URL: &str = "https://example.org/hook";

fn asked() -> NewEndpoint {
    NewEndpoint { url: URL.to_owned(), ..NewEndpoint::default() }
}

fn made(desk: &Desk) -> EndpointId {
    desk.run(|tx| create(tx, &OWNER, &WebhookAllow::default(), &asked())).0
}

fn shown(desk: &Desk, id: EndpointId) -> Shown {
    desk.read(|read| find(read, id)).unwrap()
}

fn turn(account: u64, event: u64) -> Turn {
    Turn { account: AccountId(account), event: EventId(event) }
}

fn ended(desk: &Desk, turn: Turn, outcome: Outcome) -> Ended {
    let took = Duration::from_millis(12);
    Ended { turn, at: desk.clock.now(), outcome, status: Some(500), took, wish: None }
}

/// A round in which one attempt ended.
fn round(desk: &Desk, id: EndpointId, turn: Turn, outcome: Outcome) {
    let round = Round { cursor: turn.event, held: Vec::new(), ended: vec![ended(desk, turn, outcome)] };
    desk.run(move |tx| Ok(settle(tx, id, &round)?));
}

fn due(desk: &Desk, id: EndpointId) -> Vec<Turn> {
    desk.read(|read| webhooks::due(read, id, 99)).into_iter().map(|(_, turn)| turn).collect()
}

fn log(desk: &Desk, id: EndpointId) -> Vec<(u64, u32, Outcome)> {
    let rows = desk.read(|read| attempts(read, id, None, 99));
    rows.into_iter().rev().map(|(_, row)| (row.event.0, row.number, row.outcome)).collect()
}

#[test]
fn an_endpoint_is_made_changed_and_deleted() {
    let desk = Desk::new();
    desk.linked("ada", 5);
    let (id, endpoint, secret) = desk.run(|tx| create(tx, &OWNER, &WebhookAllow::default(), &asked()));
    assert_eq!((endpoint.name.as_str(), endpoint.url.as_str(), &endpoint.events), ("example.org", URL, &Chosen::All));
    assert_eq!(shown(&desk, id).progress.cursor, EventId(1), "what happened before is not for it");
    let read = desk.store.snapshot().unwrap();
    assert!(secrets(&read, &endpoint) == [secret]);
    let change =
        Change { name: Some(" Shop ".into()), events: Some(Some(vec!["link.used".into()])), ..Change::default() };
    let new = desk.run(move |tx| edit(tx, &OWNER, &WebhookAllow::default(), id, &change));
    assert_eq!((new.name.as_str(), new.url.as_str()), ("Shop", URL));
    assert!(new.events.holds("link.used") && !new.events.holds("chat.linked"));
    desk.run(move |tx| test(tx, &OWNER, id));
    desk.run(move |tx| delete(tx, &OWNER, id));
    assert!(desk.read(list).is_empty());
    let told =
        ["webhook.delete Shop (example.org)", "webhook.test Shop (example.org)", "webhook.edit Shop (example.org)"];
    assert_eq!(desk.audit()[..3], told);
}

#[test]
fn what_is_wrong_with_an_endpoint_names_its_field() {
    let desk = Desk::new();
    for (new, field) in [
        (NewEndpoint { url: "http://example.org/".into(), ..asked() }, "url"),
        (NewEndpoint { name: "a\u{7}".into(), ..asked() }, "name"),
        (NewEndpoint { events: Some(Vec::new()), ..asked() }, "events"),
        (NewEndpoint { events: Some(vec!["link".into()]), ..asked() }, "events"),
    ] {
        let refused = desk.refused(move |tx| create(tx, &OWNER, &WebhookAllow::default(), &new));
        assert_eq!(refused.field, Some(field));
    }
    assert_eq!(desk.refused(|tx| create(tx, &VIEWER, &WebhookAllow::default(), &asked())).kind, Kind::Forbidden);
    for _ in 0..ENDPOINTS_MAX {
        made(&desk);
    }
    assert_eq!(desk.refused(|tx| create(tx, &OWNER, &WebhookAllow::default(), &asked())).kind, Kind::Conflict);
    assert_eq!(desk.refused(|tx| delete(tx, &OWNER, EndpointId(99))).kind, Kind::NotFound);
    assert_eq!(desk.refused(|tx| send_again(tx, &OWNER, EndpointId(1), EventId(9))).field, Some("event_id"));
}

#[test]
fn two_secrets_sign_for_a_day_after_a_rotation() {
    let desk = Desk::new();
    let (id, _, first) = desk.run(|tx| create(tx, &OWNER, &WebhookAllow::default(), &asked()));
    let (endpoint, second) = desk.run(move |tx| rotate(tx, &OWNER, id));
    let now = || desk.store.snapshot().unwrap();
    assert!(secrets(&now(), &endpoint) == [second.clone(), first]);
    desk.pass(OVERLAP);
    assert!(secrets(&now(), &endpoint) == [second]);
    desk.run(|tx| sweep::run(tx, &Kept::default()));
    assert_eq!(shown(&desk, id).endpoint.previous, None);
}

#[test]
fn a_failing_event_holds_later_ones_of_its_account_only() {
    let desk = Desk::new();
    let id = made(&desk);
    round(&desk, id, turn(1, 3), Outcome::Refused);
    let held = Round { cursor: EventId(6), held: vec![turn(1, 4), turn(2, 5), turn(0, 6)], ended: Vec::new() };
    desk.run(move |tx| Ok(settle(tx, id, &held)?));
    let mut next = due(&desk, id);
    next.sort();
    assert_eq!(next, [turn(0, 6), turn(1, 3), turn(2, 5)], "4 waits behind 3");
    let progress = shown(&desk, id).progress;
    assert_eq!((progress.cursor, progress.waiting), (EventId(6), 4));
    round(&desk, id, turn(1, 3), Outcome::Delivered);
    assert!(due(&desk, id).contains(&turn(1, 4)));
    assert_eq!(shown(&desk, id).progress.failing, None);
    assert_eq!(log(&desk, id), [(3, 1, Outcome::Refused), (3, 2, Outcome::Delivered)]);
}

#[test]
fn an_event_is_given_up_after_a_day_of_trying_while_others_arrive() {
    let desk = Desk::new();
    let id = made(&desk);
    let began = desk.clock.now();
    round(&desk, id, turn(1, 1), Outcome::TimedOut);
    let mut other = 1;
    loop {
        let (at, next) = desk.read(|read| webhooks::due(read, id, 1))[0];
        assert!(at > desk.clock.now() && at <= began.plus(TRIED), "it is never tried after the day");
        desk.pass(at.since(desk.clock.now()));
        other += 1;
        round(&desk, id, turn(2, other), Outcome::Delivered);
        round(&desk, id, next, Outcome::TimedOut);
        if due(&desk, id).is_empty() {
            break;
        }
    }
    assert_eq!(desk.clock.now(), began.plus(TRIED), "the last attempt is made when the day is over");
    let log = log(&desk, id);
    let (_, tries, outcome) = log[log.len() - 1];
    assert_eq!(outcome, Outcome::GivenUp);
    assert!((12..30).contains(&tries), "{tries}");
    assert!(shown(&desk, id).endpoint.is_active());
}

#[test]
fn an_endpoint_that_fails_for_a_day_is_switched_off_and_the_admins_are_told() {
    let desk = Desk::new();
    let id = made(&desk);
    let admin = desk.admin("root");
    let chat = desk.heard(7);
    desk.run(move |tx| chats::bind_admin(tx, chat, admin));
    round(&desk, id, turn(1, 1), Outcome::NoConnection);
    desk.pass(TRIED.saturating_sub(Duration::from_millis(1)));
    round(&desk, id, turn(2, 2), Outcome::NoConnection);
    assert!(shown(&desk, id).endpoint.is_active());
    desk.pass(Duration::from_millis(1));
    round(&desk, id, turn(1, 1), Outcome::TimedOut);
    let off = shown(&desk, id);
    let why = Why::Failing { since: desk.clock.now().minus(TRIED), last: Outcome::TimedOut };
    assert_eq!(off.endpoint.state, State::Off { at: desk.clock.now(), why });
    assert_eq!((off.progress.waiting, off.next_try), (2, None), "nothing is lost and nothing is tried");
    let (message, _) = desk.read(|read| store::messages::walk(read, None, 1)).remove(0);
    let said = desk.says(message).text;
    assert!(said.contains("\"example.org\" was switched off") && said.contains("did not answer in time"), "{said}");
    assert_eq!(desk.deliveries(message)[0].0, ChatId(7));
    assert_eq!(desk.refused(move |tx| test(tx, &OWNER, id)).kind, Kind::Conflict);
}

#[test]
fn the_backlog_of_an_endpoint_that_is_off_waits_three_days() {
    let desk = Desk::new();
    let id = made(&desk);
    round(&desk, id, turn(1, 1), Outcome::Gone);
    assert_eq!(shown(&desk, id).endpoint.state.word(), "gone");
    desk.pass(BACKLOG_KEPT);
    desk.run(|tx| sweep::run(tx, &Kept::default()));
    desk.run(move |tx| switch_on(tx, &OWNER, id));
    assert_eq!((due(&desk, id), shown(&desk, id).progress.failing), (vec![turn(1, 1)], None));
    desk.run(move |tx| switch_off(tx, &OWNER, id));
    desk.account("ada");
    desk.run(|tx| links::issue(tx, &OWNER, Target::Account(AccountId(1)), Duration::from_hours(1)));
    desk.pass(BACKLOG_KEPT + Duration::from_millis(1));
    desk.run(|tx| sweep::run(tx, &Kept::default()));
    assert_eq!(shown(&desk, id).progress.waiting, 0);
    desk.run(move |tx| switch_on(tx, &OWNER, id));
    assert_eq!(shown(&desk, id).progress.cursor, EventId(1), "it begins with what happens now");
}

#[test]
fn a_test_is_tried_once_and_does_not_count_against_the_endpoint() {
    let desk = Desk::new();
    let id = made(&desk);
    let event = desk.run(move |tx| test(tx, &OWNER, id));
    assert_eq!(due(&desk, id), [Turn { account: NOBODY, event }]);
    let failed =
        Round { ended: vec![ended(&desk, Turn { account: NOBODY, event }, Outcome::Tls)], ..Round::new(EventId(0)) };
    desk.run(move |tx| Ok(settle(tx, id, &failed)?));
    assert_eq!((due(&desk, id), shown(&desk, id).progress.failing), (Vec::new(), None));
    assert_eq!(log(&desk, id), [(event.0, 1, Outcome::Tls)]);
    assert!(desk.events().is_empty(), "the website's own events hold no test");
}

#[test]
fn a_test_leaves_before_what_waits_and_says_when_the_endpoint_is_gone() {
    let desk = Desk::new();
    let id = made(&desk);
    let held = Round { cursor: EventId(6), held: vec![turn(1, 4), turn(2, 5), turn(0, 6)], ended: Vec::new() };
    desk.run(move |tx| Ok(settle(tx, id, &held)?));
    desk.pass(Duration::from_mins(1));
    let tried = Turn { account: NOBODY, event: desk.run(move |tx| test(tx, &OWNER, id)) };
    assert_eq!(due(&desk, id)[0], tried);
    assert_eq!(shown(&desk, id).next_try, Some(desk.clock.now()));
    round(&desk, id, tried, Outcome::Gone);
    let off = shown(&desk, id);
    assert_eq!((off.endpoint.state.word(), off.progress.waiting), ("gone", 3));
    assert_eq!(log(&desk, id), [(tried.event.0, 1, Outcome::Gone)]);
}

#[test]
fn an_event_that_is_given_up_takes_its_trouble_along() {
    let desk = Desk::new();
    let id = made(&desk);
    round(&desk, id, turn(1, 1), Outcome::Refused);
    round(&desk, id, turn(2, 2), Outcome::Delivered);
    desk.pass(Duration::from_hours(1));
    round(&desk, id, turn(1, 1), Outcome::Refused);
    assert!(shown(&desk, id).progress.failing.is_some());
    desk.pass(TRIED.saturating_sub(Duration::from_hours(1)));
    round(&desk, id, turn(1, 1), Outcome::Refused);
    let left = shown(&desk, id);
    assert_eq!((left.progress.waiting, left.progress.failing), (0, None), "given up");
    desk.pass(Duration::from_hours(7 * 24));
    round(&desk, id, turn(3, 3), Outcome::Refused);
    let left = shown(&desk, id);
    assert!(left.endpoint.is_active() && left.progress.failing == Some(desk.clock.now()), "one failure is not a day");
}

#[test]
fn an_event_is_sent_again_when_asked_for() {
    let desk = Desk::new();
    let id = made(&desk);
    let (account, _) = desk.linked("ada", 5);
    let happened = Turn { account, event: EventId(1) };
    desk.run(move |tx| send_again(tx, &OWNER, id, EventId(1)));
    assert_eq!(due(&desk, id), [happened], "whatever the sender knows of it");
    desk.pass(Duration::from_secs(1));
    round(&desk, id, happened, Outcome::Delivered);
    assert!(due(&desk, id).is_empty());
    desk.run(move |tx| send_again(tx, &OWNER, id, EventId(1)));
    assert_eq!(due(&desk, id), [happened]);
    round(&desk, id, happened, Outcome::Broken);
    desk.run(move |tx| send_again(tx, &OWNER, id, EventId(1)));
    assert_eq!(desk.read(|read| webhooks::due(read, id, 9)), [(desk.clock.now(), happened)], "at once");
}

#[test]
fn an_event_that_is_asked_for_while_it_is_on_its_way_leaves_once_more() {
    let desk = Desk::new();
    let id = made(&desk);
    let (account, _) = desk.linked("ada", 5);
    let happened = Turn { account, event: EventId(1) };
    let began = desk.clock.now();
    desk.pass(Duration::from_secs(3));
    desk.run(move |tx| send_again(tx, &OWNER, id, EventId(1)));
    desk.pass(Duration::from_secs(1));
    let took = desk.clock.now().since(began);
    let first = Ended { took, ..ended(&desk, happened, Outcome::Delivered) };
    desk.run(move |tx| Ok(settle(tx, id, &Round { ended: vec![first], ..Round::new(EventId(1)) })?));
    assert_eq!(due(&desk, id), [happened]);
    desk.pass(Duration::from_secs(1));
    round(&desk, id, happened, Outcome::Delivered);
    assert!(due(&desk, id).is_empty(), "and not twice");
}

#[test]
fn another_address_is_tried_at_once_and_owes_nothing() {
    let desk = Desk::new();
    let id = made(&desk);
    for _ in 0..6 {
        round(&desk, id, turn(1, 1), Outcome::NoConnection);
    }
    let change = Change { name: Some("Shop".into()), ..Change::default() };
    desk.run(move |tx| edit(tx, &OWNER, &WebhookAllow::default(), id, &change));
    assert!(shown(&desk, id).progress.failing.is_some(), "a name changes nothing");
    desk.pass(Duration::from_mins(1));
    let change = Change { url: Some("https://example.com/".into()), ..Change::default() };
    desk.run(move |tx| edit(tx, &OWNER, &WebhookAllow::default(), id, &change));
    assert_eq!(shown(&desk, id).progress.failing, None);
    let row = desk.read(|read| webhooks::waiting(read, id, turn(1, 1))).unwrap();
    assert_eq!((row.due, row.since, row.tries), (desk.clock.now(), None, 0));
}

#[test]
fn the_first_success_after_trouble_brings_the_rest_along() {
    let desk = Desk::new();
    let id = made(&desk);
    for _ in 0..6 {
        round(&desk, id, turn(1, 1), Outcome::NoConnection);
    }
    let later = |desk: &Desk| desk.read(|read| webhooks::due(read, id, 1))[0].0.since(desk.clock.now());
    round(&desk, id, turn(2, 2), Outcome::Delivered);
    assert!(later(&desk) > Duration::from_mins(10), "one event of many fails: that is no trouble");
    round(&desk, id, turn(1, 1), Outcome::NoConnection);
    desk.pass(Duration::from_mins(5));
    round(&desk, id, turn(3, 3), Outcome::Delivered);
    assert_eq!(later(&desk), Duration::ZERO);
}

#[test]
fn the_log_has_an_end() {
    let desk = Desk::new();
    let id = made(&desk);
    let many = ATTEMPTS_MAX + 3;
    desk.run(move |tx| {
        let (at, outcome) = (tx.now(), Outcome::Delivered);
        let one = |event| Ended { turn: turn(1, event), at, outcome, status: None, took: Duration::ZERO, wish: None };
        Ok(settle(tx, id, &Round { ended: (1..=many).map(one).collect(), ..Round::new(EventId(0)) })?)
    });
    let rows = |desk: &Desk| desk.read(|read| attempts(read, id, None, 9999));
    assert_eq!((rows(&desk).len(), rows(&desk)[0].0), (500, AttemptId(many)));
    let page = desk.read(|read| attempts(read, id, Some(AttemptId(many)), 1));
    assert_eq!(page[0].0, AttemptId(many - 1));
    desk.pass(ATTEMPTS_KEPT + Duration::from_millis(1));
    desk.run(|tx| sweep::run(tx, &Kept::default()));
    assert_eq!(rows(&desk).len(), 1, "the newest says where to count on");
}

#[test]
fn an_endpoint_says_when_it_may_be_asked_again() {
    let desk = Desk::new();
    let id = made(&desk);
    let wish = Some(Duration::from_hours(9));
    let busy = Ended { wish, status: Some(429), ..ended(&desk, turn(1, 1), Outcome::Refused) };
    desk.run(move |tx| Ok(settle(tx, id, &Round { ended: vec![busy], ..Round::new(EventId(0)) })?));
    let (at, _) = desk.read(|read| webhooks::due(read, id, 1))[0];
    assert_eq!(at.since(desk.clock.now()), Duration::from_hours(1), "within reason");
}
