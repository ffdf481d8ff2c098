//! A chat belongs to one account at most, and whoever loses it or gets it is told.

use super::*;
use crate::actions::Kind;
use crate::actions::messages::{SendOptions, To, answer, send};
use crate::actions::settings::{SettingsChange, save};
use crate::actions::testing::{Desk, OWNER, VIEWER, config, profile};
use crate::ids::MessageId;
use crate::model::account::AccountState;
use crate::model::delivery::Standing;
use crate::model::message::{Body, Weight};
use crate::store::{Metric, daily, messages as rows};

fn post(desk: &Desk, to: To) -> MessageId {
    desk.run(move |tx| send(tx, &OWNER, to, Body::plain("hello"), SendOptions::default())).0
}

fn standings(desk: &Desk, message: MessageId) -> Vec<Standing> {
    desk.deliveries(message).iter().map(|(_, row)| row.state.standing()).collect()
}

/// The newest message outside of every conversation.
fn notice(desk: &Desk) -> Option<String> {
    let found = desk.read(|read| rows::of_nobody(read, 100));
    found.last().map(|(id, _)| desk.says(*id).text)
}

#[test]
fn a_chat_is_heard_of_and_kept_up_to_date() {
    let desk = Desk::new();
    let chat = desk.heard(5);
    let renamed = Profile { name: "Ada B".into(), username: None, language: None };
    desk.run(move |tx| note(tx, chat, renamed.clone()));
    let row = desk.chat(chat);
    assert_eq!((row.profile.name.as_str(), row.profile.username), ("Ada B", None));
    assert_eq!(row.profile.language.as_deref(), Some("en"), "a client that hides its language keeps the one it told");
    let beats = desk.store.changes().value();
    desk.run(move |tx| note(tx, chat, Profile { name: "Ada B".into(), username: None, language: None }));
    assert_eq!(desk.store.changes().value(), beats, "nothing new within a minute is not written");
    desk.pass(HEARD_WITHIN);
    desk.heard(5);
    assert_eq!(desk.chat(chat).last_heard, desk.clock.now());
}

#[test]
fn a_bound_chat_makes_its_account_linked() {
    let desk = Desk::new();
    let (account, chat) = desk.linked("ada", 5);
    assert_eq!(desk.row(account).state(), AccountState::Linked);
    assert_eq!(desk.chat(chat).account(), Some(account));
    assert_eq!(desk.events(), [("ada".into(), EventKind::ChatLinked(chat))]);
    desk.run(move |tx| bind(tx, chat, account));
    assert_eq!(desk.events().len(), 1, "binding again is nothing new");
    let today = desk.clock.now();
    assert_eq!(desk.read(|read| daily(read, Metric::Linked, today, 1)), [1]);
}

#[test]
fn what_does_not_exist_is_not_bound() {
    let desk = Desk::new();
    let (account, chat) = (desk.account("ada"), desk.heard(5));
    assert_eq!(desk.run(move |tx| bind(tx, ChatId(6), account)), None);
    assert_eq!(desk.run(move |tx| bind(tx, chat, AccountId(9))), None);
    assert_eq!(desk.run(move |tx| bind_admin(tx, chat, AdminId(9))), None);
}

#[test]
fn a_moved_chat_leaves_its_old_account_with_what_waited_for_it() {
    let desk = Desk::new();
    let (ada, chat) = desk.linked("ada", 5);
    let ben = desk.account("ben");
    let waiting = post(&desk, To::Account(ada));
    desk.run(move |tx| bind(tx, chat, ben));
    assert_eq!(standings(&desk, waiting), [Standing::Cancelled]);
    assert_eq!([ada, ben].map(|id| desk.row(id).state()), [AccountState::Waiting, AccountState::Linked]);
    assert_eq!(
        desk.events()[1..],
        [("ada".into(), EventKind::ChatUnlinked(chat, Unlinked::Moved)), ("ben".into(), EventKind::ChatLinked(chat))]
    );
    assert_eq!(notice(&desk), None);
}

#[test]
fn a_person_who_leaves_is_answered_and_gets_nothing_more() {
    let desk = Desk::new();
    let (ada, chat) = desk.linked("ada", 5);
    let waiting = post(&desk, To::Chat(chat));
    let reply = desk.run(move |tx| answer(tx, chat, Some(ada), Weight::Command, &Body::plain("bye"))).unwrap();
    let person = Caller::internal(Actor::Chat(chat));
    assert_eq!(desk.run(move |tx| unbind(tx, &person, chat, Unlinked::ByPerson)), Some(ada));
    assert_eq!(
        (standings(&desk, waiting), standings(&desk, reply)),
        (vec![Standing::Cancelled], vec![Standing::Queued])
    );
    assert_eq!(desk.events().pop(), Some(("ada".into(), EventKind::ChatUnlinked(chat, Unlinked::ByPerson))));
    assert_eq!(desk.run(move |tx| unbind(tx, &person, chat, Unlinked::ByPerson)), None);
    assert_eq!(notice(&desk), None);
}

