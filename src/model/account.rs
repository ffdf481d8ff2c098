//! An account: a person or thing of the website, named by its username.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

use crate::clock::Timestamp;

/// Longest username, in characters.
pub const USERNAME_MAX: usize = 128;
/// Longest display name, in characters.
pub const NAME_MAX: usize = 128;
/// Longest tag, in characters.
pub const TAG_MAX: usize = 32;
/// Most tags of one account.
pub const TAGS_MAX: usize = 32;

/// The website's own name for an account: unique, case-sensitive, 1 to 128 characters, in Unicode's form NFC,
/// without control characters, not `.` or `..`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Username(String);

/// What is wrong with a text that should name an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UsernameError {
    /// Nothing was given.
    #[error("Enter a username.")]
    Empty,
    /// More than [`USERNAME_MAX`] characters.
    #[error("A username has at most {USERNAME_MAX} characters; this one has {0}.")]
    TooLong(usize),
    /// A character that cannot be seen.
    #[error("A username cannot contain control characters; number {0} is one.")]
    Control(usize),
    /// White space at an end, which people cannot see and would not type.
    #[error("A username cannot begin or end with a space.")]
    Space,
    /// `.` or `..`, which are lost in addresses.
    #[error("A username cannot be \".\" or \"..\".")]
    Dots,
}

impl Username {
    /// Checks the rules and brings the text into form NFC.
    pub fn parse(text: &str) -> Result<Self, UsernameError> {
        let name: String = text.nfc().collect();
        let length = name.chars().count();
        if name.is_empty() {
            Err(UsernameError::Empty)
        } else if length > USERNAME_MAX {
            Err(UsernameError::TooLong(length))
        } else if let Some(at) = name.chars().position(char::is_control) {
            Err(UsernameError::Control(at + 1))
        } else if name.trim() != name {
            Err(UsernameError::Space)
        } else if name == "." || name == ".." {
            Err(UsernameError::Dots)
        } else {
            Ok(Self(name))
        }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name with its middle hidden, for sites that do not want a chat to read it whole: `ada.lovelace` is `a…e`.
    #[must_use]
    pub fn masked(&self) -> String {
        let first = self.0.chars().next().map(String::from).unwrap_or_default();
        match self.0.chars().count() {
            0..=2 => format!("{first}…"),
            _ => format!("{first}…{}", self.0.chars().last().map(String::from).unwrap_or_default()),
        }
    }
}

impl std::fmt::Display for Username {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A label on accounts: 1 to 32 lower-case letters, digits, `-`, `_`, `.` or `:`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tag(String);

/// What is wrong with a list of tags.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TagError {
    /// A tag outside the rules.
    #[error("\"{0}\" is not a tag: use 1 to {TAG_MAX} letters, digits, \"-\", \"_\", \".\" or \":\".")]
    Malformed(String),
    /// More than [`TAGS_MAX`].
    #[error("An account has at most {TAGS_MAX} tags; these are {0}.")]
    TooMany(usize),
}

impl Tag {
    /// Checks one tag; upper case becomes lower case.
    pub fn parse(text: &str) -> Result<Self, TagError> {
        let tag: String = text.trim().nfc().collect::<String>().to_lowercase();
        let allowed = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
        if tag.is_empty() || tag.chars().count() > TAG_MAX || !tag.chars().all(allowed) {
            return Err(TagError::Malformed(text.trim().to_owned()));
        }
        Ok(Self(tag))
    }

    /// Reads a list separated by commas or white space, sorted, each once.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, TagError> {
        let mut tags = text
            .split(|c: char| c == ',' || c.is_whitespace())
            .filter(|part| !part.is_empty())
            .map(Self::parse)
            .collect::<Result<Vec<_>, _>>()?;
        tags.sort();
        tags.dedup();
        if tags.len() > TAGS_MAX { Err(TagError::TooMany(tags.len())) } else { Ok(tags) }
    }

