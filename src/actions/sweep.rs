//! Retention: what has been kept long enough goes, a bounded piece in each transaction, sessions and throttling along
//! with it. Links have a sweep of their own.

use std::time::Duration;

use crate::actions::{Error, accounts, broadcasts, documents, keys, messages, pictures, repeats, session, webhooks};
use crate::clock::Timestamp;
use crate::ids::ChatId;
use crate::model::chat::Chat;
use crate::model::settings::{AUDIT_KEPT, EVENTS_KEPT, MESSAGES_KEPT, STRANGERS_KEPT};
use crate::model::webhook::EVENTS_NEEDED;
use crate::store::{self, Read as _, StoreError, Tx, journal, meta};

/// Rows of a kind that are looked at in one transaction.
const CHUNK: usize = 500;
/// Where the walk over the chats goes on.
const CHATS: &str = "sweep.chats";

/// How long a picture or a document that nobody carries stays: a form may still be open.
pub const LOOSE_KEPT: Duration = Duration::from_hours(24);

/// How long things are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Messages of accounts, with their deliveries, and broadcasts that are over, with their recipients.
    pub messages: Duration,
    /// Chats that belong to nobody, and messages of no account.
    pub strangers: Duration,
    /// Events, and updates that were set aside.
    pub events: Duration,
    /// The audit.
    pub audit: Duration,
}

impl Default for Kept {
    fn default() -> Self {
        Self { messages: MESSAGES_KEPT, strangers: STRANGERS_KEPT, events: EVENTS_KEPT, audit: AUDIT_KEPT }
    }
}

/// Removes what is too old; whether there is more to do at once. Writes nothing when nothing is due. Strangers' chats are
/// looked at piece by piece, one piece a call, so that a long table costs no more than a short one.
pub fn run(tx: &mut Tx<'_>, kept: &Kept) -> Result<bool, Error> {
    let now = tx.now();
    let strangers = now.minus(kept.strangers);
    let left = accounts::clear_leftovers(tx, CHUNK)?;
    let answers = store::messages::of_nobody(tx, CHUNK)?;
    let answers = discard_before(tx, answers, strangers)?;
    let old = store::messages::walk(tx, None, CHUNK)?;
    let old = discard_before(tx, old, now.minus(kept.messages))?;
    let events = kept.events.max(EVENTS_NEEDED);
    let journal = journal::trim(tx, now.minus(events), now.minus(kept.audit), CHUNK)?;
    let aside = meta::trim_set_aside(tx, now.minus(kept.events), CHUNK)?;
    let broadcasts = broadcasts::sweep(tx, now.minus(kept.messages), CHUNK)?;
    pictures::sweep(tx, now.minus(LOOSE_KEPT), CHUNK)?;
    let pieces = documents::sweep(tx, now.minus(LOOSE_KEPT), CHUNK)?;
    forget_strangers(tx, strangers)?;
    session::sweep(tx)?;
    keys::sweep(tx)?;
    webhooks::sweep(tx)?;
    let repeats = repeats::sweep(tx, CHUNK)?;
    Ok([left, answers, old, journal, aside, broadcasts, repeats].into_iter().any(|gone| gone >= CHUNK)
        || pieces >= documents::PIECES_SWEPT)
}

/// Discards the messages at the beginning of `rows` that are older than `then`; how many went.
fn discard_before(tx: &mut Tx<'_>, rows: Vec<store::messages::Row>, then: Timestamp) -> Result<usize, StoreError> {
    let mut gone = 0;
    for (id, message) in rows.into_iter().take_while(|(_, message)| message.at < then) {
        gone += usize::from(messages::discard(tx, id, &message)?);
    }
    Ok(gone)
}

/// Forgets chats of one piece of the table that belong to nobody, were quiet and have nothing waiting.
fn forget_strangers(tx: &mut Tx<'_>, then: Timestamp) -> Result<(), StoreError> {
    let from: Option<ChatId> = meta::place(tx, CHATS)?;
    let rows = store::chats::walk(tx, from, CHUNK)?;
    let next = rows.last().filter(|_| rows.len() == CHUNK).map(|(id, _)| *id);
    for (id, chat) in &rows {
        if chat.binding.is_none() && chat.admin.is_none() && chat.last_heard < then && !waits(tx, *id, chat)? {
            store::chats::remove(tx, *id, chat)?;
        }
    }
    if next == from { Ok(()) } else { meta::put_place(tx, CHATS, next) }
}

fn waits(tx: &Tx<'_>, id: ChatId, chat: &Chat) -> Result<bool, StoreError> {
    if let Some(answer) = chat.last_answer
        && let Some(delivery) = store::deliveries::get(tx, answer)?
        && !delivery.state.standing().is_final()
    {
        return Ok(true);
    }
    Ok(!store::deliveries::pending_of_chat(tx, id)?.is_empty())
}

#[cfg(test)]
mod tests;
