//! What went wrong, in people's words: each kind of refusal has its status here and nowhere else. A browser gets a page, a
//! program `application/problem+json` (RFC 9457). What nobody classified is "internal", with a number that is in the log.

use std::borrow::Cow;
use std::time::Duration;

use serde_json::{Map, Value};
use tide::http::headers::HeaderValues;

use super::answer::{self, Response};
use crate::actions::{self, Kind, Refusal};
use crate::store::StoreError;
use crate::view::{Href, shell};

/// Why a request has no ordinary answer.
#[derive(Debug)]
pub struct Problem(Box<What>);

#[derive(Debug)]
enum What {
    Told(Told),
    Elsewhere(String),
    Internal(String),
}

#[derive(Debug)]
struct Told {
    status: u16,
    /// A stable word for programs.
    code: &'static str,
    title: &'static str,
    text: String,
    field: Option<Cow<'static, str>>,
    /// Of the body.
    line: Option<u64>,
    /// Of that line.
    column: Option<u64>,
    /// What is wrong with each line, where it is more than one.
    errors: Vec<Value>,
    back: Option<(String, &'static str)>,
    headers: Vec<(&'static str, String)>,
}

/// In which form an error is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wants {
    /// A page.
    Page,
    /// `application/problem+json`.
    Json,
}

impl Wants {
    /// By the path, or by what the client accepts.
    #[must_use]
    pub fn of(path: &str, accept: Option<&HeaderValues>) -> Self {
        let accepts =
            |word: &str| accept.is_some_and(|values| values.iter().any(|value| value.as_str().contains(word)));
        let json = path.starts_with("/api/") || (accepts("json") && !accepts("text/html"));
        if json { Self::Json } else { Self::Page }
    }
}

/// On which side of the house a request went wrong: each leads back to its own pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The admin's, and what is public.
    Admin,
    /// The portal.
    Portal,
}

impl Side {
    /// By the path.
    #[must_use]
    pub fn of(path: &str) -> Self {
        if super::guard::is_portal(path) { Self::Portal } else { Self::Admin }
    }
}

/// Where people who are lost go on.
const HOME: &str = "To the overview";

impl Problem {
    /// With a status, a stable word for programs, a title and a sentence.
    pub(super) fn told(status: u16, code: &'static str, title: &'static str, text: impl Into<String>) -> Self {
        let (field, line, column, back) = (None, None, None, None);
        let (text, errors, headers) = (text.into(), Vec::new(), Vec::new());
        let told = Told { status, code, title, text, field, line, column, errors, back, headers };
        Self(Box::new(What::Told(told)))
    }

    fn with(mut self, change: impl FnOnce(&mut Told)) -> Self {
        if let What::Told(told) = self.0.as_mut() {
            change(told);
        }
        self
    }

    /// The field it is about.
    #[must_use]
    pub(super) fn about(self, field: impl Into<Cow<'static, str>>) -> Self {
        let field = field.into();
        self.with(|told| told.field = Some(field))
    }

    /// The line it is about, counted from 1.
    #[must_use]
    pub(super) fn at_line(self, line: u64) -> Self {
        self.with(|told| told.line = Some(line))
    }

    /// The column of that line, counted from 1.
    #[must_use]
    pub(super) fn at_column(self, column: u64) -> Self {
        self.with(|told| told.column = Some(column))
    }

    /// What is wrong with each line.
    #[must_use]
    pub(super) fn listing(self, errors: Vec<Value>) -> Self {
        self.with(|told| told.errors = errors)
    }

    /// What is wrong, as one entry of such a list.
    pub(super) fn entry(&self) -> Value {
        let mut entry = Map::new();
        if let What::Told(told) = self.0.as_ref() {
            entry.insert("code".to_owned(), told.code.into());
            entry.insert("detail".to_owned(), told.text.as_str().into());
            entry.extend(told.field.iter().map(|field| ("field".to_owned(), field.as_ref().into())));
            entry.extend(told.line.map(|line| ("line".to_owned(), line.into())));
            entry.extend(told.column.map(|column| ("column".to_owned(), column.into())));
        }
        entry.into()
    }

    /// One more header of the answer.
    #[must_use]
    pub(super) fn with_header(self, name: &'static str, value: impl Into<String>) -> Self {
        let value = value.into();
        self.with(|told| told.headers.push((name, value)))
    }

    /// The way on: a path and its words.
    #[must_use]
    pub fn leading(self, path: impl Into<String>, words: &'static str) -> Self {
        let path = path.into();
        self.with(|told| told.back = Some((path, words)))
    }

