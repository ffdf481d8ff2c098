//! Questions: what a pressed button of one does. The first press that counts is the answer, once and for all; every other one
//! changes nothing and is told why. A press also proves that its message arrived.

use crate::actions::claims::Asker;
use crate::actions::{Error, events, messages};
use crate::clock::Timestamp;
use crate::ids::{BroadcastId, DeliveryId, MessageId, TelegramMessageId};
use crate::model::change::{Change, Deed};
use crate::model::delivery::{Delivery, DeliveryState, Standing};
use crate::model::event::EventKind;
use crate::model::message::{Answer, Body, Button, Message};
use crate::model::question::{self, Asked, Ballot, Stage};
use crate::model::recipient::{Recipient, RecipientState};
use crate::model::texts::TextKey;
use crate::store::recipients::{self, Ledger};
use crate::store::{self, Read as _, StoreError, Tx, broadcasts, deliveries};

/// What a press came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pressed {
    /// What the person is shown at the button.
    pub notice: String,
    /// The buttons that the message has from now on, where that is not left to the sender.
    pub buttons: Option<Vec<Vec<Button>>>,
}

/// A press on a button of a question, under Telegram's message `seen`. What counts is written down; a refusal is a notice.
pub fn press(tx: &mut Tx<'_>, asker: &Asker<'_>, ballot: Ballot, seen: TelegramMessageId) -> Result<Pressed, Error> {
    match ballot.asked {
        Asked::Message(id) => of_message(tx, asker, (id, ballot.button), seen),
        Asked::Broadcast(id) => of_broadcast(tx, asker, (id, ballot.button), seen),
    }
}

/// A question as it stands when one of its buttons is pressed.
struct Question<'a> {
    asked: Asked,
    body: &'a Body,
    stage: Stage,
    button: u8,
}

impl Question<'_> {
    /// What is said about a press that changes nothing; nothing when it counts.
    fn refusal(&self, asker: &Asker<'_>) -> Option<Pressed> {
        let (key, answer) = match self.stage {
            Stage::Answered(button) => (TextKey::AnswerGiven, label(self.body, button)),
            Stage::Over => (TextKey::AnswerLate, ""),
            Stage::Open if self.body.button(self.button).and_then(Button::value).is_none() => {
                return Some(foreign(asker));
            }
            Stage::Open => return None,
        };
        let buttons = Some(question::keyboard(self.body, self.asked, self.stage));
        Some(Pressed { notice: say(asker, key, answer), buttons })
    }

    fn noted(&self, asker: &Asker<'_>) -> String {
        say(asker, TextKey::AnswerNoted, label(self.body, self.button))
    }
}

fn label(body: &Body, button: u8) -> &str {
    body.button(button).map(|button| button.label.as_str()).unwrap_or_default()
}

fn say(asker: &Asker<'_>, key: TextKey, answer: &str) -> String {
    asker.voice.say(key, asker.chat.profile.language.as_deref(), &[("answer", answer)])
}

/// The question is none of this chat's, or is no longer known.
fn foreign(asker: &Asker<'_>) -> Pressed {
    Pressed { notice: say(asker, TextKey::AnswerForeign, ""), buttons: None }
}

fn of_message(
    tx: &mut Tx<'_>,
    asker: &Asker<'_>,
    (id, button): (MessageId, u8),
    seen: TelegramMessageId,
) -> Result<Pressed, Error> {
    let here = DeliveryId { message: id, chat: asker.id };
    let (Some(message), Some(delivery)) = (store::messages::get(tx, id)?, deliveries::get(tx, here)?) else {
        return Ok(foreign(asker));
    };
    let body = store::messages::body(tx, &message).filter(Body::asks);
    let is_theirs = message.account.is_none() || message.account == asker.chat.account();
    let Some(body) = body.filter(|_| is_theirs) else { return Ok(foreign(asker)) };
    prove_arrival(tx, here, &delivery, seen)?;
    let now = tx.now();
    let answered = message.answer.as_ref().map(|answer| answer.button);
    let stage = question::stage(&body, message.at, answered, now);
    let question = Question { asked: Asked::Message(id), body: &body, stage, button };
    if let Some(refusal) = question.refusal(asker) {
        return Ok(refusal);
    }
    let answer = Some(Answer { button, chat: asker.id, at: now });
    store::messages::reword(tx, id, &Message { answer, ..message.clone() })?;
    mark(tx, id, now)?;
    if let Some(account) = message.account {
        events::of_account(tx, account, EventKind::ButtonPressed(id, asker.id))?;
    }
    Ok(Pressed { notice: question.noted(asker), buttons: None })
}

