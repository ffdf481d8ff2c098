//! Settling: the outcome of a send becomes the truth on disk, with what it tells about the chat and what the website is told.

mod recipient;

use super::books::Books;
use super::change::{self, Errand};
use super::send::Sent;
use super::ticket::Ticket;
use crate::actions::{self, Error};
use crate::clock::Timestamp;
use crate::ids::{ChatId, DeliveryId, UserId};
use crate::model::chat::{Chat, Reachability};
use crate::model::delivery::{Delivery, DeliveryState, Lane, Reason, Standing};
use crate::model::message::Attachment;
use crate::outbox::retry::{self, Verdict};
use crate::store::{Read as _, StoreError, Tx, attachments, chats, deliveries, meta};
use crate::telegram::Class;

/// The name under which the moment is kept before which nothing may leave.
pub(super) const FLOOD: &str = "flood.until";
/// The name under which the moment is kept at which the rate is whole again.
pub(super) const WHOLE: &str = "flood.whole";

/// How one send ended.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    /// Of which.
    pub ticket: Ticket,
    /// What Telegram made of it, or what went wrong.
    pub result: Result<Sent, Class>,
    /// What was done with a message that was sent before, if it was that.
    pub errand: Option<Errand>,
    /// The attachment it went with.
    pub went: Option<Went>,
    /// When the answer was read.
    pub at: Timestamp,
    /// When Telegram asked everyone to slow down: until when nothing leaves, and until when less than usual.
    pub flood: Option<(Timestamp, Timestamp)>,
}

/// How an attachment went along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Went {
    pub attachment: Attachment,
    /// By which bot.
    pub bot: UserId,
    /// By its number, and not as an upload.
    pub by_number: bool,
}

/// Writes one outcome down. A send that is not on its way any more is left alone.
pub(super) fn settle(tx: &mut Tx<'_>, books: &mut Books, outcome: &Outcome) -> Result<(), Error> {
    if let Some((until, whole)) = outcome.flood {
        move_forward(tx, FLOOD, until)?;
        move_forward(tx, WHOLE, whole)?;
    }
    if let (Some(Went { attachment, bot, .. }), Ok(Sent { file: Some(file), .. })) = (outcome.went, &outcome.result) {
        attachments::learn(tx, attachment, bot, file)?;
    }
    match outcome.ticket {
        Ticket::Delivery(id) => match outcome.errand {
            Some(errand) => change::settle(tx, id, errand, outcome),
            None => settle_delivery(tx, id, outcome),
        },
        Ticket::Recipient { broadcast, position, .. } => recipient::settle(tx, books, broadcast, position, outcome),
    }
}

/// Resolves what a dead process had leased: what became of it is unknown.
pub(super) fn resolve(tx: &mut Tx<'_>, books: &mut Books, ticket: Ticket) -> Result<(), Error> {
    match ticket {
        Ticket::Delivery(id) => resolve_delivery(tx, id),
        Ticket::Recipient { broadcast, position, .. } => Ok(recipient::resolve(tx, books, broadcast, position)?),
    }
}

fn settle_delivery(tx: &mut Tx<'_>, id: DeliveryId, outcome: &Outcome) -> Result<(), Error> {
    let Some(old) = deliveries::get(tx, id)? else { return Ok(()) };
    if old.state.standing() != Standing::Sending {
        return Ok(());
    }
    let class = match &outcome.result {
        Ok(sent) => {
            end(tx, id, &old, DeliveryState::Sent { telegram: sent.message, at: outcome.at })?;
            return regained(tx, id.chat);
        }
        Err(class) => class,
    };
    if forget_number(tx, outcome, class)? {
        let now = tx.now();
        return requeue(tx, id, &old, now, |_| {});
    }
    let verdict = retry::decide(id.chat, &old, class, outcome.at, &tx.rng().clone());
    carry_out(tx, id, &old, verdict)
}

fn resolve_delivery(tx: &mut Tx<'_>, id: DeliveryId) -> Result<(), Error> {
    let Some(old) = deliveries::get(tx, id)? else { return Ok(()) };
    if old.state.standing() != Standing::Sending {
        return Ok(());
    }
    let verdict = retry::in_doubt(&old, tx.now(), &tx.rng().clone());
    carry_out(tx, id, &old, verdict)
}

/// Whether Telegram did not know the number of a file: then it is forgotten, and the file is uploaded again.
fn forget_number(tx: &mut Tx<'_>, outcome: &Outcome, class: &Class) -> Result<bool, StoreError> {
    match outcome.went {
        Some(Went { attachment, by_number: true, .. }) if retry::is_wrong_file(class) => {
            attachments::forget(tx, attachment)?;
            Ok(true)
        }
        Some(_) | None => Ok(false),
    }
}

