//! `/api/v1/links`: made for an account, which is made along when it is new; looked at, waited for, taken back.

use serde_json::{Map, Value};
use tide::http::Method;

use super::super::pages::ways::{Addresses, page_of};
use super::super::{Call, Problem, Response, Row, State};
use super::answer::{json, nothing, seen};
use super::body::{self, Fields};
use super::doc::{Answer, Doc, Sent, WAIT};
use super::query::Query;
use super::repeat::{marked, once};
use super::{shape, wait, wrong};
use crate::actions::accounts::{Brought, bring};
use crate::actions::keys::Holder;
use crate::actions::links::{Along, check_issue, issue_along, revoke};
use crate::actions::settings::Effective;
use crate::actions::{Error, Refusal};
use crate::ids::{AccountId, LinkId};
use crate::model::account::{Username, parse_name};
use crate::model::api_key::{Area, Deed, Need};
use crate::model::link::{Link, LinkState, Target};
use crate::model::repeat::Outcome;
use crate::store::{Read as _, Snapshot, StoreError, Tx, accounts, links, meta};

const ONE: &str = "/api/v1/links/:id";
const READ: Need = Need(Area::Links, Deed::Read);
const WRITE: Need = Need(Area::Links, Deed::Write);
/// How the action calls what is `ttl_seconds` here.
const NAMES: &[(&str, &str)] = &[("lifetime", "ttl_seconds")];

const CREATE: Doc = Doc {
    id: "createLink",
    summary: "Make a link for an account",
    text: "Makes the account when it is new. The account's older open link is revoked. Show the person `url` on a phone and \
           `qr_svg` beside it, or lead them to `page_url`, which shows all ways and leads back to `return_url`. `group_url` \
           connects a group instead: Telegram asks which, and adds the bot; where an app loses the code, send `/link CODE` there.",
    query: &[],
    body: Some(Sent::json(
        "NewLink",
        r#"{"username": "ada", "ttl_seconds": 900, "return_url": "https://example.org/me"}"#,
    )),
    answers: &[Answer::json(201, "Link", "The link.")],
};
const GET: Doc = Doc {
    id: "getLink",
    summary: "Look at a link",
    text: "With `wait` the answer comes when the link's state changes, or after that time. `code`, the addresses and `qr_svg` are \
           null once the link ended, and for a key that may only read links: whoever knows them can be connected.",
    query: &[WAIT],
    body: None,
    answers: &[Answer::json(200, "Link", "The link.")],
};
const DELETE: Doc = Doc {
    id: "revokeLink",
    summary: "Take a link back",
    text: "Only an open or held link can be taken back; for others the answer is 409.",
    query: &[],
    body: None,
    answers: &[Answer::empty("It is revoked.")],
};

/// The routes of links.
#[must_use]
pub fn rows() -> Vec<Row> {
    vec![
        Row::key(Method::Post, "/api/v1/links", WRITE, &CREATE, create),
        Row::key(Method::Get, ONE, READ, &GET, get),
        Row::key(Method::Delete, ONE, WRITE, &DELETE, take_back),
    ]
}

/// `POST /api/v1/links`
async fn create(mut call: Call, holder: Holder) -> Result<Response, Problem> {
    let (mut fields, bytes) = body::object(&mut call).await?;
    let username = Username::parse(&fields.needed("username")?);
    let username = username.map_err(|error| wrong::invalid("username", error.to_string()))?;
    let name = fields.text("name")?.map(|name| parse_name(&name)).transpose();
    let name = name.map_err(|error| wrong::invalid("name", error.to_string()))?;
    let seconds = fields.count("ttl_seconds")?;
    let metadata = fields.object("metadata")?.map(Fields::into_json);
    let along = Along { return_url: fields.text("return_url")?, metadata };
    fields.done()?;
    let usual = call.state().store().read(|read| Effective::load(read, call.state().config()))?.link_lifetime.value;
    let lifetime = seconds.map_or(usual, std::time::Duration::from_secs);
    let (told, caller) = (Brought { username, name, tags: None }, holder.caller());
    let may_rename = holder.key.scopes.allow(Need(Area::Accounts, Deed::Write));
    let effect = move |tx: &mut Tx<'_>| {
        // Before the account is made: a refusal leaves nothing behind.
        check_issue(&caller, Target::Account(AccountId(0)), lifetime, &along)?;
        must_have_bot(tx)?;
        // A key that may only make links gives a new account its name, and no other one.
        let may_name = may_rename || accounts::find(tx, &told.username)?.is_none();
        let name = told.name.clone().filter(|_| may_name);
        let (account, ..) = bring(tx, &caller, &Brought { name, ..told.clone() })?;
        let issued = issue_along(tx, &caller, Target::Account(account), lifetime, &along)?;
        Ok(Outcome::Link(issued.id))
    };
    let (outcome, when) = once(&call, &holder, &bytes, NAMES, effect).await?;
    let Outcome::Link(id) = outcome else { return Err(wrong::other_request()) };
    let base = call.visitor().origin.text.clone();
    let shown = call.state().store().read(|read| show(read, call.state(), (&base, true), id))?;
    Ok(marked(json(201, &shown.ok_or_else(unknown)?.1), when))
}

