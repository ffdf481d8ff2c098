//! Signing in, whoever does it: what people prove themselves with, their sessions, the browsers they are known by, and the
//! counts of failed tries. `I` is the number of whose it is: an admin's, or an account's in the portal.

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
/// How long a browser counts as known after a full sign-in.
pub const DEVICE_LIFE: Duration = Duration::from_hours(90 * 24);

/// What a person proves themselves with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// The password's hash in PHC form, parameters included; empty, and so never right, until one is chosen.
    pub password: String,
    /// The second factor's secret, sealed; `None` until one is enrolled.
    pub totp_sealed: Option<Vec<u8>>,
    /// The newest time step that was accepted; a step is accepted once (RFC 6238, section 5.2).
    pub totp_step: u64,
    /// Hashes of the recovery codes that are left.
    pub recovery: Vec<Hash>,
    /// Grows with every change of a credential; sessions of an older epoch are over.
    pub epoch: u32,
}

impl Credentials {
    /// A password and nothing else yet.
    #[must_use]
    pub fn with_password(hash: impl Into<String>) -> Self {
        Self { password: hash.into(), ..Self::default() }
    }

    /// Takes the second factor and the recovery codes away.
    pub fn forget_factor(&mut self) {
        (self.totp_sealed, self.totp_step, self.recovery) = (None, 0, Vec::new());
    }
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
pub struct Session<I = AdminId> {
    /// Its number in lists.
    pub id: SessionId,
    /// Whose.
    pub whose: I,
    /// How far it has come.
    pub stage: Stage,
    /// The epoch of its person's credentials when it began.
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

impl<I> Session<I> {
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
pub struct Device<I = AdminId> {
    /// Whose.
    pub whose: I,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_end_by_idleness_and_by_age() {
        let mut session = Session {
            id: SessionId(1),
            whose: AdminId(1),
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
}
