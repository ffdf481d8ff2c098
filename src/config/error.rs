//! What can be wrong with the settings, in sentences that name the variable, flag or line.

use std::fmt;
use std::net::SocketAddr;

use super::key::Key;
use super::setting::Source;

/// Why a value is refused: a sentence about what is allowed. Never repeats a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(pub(super) String);

impl Invalid {
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

/// One mistake.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// No setting has this name.
    #[error("{name} is not a setting of startlink{}", suggestion(.nearest.as_deref()))]
    Unknown {
        /// The variable, or the place and key in the file.
        name: String,
        /// A known name that is near.
        nearest: Option<String>,
    },
    /// The name is reserved for a later version.
    #[error("{name} is not available in this version of startlink; remove it")]
    Later {
        /// The variable, or the place and key in the file.
        name: String,
    },
    /// A value and a file with the value are both given.
    #[error("{} and {} are both set; keep one of them", .0.variable(), .0.file_variable())]
    Both(Key),
    /// The value is not UTF-8.
    #[error("{name} is not valid UTF-8")]
    NotText {
        /// The variable.
        name: String,
    },
    /// A file that a setting names cannot be read.
    #[error("{name}: cannot read {path}: {error}")]
    Unreadable {
        /// The variable or flag that names the file.
        name: String,
        /// The file.
        path: String,
        /// The operating system's reason.
        error: std::io::Error,
    },
    /// The configuration file is not TOML, or a value in it has the wrong type.
    #[error("{place}: {reason}")]
    Syntax {
        /// The file and the line.
        place: String,
        /// What is wrong.
        reason: String,
    },
    /// The value is not allowed.
    #[error("{origin}: {invalid}")]
    Invalid {
        /// The variable, the flag, or the place and key in the file.
        origin: String,
        /// What is allowed.
        invalid: Invalid,
    },
    /// Plain http would be open to the network.
    #[error(
        "listen (set by {set_by}): {listen} is reachable from other machines, and without TLS everyone on the way could read \
         passwords. Listen on 127.0.0.1, or put a proxy that speaks https in front and name its network in \
         STARTLINK_TRUSTED_PROXIES, or say --insecure-http if that is really meant"
    )]
    PublicBind {
        /// The address.
        listen: SocketAddr,
        /// Where the address comes from.
        set_by: Source,
    },
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map(|name| format!("; did you mean {name}?")).unwrap_or_default()
}

/// Every mistake that was found, one a line.
#[derive(Debug)]
pub struct ConfigErrors(pub Vec<ConfigError>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, error) in self.0.iter().enumerate() {
            write!(f, "{}{error}", if at == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}
