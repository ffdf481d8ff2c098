//! Identifiers as types, so that an account's number is never taken for a chat's.
//! Numbers of our own are handed out by the store and grow; Telegram's are Telegram's.

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

id!(/// An account of the website.
    AccountId(u64));
id!(/// One issued link (a code).
    LinkId(u64));
id!(/// One message, in or out.
    MessageId(u64));
id!(/// One broadcast.
    BroadcastId(u64));
id!(/// A picture that messages and broadcasts carry.
    PhotoId(u64));
id!(/// A file of any kind that messages and broadcasts carry.
    DocumentId(u64));
id!(/// An admin.
    AdminId(u64));
id!(/// One session of an admin, as shown in lists; never the cookie's secret.
    SessionId(u64));
id!(/// A key of the HTTP API.
    KeyId(u64));
id!(/// An event that webhooks and the API report.
    EventId(u64));
id!(/// An audit entry.
    AuditId(u64));
id!(/// A webhook endpoint of the website.
    EndpointId(u64));
id!(/// One attempt to deliver an event to a webhook endpoint, counted for each endpoint.
    AttemptId(u64));
id!(/// Telegram's identifier of a chat: up to 52 significant bits, negative for groups (Bot API, `Chat.id`).
    ChatId(i64));
id!(/// Telegram's identifier of a user or bot (Bot API, `User.id`).
    UserId(i64));
id!(/// Telegram's identifier of an update (Bot API, `Update.update_id`).
    UpdateId(i64));
id!(/// Telegram's identifier of a message inside a chat (Bot API, `Message.message_id`).
    TelegramMessageId(i64));

impl ChatId {
    /// Private chats have positive identifiers, groups and channels negative ones.
    #[must_use]
    pub fn is_private(self) -> bool {
        self.0 > 0
    }
}

/// One delivery: a message to one chat. A message goes to a chat at most once, so the pair names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DeliveryId {
    /// What is delivered.
    pub message: MessageId,
    /// Where to.
    pub chat: ChatId,
}
