//! `/api/v1/accounts`: the website's accounts, one by one and listed. What is not told of an account stays as it is.

pub mod bulk;
pub mod chats;

use tide::http::Method;

use super::super::{Call, Problem, Response, Row};
use super::answer::{json, nothing, page, seen};
use super::body::{self, Fields};
use super::cursor::List;
use super::doc::{Answer, CURSOR, Doc, LIMIT, Param, Sent};
use super::query::Query;
use super::{shape, wrong};
use crate::actions::Refusal;
use crate::actions::accounts::{self, Brought, NewAccount, bring};
use crate::actions::keys::Holder;
use crate::ids::AccountId;
use crate::model::account::{Account, AccountState, Tag, Username, parse_name};
use crate::model::api_key::{Area, Deed, Need};
use crate::model::repeat::Line;
use crate::store::Read;
use crate::store::accounts::{Filter, From, find, list};

const ONE: &str = "/api/v1/accounts/:username";
const READ: Need = Need(Area::Accounts, Deed::Read);
const WRITE: Need = Need(Area::Accounts, Deed::Write);

const INDEX: Doc = Doc {
    id: "listAccounts",
    summary: "List accounts",
    text: "In the order of their usernames.",
    query: &[
        Param::text("q", "Only usernames that begin with this."),
        Param::text("tag", "Only accounts with this tag."),
        Param::word("state", || AccountState::ALL.map(AccountState::word).to_vec(), "Only those in this state."),
        CURSOR,
        LIMIT,
    ],
    body: None,
    answers: &[Answer::json(200, "AccountPage", "The accounts.")],
};
const GET: Doc = Doc {
    id: "getAccount",
    summary: "Look at an account",
    text: "",
    query: &[],
    body: None,
    answers: &[Answer::json(200, "Account", "The account.")],
};
const PUT: Doc = Doc {
    id: "putAccount",
    summary: "Make or change an account",
    text: "Makes the account when there is none. Of one that exists, what is left out stays as it is.",
    query: &[],
    body: Some(Sent::json("AccountChange", r#"{"name": "Ada Lovelace", "tags": ["vip"]}"#)),
    answers: &[
        Answer::json(200, "Account", "The account as it is now."),
        Answer::json(201, "Account", "The account is new."),
    ],
};
const PATCH: Doc = Doc {
    id: "patchAccount",
    summary: "Change or rename an account",
    text: "Links, chats and messages stay with it. What is left out stays as it is.",
    query: &[],
    body: Some(Sent::json("AccountPatch", r#"{"username": "ada.lovelace"}"#)),
    answers: &[Answer::json(200, "Account", "The account as it is now.")],
};
const DELETE: Doc = Doc {
    id: "deleteAccount",
    summary: "Delete an account",
    text: "Its open link is revoked, its chats are told and disconnected, its messages are removed.",
    query: &[],
    body: None,
    answers: &[Answer::empty("It is gone.")],
};

/// The routes of accounts and of their chats.
#[must_use]
pub fn rows() -> Vec<Row> {
    let own = vec![
        Row::key(Method::Get, "/api/v1/accounts", READ, &INDEX, index),
        Row::key(Method::Get, ONE, READ, &GET, get),
        Row::key(Method::Put, ONE, WRITE, &PUT, put),
        Row::key(Method::Patch, ONE, WRITE, &PATCH, patch),
        Row::key(Method::Delete, ONE, WRITE, &DELETE, delete),
    ];
    [own, bulk::rows(), chats::rows()].concat()
}

/// `GET /api/v1/accounts`
async fn index(call: Call, _holder: Holder) -> Result<Response, Problem> {
    let query = Query::of(&call, &["q", "tag", "state", "cursor", "limit"])?;
    let tag = query.get("tag").map(Tag::parse).transpose().map_err(|error| wrong::invalid("tag", error.to_string()))?;
    let state = query.get("state").map(|word| AccountState::parse(word).ok_or_else(no_state)).transpose()?;
    let filter = Filter { prefix: query.get("q").unwrap_or_default().to_owned(), state, tag };
    let from = query.cursor("cursor", List::Accounts)?.map_or(From::Start, From::After);
    let limit = query.limit()?;
    let found = call.state().store().read(|read| list(read, &filter, &from, limit))?;
    let rows = found.rows.iter().map(|(_, account)| shape::account(account)).collect();
    Ok(seen(&call, &page(rows, found.after.map(|name| (List::Accounts, name)))))
}

fn no_state() -> Problem {
    wrong::invalid("state", "A state is waiting, linked or unreachable.")
}

/// `GET /api/v1/accounts/{username}`
async fn get(call: Call, _holder: Holder) -> Result<Response, Problem> {
    let username = username(&call)?;
    let (_, account) = call.state().store().read(|read| existing(read, &username))?;
    Ok(seen(&call, &shape::account(&account)))
}

/// `PUT /api/v1/accounts/{username}`
async fn put(mut call: Call, holder: Holder) -> Result<Response, Problem> {
    let username = username(&call)?;
    let (mut fields, _) = body::object(&mut call).await?;
    let told = brought(&mut fields, username)?;
    fields.done()?;
    let done = call.state().store().write(move |tx| bring(tx, &holder.caller(), &told)).await;
    let (_, account, line) = done?;
    Ok(json(if line == Line::Created { 201 } else { 200 }, &shape::account(&account)))
}

/// `PATCH /api/v1/accounts/{username}`
async fn patch(mut call: Call, holder: Holder) -> Result<Response, Problem> {
    let username = username(&call)?;
    let (mut fields, _) = body::object(&mut call).await?;
    let renamed = fields.text("username")?;
    let told = brought(&mut fields, username)?;
    fields.done()?;
    let done = call.state().store().write(move |tx| {
        let (id, old) = existing_in(tx, &told.username)?;
        let tags = told.tags.as_ref().unwrap_or(&old.tags);
        let tags = tags.iter().map(Tag::as_str).collect::<Vec<_>>().join(",");
        let typed = NewAccount {
            username: renamed.as_deref().unwrap_or(old.username.as_str()),
            name: told.name.as_deref().unwrap_or(&old.name),
            tags: &tags,
        };
        accounts::edit(tx, &holder.caller(), id, typed)
    });
    Ok(json(200, &shape::account(&done.await?)))
}

/// `DELETE /api/v1/accounts/{username}`
async fn delete(call: Call, holder: Holder) -> Result<Response, Problem> {
    let username = username(&call)?;
    let done = call.state().store().write(move |tx| {
        let (id, _) = existing_in(tx, &username)?;
        accounts::delete(tx, &holder.caller(), id)
    });
    done.await?;
    Ok(nothing())
}

/// The account of the path. A name that breaks the rules names nothing.
pub(super) fn username(call: &Call) -> Result<Username, Problem> {
    Username::parse(&call.param("username")?).map_err(|_| Problem::from(unknown()))
}

/// The account with this name.
pub(super) fn existing(read: &impl Read, username: &Username) -> Result<(AccountId, Account), Problem> {
    Ok(find(read, username)?.ok_or_else(unknown)?)
}

fn existing_in(read: &impl Read, username: &Username) -> Result<(AccountId, Account), crate::actions::Error> {
    Ok(find(read, username)?.ok_or_else(unknown)?)
}

/// What a name without an account is told.
pub(super) fn unknown() -> Refusal {
    Refusal::not_found("There is no such account.")
}

/// Name and tags of a body.
pub(super) fn brought(fields: &mut Fields, username: Username) -> Result<Brought, Problem> {
    let text = if fields.is_null("name") { Some(String::new()) } else { None };
    let name = fields.text("name")?.or(text).map(|name| parse_name(&name)).transpose();
    let name = name.map_err(|error| wrong::invalid(fields.path("name"), error.to_string()))?;
    let none = if fields.is_null("tags") { Some(Vec::new()) } else { None };
    let tags = fields.texts("tags")?.or(none).map(|tags| parse_tags(&tags)).transpose();
    let tags = tags.map_err(|error| wrong::invalid(fields.path("tags"), error))?;
    Ok(Brought { username, name, tags })
}

fn parse_tags(texts: &[String]) -> Result<Vec<Tag>, String> {
    let one_by_one = texts.iter().map(|text| Tag::parse(text)).collect::<Result<Vec<_>, _>>();
    let tags = one_by_one.map_err(|error| error.to_string())?;
    // Together they have rules of their own: sorted, each once, not too many.
    let joined = tags.iter().map(Tag::as_str).collect::<Vec<_>>().join(",");
    Tag::parse_list(&joined).map_err(|error| error.to_string())
}
