//! The queue of a lane of single messages, read as far as needed.

use std::collections::VecDeque;
use std::time::Duration;

use super::Look;
use crate::clock::Timestamp;
use crate::ids::DeliveryId;
use crate::model::delivery::Lane;
use crate::outbox::limiter::Limiter;
use crate::outbox::ticket::Ticket;
use crate::store::deliveries::{self, Place};
use crate::store::{Read, StoreError};

/// Queue rows read at a time.
const PAGE: usize = 64;
/// Rows of waiting chats that are stepped over in one look; the rest of the lane waits for the next one.
const STEPPED_OVER: usize = 1024;
/// From this many on, waiting rows are moved back, so that the next look does not meet them again.
const MOVED_FROM: usize = 64;

/// The first delivery of a lane that may go.
pub(super) struct Head {
    lane: Lane,
    pub at: Option<DeliveryId>,
    read: VecDeque<Place>,
    after: Option<Place>,
    at_end: bool,
    stepped: usize,
}

impl Head {
    pub(super) fn new(lane: Lane) -> Self {
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

impl Look<'_> {
    /// Moves a lane's head on to a delivery that may go; whether there is one.
    pub(super) fn settle_head(
        &mut self,
        read: &impl Read,
        limiter: &Limiter,
        head: &mut Head,
    ) -> Result<bool, StoreError> {
        if head.at.is_some_and(|id| !self.busy.contains(&id.chat)) {
            return Ok(true);
        }
        head.at = None;
        while head.stepped < STEPPED_OVER {
            let Some(id) = head.next(read, self.moment.wall)? else { return Ok(false) };
            if self.holds(&Ticket::Delivery(id)) {
                continue;
            }
            if self.may_go(limiter, id) {
                head.at = Some(id);
                return Ok(true);
            }
            head.stepped += 1;
        }
        Ok(false)
    }

    fn may_go(&mut self, limiter: &Limiter, id: DeliveryId) -> bool {
        if let Some((until, met)) = self.waits.get_mut(&id.chat) {
            *met += 1;
            let (until, met) = (*until, *met);
            self.move_back(id, until, met);
            return false;
        }
        if self.busy.contains(&id.chat) {
            return false;
        }
        match limiter.check_chat(self.moment.mono, id.chat) {
            Ok(()) => true,
            Err(early) => {
                self.plan.sooner(early.at);
                self.waits.insert(id.chat, (early.at, 0));
                false
            }
        }
    }

    /// The n-th row of a waiting chat cannot go before n more seconds; the first ones keep their places.
    fn move_back(&mut self, id: DeliveryId, until: Duration, met: u32) {
        if usize::try_from(met).is_ok_and(|met| met >= MOVED_FROM) {
            let at = self.wall(until).plus(Duration::from_secs(u64::from(met)));
            self.plan.moved.push((id, at));
        }
    }
}
