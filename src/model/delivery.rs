//! A delivery: one message to one chat, and the truth about it. States move by the functions here only.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ids::{AccountId, ChatId, TelegramMessageId};
use crate::model::change::Change;

/// How long a message is tried, unless asked otherwise.
pub const LIFETIME: Duration = Duration::from_hours(24);

/// Stands in for the chat of a delivery that has none: the account was not linked.
pub const NO_CHAT: ChatId = ChatId(0);

/// Which deliveries go first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Lane {
    /// Answers of the bot.
    Replies,
    /// Messages to one account or chat.
    Single,
    /// Broadcasts.
    Broadcast,
}

impl Lane {
    /// All lanes, the first first.
    pub const ALL: [Self; 3] = [Self::Replies, Self::Single, Self::Broadcast];
    /// Those with a queue of single messages; the recipients of broadcasts wait elsewhere.
    pub const QUEUED: [Self; 2] = [Self::Replies, Self::Single];

    /// Its place in keys.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Replies => 0,
            Self::Single => 1,
            Self::Broadcast => 2,
        }
    }
}

/// What to do when nobody can know whether a message arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Policy {
    /// Never twice: it becomes uncertain and a person decides.
    AtMostOnce,
    /// Try again until it is certain or expires; it may arrive twice.
    AtLeastOnce,
}

/// Why a delivery did not arrive, for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reason {
    /// The account has no reachable chat.
    NotLinked,
    /// The person blocked the bot or deleted the chat.
    Blocked,
    /// The person's Telegram account is gone.
    Deactivated,
    /// The person never pressed Start.
    NeverStarted,
    /// Telegram does not know the chat.
    ChatNotFound,
    /// The bot is no longer in the group.
    GroupLost,
    /// Telegram refused the content, in its own words.
    Content(String),
    /// Telegram refused for another reason: its code and words.
    Rejected(u16, String),
}

impl Reason {
    /// The word for it, in the API.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::NotLinked => "not_linked",
            Self::Blocked => "blocked",
            Self::Deactivated => "deactivated",
            Self::NeverStarted => "never_started",
            Self::ChatNotFound => "chat_not_found",
            Self::GroupLost => "group_lost",
            Self::Content(_) => "content",
            Self::Rejected(..) => "rejected",
        }
    }
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotLinked => f.write_str("no chat is connected that could be reached"),
            Self::Blocked => f.write_str("the person blocked the bot or deleted the chat"),
            Self::Deactivated => f.write_str("the person's Telegram account is gone"),
            Self::NeverStarted => f.write_str("the person never pressed Start"),
            Self::ChatNotFound => f.write_str("Telegram does not know this chat"),
            Self::GroupLost => f.write_str("the bot is no longer in the group"),
            Self::Content(words) => write!(f, "Telegram refused the content: {words}"),
            Self::Rejected(code, words) => write!(f, "Telegram refused it ({code}): {words}"),
        }
    }
}

/// Where a delivery stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeliveryState {
    /// Waits for its turn.
    Queued {
        /// Not before this moment.
        not_before: Timestamp,
    },
    /// Leased to the sender: the request may be on its way.
    Sending {
        /// Since when.
        since: Timestamp,
        /// The moment it was due: its place in the queue.
        due: Timestamp,
    },
    /// Telegram confirmed it.
    Sent {
        /// Telegram's number of the message in the chat.
        telegram: TelegramMessageId,
        /// When the answer was read.
        at: Timestamp,
    },
    /// It did not arrive, for good.
    Failed {
        /// Why.
        reason: Reason,
        /// When that was known.
        at: Timestamp,
    },
    /// It left, and no answer was read.
    Uncertain {
        /// Since when nothing more will be learnt.
        at: Timestamp,
    },
    /// A person or an unbinding took it back before it left.
    Cancelled {
        /// When.
        at: Timestamp,
    },
    /// Its time ran out before it left.
    Expired {
        /// When.
        at: Timestamp,
    },
    /// Its chat died, was unbound or muted before its turn.
    Skipped {
        /// When.
        at: Timestamp,
    },
}

