//! Whose turn it is: replies before single messages before broadcasts, and no lane starves. A broadcast also keeps an
//! even pace, so that it leaves room for what is more urgent. Pure.

use std::time::Duration;

use crate::model::delivery::Lane;

/// After this many turns of others a lane that waits gets one: a fifth of the rate.
const PATIENCE: u32 = 4;
/// How far a pace may lag behind its clock and still catch up: timers are late by a millisecond or so, every time. It is
/// less when that would be too many at once for a server that counts with a small bucket.
const CATCH_UP: (Duration, u32) = (Duration::from_millis(100), 30);
/// How far apart handfuls of one pace are at least.
const HANDFUL: Duration = Duration::from_millis(10);

/// Something for each lane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PerLane<T> {
    /// Answers of the bot.
    pub replies: T,
    /// Messages to one account or chat.
    pub single: T,
    /// Broadcasts.
    pub broadcast: T,
}

impl<T> PerLane<T> {
    /// What belongs to this lane.
    pub fn of(&self, lane: Lane) -> &T {
        match lane {
            Lane::Replies => &self.replies,
            Lane::Single => &self.single,
            Lane::Broadcast => &self.broadcast,
        }
    }

    /// What belongs to this lane, to change it.
    pub fn of_mut(&mut self, lane: Lane) -> &mut T {
        match lane {
            Lane::Replies => &mut self.replies,
            Lane::Single => &mut self.single,
            Lane::Broadcast => &mut self.broadcast,
        }
    }
}

/// Hands out turns.
#[derive(Clone, Copy, Debug, Default)]
pub struct Turns {
    /// Turns of others since a lane that had something had its own.
    waited: PerLane<u32>,
}

impl Turns {
    /// The lane whose turn it is, among those that have something to send now: the first of them, unless one has waited
    /// for its fifth. Nothing changes until [`Turns::used`].
    #[must_use]
    pub fn next(&self, ready: PerLane<bool>) -> Option<Lane> {
        let mut waiting = Lane::ALL.into_iter().filter(|lane| *ready.of(*lane));
        let starved = waiting.clone().find(|lane| *self.waited.of(*lane) >= PATIENCE);
        starved.or_else(|| waiting.next())
    }

    /// A message of `lane` has left, while the `waiting` lanes had something, whether or not it was due already.
    pub fn used(&mut self, lane: Lane, waiting: PerLane<bool>) {
        for other in Lane::ALL {
            let waited = self.waited.of_mut(other);
            *waited = if other == lane || !*waiting.of(other) { 0 } else { waited.saturating_add(1) };
        }
    }
}

/// An even pace: one message each interval, without a burst after a pause. When the intervals are short, what falls into
/// [`HANDFUL`] leaves together, so that it shares a commit.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pace {
    next: Duration,
    last: Duration,
}

impl Pace {
    /// When the next one is due, at this interval. Asked again at the moment of the last one, that handful goes on.
    #[must_use]
    pub fn due(&self, now: Duration, interval: Duration) -> Duration {
        if interval >= HANDFUL || now == self.last { self.next } else { self.next.max(self.last + HANDFUL) }
    }

    /// One leaves now. The next is due an interval after this one was due, so that late timers do not add up; of a longer
    /// pause only so much is caught up as [`CATCH_UP`] says.
    pub fn take(&mut self, now: Duration, interval: Duration) {
        let behind = CATCH_UP.0.min(interval.saturating_mul(CATCH_UP.1));
        self.next = self.next.max(now.saturating_sub(behind)).saturating_add(interval);
        self.last = now;
    }

