//! The loop: settle what ended and lease what is due, both in one commit; then send with no transaction open.
//! Everything it holds in memory can be lost: the truth is on disk before a request leaves.

use std::collections::BTreeSet;
use std::time::Duration;

use async_channel::{Receiver, Sender};

use super::Inner;
use super::content::{Contents, Enclosed, Uploads};
use super::hands::Hands;
use super::health::{Doing, Pace};
use super::lanes::Turns;
use super::lease::Job;
use super::limiter::{Limiter, Limits, Scope};
use super::plan::{Judges, Moment, Plan};
use super::probe::Probe;
use super::retry::Silence;
use super::send;
use super::settle::{FLOOD, Outcome, WHOLE, Went};
use super::share::Share;
use super::ticket::Ticket;
use crate::actions::Error;
use crate::clock::Timestamp;
use crate::runtime::{self, Stop};
use crate::store::{Snapshot, StoreError, meta};
use crate::telegram::{Api, Class};

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
    pub(super) inner: &'o Inner,
    pub(super) judges: Judges,
    pub(super) hands: Hands,
    notes: (Sender<Note>, Receiver<Note>),
    silence: Silence,
    api: Option<Api>,
    halt: Option<(Halt, Probe)>,
    /// A commit failed, and may have become durable nevertheless.
    is_in_doubt: bool,
    /// When something is sure to be leased.
    foreseen: Option<Duration>,
}

impl<'o> Loop<'o> {
    pub(super) fn new(inner: &'o Inner, aside: BTreeSet<Ticket>) -> Self {
        let judges = Judges {
            limiter: Limiter::new(Limits::default()),
            turns: Turns::default(),
            share: Share::default(),
            contents: Contents::default(),
        };
        Self {
            inner,
            judges,
            hands: Hands::new(aside),
            notes: async_channel::unbounded(),
            silence: Silence::default(),
            api: None,
            halt: None,
            is_in_doubt: false,
            foreseen: None,
        }
    }

    /// Runs until `stop` is raised and what was in flight is settled.
    pub(super) async fn run(mut self, stop: &Stop) {
        self.hold_as_stored();
        while !(stop.is_raised() && self.hands.flying().is_empty()) {
            let seen = self.inner.store.changes().value();
            match self.turn(stop).await {
                Ok(next) => {
                    self.show(stop);
                    self.wait(seen, next, stop).await;
                }
                Err(error) => {
                    self.is_in_doubt = true;
                    self.inner.fault(Doing::StoreFailed, &error.to_string());
                    log::error!("sending waits because the data file failed: {error}");
                    runtime::sleep(STORE_PAUSE).await;
                }
            }
        }
    }

    /// One turn; the next moment, on the monotonic clock, at which there may be something to do.
    async fn turn(&mut self, stop: &Stop) -> Result<Option<Duration>, Error> {
        if self.is_in_doubt {
            self.reclaim().await?;
            self.is_in_doubt = false;
        }
        let draining = stop.is_raised();
        let (mut plan, mut uploads) = (Plan::default(), None);
        if !draining {
            let snapshot = self.inner.store.snapshot()?;
            self.follow_settings(&snapshot)?;
            if let (Some(api), None) = (&self.api, &self.halt) {
                let carried = self.hands.uploads(api.token().bot());
                plan = self.plan(&snapshot, &carried)?;
                uploads = Some(carried);
            }
        }
        let next = plan.next;
        self.foreseen = next.filter(|_| plan.is_foreseen);
        if plan.is_empty() && !self.must_settle(draining) {
            return Ok(next);
        }
        let uploads = uploads.unwrap_or_else(|| self.hands.uploads(crate::ids::UserId(0)));
        let jobs = self.commit(plan, uploads).await?;
        self.start(jobs);
        Ok(next)
    }

    fn plan(&mut self, snapshot: &Snapshot, uploads: &Uploads) -> Result<Plan, StoreError> {
        let mono = self.inner.clock.elapsed();
        let slots = self.hands.slots(self.judges.limiter.effective(mono));
        if slots.are_none() {
            return Ok(Plan::default());
        }
        let wall = self.inner.clock.now();
        let moment = Moment { wall, mono, flying: self.hands.flying(), aside: self.hands.aside(), slots, uploads };
        Plan::make(snapshot, &moment, &mut self.judges)
    }

    fn must_settle(&self, draining: bool) -> bool {
        let at = self.hands.settle_at(self.foreseen);
        at.is_some_and(|at| draining || at <= self.inner.clock.elapsed())
    }

    fn start(&mut self, jobs: Vec<Job>) {
        let Some(api) = &self.api else { return };
        for job in jobs {
            self.hands.leased(&job);
            let (api, store, notes) = (api.clone(), self.inner.store.clone(), self.notes.0.clone());
            let (clock, rng) = (self.inner.clock.clone(), self.inner.rng.clone());
            runtime::spawn(async move {
                let result = send::send(&api, &store, &rng, &job).await;
                let bot = api.token().bot();
                let went = |enclosed: &Enclosed| Went {
                    attachment: enclosed.attachment,
                    bot,
                    by_number: enclosed.number.is_some(),
                };
                let went = job.enclosed.as_ref().map(went);
                let (ticket, errand) = (job.ticket, job.errand);
                let outcome = Outcome { ticket, result, errand, went, at: clock.now(), flood: None };
                // The loop is gone only when the process ends; then the row is resolved at the next start.
                let _ = notes.send(Note::Ended(outcome)).await;
            });
        }
    }

