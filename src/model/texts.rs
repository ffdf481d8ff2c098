//! The bot's texts: what it says, in which languages, with which placeholders, and what may be changed about them.
//! Who is told what, and when, is not known here. All texts are plain, without markup.

mod de;
mod en;
mod es;
mod ru;

use std::collections::BTreeMap;

use crate::model::account::USERNAME_MAX;
use crate::model::message::Format;
use crate::model::settings::SITE_NAME_MAX;
use crate::model::text::{TEXT_LIMIT, fill, placeholders, utf16_len};

/// A language the bot speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Language {
    /// English, also for everyone whose language the bot does not speak.
    En,
    /// German.
    De,
    /// Spanish.
    Es,
    /// Russian.
    Ru,
}

impl Language {
    /// All of them, the fallback first.
    pub const ALL: [Self; 4] = [Self::En, Self::De, Self::Es, Self::Ru];

    /// The language of an IETF tag (`de-AT` is German; Bot API, `User.language_code`), or English.
    #[must_use]
    pub fn of(tag: Option<&str>) -> Self {
        let primary = tag.and_then(|tag| tag.split(['-', '_']).next()).unwrap_or_default();
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(primary)).unwrap_or(Self::En)
    }

    /// Its two letters (ISO 639-1).
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::Es => "es",
            Self::Ru => "ru",
        }
    }

    /// Its own name for itself.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::De => "Deutsch",
            Self::Es => "Español",
            Self::Ru => "Русский",
        }
    }

    /// The language with these two letters, exactly.
    #[must_use]
    pub fn parse(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }
}

/// Where a text appears, which limits its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// A message of its own, or a paragraph of one.
    Message,
    /// The label of a button.
    Button,
    /// A command's line in the menu (Bot API, `BotCommand.description`).
    Command,
}

impl Use {
    /// The most UTF-16 units, placeholders filled in.
    #[must_use]
    pub fn limit(self) -> usize {
        match self {
            Self::Message => TEXT_LIMIT,
            // Telegram sets no limit; more cannot be read on a phone.
            Self::Button => 512,
            Self::Command => 256,
        }
    }
}

