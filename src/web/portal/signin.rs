//! Signing in to the portal: name and password, then a code for those who chose to have one; and signing out. Nobody learns from
//! here which accounts there are.

use maud::{Markup, html};
use tide::http::Method;

use super::super::cookie::Cookie;
use super::super::pages::done;
use super::super::pages::signin::{code_forms, name_and_password, proof};
use super::super::routes::portal_page;
use super::super::{Call, Problem, Response, Row, Wrongs, answer, guard};
use super::{Signed, card, from, give};
use crate::actions::proof::RECOVERY_FIELD;
use crate::actions::session::Begun;
use crate::actions::signin::{self, Attempt, Half};
use crate::ids::AccountId;
use crate::model::account::USERNAME_MAX;
use crate::model::session::Stage;
use crate::view::badge::Tone;
use crate::view::form;
use crate::view::notice::Flash;
use crate::view::portal::SIGN_OUT;

const SIGN_IN: &str = "/me/sign-in";
const CODE: &str = "/me/sign-in/code";

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::portal(Method::Get, SIGN_IN, ask_password),
        Row::portal(Method::Post, SIGN_IN, take_password),
        Row::member_half(Method::Get, CODE, ask_code),
        Row::member_half(Method::Post, CODE, take_code),
        Row::portal(Method::Post, SIGN_OUT, sign_out),
    ]
}

/// `GET /me/sign-in`
async fn ask_password(call: Call) -> Result<Response, Problem> {
    let here = guard::member(&call).await?;
    if here.is_some_and(|signed| signed.session.stage == Stage::Full) {
        return Ok(answer::see_other(&portal_page(call.state(), &call.query("to"))));
    }
    Ok(password_page(&call, ("", &call.query("to")), &Wrongs::none()))
}

/// `POST /me/sign-in`
async fn take_password(mut call: Call) -> Result<Response, Problem> {
    let form = call.form().await?;
    let replaces = call.cookie(Cookie::MemberSession).map(|secret| secret.hash());
    let (name, password) = (form.get("name").to_owned(), form.secret("password"));
    let attempt = Attempt { name, password, from: from(&call), origin: call.origin(), replaces };
    match signin::password::<AccountId>(call.state().store(), call.state().hasher(), attempt).await {
        Ok(half) => Ok(go_on(&call, half, &portal_page(call.state(), form.get("to")))),
        Err(error) => Ok(password_page(&call, (form.get("name"), form.get("to")), &Wrongs::try_from(error)?)),
    }
}

/// What a right password leads to: the page that was wanted, or the second factor.
pub(super) fn go_on(call: &Call, half: Half, to: &str) -> Response {
    let path = match half.stage {
        Stage::Full => to.to_owned(),
        Stage::Password | Stage::Enrol => guard::with_return(CODE, to),
    };
    let mut response = answer::see_other(&path);
    match half.stage {
        Stage::Full => give(call, &mut response, &Begun { session: half.session, device: half.device }),
        Stage::Password | Stage::Enrol => super::renew(call, &mut response, &half.session),
    }
    response
}

fn password_page(call: &Call, (name, to): (&str, &str), wrongs: &Wrongs) -> Response {
    let fields = name_and_password(("User name", 2 * USERNAME_MAX), (name, to), wrongs);
    let body = html! {
        p.lead { "See your Telegram chats with " span dir="auto" { (call.visitor().site()) } " and the messages that went there." }
        (form::post(SIGN_IN, None, fields))
    };
    card(call, ("Sign in", wrongs), (body, no_way_in(call)))
}

/// Help belongs where people look when they cannot get in.
fn no_way_in(call: &Call) -> Markup {
    html! {
        p { "No password yet, or forgotten? Ask " span dir="auto" { (call.visitor().site()) } " for an invitation: a link that lets you choose a new one." }
    }
}

/// `GET /me/sign-in/code`
async fn ask_code(call: Call, half: Signed) -> Result<Response, Problem> {
    Ok(code_page(&call, &half, &call.query("to"), &Wrongs::none()))
}

/// `POST /me/sign-in/code`
async fn take_code(mut call: Call, half: Signed) -> Result<Response, Problem> {
    let form = call.form().await?;
    let (proof, from, origin, session) = (proof(&form), from(&call), call.origin(), half.clone());
    let outcome =
        call.state().store().write(move |tx| signin::second_factor(tx, &session, &proof, &from, &origin)).await?;
    match outcome {
        Ok(begun) => {
            let path = portal_page(call.state(), form.get("to"));
            let mut response = if form.trimmed(RECOVERY_FIELD).is_empty() {
                answer::see_other(&path)
            } else {
                done(&call, &path, &one_less(half.person.member.credentials.recovery.len()))
            };
            give(&call, &mut response, &begun);
            Ok(response)
        }
        Err(refusal) => {
            signin::note_failure(&call.origin());
            Ok(code_page(&call, &half, form.get("to"), &refusal.into()))
        }
    }
}

/// Who used up a recovery code is told how many are left.
fn one_less(before: usize) -> Flash {
    let left = before.saturating_sub(1);
    let text = format!(
        "You signed in with a recovery code; {left} are left. If your authenticator is lost, remove the second factor under Security \
         with another one of them, and add a new one."
    );
    Flash { tone: Tone::Doubtful, text }
}

fn code_page(call: &Call, half: &Signed, to: &str, wrongs: &Wrongs) -> Response {
    let csrf = half.session.csrf.as_str();
    let body = code_forms((CODE, csrf), to, wrongs);
    let again = html! { button.plain type="submit" { span { "Not " bdi { (half.person.username) } "? Begin again" } } };
    let foot = html! {
        (form::one_button(SIGN_OUT, Some(csrf), again))
        p { "Lost the authenticator and the recovery codes? Ask " span dir="auto" { (call.visitor().site()) } " to let you in anew." }
    };
    card(call, ("Second factor", wrongs), (body, foot))
}

/// `POST /me/sign-out`
async fn sign_out(mut call: Call) -> Result<Response, Problem> {
    if let Some(signed) = guard::member(&call).await? {
        call.expect_token(&signed);
        call.form().await?;
        call.state().store().write(move |tx| signin::sign_out(tx, &signed)).await?;
    }
    Ok(signed_out(&call, "You are signed out."))
}

/// Where someone goes whose session has ended by their own wish.
pub(super) fn signed_out(call: &Call, text: &str) -> Response {
    let mut response = done(call, SIGN_IN, &Flash::good(text));
    Cookie::MemberSession.clear(&mut response, &call.visitor().origin);
    response
}

#[cfg(test)]
mod tests {
    use super::super::HOME;
    use super::*;

    #[test]
    fn the_first_page_needs_no_way_back() {
        assert_eq!(guard::with_return(CODE, HOME), CODE);
        assert_eq!(guard::with_return(CODE, "/me/security"), "/me/sign-in/code?to=%2Fme%2Fsecurity");
    }
}
