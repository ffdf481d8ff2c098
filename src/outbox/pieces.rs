//! A document as it is uploaded: read from the data file piece by piece, each on a thread of its own and with a look at the file
//! that ends before the piece leaves, so that neither memory nor the file grows with it.

use std::io;

use futures_lite::{AsyncBufRead, stream};

use crate::ids::DocumentId;
use crate::model::document::Document;
use crate::runtime;
use crate::store::{Store, StoreError, documents};
use crate::wire;

/// A document and a reader of its bytes; `None` when it is gone or the key does not open it, which the first piece tells.
pub(super) async fn open(
    store: &Store,
    id: DocumentId,
) -> Result<Option<(Document, impl AsyncBufRead + Send + Sync + Unpin + 'static)>, StoreError> {
    let look = store.clone();
    let first = runtime::blocking(move || {
        look.read(|read| Ok::<_, StoreError>(documents::get(read, id)?.zip(documents::piece(read, id, 0)?)))
    });
    let Some((document, first)) = first.await? else { return Ok(None) };
    let rest = stream::try_unfold((store.clone(), 0_u32), move |(store, last)| async move {
        let (look, number) = (store.clone(), last.saturating_add(1));
        let piece = runtime::blocking(move || look.read(|read| documents::piece(read, id, number))).await;
        let piece = piece.map_err(io::Error::other)?;
        Ok(piece.map(|piece| (piece, (store, number))))
    });
    let whole = stream::StreamExt::chain(stream::once(Ok(first)), rest);
    Ok(Some((document, wire::reader(whole))))
}
