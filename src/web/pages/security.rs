//! `/admin/security`: the admin's own password, second factor, recovery codes and sessions.

use maud::{Markup, html};
use tide::http::Method;

use super::super::cookie::Cookie;
use super::super::{Call, Problem, Response, Row, Wrongs};
use super::confirm::confirm_password;
use super::enrol::{code_field, codes_page, key, new_offer, offer_field, offer_of};
use super::invite::{choose, new_password};
use super::{Content, agents, done, names, show};
use crate::actions::chats::unbind_admin;
use crate::actions::proof::CODE_FIELD;
use crate::actions::security::{self, Offer};
use crate::actions::session::{self, Signed};
use crate::actions::{Error, Refusal, signin};
use crate::clock::Timestamp;
use crate::ids::{ChatId, SessionId};
use crate::model::admin::Role;
use crate::model::chat::Chat;
use crate::model::session::{Session, Stage};
use crate::secret::Secret;
use crate::store::{chats, sessions};
use crate::view::badge::Tone;
use crate::view::field::Field;
use crate::view::form::{self, Weight};
use crate::view::list::{Kind, Table, table};
use crate::view::notice::{Flash, notice};
use crate::view::shell::Nav;
use crate::view::{layout, time};

/// The path of the page that the others hang below.
const HERE: &str = "/admin/security";

/// The routes of this page and those below it.
#[must_use]
pub fn rows() -> Vec<Row> {
    vec![
        Row::signed(Method::Get, HERE, Role::Viewer, overview),
        Row::signed(Method::Post, "/admin/security/sessions/:id/revoke", Role::Viewer, revoke),
        Row::signed(Method::Post, "/admin/security/sign-out-everywhere", Role::Viewer, sign_out_everywhere),
        Row::signed(Method::Post, "/admin/security/chats/:id/disconnect", Role::Viewer, disconnect),
        Row::step_up(Method::Get, "/admin/security/password", Role::Viewer, ask_password),
        Row::step_up(Method::Post, "/admin/security/password", Role::Viewer, change_password),
        Row::step_up(Method::Get, "/admin/security/second-factor", Role::Viewer, ask_factor),
        Row::step_up(Method::Post, "/admin/security/second-factor", Role::Viewer, replace_factor),
        Row::step_up(Method::Get, "/admin/security/recovery-codes", Role::Viewer, ask_codes),
        Row::step_up(Method::Post, "/admin/security/recovery-codes", Role::Viewer, new_codes),
    ]
}

/// `GET /admin/security`
pub async fn overview(call: Call, signed: Signed) -> Result<Response, Problem> {
    let (open, chats) = call
        .state()
        .store()
        .read(|read| Ok::<_, Problem>((sessions::of(read, signed.id)?, chats::of_admin(read, signed.id)?)))?;
    let now = call.state().clock().now();
    let open: Vec<&Session> = open
        .iter()
        .map(|(_, session)| session)
        .filter(|session| session.stage == Stage::Full && !session.is_over(now))
        .collect();
    let everywhere = form::one_button(
        "/admin/security/sign-out-everywhere",
        Some(&signed.session.csrf),
        form::submit(Weight::Danger, "Sign out everywhere"),
    );
    let body = html! {
        (layout::panel("How you sign in", layout::stack(credentials(&signed))))
        (layout::panel("Your own chat", layout::stack(own_chat(&chats, &signed))))
        (layout::panel_flush("Where you are signed in", everywhere, session_table(&open, signed.session.id, |id| revoke_button(id, &signed), now)))
    };
    Ok(show(&call, &signed, Content::new("Security", Nav::Security, body)))
}

fn credentials(signed: &Signed) -> Markup {
    let left = signed.person.credentials.recovery.len();
    html! {
        @if signin::is_short_of_recovery(&signed.person.credentials) {
            (notice(Tone::Doubtful, "Few recovery codes are left. Make new ones, so that a lost authenticator does not lock you out."))
        }
        (layout::facts(&[
            ("Name", html! { (signed.person.name) }),
            ("Role", html! { (signed.person.role.word()) }),
            ("Recovery codes", html! { (left) " left" }),
        ]))
        (form::actions(html! {
            (form::link_button(Weight::Quiet, "/admin/security/password", "Change password"))
            (form::link_button(Weight::Quiet, "/admin/security/second-factor", "Replace second factor"))
            (form::link_button(Weight::Quiet, "/admin/security/recovery-codes", "New recovery codes"))
        }))
    }
}