    /// The one that was taken last did not leave after all.
    pub fn give_back(&mut self, interval: Duration) {
        self.next = self.next.saturating_sub(interval);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbox::limiter::Fare;

    const ALL: PerLane<bool> = PerLane { replies: true, single: true, broadcast: true };

    fn run(turns: usize, ready: PerLane<bool>) -> PerLane<usize> {
        let (mut state, mut count) = (Turns::default(), PerLane::default());
        for _ in 0..turns {
            let lane = state.next(ready).unwrap();
            state.used(lane, ready);
            *count.of_mut(lane) += 1;
        }
        count
    }

    #[test]
    fn when_all_are_busy_each_lower_lane_keeps_a_fifth() {
        assert_eq!(run(1000, ALL), PerLane { replies: 601, single: 200, broadcast: 199 });
        let two = run(1000, PerLane { single: false, ..ALL });
        assert_eq!(two, PerLane { replies: 800, single: 0, broadcast: 200 });
        let lower = run(1000, PerLane { replies: false, ..ALL });
        assert_eq!(lower, PerLane { replies: 0, single: 800, broadcast: 200 });
    }

    #[test]
    fn a_lone_lane_has_every_turn_and_an_idle_bot_none() {
        assert_eq!(run(10, PerLane { broadcast: true, ..PerLane::default() }).broadcast, 10);
        assert_eq!(Turns::default().next(PerLane::default()), None);
    }

    #[test]
    fn a_reply_goes_before_a_broadcast_that_has_been_running() {
        let mut turns = Turns::default();
        let broadcast = PerLane { broadcast: true, ..PerLane::default() };
        for _ in 0..100 {
            turns.used(Lane::Broadcast, broadcast);
        }
        assert_eq!(turns.next(ALL), Some(Lane::Replies));
    }

    #[test]
    fn a_thousand_at_the_pace_take_less_than_one_percent_longer_although_every_timer_is_late() {
        let (mut pace, mut now) = (Pace::default(), Duration::from_secs(5));
        let interval = Fare::Free.interval(30);
        pace.take(now, interval);
        for _ in 1..1000 {
            now = now.max(pace.due(now, interval)) + Duration::from_micros(1500);
            pace.take(now, interval);
        }
        let (took, ideal) = (now.as_secs_f64() - 5.0, 999.0 / 30.0);
        assert!(took >= ideal && took <= ideal * 1.01, "{took} against {ideal}");
    }

    #[test]
    fn a_fast_pace_leaves_in_handfuls_that_share_a_commit_and_loses_no_time() {
        let (mut pace, mut now) = (Pace::default(), Duration::from_secs(5));
        let interval = Fare::Paid.interval(1000);
        let (mut sent, mut handfuls) = (0, 0);
        while sent < 20_000 {
            while pace.due(now, interval) <= now {
                pace.take(now, interval);
                sent += 1;
            }
            handfuls += 1;
            now = pace.due(now + Duration::from_nanos(1), interval) + Duration::from_millis(1);
        }
        let (took, ideal) = (now.as_secs_f64() - 5.0, 19.999);
        assert!(took >= ideal && took <= ideal * 1.015, "{took} against {ideal}");
        assert!(handfuls <= 2100, "{handfuls} commits");
    }

    #[test]
    fn of_a_long_pause_only_a_little_is_caught_up() {
        for (fare, rate, most) in [(Fare::Free, 30, 3), (Fare::Paid, 1000, 31), (Fare::Free, 1, 1)] {
            let (mut pace, interval) = (Pace::default(), fare.interval(rate));
            pace.take(Duration::from_secs(1), interval);
            let (now, mut at_once) = (Duration::from_mins(1), 0);
            while pace.due(now, interval) <= now {
                pace.take(now, interval);
                at_once += 1;
            }
            assert_eq!(at_once, most, "at {rate} a second");
        }
    }

    #[test]
    fn what_did_not_leave_costs_no_time() {
        let (mut pace, interval) = (Pace::default(), Fare::Free.interval(10));
        let now = Duration::from_secs(1);
        pace.take(now, interval);
        let due = pace.due(now, interval);
        pace.take(now, interval);
        pace.give_back(interval);
        assert_eq!(pace.due(now, interval), due);
    }
}
