//! A broadcast: one content for many accounts. Its audience is frozen when it starts; what became of each chat is a
//! [recipient](super::recipient)'s row.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ids::{AccountId, BroadcastId};
use crate::model::account::Tag;
use crate::model::delivery::Standing;
use crate::model::event::Actor;
use crate::model::message::BUTTONS_MAX;

/// Most accounts that can be picked by hand.
pub const PICKED_MAX: usize = 10_000;
/// Most messages a second of a paid broadcast (Bot API, `allow_paid_broadcast`).
pub const PAID_RATE_MAX: u32 = 1000;

/// For whom a broadcast is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Audience {
    /// Every account.
    Everyone,
    /// Accounts by their tags.
    Tags(TagFilter),
    /// These accounts, sorted, each once.
    Picked(Vec<AccountId>),
    /// Those of another broadcast's recipients whose delivery ended so: it is sent to them again.
    Again {
        /// The other broadcast.
        of: BroadcastId,
        /// How their delivery ended: failed or uncertain.
        ended: Standing,
    },
}

/// An expression over tags: all of these, at least one of those, none of the last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagFilter {
    /// And: the account has each of them.
    pub all: Vec<Tag>,
    /// Or: the account has at least one of them, if there are any here.
    pub any: Vec<Tag>,
    /// Not: the account has none of them.
    pub none: Vec<Tag>,
}

impl TagFilter {
    /// Whether an account with these tags fits.
    #[must_use]
    pub fn fits(&self, tags: &[Tag]) -> bool {
        self.all.iter().all(|tag| tags.contains(tag))
            && (self.any.is_empty() || self.any.iter().any(|tag| tags.contains(tag)))
            && !self.none.iter().any(|tag| tags.contains(tag))
    }

    /// Whether it names no tag at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty() && self.any.is_empty() && self.none.is_empty()
    }
}

/// Why a broadcast waits for a person. That Telegram asked for a pause, refuses the token or does not answer is the
/// sender's state, holds for all broadcasts, and ends by itself: see the outbox's health.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pause {
    /// Someone paused it.
    Person,
    /// Telegram could not read its content, in Telegram's words; it would fail for everyone.
    Markup(String),
    /// It was to start at this moment, and the program was not running then.
    Missed(Timestamp),
}

impl Pause {
    /// The word for it, in the UI and the API.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Markup(_) => "markup",
            Self::Missed(_) => "missed",
        }
    }
}

/// Where a broadcast stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BroadcastState {
    /// Being written.
    Draft,
    /// Starts by itself.
    Scheduled {
        /// When.
        at: Timestamp,
    },
    /// Started; its audience is being written down.
    Preparing,
    /// Being sent.
    Sending,
    /// Waits for a person. Whether its audience is complete is in its figures.
    Paused {
        /// Why.
        why: Pause,
        /// Since when.
        since: Timestamp,
    },
    /// Nothing more will happen.
    Done {
        /// When the last outcome was known.
        at: Timestamp,
    },
    /// Taken back; what had left before, left.
    Cancelled {
        /// When.
        at: Timestamp,
    },
}

impl BroadcastState {
    /// The state without its data.
    #[must_use]
    pub fn status(&self) -> BroadcastStatus {
        match self {
            Self::Draft => BroadcastStatus::Draft,
            Self::Scheduled { .. } => BroadcastStatus::Scheduled,
            Self::Preparing => BroadcastStatus::Preparing,
            Self::Sending => BroadcastStatus::Sending,
            Self::Paused { .. } => BroadcastStatus::Paused,
            Self::Done { .. } => BroadcastStatus::Done,
            Self::Cancelled { .. } => BroadcastStatus::Cancelled,
        }
    }

    /// When it came to its end, if it did.
    #[must_use]
    pub fn ended(&self) -> Option<Timestamp> {
        match self {
            Self::Done { at } | Self::Cancelled { at } => Some(*at),
            Self::Draft | Self::Scheduled { .. } | Self::Preparing | Self::Sending | Self::Paused { .. } => None,
        }
    }
}

/// A broadcast's state without its data: what lists filter by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BroadcastStatus {
    /// Being written.
    Draft,
    /// Starts by itself.
    Scheduled,
    /// Its audience is being written down.
    Preparing,
    /// Being sent.
    Sending,
    /// Waits for a person.
    Paused,
    /// Over.
    Done,
    /// Taken back.
    Cancelled,
}

impl BroadcastStatus {
    /// All of them, in the order of a broadcast's life.
    pub const ALL: [Self; 7] =
        [Self::Draft, Self::Scheduled, Self::Preparing, Self::Sending, Self::Paused, Self::Done, Self::Cancelled];

    /// The word for it, in the UI and the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Scheduled => "scheduled",
            Self::Preparing => "preparing",
            Self::Sending => "sending",
            Self::Paused => "paused",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
        }
    }

    /// The status with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word() == word)
    }

    /// Whether nothing more will happen to it.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Cancelled)
    }

    /// Whether its content, audience and options may still be changed.
    #[must_use]
    pub fn may_edit(self) -> bool {
        matches!(self, Self::Draft | Self::Scheduled)
    }
}

