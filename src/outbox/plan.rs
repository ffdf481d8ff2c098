//! What goes next: a look into the queues, lane by lane, that changes nothing on disk.
//! Chats that have to wait are stepped over; when many stand in the way, they are moved back in the queue.

mod audiences;
mod queue;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::content::{Contents, Uploads};
use super::lanes::{PerLane, Turns};
use super::lease::Step;
use super::limiter::{Fare, Limiter, NotBefore};
use super::share::{Runner, Share};
use super::ticket::{Flow, Slots, Ticket};
use crate::clock::Timestamp;
use crate::ids::{BroadcastId, ChatId, DeliveryId};
use crate::model::delivery::Lane;
use crate::store::{Read, StoreError, deliveries};
use audiences::Audiences;
use queue::Head;

/// What goes next.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Deliveries to lease, in order. The limiter has counted them.
    pub picks: Vec<DeliveryId>,
    /// Deliveries to move back in the queue, and until when.
    pub moved: Vec<(DeliveryId, Timestamp)>,
    /// What is to be done with recipients, those of one broadcast in their order. The limiter has counted the leases.
    pub steps: Vec<Step>,
    /// The broadcasts that the limiter counted a lease of.
    pub runners: BTreeMap<BroadcastId, Runner>,
    /// Broadcasts that wait for nothing any more.
    pub over: Vec<BroadcastId>,
    /// The next moment, on the monotonic clock, at which another look can find something.
    pub next: Option<Duration>,
    /// Whether something is sure to go then.
    pub is_foreseen: bool,
}

/// What the planner has to know.
pub(super) struct Moment<'a> {
    /// The wall clock, which queue places are in.
    pub wall: Timestamp,
    /// The monotonic clock, which limits are in.
    pub mono: Duration,
    /// What is leased already.
    pub flying: &'a BTreeMap<Ticket, Flow>,
    /// What cannot be worked on.
    pub aside: &'a BTreeSet<Ticket>,
    /// How many may be leased.
    pub slots: Slots,
    /// What is being uploaded.
    pub uploads: &'a Uploads,
}

/// Who decides; what is picked has been taken from the limiter, the lanes' turns and the broadcasts' shares.
#[derive(Debug)]
pub(super) struct Judges {
    pub limiter: Limiter,
    pub turns: Turns,
    pub share: Share,
    pub contents: Contents,
}

impl Plan {
    /// Looks into the queues.
    pub(super) fn make(read: &impl Read, moment: &Moment<'_>, judges: &mut Judges) -> Result<Self, StoreError> {
        let mut look = Look::new(moment);
        let mut audiences = Audiences::load(read, moment, judges, &mut look)?;
        look.lanes(read, judges, &mut audiences)?;
        look.paid(read, judges, &mut audiences)?;
        for lane in Lane::QUEUED {
            if let Some(due) = deliveries::next_due(read, lane, moment.wall)? {
                look.plan.sooner(moment.mono + due.since(moment.wall));
            }
        }
        audiences.foresee(read, judges, &mut look)?;
        Ok(look.plan)
    }

    /// Whether there is nothing to write.
    pub(super) fn is_empty(&self) -> bool {
        self.picks.is_empty() && self.moved.is_empty() && self.steps.is_empty() && self.over.is_empty()
    }

    fn sooner(&mut self, at: Duration) {
        if self.next.is_none_or(|next| at < next) {
            self.next = Some(at);
            self.is_foreseen = false;
        }
    }

    /// Something is sure to go at this moment.
    fn foresee(&mut self, at: Duration) {
        if self.next.is_none_or(|next| at < next) {
            self.next = Some(at);
            self.is_foreseen = true;
        }
    }
}

/// A look that is being taken.
struct Look<'m> {
    moment: &'m Moment<'m>,
    plan: Plan,
    slots: Slots,
    uploads: Uploads,
    /// Chats with a send in flight or picked: one at a time keeps their order.
    busy: BTreeSet<ChatId>,
    /// Chats that have to wait, until when, and how many of their rows were met.
    waits: BTreeMap<ChatId, (Duration, u32)>,
}

impl<'m> Look<'m> {
    fn new(moment: &'m Moment<'m>) -> Self {
        Self {
            moment,
            plan: Plan::default(),
            slots: moment.slots,
            uploads: moment.uploads.clone(),
            busy: moment.flying.keys().map(|ticket| ticket.chat()).collect(),
            waits: BTreeMap::new(),
        }
    }

    fn holds(&self, ticket: &Ticket) -> bool {
        self.moment.flying.contains_key(ticket) || self.moment.aside.contains(ticket)
    }

    /// Hands out the turns of all lanes under the limit over all chats.
    fn lanes(&mut self, read: &impl Read, judges: &mut Judges, audiences: &mut Audiences) -> Result<(), StoreError> {
        let (mut replies, mut single) = (Head::new(Lane::Replies), Head::new(Lane::Single));
        loop {
            let talks = self.slots.of(Flow::Talk) > 0;
            let ready = PerLane {
                replies: talks && self.settle_head(read, &judges.limiter, &mut replies)?,
                single: talks && self.settle_head(read, &judges.limiter, &mut single)?,
                broadcast: audiences.settle_next(read, judges, self, Fare::Free)?,
            };
            let Some(lane) = judges.turns.next(ready) else { return Ok(()) };
            if self.is_too_early(judges.limiter.check_all(self.moment.mono, Fare::Free)) {
                return Ok(());
            }
            match lane {
                Lane::Replies => self.pick(judges, &mut replies),
                Lane::Single => self.pick(judges, &mut single),
                Lane::Broadcast => audiences.take(judges, self),
            }
            judges.turns.used(lane, PerLane { broadcast: audiences.has_any(Fare::Free), ..ready });
        }
    }

    /// What is paid for has a limit of its own and takes nobody's turn.
    fn paid(&mut self, read: &impl Read, judges: &mut Judges, audiences: &mut Audiences) -> Result<(), StoreError> {
        while audiences.settle_next(read, judges, self, Fare::Paid)? {
            if self.is_too_early(judges.limiter.check_all(self.moment.mono, Fare::Paid)) {
                break;
            }
            audiences.take(judges, self);
        }
        Ok(())
    }

    fn is_too_early(&mut self, checked: Result<(), NotBefore>) -> bool {
        if let Err(early) = checked {
            self.plan.foresee(early.at);
        }
        checked.is_err()
    }

    fn pick(&mut self, judges: &mut Judges, head: &mut Head) {
        let Some(id) = head.at.take() else { return };
        judges.limiter.take(self.moment.mono, id.chat, Fare::Free);
        self.slots.take(Flow::Talk);
        self.busy.insert(id.chat);
        self.plan.picks.push(id);
    }

    /// A moment of the monotonic clock on the wall clock.
    fn wall(&self, at: Duration) -> Timestamp {
        self.moment.wall.plus(at.saturating_sub(self.moment.mono))
    }
}
