//! The lease of a broadcast's recipient. Rows of one broadcast are taken in their order: the border behind the last one
//! that was taken is all that tells which ones were not.

use std::sync::Arc;

use super::{Job, UPLOAD_WAIT};
use crate::actions::Error;
use crate::clock::Timestamp;
use crate::ids::{BroadcastId, ChatId};
use crate::model::chat::Chat;
use crate::model::delivery::{Reason, Standing};
use crate::model::message::Body;
use crate::model::recipient::{Recipient, RecipientState, Skip};
use crate::outbox::books::{Book, Books, row};
use crate::outbox::content::{Carried, Content, Uploads};
use crate::outbox::ticket::{Flow, Ticket};
use crate::store::{Read as _, StoreError, Tx, accounts, chats, meta, recipients};

/// What is to be done with one recipient.
#[derive(Clone, Debug)]
pub(in crate::outbox) struct Step {
    pub broadcast: BroadcastId,
    pub position: u32,
    pub chat: ChatId,
    pub action: Action,
}

/// What it is.
#[derive(Clone, Debug)]
pub(in crate::outbox) enum Action {
    /// It is sent. The limiter has counted it.
    Lease {
        flow: Flow,
        /// What the broadcast says; `None` when it cannot be opened.
        content: Option<Arc<Content>>,
    },
    /// It is left out, as far as was known.
    LeaveOut,
    /// Its chat has to wait.
    SetBack(Timestamp),
}

impl Step {
    pub(in crate::outbox) fn ticket(&self) -> Ticket {
        Ticket::Recipient { broadcast: self.broadcast, position: self.position, chat: self.chat }
    }
}

/// Why a chat of the frozen audience gets nothing any more.
pub(in crate::outbox) fn left_out(row: &Recipient, chat: Option<&Chat>, frozen: Option<Timestamp>) -> Option<Skip> {
    let Some(chat) = chat else { return Some(Skip::Unbound) };
    let is_its = chat
        .binding
        .is_some_and(|binding| binding.account == row.account && frozen.is_none_or(|frozen| binding.since <= frozen));
    match chat {
        _ if !is_its => Some(Skip::Unbound),
        chat if !chat.reachability.may_send() => Some(Skip::Lost),
        chat if chat.muted.is_some() => Some(Skip::Muted),
        _ => None,
    }
}

/// Does a step, unless the broadcast runs no more. A row that says it is being sent was leased by a commit that was
/// reported as failed and became durable: it never left.
pub(in crate::outbox) fn take(
    tx: &mut Tx<'_>,
    books: &mut Books,
    uploads: &mut Uploads,
    step: &Step,
) -> Result<Option<Job>, Error> {
    let Some(book) = books.of(tx, step.broadcast)?.filter(|book| book.runs()) else { return Ok(None) };
    let Some(old) = row(tx, book, step.position)? else { return Ok(None) };
    let (RecipientState::Queued { not_before: due } | RecipientState::Sending { due, .. }) = old.state else {
        return Ok(None);
    };
    let now = tx.now();
    let chat = chats::get(tx, old.chat)?;
    let skip = left_out(&old, chat.as_ref(), book.broadcast.started);
    let held = chat.as_ref().and_then(|chat| chat.news_waits(now));
    let waits = |until| RecipientState::Queued { not_before: Some(until) };
    let instead = match (&step.action, skip, held) {
        (_, Some(why), _) => Some(RecipientState::Skipped { why, at: now }),
        (_, None, Some(until)) => Some(waits(until)),
        (Action::SetBack(until), None, None) => Some(waits(*until)),
        // It came back just now; its turn was not counted.
        (Action::LeaveOut, None, None) => Some(waits(now)),
        (Action::Lease { .. }, None, None) if old.chat != step.chat => Some(waits(now)),
        (Action::Lease { .. }, None, None) => None,
    };
    if let Some(state) = instead {
        book.put(tx, step.position, &old, state)?;
        return Ok(None);
    }
    let Action::Lease { flow, content } = &step.action else { return Ok(None) };
    let Some(content) = content else {
        book.pause(tx, "what it says cannot be opened with this key")?;
        return Ok(None);
    };
    let (body, enclosed) = match load(tx, uploads, &old, content)? {
        Load::Ready(body, enclosed) if chat.is_some_and(|chat| chat.hushes(now)) => {
            (Arc::new(Body { silent: true, ..Arc::unwrap_or_clone(body) }), enclosed)
        }
        Load::Ready(body, enclosed) => (body, enclosed),
        Load::Instead(state) => {
            book.put(tx, step.position, &old, state)?;
            return Ok(None);
        }
    };
    let state = RecipientState::Sending { since: now, due };
    let new = Recipient { state, attempts: old.attempts.saturating_add(1), ..old.clone() };
    book.replace(tx, step.position, &old, &new)?;
    Ok(Some(Job { ticket: step.ticket(), flow: *flow, body, enclosed, errand: None, answers: None }))
}

