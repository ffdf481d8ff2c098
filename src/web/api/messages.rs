//! `/api/v1/messages`: sent to an account, to many, or to one chat; looked at with what became of each delivery; edited and
//! taken back, on the phones too.

use std::time::Duration;

use serde_json::{Map, Value, json};
use tide::http::Method;

use super::super::{Call, Problem, Response, Row, fetch};
use super::answer::{json as answered, seen};
use super::body::{self, Fields};
use super::content::{self, Words, or_drop, said};
use super::doc::{Answer, Doc, Sent, WAIT};
use super::query::Query;
use super::repeat::{Entry, marked};
use super::{questions, shape, wait, wrong};
use crate::actions::keys::Holder;
use crate::actions::messages::{LIFETIME_MAX, LIFETIME_MIN, SendOptions, To, check, delete, edit, send};
use crate::actions::{Error, Refusal, news};
use crate::ids::{ChatId, DeliveryId, MessageId};
use crate::model::account::Username;
use crate::model::api_key::{Area, Deed, Need};
use crate::model::change::{Change, Progress};
use crate::model::delivery::{Delivery, DeliveryState, NO_CHAT, Policy, Reason};
use crate::model::message::{Body, Message};
use crate::model::repeat::Outcome;
use crate::store::{Read, Snapshot, StoreError, Tx, accounts, deliveries, messages};

const ONE: &str = "/api/v1/messages/:id";
const READ: Need = Need(Area::Messages, Deed::Read);
const WRITE: Need = Need(Area::Messages, Deed::Write);
/// Most usernames of one request; who wants to reach more makes a broadcast.
const USERNAMES_MAX: usize = 1_000;

