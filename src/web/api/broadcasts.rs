//! `/api/v1/broadcasts`: written, started now or later, watched, paused, resumed, cancelled, sent again.

mod recipients;
mod shown;

use serde_json::Value;
use tide::http::Method;

use super::super::{Call, Problem, Response, Row};
use super::answer::{json, nothing, page, seen};
use super::body::{self, Fields};
use super::content::{self, said};
use super::cursor::List;
use super::doc::{Answer, CURSOR, Doc, LIMIT, Param, Sent};
use super::query::Query;
use super::repeat::{marked, once};
use super::wrong;
use crate::actions::broadcasts::audience::{self, size};
use crate::actions::broadcasts::{self, Approval, Draft};
use crate::actions::keys::Holder;
use crate::actions::{Caller, Error, Refusal};
use crate::clock::Timestamp;
use crate::ids::BroadcastId;
use crate::model::api_key::{Area, Deed, Need};
use crate::model::broadcast::{Audience, Broadcast, BroadcastStatus};
use crate::model::delivery::Standing;
use crate::model::repeat::Outcome;
use crate::runtime;
use crate::store::{self, Tx};
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
];
/// What comes back when a broadcast was changed.
const CHANGED: &[Answer] = &[Answer::json(200, "Broadcast", "The broadcast as it is now.")];

