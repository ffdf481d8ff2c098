//! What can go wrong with the data file, in words for people.

use crate::store::codec::Undecodable;

/// The store could not do what it was asked. Nothing of the closure's work is on disk, except after [`StoreError::Disk`]
/// from a commit, which may have become durable: read the state again before going on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The disk or the file system failed.
    #[error("the data file could not be read or written: {0}")]
    Disk(String),
    /// A row is damaged or from a newer program.
    #[error("a row of table {table} cannot be understood; run `startlink check`")]
    Row {
        /// The table.
        table: &'static str,
    },
    /// The store was closed while the work waited.
    #[error("the store is closed")]
    Closed,
    /// The closure panicked; its work was rolled back.
    #[error("an internal fault stopped the work; nothing was changed")]
    Panicked,
}

/// Why a data file could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process holds the file.
    #[error("the data folder is in use by another startlink process")]
    Busy,
    /// The file was written by a newer program.
    #[error("the data file has schema {found}; this program knows schema {known}: use a newer startlink")]
    TooNew {
        /// The file's schema.
        found: u32,
        /// The newest schema this program knows.
        known: u32,
    },
    /// The key does not fit the data.
    #[error("the secret key does not fit this data file: it was sealed with another one")]
    WrongKey,
    /// Anything else, in redb's or the system's words.
    #[error("the data file cannot be opened: {0}")]
    Failed(String),
}

/// An error of a write that knows a storage failure from a refusal.
pub trait Failure: From<StoreError> + Send + 'static {
    /// Whether it came from the store, so that the transaction has to go.
    fn is_storage(&self) -> bool;
}

impl Failure for StoreError {
    fn is_storage(&self) -> bool {
        true
    }
}

impl StoreError {
    /// Whether what the closure worked on may have caused it, rather than the disk: others can go on without it.
    #[must_use]
    pub fn is_culpable(&self) -> bool {
        match self {
            Self::Row { .. } | Self::Panicked => true,
            Self::Disk(_) | Self::Closed => false,
        }
    }

    pub(super) fn row(table: &'static str) -> impl Fn(Undecodable) -> Self {
        move |Undecodable| Self::Row { table }
    }
}

macro_rules! disk {
    ($($path:path),*) => {$(
        impl From<$path> for StoreError {
            fn from(error: $path) -> Self {
                Self::Disk(error.to_string())
            }
        }
    )*};
}
disk!(redb::StorageError, redb::TableError, redb::TransactionError, redb::CommitError);
