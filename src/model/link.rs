//! A link: one issued code, and the life it leads: `open -> used | expired | revoked`, with `held` while a chat is being asked.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ids::{AccountId, AdminId, ChatId};
use crate::model::event::Actor;
use crate::secret::{Hash, Secret};

/// Longest payload of `?start=` (Telegram, Features, "Deep linking").
pub const CODE_MAX: usize = 64;
/// Random bytes in a code of ours.
pub const CODE_BYTES: usize = 16;
/// Characters in a code of ours: 16 bytes in base64url.
pub const CODE_LEN: usize = 22;
/// How long a link stays held while its chat is being asked.
pub const HOLD: Duration = Duration::from_mins(10);
/// How long ended links are kept, so that late comers get the right answer.
pub const KEPT: Duration = Duration::from_hours(90 * 24);

/// The secret in `?start=`: 1 to 64 characters of `A-Za-z0-9_-`.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(Secret);

impl Code {
    /// Takes text of the right form; nothing otherwise.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=CODE_MAX).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        fits.then(|| Self(Secret::new(text)))
    }

    /// A new one of 128 random bits.
    #[must_use]
    pub fn random(rng: &crate::rng::Rng) -> Self {
        Self(Secret::random::<CODE_BYTES>(rng))
    }

    /// Whether it has exactly the form of the codes that are made here, so that a word in a chat is not taken for one.
    #[must_use]
    pub fn has_our_form(&self) -> bool {
        self.0.expose().len() == CODE_LEN
    }

    /// How many tries it takes to find it, as a power of two, when its characters were drawn by chance from the kinds that it
    /// has: digits, small letters, capital letters, `_-`.
    #[must_use]
    pub fn strength(&self) -> f64 {
        let has = |kind: fn(&u8) -> bool| self.0.expose().bytes().any(|byte| kind(&byte));
        let kinds = [
            (has(u8::is_ascii_digit), 10),
            (has(u8::is_ascii_lowercase), 26),
            (has(u8::is_ascii_uppercase), 26),
            (has(u8::is_ascii_punctuation), 2),
        ];
        let characters: u8 = kinds.into_iter().filter(|(has, _)| *has).map(|(_, count)| count).sum();
        self.0.expose().bytes().fold(0.0, |bits, _| bits + f64::from(characters).log2())
    }

    /// What it is looked up by.
    #[must_use]
    pub fn hash(&self) -> Hash {
        self.0.hash()
    }

    /// The text itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// Whose chat a link binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    /// An account of the website.
    Account(AccountId),
    /// An admin's own chat, for test sends and notices.
    Admin(AdminId),
}

/// Why a link was revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Revocation {
    /// A newer code of the same account took its place.
    Superseded,
    /// A person or the website did it.
    Asked,
    /// Its account was deleted.
    AccountDeleted,
}

/// Where a link stands, as stored. Whether an open one has expired is derived: see [`Link::status`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LinkState {
    /// May be claimed until it expires.
    Open,
    /// A chat is being asked; nobody else may claim it before `until`.
    Held {
        /// The chat that was asked.
        chat: ChatId,
        /// When the question lapses.
        until: Timestamp,
    },
    /// A chat claimed it.
    Used {
        /// By which chat.
        chat: ChatId,
        /// When.
        at: Timestamp,
    },
    /// Its time ran out.
    Expired {
        /// When.
        at: Timestamp,
    },
    /// It was taken back.
    Revoked {
        /// When.
        at: Timestamp,
        /// Why.
        why: Revocation,
    },
}

/// Where a link stands at a given moment; what people and programs are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum LinkStatus {
    /// May be claimed.
    Open,
    /// A chat is being asked.
    Held,
    /// Claimed.
    Used,
    /// Out of time.
    Expired,
    /// Taken back.
    Revoked,
}

impl LinkStatus {
    /// All of them, in the order lists show them.
    pub const ALL: [Self; 5] = [Self::Open, Self::Held, Self::Used, Self::Expired, Self::Revoked];

