//! Admins: who signs in to the admin UI, their sessions, and the rules for their names and passwords' lengths.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ids::{AdminId, SessionId};
use crate::secret::Hash;

/// Idle time after which a session ends (OWASP ASVS 5.0, V7.3).
pub const SESSION_IDLE: Duration = Duration::from_mins(30);
/// How often the use of a session is written down at most.
pub const SEEN_EVERY: Duration = Duration::from_mins(1);
/// Age at which a session ends.
pub const SESSION_LIFE: Duration = Duration::from_hours(12);
/// How long a step-up lasts.
pub const STEP_UP: Duration = Duration::from_mins(10);
/// How long the password's half of a sign-in waits for the second factor.
pub const HALF_LIFE: Duration = Duration::from_mins(10);
/// How long a set-up link is good.
pub const SETUP_LIFE: Duration = Duration::from_hours(1);
/// How long an invitation of an admin is good.
pub const INVITE_LIFE: Duration = Duration::from_hours(24);
/// How long a browser counts as known after a full sign-in.
pub const DEVICE_LIFE: Duration = Duration::from_hours(90 * 24);

/// An admin's name: 1 to 64 characters without control characters, compared without regard to case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AdminName(String);

/// What is wrong with an admin's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("A name has 1 to 64 characters, without spaces at its ends and without control characters.")]
pub struct AdminNameError;

impl AdminName {
    /// Checks the rules.
    pub fn parse(text: &str) -> Result<Self, AdminNameError> {
        let fits =
            (1..=64).contains(&text.chars().count()) && !text.chars().any(char::is_control) && text.trim() == text;
        if fits { Ok(Self(text.to_owned())) } else { Err(AdminNameError) }
    }

    /// The name as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What names are compared by.
    #[must_use]
    pub fn folded(&self) -> String {
        self.0.to_lowercase()
    }
}

impl std::fmt::Display for AdminName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// What an admin may do; each role may do what the next one may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Role {
    /// Sees.
    Viewer,
    /// Sends messages and broadcasts.
    Sender,
    /// Manages accounts, links and the bot's texts.
    Operator,
    /// Everything: the bot, admins, keys.
    Owner,
}

impl Role {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Sender => "sender",
            Self::Operator => "operator",
            Self::Owner => "owner",
        }
    }
}

/// A person who signs in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Admin {
    /// The name they sign in with.
    pub name: AdminName,
    /// What they may do.
    pub role: Role,
    /// The password's hash in PHC form, parameters included; empty, and so never right, until an invitation is taken up.
    pub password: String,
    /// The second factor's secret, sealed; `None` until one is enrolled (after a reset by command).
    pub totp_sealed: Option<Vec<u8>>,
    /// The newest time step that was accepted; a step is accepted once (RFC 6238, section 5.2).
    pub totp_step: u64,
    /// Hashes of the recovery codes that are left.
    pub recovery: Vec<Hash>,
    /// Grows with every change of a credential; sessions of an older epoch are over.
    pub epoch: u32,
    /// When it was made.
    pub created: Timestamp,
}

/// How far a session has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// The password was right; the second factor is missing.
    Password,
    /// The second factor has to be enrolled before anything else.
    Enrol,
    /// Signed in.
    Full,
}

/// A session, stored under the hash of the cookie's secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its number in lists.
    pub id: SessionId,
    /// Whose.
    pub admin: AdminId,
    /// How far it has come.
    pub stage: Stage,
    /// The admin's epoch when it began.
    pub epoch: u32,
    /// When it began.
    pub created: Timestamp,
    /// When it was last used; written at most once a minute.
    pub seen: Timestamp,
    /// Until when sensitive actions need no new proof.
    pub stepped_up: Option<Timestamp>,
    /// The token its forms carry.
    pub csrf: String,
    /// From which address it was begun, as text.
    pub address: String,
    /// With which browser it was begun, shortened.
    pub agent: String,
}

impl Session {
    /// Whether it is over at `now`.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        let life = match self.stage {
            Stage::Full => SESSION_LIFE,
            Stage::Password | Stage::Enrol => HALF_LIFE,
        };
        now.since(self.created) >= life || now.since(self.seen) >= SESSION_IDLE
    }
}

/// A browser that signed in fully before, stored under the hash of its cookie's secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Whose.
    pub admin: AdminId,
    /// When it was last used to sign in.
    pub seen: Timestamp,
}

/// Failed tries in one throttling bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// Failures since the bucket was last empty.
    pub failures: u32,
    /// The newest failure.
    pub last: Timestamp,
}

/// The one-time link to the set-up, as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetupTicket {
    /// The token's hash.
    pub hash: Hash,
    /// When it stops working.
    pub expires: Timestamp,
}

/// What the set-up has gathered before the first admin exists; sealed values where they are secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetupDraft {
    /// The hash of the browser's set-up cookie.
    pub browser: Hash,
    /// When the draft lapses.
    pub expires: Timestamp,
    /// The base URL that was confirmed.
    pub base_url: Option<String>,
    /// Name and password hash.
    pub admin: Option<(AdminName, String)>,
    /// The second factor's secret, sealed.
    pub totp_sealed: Option<Vec<u8>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_end_by_idleness_and_by_age() {
        let mut session = Session {
            id: SessionId(1),
            admin: AdminId(1),
            stage: Stage::Full,
            epoch: 0,
            created: Timestamp(0),
            seen: Timestamp(0),
            stepped_up: None,
            csrf: String::new(),
            address: String::new(),
            agent: String::new(),
        };
        assert!(!session.is_over(Timestamp(0).plus(SESSION_IDLE).minus(Duration::from_millis(1))));
        assert!(session.is_over(Timestamp(0).plus(SESSION_IDLE)));
        session.seen = Timestamp(0).plus(SESSION_LIFE).minus(Duration::from_mins(1));
        assert!(session.is_over(Timestamp(0).plus(SESSION_LIFE)));
        session.stage = Stage::Password;
        session.seen = Timestamp(0).plus(HALF_LIFE);
        assert!(session.is_over(Timestamp(0).plus(HALF_LIFE)));
    }

    #[test]
    fn admin_names_are_compared_without_case() {
        assert_eq!(AdminName::parse("Ada").map(|n| n.folded()), Ok("ada".into()));
        assert_eq!(AdminName::parse(""), Err(AdminNameError));
        assert_eq!(AdminName::parse("a\n"), Err(AdminNameError));
    }
}
