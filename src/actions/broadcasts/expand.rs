//! Writing down the audience of a broadcast that was started, in the order of accounts, from short snapshots into short
//! transactions. How far it is stands in the same commit as the rows: a piece that is read twice is written once. Pieces are
//! of different moments, so a chat that moves meanwhile may get a row under both accounts. Such a row is passed over at its
//! turn: the chat is no longer that account's, or was bound to it after
//! [`Broadcast::started`](crate::model::broadcast::Broadcast::started). So nobody gets it twice.

use crate::actions::Error;
use crate::actions::broadcasts::audience::{self, Candidate};
use crate::actions::broadcasts::{finish, life};
use crate::ids::{AccountId, BroadcastId, ChatId};
use crate::model::broadcast::{Audience, Broadcast, BroadcastStatus};
use crate::model::recipient::Recipient;
use crate::store::recipients::Ledger;
use crate::store::{Read, StoreError, Tx, broadcasts, chats};
use life::Act;

/// A part of an audience.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Chats that can be reached and want broadcasts, in the order of their accounts.
    pub rows: Vec<Recipient>,
    /// Where the next part begins: see [`Figures::looked`](crate::model::broadcast::Figures::looked).
    pub looked: u64,
    /// Whether this is the last part.
    pub end: bool,
}

/// Looks at up to `limit` accounts of the audience, or recipients of the other broadcast, behind `looked`.
pub fn look(read: &impl Read, broadcast: &Broadcast, looked: u64, limit: usize) -> Result<Chunk, StoreError> {
    if let Audience::Again { of, ended } = &broadcast.audience {
        let piece = audience::again(read, *of, *ended, looked, limit)?;
        return Ok(Chunk { rows: piece.found, looked: piece.looked, end: piece.end });
    }
    let piece = audience::piece(read, &broadcast.audience, looked, limit)?;
    let rows = rows(read, &piece.found)?;
    Ok(Chunk { rows, looked: piece.looked, end: piece.end })
}

/// The chats of the accounts. Where they stand close together, one walk over the table of bindings finds all of them.
fn rows(read: &impl Read, found: &[Candidate]) -> Result<Vec<Recipient>, StoreError> {
    let (Some(first), Some(last)) = (found.first(), found.last()) else { return Ok(Vec::new()) };
    let mut rows = Vec::with_capacity(found.len());
    let apart = last.id.0.saturating_sub(first.id.0);
    if usize::try_from(apart).is_ok_and(|apart| apart / 8 <= found.len()) {
        let mut rest = found.iter().peekable();
        chats::visit_bound(read, first.id, last.id, |account, chat| {
            while rest.next_if(|candidate| candidate.id < account).is_some() {}
            match rest.peek().filter(|candidate| candidate.id == account) {
                Some(candidate) => push(read, &mut rows, candidate, account, chat),
                None => Ok(()),
            }
        })?;
        return Ok(rows);
    }
    for candidate in found {
        chats::visit_bound(read, candidate.id, candidate.id, |account, chat| {
            push(read, &mut rows, candidate, account, chat)
        })?;
    }
    Ok(rows)
}

/// A chat is looked up only when its account has some that a broadcast does not reach.
fn push(
    read: &impl Read,
    rows: &mut Vec<Recipient>,
    candidate: &Candidate,
    account: AccountId,
    chat: ChatId,
) -> Result<(), StoreError> {
    let all_listen = candidate.listening == candidate.chats;
    if all_listen || chats::get(read, chat)?.is_some_and(|chat| chat.listens()) {
        rows.push(Recipient::queued(chat, account));
    }
    Ok(())
}

/// Appends a part that was looked up behind `expected`; the last one freezes the audience, and an audience of nobody ends
/// the broadcast at once. A part that does not fit how far the broadcast is by now is dropped; whether it was written.
pub fn write(tx: &mut Tx<'_>, id: BroadcastId, expected: u64, chunk: &Chunk) -> Result<bool, Error> {
    let Some(old) = broadcasts::get(tx, id)?.filter(|row| row.status() == BroadcastStatus::Preparing) else {
        return Ok(false);
    };
    let mut ledger = Ledger::open(tx, id)?;
    if ledger.figures.frozen || ledger.figures.looked != expected {
        return Ok(false);
    }
    for row in &chunk.rows {
        ledger.append(tx, row.clone())?;
    }
    ledger.figures.looked = chunk.looked;
    ledger.figures.frozen = chunk.end;
    ledger.close(tx)?;
    if chunk.end && !finish(tx, id)? {
        let state = life::after(&old.state, &Act::Freeze, tx.now())?;
        broadcasts::update(tx, id, &old, &Broadcast { state, ..old.clone() })?;
    }
    Ok(true)
}

#[cfg(test)]
mod tests;
