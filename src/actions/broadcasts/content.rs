//! What a broadcast says: a message with the names of those who get it filled in.

use crate::actions::{Error, Refusal, messages};
use crate::model::account::{NAME_MAX, USERNAME_MAX};
use crate::model::message::{Body, ButtonAction};
use crate::model::text::{TextError, fill as fill_text, placeholders};
use crate::store::Read;

/// The names that are filled in, without their braces.
pub const PLACEHOLDERS: [&str; 2] = ["username", "name"];

/// Characters that make a name as long as it can get: in Telegram's measure, and in bytes once it is escaped.
const WIDEST: [&str; 2] = ["\u{1F600}", "\""];

/// Checks what a broadcast says: as a [message](messages::check), that it fills in nothing unknown, and that it is not
/// too long even for the longest names.
pub fn check(read: &impl Read, body: Body) -> Result<Body, Error> {
    let body = messages::check(read, body)?;
    if let Some(unknown) = placeholders(&body.text).find(|name| !PLACEHOLDERS.contains(name)) {
        let sentence =
            format!("There is no placeholder {{{unknown}}}; {{username}} and {{name}} are filled in for each person.");
        return Err(Refusal::invalid("text", sentence).into());
    }
    let texts = body.buttons.iter().flatten().map(|button| match &button.action {
        ButtonAction::Open(text) | ButtonAction::Tell(text) | ButtonAction::Answer(text) => {
            [button.label.as_str(), text.as_str()]
        }
    });
    if texts.flatten().any(|text| placeholders(text).any(|name| PLACEHOLDERS.contains(&name))) {
        let sentence = "Names are filled in in the text only; a button is the same for everyone.";
        return Err(Refusal::invalid("buttons", sentence).into());
    }
    fits_everyone(&body)?;
    Ok(body)
}

fn fits_everyone(body: &Body) -> Result<(), Refusal> {
    for widest in WIDEST {
        let longest = fill(body, &widest.repeat(USERNAME_MAX), &widest.repeat(NAME_MAX));
        let sentence = match body.check_text(&longest) {
            Ok(_) => continue,
            Err(TextError::TooLong { length, limit }) => format!(
                "With the longest names that can be filled in, the text gets {length} characters long; Telegram takes {limit}."
            ),
            Err(error @ (TextError::Empty | TextError::TooMuchMarkup { .. } | TextError::Html(_))) => {
                format!("With the longest names that can be filled in, this cannot be sent: {error}.")
            }
        };
        return Err(Refusal::invalid("text", sentence));
    }
    Ok(())
}

/// The text for one person, by the username as chats may see it and the display name; who has none is called by the
/// username.
#[must_use]
pub fn fill(body: &Body, username: &str, name: &str) -> String {
    let name = if name.is_empty() { username } else { name };
    let filled = fill_text(&body.text, body.format, &[("username", username), ("name", name)]);
    // What is stored was checked.
    filled.unwrap_or_else(|_| body.text.clone())
}

/// The same content with example names, for previews and test sends.
#[must_use]
pub fn sample(body: &Body) -> Body {
    Body { text: fill(body, "ada", "Ada Lovelace"), ..body.clone() }
}
