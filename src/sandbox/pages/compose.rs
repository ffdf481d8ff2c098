//! Where one writes: the field, the commands, what can be attached; and what the forms there carry. The same in private
//! chats and groups.

use std::sync::Arc;

use maud::{Markup, html};
use tide::{Request, Result};

use super::super::acts::{ActError, Pressed, Which};
use super::super::messages::Message;
use super::super::orders::Order;
use super::super::params::Params;
use super::super::profile::BotCommand;
use super::super::rooms::Toast;
use super::super::uploads;
use super::super::world::Core;
use super::bubble::first_line;
use super::field;

/// The bar under a chat.
pub(super) struct Bar<'a> {
    /// Whose it is.
    pub(super) viewer: i64,
    /// The address that its forms begin with.
    pub(super) path: &'a str,
    /// A text that was typed and not sent.
    pub(super) typed: &'a str,
    /// The message that is being answered.
    pub(super) answered: Option<&'a Message>,
    /// What the bot offers.
    pub(super) commands: &'a [BotCommand],
}

/// The whole bar.
pub(super) fn bar(bar: &Bar<'_>) -> Markup {
    let send = format!("{}/send", bar.path);
    html! {
        div.bottom data-kind="write" {
            @if let Some(answered) = bar.answered {
                p.answering data-testid="answering" {
                    span { "Answering: " (first_line(answered, bar.viewer)) }
                    a href=(bar.path) { "Cancel" }
                }
            }
            @if !bar.commands.is_empty() { (commands(&send, bar.commands)) }
            (attach(bar))
            form.write method="post" action=(send) data-reply=[bar.answered.map(|_| "yes")] {
                (reply_field(bar))
                label.hidden for="text" { "Message" }
                textarea #text name="text" rows="1" required maxlength="4096" placeholder="Message" data-testid="text" { (bar.typed) }
                button.send aria-label="Send" data-testid="send" { "➤" }
            }
        }
    }
}

fn commands(send: &str, commands: &[BotCommand]) -> Markup {
    html! {
        details.commands {
            summary data-testid="commands" { "/" span.hidden { "Commands" } }
            div.sheet {
                @for command in commands {
                    form method="post" action=(send) {
                        input type="hidden" name="text" value={ "/" (command.command) };
                        button data-testid="menu-command" { strong { "/" (command.command) } span { (command.description) } }
                    }
                }
            }
        }
    }
}

fn reply_field(bar: &Bar<'_>) -> Markup {
    html! { @if let Some(answered) = bar.answered { input type="hidden" name="reply" value=(answered.id); } }
}

fn attach(bar: &Bar<'_>) -> Markup {
    let action = format!("{}/attach", bar.path);
    let kinds =
        [("document", "File"), ("photo", "Photo"), ("voice", "Voice message"), ("audio", "Music"), ("video", "Video")];
    let ready = |kind: &str, label: &str| {
        html! {
            form method="post" action=(action) enctype="multipart/form-data" {
                (reply_field(bar))
                input type="hidden" name="kind" value=(kind);
                button data-testid={ "attach-" (kind) } { (label) }
            }
        }
    };
    html! {
        details.attach {
            summary data-testid="attach" { "+" span.hidden { "Attach" } }
            div.sheet {
                form.stack method="post" action=(action) enctype="multipart/form-data" {
                    (reply_field(bar))
                    label { "Send as" select name="kind" data-testid="attach-as" {
                        @for (kind, label) in kinds { option value=(kind) { (label) } }
                    } }
                    label { "File" input type="file" name="file" required data-testid="attach-file"; }
                    label { "Caption" input name="caption" maxlength="1024" autocomplete="off" data-testid="attach-caption"; }
                    button.solid data-testid="attach-send" { "Send file" }
                }
                (ready("location", "Send an example location"))
                (ready("contact", "Send an example contact"))
            }
        }
    }
}

/// Reads the form of something to attach. What it does not ask for, and a place or a card, are examples.
pub(super) async fn order(request: &mut Request<Arc<Core>>) -> Result<Order> {
    let content_type = request.header("content-type").map(|value| value.as_str().to_owned()).unwrap_or_default();
    let mut params = Params::default();
    // A form that cannot be read is one without fields, and the order names no kind.
    let _ = uploads::read(&mut params, &content_type, request.take_body()).await;
    let (name, mime, file) = match params.file("file") {
        Some(upload) => (upload.name.clone(), upload.mime.clone(), upload.bytes.to_vec()),
        None => Default::default(),
    };
    Ok(Order {
        kind: params.text("kind").to_owned(),
        by: 0,
        reply_to: params.int("reply"),
        file,
        name,
        mime,
        caption: params.text("caption").to_owned(),
        duration: 3,
        width: 320,
        height: 240,
        latitude: 48.858_37,
        longitude: 2.294_48,
        phone_number: "+15550100".to_owned(),
        first_name: "Example".to_owned(),
        user_id: None,
    })
}

/// The button that a form under a message means.
pub(super) fn button(fields: &[(String, String)]) -> std::result::Result<(i64, Which), ActError> {
    let number = |name: &str| field(fields, name).parse::<i64>().ok();
    let place = number("place").and_then(|place| usize::try_from(place).ok());
    let both = number("message").zip(place.map(Which::Place));
    both.ok_or(ActError::NoSuchButton)
}

/// What the screen notes after a press, when the bot has no part in it.
pub(super) fn note(pressed: Pressed) -> Option<Toast> {
    match pressed {
        Pressed::Copied(text) => Some(Toast { text: format!("Copied: {text}"), alert: false }),
        Pressed::Query(_) | Pressed::Url(_) => None,
    }
}
