//! Forms: `application/x-www-form-urlencoded` within limits, read by name, and what is wrong with them, so that the form comes
//! back filled in with each error at its field.

use std::fmt::Display;

use super::{Problem, Response};
use crate::actions::{self, Kind, Refusal};
use crate::secret::Secret;

/// Most bytes of a form.
pub const MOST_BYTES: usize = 128 * 1024;
/// Most fields of a form.
pub const MOST_FIELDS: usize = 500;

/// What was typed in. Names and values are decoded; a field that was not sent is empty.
#[derive(Clone, Default)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Reads a form's body.
    pub fn parse(body: &[u8]) -> Result<Self, Problem> {
        if body.len() > MOST_BYTES {
            return Err(Problem::too_large(format!("A form has at most {MOST_BYTES} bytes. Nothing was changed.")));
        }
        let mut form = Self::default();
        for (name, value) in form_urlencoded::parse(body) {
            form.push(name.into_owned(), value.into_owned())?;
        }
        Ok(form)
    }

    /// Adds a field as it was sent.
    pub(super) fn push(&mut self, name: String, value: String) -> Result<(), Problem> {
        if self.0.len() == MOST_FIELDS {
            return Err(Problem::too_large(format!("A form has at most {MOST_FIELDS} fields. Nothing was changed.")));
        }
        // What is not UTF-8 arrives as replacement characters; nobody types those.
        if name.contains('\u{FFFD}') || value.contains('\u{FFFD}') {
            return Err(Self::not_text());
        }
        self.0.push((name, value));
        Ok(())
    }

    /// The refusal of a form that is not text.
    pub(super) fn not_text() -> Problem {
        Problem::bad_request("The form is not valid UTF-8. Nothing was changed.")
    }

    /// The first value of a field.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// The first value without spaces at its ends.
    #[must_use]
    pub fn trimmed(&self, name: &str) -> &str {
        self.get(name).trim()
    }

    /// The first value as a secret, exactly as it was typed.
    #[must_use]
    pub fn secret(&self, name: &str) -> Secret {
        Secret::new(self.get(name))
    }

    /// All values of a field that can be sent more than once.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether a box is ticked.
    #[must_use]
    pub fn is_ticked(&self, name: &str) -> bool {
        !self.get(name).is_empty()
    }

    /// Whether a field was sent at all, empty or not.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }
}

/// What is wrong with a form: sentences, each with its field; an empty name means the form as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wrongs {
    list: Vec<(&'static str, String)>,
    kind: Option<Kind>,
}

impl Wrongs {
    /// Nothing is wrong.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Notes that something is wrong.
    pub fn add(&mut self, field: &'static str, sentence: impl Display) {
        self.list.push((field, sentence.to_string()));
    }

    /// Notes what else is wrong.
    pub fn join(&mut self, other: Self) {
        self.list.extend(other.list);
        self.kind = self.kind.or(other.kind);
    }

    /// The value, or nothing and a note of why not.
    pub fn take<T, E: Display>(&mut self, field: &'static str, parsed: Result<T, E>) -> Option<T> {
        parsed.map_err(|error| self.add(field, error)).ok()
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// What is wrong with a field, for `Field::error`.
    #[must_use]
    pub fn of(&self, field: &str) -> Option<&str> {
        self.list.iter().find(|(name, _)| *name == field).map(|(_, sentence)| sentence.as_str())
    }

    /// Everything, for the summary at the form's head.
    #[must_use]
    pub fn summary(&self) -> Vec<(&str, &str)> {
        self.list.iter().map(|(name, sentence)| (*name, sentence.as_str())).collect()
    }

    /// Says in the header `Retry-After` how long to wait, where that is what is wrong (RFC 9110, section 10.2.3).
    pub fn tell_wait(&self, response: &mut Response) {
        if let Some(Kind::TooMany { wait }) = self.kind {
            response.insert_header("retry-after", wait.as_secs().max(1).to_string());
        }
    }

    /// The status of the page with the form: 422, or what the refusal says.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self.kind {
            None | Some(Kind::Invalid) => 422,
            Some(Kind::NotFound) => 404,
            Some(Kind::Conflict) => 409,
            Some(Kind::Forbidden) => 403,
            Some(Kind::Unproven) => 401,
            Some(Kind::TooMany { .. }) => 429,
        }
    }
}

impl From<Refusal> for Wrongs {
    fn from(refusal: Refusal) -> Self {
        Self { list: vec![(refusal.field.unwrap_or_default(), refusal.sentence)], kind: Some(refusal.kind) }
    }
}

/// What an action refused, to be shown in the form; anything that is not about the form is a problem of its own.
impl TryFrom<actions::Error> for Wrongs {
    type Error = Problem;

    fn try_from(error: actions::Error) -> Result<Self, Problem> {
        match error {
            actions::Error::Refused(refusal) => match refusal.kind {
                Kind::Invalid | Kind::Conflict | Kind::Unproven | Kind::TooMany { .. } => Ok(refusal.into()),
                Kind::NotFound | Kind::Forbidden => Err(refusal.into()),
            },
            actions::Error::Store(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_decoded_once_and_the_first_counts() {
        let form = Form::parse(b"a=1+2%2B3&a=x&b=%C3%BC%2541&empty=").ok().unwrap();
        assert_eq!((form.get("a"), form.get("b"), form.get("none")), ("1 2+3", "\u{fc}%41", ""));
        assert_eq!(form.all("a").collect::<Vec<_>>(), ["1 2+3", "x"]);
        assert!(form.has("empty") && !form.has("none") && !form.is_ticked("empty"));
    }

    #[test]
    fn a_form_that_is_too_large_or_no_text_is_refused() {
        assert!(Form::parse(&vec![b'a'; MOST_BYTES + 1]).is_err());
        assert!(Form::parse("a=1&".repeat(MOST_FIELDS + 1).as_bytes()).is_err());
        assert!(Form::parse("a=1&".repeat(MOST_FIELDS).as_bytes()).is_ok());
        assert!(Form::parse(b"a=%FF").is_err());
    }

    #[test]
    fn wrongs_name_their_fields() {
        let mut wrongs = Wrongs::none();
        assert_eq!(wrongs.take("days", "x".parse::<u32>()), None);
        assert_eq!(wrongs.take("hours", "7".parse::<u32>()), Some(7));
        assert!(wrongs.of("days").is_some() && wrongs.of("hours").is_none());
        assert_eq!((wrongs.status(), wrongs.summary().len()), (422, 1));
        let wrongs = Wrongs::from(Refusal::conflict(Some("name"), "It is taken."));
        assert_eq!((wrongs.status(), wrongs.of("name")), (409, Some("It is taken.")));
    }
}
