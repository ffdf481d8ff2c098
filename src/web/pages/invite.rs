//! `/invite`: an admin who was added on the server chooses a password; the second factor follows.

use maud::html;
use tide::http::Method;

use super::super::{Call, Problem, Response, Row, Wrongs};
use super::signin::{framed, from, go_on};
use crate::actions::security;
use crate::actions::{Refusal, password};
use crate::secret::Secret;
use crate::view::field::Field;
use crate::view::form::{self, Weight};
use crate::view::shell::Plain;

/// The routes of this page.
#[must_use]
pub fn rows() -> Vec<Row> {
    vec![Row::public(Method::Get, "/invite", ask), Row::public(Method::Post, "/invite", take)]
}

/// `GET /invite?token=...`
pub async fn ask(call: Call) -> Result<Response, Problem> {
    page(&call, &Secret::new(call.query("token")), &Wrongs::none())
}

/// `POST /invite`
pub async fn take(mut call: Call) -> Result<Response, Problem> {
    let form = call.form().await?;
    let token = form.secret("token");
    let (name, site) = (name(&call, &token)?, call.visitor().site());
    let chosen = choose((&form.secret("password"), &form.secret("repeat")), &[&name, &site]);
    if let Err(refusal) = chosen {
        return page(&call, &token, &refusal.into());
    }
    let state = call.state();
    let hash = state.hasher().hash(form.secret("password")).await?;
    let (from, origin) = (from(&call), call.origin());
    let half = state.store().write(move |tx| security::accept_invite(tx, &token, &hash, (&from, &origin))).await?;
    Ok(go_on(&call, &half, ""))
}

/// A new password and its repetition, by the rules.
pub(in crate::web) fn choose((password, repeat): (&Secret, &Secret), names: &[&str]) -> Result<(), Refusal> {
    password::check("password", password, names)?;
    if crate::secret::same(password.expose(), repeat.expose()) {
        Ok(())
    } else {
        Err(Refusal::invalid("repeat", "The two passwords differ."))
    }
}

fn name(call: &Call, token: &Secret) -> Result<String, Problem> {
    let invited = call.state().store().read(|read| security::invited(read, token))?;
    let over = "This invitation was used, or its day is over. Ask for a new one.";
    invited.map(|(_, admin)| admin.name.to_string()).ok_or_else(|| Problem::gone(over))
}

fn page(call: &Call, token: &Secret, wrongs: &Wrongs) -> Result<Response, Problem> {
    let name = name(call, token)?;
    let fields = html! {
        (form::hidden("token", token.expose()))
        (form::summary(&wrongs.summary()))
        (Field::text("name", "Name").value(&name).autocomplete("username").locked_by(Some("your invitation")))
        (new_password(wrongs))
        (form::actions(form::submit(Weight::Primary, "Go on to the second factor")))
    };
    let body = html! {
        p.lead { "You were invited to " (call.visitor().site()) " as \"" (name) "\". Choose a password; the second factor comes next." }
        (form::post("/invite", None, fields))
    };
    Ok(framed(wrongs, Plain { title: "Welcome", step: None, flash: None, body, foot: html! {} }))
}

/// The two fields for a new password.
pub(in crate::web) fn new_password(wrongs: &Wrongs) -> maud::Markup {
    html! {
        (Field::password("password", "New password").autocomplete("new-password").error(wrongs.of("password")).required()
            .hint("12 to 128 characters. A few random words are easy to keep; a password manager's own suggestion is best."))
        (Field::password("repeat", "The same again").autocomplete("new-password").error(wrongs.of("repeat")).required())
    }
}