    /// The same for people on a side: whom the portal turns away is not led to the admin's pages.
    #[must_use]
    pub(super) fn on(self, side: Side) -> Self {
        let inside = |(path, words): (String, &'static str)| match path.as_str() {
            "/admin" => (super::guard::PORTAL.to_owned(), "To your chats"),
            "/sign-in" => ("/me/sign-in".to_owned(), words),
            _ => (path, words),
        };
        match side {
            Side::Admin => self,
            Side::Portal => self.with(|told| told.back = told.back.take().map(inside)),
        }
    }

    /// Not an error: the way leads to another of our paths, by 303.
    pub fn elsewhere(path: impl Into<String>) -> Self {
        Self(Box::new(What::Elsewhere(path.into())))
    }

    /// A defect or a broken disk: the log gets `cause`, people a number.
    pub fn internal(cause: impl Into<String>) -> Self {
        Self(Box::new(What::Internal(cause.into())))
    }

    /// 400
    pub fn bad_request(text: impl Into<String>) -> Self {
        Self::told(400, "bad_request", "This request makes no sense here", text)
    }

    /// 401 for programs and for forms; pages lead to the sign-in instead.
    #[must_use]
    pub fn signed_out() -> Self {
        let text = "You are not signed in, or your session has ended. Nothing was changed.";
        Self::told(401, "signed_out", "Please sign in", text).leading("/sign-in", "Sign in")
    }

    /// 401 for a form that needs a fresh proof of who sends it; `confirm` is where that is given.
    #[must_use]
    pub fn unproven(confirm: String) -> Self {
        let text = "This needs a fresh proof of who you are: password and second factor. Nothing was changed.";
        Self::told(401, "unproven", "Please prove again who you are", text).leading(confirm, "Prove it")
    }

    /// 403
    pub fn forbidden(text: impl Into<String>) -> Self {
        Self::told(403, "forbidden", "This is not allowed", text)
    }

    /// 403 for a form that does not come from a page of ours.
    #[must_use]
    pub fn foreign_form() -> Self {
        let text = "This form was not sent from a page of this instance, or the page was open too long. Nothing was changed. \
                    Open the page again and send the form from there.";
        Self::told(403, "foreign_form", "This form was not accepted", text).leading("/admin", HOME)
    }

    /// 404
    #[must_use]
    pub fn not_found() -> Self {
        Self::gone("There is nothing at this address. It may have been removed, or the address was copied in part.")
    }

    /// 404 in words of one's own.
    pub fn gone(text: impl Into<String>) -> Self {
        Self::told(404, "not_found", "Nothing here", text).leading("/admin", HOME)
    }

    /// 404 for every page of the portal while it is switched off.
    #[must_use]
    pub fn no_portal() -> Self {
        let text = "This site does not offer a page of your own here. Your Telegram chat with its bot works as before: write \
                    /help to it to see what it can do.";
        Self::told(404, "no_portal", "The portal is switched off", text)
    }

    /// 405; `allow` lists the methods that are known.
    pub fn method(allow: impl Into<String>) -> Self {
        Self::told(405, "method_not_allowed", "Not in this way", "This address does not take this method.")
            .with_header("allow", allow)
    }

    /// 409
    pub fn conflict(text: impl Into<String>) -> Self {
        Self::told(409, "conflict", "This does not fit any more", text)
    }

    /// 408
    pub fn too_slow(text: impl Into<String>) -> Self {
        Self::told(408, "too_slow", "This took too long", text)
    }

    /// 413
    pub fn too_large(text: impl Into<String>) -> Self {
        Self::told(413, "too_large", "This is too much at once", text)
    }

    /// 415
    pub fn media_type(text: impl Into<String>) -> Self {
        Self::told(415, "unsupported_media_type", "This form is not understood", text)
    }

    /// 421
    pub fn misdirected(text: impl Into<String>) -> Self {
        Self::told(421, "misdirected", "This is not the address of this instance", text)
    }

    /// 429
    pub(super) fn too_many(wait: Duration, text: impl Into<String>) -> Self {
        Self::told(429, "too_many_requests", "Please wait a little", text)
            .with_header("retry-after", wait.as_secs().max(1).to_string())
    }

    /// 503 for programs until the instance is set up.
    #[must_use]
    pub fn not_set_up() -> Self {
        let text =
            "This instance is not set up yet. Its operator finds the one-time link in the terminal or in the log.";
        Self::told(503, "not_set_up", "Not set up yet", text).leading("/setup", "What to do")
    }

    /// What a router or middleware says by a bare status.
    #[must_use]
    pub fn of_status(status: u16) -> Self {
        match status {
            400 => Self::bad_request("The request could not be understood."),
            401 => Self::signed_out(),
            403 => Self::forbidden("You may not do this."),
            404 => Self::not_found(),
            405 => Self::method(""),
            413 => Self::too_large("The request is too large."),
            415 => Self::media_type("The request has a media type that is not understood here."),
            _ => Self::internal(format!("a bare status {status}")),
        }
    }

