//! An editor of the buttons under a message: one row of fields for each, and empty rows for more. A button opens an address, or
//! it is an answer to what the message asks; then there is a field for how long answers count.

use std::time::Duration;

use maud::{Markup, html};

use super::field::{Choice, Field};
use super::{Icon, time};

/// The field that says how long answers count, in seconds; empty without a limit.
pub const WITHIN_FIELD: &str = "answer_within";
/// The times that one can choose from, in seconds.
const TIMES: [u32; 4] = [3_600, 86_400, 3 * 86_400, 7 * 86_400];

/// What a button is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// It opens an address.
    #[default]
    Opens,
    /// It answers with a value.
    Answers,
}

impl Kind {
    /// What the form sends.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Opens => "open",
            Self::Answers => "answer",
        }
    }

    /// What a form sent; whatever is no answer opens an address.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        if word == Self::Answers.word() { Self::Answers } else { Self::Opens }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Opens => "link",
            Self::Answers => "answer",
        }
    }
}

/// One button as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// What it says.
    pub label: String,
    /// What it is for.
    pub kind: Kind,
    /// What it opens, or the value of the answer; an answer without one has its label as its value.
    pub target: String,
    /// Whether it stands beside the one before it.
    pub beside: bool,
}

impl Typed {
    /// Whether nothing was typed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.label.trim().is_empty() && self.target.trim().is_empty()
    }
}

/// The field's name of a button's label; the buttons are numbered from 0.
#[must_use]
pub fn label_field(number: usize) -> String {
    format!("button_label_{number}")
}

/// The field's name of what a button is for.
#[must_use]
pub fn kind_field(number: usize) -> String {
    format!("button_kind_{number}")
}

/// The field's name of a button's address or value.
#[must_use]
pub fn target_field(number: usize) -> String {
    format!("button_target_{number}")
}

/// The name of the box that puts a button beside the one before it.
#[must_use]
pub fn beside_field(number: usize) -> String {
    format!("button_beside_{number}")
}

/// The editor with `spare` empty rows, up to `most` in all. A script adds more of them.
#[must_use]
pub fn editor(typed: &[Typed], (spare, most): (usize, usize), error: Option<&str>) -> Markup {
    let rows = (typed.len() + spare).min(most);
    let empty = Typed::default();
    html! {
        fieldset.field.button-editor .bad[error.is_some()] id="f-buttons" data-rows=(most) {
            legend { "Buttons" span.optional { " optional" } }
            p.hint {
                "A link opens an address that begins with https://. An answer makes the message a question: each account answers once, "
                "and the answers are counted. Its value is what the API tells; left empty, it is the label. An empty row is no button."
            }
            @for number in 0..rows { (row(number, typed.get(number).unwrap_or(&empty))) }
            @if let Some(error) = error { p.error id="f-buttons-error" { (Icon::Cross) span { (error) } } }
            button.button.quiet.scripted type="button" data-add-row { (Icon::Plus) "Add a button" }
        }
    }
}

fn row(number: usize, typed: &Typed) -> Markup {
    let (label, kind, target, beside) =
        (label_field(number), kind_field(number), target_field(number), beside_field(number));
    html! {
        div.button-row data-row {
            label { span { "Label" } input name=(label) value=(typed.label) autocomplete="off"; }
            label { span { "Kind" } select name=(kind) {
                @for kind in [Kind::Opens, Kind::Answers] { option value=(kind.word()) selected[kind == typed.kind] { (kind.label()) } }
            } }
            label { span { "Address or value" } input name=(target) value=(typed.target) autocomplete="off" spellcheck="false" autocapitalize="off"; }
            label.inline .first[number == 0] { input type="checkbox" name=(beside) value="on" checked[typed.beside]; span { "beside the one above" } }
        }
    }
}

/// The field that says how long answers count. A time that was set otherwise can be kept.
#[must_use]
pub fn within(chosen: Option<u32>, error: Option<&str>) -> Markup {
    let other = chosen.filter(|seconds| !TIMES.contains(seconds));
    let named = TIMES.into_iter().chain(other).map(|seconds| (seconds.to_string(), span(seconds)));
    let named: Vec<(String, String)> = named.collect();
    let choices = named.iter().map(|(value, label)| Choice { value, label });
    let choices = std::iter::once(Choice { value: "", label: "without a limit" }).chain(choices).collect();
    let value = chosen.map(|seconds| seconds.to_string()).unwrap_or_default();
    html! {
        (Field::select(WITHIN_FIELD, "Answers count for", choices)
            .value(&value)
            .hint("From the start of the broadcast on. Only for buttons that are answers.")
            .error(error))
    }
}

/// A time in which a question can be answered, in words.
#[must_use]
pub fn span(seconds: u32) -> String {
    time::span(Duration::from_secs(seconds.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_comes_back_with_room_for_more() {
        let typed =
            [Typed { label: "<Shop>".to_owned(), kind: Kind::Answers, target: "shop".to_owned(), beside: true }];
        let html = editor(&typed, (2, 20), Some("Too many.")).into_string();
        assert_eq!(html.matches("data-row>").count(), 3);
        assert!(html.contains("name=\"button_label_0\" value=\"&lt;Shop&gt;\""));
        assert!(html.contains("name=\"button_beside_0\" value=\"on\" checked"));
        assert!(html.contains("value=\"answer\" selected") && html.contains("name=\"button_target_0\" value=\"shop\""));
        assert!(html.contains("Too many."));
        assert_eq!(editor(&typed, (2, 2), None).into_string().matches("data-row>").count(), 2);
    }

    #[test]
    fn a_time_that_is_not_offered_can_be_kept() {
        let html = |chosen| within(chosen, None).into_string();
        assert!(html(None).contains("value=\"\" selected"));
        assert!(html(Some(3_600)).contains("value=\"3600\" selected") && !html(Some(3_600)).contains("value=\"90\""));
        assert!(html(Some(90)).contains("value=\"90\" selected"));
    }
}
