//! The journal: every call the bot made and what became of it, the newest few thousand.

use std::collections::VecDeque;

use serde::Serialize;

use crate::clock::Timestamp;

/// A call and its outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Call {
    /// Counts from 1 and never repeats.
    pub number: u64,
    /// When it arrived.
    pub at: Timestamp,
    /// The method as the bot wrote it.
    pub method: String,
    /// The chat it named, when it named one by its id.
    pub chat: Option<i64>,
    /// Its parameters, as texts (objects and lists as JSON).
    pub params: Vec<(String, String)>,
    /// What became of it.
    pub outcome: Outcome,
    /// What Telegram would have passed over in silence: unknown parameters, values of a wrong type.
    pub warnings: Vec<String>,
}

impl Call {
    /// The value of a parameter.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether it was carried out.
    #[must_use]
    pub fn was_done(&self) -> bool {
        match &self.outcome {
            Outcome::Done | Outcome::DoneThen(_) => true,
            Outcome::Refused { .. } | Outcome::Hit(_) => false,
        }
    }
}

/// What became of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Carried out and answered.
    Done,
    /// Refused by Telegram's rules.
    Refused {
        /// The status and `error_code`.
        code: u16,
        /// Telegram's words.
        description: String,
    },
    /// Not carried out: a fault, in plain words.
    Hit(String),
    /// Carried out, but a fault ruined the answer.
    DoneThen(String),
}

/// The calls that are kept.
#[derive(Debug)]
pub struct Journal {
    calls: VecDeque<Call>,
    last: u64,
    capacity: usize,
    warned: u64,
}

impl Journal {
    /// A journal that keeps the newest `capacity` calls.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { calls: VecDeque::new(), last: 0, capacity, warned: 0 }
    }

    /// Changes how many calls are kept; 0 keeps none and only counts.
    pub fn keep(&mut self, capacity: usize) {
        self.capacity = capacity;
        while self.calls.len() > capacity {
            self.calls.pop_front();
        }
    }

    /// Writes a call down under the next number.
    pub fn write(&mut self, call: Call) {
        self.last += 1;
        if !call.warnings.is_empty() {
            self.warned += 1;
        }
        if self.capacity == 0 {
            return;
        }
        if self.calls.len() >= self.capacity {
            self.calls.pop_front();
        }
        self.calls.push_back(Call { number: self.last, ..call });
    }

    /// The calls that are kept, oldest first, without those up to number `after`.
    pub fn after(&self, after: u64) -> impl DoubleEndedIterator<Item = &Call> {
        let first = self.calls.partition_point(|call| call.number <= after);
        self.calls.range(first..)
    }

    /// How many calls there were in all, and how many of them with warnings.
    #[must_use]
    pub fn totals(&self) -> (u64, u64) {
        (self.last, self.warned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call() -> Call {
        let method = "getMe".to_owned();
        Call {
            number: 0,
            at: Timestamp(0),
            method,
            chat: None,
            params: vec![],
            outcome: Outcome::Done,
            warnings: vec![],
        }
    }

    #[test]
    fn the_oldest_calls_make_room_and_numbers_go_on() {
        let mut journal = Journal::new(2);
        for _ in 0..3 {
            journal.write(call());
        }
        assert_eq!(journal.after(0).map(|call| call.number).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(journal.after(2).map(|call| call.number).collect::<Vec<_>>(), [3]);
        journal.keep(0);
        journal.write(call());
        assert_eq!((journal.after(0).count(), journal.totals()), (0, (4, 0)));
    }
}
