//! The parts of the Bot API's types that startlink needs. Unknown fields are ignored, unknown words are `Other`:
//! a new version appears about every five weeks.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::media;
use crate::clock::Timestamp;
use crate::ids::{ChatId, TelegramMessageId, UserId};
use crate::model::message::Carried;

/// A person or a bot (Bot API, `User`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct User {
    /// Telegram's identifier.
    pub id: UserId,
    /// Whether it is a bot.
    #[serde(default)]
    pub is_bot: bool,
    /// First name.
    #[serde(default)]
    pub first_name: String,
    /// Last name.
    pub last_name: Option<String>,
    /// `@username` without the sign.
    pub username: Option<String>,
    /// IETF language tag of the client.
    pub language_code: Option<String>,
}

impl User {
    /// First and last name.
    #[must_use]
    pub fn name(&self) -> String {
        let name = [Some(self.first_name.as_str()), self.last_name.as_deref()];
        name.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

/// What kind of chat it is (Bot API, `Chat.type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChatKind {
    /// One person.
    Private,
    /// A small group.
    Group,
    /// A large group.
    Supergroup,
    /// A channel.
    Channel,
    /// A kind that is not known here.
    #[serde(other)]
    Other,
}

/// A chat (Bot API, `Chat`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Chat {
    /// Telegram's identifier.
    pub id: ChatId,
    /// Private, group, channel.
    #[serde(rename = "type")]
    pub kind: ChatKind,
    /// Title of a group or channel.
    pub title: Option<String>,
}

/// What a message carries besides or instead of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the Bot API's word for it")]
pub enum MediaKind {
    Animation,
    Audio,
    Contact,
    Dice,
    Document,
    Location,
    Photo,
    Poll,
    Sticker,
    Story,
    Venue,
    Video,
    VideoNote,
    Voice,
}

/// What an incoming message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Text.
    Text(String),
    /// A file, a place, a contact; with its caption if it has one.
    Media {
        /// Which kind.
        kind: MediaKind,
        /// The text under it.
        caption: Option<String>,
        /// More of what it is, as far as it was told.
        carried: Option<Carried>,
    },
    /// A service message: this group has another id from now on.
    MigratedTo(ChatId),
    /// A service message: this supergroup had another id before.
    MigratedFrom(ChatId),
    /// Any other service message or content that is not known here.
    Other,
}

/// An incoming message (Bot API, `Message`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "RawMessage")]
pub struct Message {
    /// Its identifier in the chat; ephemeral messages may have none.
    pub id: Option<TelegramMessageId>,
    /// When it was sent.
    pub date: Timestamp,
    /// Where it was sent.
    pub chat: Chat,
    /// Who sent it. In groups and channels it may be missing or stand for somebody else: identity is read only in
    /// private chats (Bot API, `Message.from`).
    pub from: Option<User>,
    /// Set when it was sent on behalf of a chat.
    pub sender_chat: Option<Chat>,
    /// The name (`@username` without the sign) of whose message it answers.
    pub answers: Option<String>,
    /// What it says.
    pub content: Content,
}

/// The message that another one answers, as far as it matters here.
#[derive(Deserialize)]
struct Answered {
    from: Option<User>,
}

#[derive(Deserialize)]
struct RawMessage {
    message_id: Option<TelegramMessageId>,
    #[serde(default)]
    date: i64,
    chat: Chat,
    from: Option<User>,
    sender_chat: Option<Chat>,
    reply_to_message: Option<Answered>,
    text: Option<String>,
    caption: Option<String>,
    migrate_to_chat_id: Option<ChatId>,
    migrate_from_chat_id: Option<ChatId>,
    animation: Option<Box<RawValue>>,
    audio: Option<Box<RawValue>>,
    contact: Option<Box<RawValue>>,
    dice: Option<Box<RawValue>>,
    document: Option<Box<RawValue>>,
    location: Option<Box<RawValue>>,
    photo: Option<Box<RawValue>>,
    poll: Option<Box<RawValue>>,
    sticker: Option<Box<RawValue>>,
    story: Option<Box<RawValue>>,
    venue: Option<Box<RawValue>>,
    video: Option<Box<RawValue>>,
    video_note: Option<Box<RawValue>>,
    voice: Option<Box<RawValue>>,
}

