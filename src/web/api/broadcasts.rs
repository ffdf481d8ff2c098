//! `/api/v1/broadcasts`: listed, looked at, thrown away; how they are written and what is done with them stands below.

mod acts;
mod recipients;
mod shown;
mod write;

use serde_json::Value;
use tide::http::Method;

use super::super::{Call, Problem, Response, Row};
use super::answer::{json, nothing, page, seen};
use super::cursor::List;
use super::doc::{Answer, CURSOR, Doc, LIMIT, Param};
use super::query::Query;
use super::wrong;
use crate::actions::keys::Holder;
use crate::actions::{Refusal, broadcasts};
use crate::ids::BroadcastId;
use crate::model::api_key::{Area, Deed, Need};
use crate::model::broadcast::{Broadcast, BroadcastStatus};
use crate::model::repeat::Outcome;
use crate::store;
use shown::show;

const ALL: &str = "/api/v1/broadcasts";
const ONE: &str = "/api/v1/broadcasts/:id";
const READ: Need = Need(Area::Broadcasts, Deed::Read);
const WRITE: Need = Need(Area::Broadcasts, Deed::Write);
/// How actions call what has another name here.
const NAMES: &[(&str, &str)] = &[
    ("picked", "audience.usernames"),
    ("all", "audience.tags.all"),
    ("any", "audience.tags.any"),
    ("none", "audience.tags.none"),
    ("typed", "chats"),
    ("username", "to.username"),
];
/// What comes back when a broadcast was changed.
const CHANGED: &[Answer] = &[Answer::json(200, "Broadcast", "The broadcast as it is now.")];

const INDEX: Doc = Doc {
    id: "listBroadcasts",
    summary: "List broadcasts",
    text: "The newest first.",
    query: &[
        Param::word("state", || BroadcastStatus::ALL.map(BroadcastStatus::word).to_vec(), "Only those in this state."),
        CURSOR,
        LIMIT,
    ],
    body: None,
    answers: &[Answer::json(200, "BroadcastPage", "The broadcasts.")],
};
const GET: Doc = Doc {
    id: "getBroadcast",
    summary: "Look at a broadcast",
    text: "`counts` tells how many deliveries stand how.",
    query: &[],
    body: None,
    answers: &[Answer::json(200, "Broadcast", "The broadcast.")],
};
const DELETE: Doc = Doc {
    id: "deleteBroadcast",
    summary: "Throw a draft away",
    text: "Only a draft can be thrown away; for others the answer is 409.",
    query: &[],
    body: None,
    answers: &[Answer::empty("It is gone.")],
};
/// The routes of broadcasts.
#[must_use]
pub fn rows() -> Vec<Row> {
    let own = vec![
        Row::key(Method::Get, ALL, READ, &INDEX, index),
        Row::key(Method::Get, ONE, READ, &GET, get),
        Row::key(Method::Delete, ONE, WRITE, &DELETE, remove),
    ];
    [own, write::rows(), acts::rows(), recipients::rows()].concat()
}

/// `GET /api/v1/broadcasts`
async fn index(call: Call, _holder: Holder) -> Result<Response, Problem> {
    let query = Query::of(&call, &["state", "cursor", "limit"])?;
    let state = query.get("state").map(|word| BroadcastStatus::parse(word).ok_or_else(no_state)).transpose()?;
    let (before, limit) = (query.cursor::<u64>("cursor", List::Broadcasts)?.map(BroadcastId), query.limit()?);
    let (rows, more) = call.state().store().read(|read| {
        let mut rows = store::broadcasts::list(read, state, before, limit + 1)?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let last = rows.last().map(|(id, _)| *id).filter(|_| more);
        let shown = rows.into_iter().map(|(id, row)| show(read, id, &row)).collect::<Result<Vec<Value>, _>>()?;
        Ok::<_, Problem>((shown, last))
    })?;
    Ok(seen(&call, &page(rows, more.map(|id| (List::Broadcasts, id.to_string())))))
}

fn no_state() -> Problem {
    let words = BroadcastStatus::ALL.map(BroadcastStatus::word).join(", ");
    wrong::invalid("state", format!("A state is one of these: {words}."))
}

/// `GET /api/v1/broadcasts/{id}`
async fn get(call: Call, _holder: Holder) -> Result<Response, Problem> {
    let (id, row) = existing(&call)?;
    let shown = call.state().store().read(|read| show(read, id, &row))?;
    Ok(seen(&call, &shown))
}

/// The broadcast of the path.
fn existing(call: &Call) -> Result<(BroadcastId, Broadcast), Problem> {
    let id = call.id::<BroadcastId>("id")?;
    let row = call.state().store().read(|read| store::broadcasts::get(read, id))?;
    Ok((id, row.ok_or_else(|| Refusal::not_found("There is no such broadcast."))?))
}

/// `DELETE /api/v1/broadcasts/{id}`
async fn remove(call: Call, holder: Holder) -> Result<Response, Problem> {
    let (id, _) = existing(&call)?;
    call.state().store().write(move |tx| broadcasts::remove(tx, &holder.caller(), id)).await?;
    Ok(nothing())
}

fn answer(call: &Call, status: u16, outcome: &Outcome) -> Result<Response, Problem> {
    let Outcome::Broadcast(id) = outcome else { return Err(wrong::other_request()) };
    let shown = call.state().store().read(|read| match store::broadcasts::get(read, *id)? {
        Some(row) => show(read, *id, &row).map(Some),
        None => Ok(None),
    })?;
    let shown = shown.ok_or_else(|| Problem::from(Refusal::not_found("This broadcast has been removed since.")))?;
    Ok(json(status, &shown))
}
