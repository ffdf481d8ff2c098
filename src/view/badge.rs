//! States as people see them: a word, a shape and a colour, so that none of the three has to be enough.

use maud::{Markup, html};

use super::Icon;
use crate::model::account::AccountState;
use crate::model::broadcast::BroadcastStatus;
use crate::model::chat::Reachability;
use crate::model::delivery::Standing;
use crate::model::link::LinkStatus;

/// What a state means to the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As it should be.
    Good,
    /// Under way or expected; nobody has to act.
    Waiting,
    /// Nobody can know, or it deserves a look.
    Doubtful,
    /// It did not work.
    Failed,
    /// Ended or of no concern.
    Quiet,
}

impl Tone {
    /// The class that carries the tone's colour in the stylesheet.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Waiting => "waiting",
            Self::Doubtful => "doubtful",
            Self::Failed => "failed",
            Self::Quiet => "quiet",
        }
    }

    /// The shape that goes with the tone where a state has none of its own.
    #[must_use]
    pub fn icon(self) -> Icon {
        match self {
            Self::Good => Icon::Tick,
            Self::Waiting => Icon::Dial,
            Self::Doubtful => Icon::Lozenge,
            Self::Failed => Icon::Cross,
            Self::Quiet => Icon::Bar,
        }
    }
}

/// One state: its tone, its shape and its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Badge {
    /// The colour's meaning.
    pub tone: Tone,
    /// The shape.
    pub icon: Icon,
    /// The word, in lower case.
    pub word: &'static str,
}

impl Badge {
    const fn new(tone: Tone, icon: Icon, word: &'static str) -> Self {
        Self { tone, icon, word }
    }
}

impl maud::Render for Badge {
    fn render(&self) -> Markup {
        with(*self, "")
    }
}

/// A badge followed by its reason or number, such as `failed · chat not found`.
#[must_use]
pub fn with(badge: Badge, detail: &str) -> Markup {
    html! {
        span.badge .(badge.tone.class()) {
            (badge.icon) span { (badge.word) @if !detail.is_empty() { span.detail { " · " (detail) } } }
        }
    }
}

impl From<LinkStatus> for Badge {
    fn from(status: LinkStatus) -> Self {
        match status {
            LinkStatus::Open => link::OPEN,
            LinkStatus::Held => link::HELD,
            LinkStatus::Used => link::USED,
            LinkStatus::Expired => link::EXPIRED,
            LinkStatus::Revoked => link::REVOKED,
        }
    }
}

impl From<AccountState> for Badge {
    fn from(state: AccountState) -> Self {
        match state {
            AccountState::Waiting => account::WAITING,
            AccountState::Linked => account::LINKED,
            AccountState::Unreachable => account::UNREACHABLE,
        }
    }
}

impl From<Reachability> for Badge {
    fn from(reachability: Reachability) -> Self {
        match reachability {
            Reachability::Reachable => chat::REACHABLE,
            Reachability::Blocked => chat::BLOCKED,
            Reachability::Left => chat::LEFT,
            Reachability::Deactivated => chat::DEACTIVATED,
            Reachability::Unknown => chat::UNKNOWN,
        }
    }
}

impl From<Standing> for Badge {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Queued => delivery::QUEUED,
            Standing::Sending => delivery::SENDING,
            Standing::Sent => delivery::SENT,
            Standing::Failed => delivery::FAILED,
            Standing::Uncertain => delivery::UNCERTAIN,
            Standing::Cancelled => delivery::CANCELLED,
            Standing::Expired => delivery::EXPIRED,
            Standing::Skipped => delivery::SKIPPED,
        }
    }
}

impl From<BroadcastStatus> for Badge {
    fn from(status: BroadcastStatus) -> Self {
        match status {
            BroadcastStatus::Draft => broadcast::DRAFT,
            BroadcastStatus::Scheduled => broadcast::SCHEDULED,
            BroadcastStatus::Preparing => broadcast::PREPARING,
            BroadcastStatus::Sending => broadcast::SENDING,
            BroadcastStatus::Paused => broadcast::PAUSED,
            BroadcastStatus::Done => broadcast::DONE,
            BroadcastStatus::Cancelled => broadcast::CANCELLED,
        }
    }
}

/// The states of a link.
pub mod link {
    use super::{Badge, Icon, Tone};
    /// Can be used.
    pub const OPEN: Badge = Badge::new(Tone::Waiting, Icon::Ring, "open");
    /// Kept for one chat that is being asked.
    pub const HELD: Badge = Badge::new(Tone::Waiting, Icon::Pause, "held");
    /// Connected a chat.
    pub const USED: Badge = Badge::new(Tone::Good, Icon::Tick, "used");
    /// Its time ran out.
    pub const EXPIRED: Badge = Badge::new(Tone::Quiet, Icon::Dial, "expired");
    /// Withdrawn by a person or by a newer code.
    pub const REVOKED: Badge = Badge::new(Tone::Quiet, Icon::Bar, "revoked");
}

/// The states of an account.
pub mod account {
    use super::{Badge, Icon, Tone};
    /// No chat yet.
    pub const WAITING: Badge = Badge::new(Tone::Waiting, Icon::Dial, "waiting");
    /// At least one chat can be reached.
    pub const LINKED: Badge = Badge::new(Tone::Good, Icon::Chain, "linked");
    /// All chats are dead.
    pub const UNREACHABLE: Badge = Badge::new(Tone::Failed, Icon::Cross, "unreachable");
}

