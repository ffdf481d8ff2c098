//! Whatever the audience, the pieces and the restarts: everyone who should get it has one row, and nobody else.

use std::path::PathBuf;

use proptest::prelude::*;

use super::*;
use crate::actions::accounts::{self, NewAccount};
use crate::actions::testing::{Desk, OWNER, config, profile};
use crate::actions::{broadcasts as actions, chats as talk};
use crate::clock::{Clock, Timestamp};
use crate::model::account::Tag;
use crate::model::broadcast::TagFilter;
use crate::model::chat::Reachability;
use crate::model::delivery::Standing;
use crate::model::event::Unlinked;
use crate::model::message::Body;
use crate::rng::Rng;
use crate::runtime::block_on;
use crate::secret::Sealer;
use crate::store::recipients;
use crate::store::{Place, Snapshot, Store, check};

/// A chat: whether it can be reached, and whether it is muted.
type ChatPlan = (Reachability, bool);

/// An account: its tags, of three, its chats, and whether it is deleted again.
#[derive(Clone, Debug)]
struct Plan {
    tags: [bool; 3],
    chats: Vec<ChatPlan>,
    deleted: bool,
}

const TAGS: [&str; 3] = ["red", "green", "blue"];

fn tags(chosen: &[bool]) -> Vec<Tag> {
    let named = TAGS.iter().zip(chosen).filter(|(_, chosen)| **chosen).map(|(tag, _)| Tag::parse(tag).unwrap());
    let mut tags: Vec<Tag> = named.collect();
    tags.sort();
    tags
}

impl Plan {
    fn fits(&self, id: u64, audience: &Audience) -> bool {
        match audience {
            Audience::Everyone => true,
            Audience::Tags(filter) => filter.fits(&tags(&self.tags)),
            Audience::Picked(ids) => ids.contains(&AccountId(id)),
            Audience::Again { .. } => false,
        }
    }
}

fn plan() -> impl Strategy<Value = Plan> {
    let reachability = prop_oneof![4 => Just(Reachability::Reachable), 1 => Just(Reachability::Unknown), 1 => Just(Reachability::Blocked)];
    let chat = (reachability, proptest::bool::weighted(0.2));
    let chats = proptest::collection::vec(chat, 0..4);
    (any::<[bool; 3]>(), chats, proptest::bool::weighted(0.1)).prop_map(|(tags, chats, deleted)| Plan {
        tags,
        chats,
        deleted,
    })
}

fn audience() -> impl Strategy<Value = Audience> {
    let filter = any::<[[bool; 3]; 3]>()
        .prop_map(|[all, any, none]| Audience::Tags(TagFilter { all: tags(&all), any: tags(&any), none: tags(&none) }));
    let picked = proptest::collection::btree_set((1..40_u64).prop_map(AccountId), 0..10);
    prop_oneof![
        1 => Just(Audience::Everyone),
        3 => filter,
        1 => picked.prop_map(|ids| Audience::Picked(ids.into_iter().collect())),
    ]
}

struct File(PathBuf);

impl File {
    fn new() -> Self {
        let name = format!("startlink-expand-{}-{:?}.redb", std::process::id(), std::thread::current().id());
        let path = std::env::temp_dir().join(name);
        let _ = std::fs::remove_file(&path);
        Self(path)
    }

