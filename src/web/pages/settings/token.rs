//! `/admin/settings/bot/token`: another token, checked with Telegram before it is saved; one of another bot is asked about first.
//! Needs a fresh proof of who asks.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use maud::{Markup, html};
use tide::http::Method;

use super::super::super::{Call, Problem, Response, Row, Wrongs};
use super::super::{Content, done, show};
use super::bot;
use crate::actions::Error;
use crate::actions::bots::accept;
use crate::actions::session::Signed;
use crate::actions::settings::{find_token, forget_token, save_token};
use crate::clock::Timestamp;
use crate::model::admin::Role;
use crate::model::settings::BotIdentity;
use crate::secret::Secret;
use crate::store::{Read as _, meta};
use crate::telegram::Token;
use crate::view::field::Field;
use crate::view::form::{self, Confirm, Weight, confirm};
use crate::view::layout::frame;
use crate::view::notice::Flash;
use crate::view::shell::Nav;

pub(super) const PATH: &str = "/admin/settings/bot/token";
pub(super) const FORGET: &str = "/admin/settings/bot/forget";
const REPLACE: &str = "/admin/settings/bot/replace";
/// What a token is sealed for while its page asks back.
const PURPOSE: &str = "web.replace";
/// How long the question may be thought about.
const PATIENCE: Duration = Duration::from_mins(10);

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::step_up(Method::Get, PATH, Role::Owner, ask),
        Row::step_up(Method::Post, PATH, Role::Owner, check),
        Row::step_up(Method::Post, REPLACE, Role::Owner, replace),
        Row::step_up(Method::Get, FORGET, Role::Owner, ask_to_forget),
        Row::step_up(Method::Post, FORGET, Role::Owner, forget),
    ]
}

async fn ask(call: Call, signed: Signed) -> Result<Response, Problem> {
    Ok(form_page(&call, &signed, &Wrongs::none()))
}

fn form_page(call: &Call, signed: &Signed, wrongs: &Wrongs) -> Response {
    let field = Field::area("bot_token", "BotFather's reply", 6)
        .hint("Paste the whole message, or the token alone. Telegram is asked whose it is before anything is saved.")
        .error(wrongs.of("bot_token").or_else(|| wrongs.of("")))
        .required()
        .autofocus();
    let buttons = html! {
        (form::submit(Weight::Primary, "Check and save"))
        (form::link_button(Weight::Quiet, bot::PATH, "Cancel"))
    };
    let body = frame(form::post(PATH, Some(&signed.session.csrf), html! { (field) (form::actions(buttons)) }));
    let status = if wrongs.is_empty() { 200 } else { wrongs.status() };
    let content = Content::new("The bot's token", Nav::Settings, body).below(bot::PATH, "Bot").with_status(status);
    show(call, signed, content)
}

/// `POST /admin/settings/bot/token`
async fn check(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let paste = call.form().await?.secret("bot_token");
    let (secret, found) = match whose(&call, &paste).await {
        Ok(known) => known,
        Err(wrongs) => return Ok(form_page(&call, &signed, &wrongs)),
    };
    match call.state().store().read(meta::bot)? {
        Some(known) if known.id != found.id => Ok(question(&call, &signed, (&known, &found), &secret)),
        Some(_) | None => save(&call, &signed, secret, found).await,
    }
}

/// The token in a paste, and whose it is.
async fn whose(call: &Call, paste: &Secret) -> Result<(Secret, BotIdentity), Wrongs> {
    let secret = find_token(paste).map_err(Wrongs::from)?;
    let refuse = |sentence: String| {
        let mut wrongs = Wrongs::none();
        wrongs.add("bot_token", sentence);
        wrongs
    };
    let token = Token::parse(secret.expose()).map_err(|error| refuse(error.to_string()))?;
    let found = call.state().bot().probe(&token).await;
    found.map(|found| (secret, found)).map_err(|error| refuse(format!("Not saved. {error}.")))
}

