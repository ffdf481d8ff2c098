//! The data file: the only place that names redb. Rows, their indexes and their counts change together, in one function each.
//! It knows nothing of Telegram, pages or settings' sources; what may be done is decided in `actions`.

mod codec;
mod error;
#[cfg(test)]
pub mod faulty;
#[cfg(test)]
mod golden;
mod numbers;
mod tables;
mod tx;
mod writer;

pub mod accounts;
pub mod admins;
pub mod attachments;
pub mod broadcasts;
pub mod chats;
pub mod check;
pub mod connect;
pub mod deliveries;
pub mod documents;
pub mod journal;
pub mod keys;
pub mod links;
pub mod members;
pub mod messages;
pub mod meta;
pub mod photos;
pub mod recipients;
pub mod sessions;
pub mod talks;
pub mod webhooks;

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use redb::ReadableDatabase as _;

pub use codec::SetAside;
pub use error::{Failure, OpenError, StoreError};
pub use numbers::{Counter, Metric, count, daily};
pub use tx::{Order, Read, Snapshot, Tx};

use crate::clock::Clock;
use crate::rng::Rng;
use crate::runtime::Pulse;
use crate::secret::Sealer;
use writer::Writer;

/// Bytes of the file kept in memory at most.
const CACHE_BYTES: usize = 64 * 1024 * 1024;

/// Where the data lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In memory, for tests.
    Memory,
    /// In this file.
    File(PathBuf),
}

/// The data file, open. Cheap to clone; the file is closed when the last clone is gone.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
    writer: Writer,
}

struct Shared {
    /// Absent only while a broken handle is being replaced.
    database: RwLock<Option<redb::Database>>,
    place: Place,
    clock: Clock,
    tools: tx::Tools,
    changes: Pulse,
}

impl Store {
    /// Opens the file, makes it when it is absent, checks schema and key. Blocks; takes milliseconds, longer after a crash.
    pub fn open(place: Place, clock: Clock, rng: Rng, sealer: Sealer) -> Result<Self, OpenError> {
        let database = open_database(&place)?;
        let tools = tx::Tools { sealer, rng };
        meta::prepare(&database, clock.now(), &tools)?;
        if let Place::File(path) = &place {
            sync_folder(path);
        }
        let database = RwLock::new(Some(database));
        let shared = Arc::new(Shared { database, place, clock, tools, changes: Pulse::new() });
        let writer = Writer::start(&shared).map_err(|error| OpenError::Failed(error.to_string()))?;
        Ok(Self { shared, writer })
    }

    /// Reads from a snapshot. Point reads and pages may run where they are called; scans belong on a blocking thread.
    pub fn read<T, E: From<StoreError>>(&self, look: impl FnOnce(&Snapshot) -> Result<T, E>) -> Result<T, E> {
        look(&self.snapshot()?)
    }

    /// A view of the file at this moment.
    pub fn snapshot(&self) -> Result<Snapshot, StoreError> {
        let database = self.shared.database.read().unwrap_or_else(PoisonError::into_inner);
        let txn = database.as_ref().ok_or(StoreError::Closed)?.begin_read()?;
        Ok(Snapshot::new(txn, self.shared.clock.now(), self.shared.tools.sealer.clone()))
    }

