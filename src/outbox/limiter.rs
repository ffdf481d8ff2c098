//! When the next message may leave: Telegram's limits as sliding windows, and the pauses it asks for. Pure: time is the
//! monotonic clock's [`Duration`], handed in.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use crate::ids::ChatId;

/// The window over all chats: a second, and half a percent.
pub const GLOBAL_WINDOW: Duration = Duration::from_millis(1005);
/// The window of one chat: a second, and 50 ms.
pub const CHAT_WINDOW: Duration = Duration::from_millis(1050);
/// The window of a group: a minute, and a second.
pub const GROUP_WINDOW: Duration = Duration::from_secs(61);
/// How often chats that are at rest are forgotten.
const PRUNE_EVERY: Duration = Duration::from_secs(5);
/// For how long a flood in one group is remembered, to see whether another follows elsewhere.
const FLOOD_MEMORY: Duration = Duration::from_mins(1);

/// How many messages Telegram takes (Bots FAQ, "How can I avoid hitting limits?"). 0 switches a limit off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Over all chats, in any second.
    pub global_per_second: u32,
    /// To one chat, in any second.
    pub chat_per_second: u32,
    /// To one group, in any minute.
    pub group_per_minute: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { global_per_second: 30, chat_per_second: 1, group_per_minute: 20 }
    }
}

/// Whom a pause concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every chat: looking for another delivery is no use.
    All,
    /// This chat; others may have their turn.
    Chat,
}

/// It is too early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotBefore {
    /// The first moment at which asking again makes sense.
    pub at: Duration,
    /// Who has to wait.
    pub scope: Scope,
}

/// What has left, and what has to wait.
///
/// Telegram counts at its own door, so what leaves evenly may arrive unevenly. Two rules keep the sum below its limit
/// there. The window is a little longer than a second, which takes the jitter of a fast line. And a bucket of nine
/// tenths of a second's worth, refilled at the full rate, leaves a tenth of a second of jitter to a server that counts
/// with a bucket of a whole second's worth, as after a burst. Neither costs more than half a percent of the rate.
#[derive(Debug)]
pub struct Limiter {
    limits: Limits,
    recent: Window,
    bucket: Bucket,
    hold: Duration,
    chats: HashMap<ChatId, ChatState>,
    flooded: Option<(ChatId, Duration)>,
    last: Duration,
    prune_at: Duration,
}

#[derive(Debug, Default)]
struct ChatState {
    seconds: Window,
    minutes: Window,
    hold: Duration,
}

