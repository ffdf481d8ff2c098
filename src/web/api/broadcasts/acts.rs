//! What is done with a broadcast once it is written: tried, started now or later, paused, resumed, cancelled, sent again.

use serde_json::Value;
use tide::http::Method;

use super::super::super::{Call, Problem, Response, Row};
use super::super::answer::json;
use super::super::doc::{Answer, Doc, Sent};
use super::super::repeat::{marked, once};
use super::super::{body, messages, wrong};
use super::{CHANGED, NAMES, WRITE, answer, existing};
use crate::actions::broadcasts::audience::size;
use crate::actions::broadcasts::{self, Approval, Revision};
use crate::actions::keys::Holder;
use crate::actions::{Caller, Error};
use crate::clock::Timestamp;
use crate::ids::BroadcastId;
use crate::model::account::Username;
use crate::model::delivery::Standing;
use crate::model::repeat::Outcome;
use crate::runtime;
use crate::store::Tx;

const START: Doc = Doc {
    id: "startBroadcast",
    summary: "Start a broadcast",
    text: "Now, or `at` a moment to come; one that is scheduled gets another moment so. With `chats` it starts only when the \
           audience has exactly so many chats, with `revision` only when nobody changed it since that was read.",
    query: &[],
    body: Some(Sent::json("StartBroadcast", r#"{"chats": 128}"#).optional()),
    answers: CHANGED,
};

const fn act(id: &'static str, summary: &'static str, text: &'static str, answers: &'static [Answer]) -> Doc {
    Doc { id, summary, text, query: &[], body: None, answers }
}

const TEST: Doc = Doc {
    id: "testBroadcast",
    summary: "Send it to one account to see it",
    text: "As that account would get it, its names filled in. It is a message of its own and counts for no broadcast.",
    query: &[],
    body: Some(Sent::json("TestBroadcast", r#"{"to": {"username": "ada"}}"#)),
    answers: &[Answer::json(202, "Message", "The message with its deliveries.")],
};
const UNSCHEDULE: Doc =
    act("unscheduleBroadcast", "Take a broadcast off the schedule", "It is a draft again.", CHANGED);
const PAUSE: Doc = act("pauseBroadcast", "Pause a broadcast", "What is on its way arrives.", CHANGED);
const RESUME: Doc = act("resumeBroadcast", "Let a paused broadcast go on", "", CHANGED);
const CANCEL: Doc = act("cancelBroadcast", "Cancel a broadcast", "What left before, left.", CHANGED);
const DRAFTED: &[Answer] = &[Answer::json(201, "Broadcast", "A draft for them. Asked again, the same draft is found.")];
const FAILED: Doc = act(
    "retryFailed",
    "Send again to those it failed for",
    "Only when the broadcast is over. The draft is started like any other.",
    DRAFTED,
);
const UNCERTAIN: Doc = act(
    "retryUncertain",
    "Send again to those it is uncertain for",
    "Only when the broadcast is over. Some of them may get it twice. The draft is started like any other.",
    DRAFTED,
);

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::key(Method::Post, "/api/v1/broadcasts/:id/start", WRITE, &START, start),
        Row::key(Method::Post, "/api/v1/broadcasts/:id/unschedule", WRITE, &UNSCHEDULE, unschedule),
        Row::key(Method::Post, "/api/v1/broadcasts/:id/test", WRITE, &TEST, test),
        Row::key(Method::Post, "/api/v1/broadcasts/:id/pause", WRITE, &PAUSE, pause),
        Row::key(Method::Post, "/api/v1/broadcasts/:id/resume", WRITE, &RESUME, resume),
        Row::key(Method::Post, "/api/v1/broadcasts/:id/cancel", WRITE, &CANCEL, cancel),
        Row::key(Method::Post, "/api/v1/broadcasts/:id/retry-failed", WRITE, &FAILED, retry_failed),
        Row::key(Method::Post, "/api/v1/broadcasts/:id/retry-uncertain", WRITE, &UNCERTAIN, retry_uncertain),
    ]
}

/// `POST /api/v1/broadcasts/{id}/start`
async fn start(mut call: Call, holder: Holder) -> Result<Response, Problem> {
    let (id, row) = existing(&call)?;
    let (mut fields, bytes) = body::optional(&mut call).await?;
    let chats = fields.count("chats")?;
    let at = fields.text("at")?.map(|text| text.parse::<jiff::Timestamp>()).transpose();
    let at = at.map_err(|_| wrong::invalid("at", "A moment is written as 2026-11-22T19:00:00Z."))?;
    let at = at.map(|at| Timestamp(at.as_millisecond()));
    let revision =
        fields.text("revision")?.map(|text| Revision::parse(&text).ok_or_else(other_revision)).transpose()?;
    fields.done()?;
    // What is counted is what starts, and nothing that it was changed into meanwhile.
    let now = call.state().store().read(|read| broadcasts::revision(read, id, &row))?;
    let store = call.state().store().clone();
    let counted = runtime::blocking(move || size(&store, &row.audience)).await?.chats;
    // A program that names no number has looked as much as it wants to.
    let (typed, revision) = (Some(chats.unwrap_or(counted)), Some(revision.unwrap_or(now)));
    let approval = Approval { chats: counted, typed, revision };
    let run = move |tx: &mut Tx<'_>, caller: &Caller| match at {
        Some(at) => broadcasts::schedule(tx, caller, id, at, approval),
        None => broadcasts::start(tx, caller, id, approval),
    };
    step(&call, &holder, (id, &bytes), run).await
}

fn other_revision() -> Problem {
    wrong::invalid("revision", "This is no revision. Take it from the field \"revision\" of the broadcast.")
}

/// `POST /api/v1/broadcasts/{id}/unschedule`
async fn unschedule(call: Call, holder: Holder) -> Result<Response, Problem> {
    plain(call, holder, broadcasts::unschedule).await
}

/// `POST /api/v1/broadcasts/{id}/test`
async fn test(mut call: Call, holder: Holder) -> Result<Response, Problem> {
    let (id, _) = existing(&call)?;
    let (mut fields, bytes) = body::object(&mut call).await?;
    let mut to = fields.object("to")?.ok_or_else(|| wrong::missing("to"))?;
    let username = Username::parse(&to.needed("username")?);
    let username = username.map_err(|error| wrong::invalid("to.username", error.to_string()))?;
    to.done()?;
    fields.done()?;
    let caller = holder.caller();
    let effect = move |tx: &mut Tx<'_>| Ok(Outcome::Message(broadcasts::test_on(tx, &caller, id, &username)?));
    let (outcome, when) = once(&call, &holder, &bytes, NAMES, effect).await?;
    let Outcome::Message(message) = outcome else { return Err(wrong::other_request()) };
    let shown = call.state().store().read(|read| messages::show(read, message))?;
    Ok(marked(json(202, &shown.unwrap_or(Value::Null)), when))
}

/// `POST /api/v1/broadcasts/{id}/pause`
async fn pause(call: Call, holder: Holder) -> Result<Response, Problem> {
    plain(call, holder, broadcasts::pause).await
}

/// `POST /api/v1/broadcasts/{id}/resume`
async fn resume(call: Call, holder: Holder) -> Result<Response, Problem> {
    plain(call, holder, broadcasts::resume).await
}

/// `POST /api/v1/broadcasts/{id}/cancel`
async fn cancel(call: Call, holder: Holder) -> Result<Response, Problem> {
    plain(call, holder, broadcasts::cancel).await
}

type Step = fn(&mut Tx<'_>, &Caller, BroadcastId) -> Result<(), Error>;

/// A step that needs nothing but the broadcast.
async fn plain(mut call: Call, holder: Holder, step: Step) -> Result<Response, Problem> {
    let (id, _) = existing(&call)?;
    let (fields, bytes) = body::optional(&mut call).await?;
    fields.done()?;
    self::step(&call, &holder, (id, &bytes), move |tx, caller| step(tx, caller, id)).await
}

async fn step(
    call: &Call,
    holder: &Holder,
    (id, bytes): (BroadcastId, &[u8]),
    mut step: impl FnMut(&mut Tx<'_>, &Caller) -> Result<(), Error> + Send + 'static,
) -> Result<Response, Problem> {
    let caller = holder.caller();
    let effect = move |tx: &mut Tx<'_>| {
        step(tx, &caller)?;
        Ok(Outcome::Broadcast(id))
    };
    let (outcome, when) = once(call, holder, bytes, NAMES, effect).await?;
    Ok(marked(answer(call, 200, &outcome)?, when))
}

/// `POST /api/v1/broadcasts/{id}/retry-failed`
async fn retry_failed(call: Call, holder: Holder) -> Result<Response, Problem> {
    again(call, holder, Standing::Failed).await
}

/// `POST /api/v1/broadcasts/{id}/retry-uncertain`
async fn retry_uncertain(call: Call, holder: Holder) -> Result<Response, Problem> {
    again(call, holder, Standing::Uncertain).await
}

async fn again(mut call: Call, holder: Holder, ended: Standing) -> Result<Response, Problem> {
    let (id, _) = existing(&call)?;
    let (fields, bytes) = body::optional(&mut call).await?;
    fields.done()?;
    let caller = holder.caller();
    let effect = move |tx: &mut Tx<'_>| Ok(Outcome::Broadcast(broadcasts::again(tx, &caller, id, ended)?));
    let (outcome, when) = once(&call, &holder, &bytes, NAMES, effect).await?;
    Ok(marked(answer(&call, 201, &outcome)?, when))
}
