//! The loop: write down what ended, choose what leaves, send with no transaction open. What it holds in memory can be lost: an
//! event that was on its way is sent again, under the same name.

use std::collections::BTreeMap;
use std::time::Duration;

use async_channel::{Receiver, Sender};

use super::lane::{Lane, Picked};
use super::send::{Job, message, send};
use super::{AT_ONCE_IN_ALL, Inner};
use crate::actions::news;
use crate::actions::webhooks::{Ended, Round, secrets, settle};
use crate::clock::Timestamp;
use crate::ids::EndpointId;
use crate::model::webhook::{Endpoint, Outcome};
use crate::runtime::{self, Stop};
use crate::store::webhooks::{self, Turn};
use crate::store::{Read, Snapshot, StoreError, Tx, journal};

/// How often the loop looks on its own: the wake-up is a hint that may be lost.
const LOOK: Duration = Duration::from_secs(5);
/// The pause after a failure of the data file.
const STORE_PAUSE: Duration = Duration::from_secs(1);

type Note = (EndpointId, Ended);

pub(super) struct Loop<'w> {
    inner: &'w Inner,
    lanes: BTreeMap<EndpointId, Lane>,
    notes: (Sender<Note>, Receiver<Note>),
    /// The endpoint whose turn it is, so that the first one does not take all places again and again.
    first: EndpointId,
}

/// What a turn found.
struct Next {
    /// The data file's and the hint's pulse before the look.
    seen: (u64, u64),
    /// How long there is nothing to do.
    wait: Duration,
}

impl<'w> Loop<'w> {
    pub(super) fn new(inner: &'w Inner) -> Self {
        Self { inner, lanes: BTreeMap::new(), notes: async_channel::unbounded(), first: EndpointId(0) }
    }

    /// Runs until `stop` is raised and what was on its way is written down.
    pub(super) async fn run(mut self, stop: &Stop) {
        loop {
            let draining = stop.is_raised();
            match self.turn(draining).await {
                Ok(_) if draining && self.flying() == 0 => break,
                Ok(next) => self.wait(&next, stop, draining).await,
                Err(error) => {
                    log::error!("webhooks wait because the data file failed: {error}");
                    runtime::sleep(STORE_PAUSE).await;
                }
            }
        }
        self.inner.turn(None);
    }

    fn flying(&self) -> usize {
        self.lanes.values().map(Lane::flying).sum()
    }

    async fn turn(&mut self, draining: bool) -> Result<Next, StoreError> {
        self.inner.turn(Some(self.inner.store.clock().now()));
        self.settle(draining).await?;
        let seen = (self.inner.store.changes().value(), self.inner.wake.value());
        let mut next = Next { seen, wait: LOOK };
        if draining {
            return Ok(next);
        }
        let snapshot = self.inner.store.snapshot()?;
        let endpoints = webhooks::all(&snapshot)?;
        self.lanes.retain(|id, lane| {
            lane.flying() > 0 || endpoints.iter().any(|(other, row)| id == other && row.is_active())
        });
        let active: Vec<_> = endpoints.into_iter().filter(|(_, endpoint)| endpoint.is_active()).collect();
        let (before, from): (Vec<_>, Vec<_>) = active.into_iter().partition(|(id, _)| *id < self.first);
        for (id, endpoint) in from.into_iter().chain(before) {
            match self.serve(&snapshot, id, &endpoint) {
                Ok(wait) => next.wait = next.wait.min(wait),
                Err(error) => {
                    log::error!("the webhook endpoint {id} waits because of the data file: {error}");
                    next.wait = next.wait.min(STORE_PAUSE);
                }
            }
        }
        self.first = self.lanes.keys().find(|id| **id > self.first).copied().unwrap_or(EndpointId(0));
        Ok(next)
    }

    /// Sends what may leave to one endpoint; how long there is nothing to do for it.
    fn serve(&mut self, snapshot: &Snapshot, id: EndpointId, endpoint: &Endpoint) -> Result<Duration, StoreError> {
        let Some(progress) = webhooks::progress(snapshot, id)? else { return Ok(LOOK) };
        let free = AT_ONCE_IN_ALL.saturating_sub(self.flying());
        let now = self.inner.store.clock().elapsed();
        let lane = self.lanes.entry(id).or_insert_with(|| Lane::new(progress.cursor));
        if lane.must_settle() {
            // It could not be written down.
            return Ok(STORE_PAUSE);
        }
        lane.skip_to(progress.cursor);
        lane.aim(&endpoint.url);
        let Picked { turns, next, is_more } = lane.pick(snapshot, (id, &endpoint.events), free, now)?;
        let jobs: Result<Vec<_>, _> = turns.iter().map(|turn| job(snapshot, id, endpoint, *turn)).collect();
        let jobs = jobs.inspect_err(|_| lane.put_back(&turns))?;
        let mut at_once = is_more;
        for (turn, job) in turns.into_iter().zip(jobs) {
            if let Some(job) = job {
                self.start(id, job);
            } else {
                at_once = true;
                self.give_up(id, turn, now);
            }
        }
        let Some(lane) = self.lanes.get(&id) else { return Ok(LOOK) };
        if at_once || lane.must_settle() {
            return Ok(Duration::ZERO);
        }
        let due = next.map_or(LOOK, |at| at.since(snapshot.now()));
        Ok(lane.rests_until(now).map_or(due, |until| until.saturating_sub(now)))
    }

