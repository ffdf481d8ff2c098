//! The part of the check that looks at what messages and broadcasts carry: pictures with their bytes, documents with their
//! pieces.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::Check;
use crate::ids::DocumentId;
use crate::model::document::{Document, PIECE_BYTES};
use crate::model::message::{Attachment, Body};
use crate::store::codec::Blob;
use crate::store::error::StoreError;
use crate::store::photos;
use crate::store::tables::{DOCUMENT_LEFTOVERS, DOCUMENT_PIECES, DOCUMENTS, PHOTO_BYTES, PHOTOS};
use crate::store::tx::Read as _;

/// What the pieces of one document add up to.
#[derive(Default)]
struct Sum {
    pieces: u32,
    bytes: u64,
    /// One is missing, cannot be opened or has the wrong length.
    is_wrong: bool,
}

impl Check<'_> {
    /// Someone carries something.
    pub(super) fn holds(&mut self, body: &Body) {
        if let Some(attachment) = body.attachment() {
            *self.holds.entry(attachment).or_default() += 1;
        }
    }

    pub(super) fn attachments(&mut self) -> Result<(), StoreError> {
        self.photos()?;
        self.documents()?;
        let gone: Vec<Attachment> = self.holds.keys().copied().collect();
        for attachment in gone {
            let name = name(attachment);
            self.report.wrong(|text| write!(text, "{name} is carried and is gone"));
        }
        Ok(())
    }

    fn photos(&mut self) -> Result<(), StoreError> {
        self.each(PHOTOS, |check, id, photo| {
            *check.expected.entry("PHOTO_BYTES").or_default() += u64::from(check.has(PHOTO_BYTES, &id)?);
            if photos::bytes(check.read, id)?.is_none() {
                check.report.wrong(|text| write!(text, "the bytes of photo {id} are gone or cannot be opened"));
            }
            check.used(Attachment::Photo(id), photo.uses);
            Ok(())
        })
    }

    fn documents(&mut self) -> Result<(), StoreError> {
        let mut sums = self.pieces()?;
        self.each(DOCUMENTS, |check, id, document| {
            check.used(Attachment::Document(id), document.uses);
            let sum = sums.remove(&id).unwrap_or_default();
            if !document.whole {
                if document.uses > 0 {
                    check.report.wrong(|text| write!(text, "document {id} is carried and did not arrive whole"));
                }
            } else if sum.is_wrong || sum.bytes != document.size {
                check.report.wrong(|text| write!(text, "pieces of document {id} are gone or cannot be opened"));
            }
            Ok(())
        })?;
        let mut leftovers = BTreeSet::new();
        self.each(DOCUMENT_LEFTOVERS, |check, id, ()| {
            if check.read.get(DOCUMENTS, &id)?.is_some() {
                check.report.wrong(|text| write!(text, "document {id} is there, its leftovers are to be removed"));
            }
            leftovers.insert(id);
            Ok(())
        })?;
        let orphans: u32 = sums.iter().filter(|(id, _)| !leftovers.contains(id)).map(|(_, sum)| sum.pieces).sum();
        if orphans > 0 {
            self.report.wrong(|text| write!(text, "{orphans} pieces have no document"));
        }
        Ok(())
    }

    fn pieces(&mut self) -> Result<BTreeMap<DocumentId, Sum>, StoreError> {
        let mut sums: BTreeMap<DocumentId, Sum> = BTreeMap::new();
        self.each(DOCUMENT_PIECES, |check, (id, number), Blob(sealed)| {
            let sum = sums.entry(id).or_default();
            let length = check.read.sealer().open(Document::PURPOSE, &sealed).map_or(0, |plain| plain.len());
            sum.is_wrong |= number != sum.pieces || length == 0 || length > PIECE_BYTES;
            sum.pieces += 1;
            sum.bytes += u64::try_from(length).unwrap_or(u64::MAX);
            Ok(())
        })?;
        Ok(sums)
    }

    fn used(&mut self, attachment: Attachment, uses: u32) {
        let held = self.holds.remove(&attachment).unwrap_or(0);
        if uses != held {
            let name = name(attachment);
            self.report.wrong(|text| write!(text, "{name} counts {uses} uses, there are {held}"));
        }
    }
}

fn name(attachment: Attachment) -> String {
    match attachment {
        Attachment::Photo(id) => format!("photo {id}"),
        Attachment::Document(id) => format!("document {id}"),
    }
}
