//! What people set and delete by the buttons of the bot, and what nobody can.

use std::time::Duration;

use super::*;
use crate::actions::settings::Voice;
use crate::actions::testing::{Desk, profile};
use crate::model::event::{Deleted, EventKind};
use crate::model::quiet::time;
use crate::store::{self, deliveries};

fn with<T: Send + 'static>(
    desk: &Desk,
    chat: ChatId,
    act: impl Fn(&mut Tx<'_>, &Asker<'_>) -> Result<T, Error> + Send + 'static,
) -> T {
    desk.run(move |tx| {
        let voice = Voice::load(tx)?;
        let row = store::chats::get(tx, chat)?.unwrap();
        act(tx, &Asker { id: chat, chat: &row, voice: &voice })
    })
}

fn push(desk: &Desk, chat: ChatId, wish: Wish) {
    with(desk, chat, move |tx, asker| press(tx, asker, &wish));
}

/// The newest answer of a chat.
fn said(desk: &Desk, chat: ChatId) -> Body {
    desk.says(desk.chat(chat).last_answer.unwrap().message)
}

/// The wishes that the buttons of the newest answer stand for.
fn offered(desk: &Desk, chat: ChatId) -> Vec<Wish> {
    let read = |button: &Button| match &button.action {
        ButtonAction::Tell(data) => Wish::parse(data),
        ButtonAction::Open(_) | ButtonAction::Answer(_) => None,
    };
    said(desk, chat).buttons.iter().flatten().filter_map(read).collect()
}

#[test]
fn what_a_button_tells_is_read_back_and_fits_telegram() {
    let (account, moment) = (AccountId(u64::MAX), Timestamp(i64::MAX));
    for wish in [
        Wish::Hours(1320, 480),
        Wish::NoHours,
        Wish::Silent(true),
        Wish::Silent(false),
        Wish::Zones(0, 1439),
        Wish::Zone(1320, 480, "America/Argentina/ComodRivadavia".into()),
        Wish::Mute(true),
        Wish::Mute(false),
        Wish::Erase(account, moment, Choice::Yes),
        Wish::Group(ChatId(-1_009_999_999_999), account, Choice::No),
    ] {
        let data = wish.to_string();
        assert!(data.len() <= 64, "{data}");
        assert_eq!(Wish::parse(&data), Some(wish));
    }
    for data in ["", "quiet", "quiet:9:1440", "zone:1:2", "erase:1:2", "erase:1:2:z", "group:1:2:y:z", "undo:1"] {
        assert_eq!(Wish::parse(data), None, "{data}");
    }
}

#[test]
fn quiet_hours_ask_for_the_zone_once_and_are_taken_back() {
    let desk = Desk::new();
    let (_, chat) = desk.linked("ada", 11);
    with(&desk, chat, show_settings);
    let night = Wish::Hours(22 * 60, 8 * 60);
    assert!(offered(&desk, chat).contains(&night) && !offered(&desk, chat).contains(&Wish::NoHours));
    push(&desk, chat, night);
    assert_eq!(desk.chat(chat).quiet, None, "first the zone");
    let zone = Wish::Zone(22 * 60, 8 * 60, "Europe/Berlin".into());
    assert!(offered(&desk, chat).contains(&zone) && said(&desk, chat).text.starts_with("What time is it"));
    push(&desk, chat, zone);
    let quiet = desk.chat(chat).quiet.unwrap();
    assert_eq!((time(quiet.from), time(quiet.until), quiet.silent), ("22:00".into(), "08:00".into(), false));
    assert!(said(&desk, chat).text.contains("Quiet hours are from 22:00 to 08:00 (Berlin): news waits"));
    push(&desk, chat, Wish::Silent(true));
    assert!(desk.chat(chat).quiet.unwrap().silent);
    push(&desk, chat, Wish::Hours(21 * 60, 7 * 60));
    assert_eq!(desk.chat(chat).quiet.map(|quiet| (quiet.from, quiet.silent)), Some((21 * 60, true)));
    push(&desk, chat, Wish::NoHours);
    assert!(!desk.chat(chat).quiet.unwrap().is_on() && !said(&desk, chat).text.contains("Quiet hours"));
    push(&desk, chat, Wish::Mute(true));
    assert!(desk.chat(chat).muted.is_some() && offered(&desk, chat).contains(&Wish::Mute(false)));
    push(&desk, chat, Wish::Zone(1, 2, "Mars/Phobos".into()));
    assert!(!desk.chat(chat).quiet.unwrap().is_on());
}

