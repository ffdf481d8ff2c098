//! The ledger of a broadcast against the check, and its look-ups.

use proptest::prelude::*;

use super::*;
use crate::clock::Clock;
use crate::ids::{ChatId, TelegramMessageId};
use crate::model::broadcast::{Broadcast, BroadcastState};
use crate::model::event::Actor;
use crate::model::message::Body;
use crate::model::recipient::Skip;
use crate::rng::Rng;
use crate::runtime::block_on;
use crate::secret::Sealer;
use crate::store::{Place as Where, Store, check};

const AT: Timestamp = Timestamp(1_700_000_000_000);

fn store() -> Store {
    let sealer = Sealer::new(&[7; 32], Rng::seeded(1));
    Store::open(Where::Memory, Clock::manual(AT), Rng::seeded(2), sealer).unwrap()
}

fn run<T: Send + 'static>(
    store: &Store,
    change: impl FnMut(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
) -> T {
    block_on(store.write(change)).unwrap()
}

/// A broadcast whose audience is as many chats for each account as the numbers say.
fn frozen(store: &Store, chats: Vec<u8>) -> BroadcastId {
    run(store, move |tx| {
        let state = BroadcastState::Sending;
        let broadcast = Broadcast { state, started: Some(AT), ..Broadcast::draft(Actor::System, AT) };
        let id = broadcasts::insert(tx, &broadcast, &Body::plain("hi"))?;
        let mut ledger = Ledger::open(tx, id)?;
        let mut chat = 0;
        for (account, count) in (1_u64..).zip(&chats) {
            for _ in 0..*count {
                chat += 1;
                ledger.append(tx, Recipient::queued(ChatId(chat), AccountId(account * 10)))?;
            }
        }
        ledger.figures.frozen = true;
        ledger.close(tx)?;
        Ok(id)
    })
}

fn step(store: &Store, id: BroadcastId, position: u32, state: RecipientState) {
    run(store, move |tx| {
        let open = get(tx, id, position)?.filter(|row| !row.standing().is_final());
        let Some(old) = open else { return Ok(()) };
        let mut ledger = Ledger::open(tx, id)?;
        ledger.update(tx, position, &old, &Recipient { state: state.clone(), ..old.clone() })?;
        ledger.close(tx)
    });
}

fn any_state() -> impl Strategy<Value = RecipientState> {
    let moment = Timestamp(AT.0 + 5);
    prop_oneof![
        Just(RecipientState::Queued { not_before: Some(moment) }),
        Just(RecipientState::Sending { since: AT, due: None }),
        Just(RecipientState::Sending { since: AT, due: Some(moment) }),
        Just(RecipientState::Sent { telegram: TelegramMessageId(3), at: AT }),
        Just(RecipientState::Uncertain { at: AT }),
        Just(RecipientState::Skipped { why: Skip::Muted, at: AT }),
        Just(RecipientState::Cancelled { at: AT }),
    ]
}

fn clean(store: &Store) -> Vec<String> {
    check::check(&store.snapshot().unwrap()).unwrap().findings
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Rows are leased from the border on, as the sender does; after that anything may happen to them until they are
    /// final.
    #[test]
    fn figures_and_indexes_follow_the_rows(
        chats in prop::collection::vec(0_u8..4, 1..6),
        steps in prop::collection::vec((any::<prop::sample::Index>(), any_state()), 0..25),
    ) {
        let store = store();
        let id = frozen(&store, chats);
        for (which, state) in steps {
            let figures = store.read(|read| broadcasts::figures(read, id)).unwrap();
            if figures.next < figures.rows {
                step(&store, id, figures.next, RecipientState::Sending { since: AT, due: None });
            }
            if figures.rows > 0 {
                let leased = usize::try_from((figures.next + 1).min(figures.rows)).unwrap();
                step(&store, id, u32::try_from(which.index(leased)).unwrap(), state);
            }
        }
        prop_assert_eq!(clean(&store), Vec::<String>::new());
        let figures = store.read(|read| broadcasts::figures(read, id)).unwrap();
        let found = store.read(|read| sending(read, id)).unwrap();
        prop_assert_eq!(found.len(), usize::try_from(figures.count(Standing::Sending)).unwrap());
    }
}

#[test]
fn an_account_counts_as_reached_once() {
    let store = store();
    let id = frozen(&store, vec![2, 1]);
    for position in 0..3 {
        step(&store, id, position, RecipientState::Sending { since: AT, due: None });
    }
    let reached = || store.read(|read| broadcasts::figures(read, id)).unwrap().reached;
    let sent = RecipientState::Sent { telegram: TelegramMessageId(3), at: AT };
    assert_eq!(reached(), 0);
    step(&store, id, 1, sent.clone());
    assert_eq!(reached(), 1);
    step(&store, id, 0, sent.clone());
    assert_eq!(reached(), 1);
    step(&store, id, 2, sent);
    assert_eq!(reached(), 2);
    assert_eq!(clean(&store), Vec::<String>::new());
}

#[test]
fn an_accounts_rows_are_found_by_halving() {
    let store = store();
    let id = frozen(&store, vec![1, 3, 0, 2]);
    let first = |account| store.read(|read| first_of(read, id, AccountId(account))).unwrap();
    assert_eq!([first(10), first(20), first(30), first(40), first(50)], [0, 1, 4, 4, 6]);
}

#[test]
fn rows_that_wait_again_are_found_by_their_moment_and_ended_ones_by_their_standing() {
    let store = store();
    let id = frozen(&store, vec![1, 1, 1]);
    let later = Timestamp(AT.0 + 1000);
    step(&store, id, 0, RecipientState::Queued { not_before: Some(later) });
    step(&store, id, 1, RecipientState::Uncertain { at: AT });
    let read = store.snapshot().unwrap();
    assert_eq!(returned(&read, id, AT, None, 9).unwrap(), []);
    assert_eq!(next_returned(&read, id, AT).unwrap(), Some(later));
    assert_eq!(returned(&read, id, later, None, 9).unwrap(), [(later, 0)]);
    let uncertain = ended(&read, id, Standing::Uncertain, 0, 9).unwrap();
    assert_eq!(uncertain.iter().map(|(position, _)| *position).collect::<Vec<_>>(), [1]);
    assert_eq!(broadcasts::figures(&read, id).unwrap().next, 2);
}