    /// The tag as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One account. Its number of chats is kept here, so that a list needs no second look-up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The website's name for it.
    pub username: Username,
    /// How people call it, shown beside the username; may be empty.
    pub name: String,
    /// Labels, sorted.
    pub tags: Vec<Tag>,
    /// When it was made.
    pub created: Timestamp,
    /// Chats bound to it.
    pub chats: u32,
    /// Those of them that messages reach.
    pub reachable: u32,
    /// Those of the reachable ones whose people want no broadcasts there.
    pub muted: u32,
}

/// What a list shows of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AccountState {
    /// No chat is bound.
    Waiting,
    /// At least one bound chat can be reached.
    Linked,
    /// Chats are bound, none can be reached.
    Unreachable,
}

impl AccountState {
    /// All states, in the order lists show them.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Linked, Self::Unreachable];

    /// The word for it, in the UI and the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Linked => "linked",
            Self::Unreachable => "unreachable",
        }
    }

    /// The state with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

impl Account {
    /// A new one that nothing is known of but its name.
    #[must_use]
    pub fn fresh(username: Username, now: Timestamp) -> Self {
        Self { username, name: String::new(), tags: Vec::new(), created: now, chats: 0, reachable: 0, muted: 0 }
    }

    /// The listed state, from the counts.
    #[must_use]
    pub fn state(&self) -> AccountState {
        match (self.chats, self.reachable) {
            (0, _) => AccountState::Waiting,
            (_, 0) => AccountState::Unreachable,
            _ => AccountState::Linked,
        }
    }

    /// Chats that a broadcast reaches.
    #[must_use]
    pub fn listening(&self) -> u32 {
        self.reachable.saturating_sub(self.muted)
    }

    /// Whether messages reach it and broadcasts do not, because all of its reachable chats are muted.
    #[must_use]
    pub fn is_muted(&self) -> bool {
        self.reachable > 0 && self.listening() == 0
    }
}

/// Checks a display name: at most 128 characters, no control characters, trimmed.
pub fn parse_name(text: &str) -> Result<String, NameError> {
    tidy(text, NAME_MAX)
}

/// A name as it is kept: trimmed, composed, not too long, without characters that cannot be seen.
pub(super) fn tidy(text: &str, most: usize) -> Result<String, NameError> {
    let name: String = text.trim().nfc().collect();
    let length = name.chars().count();
    if length > most {
        Err(NameError::TooLong(length))
    } else if name.chars().any(char::is_control) {
        Err(NameError::Control)
    } else {
        Ok(name)
    }
}

/// What is wrong with a display name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// More than [`NAME_MAX`] characters.
    #[error("A name has at most {NAME_MAX} characters; this one has {0}.")]
    TooLong(usize),
    /// A character that cannot be seen.
    #[error("A name cannot contain control characters.")]
    Control,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usernames_keep_to_their_rules() {
        assert_eq!(Username::parse("ada").map(|u| u.to_string()), Ok("ada".into()));
        assert_eq!(Username::parse(""), Err(UsernameError::Empty));
        assert_eq!(Username::parse(".."), Err(UsernameError::Dots));
        assert_eq!(Username::parse("a\u{7}"), Err(UsernameError::Control(2)));
        assert_eq!(Username::parse(" ada"), Err(UsernameError::Space));
        assert_eq!(Username::parse(&"é".repeat(129)), Err(UsernameError::TooLong(129)));
        assert!(Username::parse(&"é".repeat(128)).is_ok());
    }

    #[test]
    fn usernames_are_brought_into_one_unicode_form() {
        assert_eq!(Username::parse("Zoe\u{308}"), Username::parse("Zo\u{eb}"));
    }

    #[test]
    fn a_masked_username_shows_its_ends_only() {
        assert_eq!(Username::parse("ada.lovelace").map(|u| u.masked()), Ok("a…e".into()));
        assert_eq!(Username::parse("al").map(|u| u.masked()), Ok("a…".into()));
    }

    #[test]
    fn tag_lists_are_sorted_and_each_once() {
        let tags = Tag::parse_list("vip, Beta vip").unwrap();
        assert_eq!(tags.iter().map(Tag::as_str).collect::<Vec<_>>(), ["beta", "vip"]);
        assert_eq!(Tag::parse_list("a b!"), Err(TagError::Malformed("b!".into())));
    }
}
