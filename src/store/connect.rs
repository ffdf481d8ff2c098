//! The secrets with which the website signs addresses, sealed.

use crate::model::connect::Secrets;
use crate::secret::Secret;
use crate::store::error::StoreError;
use crate::store::meta;
use crate::store::tx::{Read, Tx};

/// What they are sealed for.
const PURPOSE: &str = "connect.secret";

/// The secrets, once there are any.
pub fn get(read: &impl Read) -> Result<Option<Secrets>, StoreError> {
    meta::record(read, "connect")
}

/// Replaces them; `None` ends them.
pub fn put(tx: &mut Tx<'_>, secrets: Option<&Secrets>) -> Result<(), StoreError> {
    meta::put_or_remove(tx, "connect", secrets)
}

/// Seals one of them.
#[must_use]
pub fn seal(read: &impl Read, secret: &Secret) -> Vec<u8> {
    read.sealer().seal(PURPOSE, secret.expose().as_bytes())
}

/// Opens one of them.
pub fn open(read: &impl Read, sealed: &[u8]) -> Result<Secret, StoreError> {
    read.sealer().open_text(PURPOSE, sealed).map_err(|_| StoreError::Row { table: "META" })
}