fn own_chat(chats: &[(ChatId, Chat)], signed: &Signed) -> Markup {
    let csrf = Some(signed.session.csrf.as_str());
    html! {
        @if chats.is_empty() {
            p { "Test messages and notices can come to your own Telegram." }
            (form::post("/setup/chat", csrf, form::actions(form::submit(Weight::Quiet, "Connect my Telegram"))))
        }
        @for (id, chat) in chats {
            @let path = format!("/admin/security/chats/{id}/disconnect");
            p { strong dir="auto" { (names::of_profile(&chat.profile, *id)) } " gets test messages and notices." }
            (form::one_button(path, csrf, form::submit(Weight::Quiet, "Disconnect")))
        }
    }
}

/// `POST /admin/security/chats/:id/disconnect`
pub async fn disconnect(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    call.form().await?;
    let id = call.id::<ChatId>("id")?;
    let gone = call.state().store().write(move |tx| {
        let own = chats::of_admin(tx, signed.id)?.iter().any(|(chat, _)| *chat == id);
        if own { unbind_admin(tx, &signed.caller(), id).map(|_| ()) } else { Err(not_yours()) }
    });
    gone.await?;
    Ok(done(&call, HERE, &Flash::good("Your chat is disconnected.")))
}

fn not_yours() -> Error {
    Refusal::not_found("This chat is not connected to you.").into()
}

/// Sessions, each with what ends it but for one's own.
pub(in crate::web) fn session_table<I>(
    sessions: &[&Session<I>],
    own: SessionId,
    end: impl Fn(SessionId) -> Markup,
    now: Timestamp,
) -> Markup {
    let columns = [
        ("Browser", Kind::Text),
        ("Address", Kind::Text),
        ("Begun", Kind::Text),
        ("Last used", Kind::Text),
        ("End", Kind::Actions),
    ];
    let line = |session: &&Session<I>| {
        let own = session.id == own;
        let end = html! { @if own { "this one" } @else { (end(session.id)) } };
        let seen = if own { now } else { session.seen };
        vec![
            html! { (agents::name(&session.agent)) },
            html! { (session.address) },
            time::exact(session.created),
            time::ago(seen, now),
            end,
        ]
    };
    table(&Table { caption: "Sessions", columns: &columns, rows: sessions.iter().map(line).collect() })
}

fn revoke_button(id: SessionId, signed: &Signed) -> Markup {
    let path = format!("/admin/security/sessions/{id}/revoke");
    form::one_button(path, Some(&signed.session.csrf), form::submit(Weight::Quiet, "End"))
}

/// `POST /admin/security/sessions/:id/revoke`
pub async fn revoke(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    call.form().await?;
    let id = call.id::<SessionId>("id")?;
    call.state().store().write(move |tx| session::revoke(tx, &signed, id)).await?;
    Ok(done(&call, HERE, &Flash::good("The session has ended.")))
}

/// `POST /admin/security/sign-out-everywhere`
pub async fn sign_out_everywhere(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    call.form().await?;
    call.state().store().write(move |tx| security::sign_out_everywhere(tx, &signed)).await?;
    let mut response = done(&call, "/sign-in", &Flash::good("You are signed out everywhere."));
    Cookie::Session.clear(&mut response, &call.visitor().origin);
    Ok(response)
}

/// `GET /admin/security/password`
pub async fn ask_password(call: Call, signed: Signed) -> Result<Response, Problem> {
    Ok(password_page(&call, &signed, &Wrongs::none()))
}

/// `POST /admin/security/password`
pub async fn change_password(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let form = call.form().await?;
    let new = (form.secret("password"), form.secret("repeat"));
    let names = [signed.person.name.as_str(), &call.visitor().site()];
    let chosen = choose((&new.0, &new.1), &names).map_err(Error::from);
    let checked = match chosen {
        Ok(()) => confirm_password(&call, &signed, form.secret("current")).await,
        refused => refused,
    };
    if let Err(error) = checked {
        return Ok(password_page(&call, &signed, &about_current(Wrongs::try_from(error)?)));
    }
    let hash = call.state().hasher().hash(new.0).await?;
    let renewed = call.state().store().write(move |tx| security::change_password(tx, &signed, &hash)).await?;
    Ok(changed(&call, &renewed, "Your password is changed. All other sessions have ended."))
}

