//! The loop: settle what ended and lease what is due, both in one commit; then send with no transaction open.
//! Everything it holds in memory can be lost: the truth is on disk before a request leaves.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use async_channel::{Receiver, Sender};
use futures_lite::FutureExt as _;

use super::Inner;
use super::content;
use super::health::Doing;
use super::lanes::Turns;
use super::lease::{self, Job};
use super::limiter::{Limiter, Limits};
use super::plan::{Moment, Plan};
use super::probe::Probe;
use super::retry::Silence;
use super::settle::{self, FLOOD, Outcome};
use crate::actions::Error;
use crate::ids::{DeliveryId, TelegramMessageId};
use crate::runtime::{self, Stop};
use crate::store::{Snapshot, StoreError, Tx, meta};
use crate::telegram::{Api, CallError, Class, SentMessage};

/// The most sends in flight, also without a limit.
const WIDEST: usize = 256;
/// How long a result may wait for company in its commit while others are in flight.
const SETTLE_WITHIN: Duration = Duration::from_millis(10);
/// How often the loop looks on its own: the wake-up is a hint that may be lost.
const LOOK: Duration = Duration::from_secs(5);
/// The longest pause that is taken over from the last process.
const LONGEST_HOLD: Duration = Duration::from_hours(24);
/// The pause after a failure of the data file.
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// What comes back to the loop.
pub(super) enum Note {
    /// A send ended.
    Ended(Outcome),
    /// Telegram answered `getMe`.
    Answered,
}

/// Why nothing is leased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Halt {
    TokenRefused,
    Outage,
}

pub(super) struct Loop<'o> {
    inner: &'o Inner,
    notes: (Sender<Note>, Receiver<Note>),
    limiter: Limiter,
    turns: Turns,
    silence: Silence,
    api: Option<Api>,
    halt: Option<(Halt, Probe)>,
    /// Leased on disk and not yet settled on disk.
    flying: BTreeSet<DeliveryId>,
    /// Met a damaged row or a fault of the program: left alone until the next start, so that others go on.
    aside: BTreeSet<DeliveryId>,
    ended: Vec<Outcome>,
    /// When the oldest of `ended` came in, on the monotonic clock.
    ended_since: Duration,
}

impl<'o> Loop<'o> {
    pub(super) fn new(inner: &'o Inner, aside: BTreeSet<DeliveryId>) -> Self {
        Self {
            inner,
            notes: async_channel::unbounded(),
            limiter: Limiter::new(Limits::default()),
            turns: Turns::default(),
            silence: Silence::default(),
            api: None,
            halt: None,
            flying: BTreeSet::new(),
            aside,
            ended: Vec::new(),
            ended_since: Duration::ZERO,
        }
    }

    /// Runs until `stop` is raised and what was in flight is settled.
    pub(super) async fn run(mut self, stop: &Stop) {
        self.hold_as_stored();
        while !(stop.is_raised() && self.flying.is_empty()) {
            let seen = self.inner.store.changes().value();
            match self.turn(stop).await {
                Ok(next) => {
                    self.show(stop);
                    self.wait(seen, next, stop).await;
                }
                Err(error) => {
                    self.inner.fault(Doing::StoreFailed, &error.to_string());
                    log::error!("sending waits because the data file failed: {error}");
                    runtime::sleep(STORE_PAUSE).await;
                }
            }
        }
    }

    /// One turn; the next moment, on the monotonic clock, at which there may be something to do.
    async fn turn(&mut self, stop: &Stop) -> Result<Option<Duration>, Error> {
        let draining = stop.is_raised();
        let mut plan = Plan::default();
        if !draining {
            let snapshot = self.inner.store.snapshot()?;
            self.follow_settings(&snapshot)?;
            if self.api.is_some() && self.halt.is_none() && self.is_worth_planning() {
                plan = self.plan(&snapshot)?;
            }
        }
        if plan.picks.is_empty() && plan.moved.is_empty() && !self.must_settle(draining) {
            return Ok(plan.next);
        }
        let next = plan.next;
        let jobs = self.commit(plan).await?;
        self.start(jobs);
        Ok(next)
    }

    fn plan(&mut self, snapshot: &Snapshot) -> Result<Plan, StoreError> {
        let moment = Moment {
            wall: self.inner.clock.now(),
            mono: self.inner.clock.elapsed(),
            flying: &self.flying,
            aside: &self.aside,
            slots: self.width().saturating_sub(self.flying.len()),
        };
        Plan::make(snapshot, &moment, &mut self.limiter, &mut self.turns)
    }

