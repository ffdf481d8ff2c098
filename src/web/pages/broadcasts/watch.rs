//! `/admin/broadcasts/ID`: one broadcast, live: how far it is, how fast, what it waits for, and what a person can do about it.

use std::collections::VecDeque;
use std::time::Duration;

use maud::{Markup, html};
use tide::http::Method;

use super::super::super::live::{self, Look, Next, Shown};
use super::super::super::{Call, Problem, Response, Row, State};
use super::super::{Content, names, show};
use super::answers::Answers;
use super::preview::{Awaited, Preview};
use super::typed::Typed;
use super::{PATH, acts, existing, gone, path_of, report, words};
use crate::actions::session::Signed;
use crate::actions::settings::Rates;
use crate::clock::Timestamp;
use crate::ids::BroadcastId;
use crate::model::admin::Role;
use crate::model::broadcast::{Broadcast, BroadcastState, BroadcastStatus, Figures, PAID_RATE_MAX};
use crate::model::delivery::Standing;
use crate::model::message::{Attachment, Body};
use crate::outbox::Upload;
use crate::store::attachments::Way;
use crate::store::{Read as _, Snapshot, StoreError, attachments, broadcasts, meta};
use crate::view::badge::{self, Badge};
use crate::view::live::{part, parted};
use crate::view::notice::notice;
use crate::view::shell::Nav;
use crate::view::{count, layout, number, progress, time};

/// Over how long the rate is measured.
const WINDOW: Duration = Duration::from_secs(10);

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::signed(Method::Get, "/admin/broadcasts/:id", Role::Viewer, page),
        Row::signed(Method::Get, "/admin/broadcasts/:id/live", Role::Viewer, live_parts),
    ]
}

/// Who looks, as far as the page depends on it.
#[derive(Clone)]
pub(super) struct Eye {
    pub(super) may_send: bool,
    pub(super) csrf: String,
}

impl Eye {
    fn of(signed: &Signed) -> Self {
        Self { may_send: signed.person.role >= Role::Sender, csrf: signed.session.csrf.clone() }
    }
}

/// What the page shows and keeps up to date.
pub(super) struct Seen {
    pub(super) id: BroadcastId,
    pub(super) row: Broadcast,
    pub(super) figures: Figures,
    /// Messages a second that it may send; 0 is no limit.
    allowed: u32,
    upload: Upload,
    /// The answers, if it asks.
    answers: Option<Answers>,
    now: Timestamp,
}

impl Seen {
    fn load(read: &Snapshot, state: &State, id: BroadcastId) -> Result<Option<Self>, StoreError> {
        let Some(row) = broadcasts::get(read, id)? else { return Ok(None) };
        let figures = broadcasts::figures(read, id)?;
        let global = Rates::of(&meta::saved(read)?, state.config()).global.value;
        let allowed = row.rate.unwrap_or(if row.paid { PAID_RATE_MAX } else { global });
        let body = broadcasts::body(read, id)?;
        let upload = upload(read, &row, body.as_ref())?;
        let answers = Answers::of(&row, body.as_ref(), &figures);
        Ok(Some(Self { id, row, figures, allowed, upload, answers, now: read.now() }))
    }

    fn ended(&self) -> u32 {
        self.figures.rows.saturating_sub(self.figures.open())
    }

    fn is_over(&self) -> bool {
        self.row.status().is_final() && self.figures.open() == 0
    }

    fn is_running(&self) -> bool {
        matches!(self.row.status(), BroadcastStatus::Preparing | BroadcastStatus::Sending)
    }

    /// The state, the bar, the figures.
    fn show(&self, state: &State, pace: &Measured) -> Markup {
        let health = state.outbox().health();
        let tone = words::tone(&self.row, &health.doing);
        let sentence = health.waiting(&self.row, &self.figures, self.upload, self.now);
        let mut segments = words::segments(&self.figures, |standing| Some(report::href(self.id, Some(standing))));
        // What will be nothing for ever needs no line.
        segments.retain(|segment| segment.value > 0 || segment.badge != badge::delivery::CANCELLED);
        segments.retain(|segment| segment.value > 0 || segment.stage == progress::Stage::Ended || !self.is_over());
        html! {
            div.headline { (badge::with(Badge::from(self.row.status()), &words::detail(&self.row))) }
            (notice(tone, &sentence))
            @if self.figures.rows > 0 {
                (layout::frame(progress::progress(&format!("Broadcast {}", self.id), &segments, self.figures.rows.into())))
                (self.numbers(pace))
            }
        }
    }

