//! Accounts come with a free name and go with everything that was theirs.

use std::time::Duration;

use super::*;
use crate::actions::Kind;
use crate::actions::links::issue;
use crate::actions::messages::{SendOptions, To, answer, receive, send};
use crate::actions::testing::{Desk, OWNER, VIEWER};
use crate::ids::TelegramMessageId;
use crate::model::delivery::{DeliveryState, Standing};
use crate::model::event::EventKind;
use crate::model::link::{LinkStatus, Revocation};
use crate::model::message::{Body, Weight};
use crate::store::{Counter, count};

fn typed(username: &'static str) -> NewAccount<'static> {
    NewAccount { username, ..NewAccount::default() }
}

#[test]
fn an_account_is_made_once_by_those_who_may() {
    let desk = Desk::new();
    let full = NewAccount { username: "ada", name: " Ada L ", tags: "vip, Beta" };
    let (id, account) = desk.run(move |tx| create(tx, &OWNER, full));
    assert_eq!((account.name.as_str(), account.tags.len()), ("Ada L", 2));
    assert_eq!(desk.row(id), account);
    assert_eq!(desk.audit(), ["account.create ada"]);
    let refusal = desk.refused(move |tx| create(tx, &OWNER, full));
    assert_eq!((refusal.kind, refusal.field), (Kind::Conflict, Some("username")));
    assert_eq!(desk.refused(|tx| create(tx, &VIEWER, typed("ben"))).kind, Kind::Forbidden);
}

#[test]
fn a_wrong_field_is_named() {
    let desk = Desk::new();
    for (field, wrong) in [
        ("username", typed("..")),
        ("name", NewAccount { name: "a\u{7}", ..typed("ada") }),
        ("tags", NewAccount { tags: "a!", ..typed("ada") }),
    ] {
        assert_eq!(desk.refused(move |tx| create(tx, &OWNER, wrong)).field, Some(field));
    }
}

#[test]
fn an_edited_account_keeps_its_chats_and_its_number() {
    let desk = Desk::new();
    let (id, chat) = desk.linked("ada", 5);
    desk.account("ben");
    let edited = desk.run(move |tx| edit(tx, &OWNER, id, NewAccount { username: "eve", name: "Eve", tags: "x" }));
    assert_eq!((edited.username.as_str(), edited.chats, desk.chat(chat).account()), ("eve", 1, Some(id)));
    assert_eq!(desk.audit()[0], "account.edit ada -> eve");
    assert_eq!(desk.refused(move |tx| edit(tx, &OWNER, id, typed("ben"))).field, Some("username"));
    assert_eq!(desk.refused(|tx| edit(tx, &OWNER, AccountId(9), typed("zoe"))).kind, Kind::NotFound);
    let same = NewAccount { username: "eve", name: "Eve", tags: "x" };
    let audit = desk.audit();
    desk.run(move |tx| edit(tx, &OWNER, id, same));
    assert_eq!(desk.audit(), audit);
}

#[test]
fn a_deleted_account_takes_link_chats_and_messages_along() {
    let desk = Desk::new();
    let (id, chat) = desk.linked("ada", 5);
    let link = desk.run(move |tx| issue(tx, &OWNER, Target::Account(id), Duration::from_mins(15))).id;
    let post = move |tx: &mut Tx<'_>| send(tx, &OWNER, To::Account(id), Body::plain("hello"), SendOptions::default());
    let (waiting, _) = desk.run(post);
    let received = desk.run(move |tx| receive(tx, chat, Some(id), TelegramMessageId(1), &Body::plain("hi"))).unwrap();
    let reply = desk.run(move |tx| answer(tx, chat, Some(id), Weight::Courtesy, &Body::plain("ok"))).unwrap();
    desk.run(move |tx| delete(tx, &OWNER, id));
    for gone in [waiting, received] {
        assert_eq!(desk.read(|read| store::messages::get(read, gone)), None);
    }
    assert!(desk.read(|read| store::messages::get(read, reply)).is_some_and(|row| row.account.is_none()));
    assert_eq!(desk.read(|read| store::accounts::get(read, id)), None);
    assert_eq!(desk.chat(chat).account(), None);
    let status = desk.read(|read| store::links::get(read, link)).unwrap().status(desk.clock.now());
    assert_eq!(status, LinkStatus::Revoked);
    assert!(desk.events().ends_with(&[
        ("ada".into(), EventKind::LinkRevoked(link, Revocation::AccountDeleted)),
        ("ada".into(), EventKind::ChatUnlinked(chat, Unlinked::AccountDeleted)),
        ("ada".into(), EventKind::AccountDeleted(Deleted::BySite)),
    ]));
    let told = desk.read(|read| store::messages::of_nobody(read, 10)).pop().unwrap().0;
    assert!(desk.says(told).text.starts_with("The account ada was deleted at the website."));
    assert_eq!(desk.audit()[0], "account.delete ada");
    assert_eq!(desk.refused(move |tx| delete(tx, &OWNER, id)).kind, Kind::NotFound);
    assert_ne!(desk.account("ada"), id);
}

#[test]
fn a_message_on_its_way_outlives_its_account() {
    let desk = Desk::new();
    let (id, _) = desk.linked("ada", 5);
    let message = desk.run(move |tx| {
        let (message, rows) = send(tx, &OWNER, To::Account(id), Body::plain("hello"), SendOptions::default())?;
        let since = tx.now();
        messages::end(tx, rows[0].0, &rows[0].1, DeliveryState::Sending { since, due: since })?;
        Ok(message)
    });
    desk.run(move |tx| delete(tx, &OWNER, id));
    assert_eq!(desk.deliveries(message)[0].1.state.standing(), Standing::Sending);
    assert!(desk.read(|read| store::messages::get(read, message)).is_some_and(|row| row.account.is_none()));
}

#[test]
fn what_is_too_much_for_one_deletion_is_left_to_the_sweep() {
    let desk = Desk::new();
    let (id, chat) = desk.linked("ada", 5);
    desk.run(move |tx| {
        for at in 0..i64::try_from(REMOVED_AT_ONCE).unwrap() + 20 {
            receive(tx, chat, Some(id), TelegramMessageId(at), &Body::plain("hi"))?;
        }
        Ok(())
    });
    desk.run(move |tx| delete(tx, &OWNER, id));
    let messages = |desk: &Desk| desk.read(|read| count(read, Counter::Messages));
    assert_eq!(messages(&desk), 21, "the rest, and what the chat is told");
    assert_eq!(desk.run(|tx| Ok(clear_leftovers(tx, 15)?)), 15);
    assert_eq!(desk.run(|tx| Ok(clear_leftovers(tx, 15)?)), 5);
    assert_eq!(desk.run(|tx| Ok(clear_leftovers(tx, 15)?)), 0);
    assert_eq!(messages(&desk), 1);
}
