//! Webhook endpoints and what they still have to get. The log of events is the source: each endpoint has a place in it, and rows
//! of its own only for events that are tried again or wait behind one of the same account that is. So what causes an event
//! writes nothing more than the event, however many endpoints there are. Of an account's rows only the oldest is due.

use crate::clock::Timestamp;
use crate::ids::{AccountId, AttemptId, EndpointId, EventId};
use crate::model::webhook::{ATTEMPTS_MAX, Attempt, Endpoint, Progress, SigningSecret, Waiting};
use crate::store::error::StoreError;
use crate::store::tables::{ATTEMPTS, ENDPOINTS, PROGRESS, WAITING, WAITING_DUE};
use crate::store::tx::{Order, Read, Span, Tx};

/// Stands in for the account of events that belong to none; those do not wait for each other.
pub const NOBODY: AccountId = AccountId(0);

/// The order in which an endpoint gets events: one after the other for each account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Turn {
    /// Whose, or [`NOBODY`].
    pub account: AccountId,
    /// Which event.
    pub event: EventId,
}

/// The endpoint with this number.
pub fn get(read: &impl Read, id: EndpointId) -> Result<Option<Endpoint>, StoreError> {
    read.get(ENDPOINTS, &id)
}

/// All endpoints, the oldest first; there are few.
pub fn all(read: &impl Read) -> Result<Vec<(EndpointId, Endpoint)>, StoreError> {
    read.page(ENDPOINTS, &Span::all(), Order::Ascending, usize::MAX)
}

/// How far an endpoint is.
pub fn progress(read: &impl Read, id: EndpointId) -> Result<Option<Progress>, StoreError> {
    read.get(PROGRESS, &id)
}

/// Adds an endpoint, which gets what happens after `cursor`.
pub fn insert(tx: &mut Tx<'_>, endpoint: &Endpoint, cursor: EventId) -> Result<EndpointId, StoreError> {
    let id = EndpointId(tx.next("endpoint")?);
    tx.put(ENDPOINTS, &id, endpoint)?;
    tx.put(PROGRESS, &id, &Progress { cursor, waiting: 0, failing: None, delivered: None })?;
    Ok(id)
}

/// Replaces an endpoint's row.
pub fn update(tx: &mut Tx<'_>, id: EndpointId, endpoint: &Endpoint) -> Result<(), StoreError> {
    tx.put(ENDPOINTS, &id, endpoint).map(|_| ())
}

/// Writes down how far an endpoint is; the number of its rows is kept by those who change them.
pub fn put_progress(tx: &mut Tx<'_>, id: EndpointId, new: &Progress) -> Result<(), StoreError> {
    let waiting = progress(tx, id)?.map_or(0, |old| old.waiting);
    tx.put(PROGRESS, &id, &Progress { waiting, ..*new }).map(|_| ())
}

/// Takes an endpoint away with all that belongs to it.
pub fn remove(tx: &mut Tx<'_>, id: EndpointId) -> Result<(), StoreError> {
    clear(tx, id)?;
    for (key, _) in tx.page(ATTEMPTS, &Span::prefix(&id), Order::Ascending, usize::MAX)? {
        tx.remove(ATTEMPTS, &key)?;
    }
    tx.remove(PROGRESS, &id)?;
    tx.remove(ENDPOINTS, &id).map(|_| ())
}

/// A sealed secret, opened.
pub fn secret(read: &impl Read, sealed: &[u8]) -> Option<SigningSecret> {
    SigningSecret::parse(read.sealer().open_text(Endpoint::PURPOSE, sealed).ok()?)
}

/// Seals a secret for an endpoint's row.
pub fn seal(read: &impl Read, secret: &SigningSecret) -> Vec<u8> {
    read.sealer().seal(Endpoint::PURPOSE, secret.expose().as_bytes())
}

/// An event's row.
pub fn waiting(read: &impl Read, id: EndpointId, turn: Turn) -> Result<Option<Waiting>, StoreError> {
    read.get(WAITING, &(id, turn.account, turn.event))
}

/// Whether an event of this account waits.
pub fn is_held(read: &impl Read, id: EndpointId, account: AccountId) -> Result<bool, StoreError> {
    Ok(account != NOBODY && oldest(read, id, account)?.is_some())
}

/// Rows that are the next of their account, in the order in which they may be tried.
pub fn due(read: &impl Read, id: EndpointId, limit: usize) -> Result<Vec<(Timestamp, Turn)>, StoreError> {
    let rows = read.page(WAITING_DUE, &Span::prefix(&id), Order::Ascending, limit)?;
    Ok(rows.into_iter().map(|(((_, at), (account, event)), ())| (at, Turn { account, event })).collect())
}

fn oldest(read: &impl Read, id: EndpointId, account: AccountId) -> Result<Option<(EventId, Waiting)>, StoreError> {
    let row = read.first(WAITING, &Span::prefix(&(id, account)), Order::Ascending)?;
    Ok(row.map(|((_, _, event), waiting)| (event, waiting)))
}

/// Adds or replaces an event's row.
pub fn put(tx: &mut Tx<'_>, id: EndpointId, turn: Turn, new: &Waiting) -> Result<(), StoreError> {
    unlist(tx, id, turn.account)?;
    if let (NOBODY, Some(old)) = (turn.account, waiting(tx, id, turn)?) {
        tx.remove(WAITING_DUE, &((id, old.due), (turn.account, turn.event)))?;
    }
    if tx.put(WAITING, &(id, turn.account, turn.event), new)? {
        count(tx, id, 1)?;
    }
    list(tx, id, turn, new)
}

