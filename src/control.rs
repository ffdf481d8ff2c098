//! Commands to a running server: a socket in the data folder, one line of JSON each way. It carries requests and
//! answers and does not know what they do; whoever may open the socket (mode 0600) may ask for everything.

mod client;
mod server;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::model::admin::Role;
use crate::model::moving::{Report, Sheet};
use crate::secret::Secret;

pub use client::{ControlError, call, follow};
pub use server::{BindError, Handler, Listener};

/// The longest line that is read from the other side, in bytes: lists that are brought, with what JSON adds to them.
const LONGEST_LINE: u64 = 256 * 1024 * 1024;

/// Where the socket of a data folder is.
#[must_use]
pub fn socket_path(data_dir: &Path) -> PathBuf {
    data_dir.join("control.sock")
}

/// What a command asks for. Names are checked by the action that carries it out.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Request {
    /// A new one-time link to the set-up; the older one ends.
    SetupLink,
    /// A new admin; the answer is the link with which they choose a password and a second factor.
    AdminAdd {
        /// The name to sign in with.
        name: String,
        /// What they may do.
        role: Role,
    },
    /// Another password for an admin; their sessions end.
    AdminPasswd {
        /// Whose.
        name: String,
        /// The new password.
        #[serde(with = "exposed")]
        password: Secret,
    },
    /// Takes an admin's second factor away; the answer is the link with which they set up a new one.
    AdminResetSecondFactor {
        /// Whose.
        name: String,
    },
    /// Ends sessions.
    AdminLogoutAll {
        /// Whose; everybody's without a name.
        name: Option<String>,
    },
    /// Every admin.
    AdminList,
    /// Verifies every row, index and count of the data file.
    Check,
    /// A new link for an account; the older open ones are revoked.
    Link {
        /// The account.
        username: String,
    },
    /// A message to an account.
    Send {
        /// The account.
        username: String,
        /// The text, in Telegram's HTML.
        text: String,
    },
    /// A new key of the HTTP API.
    KeyCreate {
        /// What it is for.
        name: String,
        /// What it may do.
        scopes: String,
        /// Requests a minute; 0 for as many as it likes.
        rate: u32,
        /// Days until it ends; without an end when nothing is given.
        days: Option<u32>,
    },
    /// Every key.
    KeyList,
    /// Ends a key.
    KeyRevoke {
        /// Which, by its name.
        name: String,
    },
    /// Brings in accounts, codes and chats.
    Import {
        /// The lists, as CSV.
        lists: BTreeMap<Sheet, String>,
        /// Whether it is carried out; otherwise the answer says what would happen.
        apply: bool,
        /// Whether every line is told, and not only those with something to tell.
        every: bool,
    },
    /// Everything, as JSON lines.
    Export,
}

/// What came of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum Response {
    /// It is done.
    Done {
        /// What there is to show.
        reply: Reply,
    },
    /// What was asked for follows line by line, until the connection closes.
    Follows,
    /// It is not done, and nothing was changed.
    Refused {
        /// A sentence that says why and what to do.
        reason: String,
    },
}

impl Response {
    /// A request that was carried out.
    #[must_use]
    pub fn done(reply: Reply) -> Self {
        Self::Done { reply }
    }

    /// A request that was refused.
    #[must_use]
    pub fn refused(reason: impl Into<String>) -> Self {
        Self::Refused { reason: reason.into() }
    }
}

/// Text that comes piece by piece, each of whole lines.
pub type Pieces = async_channel::Receiver<String>;

/// What a request is answered with.
#[derive(Debug)]
pub enum Answer {
    /// One line.
    Said(Response),
    /// [`Response::Follows`], and then these.
    Follows(Pieces),
}

impl From<Response> for Answer {
    fn from(response: Response) -> Self {
        Self::Said(response)
    }
}

/// What a command shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Reply {
    /// A sentence.
    Text {
        /// The sentence.
        text: String,
    },
    /// A one-time link for a person.
    OneTimeLink {
        /// What it is for, as the beginning of a sentence.
        purpose: String,
        /// The link.
        url: String,
        /// When it ends.
        expires_at: Timestamp,
    },
    /// Every admin.
    Admins {
        /// In the order of their names.
        admins: Vec<AdminLine>,
    },
    /// What the check found.
    Checked {
        /// How many rows were looked at.
        rows: u64,
        /// What is wrong, a sentence each; empty when all is well.
        problems: Vec<String>,
    },
    /// A link that connects an account to a chat.
    Link {
        /// The account.
        username: String,
        /// The `https://t.me/...` form.
        url: String,
        /// The page that shows the link with its QR code; absent without a base URL.
        page: Option<String>,
        /// What can be sent to the bot instead: `/start CODE`.
        command: String,
        /// When the link ends.
        expires_at: Timestamp,
    },
    /// A message was taken over for delivery.
    Queued {
        /// To how many chats.
        chats: u64,
    },
    /// A key, with the secret that is shown once.
    Key {
        /// The key.
        line: KeyLine,
        /// Its secret.
        secret: String,
    },
    /// Every key.
    Keys {
        /// The oldest first.
        keys: Vec<KeyLine>,
    },
    /// What became, or would become, of lists that were brought.
    Imported {
        /// List by list and line by line.
        report: Report,
    },
}

/// A key in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyLine {
    /// What it is for.
    pub name: String,
    /// The first characters of its secret.
    pub hint: String,
    /// What it may do.
    pub scopes: String,
    /// When it ends or ended.
    pub ends: Option<Timestamp>,
    /// Whether it opens the API.
    pub live: bool,
    /// The last use, to the minute.
    pub used: Option<Timestamp>,
}

/// An admin in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminLine {
    /// The name to sign in with.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// How many sessions are open.
    pub sessions: u64,
    /// The last full sign-in.
    pub last_sign_in: Option<Timestamp>,
}

/// A secret on the socket, which only its owner can open.
mod exposed {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::secret::Secret;

    pub(super) fn serialize<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
        secret.expose().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
        String::deserialize(deserializer).map(Secret::new)
    }
}

#[cfg(test)]
mod tests;