    /// Runs `change` in the one write transaction, together with others that wait, and returns when it is on disk.
    ///
    /// A refusal (an error that is not of the store) has to be decided before the first write; one that comes later
    /// costs a rollback. `change` may run more than once, so it must not have effects outside of the transaction.
    pub async fn write<T, E>(&self, change: impl FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure,
    {
        self.writer.run(change).await
    }

    /// Beats after every commit that changed something.
    #[must_use]
    pub fn changes(&self) -> &Pulse {
        &self.shared.changes
    }

    /// The clock its transactions take their moment from.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }
}

/// Opens the file; makes it when it is absent.
fn open_database(place: &Place) -> Result<redb::Database, OpenError> {
    let opened = match place {
        Place::Memory => builder().create_with_backend(redb::backends::InMemoryBackend::new()),
        Place::File(path) => builder().create(path),
    };
    opened.map_err(|error| refused(&error))
}

/// Opens the file again. One that is gone or empty now is never made anew: that would hide what was lost.
fn reopen_database(place: &Place) -> Result<redb::Database, OpenError> {
    match place {
        Place::Memory => Err(OpenError::Failed("what was in memory is lost".to_owned())),
        Place::File(path) => builder().open(path).map_err(|error| refused(&error)),
    }
}

fn builder() -> redb::Builder {
    let mut builder = redb::Builder::new();
    builder.set_cache_size(CACHE_BYTES);
    builder
}

fn refused(error: &redb::DatabaseError) -> OpenError {
    if matches!(error, redb::DatabaseError::DatabaseAlreadyOpen) {
        OpenError::Busy
    } else {
        OpenError::Failed(error.to_string())
    }
}

/// Makes the file's name durable; a folder that cannot be synced is left to the file system.
fn sync_folder(file: &Path) {
    let folder = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    if let Err(error) = std::fs::File::open(folder).and_then(|folder| folder.sync_all()) {
        log::warn!("the data folder could not be synced: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{AccountId, ChatId, TelegramMessageId};
    use crate::model::event::Actor;
    use crate::model::message::{Message, MessageKind};

    #[test]
    fn a_file_that_is_gone_is_not_made_anew_when_it_is_opened_again() {
        let path = std::env::temp_dir().join(format!("startlink-gone-{}.redb", std::process::id()));
        let place = Place::File(path.clone());
        drop(open_database(&place).unwrap());
        assert!(reopen_database(&place).is_ok());
        std::fs::remove_file(&path).unwrap();
        assert!(reopen_database(&place).is_err());
        assert!(!path.exists());
    }

    #[test]
    fn an_older_file_becomes_todays_and_a_newer_one_is_refused() {
        let rng = Rng::seeded(1);
        let tools = tx::Tools { sealer: Sealer::new(&[7; 32], rng.clone()), rng };
        let database = open_database(&Place::Memory).unwrap();
        let prepare = || meta::prepare(&database, crate::clock::Timestamp(0), &tools);
        let schema = |number: u32| {
            let txn = database.begin_write().unwrap();
            let mut tx = Tx::new(&txn, crate::clock::Timestamp(0), &tools);
            meta::put_schema(&mut tx, number).unwrap();
            drop(tx);
            txn.commit().unwrap();
        };
        prepare().unwrap();
        schema(1);
        prepare().unwrap();
        let snapshot = Snapshot::new(database.begin_read().unwrap(), crate::clock::Timestamp(0), tools.sealer.clone());
        assert_eq!(meta::schema(&snapshot).unwrap(), Some(meta::SCHEMA));
        schema(meta::SCHEMA + 1);
        assert!(matches!(prepare(), Err(OpenError::TooNew { .. })));
    }

    #[test]
    fn what_was_written_before_there_was_an_inbox_stands_in_it_as_read() {
        let (rng, now) = (Rng::seeded(1), crate::clock::Timestamp(0));
        let tools = tx::Tools { sealer: Sealer::new(&[7; 32], rng.clone()), rng };
        let database = open_database(&Place::Memory).unwrap();
        meta::prepare(&database, now, &tools).unwrap();
        let (account, chat) = (AccountId(4), ChatId(5));
        let message = |kind| Message {
            at: now,
            kind,
            account: Some(account),
            chat: Some(chat),
            actor: Actor::Chat(chat),
            sealed: Vec::new(),
            answer: None,
        };
        let txn = database.begin_write().unwrap();
        let mut tx = Tx::new(&txn, now, &tools);
        let incoming = messages::insert(&mut tx, &message(MessageKind::Incoming(TelegramMessageId(1)))).unwrap();
        messages::insert(&mut tx, &message(MessageKind::Personal)).unwrap();
        talks::remove(&mut tx, account).unwrap();
        meta::put_schema(&mut tx, 4).unwrap();
        drop(tx);
        txn.commit().unwrap();
        meta::prepare(&database, now, &tools).unwrap();
        let snapshot = Snapshot::new(database.begin_read().unwrap(), now, tools.sealer.clone());
        let talk = talks::get(&snapshot, account).unwrap().unwrap();
        assert_eq!((talk.latest, talk.is_unread()), (incoming, false));
    }
}
