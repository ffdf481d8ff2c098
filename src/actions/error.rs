//! Refusals: why something that was asked is not done, in words for people, with the field they have to look at.

use std::time::Duration;

use crate::store::{Failure, StoreError};

/// The kind of a refusal; each surface maps it to its own status once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A field is wrong (422).
    Invalid,
    /// There is no such thing, or not for this caller (404).
    NotFound,
    /// It does not fit what is there (409).
    Conflict,
    /// The caller may not (403).
    Forbidden,
    /// The caller has to prove again who they are (401).
    Unproven,
    /// Too many tries (429).
    TooMany {
        /// When to try again.
        wait: Duration,
    },
}

/// Why something is not done. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{sentence}")]
pub struct Refusal {
    /// The kind.
    pub kind: Kind,
    /// The field it is about, as forms and the API name it.
    pub field: Option<&'static str>,
    /// A sentence that says what is wrong and what to do.
    pub sentence: String,
}

impl Refusal {
    /// A field is wrong.
    pub fn invalid(field: &'static str, sentence: impl std::fmt::Display) -> Self {
        Self { kind: Kind::Invalid, field: Some(field), sentence: sentence.to_string() }
    }

    /// There is no such thing.
    pub fn not_found(sentence: impl std::fmt::Display) -> Self {
        Self { kind: Kind::NotFound, field: None, sentence: sentence.to_string() }
    }

    /// It does not fit what is there.
    pub fn conflict(field: Option<&'static str>, sentence: impl std::fmt::Display) -> Self {
        Self { kind: Kind::Conflict, field, sentence: sentence.to_string() }
    }

    /// The caller may not.
    pub fn forbidden(sentence: impl std::fmt::Display) -> Self {
        Self { kind: Kind::Forbidden, field: None, sentence: sentence.to_string() }
    }

    /// The caller has to prove again who they are.
    pub fn unproven(field: Option<&'static str>, sentence: impl std::fmt::Display) -> Self {
        Self { kind: Kind::Unproven, field, sentence: sentence.to_string() }
    }

    /// Too many tries.
    pub fn too_many(wait: Duration, sentence: impl std::fmt::Display) -> Self {
        Self { kind: Kind::TooMany { wait }, field: None, sentence: sentence.to_string() }
    }
}

/// An action's error.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It is not done, for a reason the caller can understand.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Error {
    /// Whether what was worked on may have caused it, rather than the disk or a rule.
    #[must_use]
    pub fn is_culpable(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_culpable())
    }
}

impl Failure for Error {
    fn is_storage(&self) -> bool {
        matches!(self, Self::Store(_))
    }
}
