//! A message as it lies in a chat: who wrote it, its text, what is attached, what it reports. Plain data.

use serde::Serialize;

use super::entities::Entity;
use super::files::StoredFile;
use super::keyboard::Keyboard;
use super::people::Person;
use super::photos::Photo;
use crate::clock::Timestamp;

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// The bot.
    Bot,
    /// A person.
    Person,
}

/// A message in a chat.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Message {
    /// Counts from 1 in each chat.
    pub id: i64,
    /// When it was sent.
    pub at: Timestamp,
    /// Who wrote it.
    pub author: Author,
    /// The user id of who wrote it.
    pub from: i64,
    /// The name of the person who wrote it; absent when the bot did.
    pub name: Option<String>,
    /// The text, or the caption of a file, without markup.
    pub text: String,
    /// Its formatting.
    pub entities: Vec<Entity>,
    /// The photo above the text.
    pub photo: Option<Photo>,
    /// What else is attached.
    pub attached: Option<Attached>,
    /// What the chat itself reports with it.
    pub service: Option<Service>,
    /// The buttons under it.
    pub keyboard: Option<Keyboard>,
    /// When it was last edited.
    pub edited: Option<Timestamp>,
    /// The message it answers.
    pub reply_to: Option<i64>,
    /// How it was sent.
    pub manner: Manner,
}

/// What is attached to a message, beside photos.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Attached {
    /// A document, voice message, piece of music or video.
    File(StoredFile),
    /// A place on the map.
    Location {
        /// Degrees north.
        latitude: f64,
        /// Degrees east.
        longitude: f64,
    },
    /// Somebody's card.
    Contact {
        /// With or without the plus sign.
        phone_number: String,
        /// First name.
        first_name: String,
        /// The user id, when the person uses Telegram.
        user_id: Option<i64>,
    },
}

/// What a group reports by itself (Bot API, "service messages").
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// The group was made.
    Created,
    /// Somebody was added.
    Added {
        /// Their user id.
        id: i64,
        /// Their name.
        name: String,
    },
    /// Somebody was removed.
    Removed {
        /// Their user id.
        id: i64,
        /// Their name.
        name: String,
    },
    /// The group goes on as the supergroup with this id.
    MigratedTo(i64),
    /// The supergroup was the group with this id.
    MigratedFrom(i64),
}

/// How a message was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Manner {
    /// Without a sound.
    pub silent: bool,
    /// Not to be forwarded or saved.
    pub protected: bool,
    /// Without a preview of its first link.
    pub no_preview: bool,
}

impl Message {
    /// An empty message of the bot, to be filled.
    pub(super) fn by_bot(at: Timestamp, bot: i64) -> Self {
        Self {
            id: 0,
            at,
            author: Author::Bot,
            from: bot,
            name: None,
            text: String::new(),
            entities: Vec::new(),
            photo: None,
            attached: None,
            service: None,
            keyboard: None,
            edited: None,
            reply_to: None,
            manner: Manner::default(),
        }
    }

    /// An empty message of a person, to be filled.
    pub(super) fn by_person(at: Timestamp, person: &Person) -> Self {
        let name = Some(person.name());
        Self { author: Author::Person, name, ..Self::by_bot(at, person.id) }
    }

    /// Whether it came after message `after` and from the bot.
    #[must_use]
    pub fn is_new_from_bot(&self, after: i64) -> bool {
        self.author == Author::Bot && self.id > after
    }

    /// The file in it, other than a photo.
    #[must_use]
    pub fn file(&self) -> Option<&StoredFile> {
        match &self.attached {
            Some(Attached::File(file)) => Some(file),
            Some(Attached::Location { .. } | Attached::Contact { .. }) | None => None,
        }
    }

    /// Whether its text is the caption of something.
    #[must_use]
    pub fn has_caption(&self) -> bool {
        self.photo.is_some() || self.file().is_some()
    }

    /// What people see of their own `/start CODE` and `/start@BOT CODE`: clients hide the payload.
    #[must_use]
    pub fn seen_text(&self) -> &str {
        let (command, _) = self.text.split_once(' ').unwrap_or((&self.text, ""));
        let started = command == "/start" || command.starts_with("/start@");
        if started && self.author == Author::Person { command } else { &self.text }
    }
}
