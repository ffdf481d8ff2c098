//! `/api/v1/import` and `/api/v1/export`: everything at once, in and out. What is brought is looked at first, and carried out
//! when the request says so.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_lite::{Stream, stream};
use serde_json::{Map, Value, json};
use tide::http::Method;

use super::super::live::texts;
use super::super::{Call, Problem, Response, Row};
use super::answer;
use super::doc::{Answer, Doc, Param, Sent};
use super::query::Query;
use super::repeat::{Entry, marked};
use super::wrong;
use crate::actions::keys::Holder;
use crate::actions::moving::{self, Lists, export};
use crate::actions::{Error, Refusal};
use crate::model::api_key::{Area, Deed, Need};
use crate::model::moving::{Fate, Report, Sheet, Tally, Told};
use crate::model::repeat::Outcome;
use crate::runtime;
use crate::secret::Hash;
use crate::store::{Store, Tx};

const READ: Need = Need(Area::Everything, Deed::Read);
const WRITE: Need = Need(Area::Everything, Deed::Write);
/// Lines that are told of; more are counted only.
const LISTED: usize = 1_000;
/// Exports that may run at once: each keeps an old moment of the data file.
const EXPORTS: usize = 2;

const IMPORT: Doc = Doc {
    id: "import",
    summary: "Bring in accounts, printed codes and chats",
    text: "Lists in CSV, up to 200,000 lines each and 64 MiB together, one or more of them; the first line names the columns. \
           `accounts`: `username,name,tags`; `codes`, which are printed or mailed out already: `code,username,expires_at`; \
           `chats`, which a bot of yours knows already: `chat_id,username`. Without `apply=true` the answer says what would \
           happen, and tells of lines with a mistake or a warning. With it all lines are carried out, or none: when lines are \
           wrong the answer is 422 and lists them in `errors`, each with its list in `field`. The same lists again change \
           nothing. Nobody is messaged, and no events are written for what is brought.",
    query: &[Param::text("apply", "`true` carries it out; otherwise nothing is changed.")],
    body: Some(Sent {
        media_type: "multipart/form-data",
        ..Sent::json(
            "ImportLists",
            r#"{"accounts": "username,name,tags\nada,Ada Lovelace,vip beta\n", "chats": "chat_id,username\n123456789,ada\n"}"#,
        )
    }),
    answers: &[Answer::json(200, "ImportReport", "What became of it, or would.")],
};
const EXPORT: Doc = Doc {
    id: "export",
    summary: "Take everything out",
    text: "JSON lines, all of one moment, each an object with its `type`; the first is `header`, the last is `end`: without it the \
           answer broke off. Message texts are in clear; codes, keys, passwords, second factors and the bot's token are left out.",
    query: &[],
    body: None,
    answers: &[Answer { status: 200, body: Some(("application/x-ndjson", "ExportLine")), text: "Everything." }],
};

/// The routes.
#[must_use]
pub fn rows() -> Vec<Row> {
    vec![
        Row::key(Method::Post, "/api/v1/import", WRITE, &IMPORT, bring),
        Row::key(Method::Get, "/api/v1/export", READ, &EXPORT, take),
    ]
}

/// `POST /api/v1/import`
async fn bring(mut call: Call, holder: Holder) -> Result<Response, Problem> {
    let apply = match Query::of(&call, &["apply"])?.get("apply") {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(wrong::invalid("apply", "This is true or false.")),
    };
    let texts = call.lists().await?.lists;
    if texts.is_empty() {
        return Err(wrong::missing("accounts"));
    }
    // A name is looked at in a dry run too, which leaves no trace of it.
    let entry = Entry::of(&call, &holder, &print(&texts).0)?;
    let lists = Arc::new(runtime::blocking(move || Lists::read(&texts)).await);
    if !apply {
        let store = call.state().store().clone();
        let report = runtime::blocking(move || store.read(|read| moving::look(read, &lists))).await?;
        return Ok(answer::json(200, &shown(&report)));
    }
    let caller = holder.caller();
    let seen: Arc<Mutex<Option<Report>>> = Arc::default();
    let slot = Arc::clone(&seen);
    let effect = move |tx: &mut Tx<'_>| {
        let report = moving::bring_in(tx, &caller, &lists)?;
        if !report.applied {
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(report);
            return Err(Error::from(Refusal::conflict(None, "Some lines are wrong. Nothing was changed.")));
        }
        Ok(Outcome::Imported { tallies: report.tallies, made: report.made })
    };
    let carried = entry.once(&call, &[], effect).await;
    if let Some(report) = seen.lock().unwrap_or_else(PoisonError::into_inner).take() {
        return Err(wrong_lines(&report));
    }
    let (Outcome::Imported { tallies, made }, when) = carried? else { return Err(wrong::other_request()) };
    let report = Report { applied: true, tallies, made, told: Vec::new() };
    Ok(marked(answer::json(200, &shown(&report)), when))
}