macro_rules! keys {
    ($($(#[$doc:meta])* $key:ident = $word:literal, $use:ident, [$($placeholder:literal),*];)*) => {
        /// Something the bot says.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum TextKey {
            $($(#[$doc])* $key,)*
        }

        impl TextKey {
            /// All of them, in the order in which they are shown.
            pub const ALL: &[Self] = &[$(Self::$key),*];

            /// Its stable name.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$key => $word,)* }
            }

            /// Where it appears.
            #[must_use]
            pub fn appears(self) -> Use {
                match self { $(Self::$key => Use::$use,)* }
            }

            /// The placeholders it may hold, without braces.
            #[must_use]
            pub fn placeholders(self) -> &'static [&'static str] {
                match self { $(Self::$key => &[$($placeholder),*],)* }
            }
        }
    };
}

keys! {
    /// The first words to a person who was just connected, or who is and presses Start.
    Greeting = "greeting", Message, ["username", "site"];
    /// Which site and account a chat was connected to.
    Connected = "connected", Message, ["username", "site"];
    /// The button under it that takes it back.
    ConnectedButton = "connected_button", Button, ["username", "site"];
    /// Nobody issued this code.
    UnknownCode = "unknown_code", Message, ["site"];
    /// The code's time is over.
    ExpiredCode = "expired_code", Message, ["site"];
    /// Another chat used the code.
    UsedCode = "used_code", Message, ["site"];
    /// The code was taken back, or a newer one took its place.
    RevokedCode = "revoked_code", Message, ["site"];
    /// Another chat is being asked about this code.
    HeldCode = "held_code", Message, ["site"];
    /// This chat used this code before, and is connected.
    AlreadyConnected = "already_connected", Message, ["username", "site"];
    /// Too many unknown codes came from this chat.
    Wait = "wait", Message, ["minutes"];
    /// A start without a code, in a chat that is not connected.
    VisitSite = "visit_site", Message, ["site"];
    /// The button that leads back to the website.
    OpenSiteButton = "open_site_button", Button, ["site"];
    /// Whether a connected chat is to be moved to another account.
    AskMove = "ask_move", Message, ["username", "other", "site"];
    /// Yes, move it.
    MoveButton = "move_button", Button, ["username", "other", "site"];
    /// No, leave it.
    KeepButton = "keep_button", Button, ["username", "other", "site"];
    /// Whether a chat is to be connected, for sites that want it confirmed.
    AskConfirm = "ask_confirm", Message, ["username", "site"];
    /// Yes, connect it.
    ConfirmButton = "confirm_button", Button, ["username", "site"];
    /// No, do not.
    DeclineButton = "decline_button", Button, ["username", "site"];
    /// The chat was moved.
    Moved = "moved", Message, ["username", "other", "site"];
    /// The chat stays with its account.
    Kept = "kept", Message, ["username", "other", "site"];
    /// The chat was not connected, as its person wished.
    Declined = "declined", Message, ["username", "site"];
    /// The question was not answered in time.
    Lapsed = "lapsed", Message, ["site"];
    /// Another chat of the same account is told of a new one.
    AnotherChat = "another_chat", Message, ["username", "site"];
    /// The chat was disconnected by its person.
    Disconnected = "disconnected", Message, ["username", "site"];
    /// There is nothing to disconnect.
    NotConnected = "not_connected", Message, ["site"];
    /// The website disconnected the chat.
    DisconnectedBySite = "disconnected_by_site", Message, ["username", "site"];
    /// The account was deleted.
    AccountDeleted = "account_deleted", Message, ["username", "site"];
    /// What a connected chat is connected to.
    StatusConnected = "status_connected", Message, ["username", "site"];
    /// Broadcasts are no longer sent to the chat.
    Muted = "muted", Message, ["site"];
    /// The chat is asked to be muted and is.
    AlreadyMuted = "already_muted", Message, ["site"];
    /// Broadcasts are sent to the chat again.
    Unmuted = "unmuted", Message, ["site"];
    /// The chat is not muted, whether asked for how it stands or told to undo it.
    NotMuted = "not_muted", Message, ["site"];
    /// The chat is muted, beside what it is connected to.
    StatusMuted = "status_muted", Message, ["site"];
    /// What a chat that is not connected can do about it.
    StatusNotConnected = "status_not_connected", Message, ["site"];
    /// What the bot is for, and its commands.
    Help = "help", Message, ["site"];
    /// What is stored, for how long, and how it is deleted.
    Privacy = "privacy", Message, ["site", "days"];
    /// What a connected person wrote went to the website.
    PassedOn = "passed_on", Message, ["site"];
    /// A command the bot does not know.
    UnknownCommand = "unknown_command", Message, ["site"];
    /// The bot connects private chats only.
    PrivateOnly = "private_only", Message, ["site"];
    /// An admin's own chat was connected.
    AdminConnected = "admin_connected", Message, ["name", "site"];
    /// An admin's own chat was disconnected.
    AdminDisconnected = "admin_disconnected", Message, ["name", "site"];
    /// The menu's line for `/start`.
    CommandStart = "command_start", Command, [];
    /// The menu's line for `/help`.
    CommandHelp = "command_help", Command, [];
    /// The menu's line for `/status`.
    CommandStatus = "command_status", Command, [];
    /// The menu's line for `/mute`.
    CommandMute = "command_mute", Command, [];
    /// The menu's line for `/unmute`.
    CommandUnmute = "command_unmute", Command, [];
    /// The menu's line for `/stop`.
    CommandStop = "command_stop", Command, [];
    /// The menu's line for `/privacy`.
    CommandPrivacy = "command_privacy", Command, [];
}

impl TextKey {
    /// The key with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|key| key.word() == word)
    }

    /// What it says unless it was changed.
    #[must_use]
    pub fn default(self, language: Language) -> &'static str {
        match language {
            Language::En => en::text(self),
            Language::De => de::text(self),
            Language::Es => es::text(self),
            Language::Ru => ru::text(self),
        }
    }
}

/// Why a changed text is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextProblem {
    /// Nothing that can be seen.
    #[error("The text is empty. To go back to the original, reset it.")]
    Empty,
    /// Too long, even before the placeholders are filled in, or with the longest values.
    #[error("The text can become {length} characters long, placeholders included; {limit} is the limit.")]
    TooLong {
        /// In UTF-16 units, with the longest values.
        length: usize,
        /// The limit of its use.
        limit: usize,
    },
    /// A placeholder that is not filled in here.
    #[error("There is no placeholder {{{name}}} in this text.{known}")]
    Placeholder {
        /// Its name.
        name: String,
        /// A sentence that lists the known ones, or nothing.
        known: String,
    },
    /// A button or menu line with more than one line.
    #[error("This text has to stay on one line.")]
    Lines,
}

/// Checks a changed text. Line ends become `\n`; white space at the ends is cut off.
pub fn check(key: TextKey, text: &str) -> Result<String, TextProblem> {
    let text = text.replace("\r\n", "\n").trim().to_owned();
    if text.is_empty() {
        return Err(TextProblem::Empty);
    }
    if key.appears() != Use::Message && text.contains('\n') {
        return Err(TextProblem::Lines);
    }
    if let Some(name) = placeholders(&text).find(|name| !key.placeholders().contains(name)) {
        return Err(TextProblem::Placeholder { name: name.to_owned(), known: known(key) });
    }
    let length = utf16_len(&text) + placeholders(&text).map(growth).sum::<usize>();
    let limit = key.appears().limit();
    if length > limit { Err(TextProblem::TooLong { length, limit }) } else { Ok(text) }
}

fn known(key: TextKey) -> String {
    let names: Vec<String> = key.placeholders().iter().map(|name| format!("{{{name}}}")).collect();
    if names.is_empty() { String::new() } else { format!(" It knows {}.", names.join(", ")) }
}

