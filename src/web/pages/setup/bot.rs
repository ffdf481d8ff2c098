//! The bot's step: its token is found in what is pasted, Telegram tells whose it is, and a link to the admin's own chat is made.

use maud::{Markup, html};

use super::super::super::{Call, Problem, Response, Wrongs, answer};
use super::super::signin::framed;
use crate::actions::session::Signed;
use crate::actions::settings::{self, Effective, SettingsChange};
use crate::actions::{Error, Refusal, bots, links};
use crate::config::{Setting, Source};
use crate::model::link::Target;
use crate::model::settings::BotIdentity;
use crate::secret::Secret;
use crate::store::{Tx, meta};
use crate::telegram::{CallError, Class, Token};
use crate::view::badge::Tone;
use crate::view::field::Field;
use crate::view::form::{self, Weight};
use crate::view::layout::facts;
use crate::view::notice::notice;
use crate::view::shell::{Plain, Step};

/// The field of the paste.
const FIELD: &str = "bot_token";
/// The field of the website's name.
const SITE_NAME: &str = "site_name";
/// The button of those who go on with the bot that is there.
const GO_ON: (&str, &str) = ("go_on", "yes");

/// What is known of the bot.
struct Present {
    token: Option<Source>,
    bot: Option<BotIdentity>,
    trouble: Option<String>,
    /// How the website is called, once somebody said so.
    site_name: Option<String>,
}

impl Present {
    fn load(call: &Call) -> Result<Self, Problem> {
        let state = call.state();
        let (token, stored, site_name) = state.store().read(|read| {
            let token = settings::bot_token(read, state.config())?.map(|Setting { source, .. }| source);
            Ok::<_, Problem>((token, meta::bot(read)?, meta::saved(read)?.site_name))
        })?;
        let report = state.bot().health().report();
        Ok(Self { token, bot: report.identity.or(stored), trouble: report.last_error, site_name })
    }
}

/// `GET /setup/bot`
pub async fn ask(call: Call, signed: Signed) -> Result<Response, Problem> {
    page(&call, &signed, &Wrongs::none())
}

/// `POST /setup/bot`
pub async fn take(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let form = call.form().await?;
    if let Err(error) = name_site(&call, &signed, form.trimmed(SITE_NAME)).await {
        return page(&call, &signed, &Wrongs::try_from(error)?);
    }
    if form.has(GO_ON.0) {
        make_link(&call, &signed).await?;
        return Ok(answer::see_other("/setup/chat"));
    }
    match save(&call, &signed, form.secret(FIELD)).await {
        Ok(()) => Ok(answer::see_other("/setup/chat")),
        Err(error) => page(&call, &signed, &Wrongs::try_from(error)?),
    }
}

/// Saves how the website is called; who leaves the field empty changes nothing.
async fn name_site(call: &Call, signed: &Signed, name: &str) -> Result<(), Error> {
    if name.is_empty() {
        return Ok(());
    }
    let change = SettingsChange { site_name: Some(name.to_owned()), ..SettingsChange::default() };
    let (config, caller) = (call.state().config().clone(), signed.caller());
    call.state().store().write(move |tx| settings::save(tx, &caller, &config, &change)).await
}

async fn save(call: &Call, signed: &Signed, paste: Secret) -> Result<(), Error> {
    let secret = settings::find_token(&paste)?;
    let token = Token::parse(secret.expose()).map_err(|error| Refusal::invalid(FIELD, error))?;
    let state = call.state();
    let bot = state.bot().probe(&token).await.map_err(|error| refused(&error))?;
    let (config, signed) = (state.config().clone(), signed.clone());
    let saved = state.store().write(move |tx| {
        if let Some(known) = meta::bot(tx)?.filter(|known| known.id != bot.id) {
            return Err(other_bot(&known));
        }
        settings::save_token(tx, &signed.caller(), &config, &secret)?;
        bots::meet(tx, &bot)?;
        issue(tx, &signed, &config)
    });
    saved.await
}

