//! Which deliveries go next: a look into the queue, lane by lane, that changes nothing on disk.
//! Chats that have to wait are stepped over; when many stand in the way, they are moved back in the queue.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use super::lanes::{PerLane, Turns};
use super::limiter::Limiter;
use crate::clock::Timestamp;
use crate::ids::{ChatId, DeliveryId};
use crate::model::delivery::Lane;
use crate::store::deliveries::{self, Place};
use crate::store::{Read, StoreError};

/// Queue rows read at a time.
const PAGE: usize = 64;
/// Rows of waiting chats that are stepped over in one look; the rest of the lane waits for the next one.
const STEPPED_OVER: usize = 1024;
/// From this many on, waiting rows are moved back, so that the next look does not meet them again.
const MOVED_FROM: usize = 64;

/// What goes next.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Deliveries to lease, in order. The limiter has counted them.
    pub picks: Vec<DeliveryId>,
    /// Deliveries to move back in the queue, and until when.
    pub moved: Vec<(DeliveryId, Timestamp)>,
    /// The next moment, on the monotonic clock, at which another look can find something.
    pub next: Option<Duration>,
}

/// What the planner has to know.
pub(super) struct Moment<'a> {
    /// The wall clock, which queue places are in.
    pub wall: Timestamp,
    /// The monotonic clock, which limits are in.
    pub mono: Duration,
    /// Deliveries that are leased already.
    pub flying: &'a BTreeSet<DeliveryId>,
    /// Deliveries that cannot be worked on.
    pub aside: &'a BTreeSet<DeliveryId>,
    /// How many may be leased.
    pub slots: usize,
}

impl Plan {
    /// Looks into the queue; what it picks has been taken from the limiter and from the lanes' turns.
    pub(super) fn make(
        read: &impl Read,
        moment: &Moment<'_>,
        limiter: &mut Limiter,
        turns: &mut Turns,
    ) -> Result<Self, StoreError> {
        let mut look = Look {
            plan: Self::default(),
            busy: moment.flying.iter().map(|id| id.chat).collect(),
            waits: BTreeMap::new(),
        };
        let mut heads = PerLane {
            replies: Head::new(Lane::Replies),
            single: Head::new(Lane::Single),
            broadcast: Head::new(Lane::Broadcast),
        };
        while look.plan.picks.len() < moment.slots {
            let mut ready = PerLane::default();
            for lane in Lane::ALL {
                *ready.of_mut(lane) = look.settle_head(read, moment, limiter, heads.of_mut(lane))?;
            }
            let Some(lane) = turns.next(ready) else { break };
            if let Err(early) = limiter.check_all(moment.mono) {
                look.plan.sooner(early.at);
                break;
            }
            let Some(id) = heads.of_mut(lane).at.take() else { break };
            limiter.take(moment.mono, id.chat);
            turns.used(lane, ready);
            look.busy.insert(id.chat);
            look.plan.picks.push(id);
        }
        for lane in Lane::ALL {
            if let Some(due) = deliveries::next_due(read, lane, moment.wall)? {
                look.plan.sooner(moment.mono + due.since(moment.wall));
            }
        }
        Ok(look.plan)
    }

    fn sooner(&mut self, at: Duration) {
        self.next = Some(self.next.map_or(at, |next| next.min(at)));
    }
}

/// The first delivery of a lane that may go, found by reading its queue as far as needed.
struct Head {
    lane: Lane,
    at: Option<DeliveryId>,
    read: VecDeque<Place>,
    after: Option<Place>,
    at_end: bool,
    stepped: usize,
}

impl Head {
    fn new(lane: Lane) -> Self {
        Self { lane, at: None, read: VecDeque::new(), after: None, at_end: false, stepped: 0 }
    }

    fn next(&mut self, read: &impl Read, now: Timestamp) -> Result<Option<DeliveryId>, StoreError> {
        if self.read.is_empty() && !self.at_end {
            self.read = deliveries::due(read, self.lane, now, self.after, PAGE)?.into();
            self.at_end = self.read.len() < PAGE;
            self.after = self.read.back().copied().or(self.after);
        }
        Ok(self.read.pop_front().map(|(_, id)| id))
    }
}

struct Look {
    plan: Plan,
    /// Chats with a send in flight or picked: one at a time keeps their order.
    busy: BTreeSet<ChatId>,
    /// Chats that have to wait, until when, and how many of their rows were met.
    waits: BTreeMap<ChatId, (Duration, u32)>,
}

impl Look {
    /// Moves a lane's head on to a delivery that may go; whether there is one.
    fn settle_head(
        &mut self,
        read: &impl Read,
        moment: &Moment<'_>,
        limiter: &Limiter,
        head: &mut Head,
    ) -> Result<bool, StoreError> {
        if head.at.is_some_and(|id| !self.busy.contains(&id.chat)) {
            return Ok(true);
        }
        head.at = None;
        while head.stepped < STEPPED_OVER {
            let Some(id) = head.next(read, moment.wall)? else { return Ok(false) };
            if moment.flying.contains(&id) || moment.aside.contains(&id) {
                continue;
            }
            if self.may_go(moment, limiter, id) {
                head.at = Some(id);
                return Ok(true);
            }
            head.stepped += 1;
        }
        Ok(false)
    }

    fn may_go(&mut self, moment: &Moment<'_>, limiter: &Limiter, id: DeliveryId) -> bool {
        if let Some((until, met)) = self.waits.get_mut(&id.chat) {
            *met += 1;
            let (until, met) = (*until, *met);
            self.move_back(moment, id, until, met);
            return false;
        }
        if self.busy.contains(&id.chat) {
            return false;
        }
        match limiter.check_chat(moment.mono, id.chat) {
            Ok(()) => true,
            Err(early) => {
                self.plan.sooner(early.at);
                self.waits.insert(id.chat, (early.at, 0));
                false
            }
        }
    }

    /// The n-th row of a waiting chat cannot go before n more seconds; the first ones keep their places.
    fn move_back(&mut self, moment: &Moment<'_>, id: DeliveryId, until: Duration, met: u32) {
        if usize::try_from(met).is_ok_and(|met| met >= MOVED_FROM) {
            let wait = until.saturating_sub(moment.mono) + Duration::from_secs(u64::from(met));
            self.plan.moved.push((id, moment.wall.plus(wait)));
        }
    }
}
