//! What happened: events, which the website is told about, and the audit, which people read.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ids::{AccountId, AdminId, BroadcastId, ChatId, KeyId, LinkId, MessageId};
use crate::model::account::Username;
use crate::model::chat::Reachability;
use crate::model::link::Revocation;

/// The name of every kind of event, as the website reads it.
pub const NAMES: [&str; 15] = [
    "link.created",
    "link.used",
    "link.revoked",
    "link.expired",
    "chat.linked",
    "chat.unlinked",
    "chat.blocked",
    "chat.unblocked",
    "message.received",
    "message.sent",
    "message.failed",
    "message.uncertain",
    "broadcast.done",
    "button.pressed",
    "account.deleted",
];

/// Who did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Actor {
    /// startlink itself: a sweep, a policy.
    System,
    /// The operator, by a command on the server.
    Operator,
    /// An admin in the browser.
    Admin(AdminId),
    /// A person in a chat.
    Chat(ChatId),
    /// The website, by a key of the HTTP API.
    Key(KeyId),
    /// The website, by an address that it signed.
    Website,
    /// The person of an account, in the portal.
    Person(AccountId),
}

/// Something the website may want to know. Names are kept, because the account may be gone when it is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// Of which account, by number and name.
    pub account: Option<(AccountId, Username)>,
    /// What.
    pub kind: EventKind,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EventKind {
    /// A link was issued.
    LinkCreated(LinkId),
    /// A chat claimed a link.
    LinkUsed(LinkId, ChatId),
    /// A link was taken back.
    LinkRevoked(LinkId, Revocation),
    /// A link ran out of time.
    LinkExpired(LinkId),
    /// A chat was bound to the account.
    ChatLinked(ChatId),
    /// A chat was unbound.
    ChatUnlinked(ChatId, Unlinked),
    /// A chat can no longer be reached.
    ChatLost(ChatId, Reachability),
    /// A chat can be reached again.
    ChatRegained(ChatId),
    /// A person wrote.
    MessageReceived(MessageId, ChatId),
    /// A message arrived.
    MessageSent(MessageId, ChatId),
    /// A message did not arrive, for good.
    MessageFailed(MessageId, Option<ChatId>),
    /// Whether a message arrived cannot be known.
    MessageUncertain(MessageId, ChatId),
    /// A broadcast came to its end, or was cancelled; of no account.
    BroadcastDone(BroadcastId),
    /// A question was answered.
    ButtonPressed(MessageId, ChatId),
    /// The question of a broadcast was answered, by its recipient at this position.
    BroadcastAnswered(BroadcastId, u32),
    /// An account was deleted, with all that belonged to it.
    AccountDeleted(Deleted),
}

impl EventKind {
    /// Its name, one of [`NAMES`].
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::LinkCreated(_) => "link.created",
            Self::LinkUsed(..) => "link.used",
            Self::LinkRevoked(..) => "link.revoked",
            Self::LinkExpired(_) => "link.expired",
            Self::ChatLinked(_) => "chat.linked",
            Self::ChatUnlinked(..) => "chat.unlinked",
            Self::ChatLost(..) => "chat.blocked",
            Self::ChatRegained(_) => "chat.unblocked",
            Self::MessageReceived(..) => "message.received",
            Self::MessageSent(..) => "message.sent",
            Self::MessageFailed(..) => "message.failed",
            Self::MessageUncertain(..) => "message.uncertain",
            Self::BroadcastDone(_) => "broadcast.done",
            Self::ButtonPressed(..) | Self::BroadcastAnswered(..) => "button.pressed",
            Self::AccountDeleted(_) => "account.deleted",
        }
    }
}

/// Who wanted an account to be deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Deleted {
    /// Its person, in a chat or in the portal.
    ByPerson,
    /// An admin or the website.
    BySite,
}

/// Why a chat was unbound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unlinked {
    /// Its person wrote /stop or pressed "not you?".
    ByPerson,
    /// An admin or the website did it.
    BySite,
    /// Its person moved it to another account.
    Moved,
    /// The account was deleted.
    AccountDeleted,
}

/// One line of the audit: who did what, for people to read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audit {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What, as a stable word: `account.create`, `admin.signin`.
    pub action: String,
    /// To whom or what, as text that still tells when the thing is gone.
    pub subject: String,
}
