//! What the loop makes of a data file that fails.

use super::*;
use crate::actions::testing::{OWNER, config};
use crate::actions::webhooks::{NewEndpoint, create};
use crate::clock::Clock;
use crate::config::WebhookAllow;
use crate::ids::{AccountId, EventId};
use crate::model::webhook::Waiting;
use crate::rng::Rng;
use crate::runtime::block_on;
use crate::secret::Sealer;
use crate::store::faulty::{Breaks, spoil};
use crate::store::{Place, Store};
use crate::webhooks::{DEADLINE, Webhooks};

const TURN: Turn = Turn { account: AccountId(1), event: EventId(1) };

/// Two endpoints; both wait for the same event, and the row of the first one is damaged.
fn damaged() -> (Store, EndpointId, EndpointId) {
    let (clock, rng) = (Clock::manual(Timestamp(1_000_000_000_000)), Rng::seeded(1));
    let store = Store::open(Place::Memory, clock, rng.clone(), Sealer::new(&[7; 32], rng)).unwrap();
    let made = store.write(|tx| {
        let asked = NewEndpoint { url: "https://example.org/".to_owned(), ..NewEndpoint::default() };
        let first = create(tx, &OWNER, &WebhookAllow::default(), &asked)?.0;
        let second = create(tx, &OWNER, &WebhookAllow::default(), &asked)?.0;
        for id in [first, second] {
            webhooks::put(tx, id, TURN, &Waiting::new(tx.now()))?;
        }
        spoil(tx, first, TURN)?;
        Ok::<_, crate::actions::Error>((first, second))
    });
    let (first, second) = block_on(made).unwrap();
    (store, first, second)
}

#[test]
fn only_what_is_gone_or_damaged_is_given_up() {
    let (store, first, second) = damaged();
    let read = store.snapshot().unwrap();
    let endpoint = webhooks::get(&read, second).unwrap().unwrap();
    assert!(job(&read, first, &endpoint, TURN).unwrap().is_none(), "damaged");
    assert!(job(&read, second, &endpoint, TURN).unwrap().is_none(), "no longer kept");
    let failed = job(&Breaks::after(0, &read), second, &endpoint, TURN);
    assert!(matches!(failed, Err(StoreError::Disk(_))), "a disk that fails may be well later");
}

#[test]
fn a_damaged_row_holds_up_its_endpoint_and_no_other() {
    let (store, first, second) = damaged();
    let sender = Webhooks::new(store.clone(), &config(&[]), DEADLINE).unwrap();
    let mut sending = Loop::new(&sender.0);
    let at = store.clock().now();
    for id in [first, second] {
        let took = Duration::ZERO;
        let ended = Ended { turn: TURN, at, outcome: Outcome::Delivered, status: Some(200), took, wish: None };
        let mut lane = Lane::new(EventId(0));
        lane.take_back(ended, took);
        sending.lanes.insert(id, lane);
    }
    block_on(sending.settle(false)).unwrap();
    let delivered = |id| store.read(|read| webhooks::progress(read, id)).unwrap().unwrap().delivered;
    assert_eq!((delivered(first), delivered(second)), (None, Some(at)));
    assert!(sending.lanes[&first].must_settle() && !sending.lanes[&second].must_settle());
    let next = block_on(sending.turn(false)).unwrap();
    assert_eq!(next.wait, STORE_PAUSE, "it is tried again, without haste");
}
