//! What was asked for after a message was sent: leased, carried out, settled like a send, in its lane and under its limits.
//! Nothing of it is marked on disk before it leaves: Telegram does the same change as often as it is asked, so one that a
//! crash cut off simply waits still, and is tried again.

use std::sync::Arc;

use super::lease::Job;
use super::retry::{self, Verdict};
use super::settle::{self, Outcome};
use super::ticket::{Flow, Ticket};
use crate::actions::Error;
use crate::clock::Timestamp;
use crate::ids::{DeliveryId, TelegramMessageId};
use crate::model::change::{Change, DELETABLE, Deed, Progress};
use crate::model::chat::Chat;
use crate::model::delivery::{Delivery, DeliveryState, Policy, Reason};
use crate::model::message::Body;
use crate::outbox::content;
use crate::store::{Read as _, StoreError, Tx, chats, deliveries};

/// A change that is about to be carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Errand {
    /// What is done.
    pub deed: Deed,
    /// With which message, by Telegram's number.
    pub message: TelegramMessageId,
    /// Which change it is: meanwhile another one may be asked for.
    pub number: u32,
}

/// Leases a change that is due, or ends or postpones it when it cannot be carried out now.
pub(super) fn lease(tx: &mut Tx<'_>, id: DeliveryId, old: &Delivery, change: &Change) -> Result<Option<Job>, Error> {
    let DeliveryState::Sent { telegram, at: sent } = old.state else { return Ok(None) };
    let now = tx.now();
    let chat = chats::get(tx, id.chat)?;
    if let Some(verdict) = retry::overdue(&as_send(old, change), now) {
        carry_out(tx, id, old, change, verdict)?;
        return Ok(None);
    }
    if let Some(progress) = instead(old, change, (chat.as_ref(), sent), now) {
        put(tx, id, old, Change { progress, ..change.clone() })?;
        return Ok(None);
    }
    let body = match change.deed {
        Deed::Delete => Body::default(),
        Deed::Edit | Deed::Mark => {
            let Some(body) = content::of_message(tx, id.message)? else {
                let reason = Reason::Content("the stored text cannot be opened with this key".to_owned());
                put(tx, id, old, Change { progress: Progress::Failed { reason, at: now }, ..change.clone() })?;
                return Ok(None);
            };
            if old.as_plain { content::without_markup(body) } else { body }
        }
    };
    let errand = Some(Errand { deed: change.deed, message: telegram, number: change.number });
    let (ticket, flow, body) = (Ticket::Delivery(id), Flow::Talk, Arc::new(body));
    Ok(Some(Job { ticket, flow, body, enclosed: None, errand, answers: None }))
}

/// How far a change is instead of being carried out now. An edit is for the account that the message was for; what is to
/// be deleted is deleted also when the chat has left it.
fn instead(
    delivery: &Delivery,
    change: &Change,
    (chat, sent): (Option<&Chat>, Timestamp),
    now: Timestamp,
) -> Option<Progress> {
    let failed = |reason| Some(Progress::Failed { reason, at: now });
    let Some(chat) = chat else { return failed(Reason::ChatNotFound) };
    match change.deed {
        Deed::Edit | Deed::Mark if delivery.account.is_some() && chat.account() != delivery.account => {
            return failed(Reason::NotLinked);
        }
        Deed::Delete if now.since(sent) > DELETABLE => {
            let words = "Telegram lets a bot delete only what is not older than 48 hours";
            return failed(Reason::Content(words.to_owned()));
        }
        Deed::Edit | Deed::Mark | Deed::Delete => {}
    }
    let until = chat.not_before.filter(|until| now < *until)?;
    Some(Progress::Waiting { not_before: until })
}

/// Writes down how a change ended. One that is not the last that was asked for is left alone: that one still waits.
pub(super) fn settle(tx: &mut Tx<'_>, id: DeliveryId, errand: Errand, outcome: &Outcome) -> Result<(), Error> {
    let Some(old) = deliveries::get(tx, id)? else { return Ok(()) };
    let Some(change) = old.change.clone().filter(|change| change.number == errand.number && change.due().is_some())
    else {
        return Ok(());
    };
    let Err(class) = &outcome.result else { return Ok(put(tx, id, &old, change.done(outcome.at))?) };
    let tried = Change { tries: change.tries.saturating_add(1), ..change };
    let verdict = retry::decide(id.chat, &as_send(&old, &tried), class, outcome.at, &tx.rng().clone());
    carry_out(tx, id, &old, &tried, verdict)
}

/// Moves a change that waits back in the queue.
pub(super) fn postpone(tx: &mut Tx<'_>, id: DeliveryId, old: &Delivery, until: Timestamp) -> Result<(), StoreError> {
    let Some(change) = old.change.clone().filter(|_| old.change_due().is_some()) else { return Ok(()) };
    put(tx, id, old, Change { progress: Progress::Waiting { not_before: until }, ..change })
}

/// A change as if it were a send that may be made twice, which is what the rules are written for.
fn as_send(delivery: &Delivery, change: &Change) -> Delivery {
    Delivery {
        policy: Policy::AtLeastOnce,
        expires: change.expires(),
        attempts: change.tries,
        unknowns: change.unknowns,
        ..delivery.clone()
    }
}

fn carry_out(tx: &mut Tx<'_>, id: DeliveryId, old: &Delivery, change: &Change, verdict: Verdict) -> Result<(), Error> {
    let now = tx.now();
    let mut new = change.clone();
    new.progress = match verdict {
        Verdict::Requeue { at } | Verdict::TokenRefused { at } => Progress::Waiting { not_before: at },
        Verdict::RequeueInDoubt { at } => {
            new.unknowns = new.unknowns.saturating_add(1);
            Progress::Waiting { not_before: at }
        }
        Verdict::Flooded { at, .. } => {
            settle::hold(tx, id.chat, at)?;
            Progress::Waiting { not_before: at }
        }
        Verdict::AsPlain => {
            new.progress = Progress::Waiting { not_before: now };
            let plain = Delivery { as_plain: true, change: Some(new), ..old.clone() };
            return Ok(deliveries::update(tx, id, old, &plain)?);
        }
        // Of broadcasts only, and their rows stand elsewhere.
        Verdict::PauseBroadcast { description } => Progress::Failed { reason: Reason::Content(description), at: now },
        // The numbers of messages do not move with a group.
        Verdict::Migrate { .. } => Progress::Failed { reason: Reason::GroupLost, at: now },
        Verdict::Failed { reason, .. } => Progress::Failed { reason, at: now },
        Verdict::Uncertain => Progress::Uncertain { at: now },
        Verdict::Expired => {
            let reason = Reason::Content("it could not be done within a day".to_owned());
            Progress::Failed { reason, at: now }
        }
    };
    Ok(put(tx, id, old, new)?)
}

fn put(tx: &mut Tx<'_>, id: DeliveryId, old: &Delivery, change: Change) -> Result<(), StoreError> {
    deliveries::update(tx, id, old, &Delivery { change: Some(change), ..old.clone() })
}
