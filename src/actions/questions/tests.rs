//! One answer, whoever presses, and what a press proves.

use std::time::Duration;

use super::*;
use crate::actions::broadcasts::Draft;
use crate::actions::broadcasts::tests::{begin, settle, write};
use crate::actions::messages::{SendOptions, To, edit, send};
use crate::actions::settings::Voice;
use crate::actions::testing::{Desk, OWNER};
use crate::actions::{Kind, chats};
use crate::ids::{AccountId, ChatId};
use crate::model::broadcast::Audience;
use crate::model::event::Unlinked;
use crate::model::message::ButtonAction;

const SEEN: TelegramMessageId = TelegramMessageId(41);

fn question() -> Body {
    let button = |label: &str, value: &str| Button { label: label.into(), action: ButtonAction::Answer(value.into()) };
    let body = Body::plain("Approve?").with_row(vec![button("Yes", "yes"), button("No", "no")]);
    Body { answer_within: Some(60), ..body }
}

fn ask(desk: &Desk, account: AccountId) -> MessageId {
    desk.run(move |tx| send(tx, &OWNER, To::Account(account), question(), SendOptions::default())).0
}

fn push(desk: &Desk, chat: ChatId, ballot: Ballot) -> Pressed {
    desk.run(move |tx| {
        let voice = Voice::load(tx)?;
        let row = store::chats::get(tx, chat)?.unwrap();
        press(tx, &Asker { id: chat, chat: &row, voice: &voice }, ballot, SEEN)
    })
}

fn of(message: MessageId, button: u8) -> Ballot {
    Ballot { asked: Asked::Message(message), button }
}

fn put(desk: &Desk, message: MessageId, chat: ChatId, change: impl Fn(&mut Delivery) + Send + 'static) {
    desk.run(move |tx| {
        let id = DeliveryId { message, chat };
        let old = deliveries::get(tx, id)?.unwrap();
        let mut new = old.clone();
        change(&mut new);
        Ok(deliveries::update(tx, id, &old, &new)?)
    });
}

fn sent(desk: &Desk, message: MessageId, chat: ChatId) {
    let at = desk.clock.now();
    put(desk, message, chat, move |row| row.state = DeliveryState::Sent { telegram: SEEN, at });
}

fn answers(desk: &Desk) -> Vec<EventKind> {
    let pressed = |kind: &EventKind| matches!(kind, EventKind::ButtonPressed(..) | EventKind::BroadcastAnswered(..));
    desk.events().into_iter().map(|(_, kind)| kind).filter(pressed).collect()
}

#[test]
fn the_first_press_is_the_answer_and_marks_every_phone() {
    let desk = Desk::new();
    let (ada, phone) = desk.linked("ada", 11);
    let tablet = desk.heard(12);
    desk.run(move |tx| chats::bind(tx, tablet, ada));
    let message = ask(&desk, ada);
    sent(&desk, message, phone);
    sent(&desk, message, tablet);
    assert_eq!(push(&desk, tablet, of(message, 1)).notice, "Noted: No");
    for (chat, row) in desk.deliveries(message) {
        assert_eq!(row.change.map(|change| change.deed), Some(Deed::Mark), "{chat}");
    }
    for (chat, button) in [(tablet, 1), (tablet, 0), (phone, 0)] {
        let again = push(&desk, chat, of(message, button));
        assert_eq!(again.notice, "This was answered already: No");
        assert_eq!(again.buttons.unwrap().concat()[0].label, "\u{2713} No", "it is marked again");
    }
    let answer = desk.read(|read| store::messages::get(read, message)).unwrap().answer.unwrap();
    assert_eq!((answer.button, answer.chat), (1, tablet));
    assert_eq!(answers(&desk), [EventKind::ButtonPressed(message, tablet)]);
}

#[test]
fn a_press_after_the_time_or_of_another_chat_changes_nothing() {
    let desk = Desk::new();
    let (ada, phone) = desk.linked("ada", 11);
    let (_, stranger) = desk.linked("ben", 21);
    let message = ask(&desk, ada);
    sent(&desk, message, phone);
    assert_eq!(push(&desk, stranger, of(message, 0)), push(&desk, phone, of(MessageId(99), 0)));
    let unknown = push(&desk, phone, of(message, 7));
    assert!(unknown.notice.starts_with("This question is not for this chat."), "{}", unknown.notice);
    desk.pass(Duration::from_mins(1));
    let late = push(&desk, phone, of(message, 0));
    assert_eq!(
        (late.notice.as_str(), late.buttons),
        ("The time to answer this is over. Nothing was changed.", Some(vec![]))
    );
    assert_eq!(desk.read(|read| store::messages::get(read, message)).unwrap().answer, None);
    assert!(answers(&desk).is_empty());
}

