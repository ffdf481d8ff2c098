//! What the sender is doing, for the status page and `/readyz`: a cheap copy, in memory only.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::clock::Timestamp;

/// What the sender is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Doing {
    /// Not started yet.
    #[default]
    Starting,
    /// Sending what is due, or waiting for something to be due.
    Running,
    /// Waiting for a bot token, or for the bot to be known.
    NoBot,
    /// Waiting because Telegram asked for it.
    Flood {
        /// Until when.
        until: Timestamp,
    },
    /// Telegram does not know the token; sending goes on when it does.
    TokenRefused,
    /// Telegram does not answer; it is asked now and then.
    Outage,
    /// The data file fails; sending would lose the truth.
    StoreFailed,
    /// Stopped in order.
    Stopped,
}

/// How fast it may send, in messages a second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    /// Over all chats now; 0 is no limit.
    pub global: u32,
    /// Of paid broadcasts now.
    pub paid: u32,
    /// How much of the rates in the settings that is, in thousandths.
    pub thousandths: u32,
    /// When it is all of them again, after Telegram asked to slow down.
    pub whole_at: Option<Timestamp>,
}

/// A copy of the sender's state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// What it is doing.
    pub doing: Doing,
    /// How fast it may send.
    pub pace: Pace,
    /// When a message was last confirmed by Telegram.
    pub last_sent: Option<Timestamp>,
    /// The newest fault, in a sentence, and when.
    pub last_fault: Option<(Timestamp, String)>,
    /// Sends in flight.
    pub in_flight: usize,
    /// When the loop last came round; a long time ago means that it hangs.
    pub turned: Option<Timestamp>,
}

impl Doing {
    /// A sentence for people.
    #[must_use]
    pub fn sentence(&self, now: Timestamp) -> String {
        match self {
            Self::Starting => "Sending starts.".into(),
            Self::Running => "Messages are sent as they come.".into(),
            Self::NoBot => "No bot is connected yet; messages wait.".into(),
            Self::Flood { until } => {
                let wait = until.since(now).max(Duration::from_secs(1)).as_secs();
                format!("Waiting {wait} s: Telegram asked us to slow down.")
            }
            Self::TokenRefused => "Telegram does not accept the bot token; messages wait and none is lost.".into(),
            Self::Outage => "Telegram does not answer; messages wait until it does.".into(),
            Self::StoreFailed => "The data file cannot be written; nothing is sent until it can.".into(),
            Self::Stopped => "Sending is stopped.".into(),
        }
    }
}

/// The state itself, shared between the loop and who looks.
#[derive(Clone, Debug, Default)]
pub(super) struct Board(Arc<Mutex<Health>>);

impl Board {
    pub(super) fn read(&self) -> Health {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut Health)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