    /// Sends in flight: what a quarter of a second at the rate needs, so that a crash leaves little in doubt.
    fn width(&self) -> usize {
        match usize::try_from(self.limiter.limits().global_per_second) {
            Ok(0) | Err(_) => WIDEST,
            Ok(rate) => rate.div_ceil(4).clamp(1, WIDEST),
        }
    }

    /// Leasing in handfuls shares commits; a single free slot of many is not worth one.
    fn is_worth_planning(&self) -> bool {
        let free = self.width().saturating_sub(self.flying.len());
        self.flying.is_empty() || free >= (self.width() / 4).max(1)
    }

    fn must_settle(&self, draining: bool) -> bool {
        let company = self.ended.len() >= (self.width() / 4).max(1) || self.ended.len() == self.flying.len();
        let waited = self.inner.clock.elapsed().saturating_sub(self.ended_since) >= SETTLE_WITHIN;
        !self.ended.is_empty() && (draining || company || waited)
    }

    /// Settles what ended and leases the plan, in one commit.
    async fn commit(&mut self, plan: Plan) -> Result<Vec<Job>, Error> {
        let ended: Arc<[Outcome]> = self.ended.as_slice().into();
        let plan = Arc::new(plan);
        let (results, planned) = (Arc::clone(&ended), Arc::clone(&plan));
        let done = self.inner.store.write(move |tx| {
            results.iter().try_for_each(|outcome| settle::settle(tx, outcome))?;
            planned.moved.iter().try_for_each(|(id, until)| lease::postpone(tx, *id, *until))?;
            let leased = planned.picks.iter().map(|id| lease::lease(tx, *id));
            leased.filter_map(Result::transpose).collect::<Result<Vec<Job>, Error>>()
        });
        let jobs = match done.await {
            Err(error) if error.is_culpable() => self.one_by_one(&ended, &plan).await?,
            other => other?,
        };
        for outcome in ended.iter() {
            self.flying.remove(&outcome.id);
        }
        self.ended.clear();
        let leased: BTreeSet<DeliveryId> = jobs.iter().map(|job| job.id).collect();
        for unused in plan.picks.iter().filter(|id| !leased.contains(id)) {
            self.limiter.give_back(unused.chat);
        }
        Ok(jobs)
    }

    /// One delivery that cannot be written must not keep the others from the disk, nor from being sent.
    async fn one_by_one(&mut self, ended: &[Outcome], plan: &Plan) -> Result<Vec<Job>, Error> {
        for outcome in ended {
            let one = outcome.clone();
            self.alone(outcome.id, move |tx| settle::settle(tx, &one)).await?;
        }
        for (id, until) in plan.moved.iter().copied() {
            self.alone(id, move |tx| lease::postpone(tx, id, until)).await?;
        }
        let mut jobs = Vec::new();
        for id in plan.picks.iter().copied() {
            jobs.extend(self.alone(id, move |tx| lease::lease(tx, id)).await?.flatten());
        }
        Ok(jobs)
    }