impl RawMessage {
    /// The kind of media and its field. An animation is also a document and a venue also a location, so these two come first.
    fn media(&self) -> Option<(MediaKind, &RawValue)> {
        let table = [
            (&self.animation, MediaKind::Animation),
            (&self.venue, MediaKind::Venue),
            (&self.audio, MediaKind::Audio),
            (&self.contact, MediaKind::Contact),
            (&self.dice, MediaKind::Dice),
            (&self.document, MediaKind::Document),
            (&self.location, MediaKind::Location),
            (&self.photo, MediaKind::Photo),
            (&self.poll, MediaKind::Poll),
            (&self.sticker, MediaKind::Sticker),
            (&self.story, MediaKind::Story),
            (&self.video, MediaKind::Video),
            (&self.video_note, MediaKind::VideoNote),
            (&self.voice, MediaKind::Voice),
        ];
        table.into_iter().find_map(|(field, kind)| field.as_deref().map(|field| (kind, field)))
    }
}

impl From<RawMessage> for Message {
    fn from(mut raw: RawMessage) -> Self {
        let content = if let Some(text) = raw.text.take() {
            Content::Text(text)
        } else if let Some((kind, field)) = raw.media() {
            let carried = media::carried(kind, field.get());
            Content::Media { kind, caption: raw.caption.take(), carried }
        } else if let Some(to) = raw.migrate_to_chat_id {
            Content::MigratedTo(to)
        } else if let Some(from) = raw.migrate_from_chat_id {
            Content::MigratedFrom(from)
        } else {
            Content::Other
        };
        Self {
            id: raw.message_id,
            date: seconds(raw.date),
            chat: raw.chat,
            from: raw.from,
            sender_chat: raw.sender_chat,
            answers: raw.reply_to_message.and_then(|answered| answered.from?.username),
            content,
        }
    }
}

/// A press on an inline button (Bot API, `CallbackQuery`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CallbackQuery {
    /// What `answerCallbackQuery` wants.
    pub id: String,
    /// Who pressed.
    pub from: User,
    /// The message with the button; missing for inline messages.
    pub message: Option<CallbackMessage>,
    /// The button's data.
    pub data: Option<String>,
}

/// The message a button belongs to (Bot API, `MaybeInaccessibleMessage`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CallbackMessage {
    /// Where it is.
    pub chat: Chat,
    /// Its identifier there.
    #[serde(rename = "message_id")]
    pub id: TelegramMessageId,
    /// When it was sent; `None` when the bot cannot see it any more (Bot API, `InaccessibleMessage.date` is 0).
    #[serde(default, deserialize_with = "seen_at")]
    pub date: Option<Timestamp>,
}

fn seen_at<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    i64::deserialize(deserializer).map(|date| (date != 0).then(|| seconds(date)))
}

/// What somebody is in a chat (Bot API, `ChatMember.status`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberStatus {
    /// The owner.
    Creator,
    /// An administrator.
    Administrator,
    /// A member; in a private chat: the bot is not blocked.
    Member,
    /// A member with restrictions, or somebody restricted who is not in the chat.
    Restricted,
    /// Not in the chat.
    Left,
    /// Banned; in a private chat: the person blocked the bot.
    Kicked,
    /// A status that is not known here.
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct RawMember {
    status: MemberStatus,
}

/// The bot's own standing in a chat changed (Bot API, `my_chat_member`). In a private chat this comes only when the
/// person blocks or unblocks the bot.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "RawMembership")]
pub struct MembershipChange {
    /// Where.
    pub chat: Chat,
    /// Who did it.
    pub from: User,
    /// When.
    pub date: Timestamp,
    /// What the bot was.
    pub old: MemberStatus,
    /// What the bot is.
    pub new: MemberStatus,
}

#[derive(Deserialize)]
struct RawMembership {
    chat: Chat,
    from: User,
    #[serde(default)]
    date: i64,
    old_chat_member: RawMember,
    new_chat_member: RawMember,
}

impl From<RawMembership> for MembershipChange {
    fn from(raw: RawMembership) -> Self {
        Self {
            chat: raw.chat,
            from: raw.from,
            date: seconds(raw.date),
            old: raw.old_chat_member.status,
            new: raw.new_chat_member.status,
        }
    }
}

/// What `getMe` tells about the bot.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct BotInfo {
    /// Its own user id.
    pub id: UserId,
    /// The name people see.
    pub first_name: String,
    /// `@username` without the sign, as deep links need it. It can change.
    pub username: String,
    /// Whether it may be added to groups.
    #[serde(default)]
    pub can_join_groups: bool,
    /// Whether it reads everything in groups (privacy mode is off).
    #[serde(default)]
    pub can_read_all_group_messages: bool,
}

/// What `getWebhookInfo` tells.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct WebhookInfo {
    /// The webhook's URL; empty when none is set.
    #[serde(default)]
    pub url: String,
    /// How many updates wait at Telegram.
    #[serde(default)]
    pub pending_update_count: u64,
    /// The last error Telegram had with the webhook.
    pub last_error_message: Option<String>,
}

/// Telegram counts in seconds since 1970.
fn seconds(date: i64) -> Timestamp {
    Timestamp(date.saturating_mul(1000))
}