/// What stands for the lists where requests are compared.
fn print(texts: &BTreeMap<Sheet, String>) -> Hash {
    let prints = texts.iter().flat_map(|(sheet, text)| [Hash::of(sheet.word().as_bytes()), Hash::of(text.as_bytes())]);
    Hash::of(&prints.flat_map(|hash| hash.0).collect::<Vec<u8>>())
}

fn wrong_lines(report: &Report) -> Problem {
    let wrong: Vec<&Told> = report.told.iter().filter(|told| told.fate == Fate::Wrong).collect();
    let lines: u64 = report.tallies.iter().map(Tally::lines).sum();
    let text = format!("{} of {lines} lines are wrong. Nothing was changed.", wrong.len());
    let entry =
        |told: &&Told| json!({ "code": "invalid", "detail": told.text, "field": told.sheet.word(), "line": told.line });
    let problem = Problem::told(422, "invalid_lines", "Some lines need another look", text);
    let problem = problem.listing(wrong.iter().take(LISTED).map(entry).collect());
    match wrong.first() {
        Some(first) => problem.about(first.sheet.word()).at_line(first.line),
        None => problem,
    }
}

fn shown(report: &Report) -> Value {
    let tally = |tally: &Tally| {
        let counts = Fate::ALL.into_iter().map(|fate| (fate.word().to_owned(), tally.count(fate).into()));
        let more = [("lines".to_owned(), tally.lines().into()), ("warnings".to_owned(), tally.warnings.into())];
        counts.chain(more).collect::<Map<String, Value>>()
    };
    let of = |sheet| report.tallies.iter().find(|tally| tally.sheet == sheet).map(tally);
    let telling = report.told.iter().filter(|told| told.text.is_some()).take(LISTED);
    json!({
        "applied": report.applied,
        "accounts": of(Sheet::Accounts),
        "codes": of(Sheet::Codes),
        "chats": of(Sheet::Chats),
        "accounts_made": report.made,
        "lines": telling.collect::<Vec<&Told>>(),
    })
}

/// How many exports run.
#[derive(Clone, Debug, Default)]
pub struct Exports(Arc<AtomicUsize>);

/// A place among them; dropping it gives it free.
pub struct Seat(Exports);

impl Exports {
    /// A place, if there is one.
    #[must_use]
    pub fn enter(&self) -> Option<Seat> {
        let seat = Seat(self.clone());
        (self.0.fetch_add(1, Ordering::SeqCst) < EXPORTS).then_some(seat)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// `GET /api/v1/export`
async fn take(call: Call, holder: Holder) -> Result<Response, Problem> {
    Query::of(&call, &[])?;
    let seat = seat(&call)?;
    call.state().store().write(move |tx| export::begin(tx, &holder.caller())).await?;
    Ok(file(call.state().store(), seat))
}

/// A place for an export, for whoever may take one.
pub(in crate::web) fn seat(call: &Call) -> Result<Seat, Problem> {
    let sentence = "Other exports are running. Try again when they are done.";
    Ok(call.state().api().exports.enter().ok_or_else(|| Refusal::too_many(Duration::from_mins(1), sentence))?)
}

/// Everything as an answer.
pub(in crate::web) fn file(store: &Store, seat: Seat) -> Response {
    let mut response = Response::new(200);
    response.set_body(texts(pieces(store, seat)));
    response.insert_header("content-type", "application/x-ndjson");
    response.insert_header("content-disposition", "attachment; filename=\"startlink.jsonl\"");
    response
}

fn pieces(store: &Store, seat: Seat) -> impl Stream<Item = String> + Send + use<> {
    stream::unfold((export::pieces(store), seat), |(pieces, seat)| async move {
        let piece = pieces.recv().await.ok()?;
        Some((piece, (pieces, seat)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_exports_run_at_once() {
        let exports = Exports::default();
        let (first, second) = (exports.enter(), exports.enter());
        assert!(first.is_some() && second.is_some() && exports.enter().is_none());
        drop(first);
        assert!(exports.enter().is_some());
    }

    #[test]
    fn lists_are_told_apart_by_their_name_and_text() {
        let of = |sheet, text: &str| print(&BTreeMap::from([(sheet, text.to_owned())]));
        assert_eq!(of(Sheet::Codes, "a"), of(Sheet::Codes, "a"));
        assert!(of(Sheet::Codes, "a") != of(Sheet::Chats, "a") && of(Sheet::Codes, "a") != of(Sheet::Codes, "b"));
    }
}
