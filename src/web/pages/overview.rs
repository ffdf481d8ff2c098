//! `/admin`: what the bot does, what is counted, how it went over the last weeks, and what to do next while there is little.

use maud::{Markup, html};
use tide::http::Method;

use super::super::live::{self, Shown};
use super::super::{Call, Problem, Response, Row, State};
use super::{Content, broadcasts, machine, show};
use crate::actions::session::Signed;
use crate::bot::health::Report;
use crate::bot::health::State as Receiving;
use crate::bot::health::State::NoToken;
use crate::clock::Timestamp;
use crate::model::account::AccountState;
use crate::model::admin::Role;
use crate::model::chat::Reachability;
use crate::model::delivery::{Lane, Standing};
use crate::model::link::LinkStatus;
use crate::store::{Counter, Metric, Read as _, Snapshot, StoreError, count, daily};
use crate::view::badge::Tone;
use crate::view::chart::{Part, Series, bars, line, outcome};
use crate::view::layout::{Tile, frame, halves, ledger};
use crate::view::live::region;
use crate::view::notice::{notice, titled};
use crate::view::shell::Nav;
use crate::view::{self, time};

/// Days that the pictures show.
const DAYS: u32 = 30;
const DAY: std::time::Duration = std::time::Duration::from_hours(24);

/// The routes of this page.
#[must_use]
pub fn rows() -> Vec<Row> {
    vec![
        Row::signed(Method::Get, "/admin", Role::Viewer, page),
        Row::signed(Method::Get, "/admin/live", Role::Viewer, live_part),
    ]
}

/// The figures, all of them kept and none counted here.
struct Figures {
    accounts: Vec<(AccountState, u64)>,
    chats: u64,
    open_links: u64,
    waiting: u64,
    days: Days,
    has_messages: bool,
    /// Those that run or wait for a person, as the list shows them.
    broadcasts: Markup,
    now: Timestamp,
}

/// One figure for each day, the oldest first.
struct Days {
    linked: Vec<u64>,
    unlinked: Vec<u64>,
    received: Vec<u64>,
    sent: Vec<u64>,
    failed: Vec<u64>,
    uncertain: Vec<u64>,
}

impl Figures {
    fn load(read: &Snapshot) -> Result<Self, StoreError> {
        let accounts = AccountState::ALL.into_iter().map(|state| Ok((state, count(read, Counter::Accounts(state))?)));
        let chats = Reachability::ALL.into_iter().map(|kind| count(read, Counter::BoundChats(kind)));
        let waiting = Lane::QUEUED.into_iter().map(|lane| count(read, Counter::Deliveries(lane, Standing::Queued)));
        let days = |metric| daily(read, metric, read.now(), DAYS);
        Ok(Self {
            accounts: accounts.collect::<Result<_, StoreError>>()?,
            chats: chats.sum::<Result<_, _>>()?,
            open_links: count(read, Counter::Links(LinkStatus::Open))?,
            waiting: waiting.sum::<Result<_, _>>()?,
            days: Days {
                linked: days(Metric::Linked)?,
                unlinked: days(Metric::Unlinked)?,
                received: days(Metric::Received)?,
                sent: days(Metric::Sent)?,
                failed: days(Metric::Failed)?,
                uncertain: days(Metric::Uncertain)?,
            },
            has_messages: count(read, Counter::Messages)? > 0,
            broadcasts: broadcasts::running(read)?,
            now: read.now(),
        })
    }

    fn accounts(&self) -> u64 {
        self.accounts.iter().map(|(_, count)| count).sum()
    }

    fn of(&self, state: AccountState) -> u64 {
        self.accounts.iter().filter(|(each, _)| *each == state).map(|(_, count)| count).sum()
    }

    fn tiles(&self) -> Markup {
        let today = |figures: &[u64]| figures.last().copied().unwrap_or(0);
        let tile =
            |label, value, note, href: &str| Tile { label, value, note, href: (!href.is_empty()).then(|| href.into()) };
        html! {
            (ledger(&[
                tile("Linked", self.of(AccountState::Linked), "accounts with a chat", "/admin/accounts?state=linked"),
                tile("Waiting", self.of(AccountState::Waiting), "accounts without one", "/admin/accounts?state=waiting"),
                tile("Unreachable", self.of(AccountState::Unreachable), "accounts whose chats are dead", "/admin/accounts?state=unreachable"),
                tile("Open links", self.open_links, "not used yet", "/admin/links"),
            ]))
            (ledger(&[
                tile("Queued", self.waiting, "messages that wait", "/admin/status"),
                tile("Sent today", today(&self.days.sent), "confirmed by Telegram", ""),
                tile("Failed today", today(&self.days.failed), "each with its reason", ""),
                tile("Received today", today(&self.days.received), "from connected people", ""),
            ]))
        }
    }

