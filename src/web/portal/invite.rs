//! `/me/invite`: whoever was let in chooses a password and is signed in with it.

use maud::html;
use tide::http::Method;

use super::super::cookie::Cookie;
use super::super::pages::invite::{choose, new_password};
use super::super::{Call, Problem, Response, Row, Wrongs};
use super::{HOME, card, from, signin};
use crate::actions::portal::{OVER, accept, invited};
use crate::actions::session;
use crate::ids::AccountId;
use crate::secret::Secret;
use crate::view::field::Field;
use crate::view::form::{self, Weight};

/// The path of an invitation's page.
pub(in crate::web) const INVITE: &str = "/me/invite";

pub(super) fn rows() -> Vec<Row> {
    vec![Row::portal(Method::Get, INVITE, ask), Row::portal(Method::Post, INVITE, take)]
}

/// `GET /me/invite?token=...`
async fn ask(call: Call) -> Result<Response, Problem> {
    page(&call, &Secret::new(call.query("token")), &Wrongs::none())
}

/// `POST /me/invite`
async fn take(mut call: Call) -> Result<Response, Problem> {
    let form = call.form().await?;
    let token = form.secret("token");
    let (name, site) = (name(&call, &token)?, call.visitor().site());
    if let Err(refusal) = choose((&form.secret("password"), &form.secret("repeat")), &[&name, &site]) {
        return page(&call, &token, &refusal.into());
    }
    let state = call.state();
    let hash = state.hasher().hash(form.secret("password")).await?;
    let (from, origin, older) = (from(&call), call.origin(), call.cookie(Cookie::MemberSession));
    let entered = state.store().write(move |tx| {
        let half = accept(tx, &token, &hash, (&from, &origin))?;
        if let Some(older) = &older {
            session::end::<AccountId>(tx, older.hash())?;
        }
        Ok::<_, crate::actions::Error>(half)
    });
    Ok(signin::go_on(&call, entered.await?, HOME))
}

fn name(call: &Call, token: &Secret) -> Result<String, Problem> {
    let invited = call.state().store().read(|read| invited(read, token))?;
    invited.map(|(_, person)| person.username.to_string()).ok_or_else(|| Problem::gone(OVER))
}

fn page(call: &Call, token: &Secret, wrongs: &Wrongs) -> Result<Response, Problem> {
    let name = name(call, token)?;
    let fields = html! {
        (form::hidden("token", token.expose()))
        (form::summary(&wrongs.summary()))
        (Field::text("name", "User name").value(&name).autocomplete("username").locked_by(Some("your invitation")))
        (new_password(wrongs))
        (form::actions(form::submit(Weight::Primary, "Choose this password")))
    };
    let body = html! {
        p.lead { "Here you see your Telegram chats with " span dir="auto" { (call.visitor().site()) } ", and connect new ones. Choose a password to sign in with." }
        (form::post(INVITE, None, fields))
    };
    let foot = html! { p { "This address works once. Do not pass it on." } };
    Ok(card(call, ("Welcome", wrongs), (body, foot)))
}
