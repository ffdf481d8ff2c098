//! The bot's texts: what it says, in which languages, with which placeholders, and what may be changed about them.
//! Who is told what, and when, is not known here. All texts are plain, without markup.

mod de;
mod en;
mod es;
mod keys;
mod ru;

use std::collections::BTreeMap;

pub use keys::{TextKey, Use};

use crate::model::account::USERNAME_MAX;
use crate::model::message::{Format, LABEL_MAX};
use crate::model::settings::SITE_NAME_MAX;
use crate::model::text::{fill, placeholders, utf16_len};

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
        "answer" => LABEL_MAX,
        // Titles of groups (Bot API, `Chat.title`), and names in the database of time zones.
        "group" => 2 * 128,
        "zone" => 40,
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
    use crate::model::text::TEXT_LIMIT;

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