/// One broadcast. Its content stands beside it, its counts in its [`Figures`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broadcast {
    /// Where it stands.
    pub state: BroadcastState,
    /// For whom.
    pub audience: Audience,
    /// Messages a second of this broadcast; `None`: as many as the settings allow.
    pub rate: Option<u32>,
    /// Whether it may cost Stars to be faster than the free limit (Bot API, `allow_paid_broadcast`).
    pub paid: bool,
    /// Who made it.
    pub actor: Actor,
    /// When it was made.
    pub created: Timestamp,
    /// Since when its audience is frozen: chats that came or moved later are not in it.
    pub started: Option<Timestamp>,
}

impl Broadcast {
    /// What its content is sealed for.
    pub const PURPOSE: &'static str = "broadcast.body.2";
    /// What its first form was sealed for, which ends behind [`Body::protect`](super::message::Body::protect).
    pub const PURPOSE_1: &'static str = "broadcast.body";

    /// A draft for everyone.
    #[must_use]
    pub fn draft(actor: Actor, now: Timestamp) -> Self {
        Self {
            state: BroadcastState::Draft,
            audience: Audience::Everyone,
            rate: None,
            paid: false,
            actor,
            created: now,
            started: None,
        }
    }

    /// The state without its data.
    #[must_use]
    pub fn status(&self) -> BroadcastStatus {
        self.state.status()
    }
}

/// What is kept of a broadcast's rows, so that nobody has to count them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// How far the audience was looked through: the last account, or for [`Audience::Again`] the last position in the
    /// other broadcast plus one.
    pub looked: u64,
    /// Whether the audience is complete.
    pub frozen: bool,
    /// Rows: chats of the audience.
    pub rows: u32,
    /// Accounts of the audience.
    pub accounts: u32,
    /// Accounts of which at least one chat has got it.
    pub reached: u32,
    /// The account of the last row, while rows are added.
    pub last: Option<AccountId>,
    /// The first row that was not leased yet; rows before it that wait again stand in a queue of their own.
    pub next: u32,
    /// Rows by standing, in the order of [`Standing::ALL`].
    counts: [u32; 8],
    /// Rows by the button that answered the question, counted over all rows of buttons.
    answers: [u32; BUTTONS_MAX],
}

impl Figures {
    /// How many answered with this button.
    #[must_use]
    pub fn answers(&self, button: u8) -> u32 {
        self.answers.get(usize::from(button)).copied().unwrap_or(0)
    }

    /// How many answered at all.
    #[must_use]
    pub fn answered(&self) -> u32 {
        self.answers.iter().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// One more answered with this button.
    pub fn add_answer(&mut self, button: u8) {
        if let Some(count) = self.answers.get_mut(usize::from(button)) {
            *count = count.saturating_add(1);
        }
    }

    /// How many rows stand so.
    #[must_use]
    pub fn count(&self, standing: Standing) -> u32 {
        let found = Standing::ALL.iter().zip(self.counts).find(|(other, _)| **other == standing);
        found.map_or(0, |(_, count)| count)
    }

    /// Rows that may still change.
    #[must_use]
    pub fn open(&self) -> u32 {
        self.count(Standing::Queued).saturating_add(self.count(Standing::Sending))
    }

    /// `by` more (or fewer) rows stand so.
    pub fn add(&mut self, standing: Standing, by: i32) {
        if let Some(count) = self.slot(standing) {
            *count = count.saturating_add_signed(by);
        }
    }

    /// Everything that waits is taken back at once.
    pub fn cancel_queued(&mut self) {
        let queued = self.slot(Standing::Queued).map_or(0, std::mem::take);
        if let Some(count) = self.slot(Standing::Cancelled) {
            *count = count.saturating_add(queued);
        }
    }

    fn slot(&mut self, standing: Standing) -> Option<&mut u32> {
        Standing::ALL.iter().zip(&mut self.counts).find(|(other, _)| **other == standing).map(|(_, count)| count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(text: &str) -> Vec<Tag> {
        Tag::parse_list(text).unwrap()
    }

    #[test]
    fn tags_are_joined_by_and_or_and_not() {
        let filter = TagFilter { all: tags("paid"), any: tags("de,fr"), none: tags("staff") };
        assert!(filter.fits(&tags("paid,de")));
        assert!(!filter.fits(&tags("de")), "and");
        assert!(!filter.fits(&tags("paid,es")), "or");
        assert!(!filter.fits(&tags("paid,fr,staff")), "not");
        assert!(TagFilter { none: tags("staff"), ..TagFilter::default() }.fits(&[]));
    }

    #[test]
    fn taking_back_moves_what_waits_and_nothing_else() {
        let mut figures = Figures::default();
        figures.add(Standing::Queued, 5);
        figures.add(Standing::Sending, 2);
        figures.cancel_queued();
        let counts = [Standing::Queued, Standing::Sending, Standing::Cancelled].map(|standing| figures.count(standing));
        assert_eq!(counts, [0, 2, 5]);
        assert_eq!(figures.open(), 2);
    }
}
