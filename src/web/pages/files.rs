//! Files in conversations: `/admin/messages/ID/file` hands on what a person sent, and the documents that messages carry are
//! shown by name and size.

use maud::Markup;
use tide::http::Method;

use super::super::{Call, Problem, Response, Row, fetch};
use crate::actions::session::Signed;
use crate::ids::MessageId;
use crate::model::admin::Role;
use crate::model::message::Body;
use crate::store::{Read, StoreError, documents};
use crate::view::document::Shown;
use crate::view::{Href, received};

/// The route of files.
#[must_use]
pub fn rows() -> Vec<Row> {
    vec![Row::signed(Method::Get, "/admin/messages/:id/file", Role::Viewer, file)]
}

async fn file(call: Call, _: Signed) -> Result<Response, Problem> {
    let id: MessageId = call.id("id")?;
    fetch::serve(&call, id).await
}

/// The document that a message carries, as pages show it.
pub(super) fn shown(read: &impl Read, body: &Body) -> Result<Option<Shown>, StoreError> {
    let Some(id) = body.document else { return Ok(None) };
    Ok(documents::get(read, id)?.map(|document| Shown { name: document.name, size: Some(document.size) }))
}

/// What a message of a conversation carries, out or in.
pub(super) fn carried(read: &impl Read, id: MessageId, body: &Body) -> Result<Markup, StoreError> {
    if let Some(document) = shown(read, body)? {
        return Ok(maud::Render::render(&document));
    }
    let address = Href::from(format!("/admin/messages/{id}/file"));
    Ok(body.carried.as_ref().map(|carried| received::carried(carried, body.media, &address)).unwrap_or_default())
}
