//! `/me/security`: the person's own password, whether they have a second factor, and where they are signed in.

use maud::{Markup, html};
use tide::http::Method;

use super::super::pages::done;
use super::super::pages::invite::{choose, new_password};
use super::super::pages::security::session_table;
use super::super::{Call, Problem, Response, Row, Wrongs};
use super::{CURRENT, Content, Signed, changed, confirm, current_field, show, signin, unconfirmed};
use crate::actions::signin::is_short_of_recovery;
use crate::actions::{security, session};
use crate::ids::{AccountId, SessionId};
use crate::model::session::{Session, Stage};
use crate::store::sessions;
use crate::view::badge::Tone;
use crate::view::form::{self, Weight};
use crate::view::layout;
use crate::view::notice::{Flash, notice};
use crate::view::portal::Nav;

/// The path of the page that the others hang below.
pub(super) const SECURITY: &str = "/me/security";
const PASSWORD: &str = "/me/security/password";
const EVERYWHERE: &str = "/me/security/sign-out-everywhere";

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::member(Method::Get, SECURITY, overview),
        Row::member(Method::Get, PASSWORD, ask_password),
        Row::member(Method::Post, PASSWORD, change_password),
        Row::member(Method::Post, "/me/security/sessions/:id/end", end),
        Row::member(Method::Post, EVERYWHERE, sign_out_everywhere),
    ]
}

/// `GET /me/security`
async fn overview(call: Call, signed: Signed) -> Result<Response, Problem> {
    let now = call.state().clock().now();
    let rows = call.state().store().read(|read| sessions::of(read, signed.id))?;
    let is_open = |session: &Session<AccountId>| session.stage == Stage::Full && !session.is_over(now);
    let open: Vec<&Session<AccountId>> =
        rows.iter().map(|(_, session)| session).filter(|session| is_open(session)).collect();
    let everywhere =
        form::one_button(EVERYWHERE, Some(&signed.session.csrf), form::submit(Weight::Danger, "Sign out everywhere"));
    let body = html! {
        (layout::halves(
            layout::panel("Password", layout::stack(html! {
                p { "You sign in as " b dir="auto" { (signed.person.username) } " with a password of your own." }
                (form::actions(form::link_button(Weight::Quiet, PASSWORD, "Change password")))
            })),
            layout::panel("Second factor", layout::stack(factor(&signed))),
        ))
        (layout::panel_flush("Where you are signed in", everywhere, session_table(&open, signed.session.id, |id| end_button(id, &signed), now)))
        (layout::panel("Your data", html! {
            p { "What is kept about you here is your chats, your messages and your sign-in. You can have all of it removed." }
            (form::actions(form::link_button(Weight::Quiet, "/me/delete", "Delete my data")))
        }))
    };
    let content = Content { title: "Security".to_owned(), nav: Nav::Security, below: None, body };
    Ok(show(&call, &signed, content, &Wrongs::none()))
}

fn factor(signed: &Signed) -> Markup {
    let credentials = &signed.person.member.credentials;
    html! {
        @if credentials.totp_sealed.is_some() {
            @if is_short_of_recovery(credentials) {
                (notice(Tone::Doubtful, "Few recovery codes are left. Remove the second factor and add it again to get new ones."))
            }
            p { "Signing in takes a code from your authenticator. " b { (credentials.recovery.len()) } " recovery codes are left." }
            (form::actions(form::link_button(Weight::Quiet, super::factor::REMOVE, "Remove second factor")))
        } @else {
            p { "With a code from an app on your phone, a password that somebody found out opens nothing." }
            (form::actions(form::link_button(Weight::Quiet, super::factor::FACTOR, "Add a second factor")))
        }
    }
}

fn end_button(id: SessionId, signed: &Signed) -> Markup {
    let path = format!("/me/security/sessions/{id}/end");
    form::one_button(path, Some(&signed.session.csrf), form::submit(Weight::Quiet, "End"))
}

/// `POST /me/security/sessions/:id/end`
async fn end(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    call.form().await?;
    let id = call.id::<SessionId>("id")?;
    call.state().store().write(move |tx| session::revoke(tx, &signed, id)).await?;
    Ok(done(&call, SECURITY, &Flash::good("The session has ended.")))
}

/// `POST /me/security/sign-out-everywhere`
async fn sign_out_everywhere(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    call.form().await?;
    call.state().store().write(move |tx| security::sign_out_everywhere(tx, &signed)).await?;
    Ok(signin::signed_out(&call, "You are signed out everywhere."))
}

/// `GET /me/security/password`
async fn ask_password(call: Call, signed: Signed) -> Result<Response, Problem> {
    Ok(password_page(&call, &signed, &Wrongs::none()))
}

/// `POST /me/security/password`
async fn change_password(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let form = call.form().await?;
    let new = (form.secret("password"), form.secret("repeat"));
    let names = [signed.person.username.as_str(), &call.visitor().site()];
    if let Err(refusal) = choose((&new.0, &new.1), &names) {
        return Ok(password_page(&call, &signed, &refusal.into()));
    }
    if let Err(error) = confirm(&call, &signed, form.secret(CURRENT)).await {
        return Ok(password_page(&call, &signed, &unconfirmed(error)?));
    }
    let hash = call.state().hasher().hash(new.0).await?;
    let renewed = call.state().store().write(move |tx| security::change_password(tx, &signed, &hash)).await?;
    Ok(changed(&call, &renewed, (SECURITY, "Your password is changed. All other sessions have ended.")))
}

fn password_page(call: &Call, signed: &Signed, wrongs: &Wrongs) -> Response {
    let fields = html! {
        (form::summary(&wrongs.summary()))
        (current_field(wrongs).autofocus())
        (new_password(wrongs))
        (form::actions(form::submit(Weight::Primary, "Change password")))
    };
    let body = layout::frame(layout::stack(html! {
        p { "All your other sessions end with the change." }
        (form::post(PASSWORD, Some(&signed.session.csrf), fields))
    }));
    show(call, signed, below("Change password", body), wrongs)
}

/// A page below this one.
pub(super) fn below(title: &str, body: Markup) -> Content {
    Content { title: title.to_owned(), nav: Nav::Security, below: Some((SECURITY, "Security")), body }
}