enum Load {
    Ready(Arc<Body>, Option<super::Enclosed>),
    Instead(RecipientState),
}

/// What this person gets, or what becomes of the row when that cannot be sent.
fn load(tx: &Tx<'_>, uploads: &mut Uploads, old: &Recipient, content: &Content) -> Result<Load, StoreError> {
    let now = tx.now();
    let failed = |words| Load::Instead(RecipientState::Failed { reason: Reason::Content(words), at: now });
    let body = if content.names_people() {
        let Some(account) = accounts::get(tx, old.account)? else {
            return Ok(Load::Instead(RecipientState::Skipped { why: Skip::Unbound, at: now }));
        };
        match content.of(&account, meta::saved(tx)?.mask_username) {
            Ok(body) => body,
            Err(words) => return Ok(failed(words)),
        }
    } else {
        content.body()
    };
    Ok(match uploads.carried(tx, &body)? {
        Carried::Nothing => Load::Ready(body, None),
        Carried::File(enclosed) => Load::Ready(body, Some(enclosed)),
        Carried::Busy => Load::Instead(RecipientState::Queued { not_before: Some(now.plus(UPLOAD_WAIT)) }),
        Carried::Gone(words) => failed(words.to_owned()),
    })
}

/// Ends a recipient that cannot be worked on, so that it keeps neither the others nor the end of the broadcast waiting. One
/// that was leased may have got it.
pub(in crate::outbox) fn give_up(tx: &mut Tx<'_>, id: BroadcastId, position: u32) -> Result<(), Error> {
    let mut books = Books::default();
    let Some(book) = books.of(tx, id)? else { return Ok(()) };
    if let Some(old) = row(tx, book, position)?
        && !old.standing().is_final()
    {
        let at = tx.now();
        let reason = Reason::Content("an internal fault kept it from being sent".to_owned());
        let has_left = old.standing() == Standing::Sending;
        let state = if has_left { RecipientState::Uncertain { at } } else { RecipientState::Failed { reason, at } };
        book.put(tx, position, &old, state)?;
    }
    books.close(tx)
}

/// Queues recipients again that were leased by a commit that was reported as failed and became durable: they never left.
/// `flies` tells those that did.
pub(in crate::outbox) fn reclaim(
    tx: &mut Tx<'_>,
    id: BroadcastId,
    flies: impl Fn(u32) -> bool,
) -> Result<usize, Error> {
    let mut books = Books::default();
    let Some(book) = books.of(tx, id)? else { return Ok(0) };
    let lost: Vec<u32> = recipients::sending(tx, id)?.into_iter().filter(|position| !flies(*position)).collect();
    for position in &lost {
        if let Some(old) = row(tx, book, *position)?.filter(|old| old.standing() == Standing::Sending) {
            again(tx, book, *position, &old, tx.now())?;
        }
    }
    books.close(tx)?;
    Ok(lost.len())
}

/// Back to the queue, or taken back with the others when the broadcast was cancelled meanwhile.
pub(in crate::outbox) fn again(
    tx: &mut Tx<'_>,
    book: &mut Book,
    position: u32,
    old: &Recipient,
    not_before: Timestamp,
) -> Result<(), StoreError> {
    let state = waiting(book, not_before, tx.now());
    book.put(tx, position, old, state)
}

/// The state of a recipient that did not get it yet and is no longer on its way.
pub(in crate::outbox) fn waiting(book: &Book, not_before: Timestamp, now: Timestamp) -> RecipientState {
    if book.broadcast.status().is_final() {
        RecipientState::Cancelled { at: now }
    } else {
        RecipientState::Queued { not_before: Some(not_before) }
    }
}
