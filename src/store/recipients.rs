//! The recipients of a broadcast: rows in the order of their accounts, the queue of those that wait again, and the index
//! of those that did not get it. Rows and figures change together, through a [`Ledger`].

use std::ops::ControlFlow;

use crate::clock::Timestamp;
use crate::ids::{AccountId, BroadcastId};
use crate::model::broadcast::Figures;
use crate::model::delivery::Standing;
use crate::model::recipient::{Recipient, RecipientState};
use crate::store::broadcasts;
use crate::store::error::StoreError;
use crate::store::numbers::Metric;
use crate::store::tables::{FIGURES, OUTCOMES, RECIPIENTS, RETURNED};
use crate::store::tx::{Order, Read, Span, Tx};

/// A recipient with its position in the broadcast.
pub type Row = (u32, Recipient);
/// A place in the queue of those that wait again.
pub type Place = (Timestamp, u32);

/// The recipient at a position.
pub fn get(read: &impl Read, id: BroadcastId, position: u32) -> Result<Option<Recipient>, StoreError> {
    read.get(RECIPIENTS, &(id, position))
}

/// Recipients from a position on, in order.
pub fn from(read: &impl Read, id: BroadcastId, position: u32, limit: usize) -> Result<Vec<Row>, StoreError> {
    let span = Span::prefix(&id).from(&(id, position));
    let rows = read.page(RECIPIENTS, &span, Order::Ascending, limit)?;
    Ok(rows.into_iter().map(|((_, position), row)| (position, row)).collect())
}

/// Recipients that wait again and are due at `now`, the earliest first, behind `after`; leased ones are among them.
pub fn returned(
    read: &impl Read,
    id: BroadcastId,
    now: Timestamp,
    after: Option<Place>,
    limit: usize,
) -> Result<Vec<Place>, StoreError> {
    let span = Span::prefix(&id).through(&(id, now));
    let span = after.map_or(span.clone(), |(at, position)| span.after(&(id, at, position)));
    let rows = read.page(RETURNED, &span, Order::Ascending, limit)?;
    Ok(rows.into_iter().map(|((_, at, position), ())| (at, position)).collect())
}

