//! Batches with repeated updates, culprits and refusals.

use super::*;
use crate::clock::{Clock, Timestamp};
use crate::ids::ChatId;
use crate::model::chat::Profile;
use crate::rng::Rng;
use crate::runtime::block_on;
use crate::secret::Sealer;
use crate::store::{Place, chats, check};

fn store() -> Store {
    let clock = Clock::manual(Timestamp(1_790_000_000_000));
    Store::open(Place::Memory, clock, Rng::seeded(2), Sealer::new(&[7; 32], Rng::seeded(1))).unwrap()
}

fn items(ids: &[i64]) -> Arc<[Item]> {
    let item = |id: &i64| Item { id: UpdateId(*id), intent: Intent::Nothing, raw: format!("raw {id}").into() };
    ids.iter().map(item).collect()
}

/// Each update makes the chat with its number; the third is a culprit.
fn make_chats(tx: &mut Tx<'_>, _: &Voice, item: &Item) -> Result<Vec<Effect>, Error> {
    assert!(chats::get(tx, ChatId(item.id.0))?.is_none(), "done twice");
    crate::actions::chats::note(tx, ChatId(item.id.0), Profile::default())?;
    assert_ne!(item.id, UpdateId(3));
    let query = item.id.to_string();
    Ok(vec![Effect::Acknowledge { query, notice: None }])
}

fn refuse(_: &mut Tx<'_>, _: &Voice, _: &Item) -> Result<Vec<Effect>, Error> {
    Err(crate::actions::Refusal::conflict(None, "no").into())
}

fn run(store: &Store, ids: &[i64], apply: Apply) -> Vec<Effect> {
    let effects = block_on(work_with(store, items(ids), apply)).unwrap();
    let report = store.read(check::check).unwrap();
    assert!(report.is_clean(), "{:?}", report.findings);
    effects
}

fn chats_of(store: &Store) -> Vec<i64> {
    store.read(|read| chats::walk(read, None, 100)).unwrap().into_iter().map(|(id, _)| id.0).collect()
}

fn offset(store: &Store) -> Option<UpdateId> {
    store.read(meta::offset).unwrap()
}

#[test]
fn repeated_and_reordered_updates_are_done_once_and_the_offset_follows_the_last() {
    let store = store();
    assert_eq!(run(&store, &[10, 12, 11], make_chats).len(), 3);
    assert_eq!(offset(&store), Some(UpdateId(12)), "the last one plus one, not the highest");
    assert_eq!(run(&store, &[12, 13, 13], make_chats).len(), 1);
    assert_eq!((chats_of(&store), offset(&store)), (vec![10, 11, 12, 13], Some(UpdateId(14))));
    run(&store, &[5], make_chats);
    assert_eq!(offset(&store), Some(UpdateId(6)), "numbers may begin anew");
    assert_eq!(store.read(|read| meta::set_asides(read, 10)).unwrap(), [], "nothing was tried twice");
}

#[test]
fn a_culprit_is_set_aside_with_its_text_and_the_others_are_done() {
    let store = store();
    let effects = run(&store, &[1, 2, 3, 4], make_chats);
    assert_eq!(effects.len(), 3);
    assert_eq!((chats_of(&store), offset(&store)), (vec![1, 2, 4], Some(UpdateId(5))));
    let aside = store.read(|read| meta::set_asides(read, 10)).unwrap();
    let sealer = Sealer::new(&[7; 32], Rng::seeded(1));
    let texts: Vec<_> =
        aside.iter().map(|(id, row)| (*id, sealer.open("update", &row.sealed).unwrap().to_vec())).collect();
    assert_eq!(texts, [(UpdateId(3), b"raw 3".to_vec())]);
    run(&store, &[3], make_chats);
    assert_eq!(chats_of(&store), [1, 2, 4], "it is not tried again");
}

#[test]
fn a_culprit_alone_does_not_stop_the_queue() {
    let store = store();
    run(&store, &[3], make_chats);
    assert_eq!(offset(&store), Some(UpdateId(4)));
    assert_eq!(store.read(|read| meta::set_asides(read, 10)).unwrap().len(), 1);
}

#[test]
fn a_refusal_stops_nothing() {
    let store = store();
    run(&store, &[1, 2], refuse);
    assert_eq!(offset(&store), Some(UpdateId(3)));
    assert_eq!(store.read(|read| meta::set_asides(read, 10)).unwrap().len(), 0);
}
