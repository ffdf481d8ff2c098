//! Time as a value: the one place that reads the machine's clocks, and one for tests that only moves when told.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// A moment in UTC, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The moment `span` later.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(millis(span)))
    }

    /// The moment `span` earlier.
    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(millis(span)))
    }

    /// How long after `earlier` this is; zero when it is not after it.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// As programs read it: `2026-11-22T19:00:00.000Z` (RFC 3339).
    #[must_use]
    pub fn rfc3339(self) -> String {
        let moment = jiff::Timestamp::from_millisecond(self.0);
        moment.map_or_else(|_| String::new(), |moment| format!("{moment:.3}"))
    }

    /// Whole seconds since 1970, rounded down.
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

/// A source of time, handed to whoever needs it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System { started: Instant },
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's clocks.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clocks")]
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System { started: Instant::now() })
    }

    /// A clock that stands at `now` until [`Clock::advance`] moves it.
    #[must_use]
    pub fn manual(now: Timestamp) -> Self {
        Self(Source::Manual(Arc::new(AtomicI64::new(now.0))))
    }

    /// The wall clock. It may be set back by the operator; use [`Clock::elapsed`] for distances.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clocks")]
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System { .. } => {
                Timestamp(millis(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()))
            }
            Source::Manual(at) => Timestamp(at.load(Ordering::SeqCst)),
        }
    }

    /// Time that never goes back: since the clock was made (system), or since 1970 (manual).
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        match &self.0 {
            Source::System { started } => started.elapsed(),
            Source::Manual(at) => Timestamp(at.load(Ordering::SeqCst)).since(Timestamp(0)),
        }
    }

    /// Moves a manual clock forward; the system's clocks are left alone.
    pub fn advance(&self, span: Duration) {
        if let Source::Manual(at) = &self.0 {
            at.fetch_add(millis(span), Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_read_milliseconds_in_utc() {
        assert_eq!(Timestamp(1_795_374_000_005).rfc3339(), "2026-11-22T19:00:00.005Z");
        assert_eq!(Timestamp(0).rfc3339(), "1970-01-01T00:00:00.000Z");
    }
}
