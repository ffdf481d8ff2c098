//! From a stored body to a `sendMessage` request.

use super::lease::Job;
use crate::model::message::{Body, Format};
use crate::model::text::html_to_plain;
use crate::telegram::SendMessage;

/// What is sent for a job.
pub(super) fn request(job: &Job) -> SendMessage<'_> {
    let body = &job.body;
    SendMessage { buttons: &body.buttons, ..SendMessage::new(job.id.chat, &body.text, body.format) }
}

/// A body as it is sent when Telegram did not understand its markup.
pub(super) fn without_markup(body: Body) -> Body {
    match body.format {
        Format::Plain => body,
        Format::Html => Body { text: html_to_plain(&body.text), format: Format::Plain, ..body },
    }
}
