//! Telegram's limit at its door: a bucket that is refilled at a rate. What it lets in and refuses is written down.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

/// A bucket with its records.
pub struct Door {
    rate: f64,
    size: f64,
    level: f64,
    filled: Instant,
    /// When each call was let in.
    pub passed: Vec<Instant>,
    /// Calls that were answered with 429.
    pub refused: u64,
    /// When the first message to a chat was let in.
    pub chats: HashMap<u64, Instant>,
    /// Second and later messages to a chat.
    pub repeated: u64,
}

impl Door {
    /// A full bucket of `size` calls, refilled with `rate` calls a second.
    pub fn new(rate: u32, size: u32) -> Self {
        let (rate, size) = (f64::from(rate), f64::from(size));
        let (passed, chats) = (Vec::new(), HashMap::new());
        Self { rate, size, level: size, filled: Instant::now(), passed, refused: 0, chats, repeated: 0 }
    }

    /// Lets a call in, or says for how many seconds to stay away.
    pub fn enter(&mut self, chat: u64) -> Result<(), u64> {
        let now = Instant::now();
        self.level = (self.level + now.duration_since(self.filled).as_secs_f64() * self.rate).min(self.size);
        self.filled = now;
        if self.level < 1.0 {
            self.refused += 1;
            return Err(1);
        }
        self.level -= 1.0;
        self.passed.push(now);
        if self.chats.insert(chat, now).is_some() {
            self.repeated += 1;
        }
        Ok(())
    }

    /// From the first call that was let in to the last.
    pub fn span(&self) -> Duration {
        match (self.passed.first(), self.passed.last()) {
            (Some(first), Some(last)) => last.duration_since(*first),
            _ => Duration::ZERO,
        }
    }

    /// The most calls let in within any second.
    pub fn busiest_second(&self) -> usize {
        let mut window: VecDeque<Instant> = VecDeque::new();
        let mut most = 0;
        for at in &self.passed {
            while window.front().is_some_and(|first| at.duration_since(*first) >= Duration::from_secs(1)) {
                window.pop_front();
            }
            window.push_back(*at);
            most = most.max(window.len());
        }
        most
    }
}
