//! A chat: whether messages reach it, to which account it is bound, and what answering it fairly needs.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ids::{AccountId, AdminId, DeliveryId};
use crate::model::quiet::Quiet;

/// Unknown codes a chat may send in [`CODE_WINDOW`] before it is asked to wait.
pub const WRONG_CODES: u32 = 5;
/// The window of [`WRONG_CODES`].
pub const CODE_WINDOW: Duration = Duration::from_mins(10);
/// Automatic answers a chat gets in a minute.
pub const ANSWERS_PER_MINUTE: u32 = 6;

/// Whether messages reach a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Reachability {
    /// As far as known, yes.
    Reachable,
    /// The person blocked the bot, or deleted the chat: Telegram gives the same signal.
    Blocked,
    /// The bot is no longer in the group.
    Left,
    /// The person's Telegram account is gone.
    Deactivated,
    /// Not known: the bot changed, or Telegram does not know the chat.
    Unknown,
}

impl Reachability {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Reachable, Self::Blocked, Self::Left, Self::Deactivated, Self::Unknown];

    /// The word for it, in the UI and the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Reachable => "reachable",
            Self::Blocked => "blocked",
            Self::Left => "left",
            Self::Deactivated => "deactivated",
            Self::Unknown => "unknown",
        }
    }

    /// Whether sending is worth a try. An unknown chat is tried: the first send tells.
    #[must_use]
    pub fn may_send(self) -> bool {
        matches!(self, Self::Reachable | Self::Unknown)
    }
}

/// What Telegram tells of the person behind a chat; for display only, names are re-used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// First and last name.
    pub name: String,
    /// `@username` without the sign, if any.
    pub username: Option<String>,
    /// IETF language tag of the person's client, if told (Bot API, `User.language_code`).
    pub language: Option<String>,
}

/// How many times something happened since the window began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// When the window began.
    pub since: Timestamp,
    /// How often since.
    pub count: u32,
}

impl Tally {
    /// The count at `now`, for windows of length `window`.
    #[must_use]
    pub fn within(self, now: Timestamp, window: Duration) -> u32 {
        if now.since(self.since) < window { self.count } else { 0 }
    }

    /// With one more at `now`; a window that is over begins anew.
    #[must_use]
    pub fn add(self, now: Timestamp, window: Duration) -> Self {
        match self.within(now, window) {
            0 => Self { since: now, count: 1 },
            count => Self { since: self.since, count: count.saturating_add(1) },
        }
    }
}

/// Binding of a chat to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// The account.
    pub account: AccountId,
    /// Since when.
    pub since: Timestamp,
}

/// One chat the bot knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chat {
    /// Whether messages reach it.
    pub reachability: Reachability,
    /// To which account it is bound.
    pub binding: Option<Binding>,
    /// Whose own chat it is, for test sends and notices; apart from the binding.
    pub admin: Option<AdminId>,
    /// Who is behind it.
    pub profile: Profile,
    /// When it was first heard of.
    pub first_seen: Timestamp,
    /// When its person last did something.
    pub last_heard: Timestamp,
    /// Not before this moment, because Telegram said so for this chat.
    pub not_before: Option<Timestamp>,
    /// Unknown codes it sent.
    pub wrong_codes: Tally,
    /// Automatic answers it got.
    pub answers: Tally,
    /// The newest automatic answer; while it is queued, no second one joins it.
    pub last_answer: Option<DeliveryId>,
    /// When it was last told that its words were passed on.
    pub passed_on: Option<Timestamp>,
    /// Since when its person wants no broadcasts here. It is their wish about the bot and outlives every binding.
    pub muted: Option<Timestamp>,
    /// Its person's quiet hours, which outlive every binding too.
    pub quiet: Option<Quiet>,
    /// The question, in the private chat of whoever added the bot to this group, whether to connect it.
    pub asked: Option<DeliveryId>,
}

impl Chat {
    /// A chat heard of for the first time.
    #[must_use]
    pub fn new(profile: Profile, now: Timestamp) -> Self {
        Self {
            reachability: Reachability::Reachable,
            binding: None,
            admin: None,
            profile,
            first_seen: now,
            last_heard: now,
            not_before: None,
            wrong_codes: Tally::default(),
            answers: Tally::default(),
            last_answer: None,
            passed_on: None,
            muted: None,
            quiet: None,
            asked: None,
        }
    }

    /// The account it is bound to.
    #[must_use]
    pub fn account(&self) -> Option<AccountId> {
        self.binding.map(|binding| binding.account)
    }

    /// Until when nothing of a broadcast is sent here, if it has to wait at `now`: because Telegram said so, or for the quiet hours.
    #[must_use]
    pub fn news_waits(&self, now: Timestamp) -> Option<Timestamp> {
        let held = self.not_before.filter(|until| now < *until);
        let quiet = self.quiet.as_ref().filter(|quiet| !quiet.silent).and_then(|quiet| quiet.ends(now));
        held.max(quiet)
    }

    /// Whether a broadcast comes without a sound at `now`, as its person wishes for the quiet hours.
    #[must_use]
    pub fn hushes(&self, now: Timestamp) -> bool {
        self.quiet.as_ref().is_some_and(|quiet| quiet.silent && quiet.ends(now).is_some())
    }

    /// Whether a broadcast to its account is sent here.
    #[must_use]
    pub fn listens(&self) -> bool {
        self.reachability.may_send() && self.muted.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tally_counts_inside_its_window_and_forgets_after_it() {
        let window = Duration::from_secs(1);
        let two = Tally::default().add(Timestamp(5000), window).add(Timestamp(5500), window);
        assert_eq!(two.within(Timestamp(5999), window), 2);
        assert_eq!(two.within(Timestamp(6000), window), 0);
        assert_eq!(two.add(Timestamp(6000), window), Tally { since: Timestamp(6000), count: 1 });
    }
}
