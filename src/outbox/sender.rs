//! The loop: settle what ended and lease what is due, both in one commit; then send with no transaction open.
//! Everything it holds in memory can be lost: the truth is on disk before a request leaves.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use async_channel::{Receiver, Sender};

use super::content;
use super::health::Doing;
use super::lanes::Turns;
use super::lease::{self, Job};
use super::limiter::Limiter;
use super::plan::{Moment, Plan};
use super::probe::Probe;
use super::retry::Silence;
use super::settle::{self, FLOOD, Outcome};
use super::{Inner, Rates};
use crate::actions::Error;
use crate::ids::DeliveryId;
use crate::runtime::{self, Stop};
use crate::store::{Snapshot, StoreError, meta};
use crate::telegram::{Api, CallError, Class};

/// The most sends in flight, also without a limit.
const WIDEST: usize = 256;
/// How long a result may wait for company in its commit while others are in flight.
const SETTLE_WITHIN: Duration = Duration::from_millis(10);
/// How often the loop looks on its own: the wake-up is a hint that may be lost.
const LOOK: Duration = Duration::from_secs(5);
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
    rates: Rates,
    turns: Turns,
    silence: Silence,
    api: Option<Api>,
    halt: Option<(Halt, Probe)>,
    /// Leased on disk and not yet settled on disk.
    flying: BTreeSet<DeliveryId>,
    ended: Vec<Outcome>,
    /// When the oldest of `ended` came in, on the monotonic clock.
    ended_since: Duration,
}

impl<'o> Loop<'o> {
    pub(super) fn new(inner: &'o Inner) -> Self {
        let rates = Rates::default();
        Self {
            inner,
            notes: async_channel::unbounded(),
            limiter: Limiter::new(rates.limits()),
            rates,
            turns: Turns::default(),
            silence: Silence::default(),
            api: None,
            halt: None,
            flying: BTreeSet::new(),
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
            slots: self.width().saturating_sub(self.flying.len()),
        };
        Plan::make(snapshot, &moment, &mut self.limiter, &mut self.turns)
    }

    /// Sends in flight: what a quarter of a second at the rate needs, so that a crash leaves little in doubt.
    fn width(&self) -> usize {
        match usize::try_from(self.rates.global) {
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
        let results = Arc::clone(&ended);
        let done = self.inner.store.write(move |tx| {
            results.iter().try_for_each(|outcome| settle::settle(tx, outcome))?;
            plan.moved.iter().try_for_each(|(id, until)| lease::postpone(tx, *id, *until))?;
            let leased = plan.picks.iter().map(|id| lease::lease(tx, *id));
            leased.filter_map(Result::transpose).collect::<Result<Vec<Job>, Error>>()
        });
        let jobs = match done.await {
            Err(Error::Store(StoreError::Panicked)) => self.settle_one_by_one(&ended).await?,
            other => other?,
        };
        for outcome in ended.iter() {
            self.flying.remove(&outcome.id);
        }
        self.ended.clear();
        Ok(jobs)
    }

    /// One outcome that cannot be written must not keep the others from the disk.
    async fn settle_one_by_one(&mut self, ended: &[Outcome]) -> Result<Vec<Job>, Error> {
        for outcome in ended {
            let one = outcome.clone();
            match self.inner.store.write(move |tx| settle::settle(tx, &one)).await {
                Err(Error::Store(StoreError::Panicked)) => {
                    log::error!(message = outcome.id.message.0; "an outcome cannot be settled; it stays in doubt until the next start");
                }
                other => other?,
            }
        }
        Ok(Vec::new())
    }

    fn start(&mut self, jobs: Vec<Job>) {
        let Some(api) = &self.api else { return };
        for job in jobs {
            self.flying.insert(job.id);
            let (api, notes, clock) = (api.clone(), self.notes.0.clone(), self.inner.clock.clone());
            runtime::spawn(async move {
                let sent = api.send_message(&content::request(&job)).await;
                let result = sent.map(|message| message.id).map_err(|CallError { class, .. }| class);
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
            self.limiter.hold_all(clock.elapsed() + until.since(clock.now()));
        }
    }

    /// Token, bot and rates may change while the loop runs.
    fn follow_settings(&mut self, snapshot: &Snapshot) -> Result<(), StoreError> {
        let rates = self.inner.rates(snapshot)?;
        if rates != self.rates {
            self.rates = rates;
            self.limiter.set_limits(rates.limits());
        }
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
