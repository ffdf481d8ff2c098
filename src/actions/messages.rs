//! Messages out and in: automatic answers of the bot, messages of admins and the website, words of people.
//! What becomes of a delivery once it is queued is the outbox's.

mod answer;
mod change;
mod content;
mod send;

pub use answer::{OUTCOMES_PER_MINUTE, answer, answer_at, returns};
pub use change::{Touched, delete, edit};
pub use content::{ADDRESS_MAX, check};
pub use send::{LIFETIME_MAX, LIFETIME_MIN, SendOptions, To, send};

use crate::actions::{Caller, Error, Refusal, events};
use crate::ids::{AccountId, ChatId, DeliveryId, MessageId, TelegramMessageId};
use crate::model::admin::Role;
use crate::model::delivery::{Delivery, DeliveryState, Lane, Policy, Standing};
use crate::model::event::{Actor, EventKind};
use crate::model::message::{Body, Message, MessageKind};
use crate::store::{Read as _, StoreError, Tx, deliveries, journal, messages};

/// Whether it still waits and can be taken back.
pub(super) fn is_queued(delivery: &Delivery) -> bool {
    matches!(delivery.state, DeliveryState::Queued { .. })
}

/// Queues a message of startlink itself to one chat, outside of every conversation.
pub(super) fn notice(tx: &mut Tx<'_>, chat: ChatId, text: String) -> Result<MessageId, StoreError> {
    let now = tx.now();
    let sealed = messages::seal(tx, &Body::plain(text))?;
    let kind = MessageKind::Notice;
    let message =
        Message { at: now, kind, account: None, chat: Some(chat), actor: Actor::System, sealed, answer: None };
    let id = messages::insert(tx, &message)?;
    let delivery = Delivery::queued(Lane::Single, Policy::AtLeastOnce, None, now);
    deliveries::insert(tx, DeliveryId { message: id, chat }, &delivery)?;
    Ok(id)
}

/// Stores what a person wrote, when their chat is connected, and tells the website; `None` when it is not. Seven rows.
pub fn receive(
    tx: &mut Tx<'_>,
    chat: ChatId,
    account: Option<AccountId>,
    telegram: TelegramMessageId,
    body: &Body,
) -> Result<Option<MessageId>, Error> {
    let Some(owner) = account else { return Ok(None) };
    let sealed = messages::seal(tx, body)?;
    let kind = MessageKind::Incoming(telegram);
    let message =
        Message { at: tx.now(), kind, account, chat: Some(chat), actor: Actor::Chat(chat), sealed, answer: None };
    let id = messages::insert(tx, &message)?;
    events::of_account(tx, owner, EventKind::MessageReceived(id, chat))?;
    Ok(Some(id))
}

/// Takes back the deliveries of a message that have not left; how many.
pub fn cancel(tx: &mut Tx<'_>, caller: &Caller, id: MessageId) -> Result<usize, Error> {
    caller.needs(Role::Sender)?;
    let message = messages::get(tx, id)?.ok_or_else(|| Refusal::not_found("There is no such message."))?;
    if message.is_incoming() {
        return Err(Refusal::conflict(None, "A message that was received cannot be cancelled.").into());
    }
    let rows: Vec<_> =
        deliveries::of_message(tx, id)?.into_iter().filter(|(_, delivery)| is_queued(delivery)).collect();
    if rows.is_empty() {
        return Err(Refusal::conflict(None, "It is too late to cancel: nothing of this message is waiting.").into());
    }
    let at = tx.now();
    for (id, delivery) in &rows {
        end(tx, *id, delivery, DeliveryState::Cancelled { at })?;
    }
    journal::audit(tx, caller.actor, "message.cancel", format!("message {id}"))?;
    Ok(rows.len())
}

/// Moves a delivery to a state in which it will not be sent now; of what became of it for good the website is told.
pub fn end(tx: &mut Tx<'_>, id: DeliveryId, old: &Delivery, state: DeliveryState) -> Result<(), StoreError> {
    let told = match &state {
        DeliveryState::Sent { .. } => Some(EventKind::MessageSent(id.message, id.chat)),
        DeliveryState::Failed { .. } | DeliveryState::Expired { .. } => {
            Some(EventKind::MessageFailed(id.message, Some(id.chat)))
        }
        DeliveryState::Uncertain { .. } => Some(EventKind::MessageUncertain(id.message, id.chat)),
        DeliveryState::Queued { .. }
        | DeliveryState::Sending { .. }
        | DeliveryState::Cancelled { .. }
        | DeliveryState::Skipped { .. } => None,
    };
    // Automatic answers are the bot's own affair.
    let kind = told.filter(|_| old.lane != Lane::Replies);
    // What did not get there cannot be changed there.
    let change = old
        .change
        .clone()
        .filter(|_| matches!(state.standing(), Standing::Queued | Standing::Sending | Standing::Sent));
    deliveries::update(tx, id, old, &Delivery { state, change, ..old.clone() })?;
    if let (Some(kind), Some(account)) = (kind, old.account) {
        events::of_account(tx, account, kind)?;
    }
    Ok(())
}

/// Takes away a message and its deliveries; nothing happens while one of them is still on its way or waits.
pub(super) fn discard(tx: &mut Tx<'_>, id: MessageId, message: &Message) -> Result<bool, StoreError> {
    let rows = deliveries::of_message(tx, id)?;
    if rows.iter().any(|(_, delivery)| !delivery.state.standing().is_final()) {
        return Ok(false);
    }
    for (id, delivery) in &rows {
        deliveries::remove(tx, *id, delivery)?;
    }
    messages::remove(tx, id, message)?;
    Ok(true)
}

#[cfg(test)]
mod tests;
