//! The broadcasts that one transaction changes: each is opened once, all are closed at its end, and one whose last outcome
//! is known then is done.

use std::collections::BTreeMap;

use crate::actions::{self, Error};
use crate::ids::BroadcastId;
use crate::model::broadcast::{Broadcast, BroadcastStatus, Figures};
use crate::model::recipient::{Recipient, RecipientState};
use crate::store::recipients::{self, Ledger};
use crate::store::{StoreError, Tx, broadcasts};

/// One broadcast while its rows change.
#[derive(Debug)]
pub(super) struct Book {
    pub id: BroadcastId,
    /// As it stands now.
    pub broadcast: Broadcast,
    ledger: Ledger,
    is_changed: bool,
}

impl Book {
    fn open(tx: &Tx<'_>, id: BroadcastId) -> Result<Option<Self>, StoreError> {
        let Some(broadcast) = broadcasts::get(tx, id)? else { return Ok(None) };
        Ok(Some(Self { id, broadcast, ledger: Ledger::open(tx, id)?, is_changed: false }))
    }

    /// Whether its recipients may be leased.
    pub(super) fn runs(&self) -> bool {
        self.broadcast.status() == BroadcastStatus::Sending
    }

    pub(super) fn figures(&self) -> &Figures {
        &self.ledger.figures
    }

    /// Moves a recipient to another state.
    pub(super) fn put(
        &mut self,
        tx: &mut Tx<'_>,
        position: u32,
        old: &Recipient,
        state: RecipientState,
    ) -> Result<(), StoreError> {
        self.replace(tx, position, old, &Recipient { state, ..old.clone() })
    }

    /// Replaces a recipient's row.
    pub(super) fn replace(
        &mut self,
        tx: &mut Tx<'_>,
        position: u32,
        old: &Recipient,
        new: &Recipient,
    ) -> Result<(), StoreError> {
        self.is_changed = true;
        self.ledger.update(tx, position, old, new)
    }

    /// It waits for a person: Telegram refuses what it says, in these words.
    pub(super) fn pause(&mut self, tx: &mut Tx<'_>, words: &str) -> Result<(), Error> {
        if self.runs() && actions::broadcasts::halt(tx, self.id, words)? {
            log::warn!(broadcast = self.id.0; "a broadcast waits for a person, because what it says cannot be sent");
            self.broadcast = broadcasts::get(tx, self.id)?.unwrap_or_else(|| self.broadcast.clone());
        }
        Ok(())
    }

    fn close(self, tx: &mut Tx<'_>) -> Result<(), Error> {
        let (id, runs, figures) = (self.id, self.runs(), self.ledger.figures);
        if self.is_changed {
            self.ledger.close(tx)?;
        }
        if runs && figures.frozen && figures.open() == 0 {
            actions::broadcasts::finish(tx, id)?;
        }
        Ok(())
    }
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Books(BTreeMap<BroadcastId, Book>);

impl Books {
    /// The book of a broadcast; none when it is gone.
    pub(super) fn of(&mut self, tx: &Tx<'_>, id: BroadcastId) -> Result<Option<&mut Book>, StoreError> {
        if !self.0.contains_key(&id)
            && let Some(book) = Book::open(tx, id)?
        {
            self.0.insert(id, book);
        }
        Ok(self.0.get_mut(&id))
    }

    /// Writes what gathered, and ends what is over.
    pub(super) fn close(self, tx: &mut Tx<'_>) -> Result<(), Error> {
        self.0.into_values().try_for_each(|book| book.close(tx))
    }
}

/// A recipient of a broadcast that is open.
pub(super) fn row(tx: &Tx<'_>, book: &Book, position: u32) -> Result<Option<Recipient>, StoreError> {
    recipients::get(tx, book.id, position)
}
