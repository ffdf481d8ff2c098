//! The page before a broadcast starts: how many, how fast, done when, at what cost; then now, or at a time. Many are confirmed by
//! typing their number.

use std::time::Duration;

use maud::{Markup, html};
use tide::http::Method;

use super::super::super::once::{self, Turn};
use super::super::super::{Call, Form, Problem, Response, Row, Wrongs, answer};
use super::super::{Content, done, show};
use super::preview::{Awaited, Preview};
use super::typed::Typed;
use super::{existing, path_of, words};
use crate::actions::broadcasts::audience::{self, Size};
use crate::actions::broadcasts::{self, APPROVED_WITHOUT_TYPING, Approval, Draft, Revision, revision};
use crate::actions::session::Signed;
use crate::actions::settings::Rates;
use crate::clock::Timestamp;
use crate::ids::BroadcastId;
use crate::model::admin::Role;
use crate::model::broadcast::{Broadcast, BroadcastState, PAID_RATE_MAX};
use crate::runtime;
use crate::store::{self, Read as _, meta};
use crate::view::badge::Tone;
use crate::view::field::{Field, Ticked};
use crate::view::form::{Weight, hidden, link_button, post, submit_as, summary};
use crate::view::notice::{Flash, notice, titled};
use crate::view::shell::Nav;
use crate::view::{count, layout, number, time};

/// Messages a second that cost nothing (Bot API, FAQ "broadcasting").
const FREE: u32 = 30;

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::signed(Method::Get, "/admin/broadcasts/:id/start", Role::Sender, ask),
        Row::signed(Method::Post, "/admin/broadcasts/:id/start", Role::Sender, begin),
        Row::signed(Method::Post, "/admin/broadcasts/:id/speed", Role::Sender, set_speed),
        Row::signed(Method::Post, "/admin/broadcasts/:id/unschedule", Role::Sender, unschedule),
    ]
}

/// What is decided about.
struct Case {
    id: BroadcastId,
    row: Broadcast,
    preview: Preview,
    size: Size,
    /// What is read here.
    revision: Revision,
    /// Messages a second over all; 0 is no limit.
    global: u32,
    fastest: u32,
    now: Timestamp,
}

impl Case {
    async fn load(call: &Call, id: BroadcastId, row: Broadcast) -> Result<Self, Problem> {
        let state = call.state();
        let (store, whom) = (state.store().clone(), row.audience.clone());
        let size = runtime::blocking(move || audience::size(&store, &whom)).await?;
        let (typed, revision, global, fastest, now) = state.store().read(|read| {
            let body = store::broadcasts::body(read, id)?.unwrap_or_default();
            let typed = Typed::from_row(read, &body, &row.audience)?;
            let revision = revision(read, id, &row)?;
            let global = Rates::of(&meta::saved(read)?, state.config()).global.value;
            let fastest = broadcasts::fastest(read, state.config(), false)?;
            Ok::<_, Problem>((typed, revision, global, fastest, read.now()))
        })?;
        let preview = Preview::load(state, &typed, Awaited::Nothing).await?;
        Ok(Self { id, row, preview, size, revision, global, fastest, now })
    }

    /// Messages a second of this broadcast; 0 is no limit.
    fn rate(&self) -> u32 {
        self.row.rate.unwrap_or(if self.row.paid { PAID_RATE_MAX } else { self.global })
    }

    fn lasts(&self) -> Option<Duration> {
        words::lasts(self.size.chats, self.rate())
    }

    fn needs_typing(&self) -> bool {
        self.size.chats > APPROVED_WITHOUT_TYPING
    }

    /// What it may cost, in tenths of a Star (Bot API, `allow_paid_broadcast`): one for each message above the free rate.
    fn tenths(&self) -> u64 {
        cost(self.size.chats, self.rate())
    }

    fn figures(&self) -> Markup {
        let each = match self.rate() {
            0 => html! { "no limit" },
            rate => html! { (number(rate.into())) span.unit { " a second" } },
        };
        let lasts = self.lasts().map_or_else(|| "as fast as Telegram takes it".to_owned(), words::about);
        let ends = self.lasts().map(|lasts| self.now.plus(lasts));
        let why = if self.row.rate.is_some() { "set for this broadcast" } else { "as the settings allow" };
        layout::told(&[
            (
                "Chats",
                html! { (number(self.size.chats)) },
                format!("of {}", count(self.size.accounts, "account", "accounts")),
            ),
            ("Rate", each, if self.row.paid { "paid for".to_owned() } else { why.to_owned() }),
            ("It takes", html! { (lasts) }, "if nothing else is sent".to_owned()),
            (
                "Done",
                html! { @match ends { Some(at) => (moment_of(at, self.now)), None => "–" } },
                "if it starts now".to_owned(),
            ),
        ])
    }
}

