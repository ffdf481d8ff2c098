//! Messages and the conversations they belong to. Bodies are sealed.

use std::ops::ControlFlow;

use crate::ids::{AccountId, MessageId};
use crate::model::message::{Body, Button, Format, Media, Message, Opened};
use crate::secret::Sealer;
use crate::store::error::StoreError;
use crate::store::numbers::{Counter, Metric};
use crate::store::tables::{CONVERSATIONS, MESSAGES};
use crate::store::tx::{Order, Read, Span, Tx};
use crate::store::{attachments, talks};

/// Stands in for the account of messages that belong to none: answers to strangers, notices to admins.
pub(super) const NOBODY: AccountId = AccountId(0);

/// A message's row.
pub type Row = (MessageId, Message);

/// The message with this number.
pub fn get(read: &impl Read, id: MessageId) -> Result<Option<Message>, StoreError> {
    read.get(MESSAGES, &id)
}

/// The first form of a body, without a picture and without ways of sending.
#[derive(serde::Deserialize)]
struct Body1 {
    text: String,
    format: Format,
    buttons: Vec<Vec<Button>>,
    media: Option<Media>,
}

/// Fields that the third form of a body added; postcard writes each of them as one zero byte where there is nothing.
const SINCE_2: usize = 5;

/// What a message says; `None` when the key does not open it.
pub fn body(read: &impl Read, message: &Message) -> Option<Body> {
    let sealer = read.sealer();
    if let Some(body) = open_as(sealer, (Message::PURPOSE, Message::PURPOSE_2), &message.sealed) {
        return Some(body);
    }
    let plain = sealer.open(Message::PURPOSE_1, &message.sealed).ok()?;
    let Body1 { text, format, buttons, media } = postcard::from_bytes(&plain).ok()?;
    Some(Body { text, format, buttons, media, ..Body::default() })
}

/// A body that was sealed for the first purpose, or in its second form for the other one.
pub(super) fn open_as(sealer: &Sealer, (today, before): (&str, &str), bytes: &[u8]) -> Option<Body> {
    if let Ok(plain) = sealer.open(today, bytes) {
        return postcard::from_bytes(&plain).ok();
    }
    let mut plain = sealer.open(before, bytes).ok()?.to_vec();
    plain.resize(plain.len() + SINCE_2, 0);
    postcard::from_bytes(&plain).ok()
}

/// Seals a body for a message's row.
pub fn seal(read: &impl Read, body: &Body) -> Result<Vec<u8>, StoreError> {
    seal_for(read, Message::PURPOSE, body)
}

/// Seals a body for a purpose.
pub(super) fn seal_for(read: &impl Read, purpose: &str, body: &Body) -> Result<Vec<u8>, StoreError> {
    let plain = postcard::to_stdvec(body).map_err(|_| StoreError::Row { table: "MESSAGES" })?;
    Ok(read.sealer().seal(purpose, &plain))
}

/// An account's conversation, the newest first. With `before`, only what is older than that message.
pub fn conversation(
    read: &impl Read,
    account: AccountId,
    before: Option<MessageId>,
    limit: usize,
) -> Result<Vec<Opened>, StoreError> {
    let span = Span::prefix(&account);
    let span = before.map_or(span.clone(), |id| span.before(&(account, id)));
    let rows = read.page(CONVERSATIONS, &span, Order::Descending, limit)?;
    let open = |id| {
        let row = get(read, id)?;
        Ok(row.map(|message| Opened { id, body: body(read, &message), message }))
    };
    rows.into_iter().filter_map(|((_, id), ())| open(id).transpose()).collect()
}

/// The oldest messages after `after`, for removal by age.
pub fn walk(read: &impl Read, after: Option<MessageId>, limit: usize) -> Result<Vec<Row>, StoreError> {
    let span = after.map_or_else(Span::all, |id| Span::all().after(&id));
    read.page(MESSAGES, &span, Order::Ascending, limit)
}

/// Hands every message to `each`, in the order of their numbers, until it breaks.
pub fn visit(
    read: &impl Read,
    each: impl FnMut(MessageId, Message) -> Result<ControlFlow<()>, StoreError>,
) -> Result<(), StoreError> {
    read.visit(MESSAGES, &Span::all(), Order::Ascending, each)
}

/// The oldest messages that belong to no account, for removal by age.
pub fn of_nobody(read: &impl Read, limit: usize) -> Result<Vec<Row>, StoreError> {
    of_gone(read, NOBODY, limit)
}

/// The oldest messages of an account that may be gone, for their removal.
pub fn of_gone(read: &impl Read, account: AccountId, limit: usize) -> Result<Vec<Row>, StoreError> {
    let rows = read.page(CONVERSATIONS, &Span::prefix(&account), Order::Ascending, limit)?;
    let open = |id| Ok(get(read, id)?.map(|message| (id, message)));
    rows.into_iter().filter_map(|((_, id), ())| open(id).transpose()).collect()
}

/// Adds a message. The caller [holds](attachments::hold) what it carries.
pub fn insert(tx: &mut Tx<'_>, message: &Message) -> Result<MessageId, StoreError> {
    let id = MessageId(tx.next("message")?);
    tx.put(MESSAGES, &id, message)?;
    tx.put(CONVERSATIONS, &(message.account.unwrap_or(NOBODY), id), &())?;
    tx.add(Counter::Messages, 1);
    if message.is_incoming() {
        tx.tick(Metric::Received);
        message.account.map_or(Ok(()), |account| talks::heard(tx, account, id, message.at))?;
    }
    Ok(id)
}

/// Takes a message away, and lets go of what it carries; its deliveries are the caller's.
pub fn remove(tx: &mut Tx<'_>, id: MessageId, message: &Message) -> Result<(), StoreError> {
    if let Some(attachment) = body(tx, message).and_then(|body| body.attachment()) {
        attachments::let_go(tx, attachment)?;
    }
    tx.remove(MESSAGES, &id)?;
    tx.remove(CONVERSATIONS, &(message.account.unwrap_or(NOBODY), id))?;
    tx.add(Counter::Messages, -1);
    talks::forgotten(tx, id, message)
}

/// Gives a message other words; what it carries stays.
pub fn reword(tx: &mut Tx<'_>, id: MessageId, message: &Message) -> Result<(), StoreError> {
    tx.put(MESSAGES, &id, message).map(|_| ())
}

/// Takes a message out of its account's conversation, before the account goes.
pub fn detach(tx: &mut Tx<'_>, id: MessageId, message: &Message) -> Result<(), StoreError> {
    let Some(account) = message.account else { return Ok(()) };
    tx.remove(CONVERSATIONS, &(account, id))?;
    tx.put(CONVERSATIONS, &(NOBODY, id), &())?;
    let free = Message { account: None, ..message.clone() };
    tx.put(MESSAGES, &id, &free).map(|_| ())
}
