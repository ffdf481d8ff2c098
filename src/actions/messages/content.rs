//! What a message may hold: it is refused where it is written and not on its way to Telegram.

use std::time::Duration;

use crate::actions::{Error, Refusal};
use crate::model::message::{Attachment, BUTTONS_MAX, Body, ButtonAction, LABEL_MAX};
use crate::model::question::{VALUE_MAX, WITHIN_MAX, WITHIN_MIN};
use crate::model::text::utf16_len;
use crate::store::{Read, attachments};

/// Longest address of a button, in bytes.
pub const ADDRESS_MAX: usize = 2048;

/// Checks a message by Telegram's rules, so that it is refused here and not on its way. Under what it carries, which has to
/// be there, the text is shorter and may be empty.
pub fn check(read: &impl Read, mut body: Body) -> Result<Body, Error> {
    if body.photo.is_some() && body.document.is_some() {
        return Err(Refusal::invalid("document", "A message carries a photo or a document, not both.").into());
    }
    let text = body.check_text(&body.text);
    let text = text.map_err(|error| Refusal::invalid("text", format!("This cannot be sent: {error}.")))?;
    text.as_str().clone_into(&mut body.text);
    check_buttons(&body)?;
    check_time(&body)?;
    if let Some(attachment) = body.attachment()
        && !attachments::is_there(read, attachment)?
    {
        let (field, sentence) = match attachment {
            Attachment::Photo(_) => ("photo", "The picture is no longer there. Choose it again."),
            Attachment::Document(_) => ("document", "The document is no longer there. Choose it again."),
        };
        return Err(Refusal::invalid(field, sentence).into());
    }
    body.buttons.retain(|row| !row.is_empty());
    Ok(body)
}

fn check_buttons(body: &Body) -> Result<(), Refusal> {
    if body.media.is_some() {
        return Err(Refusal::invalid("media", "Only text, photos and documents can be sent."));
    }
    if body.buttons.iter().flatten().count() > BUTTONS_MAX {
        return Err(Refusal::invalid("buttons", format!("A message has at most {BUTTONS_MAX} buttons.")));
    }
    for button in body.buttons.iter().flatten() {
        if button.label.trim().is_empty() || utf16_len(&button.label) > LABEL_MAX {
            return Err(Refusal::invalid("buttons", format!("A button says 1 to {LABEL_MAX} characters.")));
        }
        let label = &button.label;
        let wrong = match &button.action {
            ButtonAction::Open(address) if opens(address) => continue,
            ButtonAction::Answer(value) if (1..=VALUE_MAX).contains(&value.len()) => continue,
            ButtonAction::Open(_) => {
                format!("\"{label}\": a button opens an address that begins with https://, http:// or tg://.")
            }
            ButtonAction::Answer(_) => format!("\"{label}\": the value of an answer has 1 to {VALUE_MAX} bytes."),
            ButtonAction::Tell(_) => "A button opens an address, or answers with a value.".to_owned(),
        };
        return Err(Refusal::invalid("buttons", wrong));
    }
    Ok(())
}

/// How long a question can be answered.
fn check_time(body: &Body) -> Result<(), Refusal> {
    let Some(seconds) = body.answer_within else { return Ok(()) };
    if !body.asks() {
        return Err(Refusal::invalid(
            "answer_within",
            "Only a question can be answered in time: no button is an answer.",
        ));
    }
    if (WITHIN_MIN..=WITHIN_MAX).contains(&Duration::from_secs(seconds.into())) {
        return Ok(());
    }
    Err(Refusal::invalid("answer_within", "A question can be answered for 1 second to 604,800, which is 7 days."))
}

fn opens(address: &str) -> bool {
    address.len() <= ADDRESS_MAX
        && url::Url::parse(address).is_ok_and(|url| match url.scheme() {
            "http" | "https" => url.host_str().is_some_and(|host| !host.is_empty()),
            "tg" => true,
            _ => false,
        })
}