const CREATE: Doc = Doc {
    id: "createBroadcast",
    summary: "Write a broadcast",
    text: "It is a draft until it is started. `{username}` and `{name}` in its text are filled in for each account. With a picture \
           the request is `multipart/form-data`: the object in the part `json`, the file in the part `photo`.",
    query: &[],
    body: Some(Sent::json("NewBroadcast", r#"{"text": "Hello {name}", "audience": {"tags": {"any": ["vip"]}}}"#)),
    answers: &[Answer::json(201, "Broadcast", "The draft.")],
};
const INDEX: Doc = Doc {
    id: "listBroadcasts",
    summary: "List broadcasts",
    text: "The newest first.",
    query: &[Param::text("state", "Only those in this state."), CURSOR, LIMIT],
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
const START: Doc = Doc {
    id: "startBroadcast",
    summary: "Start a broadcast",
    text: "Now, or `at` a moment to come. With `chats` it starts only when the audience has exactly so many chats.",
    query: &[],
    body: Some(Sent::json("StartBroadcast", r#"{"chats": 128}"#)),
    answers: CHANGED,
};

const fn act(id: &'static str, summary: &'static str, text: &'static str, answers: &'static [Answer]) -> Doc {
    Doc { id, summary, text, query: &[], body: None, answers }
}

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

/// The routes of broadcasts.
#[must_use]
pub fn rows() -> Vec<Row> {
    let own = vec![
        Row::key(Method::Post, ALL, WRITE, &CREATE, create),
        Row::key(Method::Get, ALL, READ, &INDEX, index),
        Row::key(Method::Get, ONE, READ, &GET, get),
        Row::key(Method::Delete, ONE, WRITE, &DELETE, remove),
        Row::key(Method::Post, "/api/v1/broadcasts/:id/start", WRITE, &START, start),
        Row::key(Method::Post, "/api/v1/broadcasts/:id/pause", WRITE, &PAUSE, pause),
        Row::key(Method::Post, "/api/v1/broadcasts/:id/resume", WRITE, &RESUME, resume),
        Row::key(Method::Post, "/api/v1/broadcasts/:id/cancel", WRITE, &CANCEL, cancel),
        Row::key(Method::Post, "/api/v1/broadcasts/:id/retry-failed", WRITE, &FAILED, retry_failed),
        Row::key(Method::Post, "/api/v1/broadcasts/:id/retry-uncertain", WRITE, &UNCERTAIN, retry_uncertain),
    ];
    [own, recipients::rows()].concat()
}

/// `POST /api/v1/broadcasts`
async fn create(mut call: Call, holder: Holder) -> Result<Response, Problem> {
    let mut parcel = content::parcel(&mut call).await?;
    let mut body = said(&mut parcel.fields)?;
    let store = call.state().store();
    let audience = wanted(&mut parcel.fields)?;
    let audience = store.read(|read| match audience {
        Wanted::Audience(audience) => Ok(audience),
        Wanted::Usernames(names) => audience::picked(read, &names.join("\n")),
    });
    let audience = audience.map_err(|error| wrong::refused(error, NAMES))?;
    let rate = parcel.fields.count("rate")?.map(u32::try_from).transpose();
    let rate = rate.map_err(|_| wrong::invalid("rate", "This is too fast."))?;
    let paid = parcel.fields.flag("paid")?;
    std::mem::replace(&mut parcel.fields, Fields::empty()).done()?;
    body.photo = parcel.keep(&call, &holder).await?;
    let draft = Draft { body, audience, rate, paid };
    let (caller, config) = (holder.caller(), call.state().config().clone());
    let effect = move |tx: &mut Tx<'_>| Ok(Outcome::Broadcast(broadcasts::create(tx, &caller, &config, &draft)?));
    let (outcome, when) = once(&call, &holder, &parcel.bytes, NAMES, effect).await?;
    Ok(marked(answer(&call, 201, &outcome)?, when))
}

/// For whom a broadcast is to be, before names are looked up.
enum Wanted {
    Audience(Audience),
    Usernames(Vec<String>),
}

fn wanted(fields: &mut Fields) -> Result<Wanted, Problem> {
    let mut given = fields.object("audience")?.ok_or_else(|| wrong::missing("audience"))?;
    let everyone = given.flag("all")?;
    let tags = given.object("tags")?;
    let names = given.texts("usernames")?;
    given.done()?;
    match (everyone, tags, names) {
        (true, None, None) => Ok(Wanted::Audience(Audience::Everyone)),
        (false, None, Some(names)) => Ok(Wanted::Usernames(names)),
        (false, Some(mut tags), None) => {
            let mut list = |name: &str| Ok::<_, Problem>(tags.texts(name)?.unwrap_or_default().join(","));
            let (all, any, none) = (list("all")?, list("any")?, list("none")?);
            tags.done()?;
            let audience = audience::tags(&all, &any, &none);
            Ok(Wanted::Audience(audience.map_err(|refusal| wrong::refused(refusal.into(), NAMES))?))
        }
        _ => Err(wrong::invalid("audience", "Give one of these: {\"all\": true}, tags or usernames.")),
    }
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

/// `POST /api/v1/broadcasts/{id}/start`
async fn start(mut call: Call, holder: Holder) -> Result<Response, Problem> {
    let (id, row) = existing(&call)?;
    let (mut fields, bytes) = body::optional(&mut call).await?;
    let chats = fields.count("chats")?;
    let at = fields.text("at")?.map(|text| text.parse::<jiff::Timestamp>()).transpose();
    let at = at.map_err(|_| wrong::invalid("at", "A moment is written as 2026-11-22T19:00:00Z."))?;
    let at = at.map(|at| Timestamp(at.as_millisecond()));
    fields.done()?;
    let store = call.state().store().clone();
    let counted = runtime::blocking(move || size(&store, &row.audience)).await?.chats;
    // A program that names no number has looked as much as it wants to.
    let approval = Approval { chats: counted, typed: Some(chats.unwrap_or(counted)) };
    let run = move |tx: &mut Tx<'_>, caller: &Caller| match at {
        Some(at) => broadcasts::schedule(tx, caller, id, at, approval),
        None => broadcasts::start(tx, caller, id, approval),
    };
    change(&call, &holder, (id, &bytes), run).await
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
    change(&call, &holder, (id, &bytes), move |tx, caller| step(tx, caller, id)).await
}

async fn change(
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

fn answer(call: &Call, status: u16, outcome: &Outcome) -> Result<Response, Problem> {
    let Outcome::Broadcast(id) = outcome else { return Err(wrong::other_request()) };
    let shown = call.state().store().read(|read| match store::broadcasts::get(read, *id)? {
        Some(row) => show(read, *id, &row).map(Some),
        None => Ok(None),
    })?;
    let shown = shown.ok_or_else(|| Problem::from(Refusal::not_found("This broadcast has been removed since.")))?;
    Ok(json(status, &shown))
}
