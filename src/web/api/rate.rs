//! How many requests a key has left: so many in each minute, counted in memory. A restart begins a new minute.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::super::{Problem, Response};
use crate::ids::KeyId;

const WINDOW: Duration = Duration::from_mins(1);

/// What keys used of their minute.
#[derive(Debug, Default)]
pub struct Rates(Mutex<HashMap<KeyId, Used>>);

#[derive(Clone, Copy, Debug, Default)]
struct Used {
    since: Duration,
    count: u32,
}

/// What a key has left after this request; nothing for a key without a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance(Option<Left>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Left {
    limit: u32,
    remaining: u32,
    /// When the next minute begins.
    reset: Duration,
}

impl Rates {
    /// Counts a request at `now`, the time since some beginning.
    pub fn take(&self, key: KeyId, limit: u32, now: Duration) -> Result<Allowance, Problem> {
        if limit == 0 {
            return Ok(Allowance(None));
        }
        let mut rates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let used = rates.entry(key).or_insert(Used { since: now, count: 0 });
        if now.saturating_sub(used.since) >= WINDOW {
            *used = Used { since: now, count: 0 };
        }
        let reset = WINDOW.saturating_sub(now.saturating_sub(used.since));
        if used.count >= limit {
            let text = format!("This key may make {limit} requests a minute; they are used up.");
            let left = Allowance(Some(Left { limit, remaining: 0, reset }));
            return Err(left.mark(Problem::too_many(up(reset), text)));
        }
        used.count += 1;
        Ok(Allowance(Some(Left { limit, remaining: limit - used.count, reset })))
    }
}

impl Allowance {
    /// The answer, with what is left in its headers.
    pub fn tell(self, answer: Result<Response, Problem>) -> Result<Response, Problem> {
        match answer {
            Ok(mut response) => {
                for (name, value) in self.headers() {
                    response.insert_header(name, value);
                }
                Ok(response)
            }
            Err(problem) => Err(self.mark(problem)),
        }
    }

    /// The same for a refusal.
    #[must_use]
    pub fn mark(self, problem: Problem) -> Problem {
        self.headers().into_iter().fold(problem, |problem, (name, value)| problem.with_header(name, value))
    }

    fn headers(self) -> Vec<(&'static str, String)> {
        let Some(left) = self.0 else { return Vec::new() };
        vec![
            ("ratelimit-limit", left.limit.to_string()),
            ("ratelimit-remaining", left.remaining.to_string()),
            ("ratelimit-reset", up(left.reset).as_secs().to_string()),
        ]
    }
}

/// Rounded up to whole seconds, so that whoever waits that long does not come too early.
fn up(span: Duration) -> Duration {
    Duration::from_millis(u64::try_from(span.as_millis()).unwrap_or(u64::MAX).div_ceil(1000).saturating_mul(1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_has_so_many_requests_and_the_next_one_again() {
        let rates = Rates::default();
        let at = Duration::from_millis;
        let left = |now| rates.take(KeyId(1), 2, now).ok().and_then(|allowance| allowance.0).map(|left| left.remaining);
        assert_eq!((left(at(500)), left(at(600)), left(at(700))), (Some(1), Some(0), None));
        let problem = rates.take(KeyId(1), 2, at(700)).err().unwrap();
        let response = problem.answer(crate::web::error::Wants::Json, "");
        let header = |name: &str| response.header(name).map(|value| value.as_str().to_owned());
        assert_eq!((header("retry-after"), header("ratelimit-reset")), (Some("60".into()), Some("60".into())));
        assert!(rates.take(KeyId(2), 2, at(700)).is_ok(), "another key has its own");
        assert_eq!(left(at(60_500)), Some(1));
    }

    #[test]
    fn a_key_without_a_limit_is_not_counted() {
        let rates = Rates::default();
        let taken = |_| rates.take(KeyId(1), 0, Duration::ZERO).ok();
        assert!((0..10).map(taken).all(|allowance| allowance == Some(Allowance(None))));
    }
}
