//! A message: content with a target. What happens to it on its way to each chat is a delivery.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ids::{AccountId, ChatId, DocumentId, MessageId, PhotoId, TelegramMessageId};
use crate::model::event::Actor;
use crate::model::text::{MessageText, TextError};

/// Longest label of a button, in UTF-16 units.
pub const LABEL_MAX: usize = 64;
/// Most buttons under a message.
pub const BUTTONS_MAX: usize = 20;

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
    /// Answers the question that the message asks: the value that the website, or an admin, gets.
    Answer(String),
}

/// One button under a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// What it says.
    pub label: String,
    /// What it does.
    pub action: ButtonAction,
}

impl Button {
    /// What it answers, if it is an answer.
    #[must_use]
    pub fn value(&self) -> Option<&str> {
        match &self.action {
            ButtonAction::Answer(value) => Some(value),
            ButtonAction::Open(_) | ButtonAction::Tell(_) => None,
        }
    }
}

/// What a message carries besides text; the files themselves stay at Telegram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Media {
    /// A picture.
    Photo,
    /// A file.
    Document,
    /// Music or another sound.
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
    /// A voice note.
    Voice,
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
            Self::Voice => "voice",
        }
    }
}

/// A file that a person sent. It stays at Telegram and is fetched when somebody wants to see it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// What Telegram calls it; good for this bot only (Bot API, `file_id`).
    pub file: String,
    /// Its name, where its kind has one.
    pub name: Option<String>,
    /// Its media type, as the sender's program told.
    pub mime: Option<String>,
    /// In bytes.
    pub size: Option<u64>,
}

/// What a message that came in carries besides its kind and its words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Carried {
    /// A file.
    File(Sent),
    /// A place: latitude and longitude, in degrees.
    Place(String, String),
    /// A contact: name and telephone number.
    Contact(String, String),
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
    /// More of what a message that came in carries.
    pub carried: Option<Carried>,
    /// Who wrote it, where several people share a chat.
    pub author: Option<String>,
    /// The file of any kind that a message that goes out carries; never beside a picture.
    pub document: Option<DocumentId>,
    /// The message of the same chat that it answers.
    pub quotes: Option<MessageId>,
    /// How long its question can be answered, in seconds since it was asked; for ever without.
    pub answer_within: Option<u32>,
}

/// What a message that goes out carries besides its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attachment {
    /// A picture.
    Photo(PhotoId),
    /// A file of any kind.
    Document(DocumentId),
}

impl Body {
    /// What it carries, if it goes out.
    #[must_use]
    pub fn attachment(&self) -> Option<Attachment> {
        self.photo.map(Attachment::Photo).or(self.document.map(Attachment::Document))
    }

    /// The same with another attachment, or none.
    #[must_use]
    pub fn with_attachment(self, attachment: Option<Attachment>) -> Self {
        let (photo, document) = match attachment {
            Some(Attachment::Photo(photo)) => (Some(photo), None),
            Some(Attachment::Document(document)) => (None, Some(document)),
            None => (None, None),
        };
        Self { photo, document, ..self }
    }

    /// Checks a text that takes the place of its own: under an attachment it is a caption, shorter, and may be empty.
    pub fn check_text(&self, text: &str) -> Result<MessageText, TextError> {
        match self.attachment() {
            Some(_) => MessageText::parse_caption(text, self.format),
            None => MessageText::parse(text, self.format),
        }
    }

    /// Plain text without buttons.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// Whether its buttons ask something.
    #[must_use]
    pub fn asks(&self) -> bool {
        self.buttons.iter().flatten().any(|button| matches!(button.action, ButtonAction::Answer(_)))
    }

    /// The button at a place, counted over all rows from 0.
    #[must_use]
    pub fn button(&self, place: u8) -> Option<&Button> {
        self.buttons.iter().flatten().nth(place.into())
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

/// The answer to a question: the one button that was pressed first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Which button, counted over all rows from 0; the buttons of a question do not change.
    pub button: u8,
    /// In which chat.
    pub chat: ChatId,
    /// When.
    pub at: Timestamp,
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
    /// The answer, once there is one.
    pub answer: Option<Answer>,
}

impl Message {
    /// What message bodies are sealed for.
    pub const PURPOSE: &'static str = "message.body.3";
    /// What their second form was sealed for, which ends behind [`Body::protect`].
    pub const PURPOSE_2: &'static str = "message.body.2";
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
