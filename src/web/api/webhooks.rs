//! `/api/v1/webhooks`: where events go, for websites that can receive them. An endpoint's secret is told when it is made or
//! changed, and never again here.

use serde_json::{Map, Value, json};
use tide::http::Method;

use super::super::{Call, Problem, Response, Row, State};
use super::answer::{json as answer, nothing, page, seen};
use super::body::{self, Fields};
use super::cursor::List;
use super::doc::{Answer, CURSOR, Doc, LIMIT, Sent};
use super::query::Query;
use super::repeat::{marked, once};
use super::{shape, wrong};
use crate::actions::keys::Holder;
use crate::actions::webhooks::{self, Change, NewEndpoint, Shown};
use crate::actions::{Error, Refusal};
use crate::ids::{AttemptId, EndpointId, EventId};
use crate::model::api_key::{Area, Deed, Need};
use crate::model::repeat::Outcome;
use crate::model::webhook::{Attempt, Chosen, SigningSecret, State as EndpointState, Why};
use crate::store::Tx;

const ALL: &str = "/api/v1/webhooks";
const ONE: &str = "/api/v1/webhooks/:id";
const READ: Need = Need(Area::Webhooks, Deed::Read);
const WRITE: Need = Need(Area::Webhooks, Deed::Write);

const INDEX: Doc = Doc {
    id: "listWebhooks",
    summary: "List webhook endpoints",
    text: "The oldest first; there are few, so all of them come at once.",
    query: &[],
    body: None,
    answers: &[Answer::json(200, "WebhookPage", "The endpoints.")],
};
const CREATE: Doc = Doc {
    id: "createWebhook",
    summary: "Make a webhook endpoint",
    text: "It gets what happens from now on, signed as Standard Webhooks 1.0 says: keep `secret`, it is told here only. The address \
           begins with https:// and is on the public internet, unless the operator allows it by name. Without `events` all events come: \
           whoever may write `webhooks` can have every event sent to an address of theirs, also without the scope `events`.",
    query: &[],
    body: Some(Sent::json(
        "NewWebhook",
        r#"{"url": "https://example.org/webhooks", "events": ["link.used", "message.received"]}"#,
    )),
    answers: &[Answer::json(201, "WebhookWithSecret", "The endpoint.")],
};
const GET: Doc = Doc {
    id: "getWebhook",
    summary: "Look at a webhook endpoint",
    text: "`waiting` counts the events that are tried again or wait behind one of the same account that is.",
    query: &[],
    body: None,
    answers: &[Answer::json(200, "Webhook", "The endpoint.")],
};
const PATCH: Doc = Doc {
    id: "patchWebhook",
    summary: "Change a webhook endpoint",
    text: "What is left out stays as it is. `events` as null chooses all events. What waits already goes to the new address at once.",
    query: &[],
    body: Some(Sent::json("WebhookChange", r#"{"events": null}"#)),
    answers: &[Answer::json(200, "Webhook", "The endpoint as it is now.")],
};
const DELETE: Doc = Doc {
    id: "deleteWebhook",
    summary: "Delete a webhook endpoint",
    text: "What waits for it is not delivered any more.",
    query: &[],
    body: None,
    answers: &[Answer::empty("It is gone.")],
};
const ROTATE: Doc = Doc {
    id: "rotateWebhookSecret",
    summary: "Give a webhook endpoint another secret",
    text: "The secret before it signs along for 24 hours: the header `webhook-signature` holds both signatures until then.",
    query: &[],
    body: None,
    answers: &[Answer::json(200, "WebhookWithSecret", "The endpoint with its new secret.")],
};
const ENABLE: Doc = Doc {
    id: "enableWebhook",
    summary: "Switch a webhook endpoint on",
    text: "What happened while it was off is delivered in order; after more than 3 days it begins with what happens now.",
    query: &[],
    body: None,
    answers: &[Answer::json(200, "Webhook", "The endpoint as it is now.")],
};
const DISABLE: Doc = Doc {
    id: "disableWebhook",
    summary: "Switch a webhook endpoint off",
    text: "What happens meanwhile is kept for 3 days.",
    query: &[],
    body: None,
    answers: &[Answer::json(200, "Webhook", "The endpoint as it is now.")],
};
const TEST: Doc = Doc {
    id: "testWebhook",
    summary: "Try a webhook endpoint",
    text: "Sends an event of the type `webhook.test`, once. What came of it stands in the attempts under the number told here.",
    query: &[],
    body: None,
    answers: &[Answer::json(202, "WebhookEvent", "The event is on its way.")],
};
const AGAIN: Doc = Doc {
    id: "redeliverWebhook",
    summary: "Send an event to a webhook endpoint again",
    text: "Any event that is kept, also one that was delivered, given up, or not chosen. Its header `webhook-id` is the same each time.",
    query: &[],
    body: Some(Sent::json("Redelivery", r#"{"event_id": 125}"#)),
    answers: &[Answer::json(202, "WebhookEvent", "The event is on its way.")],
};
const ATTEMPTS: Doc = Doc {
    id: "listWebhookAttempts",
    summary: "What came of attempts",
    text: "The newest first: the last 500 of 7 days at most. What an endpoint answered is not kept but for its status.",
    query: &[CURSOR, LIMIT],
    body: None,
    answers: &[Answer::json(200, "WebhookAttemptPage", "The attempts.")],
};

/// The routes of webhook endpoints.
#[must_use]
pub fn rows() -> Vec<Row> {
    vec![
        Row::key(Method::Get, ALL, READ, &INDEX, index),
        Row::key(Method::Post, ALL, WRITE, &CREATE, create),
        Row::key(Method::Get, ONE, READ, &GET, get),
        Row::key(Method::Patch, ONE, WRITE, &PATCH, patch),
        Row::key(Method::Delete, ONE, WRITE, &DELETE, delete),
        Row::key(Method::Post, "/api/v1/webhooks/:id/rotate", WRITE, &ROTATE, rotate),
        Row::key(Method::Post, "/api/v1/webhooks/:id/enable", WRITE, &ENABLE, enable),
        Row::key(Method::Post, "/api/v1/webhooks/:id/disable", WRITE, &DISABLE, disable),
        Row::key(Method::Post, "/api/v1/webhooks/:id/test", WRITE, &TEST, test),
        Row::key(Method::Post, "/api/v1/webhooks/:id/redeliver", WRITE, &AGAIN, redeliver),
        Row::key(Method::Get, "/api/v1/webhooks/:id/attempts", READ, &ATTEMPTS, attempts),
    ]
}

/// `GET /api/v1/webhooks`
async fn index(call: Call, _holder: Holder) -> Result<Response, Problem> {
    Query::of(&call, &[])?;
    let all = call.state().store().read(webhooks::list)?;
    Ok(seen(&call, &page(all.iter().map(look).map(Value::Object).collect(), None)))
}

/// `POST /api/v1/webhooks`
async fn create(mut call: Call, holder: Holder) -> Result<Response, Problem> {
    let (mut fields, bytes) = body::object(&mut call).await?;
    let url = fields.needed("url")?;
    let name = fields.text("name")?.unwrap_or_default();
    let asked = NewEndpoint { name, url, events: fields.texts("events")? };
    fields.done()?;
    let (caller, allow) = (holder.caller(), call.state().config().webhook_allow.value.clone());
    let effect = move |tx: &mut Tx<'_>| Ok(Outcome::Endpoint(webhooks::create(tx, &caller, &allow, &asked)?.0));
    let (outcome, when) = once(&call, &holder, &bytes, &[], effect).await?;
    let Outcome::Endpoint(id) = outcome else { return Err(wrong::other_request()) };
    Ok(marked(answer(201, &with_secret(call.state(), id)?), when))
}

/// `GET /api/v1/webhooks/{id}`
async fn get(call: Call, _holder: Holder) -> Result<Response, Problem> {
    let id = call.id::<EndpointId>("id")?;
    Ok(seen(&call, &one(call.state(), id)?))
}

/// `PATCH /api/v1/webhooks/{id}`
async fn patch(mut call: Call, holder: Holder) -> Result<Response, Problem> {
    let id = call.id::<EndpointId>("id")?;
    let (mut fields, _) = body::object(&mut call).await?;
    let change = changed(&mut fields)?;
    fields.done()?;
    let allow = call.state().config().webhook_allow.value.clone();
    call.state().store().write(move |tx| webhooks::edit(tx, &holder.caller(), &allow, id, &change)).await?;
    Ok(answer(200, &one(call.state(), id)?))
}

fn changed(fields: &mut Fields) -> Result<Change, Problem> {
    let all = fields.is_null("events").then_some(None);
    let events = fields.texts("events")?.map(Some).or(all);
    let name = if fields.is_null("name") { Some(String::new()) } else { None };
    Ok(Change { name: fields.text("name")?.or(name), url: fields.text("url")?, events })
}

/// `DELETE /api/v1/webhooks/{id}`
async fn delete(call: Call, holder: Holder) -> Result<Response, Problem> {
    let id = call.id::<EndpointId>("id")?;
    call.state().store().write(move |tx| webhooks::delete(tx, &holder.caller(), id)).await?;
    Ok(nothing())
}

/// `POST /api/v1/webhooks/{id}/rotate`
async fn rotate(call: Call, holder: Holder) -> Result<Response, Problem> {
    let caller = holder.caller();
    let act = move |tx: &mut Tx<'_>, id| webhooks::rotate(tx, &caller, id).map(|_| Outcome::Endpoint(id));
    act_on(call, holder, act, |state, id| Ok(answer(200, &with_secret(state, id)?))).await
}

/// `POST /api/v1/webhooks/{id}/enable`
async fn enable(call: Call, holder: Holder) -> Result<Response, Problem> {
    let caller = holder.caller();
    let act = move |tx: &mut Tx<'_>, id| webhooks::switch_on(tx, &caller, id).map(|_| Outcome::Endpoint(id));
    act_on(call, holder, act, |state, id| Ok(answer(200, &one(state, id)?))).await
}

/// `POST /api/v1/webhooks/{id}/disable`
async fn disable(call: Call, holder: Holder) -> Result<Response, Problem> {
    let caller = holder.caller();
    let act = move |tx: &mut Tx<'_>, id| webhooks::switch_off(tx, &caller, id).map(|_| Outcome::Endpoint(id));
    act_on(call, holder, act, |state, id| Ok(answer(200, &one(state, id)?))).await
}

/// What a request without a body asks of an endpoint, and what is answered.
async fn act_on(
    mut call: Call,
    holder: Holder,
    act: impl Fn(&mut Tx<'_>, EndpointId) -> Result<Outcome, Error> + Send + 'static,
    show: impl Fn(&State, EndpointId) -> Result<Response, Problem>,
) -> Result<Response, Problem> {
    let id = call.id::<EndpointId>("id")?;
    let (fields, bytes) = body::optional(&mut call).await?;
    fields.done()?;
    let (outcome, when) = once(&call, &holder, &bytes, &[], move |tx| act(tx, id)).await?;
    let Outcome::Endpoint(id) = outcome else { return Err(wrong::other_request()) };
    Ok(marked(show(call.state(), id)?, when))
}

/// `POST /api/v1/webhooks/{id}/test`
async fn test(mut call: Call, holder: Holder) -> Result<Response, Problem> {
    let id = call.id::<EndpointId>("id")?;
    let (fields, bytes) = body::optional(&mut call).await?;
    fields.done()?;
    let caller = holder.caller();
    let effect = move |tx: &mut Tx<'_>| Ok(Outcome::Event(id, webhooks::test(tx, &caller, id)?));
    sent(&call, &holder, &bytes, effect).await
}

/// `POST /api/v1/webhooks/{id}/redeliver`
async fn redeliver(mut call: Call, holder: Holder) -> Result<Response, Problem> {
    let id = call.id::<EndpointId>("id")?;
    let (mut fields, bytes) = body::object(&mut call).await?;
    let event = fields.count("event_id")?.map(EventId).ok_or_else(|| wrong::missing("event_id"))?;
    fields.done()?;
    let caller = holder.caller();
    let effect = move |tx: &mut Tx<'_>| {
        webhooks::send_again(tx, &caller, id, event)?;
        Ok(Outcome::Event(id, event))
    };
    sent(&call, &holder, &bytes, effect).await
}

async fn sent(
    call: &Call,
    holder: &Holder,
    bytes: &[u8],
    effect: impl FnMut(&mut Tx<'_>) -> Result<Outcome, Error> + Send + 'static,
) -> Result<Response, Problem> {
    let (outcome, when) = once(call, holder, bytes, &[], effect).await?;
    let Outcome::Event(id, event) = outcome else { return Err(wrong::other_request()) };
    Ok(marked(answer(202, &json!({ "webhook_id": id.0, "event_id": event.0 })), when))
}

/// `GET /api/v1/webhooks/{id}/attempts`
async fn attempts(call: Call, _holder: Holder) -> Result<Response, Problem> {
    let id = call.id::<EndpointId>("id")?;
    let query = Query::of(&call, &["cursor", "limit"])?;
    let before = query.cursor::<u64>("cursor", List::Attempts)?.map(AttemptId);
    let limit = query.limit()?;
    let rows = call.state().store().read(|read| {
        webhooks::find(read, id)?.ok_or_else(unknown)?;
        Ok::<_, Problem>(webhooks::attempts(read, id, before, limit)?)
    })?;
    let next = rows.last().filter(|_| rows.len() == limit).map(|(number, _)| (List::Attempts, number.to_string()));
    Ok(seen(&call, &page(rows.iter().map(|(_, row)| attempt(row)).collect(), next)))
}

fn unknown() -> Problem {
    Refusal::not_found("There is no such webhook endpoint.").into()
}

fn one(state: &State, id: EndpointId) -> Result<Value, Problem> {
    let shown = state.store().read(|read| webhooks::find(read, id))?;
    Ok(Value::Object(look(&shown.ok_or_else(unknown)?)))
}

/// An endpoint with its secret, for whoever made or changed it, also when they ask again because the answer was lost.
fn with_secret(state: &State, id: EndpointId) -> Result<Value, Problem> {
    let found = state.store().read(|read| {
        let Some(shown) = webhooks::find(read, id)? else { return Ok::<_, Problem>(None) };
        let secret = crate::store::webhooks::secret(read, &shown.endpoint.secret_sealed);
        Ok(Some((look(&shown), secret)))
    })?;
    let (mut shown, secret) = found.ok_or_else(unknown)?;
    shown.insert("secret".to_owned(), secret.as_ref().map(SigningSecret::expose).into());
    Ok(Value::Object(shown))
}

fn look(shown: &Shown) -> Map<String, Value> {
    let Shown { id, endpoint, progress, next_try } = shown;
    let (off_since, reason) = match &endpoint.state {
        EndpointState::Active => (None, None),
        EndpointState::Off { at, why } => (Some(*at), Some(why)),
    };
    let detail = reason.map(|why| match why {
        Why::Asked(_) => "It was switched off on request.".to_owned(),
        Why::Gone => "It answered 410: it wants no more.".to_owned(),
        Why::Failing { last, .. } => {
            format!("Every attempt had failed for a day; the last time, {}.", last.words())
        }
    });
    let events = match &endpoint.events {
        Chosen::All => None,
        Chosen::Only(names) => Some(names.clone()),
    };
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    put("id", id.0.into());
    put("name", endpoint.name.clone().into());
    put("url", endpoint.url.clone().into());
    put("events", events.into());
    put("state", endpoint.state.word().into());
    put("off_since", shape::moment(off_since));
    put("detail", detail.into());
    put("created_at", endpoint.created.rfc3339().into());
    put("failing_since", shape::moment(progress.failing));
    put("last_delivered_at", shape::moment(progress.delivered));
    put("waiting", progress.waiting.into());
    put("next_try_at", shape::moment(*next_try));
    put("previous_secret_until", shape::moment(endpoint.previous.as_ref().map(|(_, until)| *until)));
    fields
}

fn attempt(row: &Attempt) -> Value {
    json!({
        "event_id": row.event.0,
        "test": row.is_test,
        "number": row.number,
        "at": row.at.rfc3339(),
        "outcome": row.outcome.word(),
        "detail": row.outcome.words(),
        "status": row.status,
        "took_ms": row.took_ms,
    })
}
