//! Answers that give way to each other, messages that are accounted for from the first moment.

use std::time::Duration;

use super::*;
use crate::actions::Kind;
use crate::actions::chats;
use crate::actions::testing::{Desk, OWNER, VIEWER};
use crate::ids::AdminId;
use crate::model::chat::{ANSWERS_PER_MINUTE, Reachability};
use crate::model::delivery::{NO_CHAT, Reason, Standing};
use crate::model::message::{BUTTONS_MAX, Button, ButtonAction, Format, Media, Weight};
use crate::store::{Counter, Metric, count, daily};

fn say(desk: &Desk, chat: ChatId, weight: Weight, text: &'static str) -> Option<MessageId> {
    desk.run(move |tx| answer(tx, chat, None, weight, &Body::plain(text)))
}

fn post(desk: &Desk, to: To) -> (MessageId, Vec<(DeliveryId, Delivery)>) {
    desk.run(move |tx| send(tx, &OWNER, to, Body::plain("hello"), SendOptions::default()))
}

/// As if the sender had taken the chat's answer.
fn sent(desk: &Desk, message: MessageId) {
    desk.run(move |tx| {
        let at = tx.now();
        for (id, delivery) in deliveries::of_message(tx, message)? {
            end(tx, id, &delivery, DeliveryState::Sent { telegram: TelegramMessageId(1), at })?;
        }
        Ok(())
    });
}

fn waiting(desk: &Desk, lane: Lane) -> u64 {
    desk.read(|read| count(read, Counter::Deliveries(lane, Standing::Queued)))
}

#[test]
fn an_answer_waits_in_the_first_lane() {
    let desk = Desk::new();
    let (account, chat) = desk.linked("ada", 5);
    let id = desk.run(move |tx| answer(tx, chat, Some(account), Weight::Command, &Body::plain("hi"))).unwrap();
    let (to, delivery) = desk.deliveries(id).remove(0);
    assert_eq!((to, delivery.lane, delivery.policy), (chat, Lane::Replies, Policy::AtLeastOnce));
    assert_eq!(desk.says(id), Body::plain("hi"));
    assert_eq!(desk.chat(chat).last_answer, Some(DeliveryId { message: id, chat }));
}

#[test]
fn of_two_waiting_answers_the_heavier_stays_and_of_equal_ones_the_newer() {
    let desk = Desk::new();
    let chat = desk.heard(5);
    say(&desk, chat, Weight::Courtesy, "a").unwrap();
    say(&desk, chat, Weight::Command, "b").unwrap();
    let newer = say(&desk, chat, Weight::Command, "c").unwrap();
    assert_eq!(say(&desk, chat, Weight::Courtesy, "d"), None);
    assert_eq!(desk.says(newer), Body::plain("c"));
    // What was overtaken leaves no row.
    assert_eq!((waiting(&desk, Lane::Replies), desk.read(|read| count(read, Counter::Messages))), (1, 1));
    let outcome = say(&desk, chat, Weight::Outcome, "e").unwrap();
    assert_eq!(desk.chat(chat).last_answer.map(|id| id.message), Some(outcome));
}

#[test]
fn an_answer_that_is_on_its_way_is_left_alone() {
    let desk = Desk::new();
    let chat = desk.heard(5);
    let first = say(&desk, chat, Weight::Outcome, "a").unwrap();
    desk.run(move |tx| {
        let since = tx.now();
        let id = DeliveryId { message: first, chat };
        let old = deliveries::get(tx, id)?.unwrap();
        Ok(end(tx, id, &old, DeliveryState::Sending { since, due: since })?)
    });
    assert!(say(&desk, chat, Weight::Courtesy, "b").is_some());
    assert_eq!(desk.says(first), Body::plain("a"));
}

#[test]
fn a_chat_gets_six_answers_a_minute_and_more_only_about_codes() {
    let desk = Desk::new();
    let chat = desk.heard(5);
    for _ in 0..ANSWERS_PER_MINUTE {
        sent(&desk, say(&desk, chat, Weight::Command, "a").unwrap());
    }
    assert_eq!(say(&desk, chat, Weight::Command, "b"), None);
    for _ in ANSWERS_PER_MINUTE..OUTCOMES_PER_MINUTE {
        sent(&desk, say(&desk, chat, Weight::Outcome, "c").unwrap());
    }
    assert_eq!(say(&desk, chat, Weight::Outcome, "d"), None);
    desk.pass(MINUTE);
    assert!(say(&desk, chat, Weight::Courtesy, "e").is_some());
}

