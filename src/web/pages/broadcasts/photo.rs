//! `/admin/photos/ID`: a picture that messages carry, for previews. It is drawn by us, and served as if it were not.

use tide::http::{Body, Method};

use super::super::super::{Call, Problem, Response, Row};
use crate::actions::session::Signed;
use crate::ids::PhotoId;
use crate::model::admin::Role;
use crate::model::message;
use crate::store::{Read, StoreError, photos};
use crate::view::picture::Shown;

/// A file that is opened by itself runs nothing and belongs to nobody.
const POLICY: &str = "default-src 'none'; sandbox";

pub(super) fn rows() -> Vec<Row> {
    vec![Row::signed(Method::Get, "/admin/photos/:id", Role::Viewer, serve)]
}

async fn serve(call: Call, _: Signed) -> Result<Response, Problem> {
    let id: PhotoId = call.id("id")?;
    let store = call.state().store().clone();
    let found = crate::runtime::blocking(move || {
        store.read(|read| {
            let Some(photo) = photos::get(read, id)? else { return Ok(None) };
            Ok::<_, StoreError>(photos::bytes(read, id)?.map(|bytes| (photo.mime, bytes)))
        })
    });
    let (mime, bytes) = found.await?.ok_or_else(Problem::not_found)?;
    let mut response = Response::new(200);
    response.set_body(Body::from_bytes(bytes));
    response.insert_header("content-type", mime.word());
    response.insert_header("content-security-policy", POLICY);
    response.insert_header("content-disposition", "inline; filename=\"photo\"");
    // Its number is never given to another picture.
    response.insert_header("cache-control", "private, max-age=86400, immutable");
    Ok(response)
}

/// The picture that a message carries, as pages show it.
pub(super) fn shown(read: &impl Read, body: &message::Body) -> Result<Option<Shown<'static>>, StoreError> {
    let Some(id) = body.photo else { return Ok(None) };
    let photo = photos::get(read, id)?;
    Ok(photo.map(|photo| Shown {
        href: format!("/admin/photos/{id}").into(),
        alt: "The photo of this message",
        width: photo.width,
        height: photo.height,
    }))
}