    fn open(&self) -> Store {
        let sealer = Sealer::new(&[7; 32], Rng::seeded(1));
        let clock = Clock::manual(Timestamp(1_000_000_000_000));
        Store::open(Place::File(self.0.clone()), clock, Rng::seeded(2), sealer).unwrap()
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Makes the accounts, with numbers from 1, and a broadcast that is being prepared; the rows it should get.
fn prepare(store: &Store, plans: &[Plan], audience: &Audience) -> (BroadcastId, Vec<(u64, i64)>) {
    let (mut expected, mut chat) = (Vec::new(), 0);
    for (id, plan) in (1..).zip(plans) {
        for (reachability, muted) in &plan.chats {
            chat += 1;
            if plan.fits(id, audience) && !plan.deleted && reachability.may_send() && !muted {
                expected.push((id, chat));
            }
        }
    }
    let (plans, audience) = (plans.to_vec(), audience.clone());
    let id = block_on(store.write(move |tx| {
        let mut chat = 0;
        for (id, plan) in (1..).zip(&plans) {
            let (username, tags) = (format!("account {id}"), tags(&plan.tags));
            let tags: Vec<&str> = tags.iter().map(Tag::as_str).collect();
            accounts::create(tx, &OWNER, NewAccount { username: &username, name: "", tags: &tags.join(" ") })?;
            for (reachability, muted) in &plan.chats {
                chat += 1;
                talk::note(tx, ChatId(chat), profile())?;
                talk::bind(tx, ChatId(chat), AccountId(id))?;
                talk::set_reachability(tx, ChatId(chat), *reachability)?;
                talk::set_muted(tx, ChatId(chat), *muted)?;
            }
            if plan.deleted {
                accounts::delete(tx, &OWNER, AccountId(id))?;
            }
        }
        let state = crate::model::broadcast::BroadcastState::Preparing;
        let started = Some(tx.now());
        let row = Broadcast { state, started, audience: audience.clone(), ..Broadcast::draft(OWNER.actor, tx.now()) };
        Ok::<_, Error>(broadcasts::insert(tx, &row, &Body::plain("hi"))?)
    }));
    (id.unwrap(), expected)
}

fn next(read: &Snapshot, id: BroadcastId, limit: usize) -> Result<(u64, Chunk), StoreError> {
    let broadcast = broadcasts::get(read, id)?.unwrap();
    let looked = broadcasts::figures(read, id)?.looked;
    Ok((looked, look(read, &broadcast, looked, limit)?))
}

fn rows(read: &Snapshot, id: BroadcastId) -> Result<Vec<(u64, i64)>, StoreError> {
    let rows = recipients::from(read, id, 0, usize::MAX)?;
    Ok(rows.into_iter().map(|(_, row)| (row.account.0, row.chat.0)).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn an_audience_in_pieces_is_the_whole_one(
        plans in proptest::collection::vec(plan(), 0..40),
        audience in audience(),
        steps in proptest::collection::vec((1..9_usize, proptest::bool::weighted(0.15)), 41),
    ) {
        let file = File::new();
        let mut store = file.open();
        let (id, expected) = prepare(&store, &plans, &audience);
        let size = audience::size(&store, &audience).unwrap();
        for (limit, reopen) in steps {
            let (looked, chunk) = store.read(|read| next(read, id, limit)).unwrap();
            let (twice, end) = (chunk.clone(), chunk.end);
            prop_assert!(block_on(store.write(move |tx| write(tx, id, looked, &chunk))).unwrap());
            let repeated = block_on(store.write(move |tx| write(tx, id, looked, &twice))).unwrap();
            prop_assert!(!repeated, "a piece was written twice");
            if reopen {
                drop(store);
                store = file.open();
            }
            if end {
                break;
            }
        }
        prop_assert_eq!(&store.read(|read| rows(read, id)).unwrap(), &expected);
        let (figures, broadcast) = store
            .read(|read| Ok::<_, StoreError>((broadcasts::figures(read, id)?, broadcasts::get(read, id)?.unwrap())))
            .unwrap();
        let accounts: std::collections::BTreeSet<u64> = expected.iter().map(|(account, _)| *account).collect();
        let count = |number: usize| u32::try_from(number).unwrap();
        prop_assert!(figures.frozen);
        prop_assert_eq!((figures.rows, figures.accounts), (count(expected.len()), count(accounts.len())));
        prop_assert_eq!(figures.count(Standing::Queued), figures.rows);
        prop_assert_eq!((size.chats, size.accounts), (u64::from(figures.rows), u64::from(figures.accounts)));
        let over = if expected.is_empty() { BroadcastStatus::Done } else { BroadcastStatus::Sending };
        prop_assert_eq!(broadcast.status(), over);
        let report = store.read(check::check).unwrap();
        prop_assert!(report.is_clean(), "{:#?}", report.findings);
    }
}

fn broadcast(desk: &Desk, audience: Audience) -> BroadcastId {
    desk.run(move |tx| {
        let draft = actions::Draft { body: Body::plain("hi"), audience: audience.clone(), rate: None, paid: false };
        let id = actions::create(tx, &OWNER, &config(&[]), &draft)?;
        actions::start(tx, &OWNER, id, actions::Approval { chats: 1, typed: None, revision: None })?;
        Ok(id)
    })
}

fn step(desk: &Desk, id: BroadcastId, limit: usize) -> bool {
    let (looked, chunk) = desk.read(|read| next(read, id, limit));
    desk.run(move |tx| write(tx, id, looked, &chunk))
}

#[test]
fn a_piece_that_was_read_before_a_pause_is_dropped_and_read_again_after_it() {
    let desk = Desk::new();
    desk.linked("ada", 5);
    desk.linked("ben", 6);
    let id = broadcast(&desk, Audience::Everyone);
    assert!(step(&desk, id, 1));
    let (looked, chunk) = desk.read(|read| next(read, id, 1));
    desk.run(move |tx| actions::pause(tx, &OWNER, id));
    assert!(!desk.run(move |tx| write(tx, id, looked, &chunk)));
    desk.run(move |tx| actions::resume(tx, &OWNER, id));
    assert_eq!(desk.read(|read| broadcasts::get(read, id)).unwrap().status(), BroadcastStatus::Preparing);
    while desk.read(|read| broadcasts::get(read, id)).unwrap().status() == BroadcastStatus::Preparing {
        assert!(step(&desk, id, 1));
    }
    assert_eq!(desk.read(|read| rows(read, id)), [(1, 5), (2, 6)]);
}

#[test]
fn what_is_cancelled_while_it_is_written_down_grows_no_more() {
    let desk = Desk::new();
    desk.linked("ada", 5);
    desk.linked("ben", 6);
    let id = broadcast(&desk, Audience::Everyone);
    assert!(step(&desk, id, 1));
    desk.run(move |tx| actions::cancel(tx, &OWNER, id));
    assert!(!step(&desk, id, 1));
    let figures = desk.read(|read| broadcasts::figures(read, id));
    assert_eq!((figures.rows, figures.count(Standing::Cancelled), figures.open()), (1, 1, 0));
}

#[test]
fn a_chat_that_moves_meanwhile_stands_under_both_accounts_and_the_later_binding_tells() {
    let desk = Desk::new();
    let (_, chat) = desk.linked("ada", 5);
    let ben = desk.account("ben");
    let id = broadcast(&desk, Audience::Everyone);
    assert!(step(&desk, id, 1));
    desk.pass(std::time::Duration::from_millis(1));
    desk.run(move |tx| talk::bind(tx, chat, ben));
    assert!(step(&desk, id, 9));
    assert_eq!(desk.read(|read| rows(read, id)), [(1, 5), (2, 5)]);
    let started = desk.read(|read| broadcasts::get(read, id)).unwrap().started.unwrap();
    let binding = desk.chat(chat).binding.unwrap();
    assert!(binding.account == ben && binding.since > started, "the first row is passed over, and the second");
}

#[test]
fn send_again_reaches_those_of_the_first_whose_chat_is_still_theirs() {
    let desk = Desk::new();
    let names = ["ada", "ben", "cleo", "dan", "eve", "fay"];
    let people: Vec<_> = (5..).zip(names).map(|(chat, name)| desk.linked(name, chat)).collect();
    let id = broadcast(&desk, Audience::Everyone);
    assert!(step(&desk, id, 100));
    // fay gets it, everyone else does not.
    crate::actions::broadcasts::tests::settle(&desk, id, |row| match row.chat {
        ChatId(10) => Standing::Sent,
        _ => Standing::Failed,
    });
    let (muted, blocked, gone, moved) = (people[0].1, people[1].1, people[2].1, people[3].1);
    let eve = people[4].0;
    desk.run(move |tx| {
        talk::set_muted(tx, muted, true)?;
        talk::set_reachability(tx, blocked, Reachability::Blocked)?;
        talk::unbind(tx, &OWNER, gone, Unlinked::BySite)?;
        talk::bind(tx, moved, eve).map(|_| ())
    });
    let child = desk.run(move |tx| actions::again(tx, &OWNER, id, Standing::Failed));
    let audience = desk.read(|read| broadcasts::get(read, child)).unwrap().audience;
    let size = audience::size(&desk.store, &audience).unwrap();
    assert_eq!((size.accounts, size.chats), (1, 1));
    desk.run(move |tx| actions::start(tx, &OWNER, child, actions::Approval { chats: 1, typed: None, revision: None }));
    while desk.read(|read| broadcasts::get(read, child)).unwrap().status() == BroadcastStatus::Preparing {
        assert!(step(&desk, child, 2));
    }
    assert_eq!(desk.read(|read| rows(read, child)), [(eve.0, 9)]);
}