    fn start(&self, id: EndpointId, job: Job) {
        let (client, allow, deadline) = (self.inner.client.clone(), self.inner.allow.clone(), self.inner.deadline);
        let (clock, notes) = (self.inner.store.clock().clone(), self.notes.0.clone());
        runtime::spawn(async move {
            let ended = send(&client, (&allow, deadline), &clock, &job).await;
            // The loop is gone only when the process ends; then the event is sent again.
            let _ = notes.send((id, ended)).await;
        });
    }

    /// The event is not kept any more, or cannot be read: there is nothing to send.
    fn give_up(&mut self, id: EndpointId, turn: Turn, now: Duration) {
        let at = self.inner.store.clock().now();
        let ended = Ended { turn, at, outcome: Outcome::GivenUp, status: None, took: Duration::ZERO, wish: None };
        if let Some(lane) = self.lanes.get_mut(&id) {
            lane.take_back(ended, now);
        }
    }

    /// Writes down what ended, all in one transaction; when that fails because of one endpoint, for each on its own.
    async fn settle(&mut self, draining: bool) -> Result<(), StoreError> {
        while let Ok(note) = self.notes.1.try_recv() {
            self.take(note);
        }
        let is_last = draining && self.flying() == 0;
        let must = |lane: &Lane| lane.must_settle() || (is_last && lane.is_ahead());
        let rounds: Vec<(EndpointId, Round)> =
            self.lanes.iter().filter(|(_, lane)| must(lane)).map(|(id, lane)| (*id, lane.round())).collect();
        if rounds.is_empty() {
            return Ok(());
        }
        match self.write(&rounds).await {
            Err(error) if error.is_culpable() => {}
            result => return result,
        }
        for one in &rounds {
            match self.write(std::slice::from_ref(one)).await {
                Err(error) if error.is_culpable() => {
                    log::error!("the webhook endpoint {} waits because of the data file: {error}", one.0);
                }
                result => result?,
            }
        }
        Ok(())
    }

    async fn write(&mut self, rounds: &[(EndpointId, Round)]) -> Result<(), StoreError> {
        let written = rounds.to_vec();
        let write = move |tx: &mut Tx<'_>| written.iter().try_for_each(|(id, round)| settle(tx, *id, round));
        self.inner.store.write(write).await?;
        for (id, round) in rounds {
            if let Some(lane) = self.lanes.get_mut(id) {
                lane.settled(round);
            }
        }
        Ok(())
    }

    fn take(&mut self, (id, ended): Note) {
        let now = self.inner.store.clock().elapsed();
        if let Some(lane) = self.lanes.get_mut(&id) {
            lane.take_back(ended, now);
        }
    }

    /// Waits for something to do: an attempt that ended, a change on disk, a hint, a moment, or the stop. When the turn before
    /// knew of the stop, only for what is on its way.
    async fn wait(&mut self, next: &Next, stop: &Stop, draining: bool) {
        let (store, wake) = (&self.inner.store, &self.inner.wake);
        let note = async { self.notes.1.recv().await.ok() };
        let news = runtime::race(
            async {
                store.changes().after(next.seen.0).await;
            },
            async {
                wake.after(next.seen.1).await;
            },
        );
        let others = async {
            if draining {
                std::future::pending::<()>().await;
            }
            runtime::race(news, runtime::race(runtime::sleep(next.wait), stop.wait())).await;
            None
        };
        if let Some(note) = runtime::race(note, others).await {
            self.take(note);
        }
    }
}

/// An event made ready to leave; nothing when it is not kept any more, or damaged. What failed for another reason may be well later.
fn job(read: &impl Read, id: EndpointId, endpoint: &Endpoint, turn: Turn) -> Result<Option<Job>, StoreError> {
    let (at, body) = match told(read, id, turn) {
        Ok(Some(told)) => told,
        Ok(None) => return Ok(None),
        Err(error @ StoreError::Row { .. }) => {
            log::error!("event {} cannot be told to webhook endpoint {id}: {error}", turn.event);
            return Ok(None);
        }
        Err(error @ (StoreError::Disk(_) | StoreError::Closed | StoreError::Panicked)) => return Err(error),
    };
    let message = message(endpoint, turn.event, at);
    Ok(Some(Job { turn, url: endpoint.url.clone(), message, body, secrets: secrets(read, endpoint) }))
}

fn told(read: &impl Read, id: EndpointId, turn: Turn) -> Result<Option<(Timestamp, String)>, StoreError> {
    if let Some(waiting) = webhooks::waiting(read, id, turn)?.filter(|waiting| waiting.is_test) {
        return Ok(Some((waiting.queued, news::test(turn.event, waiting.queued).to_string())));
    }
    let Some(event) = journal::event(read, turn.event)? else { return Ok(None) };
    Ok(Some((event.at, news::json(read, turn.event, &event)?.to_string())))
}

#[cfg(test)]
mod tests;
