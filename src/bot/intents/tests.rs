//! What intents leave in a store in memory, with a clock that is moved; the store is checked after each.

use std::time::Duration;

use super::talk::PASSED_ON_EVERY;
use super::*;
use crate::bot::batch;
use crate::clock::{Clock, Timestamp};
use crate::ids::{AccountId, ChatId, MessageId, TelegramMessageId, UpdateId};
use crate::model::account::{Account, Username};
use crate::model::chat::{ANSWERS_PER_MINUTE, Chat, Profile, Reachability};
use crate::model::delivery::Lane;
use crate::model::message::{Body, Media};
use crate::rng::Rng;
use crate::runtime::block_on;
use crate::secret::Sealer;
use crate::store::{Place, Read as _, Store, accounts, check, deliveries};

const ADA: ChatId = ChatId(7);

struct Bench {
    store: Store,
    clock: Clock,
    next: std::cell::Cell<i64>,
}

impl Bench {
    fn new() -> Self {
        let clock = Clock::manual(Timestamp(1_790_000_000_000));
        let sealer = Sealer::new(&[7; 32], Rng::seeded(1));
        let store = Store::open(Place::Memory, clock.clone(), Rng::seeded(2), sealer).unwrap();
        Self { store, clock, next: std::cell::Cell::new(1) }
    }

    fn does(&self, intent: Intent) -> Vec<Effect> {
        let id = UpdateId(self.next.replace(self.next.get() + 1));
        block_on(batch::work(&self.store, [Item { id, intent, raw: "raw".into() }].into())).unwrap()
    }

    fn asks(&self, ask: Ask) -> String {
        let profile = Profile { language: Some("en".into()), ..Profile::default() };
        assert_eq!(self.does(Intent::Person(Person { chat: ADA, profile }, ask)), []);
        self.said(ADA)
    }

    /// An account with Ada's chat.
    fn linked(&self) -> AccountId {
        self.asks(Ask::Start);
        self.send();
        let change = |tx: &mut Tx<'_>| {
            let (username, created) = (Username::parse("ada").unwrap(), tx.now());
            let row =
                Account { username, name: String::new(), tags: Vec::new(), created, chats: 0, reachable: 0, muted: 0 };
            let account = accounts::insert(tx, &row)?;
            chats::bind(tx, ADA, account)?;
            Ok::<_, Error>(account)
        };
        block_on(self.store.write(change)).unwrap()
    }

    fn chat(&self, id: ChatId) -> Option<Chat> {
        self.store.read(|read| store::chats::get(read, id)).unwrap()
    }

    /// The newest answer of a chat.
    fn said(&self, id: ChatId) -> String {
        let last = self.chat(id).and_then(|chat| chat.last_answer);
        let body = last.map(|last| {
            let row = self.store.read(|read| store::messages::get(read, last.message)).unwrap().unwrap();
            self.store.read(|read| Ok::<_, Error>(store::messages::body(read, &row))).unwrap().unwrap()
        });
        body.map(|body| body.text).unwrap_or_default()
    }

    fn answer(&self) -> Option<MessageId> {
        self.chat(ADA).and_then(|chat| chat.last_answer).map(|last| last.message)
    }

    /// Marks what waits as sent, so that the next answer does not take its place.
    fn send(&self) {
        let change = |tx: &mut Tx<'_>| {
            for (_, id) in deliveries::due(tx, Lane::Replies, tx.now(), None, 100)? {
                let old = deliveries::get(tx, id)?.unwrap();
                let state =
                    crate::model::delivery::DeliveryState::Sent { telegram: TelegramMessageId(1), at: tx.now() };
                deliveries::update(tx, id, &old, &crate::model::delivery::Delivery { state, ..old.clone() })?;
            }
            Ok::<_, Error>(())
        };
        block_on(self.store.write(change)).unwrap();
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let report = self.store.read(check::check).unwrap();
            assert!(report.is_clean(), "{:?}", report.findings);
        }
    }
}

fn words(text: &str) -> Said {
    Said { message: TelegramMessageId(1), at: Timestamp(0), body: Body::plain(text) }
}

