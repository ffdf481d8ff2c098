//! Things to take away: a value with a copy button, a secret that is shown once, a sheet of recovery codes.

use maud::{Markup, html};

use super::Icon;
use super::badge::Tone;

/// A read-only field with a copy button. Without script, or where copying is not allowed, the field can be selected.
#[derive(Clone, Copy, Debug)]
pub struct Copy<'a> {
    /// The element's id on this page.
    pub id: &'a str,
    /// What it is.
    pub label: &'a str,
    /// What is copied.
    pub value: &'a str,
}

/// The field and its button.
#[must_use]
pub fn copy(copy: Copy) -> Markup {
    html! {
        div.copy {
            label for=(copy.id) { (copy.label) }
            div.copy-row {
                input.copy-value id=(copy.id) type="text" readonly value=(copy.value) autocomplete="off" spellcheck="false";
                (copy_button(copy.id))
            }
        }
    }
}

/// A button that copies the value or text of the element `id`; it appears only where script runs.
#[must_use]
pub fn copy_button(id: &str) -> Markup {
    html! { button.button.quiet.scripted type="button" data-copy=(id) { (Icon::Copy) span aria-live="polite" { "Copy" } } }
}

/// A secret that will not be shown again, because only its hash is kept.
#[must_use]
pub fn secret_once(field: Copy) -> Markup {
    once(field, "Only its fingerprint is kept. Copy it now: this page will not show it again.")
}

/// A secret that will not be shown again, although it is kept: startlink itself signs and checks with it.
#[must_use]
pub fn sealed_once(field: Copy) -> Markup {
    once(field, "It is kept sealed. Copy it now: this page will not show it again.")
}

fn once(field: Copy, words: &str) -> Markup {
    let body = html! { p { (words) } (copy(field)) };
    super::notice::pictured((Tone::Doubtful, Icon::Lock), "Shown once", body)
}

/// Recovery codes as a sheet that prints well; `site` and `admin` say what they open.
#[must_use]
pub fn recovery_codes(codes: &[&str], site: &str, admin: &str) -> Markup {
    html! {
        section.sheet {
            div.sheet-head {
                (super::icon::mark())
                div { p.sheet-title { "Recovery codes" } p { (admin) " at " (site) } }
            }
            ol.codes id="recovery-codes" { @for code in codes { li { code { (code) } } } }
            p.hint { "Each opens the door once, in place of a code from your authenticator. Keep them where you keep keys." }
            div.actions.no-print {
                (copy_button("recovery-codes"))
                button.button.quiet.scripted type="button" data-print { (Icon::Print) "Print" }
            }
        }
    }
}
