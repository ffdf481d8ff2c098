//! Pictures that messages carry, with their bytes, sealed. Whoever carries one holds it; the last to let go removes it.

use crate::ids::{PhotoId, UserId};
use crate::model::photo::Photo;
use crate::store::codec::Blob;
use crate::store::error::StoreError;
use crate::store::tables::{PHOTO_BYTES, PHOTOS};
use crate::store::tx::{Order, Read, Span, Tx};

/// The picture with this number.
pub fn get(read: &impl Read, id: PhotoId) -> Result<Option<Photo>, StoreError> {
    read.get(PHOTOS, &id)
}

/// Pictures after `after`, the oldest first, without their bytes.
pub fn walk(read: &impl Read, after: Option<PhotoId>, limit: usize) -> Result<Vec<(PhotoId, Photo)>, StoreError> {
    let span = after.map_or_else(Span::all, |id| Span::all().after(&id));
    read.page(PHOTOS, &span, Order::Ascending, limit)
}

/// Its bytes; `None` when it is gone or the key does not open them.
pub fn bytes(read: &impl Read, id: PhotoId) -> Result<Option<Vec<u8>>, StoreError> {
    let sealed = read.get(PHOTO_BYTES, &id)?;
    Ok(sealed.and_then(|Blob(sealed)| read.sealer().open(Photo::PURPOSE, &sealed).ok()).map(|plain| plain.to_vec()))
}

/// Adds a picture that nobody holds yet; `sealed` are its bytes under [`Photo::PURPOSE`], sealed by the caller, outside
/// of the transaction. The caller [holds](hold) it in the same transaction.
pub fn insert(tx: &mut Tx<'_>, photo: &Photo, sealed: Vec<u8>) -> Result<PhotoId, StoreError> {
    let id = PhotoId(tx.next("photo")?);
    tx.put(PHOTOS, &id, &Photo { uses: 0, ..photo.clone() })?;
    tx.put(PHOTO_BYTES, &id, &Blob(sealed))?;
    Ok(id)
}

/// One more message or broadcast carries it. One that is gone stays gone.
pub fn hold(tx: &mut Tx<'_>, id: PhotoId) -> Result<(), StoreError> {
    let Some(photo) = get(tx, id)? else { return Ok(()) };
    tx.put(PHOTOS, &id, &Photo { uses: photo.uses + 1, ..photo }).map(|_| ())
}

/// One message or broadcast less carries it; the last one takes it away.
pub fn let_go(tx: &mut Tx<'_>, id: PhotoId) -> Result<(), StoreError> {
    let Some(photo) = get(tx, id)? else { return Ok(()) };
    if photo.uses > 1 {
        return tx.put(PHOTOS, &id, &Photo { uses: photo.uses - 1, ..photo }).map(|_| ());
    }
    tx.remove(PHOTOS, &id)?;
    tx.remove(PHOTO_BYTES, &id).map(|_| ())
}

/// Telegram's number of the file, as this bot may use it.
pub fn learn(tx: &mut Tx<'_>, id: PhotoId, bot: UserId, file: &str) -> Result<(), StoreError> {
    let Some(photo) = get(tx, id)? else { return Ok(()) };
    tx.put(PHOTOS, &id, &Photo { file: Some((bot, file.to_owned())), ..photo }).map(|_| ())
}

/// Telegram's number of the file is of no use any more: the next one uploads it again.
pub fn forget(tx: &mut Tx<'_>, id: PhotoId) -> Result<(), StoreError> {
    match get(tx, id)? {
        Some(photo) if photo.file.is_some() => tx.put(PHOTOS, &id, &Photo { file: None, ..photo }).map(|_| ()),
        Some(_) | None => Ok(()),
    }
}
