//! What a message says, as Telegram shows it: text with its formatting, a note about what it carries, its buttons.
//! The markup is Telegram's, read by the model; nothing of it reaches the page but tags that are named here.

use std::fmt::Write as _;

use maud::{Escaper, Markup, PreEscaped, html};

use super::Href;
use crate::model::message::{Body, Button, ButtonAction, Format};
use crate::model::text::{Piece, Tag, pieces};

/// A message's body.
#[must_use]
pub fn body(body: &Body) -> Markup {
    pictured(body, Markup::default())
}

/// A message in one line: how it begins, or what it is where it has no text.
#[must_use]
pub fn excerpt(body: &Body) -> String {
    let mut words = body.text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = words.char_indices().nth(EXCERPT) {
        words.truncate(end);
        words.push('…');
    }
    match body.media {
        Some(media) if words.is_empty() => media.word().to_owned(),
        Some(media) => format!("{}: {words}", media.word()),
        None => words,
    }
}

/// Characters of a message that stand in one line.
const EXCERPT: usize = 120;

/// A message's body below what it carries.
#[must_use]
pub fn pictured(body: &Body, carried: Markup) -> Markup {
    html! {
        @if let Some(media) = body.media { p.bubble-media { (media.word()) } }
        (carried)
        @if !body.text.is_empty() {
            @match body.format { Format::Plain => (text(&body.text)), Format::Html => (formatted(&body.text)) }
        }
        (buttons(&body.buttons))
    }
}

/// Plain text with its line breaks.
#[must_use]
pub fn text(text: &str) -> Markup {
    html! { div.bubble-text dir="auto" { (text) } }
}

/// Text in Telegram's HTML (Bot API, "HTML style"); what is no markup stands for itself.
#[must_use]
pub fn formatted(html: &str) -> Markup {
    let mut out = String::with_capacity(html.len());
    let mut closers = Vec::new();
    for piece in pieces(html) {
        match piece {
            Piece::Text(text) => escape(&mut out, text),
            Piece::Char(char) => escape(&mut out, char.encode_utf8(&mut [0; 4])),
            Piece::Open(tag) => closers.push(open(&mut out, &tag)),
            Piece::Close(_) => out.push_str(closers.pop().unwrap_or_default()),
        }
    }
    while let Some(closer) = closers.pop() {
        out.push_str(closer);
    }
    html! { div.bubble-text dir="auto" { (PreEscaped(out)) } }
}

/// Writes the opening tag and gives the closing one.
fn open(out: &mut String, tag: &Tag) -> &'static str {
    let (opening, closing) = match tag {
        Tag::Bold => ("<b>", "</b>"),
        Tag::Italic => ("<i>", "</i>"),
        Tag::Underline => ("<u>", "</u>"),
        Tag::Strike => ("<s>", "</s>"),
        Tag::Spoiler => ("<span class=\"spoiler\" tabindex=\"0\">", "</span>"),
        Tag::Code(_) => ("<code>", "</code>"),
        Tag::Pre => ("<pre>", "</pre>"),
        Tag::Quote => ("<blockquote>", "</blockquote>"),
        Tag::Emoji(_) => ("<span>", "</span>"),
        Tag::Link(address) => return link(out, address.as_deref()),
    };
    out.push_str(opening);
    closing
}

// An address that is none of http, https and tg is shown as words: Telegram, too, opens nothing else.
fn link(out: &mut String, address: Option<&str>) -> &'static str {
    let absolute =
        address.filter(|address| !address.starts_with(['/', '?', '#'])).and_then(|address| Href::parse(address).ok());
    let Some(href) = absolute else {
        out.push_str("<u>");
        return "</u>";
    };
    out.push_str("<a rel=\"noreferrer nofollow\" href=\"");
    escape(out, href.as_str());
    out.push_str("\">");
    "</a>"
}

fn escape(out: &mut String, text: &str) {
    let _ = Escaper::new(out).write_str(text);
}

/// Rows of buttons, to be seen and not pressed: pressing is the person's.
fn buttons(rows: &[Vec<Button>]) -> Markup {
    html! {
        @for row in rows {
            div.bubble-buttons { @for button in row {
                span title=[address(button)] { (button.label) @if matches!(button.action, ButtonAction::Open(_)) { " ↗" } }
            } }
        }
    }
}

fn address(button: &Button) -> Option<&str> {
    match &button.action {
        ButtonAction::Open(address) => Some(address),
        ButtonAction::Tell(_) | ButtonAction::Answer(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inner(html: &str) -> String {
        let out = formatted(html).into_string();
        let start = out.find('>').unwrap() + 1;
        out[start..out.len() - "</div>".len()].to_owned()
    }

    #[test]
    fn telegrams_markup_becomes_ours() {
        assert_eq!(inner("<strong>a</strong> <em>b</em> &lt;c&gt;"), "<b>a</b> <i>b</i> &lt;c&gt;");
        assert_eq!(
            inner("<a href=\"https://a.example/?x=1&amp;y=2\">a</a>"),
            "<a rel=\"noreferrer nofollow\" href=\"https://a.example/?x=1&amp;y=2\">a</a>"
        );
    }

    #[test]
    fn nothing_else_reaches_the_page() {
        assert_eq!(inner("<script>x</script>"), "&lt;script&gt;x&lt;/script&gt;");
        assert_eq!(inner("<a href=\"javascript:alert(1)\">a</a>"), "<u>a</u>");
        assert_eq!(inner("<a href=\"/admin/accounts/anna/delete\">a</a>"), "<u>a</u>");
        assert_eq!(inner("<b>left open"), "<b>left open</b>");
    }

    #[test]
    fn a_body_shows_what_it_carries_and_its_buttons() {
        let yes = Button { label: "<Yes>".to_owned(), action: ButtonAction::Tell("y".to_owned()) };
        let html = body(&Body {
            media: Some(crate::model::message::Media::Photo),
            ..Body::plain("1 < 2").with_row(vec![yes])
        })
        .into_string();
        assert!(html.contains("photo") && html.contains("1 &lt; 2") && html.contains("<span>&lt;Yes&gt;</span>"));
    }
}
