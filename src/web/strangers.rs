//! How often each network sent something that was not accepted, where nobody is signed in: so many in a minute, then it waits.
//! Kept in memory and bounded; a restart forgets it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Refusals in a minute before a network has to wait.
const MOST: u32 = 30;
const WINDOW: Duration = Duration::from_mins(1);
/// Networks that are remembered; with more, those whose minute is over are forgotten, then all.
const REMEMBERED: usize = 10_000;

/// What networks did in their minute.
#[derive(Debug, Default)]
pub struct Strangers(Mutex<HashMap<String, (Duration, u32)>>);

impl Strangers {
    /// How long a network has to wait at `now`, the time since some beginning; nothing when it need not.
    #[must_use]
    pub fn wait(&self, network: &str, now: Duration) -> Option<Duration> {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, count) = seen.get(network).copied()?;
        let left = WINDOW.saturating_sub(now.saturating_sub(since));
        (count >= MOST && !left.is_zero()).then_some(left)
    }

    /// Notes a refusal.
    pub fn note(&self, network: &str, now: Duration) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= REMEMBERED {
            seen.retain(|_, (since, _)| now.saturating_sub(*since) < WINDOW);
        }
        if seen.len() >= REMEMBERED {
            seen.clear();
        }
        let entry = seen.entry(network.to_owned()).or_insert((now, 0));
        if now.saturating_sub(entry.0) >= WINDOW {
            *entry = (now, 0);
        }
        entry.1 = entry.1.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_waits_for_the_rest_of_its_minute() {
        let strangers = Strangers::default();
        let at = Duration::from_secs;
        for second in 0..u64::from(MOST) {
            assert_eq!(strangers.wait("a", at(second)), None, "{second}");
            strangers.note("a", at(second));
        }
        assert_eq!(strangers.wait("a", at(40)), Some(at(20)));
        assert_eq!(strangers.wait("b", at(40)), None);
        assert_eq!(strangers.wait("a", at(60)), None);
        strangers.note("a", at(60));
        assert_eq!(strangers.wait("a", at(60)), None, "a new minute begins");
    }

    #[test]
    fn the_memory_is_bounded() {
        let strangers = Strangers::default();
        for number in 0..=REMEMBERED {
            strangers.note(&number.to_string(), Duration::ZERO);
        }
        assert!(strangers.0.lock().unwrap().len() <= REMEMBERED);
    }
}