    /// The answer. `number` finds it in the log; it is shown where the log has something to say.
    #[must_use]
    pub fn answer(self, wants: Wants, number: &str) -> Response {
        match *self.0 {
            What::Elsewhere(path) => answer::see_other(&path),
            What::Told(told) => told.answer(wants, ""),
            What::Internal(cause) => {
                log::error!(request = number; "a request failed: {cause}");
                let text = "Something went wrong in here, not with what you did. The log has the details under the number below.";
                let Self(what) = Self::told(500, "internal", "That did not work", text);
                match *what {
                    What::Told(told) => told.answer(wants, number),
                    What::Elsewhere(_) | What::Internal(_) => Response::new(500),
                }
            }
        }
    }
}

impl Told {
    fn answer(self, wants: Wants, number: &str) -> Response {
        let mut response = match wants {
            Wants::Page => self.page(number),
            Wants::Json => self.json(number),
        };
        for (name, value) in self.headers {
            response.insert_header(name, value);
        }
        response
    }

    fn page(&self, number: &str) -> Response {
        let back = self.back.as_ref().map(|(path, words)| (Href::from(path.as_str()), *words));
        let problem =
            shell::Problem { status: self.status, title: self.title, text: &self.text, request_id: number, back };
        answer::page_with(self.status, shell::problem(&problem))
    }

    fn json(&self, number: &str) -> Response {
        let mut body = Map::new();
        let mut put = |key: &str, value: Value| body.insert(key.to_owned(), value);
        // A reference to the page on which the codes of problems are explained (RFC 9457, section 3.1.1).
        put("type", format!("/api/docs#{}", self.code).into());
        put("title", self.title.into());
        put("status", self.status.into());
        put("code", self.code.into());
        put("detail", self.text.as_str().into());
        if let Some(field) = &self.field {
            put("field", field.as_ref().into());
        }
        if let Some(line) = self.line {
            put("line", line.into());
        }
        if let Some(column) = self.column {
            put("column", column.into());
        }
        if !self.errors.is_empty() {
            put("errors", self.errors.clone().into());
        }
        if !number.is_empty() {
            put("request_id", number.into());
        }
        let mut response = Response::new(self.status);
        response.set_body(Value::from(body).to_string());
        response.insert_header("content-type", "application/problem+json");
        response
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let text = refusal.sentence;
        let problem = match refusal.kind {
            Kind::Invalid => Self::told(422, "invalid", "This needs another look", text),
            Kind::NotFound => Self::gone(text),
            Kind::Conflict => Self::conflict(text),
            Kind::Forbidden => Self::forbidden(text),
            Kind::Unproven => Self::told(401, "unproven", "Please prove again who you are", text),
            Kind::TooMany { wait } => Self::too_many(wait, text),
        };
        match refusal.field {
            Some(field) => problem.about(field),
            None => problem,
        }
    }
}

impl From<actions::Error> for Problem {
    fn from(error: actions::Error) -> Self {
        match error {
            actions::Error::Refused(refusal) => refusal.into(),
            actions::Error::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::internal(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(problem: Problem) -> Value {
        let mut response = problem.answer(Wants::Json, "r1");
        assert_eq!(
            response.header("content-type").map(|v| v.as_str().to_owned()).as_deref(),
            Some("application/problem+json")
        );
        let text = crate::runtime::block_on(response.take_body().into_string()).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn every_kind_of_refusal_has_its_status() {
        let wait = Duration::from_secs(37);
        for (kind, status) in [
            (Kind::Invalid, 422),
            (Kind::NotFound, 404),
            (Kind::Conflict, 409),
            (Kind::Forbidden, 403),
            (Kind::Unproven, 401),
            (Kind::TooMany { wait }, 429),
        ] {
            let refusal = Refusal { kind, field: Some("name"), sentence: "No.".to_owned() };
            let body = json(refusal.into());
            assert_eq!((body["status"].clone(), body["field"].clone()), (status.into(), "name".into()));
        }
        let late = Problem::from(Refusal::too_many(wait, "Wait.")).answer(Wants::Page, "");
        assert_eq!(late.header("retry-after").map(|v| v.as_str().to_owned()).as_deref(), Some("37"));
    }

    #[test]
    fn a_defect_is_told_as_a_number_and_nothing_else() {
        let body = json(Problem::internal("secret path /x"));
        assert_eq!(body["request_id"], "r1");
        assert!(!body.to_string().contains("secret path"));
    }
}