/// Nobody presses a button of a message that is not there: a delivery in doubt, or on its way, arrived.
fn prove_arrival(tx: &mut Tx<'_>, id: DeliveryId, row: &Delivery, seen: TelegramMessageId) -> Result<(), StoreError> {
    let in_doubt = match row.state {
        DeliveryState::Sending { .. } | DeliveryState::Uncertain { .. } => true,
        // It was sent before and nobody knew; it waits to be sent again.
        DeliveryState::Queued { .. } | DeliveryState::Expired { .. } => row.is_possible_duplicate(),
        DeliveryState::Sent { .. }
        | DeliveryState::Failed { .. }
        | DeliveryState::Cancelled { .. }
        | DeliveryState::Skipped { .. } => false,
    };
    if !in_doubt {
        return Ok(());
    }
    let at = tx.now();
    messages::end(tx, id, row, DeliveryState::Sent { telegram: seen, at })
}

/// Lets the sender mark the answer on every phone that the question reached. A change that waits already shows it too, and one
/// that is on its way is asked for once more; what is to be deleted goes anyway.
fn mark(tx: &mut Tx<'_>, message: MessageId, now: Timestamp) -> Result<(), StoreError> {
    for (id, row) in deliveries::of_message(tx, message)? {
        let waiting = row.change.as_ref().filter(|change| change.due().is_some()).map(|change| change.deed);
        let deed = match waiting {
            Some(Deed::Delete) => continue,
            Some(Deed::Edit) => Deed::Edit,
            Some(Deed::Mark) | None => Deed::Mark,
        };
        if row.state.standing() == Standing::Sent && !row.is_deleted() {
            let change = Some(Change::asked(deed, row.change.as_ref(), now));
            deliveries::update(tx, id, &row, &Delivery { change, ..row.clone() })?;
        }
    }
    Ok(())
}

fn of_broadcast(
    tx: &mut Tx<'_>,
    asker: &Asker<'_>,
    (id, button): (BroadcastId, u8),
    seen: TelegramMessageId,
) -> Result<Pressed, Error> {
    let Some(broadcast) = broadcasts::get(tx, id)? else { return Ok(foreign(asker)) };
    let body = broadcasts::body(tx, id)?.filter(Body::asks);
    let (Some(body), Some(account), Some(started)) = (body, asker.chat.account(), broadcast.started) else {
        return Ok(foreign(asker));
    };
    let kin = recipients::of_account(tx, id, account)?;
    let Some((position, row)) = kin.iter().find(|(_, row)| row.chat == asker.id) else { return Ok(foreign(asker)) };
    let (position, now) = (*position, tx.now());
    let mut ledger = Ledger::open(tx, id)?;
    let mut row = row.clone();
    if matches!(row.state, RecipientState::Sending { .. } | RecipientState::Uncertain { .. }) {
        let arrived = Recipient { state: RecipientState::Sent { telegram: seen, at: now }, ..row.clone() };
        ledger.update(tx, position, &row, &arrived)?;
        row = arrived;
    }
    // An account answers once, whichever of its chats is first.
    let answered = kin.iter().find_map(|(_, row)| row.answer);
    let stage = question::stage(&body, started, answered, now);
    let question = Question { asked: Asked::Broadcast(id), body: &body, stage, button };
    let refusal = question.refusal(asker);
    if refusal.is_none() {
        ledger.answer(tx, position, &row, button)?;
        let kind = EventKind::BroadcastAnswered(id, position);
        events::of_account(tx, account, kind)?;
    }
    ledger.close(tx)?;
    let shown = Stage::Answered(button);
    Ok(refusal.unwrap_or_else(|| Pressed {
        notice: question.noted(asker),
        buttons: Some(question::keyboard(&body, question.asked, shown)),
    }))
}

#[cfg(test)]
mod tests;
