//! What a broadcast is, in a few letters: who read it and says "start" names them, so that what starts is what was read.

use std::fmt;

use crate::ids::BroadcastId;
use crate::model::broadcast::Broadcast;
use crate::secret::Hash;
use crate::store::{self, Read, StoreError};

/// Bytes of the digest that are named.
const BYTES: usize = 10;

/// Content, audience, rate and fare of a broadcast at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Revision([u8; BYTES]);

impl Revision {
    /// Reads what [`Display`](fmt::Display) writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 2 * BYTES || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let mut bytes = [0; BYTES];
        for (place, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(2 * place..2 * place + 2)?, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| f.write_fmt(format_args!("{byte:02x}")))
    }
}

/// The revision of a broadcast as it stands here.
pub fn revision(read: &impl Read, id: BroadcastId, row: &Broadcast) -> Result<Revision, StoreError> {
    let body = store::broadcasts::body(read, id)?;
    let whole = serde_json::to_vec(&(body, &row.audience, row.rate, row.paid));
    let Hash(digest) = Hash::of(&whole.map_err(|_| StoreError::Row { table: "BROADCASTS" })?);
    let mut bytes = [0; BYTES];
    bytes.iter_mut().zip(digest).for_each(|(byte, of)| *byte = of);
    Ok(Revision(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_is_read_as_it_is_written() {
        let revision = Revision([0, 1, 0xab, 3, 4, 5, 6, 7, 8, 0xff]);
        assert_eq!(revision.to_string(), "0001ab030405060708ff");
        assert_eq!(Revision::parse(&revision.to_string()), Some(revision));
        for none in ["", "00", "0001ab030405060708fg", "0001ab030405060708ff0", "ü001ab030405060708f"] {
            assert_eq!(Revision::parse(none), None, "{none}");
        }
    }
}
