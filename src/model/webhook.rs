//! Webhook endpoints of the website: where events go, which ones, how they are signed, and what became of each attempt.

mod secret;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

use crate::clock::Timestamp;
use crate::ids::EventId;
use crate::model::event::{Actor, NAMES};

pub use secret::{KEY_BYTES, PREFIX, SigningSecret};

/// The name of the event that a person sends to try an endpoint.
pub const TEST: &str = "webhook.test";
/// Most endpoints.
pub const ENDPOINTS_MAX: usize = 20;
/// Longest name of an endpoint, in characters.
pub const NAME_MAX: usize = 64;
/// Longest address, in bytes.
pub const URL_MAX: usize = 2_000;
/// How long the secret before a rotation signs along.
pub const OVERLAP: Duration = Duration::from_hours(24);
/// How long one event is tried, and how long an endpoint may fail without one success.
pub const TRIED: Duration = Duration::from_hours(24);
/// How long the backlog of an endpoint that was switched off is kept.
pub const BACKLOG_KEPT: Duration = Duration::from_hours(3 * 24);
/// How long attempts are kept.
pub const ATTEMPTS_KEPT: Duration = Duration::from_hours(7 * 24);
/// Most attempts that are kept of an endpoint.
pub const ATTEMPTS_MAX: u64 = 500;
/// What an endpoint may still have to get: events younger than this stay in the log.
pub const EVENTS_NEEDED: Duration = Duration::from_hours(5 * 24);

/// One endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// What it is for, in people's words.
    pub name: String,
    /// Where events go, as the URL parser writes it.
    pub url: String,
    /// Which events.
    pub events: Chosen,
    /// Whether anything is sent.
    pub state: State,
    /// The secret that signs, sealed.
    pub secret_sealed: Vec<u8>,
    /// The secret before it, sealed, and until when it signs along.
    pub previous: Option<(Vec<u8>, Timestamp)>,
    /// A random number that keeps the names of its messages apart from those of other endpoints and other instances.
    pub mark: u64,
    /// When it was made.
    pub created: Timestamp,
    /// Who made it.
    pub created_by: Actor,
}

impl Endpoint {
    /// What its secrets are sealed for.
    pub const PURPOSE: &str = "webhook.secret";

    /// Whether events are sent.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.state == State::Active
    }

    /// Until when what could not be delivered is kept; nothing while it is active.
    #[must_use]
    pub fn backlog_until(&self) -> Option<Timestamp> {
        match &self.state {
            State::Active => None,
            State::Off { at, .. } => Some(at.plus(BACKLOG_KEPT)),
        }
    }
}

/// Which events an endpoint gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Chosen {
    /// All, also those that a later version brings.
    All,
    /// Those with these names.
    Only(Vec<String>),
}

/// What is wrong with a choice of events.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChosenError {
    /// None.
    #[error("Choose at least one event.")]
    Empty,
    /// A word that is no event.
    #[error("\"{0}\" is not an event. Events are {names}.", names = NAMES.join(", "))]
    Unknown(String),
}

impl Chosen {
    /// The events with these names, each once, in the order in which they are known; without a list all of them.
    pub fn parse(names: Option<&[String]>) -> Result<Self, ChosenError> {
        let Some(names) = names else { return Ok(Self::All) };
        if let Some(unknown) = names.iter().find(|name| !NAMES.contains(&name.as_str())) {
            return Err(ChosenError::Unknown(unknown.clone()));
        }
        let known = NAMES.iter().filter(|known| names.iter().any(|name| name == *known));
        let chosen: Vec<String> = known.map(|name| (*name).to_owned()).collect();
        if chosen.is_empty() { Err(ChosenError::Empty) } else { Ok(Self::Only(chosen)) }
    }

    /// Whether the event with this name is among them.
    #[must_use]
    pub fn holds(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.iter().any(|chosen| chosen == name),
        }
    }
}

/// Whether anything is sent to an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// Events are sent.
    Active,
    /// Nothing is sent.
    Off {
        /// Since when.
        at: Timestamp,
        /// Why.
        why: Why,
    },
}

/// Why an endpoint is switched off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Why {
    /// A person or the website did it.
    Asked(Actor),
    /// Every attempt had failed for a day.
    Failing {
        /// Since when.
        since: Timestamp,
        /// What came of the last one.
        last: Outcome,
    },
    /// It answered 410: it does not want any more.
    Gone,
}

impl State {
    /// The word for it.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Off { why: Why::Asked(_), .. } => "off",
            Self::Off { why: Why::Failing { .. }, .. } => "failed",
            Self::Off { why: Why::Gone, .. } => "gone",
        }
    }
}

/// How far an endpoint is. Apart from the endpoint, because it changes with every delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Everything up to this event was delivered, is not for it, or has a row of its own.
    pub cursor: EventId,
    /// Rows of events that are tried again or wait behind one that is.
    pub waiting: u64,
    /// Since when every attempt failed.
    pub failing: Option<Timestamp>,
    /// When an event was last delivered.
    pub delivered: Option<Timestamp>,
}

/// An event that is tried again, or waits behind one of the same account that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// When this row was written.
    pub queued: Timestamp,
    /// When it may be tried next.
    pub due: Timestamp,
    /// When it was tried first, or a person asked for it again.
    pub since: Option<Timestamp>,
    /// How often it was tried.
    pub tries: u32,
    /// It stands in no log: a person tries the endpoint. It is tried once.
    pub is_test: bool,
}

