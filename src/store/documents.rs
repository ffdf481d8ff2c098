//! Files that messages carry, in sealed pieces, so that none is ever whole in memory. Whoever carries one holds it; the last
//! to let go removes it. Its pieces go behind it, a bounded number in each transaction.

use crate::ids::{DocumentId, UserId};
use crate::model::document::Document;
use crate::store::codec::Blob;
use crate::store::error::StoreError;
use crate::store::tables::{DOCUMENT_LEFTOVERS, DOCUMENT_PIECES, DOCUMENTS};
use crate::store::tx::{Order, Read, Span, Tx};

/// The document with this number.
pub fn get(read: &impl Read, id: DocumentId) -> Result<Option<Document>, StoreError> {
    read.get(DOCUMENTS, &id)
}

/// Documents after `after`, the oldest first, without their pieces.
pub fn walk(
    read: &impl Read,
    after: Option<DocumentId>,
    limit: usize,
) -> Result<Vec<(DocumentId, Document)>, StoreError> {
    let span = after.map_or_else(Span::all, |id| Span::all().after(&id));
    read.page(DOCUMENTS, &span, Order::Ascending, limit)
}

/// One of its pieces, counted from 0; `None` when it is gone or the key does not open it.
pub fn piece(read: &impl Read, id: DocumentId, number: u32) -> Result<Option<Vec<u8>>, StoreError> {
    let sealed = read.get(DOCUMENT_PIECES, &(id, number))?;
    let open = |Blob(sealed): Blob| read.sealer().open(Document::PURPOSE, &sealed).ok();
    Ok(sealed.and_then(open).map(|plain| plain.to_vec()))
}

/// Adds a document that begins to arrive and that nobody holds yet.
pub fn insert(tx: &mut Tx<'_>, document: &Document) -> Result<DocumentId, StoreError> {
    let id = DocumentId(tx.next("document")?);
    tx.put(DOCUMENTS, &id, &Document { uses: 0, whole: false, ..document.clone() })?;
    Ok(id)
}

/// Adds a piece of one that is arriving, under [`Document::PURPOSE`], sealed by the caller, outside of the transaction;
/// whether the document is still there.
pub fn append(tx: &mut Tx<'_>, id: DocumentId, number: u32, sealed: &[u8]) -> Result<bool, StoreError> {
    if get(tx, id)?.is_none_or(|document| document.whole) {
        return Ok(false);
    }
    tx.put(DOCUMENT_PIECES, &(id, number), &Blob(sealed.to_vec()))?;
    Ok(true)
}

/// It arrived to its end; whether it is still there.
pub fn finish(tx: &mut Tx<'_>, id: DocumentId, size: u64) -> Result<bool, StoreError> {
    let Some(document) = get(tx, id)? else { return Ok(false) };
    tx.put(DOCUMENTS, &id, &Document { size, whole: true, ..document })?;
    Ok(true)
}

/// One more message or broadcast carries it. One that is gone stays gone.
pub fn hold(tx: &mut Tx<'_>, id: DocumentId) -> Result<(), StoreError> {
    let Some(document) = get(tx, id)? else { return Ok(()) };
    tx.put(DOCUMENTS, &id, &Document { uses: document.uses + 1, ..document }).map(|_| ())
}

/// One message or broadcast less carries it; the last one takes it away. Its pieces are [cleared](clear) later.
pub fn let_go(tx: &mut Tx<'_>, id: DocumentId) -> Result<(), StoreError> {
    let Some(document) = get(tx, id)? else { return Ok(()) };
    if document.uses > 1 {
        return tx.put(DOCUMENTS, &id, &Document { uses: document.uses - 1, ..document }).map(|_| ());
    }
    tx.remove(DOCUMENTS, &id)?;
    tx.put(DOCUMENT_LEFTOVERS, &id, &()).map(|_| ())
}

/// Removes pieces of documents that are gone, at most `limit`; how many went.
pub fn clear(tx: &mut Tx<'_>, limit: usize) -> Result<usize, StoreError> {
    let mut gone = 0;
    for (id, ()) in tx.page(DOCUMENT_LEFTOVERS, &Span::all(), Order::Ascending, limit)? {
        let first = tx.first(DOCUMENT_PIECES, &Span::prefix(&id), Order::Ascending)?;
        let mut next = first.map_or(0, |((_, number), _)| number);
        loop {
            if gone == limit {
                return Ok(gone);
            }
            if !tx.remove(DOCUMENT_PIECES, &(id, next))? {
                break;
            }
            (gone, next) = (gone + 1, next + 1);
        }
        tx.remove(DOCUMENT_LEFTOVERS, &id)?;
    }
    Ok(gone)
}

/// Telegram's number of the file, as this bot may use it.
pub fn learn(tx: &mut Tx<'_>, id: DocumentId, bot: UserId, file: &str) -> Result<(), StoreError> {
    let Some(document) = get(tx, id)? else { return Ok(()) };
    tx.put(DOCUMENTS, &id, &Document { file: Some((bot, file.to_owned())), ..document }).map(|_| ())
}

/// Telegram's number of the file is of no use any more: the next one uploads it again.
pub fn forget(tx: &mut Tx<'_>, id: DocumentId) -> Result<(), StoreError> {
    match get(tx, id)? {
        Some(document) if document.file.is_some() => {
            tx.put(DOCUMENTS, &id, &Document { file: None, ..document }).map(|_| ())
        }
        Some(_) | None => Ok(()),
    }
}
