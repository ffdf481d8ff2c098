//! Broadcasts, what they say, and their list by state. Their recipients are [elsewhere](super::recipients).

use crate::ids::BroadcastId;
use crate::model::broadcast::{Broadcast, BroadcastStatus, Figures};
use crate::model::message::Body;
use crate::store::codec::Blob;
use crate::store::error::StoreError;
use crate::store::tables::{BROADCAST_BODIES, BROADCASTS, BROADCASTS_BY_STATE, FIGURES};
use crate::store::tx::{Order, Read, Span, Tx};
use crate::store::{attachments, messages};

/// A broadcast's row.
pub type Row = (BroadcastId, Broadcast);

/// The broadcast with this number.
pub fn get(read: &impl Read, id: BroadcastId) -> Result<Option<Broadcast>, StoreError> {
    read.get(BROADCASTS, &id)
}

/// What it says; `None` when the key does not open it.
pub fn body(read: &impl Read, id: BroadcastId) -> Result<Option<Body>, StoreError> {
    let Some(Blob(sealed)) = read.get(BROADCAST_BODIES, &id)? else { return Ok(None) };
    Ok(messages::open_as(read.sealer(), (Broadcast::PURPOSE, Broadcast::PURPOSE_1), &sealed))
}

/// How far it is; all zero before it starts.
pub fn figures(read: &impl Read, id: BroadcastId) -> Result<Figures, StoreError> {
    Ok(read.get(FIGURES, &id)?.unwrap_or_default())
}

/// Broadcasts, the newest first; of one status, or of all. With `before`, only what is older than that one.
pub fn list(
    read: &impl Read,
    status: Option<BroadcastStatus>,
    before: Option<BroadcastId>,
    limit: usize,
) -> Result<Vec<Row>, StoreError> {
    let Some(status) = status else {
        let span = before.map_or_else(Span::all, |id| Span::all().before(&id));
        return read.page(BROADCASTS, &span, Order::Descending, limit);
    };
    let span = Span::prefix(&number(status));
    let span = before.map_or(span.clone(), |id| span.before(&(number(status), id)));
    let rows = read.page(BROADCASTS_BY_STATE, &span, Order::Descending, limit)?;
    let open = |id| Ok(get(read, id)?.map(|row| (id, row)));
    rows.into_iter().filter_map(|((_, id), ())| open(id).transpose()).collect()
}

/// The numbers of all broadcasts of a status, also of those whose rows are damaged.
pub fn ids(read: &impl Read, status: BroadcastStatus) -> Result<Vec<BroadcastId>, StoreError> {
    let rows = read.page(BROADCASTS_BY_STATE, &Span::prefix(&number(status)), Order::Ascending, usize::MAX)?;
    Ok(rows.into_iter().map(|((_, id), ())| id).collect())
}

/// All broadcasts of a status, the oldest first. For those that are few: what runs, waits or is scheduled.
pub fn all(read: &impl Read, status: BroadcastStatus) -> Result<Vec<Row>, StoreError> {
    oldest(read, status, usize::MAX)
}

/// The oldest broadcasts of a status, for removal by age.
pub fn oldest(read: &impl Read, status: BroadcastStatus, limit: usize) -> Result<Vec<Row>, StoreError> {
    let rows = read.page(BROADCASTS_BY_STATE, &Span::prefix(&number(status)), Order::Ascending, limit)?;
    let open = |id| Ok(get(read, id)?.map(|row| (id, row)));
    rows.into_iter().filter_map(|((_, id), ())| open(id).transpose()).collect()
}

/// Adds a broadcast with what it says; it holds what it carries.
pub fn insert(tx: &mut Tx<'_>, broadcast: &Broadcast, body: &Body) -> Result<BroadcastId, StoreError> {
    let id = BroadcastId(tx.next("broadcast")?);
    tx.put(BROADCASTS_BY_STATE, &(number(broadcast.status()), id), &())?;
    tx.put(BROADCASTS, &id, broadcast)?;
    write_body(tx, id, None, body)?;
    Ok(id)
}

/// Replaces `old` by `new`.
pub fn update(tx: &mut Tx<'_>, id: BroadcastId, old: &Broadcast, new: &Broadcast) -> Result<(), StoreError> {
    if old.status() != new.status() {
        tx.remove(BROADCASTS_BY_STATE, &(number(old.status()), id))?;
        tx.put(BROADCASTS_BY_STATE, &(number(new.status()), id), &())?;
    }
    tx.put(BROADCASTS, &id, new).map(|_| ())
}

/// Replaces what it says; what is no longer carried is let go.
pub fn put_body(tx: &mut Tx<'_>, id: BroadcastId, new: &Body) -> Result<(), StoreError> {
    let old = body(tx, id)?;
    write_body(tx, id, old.as_ref(), new)
}

fn write_body(tx: &mut Tx<'_>, id: BroadcastId, old: Option<&Body>, new: &Body) -> Result<(), StoreError> {
    let (was, is) = (old.and_then(Body::attachment), new.attachment());
    if was != is {
        // First the new one: they may be the last two hands on the same file.
        if let Some(attachment) = is {
            attachments::hold(tx, attachment)?;
        }
        if let Some(attachment) = was {
            attachments::let_go(tx, attachment)?;
        }
    }
    let sealed = messages::seal_for(tx, Broadcast::PURPOSE, new)?;
    tx.put(BROADCAST_BODIES, &id, &Blob(sealed)).map(|_| ())
}

/// Takes a broadcast away; its recipients are the caller's and have to be gone.
pub fn remove(tx: &mut Tx<'_>, id: BroadcastId, broadcast: &Broadcast) -> Result<(), StoreError> {
    if let Some(attachment) = body(tx, id)?.and_then(|body| body.attachment()) {
        attachments::let_go(tx, attachment)?;
    }
    tx.remove(BROADCASTS_BY_STATE, &(number(broadcast.status()), id))?;
    tx.remove(BROADCAST_BODIES, &id)?;
    tx.remove(FIGURES, &id)?;
    tx.remove(BROADCASTS, &id).map(|_| ())
}

/// A status's place in keys.
pub(super) fn number(status: BroadcastStatus) -> u8 {
    match status {
        BroadcastStatus::Draft => 0,
        BroadcastStatus::Scheduled => 1,
        BroadcastStatus::Preparing => 2,
        BroadcastStatus::Sending => 3,
        BroadcastStatus::Paused => 4,
        BroadcastStatus::Done => 5,
        BroadcastStatus::Cancelled => 6,
    }
}