fn move_forward(tx: &mut Tx<'_>, name: &str, until: Timestamp) -> Result<(), StoreError> {
    if meta::moment(tx, name)?.is_none_or(|stored| stored < until) {
        meta::put_moment(tx, name, until)?;
    }
    Ok(())
}

/// Ends, or moves back, a delivery whose time ran out before it was leased.
pub(super) fn end_overdue(tx: &mut Tx<'_>, id: DeliveryId, old: &Delivery, verdict: Verdict) -> Result<(), Error> {
    carry_out(tx, id, old, verdict)
}

fn carry_out(tx: &mut Tx<'_>, id: DeliveryId, old: &Delivery, verdict: Verdict) -> Result<(), Error> {
    let now = tx.now();
    match verdict {
        Verdict::Requeue { at } | Verdict::TokenRefused { at } => requeue(tx, id, old, at, |_| {}),
        Verdict::RequeueInDoubt { at } => requeue(tx, id, old, at, |new| new.unknowns = new.unknowns.saturating_add(1)),
        Verdict::AsPlain => requeue(tx, id, old, now, |new| new.as_plain = true),
        // Of broadcasts only, and their rows stand elsewhere.
        Verdict::PauseBroadcast { description } => {
            end(tx, id, old, DeliveryState::Failed { reason: Reason::Content(description), at: now })
        }
        Verdict::Flooded { at, .. } => {
            requeue(tx, id, old, at, |_| {})?;
            Ok(hold(tx, id.chat, at)?)
        }
        Verdict::Migrate { to } => migrate(tx, id, old, to),
        Verdict::Failed { reason, chat } => {
            end(tx, id, old, DeliveryState::Failed { reason, at: now })?;
            chat.map_or(Ok(()), |reachability| lost(tx, id.chat, old, reachability))
        }
        Verdict::Uncertain => end(tx, id, old, DeliveryState::Uncertain { at: now }),
        Verdict::Expired => end(tx, id, old, DeliveryState::Expired { at: now }),
    }
}

fn requeue(
    tx: &mut Tx<'_>,
    id: DeliveryId,
    old: &Delivery,
    at: Timestamp,
    change: impl FnOnce(&mut Delivery),
) -> Result<(), Error> {
    let mut new = old.clone();
    new.state = DeliveryState::Queued { not_before: at };
    change(&mut new);
    if old.lane == Lane::Replies && !actions::messages::returns(tx, id)? {
        // A newer answer waits in its place.
        return end(tx, id, old, new.taken_back(tx.now()));
    }
    Ok(deliveries::update(tx, id, old, &new)?)
}

/// The pause is stored for the chat, so that a restart keeps it. It only moves forward.
pub(super) fn hold(tx: &mut Tx<'_>, id: ChatId, until: Timestamp) -> Result<(), StoreError> {
    let Some(chat) = chats::get(tx, id)? else { return Ok(()) };
    let not_before = Some(chat.not_before.map_or(until, |stored| stored.max(until)));
    chats::put(tx, id, Some(&chat), &Chat { not_before, ..chat.clone() })
}

/// The group has another number: its row and this delivery move there, and it is tried once more.
fn migrate(tx: &mut Tx<'_>, id: DeliveryId, old: &Delivery, to: ChatId) -> Result<(), Error> {
    let moved = DeliveryId { message: id.message, chat: to };
    deliveries::remove(tx, id, old)?;
    actions::chats::migrate(tx, id.chat, to)?;
    if deliveries::get(tx, moved)?.is_none() {
        let state = DeliveryState::Queued { not_before: tx.now() };
        deliveries::insert(tx, moved, &Delivery { state, ..old.clone() })?;
    }
    Ok(())
}

/// Telegram says that a chat cannot be reached. When its person did something after the send began, that is the newer
/// news: they came back, and if they left again, the next update or send tells.
fn lost(tx: &mut Tx<'_>, chat: ChatId, old: &Delivery, reachability: Reachability) -> Result<(), Error> {
    let heard = chats::get(tx, chat)?.map(|row| row.last_heard);
    if let (DeliveryState::Sending { since, .. }, Some(heard)) = (&old.state, heard)
        && heard > *since
    {
        return Ok(());
    }
    actions::chats::set_reachability(tx, chat, reachability)
}

/// Telegram took a message: a chat of which nothing was known can be reached. One that was lost when the message had
/// already left stays lost, because that is the newer news.
fn regained(tx: &mut Tx<'_>, chat: ChatId) -> Result<(), Error> {
    match chats::get(tx, chat)? {
        Some(row) if row.reachability == Reachability::Unknown => {
            actions::chats::set_reachability(tx, chat, Reachability::Reachable)
        }
        _ => Ok(()),
    }
}

