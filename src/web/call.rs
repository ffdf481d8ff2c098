//! One request as handlers see it: parameters decoded once, the query by name, the form with its token checked.

use form_urlencoded::parse;
use percent_encoding::percent_decode_str;
use tide::http::mime::Mime;

use super::cookie::Cookie;
use super::error::Wants;
use super::form::{Form, MOST_BYTES};
use super::lists::{self, Brought};
use super::{Keeper, Problem, State, Upload, Visitor, flash, upload};
use crate::actions::session::{Origin, Signed};
use crate::actions::who::Who;
use crate::secret::{Secret, same};
use crate::view::form::CSRF_FIELD;
use crate::view::notice::Flash;

/// A request that passed the guard.
pub struct Call {
    request: tide::Request<State>,
    visitor: Visitor,
    /// The session's token, once it is known who is signed in.
    csrf: Option<String>,
}

impl Call {
    pub(super) fn new(request: tide::Request<State>, visitor: Visitor) -> Self {
        Self { request, visitor, csrf: None }
    }

    pub(super) fn expect_token<W: Who>(&mut self, signed: &Signed<W>) {
        self.csrf = Some(signed.session.csrf.clone());
    }

    /// What the server is made of.
    #[must_use]
    pub fn state(&self) -> &State {
        self.request.state()
    }

    /// From where and under which name it came.
    #[must_use]
    pub fn visitor(&self) -> &Visitor {
        &self.visitor
    }

    /// The path, still percent-encoded.
    #[must_use]
    pub fn path(&self) -> &str {
        self.request.url().path()
    }

    /// The path with its query, for the way back here.
    #[must_use]
    pub fn path_and_query(&self) -> String {
        let url = self.request.url();
        url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
    }

    /// A part of the path, percent-decoded once; what is not UTF-8 names nothing.
    pub fn param(&self, name: &str) -> Result<String, Problem> {
        let raw = self.request.param(name).map_err(|_| Problem::internal(format!("no path parameter {name}")))?;
        percent_decode_str(raw).decode_utf8().map(String::from).map_err(|_| Problem::not_found())
    }

    /// A part of the path as a number or another type that parses; anything else names nothing.
    pub fn id<T: std::str::FromStr>(&self, name: &str) -> Result<T, Problem> {
        self.param(name)?.parse().map_err(|_| Problem::not_found())
    }

    /// The first value of a query parameter; empty when it is absent.
    #[must_use]
    pub fn query(&self, name: &str) -> String {
        let query = self.request.url().query().unwrap_or_default();
        parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
    }

    /// Every parameter of the query, decoded.
    pub fn query_pairs(&self) -> impl Iterator<Item = (String, String)> {
        let query = self.request.url().query().unwrap_or_default();
        parse(query.as_bytes()).map(|(name, value)| (name.into_owned(), value.into_owned()))
    }

    /// The method's name.
    #[must_use]
    pub fn method(&self) -> String {
        self.request.method().to_string()
    }