/// The time of the day where that says enough, else with its date.
fn moment_of(at: Timestamp, now: Timestamp) -> Markup {
    if at.since(now) < Duration::from_hours(12) { time::of_day(at) } else { time::exact(at) }
}

/// Tenths of a Star for so many messages at such a rate.
fn cost(messages: u64, rate: u32) -> u64 {
    let above = u64::from(rate.saturating_sub(FREE));
    if rate == 0 { 0 } else { messages.saturating_mul(above).div_ceil(u64::from(rate)) }
}

fn stars(tenths: u64) -> String {
    format!("{}.{} Stars", number(tenths / 10), tenths % 10)
}

/// `GET /admin/broadcasts/:id/start`
async fn ask(call: Call, signed: Signed) -> Result<Response, Problem> {
    let (id, row) = existing(&call)?;
    if !row.status().may_edit() {
        return Ok(answer::see_other(&path_of(id)));
    }
    let case = Case::load(&call, id, row).await?;
    let once = once::Once::text(call.state().rng());
    Ok(page(&call, &signed, &case, &Asked::blank(&case, once), &Wrongs::none()))
}

/// What was typed to start it.
struct Asked {
    /// Whether it is to wait for its moment.
    later: bool,
    at: Option<Timestamp>,
    typed: String,
    /// The number that was shown.
    shown: Option<u64>,
    /// What was shown.
    revision: Option<Revision>,
    once: String,
}

impl Asked {
    fn blank(case: &Case, once: String) -> Self {
        let at = if let BroadcastState::Scheduled { at } = case.row.state { Some(at) } else { None };
        Self { later: at.is_some(), at, typed: String::new(), shown: None, revision: None, once }
    }

    fn of(form: &Form) -> Self {
        Self {
            later: form.get("when") == "later",
            at: moment(form),
            typed: form.trimmed("typed").to_owned(),
            shown: form.get("chats").parse().ok(),
            revision: Revision::parse(form.get("revision")),
            once: form.get(once::FIELD).to_owned(),
        }
    }

    /// The number as people write it: `12,480` and `12 480` are 12480.
    fn number(&self) -> Option<u64> {
        let digits: String = self.typed.chars().filter(|c| !matches!(c, ',' | '.' | ' ' | '\u{a0}' | '\'')).collect();
        digits.parse().ok()
    }
}

/// The moment that was typed: in the reader's zone where the script turned it into UTC, else in UTC.
fn moment(form: &Form) -> Option<Timestamp> {
    let typed = form.trimmed("at");
    let turned = form.get("at_utc").parse().ok().filter(|_| form.get("at_text") == typed && !typed.is_empty());
    turned.map(Timestamp).or_else(|| time::parse_utc(typed))
}

/// `POST /admin/broadcasts/:id/start`
async fn begin(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let (id, row) = existing(&call)?;
    let asked = Asked::of(&call.form().await?);
    if call.state().once().take(&asked.once) == Turn::Repeated {
        let flash = Flash::good("This was done once; the second click changed nothing.");
        return Ok(done(&call, &path_of(id), &flash));
    }
    let case = Case::load(&call, id, row).await?;
    let outcome = carry_out(&call, &signed, &case, &asked).await;
    match outcome {
        Ok(flash) => Ok(done(&call, &path_of(id), &flash)),
        Err(wrongs) => {
            call.state().once().give_back(&asked.once);
            Ok(page(&call, &signed, &case, &asked, &wrongs?))
        }
    }
}

