//! A message as a phone shows it: formatting, links, commands to tap, buttons.

use maud::{Markup, html};

use super::super::entities::{Entity, Kind};
use super::super::keyboard::{Action, Keyboard};
use super::super::links::{self, DeepLink};
use super::super::messages::{Author, Message};
use super::super::rooms::{Room, Toast};
use super::attached::{attached, label, report};
use super::clock_time;
use super::home::{group_choice, phone_address};

/// What bubbles need to know beside their messages.
pub(super) struct Scene<'a> {
    /// The chat.
    pub(super) room: &'a Room,
    /// Whose phone it is.
    pub(super) viewer: i64,
    /// The address that the forms begin with.
    pub(super) path: &'a str,
    /// Whether names are needed to tell people apart.
    pub(super) crowd: bool,
    /// The bot's username.
    pub(super) bot: &'a str,
    /// Where this sandbox is reached.
    pub(super) base: &'a str,
}

/// The first line of a message, for lists.
pub(super) fn first_line(message: &Message, viewer: i64) -> String {
    if let Some(service) = &message.service {
        return format!("{} {}", message.name.as_deref().unwrap_or(""), report(service));
    }
    let line: String = message.seen_text().lines().next().unwrap_or("").chars().take(80).collect();
    let line = match label(message) {
        Some(label) if line.is_empty() => label,
        Some(label) => format!("{label}: {line}"),
        None => line,
    };
    match (message.author, &message.name) {
        (Author::Person, _) if message.from == viewer => format!("You: {line}"),
        (Author::Person, Some(name)) => format!("{name}: {line}"),
        (Author::Person, None) | (Author::Bot, _) => line,
    }
}

/// The messages of a chat, or what stands there before the first.
pub(super) fn conversation(scene: &Scene<'_>, welcome: &Markup) -> Markup {
    html! {
        div.scroll {
            ol.messages data-testid="messages" {
                @if scene.room.messages().next().is_none() { (welcome) }
                @for message in scene.room.messages() { (bubble(scene, message)) }
            }
        }
    }
}

/// The note or alert on the screen.
pub(super) fn note(path: &str, toast: Option<&Toast>) -> Markup {
    html! {
        @if let Some(toast) = toast {
            form.toast method="post" action={ (path) "/dismiss" } data-alert=[toast.alert.then_some("yes")] role="status" data-testid="toast" {
                span { (toast.text) } button aria-label="Close" { "×" }
            }
        }
    }
}

/// The bubble, with the buttons under it; a report of the group is a line of its own.
fn bubble(scene: &Scene<'_>, message: &Message) -> Markup {
    if message.service.is_some() {
        return html! { li.report data-testid="report" data-id=(message.id) { (first_line(message, scene.viewer)) } };
    }
    let (side, who) = match message.author {
        Author::Bot => ("from-bot", "bot"),
        Author::Person if message.from == scene.viewer => ("from-me", "person"),
        Author::Person => ("from-other", "person"),
    };
    let answered = message.reply_to.and_then(|id| scene.room.find(id));
    let name = message.name.as_deref().filter(|_| scene.crowd && message.from != scene.viewer);
    html! {
        li class={ "row " (side) } {
            div.bubble data-testid="message" data-author=(who) data-id=(message.id) {
                @if let Some(name) = name { strong.author { (name) } }
                @if let Some(answered) = answered { div.quote { (first_line(answered, scene.viewer)) } }
                (attached(message))
                @if !message.text.is_empty() { div.text dir="auto" {
                    @if message.seen_text() == message.text { (formatted(scene, message)) } @else { (message.seen_text()) }
                } }
                div.meta {
                    @if message.edited.is_some() { span { "edited" } }
                    @if message.manner.silent { span title="Sent without a sound" { "silent" } }
                    @if message.manner.protected { span title="Cannot be forwarded or saved" { "protected" } }
                    a.answer href={ (scene.path) "?reply=" (message.id) } data-testid="reply" { "Answer" }
                    (clock_time(message.at))
                }
            }
            @if let Some(keyboard) = &message.keyboard { (keys(scene, message.id, keyboard)) }
        }
    }
}

fn formatted(scene: &Scene<'_>, message: &Message) -> Markup {
    let units: Vec<u16> = message.text.encode_utf16().collect();
    stretch(scene, &units, (0, units.len()), &message.entities)
}

/// The units from `start` to `end` with the entities in them; one that reaches over the end of another is cut there.
fn stretch(scene: &Scene<'_>, units: &[u16], (start, end): (usize, usize), entities: &[Entity]) -> Markup {
    let mut at = start;
    let mut rest = entities;
    let mut parts: Vec<Markup> = Vec::new();
    while let Some((entity, others)) = rest.split_first() {
        let (from, to) = (entity.offset.max(at), entity.end().min(end));
        let inside = others.iter().take_while(|other| other.offset < to).count();
        let (inner, behind) = others.split_at_checked(inside).unwrap_or((others, &[]));
        rest = behind;
        if to <= from {
            continue;
        }
        parts.push(plain(units, at, from));
        let content = stretch(scene, units, (from, to), inner);
        parts.push(dress(scene, &entity.kind, &text(units, from, to), &content));
        at = to;
    }
    parts.push(plain(units, at, end));
    html! { @for part in &parts { (part) } }
}

fn text(units: &[u16], from: usize, to: usize) -> String {
    String::from_utf16_lossy(units.get(from..to).unwrap_or_default())
}

