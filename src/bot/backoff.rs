//! How long to wait before the next poll after one that failed. Pure: chance is handed in; an end is no answer.

use std::time::Duration;

use crate::rng::Rng;
use crate::telegram::{Class, Conflict};

/// Waits of a kind of trouble: twice as long each time, from the first to the longest.
struct Steps {
    first: Duration,
    longest: Duration,
}

/// Telegram or the way there is down.
const OUTAGE: Steps = Steps { first: Duration::from_secs(1), longest: Duration::from_mins(1) };
/// Another program polls: it may be the end of an older process of ours, so the first tries are quick.
const CONTEST: Steps = Steps { first: Duration::from_secs(2), longest: Duration::from_secs(30) };
/// Something only a person can end: a webhook, a refused token.
const PERSON: Steps = Steps { first: Duration::from_secs(30), longest: Duration::from_mins(5) };

/// Failed polls in a row.
#[derive(Clone, Copy, Debug, Default)]
pub struct Backoff {
    failures: u32,
    trouble: Option<Trouble>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    Outage,
    Contest,
    Person,
}

impl Backoff {
    /// A poll was answered.
    pub fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// Failed polls in a row, of whatever kind.
    #[must_use]
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// A poll failed: how long to wait before the next. A new kind of trouble begins with its first wait.
    pub fn failed(&mut self, class: &Class, chance: &Rng) -> Duration {
        if let Class::FloodWait { retry_after } = class {
            return retry_after.saturating_add(upto(Duration::from_secs(1), chance));
        }
        let trouble = Trouble::of(class);
        self.failures = if self.trouble == Some(trouble) { self.failures.saturating_add(1) } else { 1 };
        self.trouble = Some(trouble);
        let steps = trouble.steps();
        let full = steps.first.saturating_mul(2_u32.saturating_pow(self.failures - 1)).min(steps.longest);
        full / 2 + upto(full / 2, chance)
    }
}

impl Trouble {
    fn of(class: &Class) -> Self {
        match class {
            Class::TokenRefused | Class::Conflict(Conflict::Webhook | Conflict::SetWebhook) => Self::Person,
            Class::Conflict(Conflict::OtherPoller) => Self::Contest,
            Class::NotSent { .. }
            | Class::Unknown { .. }
            | Class::FloodWait { .. }
            | Class::Blocked
            | Class::Deactivated
            | Class::CannotInitiate
            | Class::GroupLost
            | Class::ChatNotFound
            | Class::Migrated { .. }
            | Class::Markup { .. }
            | Class::Content { .. }
            | Class::Rejected { .. } => Self::Outage,
        }
    }

    fn steps(self) -> &'static Steps {
        match self {
            Self::Outage => &OUTAGE,
            Self::Contest => &CONTEST,
            Self::Person => &PERSON,
        }
    }
}

/// A random span from nothing to `most`.
fn upto(most: Duration, chance: &Rng) -> Duration {
    Duration::from_millis(chance.below(u64::try_from(most.as_millis()).unwrap_or(0).saturating_add(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(class: &Class, count: usize) -> Vec<u64> {
        let (mut backoff, chance) = (Backoff::default(), Rng::seeded(7));
        (0..count).map(|_| u64::try_from(backoff.failed(class, &chance).as_millis()).unwrap()).collect()
    }

    fn assert_between(waits: &[u64], fulls: &[u64]) {
        assert_eq!(waits.len(), fulls.len());
        for (wait, full) in waits.iter().zip(fulls) {
            assert!((full / 2..=*full).contains(wait), "{waits:?} against {fulls:?}");
        }
    }

    #[test]
    fn an_outage_is_waited_out_in_growing_steps_up_to_a_minute() {
        let down = Class::Unknown { reason: "HTTP 502".into() };
        assert_between(&waits(&down, 8), &[1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
        assert_eq!(waits(&down, 3), waits(&down, 3), "chance is the only thing that varies");
    }

    #[test]
    fn another_poller_is_tried_quickly_at_first_and_a_person_is_given_time() {
        let contest = Class::Conflict(Conflict::OtherPoller);
        assert_between(&waits(&contest, 6), &[2000, 4000, 8000, 16_000, 30_000, 30_000]);
        for class in [Class::TokenRefused, Class::Conflict(Conflict::Webhook)] {
            assert_between(&waits(&class, 5), &[30_000, 60_000, 120_000, 240_000, 300_000]);
        }
    }

    #[test]
    fn a_flood_wait_is_kept_to_and_counts_as_no_failure() {
        let (mut backoff, chance) = (Backoff::default(), Rng::seeded(7));
        let wait = backoff.failed(&Class::FloodWait { retry_after: Duration::from_secs(37) }, &chance);
        assert!(wait >= Duration::from_secs(37) && wait <= Duration::from_secs(38));
        assert_eq!(backoff.failures(), 0);
    }

    #[test]
    fn success_and_a_new_kind_of_trouble_begin_from_the_start() {
        let (mut backoff, chance) = (Backoff::default(), Rng::seeded(7));
        let down = Class::NotSent { reason: "no route".into() };
        for _ in 0..10 {
            backoff.failed(&down, &chance);
        }
        assert!(backoff.failed(&Class::Conflict(Conflict::OtherPoller), &chance) <= Duration::from_secs(2));
        assert!(backoff.failed(&down, &chance) <= Duration::from_secs(1));
        backoff.failed(&down, &chance);
        backoff.succeeded();
        assert_eq!(backoff.failures(), 0);
        assert!(backoff.failed(&down, &chance) <= Duration::from_secs(1));
    }

    #[test]
    fn thousands_of_failures_still_give_a_wait() {
        let (mut backoff, chance) = (Backoff { failures: u32::MAX, trouble: Some(Trouble::Outage) }, Rng::seeded(7));
        let wait = backoff.failed(&Class::Unknown { reason: String::new() }, &chance);
        assert!(wait >= Duration::from_secs(30));
    }
}
