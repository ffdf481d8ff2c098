//! The person of an account as the portal knows them: what they sign in with, once an admin let them in.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::model::account::Username;
use crate::model::admin::SetupTicket;
use crate::model::session::Credentials;

/// How long an invitation to the portal is good.
pub const INVITE_LIFE: Duration = Duration::from_hours(7 * 24);

/// Someone who may come into the portal. Their name is the account's, whatever it is called today.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// What they prove themselves with; the second factor is theirs to choose.
    pub credentials: Credentials,
    /// The one-time invitation that is open.
    pub invitation: Option<SetupTicket>,
    /// When they were let in first.
    pub created: Timestamp,
}

impl Member {
    /// Someone who was let in now and has neither password nor invitation yet.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self { credentials: Credentials::default(), invitation: None, created: now }
    }

    /// Whether there is a password to sign in with.
    #[must_use]
    pub fn has_password(&self) -> bool {
        !self.credentials.password.is_empty()
    }
}

/// Such a person with the name they sign in with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The account's username.
    pub username: Username,
    /// Their row.
    pub member: Member,
}
