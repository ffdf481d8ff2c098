//! Automatic answers: one waiting for each chat at most, a few a minute, the heavier before the lighter.

use std::time::Duration;

use crate::actions::Error;
use crate::actions::messages::is_queued;
use crate::clock::Timestamp;
use crate::ids::{AccountId, ChatId, DeliveryId, MessageId};
use crate::model::chat::{ANSWERS_PER_MINUTE, Chat};
use crate::model::delivery::{Delivery, DeliveryState, Lane, Policy};
use crate::model::event::Actor;
use crate::model::message::{Body, Message, MessageKind, Weight};
use crate::store::{Read as _, StoreError, Tx, chats, deliveries, messages};

/// Answers about codes a chat gets in a minute, whatever else it was answered.
pub const OUTCOMES_PER_MINUTE: u32 = 20;

const MINUTE: Duration = Duration::from_mins(1);

/// Queues an automatic answer to a chat; `None` when it is dropped. A chat has one answer waiting at most: the heavier
/// stays, of two equal ones the newer. Above [`ANSWERS_PER_MINUTE`] only answers about codes get through. Reads one row
/// and writes five; with another answer waiting, a few more.
pub fn answer(
    tx: &mut Tx<'_>,
    id: ChatId,
    account: Option<AccountId>,
    weight: Weight,
    body: &Body,
) -> Result<Option<MessageId>, Error> {
    let now = tx.now();
    answer_at(tx, id, account, (weight, now), body)
}

/// [`answer`], not before a moment: until then another one may take its place.
pub fn answer_at(
    tx: &mut Tx<'_>,
    id: ChatId,
    account: Option<AccountId>,
    (weight, due): (Weight, Timestamp),
    body: &Body,
) -> Result<Option<MessageId>, Error> {
    let Some(chat) = chats::get(tx, id)? else { return Ok(None) };
    if !chat.reachability.may_send() {
        return Ok(None);
    }
    let now = tx.now();
    let mut answers = chat.answers;
    match waiting(tx, &chat)? {
        Some(Waiting { weight: other, .. }) if other > weight => return Ok(None),
        // It takes the place of one that was counted and never leaves.
        Some(older) => withdraw(tx, &older)?,
        None if answers.within(now, MINUTE) >= most_answers(weight) => return Ok(None),
        None => answers = answers.add(now, MINUTE),
    }
    let sealed = messages::seal(tx, body)?;
    let kind = MessageKind::Answer(weight);
    let message = Message { at: now, kind, account, chat: Some(id), actor: Actor::System, sealed, answer: None };
    let number = messages::insert(tx, &message)?;
    let delivery = DeliveryId { message: number, chat: id };
    let state = DeliveryState::Queued { not_before: due };
    let queued = Delivery::queued(Lane::Replies, Policy::AtLeastOnce, account, now);
    deliveries::insert(tx, delivery, &Delivery { state, ..queued })?;
    let new = Chat { answers, last_answer: Some(delivery), ..chat.clone() };
    chats::put(tx, id, Some(&chat), &new)?;
    Ok(Some(number))
}

/// An answer that left and returns to the queue, where a newer one may wait by now: as of two that wait, the heavier
/// stays, and of two equal ones the newer. Whether the one that returns stays; then the other leaves no row.
pub fn returns(tx: &mut Tx<'_>, id: DeliveryId) -> Result<bool, StoreError> {
    let Some(chat) = chats::get(tx, id.chat)? else { return Ok(true) };
    let Some(newer) = waiting(tx, &chat)?.filter(|newer| newer.id != id) else { return Ok(true) };
    let Some(MessageKind::Answer(weight)) = messages::get(tx, id.message)?.map(|row| row.kind) else { return Ok(true) };
    if weight <= newer.weight {
        return Ok(false);
    }
    withdraw(tx, &newer)?;
    chats::put(tx, id.chat, Some(&chat), &Chat { last_answer: Some(id), ..chat.clone() })?;
    Ok(true)
}

fn most_answers(weight: Weight) -> u32 {
    match weight {
        Weight::Courtesy | Weight::Command => ANSWERS_PER_MINUTE,
        Weight::Outcome => OUTCOMES_PER_MINUTE,
    }
}

/// An answer that has not left.
struct Waiting {
    weight: Weight,
    id: DeliveryId,
    delivery: Delivery,
    message: Message,
}

fn waiting(tx: &Tx<'_>, chat: &Chat) -> Result<Option<Waiting>, StoreError> {
    let Some(id) = chat.last_answer else { return Ok(None) };
    let Some(delivery) = deliveries::get(tx, id)?.filter(is_queued) else { return Ok(None) };
    let Some(message) = messages::get(tx, id.message)? else { return Ok(None) };
    let MessageKind::Answer(weight) = message.kind else { return Ok(None) };
    Ok(Some(Waiting { weight, id, delivery, message }))
}

/// An answer that never left and was overtaken leaves no row: strangers must not be able to fill the file.
fn withdraw(tx: &mut Tx<'_>, waiting: &Waiting) -> Result<(), StoreError> {
    deliveries::remove(tx, waiting.id, &waiting.delivery)?;
    messages::remove(tx, waiting.id.message, &waiting.message)
}
