//! Deliveries, and the queue of those that are due. A delivery stands in the queue while it is queued or being sent, and
//! again while a change of it waits.

use std::ops::ControlFlow;

use crate::clock::Timestamp;
use crate::ids::{ChatId, DeliveryId, MessageId};
use crate::model::delivery::{Delivery, DeliveryState, Lane, Standing};
use crate::store::error::StoreError;
use crate::store::numbers::{self, Counter, Metric};
use crate::store::tables::{DELIVERIES, DUE, PENDING_BY_CHAT};
use crate::store::tx::{Order, Read, Span, Tx};

/// A place in the queue of a lane.
pub type Place = (Timestamp, DeliveryId);

/// The delivery with this name.
pub fn get(read: &impl Read, id: DeliveryId) -> Result<Option<Delivery>, StoreError> {
    read.get(DELIVERIES, &id)
}

/// The deliveries of a message, by chat.
pub fn of_message(read: &impl Read, message: MessageId) -> Result<Vec<(DeliveryId, Delivery)>, StoreError> {
    read.page(DELIVERIES, &Span::prefix(&message), Order::Ascending, usize::MAX)
}

/// Places of a lane's queue that are due at `now`, the earliest first, behind `after`; leased ones are among them.
pub fn due(
    read: &impl Read,
    lane: Lane,
    now: Timestamp,
    after: Option<Place>,
    limit: usize,
) -> Result<Vec<Place>, StoreError> {
    let lane = lane.number();
    let span = Span::prefix(&lane).through(&(lane, now));
    let span = after.map_or(span.clone(), |(at, id)| span.after(&(lane, at, id)));
    let rows = read.page(DUE, &span, Order::Ascending, limit)?;
    Ok(rows.into_iter().map(|((_, at, id), ())| (at, id)).collect())
}

/// The first moment after `now` at which something of a lane is due.
pub fn next_due(read: &impl Read, lane: Lane, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    let lane = lane.number();
    let span = Span::prefix(&lane).from(&(lane, Timestamp(now.0 + 1)));
    Ok(read.first(DUE, &span, Order::Ascending)?.map(|((_, at, _), ())| at))
}

/// Deliveries marked as being sent. At start they belong to a process that is gone. Walks the queue until it found as many
/// as are counted, so not at all after a stop in order. A damaged row is passed over: it must not keep the others waiting.
pub fn sending(read: &impl Read) -> Result<Vec<DeliveryId>, StoreError> {
    let mut found = Vec::new();
    for lane in Lane::QUEUED {
        let mut left = numbers::count(read, Counter::Deliveries(lane, Standing::Sending))?;
        if left == 0 {
            continue;
        }
        read.visit(DUE, &Span::prefix(&lane.number()), Order::Ascending, |(_, _, id), ()| {
            let row = match get(read, id) {
                Err(StoreError::Row { .. }) => None,
                row => row?,
            };
            if row.is_some_and(|delivery| delivery.state.standing() == Standing::Sending) {
                found.push(id);
                left -= 1;
            }
            Ok(if left > 0 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })?;
    }
    Ok(found)
}

/// Deliveries to a chat that are queued or being sent, answers left out.
pub fn pending_of_chat(read: &impl Read, chat: ChatId) -> Result<Vec<(DeliveryId, Delivery)>, StoreError> {
    let rows = read.page(PENDING_BY_CHAT, &Span::prefix(&chat), Order::Ascending, usize::MAX)?;
    let open = |id| Ok(get(read, id)?.map(|delivery| (id, delivery)));
    rows.into_iter().filter_map(|((_, id), ())| open(id).transpose()).collect()
}

/// Adds a delivery.
pub fn insert(tx: &mut Tx<'_>, id: DeliveryId, delivery: &Delivery) -> Result<(), StoreError> {
    tx.put(DELIVERIES, &id, delivery)?;
    tally(tx, delivery);
    enter(tx, id, delivery)
}

/// Moves a delivery on: `new` takes the place of `old`.
pub fn update(tx: &mut Tx<'_>, id: DeliveryId, old: &Delivery, new: &Delivery) -> Result<(), StoreError> {
    if (place(old), is_listed(old)) == (place(new), is_listed(new)) {
        tx.add(counter(old), -1);
        tx.add(counter(new), 1);
    } else {
        leave(tx, id, old)?;
        enter(tx, id, new)?;
    }
    tx.put(DELIVERIES, &id, new)?;
    if old.state.standing() != new.state.standing() {
        tally(tx, new);
    }
    Ok(())
}

/// Counts an outcome for the day.
fn tally(tx: &mut Tx<'_>, delivery: &Delivery) {
    match delivery.state.standing() {
        Standing::Sent => tx.tick(Metric::Sent),
        Standing::Failed | Standing::Expired => tx.tick(Metric::Failed),
        Standing::Uncertain => tx.tick(Metric::Uncertain),
        Standing::Queued | Standing::Sending | Standing::Cancelled | Standing::Skipped => {}
    }
}

/// Takes a delivery away.
pub fn remove(tx: &mut Tx<'_>, id: DeliveryId, delivery: &Delivery) -> Result<(), StoreError> {
    leave(tx, id, delivery)?;
    tx.remove(DELIVERIES, &id).map(|_| ())
}

/// Where a delivery stands in its lane's queue, if it does: until it is sent, and while a change of it waits.
pub(super) fn place(delivery: &Delivery) -> Option<Timestamp> {
    open_place(delivery).or_else(|| delivery.change_due())
}

/// Where it stands until it is sent.
fn open_place(delivery: &Delivery) -> Option<Timestamp> {
    match delivery.state {
        DeliveryState::Queued { not_before } => Some(not_before),
        DeliveryState::Sending { due, .. } => Some(due),
        DeliveryState::Sent { .. }
        | DeliveryState::Failed { .. }
        | DeliveryState::Uncertain { .. }
        | DeliveryState::Cancelled { .. }
        | DeliveryState::Expired { .. }
        | DeliveryState::Skipped { .. } => None,
    }
}

/// Whether its chat's list of pending deliveries names it. Answers are not cancelled by an unbinding.
pub(super) fn is_listed(delivery: &Delivery) -> bool {
    delivery.lane != Lane::Replies && open_place(delivery).is_some()
}

fn counter(delivery: &Delivery) -> Counter {
    Counter::Deliveries(delivery.lane, delivery.state.standing())
}

fn enter(tx: &mut Tx<'_>, id: DeliveryId, delivery: &Delivery) -> Result<(), StoreError> {
    tx.add(counter(delivery), 1);
    if let Some(at) = place(delivery) {
        tx.put(DUE, &(delivery.lane.number(), at, id), &())?;
    }
    if is_listed(delivery) {
        tx.put(PENDING_BY_CHAT, &(id.chat, id), &())?;
    }
    Ok(())
}

fn leave(tx: &mut Tx<'_>, id: DeliveryId, delivery: &Delivery) -> Result<(), StoreError> {
    tx.add(counter(delivery), -1);
    if let Some(at) = place(delivery) {
        tx.remove(DUE, &(delivery.lane.number(), at, id))?;
    }
    if is_listed(delivery) {
        tx.remove(PENDING_BY_CHAT, &(id.chat, id))?;
    }
    Ok(())
}
