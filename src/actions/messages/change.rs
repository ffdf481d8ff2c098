//! Messages that were sent, changed on the phones: another text, or gone. What has not left yet is changed before it leaves.

use crate::actions::messages::{check, end, is_queued};
use crate::actions::{Caller, Error, Refusal};
use crate::clock::Timestamp;
use crate::ids::MessageId;
use crate::model::admin::Role;
use crate::model::change::{Change, DELETABLE, Deed, Progress};
use crate::model::delivery::{Delivery, DeliveryState, Reason};
use crate::model::message::{Body, Message, MessageKind};
use crate::store::{Read as _, Tx, deliveries, journal, messages};

/// How many deliveries of a message something was done to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// They had not left.
    pub waiting: usize,
    /// They are on phones.
    pub sent: usize,
}

/// Gives a message another text or other buttons, as `change` says: what waits leaves with them, and what was sent is
/// changed on the phones. What it carries and its way of arriving stay.
pub fn edit(tx: &mut Tx<'_>, caller: &Caller, id: MessageId, change: &impl Fn(&mut Body)) -> Result<Touched, Error> {
    caller.needs(Role::Sender)?;
    let message = written(tx, id)?;
    let old = messages::body(tx, &message);
    let old = old.ok_or_else(|| Refusal::conflict(None, "What this message says can no longer be read."))?;
    let mut body = old.clone();
    change(&mut body);
    if (old.asks() || body.asks()) && old.buttons != body.buttons {
        let sentence = "The buttons of a question stay as they are, so that its answers keep their meaning.";
        return Err(Refusal::conflict(Some("buttons"), sentence).into());
    }
    let body = check(tx, body.with_attachment(old.attachment()))?;
    let rows: Vec<_> = deliveries::of_message(tx, id)?.into_iter().filter(|(_, row)| can_say(row)).collect();
    if rows.is_empty() {
        let sentence = "There is nothing to edit: this message neither waits nor stands on a phone.";
        return Err(Refusal::conflict(None, sentence).into());
    }
    let sealed = messages::seal(tx, &body)?;
    messages::reword(tx, id, &Message { sealed, ..message })?;
    let mut touched = Touched::default();
    for (id, row) in &rows {
        // What was sent without its markup gets another chance with the new one.
        let mut new = Delivery { as_plain: false, ..row.clone() };
        if is_queued(row) {
            touched.waiting += 1;
        } else {
            new.change = Some(Change::asked(Deed::Edit, row.change.as_ref(), tx.now()));
            touched.sent += 1;
        }
        deliveries::update(tx, *id, row, &new)?;
    }
    journal::audit(tx, caller.actor, "message.edit", format!("message {id}"))?;
    Ok(touched)
}

/// Takes a message back wherever it is: what waits is cancelled, and what was sent is deleted on the phones. Telegram lets
/// a bot delete for 48 hours; deliveries that are older stay, and say so.
pub fn delete(tx: &mut Tx<'_>, caller: &Caller, id: MessageId) -> Result<Touched, Error> {
    caller.needs(Role::Sender)?;
    written(tx, id)?;
    let now = tx.now();
    let rows = deliveries::of_message(tx, id)?;
    let may_go = |row: &Delivery| is_queued(row) || (can_say(row) && !is_too_old(row, now));
    if !rows.iter().any(|(_, row)| may_go(row)) {
        let old = rows.iter().any(|(_, row)| can_say(row) && is_too_old(row, now));
        let sentence = if old {
            "It is too late to delete this message: Telegram lets a bot delete only what is not older than 48 hours."
        } else {
            "It is too late to take this message back: it neither waits nor stands on a phone."
        };
        return Err(Refusal::conflict(None, sentence).into());
    }
    let mut touched = Touched::default();
    for (id, row) in rows.iter().filter(|(_, row)| can_say(row)) {
        if is_queued(row) {
            end(tx, *id, row, DeliveryState::Cancelled { at: now })?;
            touched.waiting += 1;
            continue;
        }
        let mut change = Change::asked(Deed::Delete, row.change.as_ref(), now);
        if is_too_old(row, now) {
            let words = "Telegram lets a bot delete only what is not older than 48 hours";
            change.progress = Progress::Failed { reason: Reason::Content(words.to_owned()), at: now };
        } else {
            touched.sent += 1;
        }
        deliveries::update(tx, *id, row, &Delivery { change: Some(change), ..row.clone() })?;
    }
    let word = if touched.sent > 0 { "message.delete" } else { "message.cancel" };
    journal::audit(tx, caller.actor, word, format!("message {id}"))?;
    Ok(touched)
}

/// A message that an admin or the website wrote.
fn written(tx: &Tx<'_>, id: MessageId) -> Result<Message, Error> {
    let message = messages::get(tx, id)?.ok_or_else(|| Refusal::not_found("There is no such message."))?;
    match message.kind {
        MessageKind::Personal | MessageKind::Notice => Ok(message),
        MessageKind::Incoming(_) => {
            Err(Refusal::conflict(None, "A message that was received cannot be changed or taken back.").into())
        }
        MessageKind::Answer(_) => Err(Refusal::conflict(None, "An automatic answer stays as it is.").into()),
    }
}

/// Whether what its message says reaches a phone by it: it waits, is on its way, or stands there.
fn can_say(row: &Delivery) -> bool {
    match row.state {
        DeliveryState::Queued { .. } | DeliveryState::Sending { .. } | DeliveryState::Sent { .. } => {
            !is_being_deleted(row)
        }
        DeliveryState::Failed { .. }
        | DeliveryState::Uncertain { .. }
        | DeliveryState::Cancelled { .. }
        | DeliveryState::Expired { .. }
        | DeliveryState::Skipped { .. } => false,
    }
}

/// Whether it was deleted, or will be.
fn is_being_deleted(row: &Delivery) -> bool {
    let is_waiting = |change: &Change| change.deed == Deed::Delete && change.due().is_some();
    row.is_deleted() || row.change.as_ref().is_some_and(is_waiting)
}

fn is_too_old(row: &Delivery, now: Timestamp) -> bool {
    matches!(row.state, DeliveryState::Sent { at, .. } if now.since(at) > DELETABLE)
}