const SEND: Doc = Doc {
    id: "sendMessage",
    summary: "Send a message",
    text: "To all reachable chats of an account, of many accounts, or to one chat. What became of each delivery is told by `GET` and \
           by events. An account without a reachable chat gives a delivery that failed with `not_linked`. In a list of `usernames`, \
           one that is not known is an error of its item, and the others are sent. To a `message_id` that a person wrote means to its \
           chat, as an answer that quotes it. Buttons with a `value` ask a question: what is pressed first is its answer, told by \
           `GET` and by the event `button.pressed`. With a file the request is \
           `multipart/form-data`: the object in the part `json`, the file in the part `photo` or `document`.",
    query: &[],
    body: Some(
        Sent::json(
            "NewMessage",
            r#"{"to": {"username": "ada"}, "text": "Your parcel is <b>here</b>.", "format": "html"}"#,
        )
        .with_file(),
    ),
    answers: &[Answer::json(202, "MessageOrList", "The message with its deliveries; for `usernames` a list of them.")],
};
const GET: Doc = Doc {
    id: "getMessage",
    summary: "Look at a message",
    text: "One that was sent to an account, or that a person wrote. With `wait` the answer comes when its question is answered or its \
           time is over; of a message that asks nothing, when each of its deliveries has ended.",
    query: &[WAIT],
    body: None,
    answers: &[Answer::json(200, "Message", "The message with its deliveries.")],
};
const FILE: Doc = Doc {
    id: "getMessageFile",
    summary: "Fetch the file of a message that came in",
    text: "Handed on from Telegram as it comes, and kept nowhere here. Telegram serves bots files of at most 20 MB; for a larger one \
           the answer is 409 `file_too_large`, for one that Telegram no longer has 410 `file_gone`, and 503 `unreachable` while \
           Telegram does not answer.",
    query: &[],
    body: None,
    answers: &[Answer { status: 200, body: Some(("application/octet-stream", "File")), text: "The file." }],
};
const EDIT: Doc = Doc {
    id: "editMessage",
    summary: "Edit a message, on the phones too",
    text: "What has not left yet leaves with the new text. What was sent is edited in Telegram, in turn with other messages; how far \
           that is stands in each delivery's `change`. A file stays, its caption is the text. What is left out stays as it is.",
    query: &[],
    body: Some(Sent::json("MessagePatch", r#"{"text": "Your parcel comes tomorrow."}"#)),
    answers: &[Answer::json(202, "Message", "The message with its deliveries. Edits of what was sent are `pending`.")],
};
const DELETE: Doc = Doc {
    id: "deleteMessage",
    summary: "Take a message back, off the phones too",
    text: "Its deliveries that have not left are cancelled. What was sent is deleted in Telegram, which lets a bot do that for 48 \
           hours; how far that is stands in each delivery's `change`. When there is nothing to take back, the answer is 409.",
    query: &[],
    body: None,
    answers: &[Answer::json(
        202,
        "Message",
        "The message with its deliveries. Deletions of what was sent are `pending`.",
    )],
};

/// The routes of messages.
#[must_use]
pub fn rows() -> Vec<Row> {
    vec![
        Row::key(Method::Post, "/api/v1/messages", WRITE, &SEND, create),
        Row::key(Method::Get, ONE, READ, &GET, get),
        Row::key(Method::Get, "/api/v1/messages/:id/file", READ, &FILE, file),
        Row::key(Method::Patch, ONE, WRITE, &EDIT, change),
        Row::key(Method::Delete, ONE, WRITE, &DELETE, take_back),
    ]
}

/// To whom a request wants to write.
#[derive(Clone)]
enum Wanted {
    One(Username),
    Many(Vec<String>),
    Chat(ChatId),
    Reply(MessageId),
}

/// `POST /api/v1/messages`
async fn create(mut call: Call, holder: Holder) -> Result<Response, Problem> {
    let mut parcel = content::parcel(&mut call, &holder).await?;
    let entry = Entry::of(&call, &holder, &parcel.bytes)?;
    let wanted = wanted(&mut parcel.fields)?;
    let mut body = said(&mut parcel.fields)?;
    let options = options(&mut parcel.fields)?;
    parcel.done()?;
    let mut kept = None;
    if entry.before().is_none() {
        kept = parcel.keep(&call, &holder).await?;
        body = body.with_attachment(kept);
    }
    let caller = holder.caller();
    let asked = wanted.clone();
    let effect = move |tx: &mut Tx<'_>| {
        // For all of them at once, so that nothing was written when it is refused.
        check(tx, body.clone())?;
        match &asked {
            Wanted::Chat(chat) => Ok(Outcome::Message(send(tx, &caller, To::Chat(*chat), body.clone(), options)?.0)),
            Wanted::Reply(id) => Ok(Outcome::Message(send(tx, &caller, To::Reply(*id), body.clone(), options)?.0)),
            Wanted::One(username) => {
                let (account, _) = accounts::find(tx, username)?.ok_or_else(unknown_account)?;
                Ok(Outcome::Message(send(tx, &caller, To::Account(account), body.clone(), options)?.0))
            }
            Wanted::Many(names) => {
                let mut sent = Vec::with_capacity(names.len());
                for name in names {
                    let username = Username::parse(name).ok();
                    let found = username.map(|username| accounts::find(tx, &username)).transpose()?.flatten();
                    sent.push(match found {
                        Some((account, _)) => Some(send(tx, &caller, To::Account(account), body.clone(), options)?.0),
                        None => None,
                    });
                }
                Ok(Outcome::Messages(sent))
            }
        }
    };
    let names = &[("lifetime", "expires_in"), ("picked", "to.usernames")];
    let (outcome, when) = or_drop(&call, kept, entry.once(&call, names, effect).await).await?;
    let read = call.state().store().snapshot()?;
    let shown = match (outcome, wanted) {
        (Outcome::Message(id), Wanted::One(_) | Wanted::Chat(_) | Wanted::Reply(_)) => {
            show(&read, id)?.unwrap_or(Value::Null)
        }
        (Outcome::Messages(sent), Wanted::Many(names)) => {
            let items =
                names.iter().zip(sent).map(|(name, id)| item(&read, name, id)).collect::<Result<Vec<_>, _>>()?;
            json!({ "items": items })
        }
        _ => return Err(wrong::other_request()),
    };
    Ok(marked(answered(202, &shown), when))
}

/// `GET /api/v1/messages/{id}/file`
async fn file(call: Call, _holder: Holder) -> Result<Response, Problem> {
    let id: MessageId = call.id("id")?;
    fetch::serve(&call, id).await
}

fn unknown_account() -> Error {
    Refusal { field: Some("to.username"), ..Refusal::not_found("There is no such account.") }.into()
}

fn wanted(fields: &mut Fields) -> Result<Wanted, Problem> {
    let mut to = fields.object("to")?.ok_or_else(|| wrong::missing("to"))?;
    let (one, many, chat) = (to.text("username")?, to.texts("usernames")?, to.number("chat_id")?);
    let reply = to.count("message_id")?.map(MessageId);
    to.done()?;
    match (one, many, chat, reply) {
        (Some(name), None, None, None) => {
            let username = Username::parse(&name);
            Ok(Wanted::One(username.map_err(|error| wrong::invalid("to.username", error.to_string()))?))
        }
        (None, Some(names), None, None) if names.is_empty() => {
            Err(wrong::invalid("to.usernames", "Name at least one account."))
        }
        (None, Some(names), None, None) if names.len() > USERNAMES_MAX => {
            let text = format!("At most {USERNAMES_MAX} accounts at once; for more of them, make a broadcast.");
            Err(wrong::invalid("to.usernames", text))
        }
        (None, Some(names), None, None) => Ok(Wanted::Many(names)),
        (None, None, Some(chat), None) => Ok(Wanted::Chat(ChatId(chat))),
        (None, None, None, Some(message)) => Ok(Wanted::Reply(message)),
        _ => Err(wrong::invalid("to", "Give one of these: username, usernames, chat_id or message_id.")),
    }
}

fn options(fields: &mut Fields) -> Result<SendOptions, Problem> {
    let usual = SendOptions::default();
    let policy = match fields.text("on_uncertain")?.as_deref() {
        None | Some("retry") => Policy::AtLeastOnce,
        Some("report") => Policy::AtMostOnce,
        Some(_) => return Err(wrong::invalid("on_uncertain", "When it is uncertain, either retry or report.")),
    };
    let lifetime = fields.count("expires_in")?.map_or(usual.lifetime, Duration::from_secs);
    if !(LIFETIME_MIN..=LIFETIME_MAX).contains(&lifetime) {
        return Err(wrong::invalid("expires_in", "A message is tried for 1 second to 604,800, which is 7 days."));
    }
    Ok(SendOptions { policy, lifetime })
}

fn item(read: &Snapshot, name: &str, id: Option<MessageId>) -> Result<Value, StoreError> {
    if let Some(id) = id {
        return Ok(json!({ "username": name, "message": show(read, id)?, "error": null }));
    }
    let error = json!({ "code": "not_found", "detail": "There is no such account." });
    Ok(json!({ "username": name, "message": null, "error": error }))
}

/// `GET /api/v1/messages/{id}`
async fn get(call: Call, holder: Holder) -> Result<Response, Problem> {
    let (id, seconds) = (call.id::<MessageId>("id")?, Query::of(&call, &["wait"])?.wait()?);
    wait::until(&call, &holder, seconds, |read| Ok(is_settled(read, id)?.then_some(()))).await?;
    let shown = call.state().store().read(|read| show(read, id))?;
    Ok(seen(&call, &shown.ok_or_else(|| Problem::from(unknown()))?))
}

/// Whether nothing more will happen that somebody would wait for.
fn is_settled(read: &Snapshot, id: MessageId) -> Result<bool, Problem> {
    let message = own(read, id)?.ok_or_else(unknown)?;
    match messages::body(read, &message).filter(Body::asks) {
        Some(body) => Ok(questions::is_settled(&message, &body, read.now())),
        None => Ok(deliveries::of_message(read, id)?.iter().all(|(_, row)| row.state.standing().is_final())),
    }
}

/// `PATCH /api/v1/messages/{id}`
async fn change(mut call: Call, holder: Holder) -> Result<Response, Problem> {
    let id = call.id::<MessageId>("id")?;
    let (mut fields, _) = body::object(&mut call).await?;
    let words = Words::take(&mut fields)?;
    fields.done()?;
    if words.are_none() {
        return Err(wrong::invalid("text", "Tell what is to change: text, format or buttons."));
    }
    let done = call.state().store().write(move |tx| {
        must_be_own(tx, id)?;
        edit(tx, &holder.caller(), id, &|body| words.put(body)).map(|_| ())
    });
    done.await?;
    changed(&call, id)
}

/// `DELETE /api/v1/messages/{id}`
async fn take_back(call: Call, holder: Holder) -> Result<Response, Problem> {
    let id = call.id::<MessageId>("id")?;
    let done = call.state().store().write(move |tx| {
        must_be_own(tx, id)?;
        delete(tx, &holder.caller(), id).map(|_| ())
    });
    done.await?;
    changed(&call, id)
}

fn must_be_own(read: &impl Read, id: MessageId) -> Result<(), Error> {
    match own(read, id)? {
        Some(_) => Ok(()),
        None => Err(unknown().into()),
    }
}

fn changed(call: &Call, id: MessageId) -> Result<Response, Problem> {
    let shown = call.state().store().read(|read| show(read, id))?;
    Ok(answered(202, &shown.ok_or_else(|| Problem::from(unknown()))?))
}

fn unknown() -> Refusal {
    Refusal::not_found("There is no such message.")
}

/// A message of an account; notices to admins and answers to strangers are none of the website's.
fn own(read: &impl Read, id: MessageId) -> Result<Option<Message>, StoreError> {
    Ok(messages::get(read, id)?.filter(|message| message.account.is_some()))
}

/// A message as the API shows it.
pub(super) fn show(read: &Snapshot, id: MessageId) -> Result<Option<Value>, StoreError> {
    let Some(message) = own(read, id)? else { return Ok(None) };
    let account = message.account.map(|account| accounts::get(read, account)).transpose()?.flatten();
    let body = messages::body(read, &message);
    let mut shown = Map::new();
    let mut put = |name: &str, value: Value| shown.insert(name.to_owned(), value);
    put("id", id.0.into());
    put("direction", if message.is_incoming() { "in" } else { "out" }.into());
    put("username", account.map(|account| account.username.to_string()).into());
    put("chat_id", message.chat.map(|chat| chat.0).into());
    put("created_at", message.at.rfc3339().into());
    for (name, value) in content::shown(read, body.as_ref())? {
        put(name, value);
    }
    for (name, value) in news::carried(body.as_ref()) {
        put(name, value);
    }
    put("question", questions::of_message(&message, body.as_ref(), read.now()));
    put("reply_to", body.and_then(|body| body.quotes).map(|quoted| quoted.0).into());
    let rows = deliveries::of_message(read, id)?;
    put("deliveries", rows.iter().map(|(id, row)| delivery(*id, row)).collect());
    Ok(Some(shown.into()))
}

fn delivery(id: DeliveryId, row: &Delivery) -> Value {
    let (reason, detail) = news::why(row);
    let telegram = if let DeliveryState::Sent { telegram, .. } = row.state { Some(telegram.0) } else { None };
    json!({
        "chat_id": (id.chat != NO_CHAT).then_some(id.chat.0),
        "state": row.state.standing().word(),
        "reason": reason,
        "detail": detail,
        "attempts": row.attempts,
        "possible_duplicate": row.is_possible_duplicate(),
        "telegram_message_id": telegram,
        "queued_at": row.queued.rfc3339(),
        "expires_at": row.expires.rfc3339(),
        "ended_at": shape::moment(ended(&row.state)),
        "edited_at": shape::moment(row.change.as_ref().and_then(|change| change.edited)),
        "deleted_at": shape::moment(row.change.as_ref().and_then(Change::deleted)),
        "change": row.change.as_ref().map(asked),
    })
}

/// What was asked for after it was sent, and how far that is.
fn asked(change: &Change) -> Value {
    let (state, reason, at) = match &change.progress {
        Progress::Waiting { .. } => ("pending", None, None),
        Progress::Done { at } => ("done", None, Some(*at)),
        Progress::Failed { reason, at } => ("failed", Some(reason), Some(*at)),
        Progress::Uncertain { at } => ("uncertain", None, Some(*at)),
    };
    json!({
        "action": change.deed.word(),
        "state": state,
        "reason": reason.map(Reason::word),
        "detail": reason.map(ToString::to_string),
        "asked_at": change.asked.rfc3339(),
        "ended_at": shape::moment(at),
    })
}

fn ended(state: &DeliveryState) -> Option<crate::clock::Timestamp> {
    match state {
        DeliveryState::Queued { .. } | DeliveryState::Sending { .. } => None,
        DeliveryState::Sent { at, .. }
        | DeliveryState::Failed { at, .. }
        | DeliveryState::Uncertain { at }
        | DeliveryState::Cancelled { at }
        | DeliveryState::Expired { at }
        | DeliveryState::Skipped { at } => Some(*at),
    }
}
