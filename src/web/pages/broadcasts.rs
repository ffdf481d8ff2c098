//! `/admin/broadcasts`: the list, by state and with cursors. Writing one, starting it, watching it and its report have their files
//! here.

mod acts;
mod answers;
mod compose;
pub mod export;
mod photo;
mod preview;
mod report;
mod start;
mod typed;
mod watch;
pub mod words;

use maud::{Markup, html};
use tide::http::Method;

use super::super::{Call, Problem, Response, Row};
use super::{Content, may, show};
use crate::actions::session::Signed;
use crate::clock::Timestamp;
use crate::ids::BroadcastId;
use crate::model::admin::Role;
use crate::model::broadcast::{Broadcast, BroadcastState, BroadcastStatus, Figures};
use crate::model::message::Body;
use crate::store::{Read as _, Snapshot, StoreError, broadcasts};
use crate::view::badge::{self, Badge};
use crate::view::form::{Weight, link_button};
use crate::view::list::{Empty, Kind, Pager, Place, Tab, Table};
use crate::view::shell::Nav;
use crate::view::{Href, layout, list, progress, time};

/// Broadcasts of one page.
const ROWS: usize = 25;
const PATH: &str = "/admin/broadcasts";
/// Where a new one is written.
const NEW: &str = "/admin/broadcasts/new";

/// The routes of these pages.
#[must_use]
pub fn rows() -> Vec<Row> {
    [
        vec![Row::signed(Method::Get, PATH, Role::Viewer, index)],
        compose::rows(),
        start::rows(),
        watch::rows(),
        acts::rows(),
        report::rows(),
        export::rows(),
        photo::rows(),
    ]
    .concat()
}

/// The page of a broadcast.
#[must_use]
pub fn path_of(id: BroadcastId) -> String {
    format!("{PATH}/{id}")
}

/// The broadcast that the path names.
fn existing(call: &Call) -> Result<(BroadcastId, Broadcast), Problem> {
    let id: BroadcastId = call.id("id")?;
    let row = call.state().store().read(|read| broadcasts::get(read, id))?;
    row.map(|broadcast| (id, broadcast)).ok_or_else(gone)
}

fn gone() -> Problem {
    Problem::gone("There is no such broadcast. It may have been removed by its age.").leading(PATH, "To the broadcasts")
}

/// One broadcast as lists show it.
struct Line {
    id: BroadcastId,
    broadcast: Broadcast,
    body: Option<Body>,
    figures: Figures,
}

impl Line {
    fn load(read: &Snapshot, (id, broadcast): broadcasts::Row) -> Result<Self, StoreError> {
        let (body, figures) = (broadcasts::body(read, id)?, broadcasts::figures(read, id)?);
        Ok(Self { id, broadcast, body, figures })
    }

    fn cells(&self, now: Timestamp) -> Vec<Markup> {
        vec![
            html! {
                a.excerpt href=(Href::from(path_of(self.id))) dir="auto" { (words::title(self.body.as_ref())) }
                span.sub { "No. " (self.id) ", " (words::audience(&self.broadcast.audience)) }
            },
            badge::with(Badge::from(self.broadcast.status()), &words::detail(&self.broadcast)),
            self.progress(),
            html! { span { (self.when(now)) } },
        ]
    }

    fn progress(&self) -> Markup {
        if self.figures.rows == 0 {
            return Markup::default();
        }
        let segments = words::segments(&self.figures, |_| None);
        progress::slim(&format!("Broadcast {}", self.id), &segments, self.figures.rows.into())
    }

    fn when(&self, now: Timestamp) -> Markup {
        match self.broadcast.state {
            BroadcastState::Scheduled { at } => html! { "starts " (time::exact(at)) },
            BroadcastState::Done { at } | BroadcastState::Cancelled { at } => html! { "ended " (time::ago(at, now)) },
            BroadcastState::Draft => html! { "made " (time::ago(self.broadcast.created, now)) },
            BroadcastState::Preparing | BroadcastState::Sending | BroadcastState::Paused { .. } => {
                html! { "started " (time::ago(self.broadcast.started.unwrap_or(self.broadcast.created), now)) }
            }
        }
    }
}

