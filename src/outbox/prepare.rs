//! Broadcasts that begin: those on the schedule start at their moment, and the audience of those that were started is
//! written down, piece by piece, all of them in turn.

use std::collections::BTreeSet;
use std::time::Duration;

use super::Inner;
use crate::actions::Error;
use crate::actions::broadcasts::{self as actions, expand};
use crate::clock::Timestamp;
use crate::ids::BroadcastId;
use crate::model::broadcast::{BroadcastState, BroadcastStatus};
use crate::runtime::{self, Stop};
use crate::store::{Read as _, Snapshot, Store, StoreError, broadcasts};

/// Accounts that are looked at for one transaction: it takes about ten milliseconds, so that an answer of the bot that
/// waits behind it is not late.
const PIECE: usize = 2048;
/// How often it looks on its own: the wake-up is a hint that may be lost.
const LOOK: Duration = Duration::from_secs(5);
/// How long it rests after a change before it looks, because most changes are none of its business.
const REST: Duration = Duration::from_millis(50);
/// The pause after a failure of the data file.
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// Runs until `stop` is raised.
pub(super) async fn run(inner: &Inner, stop: &Stop) {
    let mut nursery = Nursery { store: inner.store.clone(), aside: BTreeSet::new() };
    while !stop.is_raised() {
        let seen = inner.store.changes().value();
        match nursery.turn(stop).await {
            Ok(next) => nursery.wait(seen, next, stop).await,
            Err(error) => {
                log::error!("broadcasts cannot be prepared because the data file failed: {error}");
                stop.sleep(STORE_PAUSE).await;
            }
        }
    }
}

/// What waits to begin.
struct Begin {
    preparing: Vec<BroadcastId>,
    due: Vec<BroadcastId>,
    /// The next moment on the schedule.
    next: Option<Timestamp>,
}

impl Begin {
    fn look(read: &Snapshot) -> Result<Self, StoreError> {
        let preparing = broadcasts::all(read, BroadcastStatus::Preparing)?.into_iter().map(|(id, _)| id).collect();
        let mut begin = Self { preparing, due: Vec::new(), next: None };
        for (id, broadcast) in broadcasts::all(read, BroadcastStatus::Scheduled)? {
            let BroadcastState::Scheduled { at } = broadcast.state else { continue };
            if at > read.now() {
                begin.next = Some(begin.next.map_or(at, |next| next.min(at)));
            } else {
                begin.due.push(id);
            }
        }
        Ok(begin)
    }
}

struct Nursery {
    store: Store,
    /// Met a damaged row or a fault of the program: left alone until the next start, so that others go on.
    aside: BTreeSet<BroadcastId>,
}

impl Nursery {
    /// Starts what is due and writes down what was started; the next moment on the schedule.
    async fn turn(&mut self, stop: &Stop) -> Result<Option<Timestamp>, Error> {
        loop {
            let store = self.store.clone();
            let begin = runtime::blocking(move || store.read(Begin::look)).await?;
            let due: Vec<_> = begin.due.into_iter().filter(|id| !self.aside.contains(id)).collect();
            let preparing: Vec<_> = begin.preparing.into_iter().filter(|id| !self.aside.contains(id)).collect();
            if stop.is_raised() || (due.is_empty() && preparing.is_empty()) {
                return Ok(begin.next);
            }
            for id in due {
                let launched = self.store.write(move |tx| actions::due(tx, id).map(|_| ())).await;
                self.kept(id, launched)?;
            }
            for id in preparing {
                let written = self.piece(id).await;
                self.kept(id, written)?;
            }
        }
    }

    /// Reads one piece of an audience and writes it down.
    async fn piece(&self, id: BroadcastId) -> Result<(), Error> {
        let store = self.store.clone();
        let piece = runtime::blocking(move || {
            store.read(|read| {
                let Some(broadcast) = broadcasts::get(read, id)? else { return Ok(None) };
                let looked = broadcasts::figures(read, id)?.looked;
                expand::look(read, &broadcast, looked, PIECE).map(|chunk| Some((looked, chunk)))
            })
        });
        let Some((looked, chunk)) = piece.await? else { return Ok::<(), Error>(()) };
        self.store.write(move |tx| expand::write(tx, id, looked, &chunk)).await.map(|_| ())
    }

    /// A broadcast that cannot be worked on is put aside; other failures are the data file's.
    fn kept(&mut self, id: BroadcastId, outcome: Result<(), Error>) -> Result<(), Error> {
        match outcome {
            Err(error) if error.is_culpable() => {
                log::error!(broadcast = id.0, error:% = error; "A broadcast cannot be prepared and is left alone until the next start.");
                self.aside.insert(id);
                Ok(())
            }
            other => other,
        }
    }

    /// Waits for a change on disk, the next moment on the schedule, or the stop.
    async fn wait(&self, seen: u64, next: Option<Timestamp>, stop: &Stop) {
        let span = next.map_or(LOOK, |at| at.since(self.store.clock().now()).min(LOOK));
        let changed = async {
            self.store.changes().after(seen).await;
            runtime::sleep(REST).await;
        };
        runtime::race(stop.wait(), runtime::race(changed, runtime::sleep(span))).await;
    }
}

#[cfg(test)]
mod tests;
