//! `/admin/links`: all links by their state, who made them, which chat used them, and their taking back.

use maud::{Markup, html};
use tide::http::Method;

use super::super::{Call, Problem, Response, Row};
use super::accounts::path_of;
use super::{Content, done, may, names, show};
use crate::actions::links::revoke;
use crate::actions::session::Signed;
use crate::clock::Timestamp;
use crate::ids::LinkId;
use crate::model::admin::Role;
use crate::model::link::{Link, LinkState, LinkStatus, Revocation, Target};
use crate::store::links::{Cursor, by_state, cursor};
use crate::store::{Counter, Read as _, Snapshot, StoreError, count, links};
use crate::view::badge::Badge;
use crate::view::form::{Weight, hidden, link_button, one_button, submit};
use crate::view::list::{Empty, Kind, Pager, Place, Tab, Table};
use crate::view::notice::Flash;
use crate::view::shell::Nav;
use crate::view::{Href, list, time};

/// Links of one page.
const ROWS: usize = 50;
const PATH: &str = "/admin/links";

/// The routes of these pages.
#[must_use]
pub fn rows() -> Vec<Row> {
    vec![
        Row::signed(Method::Get, PATH, Role::Viewer, index),
        Row::signed(Method::Post, "/admin/links/:id/revoke", Role::Operator, take_back),
    ]
}

struct Listed {
    status: LinkStatus,
    counts: Vec<(LinkStatus, u64)>,
    lines: Vec<Line>,
    older: Option<Cursor>,
    now: Timestamp,
}

struct Line {
    id: LinkId,
    link: Link,
    whose: String,
    made_by: String,
    chat: Option<String>,
}

impl Line {
    fn load(read: &Snapshot, (id, link): (LinkId, Link)) -> Result<Self, StoreError> {
        let chat = match link.state {
            LinkState::Held { chat, .. } | LinkState::Used { chat, .. } => Some(names::of_chat(read, chat)?),
            LinkState::Open | LinkState::Expired { .. } | LinkState::Revoked { .. } => None,
        };
        let (whose, made_by) = (names::of_target(read, link.target)?, names::of_actor(read, link.issued_by)?);
        Ok(Self { id, link, whose, made_by, chat })
    }

    fn cells(&self, (signed, now): (&Signed, Timestamp)) -> Vec<Markup> {
        let status = self.link.status(now);
        let whose = match self.link.target {
            Target::Account(id) => html! { a href=(Href::from(path_of(id))) dir="auto" { (self.whose) } },
            Target::Admin(_) => html! { span dir="auto" { (self.whose) } },
        };
        let revocable =
            !status.is_ended() && matches!(self.link.target, Target::Account(_)) && may(signed, Role::Operator);
        vec![
            whose,
            html! { div { (Badge::from(status)) @if let Some(why) = why(&self.link) { span.sub { (why) } } } },
            html! { div { (time::ago(self.link.issued, now)) span.sub { "by " (self.made_by) } } },
            html! { @if let Some(at) = self.link.ended() { (time::ago(at, now)) } @else { (time::ago(self.link.lapses(), now)) } },
            html! { @if let Some(chat) = &self.chat { span dir="auto" { (chat) } } },
            html! { @if revocable { (one_button(format!("{PATH}/{}/revoke", self.id), Some(&signed.session.csrf), html! { (hidden("back", "links")) (submit(Weight::Quiet, "Revoke")) })) } },
        ]
    }
}

fn why(link: &Link) -> Option<&'static str> {
    match link.state {
        LinkState::Revoked { why: Revocation::Superseded, .. } => Some("a newer one took its place"),
        LinkState::Revoked { why: Revocation::AccountDeleted, .. } => Some("the account was deleted"),
        LinkState::Revoked { why: Revocation::Asked, .. } => Some("taken back"),
        LinkState::Open | LinkState::Held { .. } | LinkState::Used { .. } | LinkState::Expired { .. } => None,
    }
}

impl Listed {
    fn load(read: &Snapshot, status: LinkStatus, before: Option<Cursor>) -> Result<Self, StoreError> {
        let counts = LinkStatus::ALL.into_iter().map(|status| Ok((status, count(read, Counter::Links(status))?)));
        let counts = counts.collect::<Result<_, StoreError>>()?;
        let mut rows = by_state(read, status, before, ROWS + 1)?;
        let has_older = rows.len() > ROWS;
        rows.truncate(ROWS);
        let older = rows.last().filter(|_| has_older).map(|(id, link)| cursor(*id, link));
        let lines = rows.into_iter().map(|row| Line::load(read, row)).collect::<Result<_, _>>()?;
        Ok(Self { status, counts, lines, older, now: read.now() })
    }
}

