//! `/admin/inbox`: the conversations with people who wrote, the newest first, live. One of them stands in [`talk`].

mod talk;

use maud::{Markup, html};
use tide::http::Method;

use super::super::live::{self, Shown};
use super::super::{Call, Problem, Response, Row};
use super::{Content, names, show};
use crate::actions::session::Signed;
use crate::clock::Timestamp;
use crate::ids::{AccountId, AdminId};
use crate::model::admin::Role;
use crate::model::message::Message;
use crate::model::talk::{Talk, TalkList};
use crate::store::talks::{self, Cursor};
use crate::store::{Counter, Read as _, Snapshot, StoreError, accounts, count, messages};
use crate::view::badge::talk::{NEW, READ};
use crate::view::form::{Weight, link_button};
use crate::view::list::{Empty, Kind, Pager, Place, Tab, Table};
use crate::view::live::region;
use crate::view::shell::Nav;
use crate::view::{Href, content, layout, list, time};

pub(super) use talk::whole;

/// Conversations of one page.
const ROWS: usize = 50;
const PATH: &str = "/admin/inbox";

/// The routes of these pages.
#[must_use]
pub fn rows() -> Vec<Row> {
    let own = vec![
        Row::signed(Method::Get, PATH, Role::Viewer, index),
        Row::signed(Method::Get, "/admin/inbox/live", Role::Viewer, live_part),
    ];
    [own, talk::rows()].concat()
}

/// The page of a conversation.
#[must_use]
pub fn path_of(account: AccountId) -> String {
    format!("{PATH}/{account}")
}

/// Which conversations are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum View {
    All(TalkList),
    /// Open ones that this admin cares for.
    Mine(AdminId),
}

impl View {
    fn word(self) -> &'static str {
        match self {
            Self::All(list) => list.word(),
            Self::Mine(_) => "mine",
        }
    }

    fn href(self) -> Href {
        match self {
            Self::All(TalkList::Open) => PATH.into(),
            Self::All(_) | Self::Mine(_) => Href::from(PATH).with("list", self.word()),
        }
    }

    /// What an empty one says.
    fn empty(self) -> (&'static str, &'static str) {
        match self {
            Self::All(TalkList::Open) => (
                "Nobody wrote",
                "What connected people write to the bot appears here the moment it arrives; you answer it from here.",
            ),
            Self::All(TalkList::Unread) => ("All of it was read", "What people write from now on appears here first."),
            Self::All(TalkList::Closed) => {
                ("No closed conversations", "A conversation that you close stands here until its person writes again.")
            }
            Self::Mine(_) => ("None is yours", "Conversations that are given to you stand here while they are open."),
        }
    }
}

/// What the address asks for.
#[derive(Clone, Copy)]
struct Wanted {
    view: View,
    before: Option<Cursor>,
}

impl Wanted {
    fn of(call: &Call, signed: &Signed) -> Self {
        let word = call.query("list");
        let list = TalkList::ALL.into_iter().find(|list| list.word() == word).unwrap_or(TalkList::Open);
        let view = if word == "mine" { View::Mine(signed.id) } else { View::All(list) };
        Self { view, before: cursor(&call.query("before")) }
    }

    fn load(&self, read: &Snapshot, limit: usize) -> Result<Vec<talks::Row>, StoreError> {
        match self.view {
            View::All(list) => talks::list(read, list, self.before, limit),
            View::Mine(admin) => talks::of_admin(read, admin, self.before, limit),
        }
    }
}

/// A place in the list, as addresses carry it: the moment in milliseconds and the account.
fn cursor(text: &str) -> Option<Cursor> {
    let (at, account) = text.split_once('.')?;
    Some((Timestamp(at.parse().ok()?), account.parse().ok()?))
}

/// A page of the list.
struct Listed {
    rows: Vec<Line>,
    counts: Vec<(TalkList, u64)>,
    older: Option<Cursor>,
    now: Timestamp,
}

struct Line {
    account: AccountId,
    name: String,
    talk: Talk,
    who: String,
    words: String,
    carer: Option<String>,
}

impl Line {
    fn load(read: &Snapshot, account: AccountId, talk: Talk) -> Result<Self, StoreError> {
        let name = accounts::get(read, account)?.map(|row| row.username.to_string()).unwrap_or_default();
        let latest = messages::get(read, talk.latest)?;
        let words = |message: &Message| messages::body(read, message).map(|body| content::excerpt(&body));
        let carer = talk.assigned.map(|admin| names::of_admin(read, admin)).transpose()?;
        Ok(Self {
            account,
            name,
            who: latest.as_ref().map(|message| names::of_actor(read, message.actor)).transpose()?.unwrap_or_default(),
            words: latest.as_ref().and_then(words).unwrap_or_default(),
            carer,
            talk,
        })
    }