async fn carry_out(call: &Call, signed: &Signed, case: &Case, asked: &Asked) -> Result<Flash, Result<Wrongs, Problem>> {
    let wrong = |field, sentence: String| {
        let mut wrongs = Wrongs::none();
        wrongs.add(field, sentence);
        Err(Ok(wrongs))
    };
    // People come and go while one reads; a number that is another one is read again.
    let shown = asked.shown.unwrap_or(0);
    if case.size.chats > shown.saturating_add(shown / 10).saturating_add(10) {
        let now = number(case.size.chats);
        return wrong(
            "",
            format!("While you looked, the audience grew from {} to {now} chats. Nothing was started.", number(shown)),
        );
    }
    if case.needs_typing() && asked.number().is_none() {
        return wrong("typed", format!("Type the number of chats to go on: {}.", number(shown)));
    }
    if asked.later && asked.at.is_none() {
        return wrong("at", "Choose the day and the time at which it starts.".to_owned());
    }
    let (caller, id) = (signed.caller(), case.id);
    let approval = Approval { chats: shown, typed: asked.number(), revision: Some(asked.revision.unwrap_or_default()) };
    let at = asked.at.filter(|_| asked.later);
    let started = call.state().store().write(move |tx| match at {
        Some(at) => broadcasts::schedule(tx, &caller, id, at, approval),
        None => broadcasts::start(tx, &caller, id, approval),
    });
    match started.await {
        Ok(()) if at.is_some() => Ok(Flash::good("It is scheduled. Until then it can be changed and taken back.")),
        Ok(()) => Ok(Flash::good("It has started.")),
        Err(error) => Err(Wrongs::try_from(error)),
    }
}

/// `POST /admin/broadcasts/:id/speed`
async fn set_speed(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let (id, _) = existing(&call)?;
    let form = call.form().await?;
    let back = format!("{}/start", path_of(id));
    let paid = form.is_ticked("paid");
    let rate = match form.trimmed("rate") {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| format!("\"{text}\" is not a number of messages a second.")),
    };
    let rate = match rate {
        Ok(_) if paid && !form.is_ticked("consent") => {
            let text = "A paid broadcast costs Stars: tick the box that you agree. Nothing was changed.";
            return Ok(done(&call, &back, &Flash::failed(text)));
        }
        Ok(rate) => rate,
        Err(text) => return Ok(done(&call, &back, &Flash::failed(text))),
    };
    let (caller, config) = (signed.caller(), call.state().config().clone());
    let change = move |draft: &mut Draft| (draft.rate, draft.paid) = (rate, paid);
    let saved = call.state().store().write(move |tx| broadcasts::amend(tx, &caller, &config, id, &change));
    let flash = match saved.await {
        Ok(_) => Flash::good("The rate of this broadcast is set."),
        Err(error) => {
            let wrongs = Wrongs::try_from(error)?;
            Flash::failed(wrongs.summary().first().map_or("", |(_, sentence)| *sentence))
        }
    };
    Ok(done(&call, &back, &flash))
}

/// `POST /admin/broadcasts/:id/unschedule`
async fn unschedule(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let (id, _) = existing(&call)?;
    call.form().await?;
    let caller = signed.caller();
    call.state().store().write(move |tx| broadcasts::unschedule(tx, &caller, id)).await?;
    Ok(done(&call, &path_of(id), &Flash::good("It is a draft again and starts by itself no more.")))
}

fn page(call: &Call, signed: &Signed, case: &Case, asked: &Asked, wrongs: &Wrongs) -> Response {
    let csrf = &signed.session.csrf;
    let body = html! {
        (summary(&wrongs.summary()))
        (case.figures())
        div.compose {
            div.stack {
                @if case.size.chats == 0 { (nobody(case.id)) } @else { (layout::panel("Start", start(case, asked, (csrf, wrongs)))) }
                (layout::panel("Speed and cost", speed(case, csrf)))
            }
            div.compose-side {
                (case.preview.bubble())
                (layout::frame(html! {
                    p { "It goes " (words::audience(&case.row.audience)) "." }
                    p.hint { "Chats that cannot be reached or that muted broadcasts are left out." }
                }))
            }
        }
    };
    let status = if wrongs.is_empty() { 200 } else { wrongs.status() };
    let edit = link_button(Weight::Quiet, format!("{}/edit", path_of(case.id)), "Back to the text");
    let content = Content::new(format!("Start broadcast {}?", case.id), Nav::Broadcasts, body).with_status(status);
    show(call, signed, content.below(path_of(case.id), format!("Broadcast {}", case.id)).with_actions(edit))
}

fn nobody(id: BroadcastId) -> Markup {
    let text = html! {
        p { "No chat of this audience can be reached and wants broadcasts, so there is nothing to start. "
            a href=(crate::view::Href::from(format!("{}/edit", path_of(id)))) { "Choose another audience" } "." }
    };
    titled(Tone::Doubtful, "This audience is nobody", text)
}

