//! A conversation as bubbles, and the form that writes into it.

use maud::{Markup, html};

use super::badge::{self, Badge, Tone};
use super::{Icon, document, time};
use crate::clock::Timestamp;
use crate::model::message::Format;
use crate::model::text::TEXT_LIMIT;

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The person, through Telegram.
    Person,
    /// The website, through the bot.
    Site,
}

/// Who reads a conversation: what they said stands on the right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reader {
    Site,
    Person,
}

/// One message of a conversation.
#[derive(Clone, Debug)]
pub struct Bubble<'a> {
    /// Who speaks.
    pub side: Side,
    /// Shown above: the Telegram name, or who sent it; may be empty.
    pub name: &'a str,
    /// What is said, made by [`super::content::body`] or [`super::content::text`].
    pub body: Markup,
    /// When.
    pub at: Timestamp,
    /// How its delivery stands; none for what the person wrote.
    pub state: Option<Badge>,
    /// Why, such as `bot was blocked by the user`; may be empty.
    pub reason: &'a str,
    /// What one can still do about it, such as a button that takes it back; may be empty.
    pub actions: Markup,
}

/// The conversation, oldest first, with the date wherever a day begins. Its end is in sight, with script or without.
#[must_use]
pub fn conversation(bubbles: &[Bubble]) -> Markup {
    read_by(Reader::Site, bubbles)
}

/// [`conversation`] as its person reads it.
#[must_use]
pub fn own_conversation(bubbles: &[Bubble]) -> Markup {
    read_by(Reader::Person, bubbles)
}

fn read_by(reader: Reader, bubbles: &[Bubble]) -> Markup {
    let before = std::iter::once(None).chain(bubbles.iter().map(|bubble| Some(day(bubble))));
    html! {
        div.chat-frame data-scroll tabindex="0" role="group" aria-label="Conversation" {
            ol.chat { @for (bubble, before) in bubbles.iter().zip(before) {
                @if before != Some(day(bubble)) { li.chat-day { (time::day(bubble.at)) } }
                (one(reader, bubble))
            } }
        }
    }
}

fn day(bubble: &Bubble) -> i64 {
    bubble.at.seconds().div_euclid(86_400)
}

fn one(reader: Reader, bubble: &Bubble) -> Markup {
    let (class, speaker) = match (reader, bubble.side) {
        (Reader::Site, Side::Person) => ("person", "They wrote"),
        (Reader::Site, Side::Site) => ("site", "Sent to them"),
        (Reader::Person, Side::Person) => ("site", "You wrote"),
        (Reader::Person, Side::Site) => ("person", "Sent to you"),
    };
    html! {
        li.bubble .(class) {
            div.bubble-box {
                @if bubble.name.is_empty() { span.hidden { (speaker) ": " } } @else { p.bubble-name dir="auto" { (bubble.name) } }
                (bubble.body)
                p.bubble-foot { (time::of_day(bubble.at)) @if let Some(state) = bubble.state { (badge::with(state, bubble.reason)) } }
                (bubble.actions)
            }
        }
    }
}

/// How far a question is that a message asks.
#[derive(Clone, Copy, Debug)]
pub enum Question<'a> {
    /// It can be answered.
    Open {
        /// Until when; for ever without.
        until: Option<Timestamp>,
    },
    /// It was answered.
    Answered {
        /// What the button says.
        label: &'a str,
        /// When.
        at: Timestamp,
    },
    /// Its time is over.
    Over,
}

/// One line below a message that asks.
#[must_use]
pub fn question(question: &Question) -> Markup {
    let (tone, words) = match question {
        Question::Open { until: None } => (Tone::Waiting, html! { "Not answered yet." }),
        Question::Open { until: Some(until) } => {
            (Tone::Waiting, html! { "Not answered yet; answers count until " (time::exact(*until)) "." })
        }
        Question::Answered { label, at } => {
            (Tone::Good, html! { "Answered " (time::exact(*at)) ": " b dir="auto" { (label) } })
        }
        Question::Over => (Tone::Quiet, html! { "Not answered in time." }),
    };
    html! { p.bubble-asked .(tone.class()) { (tone.icon()) span { (words) } } }
}

/// What the person will get, before it is sent: the bot's bubble on Telegram's side of the screen.
#[must_use]
pub fn preview(bot: &str, body: Markup) -> Markup {
    html! {
        figure.preview {
            div.bubble.received { div.bubble-box { p.bubble-name { (bot) } (body) } }
            figcaption { "As it will look in Telegram" }
        }
    }
}

/// The form that sends a message.
#[derive(Clone, Debug)]
pub struct Composer<'a> {
    /// Where it goes, by POST.
    pub action: super::Href,
    /// The session's token.
    pub csrf: &'a str,
    /// The field's name.
    pub name: &'a str,
    /// Who will get it, such as `anna`.
    pub to: &'a str,
    /// What was typed, when the form comes back.
    pub value: &'a str,
    /// How it is written.
    pub format: Format,
    /// What is wrong with it, or nothing.
    pub error: Option<&'a str>,
    /// Unseen fields that travel along.
    pub hidden: Markup,
    /// The field for a document.
    pub document: document::Field<'a>,
}

/// The field that says how the text is written: `plain` or `html`.
pub const FORMAT_FIELD: &str = "format";

/// The composer.
#[must_use]
pub fn composer(composer: &Composer) -> Markup {
    let label = format!("Write to {}", composer.to);
    let field = super::field::Field::area(composer.name, &label, 3)
        .value(composer.value)
        .error(composer.error)
        .max(TEXT_LIMIT)
        .telling();
    let body = html! {
        (composer.hidden)
        (field)
        (composer.document)
        div.actions {
            button.button.primary type="submit" { (Icon::Plane) "Send" }
            (format(composer.format))
        }
    };
    html! { div.composer { (super::form::with_files(&composer.action, Some(composer.csrf), body)) } }
}

fn format(format: Format) -> Markup {
    html! {
        label.inline {
            span { "Written as" }
            select name=(FORMAT_FIELD) {
                option value="plain" selected[format == Format::Plain] { "plain text" }
                option value="html" selected[format == Format::Html] { "Telegram's HTML" }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said_at(at: Timestamp) -> Bubble<'static> {
        Bubble {
            side: Side::Site,
            name: "",
            body: Markup::default(),
            at,
            state: None,
            reason: "",
            actions: Markup::default(),
        }
    }

    #[test]
    fn a_date_stands_where_a_day_begins() {
        let day = std::time::Duration::from_hours(24);
        let start = Timestamp(0);
        let html = conversation(&[said_at(start), said_at(start), said_at(start.plus(day))]).into_string();
        assert_eq!(html.matches("chat-day").count(), 2);
        assert!(html.contains("2 Jan 1970"));
    }

    #[test]
    fn what_people_write_is_shown_as_text() {
        let bubble = Bubble {
            side: Side::Person,
            name: "<i>Anna</i>",
            body: crate::view::content::text("<script>alert(1)</script>"),
            at: Timestamp(0),
            state: Some(badge::delivery::FAILED),
            reason: "a & b",
            actions: Markup::default(),
        };
        let html = conversation(&[bubble]).into_string();
        assert!(!html.contains("<script>") && !html.contains("<i>"));
        assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
        assert!(html.contains("a &amp; b"));
    }
}