impl Waiting {
    /// An event that was not tried yet.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self { queued: now, due: now, since: None, tries: 0, is_test: false }
    }

    /// One that a person asks for again: its day begins anew.
    #[must_use]
    pub fn again(now: Timestamp) -> Self {
        Self { since: Some(now), ..Self::new(now) }
    }

    /// Whether a person asked for it after `then`, and it was not tried since.
    #[must_use]
    pub fn is_asked_after(&self, then: Timestamp) -> bool {
        self.tries == 0 && self.since.is_some_and(|since| since > then)
    }

    /// The same, tried as soon as possible.
    #[must_use]
    pub fn hastened(self, now: Timestamp) -> Self {
        Self { due: self.due.min(now), ..self }
    }

    /// The same, as if it had never been tried.
    #[must_use]
    pub fn afresh(self, now: Timestamp) -> Self {
        Self { since: None, tries: 0, ..self.hastened(now) }
    }
}

/// One attempt to deliver an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When it ended.
    pub at: Timestamp,
    /// Which event.
    pub event: EventId,
    /// Whether a person tried the endpoint.
    pub is_test: bool,
    /// Which attempt of this event it was.
    pub number: u32,
    /// What came of it.
    pub outcome: Outcome,
    /// The status that was answered.
    pub status: Option<u16>,
    /// How long it took, in milliseconds.
    pub took_ms: u32,
}

/// What came of an attempt. What was answered is never kept: a class and the status are enough to find the fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// The endpoint took it (2xx).
    Delivered,
    /// The endpoint answered something else.
    Refused,
    /// The endpoint answered with another address (3xx), which is not followed.
    Redirected,
    /// The endpoint wants no more (410).
    Gone,
    /// The host's name could not be resolved.
    NoAddress,
    /// The address may not be used: it is not public, or not encrypted.
    NotAllowed,
    /// No connection came about.
    NoConnection,
    /// The certificate does not fit, or the encryption failed.
    Tls,
    /// It took too long.
    TimedOut,
    /// The connection broke before the answer was whole.
    Broken,
    /// It was tried for a day, or is no longer kept: it is not tried again.
    GivenUp,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Delivered,
        Self::Refused,
        Self::Redirected,
        Self::Gone,
        Self::NoAddress,
        Self::NotAllowed,
        Self::NoConnection,
        Self::Tls,
        Self::TimedOut,
        Self::Broken,
        Self::GivenUp,
    ];

    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Refused => "refused",
            Self::Redirected => "redirected",
            Self::Gone => "gone",
            Self::NoAddress => "no_address",
            Self::NotAllowed => "not_allowed",
            Self::NoConnection => "no_connection",
            Self::Tls => "tls",
            Self::TimedOut => "timed_out",
            Self::Broken => "broken",
            Self::GivenUp => "given_up",
        }
    }

    /// What happened, as part of a sentence: "the last time, {}".
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Delivered => "it was delivered",
            Self::Refused => "it did not answer with 2xx",
            Self::Redirected => "it answered with another address, which is never followed",
            Self::Gone => "it answered 410, which means that it wants no more",
            Self::NoAddress => "the name of its host could not be resolved",
            Self::NotAllowed => "its address is not public, and the configuration does not allow it",
            Self::NoConnection => "no connection came about",
            Self::Tls => "its certificate does not fit or the encryption failed",
            Self::TimedOut => "it did not answer in time",
            Self::Broken => "the connection broke before it had answered",
            Self::GivenUp => "it was tried for a day and given up",
        }
    }
}

/// The pause after so many attempts; the last one again and again. The caller adds some chance.
#[must_use]
pub fn pause(tries: u32) -> Duration {
    match tries {
        0 | 1 => Duration::from_secs(5),
        2 => Duration::from_secs(30),
        3 => Duration::from_mins(2),
        4 => Duration::from_mins(10),
        5 => Duration::from_mins(30),
        6 => Duration::from_hours(1),
        _ => Duration::from_hours(2),
    }
}

/// Checks the name of an endpoint: at most 64 characters, no control characters, trimmed; it may be empty.
pub fn parse_name(text: &str) -> Result<String, NameError> {
    let name: String = text.trim().nfc().collect();
    let length = name.chars().count();
    if length > NAME_MAX {
        Err(NameError::TooLong(length))
    } else if name.chars().any(char::is_control) {
        Err(NameError::Control)
    } else {
        Ok(name)
    }
}

/// What is wrong with the name of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// More than [`NAME_MAX`].
    #[error("The name of an endpoint has at most {NAME_MAX} characters; this one has {0}.")]
    TooLong(usize),
    /// A character that cannot be seen.
    #[error("The name of an endpoint cannot contain control characters.")]
    Control,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_chosen_by_name_each_once_and_in_order() {
        let chosen = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            Chosen::parse(Some(&names))
        };
        let two = chosen(&["chat.linked", "link.used", "chat.linked"]).unwrap();
        assert_eq!(two, Chosen::Only(vec!["link.used".into(), "chat.linked".into()]));
        assert!(two.holds("link.used") && !two.holds("link.created"));
        assert!(Chosen::parse(None).unwrap().holds("link.created"));
        assert_eq!(chosen(&[]), Err(ChosenError::Empty));
        let unknown = chosen(&["link.use"]).unwrap_err().to_string();
        assert!(unknown.contains("\"link.use\"") && unknown.contains("link.used"), "{unknown}");
    }

    #[test]
    fn pauses_grow_and_a_day_holds_a_good_dozen_attempts() {
        assert!((0..20).map(pause).is_sorted());
        let (mut at, mut tries) = (Duration::ZERO, 0);
        while at < TRIED {
            tries += 1;
            at += pause(tries);
        }
        assert!((12..=24).contains(&tries), "{tries}");
    }

    #[test]
    fn what_an_endpoint_may_still_get_stays_in_the_log() {
        assert!(EVENTS_NEEDED > TRIED + BACKLOG_KEPT);
    }
}
