//! The bot's queue of updates with Telegram's rules: an offset confirms, ids grow by one, nothing is older than 24 hours,
//! the filter works at arrival, one answer has a limit. Pure: time comes in, nobody waits here.

use std::collections::VecDeque;
use std::time::Duration;

use crate::clock::Timestamp;

/// How long an update is kept (Bot API, "Getting updates").
const KEPT: Duration = Duration::from_hours(24);
/// About the most bytes of updates in one answer of Telegram's server.
const ANSWER_BYTES: usize = 4 << 20;
/// Further above the newest id than this, an offset counts as absent.
const OFFSET_SLACK: i64 = 10;
/// What an empty `allowed_updates` leaves out.
const NOT_BY_DEFAULT: [&str; 3] = ["chat_member", "message_reaction", "message_reaction_count"];

/// An update that waits for the bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its `update_id` (for an injected text that has none: the place it takes in the queue).
    pub id: i64,
    /// When it arrived.
    pub at: Timestamp,
    /// Its JSON, as the bot will get it.
    pub json: String,
}

/// The queue.
#[derive(Debug)]
pub struct Queue {
    waiting: VecDeque<Waiting>,
    next: i64,
    /// `None`: everything but the kinds that have to be asked for.
    allowed: Option<Vec<String>>,
}

impl Queue {
    /// An empty queue whose first update gets the id `first`.
    #[must_use]
    pub fn new(first: i64) -> Self {
        Self { waiting: VecDeque::new(), next: first, allowed: None }
    }

    /// Sets the filter for updates that arrive from now on. An empty list means the default.
    pub fn allow(&mut self, kinds: Vec<String>) {
        self.allowed = Some(kinds).filter(|kinds| !kinds.is_empty());
    }

    /// The filter as `getWebhookInfo` shows it; `None` for the default.
    #[must_use]
    pub fn allowed(&self) -> Option<&[String]> {
        self.allowed.as_deref()
    }

    /// Queues an update of a kind with its JSON (the value of its one field), unless the filter keeps it out.
    pub fn push(&mut self, now: Timestamp, kind: &str, json: &str) -> Option<i64> {
        let wanted = match &self.allowed {
            Some(kinds) => kinds.iter().any(|allowed| allowed == kind),
            None => !NOT_BY_DEFAULT.contains(&kind),
        };
        wanted.then(|| {
            let id = self.next;
            self.insert(now, id, format!("{{\"update_id\":{id},\"{kind}\":{json}}}"))
        })
    }

    /// Queues a text as it is, past the filter: for updates that a test wants malformed. An `update_id` in it that is
    /// above the newest one is kept and moves the counter.
    pub fn inject(&mut self, now: Timestamp, json: &str) -> i64 {
        let given = serde_json::from_str::<serde_json::Value>(json).ok();
        let id = given.as_ref().and_then(|value| value.get("update_id")?.as_i64()).filter(|id| *id >= self.next);
        self.insert(now, id.unwrap_or(self.next), json.to_owned())
    }

    fn insert(&mut self, at: Timestamp, id: i64, json: String) -> i64 {
        self.expire(at);
        self.waiting.push_back(Waiting { id, at, json });
        self.next = id.saturating_add(1);
        id
    }

    fn expire(&mut self, now: Timestamp) {
        while self.waiting.front().is_some_and(|first| now.since(first.at) >= KEPT) {
            self.waiting.pop_front();
        }
    }

    /// Applies an offset: confirms what lies below it. A negative one counts from the end and forgets all before; one
    /// that is far too high confirms nothing.
    pub fn confirm(&mut self, now: Timestamp, offset: i64) {
        self.expire(now);
        if offset < 0 {
            let keep = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
            while self.waiting.len() > keep {
                self.waiting.pop_front();
            }
        } else if offset <= self.next.saturating_add(OFFSET_SLACK) {
            while self.waiting.front().is_some_and(|first| first.id < offset) {
                self.waiting.pop_front();
            }
        }
    }

