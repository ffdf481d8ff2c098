//! The outcome of a broadcast's recipient. The truth table is that of single messages; what differs is that nobody gets a
//! broadcast twice, and that one whose content Telegram refuses waits for a person instead of failing for everyone.

use super::{Outcome, forget_number, hold, lost, regained};
use crate::actions::{self, Error};
use crate::ids::{BroadcastId, ChatId};
use crate::model::delivery::Standing;
use crate::model::recipient::{Recipient, RecipientState};
use crate::outbox::books::{Book, Books, row};
use crate::outbox::lease::{again, waiting};
use crate::outbox::retry::{self, Verdict};
use crate::store::{Read as _, StoreError, Tx};
use crate::telegram::Class;

pub(super) fn settle(
    tx: &mut Tx<'_>,
    books: &mut Books,
    id: BroadcastId,
    position: u32,
    outcome: &Outcome,
) -> Result<(), Error> {
    let Some(book) = books.of(tx, id)? else { return Ok(()) };
    let Some(old) = row(tx, book, position)?.filter(|old| old.standing() == Standing::Sending) else { return Ok(()) };
    let class = match &outcome.result {
        Ok(sent) => {
            book.put(tx, position, &old, RecipientState::Sent { telegram: sent.message, at: outcome.at })?;
            return regained(tx, old.chat);
        }
        Err(class) => class,
    };
    let now = tx.now();
    if forget_number(tx, outcome, class)? {
        return Ok(again(tx, book, position, &old, now)?);
    }
    // Nobody has got it yet: what is refused is rather the broadcast than this one person's.
    if let Class::Content { description } = class
        && book.figures().count(Standing::Sent) == 0
    {
        return refused(tx, book, position, &old, description);
    }
    let verdict = retry::decide(old.chat, &old.as_delivery(), class, outcome.at, &tx.rng().clone());
    carry_out(tx, book, position, &old, verdict)
}

pub(super) fn resolve(tx: &mut Tx<'_>, books: &mut Books, id: BroadcastId, position: u32) -> Result<(), StoreError> {
    let Some(book) = books.of(tx, id)? else { return Ok(()) };
    match row(tx, book, position)? {
        Some(old) if old.standing() == Standing::Sending => {
            book.put(tx, position, &old, RecipientState::Uncertain { at: tx.now() })
        }
        Some(_) | None => Ok(()),
    }
}

fn carry_out(tx: &mut Tx<'_>, book: &mut Book, position: u32, old: &Recipient, verdict: Verdict) -> Result<(), Error> {
    let now = tx.now();
    match verdict {
        Verdict::Requeue { at } | Verdict::TokenRefused { at } => Ok(again(tx, book, position, old, at)?),
        Verdict::AsPlain => Ok(again(tx, book, position, old, now)?),
        Verdict::Flooded { at, .. } => {
            again(tx, book, position, old, at)?;
            Ok(hold(tx, old.chat, at)?)
        }
        Verdict::PauseBroadcast { description } => refused(tx, book, position, old, &description),
        Verdict::Migrate { to } => migrate(tx, book, position, old, to),
        Verdict::Failed { reason, chat } => {
            book.put(tx, position, old, RecipientState::Failed { reason, at: now })?;
            chat.map_or(Ok(()), |reachability| lost(tx, old.chat, &old.as_delivery(), reachability))
        }
        // It never expires, and is never tried again in doubt.
        Verdict::Uncertain | Verdict::RequeueInDoubt { .. } | Verdict::Expired => {
            Ok(book.put(tx, position, old, RecipientState::Uncertain { at: now })?)
        }
    }
}

/// Telegram refuses what the broadcast says: it waits for a person, and this one waits with it.
fn refused(tx: &mut Tx<'_>, book: &mut Book, position: u32, old: &Recipient, words: &str) -> Result<(), Error> {
    let now = tx.now();
    again(tx, book, position, old, now)?;
    book.pause(tx, words)
}

/// The group has another number: its chat and this row move there, and it is tried once more.
fn migrate(tx: &mut Tx<'_>, book: &mut Book, position: u32, old: &Recipient, to: ChatId) -> Result<(), Error> {
    actions::chats::migrate(tx, old.chat, to)?;
    let state = waiting(book, tx.now(), tx.now());
    Ok(book.replace(tx, position, old, &Recipient { chat: to, state, ..old.clone() })?)
}
