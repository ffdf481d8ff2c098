//! A question in the conversation: the answer that was given, or how long there can still be one.

use maud::Markup;

use crate::clock::Timestamp;
use crate::model::message::{Body, Message};
use crate::model::question::{Stage, deadline, stage};
use crate::view::chat::{Question, question};

/// What there is to say below a message about its question; nothing when it asks nothing.
pub(super) fn show(message: &Message, body: &Body, now: Timestamp) -> Markup {
    if !body.asks() {
        return Markup::default();
    }
    let answer = message.answer.as_ref();
    question(&match stage(body, message.at, answer.map(|answer| answer.button), now) {
        Stage::Answered(button) => Question::Answered {
            label: body.button(button).map_or("", |button| &button.label),
            at: answer.map_or(message.at, |answer| answer.at),
        },
        Stage::Open => Question::Open { until: deadline(body, message.at) },
        Stage::Over => Question::Over,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::ChatId;
    use crate::model::event::Actor;
    use crate::model::message::{Answer, Button, ButtonAction, MessageKind};

    fn message(answer: Option<Answer>) -> Message {
        let at = Timestamp(0);
        let kind = MessageKind::Personal;
        Message { at, kind, account: None, chat: None, actor: Actor::System, sealed: Vec::new(), answer }
    }

    #[test]
    fn a_question_tells_its_answer_or_that_it_waits_or_that_it_is_too_late() {
        let button = |label: &str| Button { label: label.into(), action: ButtonAction::Answer("v".into()) };
        let body = Body::plain("Approve?").with_row(vec![button("Yes"), button("<No>")]);
        let timed = Body { answer_within: Some(60), ..body.clone() };
        let text = |message: &Message, body: &Body, now| show(message, body, Timestamp(now)).into_string();
        let answered = message(Some(Answer { button: 1, chat: ChatId(1), at: Timestamp(5) }));
        assert!(text(&answered, &timed, 99_000).contains("&lt;No&gt;"));
        assert!(text(&message(None), &body, 99_000).contains("Not answered yet."));
        assert!(text(&message(None), &timed, 5).contains("answers count until"));
        assert!(text(&message(None), &timed, 60_000).contains("in time"));
        assert!(text(&message(None), &Body::plain("Hello"), 5).is_empty());
    }
}