fn start(case: &Case, asked: &Asked, (csrf, wrongs): (&str, &Wrongs)) -> Markup {
    let chats = case.size.chats.to_string();
    let label = format!("Type {} to confirm the number of chats", number(case.size.chats));
    let at = asked.at.map(time::typed_utc).unwrap_or_default();
    let body = html! {
        (hidden(once::FIELD, &asked.once))
        (hidden("chats", &chats))
        (hidden("revision", &case.revision.to_string()))
        (hidden("at_utc", "")) (hidden("at_text", ""))
        @if case.needs_typing() {
            (Field::number("typed", &label).value(&asked.typed).required().error(wrongs.of("typed")))
        }
        fieldset.field.choices {
            legend { "When" }
            div.choice {
                input type="radio" id="f-when" name="when" value="now" checked[!asked.later];
                label for="f-when" { "Now" }
            }
            div.choice {
                input type="radio" id="f-when-later" name="when" value="later" checked[asked.later];
                label for="f-when-later" { "At a time" }
                div.choice-more {
                    (Field::moment("at", "Day and time").value(&at).hint("In UTC.").telling().error(wrongs.of("at")))
                    p.hint { "If startlink is not running then, and for 15 minutes after, it waits for a person instead." }
                }
            }
        }
        div.actions {
            button.button.primary type="submit" {
                span.for-now { "Start the broadcast" }
                span.for-later { "Schedule the broadcast" }
            }
        }
    };
    html! {
        @if let BroadcastState::Scheduled { at } = case.row.state {
            (notice(Tone::Waiting, &format!("It starts by itself {}. Confirm another time here, or start it now.", time::relative(at, case.now))))
        }
        (post(format!("{}/start", path_of(case.id)), Some(csrf), body))
    }
}

fn speed(case: &Case, csrf: &str) -> Markup {
    let rate = case.row.rate.map(|rate| rate.to_string()).unwrap_or_default();
    let hint = format!(
        "1 to {}, or empty for as many as the settings allow. Broadcasts that run at the same time share it; answers to people go first.",
        number(case.fastest.into())
    );
    let ticked = |on| if on { Ticked::Yes } else { Ticked::No };
    let agreed = format!("I agree that it may cost up to {}", stars(at_most(case)));
    let body = html! {
        (Field::number("rate", "Messages a second").value(&rate).hint(&hint).telling())
        (layout::more("paid-help", "Faster than 30 a second, for Stars", html! {
            div.fields {
                p.hint { "Telegram takes up to 1,000 messages a second for 0.1 Star for each message above 30 a second, from the bot's balance. "
                    "BotFather has to have allowed it; Telegram asks for a balance and an audience of its own." }
                (Field::check("paid", "Pay to be faster", ticked(case.row.paid)))
                (Field::check("consent", &agreed, ticked(case.row.paid)))
            }
        }))
        div.actions { (submit_as(Weight::Quiet, "Set the rate", ("go", "speed"))) }
    };
    html! {
        @if case.row.paid {
            (notice(Tone::Doubtful, &format!("This broadcast is paid for: up to {} at this rate.", stars(case.tenths()))))
        }
        (post(format!("{}/speed", path_of(case.id)), Some(csrf), body))
    }
}

/// The most it may cost, at the highest rate.
fn at_most(case: &Case) -> u64 {
    cost(case.size.chats, PAID_RATE_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(text: &str) -> Form {
        Form::parse(text.as_bytes()).ok().unwrap()
    }

    #[test]
    fn a_moment_is_the_readers_where_the_script_says_so_and_utc_otherwise() {
        let utc = moment(&form("at=2026-11-22T14:05"));
        assert_eq!(utc.map(time::typed_utc).as_deref(), Some("2026-11-22T14:05"));
        assert_eq!(moment(&form("at=2026-11-22T14:05&at_utc=7000&at_text=2026-11-22T14:05")), Some(Timestamp(7000)));
        assert_eq!(moment(&form("at=2026-11-22T14:05&at_utc=7000&at_text=2026-11-22T13:00")), utc, "of another text");
        assert_eq!((moment(&form("at=&at_utc=7&at_text=")), moment(&form("at=soon"))), (None, None));
    }

    #[test]
    fn a_number_is_read_as_people_write_it() {
        let read = |text: &str| Asked::of(&form(&format!("typed={text}"))).number();
        assert_eq!(
            (read("12480"), read("12%2C480"), read("12+480"), read("many")),
            (Some(12480), Some(12480), Some(12480), None)
        );
    }

    #[test]
    fn only_messages_above_the_free_rate_cost_something() {
        assert_eq!((cost(1000, 30), cost(1000, 0), cost(1000, 60), cost(1000, 1000)), (0, 0, 500, 970));
        assert_eq!(stars(12_345), "1,234.5 Stars");
    }
}
