//! Messages of admins and the website: looked up, checked, one delivery for each chat.

use std::time::Duration;

use crate::actions::messages::check;
use crate::actions::{Caller, Error, Refusal, events};
use crate::ids::{AccountId, AdminId, ChatId, DeliveryId, MessageId};
use crate::model::admin::Role;
use crate::model::chat::{Chat, Reachability};
use crate::model::delivery::{Delivery, DeliveryState, LIFETIME, Lane, NO_CHAT, Policy, Reason};
use crate::model::event::EventKind;
use crate::model::message::{Body, Message, MessageKind};
use crate::store::{Read as _, Tx, accounts, admins, attachments, chats, deliveries, journal, messages};

/// The longest time a message may be tried.
pub const LIFETIME_MAX: Duration = Duration::from_hours(7 * 24);
/// The shortest.
pub const LIFETIME_MIN: Duration = Duration::from_secs(1);

/// To whom a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// All reachable chats of an account.
    Account(AccountId),
    /// One chat that is connected to an account.
    Chat(ChatId),
    /// The chat in which a person wrote this message, which is quoted.
    Reply(MessageId),
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
    let body = check(tx, body)?;
    if !(LIFETIME_MIN..=LIFETIME_MAX).contains(&options.lifetime) {
        return Err(Refusal::invalid("lifetime", "A message is tried for 1 second to 7 days.").into());
    }
    let envelope = address(tx, to)?;
    let body = Body { quotes: envelope.quotes, ..body };
    let now = tx.now();
    let sealed = messages::seal(tx, &body)?;
    let message = Message {
        at: now,
        kind: envelope.kind,
        account: envelope.account,
        chat: envelope.chat,
        actor: caller.actor,
        sealed,
        answer: None,
    };
    let id = messages::insert(tx, &message)?;
    if let Some(attachment) = body.attachment() {
        attachments::hold(tx, attachment)?;
    }
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
    quotes: Option<MessageId>,
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
            let kind = MessageKind::Personal;
            Ok(Envelope { kind, account: Some(id), chat: None, chats, dead, quotes: None, subject })
        }
        To::Chat(id) => {
            let chat = chats::get(tx, id)?.ok_or_else(|| Refusal::not_found("There is no such chat."))?;
            let Some(account) = chat.account() else {
                return Err(Refusal::conflict(None, "This chat is not connected to an account.").into());
            };
            let subject = format!("chat {id}");
            let dead = (id, reason(chat.reachability));
            let chats = reachable(vec![(id, chat)]);
            let kind = MessageKind::Personal;
            Ok(Envelope { kind, account: Some(account), chat: Some(id), chats, dead, quotes: None, subject })
        }
        To::Reply(id) => reply(tx, id),
        To::Admin(id) => {
            let admin = admins::get(tx, id)?.ok_or_else(|| Refusal::not_found("There is no such admin."))?;
            let chats = reachable(chats::of_admin(tx, id)?);
            let subject = format!("admin {}", admin.name);
            Ok(Envelope { kind: MessageKind::Notice, account: None, chat: None, chats, dead, quotes: None, subject })
        }
    }
}

/// The chat of a message that a person wrote, as long as it belongs to the account that they wrote to.
fn reply(tx: &Tx<'_>, id: MessageId) -> Result<Envelope, Error> {
    let unknown = || Refusal::not_found("There is no such message.");
    let message = messages::get(tx, id)?.filter(Message::is_incoming).ok_or_else(unknown)?;
    let envelope = address(tx, To::Chat(message.chat.ok_or_else(unknown)?))?;
    if envelope.account != message.account {
        let sentence = "The chat of this message belongs to another account by now.";
        return Err(Refusal::conflict(None, sentence).into());
    }
    Ok(Envelope { quotes: Some(id), ..envelope })
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