impl Limiter {
    /// A limiter that has seen nothing yet.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            recent: Window::default(),
            bucket: Bucket::default(),
            hold: Duration::ZERO,
            chats: HashMap::new(),
            flooded: None,
            last: Duration::ZERO,
            prune_at: Duration::ZERO,
        }
    }

    /// The limits in force.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Other limits from now on; what has left still counts.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// Whether anything at all may leave now.
    pub fn check_all(&self, now: Duration) -> Result<(), NotBefore> {
        let rate = self.limits.global_per_second;
        let at = self.hold.max(self.recent.free_at(rate, GLOBAL_WINDOW)).max(self.bucket.free_at(rate));
        if at > now { Err(NotBefore { at, scope: Scope::All }) } else { Ok(()) }
    }

    /// Whether a message to this chat may leave now.
    pub fn check(&self, now: Duration, chat: ChatId) -> Result<(), NotBefore> {
        self.check_all(now)?;
        self.check_chat(now, chat)
    }

    /// Whether a message to this chat may leave now, as far as this chat alone is concerned.
    pub fn check_chat(&self, now: Duration, chat: ChatId) -> Result<(), NotBefore> {
        let Some(state) = self.chats.get(&chat) else { return Ok(()) };
        let mut at = state.hold.max(state.seconds.free_at(self.limits.chat_per_second, CHAT_WINDOW));
        if !chat.is_private() {
            at = at.max(state.minutes.free_at(self.limits.group_per_minute, GROUP_WINDOW));
        }
        if at > now { Err(NotBefore { at, scope: Scope::Chat }) } else { Ok(()) }
    }

    /// Counts a message that leaves now, whether or not it should have.
    pub fn take(&mut self, now: Duration, chat: ChatId) {
        let now = now.max(self.last);
        self.last = now;
        let limits = self.limits;
        self.recent.take(now, limits.global_per_second);
        self.bucket.take(now, limits.global_per_second);
        if limits.chat_per_second > 0 || (limits.group_per_minute > 0 && !chat.is_private()) {
            let state = self.chats.entry(chat).or_default();
            state.seconds.take(now, limits.chat_per_second);
            if !chat.is_private() {
                state.minutes.take(now, limits.group_per_minute);
            }
        }
        self.prune(now);
    }

    /// Takes back the newest [`Limiter::take`], which was for this chat: the message did not leave after all.
    pub fn give_back(&mut self, chat: ChatId) {
        self.recent.give_back();
        self.bucket.give_back(self.limits.global_per_second);
        if let Some(state) = self.chats.get_mut(&chat) {
            state.seconds.give_back();
            state.minutes.give_back();
        }
    }

    /// [`Limiter::check`], and [`Limiter::take`] when it may leave.
    pub fn try_take(&mut self, now: Duration, chat: ChatId) -> Result<(), NotBefore> {
        self.check(now, chat)?;
        self.take(now, chat);
        Ok(())
    }

    /// Nothing leaves before `until`. An earlier moment than the one that holds changes nothing.
    pub fn hold_all(&mut self, until: Duration) {
        self.hold = self.hold.max(until);
    }

    /// Nothing leaves for this chat before `until`. An earlier moment than the one that holds changes nothing.
    pub fn hold_chat(&mut self, chat: ChatId, until: Duration) {
        let state = self.chats.entry(chat).or_default();
        state.hold = state.hold.max(until);
    }

    /// Telegram answered 429 to a message for this chat: holds the chat, and everyone unless it looks like the group's
    /// own limit. Telegram does not say which limit it was; a group is taken for the cause until another chat follows
    /// within a minute, because one busy group must not silence the bot.
    pub fn flooded(&mut self, now: Duration, chat: ChatId, retry_after: Duration) -> Scope {
        let until = now.saturating_add(retry_after);
        self.hold_chat(chat, until);
        let spread = self.flooded.is_some_and(|(other, at)| other != chat && now < at.saturating_add(FLOOD_MEMORY));
        self.flooded = Some((chat, now));
        if chat.is_private() || spread {
            self.hold_all(until);
            return Scope::All;
        }
        Scope::Chat
    }

    /// Until when everything is held, if it is: "Telegram asked us to slow down".
    #[must_use]
    pub fn held_until(&self, now: Duration) -> Option<Duration> {
        (self.hold > now).then_some(self.hold)
    }

    /// How many chats are remembered.
    #[must_use]
    pub fn remembered(&self) -> usize {
        self.chats.len()
    }

    /// Forgets chats that nothing has to wait for any more.
    fn prune(&mut self, now: Duration) {
        if now < self.prune_at {
            return;
        }
        self.prune_at = now.saturating_add(PRUNE_EVERY);
        self.chats.retain(|_, state| {
            state.hold > now || state.seconds.busy(now, CHAT_WINDOW) || state.minutes.busy(now, GROUP_WINDOW)
        });
        if self.chats.capacity() > 64 && self.chats.len() < self.chats.capacity() / 8 {
            self.chats.shrink_to_fit();
        }
    }
}

/// The moments of the last messages, as many as the limit counts.
#[derive(Debug, Default)]
struct Window(VecDeque<Duration>);

impl Window {
    /// When one more is allowed: `span` after the one that is `limit` back.
    fn free_at(&self, limit: u32, span: Duration) -> Duration {
        let back = usize::try_from(limit).ok().and_then(|limit| self.0.len().checked_sub(limit));
        match (limit, back.and_then(|nth| self.0.get(nth))) {
            (1.., Some(taken)) => taken.saturating_add(span),
            _ => Duration::ZERO,
        }
    }

    fn take(&mut self, now: Duration, limit: u32) {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        self.0.push_back(now);
        while self.0.len() > limit {
            self.0.pop_front();
        }
    }

    fn give_back(&mut self) {
        self.0.pop_back();
    }

    fn busy(&self, now: Duration, span: Duration) -> bool {
        self.0.back().is_some_and(|taken| taken.saturating_add(span) > now)
    }
}

/// A bucket as the moment at which it will be full (GCRA): nine tenths of a second's worth, refilled at the rate.
#[derive(Debug, Default)]
struct Bucket {
    full_at: Duration,
}

impl Bucket {
    fn interval(rate: u32) -> Duration {
        Duration::from_secs(1).checked_div(rate).unwrap_or_default()
    }

    /// When there is room for one more.
    fn free_at(&self, rate: u32) -> Duration {
        if rate == 0 {
            return Duration::ZERO;
        }
        let worth = rate - rate / 10;
        self.full_at.saturating_sub(Self::interval(rate).saturating_mul(worth.saturating_sub(1)))
    }

    fn give_back(&mut self, rate: u32) {
        self.full_at = self.full_at.saturating_sub(Self::interval(rate));
    }

    fn take(&mut self, now: Duration, rate: u32) {
        self.full_at = self.full_at.max(now).saturating_add(Self::interval(rate));
    }
}

#[cfg(test)]
mod tests;
