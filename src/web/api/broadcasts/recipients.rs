//! `/api/v1/broadcasts/{id}/recipients`: what became of each recipient, in pages and as a file.

use serde_json::{Value, json};
use tide::http::Method;

use super::super::super::pages::broadcasts::{export, words};
use super::super::super::{Call, Problem, Response, Row};
use super::super::answer::{page, seen};
use super::super::cursor::List;
use super::super::doc::{Answer, CURSOR, Doc, LIMIT, Param};
use super::super::query::Query;
use super::super::{shape, wrong};
use super::{READ, existing};
use crate::actions::broadcasts::report::{self, Line};
use crate::actions::keys::Holder;
use crate::model::delivery::Standing;
use crate::model::message::Body;
use crate::model::recipient::RecipientState;
use crate::store::broadcasts;

const INDEX: Doc = Doc {
    id: "listRecipients",
    summary: "What became of each recipient",
    text: "A page may be short, and even empty, before the last: only `next` tells.",
    query: &[
        Param::word("state", || Standing::ALL.map(Standing::word).to_vec(), "Only those that stand so."),
        CURSOR,
        LIMIT,
    ],
    body: None,
    answers: &[Answer::json(200, "RecipientPage", "The recipients.")],
};
const FILE: Doc = Doc {
    id: "downloadRecipients",
    summary: "The same as a file",
    text: "",
    query: &[],
    body: None,
    answers: &[Answer { status: 200, body: Some(("text/csv", "Csv")), text: "All recipients, one in each line." }],
};

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::key(Method::Get, "/api/v1/broadcasts/:id/recipients", READ, &INDEX, index),
        Row::key(Method::Get, "/api/v1/broadcasts/:id/recipients.csv", READ, &FILE, file),
    ]
}

/// `GET /api/v1/broadcasts/{id}/recipients`
async fn index(call: Call, _holder: Holder) -> Result<Response, Problem> {
    let (id, _) = existing(&call)?;
    let query = Query::of(&call, &["state", "cursor", "limit"])?;
    let known = |word: &str| Standing::ALL.into_iter().find(|standing| standing.word() == word);
    let filter = query.get("state").map(|word| known(word).ok_or_else(no_state)).transpose()?;
    let from = query.cursor::<u64>("cursor", List::Recipients)?.map(u32::try_from).transpose();
    let from = from.map_err(|_| wrong::invalid("cursor", "This is no cursor of this list."))?.unwrap_or(0);
    let limit = query.limit()?;
    let found = call.state().store().read(|read| report::page(read, id, filter, from, limit))?;
    let body = call.state().store().read(|read| broadcasts::body(read, id))?;
    let rows = found.lines.iter().map(|found| line(found, body.as_ref())).collect();
    Ok(seen(&call, &page(rows, found.next.map(|next| (List::Recipients, next.to_string())))))
}

fn no_state() -> Problem {
    let words = Standing::ALL.map(Standing::word).join(", ");
    wrong::invalid("state", format!("A state is one of these: {words}."))
}

fn line(line: &Line, body: Option<&Body>) -> Value {
    let row = &line.recipient;
    let telegram = if let RecipientState::Sent { telegram, .. } = row.state { Some(telegram.0) } else { None };
    let reason = if let RecipientState::Failed { reason, .. } = &row.state { Some(reason) } else { None };
    json!({
        "username": line.account.as_ref().map(|(username, _)| username.as_str()),
        "chat_id": row.chat.0,
        "state": row.standing().word(),
        "reason": reason.map(crate::model::delivery::Reason::word),
        "detail": if telegram.is_some() { None } else { Some(words::outcome(&row.state)) },
        "telegram_message_id": telegram,
        "ended_at": shape::moment(words::known_at(&row.state)),
        "answer": row.answer.and_then(|answer| body?.button(answer)?.value()),
    })
}

/// `GET /api/v1/broadcasts/{id}/recipients.csv`
async fn file(call: Call, _holder: Holder) -> Result<Response, Problem> {
    let (id, _) = existing(&call)?;
    Ok(export::file(call.state().store(), id))
}