#[test]
fn a_chat_that_left_the_account_does_not_answer_for_it() {
    let desk = Desk::new();
    let (ada, phone) = desk.linked("ada", 11);
    let message = ask(&desk, ada);
    sent(&desk, message, phone);
    desk.run(move |tx| chats::unbind(tx, &OWNER, phone, Unlinked::BySite));
    assert!(push(&desk, phone, of(message, 0)).notice.starts_with("This question is not for this chat."));
    assert!(answers(&desk).is_empty());
}

#[test]
fn a_press_proves_that_what_was_in_doubt_arrived() {
    let desk = Desk::new();
    let (ada, phone) = desk.linked("ada", 11);
    let now = desk.clock.now();
    let doubts: [fn(&mut Delivery); 3] = [
        |row| row.state = DeliveryState::Uncertain { at: Timestamp(1) },
        |row| row.state = DeliveryState::Sending { since: Timestamp(1), due: Timestamp(1) },
        |row| row.unknowns = 1,
    ];
    for doubt in doubts {
        let message = ask(&desk, ada);
        put(&desk, message, phone, doubt);
        push(&desk, phone, of(message, 0));
        let (_, row) = desk.deliveries(message).remove(0);
        assert_eq!(row.state, DeliveryState::Sent { telegram: SEEN, at: now });
        assert_eq!(row.change.map(|change| change.deed), Some(Deed::Mark));
    }
    let message = ask(&desk, ada);
    push(&desk, phone, of(message, 0));
    assert_eq!(desk.deliveries(message)[0].1.state, DeliveryState::Queued { not_before: now }, "nobody saw it yet");
}

#[test]
fn an_edit_that_waits_is_asked_for_once_more_and_a_deletion_stays() {
    let desk = Desk::new();
    let (ada, phone) = desk.linked("ada", 11);
    let message = ask(&desk, ada);
    sent(&desk, message, phone);
    desk.run(move |tx| edit(tx, &OWNER, message, &|body| body.text = "Really?".into()));
    let first = desk.deliveries(message)[0].1.change.clone().unwrap();
    push(&desk, phone, of(message, 0));
    let second = desk.deliveries(message)[0].1.change.clone().unwrap();
    assert_eq!((second.deed, second.number), (Deed::Edit, first.number + 1));
    let refusal = desk.refused(move |tx| edit(tx, &OWNER, message, &|body| body.buttons.clear()));
    assert_eq!((refusal.kind, refusal.field), (Kind::Conflict, Some("buttons")));
}

#[test]
fn a_broadcasts_answers_are_counted_once_for_each_account() {
    let desk = Desk::new();
    let (ada, phone) = desk.linked("ada", 11);
    let tablet = desk.heard(12);
    desk.run(move |tx| chats::bind(tx, tablet, ada));
    let (_, other) = desk.linked("ben", 21);
    let id = write(&desk, Draft { body: question(), audience: Audience::Everyone, rate: None, paid: false });
    begin(&desk, id);
    settle(&desk, id, |row| if row.chat == ChatId(12) { Standing::Uncertain } else { Standing::Sent });
    let ballot = |button| Ballot { asked: Asked::Broadcast(id), button };
    let chosen = push(&desk, tablet, ballot(0));
    assert_eq!(chosen.notice, "Noted: Yes");
    assert_eq!(chosen.buttons.unwrap().concat()[0].label, "\u{2713} Yes");
    assert_eq!(push(&desk, phone, ballot(1)).notice, "This was answered already: Yes");
    assert_eq!(push(&desk, other, ballot(1)).notice, "Noted: No");
    let figures = desk.read(|read| broadcasts::figures(read, id));
    assert_eq!((figures.answers(0), figures.answers(1), figures.answered()), (1, 1, 2));
    assert_eq!((figures.count(Standing::Sent), figures.count(Standing::Uncertain)), (3, 0), "a press proves it");
    let (_, latecomer) = desk.linked("cleo", 31);
    assert!(push(&desk, latecomer, ballot(0)).notice.starts_with("This question is not for this chat."));
    assert_eq!(answers(&desk).len(), 2);
}
