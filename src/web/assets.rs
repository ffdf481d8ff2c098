//! The embedded files: cached for ever, because another content has another name.

use tide::http::Body;

use super::{Call, Problem, Response};
use crate::view::assets;

/// `GET /assets/:name`
pub async fn serve(call: Call) -> Result<Response, Problem> {
    let asset = assets::find(call.path()).ok_or_else(Problem::not_found)?;
    let mut response = Response::new(200);
    response.set_body(Body::from_bytes(asset.body.to_vec()));
    response.insert_header("content-type", asset.content_type);
    response.insert_header("cache-control", "public, max-age=31536000, immutable");
    Ok(response)
}
