//! `/admin/confirm`: password and second factor again, before something sensitive.

use maud::html;
use tide::http::Method;

use super::super::cookie::Cookie;
use super::super::routes::page_or;
use super::super::{Call, Problem, Response, Row, Wrongs, answer};
use super::signin::{framed, from, proof};
use crate::actions::proof::{CODE_FIELD, RECOVERY_FIELD};
use crate::actions::session::Signed;
use crate::actions::signin::{self, Attempt};
use crate::ids::AdminId;
use crate::model::admin::Role;
use crate::model::session::STEP_UP;
use crate::secret::Secret;
use crate::view::field::Field;
use crate::view::form::{self, Weight};
use crate::view::layout::more;
use crate::view::shell::Plain;
use crate::view::time;

/// The routes of this page.
#[must_use]
pub fn rows() -> Vec<Row> {
    vec![
        Row::signed(Method::Get, "/admin/confirm", Role::Viewer, ask),
        Row::signed(Method::Post, "/admin/confirm", Role::Viewer, take),
    ]
}

/// `GET /admin/confirm?to=...`
pub async fn ask(call: Call, signed: Signed) -> Result<Response, Problem> {
    Ok(page(&signed, &call.query("to"), &Wrongs::none()))
}

/// `POST /admin/confirm`
pub async fn take(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let form = call.form().await?;
    if let Err(error) = confirm_password(&call, &signed, form.secret("password")).await {
        return Ok(page(&signed, form.get("to"), &Wrongs::try_from(error)?));
    }
    let (proof, from, session) = (proof(&form), from(&call), signed.clone());
    match call.state().store().write(move |tx| signin::step_up(tx, &session, &proof, &from)).await? {
        Ok(renewed) => {
            let mut response = answer::see_other(&page_or(call.state(), form.get("to"), "/admin/security"));
            Cookie::Session.put(&mut response, &call.visitor().origin, &renewed, None);
            Ok(response)
        }
        Err(refusal) => {
            signin::note_failure(&call.origin());
            Ok(page(&signed, form.get("to"), &refusal.into()))
        }
    }
}

/// Whether a password is the caller's own; throttled as a sign-in is.
pub(super) async fn confirm_password(
    call: &Call,
    signed: &Signed,
    password: Secret,
) -> Result<(), crate::actions::Error> {
    let attempt = Attempt {
        name: signed.person.name.as_str().to_owned(),
        password,
        from: from(call),
        origin: call.origin(),
        replaces: None,
    };
    signin::confirm::<AdminId>(call.state().store(), call.state().hasher(), attempt).await
}

fn page(signed: &Signed, to: &str, wrongs: &Wrongs) -> Response {
    let csrf = Some(signed.session.csrf.as_str());
    let password = || {
        Field::password("password", "Password").autocomplete("current-password").error(wrongs.of("password")).required()
    };
    let by_code = html! {
        (form::hidden("to", to))
        (form::summary(&wrongs.summary()))
        (password().autofocus())
        (Field::code(CODE_FIELD, "Code from your authenticator").error(wrongs.of(CODE_FIELD)).max(16).required())
        (form::actions(html! {
            (form::submit(Weight::Primary, "Confirm"))
            (form::link_button(Weight::Quiet, "/admin", "Not now"))
        }))
    };
    let body = html! {
        p.lead { "What comes next is sensitive. Prove once more that it is you; it holds for " (time::span(STEP_UP)) "." }
        (form::post("/admin/confirm", csrf, by_code))
        (more("recovery", "No authenticator at hand?", by_recovery(signed, to, wrongs)))
    };
    framed(wrongs, Plain { title: "Is it still you?", step: None, flash: None, body, foot: html! {} })
}

/// The page's first form has the password field's usual id already, so this one brings its own.
fn by_recovery(signed: &Signed, to: &str, wrongs: &Wrongs) -> maud::Markup {
    let fields = html! {
        (form::hidden("to", to))
        label for="recovery-password" { "Password" }
        input id="recovery-password" name="password" type="password" autocomplete="current-password" required;
        (Field::text(RECOVERY_FIELD, "Recovery code").error(wrongs.of(RECOVERY_FIELD)).max(80).required())
        (form::actions(form::submit(Weight::Quiet, "Confirm with the recovery code")))
    };
    form::post("/admin/confirm", Some(&signed.session.csrf), fields)
}