/// Whether a chat can be reached.
pub mod chat {
    use super::{Badge, Icon, Tone};
    /// Messages arrive.
    pub const REACHABLE: Badge = Badge::new(Tone::Good, Icon::Tick, "reachable");
    /// The person blocked the bot.
    pub const BLOCKED: Badge = Badge::new(Tone::Failed, Icon::Cross, "blocked");
    /// The bot is no longer in the chat.
    pub const LEFT: Badge = Badge::new(Tone::Quiet, Icon::Bar, "left");
    /// The Telegram user no longer exists.
    pub const DEACTIVATED: Badge = Badge::new(Tone::Failed, Icon::Cross, "deactivated");
    /// Its person wants no broadcasts there.
    pub const MUTED: Badge = Badge::new(Tone::Quiet, Icon::Pause, "muted");
    /// Not tried since the bot changed.
    pub const UNKNOWN: Badge = Badge::new(Tone::Doubtful, Icon::Lozenge, "unknown");
}

/// The states of a delivery.
pub mod delivery {
    use super::{Badge, Icon, Tone};
    /// Waits for its turn.
    pub const QUEUED: Badge = Badge::new(Tone::Waiting, Icon::Dial, "queued");
    /// On its way.
    pub const SENDING: Badge = Badge::new(Tone::Waiting, Icon::Plane, "sending");
    /// Telegram confirmed it.
    pub const SENT: Badge = Badge::new(Tone::Good, Icon::Tick, "sent");
    /// Telegram refused it, or there was no chat to send it to.
    pub const FAILED: Badge = Badge::new(Tone::Failed, Icon::Cross, "failed");
    /// Nobody can know whether it arrived.
    pub const UNCERTAIN: Badge = Badge::new(Tone::Doubtful, Icon::Lozenge, "uncertain");
    /// Stopped by a person.
    pub const CANCELLED: Badge = Badge::new(Tone::Quiet, Icon::Bar, "cancelled");
    /// Not sent within its time.
    pub const EXPIRED: Badge = Badge::new(Tone::Failed, Icon::Dial, "expired");
    /// The chat was gone or muted by then.
    pub const SKIPPED: Badge = Badge::new(Tone::Quiet, Icon::Bar, "skipped");
}

/// The states of a conversation.
pub mod talk {
    use super::{Badge, Icon, Tone};
    /// Something of it was not read.
    pub const NEW: Badge = Badge::new(Tone::Waiting, Icon::Ring, "unread");
    /// All of it was read.
    pub const READ: Badge = Badge::new(Tone::Good, Icon::Tick, "read");
    /// Nobody has to do anything.
    pub const CLOSED: Badge = Badge::new(Tone::Quiet, Icon::Bar, "closed");
}

/// The states of a broadcast.
pub mod broadcast {
    use super::{Badge, Icon, Tone};
    /// Being written.
    pub const DRAFT: Badge = Badge::new(Tone::Quiet, Icon::Pencil, "draft");
    /// Starts by itself.
    pub const SCHEDULED: Badge = Badge::new(Tone::Waiting, Icon::Dial, "scheduled");
    /// Its audience is being written down.
    pub const PREPARING: Badge = Badge::new(Tone::Waiting, Icon::Account, "preparing");
    /// Being sent.
    pub const SENDING: Badge = Badge::new(Tone::Waiting, Icon::Plane, "sending");
    /// Waits for a person.
    pub const PAUSED: Badge = Badge::new(Tone::Doubtful, Icon::Pause, "paused");
    /// Over.
    pub const DONE: Badge = Badge::new(Tone::Good, Icon::Tick, "done");
    /// Taken back.
    pub const CANCELLED: Badge = Badge::new(Tone::Quiet, Icon::Bar, "cancelled");
}

/// What the bot is doing.
pub mod bot {
    use super::{Badge, Icon, Tone};
    /// Asking Telegram for updates.
    pub const POLLING: Badge = Badge::new(Tone::Good, Icon::Tick, "polling");
    /// Waiting before the next try.
    pub const WAITING: Badge = Badge::new(Tone::Waiting, Icon::Dial, "waiting");
    /// Another program polls, or a webhook is set.
    pub const CONFLICT: Badge = Badge::new(Tone::Failed, Icon::Cross, "conflict");
    /// Telegram does not accept the token.
    pub const TOKEN_REFUSED: Badge = Badge::new(Tone::Failed, Icon::Cross, "token refused");
    /// Not yet asked Telegram anything.
    pub const STARTING: Badge = Badge::new(Tone::Waiting, Icon::Dial, "starting");
    /// No token yet.
    pub const NOT_SET_UP: Badge = Badge::new(Tone::Doubtful, Icon::Lozenge, "not set up");
    /// Halted until a person says go on.
    pub const PAUSED: Badge = Badge::new(Tone::Doubtful, Icon::Pause, "paused");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_badge_says_the_models_word() {
        for standing in Standing::ALL {
            assert_eq!(Badge::from(standing).word, standing.word());
        }
        for status in BroadcastStatus::ALL {
            assert_eq!(Badge::from(status).word, status.word());
        }
        for status in LinkStatus::ALL {
            assert_eq!(Badge::from(status).word, status.word());
        }
        for state in AccountState::ALL {
            assert_eq!(Badge::from(state).word, state.word());
        }
    }

    #[test]
    fn a_badge_has_a_word_a_shape_and_a_tone() {
        let html = with(delivery::FAILED, "<chat not found>").into_string();
        assert!(html.starts_with("<span class=\"badge failed\"><svg"));
        assert!(html.contains("failed<span class=\"detail\"> · &lt;chat not found&gt;</span>"));
    }
}
