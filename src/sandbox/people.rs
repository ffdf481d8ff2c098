//! People, their chats with the bot, and the messages in them. Plain data with the few rules of its own.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

use super::entities::Entity;
use super::keyboard::Keyboard;
use super::photos::Photo;
use crate::clock::Timestamp;

/// Messages kept per chat.
const KEPT: usize = 1000;

/// A Telegram user who is a person, as the Bot API shows one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Person {
    /// The user id, and the id of the private chat with the bot; above 32 bits like those of new accounts.
    pub id: i64,
    /// Always false.
    pub is_bot: bool,
    /// First name.
    pub first_name: String,
    /// Last name, when there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Username without `@`, when there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The language of the client (IETF tag).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language_code: Option<String>,
}

impl Person {
    /// A person with a first name and a language.
    #[must_use]
    pub fn new(id: i64, first_name: &str, language_code: &str) -> Self {
        Self {
            id,
            is_bot: false,
            first_name: first_name.to_owned(),
            last_name: None,
            username: None,
            language_code: Some(language_code.to_owned()),
        }
    }

    /// First and last name.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.last_name {
            Some(last) => format!("{} {last}", self.first_name),
            None => self.first_name.clone(),
        }
    }
}

/// Ada Lindqvist, English.
pub const ADA: i64 = 7_100_000_001;
/// Ben Okafor, German, without a username.
pub const BEN: i64 = 7_100_000_002;
/// Chen Wei, Chinese.
pub const CHEN: i64 = 7_100_000_003;
/// Noor Haddad, Arabic.
pub const NOOR: i64 = 7_100_000_004;
/// The id the next added person gets first.
pub const FIRST_FREE: i64 = 7_100_000_101;

/// The people every sandbox starts with.
#[must_use]
pub fn presets() -> Vec<Person> {
    let person = |id, first: &str, last: &str, username: Option<&str>, language: &str| Person {
        last_name: Some(last.to_owned()),
        username: username.map(ToOwned::to_owned),
        ..Person::new(id, first, language)
    };
    vec![
        person(ADA, "Ada", "Lindqvist", Some("ada_lindqvist"), "en"),
        person(BEN, "Ben", "Okafor", None, "de"),
        person(CHEN, "Chen", "Wei", Some("chenwei88"), "zh-hans"),
        person(NOOR, "Noor", "Haddad", Some("noor_h"), "ar"),
    ]
}

/// How a person stands to the bot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Never pressed Start: the bot may not write.
    Stranger,
    /// Started and not blocked.
    Started,
    /// Blocked the bot, or deleted the chat and stopped it.
    Blocked,
    /// The account is gone.
    Deactivated,
}

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// The bot.
    Bot,
    /// The person.
    Person,
}

/// A message in a private chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// Counts from 1 in each chat.
    pub id: i64,
    /// When it was sent.
    pub at: Timestamp,
    /// Who wrote it.
    pub author: Author,
    /// The text, or the caption of a photo, without markup.
    pub text: String,
    /// Its formatting.
    pub entities: Vec<Entity>,
    /// The photo above the text.
    pub photo: Option<Photo>,
    /// The buttons under it.
    pub keyboard: Option<Keyboard>,
    /// When it was last edited.
    pub edited: Option<Timestamp>,
    /// The message it answers.
    pub reply_to: Option<i64>,
    /// How it was sent.
    pub manner: Manner,
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
    /// Whether it came after message `after` and from the bot.
    #[must_use]
    pub fn is_new_from_bot(&self, after: i64) -> bool {
        self.author == Author::Bot && self.id > after
    }

    /// What the person sees of their own `/start CODE`: clients hide the payload.
    #[must_use]
    pub fn seen_text(&self) -> &str {
        let started = self.author == Author::Person && self.text.starts_with("/start ");
        if started { "/start" } else { &self.text }
    }
}

/// A private chat between a person and the bot.
#[derive(Debug)]
pub struct Chat {
    /// Who it is with.
    pub person: Person,
    /// How the person stands to the bot.
    pub standing: Standing,
    toast: Option<Toast>,
    messages: VecDeque<Message>,
    last: i64,
    revision: u64,
}

/// What `answerCallbackQuery` showed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Toast {
    /// The text.
    pub text: String,
    /// An alert to be closed, or a note that goes by itself.
    pub alert: bool,
}

impl Chat {
    /// The chat of someone who never wrote.
    #[must_use]
    pub fn new(person: Person) -> Self {
        Self { person, standing: Standing::Stranger, toast: None, messages: VecDeque::new(), last: 0, revision: 0 }
    }

    /// Puts a message at the end; it gets the next id.
    pub fn append(&mut self, message: Message) -> i64 {
        self.revision += 1;
        self.last += 1;
        if self.messages.len() >= KEPT {
            self.messages.pop_front();
        }
        self.messages.push_back(Message { id: self.last, ..message });
        self.last
    }

    /// The messages, oldest first.
    pub fn messages(&self) -> impl DoubleEndedIterator<Item = &Message> {
        self.messages.iter()
    }

    /// A message by its id.
    #[must_use]
    pub fn find(&self, id: i64) -> Option<&Message> {
        let place = self.messages.binary_search_by_key(&id, |message| message.id).ok()?;
        self.messages.get(place)
    }

    /// A message by its id, to change it.
    pub fn find_mut(&mut self, id: i64) -> Option<&mut Message> {
        self.revision += 1;
        let place = self.messages.binary_search_by_key(&id, |message| message.id).ok()?;
        self.messages.get_mut(place)
    }

    /// Takes a message out; false when it is not there.
    pub fn remove(&mut self, id: i64) -> bool {
        self.revision += 1;
        let place = self.messages.binary_search_by_key(&id, |message| message.id).ok();
        place.and_then(|place| self.messages.remove(place)).is_some()
    }

    /// Forgets all messages; ids go on.
    pub fn clear(&mut self) {
        self.revision += 1;
        self.messages.clear();
    }

    /// The note or alert a button brought up last.
    #[must_use]
    pub fn toast(&self) -> Option<&Toast> {
        self.toast.as_ref()
    }

    /// Shows a note, or takes it away.
    pub fn show(&mut self, toast: Option<Toast>) {
        self.revision += 1;
        self.toast = toast;
    }

    /// Changes how the person stands to the bot.
    pub fn stand(&mut self, standing: Standing) {
        self.revision += 1;
        self.standing = standing;
    }

    /// Grows with every change that a person could see.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The id of the newest message there ever was, 0 before the first.
    #[must_use]
    pub fn last_id(&self) -> i64 {
        self.last
    }
}

/// All chats by id. Ordered, so that pages list people in a stable order.
pub type Chats = BTreeMap<i64, Chat>;
