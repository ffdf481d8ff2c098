//! Files of any kind that people upload: written down piece by piece while they arrive, kept for the message or broadcast that
//! is to carry them. Those that nobody carries go after a day.

use crate::actions::{Caller, Error, Refusal};
use crate::clock::Timestamp;
use crate::ids::DocumentId;
use crate::model::admin::Role;
use crate::model::document::{BYTES_MAX, Document};
use crate::store::{self, Read as _, StoreError, Tx, journal, meta};

/// Pieces that are removed in one transaction: sixteen megabytes.
pub(super) const PIECES_SWEPT: usize = 64;
/// Where the walk over the documents goes on.
const PLACE: &str = "sweep.documents";

/// Makes room for a document that begins to arrive. Nobody carries it before it is [whole](finish).
pub fn begin(tx: &mut Tx<'_>, caller: &Caller, name: &str, mime: &str) -> Result<DocumentId, Error> {
    caller.needs(Role::Sender)?;
    Ok(store::documents::insert(tx, &Document::arriving(name, mime, tx.now()))?)
}

/// Keeps the next piece, counted from 0 and [sealed](Document::PURPOSE) outside of the transaction.
pub fn append(tx: &mut Tx<'_>, id: DocumentId, number: u32, sealed: &[u8]) -> Result<(), Error> {
    if store::documents::append(tx, id, number, sealed)? { Ok(()) } else { Err(gone()) }
}

/// The document arrived to its end and has `size` bytes.
pub fn finish(tx: &mut Tx<'_>, caller: &Caller, id: DocumentId, size: u64) -> Result<(), Error> {
    if size == 0 {
        return Err(Refusal::invalid("document", "The file is empty.").into());
    }
    if size > BYTES_MAX {
        return Err(Refusal::invalid("document", too_large()).into());
    }
    if !store::documents::finish(tx, id, size)? {
        return Err(gone());
    }
    journal::audit(tx, caller.actor, "document.add", format!("document {id}"))?;
    Ok(())
}

/// What is said of a file that Telegram does not take.
#[must_use]
pub fn too_large() -> String {
    format!("The document is larger than {} MB, which is the most that Telegram takes from a bot.", BYTES_MAX >> 20)
}

fn gone() -> Error {
    Refusal::invalid("document", "The document is no longer there. Choose it again.").into()
}

/// Takes a document away again when nobody carries it: what was to carry it was refused, or it did not arrive whole.
pub fn drop_loose(tx: &mut Tx<'_>, id: DocumentId) -> Result<(), StoreError> {
    match store::documents::get(tx, id)? {
        Some(document) if document.uses == 0 => store::documents::let_go(tx, id),
        Some(_) | None => Ok(()),
    }
}

/// Removes documents of one piece of the table that nobody carries and whose upload began before `then`, and pieces of those
/// that are gone; how many pieces went.
pub(super) fn sweep(tx: &mut Tx<'_>, then: Timestamp, piece: usize) -> Result<usize, StoreError> {
    let from: Option<DocumentId> = meta::place(tx, PLACE)?;
    let rows = store::documents::walk(tx, from, piece)?;
    let next = rows.last().filter(|_| rows.len() == piece).map(|(id, _)| *id);
    for (id, document) in rows {
        if document.uses == 0 && document.created < then {
            store::documents::let_go(tx, id)?;
        }
    }
    if next != from {
        meta::put_place(tx, PLACE, next)?;
    }
    store::documents::clear(tx, PIECES_SWEPT)
}

#[cfg(test)]
mod tests;