    /// The word for it, in the UI and the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Held => "held",
            Self::Used => "used",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }

    /// The status with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word() == word)
    }

    /// Whether nothing more can happen to it.
    #[must_use]
    pub fn is_ended(self) -> bool {
        matches!(self, Self::Used | Self::Expired | Self::Revoked)
    }
}

/// One issued link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Whose chat it binds.
    pub target: Target,
    /// What its code is looked up by.
    pub hash: Hash,
    /// The code, sealed, while the link may still be claimed; erased when it ends.
    pub sealed_code: Option<Vec<u8>>,
    /// Who asked for it.
    pub issued_by: Actor,
    /// When it was made.
    pub issued: Timestamp,
    /// When it stops being claimable.
    pub expires: Timestamp,
    /// Where it stands, as stored.
    pub state: LinkState,
    /// Where its page leads back to once it is used, if the website said so.
    pub return_url: Option<String>,
    /// What the website keeps with it: a JSON object as text.
    pub metadata: Option<String>,
}

impl Link {
    /// Where it stands at `now`.
    #[must_use]
    pub fn status(&self, now: Timestamp) -> LinkStatus {
        match self.state {
            LinkState::Held { until, .. } if now < until => LinkStatus::Held,
            LinkState::Open | LinkState::Held { .. } if now < self.expires => LinkStatus::Open,
            LinkState::Open | LinkState::Held { .. } | LinkState::Expired { .. } => LinkStatus::Expired,
            LinkState::Used { .. } => LinkStatus::Used,
            LinkState::Revoked { .. } => LinkStatus::Revoked,
        }
    }

    /// The moment at which it lapses if nobody does anything: the later of its expiry and a running question.
    #[must_use]
    pub fn lapses(&self) -> Timestamp {
        match self.state {
            LinkState::Held { until, .. } => until.max(self.expires),
            LinkState::Open | LinkState::Used { .. } | LinkState::Expired { .. } | LinkState::Revoked { .. } => {
                self.expires
            }
        }
    }

    /// When it ended, if it has.
    #[must_use]
    pub fn ended(&self) -> Option<Timestamp> {
        match self.state {
            LinkState::Used { at, .. } | LinkState::Expired { at } | LinkState::Revoked { at, .. } => Some(at),
            LinkState::Open | LinkState::Held { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(state: LinkState) -> Link {
        let target = Target::Account(AccountId(1));
        let hash = Hash([0; 32]);
        Link {
            target,
            hash,
            sealed_code: None,
            issued_by: Actor::System,
            issued: Timestamp(0),
            expires: Timestamp(100),
            state,
            return_url: None,
            metadata: None,
        }
    }

    #[test]
    fn an_open_link_expires_by_the_clock_alone() {
        assert_eq!(link(LinkState::Open).status(Timestamp(99)), LinkStatus::Open);
        assert_eq!(link(LinkState::Open).status(Timestamp(100)), LinkStatus::Expired);
    }

    #[test]
    fn a_held_link_is_open_again_when_the_question_lapses() {
        let held = link(LinkState::Held { chat: ChatId(5), until: Timestamp(50) });
        assert_eq!(held.status(Timestamp(49)), LinkStatus::Held);
        assert_eq!(held.status(Timestamp(50)), LinkStatus::Open);
        assert_eq!(held.status(Timestamp(100)), LinkStatus::Expired);
    }

    #[test]
    fn a_question_asked_in_time_may_be_answered_after_the_expiry() {
        let held = link(LinkState::Held { chat: ChatId(5), until: Timestamp(150) });
        assert_eq!(held.status(Timestamp(120)), LinkStatus::Held);
        assert_eq!(held.lapses(), Timestamp(150));
    }

    #[test]
    fn only_telegrams_alphabet_makes_a_code() {
        assert!(Code::parse("abc-DEF_123").is_some());
        for bad in ["", "a b", "ä", "a=", &"x".repeat(65)] {
            assert!(Code::parse(bad).is_none(), "{bad}");
        }
        assert!(Code::random(&crate::rng::Rng::seeded(1)).has_our_form());
    }
}