/// Takes an event's row away; the next of its account is due then.
pub fn settle(tx: &mut Tx<'_>, id: EndpointId, turn: Turn) -> Result<(), StoreError> {
    let Some(old) = waiting(tx, id, turn)? else { return Ok(()) };
    unlist(tx, id, turn.account)?;
    if turn.account == NOBODY {
        tx.remove(WAITING_DUE, &((id, old.due), (turn.account, turn.event)))?;
    }
    tx.remove(WAITING, &(id, turn.account, turn.event))?;
    count(tx, id, -1)?;
    relist(tx, id, turn.account)
}

/// Takes the oldest row of an account off the list of those that are due.
fn unlist(tx: &mut Tx<'_>, id: EndpointId, account: AccountId) -> Result<(), StoreError> {
    if account == NOBODY {
        return Ok(());
    }
    let Some((event, waiting)) = oldest(tx, id, account)? else { return Ok(()) };
    tx.remove(WAITING_DUE, &((id, waiting.due), (account, event))).map(|_| ())
}

fn list(tx: &mut Tx<'_>, id: EndpointId, turn: Turn, new: &Waiting) -> Result<(), StoreError> {
    if turn.account == NOBODY {
        return tx.put(WAITING_DUE, &((id, new.due), (turn.account, turn.event)), &()).map(|_| ());
    }
    relist(tx, id, turn.account)
}

fn relist(tx: &mut Tx<'_>, id: EndpointId, account: AccountId) -> Result<(), StoreError> {
    if account == NOBODY {
        return Ok(());
    }
    let Some((event, waiting)) = oldest(tx, id, account)? else { return Ok(()) };
    tx.put(WAITING_DUE, &((id, waiting.due), (account, event)), &()).map(|_| ())
}

fn count(tx: &mut Tx<'_>, id: EndpointId, by: i64) -> Result<(), StoreError> {
    let Some(old) = progress(tx, id)? else { return Ok(()) };
    tx.put(PROGRESS, &id, &Progress { waiting: old.waiting.saturating_add_signed(by), ..old }).map(|_| ())
}

/// Changes rows that are the next of their account, up to `limit` of them.
pub fn change(
    tx: &mut Tx<'_>,
    id: EndpointId,
    limit: usize,
    to: impl Fn(Waiting) -> Waiting,
) -> Result<(), StoreError> {
    for (_, turn) in due(tx, id, limit)? {
        if let Some(old) = waiting(tx, id, turn)? {
            let new = to(old);
            if new != old {
                put(tx, id, turn, &new)?;
            }
        }
    }
    Ok(())
}

/// Takes up to `limit` rows of an endpoint away.
pub fn trim(tx: &mut Tx<'_>, id: EndpointId, limit: usize) -> Result<(), StoreError> {
    for ((_, account, event), _) in tx.page(WAITING, &Span::prefix(&id), Order::Ascending, limit)? {
        settle(tx, id, Turn { account, event })?;
    }
    Ok(())
}

/// Takes all rows of an endpoint away.
pub fn clear(tx: &mut Tx<'_>, id: EndpointId) -> Result<(), StoreError> {
    for (key, ()) in tx.page(WAITING_DUE, &Span::prefix(&id), Order::Ascending, usize::MAX)? {
        tx.remove(WAITING_DUE, &key)?;
    }
    for (key, _) in tx.page(WAITING, &Span::prefix(&id), Order::Ascending, usize::MAX)? {
        tx.remove(WAITING, &key)?;
        count(tx, id, -1)?;
    }
    Ok(())
}

/// Writes down an attempt; of an endpoint's attempts the last [`ATTEMPTS_MAX`] are kept.
pub fn log(tx: &mut Tx<'_>, id: EndpointId, attempt: &Attempt) -> Result<AttemptId, StoreError> {
    let last = tx.first(ATTEMPTS, &Span::prefix(&id), Order::Descending)?;
    let number = last.map_or(1, |((_, AttemptId(last)), _)| last + 1);
    tx.put(ATTEMPTS, &(id, AttemptId(number)), attempt)?;
    if let Some(old) = number.checked_sub(ATTEMPTS_MAX) {
        tx.remove(ATTEMPTS, &(id, AttemptId(old)))?;
    }
    Ok(AttemptId(number))
}

/// Attempts of an endpoint, the newest first, behind `before`.
pub fn attempts(
    read: &impl Read,
    id: EndpointId,
    before: Option<AttemptId>,
    limit: usize,
) -> Result<Vec<(AttemptId, Attempt)>, StoreError> {
    let span = Span::prefix(&id);
    let span = before.map_or(span.clone(), |before| span.before(&(id, before)));
    let rows = read.page(ATTEMPTS, &span, Order::Descending, limit)?;
    Ok(rows.into_iter().map(|((_, number), attempt)| (number, attempt)).collect())
}

/// Forgets attempts of an endpoint from before `then`. The newest stays, because the next one is counted from it.
pub fn trim_attempts(tx: &mut Tx<'_>, id: EndpointId, then: Timestamp) -> Result<(), StoreError> {
    let rows = tx.page(ATTEMPTS, &Span::prefix(&id), Order::Ascending, usize::MAX)?;
    let newest = rows.last().map(|(key, _)| *key);
    for (key, _) in rows.into_iter().take_while(|(_, attempt)| attempt.at < then) {
        if Some(key) != newest {
            tx.remove(ATTEMPTS, &key)?;
        }
    }
    Ok(())
}
