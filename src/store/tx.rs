//! Transactions: typed reads for both kinds, typed writes for the one writer. Tables are opened once for each transaction.

use std::cell::OnceCell;
use std::ops::{Bound, ControlFlow};

use redb::{ReadableTable, TableDefinition};

use crate::clock::Timestamp;
use crate::rng::Rng;
use crate::secret::Sealer;
use crate::store::codec::{Key, Value};
use crate::store::error::StoreError;
use crate::store::numbers::Gathered;
use crate::store::tables::{NAMES, Table};

pub(super) type Bytes = &'static [u8];

/// In which order rows are visited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// From the smallest key.
    Ascending,
    /// From the largest key.
    Descending,
}

/// A range of encoded keys.
#[derive(Clone, Debug)]
pub struct Span {
    lower: Bound<Vec<u8>>,
    upper: Bound<Vec<u8>>,
}

impl Span {
    /// Every key.
    #[must_use]
    pub fn all() -> Self {
        Self { lower: Bound::Unbounded, upper: Bound::Unbounded }
    }

    /// Every key that begins with the encoding of `prefix`.
    pub fn prefix(prefix: &impl Key) -> Self {
        let start = prefix.bytes();
        let upper = successor(&start).map_or(Bound::Unbounded, Bound::Excluded);
        Self { lower: Bound::Included(start), upper }
    }

    /// The same, only what comes after `key`.
    #[must_use]
    pub fn after(mut self, key: &impl Key) -> Self {
        self.lower = Bound::Excluded(key.bytes());
        self
    }

    /// The same, only from `key` on.
    #[must_use]
    pub fn from(mut self, key: &impl Key) -> Self {
        self.lower = Bound::Included(key.bytes());
        self
    }

    /// The same, only what comes before `key`.
    #[must_use]
    pub fn before(mut self, key: &impl Key) -> Self {
        self.upper = Bound::Excluded(key.bytes());
        self
    }

    /// The same, up to and with everything that begins with `key`.
    #[must_use]
    pub fn through(mut self, key: &impl Key) -> Self {
        self.upper = successor(&key.bytes()).map_or(Bound::Unbounded, Bound::Excluded);
        self
    }

    fn bounds(&self) -> (Bound<&[u8]>, Bound<&[u8]>) {
        (self.lower.as_ref().map(Vec::as_slice), self.upper.as_ref().map(Vec::as_slice))
    }

    fn is_empty(&self) -> bool {
        match self.bounds() {
            (Bound::Included(low) | Bound::Excluded(low), Bound::Excluded(high)) => low >= high,
            (Bound::Unbounded | Bound::Included(_) | Bound::Excluded(_), _) => false,
        }
    }
}

/// The smallest key above all that begin with `prefix`.
fn successor(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut out = prefix.to_vec();
    while let Some(last) = out.pop() {
        if let Some(next) = last.checked_add(1) {
            out.push(next);
            return Some(out);
        }
    }
    None
}

type Visit<'v> = &'v mut dyn FnMut(&[u8], &[u8]) -> Result<ControlFlow<()>, StoreError>;

