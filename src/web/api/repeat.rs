//! `Idempotency-Key`: a request that comes twice under one name is carried out once, and answered twice. While the first one
//! runs, the second is told so; what was done is remembered for a day, in the transaction that did it.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::super::{Call, Problem};
use super::wrong;
use crate::actions::Error;
use crate::actions::keys::Holder;
use crate::actions::repeats::{self, Before, Named, Turn};
use crate::ids::KeyId;
use crate::model::repeat::Outcome;
use crate::secret::Hash;
use crate::store::Tx;

/// The header.
const HEADER: &str = "idempotency-key";
/// The longest name.
const NAME_MAX: usize = 255;

/// The names under which requests run now.
#[derive(Clone, Debug, Default)]
pub struct Running(Arc<Mutex<HashSet<(KeyId, Hash)>>>);

/// A name that is taken; dropping it gives it free.
struct Place {
    running: Running,
    name: (KeyId, Hash),
}

impl Running {
    fn enter(&self, name: (KeyId, Hash)) -> Option<Place> {
        let new = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name);
        new.then(|| Place { running: self.clone(), name })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.running.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.name);
    }
}

/// Whether something was done now or before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// Now.
    Now,
    /// Before, under the same name.
    Before,
}

/// A request that is about to be carried out. It is looked up before anything else is made of it, so that a repeat costs
/// nothing and leaves nothing behind.
pub(super) struct Entry {
    named: Option<Named>,
    before: Option<Outcome>,
    /// Nobody else carries out a request of this name meanwhile.
    _place: Option<Place>,
}

impl Entry {
    /// Looks a request up by the name its sender gave it, if one was given.
    pub(super) fn of(call: &Call, holder: &Holder, body: &[u8]) -> Result<Self, Problem> {
        let Some(named) = named(call, holder.id, body)? else {
            return Ok(Self { named: None, before: None, _place: None });
        };
        let place = call.state().api().running.enter((named.key, named.name)).ok_or_else(wrong::running)?;
        let before = match call.state().store().read(|read| repeats::before(read, named))? {
            Before::Nothing => None,
            Before::Same(outcome) => Some(outcome),
            Before::Foreign => return Err(wrong::other_request()),
        };
        Ok(Self { named: Some(named), before, _place: Some(place) })
    }

    /// What came of it when it was carried out before.
    pub(super) fn before(&self) -> Option<&Outcome> {
        self.before.as_ref()
    }

    /// Carries out `effect`, once for each name. `own` are the API's names for the fields of what the action refuses.
    pub(super) async fn once(
        self,
        call: &Call,
        own: &[(&'static str, &'static str)],
        mut effect: impl FnMut(&mut Tx<'_>) -> Result<Outcome, Error> + Send + 'static,
    ) -> Result<(Outcome, When), Problem> {
        if let Some(outcome) = self.before {
            return Ok((outcome, When::Before));
        }
        let named = self.named;
        let turn = call.state().store().write(move |tx| repeats::once(tx, named, &mut effect)).await;
        match turn.map_err(|error| wrong::refused(error, own))? {
            Turn::Done(outcome) => Ok((outcome, When::Now)),
            Turn::Again(outcome) => Ok((outcome, When::Before)),
            Turn::Foreign => Err(wrong::other_request()),
        }
    }
}

/// [`Entry::once`] for a request of which nothing is made before.
pub(super) async fn once(
    call: &Call,
    holder: &Holder,
    body: &[u8],
    own: &[(&'static str, &'static str)],
    effect: impl FnMut(&mut Tx<'_>) -> Result<Outcome, Error> + Send + 'static,
) -> Result<(Outcome, When), Problem> {
    Entry::of(call, holder, body)?.once(call, own, effect).await
}

fn named(call: &Call, key: KeyId, body: &[u8]) -> Result<Option<Named>, Problem> {
    let Some(name) = call.header(HEADER) else { return Ok(None) };
    if name.is_empty() || name.len() > NAME_MAX || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
        let text = format!("An Idempotency-Key has 1 to {NAME_MAX} visible characters, such as a UUID.");
        return Err(wrong::invalid("Idempotency-Key", text));
    }
    let mut request = format!("{} {}\n", call.method(), call.path_and_query()).into_bytes();
    request.extend_from_slice(body);
    Ok(Some(Named { key, name: Hash::of(name.as_bytes()), request: Hash::of(&request) }))
}

/// Marks an answer that was given before.
pub(super) fn marked(mut response: super::super::Response, when: When) -> super::super::Response {
    if when == When::Before {
        response.insert_header("idempotency-replayed", "true");
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_taken_while_its_request_runs() {
        let running = Running::default();
        let name = (KeyId(1), Hash::of(b"a"));
        let first = running.enter(name);
        assert!(first.is_some() && running.enter(name).is_none());
        assert!(running.enter((KeyId(2), name.1)).is_some(), "another key's name");
        drop(first);
        assert!(running.enter(name).is_some());
    }
}
