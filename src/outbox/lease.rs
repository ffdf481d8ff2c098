//! The lease: what is about to be sent is marked `sending` on disk first, so that a crash leaves no doubt about what was not.

mod recipient;

use std::sync::Arc;
use std::time::Duration;

use super::change::{self, Errand};
use super::content::{self, Carried, Enclosed, Uploads};
use super::ticket::{Flow, Ticket};
use crate::actions::Error;
use crate::clock::Timestamp;
use crate::ids::{DeliveryId, TelegramMessageId};
use crate::model::change::Deed;
use crate::model::chat::Chat;
use crate::model::delivery::{Delivery, DeliveryState, Lane, Reason};
use crate::model::message::Body;
use crate::outbox::{retry, settle};
use crate::store::{Read as _, Tx, chats, deliveries};

pub(super) use recipient::{Action, Step, again, give_up, left_out, reclaim, take, waiting};

/// How long a message waits for the attachment that another one uploads.
const UPLOAD_WAIT: Duration = Duration::from_secs(1);

/// A send that was leased.
#[derive(Clone, Debug)]
pub(super) struct Job {
    /// Which.
    pub ticket: Ticket,
    /// In which flow it counts.
    pub flow: Flow,
    /// What to send.
    pub body: Arc<Body>,
    /// What to send it with.
    pub enclosed: Option<Enclosed>,
    /// What to do with a message that was sent, instead of sending one.
    pub errand: Option<Errand>,
    /// Telegram's number of the message that it answers.
    pub answers: Option<TelegramMessageId>,
}

/// Leases a delivery that is not in flight, or ends or postpones it when its moment has passed meanwhile. A row that says
/// it is being sent was leased by a commit that was reported as failed and became durable: it never left.
pub(super) fn lease(tx: &mut Tx<'_>, uploads: &mut Uploads, id: DeliveryId) -> Result<Option<Job>, Error> {
    let Some(old) = deliveries::get(tx, id)? else { return Ok(None) };
    if let (Some(_), Some(asked)) = (old.change_due(), &old.change) {
        return change::lease(tx, id, &old, asked);
    }
    let (DeliveryState::Queued { not_before: due } | DeliveryState::Sending { due, .. }) = old.state else {
        return Ok(None);
    };
    let now = tx.now();
    let chat = chats::get(tx, id.chat)?;
    if let Some(verdict) = retry::overdue(&old, now) {
        settle::end_overdue(tx, id, &old, verdict)?;
        return Ok(None);
    }
    if let Some(state) = instead(&old, chat.as_ref(), now) {
        settle::end(tx, id, &old, state)?;
        return Ok(None);
    }
    let failed = |words: &str| DeliveryState::Failed { reason: Reason::Content(words.to_owned()), at: now };
    let Some(body) = content::of_message(tx, id.message)? else {
        settle::end(tx, id, &old, failed("the stored text cannot be opened with this key"))?;
        return Ok(None);
    };
    let enclosed = match uploads.carried(tx, &body)? {
        Carried::Nothing => None,
        Carried::File(enclosed) => Some(enclosed),
        Carried::Busy => {
            settle::end(tx, id, &old, DeliveryState::Queued { not_before: now.plus(UPLOAD_WAIT) })?;
            return Ok(None);
        }
        Carried::Gone(words) => {
            settle::end(tx, id, &old, failed(words))?;
            return Ok(None);
        }
    };
    // What it says is read here, so it leaves as it was asked for last.
    let mut new = Delivery { change: None, ..old.clone() };
    new.state = DeliveryState::Sending { since: now, due };
    new.attempts = new.attempts.saturating_add(1);
    deliveries::update(tx, id, &old, &new)?;
    let body = Arc::new(if old.as_plain { content::without_markup(body) } else { body });
    let answers = content::quoted(tx, &body, id.chat)?;
    Ok(Some(Job { ticket: Ticket::Delivery(id), flow: Flow::Talk, body, enclosed, errand: None, answers }))
}

/// The state a delivery takes instead of being sent, if its chat left the account or is lost, or Telegram asked for a
/// pause there. A send that was in flight while its chat was disconnected may have come back to the queue since.
fn instead(delivery: &Delivery, chat: Option<&Chat>, now: Timestamp) -> Option<DeliveryState> {
    // It was taken back while a send was in flight that did not get there.
    if delivery.change.as_ref().is_some_and(|change| change.deed == Deed::Delete) {
        return Some(delivery.taken_back(now));
    }
    let chat = chat?;
    let is_accounts = delivery.lane != Lane::Replies && delivery.account.is_some();
    if is_accounts && chat.account() != delivery.account {
        return Some(delivery.taken_back(now));
    }
    if !chat.reachability.may_send() {
        return Some(delivery.left_out(now));
    }
    chat.not_before.filter(|until| now < *until).map(|until| DeliveryState::Queued { not_before: until })
}

/// Moves a queued delivery back.
pub(super) fn postpone(tx: &mut Tx<'_>, id: DeliveryId, until: Timestamp) -> Result<(), Error> {
    let Some(old) = deliveries::get(tx, id)? else { return Ok(()) };
    if matches!(old.state, DeliveryState::Queued { .. }) {
        let new = Delivery { state: DeliveryState::Queued { not_before: until }, ..old.clone() };
        deliveries::update(tx, id, &old, &new)?;
    }
    Ok(change::postpone(tx, id, &old, until)?)
}