/// What both kinds of transaction can be asked. The typed methods stand on the two raw ones.
pub trait Read {
    /// Hands the value under `key` to `take`, if there is one.
    fn raw_get(&self, place: usize, key: &[u8], take: &mut dyn FnMut(&[u8])) -> Result<(), StoreError>;
    /// Hands rows of the span to `visit` until it breaks.
    fn raw_visit(&self, place: usize, span: &Span, order: Order, visit: Visit<'_>) -> Result<(), StoreError>;
    /// The moment of this transaction.
    fn now(&self) -> Timestamp;
    /// Opens and seals values.
    fn sealer(&self) -> &Sealer;

    /// The value under `key`.
    fn get<K: Key, V: Value>(&self, table: Table<K, V>, key: &K) -> Result<Option<V>, StoreError>
    where
        Self: Sized,
    {
        let mut found = None;
        self.raw_get(table.place, &key.bytes(), &mut |bytes| found = Some(V::decode(bytes)))?;
        found.transpose().map_err(StoreError::row(name(table.place)))
    }

    /// Visits rows of a span, decoded.
    fn visit<K: Key, V: Value>(
        &self,
        table: Table<K, V>,
        span: &Span,
        order: Order,
        mut each: impl FnMut(K, V) -> Result<ControlFlow<()>, StoreError>,
    ) -> Result<(), StoreError>
    where
        Self: Sized,
    {
        let damaged = || StoreError::Row { table: name(table.place) };
        self.raw_visit(table.place, span, order, &mut |mut key, value| {
            each(K::decode(&mut key).ok_or_else(damaged)?, V::decode(value).map_err(|_| damaged())?)
        })
    }

    /// Up to `limit` rows of a span.
    fn page<K: Key, V: Value>(
        &self,
        table: Table<K, V>,
        span: &Span,
        order: Order,
        limit: usize,
    ) -> Result<Vec<(K, V)>, StoreError>
    where
        Self: Sized,
    {
        let mut rows = Vec::new();
        if limit > 0 {
            self.visit(table, span, order, |key, value| {
                rows.push((key, value));
                Ok(if rows.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
            })?;
        }
        Ok(rows)
    }

    /// The first row of a span.
    fn first<K: Key, V: Value>(
        &self,
        table: Table<K, V>,
        span: &Span,
        order: Order,
    ) -> Result<Option<(K, V)>, StoreError>
    where
        Self: Sized,
    {
        Ok(self.page(table, span, order, 1)?.pop())
    }
}

fn name(place: usize) -> &'static str {
    NAMES.get(place).copied().unwrap_or("unknown")
}

fn definition(place: usize) -> TableDefinition<'static, Bytes, Bytes> {
    TableDefinition::new(name(place))
}

fn get_from(
    table: &impl ReadableTable<Bytes, Bytes>,
    key: &[u8],
    take: &mut dyn FnMut(&[u8]),
) -> Result<(), StoreError> {
    if let Some(guard) = table.get(key)? {
        take(guard.value());
    }
    Ok(())
}

fn visit_in(
    table: &impl ReadableTable<Bytes, Bytes>,
    span: &Span,
    order: Order,
    visit: Visit<'_>,
) -> Result<(), StoreError> {
    if span.is_empty() {
        return Ok(());
    }
    let mut rows = table.range::<&[u8]>(span.bounds())?;
    loop {
        let row = match order {
            Order::Ascending => rows.next(),
            Order::Descending => rows.next_back(),
        };
        let Some(row) = row else { return Ok(()) };
        let (key, value) = row?;
        if visit(key.value(), value.value())?.is_break() {
            return Ok(());
        }
    }
}

/// A consistent view of the file at one moment. Keep it short: it holds on to old pages.
pub struct Snapshot {
    txn: redb::ReadTransaction,
    /// Apart, because every request makes a snapshot and hands it on: kilobytes are not moved around.
    tables: Box<[OnceCell<redb::ReadOnlyTable<Bytes, Bytes>>]>,
    now: Timestamp,
    sealer: Sealer,
}

impl Snapshot {
    pub(super) fn new(txn: redb::ReadTransaction, now: Timestamp, sealer: Sealer) -> Self {
        Self { txn, tables: std::iter::repeat_with(OnceCell::new).take(NAMES.len()).collect(), now, sealer }
    }

    fn table(&self, place: usize) -> Result<&redb::ReadOnlyTable<Bytes, Bytes>, StoreError> {
        let cell = self.tables.get(place).ok_or(StoreError::Closed)?;
        if let Some(table) = cell.get() {
            return Ok(table);
        }
        let table = self.txn.open_table(definition(place))?;
        Ok(cell.get_or_init(|| table))
    }
}

impl Read for Snapshot {
    fn raw_get(&self, place: usize, key: &[u8], take: &mut dyn FnMut(&[u8])) -> Result<(), StoreError> {
        get_from(self.table(place)?, key, take)
    }
    fn raw_visit(&self, place: usize, span: &Span, order: Order, visit: Visit<'_>) -> Result<(), StoreError> {
        visit_in(self.table(place)?, span, order, visit)
    }
    fn now(&self) -> Timestamp {
        self.now
    }
    fn sealer(&self) -> &Sealer {
        &self.sealer
    }
}

