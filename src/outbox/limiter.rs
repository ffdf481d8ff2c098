//! When the next message may leave: Telegram's limits as sliding windows, and the pauses it asks for. Pure: time is the
//! monotonic clock's [`Duration`], handed in.

mod window;

use std::collections::HashMap;
use std::time::Duration;

use window::{Bucket, Window};

use crate::ids::ChatId;
use crate::model::broadcast::PAID_RATE_MAX;

/// The window over all chats: a second, and a little for the jitter of a fast line.
pub const GLOBAL_WINDOW: Duration = Duration::from_millis(1006);
/// In how long an even pace takes as many as the limit allows: longer than the window, so that the pace is what decides.
const PACED: Duration = Duration::from_millis(1008);
/// The same of what is paid for: so many arrive less evenly than they left.
const PAID_PACED: Duration = Duration::from_millis(1015);
/// The window of one chat: a second, and 50 ms.
pub const CHAT_WINDOW: Duration = Duration::from_millis(1050);
/// The window of a group: a minute, and a second.
pub const GROUP_WINDOW: Duration = Duration::from_secs(61);
/// How often chats that are at rest are forgotten.
const PRUNE_EVERY: Duration = Duration::from_secs(5);
/// For how long a flood in one group is remembered, to see whether another follows elsewhere.
const FLOOD_MEMORY: Duration = Duration::from_mins(1);
/// How long a rate that was lowered to nothing would take to be whole again: a twentieth each half a minute.
const RECOVERY: Duration = Duration::from_mins(10);

/// How many messages Telegram takes (Bots FAQ, "How can I avoid hitting limits?"). 0 switches a limit off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Over all chats, in any second.
    pub global_per_second: u32,
    /// To one chat, in any second.
    pub chat_per_second: u32,
    /// To one group, in any minute.
    pub group_per_minute: u32,
    /// Over all chats, in any second, of what is paid for (Bot API, `allow_paid_broadcast`).
    pub paid_per_second: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { global_per_second: 30, chat_per_second: 1, group_per_minute: 20, paid_per_second: PAID_RATE_MAX }
    }
}

impl Limits {
    /// How many of this fare may leave in any second over all chats; 0 is no limit.
    #[must_use]
    pub fn per_second(&self, fare: Fare) -> u32 {
        match fare {
            Fare::Free => self.global_per_second,
            Fare::Paid => self.paid_per_second,
        }
    }
}

/// By which of the two limits over all chats a message counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fare {
    /// What Telegram takes from every bot.
    Free,
    /// Faster, for Stars.
    Paid,
}