#[test]
fn words_of_a_linked_person_are_kept_and_answered_once_an_hour() {
    let bench = Bench::new();
    let account = bench.linked();
    assert_eq!(bench.asks(Ask::Words(words("one"))), "Passed on to the website.");
    bench.send();
    let first = bench.answer();
    bench.clock.advance(PASSED_ON_EVERY.checked_sub(Duration::from_secs(1)).unwrap());
    bench.asks(Ask::Words(words("two")));
    assert_eq!(bench.answer(), first);
    bench.clock.advance(Duration::from_secs(1));
    bench.asks(Ask::Words(words("three")));
    assert_ne!(bench.answer(), first);
    let talk = bench.store.read(|read| store::messages::conversation(read, account, None, 100)).unwrap();
    assert_eq!(talk.iter().filter(|opened| opened.message.is_incoming()).count(), 3);
}

#[test]
fn a_stranger_is_told_where_to_go_and_nothing_of_theirs_is_kept() {
    let bench = Bench::new();
    let said = bench.asks(Ask::Words(words("let me in")));
    assert!(said.starts_with("I have no clue who you are...") && said.contains("Please visit me"), "{said}");
    let kept = bench.store.read(|read| store::messages::walk(read, None, 100)).unwrap();
    assert!(kept.iter().all(|(_, message)| !message.is_incoming()));
}

#[test]
fn a_stranger_who_floods_is_answered_six_times_a_minute() {
    let bench = Bench::new();
    let mut answers = std::collections::BTreeSet::new();
    for _ in 0..50 {
        bench.asks(Ask::Words(words("?")));
        answers.extend(bench.answer());
        bench.send();
    }
    assert_eq!(u32::try_from(answers.len()), Ok(ANSWERS_PER_MINUTE));
}

#[test]
fn a_bare_start_makes_a_blocked_chat_reachable_and_binds_nothing() {
    let bench = Bench::new();
    assert_eq!(bench.asks(Ask::Start), "Please visit me via a provided URL from the website.");
    bench.does(Intent::Standing(ADA, Reachability::Blocked));
    assert_eq!(bench.chat(ADA).unwrap().reachability, Reachability::Blocked);
    bench.does(Intent::Standing(ADA, Reachability::Blocked));
    bench.asks(Ask::Start);
    let chat = bench.chat(ADA).unwrap();
    assert_eq!((chat.reachability, chat.account()), (Reachability::Reachable, None));
    bench.does(Intent::Standing(ChatId(99), Reachability::Reachable));
    assert_eq!(bench.chat(ChatId(99)), None, "nobody is made up");
}

#[test]
fn a_linked_person_who_starts_again_is_greeted_and_told_how_things_stand() {
    let bench = Bench::new();
    bench.linked();
    let said = bench.asks(Ask::Start);
    assert!(said.starts_with("Hello ada, how are you?") && said.contains("connected to"), "{said}");
    assert!(bench.asks(Ask::Status).contains("as ada"));
    assert!(bench.asks(Ask::Settings).contains("as ada"));
}

#[test]
fn stop_disconnects_and_is_no_error_twice() {
    let bench = Bench::new();
    bench.linked();
    assert!(bench.asks(Ask::Stop).starts_with("Disconnected."));
    assert_eq!(bench.chat(ADA).unwrap().account(), None);
    bench.send();
    assert!(bench.asks(Ask::Stop).contains("nothing to disconnect"));
}

#[test]
fn mute_keeps_broadcasts_away_until_unmute_and_both_are_no_error_twice() {
    let bench = Bench::new();
    bench.linked();
    let heard = || bench.store.read(accounts::listening).unwrap();
    assert!(bench.asks(Ask::Status).contains("not muted"));
    assert_eq!(heard(), (1, 1));
    assert!(bench.asks(Ask::Mute).starts_with("Muted. News of the website is no longer sent here"));
    let since = bench.chat(ADA).unwrap().muted;
    assert_eq!((since, heard()), (Some(bench.clock.now()), (0, 0)));
    bench.send();
    bench.clock.advance(Duration::from_hours(1));
    assert!(bench.asks(Ask::Mute).starts_with("This chat is muted already"));
    assert_eq!(bench.chat(ADA).unwrap().muted, since, "the first wish counts");
    bench.send();
    for ask in [Ask::Status, Ask::Start] {
        let said = bench.asks(ask);
        assert!(said.contains("as ada") && said.contains("This chat is muted:"), "{said}");
        bench.send();
    }
    assert!(bench.asks(Ask::Unmute).starts_with("News of the website is sent here again."));
    assert_eq!((bench.chat(ADA).unwrap().muted, heard()), (None, (1, 1)));
    bench.send();
    assert!(bench.asks(Ask::Unmute).starts_with("This chat is not muted"));
}

