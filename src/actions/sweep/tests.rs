//! Everything goes in its time, piece by piece, and nothing before.

use super::*;
use crate::actions::chats::{note, unbind};
use crate::actions::messages::{SendOptions, To, answer, cancel, receive, send};
use crate::actions::testing::{Desk, OWNER, profile};
use crate::ids::{MessageId, TelegramMessageId, UpdateId};
use crate::model::delivery::DeliveryState;
use crate::model::event::Unlinked;
use crate::model::message::{Body, Weight};
use crate::store::{Counter, count};

fn swept(desk: &Desk) -> bool {
    desk.run(|tx| run(tx, &Kept::default()))
}

fn is_kept(desk: &Desk, id: MessageId) -> bool {
    desk.read(|read| store::messages::get(read, id)).is_some()
}

#[test]
fn a_fresh_file_is_not_written_to() {
    let desk = Desk::new();
    desk.linked("ada", 5);
    let beats = desk.store.changes().value();
    assert!(!swept(&desk));
    assert_eq!(desk.store.changes().value(), beats);
}

#[test]
fn conversations_go_after_their_time_with_their_deliveries() {
    let desk = Desk::new();
    let (account, chat) = desk.linked("ada", 5);
    let received =
        desk.run(move |tx| receive(tx, chat, Some(account), TelegramMessageId(1), &Body::plain("hi"))).unwrap();
    let to = To::Account(account);
    let (done, waiting) = desk.run(move |tx| {
        let done = send(tx, &OWNER, to, Body::plain("a"), SendOptions::default())?.0;
        cancel(tx, &OWNER, done)?;
        Ok((done, send(tx, &OWNER, to, Body::plain("b"), SendOptions::default())?.0))
    });
    desk.pass(MESSAGES_KEPT);
    swept(&desk);
    assert!(is_kept(&desk, received) && is_kept(&desk, done));
    desk.pass(Duration::from_millis(1));
    swept(&desk);
    assert!(!is_kept(&desk, received) && !is_kept(&desk, done));
    assert!(is_kept(&desk, waiting), "what has not ended stays");
    assert_eq!(desk.chat(chat).account(), Some(account), "a connected chat stays however quiet it is");
}

#[test]
fn strangers_and_what_they_were_told_go_after_a_week() {
    let desk = Desk::new();
    let (_, was) = desk.linked("ada", 5);
    let stranger = desk.heard(6);
    let reply = desk.run(move |tx| answer(tx, stranger, None, Weight::Command, &Body::plain("hi"))).unwrap();
    desk.run(move |tx| unbind(tx, &OWNER, was, Unlinked::BySite));
    desk.pass(STRANGERS_KEPT + Duration::from_millis(1));
    swept(&desk);
    assert!(is_kept(&desk, reply), "it waits still");
    assert_eq!(desk.read(|read| count(read, Counter::Chats)), 2);
    desk.run(|tx| Ok(expire_all(tx)?));
    swept(&desk);
    assert_eq!(desk.read(|read| count(read, Counter::Messages)), 0);
    assert_eq!(desk.read(|read| count(read, Counter::Chats)), 0);
}

/// As the sender does with what was not sent in time.
fn expire_all(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let at = tx.now();
    for (message, _) in store::messages::walk(tx, None, 100)? {
        for (id, delivery) in store::deliveries::of_message(tx, message)? {
            messages::end(tx, id, &delivery, DeliveryState::Expired { at })?;
        }
    }
    Ok(())
}

#[test]
fn a_long_table_of_chats_is_walked_piece_by_piece() {
    let desk = Desk::new();
    let many = i64::try_from(CHUNK).unwrap() + 10;
    desk.run(move |tx| {
        for id in 1..=many {
            note(tx, ChatId(id), profile())?;
        }
        Ok(())
    });
    desk.pass(STRANGERS_KEPT + Duration::from_millis(1));
    assert!(!swept(&desk));
    assert_eq!(desk.read(|read| count(read, Counter::Chats)), 10);
    swept(&desk);
    assert_eq!(desk.read(|read| count(read, Counter::Chats)), 0);
    assert_eq!(desk.read(|read| meta::place::<ChatId>(read, CHATS)), None);
}

#[test]
fn events_audit_and_updates_set_aside_go_in_their_time() {
    let desk = Desk::new();
    desk.linked("ada", 5);
    desk.run(|tx| Ok(meta::set_aside(tx, UpdateId(7), "odd", b"{}")?));
    desk.pass(EVENTS_KEPT + Duration::from_millis(1));
    swept(&desk);
    assert_eq!((desk.events().len(), desk.audit().len()), (0, 1));
    assert_eq!(desk.read(|read| count(read, Counter::SetAside)), 0);
    desk.pass(AUDIT_KEPT);
    swept(&desk);
    assert_eq!(desk.audit().len(), 0);
}