fn plain(units: &[u16], from: usize, to: usize) -> Markup {
    html! { (text(units, from, to)) }
}

fn dress(scene: &Scene<'_>, kind: &Kind, text: &str, content: &Markup) -> Markup {
    match kind {
        Kind::Bold => html! { strong { (content) } },
        Kind::Italic => html! { em { (content) } },
        Kind::Underline => html! { u { (content) } },
        Kind::Strikethrough => html! { s { (content) } },
        Kind::Spoiler => html! { span.spoiler tabindex="0" title="Hidden until tapped" { (content) } },
        Kind::Blockquote => html! { blockquote { (content) } },
        Kind::ExpandableBlockquote => html! { blockquote.long tabindex="0" { (content) } },
        Kind::Code => html! { code { (content) } },
        Kind::Pre { language } => html! { pre data-language=[language.as_ref()] { (content) } },
        Kind::TextLink { url } => link(scene, url, content),
        Kind::Url => links::check(text).map_or_else(|_| html! { (content) }, |url| link(scene, &url, content)),
        Kind::BotCommand => html! {
            form.inline method="post" action={ (scene.path) "/send" } {
                input type="hidden" name="text" value=(text);
                button.command data-testid="command" { (content) }
            }
        },
        Kind::Mention | Kind::Hashtag | Kind::Email => html! { span.named { (content) } },
        Kind::DateTime { unix_time } => {
            html! { time.named data-at=(unix_time.saturating_mul(1000)) data-kind="date" { (content) } }
        }
        Kind::CustomEmoji { .. } => html! { (content) },
    }
}

/// A link; one to our own bot stays on this phone.
fn link(scene: &Scene<'_>, url: &str, content: &Markup) -> Markup {
    let address = inside(scene, url);
    let elsewhere = address.is_none();
    html! {
        a href=(address.as_deref().unwrap_or(url)) target=[elsewhere.then_some("_blank")]
            rel=[elsewhere.then_some("noopener noreferrer")] data-testid="link" { (content) }
    }
}

fn inside(scene: &Scene<'_>, url: &str) -> Option<String> {
    match links::read(url, scene.bot, scene.base) {
        Some(DeepLink::Start(payload)) => Some(phone_address(scene.viewer, Some(&payload))),
        Some(DeepLink::StartGroup(payload)) => Some(group_choice(scene.viewer, &payload)),
        Some(DeepLink::Elsewhere(_)) | None => None,
    }
}

fn keys(scene: &Scene<'_>, message: i64, keyboard: &Keyboard) -> Markup {
    let press = format!("{}/press", scene.path);
    let mut place = 0_usize;
    html! {
        div.keys {
            @for row in &keyboard.rows {
                div.keyrow {
                    @for button in row {
                        @let style = button.style.as_deref().unwrap_or("plain");
                        @match &button.action {
                            Action::Url(url) => {
                                @let target = inside(scene, url);
                                a.key data-style=(style) data-testid="key" href=(target.as_deref().unwrap_or(url))
                                    target=[target.is_none().then_some("_blank")] rel="noopener noreferrer" {
                                    (button.text) span.hint aria-hidden="true" { "↗" }
                                }
                            }
                            Action::CallbackData(_) | Action::CopyText { .. } => {
                                form method="post" action=(press) data-copy=[copied(&button.action)] {
                                    input type="hidden" name="message" value=(message);
                                    input type="hidden" name="place" value=(place);
                                    button.key data-style=(style) data-testid="key" { (button.text) }
                                }
                            }
                        }
                        ({ place += 1; "" })
                    }
                }
            }
        }
    }
}

fn copied(action: &Action) -> Option<&str> {
    match action {
        Action::CopyText { text } => Some(text),
        Action::Url(_) | Action::CallbackData(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::html as markup;
    use super::*;
    use crate::clock::Timestamp;

    fn shown(source: &str) -> String {
        let (text, entities) = markup::parse(source).unwrap();
        let entities = super::super::super::entities::detect(&text, entities);
        let (room, base) = (Room::default(), "http://127.0.0.1:1");
        let scene = Scene { room: &room, viewer: 7, path: "/phone/7", crowd: false, bot: "link_bot", base };
        let message = Message { text, entities, ..Message::by_bot(Timestamp(0), 1) };
        formatted(&scene, &message).into_string()
    }

    #[test]
    fn formatting_nests_and_everything_is_escaped() {
        assert_eq!(
            shown("🏟 <b>a <i>&lt;b&gt;</i></b> &amp; <code>x</code>"),
            "🏟 <strong>a <em>&lt;b&gt;</em></strong> &amp; <code>x</code>"
        );
    }

    #[test]
    fn links_to_our_own_bot_stay_on_the_phone() {
        let link = shown("<a href=\"https://t.me/link_bot?start=abc\">again</a>");
        assert!(link.contains("href=\"/phone/7?start=abc\""), "{link}");
        let link = shown("https://t.me/link_bot?startgroup=abc");
        assert!(link.contains("href=\"/phone/7/add-to-group?startgroup=abc\""), "{link}");
        let link = shown("https://site.example/x");
        assert!(link.contains("href=\"https://site.example/x\" target=\"_blank\""), "{link}");
    }

    #[test]
    fn commands_can_be_tapped() {
        assert!(shown("try /help").contains("name=\"text\" value=\"/help\""));
    }
}