/// Moves a delivery to a state in which it will not be sent now; of final ones the website is told.
pub(super) fn end(tx: &mut Tx<'_>, id: DeliveryId, old: &Delivery, state: DeliveryState) -> Result<(), Error> {
    Ok(actions::messages::end(tx, id, old, state)?)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::actions::messages::{SendOptions, To, answer, send};
    use crate::actions::testing::{Desk, OWNER, profile};
    use crate::model::message::{Body, Weight};

    /// A message to a chat that is on its way since now.
    fn leaves(desk: &Desk, chat: ChatId) -> DeliveryId {
        desk.run(move |tx| {
            let (message, _) = send(tx, &OWNER, To::Chat(chat), Body::plain("hi"), SendOptions::default())?;
            let id = DeliveryId { message, chat };
            sending(tx, id)?;
            Ok(id)
        })
    }

    fn sending(tx: &mut Tx<'_>, id: DeliveryId) -> Result<(), Error> {
        let old = deliveries::get(tx, id)?.expect("queued");
        let state = DeliveryState::Sending { since: tx.now(), due: tx.now() };
        Ok(deliveries::update(tx, id, &old, &Delivery { state, ..old.clone() })?)
    }

    /// What became of an answer that returns to the queue while a newer one of this weight waits, and of the newer one.
    fn returns_to(newer: Weight, class: Class) -> (Option<Standing>, Option<Standing>) {
        let desk = Desk::new();
        let chat = desk.heard(5);
        let old =
            desk.run(move |tx| Ok(answer(tx, chat, None, Weight::Command, &Body::plain("old"))?.expect("queued")));
        let old = DeliveryId { message: old, chat };
        desk.run(move |tx| sending(tx, old));
        let new = desk.run(move |tx| Ok(answer(tx, chat, None, newer, &Body::plain("new"))?.expect("queued")));
        let new = DeliveryId { message: new, chat };
        fails(&desk, old, class);
        let standing = |id| desk.read(|read| deliveries::get(read, id)).map(|row| row.state.standing());
        let waits = if standing(old) == Some(Standing::Queued) { old } else { new };
        assert_eq!(desk.chat(chat).last_answer, Some(waits), "the next answer finds the one that waits");
        (standing(old), standing(new))
    }

    #[test]
    fn of_an_answer_that_returns_and_a_newer_one_a_single_one_waits() {
        let unsent = Class::NotSent { reason: "refused".into() };
        for newer in [Weight::Command, Weight::Outcome] {
            assert_eq!(returns_to(newer, unsent.clone()), (Some(Standing::Cancelled), Some(Standing::Queued)));
        }
        assert_eq!(returns_to(Weight::Courtesy, unsent), (Some(Standing::Queued), None));
        let doubtful = Class::Unknown { reason: "reset".into() };
        assert_eq!(returns_to(Weight::Outcome, doubtful), (Some(Standing::Uncertain), Some(Standing::Queued)));
    }

    fn fails(desk: &Desk, id: DeliveryId, class: Class) {
        let ticket = Ticket::Delivery(id);
        let outcome =
            Outcome { ticket, result: Err(class), errand: None, went: None, at: desk.clock.now(), flood: None };
        desk.run(move |tx| settle(tx, &mut Books::default(), &outcome));
    }

    fn is_refused(desk: &Desk, id: DeliveryId) {
        fails(desk, id, Class::Blocked);
    }

    #[test]
    fn a_chat_that_came_back_while_its_refusal_was_on_the_way_is_not_lost_again() {
        let desk = Desk::new();
        let (_, chat) = desk.linked("ada", 5);
        for returns in [
            |tx: &mut Tx<'_>, chat| actions::chats::set_reachability(tx, chat, Reachability::Reachable),
            |tx: &mut Tx<'_>, chat| actions::chats::note(tx, chat, profile()).map(|_| ()),
        ] {
            let late = leaves(&desk, chat);
            desk.pass(Duration::from_secs(1));
            desk.run(move |tx| actions::chats::set_reachability(tx, chat, Reachability::Blocked));
            desk.pass(Duration::from_secs(1));
            desk.run(move |tx| returns(tx, chat));
            is_refused(&desk, late);
            let state = desk.read(|read| deliveries::get(read, late)).unwrap().state;
            assert_eq!(state.standing(), Standing::Failed);
            assert_eq!(desk.chat(chat).reachability, Reachability::Reachable);
        }
        desk.pass(Duration::from_secs(1));
        is_refused(&desk, leaves(&desk, chat));
        assert_eq!(desk.chat(chat).reachability, Reachability::Blocked, "nothing was heard since this one left");
    }
}