#[test]
fn a_stranger_has_nothing_to_mute_and_hears_how_to_connect() {
    let bench = Bench::new();
    for ask in [Ask::Mute, Ask::Unmute] {
        assert!(bench.asks(ask).starts_with("This chat is not connected. To connect it"));
        assert_eq!(bench.chat(ADA).unwrap().muted, None);
        bench.send();
    }
}

#[test]
fn a_muted_person_who_left_can_still_undo_it() {
    let bench = Bench::new();
    bench.linked();
    for ask in [Ask::Mute, Ask::Stop] {
        bench.asks(ask);
        bench.send();
    }
    assert!(bench.chat(ADA).unwrap().muted.is_some(), "the wish outlives the binding");
    assert!(bench.asks(Ask::Unmute).starts_with("This chat is not connected."));
    assert_eq!(bench.chat(ADA).unwrap().muted, None);
}

#[test]
fn a_service_message_is_kept_for_the_linked_and_answered_for_nobody() {
    let bench = Bench::new();
    let unclear = || Ask::Unclear(Said { body: Body { media: Some(Media::Other), ..Body::default() }, ..words("") });
    assert_eq!(bench.asks(unclear()), "");
    assert_eq!(bench.chat(ADA), None);
    let account = bench.linked();
    bench.send();
    let before = bench.answer();
    bench.asks(unclear());
    assert_eq!(bench.answer(), before);
    let talk = bench.store.read(|read| store::messages::conversation(read, account, None, 100)).unwrap();
    assert_eq!(talk.len(), 1);
}

#[test]
fn what_a_connected_group_answers_is_kept_with_its_author_and_not_answered() {
    let bench = Bench::new();
    let account = bench.linked();
    let (id, profile) = (ChatId(-5), Profile { name: "Team".into(), ..Profile::default() });
    let group = || Person { chat: id, profile: profile.clone() };
    bench.does(Intent::Group(group(), Ask::Delete));
    assert!(bench.said(id).starts_with("This works in a private chat only."));
    block_on(bench.store.write(move |tx| chats::bind(tx, id, account).map(|_| ()))).unwrap();
    let before = bench.said(id);
    let body = Body { author: Some("Ben".into()), ..Body::plain("on my way") };
    bench.does(Intent::Group(group(), Ask::Words(Said { body, ..words("") })));
    assert_eq!(bench.said(id), before);
    let talk = bench.store.read(|read| store::messages::conversation(read, account, None, 1)).unwrap();
    assert_eq!(talk[0].body.as_ref().unwrap().author.as_deref(), Some("Ben"));
}

#[test]
fn a_group_that_moved_keeps_its_row_under_the_new_number() {
    let bench = Bench::new();
    let (old, new) = (ChatId(-5), ChatId(-100_500));
    let group = Person { chat: old, profile: Profile::default() };
    bench.does(Intent::Group(group, Ask::Help));
    assert!(bench.said(old).contains("/link CODE"));
    for _ in 0..2 {
        bench.does(Intent::Migrated { from: old, to: new });
        assert_eq!(bench.chat(old), None);
        assert_eq!(bench.chat(new).unwrap().answers.count, 1);
    }
}

#[test]
fn a_button_of_nobody_knows_what_is_acknowledged_and_does_nothing() {
    let bench = Bench::new();
    bench.linked();
    let person = Person { chat: ADA, profile: Profile::default() };
    let pressed = Pressed { query: "q".into(), message: TelegramMessageId(4), is_within_reach: true, tap: None };
    let acknowledged = [Effect::Acknowledge { query: "q".into(), notice: None }];
    assert_eq!(bench.does(Intent::Button(person, pressed)), acknowledged);
    assert_eq!(bench.does(Intent::StrayButton("q".into())), acknowledged);
    assert!(bench.chat(ADA).unwrap().account().is_some());
}