/// What the overview shows: those that run or wait for a person.
pub(super) fn running(read: &Snapshot) -> Result<Markup, StoreError> {
    let busy =
        [BroadcastStatus::Paused, BroadcastStatus::Sending, BroadcastStatus::Preparing, BroadcastStatus::Scheduled];
    let mut lines = Vec::new();
    for status in busy {
        let rows = broadcasts::list(read, Some(status), None, 5)?;
        lines.extend(rows.into_iter().map(|row| Line::load(read, row)).collect::<Result<Vec<_>, _>>()?);
    }
    if lines.is_empty() {
        return Ok(Markup::default());
    }
    let all = html! { a href=(PATH) { "All broadcasts" } };
    Ok(layout::panel_flush("Broadcasts under way", all, table(&lines, read.now())))
}

fn table(lines: &[Line], now: Timestamp) -> Markup {
    let columns = [("Broadcast", Kind::Text), ("State", Kind::Text), ("Progress", Kind::Text), ("When", Kind::Text)];
    let rows = lines.iter().map(|line| line.cells(now)).collect();
    list::table(&Table { caption: "Broadcasts", columns: &columns, rows })
}

/// What the address asks for.
struct Wanted {
    status: Option<BroadcastStatus>,
    before: Option<BroadcastId>,
}

impl Wanted {
    fn of(call: &Call) -> Self {
        Self { status: BroadcastStatus::parse(&call.query("state")), before: call.query("before").parse().ok() }
    }

    fn href(status: Option<BroadcastStatus>) -> Href {
        let all = Href::from(PATH);
        status.map_or(all.clone(), |status| all.with("state", status.word()))
    }
}

/// `GET /admin/broadcasts`
async fn index(call: Call, signed: Signed) -> Result<Response, Problem> {
    let wanted = Wanted::of(&call);
    let (mut lines, now) = call.state().store().read(|read| {
        let rows = broadcasts::list(read, wanted.status, wanted.before, ROWS + 1)?;
        let lines = rows.into_iter().map(|row| Line::load(read, row)).collect::<Result<Vec<_>, _>>()?;
        Ok::<_, StoreError>((lines, read.now()))
    })?;
    let new = html! { @if may(&signed, Role::Sender) { (link_button(Weight::Primary, NEW, "New broadcast")) } };
    if lines.is_empty() && wanted.status.is_none() && wanted.before.is_none() {
        return Ok(show(&call, &signed, Content::new("Broadcasts", Nav::Broadcasts, layout::frame(nothing_yet(&new)))));
    }
    let has_older = lines.len() > ROWS;
    lines.truncate(ROWS);
    let here = Wanted::href(wanted.status);
    let pager = Pager {
        newer: wanted.before.map(|_| here.clone()),
        older: lines.last().filter(|_| has_older).map(|line| here.with("before", &line.id.to_string())),
    };
    let body = html! {
        (list::tabs("Broadcasts by state", &tabs(&wanted)))
        section.panel {
            @if lines.is_empty() { div.panel-body { p { "No broadcast is like that." } p { a href=(PATH) { "Show all broadcasts" } } } }
            @else { (table(&lines, now)) }
            (list::pager(&pager, ("Newest", "Older")))
        }
    };
    Ok(show(&call, &signed, Content::new("Broadcasts", Nav::Broadcasts, body).with_actions(new)))
}

fn tabs(wanted: &Wanted) -> Vec<Tab<'static>> {
    let tab = |label, status: Option<BroadcastStatus>| Tab {
        label,
        count: None,
        href: Wanted::href(status),
        place: Place::of(&status, &wanted.status),
    };
    std::iter::once(tab("All", None))
        .chain(BroadcastStatus::ALL.into_iter().map(|status| tab(words::capital(status), Some(status))))
        .collect()
}

fn nothing_yet(button: &Markup) -> Markup {
    list::empty(&Empty {
        title: "No broadcasts yet",
        text: "A broadcast is one message for many accounts: everyone, those with certain tags, or some that you pick. You see it as \
               the person will, send a test to your own chat, and read before it starts how many it reaches and how long that \
               takes. Afterwards each chat has its line: sent, failed and why, or uncertain.",
        button: button.clone(),
        command: "",
    })
}
