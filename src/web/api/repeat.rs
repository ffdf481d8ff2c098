//! `Idempotency-Key`: a request that comes twice under one name is carried out once, and answered twice. While the first one
//! runs, the second is told so; what was done is remembered for a day, in the transaction that did it.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::super::{Call, Problem};
use super::wrong;
use crate::actions::Error;
use crate::actions::keys::Holder;
use crate::actions::repeats::{self, Named, Turn};
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

/// Carries out `effect`, once for each name. `own` are the API's names for the fields of what the action refuses.
pub(super) async fn once(
    call: &Call,
    holder: &Holder,
    body: &[u8],
    own: &[(&'static str, &'static str)],
    mut effect: impl FnMut(&mut Tx<'_>) -> Result<Outcome, Error> + Send + 'static,
) -> Result<(Outcome, When), Problem> {
    let named = named(call, holder.id, body)?;
    let _place = match named {
        Some(named) => {
            let place = call.state().api().running.enter((named.key, named.name));
            Some(place.ok_or_else(wrong::running)?)
        }
        None => None,
    };
    let turn = call.state().store().write(move |tx| repeats::once(tx, named, &mut effect)).await;
    match turn.map_err(|error| wrong::refused(error, own))? {
        Turn::Done(outcome) => Ok((outcome, When::Now)),
        Turn::Again(outcome) => Ok((outcome, When::Before)),
        Turn::Foreign => Err(wrong::other_request()),
    }
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
