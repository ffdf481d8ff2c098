//! Signing in: name and password, then a code; and signing out.

use maud::{Markup, html};
use tide::http::Method;

use super::super::cookie::Cookie;
use super::super::routes::page_or;
use super::super::visitor::Origin;
use super::super::{Call, Form, Problem, Response, Row, Wrongs, answer, guard};
use super::done;
use crate::actions::proof::{self, CODE_FIELD, Proof, RECOVERY_FIELD};
use crate::actions::session::{Begun, Signed};
use crate::actions::signin::{self, Attempt, Half};
use crate::ids::AdminId;
use crate::model::session::{DEVICE_LIFE, Stage};
use crate::secret::Secret;
use crate::view::field::Field;
use crate::view::form::{self, Weight};
use crate::view::layout::{more, stack};
use crate::view::notice::Flash;
use crate::view::shell::{Plain, SIGN_OUT, plain};

/// The routes of signing in and out.
#[must_use]
pub fn rows() -> Vec<Row> {
    vec![
        Row::public(Method::Get, "/sign-in", ask_password),
        Row::public(Method::Post, "/sign-in", take_password),
        Row::half(Method::Get, "/sign-in/code", Stage::Password, ask_code),
        Row::half(Method::Post, "/sign-in/code", Stage::Password, take_code),
        Row::public(Method::Post, SIGN_OUT, sign_out),
        Row::public(Method::Get, "/", root),
    ]
}

/// `GET /`
pub async fn root(_call: Call) -> Result<Response, Problem> {
    Ok(answer::see_other("/admin"))
}

/// `GET /sign-in`
pub async fn ask_password(call: Call) -> Result<Response, Problem> {
    let here = guard::signed_in(&call).await?;
    if here.is_some_and(|signed| signed.session.stage == Stage::Full) {
        return Ok(answer::see_other(&page_or(call.state(), &call.query("to"), "/admin")));
    }
    Ok(password_page(&call, "", &call.query("to"), &Wrongs::none()))
}

/// `POST /sign-in`
pub async fn take_password(mut call: Call) -> Result<Response, Problem> {
    let form = call.form().await?;
    let name = form.get("name").to_owned();
    let replaces = call.cookie(Cookie::Session).map(|secret| secret.hash());
    let attempt =
        Attempt { name, password: form.secret("password"), from: from(&call), origin: call.origin(), replaces };
    match signin::password::<AdminId>(call.state().store(), call.state().hasher(), attempt).await {
        Ok(half) => Ok(go_on(&call, &half, form.get("to"))),
        Err(error) => {
            let wrongs = Wrongs::try_from(error)?;
            Ok(password_page(&call, form.get("name"), form.get("to"), &wrongs))
        }
    }
}

/// The page after a right password, with the half session's cookie.
pub(super) fn go_on(call: &Call, half: &Half, to: &str) -> Response {
    let path = match half.stage {
        Stage::Password | Stage::Full => "/sign-in/code",
        Stage::Enrol => "/sign-in/enrol",
    };
    let mut response = answer::see_other(&guard::with_return(path, &page_or(call.state(), to, "/admin")));
    Cookie::Session.put(&mut response, &call.visitor().origin, &half.session, None);
    response
}

fn password_page(call: &Call, name: &str, to: &str, wrongs: &Wrongs) -> Response {
    let fields = name_and_password(("Name", 64), (name, to), wrongs);
    let news = call.flash();
    let body = form::post("/sign-in", None, fields);
    let page = Plain { title: "Sign in", step: None, flash: news.as_ref(), body, foot: locked_out() };
    super::told(call, framed(wrongs, page))
}

/// The fields of a sign-in: the name's label and length, what was typed, and where one wanted to go.
pub(in crate::web) fn name_and_password(
    (label, max): (&str, usize),
    (name, to): (&str, &str),
    wrongs: &Wrongs,
) -> Markup {
    html! {
        (form::hidden("to", to))
        (form::summary(&wrongs.summary()))
        @let field = Field::text("name", label).value(name).autocomplete("username").max(max).required();
        @if name.is_empty() { (field.autofocus()) } @else { (field) }
        @let field = Field::password("password", "Password").autocomplete("current-password").required();
        @if name.is_empty() { (field) } @else { (field.autofocus()) }
        (form::actions(form::submit(Weight::Primary, "Sign in")))
    }
}

/// Recovery belongs where people look when they cannot get in.
pub(super) fn locked_out() -> Markup {
    html! {
        p { "Locked out? On the server run " code { "startlink admin passwd NAME" } " for a new password, or "
            code { "startlink admin reset-2fa NAME" } " for a new second factor." }
    }
}

/// A plain page with the status that fits what is wrong.
pub(super) fn framed(wrongs: &Wrongs, page: Plain) -> Response {
    let page = Plain { body: stack(page.body), ..page };
    let mut response = answer::page_with(if wrongs.is_empty() { 200 } else { wrongs.status() }, plain(&page));
    wrongs.tell_wait(&mut response);
    response
}