/// By how many units a placeholder can grow a text.
fn growth(name: &str) -> usize {
    let longest = match name {
        // A character outside of Unicode's first plane is two units.
        "username" | "other" => 2 * USERNAME_MAX,
        "site" | "name" => 2 * SITE_NAME_MAX,
        _ => 8,
    };
    longest.saturating_sub(name.len() + 2)
}

/// All texts in force: the defaults, and what was changed about them.
#[derive(Clone, Debug, Default)]
pub struct Texts(BTreeMap<(Language, TextKey), String>);

impl Texts {
    /// The name a changed text is stored under: `en/greeting`.
    #[must_use]
    pub fn name(language: Language, key: TextKey) -> String {
        format!("{}/{}", language.tag(), key.word())
    }

    /// The texts with these changes, as stored; names of other versions are passed over.
    #[must_use]
    pub fn with(changes: impl IntoIterator<Item = (String, String)>) -> Self {
        let known = |(name, text): (String, String)| {
            let (language, key) = name.split_once('/')?;
            Some(((Language::parse(language)?, TextKey::parse(key)?), text))
        };
        Self(changes.into_iter().filter_map(known).collect())
    }

    /// A text in the language of an IETF tag.
    #[must_use]
    pub fn get(&self, key: TextKey, tag: Option<&str>) -> &str {
        let language = Language::of(tag);
        self.changed(language, key).unwrap_or_else(|| key.default(language))
    }

    /// What a text was changed to, if it was.
    #[must_use]
    pub fn changed(&self, language: Language, key: TextKey) -> Option<&str> {
        self.0.get(&(language, key)).map(String::as_str)
    }

    /// A text with its placeholders filled in: plain replacement, once. One without a value stays as it is written.
    #[must_use]
    pub fn say(&self, key: TextKey, tag: Option<&str>, values: &[(&str, &str)]) -> String {
        let text = self.get(key, tag);
        fill(text, Format::Plain, values).unwrap_or_else(|_| text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_words_are_the_promised_ones() {
        let texts = Texts::default();
        assert_eq!(texts.say(TextKey::Greeting, Some("en"), &[("username", "ada")]), "Hello ada, how are you?");
        assert_eq!(texts.get(TextKey::UnknownCode, None), "I have no clue who you are...");
        assert_eq!(texts.get(TextKey::VisitSite, Some("ja")), "Please visit me via a provided URL from the website.");
    }

    #[test]
    fn every_default_keeps_the_rules_for_changed_texts() {
        for key in TextKey::ALL {
            for language in Language::ALL {
                let text = key.default(language);
                assert_eq!(check(*key, text).as_deref(), Ok(text), "{key:?} in {language:?}");
            }
            assert_eq!(TextKey::parse(key.word()), Some(*key));
        }
    }

    #[test]
    fn translations_name_what_the_english_text_names() {
        let names = |key: TextKey, language| {
            let mut names: Vec<_> = placeholders(key.default(language)).collect();
            names.sort_unstable();
            names.dedup();
            names
        };
        for key in TextKey::ALL.iter().copied().filter(|key| *key != TextKey::VisitSite) {
            for language in Language::ALL {
                assert_eq!(names(key, language), names(key, Language::En), "{key:?} in {language:?}");
            }
        }
    }

    #[test]
    fn a_language_is_found_by_the_beginning_of_its_tag() {
        assert_eq!(Language::of(Some("de-AT")), Language::De);
        assert_eq!(Language::of(Some("ES_mx")), Language::Es);
        assert_eq!(Language::of(Some("rue")), Language::En);
        assert_eq!(Language::of(None), Language::En);
    }

    #[test]
    fn a_changed_text_counts_in_its_language_only() {
        let stored = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let texts =
            Texts::with([stored("de/greeting", "Moin {username}"), stored("xx/greeting", "?"), stored("x", "?")]);
        assert_eq!(texts.say(TextKey::Greeting, Some("de"), &[("username", "{site}")]), "Moin {site}");
        assert_eq!(texts.get(TextKey::Greeting, Some("en")), TextKey::Greeting.default(Language::En));
        assert_eq!(texts.changed(Language::De, TextKey::Greeting), Some("Moin {username}"));
        assert_eq!(texts.changed(Language::En, TextKey::Greeting), None);
    }

    #[test]
    fn a_changed_text_that_could_not_be_sent_is_refused_with_the_reason() {
        let error = check(TextKey::Greeting, "Hi {usrname}").unwrap_err();
        assert_eq!(error.to_string(), "There is no placeholder {usrname} in this text. It knows {username}, {site}.");
        assert_eq!(check(TextKey::Greeting, " \r\n "), Err(TextProblem::Empty));
        assert_eq!(check(TextKey::Greeting, " a\r\nb "), Ok("a\nb".into()));
        assert_eq!(check(TextKey::KeepButton, "a\nb"), Err(TextProblem::Lines));
        let full = format!("{}{{username}}", "x".repeat(TEXT_LIMIT - 2 * USERNAME_MAX));
        assert!(check(TextKey::Greeting, &full).is_ok());
        assert!(matches!(check(TextKey::Greeting, &format!("{full}x")), Err(TextProblem::TooLong { .. })));
    }
}
