//! `/api/v1/accounts/{username}/chats` and `/api/v1/chats`: which chats an account has, and their disconnection.

use tide::http::Method;

use super::super::super::{Call, Problem, Response, Row};
use super::super::answer::{nothing, page, seen};
use super::super::doc::{Answer, Doc};
use super::super::shape;
use super::{READ, WRITE, existing, username};
use crate::actions::chats::unbind;
use crate::actions::keys::Holder;
use crate::actions::{Error, Refusal};
use crate::ids::ChatId;
use crate::model::event::Unlinked;
use crate::store::chats;

const INDEX: Doc = Doc {
    id: "listChats",
    summary: "List the chats of an account",
    text: "An account has few; all of them come at once.",
    query: &[],
    body: None,
    answers: &[Answer::json(200, "ChatPage", "The chats.")],
};
const DELETE: Doc = Doc {
    id: "disconnectChat",
    summary: "Disconnect a chat",
    text: "What waits for it is cancelled, and its person is told. To connect it again, they open a new link.",
    query: &[],
    body: None,
    answers: &[Answer::empty("It is disconnected.")],
};

/// The routes of chats.
pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::key(Method::Get, "/api/v1/accounts/:username/chats", READ, &INDEX, index),
        Row::key(Method::Delete, "/api/v1/chats/:chat", WRITE, &DELETE, disconnect),
    ]
}

/// `GET /api/v1/accounts/{username}/chats`
async fn index(call: Call, _holder: Holder) -> Result<Response, Problem> {
    let username = username(&call)?;
    let rows = call.state().store().read(|read| {
        let (id, _) = existing(read, &username)?;
        Ok::<_, Problem>(chats::of_account(read, id)?)
    })?;
    Ok(seen(&call, &page(rows.iter().map(|(id, chat)| shape::chat(*id, chat)).collect(), None)))
}

/// `DELETE /api/v1/chats/{chat_id}`
async fn disconnect(call: Call, holder: Holder) -> Result<Response, Problem> {
    let id = call.id::<ChatId>("chat")?;
    let done = call.state().store().write(move |tx| {
        let whose = unbind(tx, &holder.caller(), id, Unlinked::BySite)?;
        whose.ok_or_else(|| Error::from(Refusal::not_found("There is no such chat with an account.")))
    });
    done.await?;
    Ok(nothing())
}
