//! What has left, as moments: the window that counts the last ones, and the bucket that fills up again. Pure.

use std::collections::VecDeque;
use std::time::Duration;

/// The moments of the last messages, as many as the limit counts.
#[derive(Debug, Default)]
pub(super) struct Window(VecDeque<Duration>);

impl Window {
    /// When one more is allowed: `span` after the one that is `limit` back.
    pub(super) fn free_at(&self, limit: u32, span: Duration) -> Duration {
        let back = usize::try_from(limit).ok().and_then(|limit| self.0.len().checked_sub(limit));
        match (limit, back.and_then(|nth| self.0.get(nth))) {
            (1.., Some(taken)) => taken.saturating_add(span),
            _ => Duration::ZERO,
        }
    }

    pub(super) fn take(&mut self, now: Duration, limit: u32) {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        self.0.push_back(now);
        while self.0.len() > limit {
            self.0.pop_front();
        }
    }

    pub(super) fn give_back(&mut self) {
        self.0.pop_back();
    }

    pub(super) fn left(&mut self, now: Duration, count: usize) {
        for taken in self.0.iter_mut().rev().take(count) {
            *taken = now.max(*taken);
        }
    }

    pub(super) fn busy(&self, now: Duration, span: Duration) -> bool {
        self.0.back().is_some_and(|taken| taken.saturating_add(span) > now)
    }
}

/// A bucket as the moment at which it will be full (GCRA): nine tenths of a second's worth, refilled at the rate.
#[derive(Debug, Default)]
pub(super) struct Bucket {
    full_at: Duration,
}

impl Bucket {
    fn interval(rate: u32) -> Duration {
        Duration::from_secs(1).checked_div(rate).unwrap_or_default()
    }

    /// When there is room for one more.
    pub(super) fn free_at(&self, rate: u32) -> Duration {
        if rate == 0 {
            return Duration::ZERO;
        }
        let worth = rate - rate / 10;
        self.full_at.saturating_sub(Self::interval(rate).saturating_mul(worth.saturating_sub(1)))
    }

    pub(super) fn give_back(&mut self, rate: u32) {
        self.full_at = self.full_at.saturating_sub(Self::interval(rate));
    }

    pub(super) fn take(&mut self, now: Duration, rate: u32) {
        self.full_at = self.full_at.max(now).saturating_add(Self::interval(rate));
    }
}
