//! Answers in JSON. One that is looked at again and again carries a mark of its content, so that "nothing new" costs no body.

use std::fmt::Write as _;

use serde_json::Value;

use super::super::{Call, Response};
use super::cursor::List;
use crate::secret::Hash;

/// An answer with a status.
pub(super) fn json(status: u16, body: &Value) -> Response {
    let mut response = Response::new(status);
    response.set_body(body.to_string());
    response.insert_header("content-type", "application/json");
    response
}

/// 200 with a mark of the content, or 304 for whoever has it (RFC 9110, section 13.1.2).
pub(super) fn seen(call: &Call, body: &Value) -> Response {
    let text = body.to_string();
    let mark = Hash::of(text.as_bytes()).0.into_iter().take(12).fold(String::new(), |mut mark, byte| {
        let _ = write!(mark, "{byte:02x}");
        mark
    });
    let mark = format!("\"{mark}\"");
    let known = call.header("if-none-match").is_some_and(|given| {
        given.split(',').map(|tag| tag.trim().trim_start_matches("W/")).any(|tag| tag == "*" || tag == mark)
    });
    let mut response = Response::new(if known { 304 } else { 200 });
    if !known {
        response.set_body(text);
        response.insert_header("content-type", "application/json");
    }
    response.insert_header("etag", mark);
    response.insert_header("cache-control", "private, no-cache");
    response
}

/// A page of a list: its rows, and where the next page begins.
pub(super) fn page(rows: Vec<Value>, next: Option<(List, String)>) -> Value {
    let next = next.map(|(list, place)| list.cursor(&place));
    Value::from_iter([("items", Value::Array(rows)), ("next", next.into())])
}

/// Nothing to add.
pub(super) fn nothing() -> Response {
    Response::new(204)
}
