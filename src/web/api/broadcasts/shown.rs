//! A broadcast as the API shows it.

use serde_json::{Map, Value, json};

use super::super::{content, questions, shape};
use crate::actions::broadcasts::revision;
use crate::ids::BroadcastId;
use crate::model::account::Tag;
use crate::model::broadcast::{Audience, Broadcast, BroadcastState, Figures, Pause};
use crate::model::delivery::Standing;
use crate::store::{Read, StoreError, broadcasts};

/// The broadcast with what it says and how far it is.
pub(super) fn show(read: &impl Read, id: BroadcastId, row: &Broadcast) -> Result<Value, StoreError> {
    let body = broadcasts::body(read, id)?;
    let figures = broadcasts::figures(read, id)?;
    let mut shown = Map::new();
    let mut put = |name: &str, value: Value| shown.insert(name.to_owned(), value);
    put("id", id.0.into());
    put("state", row.status().word().into());
    let (pause, scheduled) = match &row.state {
        BroadcastState::Paused { why, .. } => (paused(why), None),
        BroadcastState::Scheduled { at } => (Value::Null, Some(*at)),
        BroadcastState::Draft
        | BroadcastState::Preparing
        | BroadcastState::Sending
        | BroadcastState::Done { .. }
        | BroadcastState::Cancelled { .. } => (Value::Null, None),
    };
    put("pause", pause);
    put("created_at", row.created.rfc3339().into());
    put("scheduled_at", shape::moment(scheduled));
    put("started_at", shape::moment(row.started));
    put("ended_at", shape::moment(row.state.ended()));
    put("audience", audience(&row.audience));
    put("rate", row.rate.into());
    put("paid", row.paid.into());
    put("revision", revision(read, id, row)?.to_string().into());
    for (name, value) in content::shown(read, body.as_ref())? {
        put(name, value);
    }
    put("chats", figures.rows.into());
    put("accounts", figures.accounts.into());
    put("reached_accounts", figures.reached.into());
    put("counts", counts(&figures));
    put("question", questions::of_broadcast(body.as_ref(), row.started, &figures));
    Ok(shown.into())
}

fn counts(figures: &Figures) -> Value {
    let each = Standing::ALL.into_iter().map(|standing| (standing.word().to_owned(), figures.count(standing).into()));
    Value::Object(each.collect())
}

fn paused(why: &Pause) -> Value {
    let detail = match why {
        Pause::Person => None,
        Pause::Markup(words) => Some(words.clone()),
        Pause::Missed(at) => Some(at.rfc3339()),
    };
    json!({ "reason": why.word(), "detail": detail })
}

fn audience(audience: &Audience) -> Value {
    let words = |tags: &[Tag]| tags.iter().map(Tag::as_str).map(Value::from).collect::<Vec<_>>();
    match audience {
        Audience::Everyone => json!({ "all": true }),
        Audience::Tags(filter) => json!({
            "tags": { "all": words(&filter.all), "any": words(&filter.any), "none": words(&filter.none) },
        }),
        Audience::Picked(ids) => json!({ "picked": ids.len() }),
        Audience::Again { of, ended } => json!({ "again": { "broadcast_id": of.0, "state": ended.word() } }),
    }
}
