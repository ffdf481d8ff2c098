//! Questions: buttons that carry a value. What such a button tells the bot, how it looks before and after it was pressed, and
//! until when pressing it counts. Pure.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::ids::{BroadcastId, MessageId};
use crate::model::message::{Body, Button, ButtonAction};

/// The longest value of a button, in bytes.
pub const VALUE_MAX: usize = 128;
/// The shortest time in which a question can be answered.
pub const WITHIN_MIN: Duration = Duration::from_secs(1);
/// The longest.
pub const WITHIN_MAX: Duration = Duration::from_hours(7 * 24);

/// What asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A message, of everyone who got it once.
    Message(MessageId),
    /// A broadcast, of each account once.
    Broadcast(BroadcastId),
}

/// A pressed button of a question, as its data tells (Bot API, `InlineKeyboardButton.callback_data`, at most 64 bytes). Anyone can
/// send any data: the rows decide whether it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ballot {
    /// Of which question.
    pub asked: Asked,
    /// Which button, counted over all rows from 0.
    pub button: u8,
}

impl std::fmt::Display for Ballot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.asked {
            Asked::Message(id) => write!(f, "ask:{id}:{}", self.button),
            Asked::Broadcast(id) => write!(f, "askall:{id}:{}", self.button),
        }
    }
}

impl Ballot {
    /// Reads a button's data; nothing when it is not a question's.
    #[must_use]
    pub fn parse(data: &str) -> Option<Self> {
        let mut parts = data.split(':');
        let (word, id, button) = (parts.next()?, parts.next()?, parts.next()?.parse().ok()?);
        let asked = match word {
            "ask" => Asked::Message(id.parse().ok()?),
            "askall" => Asked::Broadcast(id.parse().ok()?),
            _ => return None,
        };
        parts.next().is_none().then_some(Self { asked, button })
    }
}

/// How far a question is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It can be answered.
    Open,
    /// This button answered it.
    Answered(u8),
    /// Its time is over.
    Over,
}

/// Rows of buttons as they stand on the phone: those with a value tell the bot who they are. Once one of them was pressed, it
/// stays, with a tick, and the other ones with a value are gone.
#[must_use]
pub fn keyboard(body: &Body, asked: Asked, stage: Stage) -> Vec<Vec<Button>> {
    let mut places = 0..=u8::MAX;
    let rows = body.buttons.iter().map(|row| {
        let shown = row.iter().zip(&mut places).filter_map(|(button, place)| shown(button, (asked, place), stage));
        shown.collect::<Vec<_>>()
    });
    rows.filter(|row| !row.is_empty()).collect()
}

fn shown(button: &Button, (asked, place): (Asked, u8), stage: Stage) -> Option<Button> {
    if !matches!(button.action, ButtonAction::Answer(_)) {
        return Some(button.clone());
    }
    let label = match stage {
        Stage::Open => button.label.clone(),
        Stage::Answered(pressed) if pressed == place => format!("\u{2713} {}", button.label),
        Stage::Answered(_) | Stage::Over => return None,
    };
    Some(Button { label, action: ButtonAction::Tell(Ballot { asked, button: place }.to_string()) })
}

/// How far the question of a message or broadcast is that was asked at `at`, by the button that answered it, if one did.
#[must_use]
pub fn stage(body: &Body, at: Timestamp, answer: Option<u8>, now: Timestamp) -> Stage {
    match answer {
        Some(button) => Stage::Answered(button),
        None if deadline(body, at).is_some_and(|until| now >= until) => Stage::Over,
        None => Stage::Open,
    }
}

/// Until when a question that was asked at `at` can be answered; nothing without a limit.
#[must_use]
pub fn deadline(body: &Body, at: Timestamp) -> Option<Timestamp> {
    body.answer_within.map(|seconds| at.plus(Duration::from_secs(seconds.into())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question() -> Body {
        let button = |label: &str, action| Button { label: label.into(), action };
        Body::plain("Approve?")
            .with_row(vec![button("More", ButtonAction::Open("https://example.org".into()))])
            .with_row(vec![
                button("Yes", ButtonAction::Answer("yes".into())),
                button("No", ButtonAction::Answer("no".into())),
            ])
    }

    #[test]
    fn what_a_button_tells_is_read_back_and_fits_telegram() {
        for asked in [Asked::Message(MessageId(u64::MAX)), Asked::Broadcast(BroadcastId(u64::MAX))] {
            let ballot = Ballot { asked, button: u8::MAX };
            assert!(ballot.to_string().len() <= 64);
            assert_eq!(Ballot::parse(&ballot.to_string()), Some(ballot));
        }
        for data in ["", "ask", "ask:1", "ask:x:0", "ask:1:0:0", "ask:1:300", "undo:1:0"] {
            assert_eq!(Ballot::parse(data), None, "{data}");
        }
    }

    #[test]
    fn the_pressed_button_stays_alone_and_links_stay_beside_it() {
        let (body, asked) = (question(), Asked::Message(MessageId(7)));
        let tell = |label: &str, place: u8| Button {
            label: label.into(),
            action: ButtonAction::Tell(format!("ask:7:{place}")),
        };
        let open = body.buttons[0].clone();
        let rows = |stage| keyboard(&body, asked, stage);
        assert_eq!(rows(Stage::Open), [open.clone(), vec![tell("Yes", 1), tell("No", 2)]]);
        assert_eq!(rows(Stage::Answered(2)), [open.clone(), vec![tell("\u{2713} No", 2)]]);
        assert_eq!(rows(Stage::Over), [open]);
    }

    #[test]
    fn a_question_is_over_at_its_time_unless_it_was_answered() {
        let body = Body { answer_within: Some(60), ..question() };
        let at = Timestamp(0);
        assert_eq!(stage(&body, at, None, Timestamp(59_999)), Stage::Open);
        assert_eq!(stage(&body, at, None, Timestamp(60_000)), Stage::Over);
        assert_eq!(stage(&body, at, Some(1), Timestamp(60_000)), Stage::Answered(1));
        assert_eq!(stage(&question(), at, None, Timestamp(i64::MAX)), Stage::Open);
    }
}
