//! Admins: who signs in to the admin UI, and the rules for their names.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::model::session::Credentials;
use crate::secret::Hash;

/// How long a set-up link is good.
pub const SETUP_LIFE: Duration = Duration::from_hours(1);
/// How long an invitation of an admin is good.
pub const INVITE_LIFE: Duration = Duration::from_hours(24);

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
    /// What they prove themselves with. Without a password until an invitation is taken up, without a second factor until one is
    /// enrolled (after a reset by command).
    pub credentials: Credentials,
    /// When it was made.
    pub created: Timestamp,
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
    fn admin_names_are_compared_without_case() {
        assert_eq!(AdminName::parse("Ada").map(|n| n.folded()), Ok("ada".into()));
        assert_eq!(AdminName::parse(""), Err(AdminNameError));
        assert_eq!(AdminName::parse("a\n"), Err(AdminNameError));
    }
}
