//! Answers that wait for news: the data file is looked at when it changed, and once a second for what the clock alone decides.

use std::time::Duration;

use futures_lite::FutureExt as _;

use super::super::{Call, Problem};
use crate::actions::keys::Holder;
use crate::runtime;
use crate::store::Snapshot;

/// The least time between two looks.
const GAP: Duration = Duration::from_millis(50);
/// After this time without a change one looks anyway.
const IDLE: Duration = Duration::from_secs(1);

/// Looks until there is something, or the time is over.
pub(super) async fn until<T>(
    call: &Call,
    holder: &Holder,
    seconds: u64,
    mut look: impl FnMut(&Snapshot) -> Result<Option<T>, Problem>,
) -> Result<Option<T>, Problem> {
    let store = call.state().store();
    let mut seen = store.changes().value();
    if let Some(found) = store.read(&mut look)? {
        return Ok(Some(found));
    }
    if seconds == 0 {
        return Ok(None);
    }
    let _place = call.state().places().enter(&format!("key {}", holder.id)).ok_or_else(crowded)?;
    let mut over = Box::pin(runtime::sleep(Duration::from_secs(seconds)));
    loop {
        let changed = async {
            let change = async {
                store.changes().after(seen).await;
                runtime::sleep(GAP).await;
            };
            runtime::race(change, runtime::sleep(IDLE)).await;
            false
        };
        let is_over = async {
            (&mut over).await;
            true
        };
        let is_over = is_over.or(changed).await;
        seen = store.changes().value();
        if let Some(found) = store.read(&mut look)? {
            return Ok(Some(found));
        }
        if is_over {
            return Ok(None);
        }
    }
}

/// Too many wait already.
pub(super) fn crowded() -> Problem {
    Problem::too_many(
        Duration::from_secs(5),
        "Too many requests of this key wait for news. Ask without waiting, or later.",
    )
}
