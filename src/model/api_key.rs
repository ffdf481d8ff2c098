//! Keys of the HTTP API: the form of their secret, what they may do, and until when they may do it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::model::account::{self, tidy};
use crate::model::event::Actor;
use crate::rng::Rng;
use crate::secret::{Hash, Secret, same};

/// What every secret begins with, so that a scanner for leaked secrets knows it.
pub const PREFIX: &str = "slk_";
/// Random characters of a secret: 178 bits.
const RANDOM: usize = 30;
/// Characters of the checksum behind them.
const CHECK: usize = 6;
/// What a list shows of a secret: its prefix and so many characters more.
const HINT: usize = 4;
/// Longest name of a key, in characters.
pub const NAME_MAX: usize = 64;
/// Requests a minute, unless asked otherwise.
pub const RATE: u32 = 6_000;
/// How exactly it is known when a key was last used.
pub const USED_WITHIN: Duration = Duration::from_mins(1);
/// How long keys that ended are kept, so that the audit can name them.
pub const ENDED_KEPT: Duration = Duration::from_hours(90 * 24);

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The secret of a key: [`PREFIX`], 30 random characters, 6 that check them.
#[derive(Clone, PartialEq, Eq)]
pub struct KeySecret(Secret);

impl KeySecret {
    /// A new one.
    #[must_use]
    pub fn random(rng: &Rng) -> Self {
        let mut body = String::with_capacity(RANDOM);
        while body.len() < RANDOM {
            // The largest multiple of 62 below 256, so that no character is likelier than another.
            let even = rng.bytes::<32>().into_iter().filter(|byte| *byte < 248).map(digit);
            body.extend(even.take(RANDOM - body.len()));
        }
        let check = checksum(&body);
        Self(Secret::new(format!("{PREFIX}{body}{check}")))
    }

    /// Takes a text of the right form whose checksum fits; nothing otherwise.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(PREFIX)?;
        let fits = rest.len() == RANDOM + CHECK && rest.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let (body, check) = fits.then(|| rest.split_at(RANDOM))?;
        same(&checksum(body), check).then(|| Self(Secret::new(text)))
    }

    /// What is kept of it, and what it is looked up by.
    #[must_use]
    pub fn hash(&self) -> Hash {
        self.0.hash()
    }

    /// Its first characters, by which people tell keys apart.
    #[must_use]
    pub fn hint(&self) -> String {
        self.expose().chars().take(PREFIX.len() + HINT).collect()
    }

    /// The text itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

fn digit(byte: u8) -> char {
    DIGITS.get(usize::from(byte) % DIGITS.len()).copied().map_or('0', char::from)
}

/// It tells a mistyped secret without a look at the file; it protects nothing.
fn checksum(body: &str) -> String {
    Hash::of(body.as_bytes()).0.into_iter().take(CHECK).map(digit).collect()
}

/// A part of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Area {
    /// Accounts and their chats.
    Accounts,
    /// Links.
    Links,
    /// Messages.
    Messages,
    /// Broadcasts.
    Broadcasts,
    /// Events.
    Events,
    /// Webhook endpoints. Who changes one says where events go, and so can read them.
    Webhooks,
    /// All of them together, for what touches everything at once.
    Everything,
}

impl Area {
    /// Each of them, in the order lists show them.
    pub const ALL: [Self; 6] =
        [Self::Accounts, Self::Links, Self::Messages, Self::Broadcasts, Self::Events, Self::Webhooks];

    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Accounts => "accounts",
            Self::Links => "links",
            Self::Messages => "messages",
            Self::Broadcasts => "broadcasts",
            Self::Events => "events",
            Self::Webhooks => "webhooks",
            Self::Everything => "all",
        }
    }
}

/// What is done in a part of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Something is looked at.
    Read,
    /// Something is changed.
    Write,
}

impl Deed {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }

    /// Who may change may look.
    fn bits(self) -> u16 {
        match self {
            Self::Read => 0b01,
            Self::Write => 0b11,
        }
    }
}

/// One right: to read or to write in one part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need(pub Area, pub Deed);

impl Need {
    fn bits(self) -> u16 {
        let Self(area, deed) = self;
        let shift = match area {
            Area::Accounts => 0,
            Area::Links => 2,
            Area::Messages => 4,
            Area::Broadcasts => 6,
            Area::Events => 8,
            Area::Webhooks => 10,
            Area::Everything => return Area::ALL.into_iter().fold(0, |bits, area| bits | Self(area, deed).bits()),
        };
        deed.bits() << shift
    }
}

impl std::fmt::Display for Need {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.0.word(), self.1.word())
    }
}

/// What a key may do: two bits for each part, in the order of [`Area::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Scopes(u16);

/// What is wrong with a list of scopes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// Nothing was chosen.
    #[error("Choose at least one scope, such as \"links\" or \"all\".")]
    Empty,
    /// A word that is no scope.
    #[error(
        "\"{0}\" is not a scope: use accounts, links, messages, broadcasts, events, webhooks or all, each with \":read\" or \":write\" behind it if it should be narrower."
    )]
    Unknown(String),
}

impl Scopes {
    /// Everything.
    pub const ALL: Self = Self(0b1111_1111_1111);

