//! How the team stands to what an account's people wrote: what was read, who cares for it, whether it is closed.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ids::{AdminId, MessageId};

/// A conversation in the inbox: there is one for each account whose people wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Talk {
    /// What its people wrote last.
    pub latest: MessageId,
    /// When.
    pub at: Timestamp,
    /// What they wrote up to this one was read.
    pub read: MessageId,
    /// Whether nobody has to do anything about it; what is written next opens it again.
    pub closed: bool,
    /// The admin who cares for it.
    pub assigned: Option<AdminId>,
}

impl Talk {
    /// A conversation that begins with a message.
    #[must_use]
    pub fn new(latest: MessageId, at: Timestamp) -> Self {
        Self { latest, at, read: MessageId(0), closed: false, assigned: None }
    }

    /// With another message of its people.
    #[must_use]
    pub fn with(&self, latest: MessageId, at: Timestamp) -> Self {
        Self { latest, at, closed: false, ..self.clone() }
    }

    /// Whether something of it was not read.
    #[must_use]
    pub fn is_unread(&self) -> bool {
        self.latest > self.read
    }

    /// The lists it stands in, of those that are everybody's.
    #[must_use]
    pub fn lists(&self) -> &'static [TalkList] {
        match (self.closed, self.is_unread()) {
            (false, true) => &[TalkList::Unread, TalkList::Open],
            (false, false) => &[TalkList::Open],
            (true, _) => &[TalkList::Closed],
        }
    }
}

/// A list of conversations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TalkList {
    /// Open ones of which something was not read.
    Unread,
    /// Those that are not closed.
    Open,
    /// Those that are closed.
    Closed,
}

impl TalkList {
    /// All lists, in their order.
    pub const ALL: [Self; 3] = [Self::Unread, Self::Open, Self::Closed];

    /// Its word in addresses and counts.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Unread => "unread",
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }
}
