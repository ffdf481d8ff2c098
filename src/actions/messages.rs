//! Messages out and in: automatic answers of the bot, messages of admins and the website, words of people.
//! What becomes of a delivery once it is queued is the outbox's.

use std::time::Duration;

use crate::actions::{Caller, Error, Refusal, events};
use crate::ids::{AccountId, AdminId, ChatId, DeliveryId, MessageId, TelegramMessageId};
use crate::model::admin::Role;
use crate::model::chat::{ANSWERS_PER_MINUTE, Chat, Reachability};
use crate::model::delivery::{Delivery, DeliveryState, LIFETIME, Lane, NO_CHAT, Policy, Reason};
use crate::model::event::{Actor, EventKind};
use crate::model::message::{Body, ButtonAction, Message, MessageKind, Weight};
use crate::model::text::{MessageText, utf16_len};
use crate::store::{Read as _, StoreError, Tx, accounts, admins, chats, deliveries, journal, messages};

/// Answers about codes a chat gets in a minute, whatever else it was answered.
pub const OUTCOMES_PER_MINUTE: u32 = 20;
/// The longest time a message may be tried.
pub const LIFETIME_MAX: Duration = Duration::from_hours(7 * 24);
/// The shortest.
pub const LIFETIME_MIN: Duration = Duration::from_secs(1);
/// Most buttons under a message.
pub const BUTTONS_MAX: usize = 20;
/// Longest label of a button, in UTF-16 units.
pub const LABEL_MAX: usize = 64;
/// Longest address of a button, in bytes.
pub const ADDRESS_MAX: usize = 2048;

const MINUTE: Duration = Duration::from_mins(1);

/// To whom a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// All reachable chats of an account.
    Account(AccountId),
    /// One chat that is connected to an account.
    Chat(ChatId),
    /// An admin's own chats.
    Admin(AdminId),
}

/// How a message is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SendOptions {
    /// What an unknown outcome means.
    pub policy: Policy,
    /// How long it is tried, 1 second to 7 days.
    pub lifetime: Duration,
}

impl Default for SendOptions {
    fn default() -> Self {
        Self { policy: Policy::AtLeastOnce, lifetime: LIFETIME }
    }
}

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
    let message = Message { at: now, kind, account, chat: Some(id), actor: Actor::System, sealed };
    let number = messages::insert(tx, &message)?;
    let delivery = DeliveryId { message: number, chat: id };
    deliveries::insert(tx, delivery, &Delivery::queued(Lane::Replies, Policy::AtLeastOnce, account, now))?;
    let new = Chat { answers, last_answer: Some(delivery), ..chat.clone() };
    chats::put(tx, id, Some(&chat), &new)?;
    Ok(Some(number))
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

/// Whether it still waits and can be taken back.
pub(super) fn is_queued(delivery: &Delivery) -> bool {
    matches!(delivery.state, DeliveryState::Queued { .. })
}

/// Queues a message to an account, a connected chat or an admin's own chats: one delivery for each chat that can be
/// reached. An account without one gets a single delivery that failed.
pub fn send(
    tx: &mut Tx<'_>,
    caller: &Caller,
    to: To,
    body: Body,
    options: SendOptions,
) -> Result<(MessageId, Vec<(DeliveryId, Delivery)>), Error> {
    caller.needs(Role::Sender)?;
    let body = check(body)?;
    if !(LIFETIME_MIN..=LIFETIME_MAX).contains(&options.lifetime) {
        return Err(Refusal::invalid("lifetime", "A message is tried for 1 second to 7 days.").into());
    }
    let envelope = address(tx, to)?;
    let now = tx.now();
    let sealed = messages::seal(tx, &body)?;
    let message = Message {
        at: now,
        kind: envelope.kind,
        account: envelope.account,
        chat: envelope.chat,
        actor: caller.actor,
        sealed,
    };
    let id = messages::insert(tx, &message)?;
    let deliveries = deliver(tx, id, &envelope, options)?;
    journal::audit(tx, caller.actor, "message.send", envelope.subject)?;
    Ok((id, deliveries))
}

/// Where a message goes, looked up.
struct Envelope {
    kind: MessageKind,
    account: Option<AccountId>,
    chat: Option<ChatId>,
    chats: Vec<ChatId>,
    /// Why there is no chat to send to, and which one that is about.
    dead: (ChatId, Reason),
    subject: String,
}