const MINUTE: Duration = Duration::from_mins(1);

#[test]
fn a_chat_that_cannot_be_reached_is_not_answered() {
    let desk = Desk::new();
    let chat = desk.heard(5);
    desk.run(move |tx| chats::set_reachability(tx, chat, Reachability::Blocked));
    assert_eq!(say(&desk, chat, Weight::Outcome, "a"), None);
    assert_eq!(say(&desk, ChatId(6), Weight::Outcome, "a"), None);
}

#[test]
fn a_message_to_an_account_goes_to_each_chat_that_can_be_reached() {
    let desk = Desk::new();
    let (account, first) = desk.linked("ada", 5);
    let (second, lost) = (desk.heard(6), desk.heard(7));
    desk.run(move |tx| chats::bind(tx, second, account));
    desk.run(move |tx| chats::bind(tx, lost, account));
    desk.run(move |tx| chats::set_reachability(tx, lost, Reachability::Blocked));
    let (_, rows) = post(&desk, To::Account(account));
    assert_eq!(rows.iter().map(|(id, _)| id.chat).collect::<Vec<_>>(), [first, second]);
    assert!(rows.iter().all(|(_, row)| row.lane == Lane::Single && row.account == Some(account)));
    assert_eq!(desk.audit()[0], "message.send ada");
}

#[test]
fn an_account_without_a_chat_gets_one_failed_delivery_and_the_site_hears_of_it() {
    let desk = Desk::new();
    let account = desk.account("ada");
    let (message, rows) = post(&desk, To::Account(account));
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].0.chat, NO_CHAT);
    assert!(matches!(rows[0].1.state, DeliveryState::Failed { reason: Reason::NotLinked, .. }));
    assert_eq!(desk.events(), [("ada".into(), EventKind::MessageFailed(message, None))]);
    let today = desk.clock.now();
    assert_eq!(desk.read(|read| daily(read, Metric::Failed, today, 1)), [1]);
}

#[test]
fn a_message_to_a_blocked_chat_says_why_it_failed() {
    let desk = Desk::new();
    let (_, chat) = desk.linked("ada", 5);
    desk.run(move |tx| chats::set_reachability(tx, chat, Reachability::Blocked));
    let (message, rows) = post(&desk, To::Chat(chat));
    assert!(matches!(rows[0].1.state, DeliveryState::Failed { reason: Reason::Blocked, .. }));
    assert_eq!(desk.events().pop(), Some(("ada".into(), EventKind::MessageFailed(message, Some(chat)))));
}

#[test]
fn only_connected_chats_and_those_who_exist_are_written_to() {
    let desk = Desk::new();
    let stranger = desk.heard(5);
    for (to, kind) in [
        (To::Chat(stranger), Kind::Conflict),
        (To::Chat(ChatId(9)), Kind::NotFound),
        (To::Account(AccountId(9)), Kind::NotFound),
        (To::Admin(AdminId(9)), Kind::NotFound),
    ] {
        let refusal = desk.refused(move |tx| send(tx, &OWNER, to, Body::plain("x"), SendOptions::default()));
        assert_eq!(refusal.kind, kind, "{to:?}");
    }
    let account = To::Account(desk.account("ada"));
    let refusal = desk.refused(move |tx| send(tx, &VIEWER, account, Body::plain("x"), SendOptions::default()));
    assert_eq!(refusal.kind, Kind::Forbidden);
}