    /// A header's last value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.request.header(name).map(|values| values.last().as_str())
    }

    /// Whether the client asks for a stream of server-sent events.
    #[must_use]
    pub fn wants_events(&self) -> bool {
        self.header("accept").is_some_and(|accept| accept.contains("text/event-stream"))
    }

    /// Whether it is a page's own look for news and not a person's act.
    #[must_use]
    pub fn is_background(&self) -> bool {
        self.wants_events() || !self.query("poll").is_empty()
    }

    /// In which form errors are told.
    #[must_use]
    pub fn wants(&self) -> Wants {
        Wants::of(self.path(), self.request.header("accept"))
    }

    /// Whether a person's browser asks for a page.
    pub(super) fn is_navigation(&self) -> bool {
        use tide::http::Method;
        let reads = matches!(self.request.method(), Method::Get | Method::Head);
        reads && self.wants() == Wants::Page && !self.is_background()
    }

    /// A cookie's value, in the form that belongs to this request's origin.
    #[must_use]
    pub fn cookie(&self, cookie: Cookie) -> Option<Secret> {
        let lines = self.request.header("cookie")?;
        cookie.read(self.visitor.origin.scheme, lines.iter().map(tide::http::headers::HeaderValue::as_str))
    }

    /// The sentence that the last form left for this page.
    #[must_use]
    pub fn flash(&self) -> Option<Flash> {
        flash::read(&self.cookie(Cookie::Flash)?)
    }

    /// Where a session is begun.
    #[must_use]
    pub fn origin(&self) -> Origin {
        Origin { address: self.visitor.address, agent: self.header("user-agent").unwrap_or_default().to_owned() }
    }

    /// The body as it came, when it has no more than `most` bytes.
    pub async fn body(&mut self, most: usize) -> Result<Vec<u8>, Problem> {
        if self.request.len().is_some_and(|length| length > most) {
            return Err(Problem::too_large(format!("The body has at most {most} bytes here. Nothing was changed.")));
        }
        self.request.body_bytes().await.map_err(|error| match u16::from(error.status()) {
            413 => Problem::too_large("The body is too large. Nothing was changed."),
            _ => Problem::bad_request("The body did not arrive whole. Nothing was changed."),
        })
    }

    /// The form, with the session's token checked where there is a session.
    pub async fn form(&mut self) -> Result<Form, Problem> {
        if !self.is_form() {
            return Err(Problem::media_type(
                "A form is sent as application/x-www-form-urlencoded. Nothing was changed.",
            ));
        }
        if self.request.len().is_some_and(|length| length > MOST_BYTES) {
            return Err(Problem::too_large(format!("A form has at most {MOST_BYTES} bytes. Nothing was changed.")));
        }
        let form = Form::parse(&self.request.body_bytes().await.map_err(|error| unread(&error))?)?;
        check_token(self.csrf.as_deref(), &form)?;
        Ok(form)
    }

    fn is_form(&self) -> bool {
        let is_form = |mime: Mime| mime.essence() == "application/x-www-form-urlencoded";
        self.request.content_type().is_some_and(is_form)
    }

    /// A form that may carry a document, or the same without any file in the plain type.
    pub async fn form_or_upload(&mut self, keeper: Keeper) -> Result<Upload, Problem> {
        if self.is_form() {
            return Ok(Upload { form: self.form().await?, ..Upload::default() });
        }
        self.upload(Some(keeper)).await
    }

    /// A form that may carry a file, with the token checked before the file is read. `keeper` keeps a document.
    pub async fn upload(&mut self, keeper: Option<Keeper>) -> Result<Upload, Problem> {
        let Some(content_type) = self.header("content-type").map(str::to_owned) else {
            return Err(upload::wrong_type());
        };
        let (most, too_large) = upload::most(keeper.as_ref());
        if self.request.len().is_some_and(|length| length > most) {
            return Err(too_large());
        }
        let body = self.request.take_body();
        upload::read(body, &content_type, keeper.as_ref(), |form| check_token(self.csrf.as_deref(), form)).await
    }

    /// A form of lists, each in a part of its name, with the token checked before the first of them is read.
    pub async fn lists(&mut self) -> Result<Brought, Problem> {
        let Some(content_type) = self.header("content-type").map(str::to_owned) else {
            return Err(upload::wrong_type());
        };
        let body = self.request.take_body();
        lists::read(body, &content_type, |form| check_token(self.csrf.as_deref(), form)).await
    }
}

fn check_token(expected: Option<&str>, form: &Form) -> Result<(), Problem> {
    match expected {
        Some(token) if !same(token, form.get(CSRF_FIELD)) => Err(Problem::foreign_form()),
        Some(_) | None => Ok(()),
    }
}

/// The wire refuses bodies that are too long or too slow while they are read.
fn unread(error: &tide::Error) -> Problem {
    match u16::from(error.status()) {
        413 => Problem::too_large("The form is too large. Nothing was changed."),
        _ => Problem::bad_request("The form did not arrive whole. Nothing was changed."),
    }
}