#[test]
fn a_stranger_sets_nothing() {
    let desk = Desk::new();
    let chat = desk.heard(11);
    push(&desk, chat, Wish::Zone(60, 120, "Europe/Berlin".into()));
    assert_eq!(desk.chat(chat).quiet, None);
    assert!(said(&desk, chat).text.starts_with("This chat is not connected."));
}

#[test]
fn everything_is_deleted_once_its_person_confirmed_it() {
    let desk = Desk::new();
    let (ada, chat) = desk.linked("ada", 11);
    let other = desk.heard(12);
    desk.run(move |tx| chats::bind(tx, other, ada));
    with(&desk, chat, ask_erase);
    let [yes, no] = offered(&desk, chat).try_into().unwrap();
    push(&desk, chat, no);
    assert_eq!(said(&desk, chat).text, "Nothing was deleted.");
    assert!(desk.read(|read| store::accounts::get(read, ada)).is_some());
    push(&desk, chat, yes);
    assert_eq!(desk.read(|read| store::accounts::get(read, ada)), None);
    assert_eq!((desk.chat(chat).account(), desk.chat(other).account()), (None, None));
    assert_eq!(desk.events().pop(), Some(("ada".into(), EventKind::AccountDeleted(Deleted::ByPerson))));
    with(&desk, other, ask_erase);
    assert!(said(&desk, other).text.starts_with("This chat is not connected, so nothing is stored"));
}

#[test]
fn an_old_question_or_one_of_somebody_else_deletes_nothing() {
    let desk = Desk::new();
    let (ada, chat) = desk.linked("ada", 11);
    let (_, stranger) = desk.linked("ben", 21);
    let now = desk.clock.now();
    let group = desk.heard(-5);
    desk.run(move |tx| chats::bind(tx, group, ada));
    for (id, asked) in [(stranger, now), (group, now), (chat, now.plus(Duration::from_secs(1)))] {
        push(&desk, id, Wish::Erase(ada, asked, Choice::Yes));
    }
    desk.pass(Duration::from_mins(10));
    push(&desk, chat, Wish::Erase(ada, now, Choice::Yes));
    assert!(said(&desk, chat).text.starts_with("This question is no longer open, nothing was deleted."));
    assert!(desk.read(|read| store::accounts::get(read, ada)).is_some());
}

fn add(desk: &Desk, group: ChatId, by: ChatId) {
    desk.run(move |tx| {
        let voice = Voice::load(tx)?;
        added(tx, &voice, (group, crate::model::chat::Profile { name: "Team".into(), ..profile() }), by)
    });
}

#[test]
fn who_added_the_bot_is_asked_in_their_own_chat_and_a_stranger_learns_what_to_send() {
    let desk = Desk::new();
    let (ada, chat) = desk.linked("ada", 11);
    let (group, other) = (ChatId(-5), ChatId(-6));
    add(&desk, group, chat);
    assert!(said(&desk, chat).text.contains("added me to the group \"Team\"") && desk.chat(group).account().is_none());
    let (stranger, wish) = (desk.heard(21), Wish::Group(group, ada, Choice::Yes));
    push(&desk, stranger, wish.clone());
    assert_eq!(desk.chat(group).account(), None, "who was not asked does not answer");
    push(&desk, chat, wish);
    assert_eq!(desk.chat(group).account(), Some(ada));
    assert!(said(&desk, chat).text.starts_with("Done. The group \"Team\" is connected"));
    add(&desk, other, stranger);
    assert!(said(&desk, other).text.contains("/link CODE"));
    push(&desk, chat, Wish::Group(other, ada, Choice::Yes));
    assert_eq!(desk.chat(other).account(), None);
}

#[test]
fn the_question_is_withdrawn_when_the_code_was_not_lost() {
    let desk = Desk::new();
    let (ada, chat) = desk.linked("ada", 11);
    let group = ChatId(-5);
    add(&desk, group, chat);
    let asked = desk.chat(group).asked.unwrap();
    desk.run(move |tx| chats::bind(tx, group, ada));
    let row = desk.read(|read| deliveries::get(read, asked)).unwrap();
    assert_eq!(row.state.standing().word(), "cancelled");
}