    fn numbers(&self, pace: &Measured) -> Markup {
        let chats = count(self.figures.rows.into(), "chat", "chats");
        let reached = number(self.figures.reached.into());
        let of = format!("of {}", count(self.figures.accounts.into(), "account", "accounts"));
        let mut tiles = vec![
            ("Dealt with", html! { (number(self.ended().into())) }, format!("of {chats}")),
            ("Reached", html! { (reached) }, of),
        ];
        if self.is_running() {
            tiles.push(("Rate", self.rate(pace), self.rate_note()));
            tiles.push(("Time left", html! { (self.left(pace)) }, "if nothing else is sent".to_owned()));
        } else if let (Some(started), Some(ended)) = (self.row.started, self.row.state.ended()) {
            tiles.push(("It took", html! { (time::span(ended.since(started))) }, "from its start".to_owned()));
        }
        layout::told(&tiles)
    }

    fn rate(&self, pace: &Measured) -> Markup {
        match pace.tenths_a_second() {
            Some(tenths) => html! { (number(tenths / 10)) "." (tenths % 10) span.unit { " a second" } },
            None if self.allowed == 0 => html! { "–" },
            None => html! { (number(self.allowed.into())) span.unit { " a second" } },
        }
    }

    fn rate_note(&self) -> String {
        match (self.allowed, self.row.paid) {
            (0, _) => "no limit is set".to_owned(),
            (allowed, true) => format!("at most {}, paid for", number(allowed.into())),
            (allowed, false) => format!("at most {}", number(allowed.into())),
        }
    }

    fn left(&self, pace: &Measured) -> String {
        let open = u64::from(self.figures.open());
        let measured = pace.tenths_a_second().filter(|tenths| *tenths > 0);
        let seconds = match measured {
            Some(tenths) => Some(Duration::from_secs((open * 10).div_ceil(tenths))),
            None => words::lasts(open, self.allowed),
        };
        seconds.map_or_else(|| "–".to_owned(), words::about)
    }

    /// The parts of the page that change.
    fn parts(&self, state: &State, eye: &Eye, pace: &Measured) -> Markup {
        html! {
            (part("state", self.show(state, pace)))
            (part("answers", self.answered()))
            (part("acts", acts::panel(self, eye)))
        }
    }

    fn answered(&self) -> Markup {
        self.answers.as_ref().map_or_else(Markup::default, |answers| answers.show(self.now))
    }

    /// When the page changes: answers come in after the last message went out, too.
    fn next(&self) -> Next {
        let asked = self.answers.as_ref().and_then(|answers| answers.next(self.now));
        asked.unwrap_or(if self.is_over() { Next::Over } else { Next::Change })
    }
}

/// Whether Telegram has what one carries that is being sent.
fn upload(read: &Snapshot, row: &Broadcast, body: Option<&Body>) -> Result<Upload, StoreError> {
    if row.status() != BroadcastStatus::Sending {
        return Ok(Upload::Done);
    }
    let (carried, bot) = (body.and_then(Body::attachment), meta::bot(read)?);
    let Some((attachment, bot)) = carried.zip(bot) else { return Ok(Upload::Done) };
    Ok(match (attachments::way(read, attachment, bot.id)?, attachment) {
        (Way::Upload, Attachment::Photo(_)) => Upload::Photo,
        (Way::Upload, Attachment::Document(_)) => Upload::Document,
        (Way::Gone | Way::Number(_), _) => Upload::Done,
    })
}

/// How many came to an end within the last seconds.
#[derive(Debug, Default)]
struct Measured(VecDeque<(Timestamp, u32)>);