    /// Writes what concerns one delivery; a culprit is put aside.
    async fn alone<T: Send + 'static>(
        &mut self,
        id: DeliveryId,
        change: impl FnMut(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<Option<T>, Error> {
        match self.inner.store.write(change).await {
            Err(error) if error.is_culpable() => {
                log::error!(message = id.message.0, error:% = error; "A delivery cannot be worked on and is left alone until the next start.");
                self.aside.insert(id);
                Ok(None)
            }
            other => other.map(Some),
        }
    }

    fn start(&mut self, jobs: Vec<Job>) {
        let Some(api) = &self.api else { return };
        for job in jobs {
            self.flying.insert(job.id);
            let (api, notes, clock) = (api.clone(), self.notes.0.clone(), self.inner.clock.clone());
            runtime::spawn(async move {
                let result = outcome(api.send_message(&content::request(&job))).await;
                // The loop is gone only when the process ends; then the row is resolved at the next start.
                let _ = notes.send(Note::Ended(Outcome { id: job.id, result, at: clock.now() })).await;
            });
        }
    }

    /// Waits for something to do: a result that should be settled, a change on disk, a moment, or the stop.
    async fn wait(&mut self, seen: u64, next: Option<Duration>, stop: &Stop) {
        let draining = stop.is_raised();
        let drained = draining && self.flying.is_empty();
        while !drained && !self.must_settle(draining) {
            let now = self.inner.clock.elapsed();
            let mut until = next.unwrap_or(now + LOOK).min(now + LOOK);
            if !self.ended.is_empty() {
                until = until.min(self.ended_since + SETTLE_WITHIN);
            }
            let note = runtime::race(async { self.notes.1.recv().await.ok() }, async {
                runtime::race(
                    async {
                        self.inner.store.changes().after(seen).await;
                    },
                    runtime::race(runtime::sleep(until.saturating_sub(now)), async {
                        if draining {
                            std::future::pending::<()>().await;
                        }
                        stop.wait().await;
                    }),
                )
                .await;
                None
            })
            .await;
            let Some(note) = note else { return };
            self.take(note);
            while let Ok(note) = self.notes.1.try_recv() {
                self.take(note);
            }
            if self.halt.is_none() && self.ended.is_empty() {
                return;
            }
        }
    }

    fn take(&mut self, note: Note) {
        let outcome = match note {
            Note::Answered => {
                self.halt = None;
                self.silence.broken();
                return;
            }
            Note::Ended(outcome) => outcome,
        };
        let now = self.inner.clock.elapsed();
        if self.ended.is_empty() {
            self.ended_since = now;
        }
        self.silence.note(outcome.result.as_ref().err());
        match &outcome.result {
            Ok(_) => self.inner.board.change(|health| health.last_sent = Some(outcome.at)),
            Err(class) => {
                self.inner.fault_seen(&class.to_string());
                if let Class::FloodWait { retry_after } = class {
                    self.limiter.flooded(now, outcome.id.chat, *retry_after);
                    log::warn!(wait_ms = u64::try_from(retry_after.as_millis()).unwrap_or(u64::MAX); "Telegram asked to slow down");
                }
                if *class == Class::TokenRefused {
                    self.halt(Halt::TokenRefused);
                }
            }
        }
        if self.silence.must_probe() {
            self.halt(Halt::Outage);
        }
        self.ended.push(outcome);
    }

    fn halt(&mut self, why: Halt) {
        let known = self.halt.as_ref().is_some_and(|(halt, _)| *halt == why || *halt == Halt::TokenRefused);
        if let (false, Some(api)) = (known, &self.api) {
            log::warn!("sending pauses until Telegram answers a question for the bot's name");
            self.halt = Some((why, Probe::start(api.clone(), self.notes.0.clone(), &self.inner.rng)));
        }
    }

    /// A pause that Telegram asked for outlives the process.
    fn hold_as_stored(&mut self) {
        let stored = self.inner.store.read(|read| meta::moment(read, FLOOD)).unwrap_or_default();
        if let Some(until) = stored {
            let clock = &self.inner.clock;
            // A clock that was set back must not make the pause longer than Telegram ever asks for.
            self.limiter.hold_all(clock.elapsed() + until.since(clock.now()).min(LONGEST_HOLD));
        }
    }

    /// Token, bot and rates may change while the loop runs.
    fn follow_settings(&mut self, snapshot: &Snapshot) -> Result<(), StoreError> {
        self.limiter.set_limits(self.inner.limits(snapshot)?);
        let token = self.inner.token(snapshot)?;
        let same = match (&self.api, &token) {
            (Some(api), Some(token)) => api.token() == token,
            (None, None) => true,
            _ => false,
        };
        if !same {
            self.api = token.map(|token| self.inner.connector.api(token));
            self.halt = None;
            self.silence.broken();
        }
        Ok(())
    }

    fn show(&self, stop: &Stop) {
        let clock = &self.inner.clock;
        let held = self.limiter.held_until(clock.elapsed());
        let doing = match (&self.halt, held) {
            _ if stop.is_raised() => Doing::Stopped,
            (Some((Halt::TokenRefused, _)), _) => Doing::TokenRefused,
            (Some((Halt::Outage, _)), _) => Doing::Outage,
            _ if self.api.is_none() => Doing::NoBot,
            (None, Some(until)) => Doing::Flood { until: clock.now().plus(until.saturating_sub(clock.elapsed())) },
            (None, None) => Doing::Running,
        };
        self.inner.board.change(|health| {
            health.doing = doing;
            health.in_flight = self.flying.len();
            health.turned = Some(clock.now());
        });
    }
}

/// How a send ended. One that panics ends too, in doubt: otherwise its chat would wait for ever, and so would a stop.
async fn outcome(send: impl Future<Output = Result<SentMessage, CallError>>) -> Result<TelegramMessageId, Class> {
    match AssertUnwindSafe(send).catch_unwind().await {
        Ok(result) => result.map(|message| message.id).map_err(|error| error.class),
        Err(_) => Err(Class::Unknown { reason: "an internal fault stopped the request".to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_send_that_panics_ends_in_doubt() {
        let result = runtime::block_on(outcome(async { panic!("on purpose") }));
        assert!(matches!(result, Err(Class::Unknown { .. })), "{result:?}");
    }
}