fn address(tx: &Tx<'_>, to: To) -> Result<Envelope, Error> {
    let reachable = |rows: Vec<(ChatId, Chat)>| {
        rows.into_iter().filter(|(_, chat)| chat.reachability.may_send()).map(|(id, _)| id).collect::<Vec<_>>()
    };
    let dead = (NO_CHAT, Reason::NotLinked);
    match to {
        To::Account(id) => {
            let account = accounts::get(tx, id)?.ok_or_else(|| Refusal::not_found("There is no such account."))?;
            let chats = reachable(chats::of_account(tx, id)?);
            let subject = account.username.to_string();
            Ok(Envelope { kind: MessageKind::Personal, account: Some(id), chat: None, chats, dead, subject })
        }
        To::Chat(id) => {
            let chat = chats::get(tx, id)?.ok_or_else(|| Refusal::not_found("There is no such chat."))?;
            let Some(account) = chat.account() else {
                return Err(Refusal::conflict(None, "This chat is not connected to an account.").into());
            };
            let subject = format!("chat {id}");
            let dead = (id, reason(chat.reachability));
            let chats = reachable(vec![(id, chat)]);
            Ok(Envelope { kind: MessageKind::Personal, account: Some(account), chat: Some(id), chats, dead, subject })
        }
        To::Admin(id) => {
            let admin = admins::get(tx, id)?.ok_or_else(|| Refusal::not_found("There is no such admin."))?;
            let chats = reachable(chats::of_admin(tx, id)?);
            let subject = format!("admin {}", admin.name);
            Ok(Envelope { kind: MessageKind::Notice, account: None, chat: None, chats, dead, subject })
        }
    }
}

/// Why nothing can be sent to a chat in this state.
fn reason(reachability: Reachability) -> Reason {
    match reachability {
        Reachability::Blocked => Reason::Blocked,
        Reachability::Left => Reason::GroupLost,
        Reachability::Deactivated => Reason::Deactivated,
        Reachability::Reachable | Reachability::Unknown => Reason::NotLinked,
    }
}

fn deliver(
    tx: &mut Tx<'_>,
    message: MessageId,
    envelope: &Envelope,
    options: SendOptions,
) -> Result<Vec<(DeliveryId, Delivery)>, Error> {
    let now = tx.now();
    let mut fresh = Delivery::queued(Lane::Single, options.policy, envelope.account, now);
    fresh.expires = now.plus(options.lifetime);
    let mut rows: Vec<_> =
        envelope.chats.iter().map(|chat| (DeliveryId { message, chat: *chat }, fresh.clone())).collect();
    if rows.is_empty() {
        let (chat, reason) = envelope.dead.clone();
        fresh.state = DeliveryState::Failed { reason, at: now };
        rows.push((DeliveryId { message, chat }, fresh));
        if let Some(account) = envelope.account {
            let chat = (chat != NO_CHAT).then_some(chat);
            events::of_account(tx, account, EventKind::MessageFailed(message, chat))?;
        }
    }
    for (id, delivery) in &rows {
        deliveries::insert(tx, *id, delivery)?;
    }
    Ok(rows)
}

/// Checks a message by Telegram's rules, so that it is refused here and not on its way.
pub fn check(mut body: Body) -> Result<Body, Refusal> {
    let text = MessageText::parse(&body.text, body.format);
    let text = text.map_err(|error| Refusal::invalid("text", format!("This cannot be sent: {error}.")))?;
    text.as_str().clone_into(&mut body.text);
    if body.media.is_some() {
        return Err(Refusal::invalid("media", "Only text can be sent."));
    }
    if body.buttons.iter().flatten().count() > BUTTONS_MAX {
        return Err(Refusal::invalid("buttons", format!("A message has at most {BUTTONS_MAX} buttons.")));
    }
    for button in body.buttons.iter().flatten() {
        if button.label.trim().is_empty() || utf16_len(&button.label) > LABEL_MAX {
            return Err(Refusal::invalid("buttons", format!("A button says 1 to {LABEL_MAX} characters.")));
        }
        let ButtonAction::Open(address) = &button.action else {
            return Err(Refusal::invalid("buttons", "A button can only open an address."));
        };
        if !opens(address) {
            return Err(Refusal::invalid(
                "buttons",
                format!("\"{}\": a button opens an address that begins with https://, http:// or tg://.", button.label),
            ));
        }
    }
    body.buttons.retain(|row| !row.is_empty());
    Ok(body)
}

fn opens(address: &str) -> bool {
    address.len() <= ADDRESS_MAX
        && url::Url::parse(address).is_ok_and(|url| match url.scheme() {
            "http" | "https" => url.host_str().is_some_and(|host| !host.is_empty()),
            "tg" => true,
            _ => false,
        })
}

/// Queues a message of startlink itself to one chat, outside of every conversation.
pub(super) fn notice(tx: &mut Tx<'_>, chat: ChatId, text: String) -> Result<MessageId, StoreError> {
    let now = tx.now();
    let sealed = messages::seal(tx, &Body::plain(text))?;
    let kind = MessageKind::Notice;
    let message = Message { at: now, kind, account: None, chat: Some(chat), actor: Actor::System, sealed };
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
    let message = Message { at: tx.now(), kind, account, chat: Some(chat), actor: Actor::Chat(chat), sealed };
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

/// Ends a delivery that has not left.
pub(super) fn end(
    tx: &mut Tx<'_>,
    id: DeliveryId,
    delivery: &Delivery,
    state: DeliveryState,
) -> Result<(), StoreError> {
    deliveries::update(tx, id, delivery, &Delivery { state, ..delivery.clone() })
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
