//! The report of a broadcast: what became of each recipient, in pages and for one account.

use crate::ids::{AccountId, BroadcastId};
use crate::model::account::Username;
use crate::model::broadcast::{Broadcast, BroadcastState, Figures};
use crate::model::delivery::Standing;
use crate::model::recipient::{Recipient, RecipientState};
use crate::store::{Read, StoreError, accounts, broadcasts, recipients};

/// Rows that one page looks at, where no index tells; then it ends early and its cursor goes on.
const SCANNED: usize = 2000;

/// One recipient, as reports show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its place in the broadcast, from 0.
    pub position: u32,
    /// The row. What waits in a cancelled broadcast is shown as cancelled with it.
    pub recipient: Recipient,
    /// The account's username and display name; `None` when it is gone.
    pub account: Option<(Username, String)>,
}

/// A page of a report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The lines, in order.
    pub lines: Vec<Line>,
    /// Where the next page begins, when there is one. A page may be short, and even empty, before the last.
    pub next: Option<u32>,
}

/// A broadcast that is reported on.
struct Subject<'r, R> {
    read: &'r R,
    id: BroadcastId,
    broadcast: Broadcast,
    figures: Figures,
}

/// Up to `limit` recipients from a position on; only those that stand so, or all.
pub fn page(
    read: &impl Read,
    id: BroadcastId,
    filter: Option<Standing>,
    from: u32,
    limit: usize,
) -> Result<Page, StoreError> {
    let Some(broadcast) = broadcasts::get(read, id)? else { return Ok(Page::default()) };
    let subject = Subject { read, id, broadcast, figures: broadcasts::figures(read, id)? };
    match filter {
        None => subject.scan(None, from, limit, limit),
        Some(standing @ Standing::Sent) => subject.scan(Some(standing), from, limit, SCANNED),
        Some(Standing::Queued) => subject.queued(from, limit),
        Some(Standing::Sending) => subject.sending(from, limit),
        Some(standing @ (Standing::Failed | Standing::Uncertain | Standing::Expired | Standing::Skipped)) => {
            let rows = recipients::ended(read, id, standing, from, limit.saturating_add(1))?;
            subject.page_of(rows, limit)
        }
        Some(Standing::Cancelled) => subject.cancelled(from, limit),
    }
}

/// The recipients of one account.
pub fn of_account(read: &impl Read, id: BroadcastId, account: AccountId) -> Result<Vec<Line>, StoreError> {
    /// More chats of an account are not shown.
    const CHATS: usize = 100;
    let Some(broadcast) = broadcasts::get(read, id)? else { return Ok(Vec::new()) };
    let subject = Subject { read, id, broadcast, figures: Figures::default() };
    let first = recipients::first_of(read, id, account)?;
    let rows = recipients::from(read, id, first, CHATS)?;
    let own = rows.into_iter().take_while(|(_, row)| row.account == account);
    own.map(|(position, row)| subject.line(position, row)).collect()
}

impl<R: Read> Subject<'_, R> {
    /// As people see it: what waits in a cancelled broadcast was taken back with it.
    fn shown(&self, row: Recipient) -> Recipient {
        match (&self.broadcast.state, &row.state) {
            (BroadcastState::Cancelled { at }, RecipientState::Queued { .. }) => {
                Recipient { state: RecipientState::Cancelled { at: *at }, ..row }
            }
            _ => row,
        }
    }

    fn line(&self, position: u32, row: Recipient) -> Result<Line, StoreError> {
        let account = accounts::get(self.read, row.account)?;
        let account = account.map(|account| (account.username, account.name));
        Ok(Line { position, recipient: self.shown(row), account })
    }

    /// The first `limit` of the rows; one more tells where the next page begins.
    fn page_of(&self, rows: Vec<recipients::Row>, limit: usize) -> Result<Page, StoreError> {
        let next = rows.get(limit).map(|(position, _)| *position);
        let lines = rows.into_iter().take(limit).map(|(position, row)| self.line(position, row));
        Ok(Page { lines: lines.collect::<Result<_, _>>()?, next })
    }

    /// Goes through up to `scanned` rows in order.
    fn scan(&self, standing: Option<Standing>, from: u32, limit: usize, scanned: usize) -> Result<Page, StoreError> {
        let mut page = Page::default();
        let rows = recipients::from(self.read, self.id, from, scanned.saturating_add(1))?;
        for (at, (position, row)) in rows.into_iter().enumerate() {
            if at == scanned || page.lines.len() == limit {
                page.next = Some(position);
                break;
            }
            if standing.is_none_or(|standing| row.standing() == standing) {
                page.lines.push(self.line(position, row)?);
            }
        }
        Ok(page)
    }

    fn is_cancelled(&self) -> bool {
        matches!(self.broadcast.state, BroadcastState::Cancelled { .. })
    }

    /// Those that wait again, by position, then those that wait in order.
    fn queued(&self, from: u32, limit: usize) -> Result<Page, StoreError> {
        if self.is_cancelled() {
            return Ok(Page::default());
        }
        let positions = recipients::returned_positions(self.read, self.id)?;
        let rows = self.rows_at(positions, from, Standing::Queued)?;
        self.with_those_in_order(rows, from, limit)
    }

    fn sending(&self, from: u32, limit: usize) -> Result<Page, StoreError> {
        let positions = recipients::sending(self.read, self.id)?;
        let rows = self.rows_at(positions, from, Standing::Sending)?;
        self.page_of(rows, limit)
    }

    fn rows_at(
        &self,
        mut positions: Vec<u32>,
        from: u32,
        standing: Standing,
    ) -> Result<Vec<recipients::Row>, StoreError> {
        positions.sort_unstable();
        positions.retain(|position| *position >= from);
        let mut rows = Vec::new();
        for position in positions {
            let row = recipients::get(self.read, self.id, position)?.filter(|row| row.standing() == standing);
            rows.extend(row.map(|row| (position, row)));
        }
        Ok(rows)
    }

    /// Those that were cancelled one by one, then those that were in order when the whole was.
    fn cancelled(&self, from: u32, limit: usize) -> Result<Page, StoreError> {
        let rows = recipients::ended(self.read, self.id, Standing::Cancelled, from, limit.saturating_add(1))?;
        if self.is_cancelled() { self.with_those_in_order(rows, from, limit) } else { self.page_of(rows, limit) }
    }

    /// The rows, all before the border, and behind them those that were never leased.
    fn with_those_in_order(&self, mut rows: Vec<recipients::Row>, from: u32, limit: usize) -> Result<Page, StoreError> {
        let wanted = limit.saturating_add(1).saturating_sub(rows.len());
        rows.extend(recipients::from(self.read, self.id, from.max(self.figures.next), wanted)?);
        self.page_of(rows, limit)
    }
}

#[cfg(test)]
mod tests;
