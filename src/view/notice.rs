//! Sentences in a frame: what happened, what the machine is waiting for, what to do next.

use maud::{Markup, html};

use super::Icon;
use super::badge::Tone;

/// A short message at the head of the next page after an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flash {
    /// What kind of news it is.
    pub tone: Tone,
    /// One sentence.
    pub text: String,
}

impl Flash {
    /// Something was done.
    #[must_use]
    pub fn good(text: impl Into<String>) -> Self {
        Self { tone: Tone::Good, text: text.into() }
    }

    /// Something could not be done.
    #[must_use]
    pub fn failed(text: impl Into<String>) -> Self {
        Self { tone: Tone::Failed, text: text.into() }
    }
}

/// A flash, announced to screen readers.
#[must_use]
pub fn flash(flash: &Flash) -> Markup {
    html! { div role="status" { (notice(flash.tone, &flash.text)) } }
}

/// One sentence, such as `Waiting 37 s: Telegram asked us to slow down.`
#[must_use]
pub fn notice(tone: Tone, text: &str) -> Markup {
    rich(tone, html! { p { (text) } })
}

/// A notice with a heading and more than a sentence: a list, a form, a command.
#[must_use]
pub fn titled(tone: Tone, title: &str, body: Markup) -> Markup {
    rich(tone, html! { p.notice-title { (title) } (body) })
}

/// [`titled`] with a shape that says more than the tone's own.
#[must_use]
pub fn pictured((tone, icon): (Tone, Icon), title: &str, body: Markup) -> Markup {
    framed(tone, icon, html! { p.notice-title { (title) } (body) })
}

fn rich(tone: Tone, body: Markup) -> Markup {
    let icon = match tone {
        Tone::Quiet => Icon::Info,
        Tone::Good | Tone::Waiting | Tone::Doubtful | Tone::Failed => tone.icon(),
    };
    framed(tone, icon, body)
}

fn framed(tone: Tone, icon: Icon, body: Markup) -> Markup {
    html! {
        div.notice .(tone.class()) {
            (icon)
            div { span.hidden { (spoken(tone)) } (body) }
        }
    }
}

/// What the colour says, for those who do not see it.
fn spoken(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "Done: ",
        Tone::Waiting => "Waiting: ",
        Tone::Doubtful => "Attention: ",
        Tone::Failed => "Problem: ",
        Tone::Quiet => "Note: ",
    }
}