    /// Reads a list separated by commas or white space: `links` and `links:write` are the same, and include reading.
    pub fn parse(text: &str) -> Result<Self, ScopeError> {
        let mut scopes = Self(0);
        for word in text.split(|c: char| c == ',' || c.is_whitespace()).filter(|word| !word.is_empty()) {
            let unknown = || ScopeError::Unknown(word.to_owned());
            let (name, deed) = match word.split_once(':') {
                None | Some((_, "write")) => (word.split(':').next().unwrap_or(word), Deed::Write),
                Some((name, "read")) => (name, Deed::Read),
                Some(_) => return Err(unknown()),
            };
            let areas: Vec<Area> = Area::ALL.into_iter().filter(|area| name == "all" || area.word() == name).collect();
            if areas.is_empty() {
                return Err(unknown());
            }
            for area in areas {
                scopes.0 |= Need(area, deed).bits();
            }
        }
        if scopes.0 == 0 { Err(ScopeError::Empty) } else { Ok(scopes) }
    }

    /// Whether they include a right.
    #[must_use]
    pub fn allow(self, need: Need) -> bool {
        self.0 & need.bits() == need.bits()
    }
}

impl std::fmt::Display for Scopes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let has = |deed| Area::ALL.into_iter().filter(move |area| self.allow(Need(*area, deed)));
        if has(Deed::Write).count() == Area::ALL.len() {
            return f.write_str("all");
        }
        if has(Deed::Read).count() == Area::ALL.len() && has(Deed::Write).count() == 0 {
            return f.write_str("all:read");
        }
        let mut words = Vec::new();
        for area in has(Deed::Read) {
            let writes = self.allow(Need(area, Deed::Write));
            words.push(if writes { area.word().to_owned() } else { format!("{}:read", area.word()) });
        }
        f.write_str(&words.join(", "))
    }
}

/// One key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// What it is for, in people's words.
    pub name: String,
    /// What is kept of its secret.
    pub hash: Hash,
    /// The first characters of its secret.
    pub hint: String,
    /// What it may do.
    pub scopes: Scopes,
    /// Requests it may make in a minute; 0 for as many as it likes.
    pub rate: u32,
    /// Who made it.
    pub created_by: Actor,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends by itself.
    pub expires: Option<Timestamp>,
    /// When it was revoked.
    pub revoked: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub used: Option<Timestamp>,
}

impl ApiKey {
    /// When it ended or will end.
    #[must_use]
    pub fn ends(&self) -> Option<Timestamp> {
        self.revoked.or(self.expires)
    }

    /// Whether it opens the API at `now`.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.ends().is_none_or(|end| now < end)
    }
}

/// Checks the name of a key: 1 to 64 characters, no control characters, trimmed.
pub fn parse_name(text: &str) -> Result<String, NameError> {
    match tidy(text, NAME_MAX) {
        Ok(name) if name.is_empty() => Err(NameError::Empty),
        Ok(name) => Ok(name),
        Err(account::NameError::TooLong(length)) => Err(NameError::TooLong(length)),
        Err(account::NameError::Control) => Err(NameError::Control),
    }
}

/// What is wrong with the name of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing was given.
    #[error("Say what the key is for, such as \"shop\".")]
    Empty,
    /// More than [`NAME_MAX`].
    #[error("The name of a key has at most {NAME_MAX} characters; this one has {0}.")]
    TooLong(usize),
    /// A character that cannot be seen.
    #[error("The name of a key cannot contain control characters.")]
    Control,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_its_form_and_a_mistyped_one_is_told() {
        let secret = KeySecret::random(&Rng::seeded(3));
        let text = secret.expose().to_owned();
        assert_eq!((text.len(), text.starts_with("slk_")), (40, true));
        assert!(KeySecret::parse(&text).is_some_and(|parsed| parsed.hash() == secret.hash()));
        assert_eq!(secret.hint(), text[..8]);
        let other = if text.as_bytes()[10] == b'a' { "b" } else { "a" };
        let mistyped = format!("{}{other}{}", &text[..10], &text[11..]);
        for bad in [mistyped.as_str(), &text[..39], &text[4..], "", "slk_", &format!("{text}a")] {
            assert!(KeySecret::parse(bad).is_none(), "{bad}");
        }
        assert!(KeySecret::random(&Rng::system()) != KeySecret::random(&Rng::system()));
    }

    #[test]
    fn writing_includes_reading_and_nothing_else() {
        let scopes = Scopes::parse("links, events:read messages:write").unwrap();
        assert_eq!(scopes.to_string(), "links, messages, events:read");
        for (area, deed, allowed) in [
            (Area::Links, Deed::Read, true),
            (Area::Links, Deed::Write, true),
            (Area::Messages, Deed::Write, true),
            (Area::Events, Deed::Read, true),
            (Area::Events, Deed::Write, false),
            (Area::Accounts, Deed::Read, false),
        ] {
            assert_eq!(scopes.allow(Need(area, deed)), allowed, "{area:?} {deed:?}");
        }
    }

    #[test]
    fn all_is_a_word_and_what_is_no_scope_is_told() {
        assert_eq!(Scopes::parse("all"), Ok(Scopes::ALL));
        assert_eq!(Scopes::parse("all:read").unwrap().to_string(), "all:read");
        assert_eq!(Scopes::ALL.to_string(), "all");
        assert_eq!(Scopes::parse(" ,"), Err(ScopeError::Empty));
        for bad in ["link", "links:admin", "links:", "Links"] {
            assert_eq!(Scopes::parse(bad), Err(ScopeError::Unknown(bad.to_owned())));
        }
    }
}
