//! Requests that may come twice: what was done under a name its sender chose is not done again, and the name stands in the
//! same transaction as what was done, so that no crash comes between the two.

use crate::actions::Error;
use crate::ids::KeyId;
use crate::model::repeat::{KEPT, Outcome, Repeat};
use crate::secret::Hash;
use crate::store::{Read, StoreError, Tx, keys};

/// A request with the name its sender chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named {
    /// By whom.
    pub key: KeyId,
    /// The hash of the name.
    pub name: Hash,
    /// The hash of what is asked.
    pub request: Hash,
}

/// What came of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It was carried out now.
    Done(Outcome),
    /// It was carried out before.
    Again(Outcome),
    /// Something else was carried out under this name.
    Foreign,
}

/// What was done before under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Before {
    /// Nothing within a day.
    Nothing,
    /// The same.
    Same(Outcome),
    /// Something else.
    Foreign,
}

/// Looks a request up.
pub fn before(read: &impl Read, named: Named) -> Result<Before, StoreError> {
    let now = read.now();
    let repeat = keys::repeat(read, named.key, named.name)?.filter(|repeat| now.since(repeat.at) < KEPT);
    Ok(match repeat {
        None => Before::Nothing,
        Some(repeat) if repeat.request == named.request => Before::Same(repeat.outcome),
        Some(_) => Before::Foreign,
    })
}

/// Carries out `effect`, once for each name within a day. What it refuses is not remembered: nothing was done.
pub fn once(
    tx: &mut Tx<'_>,
    named: Option<Named>,
    effect: impl FnOnce(&mut Tx<'_>) -> Result<Outcome, Error>,
) -> Result<Turn, Error> {
    let Some(named) = named else { return Ok(Turn::Done(effect(tx)?)) };
    match before(tx, named)? {
        Before::Nothing => {}
        Before::Same(outcome) => return Ok(Turn::Again(outcome)),
        Before::Foreign => return Ok(Turn::Foreign),
    }
    let outcome = effect(tx)?;
    let repeat = Repeat { at: tx.now(), request: named.request, outcome: outcome.clone() };
    keys::put_repeat(tx, named.key, named.name, &repeat)?;
    Ok(Turn::Done(outcome))
}

/// Forgets what is older than a day, at most `limit`; how many went.
pub(super) fn sweep(tx: &mut Tx<'_>, limit: usize) -> Result<usize, StoreError> {
    let then = tx.now().minus(KEPT);
    keys::trim_repeats(tx, then, limit)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::actions::sweep::{self, Kept};
    use crate::actions::testing::{Desk, OWNER};
    use crate::actions::{Refusal, links};
    use crate::ids::{AccountId, MessageId};
    use crate::model::link::Target;
    use crate::store;

    const NAMED: Named = Named { key: KeyId(1), name: Hash([1; 32]), request: Hash([2; 32]) };

    fn issue(desk: &Desk, account: AccountId, named: Named) -> Turn {
        desk.run(move |tx| {
            once(tx, Some(named), |tx| {
                let issued = links::issue(tx, &OWNER, Target::Account(account), Duration::from_hours(1))?;
                Ok(Outcome::Link(issued.id))
            })
        })
    }

    #[test]
    fn a_name_is_good_for_one_effect_within_a_day() {
        let desk = Desk::new();
        let account = desk.account("ada");
        let Turn::Done(first) = issue(&desk, account, NAMED) else { panic!("not done") };
        assert_eq!(issue(&desk, account, NAMED), Turn::Again(first));
        assert_eq!(issue(&desk, account, Named { request: Hash([3; 32]), ..NAMED }), Turn::Foreign);
        assert!(matches!(issue(&desk, account, Named { key: KeyId(2), ..NAMED }), Turn::Done(_)), "another key's name");
        assert_eq!(desk.read(|read| store::links::of_account(read, account, 9)).len(), 2);
        desk.pass(KEPT);
        assert!(matches!(issue(&desk, account, NAMED), Turn::Done(_)), "a day later it is a new name");
    }

    #[test]
    fn what_was_refused_is_not_remembered() {
        let desk = Desk::new();
        desk.refused(|tx| once(tx, Some(NAMED), |_| Err(Refusal::not_found("No.").into())));
        let done = desk.run(|tx| once(tx, Some(NAMED), |_| Ok(Outcome::Message(MessageId(1)))));
        assert_eq!(done, Turn::Done(Outcome::Message(MessageId(1))));
    }

    #[test]
    fn old_answers_are_swept() {
        let desk = Desk::new();
        desk.run(|tx| once(tx, Some(NAMED), |_| Ok(Outcome::Message(MessageId(1)))));
        desk.pass(KEPT + Duration::from_secs(1));
        desk.run(|tx| sweep::run(tx, &Kept::default()));
        assert_eq!(desk.read(|read| keys::repeat(read, NAMED.key, NAMED.name)), None);
    }
}
