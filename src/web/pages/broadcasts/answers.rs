//! The answers to the question of a broadcast: counted for each button, as figures and as a picture, and how far the question is.

use maud::{Markup, html};

use super::super::super::live::Next;
use crate::clock::Timestamp;
use crate::model::broadcast::{Broadcast, Figures};
use crate::model::message::{Body, Button, ButtonAction};
use crate::model::question::deadline;
use crate::model::recipient::Recipient;
use crate::view::chart::{Tally, tally};
use crate::view::share::percent;
use crate::view::{count, layout, time};

/// The question of a broadcast with its answers.
pub(super) struct Answers {
    /// (label, how often), in the order of the buttons.
    counted: Vec<(String, u64)>,
    answered: u32,
    reached: u32,
    started: Option<Timestamp>,
    until: Option<Timestamp>,
}

impl Answers {
    /// Nothing when it asks nothing.
    pub(super) fn of(row: &Broadcast, body: Option<&Body>, figures: &Figures) -> Option<Self> {
        let body = body.filter(|body| body.asks())?;
        let buttons = (0..).zip(body.buttons.iter().flatten());
        let answers = buttons.filter(|(_, button)| matches!(button.action, ButtonAction::Answer(_)));
        Some(Self {
            counted: answers.map(|(at, button)| (button.label.clone(), figures.answers(at).into())).collect(),
            answered: figures.answered(),
            reached: figures.reached,
            started: row.started,
            until: row.started.and_then(|started| deadline(body, started)),
        })
    }

    /// When it changes, while an answer would still count.
    pub(super) fn next(&self, now: Timestamp) -> Option<Next> {
        let is_open = self.started.is_some() && self.until.is_none_or(|until| now < until);
        is_open.then(|| self.until.map_or(Next::Change, Next::At))
    }

    /// The panel; nothing before anybody was asked.
    pub(super) fn show(&self, now: Timestamp) -> Markup {
        if self.started.is_none() {
            return Markup::default();
        }
        let summary = format!(
            "{} from {} that got it ({}).",
            count(self.answered.into(), "answer", "answers"),
            count(self.reached.into(), "account", "accounts"),
            percent(self.answered.into(), self.reached.into()).replace(' ', "\u{a0}")
        );
        layout::frame(html! {
            (tally(&Tally { title: "Answers", summary: &summary, rows: &self.counted }))
            p.hint {
                @match self.until {
                    None => "Answers count without a limit of time.",
                    Some(until) if now < until => { "Answers count until " (time::exact(until)) "." },
                    Some(until) => { "The time to answer ended " (time::exact(until)) "." },
                }
            }
        })
    }
}

/// The button that answered in a recipient's chat, if one did and it can still be read.
pub(super) fn given<'b>(recipient: &Recipient, body: Option<&'b Body>) -> Option<&'b Button> {
    body?.button(recipient.answer?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::event::Actor;

    fn answers(until: Option<i64>) -> Answers {
        Answers {
            counted: vec![("Yes".to_owned(), 2), ("No".to_owned(), 1)],
            answered: 3,
            reached: 4,
            started: Some(Timestamp(0)),
            until: until.map(Timestamp),
        }
    }

    #[test]
    fn a_question_says_how_many_answered_and_until_when() {
        let html = answers(None).show(Timestamp(5)).into_string();
        assert!(
            html.contains("3 answers from 4 accounts that got it (75\u{a0}%).") && html.contains("without a limit"),
            "{html}"
        );
        assert!(answers(Some(9)).show(Timestamp(5)).into_string().contains("count until"));
        assert!(answers(Some(5)).show(Timestamp(5)).into_string().contains("ended"));
        assert!(matches!(answers(Some(5)).next(Timestamp(4)), Some(Next::At(Timestamp(5)))));
        assert!(answers(Some(5)).next(Timestamp(5)).is_none());
        assert!(matches!(answers(None).next(Timestamp(5)), Some(Next::Change)));
        let waiting = Answers { started: None, ..answers(None) };
        assert!(waiting.next(Timestamp(0)).is_none() && waiting.show(Timestamp(0)).into_string().is_empty());
    }

    #[test]
    fn only_answers_are_counted_each_at_its_place() {
        let button = |label: &str, action| Button { label: label.into(), action };
        let body = Body::plain("?").with_row(vec![
            button("More", ButtonAction::Open("https://a".into())),
            button("Yes", ButtonAction::Answer("y".into())),
        ]);
        let mut figures = Figures::default();
        figures.add_answer(1);
        let row = Broadcast::draft(Actor::Operator, Timestamp(0));
        assert_eq!(Answers::of(&row, Some(&body), &figures).unwrap().counted, [("Yes".to_owned(), 1)]);
        assert!(Answers::of(&row, Some(&Body::plain("x")), &figures).is_none());
    }
}
