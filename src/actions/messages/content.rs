//! What a message may hold: it is refused where it is written and not on its way to Telegram.

use crate::actions::Refusal;
use crate::model::message::{Body, ButtonAction};
use crate::model::text::{MessageText, utf16_len};

/// Most buttons under a message.
pub const BUTTONS_MAX: usize = 20;
/// Longest label of a button, in UTF-16 units.
pub const LABEL_MAX: usize = 64;
/// Longest address of a button, in bytes.
pub const ADDRESS_MAX: usize = 2048;

/// Checks a message by Telegram's rules, so that it is refused here and not on its way.
pub fn check(mut body: Body) -> Result<Body, Refusal> {
    let text = MessageText::parse(&body.text, body.format);
    let text = text.map_err(|error| Refusal::invalid("text", format!("This cannot be sent: {error}.")))?;
    text.as_str().clone_into(&mut body.text);
    if body.media.is_some() {
        return Err(Refusal::invalid("media", "Only text can be sent."));
    }
    if body.buttons.iter().flatten().count() > BUTTONS_MAX {
        return Err(Refusal::invalid("buttons", format!("A message has at most {BUTTONS_MAX} buttons.")));
    }
    for button in body.buttons.iter().flatten() {
        if button.label.trim().is_empty() || utf16_len(&button.label) > LABEL_MAX {
            return Err(Refusal::invalid("buttons", format!("A button says 1 to {LABEL_MAX} characters.")));
        }
        let ButtonAction::Open(address) = &button.action else {
            return Err(Refusal::invalid("buttons", "A button can only open an address."));
        };
        if !opens(address) {
            return Err(Refusal::invalid(
                "buttons",
                format!("\"{}\": a button opens an address that begins with https://, http:// or tg://.", button.label),
            ));
        }
    }
    body.buttons.retain(|row| !row.is_empty());
    Ok(body)
}

fn opens(address: &str) -> bool {
    address.len() <= ADDRESS_MAX
        && url::Url::parse(address).is_ok_and(|url| match url.scheme() {
            "http" | "https" => url.host_str().is_some_and(|host| !host.is_empty()),
            "tg" => true,
            _ => false,
        })
}