/// The confirmed password stands in a field of another name here.
pub(in crate::web) fn about_current(wrongs: Wrongs) -> Wrongs {
    if wrongs.status() == 401 {
        Refusal::unproven(Some("current"), "This is not your present password.").into()
    } else {
        wrongs
    }
}

fn password_page(call: &Call, signed: &Signed, wrongs: &Wrongs) -> Response {
    let fields = html! {
        (form::summary(&wrongs.summary()))
        (Field::password("current", "Present password").autocomplete("current-password").error(wrongs.of("current")).required().autofocus())
        (new_password(wrongs))
        (form::actions(form::submit(Weight::Primary, "Change password")))
    };
    let body = layout::frame(layout::stack(html! {
        p { "All your other sessions end with the change." }
        (form::post("/admin/security/password", Some(&signed.session.csrf), fields))
    }));
    below(call, signed, ("Change password", wrongs), body)
}

/// `GET /admin/security/second-factor`
pub async fn ask_factor(call: Call, signed: Signed) -> Result<Response, Problem> {
    let offer = new_offer(&call, &signed)?;
    Ok(factor_page(&call, &signed, &offer, &Wrongs::none()))
}

/// `POST /admin/security/second-factor`
pub async fn replace_factor(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let form = call.form().await?;
    let offer = match offer_of(&call, &signed, &form)? {
        Ok(offer) => offer,
        Err(refusal) => return Ok(factor_page(&call, &signed, &new_offer(&call, &signed)?, &refusal.into())),
    };
    let code = form.trimmed(CODE_FIELD).to_owned();
    let (session, offered) = (signed.clone(), offer.clone());
    let change = call.state().store().write(move |tx| security::replace_factor(tx, &session, &offered, &code)).await;
    match change {
        Ok(renewed) => {
            let text =
                "Your second factor is replaced; codes of the old one no longer work. All other sessions have ended.";
            Ok(changed(&call, &renewed, text))
        }
        Err(error) => Ok(factor_page(&call, &signed, &offer, &Wrongs::try_from(error)?)),
    }
}

fn factor_page(call: &Call, signed: &Signed, offer: &Offer, wrongs: &Wrongs) -> Response {
    let fields = html! {
        (offer_field(offer))
        (code_field(wrongs))
        (form::actions(form::submit(Weight::Primary, "Replace second factor")))
    };
    let body = layout::frame(layout::stack(html! {
        (form::summary(&wrongs.summary()))
        p { "Add this key to your authenticator. The old one works until you confirm the new one with a code." }
        (key(call, &offer.shared, (&call.visitor().site(), signed.person.name.as_str())))
        (form::post("/admin/security/second-factor", Some(&signed.session.csrf), fields))
    }));
    below(call, signed, ("Replace second factor", wrongs), body)
}

/// `GET /admin/security/recovery-codes`
pub async fn ask_codes(call: Call, signed: Signed) -> Result<Response, Problem> {
    let ask = form::Confirm {
        text: "Ten new recovery codes are made and shown once. The old ones stop working, and all your other sessions end.",
        action: "/admin/security/recovery-codes".into(),
        csrf: &signed.session.csrf,
        verb: "Make new codes",
        back: HERE.into(),
        more: html! {},
    };
    Ok(below(&call, &signed, ("New recovery codes", &Wrongs::none()), form::confirm(&ask)))
}

/// `POST /admin/security/recovery-codes`
pub async fn new_codes(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    call.form().await?;
    let name = signed.person.name.to_string();
    let (renewed, codes) = call.state().store().write(move |tx| security::new_recovery(tx, &signed)).await?;
    let mut response = codes_page((&call.visitor().site(), &name), &codes, (None, HERE));
    Cookie::Session.put(&mut response, &call.visitor().origin, &renewed, None);
    Ok(response)
}

fn below(call: &Call, signed: &Signed, (title, wrongs): (&str, &Wrongs), body: Markup) -> Response {
    let status = if wrongs.is_empty() { 200 } else { wrongs.status() };
    let content = Content::new(title, Nav::Security, body).below(HERE, "Security").with_status(status);
    let mut response = show(call, signed, content);
    wrongs.tell_wait(&mut response);
    response
}

/// Back to the overview under the session's new secret.
fn changed(call: &Call, renewed: &Secret, text: &str) -> Response {
    let mut response = done(call, HERE, &Flash::good(text));
    Cookie::Session.put(&mut response, &call.visitor().origin, renewed, None);
    response
}
