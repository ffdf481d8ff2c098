//! What messages and broadcasts say, as the API takes and shows it; with a picture the request is a form of two parts.

use serde_json::{Value, json};

use super::super::{Call, Problem};
use super::body::{self, Fields};
use super::wrong;
use crate::actions::keys::Holder;
use crate::actions::pictures;
use crate::ids::PhotoId;
use crate::model::message::{Body, Button, ButtonAction, Format};
use crate::runtime;
use crate::store::StoreError;

/// The part of a form that holds the JSON object.
const PART: &str = "json";

/// A request that may carry a picture.
pub(super) struct Parcel {
    /// The fields of the object.
    pub fields: Fields,
    /// All of it, for comparison.
    pub bytes: Vec<u8>,
    /// The file.
    file: Option<Vec<u8>>,
}

/// Reads a JSON object, or a form with the object in its part `json` and a file in its part `photo`.
pub(super) async fn parcel(call: &mut Call) -> Result<Parcel, Problem> {
    let is_form = call
        .header("content-type")
        .is_some_and(|given| given.get(..19).is_some_and(|head| head.eq_ignore_ascii_case("multipart/form-data")));
    if !is_form {
        let (fields, bytes) = body::object(call).await?;
        return Ok(Parcel { fields, bytes, file: None });
    }
    let upload = call.upload().await?;
    if !upload.form.has(PART) {
        return Err(wrong::missing(PART));
    }
    let mut bytes = upload.form.get(PART).as_bytes().to_vec();
    let fields = Fields::parse(&bytes)?;
    bytes.extend(upload.file.iter().flatten());
    Ok(Parcel { fields, bytes, file: upload.file })
}

impl Parcel {
    /// Keeps the picture, if there is one; nobody carries it yet, and what nobody carries is swept.
    pub(super) async fn keep(&mut self, call: &Call, holder: &Holder) -> Result<Option<PhotoId>, Problem> {
        let Some(file) = self.file.take() else { return Ok(None) };
        let picture = pictures::prepare(file).await.map_err(|error| wrong::invalid("photo", error.to_string()))?;
        let (store, caller) = (call.state().store().clone(), holder.caller());
        let sealing = runtime::blocking(move || store.read(|read| Ok::<_, StoreError>(picture.seal(read))));
        let (photo, sealed) = sealing.await?;
        let kept = call.state().store().write(move |tx| pictures::add(tx, &caller, &photo, sealed.clone())).await;
        Ok(Some(kept?))
    }
}

/// What is said, without its picture: `text`, `format`, `buttons`, `silent`, `protect`.
pub(super) fn said(fields: &mut Fields) -> Result<Body, Problem> {
    let text = fields.text("text")?.unwrap_or_default();
    let format = match fields.text("format")?.as_deref() {
        None | Some("plain") => Format::Plain,
        Some("html") => Format::Html,
        Some(_) => return Err(wrong::invalid("format", "A format is plain or html.")),
    };
    let buttons = fields.list("buttons")?.unwrap_or_default();
    let buttons = (0..).zip(buttons).map(|(at, row)| row_of(at, row)).collect::<Result<Vec<_>, _>>()?;
    let (silent, protect) = (fields.flag("silent")?, fields.flag("protect")?);
    Ok(Body { text, format, buttons, silent, protect, ..Body::default() })
}

fn row_of(at: usize, row: Value) -> Result<Vec<Button>, Problem> {
    let Value::Array(row) = row else {
        return Err(wrong::invalid(format!("buttons[{at}]"), "Buttons stand in rows: a list of lists."));
    };
    (0..).zip(row).map(|(place, button)| button_of(format!("buttons[{at}][{place}]"), button)).collect()
}

fn button_of(path: String, button: Value) -> Result<Button, Problem> {
    let mut fields = Fields::of(button, path)?;
    let (label, url) = (fields.needed("label")?, fields.needed("url")?);
    fields.done()?;
    Ok(Button { label, action: ButtonAction::Open(url) })
}

/// What is said, as the API shows it; fields of nothing when it can no longer be read.
pub(super) fn shown(body: Option<&Body>) -> Vec<(&'static str, Value)> {
    let button = |button: &Button| match &button.action {
        ButtonAction::Open(url) => json!({ "label": button.label, "url": url }),
        ButtonAction::Tell(_) => json!({ "label": button.label, "url": null }),
    };
    let rows = |body: &Body| body.buttons.iter().map(|row| row.iter().map(button).collect()).collect::<Vec<Value>>();
    let format = |body: &Body| match body.format {
        Format::Plain => "plain",
        Format::Html => "html",
    };
    vec![
        ("text", body.map(|body| body.text.as_str()).into()),
        ("format", body.map(format).into()),
        ("buttons", body.map(rows).into()),
        ("photo", body.is_some_and(|body| body.photo.is_some()).into()),
        ("silent", body.is_some_and(|body| body.silent).into()),
        ("protect", body.is_some_and(|body| body.protect).into()),
    ]
}