    /// Waits for something to do: a result that should be settled, a change on disk, a moment, or the stop.
    async fn wait(&mut self, seen: u64, next: Option<Duration>, stop: &Stop) {
        let draining = stop.is_raised();
        let drained = draining && self.hands.flying().is_empty();
        while !drained && !self.must_settle(draining) {
            let now = self.inner.clock.elapsed();
            let mut until = next.unwrap_or(now + LOOK).min(now + LOOK);
            if let Some(at) = self.hands.settle_at(self.foreseen) {
                until = until.min(at);
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
            if self.halt.is_none() && self.hands.ended().is_empty() {
                return;
            }
        }
    }

    fn take(&mut self, note: Note) {
        let mut outcome = match note {
            Note::Answered => {
                self.halt = None;
                self.silence.broken();
                return;
            }
            Note::Ended(outcome) => outcome,
        };
        self.silence.note(outcome.result.as_ref().err());
        match &outcome.result {
            Ok(_) => self.inner.board.change(|health| health.last_sent = Some(outcome.at)),
            Err(class) => {
                self.inner.fault_seen(&class.to_string());
                if let Class::FloodWait { retry_after } = class {
                    outcome.flood = self.flooded(outcome.ticket, *retry_after, outcome.at);
                }
                if *class == Class::TokenRefused {
                    self.halt(Halt::TokenRefused);
                }
            }
        }
        if self.silence.must_probe() {
            self.halt(Halt::Outage);
        }
        self.hands.take(outcome, self.inner.clock.elapsed());
    }

    /// Telegram asked to slow down; until when everyone waits and until when the rate is lowered, if that concerns everyone.
    fn flooded(&mut self, ticket: Ticket, retry_after: Duration, told: Timestamp) -> Option<(Timestamp, Timestamp)> {
        let now = self.inner.clock.elapsed();
        let wait_ms = u64::try_from(retry_after.as_millis()).unwrap_or(u64::MAX);
        log::warn!(wait_ms = wait_ms; "Telegram asked to slow down");
        match self.judges.limiter.flooded(now, ticket.chat(), retry_after) {
            Scope::Chat => None,
            Scope::All => {
                let moment = |at: Option<Duration>| self.wall(at.unwrap_or(now));
                let limiter = &self.judges.limiter;
                let until = moment(limiter.held_until(now)).max(told.plus(retry_after));
                Some((until, moment(limiter.whole_at(now))))
            }
        }
    }

    /// A moment of the monotonic clock on the wall clock.
    fn wall(&self, at: Duration) -> Timestamp {
        let clock = &self.inner.clock;
        clock.now().plus(at.saturating_sub(clock.elapsed()))
    }

    fn halt(&mut self, why: Halt) {
        let known = self.halt.as_ref().is_some_and(|(halt, _)| *halt == why || *halt == Halt::TokenRefused);
        if let (false, Some(api)) = (known, &self.api) {
            log::warn!("sending pauses until Telegram answers a question for the bot's name");
            self.halt = Some((why, Probe::start(api.clone(), self.notes.0.clone(), &self.inner.rng)));
        }
    }

    /// What Telegram asked for outlives the process. A clock that was set back must not make it longer than Telegram ever
    /// asks for.
    fn hold_as_stored(&mut self) {
        let clock = &self.inner.clock;
        let stored = |name| {
            let at = self.inner.store.read(|read| meta::moment(read, name)).unwrap_or_default();
            at.map(|at: Timestamp| clock.elapsed() + at.since(clock.now()).min(LONGEST_HOLD))
        };
        let (hold, whole) = (stored(FLOOD), stored(WHOLE));
        let limiter = &mut self.judges.limiter;
        if let Some(at) = hold {
            limiter.hold_all(at);
        }
        if let Some(at) = whole {
            limiter.lower_until(at);
        }
    }

    /// Token, bot and rates may change while the loop runs.
    fn follow_settings(&mut self, snapshot: &Snapshot) -> Result<(), StoreError> {
        self.judges.limiter.set_limits(self.inner.limits(snapshot)?);
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
        let (now, limiter) = (clock.elapsed(), &self.judges.limiter);
        let doing = match (&self.halt, limiter.held_until(now)) {
            _ if stop.is_raised() => Doing::Stopped,
            (Some((Halt::TokenRefused, _)), _) => Doing::TokenRefused,
            (Some((Halt::Outage, _)), _) => Doing::Outage,
            _ if self.api.is_none() => Doing::NoBot,
            (None, Some(until)) => Doing::Flood { until: self.wall(until) },
            (None, None) => Doing::Running,
        };
        let effective = limiter.effective(now);
        let pace = Pace {
            global: effective.global_per_second,
            paid: effective.paid_per_second,
            thousandths: limiter.wholeness(now),
            whole_at: limiter.whole_at(now).map(|at| self.wall(at)),
        };
        self.inner.board.change(|health| {
            health.doing = doing;
            health.pace = pace;
            health.in_flight = self.hands.flying().len();
            health.turned = Some(clock.now());
        });
    }
}