/// Asks before another bot takes over. The token travels sealed, so that it need not be pasted again and is not shown.
fn question(call: &Call, signed: &Signed, (known, found): (&BotIdentity, &BotIdentity), secret: &Secret) -> Response {
    let sealed = seal(call, signed, secret);
    let text = format!("This is the token of @{}. Until now this instance was @{}.", found.username, known.username);
    let more = html! {
        (form::hidden("sealed", &sealed))
        (consequences(known))
    };
    let body = confirm(&Confirm {
        text: &text,
        action: REPLACE.into(),
        csrf: &signed.session.csrf,
        verb: &format!("Go on with @{}", found.username),
        back: bot::PATH.into(),
        more,
    });
    show(call, signed, Content::new("Another bot?", Nav::Settings, body).below(bot::PATH, "Bot"))
}

fn consequences(known: &BotIdentity) -> Markup {
    html! {
        ul.going {
            li { "Every chat counts as unknown until its person starts the new bot." }
            li { "Open links lead to the new bot from now on." }
            li { "What waits at Telegram for @" (known.username) " is not read any more." }
        }
    }
}

/// `POST /admin/settings/bot/replace`
async fn replace(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let sealed = call.form().await?.get("sealed").to_owned();
    let Some(secret) = open(&call, &signed, &sealed)? else {
        let mut wrongs = Wrongs::none();
        wrongs.add("bot_token", "That took too long. Paste the token once more.");
        return Ok(form_page(&call, &signed, &wrongs));
    };
    match whose(&call, &secret).await {
        Ok((secret, found)) => save(&call, &signed, secret, found).await,
        Err(wrongs) => Ok(form_page(&call, &signed, &wrongs)),
    }
}

/// Saves the token; the file goes over to its bot where it belonged to another one, which was asked about before.
async fn save(call: &Call, signed: &Signed, secret: Secret, found: BotIdentity) -> Result<Response, Problem> {
    let (caller, config) = (signed.caller(), call.state().config().clone());
    let name = found.username.clone();
    let saved = call.state().store().write(move |tx| -> Result<(), Error> {
        let known = meta::bot(tx)?;
        save_token(tx, &caller, &config, &secret)?;
        if known.is_some_and(|known| known.id != found.id) {
            accept(tx, &caller, &found)?;
        }
        Ok(())
    });
    match saved.await {
        Ok(()) => Ok(done(call, bot::PATH, &Flash::good(format!("The token of @{name} is saved.")))),
        Err(error) => Ok(form_page(call, signed, &Wrongs::try_from(error)?)),
    }
}

/// Bound to the session and the moment.
fn seal(call: &Call, signed: &Signed, secret: &Secret) -> String {
    let now = call.state().clock().now();
    let plain = format!("{}\n{}\n{}", now.0, signed.session.id, secret.expose());
    let sealed = call.state().store().snapshot().map(|read| read.sealer().seal(PURPOSE, plain.as_bytes()));
    URL_SAFE_NO_PAD.encode(sealed.unwrap_or_default())
}

fn open(call: &Call, signed: &Signed, sealed: &str) -> Result<Option<Secret>, Problem> {
    let read = call.state().store().snapshot()?;
    let bytes = URL_SAFE_NO_PAD.decode(sealed).unwrap_or_default();
    let Ok(plain) = read.sealer().open_text(PURPOSE, &bytes) else { return Ok(None) };
    let mut lines = plain.expose().splitn(3, '\n');
    let at = lines.next().and_then(|at| at.parse().ok()).map(Timestamp);
    let own = lines.next() == Some(signed.session.id.to_string().as_str());
    let fresh = at.is_some_and(|at| read.now().since(at) < PATIENCE);
    Ok(lines.next().filter(|_| own && fresh).map(Secret::new))
}

async fn ask_to_forget(call: Call, signed: Signed) -> Result<Response, Problem> {
    let body = confirm(&Confirm {
        text: "The bot stops receiving and sending until there is a token again. Nothing else is lost: chats stay connected.",
        action: FORGET.into(),
        csrf: &signed.session.csrf,
        verb: "Forget the token",
        back: bot::PATH.into(),
        more: html! {},
    });
    Ok(show(&call, &signed, Content::new("Forget the token?", Nav::Settings, body).below(bot::PATH, "Bot")))
}

/// `POST /admin/settings/bot/forget`
async fn forget(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    call.form().await?;
    let (caller, config) = (signed.caller(), call.state().config().clone());
    call.state().store().write(move |tx| forget_token(tx, &caller, &config)).await?;
    Ok(done(&call, bot::PATH, &Flash::good("The token is forgotten. The bot is stopped.")))
}
