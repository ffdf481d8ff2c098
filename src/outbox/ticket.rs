//! What the sender holds in its hands: a send by its name, whichever table its row stands in, and how many there may be.

use std::collections::BTreeMap;

use super::limiter::{Fare, Limits};
use crate::ids::{BroadcastId, ChatId, DeliveryId};

/// The most sends of one kind in flight, also without a limit.
const WIDEST: usize = 256;

/// One send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ticket {
    /// Of a single message or an answer.
    Delivery(DeliveryId),
    /// Of a broadcast.
    Recipient {
        /// Which.
        broadcast: BroadcastId,
        /// Which of its rows.
        position: u32,
        /// To which chat.
        chat: ChatId,
    },
}

impl Ticket {
    /// To which chat it goes.
    pub(super) fn chat(self) -> ChatId {
        match self {
            Self::Delivery(id) => id.chat,
            Self::Recipient { chat, .. } => chat,
        }
    }
}

impl std::fmt::Display for Ticket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Delivery(id) => write!(f, "message {}", id.message),
            Self::Recipient { broadcast, position, .. } => write!(f, "recipient {position} of broadcast {broadcast}"),
        }
    }
}

/// Sends that share a window of leases. Broadcasts cannot take the places of what is more urgent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Flow {
    /// Answers and single messages.
    Talk,
    /// Broadcasts.
    Broadcast(Fare),
}

impl Flow {
    /// By which limit over all chats it counts.
    pub(super) fn fare(self) -> Fare {
        match self {
            Self::Talk => Fare::Free,
            Self::Broadcast(fare) => fare,
        }
    }
}

/// How many more may be leased, by flow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Slots {
    talk: usize,
    broadcast: usize,
    paid: usize,
    /// Of broadcasts of either fare.
    both: usize,
}

impl Slots {
    /// What is free at these limits while so many are in flight. A crash leaves at most a quarter of a second's worth of
    /// broadcasts in doubt, and never more than [`WIDEST`]. A free place of many is not worth a commit of its own.
    pub(super) fn free(limits: Limits, flying: &BTreeMap<Flow, usize>) -> Self {
        let count = |flow| flying.get(&flow).copied().unwrap_or(0);
        let (broadcast, paid) = (count(Flow::Broadcast(Fare::Free)), count(Flow::Broadcast(Fare::Paid)));
        let free = width(limits.global_per_second);
        Self {
            talk: handful(free, count(Flow::Talk)),
            broadcast: handful(free, broadcast),
            paid: handful(width(limits.paid_per_second), paid),
            both: WIDEST.saturating_sub(broadcast + paid),
        }
    }

    /// How many of this flow.
    pub(super) fn of(self, flow: Flow) -> usize {
        match flow {
            Flow::Talk => self.talk,
            Flow::Broadcast(Fare::Free) => self.broadcast.min(self.both),
            Flow::Broadcast(Fare::Paid) => self.paid.min(self.both),
        }
    }

    /// One of this flow is leased.
    pub(super) fn take(&mut self, flow: Flow) {
        let (left, both) = match flow {
            Flow::Talk => (&mut self.talk, None),
            Flow::Broadcast(Fare::Free) => (&mut self.broadcast, Some(&mut self.both)),
            Flow::Broadcast(Fare::Paid) => (&mut self.paid, Some(&mut self.both)),
        };
        *left = left.saturating_sub(1);
        if let Some(both) = both {
            *both = both.saturating_sub(1);
        }
    }

    /// Whether nothing at all may be leased.
    pub(super) fn are_none(self) -> bool {
        [Flow::Talk, Flow::Broadcast(Fare::Free), Flow::Broadcast(Fare::Paid)].iter().all(|flow| self.of(*flow) == 0)
    }
}

/// Sends in flight: what a quarter of a second at the rate needs.
fn width(rate: u32) -> usize {
    match usize::try_from(rate) {
        Ok(0) | Err(_) => WIDEST,
        Ok(rate) => rate.div_ceil(4).clamp(1, WIDEST),
    }
}

fn handful(width: usize, flying: usize) -> usize {
    let free = width.saturating_sub(flying);
    if flying == 0 || free >= (width / 8).max(1) { free } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREE: Flow = Flow::Broadcast(Fare::Free);
    const PAID: Flow = Flow::Broadcast(Fare::Paid);

    fn free(global: u32, flying: &[(Flow, usize)]) -> [usize; 3] {
        let limits = Limits { global_per_second: global, ..Limits::default() };
        let slots = Slots::free(limits, &flying.iter().copied().collect());
        [Flow::Talk, FREE, PAID].map(|flow| slots.of(flow))
    }

    #[test]
    fn a_quarter_of_a_second_is_in_flight_at_most() {
        assert_eq!(free(30, &[]), [8, 8, 250]);
        assert_eq!(free(1, &[]), [1, 1, 250]);
        assert_eq!(free(0, &[]), [WIDEST, WIDEST, 250]);
        assert_eq!(free(30, &[(FREE, 8)]), [8, 0, 248]);
    }

    #[test]
    fn broadcasts_in_flight_never_take_the_place_of_an_answer() {
        assert_eq!(free(30, &[(FREE, 8), (PAID, 248)]), [8, 0, 0]);
    }

    #[test]
    fn broadcasts_of_both_fares_together_stay_below_the_widest() {
        assert_eq!(free(0, &[(PAID, 200)])[1], WIDEST - 200);
        let mut slots = Slots::free(Limits { global_per_second: 0, ..Limits::default() }, &BTreeMap::new());
        for _ in 0..WIDEST - 1 {
            slots.take(FREE);
        }
        assert_eq!(slots.of(PAID), 1);
        slots.take(PAID);
        assert_eq!([FREE, PAID].map(|flow| slots.of(flow)), [0, 0]);
    }

    #[test]
    fn a_single_free_place_of_many_waits_for_company() {
        assert_eq!(free(0, &[(Flow::Talk, 250)])[0], 0);
        assert_eq!(free(0, &[(Flow::Talk, 200)])[0], 56);
        assert_eq!(free(30, &[(Flow::Talk, 7)])[0], 1);
    }
}