#[test]
fn a_chat_the_site_disconnects_is_told_in_its_language_with_the_name_the_site_wants() {
    let desk = Desk::new();
    let change =
        SettingsChange { site_name: Some("Acme".into()), mask_username: Some(true), ..SettingsChange::default() };
    desk.run(move |tx| save(tx, &OWNER, &config(&[]), &change));
    let (_, chat) = desk.linked("ada", 5);
    desk.run(move |tx| note(tx, chat, Profile { language: Some("de-AT".into()), ..profile() }));
    desk.run(move |tx| unbind(tx, &OWNER, chat, Unlinked::BySite));
    let told = notice(&desk).unwrap();
    assert!(told.starts_with("Acme hat diesen Chat von a…a getrennt."), "{told}");
    assert_eq!(desk.audit()[0], "chat.unlink ada, chat 5");
    let (_, other) = desk.linked("ben", 6);
    assert_eq!(desk.refused(move |tx| unbind(tx, &VIEWER, other, Unlinked::BySite)).kind, Kind::Forbidden);
}

#[test]
fn a_lost_chat_loses_what_waits_and_comes_back_by_itself() {
    let desk = Desk::new();
    let (ada, chat) = desk.linked("ada", 5);
    let waiting = post(&desk, To::Account(ada));
    let reply = desk.run(move |tx| answer(tx, chat, Some(ada), Weight::Command, &Body::plain("hi"))).unwrap();
    desk.run(move |tx| set_reachability(tx, chat, Reachability::Blocked));
    desk.run(move |tx| set_reachability(tx, chat, Reachability::Blocked));
    assert_eq!([waiting, reply].map(|id| standings(&desk, id)), [[Standing::Skipped], [Standing::Skipped]]);
    assert_eq!(desk.row(ada).state(), AccountState::Unreachable);
    desk.heard(5);
    assert_eq!(desk.row(ada).state(), AccountState::Linked);
    assert_eq!(
        desk.events()[1..],
        [
            ("ada".into(), EventKind::ChatLost(chat, Reachability::Blocked)),
            ("ada".into(), EventKind::ChatRegained(chat))
        ]
    );
}

#[test]
fn a_muted_chat_stays_muted_wherever_it_goes() {
    let desk = Desk::new();
    let (ada, chat) = desk.linked("ada", 5);
    let (ben, _) = desk.linked("ben", 6);
    assert!(desk.run(move |tx| Ok(set_muted(tx, chat, true)?)));
    assert!(!desk.run(move |tx| Ok(set_muted(tx, chat, true)?)));
    let since = desk.chat(chat).muted;
    assert_eq!(since, Some(desk.clock.now()));
    let listening = |id: AccountId| desk.row(id).listening();
    assert_eq!((listening(ada), desk.read(accounts::listening)), (0, (1, 1)));
    assert_eq!(standings(&desk, post(&desk, To::Account(ada))), [Standing::Queued], "messages still come");
    desk.pass(HEARD_WITHIN);
    desk.heard(5);
    desk.run(move |tx| set_reachability(tx, chat, Reachability::Blocked));
    assert_eq!((desk.row(ada).muted, listening(ada)), (0, 0));
    desk.heard(5);
    desk.run(move |tx| bind(tx, chat, ben));
    assert_eq!((desk.row(ada).muted, desk.row(ben).muted, listening(ben)), (0, 1, 1));
    let person = Caller::internal(Actor::Chat(chat));
    desk.run(move |tx| unbind(tx, &person, chat, Unlinked::ByPerson));
    desk.run(move |tx| bind(tx, chat, ada));
    assert_eq!((desk.chat(chat).muted, listening(ada), listening(ben)), (since, 0, 1));
    assert!(desk.run(move |tx| Ok(set_muted(tx, chat, false)?)));
    assert_eq!(desk.read(accounts::listening), (2, 2));
}

#[test]
fn an_admins_own_chat_stands_apart_from_its_account() {
    let desk = Desk::new();
    let admin = desk.admin("root");
    let (ada, chat) = desk.linked("ada", 5);
    desk.run(move |tx| bind_admin(tx, chat, admin));
    let (personal, test) = (post(&desk, To::Account(ada)), post(&desk, To::Admin(admin)));
    assert_eq!(desk.refused(move |tx| unbind_admin(tx, &VIEWER, chat)).kind, Kind::Forbidden);
    let person = Caller { role: Role::Viewer, actor: Actor::Chat(chat) };
    assert_eq!(desk.run(move |tx| unbind_admin(tx, &person, chat)), Some(admin));
    assert_eq!(
        (standings(&desk, personal), standings(&desk, test)),
        (vec![Standing::Queued], vec![Standing::Cancelled])
    );
    assert_eq!((desk.chat(chat).account(), desk.chat(chat).admin), (Some(ada), None));
    assert_eq!(desk.audit()[0], "admin.chat.unlink admin root, chat 5");
}

#[test]
fn a_group_with_another_number_keeps_what_was_known_of_it() {
    let desk = Desk::new();
    let (old, new) = (ChatId(-5), ChatId(-1_000_005));
    desk.run(move |tx| {
        note(tx, old, profile())?;
        let row = chats::get(tx, old)?.expect("noted");
        let held = Chat { not_before: Some(tx.now()), ..row.clone() };
        chats::put(tx, old, Some(&row), &held)?;
        note(tx, new, profile())?;
        Ok(migrate(tx, old, new)?)
    });
    let rows = desk.read(|read| Ok((chats::get(read, old)?, chats::get(read, new)?)));
    let (None, Some(row)) = rows else { panic!("{rows:?}") };
    assert!(row.not_before.is_some(), "{row:?}");
}
