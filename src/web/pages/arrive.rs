//! `/connect?username=...&expires=...&return_url=...&signature=...`: where an address that the website signed leads. Opening it
//! changes nothing; the button makes the one link of the address, and whoever opens it again comes to that link's page.

use maud::html;
use tide::http::Method;

use super::super::strangers::Strangers;
use super::super::{Call, Form, Problem, Response, Row, answer};
use super::ways::page_of;
use crate::actions::connect::{Vouched, Wrong, is_made, open, vouch};
use crate::actions::settings::Effective;
use crate::model::connect::Asked;
use crate::view::badge::Tone;
use crate::view::form::{self, Weight};
use crate::view::link::{Ended, ended};
use crate::view::shell::{Public, public};
use crate::view::{Href, Icon};

const PATH: &str = "/connect";

/// The routes of this page.
#[must_use]
pub fn rows() -> Vec<Row> {
    vec![Row::public(Method::Get, PATH, page), Row::public(Method::Post, PATH, make)]
}

fn asked(get: impl Fn(&str) -> String) -> Asked {
    Asked {
        username: get("username"),
        expires: get("expires"),
        return_url: get("return_url"),
        signature: get("signature"),
    }
}

/// `GET /connect`
async fn page(call: Call) -> Result<Response, Problem> {
    let asked = asked(|name| call.query(name));
    let vouched = match check(&call, &asked)? {
        Ok(vouched) => vouched,
        Err(wrong) => return refused(&call, &asked, wrong),
    };
    if call.state().store().read(|read| is_made(read, &vouched))? {
        return Ok(answer::see_other(&page_of(&vouched.code)));
    }
    ask(&call, &vouched)
}

/// `POST /connect`
async fn make(mut call: Call) -> Result<Response, Problem> {
    let form: Form = call.form().await?;
    let asked = asked(|name| form.get(name).to_owned());
    let vouched = match check(&call, &asked)? {
        Ok(vouched) => vouched,
        Err(wrong) => return refused(&call, &asked, wrong),
    };
    let lifetime = call.state().store().read(|read| Effective::load(read, call.state().config()))?.link_lifetime.value;
    let path = page_of(&vouched.code);
    call.state().store().write(move |tx| open(tx, &vouched, lifetime)).await?;
    Ok(answer::see_other(&path))
}

/// Whether the address counts. Whoever sends wrong ones is not listened to for the rest of a minute; a right one is, also
/// from the network of a stranger.
fn check(call: &Call, asked: &Asked) -> Result<Result<Vouched, Wrong>, Problem> {
    let (strangers, network): (&Strangers, String) = (call.state().strangers(), call.visitor().network());
    let now = call.state().clock().elapsed();
    let outcome = call.state().store().read(|read| vouch(read, asked))?;
    if matches!(outcome, Err(Wrong::Incomplete | Wrong::Signature)) {
        if let Some(wait) = strangers.wait(&network, now) {
            let text = "Too many addresses from your network were not accepted. Try again in a minute.";
            return Err(Problem::too_many(wait, text));
        }
        strangers.note(&network, now);
    }
    Ok(outcome)
}

fn ask(call: &Call, vouched: &Vouched) -> Result<Response, Problem> {
    let effective = call.state().store().read(|read| Effective::load(read, call.state().config()))?;
    let (site, masks) = (effective.site_name.value, effective.mask_username.value);
    let account = if masks { vouched.username.masked() } else { vouched.username.to_string() };
    let Asked { username, expires, return_url, signature } = &vouched.asked;
    let back = Href::parse(return_url).ok();
    let fields = html! {
        (form::hidden("username", username))
        (form::hidden("expires", expires))
        (form::hidden("return_url", return_url))
        (form::hidden("signature", signature))
        (form::actions(html! {
            button.button.primary type="submit" { (Icon::Plane) "Connect Telegram" }
            @if let Some(back) = back { (form::link_button(Weight::Quiet, back, "Not now")) }
        }))
    };
    let body = html! {
        p.lead { "Messages for " strong dir="auto" { (account) } " at " strong dir="auto" { (site) } " will come to your Telegram." }
        (form::post(PATH, None, fields))
    };
    let foot = html! { p { "Is this not your account? Then go back, and sign in at " (site) " as yourself." } };
    Ok(answer::page(public(&Public { title: "Connect Telegram", site: &site, body, foot })))
}

/// In words, with a way on; where to come back to is believed only when it was signed.
fn refused(call: &Call, asked: &Asked, wrong: Wrong) -> Result<Response, Problem> {
    let effective = call.state().store().read(|read| Effective::load(read, call.state().config()))?;
    let site = effective.site_name.value;
    let signed = matches!(wrong, Wrong::Expired | Wrong::Ahead | Wrong::Name);
    let own = Some(asked.return_url.as_str()).filter(|_| signed).and_then(|url| Href::parse(url).ok());
    let back = own.or_else(|| effective.site_url.value.as_deref().and_then(|url| Href::parse(url).ok()));
    let (status, title, text) = match wrong {
        Wrong::Incomplete => (
            400,
            "This address is not complete",
            "It may have been copied in part. Go back to the site and press its button again.",
        ),
        Wrong::Signature => (
            403,
            "This address is not accepted",
            "It was changed on its way, or the site signed it with a secret that no longer counts. Go back to the site and try again.",
        ),
        Wrong::Expired => (
            410,
            "This address has expired",
            "It counts for a short time only. Go back to the site and press its button again.",
        ),
        Wrong::Name => (
            400,
            "This address names nobody",
            "The name in it cannot be a username here, or is not written in its one form (Unicode's NFC). Tell the people who run the site.",
        ),
        Wrong::Ahead => (
            400,
            "This address would count for too long",
            "Its end is more than a day ahead, so it is not accepted. Tell the people who run the site.",
        ),
    };
    let words = format!("Back to {site}");
    let body = ended(&Ended { tone: Tone::Quiet, title, text, back: back.map(|href| (href, words.as_str())) });
    Ok(answer::page_with(status, public(&Public { title: "Connect Telegram", site: &site, body, foot: html! {} })))
}
