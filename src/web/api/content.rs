//! What messages and broadcasts say, as the API takes and shows it; with a file the request is a form of two parts.

use serde_json::{Value, json};

use super::super::{Arrived, Call, Keeper, Problem};
use super::body::{self, Fields};
use super::wrong;
use crate::actions::keys::Holder;
use crate::actions::{documents, pictures};
use crate::model::message::{Attachment, Body, Button, ButtonAction, Format};
use crate::runtime;
use crate::store::{self, Read, StoreError};

/// The part of a form that holds the JSON object.
const PART: &str = "json";

/// A request that may carry a picture or a document.
pub(super) struct Parcel {
    /// The fields of the object.
    pub fields: Fields,
    /// All of it, for comparison; of a document its digest.
    pub bytes: Vec<u8>,
    /// The picture.
    file: Option<Vec<u8>>,
    /// The document.
    document: Option<Arrived>,
}

/// Reads a JSON object, or a form with the object in its part `json` and a file in its part `photo` or `document`.
pub(super) async fn parcel(call: &mut Call, holder: &Holder) -> Result<Parcel, Problem> {
    let is_form = call
        .header("content-type")
        .is_some_and(|given| given.get(..19).is_some_and(|head| head.eq_ignore_ascii_case("multipart/form-data")));
    if !is_form {
        let (fields, bytes) = body::object(call).await?;
        return Ok(Parcel { fields, bytes, file: None, document: None });
    }
    let keeper = Keeper::new(call.state().store().clone(), holder.caller());
    let upload = call.upload(Some(keeper)).await?;
    if !upload.form.has(PART) {
        return Err(wrong::missing(PART));
    }
    let mut bytes = upload.form.get(PART).as_bytes().to_vec();
    let fields = Fields::parse(&bytes)?;
    bytes.extend(upload.file.iter().flatten());
    bytes.extend(upload.document.iter().flat_map(|arrived| arrived.digest.0));
    Ok(Parcel { fields, bytes, file: upload.file, document: upload.document })
}

impl Parcel {
    /// Keeps the file, if there is one; nobody carries it yet. For a request that was not carried
    /// out [before](super::repeat::Entry::before).
    pub(super) async fn keep(&mut self, call: &Call, holder: &Holder) -> Result<Option<Attachment>, Problem> {
        if let Some(arrived) = self.document.take() {
            return Ok(Some(Attachment::Document(arrived.keep())));
        }
        let Some(file) = self.file.take() else { return Ok(None) };
        let picture = pictures::prepare(file).await.map_err(|error| wrong::invalid("photo", error.to_string()))?;
        let (store, caller) = (call.state().store().clone(), holder.caller());
        let sealing = runtime::blocking(move || store.read(|read| Ok::<_, StoreError>(picture.seal(read))));
        let (photo, sealed) = sealing.await?;
        let kept = call.state().store().write(move |tx| pictures::add(tx, &caller, &photo, sealed.clone())).await;
        Ok(Some(Attachment::Photo(kept?)))
    }

    /// Refuses what was not asked for.
    pub(super) fn done(&mut self) -> Result<(), Problem> {
        std::mem::replace(&mut self.fields, Fields::empty()).done()
    }
}

/// An outcome. When it is a refusal, the file that was kept for it goes; one that is left by a crash is swept.
pub(super) async fn or_drop<T>(
    call: &Call,
    kept: Option<Attachment>,
    outcome: Result<T, Problem>,
) -> Result<T, Problem> {
    if let (Err(_), Some(attachment)) = (&outcome, kept) {
        let drop_it = move |tx: &mut store::Tx<'_>| match attachment {
            Attachment::Photo(id) => pictures::drop_loose(tx, id),
            Attachment::Document(id) => documents::drop_loose(tx, id),
        };
        if let Err(cause) = call.state().store().write(drop_it).await {
            log::error!("the file of a request that was refused stays for now: {cause}");
        }
    }
    outcome
}

/// What a request says about a message's text and buttons, as far as it tells: `text`, `format`, `buttons`. What is told as
/// `null` is as when a message is new.
#[derive(Clone, Default)]
pub(super) struct Words {
    text: Option<String>,
    format: Option<Format>,
    buttons: Option<Vec<Vec<Button>>>,
}

impl Words {
    /// Takes the fields.
    pub(super) fn take(fields: &mut Fields) -> Result<Self, Problem> {
        let text = given(fields, "text", Fields::text)?;
        let format = match given(fields, "format", Fields::text)?.as_deref() {
            None => None,
            Some("plain" | "") => Some(Format::Plain),
            Some("html") => Some(Format::Html),
            Some(_) => return Err(wrong::invalid("format", "A format is plain or html.")),
        };
        let rows = given(fields, "buttons", Fields::list)?;
        let rows = rows.map(|rows| (0..).zip(rows).map(|(at, row)| row_of(at, row)).collect()).transpose();
        Ok(Self { text, format, buttons: rows? })
    }

    /// Whether nothing is told.
    pub(super) fn are_none(&self) -> bool {
        self.text.is_none() && self.format.is_none() && self.buttons.is_none()
    }

