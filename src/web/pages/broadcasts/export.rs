//! `/admin/broadcasts/ID/recipients.csv`: the whole report as a file, in pieces: each is read by itself, so that neither memory
//! nor the data file is held while it goes over the network.

use std::collections::VecDeque;

use csv::{Terminator, WriterBuilder};
use futures_lite::{Stream, stream};
use tide::http::Method;

use super::super::super::live::texts;
use super::super::super::{Call, Problem, Response, Row};
use super::super::names;
use super::{answers, existing, words};
use crate::actions::broadcasts::report;
use crate::actions::session::Signed;
use crate::ids::BroadcastId;
use crate::model::admin::Role;
use crate::model::message::{Body, Button};
use crate::model::recipient::RecipientState;
use crate::runtime;
use crate::store::{Read, Store, StoreError, broadcasts};
use crate::view::time;

/// Rows of one piece.
const PIECE: usize = 1_000;
/// What a spreadsheet would take for the beginning of a formula.
const FORMULA: [char; 7] = ['=', '+', '-', '@', '\t', '\r', '\0'];

const HEAD: [&str; 9] =
    ["username", "name", "chat_id", "chat", "state", "telegram_message_id", "at", "reason", "answer"];

pub(super) fn rows() -> Vec<Row> {
    vec![Row::step_up(Method::Get, "/admin/broadcasts/:id/recipients.csv", Role::Sender, download)]
}

/// `GET /admin/broadcasts/:id/recipients.csv`
async fn download(call: Call, _: Signed) -> Result<Response, Problem> {
    let (id, _) = existing(&call)?;
    Ok(file(call.state().store(), id))
}

/// The report of a broadcast as an answer.
#[must_use]
pub fn file(store: &Store, id: BroadcastId) -> Response {
    let mut response = Response::new(200);
    response.set_body(texts(pieces(store.clone(), id)));
    response.insert_header("content-type", "text/csv; charset=utf-8; header=present");
    response.insert_header("content-disposition", format!("attachment; filename=\"broadcast-{id}.csv\""));
    response
}

/// Where the file is.
struct Place {
    store: Store,
    id: BroadcastId,
    next: Option<u32>,
    ready: VecDeque<String>,
}

/// The file in pieces. One that cannot be read ends it short, which the browser is told by a broken transfer only where it
/// happens in the middle; the log has it in any case.
fn pieces(store: Store, id: BroadcastId) -> impl Stream<Item = String> + Send {
    let ready = VecDeque::from([line(&HEAD.map(str::to_owned))]);
    let place = Place { store, id, next: Some(0), ready };
    stream::unfold(place, |mut place| async move {
        if let Some(text) = place.ready.pop_front() {
            return Some((text, place));
        }
        let from = place.next?;
        let (store, id) = (place.store.clone(), place.id);
        let read = runtime::blocking(move || store.read(|read| piece(read, id, from))).await;
        match read {
            Ok((text, next)) => {
                place.next = next;
                (!text.is_empty()).then_some((text, place))
            }
            Err(error) => {
                log::error!(broadcast:% = id; "the report could not be read to its end: {error}");
                None
            }
        }
    })
}

fn piece(read: &impl Read, id: BroadcastId, from: u32) -> Result<(String, Option<u32>), StoreError> {
    let page = report::page(read, id, None, from, PIECE)?;
    let body = broadcasts::body(read, id)?;
    let mut text = String::new();
    for row in page.lines {
        text.push_str(&line(&cells(read, row, body.as_ref())?));
    }
    Ok((text, page.next))
}

fn cells(read: &impl Read, line: report::Line, body: Option<&Body>) -> Result<[String; 9], StoreError> {
    let row = line.recipient;
    let answer = answers::given(&row, body).and_then(Button::value);
    let (username, name) = line
        .account
        .map_or_else(|| (words::deleted(row.account), String::new()), |(username, name)| (username.to_string(), name));
    let sent = if let RecipientState::Sent { telegram, .. } = row.state { Some(telegram) } else { None };
    let reason = if sent.is_some() { String::new() } else { words::outcome(&row.state) };
    Ok([
        harmless(&username),
        harmless(&name),
        row.chat.to_string(),
        harmless(&names::of_chat(read, row.chat)?),
        row.standing().word().to_owned(),
        sent.map(|number| number.to_string()).unwrap_or_default(),
        words::known_at(&row.state).map(time::iso).unwrap_or_default(),
        harmless(&reason),
        harmless(answer.unwrap_or_default()),
    ])
}

/// A cell that a spreadsheet shows as text, whatever it begins with.
fn harmless(text: &str) -> String {
    if text.trim_start_matches(' ').starts_with(FORMULA) { format!("'{text}") } else { text.to_owned() }
}

/// One line, as RFC 4180 writes it.
fn line(cells: &[String]) -> String {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    // Writing into memory does not fail.
    let _ = writer.write_record(cells);
    writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for text in ["=1+1", "+1", "-1", "@sum", "\t=1", "\r=1", "\0=1", "  =1"] {
            assert!(harmless(text).starts_with('\''), "{text:?}");
        }
        assert_eq!((harmless("anna"), harmless("a=b")), ("anna".to_owned(), "a=b".to_owned()));
    }

    #[test]
    fn a_line_is_quoted_where_it_has_to_be() {
        let cells = ["a,b", "say \"hi\"", "two\nlines", ""].map(str::to_owned);
        assert_eq!(line(&cells), "\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",\r\n");
    }
}