impl Fare {
    /// The distance of messages at a rate per second; none when the rate is 0, which means no limit.
    #[must_use]
    pub fn interval(self, rate: u32) -> Duration {
        let paced = match self {
            Self::Free => PACED,
            Self::Paid => PAID_PACED,
        };
        paced.checked_div(rate).unwrap_or_default()
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
/// with a bucket of a whole second's worth, as after a burst. Neither costs more than half a percent of the rate. What a
/// commit delays is counted when it [leaves](Limiter::left).
#[derive(Debug)]
pub struct Limiter {
    limits: Limits,
    recent: Window,
    bucket: Bucket,
    paid: Window,
    hold: Duration,
    /// When the rate is whole again after Telegram asked to slow down.
    whole: Duration,
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
            paid: Window::default(),
            hold: Duration::ZERO,
            whole: Duration::ZERO,
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

    /// The limits as they are now, with the rates over all lowered for as long as Telegram's last request to slow down
    /// is remembered. Never below one a second.
    #[must_use]
    pub fn effective(&self, now: Duration) -> Limits {
        let whole = self.wholeness(now);
        let lowered = |rate: u32| match rate {
            0 => 0,
            rate => u32::try_from(u64::from(rate) * u64::from(whole) / 1000).unwrap_or(rate).max(1),
        };
        Limits {
            global_per_second: lowered(self.limits.global_per_second),
            paid_per_second: lowered(self.limits.paid_per_second),
            ..self.limits
        }
    }

    /// How much of the rate is used, in thousandths.
    #[must_use]
    pub fn wholeness(&self, now: Duration) -> u32 {
        let missing = self.whole.saturating_sub(now).min(RECOVERY);
        let missing = missing.as_millis().saturating_mul(1000).div_ceil(RECOVERY.as_millis());
        1000_u32.saturating_sub(u32::try_from(missing).unwrap_or(1000))
    }

    /// When the rate is whole again, if it is not.
    #[must_use]
    pub fn whole_at(&self, now: Duration) -> Option<Duration> {
        (self.whole > now).then_some(self.whole)
    }

    /// The rate is whole not before `at`: it was lowered before a restart. An earlier moment than the one that holds
    /// changes nothing.
    pub fn lower_until(&mut self, at: Duration) {
        self.whole = self.whole.max(at);
    }

    /// Whether anything of this fare may leave now.
    pub fn check_all(&self, now: Duration, fare: Fare) -> Result<(), NotBefore> {
        let rate = self.effective(now).per_second(fare);
        let free = match fare {
            Fare::Free => self.recent.free_at(rate, GLOBAL_WINDOW).max(self.bucket.free_at(rate)),
            Fare::Paid => self.paid.free_at(rate, GLOBAL_WINDOW),
        };
        let at = self.hold.max(free);
        if at > now { Err(NotBefore { at, scope: Scope::All }) } else { Ok(()) }
    }

    /// Whether a message to this chat may leave now.
    pub fn check(&self, now: Duration, chat: ChatId) -> Result<(), NotBefore> {
        self.check_all(now, Fare::Free)?;
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
    pub fn take(&mut self, now: Duration, chat: ChatId, fare: Fare) {
        let now = now.max(self.last);
        self.last = now;
        let limits = self.limits;
        match fare {
            Fare::Free => {
                self.recent.take(now, limits.global_per_second);
                self.bucket.take(now, self.effective(now).global_per_second);
            }
            Fare::Paid => self.paid.take(now, limits.paid_per_second),
        }
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
    pub fn give_back(&mut self, chat: ChatId, fare: Fare) {
        match fare {
            Fare::Free => {
                self.recent.give_back();
                self.bucket.give_back(self.effective(self.last).global_per_second);
            }
            Fare::Paid => self.paid.give_back(),
        }
        if let Some(state) = self.chats.get_mut(&chat) {
            state.seconds.give_back();
            state.minutes.give_back();
        }
    }

    /// The newest of what was taken leaves only now: a commit came first, and may have been slow.
    pub fn left(&mut self, now: Duration, taken: &[(ChatId, Fare)]) {
        self.last = self.last.max(now);
        let count = |fare| taken.iter().filter(|(_, other)| *other == fare).count();
        self.recent.left(now, count(Fare::Free));
        self.paid.left(now, count(Fare::Paid));
        for (chat, _) in taken {
            if let Some(state) = self.chats.get_mut(chat) {
                state.seconds.left(now, 1);
                state.minutes.left(now, 1);
            }
        }
    }

    /// [`Limiter::check`], and [`Limiter::take`] when it may leave.
    pub fn try_take(&mut self, now: Duration, chat: ChatId) -> Result<(), NotBefore> {
        self.check(now, chat)?;
        self.take(now, chat, Fare::Free);
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
            self.slow_down(now, until);
            self.hold_all(until);
            return Scope::All;
        }
        Scope::Chat
    }

    /// The rate goes down to three quarters of what it is, from `until` on. Refusals of what had left before the last one
    /// was heard tell nothing new.
    fn slow_down(&mut self, now: Duration, until: Duration) {
        if now < self.hold {
            return;
        }
        let kept = self.wholeness(now) * 3 / 4;
        let missing = RECOVERY.saturating_mul(1000_u32.saturating_sub(kept)) / 1000;
        self.lower_until(until.saturating_add(missing));
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

#[cfg(test)]
mod tests;