impl Measured {
    fn note(&mut self, now: Timestamp, ended: u32) {
        self.0.push_back((now, ended));
        while self.0.len() > 2 && self.0.get(1).is_some_and(|(at, _)| now.since(*at) >= WINDOW) {
            self.0.pop_front();
        }
    }

    fn tenths_a_second(&self) -> Option<u64> {
        let ((from, before), (to, after)) = (self.0.front()?, self.0.back()?);
        let millis = u64::try_from(to.since(*from).as_millis()).ok().filter(|millis| *millis >= 1_000)?;
        Some(u64::from(after.saturating_sub(*before)) * 10_000 / millis)
    }
}

/// `GET /admin/broadcasts/:id`
async fn page(call: Call, signed: Signed) -> Result<Response, Problem> {
    let (id, row) = existing(&call)?;
    let (state, eye) = (call.state(), Eye::of(&signed));
    let (seen, typed, who) = state.store().read(|read| {
        let seen = Seen::load(read, state, id)?.ok_or_else(gone)?;
        let body = broadcasts::body(read, id)?;
        let typed = body.map(|body| Typed::from_row(read, &body, &row.audience)).transpose()?;
        Ok::<_, Problem>((seen, typed, names::of_actor(read, row.actor)?))
    })?;
    let pace = Measured::default();
    let live = parted("broadcast", format!("{}/live", path_of(id)), seen.parts(state, &eye, &pace));
    let said = match &typed {
        Some(typed) => Preview::load(state, typed, Awaited::Nothing).await?.bubble(),
        None => notice(badge::Tone::Doubtful, "What it says was sealed with another key and cannot be read."),
    };
    let body = html! {
        div.compose {
            div.stack { (live) }
            div.compose-side { (said) (layout::panel("About it", facts(&seen, &who))) }
        }
    };
    let title = format!("Broadcast {id}");
    Ok(show(&call, &signed, Content::new(title, Nav::Broadcasts, body).below(PATH, "Broadcasts")))
}

fn facts(seen: &Seen, who: &str) -> Markup {
    let row = &seen.row;
    let mut facts = vec![
        ("Goes", html! { (words::audience(&row.audience)) }),
        ("Made", html! { (time::exact(row.created)) " by " (who) }),
    ];
    if let BroadcastState::Scheduled { at } = row.state {
        facts.push(("Starts", time::exact(at)));
    }
    if let Some(started) = row.started {
        facts.push(("Started", time::exact(started)));
    }
    if let Some(ended) = row.state.ended() {
        facts.push(("Ended", time::exact(ended)));
    }
    if row.paid {
        facts.push(("Paid", html! { "yes, faster than 30 a second" }));
    }
    layout::facts(&facts)
}

/// `GET /admin/broadcasts/:id/live`
async fn live_parts(call: Call, signed: Signed) -> Result<Response, Problem> {
    let (id, _) = existing(&call)?;
    let (state, eye) = (call.state().clone(), Eye::of(&signed));
    let mut pace = Measured::default();
    live::serve_signed(&call, &signed, live::CLOSE, move |read| {
        let seen = Seen::load(read, &state, id)?.ok_or_else(gone)?;
        pace.note(seen.now, seen.ended());
        Ok(Look::Now(Shown { html: seen.parts(&state, &eye, &pace), next: seen.next() }))
    })
}

/// What was not sent to those of one outcome: how many, and their word.
pub(super) fn to_send_again(figures: &Figures) -> Vec<(Standing, u32)> {
    let of = |standing: Standing| (standing, figures.count(standing));
    [of(Standing::Failed), of(Standing::Uncertain)].into_iter().filter(|(_, count)| *count > 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_that_of_the_last_seconds() {
        let mut pace = Measured::default();
        let start = Timestamp(1_000_000);
        pace.note(start, 0);
        assert_eq!(pace.tenths_a_second(), None, "nothing can be said at once");
        for second in 1..=20_u32 {
            let rate = if second <= 5 { 30 } else { 10 };
            let ended = pace.0.back().map_or(0, |(_, ended)| *ended) + rate;
            pace.note(start.plus(Duration::from_secs(second.into())), ended);
        }
        assert_eq!(pace.tenths_a_second(), Some(100));
        assert!(pace.0.len() < 15);
    }
}
