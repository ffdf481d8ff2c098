//! A message: content with a target. What happens to it on its way to each chat is a delivery.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ids::{AccountId, ChatId, MessageId, PhotoId, TelegramMessageId};
use crate::model::event::Actor;

/// How a text is to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// As it stands.
    #[default]
    Plain,
    /// Telegram's HTML (Bot API, "HTML style").
    Html,
}

/// What a button does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ButtonAction {
    /// Opens an address (http, https or tg).
    Open(String),
    /// Tells the bot: 1 to 64 bytes (Bot API, `InlineKeyboardButton.callback_data`).
    Tell(String),
}

/// One button under a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// What it says.
    pub label: String,
    /// What it does.
    pub action: ButtonAction,
}

/// What a message carries besides text; the files themselves stay at Telegram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Media {
    /// A picture.
    Photo,
    /// A file.
    Document,
    /// A voice note or other sound.
    Audio,
    /// A film, round or not, or an animation.
    Video,
    /// A sticker.
    Sticker,
    /// A place.
    Location,
    /// A contact.
    Contact,
    /// Something newer than this program.
    Other,
}

impl Media {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Photo => "photo",
            Self::Document => "document",
            Self::Audio => "audio",
            Self::Video => "video",
            Self::Sticker => "sticker",
            Self::Location => "location",
            Self::Contact => "contact",
            Self::Other => "something this version cannot show",
        }
    }
}

/// What is said. Sealed at rest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// The text, or the caption of what is carried.
    pub text: String,
    /// How to read it.
    pub format: Format,
    /// Rows of buttons.
    pub buttons: Vec<Vec<Button>>,
    /// What a message that came in carries.
    pub media: Option<Media>,
    /// The picture that a message that goes out carries.
    pub photo: Option<PhotoId>,
    /// Arrives without a sound.
    pub silent: bool,
    /// Cannot be forwarded or saved.
    pub protect: bool,
}

impl Body {
    /// Plain text without buttons.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// The same with one more row of buttons.
    #[must_use]
    pub fn with_row(mut self, row: Vec<Button>) -> Self {
        self.buttons.push(row);
        self
    }
}

/// How much an automatic answer matters when another one is waiting for the same chat: the greater stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Weight {
    /// "Passed on", help for a stray word.
    Courtesy,
    /// The answer to a command.
    Command,
    /// What became of a code: linked, refused, asked.
    Outcome,
}

/// What kind of message it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MessageKind {
    /// Written by a person in a chat.
    Incoming(TelegramMessageId),
    /// An automatic answer of the bot.
    Answer(Weight),
    /// Written to an account or chat by an admin or the website.
    Personal,
    /// To an admin's own chat.
    Notice,
}

/// One message. Out: its deliveries tell what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// When it was written.
    pub at: Timestamp,
    /// What kind.
    pub kind: MessageKind,
    /// Whose conversation it belongs to.
    pub account: Option<AccountId>,
    /// From or to which chat, when it is one.
    pub chat: Option<ChatId>,
    /// Who wrote it.
    pub actor: Actor,
    /// The body, sealed under [`Message::PURPOSE`].
    pub sealed: Vec<u8>,
}

impl Message {
    /// What message bodies are sealed for.
    pub const PURPOSE: &'static str = "message.body.2";
    /// What the first form of them was sealed for, without a picture and without ways of sending.
    pub const PURPOSE_1: &'static str = "message.body";

    /// Whether a person wrote it.
    #[must_use]
    pub fn is_incoming(&self) -> bool {
        matches!(self.kind, MessageKind::Incoming(_))
    }
}

/// A message with its body opened, as pages show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Its number.
    pub id: MessageId,
    /// The row.
    pub message: Message,
    /// What it says; `None` when the key does not open it.
    pub body: Option<Body>,
}
