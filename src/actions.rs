//! Every change anyone can ask for: validated, authorised, audited, one transaction each. The UI, the bot, the commands
//! and the API call the same functions, which take the transaction; none of them waits for a network.

pub mod accounts;
pub mod bots;
pub mod broadcasts;
pub mod chats;
pub mod claims;
pub mod connect;
pub mod documents;
pub mod keys;
pub mod links;
pub mod messages;
pub mod moving;
pub mod news;
pub mod password;
pub mod pictures;
pub mod portal;
pub mod proof;
pub mod questions;
pub mod repeats;
pub mod security;
pub mod session;
pub mod settings;
pub mod setup;
pub mod signin;
pub mod sweep;
pub mod talks;
pub mod throttle;
pub mod totp;
pub mod webhooks;
pub mod who;
pub mod wishes;

mod error;
mod events;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod walk;

pub use error::{Error, Kind, Refusal};

use crate::model::admin::Role;
use crate::model::event::Actor;

/// Who asks, and what they may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Who, for the audit.
    pub actor: Actor,
    /// What they may do.
    pub role: Role,
}

impl Caller {
    /// startlink itself, or a person in a chat: what they may do is decided by the code that calls.
    #[must_use]
    pub fn internal(actor: Actor) -> Self {
        Self { actor, role: Role::Owner }
    }

    /// Refuses callers below `role`.
    pub fn needs(&self, role: Role) -> Result<(), Error> {
        if self.role >= role {
            Ok(())
        } else {
            Err(Refusal::forbidden(format!(
                "This needs the role \"{}\"; yours is \"{}\".",
                role.word(),
                self.role.word()
            ))
            .into())
        }
    }
}
