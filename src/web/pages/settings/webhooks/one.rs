//! `/admin/settings/webhooks/ID`: one endpoint, live: its state in words, its log, a test, "send again", the switch.

use maud::{Markup, html};
use tide::http::Method;

use super::super::super::super::live::{self, Shown as Part};
use super::super::super::super::{Call, Problem, Response, Row};
use super::super::super::{Content, done, may, show};
use super::{PATH, events, path_of, words};
use crate::actions::session::Signed;
use crate::actions::webhooks::{self, Shown, attempts, find};
use crate::clock::Timestamp;
use crate::ids::{AttemptId, EndpointId, EventId};
use crate::model::admin::Role;
use crate::model::webhook::{ATTEMPTS_KEPT, Attempt, TEST};
use crate::store::{Read as _, Snapshot, StoreError, journal};
use crate::view::badge::Tone;
use crate::view::form::{Weight, hidden, link_button, one_button, submit};
use crate::view::layout::{facts, panel_flush, panel_with};
use crate::view::list::{Kind, Pager, Table, pager, table};
use crate::view::live::region;
use crate::view::notice::{self, Flash};
use crate::view::shell::Nav;
use crate::view::{Href, badge, time};

/// Attempts of one page.
const ROWS: usize = 30;

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::signed(Method::Get, "/admin/settings/webhooks/:id", Role::Operator, page),
        Row::signed(Method::Get, "/admin/settings/webhooks/:id/live", Role::Operator, live_part),
        Row::signed(Method::Post, "/admin/settings/webhooks/:id/test", Role::Operator, test),
        Row::signed(Method::Post, "/admin/settings/webhooks/:id/again", Role::Operator, again),
        Row::signed(Method::Post, "/admin/settings/webhooks/:id/on", Role::Operator, switch_on),
        Row::signed(Method::Post, "/admin/settings/webhooks/:id/off", Role::Operator, switch_off),
    ]
}

/// One line of the log.
#[derive(PartialEq)]
struct Line {
    attempt: Attempt,
    /// The name of its event; nothing when that is no longer kept.
    event: Option<&'static str>,
}

/// What the page shows and keeps up to date.
struct Seen {
    shown: Shown,
    sentence: String,
    lines: Vec<Line>,
    older: Option<AttemptId>,
    now: Timestamp,
}

impl Seen {
    fn load(read: &Snapshot, id: EndpointId, before: Option<AttemptId>) -> Result<Option<Self>, StoreError> {
        let Some(shown) = find(read, id)? else { return Ok(None) };
        let mut rows = attempts(read, id, before, ROWS + 1)?;
        let has_older = rows.len() > ROWS;
        rows.truncate(ROWS);
        let older = rows.last().filter(|_| has_older).map(|(id, _)| *id);
        let line = |(_, attempt): (AttemptId, Attempt)| {
            let event = if attempt.is_test {
                Some(TEST)
            } else {
                journal::event(read, attempt.event)?.map(|event| event.kind.name())
            };
            Ok(Line { attempt, event })
        };
        let lines = rows.into_iter().map(line).collect::<Result<_, StoreError>>()?;
        let now = read.now();
        Ok(Some(Self { sentence: words::sentence(read, &shown, now)?, shown, lines, older, now }))
    }

    fn show(&self, csrf: &str, before: Option<AttemptId>) -> Markup {
        let badge = words::badge(&self.shown);
        let untried = badge.tone == Tone::Good && self.shown.progress.delivered.is_none();
        let tone = if untried { Tone::Quiet } else { badge.tone };
        let here = Href::from(path_of(self.shown.id, ""));
        let ends = Pager {
            newer: before.map(|_| here.clone()),
            older: self.older.map(|id| here.with("before", &id.to_string())),
        };
        html! {
            div.stack {
                div.headline { (badge) }
                (notice::notice(tone, &self.sentence))
                (panel_flush("Log", html! {}, html! {
                    @if self.lines.is_empty() {
                        p.hint.pad { "Each attempt to deliver an event is kept here for " (time::span(ATTEMPTS_KEPT)) ": what came of it, and a button to send it again." }
                    } @else { (self.log(csrf)) }
                    (pager(&ends, ("Newest", "Older")))
                }))
            }
        }
    }

    fn log(&self, csrf: &str) -> Markup {
        let columns = [
            ("Event", Kind::Text),
            ("When", Kind::Text),
            ("Outcome", Kind::Text),
            ("Status", Kind::Number),
            ("Took", Kind::Number),
            ("Send again", Kind::Actions),
        ];
        let action = path_of(self.shown.id, "/again");
        let active = self.shown.endpoint.is_active();
        let line = |line: &Line| {
            let Line { attempt, event } = line;
            let number = attempt.event.to_string();
            vec![
                html! {
                    (event.unwrap_or("no longer kept"))
                    span.sub { "event " (number) @if attempt.number > 1 { ", try " (attempt.number) } }
                },
                time::ago(attempt.at, self.now),
                html! {
                    (badge::with(words::outcome(attempt.outcome), ""))
                    @if attempt.outcome != crate::model::webhook::Outcome::Delivered { span.sub { (attempt.outcome.words()) } }
                },
                html! { @if let Some(status) = attempt.status { (status) } },
                html! { (words::took(attempt.took_ms)) },
                html! { @if active && event.is_some() && !attempt.is_test {
                    (one_button(action.as_str(), Some(csrf), html! { (hidden("event", &number)) (submit(Weight::Quiet, "Send again")) }))
                } },
            ]
        };
        table(&Table {
            caption: "Attempts, the newest first",
            columns: &columns,
            rows: self.lines.iter().map(line).collect(),
        })
    }
}

