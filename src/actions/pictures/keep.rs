//! Pictures are kept for the message or broadcast that is to carry them; those that nobody carries go after a day.

use crate::actions::pictures::Picture;
use crate::actions::{Caller, Error};
use crate::clock::Timestamp;
use crate::ids::PhotoId;
use crate::model::admin::Role;
use crate::model::photo::Photo;
use crate::store::{self, Read, StoreError, Tx, journal, meta};

/// Where the walk over the pictures goes on.
const PLACE: &str = "sweep.photos";

impl Picture {
    /// Its row, and its bytes as they are kept. Takes milliseconds: before the transaction.
    pub fn seal(&self, read: &impl Read) -> (Photo, Vec<u8>) {
        let size = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        let created = read.now();
        let photo =
            Photo { mime: self.mime, width: self.width, height: self.height, size, file: None, uses: 0, created };
        (photo, read.sealer().seal(Photo::PURPOSE, &self.bytes))
    }
}

/// Keeps a picture that was [checked and drawn anew](super::prepare) and [sealed](Picture::seal). Nobody carries it yet.
pub fn add(tx: &mut Tx<'_>, caller: &Caller, photo: &Photo, sealed: Vec<u8>) -> Result<PhotoId, Error> {
    caller.needs(Role::Sender)?;
    let id = store::photos::insert(tx, photo, sealed)?;
    journal::audit(tx, caller.actor, "photo.add", format!("photo {id}"))?;
    Ok(id)
}

/// Takes a picture away again when nobody carries it: what was to carry it was refused.
pub fn drop_loose(tx: &mut Tx<'_>, id: PhotoId) -> Result<(), StoreError> {
    match store::photos::get(tx, id)? {
        Some(photo) if photo.uses == 0 => store::photos::let_go(tx, id),
        Some(_) | None => Ok(()),
    }
}

/// Removes pictures of one piece of the table that nobody carries and that were uploaded before `then`.
pub(in crate::actions) fn sweep(tx: &mut Tx<'_>, then: Timestamp, piece: usize) -> Result<(), StoreError> {
    let from: Option<PhotoId> = meta::place(tx, PLACE)?;
    let rows = store::photos::walk(tx, from, piece)?;
    let next = rows.last().filter(|_| rows.len() == piece).map(|(id, _)| *id);
    for (id, photo) in rows {
        if photo.uses == 0 && photo.created < then {
            store::photos::let_go(tx, id)?;
        }
    }
    if next == from { Ok(()) } else { meta::put_place(tx, PLACE, next) }
}