#[test]
fn what_telegram_would_refuse_is_refused_with_its_field() {
    let desk = Desk::new();
    let (account, _) = desk.linked("ada", 5);
    let button = |label: &str, action| Button { label: label.into(), action };
    let with = |buttons| Body { buttons: vec![buttons], ..Body::plain("x") };
    let open = |address: &str| ButtonAction::Open(address.into());
    let bodies = [
        ("text", Body::plain(" \r\n")),
        ("text", Body::plain("x".repeat(4097))),
        ("text", Body { format: Format::Html, ..Body::plain("<b>open") }),
        ("media", Body { media: Some(Media::Photo), ..Body::plain("x") }),
        ("buttons", with(vec![button("", open("https://a.example"))])),
        ("buttons", with(vec![button("go", open("javascript:alert(1)"))])),
        ("buttons", with(vec![button("go", ButtonAction::Tell("undo:1".into()))])),
        ("buttons", with(vec![button("go", open("https://a.example")); BUTTONS_MAX + 1])),
    ];
    for (field, body) in bodies {
        let shown = format!("{body:?}");
        let refusal =
            desk.refused(move |tx| send(tx, &OWNER, To::Account(account), body.clone(), SendOptions::default()));
        assert_eq!(refusal.field, Some(field), "{shown}: {refusal}");
    }
    let long = SendOptions { lifetime: LIFETIME_MAX + MINUTE, ..SendOptions::default() };
    let refusal = desk.refused(move |tx| send(tx, &OWNER, To::Account(account), Body::plain("x"), long));
    assert_eq!(refusal.field, Some("lifetime"));
    let fine = with(vec![button("go", open("https://a.example/?x=1"))]);
    assert!(desk.store.read(|read| check(read, fine)).is_ok());
}

#[test]
fn what_a_connected_person_writes_is_kept_and_told_what_a_stranger_writes_is_not() {
    let desk = Desk::new();
    let (account, chat) = desk.linked("ada", 5);
    let stranger = desk.heard(6);
    let body = Body::plain("hi there");
    let kept = desk.run(move |tx| receive(tx, chat, Some(account), TelegramMessageId(3), &body)).unwrap();
    assert_eq!(desk.run(move |tx| receive(tx, stranger, None, TelegramMessageId(4), &Body::plain("x"))), None);
    let rows = desk.read(|read| messages::conversation(read, account, None, 10));
    assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), [kept]);
    assert_eq!(desk.events().pop(), Some(("ada".into(), EventKind::MessageReceived(kept, chat))));
    let today = desk.clock.now();
    assert_eq!(desk.read(|read| daily(read, Metric::Received, today, 1)), [1]);
}

#[test]
fn a_message_is_cancelled_while_it_waits_and_not_after() {
    let desk = Desk::new();
    let (account, _) = desk.linked("ada", 5);
    let (message, _) = post(&desk, To::Account(account));
    assert_eq!(desk.run(move |tx| cancel(tx, &OWNER, message)), 1);
    assert!(matches!(desk.deliveries(message)[0].1.state, DeliveryState::Cancelled { .. }));
    assert_eq!(desk.refused(move |tx| cancel(tx, &OWNER, message)).kind, Kind::Conflict);
    let (other, _) = post(&desk, To::Account(account));
    sent(&desk, other);
    assert_eq!(desk.refused(move |tx| cancel(tx, &OWNER, other)).kind, Kind::Conflict);
    assert_eq!(desk.refused(move |tx| cancel(tx, &OWNER, MessageId(99))).kind, Kind::NotFound);
}

#[test]
fn a_change_that_is_asked_for_in_flight_waits_where_changes_wait() {
    let desk = Desk::new();
    let (account, chat) = desk.linked("ada", 5);
    let (message, _) = post(&desk, To::Account(account));
    let id = DeliveryId { message, chat };
    desk.run(move |tx| {
        let (old, now) = (deliveries::get(tx, id)?.unwrap(), tx.now());
        Ok(end(tx, id, &old, DeliveryState::Sending { since: now, due: now })?)
    });
    let touched = desk.run(move |tx| edit(tx, &OWNER, message, &|body: &mut Body| body.text = "two".into()));
    assert_eq!((touched, desk.says(message).text.as_str()), (Touched { waiting: 0, sent: 1 }, "two"));
    // Arrived in the same moment: the change is due where the send was.
    sent(&desk, message);
    let waits = desk.read(|read| deliveries::due(read, Lane::Single, read.now(), None, 9));
    assert_eq!(waits.into_iter().map(|(_, id)| id).collect::<Vec<_>>(), [id]);
    assert_eq!(desk.read(|read| deliveries::pending_of_chat(read, chat)), [], "an unbinding does not take it back");
    let report = desk.read(crate::store::check::check);
    assert!(report.is_clean(), "{:?}", report.findings);
}
