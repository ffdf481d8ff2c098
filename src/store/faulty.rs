//! A file that fails, for tests of what others make of it.

use std::cell::Cell;
use std::ops::ControlFlow;

use crate::clock::Timestamp;
use crate::ids::EndpointId;
use crate::secret::Sealer;
use crate::store::codec::Blob;
use crate::store::error::StoreError;
use crate::store::tables::WAITING;
use crate::store::tx::{Order, Read, Span, Tx};
use crate::store::webhooks::Turn;

/// A disk that fails once, after so many reads.
pub struct Breaks<'r, R> {
    read: &'r R,
    left: Cell<usize>,
    has_failed: Cell<bool>,
}

impl<'r, R> Breaks<'r, R> {
    /// One that reads so often before it fails.
    pub fn after(reads: usize, read: &'r R) -> Self {
        Self { read, left: Cell::new(reads), has_failed: Cell::new(false) }
    }

    fn step(&self) -> Result<(), StoreError> {
        match self.left.get().checked_sub(1) {
            Some(left) => self.left.set(left),
            None if self.has_failed.get() => {}
            None => {
                self.has_failed.set(true);
                return Err(StoreError::Disk("on purpose".to_owned()));
            }
        }
        Ok(())
    }
}

impl<R: Read> Read for Breaks<'_, R> {
    fn raw_get(&self, place: usize, key: &[u8], take: &mut dyn FnMut(&[u8])) -> Result<(), StoreError> {
        self.step()?;
        self.read.raw_get(place, key, take)
    }

    fn raw_visit(
        &self,
        place: usize,
        span: &Span,
        order: Order,
        visit: &mut dyn FnMut(&[u8], &[u8]) -> Result<ControlFlow<()>, StoreError>,
    ) -> Result<(), StoreError> {
        self.step()?;
        self.read.raw_visit(place, span, order, visit)
    }

    fn now(&self) -> Timestamp {
        self.read.now()
    }

    fn sealer(&self) -> &Sealer {
        self.read.sealer()
    }
}

/// Damages the row of an event that waits.
pub fn spoil(tx: &mut Tx<'_>, id: EndpointId, turn: Turn) -> Result<(), StoreError> {
    tx.put(WAITING.raw(), &(id, turn.account, turn.event), &Blob(vec![0xff; 3])).map(|_| ())
}
