//! The journal: events for the website, and the audit for people. Both only grow at the end and shrink at the beginning.

use std::ops::ControlFlow;

use crate::clock::Timestamp;
use crate::ids::{AuditId, EventId};
use crate::model::event::{Actor, Audit, Event};
use crate::store::error::StoreError;
use crate::store::tables::{AUDIT, EVENTS};
use crate::store::tx::{Order, Read, Span, Tx};

/// Appends an event.
pub fn record(tx: &mut Tx<'_>, event: &Event) -> Result<EventId, StoreError> {
    let id = EventId(tx.next("event")?);
    tx.put(EVENTS, &id, event)?;
    Ok(id)
}

/// Events after `after`, the oldest first.
pub fn events(read: &impl Read, after: Option<EventId>, limit: usize) -> Result<Vec<(EventId, Event)>, StoreError> {
    let span = after.map_or_else(Span::all, |id| Span::all().after(&id));
    read.page(EVENTS, &span, Order::Ascending, limit)
}

/// The event with this number, while it is kept.
pub fn event(read: &impl Read, id: EventId) -> Result<Option<Event>, StoreError> {
    read.get(EVENTS, &id)
}

/// The newest event, or 0 when none is kept.
pub fn newest(read: &impl Read) -> Result<EventId, StoreError> {
    Ok(read.first(EVENTS, &Span::all(), Order::Descending)?.map_or(EventId(0), |(id, _)| id))
}

/// A number for something that is told like an event and stands in no log.
pub fn number(tx: &mut Tx<'_>) -> Result<EventId, StoreError> {
    tx.next("event").map(EventId)
}

/// Hands every event to `each`, the oldest first, until it breaks. A scan: for work that is done once in a while.
pub fn visit_events(
    read: &impl Read,
    each: impl FnMut(EventId, Event) -> Result<ControlFlow<()>, StoreError>,
) -> Result<(), StoreError> {
    read.visit(EVENTS, &Span::all(), Order::Ascending, each)
}

/// The same of the audit.
pub fn visit_audits(
    read: &impl Read,
    each: impl FnMut(AuditId, Audit) -> Result<ControlFlow<()>, StoreError>,
) -> Result<(), StoreError> {
    read.visit(AUDIT, &Span::all(), Order::Ascending, each)
}

/// Appends an audit entry.
pub fn audit(tx: &mut Tx<'_>, actor: Actor, action: &str, subject: impl Into<String>) -> Result<(), StoreError> {
    let entry = Audit { at: tx.now(), actor, action: action.to_owned(), subject: subject.into() };
    let id = AuditId(tx.next("audit")?);
    tx.put(AUDIT, &id, &entry).map(|_| ())
}

/// Audit entries, the newest first, behind `before`.
pub fn audits(read: &impl Read, before: Option<AuditId>, limit: usize) -> Result<Vec<(AuditId, Audit)>, StoreError> {
    let span = before.map_or_else(Span::all, |id| Span::all().before(&id));
    read.page(AUDIT, &span, Order::Descending, limit)
}

/// Removes events older than `events` and audit entries older than `audits`, at most `limit` of each; how many went.
pub fn trim(tx: &mut Tx<'_>, events: Timestamp, audits: Timestamp, limit: usize) -> Result<usize, StoreError> {
    let old = tx.page(EVENTS, &Span::all(), Order::Ascending, limit)?;
    let mut gone = 0;
    for (id, _) in old.into_iter().take_while(|(_, event)| event.at < events) {
        tx.remove(EVENTS, &id)?;
        gone += 1;
    }
    let old = tx.page(AUDIT, &Span::all(), Order::Ascending, limit)?;
    for (id, _) in old.into_iter().take_while(|(_, entry)| entry.at < audits) {
        tx.remove(AUDIT, &id)?;
        gone += 1;
    }
    Ok(gone)
}