    /// The day's date beside each figure.
    fn dated(&self, figures: &[u64]) -> Vec<(String, u64)> {
        let mut days = Vec::with_capacity(figures.len());
        let mut at = self.now;
        for figure in figures.iter().rev() {
            days.push((time::date(at), *figure));
            at = at.minus(DAY);
        }
        days.reverse();
        days
    }

    /// Chats at the end of each day, reckoned back from now.
    fn chats_over_time(&self) -> Vec<u64> {
        let mut chats = self.chats;
        let mut over_time = Vec::new();
        for (linked, unlinked) in self.days.linked.iter().zip(&self.days.unlinked).rev() {
            over_time.push(chats);
            chats = chats.saturating_add(*unlinked).saturating_sub(*linked);
        }
        over_time.reverse();
        over_time
    }

    fn pictures(&self) -> Markup {
        let sum = |figures: &[u64]| figures.iter().sum::<u64>();
        let linked = self.dated(&self.chats_over_time());
        let sent = self.dated(&self.days.sent);
        let chats = format!(
            "{} now, {} connected in {DAYS} days.",
            view::count(self.chats, "chat", "chats"),
            view::number(sum(&self.days.linked))
        );
        let messages = format!("{} in {DAYS} days.", view::number(sum(&self.days.sent)));
        let part = |tone, label, figures: &[u64]| Part { tone, label, value: sum(figures) };
        let parts = [
            part(Tone::Good, "sent", &self.days.sent),
            part(Tone::Failed, "failed", &self.days.failed),
            part(Tone::Doubtful, "uncertain", &self.days.uncertain),
        ];
        html! {
            (halves(
                frame(line(&Series { title: "Chats connected", summary: &chats, axis: "Day", points: &linked })),
                frame(bars(&Series { title: "Messages sent each day", summary: &messages, axis: "Day", points: &sent })),
            ))
            @if parts.iter().any(|part| part.value > 0) {
                (frame(outcome(&format!("What became of messages in {DAYS} days"), &parts)))
            }
        }
    }

    /// What to do next, while the instance is young.
    fn next_step(&self, state: &Receiving) -> Option<(&'static str, Markup)> {
        if *state == NoToken {
            return Some((
                "Connect a bot",
                html! { p { "Without a bot nothing can be received or sent. " a href="/admin/settings/bot" { "Paste its token" } "." } },
            ));
        }
        if self.accounts() == 0 {
            return Some((
                "Make the first account",
                html! { p { "An account is a person of your website. " a href="/admin/accounts/new" { "Make one" } ", then its link." } },
            ));
        }
        if self.chats == 0 {
            return Some((
                "Connect the first chat",
                html! { p { "Open " a href="/admin/accounts?state=waiting" { "an account" } ", make its link, and open it on a phone. Press Start there." } },
            ));
        }
        (!self.has_messages).then(|| ("Send the first message", html! { p { "A chat is connected. Open " a href="/admin/accounts?state=linked" { "its account" } " and write to it." } }))
    }

    fn show(&self, state: &State) -> Markup {
        let report = state.bot().health().report();
        html! {
            (self.news(state, &report))
            (self.broadcasts)
            (self.tiles())
            p.hint {
                @match report.last_update { Some(at) => { "The last update came " (time::ago(at, self.now)) "." }, None => { "No update has come yet." } }
            }
            (self.pictures())
        }
    }

    /// What to do next, else what bot and sender are doing; of the sender only what deserves a look.
    fn news(&self, state: &State, report: &Report) -> Markup {
        let (tone, words) = machine::receiving(report, self.now);
        let sender = state.outbox().health();
        let sending = machine::sending_tone(&sender);
        html! {
            @match self.next_step(&report.state) {
                Some((title, step)) => (titled(Tone::Quiet, title, step)),
                None => (notice(tone, &words)),
            }
            @if matches!(sending, Tone::Failed | Tone::Waiting) && report.state != NoToken {
                (notice(sending, &sender.doing.sentence(self.now)))
            }
        }
    }
}

async fn page(call: Call, signed: Signed) -> Result<Response, Problem> {
    let figures = call.state().store().read(Figures::load)?;
    let body = region("overview", "/admin/live", html! { div.stack { (figures.show(call.state())) } });
    Ok(show(&call, &signed, Content::new("Overview", Nav::Overview, body)))
}

async fn live_part(call: Call, signed: Signed) -> Result<Response, Problem> {
    let state = call.state().clone();
    live::serve_signed(&call, &signed, live::CLOSE, move |read| {
        Ok(Shown::changing(html! { div.stack { (Figures::load(read)?.show(&state)) } }))
    })
}