fn must_have_bot(tx: &Tx<'_>) -> Result<(), Error> {
    match meta::bot(tx)? {
        Some(_) => Ok(()),
        None => Err(Refusal::conflict(None, "No bot is connected yet, so there is nothing to link to.").into()),
    }
}

/// `GET /api/v1/links/{id}`
async fn get(call: Call, holder: Holder) -> Result<Response, Problem> {
    let (id, seconds) = (call.id::<LinkId>("id")?, Query::of(&call, &["wait"])?.wait()?);
    let (state, base) = (call.state().clone(), call.visitor().origin.text.clone());
    let secret = holder.key.scopes.allow(WRITE);
    let mut first = None;
    let news = wait::until(&call, &holder, seconds, |read| {
        let link = of_account(read, id)?.ok_or_else(unknown)?;
        let status = link.status(read.now());
        let is_news = status.is_ended() || first.is_some_and(|first| first != status);
        first.get_or_insert(status);
        Ok(is_news.then_some(()))
    });
    news.await?;
    let shown = state.store().read(|read| show(read, &state, (&base, secret), id))?;
    Ok(seen(&call, &shown.ok_or_else(unknown)?.1))
}

/// `DELETE /api/v1/links/{id}`
async fn take_back(call: Call, holder: Holder) -> Result<Response, Problem> {
    let id = call.id::<LinkId>("id")?;
    let done = call.state().store().write(move |tx| {
        // An admin's own link is none of the website's.
        let known = links::get(tx, id)?.is_some_and(|link| matches!(link.target, Target::Account(_)));
        if known { revoke(tx, &holder.caller(), id) } else { Err(Refusal::not_found("There is no such link.").into()) }
    });
    done.await?;
    Ok(nothing())
}

fn unknown() -> Problem {
    Refusal::not_found("There is no such link.").into()
}

/// A link of an account; those of admins are none of the website's.
fn of_account(read: &Snapshot, id: LinkId) -> Result<Option<Link>, StoreError> {
    Ok(links::get(read, id)?.filter(|link| matches!(link.target, Target::Account(_))))
}

/// A link as the API shows it.
/// `secret` adds what whoever knows it can be connected with: only for keys that may make links.
fn show(
    read: &Snapshot,
    state: &State,
    (base, secret): (&str, bool),
    id: LinkId,
) -> Result<Option<(Link, Value)>, StoreError> {
    let Some(link) = of_account(read, id)? else { return Ok(None) };
    let account = match link.target {
        Target::Account(account) => accounts::get(read, account)?,
        Target::Admin(_) => None,
    };
    let mut shown = Map::new();
    let mut put = |name: &str, value: Value| shown.insert(name.to_owned(), value);
    put("id", id.0.into());
    put("username", account.map(|account| account.username.to_string()).into());
    put("state", link.status(read.now()).word().into());
    put("created_at", link.issued.rfc3339().into());
    put("expires_at", link.expires.rfc3339().into());
    put("ended_at", shape::moment(link.ended()));
    let chat =
        if let LinkState::Used { chat, .. } | LinkState::Held { chat, .. } = link.state { Some(chat.0) } else { None };
    put("chat_id", chat.into());
    put("return_url", link.return_url.clone().into());
    let metadata = link.metadata.as_deref().and_then(|text| serde_json::from_str(text).ok());
    put("metadata", metadata.unwrap_or(Value::Null));
    let open = secret && !link.status(read.now()).is_ended();
    let code = links::code(read, &link).filter(|_| open).zip(meta::bot(read)?);
    let addresses = code.as_ref().map(|(code, bot)| Addresses::of(state.config(), bot, code));
    put("code", code.as_ref().map(|(code, _)| code.expose()).into());
    // A code that was brought here has no page.
    let page = code.as_ref().filter(|(code, _)| code.has_our_form());
    put("page_url", page.map(|(code, _)| format!("{base}{}", page_of(code))).into());
    put("url", addresses.as_ref().map(|ways| ways.https().as_str()).into());
    put("tg_url", addresses.as_ref().map(|ways| ways.tg().as_str()).into());
    put("group_url", addresses.as_ref().map(|ways| ways.group().as_str()).into());
    put("command", addresses.as_ref().map(Addresses::command).into());
    put("qr_svg", addresses.as_ref().map(|ways| shape::picture(ways.https().as_str())).into());
    Ok(Some((link, shown.into())))
}