/// A delivery's state without its data: what lists filter by and counters count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Standing {
    /// Waits.
    Queued,
    /// On its way.
    Sending,
    /// Arrived.
    Sent,
    /// Did not arrive.
    Failed,
    /// Cannot be known.
    Uncertain,
    /// Taken back.
    Cancelled,
    /// Too late.
    Expired,
    /// Left out.
    Skipped,
}

impl Standing {
    /// All of them, in the order reports show them.
    pub const ALL: [Self; 8] = [
        Self::Queued,
        Self::Sending,
        Self::Sent,
        Self::Failed,
        Self::Uncertain,
        Self::Cancelled,
        Self::Expired,
        Self::Skipped,
    ];

    /// The word for it, in the UI and the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Uncertain => "uncertain",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::Skipped => "skipped",
        }
    }

    /// Whether nothing more will happen to it.
    #[must_use]
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::Sending)
    }
}

impl DeliveryState {
    /// The state without its data.
    #[must_use]
    pub fn standing(&self) -> Standing {
        match self {
            Self::Queued { .. } => Standing::Queued,
            Self::Sending { .. } => Standing::Sending,
            Self::Sent { .. } => Standing::Sent,
            Self::Failed { .. } => Standing::Failed,
            Self::Uncertain { .. } => Standing::Uncertain,
            Self::Cancelled { .. } => Standing::Cancelled,
            Self::Expired { .. } => Standing::Expired,
            Self::Skipped { .. } => Standing::Skipped,
        }
    }
}

/// One message to one chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Where it stands.
    pub state: DeliveryState,
    /// In which lane it waits.
    pub lane: Lane,
    /// What an unknown outcome means.
    pub policy: Policy,
    /// Whose chat it was when it was queued.
    pub account: Option<AccountId>,
    /// When it was queued first.
    pub queued: Timestamp,
    /// When trying ends.
    pub expires: Timestamp,
    /// Sends begun so far.
    pub attempts: u16,
    /// Outcomes nobody could know so far: above 0, it may have arrived already.
    pub unknowns: u16,
    /// To be sent without markup, because Telegram could not read it.
    pub as_plain: bool,
    /// What was asked for after it was sent.
    pub change: Option<Change>,
}

impl Delivery {
    /// A new one, due at once.
    #[must_use]
    pub fn queued(lane: Lane, policy: Policy, account: Option<AccountId>, now: Timestamp) -> Self {
        Self {
            state: DeliveryState::Queued { not_before: now },
            lane,
            policy,
            account,
            queued: now,
            expires: now.plus(LIFETIME),
            attempts: 0,
            unknowns: 0,
            as_plain: false,
            change: None,
        }
    }

    /// The state it takes when its chat leaves the account before its turn: a broadcast leaves the chat out, anything
    /// else is taken back. What may have arrived already stays in doubt.
    #[must_use]
    pub fn taken_back(&self, at: Timestamp) -> DeliveryState {
        match self.lane {
            _ if self.is_possible_duplicate() => DeliveryState::Uncertain { at },
            Lane::Broadcast => DeliveryState::Skipped { at },
            Lane::Replies | Lane::Single => DeliveryState::Cancelled { at },
        }
    }

    /// The state it takes when its chat is lost before its turn. What may have arrived already stays in doubt.
    #[must_use]
    pub fn left_out(&self, at: Timestamp) -> DeliveryState {
        if self.is_possible_duplicate() { DeliveryState::Uncertain { at } } else { DeliveryState::Skipped { at } }
    }

    /// When a change of it is due: only what was sent can be changed.
    #[must_use]
    pub fn change_due(&self) -> Option<Timestamp> {
        let is_sent = self.state.standing() == Standing::Sent;
        self.change.as_ref().filter(|_| is_sent).and_then(Change::due)
    }

    /// Whether it was taken off the phone.
    #[must_use]
    pub fn is_deleted(&self) -> bool {
        self.change.as_ref().is_some_and(|change| change.deleted().is_some())
    }

    /// Whether it may have arrived more than once, or before it was confirmed.
    #[must_use]
    pub fn is_possible_duplicate(&self) -> bool {
        self.unknowns > 0
    }
}