/// What the writer hands to each transaction.
#[derive(Clone)]
pub(super) struct Tools {
    pub sealer: Sealer,
    pub rng: Rng,
}

/// The write transaction a closure works in. It may be shared with other closures and is committed for all of them.
pub struct Tx<'t> {
    txn: &'t redb::WriteTransaction,
    tables: [OnceCell<redb::Table<'t, Bytes, Bytes>>; NAMES.len()],
    now: Timestamp,
    tools: &'t Tools,
    pub(super) gathered: Gathered,
    dirty: bool,
}

impl<'t> Tx<'t> {
    pub(super) fn new(txn: &'t redb::WriteTransaction, now: Timestamp, tools: &'t Tools) -> Self {
        Self {
            txn,
            tables: [const { OnceCell::new() }; NAMES.len()],
            now,
            tools,
            gathered: Gathered::default(),
            dirty: false,
        }
    }

    /// The generator for codes, tokens and jitter.
    #[must_use]
    pub fn rng(&self) -> &Rng {
        &self.tools.rng
    }

    /// Forgets that something was written, before the next closure runs.
    pub(super) fn begin_closure(&mut self) {
        self.dirty = false;
    }

    /// Whether the running closure has written.
    pub(super) fn is_dirty(&self) -> bool {
        self.dirty
    }

    pub(super) fn mark_dirty(&mut self) {
        self.dirty = true;
    }

    fn open(&self, place: usize) -> Result<&OnceCell<redb::Table<'t, Bytes, Bytes>>, StoreError> {
        let cell = self.tables.get(place).ok_or(StoreError::Closed)?;
        if cell.get().is_none() {
            let table = self.txn.open_table(definition(place))?;
            cell.get_or_init(|| table);
        }
        Ok(cell)
    }

    fn writable(&mut self, place: usize) -> Result<&mut redb::Table<'t, Bytes, Bytes>, StoreError> {
        self.dirty = true;
        self.open(place)?;
        self.tables.get_mut(place).and_then(OnceCell::get_mut).ok_or(StoreError::Closed)
    }

    /// Stores `value` under `key`; whether the key was new.
    pub(super) fn put<K: Key, V: Value>(&mut self, table: Table<K, V>, key: &K, value: &V) -> Result<bool, StoreError> {
        let bytes = value.encode().map_err(StoreError::row(name(table.place)))?;
        let old = self.writable(table.place)?.insert(key.bytes().as_slice(), bytes.as_slice())?;
        Ok(old.is_none())
    }

    /// Removes the row under `key`; whether there was one.
    pub(super) fn remove<K: Key, V: Value>(&mut self, table: Table<K, V>, key: &K) -> Result<bool, StoreError> {
        let old = self.writable(table.place)?.remove(key.bytes().as_slice())?;
        Ok(old.is_some())
    }

    /// Opens every table, so that readers find them in a fresh file.
    pub(super) fn open_all(&self) -> Result<(), StoreError> {
        (0..NAMES.len()).try_for_each(|place| self.open(place).map(|_| ()))
    }
}

impl Read for Tx<'_> {
    fn raw_get(&self, place: usize, key: &[u8], take: &mut dyn FnMut(&[u8])) -> Result<(), StoreError> {
        match self.open(place)?.get() {
            Some(table) => get_from(table, key, take),
            None => Err(StoreError::Closed),
        }
    }
    fn raw_visit(&self, place: usize, span: &Span, order: Order, visit: Visit<'_>) -> Result<(), StoreError> {
        match self.open(place)?.get() {
            Some(table) => visit_in(table, span, order, visit),
            None => Err(StoreError::Closed),
        }
    }
    fn now(&self) -> Timestamp {
        self.now
    }
    fn sealer(&self) -> &Sealer {
        &self.tools.sealer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_successor_of_a_prefix_skips_full_bytes() {
        assert_eq!(successor(&[1, 2]), Some(vec![1, 3]));
        assert_eq!(successor(&[1, 255]), Some(vec![2]));
        assert_eq!(successor(&[255, 255]), None);
    }
}