    fn cells(&self, now: Timestamp) -> Vec<Markup> {
        let state = if self.talk.is_unread() { NEW } else { READ };
        vec![
            html! { a href=(path_of(self.account)) dir="auto" { (self.name) } @if !self.who.is_empty() { span.sub dir="auto" { (self.who) } } },
            html! { span.excerpt dir="auto" { (self.words) } },
            html! { (state) },
            html! { @if let Some(carer) = &self.carer { (carer) } @else { span.sub { "nobody" } } },
            html! { (time::ago(self.talk.at, now)) },
        ]
    }
}

impl Listed {
    fn load(read: &Snapshot, wanted: Wanted) -> Result<Self, StoreError> {
        let mut rows = wanted.load(read, ROWS + 1)?;
        let more = rows.len() > ROWS;
        rows.truncate(ROWS);
        let older = rows.last().filter(|_| more).map(|(account, talk)| (talk.at, *account));
        let counts = TalkList::ALL.into_iter().map(|list| Ok((list, count(read, Counter::Talks(list))?)));
        Ok(Self {
            counts: counts.collect::<Result<_, StoreError>>()?,
            rows: rows.into_iter().map(|(id, talk)| Line::load(read, id, talk)).collect::<Result<_, _>>()?,
            older,
            now: read.now(),
        })
    }

    fn tabs(&self, signed: AdminId, view: View) -> Markup {
        let of = |list| self.counts.iter().find(|(each, _)| *each == list).map(|(_, count)| *count);
        let tab = |label, each: View, count| Tab { label, count, href: each.href(), place: Place::of(&each, &view) };
        list::tabs(
            "Conversations",
            &[
                tab("Open", View::All(TalkList::Open), of(TalkList::Open)),
                tab("Unread", View::All(TalkList::Unread), of(TalkList::Unread)),
                tab("Mine", View::Mine(signed), None),
                tab("Closed", View::All(TalkList::Closed), of(TalkList::Closed)),
            ],
        )
    }

    fn show(&self, signed: AdminId, wanted: Wanted) -> Markup {
        let (title, text) = wanted.view.empty();
        let columns = [
            ("Account", Kind::Text),
            ("Wrote last", Kind::Text),
            ("State", Kind::Text),
            ("With", Kind::Text),
            ("When", Kind::Text),
        ];
        let ends = Pager {
            newer: wanted.before.map(|_| wanted.view.href()),
            older: self.older.map(|(at, account)| wanted.view.href().with("before", &format!("{}.{account}", at.0))),
        };
        html! {
            (self.tabs(signed, wanted.view))
            @if self.rows.is_empty() {
                (layout::frame(list::empty(&Empty { title, text, button: link_button(Weight::Quiet, "/admin/accounts", "Accounts"), command: "" })))
            } @else {
                section.panel {
                    (list::table(&Table { caption: "Conversations", columns: &columns, rows: self.rows.iter().map(|line| line.cells(self.now)).collect() }))
                    (list::pager(&ends, ("Newest", "Older")))
                }
            }
        }
    }
}

/// `GET /admin/inbox`
async fn index(call: Call, signed: Signed) -> Result<Response, Problem> {
    let wanted = Wanted::of(&call, &signed);
    let listed = call.state().store().read(|read| Listed::load(read, wanted))?;
    let body = html! { div.stack { (listed.show(signed.id, wanted)) } };
    // Older pages stand still: what comes in belongs to the newest one.
    let body = match wanted.before {
        Some(_) => body,
        None => region("inbox", Href::from("/admin/inbox/live").with("list", wanted.view.word()), body),
    };
    Ok(show(&call, &signed, Content::new("Inbox", Nav::Inbox, body)))
}

/// `GET /admin/inbox/live`
async fn live_part(call: Call, signed: Signed) -> Result<Response, Problem> {
    let (wanted, admin) = (Wanted::of(&call, &signed), signed.id);
    live::serve_signed(&call, &signed, live::PRIVATE, move |read| {
        Ok(Shown::changing(html! { div.stack { (Listed::load(read, wanted)?.show(admin, wanted)) } }))
    })
}
