//! Unread, given, closed, opened again; and what leaves the inbox.

use std::time::Duration;

use super::*;
use crate::actions::messages::receive;
use crate::actions::testing::{Desk, OWNER, VIEWER};
use crate::actions::{Kind, accounts as people, sweep};
use crate::ids::{ChatId, TelegramMessageId};
use crate::model::message::Body;
use crate::model::talk::TalkList;
use crate::store::{Counter, count};

fn hear(desk: &Desk, account: AccountId, chat: ChatId, text: &'static str) -> MessageId {
    desk.run(move |tx| receive(tx, chat, Some(account), TelegramMessageId(1), &Body::plain(text))).unwrap()
}

fn listed(desk: &Desk, list: TalkList) -> Vec<AccountId> {
    let rows = desk.read(|read| talks::list(read, list, None, 100));
    let kept = desk.read(|read| count(read, Counter::Talks(list)));
    assert_eq!(u64::try_from(rows.len()), Ok(kept));
    rows.into_iter().map(|(account, _)| account).collect()
}

#[test]
fn the_newest_words_stand_first_and_what_was_read_stays_read() {
    let desk = Desk::new();
    let ((ada, one), (ben, two)) = (desk.linked("ada", 1), desk.linked("ben", 2));
    let first = hear(&desk, ada, one, "hello");
    desk.pass(Duration::from_secs(1));
    hear(&desk, ben, two, "hi");
    assert_eq!(listed(&desk, TalkList::Unread), [ben, ada]);
    desk.pass(Duration::from_secs(1));
    let second = hear(&desk, ada, one, "are you there?");
    assert_eq!(listed(&desk, TalkList::Unread), [ada, ben]);
    desk.run(move |tx| mark_read(tx, &OWNER, ada, first));
    assert_eq!(listed(&desk, TalkList::Unread), [ada, ben], "what came meanwhile was not read");
    desk.run(move |tx| mark_read(tx, &OWNER, ada, second));
    desk.run(move |tx| mark_read(tx, &OWNER, ada, first));
    assert_eq!(listed(&desk, TalkList::Unread), [ben]);
    assert_eq!(listed(&desk, TalkList::Open), [ada, ben]);
    let page = desk.read(|read| talks::list(read, TalkList::Open, None, 1));
    let (account, talk) = &page[0];
    let before = (talk.at, *account);
    let next = desk.read(move |read| talks::list(read, TalkList::Open, Some(before), 1));
    assert_eq!(next[0].0, ben, "a page goes on behind the one before");
}

#[test]
fn a_closed_conversation_opens_again_when_its_person_writes() {
    let desk = Desk::new();
    let (ada, chat) = desk.linked("ada", 1);
    let admin = desk.admin("eve");
    hear(&desk, ada, chat, "hello");
    desk.run(move |tx| assign(tx, &OWNER, ada, Some(admin)));
    assert_eq!(desk.read(|read| talks::of_admin(read, admin, None, 9)).len(), 1);
    desk.run(move |tx| close(tx, &OWNER, ada));
    assert_eq!(listed(&desk, TalkList::Closed), [ada]);
    assert!(listed(&desk, TalkList::Unread).is_empty(), "who closes it has read it");
    assert!(desk.read(|read| talks::of_admin(read, admin, None, 9)).is_empty());
    hear(&desk, ada, chat, "one more thing");
    assert_eq!(listed(&desk, TalkList::Unread), [ada]);
    assert_eq!(desk.read(|read| talks::of_admin(read, admin, None, 9)).len(), 1, "it is still hers");
    desk.run(move |tx| close(tx, &OWNER, ada));
    desk.run(move |tx| reopen(tx, &OWNER, ada));
    assert_eq!(listed(&desk, TalkList::Open), [ada]);
    desk.run(move |tx| assign(tx, &OWNER, ada, None));
    let told = [
        "talk.assign ada, to nobody",
        "talk.reopen ada",
        "talk.close ada",
        "talk.close ada",
        "talk.assign ada, to eve",
    ];
    assert_eq!(desk.audit()[..5], told);
}

#[test]
fn what_cannot_be_done_is_refused_and_named() {
    let desk = Desk::new();
    let (ada, chat) = desk.linked("ada", 1);
    let silent = desk.account("ben");
    let id = hear(&desk, ada, chat, "hello");
    assert_eq!(desk.refused(move |tx| mark_read(tx, &VIEWER, ada, id)).kind, Kind::Forbidden);
    assert_eq!(desk.refused(move |tx| close(tx, &VIEWER, ada)).kind, Kind::Forbidden);
    assert_eq!(desk.refused(move |tx| close(tx, &OWNER, silent)).kind, Kind::NotFound);
    let refusal = desk.refused(move |tx| assign(tx, &OWNER, ada, Some(AdminId(99))));
    assert_eq!((refusal.kind, refusal.field), (Kind::Invalid, Some("assigned")));
}

#[test]
fn what_is_no_longer_kept_leaves_the_inbox() {
    let desk = Desk::new();
    let ((ada, one), (ben, two)) = (desk.linked("ada", 1), desk.linked("ben", 2));
    hear(&desk, ada, one, "old");
    hear(&desk, ben, two, "old");
    desk.pass(Duration::from_hours(24 * 200));
    hear(&desk, ben, two, "new");
    desk.run(|tx| sweep::run(tx, &sweep::Kept::default()));
    assert_eq!(listed(&desk, TalkList::Open), [ben]);
    desk.run(move |tx| people::delete(tx, &OWNER, ben));
    assert!(listed(&desk, TalkList::Open).is_empty());
}