/// `GET /admin/settings/webhooks/:id`
async fn page(call: Call, signed: Signed) -> Result<Response, Problem> {
    let id = call.id::<EndpointId>("id")?;
    let before = call.query("before").parse().ok();
    let seen = call.state().store().read(|read| Seen::load(read, id, before))?.ok_or_else(Problem::not_found)?;
    let (endpoint, csrf) = (&seen.shown.endpoint, signed.session.csrf.as_str());
    let owner = may(&signed, Role::Owner);
    let content = seen.show(csrf, before);
    let body = html! {
        // What is older does not change.
        @if before.is_some() { (content) } @else { (region("endpoint", path_of(id, "/live"), content)) }
        (panel_with("Endpoint", html! { @if owner { (link_button(Weight::Quiet, path_of(id, "/edit"), "Edit")) } }, facts(&[
            ("Address", html! { code { (endpoint.url) } }),
            ("Events", html! { (events(&endpoint.events)) }),
            ("Made", time::exact(endpoint.created)),
            ("Secret", html! {
                code { "whsec_…" }
                @if let Some((_, until)) = endpoint.previous.as_ref().filter(|(_, until)| *until > seen.now) {
                    " The one before it signs along until " (time::exact(*until)) "."
                }
            }),
        ])))
        @if owner {
            div.actions {
                (link_button(Weight::Quiet, path_of(id, "/secret"), "Replace the secret"))
                (link_button(Weight::Danger, path_of(id, "/delete"), "Delete"))
            }
        }
        p.hint { "How a website checks that a call comes from here: " a href="/admin/connect#verify" { "programs to copy" } "." }
    };
    let actions = html! {
        @if endpoint.is_active() {
            (one_button(path_of(id, "/off"), Some(csrf), submit(Weight::Quiet, "Switch off")))
            (one_button(path_of(id, "/test"), Some(csrf), submit(Weight::Primary, "Send a test")))
        } @else {
            (one_button(path_of(id, "/on"), Some(csrf), submit(Weight::Primary, "Switch on")))
        }
    };
    let content =
        Content::new(endpoint.name.clone(), Nav::Settings, body).below(PATH, "Webhooks").with_actions(actions);
    Ok(show(&call, &signed, content))
}

/// `GET /admin/settings/webhooks/:id/live`
async fn live_part(call: Call, signed: Signed) -> Result<Response, Problem> {
    let id = call.id::<EndpointId>("id")?;
    let csrf = signed.session.csrf.clone();
    live::serve_signed(&call, &signed, live::PRIVATE, move |read| {
        let seen = Seen::load(read, id, None)?.ok_or_else(Problem::not_found)?;
        Ok(Part::changing(seen.show(&csrf, None)))
    })
}

/// `POST /admin/settings/webhooks/:id/test`
async fn test(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    call.form().await?;
    let id = call.id::<EndpointId>("id")?;
    call.state().store().write(move |tx| webhooks::test(tx, &signed.caller(), id)).await?;
    Ok(done(&call, &path_of(id, ""), &Flash::good("A test is on its way. What comes of it stands in the log.")))
}

/// `POST /admin/settings/webhooks/:id/again`
async fn again(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let form = call.form().await?;
    let id = call.id::<EndpointId>("id")?;
    let event: EventId = form.trimmed("event").parse().map_err(|_| Problem::not_found())?;
    call.state().store().write(move |tx| webhooks::send_again(tx, &signed.caller(), id, event)).await?;
    let news = Flash::good(format!("Event {event} is sent again, under the same id."));
    Ok(done(&call, &path_of(id, ""), &news))
}

/// `POST /admin/settings/webhooks/:id/on`
async fn switch_on(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    call.form().await?;
    let id = call.id::<EndpointId>("id")?;
    call.state().store().write(move |tx| webhooks::switch_on(tx, &signed.caller(), id)).await?;
    Ok(done(&call, &path_of(id, ""), &Flash::good("It is switched on.")))
}

/// `POST /admin/settings/webhooks/:id/off`
async fn switch_off(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    call.form().await?;
    let id = call.id::<EndpointId>("id")?;
    call.state().store().write(move |tx| webhooks::switch_off(tx, &signed.caller(), id)).await?;
    Ok(done(&call, &path_of(id, ""), &Flash::good("It is switched off. Nothing is sent.")))
}