    /// The body with what is told.
    pub(super) fn put(&self, body: &mut Body) {
        if let Some(text) = &self.text {
            body.text.clone_from(text);
        }
        body.format = self.format.unwrap_or(body.format);
        if let Some(buttons) = &self.buttons {
            body.buttons.clone_from(buttons);
        }
    }
}

/// A field, if it is there; `null` is what `Default` says.
fn given<T: Default>(
    fields: &mut Fields,
    name: &str,
    read: fn(&mut Fields, &str) -> Result<Option<T>, Problem>,
) -> Result<Option<T>, Problem> {
    let none = fields.is_null(name).then(T::default);
    Ok(read(fields, name)?.or(none))
}

/// How a message arrives, as far as it is told: `silent`, `protect`.
#[derive(Clone, Copy, Default)]
pub(super) struct Ways {
    silent: Option<bool>,
    protect: Option<bool>,
}

impl Ways {
    /// Takes the fields.
    pub(super) fn take(fields: &mut Fields) -> Result<Self, Problem> {
        Ok(Self {
            silent: given(fields, "silent", Fields::choice)?,
            protect: given(fields, "protect", Fields::choice)?,
        })
    }

    /// The body with what is told.
    pub(super) fn put(self, body: &mut Body) {
        body.silent = self.silent.unwrap_or(body.silent);
        body.protect = self.protect.unwrap_or(body.protect);
    }
}

/// What a new message says, without what it carries.
pub(super) fn said(fields: &mut Fields) -> Result<Body, Problem> {
    let mut body = Body::default();
    Words::take(fields)?.put(&mut body);
    Ways::take(fields)?.put(&mut body);
    Within::take(fields)?.put(&mut body);
    Ok(body)
}

/// How long its question can be answered, as far as it is told: `answer_within`, in seconds. `null` is no limit.
#[derive(Clone, Copy)]
pub(super) struct Within(Told);

#[derive(Clone, Copy)]
enum Told {
    Nothing,
    NoLimit,
    Seconds(u32),
}

impl Within {
    /// Takes the field.
    pub(super) fn take(fields: &mut Fields) -> Result<Self, Problem> {
        if fields.is_null("answer_within") {
            fields.value("answer_within");
            return Ok(Self(Told::NoLimit));
        }
        let seconds = fields.count("answer_within")?;
        Ok(Self(seconds.map_or(Told::Nothing, |seconds| Told::Seconds(u32::try_from(seconds).unwrap_or(u32::MAX)))))
    }

    /// The body with what is told.
    pub(super) fn put(self, body: &mut Body) {
        match self.0 {
            Told::Nothing => {}
            Told::NoLimit => body.answer_within = None,
            Told::Seconds(seconds) => body.answer_within = Some(seconds),
        }
    }
}

fn row_of(at: usize, row: Value) -> Result<Vec<Button>, Problem> {
    let Value::Array(row) = row else {
        return Err(wrong::invalid(format!("buttons[{at}]"), "Buttons stand in rows: a list of lists."));
    };
    (0..).zip(row).map(|(place, button)| button_of(format!("buttons[{at}][{place}]"), button)).collect()
}

fn button_of(path: String, button: Value) -> Result<Button, Problem> {
    let mut fields = Fields::of(button, path.clone())?;
    let (label, url, value) = (fields.needed("label")?, fields.text("url")?, fields.text("value")?);
    fields.done()?;
    let action = match (url, value) {
        (Some(url), None) => ButtonAction::Open(url),
        (None, Some(value)) => ButtonAction::Answer(value),
        (None, None) => return Err(wrong::missing(&format!("{path}.url"))),
        (Some(_), Some(_)) => {
            return Err(wrong::invalid(
                path,
                "A button has either a url, which it opens, or a value, which it answers.",
            ));
        }
    };
    Ok(Button { label, action })
}

/// What is said, as the API shows it; fields of nothing when it can no longer be read.
pub(super) fn shown(read: &impl Read, body: Option<&Body>) -> Result<Vec<(&'static str, Value)>, StoreError> {
    let button = |button: &Button| match &button.action {
        ButtonAction::Open(url) => json!({ "label": button.label, "url": url, "value": null }),
        ButtonAction::Tell(_) => json!({ "label": button.label, "url": null, "value": null }),
        ButtonAction::Answer(value) => json!({ "label": button.label, "url": null, "value": value }),
    };
    let rows = |body: &Body| body.buttons.iter().map(|row| row.iter().map(button).collect()).collect::<Vec<Value>>();
    let format = |body: &Body| match body.format {
        Format::Plain => "plain",
        Format::Html => "html",
    };
    let document = match body.and_then(|body| body.document) {
        Some(id) => store::documents::get(read, id)?,
        None => None,
    };
    let document = document.map(|document| json!({ "name": document.name, "size": document.size }));
    Ok(vec![
        ("text", body.map(|body| body.text.as_str()).into()),
        ("format", body.map(format).into()),
        ("buttons", body.map(rows).into()),
        ("photo", body.is_some_and(|body| body.photo.is_some()).into()),
        ("document", document.into()),
        ("silent", body.is_some_and(|body| body.silent).into()),
        ("protect", body.is_some_and(|body| body.protect).into()),
        ("answer_within", body.and_then(|body| body.answer_within).into()),
    ])
}
