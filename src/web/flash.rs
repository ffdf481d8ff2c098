//! A sentence that is shown once, at the head of the page after a form. It travels in a short-lived cookie, so that pages stay
//! free of parameters that anyone could put into a link.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::Response;
use super::cookie::Cookie;
use super::visitor::Origin;
use crate::secret::Secret;
use crate::view::badge::Tone;
use crate::view::notice::Flash;

const LIFE: Duration = Duration::from_mins(2);
const LONGEST: usize = 600;

/// Puts a sentence on its way.
pub fn put(response: &mut Response, origin: &Origin, flash: &Flash) {
    let text: String = flash.text.chars().take(LONGEST).collect();
    let value = URL_SAFE_NO_PAD.encode(format!("{}{text}", letter(flash.tone)));
    Cookie::Flash.put(response, origin, &Secret::new(value), Some(LIFE));
}

/// The sentence of a cookie's value.
#[must_use]
pub fn read(value: &Secret) -> Option<Flash> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(value.expose()).ok()?).ok()?;
    let mut letters = text.chars();
    let tone = tone(letters.next()?)?;
    Some(Flash { tone, text: letters.as_str().to_owned() })
}

fn letter(tone: Tone) -> char {
    match tone {
        Tone::Good => 'g',
        Tone::Waiting => 'w',
        Tone::Doubtful => 'd',
        Tone::Failed => 'f',
        Tone::Quiet => 'q',
    }
}

fn tone(letter: char) -> Option<Tone> {
    [Tone::Good, Tone::Waiting, Tone::Doubtful, Tone::Failed, Tone::Quiet]
        .into_iter()
        .find(|tone| self::letter(*tone) == letter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::visitor::Scheme;

    #[test]
    fn a_sentence_survives_its_way_and_nonsense_is_no_sentence() {
        let flash = Flash::failed("Nicht gefunden: \"\u{fc}; x=1\"");
        let mut response = Response::new(303);
        put(&mut response, &Origin { text: String::new(), scheme: Scheme::Http }, &flash);
        let header = response.header("set-cookie").map(|values| values.last().as_str().to_owned()).unwrap();
        let value = header.split_once('=').and_then(|(_, rest)| rest.split_once(';')).map(|(value, _)| value).unwrap();
        assert_eq!(read(&Secret::new(value)), Some(flash));
        assert_eq!(read(&Secret::new("%%%")), None);
        assert_eq!(read(&Secret::new("")), None);
    }
}
