//! Questions as the API shows them: how far one is, what was answered, and how often.

use serde_json::{Value, json};

use super::shape;
use crate::clock::Timestamp;
use crate::model::broadcast::Figures;
use crate::model::message::{Body, Button, Message};
use crate::model::question::{Stage, deadline, stage};

/// The question of a message; nothing when it asks nothing.
pub(super) fn of_message(message: &Message, body: Option<&Body>, now: Timestamp) -> Value {
    let Some(body) = body.filter(|body| body.asks()) else { return Value::Null };
    let answer = message.answer.as_ref();
    let button = answer.and_then(|answer| body.button(answer.button));
    json!({
        "state": match stage(body, message.at, answer.map(|answer| answer.button), now) {
            Stage::Open => "open",
            Stage::Answered(_) => "answered",
            Stage::Over => "over",
        },
        "until": shape::moment(deadline(body, message.at)),
        "value": button.and_then(Button::value),
        "label": button.map(|button| button.label.as_str()),
        "chat_id": answer.map(|answer| answer.chat.0),
        "answered_at": shape::moment(answer.map(|answer| answer.at)),
    })
}

/// Whether nothing more will be answered.
pub(super) fn is_settled(message: &Message, body: &Body, now: Timestamp) -> bool {
    let answer = message.answer.as_ref().map(|answer| answer.button);
    stage(body, message.at, answer, now) != Stage::Open
}

/// The question of a broadcast with the count of each answer; nothing when it asks nothing.
pub(super) fn of_broadcast(body: Option<&Body>, started: Option<Timestamp>, figures: &Figures) -> Value {
    let Some(body) = body.filter(|body| body.asks()) else { return Value::Null };
    let buttons = (0..).zip(body.buttons.iter().flatten());
    let answers: Vec<Value> = buttons
        .filter_map(|(place, button)| {
            let value = button.value()?;
            Some(json!({ "value": value, "label": button.label, "count": figures.answers(place) }))
        })
        .collect();
    json!({
        "until": shape::moment(started.and_then(|started| deadline(body, started))),
        "answered": figures.answered(),
        "answers": answers,
    })
}
