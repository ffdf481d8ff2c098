//! What is done with a message after it was sent: another text, or gone. Telegram carries out the same change as often as it
//! is asked, so one whose outcome nobody knows is simply tried again.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::model::delivery::Reason;

/// How long a change is tried.
pub const TRIED: Duration = Duration::from_hours(24);
/// How old a message may be that a bot deletes (Bot API, `deleteMessage`).
pub const DELETABLE: Duration = Duration::from_hours(48);

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Deed {
    /// It says what its message says now.
    Edit,
    /// It goes.
    Delete,
    /// Its question was answered: the button that was pressed stays, the others go.
    Mark,
}

impl Deed {
    /// The word for it, in the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Edit => "edit",
            Self::Delete => "delete",
            Self::Mark => "mark",
        }
    }
}

/// How far it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Progress {
    /// Waits for its turn, or is on its way.
    Waiting {
        /// Not before this moment.
        not_before: Timestamp,
    },
    /// Telegram confirmed it.
    Done {
        /// When the answer was read.
        at: Timestamp,
    },
    /// It was not done, for good.
    Failed {
        /// Why.
        reason: Reason,
        /// When that was known.
        at: Timestamp,
    },
    /// Its time ran out, and nobody knows whether it was done.
    Uncertain {
        /// Since when nothing more will be learnt.
        at: Timestamp,
    },
}

/// The last change that was asked for of a delivery, and when its text was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What is done.
    pub deed: Deed,
    /// How far it is.
    pub progress: Progress,
    /// When it was asked for.
    pub asked: Timestamp,
    /// Grows with each change that is asked for, so that the answer to an older one is not taken for this one's.
    pub number: u32,
    /// Tries that came to nothing so far.
    pub tries: u16,
    /// Outcomes nobody could know so far.
    pub unknowns: u16,
    /// When an edit was confirmed last.
    pub edited: Option<Timestamp>,
}

impl Change {
    /// One that is asked for now, after `before`.
    #[must_use]
    pub fn asked(deed: Deed, before: Option<&Self>, now: Timestamp) -> Self {
        Self {
            deed,
            progress: Progress::Waiting { not_before: now },
            asked: now,
            number: before.map_or(0, |before| before.number).wrapping_add(1),
            tries: 0,
            unknowns: 0,
            edited: before.and_then(|before| before.edited),
        }
    }

    /// When it is due, while it waits.
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        match self.progress {
            Progress::Waiting { not_before } => Some(not_before),
            Progress::Done { .. } | Progress::Failed { .. } | Progress::Uncertain { .. } => None,
        }
    }

    /// When trying ends.
    #[must_use]
    pub fn expires(&self) -> Timestamp {
        self.asked.plus(TRIED)
    }

    /// When the message was deleted, if it was.
    #[must_use]
    pub fn deleted(&self) -> Option<Timestamp> {
        match (self.deed, &self.progress) {
            (Deed::Delete, Progress::Done { at }) => Some(*at),
            _ => None,
        }
    }

    /// The same, confirmed at this moment.
    #[must_use]
    pub fn done(&self, at: Timestamp) -> Self {
        let edited = if self.deed == Deed::Edit { Some(at) } else { self.edited };
        Self { progress: Progress::Done { at }, edited, ..self.clone() }
    }
}