/// `MILLISECONDS.NUMBER`
fn parse_cursor(text: &str) -> Option<Cursor> {
    let (at, id) = text.split_once('.')?;
    Some((Timestamp(at.parse().ok()?), id.parse().ok()?))
}

async fn index(call: Call, signed: Signed) -> Result<Response, Problem> {
    let status = LinkStatus::parse(&call.query("state")).unwrap_or(LinkStatus::Open);
    let before = parse_cursor(&call.query("before"));
    let listed = call.state().store().read(|read| Listed::load(read, status, before))?;
    let here = Href::from(PATH).with("state", status.word());
    let ends = Pager {
        newer: before.map(|_| here.clone()),
        older: listed.older.map(|(at, id)| here.with("before", &format!("{}.{id}", at.0))),
    };
    let body = html! {
        (list::tabs("Links by state", &tabs(&listed)))
        section.panel {
            @if listed.lines.is_empty() { (nothing(status)) } @else { (table(&listed, &signed)) }
            (list::pager(&ends, ("Newest", "Older")))
        }
    };
    Ok(show(&call, &signed, Content::new("Links", Nav::Links, body)))
}

fn tabs(listed: &Listed) -> Vec<Tab<'static>> {
    let tab = |(status, count): &(LinkStatus, u64)| Tab {
        label: capital(*status),
        count: Some(*count),
        href: Href::from(PATH).with("state", status.word()),
        place: Place::of(status, &listed.status),
    };
    listed.counts.iter().map(tab).collect()
}

fn capital(status: LinkStatus) -> &'static str {
    match status {
        LinkStatus::Open => "Open",
        LinkStatus::Held => "Held",
        LinkStatus::Used => "Used",
        LinkStatus::Expired => "Expired",
        LinkStatus::Revoked => "Revoked",
    }
}

fn table(listed: &Listed, signed: &Signed) -> Markup {
    let last = if listed.status.is_ended() { "Ended" } else { "Until" };
    let columns = [
        ("Account", Kind::Text),
        ("State", Kind::Text),
        ("Made", Kind::Text),
        (last, Kind::Text),
        ("Chat", Kind::Text),
        ("Actions", Kind::Actions),
    ];
    let rows = listed.lines.iter().map(|line| line.cells((signed, listed.now))).collect();
    list::table(&Table { caption: "Links", columns: &columns, rows })
}

fn nothing(status: LinkStatus) -> Markup {
    let (title, text) = match status {
        LinkStatus::Open => (
            "No open links",
            "A link is made on the page of an account. It stands here until its chat is connected or its time is over.",
        ),
        LinkStatus::Held => (
            "No held links",
            "While a chat is asked whether it should move or be connected, its link is held for it and stands here.",
        ),
        LinkStatus::Used => ("No used links", "Here stands which link connected which chat, and when; for 90 days."),
        LinkStatus::Expired => ("No expired links", "Links that nobody used in time stand here for 90 days."),
        LinkStatus::Revoked => {
            ("No revoked links", "Links that were taken back or that a newer one replaced stand here for 90 days.")
        }
    };
    let button =
        html! { @if status == LinkStatus::Open { (link_button(Weight::Quiet, "/admin/accounts", "To the accounts")) } };
    list::empty(&Empty { title, text, button, command: "" })
}

/// `POST /admin/links/:id/revoke`
async fn take_back(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let id: LinkId = call.id("id")?;
    let form = call.form().await?;
    let link = call.state().store().read(|read| links::get(read, id))?.ok_or_else(Problem::not_found)?;
    let back = match (form.get("back"), link.target) {
        ("links", _) | (_, Target::Admin(_)) => PATH.to_owned(),
        (_, Target::Account(account)) => path_of(account),
    };
    let caller = signed.caller();
    call.state().store().write(move |tx| revoke(tx, &caller, id)).await?;
    Ok(done(&call, &back, &Flash::good("The link was revoked. Nobody can use it any more.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_that_was_tampered_with_begins_at_the_newest() {
        assert_eq!(parse_cursor("17.4"), Some((Timestamp(17), LinkId(4))));
        for bad in ["", "17", "x.4", "17.", "17.4.5"] {
            assert_eq!(parse_cursor(bad), None);
        }
    }
}
