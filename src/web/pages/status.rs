//! `/admin/status`: what receiving and sending wait for, in sentences; what went wrong last; how requests arrive; the process.
//! The audit stands beside it.

mod audit;
mod proxy;

use maud::{Markup, html};
use tide::http::Method;

use super::super::live::{self, Shown};
use super::super::{Call, Problem, Response, Row, State};
use super::{Content, machine, show};
use crate::actions::session::Signed;
use crate::clock::Timestamp;
use crate::ids::UpdateId;
use crate::model::admin::Role;
use crate::model::delivery::{Lane, Standing};
use crate::store::{Counter, Read as _, SetAside, Snapshot, StoreError, count, meta};
use crate::view::layout::{facts, halves, panel};
use crate::view::list::{Kind, Place, Tab, Table, table, tabs};
use crate::view::live::region;
use crate::view::notice::notice;
use crate::view::shell::Nav;
use crate::view::{number, time};

/// Updates set aside that are shown.
const SHOWN: usize = 20;
const PATH: &str = "/admin/status";

/// The routes of these pages.
#[must_use]
pub fn rows() -> Vec<Row> {
    let own = vec![
        Row::signed(Method::Get, PATH, Role::Viewer, page),
        Row::signed(Method::Get, "/admin/status/live", Role::Viewer, live_part),
    ];
    [own, audit::rows()].concat()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tabbed {
    Now,
    Audit,
}

fn tab_row(here: Tabbed) -> Markup {
    let tab = |label, href: &str, this| Tab { label, count: None, href: href.into(), place: Place::of(&this, &here) };
    tabs("Status", &[tab("Now", PATH, Tabbed::Now), tab("Audit", audit::PATH, Tabbed::Audit)])
}

/// What the data file knows about the work to be done.
struct Seen {
    queued: Vec<(Lane, u64)>,
    sending: u64,
    set_aside: u64,
    newest: Vec<(UpdateId, SetAside)>,
    now: Timestamp,
}

impl Seen {
    fn load(read: &Snapshot) -> Result<Self, StoreError> {
        let queued =
            Lane::QUEUED.into_iter().map(|lane| Ok((lane, count(read, Counter::Deliveries(lane, Standing::Queued))?)));
        let sending = Lane::QUEUED.into_iter().map(|lane| count(read, Counter::Deliveries(lane, Standing::Sending)));
        Ok(Self {
            queued: queued.collect::<Result<_, StoreError>>()?,
            sending: sending.sum::<Result<_, _>>()?,
            set_aside: count(read, Counter::SetAside)?,
            newest: meta::set_asides(read, SHOWN)?,
            now: read.now(),
        })
    }

    fn show(&self, state: &State) -> Markup {
        html! {
            (halves(self.receiving(state), self.sending(state)))
            @if self.set_aside > 0 { (self.aside()) }
        }
    }

    fn receiving(&self, state: &State) -> Markup {
        let report = state.bot().health().report();
        let (tone, words) = machine::receiving(&report, self.now);
        let bot = report
            .identity
            .as_ref()
            .map_or_else(|| html! { "not known yet" }, |bot| html! { (bot.name) " (@" (bot.username) ")" });
        panel(
            "Receiving",
            html! {
                (notice(tone, &words))
                (facts(&[
                    ("Bot", bot),
                    ("Telegram answered", maybe(report.last_answer, self.now, "not yet")),
                    ("Last update", maybe(report.last_update, self.now, "none yet")),
                    ("Waiting there", html! { @match report.pending { Some(count) => (number(count)), None => "not known" } }),
                    ("Failed calls", html! { (report.failures) " in a row" }),
                    ("Last fault", html! { @match &report.last_error { Some(text) => (text), None => "none since it runs well" } }),
                ]))
                @if matches!(report.state, crate::bot::health::State::WebhookSet { .. } | crate::bot::health::State::OtherBot { .. } | crate::bot::health::State::NoToken) {
                    p { a href="/admin/settings/bot" { "What can be done about it" } }
                }
            },
        )
    }

    fn sending(&self, state: &State) -> Markup {
        let health = state.outbox().health();
        let queued =
            |lane: Lane| self.queued.iter().filter(|(each, _)| *each == lane).map(|(_, count)| count).sum::<u64>();
        panel(
            "Sending",
            html! {
                (notice(machine::sending_tone(&health), &health.doing.sentence(self.now)))
                (facts(&[
                    ("Answers waiting", html! { (number(queued(Lane::Replies))) }),
                    ("Messages waiting", html! { (number(queued(Lane::Single))) }),
                    ("On their way", html! { (number(self.sending)) }),
                    ("Last confirmed", maybe(health.last_sent, self.now, "none since the start")),
                    ("Last fault", html! { @match &health.last_fault {
                        Some((at, text)) => { (text) " " span.sub { (time::ago(*at, self.now)) } },
                        None => "none since the start",
                    } }),
                ]))
            },
        )
    }

    fn aside(&self) -> Markup {
        let columns = [("Update", Kind::Text), ("When", Kind::Text), ("Why", Kind::Text)];
        let line = |(id, row): &(UpdateId, SetAside)| {
            vec![html! { (id) }, time::ago(row.at, self.now), html! { (row.reason) }]
        };
        let rows = self.newest.iter().map(line).collect();
        html! {
            section.panel {
                div.panel-head { h2 { "Set aside" } span.sub { (number(self.set_aside)) " in all" } }
                p.panel-body.hint { "Updates that could not be carried out. They hold nobody up, and are kept sealed for 30 days." }
                (table(&Table { caption: "Updates set aside", columns: &columns, rows }))
            }
        }
    }
}

fn maybe(at: Option<Timestamp>, now: Timestamp, otherwise: &str) -> Markup {
    html! { @match at { Some(at) => (time::ago(at, now)), None => (otherwise) } }
}

async fn page(call: Call, signed: Signed) -> Result<Response, Problem> {
    let seen = call.state().store().read(Seen::load)?;
    let now = call.state().clock().now();
    let body = html! {
        (tab_row(Tabbed::Now))
        (region("status", "/admin/status/live", html! { div.stack { (seen.show(call.state())) } }))
        (halves(proxy::check(&call), process(call.state(), now)))
    };
    Ok(show(&call, &signed, Content::new("Status", Nav::Status, body)))
}

fn process(state: &State, now: Timestamp) -> Markup {
    let started = state.started();
    panel(
        "This process",
        facts(&[
            ("Version", html! { (env!("CARGO_PKG_VERSION")) }),
            ("Running", html! { (time::span(now.since(started))) span.sub { " since " (time::exact(started)) } }),
            ("Data folder", html! { code { (state.config().data_dir.value.display()) } }),
            (
                "Loops",
                html! { @match state.health().failing() { Some(name) => { "not well: " (name) }, None => "all alive" } },
            ),
        ]),
    )
}

async fn live_part(call: Call, signed: Signed) -> Result<Response, Problem> {
    let state = call.state().clone();
    live::serve_signed(&call, &signed, live::CLOSE, move |read| {
        Ok(Shown::changing(html! { div.stack { (Seen::load(read)?.show(&state)) } }))
    })
}