/// The positions of all recipients that wait again, leased ones among them, in the order in which they are due.
pub fn returned_positions(read: &impl Read, id: BroadcastId) -> Result<Vec<u32>, StoreError> {
    let mut positions = Vec::new();
    read.visit(RETURNED, &Span::prefix(&id), Order::Ascending, |(_, _, position), ()| {
        positions.push(position);
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(positions)
}

/// The first moment after `now` at which a recipient that waits again is due.
pub fn next_returned(read: &impl Read, id: BroadcastId, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    let span = Span::prefix(&id).from(&(id, Timestamp(now.0 + 1)));
    Ok(read.first(RETURNED, &span, Order::Ascending)?.map(|((_, at, _), ())| at))
}

/// Recipients whose delivery ended so (failed, uncertain, skipped, cancelled one by one), from a position on.
pub fn ended(
    read: &impl Read,
    id: BroadcastId,
    standing: Standing,
    position: u32,
    limit: usize,
) -> Result<Vec<Row>, StoreError> {
    let prefix = (id, number(standing));
    let span = Span::prefix(&prefix).from(&(id, number(standing), position));
    let rows = read.page(OUTCOMES, &span, Order::Ascending, limit)?;
    let open = |position| Ok(get(read, id, position)?.map(|row| (position, row)));
    rows.into_iter().filter_map(|((_, _, position), ())| open(position).transpose()).collect()
}

/// The first row of an account, or the place where it would be: rows are in the order of their accounts.
pub fn first_of(read: &impl Read, id: BroadcastId, account: AccountId) -> Result<u32, StoreError> {
    let (mut low, mut high) = (0, broadcasts::figures(read, id)?.rows);
    while low < high {
        let middle = low + (high - low) / 2;
        match get(read, id, middle)? {
            Some(row) if row.account < account => low = middle + 1,
            Some(_) | None => high = middle,
        }
    }
    Ok(low)
}

/// The rows of an account, which stand together.
pub fn of_account(read: &impl Read, id: BroadcastId, account: AccountId) -> Result<Vec<Row>, StoreError> {
    let first = first_of(read, id, account)?;
    let mut rows = Vec::new();
    read.visit(RECIPIENTS, &Span::prefix(&id).from(&(id, first)), Order::Ascending, |(_, position), row| {
        if row.account != account {
            return Ok(ControlFlow::Break(()));
        }
        rows.push((position, row));
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(rows)
}

/// Positions of recipients marked as being sent. At start they belong to a process that is gone. Looks among those that
/// wait again, then backwards from the last lease, until it found as many as are counted. A damaged row is passed over.
pub fn sending(read: &impl Read, id: BroadcastId) -> Result<Vec<u32>, StoreError> {
    let figures = broadcasts::figures(read, id)?;
    let mut left = figures.count(Standing::Sending);
    let mut found = Vec::new();
    let mut look = |position: u32| {
        let row = match get(read, id, position) {
            Err(StoreError::Row { .. }) => None,
            row => row?,
        };
        let fits = row.is_some_and(|row| row.standing() == Standing::Sending) && !found.contains(&position);
        if fits {
            found.push(position);
            left = left.saturating_sub(1);
        }
        Ok::<bool, StoreError>(left > 0)
    };
    if figures.count(Standing::Sending) == 0 {
        return Ok(found);
    }
    let mut more = true;
    read.visit(RETURNED, &Span::prefix(&id), Order::Ascending, |(_, _, position), ()| {
        more = look(position)?;
        Ok(if more { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    })?;
    let mut position = figures.next;
    while more && position > 0 {
        position -= 1;
        more = look(position)?;
    }
    Ok(found)
}

/// Takes away up to `limit` recipients of a broadcast that is over; how many went. Its figures go first: they say nothing
/// of what is left.
pub fn clear(tx: &mut Tx<'_>, id: BroadcastId, limit: usize) -> Result<usize, StoreError> {
    let rows = tx.page(RECIPIENTS, &Span::prefix(&id), Order::Ascending, limit)?;
    if !rows.is_empty() {
        tx.remove(FIGURES, &id)?;
    }
    for ((_, position), row) in &rows {
        unindex(tx, id, *position, row)?;
        tx.remove(RECIPIENTS, &(id, *position))?;
    }
    Ok(rows.len())
}

/// A broadcast's rows while they change: the figures gather here and are written once, by [`Ledger::close`].
#[must_use = "the figures are written by close"]
#[derive(Debug)]
pub struct Ledger {
    id: BroadcastId,
    /// How far the broadcast is, with what was changed.
    pub figures: Figures,
}

impl Ledger {
    /// Opens the book of a broadcast. One at a time.
    pub fn open(read: &impl Read, id: BroadcastId) -> Result<Self, StoreError> {
        Ok(Self { id, figures: broadcasts::figures(read, id)? })
    }

    /// Writes the figures.
    pub fn close(self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        tx.put(FIGURES, &self.id, &self.figures).map(|_| ())
    }

    /// Adds a chat at the end of the audience, behind those of smaller accounts.
    pub fn append(&mut self, tx: &mut Tx<'_>, mut row: Recipient) -> Result<(), StoreError> {
        let position = self.figures.rows;
        if self.figures.last == Some(row.account) {
            row.shares_account = true;
            self.mark_shared(tx, position)?;
        } else {
            self.figures.accounts += 1;
            self.figures.last = Some(row.account);
        }
        self.figures.rows += 1;
        self.figures.add(row.standing(), 1);
        tx.put(RECIPIENTS, &(self.id, position), &row).map(|_| ())
    }

    fn mark_shared(&self, tx: &mut Tx<'_>, position: u32) -> Result<(), StoreError> {
        let Some(before) = position.checked_sub(1) else { return Ok(()) };
        match get(tx, self.id, before)? {
            Some(row) if !row.shares_account => {
                tx.put(RECIPIENTS, &(self.id, before), &Recipient { shares_account: true, ..row }).map(|_| ())
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Moves a recipient on: `new` takes the place of `old`. A row that leaves the order of the rows, by being leased or
    /// set back, moves the border behind it.
    pub fn update(
        &mut self,
        tx: &mut Tx<'_>,
        position: u32,
        old: &Recipient,
        new: &Recipient,
    ) -> Result<(), StoreError> {
        if place(old) != place(new) || old.standing() != new.standing() {
            unindex(tx, self.id, position, old)?;
            index(tx, self.id, position, new)?;
        }
        if !in_order(new) {
            self.figures.next = self.figures.next.max(position + 1);
        }
        if old.standing() != new.standing() {
            self.figures.add(old.standing(), -1);
            self.figures.add(new.standing(), 1);
            tally(tx, new.standing());
            if new.standing() == Standing::Sent && !self.was_reached(tx, position, new)? {
                self.figures.reached += 1;
            }
        }
        tx.put(RECIPIENTS, &(self.id, position), new).map(|_| ())
    }

    /// Notes which button answered the broadcast's question here.
    pub fn answer(&mut self, tx: &mut Tx<'_>, position: u32, old: &Recipient, button: u8) -> Result<(), StoreError> {
        self.figures.add_answer(button);
        tx.put(RECIPIENTS, &(self.id, position), &Recipient { answer: Some(button), ..old.clone() }).map(|_| ())
    }

    /// Whether another chat of the same account has got it already.
    fn was_reached(&self, tx: &Tx<'_>, position: u32, row: &Recipient) -> Result<bool, StoreError> {
        if !row.shares_account {
            return Ok(false);
        }
        let kin = of_account(tx, self.id, row.account)?;
        Ok(kin.iter().any(|(other, kin)| *other != position && kin.standing() == Standing::Sent))
    }
}

/// Counts an outcome for the day.
fn tally(tx: &mut Tx<'_>, standing: Standing) {
    match standing {
        Standing::Sent => tx.tick(Metric::Sent),
        Standing::Failed | Standing::Expired => tx.tick(Metric::Failed),
        Standing::Uncertain => tx.tick(Metric::Uncertain),
        Standing::Queued | Standing::Sending | Standing::Cancelled | Standing::Skipped => {}
    }
}

/// Whether it waits in the order of the rows.
pub(super) fn in_order(row: &Recipient) -> bool {
    matches!(row.state, RecipientState::Queued { not_before: None })
}

/// Where a recipient stands in the queue of those that wait again, if it does.
pub(super) fn place(row: &Recipient) -> Option<Timestamp> {
    match row.state {
        RecipientState::Queued { not_before: at } | RecipientState::Sending { due: at, .. } => at,
        RecipientState::Sent { .. }
        | RecipientState::Failed { .. }
        | RecipientState::Uncertain { .. }
        | RecipientState::Cancelled { .. }
        | RecipientState::Skipped { .. } => None,
    }
}

/// Whether the index of those that did not get it names it.
pub(super) fn is_listed(standing: Standing) -> bool {
    match standing {
        Standing::Queued | Standing::Sending | Standing::Sent => false,
        Standing::Failed | Standing::Uncertain | Standing::Cancelled | Standing::Expired | Standing::Skipped => true,
    }
}

fn index(tx: &mut Tx<'_>, id: BroadcastId, position: u32, row: &Recipient) -> Result<(), StoreError> {
    if let Some(at) = place(row) {
        tx.put(RETURNED, &(id, at, position), &())?;
    }
    if is_listed(row.standing()) {
        tx.put(OUTCOMES, &(id, number(row.standing()), position), &())?;
    }
    Ok(())
}

fn unindex(tx: &mut Tx<'_>, id: BroadcastId, position: u32, row: &Recipient) -> Result<(), StoreError> {
    if let Some(at) = place(row) {
        tx.remove(RETURNED, &(id, at, position))?;
    }
    if is_listed(row.standing()) {
        tx.remove(OUTCOMES, &(id, number(row.standing()), position))?;
    }
    Ok(())
}

/// A standing's place in keys.
pub(super) fn number(standing: Standing) -> u8 {
    match standing {
        Standing::Queued => 0,
        Standing::Sending => 1,
        Standing::Sent => 2,
        Standing::Failed => 3,
        Standing::Uncertain => 4,
        Standing::Cancelled => 5,
        Standing::Expired => 6,
        Standing::Skipped => 7,
    }
}

#[cfg(test)]
mod tests;
