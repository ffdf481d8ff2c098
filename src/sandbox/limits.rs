//! Telegram's documented sending limits (Bots FAQ, "My bot is hitting limits"): near 30 a second over all, one a second
//! to one chat with short bursts tolerated, 20 a minute to one group; 1,000 a second over all for calls that allow paid
//! broadcasts, at 0.1 Star for each message above the free 30 a second. Pure: time comes in.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The limits in force; 0 switches one off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Messages per second to all chats together; a tenth more is tolerated.
    pub per_second: u32,
    /// Messages per second to one private chat; three at once are tolerated.
    pub per_chat_second: u32,
    /// Messages per minute to one group.
    pub per_group_minute: u32,
    /// Messages per second to all chats together among those that allow paid broadcasts; counted apart from the others.
    #[serde(default = "documented_paid")]
    pub paid_per_second: u32,
}

fn documented_paid() -> u32 {
    Limits::DOCUMENTED.paid_per_second
}

impl Limits {
    /// What Telegram documents.
    pub const DOCUMENTED: Self =
        Self { per_second: 30, per_chat_second: 1, per_group_minute: 20, paid_per_second: 1000 };
    /// No limits.
    pub const OFF: Self = Self { per_second: 0, per_chat_second: 0, per_group_minute: 0, paid_per_second: 0 };
}

/// What was sent with paid broadcasts allowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Paid {
    /// Messages that allowed it.
    pub messages: u64,
    /// Those of them that were above the free 30 a second and cost 0.1 Star each.
    pub charged: u64,
}

impl Paid {
    /// What it cost, in Stars.
    #[must_use]
    pub fn stars(&self) -> String {
        format!("{}.{}", self.charged / 10, self.charged % 10)
    }
}

/// Messages to one private chat that may come at once.
const BURST: u32 = 3;
/// Messages a second that are free even when paid ones are allowed.
const FREE: usize = 30;
const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
/// Chats above which the quiet ones are forgotten for the first time.
const REMEMBERED: usize = 10_000;

/// Counts what was sent and says when one has to wait.
#[derive(Debug)]
pub struct Limiter {
    limits: Limits,
    recent: VecDeque<Duration>,
    /// Per private chat: when its next message would be on time.
    due: HashMap<i64, Duration>,
    /// How many of them make it worth while to look for quiet ones; doubles what is left, so that looking stays rare.
    crowded: usize,
    groups: HashMap<i64, VecDeque<Duration>>,
    /// The last second's messages that allowed paid broadcasts.
    recent_paid: VecDeque<Duration>,
    paid: Paid,
}

impl Limiter {
    /// A limiter that has seen nothing.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            recent: VecDeque::new(),
            due: HashMap::new(),
            crowded: REMEMBERED,
            groups: HashMap::new(),
            recent_paid: VecDeque::new(),
            paid: Paid::default(),
        }
    }

    /// The limits in force.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// What was sent with paid broadcasts allowed.
    #[must_use]
    pub fn paid(&self) -> Paid {
        self.paid
    }

    /// Like [`Limiter::admit`] for a message that allows paid broadcasts: another limit over all, the same for its chat.
    pub fn admit_paid(&mut self, now: Duration, chat: i64) -> Result<(), u32> {
        forget(&mut self.recent_paid, now, SECOND);
        let limit = self.limits.paid_per_second;
        let full = limit > 0 && self.recent_paid.len() >= size(limit);
        let overall =
            self.recent_paid.front().filter(|_| full).map_or(Duration::ZERO, |at| (*at + SECOND).saturating_sub(now));
        let wait = overall.max(self.own(now, chat));
        if !wait.is_zero() {
            return Err(whole_seconds(wait));
        }
        self.paid.messages += 1;
        self.paid.charged += u64::from(self.recent_paid.len() >= FREE);
        self.recent_paid.push_back(now);
        self.count_for_chat(now, chat);
        Ok(())
    }

    /// Accepts a message to `chat` at `now` (time that never goes back), or gives the whole seconds to wait.
    pub fn admit(&mut self, now: Duration, chat: i64) -> Result<(), u32> {
        let overall = self.overall(now);
        let wait = overall.max(self.own(now, chat));
        if !wait.is_zero() {
            return Err(whole_seconds(wait));
        }
        if self.limits.per_second > 0 {
            self.recent.push_back(now);
        }
        self.count_for_chat(now, chat);
        Ok(())
    }

    fn own(&mut self, now: Duration, chat: i64) -> Duration {
        if chat < 0 { self.group(now, chat) } else { self.private(now, chat) }
    }

    fn overall(&mut self, now: Duration) -> Duration {
        let limit = self.limits.per_second;
        if limit == 0 {
            return Duration::ZERO;
        }
        forget(&mut self.recent, now, SECOND);
        let full = self.recent.len() >= size(limit + limit / 10);
        self.recent.front().filter(|_| full).map_or(Duration::ZERO, |at| (*at + SECOND).saturating_sub(now))
    }

    fn private(&self, now: Duration, chat: i64) -> Duration {
        let Some(pace) = self.pace() else { return Duration::ZERO };
        let due = self.due.get(&chat).copied().unwrap_or_default();
        due.saturating_sub(pace * (BURST - 1)).saturating_sub(now)
    }

    fn group(&mut self, now: Duration, chat: i64) -> Duration {
        let limit = self.limits.per_group_minute;
        let Some(sent) = self.groups.get_mut(&chat).filter(|_| limit > 0) else { return Duration::ZERO };
        forget(sent, now, MINUTE);
        let full = sent.len() >= size(limit);
        sent.front().filter(|_| full).map_or(Duration::ZERO, |at| (*at + MINUTE).saturating_sub(now))
    }

    fn pace(&self) -> Option<Duration> {
        SECOND.checked_div(self.limits.per_chat_second)
    }

    fn count_for_chat(&mut self, now: Duration, chat: i64) {
        if chat < 0 {
            if self.limits.per_group_minute > 0 {
                self.groups.entry(chat).or_default().push_back(now);
            }
        } else if let Some(pace) = self.pace() {
            if self.due.len() >= self.crowded {
                self.due.retain(|_, due| *due > now);
                self.crowded = REMEMBERED.max(self.due.len() * 2);
            }
            let due = self.due.entry(chat).or_default();
            *due = (*due).max(now) + pace;
        }
    }
}

