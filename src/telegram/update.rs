//! One update at a time: what cannot be understood still yields its id, so that it can be confirmed and passed by.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::types::{CallbackQuery, MembershipChange, Message};
use crate::ids::UpdateId;

/// The kinds of update to ask for, named on every start: without them Telegram keeps what another tool has set.
pub const ALLOWED_UPDATES: [&str; 3] = ["message", "callback_query", "my_chat_member"];

/// The deepest level and the most fields of an object that a shape shows.
const SHAPE_DEPTH: usize = 5;
const SHAPE_FIELDS: usize = 40;

/// An incoming update (Bot API, `Update`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// Its number in Telegram's queue.
    pub id: UpdateId,
    /// What happened.
    pub kind: UpdateKind,
}

/// What an update tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UpdateKind {
    /// A message was sent to the bot, or in a group it reads.
    Message(Box<Message>),
    /// A button was pressed.
    CallbackQuery(Box<CallbackQuery>),
    /// The bot was blocked, unblocked, added or removed.
    MyChatMember(Box<MembershipChange>),
    /// A kind that was not asked for or is not known here.
    Other {
        /// Telegram's word for it.
        name: String,
    },
    /// A known kind that does not look as documented.
    Malformed {
        /// What is missing or wrong, without any value.
        reason: String,
        /// Field names and types without any value, for a person to look at.
        shape: String,
    },
}

/// An element of a batch.
pub(super) enum Parsed {
    Update(Update),
    Stray { shape: String },
}

/// An update in the form that nearly all have.
#[derive(Deserialize)]
struct Usual {
    update_id: i64,
    message: Option<Box<Message>>,
    callback_query: Option<Box<CallbackQuery>>,
    my_chat_member: Option<Box<MembershipChange>>,
}

/// Reads one element of a batch, which is JSON.
pub(super) fn parse(json: &str) -> Parsed {
    let (id, kind) = match serde_json::from_str::<Usual>(json) {
        Ok(Usual { update_id, message: Some(message), .. }) => (update_id, UpdateKind::Message(message)),
        Ok(Usual { update_id, callback_query: Some(query), .. }) => (update_id, UpdateKind::CallbackQuery(query)),
        Ok(Usual { update_id, my_chat_member: Some(change), .. }) => (update_id, UpdateKind::MyChatMember(change)),
        Ok(Usual { update_id, .. }) => (update_id, UpdateKind::Other { name: other_kind(json) }),
        Err(error) => match salvage_id(json) {
            Some(id) => (id, UpdateKind::Malformed { reason: without_values(&error), shape: shape(json) }),
            None => return Parsed::Stray { shape: shape(json) },
        },
    };
    Parsed::Update(Update { id: UpdateId(id), kind })
}

/// The first field that is not the id; kinds are named by their field.
fn other_kind(json: &str) -> String {
    let fields = serde_json::from_str::<BTreeMap<String, &RawValue>>(json).unwrap_or_default();
    fields.into_keys().find(|name| name != "update_id" && !ALLOWED_UPDATES.contains(&name.as_str())).unwrap_or_default()
}

/// The id of an update that is otherwise not understood.
fn salvage_id(json: &str) -> Option<i64> {
    let fields = serde_json::from_str::<BTreeMap<String, &RawValue>>(json).ok()?;
    fields.get("update_id").and_then(|raw| raw.get().trim_matches('"').parse().ok())
}

/// The error without what somebody wrote: serde quotes the value it did not expect before it names what it did.
fn without_values(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(", expected ") {
        Some((_, expected)) => format!("expected {expected}"),
        None if text.starts_with("missing field `") || text.starts_with("duplicate field `") => text,
        None => format!("not as documented, at column {}", error.column()),
    }
}

/// Field names and types, no values: `{message:{chat:{id:string}},update_id:number}`.
fn shape(json: &str) -> String {
    let mut out = String::new();
    match serde_json::from_str(json) {
        Ok(value) => outline(&value, SHAPE_DEPTH, &mut out),
        Err(_) => out.push_str("unreadable"),
    }
    out
}

fn outline(value: &Value, depth: usize, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(_) => out.push_str("bool"),
        Value::Number(_) => out.push_str("number"),
        Value::String(_) => out.push_str("string"),
        Value::Array(_) | Value::Object(_) if depth == 0 => out.push_str("..."),
        Value::Array(items) => {
            out.push('[');
            if let Some(first) = items.first() {
                outline(first, depth - 1, out);
            }
            out.push(']');
        }
        Value::Object(fields) => {
            out.push('{');
            for (nth, (name, field)) in fields.iter().take(SHAPE_FIELDS).enumerate() {
                if nth > 0 {
                    out.push(',');
                }
                out.extend(name.chars().take(40));
                out.push(':');
                outline(field, depth - 1, out);
            }
            out.push('}');
        }
    }
}