/// `GET /sign-in/code`
pub async fn ask_code(call: Call, half: Signed) -> Result<Response, Problem> {
    Ok(code_page(&half, &call.query("to"), &Wrongs::none()))
}

/// `POST /sign-in/code`
pub async fn take_code(mut call: Call, half: Signed) -> Result<Response, Problem> {
    let form = call.form().await?;
    let (proof, from, origin) = (proof(&form), from(&call), call.origin());
    let session = half.clone();
    let outcome =
        call.state().store().write(move |tx| signin::second_factor(tx, &session, &proof, &from, &origin)).await?;
    match outcome {
        Ok(begun) => {
            let mut response = welcome(&call, &half, &form);
            give(&call, &call.visitor().origin, &mut response, &begun);
            Ok(response)
        }
        Err(refusal) => {
            signin::note_failure(&call.origin());
            Ok(code_page(&half, form.get("to"), &refusal.into()))
        }
    }
}

/// To where the person wanted; who used up a recovery code is told how many are left.
fn welcome(call: &Call, half: &Signed, form: &Form) -> Response {
    let path = page_or(call.state(), form.get("to"), "/admin");
    if form.trimmed(RECOVERY_FIELD).is_empty() {
        return answer::see_other(&path);
    }
    let left = half.person.credentials.recovery.len().saturating_sub(1);
    let text = format!(
        "You signed in with a recovery code; {left} are left. If your authenticator is lost, replace it under Security."
    );
    done(call, &path, &Flash { tone: crate::view::badge::Tone::Doubtful, text })
}

fn code_page(half: &Signed, to: &str, wrongs: &Wrongs) -> Response {
    let body = code_forms(("/sign-in/code", &half.session.csrf), to, wrongs);
    framed(wrongs, Plain { title: "Second factor", step: None, flash: None, body, foot: other_person(half) })
}

/// The two forms for the second factor: a code, or a recovery code.
pub(in crate::web) fn code_forms((path, csrf): (&str, &str), to: &str, wrongs: &Wrongs) -> Markup {
    let by_code = html! {
        (form::hidden("to", to))
        (form::summary(&wrongs.summary()))
        (Field::code(CODE_FIELD, "Code from your authenticator").error(wrongs.of(CODE_FIELD)).max(16).required().autofocus())
        (form::actions(form::submit(Weight::Primary, "Sign in")))
    };
    let by_recovery = html! {
        (form::hidden("to", to))
        (Field::text(RECOVERY_FIELD, "Recovery code").error(wrongs.of(RECOVERY_FIELD)).max(80).required())
        (form::actions(form::submit(Weight::Quiet, "Sign in with the recovery code")))
    };
    html! {
        (form::post(path, Some(csrf), by_code))
        (more("recovery", "No authenticator at hand?", form::post(path, Some(csrf), by_recovery)))
    }
}

/// The way out of a sign-in that is not complete.
pub(super) fn other_person(half: &Signed) -> Markup {
    html! {
        (form::one_button(SIGN_OUT, Some(&half.session.csrf), html! { button.plain type="submit" { "Not " (half.person.name) "? Begin again" } }))
        (locked_out())
    }
}

/// `POST /sign-out`
pub async fn sign_out(mut call: Call) -> Result<Response, Problem> {
    if let Some(signed) = guard::signed_in(&call).await? {
        call.expect_token(&signed);
        call.form().await?;
        call.state().store().write(move |tx| signin::sign_out(tx, &signed)).await?;
    }
    let mut response = done(&call, "/sign-in", &Flash::good("You are signed out."));
    Cookie::Session.clear(&mut response, &call.visitor().origin);
    Ok(response)
}

/// What a form shows as the second factor.
pub(in crate::web) fn proof(form: &Form) -> Proof {
    match form.trimmed(RECOVERY_FIELD) {
        "" => Proof::Code(form.trimmed(CODE_FIELD).to_owned()),
        code => Proof::Recovery(Secret::new(code)),
    }
}

/// From where tries are counted.
pub(super) fn from(call: &Call) -> proof::From {
    from_known(call, Cookie::Device)
}

/// The same for people whose browsers are known by another cookie.
pub(in crate::web) fn from_known(call: &Call, device: Cookie) -> proof::From {
    proof::From { network: call.visitor().network(), device: call.cookie(device).map(|secret| secret.hash()) }
}

/// Hands the cookies of a full session to the browser; a known browser's own is handed out again to last longer.
pub(super) fn give(call: &Call, origin: &Origin, response: &mut Response, begun: &Begun) {
    give_as(call, (Cookie::Session, Cookie::Device), (origin, response), begun);
}

/// The same under the names of the cookies for a kind of people: session and device.
pub(in crate::web) fn give_as(
    call: &Call,
    (session, device): (Cookie, Cookie),
    (origin, response): (&Origin, &mut Response),
    begun: &Begun,
) {
    session.put(response, origin, &begun.session, None);
    if let Some(secret) = begun.device.clone().or_else(|| call.cookie(device)) {
        device.put(response, origin, &secret, Some(DEVICE_LIFE));
    }
}
