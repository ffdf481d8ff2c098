//! A recipient: one chat of a broadcast, and the truth about it.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::ids::{AccountId, ChatId, TelegramMessageId};
use crate::model::delivery::{Delivery, DeliveryState, Lane, Policy, Reason, Standing};

/// A broadcast has no time after which it is given up: a person pauses or cancels it.
const NEVER: Duration = Duration::from_hours(100 * 365 * 24);

/// Why a chat of the frozen audience was left out when its turn came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skip {
    /// It is no longer its account's, or was connected again since.
    Unbound,
    /// It cannot be reached any more.
    Lost,
    /// Its person muted broadcasts.
    Muted,
}

impl Skip {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Unbound, Self::Lost, Self::Muted];

    /// Its place in rows.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Unbound => 0,
            Self::Lost => 1,
            Self::Muted => 2,
        }
    }

    /// A sentence for the report.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Unbound => "the chat was disconnected after the broadcast began",
            Self::Lost => "the chat could no longer be reached when its turn came",
            Self::Muted => "the person muted broadcasts",
        }
    }
}

/// Where a recipient stands. The states are those of a [delivery](DeliveryState); it never expires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecipientState {
    /// Waits for its turn.
    Queued {
        /// Not before this moment; `None` while it waits in the order of the rows.
        not_before: Option<Timestamp>,
    },
    /// Leased to the sender: the request may be on its way.
    Sending {
        /// Since when.
        since: Timestamp,
        /// Its place in the queue of those that wait again; `None` on its first try.
        due: Option<Timestamp>,
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
    /// The broadcast was cancelled before it left.
    Cancelled {
        /// When.
        at: Timestamp,
    },
    /// Left out when its turn came.
    Skipped {
        /// Why.
        why: Skip,
        /// When.
        at: Timestamp,
    },
}

/// One chat of a broadcast.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// The chat.
    pub chat: ChatId,
    /// Whose chat it was when the audience was frozen.
    pub account: AccountId,
    /// Whether the row before or behind it is of the same account.
    pub shares_account: bool,
    /// Sends begun so far.
    pub attempts: u8,
    /// Where it stands.
    pub state: RecipientState,
    /// The button that answered the broadcast's question here, counted over all rows of buttons from 0.
    pub answer: Option<u8>,
}

impl Recipient {
    /// A row of a new audience.
    #[must_use]
    pub fn queued(chat: ChatId, account: AccountId) -> Self {
        let state = RecipientState::Queued { not_before: None };
        Self { chat, account, shares_account: false, attempts: 0, state, answer: None }
    }

    /// The state without its data.
    #[must_use]
    pub fn standing(&self) -> Standing {
        match self.state {
            RecipientState::Queued { .. } => Standing::Queued,
            RecipientState::Sending { .. } => Standing::Sending,
            RecipientState::Sent { .. } => Standing::Sent,
            RecipientState::Failed { .. } => Standing::Failed,
            RecipientState::Uncertain { .. } => Standing::Uncertain,
            RecipientState::Cancelled { .. } => Standing::Cancelled,
            RecipientState::Skipped { .. } => Standing::Skipped,
        }
    }

    /// The same as a delivery in the lane of broadcasts, so that one truth table decides about both. Never sent twice.
    #[must_use]
    pub fn as_delivery(&self) -> Delivery {
        let (state, begun) = match self.state.clone() {
            RecipientState::Queued { not_before } => {
                let at = not_before.unwrap_or_default();
                (DeliveryState::Queued { not_before: at }, at)
            }
            RecipientState::Sending { since, due } => {
                (DeliveryState::Sending { since, due: due.unwrap_or(since) }, since)
            }
            RecipientState::Sent { telegram, at } => (DeliveryState::Sent { telegram, at }, at),
            RecipientState::Failed { reason, at } => (DeliveryState::Failed { reason, at }, at),
            RecipientState::Uncertain { at } => (DeliveryState::Uncertain { at }, at),
            RecipientState::Cancelled { at } => (DeliveryState::Cancelled { at }, at),
            RecipientState::Skipped { at, .. } => (DeliveryState::Skipped { at }, at),
        };
        Delivery {
            state,
            lane: Lane::Broadcast,
            policy: Policy::AtMostOnce,
            account: Some(self.account),
            queued: begun,
            expires: begun.plus(NEVER),
            attempts: self.attempts.into(),
            unknowns: 0,
            as_plain: false,
            change: None,
        }
    }
}
