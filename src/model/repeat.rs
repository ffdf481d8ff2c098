//! What is kept of the answer to a request that may come again: numbers only, from which the answer is rendered anew.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ids::{BroadcastId, EndpointId, EventId, LinkId, MessageId};
use crate::model::moving::Tally;
use crate::secret::Hash;

/// How long an answer is given again.
pub const KEPT: Duration = Duration::from_hours(24);

/// One request that was carried out under a name that its sender chose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repeat {
    /// When.
    pub at: Timestamp,
    /// Of its method, path and body: the same name for something else is a mistake.
    pub request: Hash,
    /// What it came to.
    pub outcome: Outcome,
}

/// What a request came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// A link was issued.
    Link(LinkId),
    /// Messages were queued, one for each recipient; nothing where there is no such account.
    Messages(Vec<Option<MessageId>>),
    /// Accounts were brought in: what became of each line.
    Lines(Vec<Line>),
    /// Something became of a broadcast.
    Broadcast(BroadcastId),
    /// Something became of a message.
    Message(MessageId),
    /// Something became of a webhook endpoint.
    Endpoint(EndpointId),
    /// An event is sent to a webhook endpoint, for a test or again.
    Event(EndpointId, EventId),
    /// Lists were brought in.
    Imported {
        /// What became of them.
        tallies: Vec<Tally>,
        /// Accounts that were made because a code or a chat names them.
        made: u64,
    },
}

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Line {
    /// A new account.
    Created,
    /// An account that is different now.
    Updated,
    /// An account that was so before.
    Unchanged,
}

impl Line {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
        }
    }
}