    /// The JSON array of the oldest updates, at most `limit` and about 4 MiB; `None` when nothing waits.
    #[must_use]
    pub fn batch(&self, limit: usize) -> Option<String> {
        if self.waiting.is_empty() {
            return None;
        }
        let mut out = String::from("[");
        for update in self.waiting.iter().take(limit) {
            if out.len() > 1 {
                if out.len() + update.json.len() > ANSWER_BYTES {
                    break;
                }
                out.push(',');
            }
            out.push_str(&update.json);
        }
        out.push(']');
        Some(out)
    }

    /// What waits, oldest first.
    pub fn waiting(&self) -> impl ExactSizeIterator<Item = &Waiting> {
        self.waiting.iter()
    }

    /// Forgets everything that waits.
    pub fn clear(&mut self) {
        self.waiting.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn queue(count: i64) -> Queue {
        let mut queue = Queue::new(100);
        for n in 0..count {
            assert_eq!(queue.push(NOW, "message", "{}"), Some(100 + n));
        }
        queue
    }

    fn ids(queue: &Queue) -> Vec<i64> {
        queue.waiting().map(|update| update.id).collect()
    }

    #[test]
    fn only_an_offset_above_an_id_confirms_it() {
        let mut queue = queue(3);
        assert_eq!(queue.batch(2).unwrap(), r#"[{"update_id":100,"message":{}},{"update_id":101,"message":{}}]"#);
        queue.confirm(NOW, 0);
        queue.confirm(NOW, 100);
        assert_eq!(ids(&queue), [100, 101, 102]);
        queue.confirm(NOW, 102);
        assert_eq!(ids(&queue), [102]);
        queue.confirm(NOW, 103);
        assert_eq!(queue.batch(100), None);
    }

    #[test]
    fn a_negative_offset_forgets_all_but_the_last() {
        let mut queue = queue(5);
        queue.confirm(NOW, -2);
        assert_eq!(ids(&queue), [103, 104]);
    }

    #[test]
    fn an_offset_far_above_the_newest_id_confirms_nothing() {
        let mut queue = queue(2);
        queue.confirm(NOW, 113);
        assert_eq!(ids(&queue), [100, 101]);
        queue.confirm(NOW, 112);
        assert!(ids(&queue).is_empty());
    }

    #[test]
    fn updates_are_gone_after_24_hours() {
        let mut queue = queue(1);
        let later = NOW.plus(Duration::from_hours(23));
        queue.push(later, "message", "{}");
        queue.confirm(NOW.plus(KEPT), 0);
        assert_eq!(ids(&queue), [101]);
    }

    #[test]
    fn the_filter_works_at_arrival_and_an_empty_one_is_the_default() {
        let mut queue = queue(1);
        queue.allow(vec!["callback_query".to_owned()]);
        assert_eq!(queue.push(NOW, "message", "{}"), None);
        assert_eq!(queue.push(NOW, "callback_query", "{}"), Some(101));
        assert_eq!(ids(&queue), [100, 101]);
        queue.allow(Vec::new());
        assert_eq!(queue.push(NOW, "message", "{}"), Some(102));
        assert_eq!(queue.push(NOW, "chat_member", "{}"), None);
    }

    #[test]
    fn an_answer_is_bounded_in_bytes_but_never_empty() {
        let mut queue = Queue::new(1);
        let big = format!("\"{}\"", "x".repeat(3 << 20));
        queue.push(NOW, "message", &big);
        queue.push(NOW, "message", &big);
        assert_eq!(queue.batch(100).unwrap().matches("update_id").count(), 1);
    }

    #[test]
    fn injected_texts_pass_as_they_are_and_move_the_counter() {
        let mut queue = queue(1);
        assert_eq!(queue.inject(NOW, r#"{"update_id":500,"message":7}"#), 500);
        assert_eq!(queue.inject(NOW, "[]"), 501);
        assert_eq!(queue.push(NOW, "message", "{}"), Some(502));
        assert!(queue.batch(100).unwrap().contains(r#"},{"update_id":500,"message":7},[],{"#));
    }
}
