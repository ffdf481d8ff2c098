//! People and their private chats with the bot. Plain data with the few rules of its own.

use std::collections::BTreeMap;

use serde::Serialize;

use super::rooms::{Room, Toast};

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

/// A private chat between a person and the bot.
#[derive(Debug)]
pub struct Chat {
    /// Who it is with.
    pub person: Person,
    /// How the person stands to the bot.
    pub standing: Standing,
    /// What was written.
    pub room: Room,
}

impl Chat {
    /// The chat of someone who never wrote.
    #[must_use]
    pub fn new(person: Person) -> Self {
        Self { person, standing: Standing::Stranger, room: Room::default() }
    }

    /// Changes how the person stands to the bot.
    pub fn stand(&mut self, standing: Standing) {
        self.room.touch();
        self.standing = standing;
    }

    /// The note or alert on the person's screen.
    #[must_use]
    pub fn toast(&self) -> Option<&Toast> {
        self.room.toast(self.person.id)
    }
}

/// All private chats by id. Ordered, so that pages list people in a stable order.
pub type Chats = BTreeMap<i64, Chat>;
