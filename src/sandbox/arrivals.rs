//! What arrived: every message the bot sent that a chat took, in order, whatever became of its answer, of the message or of
//! the chat afterwards. Tests compare it with what the bot believes.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::clock::Timestamp;

/// Arrivals that are kept.
const KEPT: usize = 250_000;
/// Bytes of texts that are kept with them; a text that repeats the one before it costs nothing.
const TEXTS: usize = 128 * 1024 * 1024;

/// A message that arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Arrival {
    /// Counts from 1 and never repeats.
    pub number: u64,
    /// Where it arrived.
    pub chat: i64,
    /// Its id there.
    pub message_id: i64,
    /// When, in milliseconds since 1970.
    pub at: Timestamp,
    /// Its text, or the caption of its photo, without markup.
    #[serde(serialize_with = "as_text")]
    pub text: Arc<str>,
    /// Whether it has a photo.
    pub photo: bool,
    /// Whether its call allowed paid broadcasts.
    pub paid: bool,
}

fn as_text<S: Serializer>(text: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
}

/// The arrivals that are kept.
#[derive(Debug, Default)]
pub struct Arrivals {
    list: VecDeque<Arrival>,
    last: u64,
    texts: usize,
}

impl Arrivals {
    /// Writes one down under the next number.
    pub fn write(&mut self, arrival: Arrival) {
        self.last += 1;
        let mut arrival = Arrival { number: self.last, ..arrival };
        match self.list.back() {
            Some(before) if before.text == arrival.text => arrival.text = Arc::clone(&before.text),
            Some(_) | None => self.texts += arrival.text.len(),
        }
        self.list.push_back(arrival);
        while self.list.len() > KEPT || (self.texts > TEXTS && self.list.len() > 1) {
            let Some(oldest) = self.list.pop_front() else { break };
            if self.list.front().is_none_or(|next| !Arc::ptr_eq(&next.text, &oldest.text)) {
                self.texts = self.texts.saturating_sub(oldest.text.len());
            }
        }
    }

    /// Those after number `after`, oldest first.
    pub fn after(&self, after: u64) -> impl Iterator<Item = &Arrival> {
        let first = self.list.partition_point(|arrival| arrival.number <= after);
        self.list.range(first..)
    }

    /// How many there were in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrival(text: &str) -> Arrival {
        let text = text.into();
        Arrival { number: 0, chat: 7, message_id: 1, at: Timestamp(0), text, photo: false, paid: false }
    }

    #[test]
    fn a_quarter_of_a_million_is_kept_and_the_oldest_makes_room() {
        let mut arrivals = Arrivals::default();
        for number in 0..KEPT + 3 {
            arrivals.write(arrival(if number < 3 { "first" } else { "then" }));
        }
        assert_eq!((arrivals.after(0).count(), arrivals.texts), (KEPT, "then".len()));
        assert_eq!(arrivals.after(0).next().map(|arrival| arrival.number), Some(4));
        let (total, wanted) = (arrivals.total(), u64::try_from(KEPT).unwrap() + 3);
        assert_eq!((total, arrivals.after(total - 1).count(), arrivals.after(total).count()), (wanted, 1, 0));
    }

    #[test]
    fn texts_are_bounded_too() {
        let mut arrivals = Arrivals::default();
        for number in 0..40 {
            arrivals.write(arrival(&format!("{number}{}", "x".repeat(4 * 1024 * 1024))));
        }
        assert!(arrivals.texts <= TEXTS && arrivals.after(0).count() >= 31);
        let kept: usize = arrivals.after(0).map(|arrival| arrival.text.len()).sum();
        assert_eq!(arrivals.texts, kept);
    }
}
