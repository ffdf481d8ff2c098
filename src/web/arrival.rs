//! A document that arrives with a form: written into the data file piece by piece, so that no more than one piece is in memory.
//! Unless somebody takes it over, what was written goes again, also when the browser leaves in the middle.

use multer::Field;

use super::Problem;
use super::upload::unread;
use crate::actions::{Caller, documents};
use crate::ids::DocumentId;
use crate::model::document::{BYTES_MAX, Document, PIECE_BYTES};
use crate::runtime;
use crate::secret::Hash;
use crate::store::{Read as _, Store, StoreError};
use crate::view;

/// Where documents are kept, and for whom.
#[derive(Clone)]
pub struct Keeper {
    store: Store,
    caller: Caller,
}

/// A document that arrived whole. Dropped, it is removed, unless somebody carries it by then.
pub struct Arrived {
    loose: Loose,
    /// A digest of all of it, with its name.
    pub digest: Hash,
}

impl Arrived {
    /// Takes it over: from now on it stays until it is swept.
    #[must_use]
    pub fn keep(mut self) -> DocumentId {
        self.loose.is_kept = true;
        self.loose.id
    }
}

/// A document of which nobody knows yet.
struct Loose {
    store: Store,
    id: DocumentId,
    is_kept: bool,
}

impl Drop for Loose {
    fn drop(&mut self) {
        if self.is_kept {
            return;
        }
        let (store, id) = (self.store.clone(), self.id);
        drop(runtime::spawn(async move {
            if let Err(cause) = store.write(move |tx| documents::drop_loose(tx, id)).await {
                log::error!("a document of a request that was refused stays for now: {cause}");
            }
        }));
    }
}

/// What was read and is not written down yet.
struct Arrival<'k> {
    keeper: &'k Keeper,
    loose: Option<Loose>,
    /// Its name and media type, as they were told.
    told: (String, String),
    piece: Vec<u8>,
    pieces: u32,
    size: u64,
    digest: Hash,
}

impl Keeper {
    /// For what this caller sends.
    #[must_use]
    pub fn new(store: Store, caller: Caller) -> Self {
        Self { store, caller }
    }

    /// Reads a part of a form to its end. A browser sends an empty one without a name where nothing was chosen.
    pub(super) async fn receive(&self, mut field: Field<'_>) -> Result<Option<Arrived>, Problem> {
        let name = field.file_name().unwrap_or_default().to_owned();
        let mime = field.content_type().map(ToString::to_string).unwrap_or_default();
        let digest = Hash::of(name.as_bytes());
        let (is_named, told) = (!name.is_empty(), (name, mime));
        let mut arrival = Arrival { keeper: self, loose: None, told, piece: Vec::new(), pieces: 0, size: 0, digest };
        while let Some(chunk) = field.chunk().await.map_err(|error| unread(&error, too_large))? {
            arrival.take(&chunk).await?;
        }
        match arrival.end().await? {
            None if is_named => Err(Problem::bad_request("The document is empty. Nothing was changed.")),
            arrived => Ok(arrived),
        }
    }
}

impl Arrival<'_> {
    async fn take(&mut self, mut chunk: &[u8]) -> Result<(), Problem> {
        self.size += u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        if self.size > BYTES_MAX {
            return Err(too_large());
        }
        while !chunk.is_empty() {
            let count = chunk.len().min(PIECE_BYTES - self.piece.len());
            let (now, later) = chunk.split_at(count);
            self.piece.extend_from_slice(now);
            chunk = later;
            if self.piece.len() == PIECE_BYTES {
                self.write().await?;
            }
        }
        Ok(())
    }

    /// Writes the piece down that was read.
    async fn write(&mut self) -> Result<(), Problem> {
        let (store, caller) = (&self.keeper.store, self.keeper.caller);
        let id = if let Some(loose) = &self.loose {
            loose.id
        } else {
            let (name, mime) = self.told.clone();
            let id = store.write(move |tx| documents::begin(tx, &caller, &name, &mime)).await?;
            self.loose = Some(Loose { store: store.clone(), id, is_kept: false });
            id
        };
        let (look, before) = (store.clone(), self.digest);
        let piece = std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE_BYTES));
        let sealing = runtime::blocking(move || {
            let digest = Hash::of(&[before.0, Hash::of(&piece).0].concat());
            let sealed = look.read(|read| Ok::<_, StoreError>(read.sealer().seal(Document::PURPOSE, &piece)))?;
            Ok::<_, StoreError>((digest, sealed))
        });
        let (digest, sealed) = sealing.await?;
        let number = self.pieces;
        store.write(move |tx| documents::append(tx, id, number, &sealed)).await?;
        (self.digest, self.pieces) = (digest, number.saturating_add(1));
        Ok(())
    }

    async fn end(mut self) -> Result<Option<Arrived>, Problem> {
        if !self.piece.is_empty() {
            self.write().await?;
        }
        let Some(loose) = self.loose else { return Ok(None) };
        let (id, caller, size) = (loose.id, self.keeper.caller, self.size);
        self.keeper.store.write(move |tx| documents::finish(tx, &caller, id, size)).await?;
        Ok(Some(Arrived { loose, digest: self.digest }))
    }
}

/// Also told where a form's length was announced.
pub(super) fn too_large() -> Problem {
    let limit = view::number(BYTES_MAX);
    Problem::too_large(format!("{} That is {limit} bytes. Nothing was changed.", documents::too_large()))
}
