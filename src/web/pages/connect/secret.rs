//! The secret with which the website signs addresses: made, replaced and ended by an owner who proved it.

use maud::{Markup, html};
use tide::http::Method;

use super::super::super::{Call, Problem, Response, Row};
use super::super::{Content, done, show};
use super::{Fresh, PATH, back_to, language, shown};
use crate::actions::connect::{forget, renew};
use crate::actions::session::Signed;
use crate::clock::Timestamp;
use crate::model::admin::Role;
use crate::model::connect::{OVERLAP, Secrets, Signer};
use crate::store::{Read as _, connect};
use crate::view::badge::Tone;
use crate::view::form::{self, Weight, link_button};
use crate::view::notice::{self, Flash};
use crate::view::shell::Nav;
use crate::view::{layout, time};

const SECRET: &str = "/admin/connect/secret";
const END: &str = "/admin/connect/secret/end";

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::step_up(Method::Get, SECRET, Role::Owner, ask),
        Row::step_up(Method::Post, SECRET, Role::Owner, make),
        Row::step_up(Method::Get, END, Role::Owner, ask_end),
        Row::step_up(Method::Post, END, Role::Owner, end),
    ]
}

/// What there is to say of the secret.
pub(super) struct Standing {
    secrets: Option<Secrets>,
    now: Timestamp,
}

impl Standing {
    pub(super) fn load(call: &Call) -> Result<Self, Problem> {
        call.state().store().read(|read| Ok(Self { secrets: connect::get(read)?, now: read.now() }))
    }

    /// The older secret's end, while it still counts.
    fn overlap(&self) -> Option<Timestamp> {
        let (_, until) = self.secrets.as_ref()?.older.as_ref()?;
        (*until > self.now).then_some(*until)
    }

    /// `form` is the one that holds the language.
    pub(super) fn buttons(&self, owner: bool, form: &str) -> Markup {
        let label = if self.secrets.is_some() { "Replace the secret" } else { "Fill in a new secret" };
        html! {
            @if owner {
                button.button.quiet type="submit" form=(form) formaction=(SECRET) { (label) }
                @if self.secrets.is_some() { (link_button(Weight::Danger, END, "Switch off")) }
            }
        }
    }

    pub(super) fn told(&self) -> Markup {
        let Some(secrets) = &self.secrets else {
            return notice::notice(
                Tone::Quiet,
                "This is switched off: no secret was made yet, so no address is accepted.",
            );
        };
        let overlap = self.overlap();
        html! {
            p.hint {
                "The secret was made " (time::ago(secrets.made, self.now)) ". "
                @match secrets.used {
                    None => "No address was opened since.",
                    Some((at, _)) => { "The last link was made by an address " (time::ago(at, self.now)) "." }
                }
            }
            @if let Some(until) = overlap {
                @let old = matches!(secrets.used, Some((_, Signer::Older)));
                (notice::titled(Tone::Doubtful, "Two secrets count", html! {
                    p { "The one before still counts until " (time::exact(until)) ". " @if old { "Your website used it last." } @else { "Put the new one into your website before that." } }
                }))
            }
        }
    }
}

/// `GET /admin/connect/secret`
async fn ask(call: Call, signed: Signed) -> Result<Response, Problem> {
    let lang = call.query("lang");
    let standing = Standing::load(&call)?;
    let (title, verb) = match standing.secrets {
        Some(_) => ("Replace the secret", "Replace it"),
        None => ("A secret for signed addresses", "Make the secret"),
    };
    let body = html! {
        @if standing.overlap().is_some() {
            (notice::notice(Tone::Doubtful, "A secret was replaced less than a day ago. The one before it ends at once when you go on."))
        }
        p.lead {
            @if standing.secrets.is_some() { "The new secret counts at once; the present one counts for " (time::span(OVERLAP)) " more, so that your website can change over." }
            @else { "Your website signs addresses with it. Whoever has it can connect a chat to any account: it stays on your server." }
        }
        (form::hidden("lang", language(&lang).word()))
        (form::actions(html! { (form::submit(Weight::Primary, verb)) (link_button(Weight::Quiet, back_to(&lang), "Not now")) }))
    };
    let body = layout::frame(form::post(SECRET, Some(&signed.session.csrf), body));
    Ok(show(&call, &signed, Content::new(title, Nav::Connect, body).below(PATH, "Connect your website")))
}

/// `POST /admin/connect/secret`
async fn make(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let form = call.form().await?;
    let caller = signed.caller();
    let secret = call.state().store().write(move |tx| renew(tx, &caller)).await?;
    shown(&call, &signed, language(form.get("lang")), &Fresh::Secret(&secret))
}

/// `GET /admin/connect/secret/end`
async fn ask_end(call: Call, signed: Signed) -> Result<Response, Problem> {
    let question = form::Confirm {
        text: "Addresses that your website signed lead nowhere from now on. Links that they made stay as they are.",
        action: END.into(),
        csrf: &signed.session.csrf,
        verb: "Switch off",
        back: PATH.into(),
        more: html! {},
    };
    let content = Content::new("Switch signed addresses off", Nav::Connect, form::confirm(&question));
    Ok(show(&call, &signed, content.below(PATH, "Connect your website")))
}

/// `POST /admin/connect/secret/end`
async fn end(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    call.form().await?;
    call.state().store().write(move |tx| forget(tx, &signed.caller())).await?;
    Ok(done(&call, PATH, &Flash::good("Signed addresses are switched off.")))
}
