//! The data file from outside: what is confirmed is on disk, what is refused leaves no trace, who comes second is told.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use startlink::actions::{Error, Refusal};
use startlink::clock::{Clock, Timestamp};
use startlink::ids::{AccountId, ChatId, LinkId};
use startlink::model::account::{Account, AccountState, Tag, Username};
use startlink::model::chat::{Binding, Chat, Profile, Reachability};
use startlink::model::event::Actor;
use startlink::model::link::{Code, Link, LinkState, LinkStatus, Target};
use startlink::model::settings::Saved;
use startlink::rng::Rng;
use startlink::runtime::block_on;
use startlink::secret::Sealer;
use startlink::store::accounts::{Filter, From};
use startlink::store::{self, Counter, OpenError, Place, Store, StoreError, accounts, chats, links, meta};

struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let name = format!("startlink-test-{}-{:x}", std::process::id(), u64::from_be_bytes(Rng::system().bytes()));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn file(&self) -> Place {
        Place::File(self.0.join("startlink.redb"))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn sealer(key: u8) -> Sealer {
    Sealer::new(&[key; 32], Rng::seeded(9))
}

fn open(place: Place) -> Result<Store, OpenError> {
    Store::open(place, Clock::manual(Timestamp(1_000_000)), Rng::seeded(1), sealer(7))
}

/// Opens a file that was just closed. A test beside this one that starts a process holds every lock until its child has
/// become the other program, so that the file may look busy for a moment.
fn reopen(folder: &Folder) -> Store {
    let begun = Clock::system();
    loop {
        match open(folder.file()) {
            Err(OpenError::Busy) if begun.elapsed() < Duration::from_secs(10) => std::thread::yield_now(),
            opened => return opened.unwrap(),
        }
    }
}

fn memory() -> Store {
    open(Place::Memory).unwrap()
}

fn account(name: &str) -> Account {
    let username = Username::parse(name).unwrap();
    Account { username, name: String::new(), tags: Vec::new(), created: Timestamp(0), chats: 0, reachable: 0, muted: 0 }
}

fn add(store: &Store, names: &[&str]) -> Vec<AccountId> {
    let rows: Vec<Account> = names.iter().map(|name| account(name)).collect();
    block_on(store.write(move |tx| rows.iter().map(|row| accounts::insert(tx, row)).collect::<Result<_, StoreError>>()))
        .unwrap()
}

#[track_caller]
fn assert_clean(store: &Store) {
    let report = store.read(store::check::check).unwrap();
    assert!(report.is_clean(), "{:#?}", report.findings);
}

fn listed(store: &Store, filter: &Filter, from: &From, limit: usize) -> (Vec<String>, Option<String>, Option<String>) {
    let page = store.read(|read| accounts::list(read, filter, from, limit)).unwrap();
    (page.rows.iter().map(|(_, row)| row.username.to_string()).collect(), page.before, page.after)
}

#[test]
fn what_was_confirmed_is_there_after_the_file_is_opened_again() {
    let folder = Folder::new();
    let store = open(folder.file()).unwrap();
    add(&store, &["ada", "ben"]);
    drop(store);
    let again = reopen(&folder);
    assert_eq!(listed(&again, &Filter::default(), &From::Start, 10).0, ["ada", "ben"]);
    assert_clean(&again);
}

#[test]
fn a_second_process_is_told_that_the_file_is_in_use() {
    let folder = Folder::new();
    let _first = open(folder.file()).unwrap();
    assert!(matches!(open(folder.file()), Err(OpenError::Busy)));
}

#[test]
fn another_key_is_refused_before_anything_is_read() {
    let folder = Folder::new();
    drop(open(folder.file()).unwrap());
    let other = Store::open(folder.file(), Clock::system(), Rng::system(), sealer(8));
    assert!(matches!(other, Err(OpenError::WrongKey)));
}

#[test]
fn a_damaged_file_is_refused_and_left_alone() {
    let folder = Folder::new();
    let Place::File(path) = folder.file() else { unreachable!() };
    std::fs::write(&path, b"this is not a data file, and it is longer than a header ".repeat(100)).unwrap();
    let before = std::fs::read(&path).unwrap();
    assert!(matches!(open(folder.file()), Err(OpenError::Failed(_))));
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn a_refusal_after_a_write_leaves_no_trace_and_harms_nobody_else() {
    let store = memory();
    let refused = store.write(|tx| -> Result<(), Error> {
        accounts::insert(tx, &account("half-done"))?;
        Err(Refusal::not_found("no").into())
    });
    let good = store.write(|tx| accounts::insert(tx, &account("good")));
    let (refused, good) = block_on(futures_lite::future::zip(refused, good));
    assert!(matches!(refused, Err(Error::Refused(_))));
    assert!(good.is_ok());
    assert_eq!(listed(&store, &Filter::default(), &From::Start, 10).0, ["good"]);
    assert_clean(&store);
}

#[test]
fn a_panic_in_one_closure_is_an_error_of_that_one_only() {
    let store = memory();
    let bad = store.write(|tx| -> Result<(), StoreError> {
        accounts::insert(tx, &account("lost"))?;
        panic!("a fault in the closure, on purpose");
    });
    let good = store.write(|tx| accounts::insert(tx, &account("good")));
    let (bad, good) = block_on(futures_lite::future::zip(bad, good));
    assert_eq!(bad, Err(StoreError::Panicked));
    assert!(good.is_ok());
    assert_clean(&store);
}

#[test]
fn closures_that_wait_share_a_commit() {
    let store = memory();
    let before = store.changes().value();
    let runs = Arc::new(AtomicU32::new(0));
    let (open, gate_opens) = std::sync::mpsc::channel::<()>();
    let mut first = Some(gate_opens);
    let gate = store.write(move |tx| {
        // The writer waits here until all the others stand in the queue.
        if let Some(opens) = first.take() {
            opens.recv().unwrap();
        }
        accounts::insert(tx, &account("gate"))
    });
    let others = (0..50).map(|n| {
        let runs = Arc::clone(&runs);
        store.write(move |tx| {
            runs.fetch_add(1, Ordering::SeqCst);
            accounts::insert(tx, &account(&format!("u{n}")))
        })
    });
    block_on(async {
        let mut gate = Box::pin(gate);
        assert!(futures_lite::future::poll_once(&mut gate).await.is_none());
        let mut waiting: Vec<_> = others.map(Box::pin).collect();
        for other in &mut waiting {
            assert!(futures_lite::future::poll_once(other).await.is_none());
        }
        open.send(()).unwrap();
        gate.await.unwrap();
        for other in waiting {
            other.await.unwrap();
        }
    });
    assert_eq!(runs.load(Ordering::SeqCst), 50);
    // Two commits when the gate ran alone, one when it did not.
    assert!(store.changes().value() - before <= 2, "{} commits", store.changes().value() - before);
    assert_clean(&store);
}

#[test]
fn a_write_without_effect_is_no_commit() {
    let store = memory();
    let before = store.changes().value();
    block_on(store.write(|_| Ok::<_, StoreError>(()))).unwrap();
    assert_eq!(store.changes().value(), before);
}

#[test]
fn lists_page_forwards_and_back_in_the_order_of_names() {
    let store = memory();
    add(&store, &["d", "a", "c", "b", "e"]);
    let all = Filter::default();
    let owned = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(listed(&store, &all, &From::Start, 2), (owned(&["a", "b"]), None, Some("b".into())));
    assert_eq!(
        listed(&store, &all, &From::After("b".into()), 2),
        (owned(&["c", "d"]), Some("c".into()), Some("d".into()))
    );
    assert_eq!(listed(&store, &all, &From::After("d".into()), 2), (owned(&["e"]), Some("e".into()), None));
    assert_eq!(
        listed(&store, &all, &From::Before("e".into()), 2),
        (owned(&["c", "d"]), Some("c".into()), Some("d".into()))
    );
    assert_eq!(listed(&store, &all, &From::Before("c".into()), 2), (owned(&["a", "b"]), None, Some("b".into())));
}

#[test]
fn lists_filter_by_prefix_state_and_tag() {
    let store = memory();
    let ids = add(&store, &["anna", "anton", "bea"]);
    block_on(store.write(move |tx| {
        let old = accounts::get(tx, ids[1])?.unwrap();
        let new = Account { tags: Tag::parse_list("vip").unwrap(), ..old.clone() };
        accounts::update(tx, ids[1], &old, &new)?;
        let mut chat = Chat::new(Profile::default(), Timestamp(0));
        chat.binding = Some(Binding { account: ids[2], since: Timestamp(0) });
        chats::put(tx, ChatId(5), None, &chat)
    }))
    .unwrap();
    let filter = |prefix: &str, state, tag: &str| Filter { prefix: prefix.into(), state, tag: Tag::parse(tag).ok() };
    let names = |filter: &Filter| listed(&store, filter, &From::Start, 10).0;
    assert_eq!(names(&filter("an", None, "")), ["anna", "anton"]);
    assert_eq!(names(&filter("", Some(AccountState::Linked), "")), ["bea"]);
    assert_eq!(names(&filter("ant", Some(AccountState::Waiting), "vip")), ["anton"]);
    assert_eq!(names(&filter("", Some(AccountState::Linked), "vip")), Vec::<String>::new());
    assert_clean(&store);
}

#[test]
fn a_chats_reachability_moves_its_accounts_state() {
    let store = memory();
    let ids = add(&store, &["ada"]);
    let state = |store: &Store| store.read(|read| accounts::get(read, ids[0])).unwrap().unwrap().state();
    let id = ids[0];
    let put = move |store: &Store, reachability: Reachability, bound: bool| {
        block_on(store.write(move |tx| {
            let old = chats::get(tx, ChatId(5))?;
            let mut chat = old.clone().unwrap_or_else(|| Chat::new(Profile::default(), Timestamp(0)));
            chat.reachability = reachability;
            chat.binding = bound.then_some(Binding { account: id, since: Timestamp(0) });
            chats::put(tx, ChatId(5), old.as_ref(), &chat)
        }))
        .unwrap();
    };
    put(&store, Reachability::Reachable, true);
    assert_eq!(state(&store), AccountState::Linked);
    put(&store, Reachability::Blocked, true);
    assert_eq!(state(&store), AccountState::Unreachable);
    assert_clean(&store);
    put(&store, Reachability::Blocked, false);
    assert_eq!(state(&store), AccountState::Waiting);
    assert_clean(&store);
}

#[test]
fn a_links_code_is_sealed_while_it_is_open_and_erased_when_it_ends() {
    let store = memory();
    let id = add(&store, &["ada"])[0];
    let code = Code::random(&Rng::seeded(3));
    let hash = code.hash();
    let stored = block_on(store.write(move |tx| {
        let link = Link {
            target: Target::Account(id),
            hash,
            sealed_code: None,
            issued_by: Actor::System,
            issued: Timestamp(0),
            expires: Timestamp(500),
            state: LinkState::Open,
            return_url: None,
            metadata: None,
        };
        links::insert(tx, &code, link)
    }))
    .unwrap();
    assert_eq!(stored, LinkId(1));
    let (found, link) = store.read(|read| links::find(read, hash)).unwrap().unwrap();
    assert_eq!(found, stored);
    assert_eq!(store.read(|read| Ok::<_, StoreError>(links::code(read, &link))).unwrap().unwrap().hash(), hash);
    assert_eq!(store.read(|read| links::lapsed(read, Timestamp(499), 9)).unwrap().len(), 0);
    assert_eq!(store.read(|read| links::lapsed(read, Timestamp(500), 9)).unwrap().len(), 1);
    let used = LinkState::Used { chat: ChatId(5), at: Timestamp(100) };
    block_on(store.write(move |tx| links::set_state(tx, stored, &link, used).map(|_| ()))).unwrap();
    let ended = store.read(|read| links::get(read, stored)).unwrap().unwrap();
    assert_eq!(ended.sealed_code, None);
    assert_eq!(store.read(|read| links::by_state(read, LinkStatus::Used, None, 9)).unwrap().len(), 1);
    assert_eq!(store.read(|read| store::count(read, Counter::Links(LinkStatus::Open))).unwrap(), 0);
    assert_clean(&store);
}

#[test]
fn settings_and_token_come_back_and_the_token_is_sealed_on_disk() {
    let folder = Folder::new();
    let store = open(folder.file()).unwrap();
    let token = startlink::secret::Secret::new("123456:a-token-that-must-not-be-in-the-clear");
    let saved = Saved { site_name: Some("Example".into()), ..Saved::default() };
    let (saved_copy, token_copy) = (saved.clone(), token.clone());
    block_on(store.write(move |tx| {
        meta::save(tx, &saved_copy)?;
        meta::put_token(tx, Some(&token_copy))
    }))
    .unwrap();
    assert_eq!(store.read(meta::saved).unwrap(), saved);
    assert!(store.read(meta::token).unwrap() == Some(token));
    drop(store);
    let Place::File(path) = folder.file() else { unreachable!() };
    let bytes = std::fs::read(path).unwrap();
    let needle = b"must-not-be-in-the-clear";
    assert!(!bytes.windows(needle.len()).any(|window| window == needle));
}
