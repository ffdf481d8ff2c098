//! `/admin/settings/bot`: which bot this is, how it does, where its token comes from, and what needs a person's consent:
//! another program's webhook, another bot's token.

use maud::{Markup, html};
use tide::http::Method;

use super::super::super::{Call, Problem, Response, Row};
use super::super::{Content, done, machine, may, show};
use super::{Tabbed, tab_row, token};
use crate::actions::bots::{accept, consent_to_webhook_removal};
use crate::actions::session::Signed;
use crate::actions::settings::Effective;
use crate::bot::health::{Report, State};
use crate::clock::Timestamp;
use crate::config::Source;
use crate::model::admin::Role;
use crate::model::settings::BotIdentity;
use crate::store::{Read as _, Snapshot, StoreError, meta};
use crate::view::badge::Tone;
use crate::view::form::{self, Weight, link_button, submit};
use crate::view::layout::{facts, panel, panel_with};
use crate::view::notice::{Flash, notice, titled};
use crate::view::shell::Nav;
use crate::view::time;

pub(super) const PATH: &str = "/admin/settings/bot";
const ACCEPT: &str = "/admin/settings/bot/accept";
const WEBHOOK: &str = "/admin/settings/bot/webhook";

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::signed(Method::Get, PATH, Role::Operator, page),
        Row::step_up(Method::Post, ACCEPT, Role::Owner, go_on_with),
        Row::step_up(Method::Post, WEBHOOK, Role::Owner, remove_webhook),
    ]
}

struct Seen {
    bot: Option<BotIdentity>,
    token: Option<Source>,
    now: Timestamp,
}

impl Seen {
    fn load(read: &Snapshot, call: &Call) -> Result<Self, StoreError> {
        let effective = Effective::load(read, call.state().config())?;
        Ok(Self { bot: meta::bot(read)?, token: effective.bot_token, now: read.now() })
    }
}

async fn page(call: Call, signed: Signed) -> Result<Response, Problem> {
    let seen = call.state().store().read(|read| Seen::load(read, &call))?;
    let report = call.state().bot().health().report();
    let (tone, words) = machine::receiving(&report, seen.now);
    let body = html! {
        (tab_row(Tabbed::Bot))
        (notice(tone, &words))
        @if may(&signed, Role::Owner) { (consents(&report, &signed.session.csrf)) }
        (identity(&seen))
        (the_token(&seen, &signed))
    };
    Ok(show(&call, &signed, Content::new("Settings", Nav::Settings, body)))
}

fn consents(report: &Report, csrf: &str) -> Markup {
    let agree = |words: &str| form::actions(submit(Weight::Danger, words));
    html! {
        @if let State::WebhookSet { url } = &report.state {
            (titled(Tone::Doubtful, "Another program receives this bot's updates", html! {
                p { "They are sent to " code { (url) } ". If that program is yours and still needed, give startlink a bot of its own." }
                (form::post(WEBHOOK, Some(csrf), agree("Remove the webhook and receive here")))
            }))
        }
        @if let State::OtherBot { known, found } = &report.state {
            (titled(Tone::Doubtful, "The token belongs to another bot", html! {
                p { "Until now this was @" (known.username) ". With @" (found.username) " no chat can be reached before its person starts the new bot." }
                (form::post(ACCEPT, Some(csrf), html! {
                    (form::hidden("bot", &found.id.to_string()))
                    (agree(&format!("Go on with @{}", found.username)))
                }))
            }))
        }
    }
}

fn identity(seen: &Seen) -> Markup {
    let body = match &seen.bot {
        None => html! { p.hint { "No bot was met yet. It is asked who it is as soon as there is a token." } },
        Some(bot) => facts(&[
            ("Name", html! { (bot.name) }),
            ("Username", html! { "@" (bot.username) }),
            ("Number", html! { code { (bot.id) } }),
            ("Last asked", time::ago(bot.seen, seen.now)),
        ]),
    };
    panel("Identity", body)
}

fn the_token(seen: &Seen, signed: &Signed) -> Markup {
    let locked = seen.token.filter(|source| source.is_locked());
    let buttons = html! {
        @if locked.is_none() && may(signed, Role::Owner) {
            (link_button(Weight::Quiet, token::PATH, if seen.token.is_some() { "Change" } else { "Set" }))
            @if seen.token.is_some() { (link_button(Weight::Quiet, token::FORGET, "Forget")) }
        }
    };
    let words = html! {
        @match (seen.token, locked) {
            (_, Some(source)) => { p { "Set by " code { (source) } ", so it is locked here." } },
            (Some(_), None) => { p { "Saved on this page, sealed. It is never shown again." } },
            (None, None) => { p { "None yet. @BotFather in Telegram gives you one: send it /newbot, and paste its reply here." } },
        }
    };
    panel_with("Token", buttons, words)
}

/// `POST /admin/settings/bot/accept`
async fn go_on_with(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let form = call.form().await?;
    let State::OtherBot { found, .. } = call.state().bot().health().report().state else {
        return Err(Problem::conflict("There is no other bot to go on with any more."));
    };
    if form.get("bot") != found.id.to_string() {
        return Err(Problem::conflict("Meanwhile the token belongs to yet another bot. Look at the page again."));
    }
    let caller = signed.caller();
    let name = found.username.clone();
    call.state().store().write(move |tx| accept(tx, &caller, &found)).await?;
    Ok(done(&call, PATH, &Flash::good(format!("This instance goes on with @{name}."))))
}

/// `POST /admin/settings/bot/webhook`
async fn remove_webhook(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    call.form().await?;
    let caller = signed.caller();
    call.state().store().write(move |tx| consent_to_webhook_removal(tx, &caller)).await?;
    Ok(done(
        &call,
        PATH,
        &Flash::good("The webhook is being removed. What waits at Telegram is kept and will arrive here."),
    ))
}
