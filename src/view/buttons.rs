//! An editor of the buttons under a message: one row of fields for each, and empty rows for more.

use maud::{Markup, html};

use super::Icon;

/// One button as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// What it says.
    pub label: String,
    /// What it opens.
    pub address: String,
    /// Whether it stands beside the one before it.
    pub beside: bool,
}

impl Typed {
    /// Whether nothing was typed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.label.trim().is_empty() && self.address.trim().is_empty()
    }
}

/// The field's name of a button's label; the buttons are numbered from 0.
#[must_use]
pub fn label_field(number: usize) -> String {
    format!("button_label_{number}")
}

/// The field's name of a button's address.
#[must_use]
pub fn address_field(number: usize) -> String {
    format!("button_address_{number}")
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
            legend { "Link buttons" span.optional { " optional" } }
            p.hint { "Each opens an address below the message. Leave a row empty to have no button there." }
            @for number in 0..rows { (row(number, typed.get(number).unwrap_or(&empty))) }
            @if let Some(error) = error { p.error id="f-buttons-error" { (Icon::Cross) span { (error) } } }
            button.button.quiet.scripted type="button" data-add-row { (Icon::Plus) "Add a button" }
        }
    }
}

fn row(number: usize, typed: &Typed) -> Markup {
    let (label, address, beside) = (label_field(number), address_field(number), beside_field(number));
    html! {
        div.button-row data-row {
            label { span { "Label" } input name=(label) value=(typed.label) autocomplete="off"; }
            label { span { "Address" } input name=(address) value=(typed.address) inputmode="url" placeholder="https://" autocomplete="off" spellcheck="false" autocapitalize="off"; }
            label.inline .first[number == 0] { input type="checkbox" name=(beside) value="on" checked[typed.beside]; span { "beside the one above" } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_comes_back_with_room_for_more() {
        let typed = [Typed { label: "<Shop>".to_owned(), address: "https://a".to_owned(), beside: true }];
        let html = editor(&typed, (2, 20), Some("Too many.")).into_string();
        assert_eq!(html.matches("data-row>").count(), 3);
        assert!(html.contains("name=\"button_label_0\" value=\"&lt;Shop&gt;\""));
        assert!(html.contains("name=\"button_beside_0\" value=\"on\" checked"));
        assert!(html.contains("Too many."));
        assert_eq!(editor(&typed, (2, 2), None).into_string().matches("data-row>").count(), 2);
    }
}