/// A new code for the admin's own chat.
pub(super) async fn make_link(call: &Call, signed: &Signed) -> Result<(), Error> {
    let (config, signed) = (call.state().config().clone(), signed.clone());
    call.state().store().write(move |tx| issue(tx, &signed, &config)).await
}

fn issue(tx: &mut Tx<'_>, signed: &Signed, config: &crate::config::Config) -> Result<(), Error> {
    let lifetime = Effective::load(tx, config)?.link_lifetime.value;
    links::issue(tx, &signed.caller(), Target::Admin(signed.id), lifetime).map(|_| ())
}

fn other_bot(known: &BotIdentity) -> Error {
    let sentence = format!(
        "This data belongs to @{}. Paste that bot's token; going over to another bot is done in the settings, where it is explained.",
        known.username
    );
    Refusal::conflict(Some(FIELD), sentence).into()
}

fn refused(error: &CallError) -> Refusal {
    if error.class == Class::TokenRefused {
        let sentence = "Telegram does not know this token. Ask @BotFather for it again: /mybots, your bot, API Token.";
        return Refusal::invalid(FIELD, sentence);
    }
    Refusal::invalid(FIELD, format!("Telegram did not tell whose token this is: {}. Try again.", error.class))
}

fn page(call: &Call, signed: &Signed, wrongs: &Wrongs) -> Result<Response, Problem> {
    let present = Present::load(call)?;
    let csrf = Some(signed.session.csrf.as_str());
    let locked = present.token.filter(|source| source.is_locked());
    let body = html! {
        (form::summary(&wrongs.summary()))
        @if present.token.is_some() {
            (known(&present))
            (form::post("/setup/bot", csrf, html! { (site_name(&present, wrongs)) (go_on()) }))
        }
        @if let Some(source) = locked {
            p.hint { "The token is set by " (source) ", so it is not asked for here." }
        } @else {
            (form::post("/setup/bot", csrf, paste(&present, wrongs)))
        }
    };
    Ok(framed(wrongs, Plain { title: "Your bot", step: Some(Step::Bot), flash: None, body, foot: html! {} }))
}

fn known(present: &Present) -> Markup {
    html! {
        @match (&present.bot, &present.trouble) {
            (Some(bot), _) => (facts(&[("Bot", html! { (bot.name) }), ("Name on Telegram", html! { "@" (bot.username) })])),
            (None, Some(trouble)) => (notice(Tone::Doubtful, trouble)),
            (None, None) => (notice(Tone::Waiting, "Telegram has not answered yet whose token it is. Reload this page in a moment.")),
        }
    }
}

fn go_on() -> Markup {
    form::actions(form::submit_as(Weight::Primary, "Go on with this bot", GO_ON))
}

fn site_name(present: &Present, wrongs: &Wrongs) -> Markup {
    let name = Field::text(SITE_NAME, "Your website's name").value(present.site_name.as_deref().unwrap_or_default());
    let hint = "The bot and the link pages call it so, for example: Example Shop. The settings change it later.";
    html! { (name.max(64).error(wrongs.of(SITE_NAME)).hint(hint)) }
}

fn paste(present: &Present, wrongs: &Wrongs) -> Markup {
    let again = present.token.is_some();
    let weight = if again { Weight::Quiet } else { Weight::Primary };
    html! {
        @if !again {
            (site_name(present, wrongs))
            p.lead { "Messages come from a bot of your own. In Telegram, write " code { "/newbot" } " to "
                a href="https://t.me/BotFather" rel="noreferrer" { "@BotFather" } " and answer its two questions." }
        }
        (Field::area(FIELD, "BotFather's answer", 5).error(wrongs.of(FIELD)).required()
            .hint("Paste the whole message; the token is found in it."))
        (form::actions(form::submit(weight, "Connect the bot")))
    }
}