/// Takes out what is as old as the window is long.
fn forget(sent: &mut VecDeque<Duration>, now: Duration, window: Duration) {
    while sent.front().is_some_and(|at| *at + window <= now) {
        sent.pop_front();
    }
}

fn size(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn whole_seconds(span: Duration) -> u32 {
    u32::try_from(span.as_millis().div_ceil(1000)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Duration {
        Duration::from_millis(1_000_000 + millis)
    }

    #[test]
    fn one_chat_takes_three_at_once_and_then_one_a_second() {
        let mut limiter = Limiter::new(Limits::DOCUMENTED);
        for _ in 0..3 {
            assert_eq!(limiter.admit(at(0), 7), Ok(()));
        }
        assert_eq!(limiter.admit(at(0), 7), Err(1));
        assert_eq!(limiter.admit(at(999), 7), Err(1));
        assert_eq!(limiter.admit(at(999), 8), Ok(()));
        assert_eq!(limiter.admit(at(1000), 7), Ok(()));
        assert_eq!(limiter.admit(at(1001), 7), Err(1));
        assert_eq!(limiter.admit(at(2000), 7), Ok(()));
    }

    #[test]
    fn over_all_chats_a_sliding_second_is_counted() {
        let mut limiter = Limiter::new(Limits::DOCUMENTED);
        for chat in 0..33 {
            assert_eq!(limiter.admit(at(500), chat), Ok(()), "{chat}");
        }
        assert_eq!(limiter.admit(at(1000), 99), Err(1));
        assert_eq!(limiter.admit(at(1499), 99), Err(1));
        assert_eq!(limiter.admit(at(1500), 99), Ok(()));
    }

    #[test]
    fn a_group_takes_twenty_a_minute() {
        let mut limiter = Limiter::new(Limits { per_second: 0, ..Limits::DOCUMENTED });
        for n in 0..20 {
            assert_eq!(limiter.admit(at(n * 1000), -5), Ok(()));
        }
        assert_eq!(limiter.admit(at(20_000), -5), Err(40));
        assert_eq!(limiter.admit(at(60_000), -5), Ok(()));
    }

    #[test]
    fn quiet_chats_are_forgotten() {
        let mut limiter = Limiter::new(Limits { per_second: 0, ..Limits::DOCUMENTED });
        for chat in 0..25_000 {
            assert_eq!(limiter.admit(at(0), chat), Ok(()));
        }
        for chat in 25_000..41_000 {
            assert_eq!(limiter.admit(at(60_000), chat), Ok(()));
        }
        assert!(limiter.due.len() <= 16_000, "{}", limiter.due.len());
    }

    #[test]
    fn paid_messages_have_a_window_of_their_own_and_cost_above_the_free_ones() {
        let mut limiter = Limiter::new(Limits::DOCUMENTED);
        for chat in 0..1000 {
            assert_eq!(limiter.admit_paid(at(0), chat), Ok(()), "{chat}");
        }
        assert_eq!(limiter.admit_paid(at(999), 5000), Err(1));
        assert_eq!(limiter.admit(at(0), 6000), Ok(()), "free messages are counted apart");
        assert_eq!(
            (limiter.paid(), limiter.paid().stars()),
            (Paid { messages: 1000, charged: 970 }, "97.0".to_owned())
        );
        for _ in 0..3 {
            assert_eq!(limiter.admit_paid(at(1000), 7000), Ok(()));
        }
        assert_eq!(limiter.admit_paid(at(1000), 7000), Err(1), "the chat's own limit stays");
        assert_eq!(limiter.paid(), Paid { messages: 1003, charged: 970 });
    }

    #[test]
    fn switched_off_nothing_waits() {
        let mut limiter = Limiter::new(Limits::OFF);
        for _ in 0..1000 {
            assert_eq!(limiter.admit(at(0), 7), Ok(()));
        }
        assert!(limiter.recent.is_empty() && limiter.due.is_empty());
    }
}
