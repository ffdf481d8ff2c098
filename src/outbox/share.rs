//! Whose turn it is among the broadcasts that run: those of one fare keep one even pace together and take turns in it, so
//! that a small one is never stuck behind a large one. One with a rate of its own keeps that pace as well. Pure.

use std::collections::BTreeMap;
use std::time::Duration;

use super::lanes::Pace;
use super::limiter::{Fare, Limits};
use crate::ids::BroadcastId;

/// A broadcast, as far as its turn is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Runner {
    /// Which.
    pub id: BroadcastId,
    /// By which limit over all chats it counts.
    pub fare: Fare,
    /// Its own rate a second, if it has one.
    pub rate: Option<u32>,
}

impl Runner {
    fn interval(&self) -> Duration {
        self.rate.map_or(Duration::ZERO, |rate| self.fare.interval(rate))
    }
}

/// The paces and the turns.
#[derive(Clone, Debug, Default)]
pub struct Share {
    free: Pace,
    paid: Pace,
    runners: BTreeMap<BroadcastId, Own>,
    turns: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Own {
    pace: Pace,
    /// The number of its last turn; 0 before the first.
    turn: u64,
}

impl Share {
    /// When any broadcast of this fare may have its next turn.
    #[must_use]
    pub fn due(&self, now: Duration, fare: Fare, limits: Limits) -> Duration {
        let interval = fare.interval(limits.per_second(fare));
        match fare {
            Fare::Free => self.free.due(now, interval),
            Fare::Paid => self.paid.due(now, interval),
        }
    }

    /// When this broadcast may have its next turn, as far as its own rate is concerned.
    #[must_use]
    pub fn due_of(&self, now: Duration, runner: Runner) -> Duration {
        let own = self.runners.get(&runner.id).filter(|_| runner.rate.is_some());
        own.map_or(Duration::ZERO, |own| own.pace.due(now, runner.interval()))
    }

    /// The number of its last turn: who has waited longest comes next.
    #[must_use]
    pub fn turn(&self, id: BroadcastId) -> u64 {
        self.runners.get(&id).map_or(0, |own| own.turn)
    }

    /// One message of this broadcast leaves now.
    pub fn take(&mut self, now: Duration, runner: Runner, limits: Limits) {
        self.turns += 1;
        self.of(runner.fare).take(now, runner.fare.interval(limits.per_second(runner.fare)));
        let turn = self.turns;
        let own = self.runners.entry(runner.id).or_default();
        own.turn = turn;
        own.pace.take(now, runner.interval());
    }

    /// A message that was taken did not leave after all: the time is the others'.
    pub fn give_back(&mut self, runner: Runner, limits: Limits) {
        self.of(runner.fare).give_back(runner.fare.interval(limits.per_second(runner.fare)));
        if let Some(own) = self.runners.get_mut(&runner.id) {
            own.pace.give_back(runner.interval());
        }
    }

    /// Forgets broadcasts that run no more.
    pub fn keep(&mut self, runs: impl Fn(BroadcastId) -> bool) {
        self.runners.retain(|id, _| runs(*id));
    }

    fn of(&mut self, fare: Fare) -> &mut Pace {
        match fare {
            Fare::Free => &mut self.free,
            Fare::Paid => &mut self.paid,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits =
        Limits { global_per_second: 30, chat_per_second: 1, group_per_minute: 20, paid_per_second: 0 };

    fn runner(id: u64, rate: Option<u32>) -> Runner {
        Runner { id: BroadcastId(id), fare: Fare::Free, rate }
    }

    /// How many messages of each leave in ten seconds, when all have something all the time.
    fn run(runners: &[Runner]) -> Vec<u32> {
        let (mut share, mut counts) = (Share::default(), vec![0; runners.len()]);
        let (mut now, end) = (Duration::from_secs(100), Duration::from_secs(110));
        while now < end {
            let mut order: Vec<usize> = (0..runners.len()).collect();
            order.sort_by_key(|nth| share.turn(runners[*nth].id));
            let next = order.into_iter().find(|nth| share.due_of(now, runners[*nth]) <= now);
            if let (true, Some(nth)) = (share.due(now, Fare::Free, LIMITS) <= now, next) {
                share.take(now, runners[nth], LIMITS);
                counts[nth] += 1;
            } else {
                now += Duration::from_millis(1);
            }
        }
        counts
    }

    #[test]
    fn several_share_the_rate_equally() {
        let counts = run(&[runner(1, None), runner(2, None), runner(3, None)]);
        assert!(counts.iter().all(|count| (98..=101).contains(count)), "{counts:?}");
    }

    #[test]
    fn one_with_a_rate_of_its_own_keeps_it_and_the_others_take_the_rest() {
        let counts = run(&[runner(1, Some(5)), runner(2, None)]);
        assert!((49..=51).contains(&counts[0]) && (246..=251).contains(&counts[1]), "{counts:?}");
    }

    #[test]
    fn a_rate_that_is_raised_gives_no_right_to_what_was_missed() {
        let mut share = Share::default();
        let now = Duration::from_secs(50);
        for nth in 0..1000 {
            share.take(now, runner(1, None), LIMITS);
            if nth % 100 == 0 {
                share.take(now, runner(2, Some(1)), LIMITS);
            }
        }
        // From now on it takes turns; it does not catch up nine hundred.
        let mut mine = 0;
        for _ in 0..100 {
            let next = [1, 2].into_iter().min_by_key(|id| share.turn(BroadcastId(*id))).unwrap();
            mine += u32::from(next == 2);
            share.take(now, runner(next, None), LIMITS);
        }
        assert_eq!(mine, 50);
    }

    #[test]
    fn those_that_run_no_more_are_forgotten() {
        let mut share = Share::default();
        share.take(Duration::ZERO, runner(1, None), LIMITS);
        share.keep(|_| false);
        assert_eq!(share.turn(BroadcastId(1)), 0);
    }
}
