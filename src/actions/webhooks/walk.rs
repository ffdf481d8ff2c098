//! Any sequence of what people ask of endpoints, and of what senders write down, leaves the file whole.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::actions::sweep::{self, Kept};
use crate::actions::testing::{Desk, OWNER};
use crate::ids::{AccountId, ChatId};
use crate::model::account::Username;
use crate::model::event::{Event, EventKind};
use crate::model::webhook::Outcome;
use crate::store::{self, Failure as _};

#[derive(Clone, Copy, Debug)]
enum Step {
    Create,
    Delete(u64),
    Rotate(u64),
    On(u64),
    Off(u64),
    Test(u64),
    Again(u64, u64),
    Happen(u64),
    Ended(u64, (u64, u64), Outcome),
    Held(u64, (u64, u64)),
    Sweep,
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let id = 1..4_u64;
    let turn = (0..4_u64, 1..12_u64);
    let outcome = proptest::sample::select(Outcome::ALL.to_vec());
    prop_oneof![
        2 => Just(Step::Create),
        1 => id.clone().prop_map(Step::Delete),
        1 => id.clone().prop_map(Step::Rotate),
        3 => id.clone().prop_map(Step::On),
        1 => id.clone().prop_map(Step::Off),
        2 => id.clone().prop_map(Step::Test),
        3 => (id.clone(), 1..12_u64).prop_map(|(id, event)| Step::Again(id, event)),
        3 => (0..4_u64).prop_map(Step::Happen),
        9 => (id.clone(), turn.clone(), outcome).prop_map(|(id, turn, outcome)| Step::Ended(id, turn, outcome)),
        4 => (id, turn).prop_map(|(id, turn)| Step::Held(id, turn)),
        1 => Just(Step::Sweep),
        2 => (1..30_u64 * 60).prop_map(Step::Pass),
    ]
}

fn take(tx: &mut Tx<'_>, step: Step) -> Result<(), Error> {
    let turn = |(account, event)| Turn { account: AccountId(account), event: EventId(event) };
    match step {
        Step::Create => {
            let asked = NewEndpoint { url: "https://example.org/".to_owned(), ..NewEndpoint::default() };
            create(tx, &OWNER, &WebhookAllow::default(), &asked).map(|_| ())
        }
        Step::Delete(id) => delete(tx, &OWNER, EndpointId(id)),
        Step::Rotate(id) => rotate(tx, &OWNER, EndpointId(id)).map(|_| ()),
        Step::On(id) => switch_on(tx, &OWNER, EndpointId(id)).map(|_| ()),
        Step::Off(id) => switch_off(tx, &OWNER, EndpointId(id)).map(|_| ()),
        Step::Test(id) => test(tx, &OWNER, EndpointId(id)).map(|_| ()),
        Step::Again(id, event) => send_again(tx, &OWNER, EndpointId(id), EventId(event)),
        Step::Happen(account) => {
            let whose = (account > 0).then(|| (AccountId(account), Username::parse("ada").unwrap()));
            let event = Event { at: tx.now(), account: whose, kind: EventKind::ChatLinked(ChatId(5)) };
            Ok(journal::record(tx, &event).map(|_| ())?)
        }
        Step::Ended(id, of, outcome) => {
            let took = Duration::from_millis(5);
            let ended = Ended { turn: turn(of), at: tx.now(), outcome, status: None, took, wish: None };
            let round = Round { ended: vec![ended], ..Round::new(EventId(of.1)) };
            Ok(settle(tx, EndpointId(id), &round)?)
        }
        Step::Held(id, of) => {
            let round = Round { held: vec![turn(of)], ..Round::new(EventId(of.1)) };
            Ok(settle(tx, EndpointId(id), &round)?)
        }
        Step::Sweep => sweep::run(tx, &Kept::default()).map(|_| ()),
        Step::Pass(_) => Ok(()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_leaves_the_file_whole(steps in proptest::collection::vec(step(), 1..60)) {
        let desk = Desk::new();
        for step in steps {
            let before = desk.store.changes().value();
            let done = crate::runtime::block_on(
                desk.store.write(move |tx| Ok::<_, StoreError>(take(tx, step))),
            ).unwrap();
            if let Err(error) = done {
                prop_assert!(!error.is_storage(), "{step:?}: {error}");
                prop_assert_eq!(desk.store.changes().value(), before, "{:?} wrote and refused", step);
            }
            if let Step::Pass(minutes) = step {
                desk.pass(Duration::from_mins(minutes));
            }
            let report = desk.read(store::check::check);
            prop_assert!(report.is_clean(), "{:?}: {:#?}", step, report.findings);
        }
    }
}
