//! Whether an account's person can sign in to the portal: let in by an invitation or a password, and shut out again.

use maud::{Markup, html};
use tide::http::Method;

use super::super::super::portal::invite::INVITE;
use super::super::super::{Call, Problem, Response, Row, Wrongs};
use super::super::accounts::{existing, path_of};
use super::super::invite::{choose, new_password};
use super::super::{Content, done, may, show};
use super::bare_form;
use crate::actions::portal::{Standing, invite, set_password, shut_out, standing};
use crate::actions::session::Signed;
use crate::clock::Timestamp;
use crate::ids::AccountId;
use crate::model::account::Account;
use crate::model::admin::Role;
use crate::model::member::INVITE_LIFE;
use crate::secret::Secret;
use crate::view::badge::Tone;
use crate::view::form::{self, Confirm, Weight, confirm, link_button, one_button, submit};
use crate::view::notice::Flash;
use crate::view::reveal::{Copy, secret_once};
use crate::view::shell::Nav;
use crate::view::{Href, badge, layout, time};

const SHUT_OUT: &str = "/admin/accounts/:id/portal/shut-out";
const PASSWORD: &str = "/admin/accounts/:id/portal/password";

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::signed(Method::Post, "/admin/accounts/:id/portal/invite", Role::Operator, make_invitation),
        Row::step_up(Method::Get, PASSWORD, Role::Operator, ask_password),
        Row::step_up(Method::Post, PASSWORD, Role::Operator, take_password),
        Row::signed(Method::Get, SHUT_OUT, Role::Operator, ask_shut_out),
        Row::signed(Method::Post, SHUT_OUT, Role::Operator, take_access),
    ]
}

/// The panel on the account's page; empty for those who may not change anything here.
pub(super) fn panel(call: &Call, signed: &Signed, id: AccountId) -> Result<Markup, Problem> {
    if !may(signed, Role::Operator) {
        return Ok(html! {});
    }
    if !call.visitor().portal {
        let hint = html! { p.hint { "The portal for users is switched off in the " a href="/admin/settings" { "settings" } "." } };
        return Ok(layout::panel("Portal", hint));
    }
    let found = call.state().store().read(|read| standing(read, id))?;
    let now = call.state().clock().now();
    Ok(layout::panel("Portal", layout::stack(open_panel(found.as_ref(), (id, &signed.session.csrf), now))))
}

fn open_panel(found: Option<&Standing>, (id, csrf): (AccountId, &str), now: Timestamp) -> Markup {
    let to = |verb: &str| format!("{}/portal/{verb}", path_of(id));
    let has_password = found.is_some_and(|found| found.has_password);
    let invited = found.and_then(|found| found.invited_until);
    html! {
        div {
            @match found {
                Some(found) if found.has_password => {
                    p { (sign_in_badge()) " " span.sub {
                        @if found.has_factor { "with a second factor" } @else { "with the password alone" }
                        @if let Some(seen) = found.last_sign_in { ", last " (time::ago(seen, now)) }
                    } }
                }
                Some(_) | None => { p { "Its person cannot sign in to the portal yet. There they see their chats and messages, and connect new chats." } }
            }
            @if let Some(until) = invited { p.sub { "An invitation is open until " (time::exact(until)) "." } }
        }
        div.actions {
            (one_button(to("invite"), Some(csrf), submit(Weight::Quiet, if invited.is_some() { "Make a new invitation link" } else { "Make an invitation link" })))
            (link_button(Weight::Quiet, to("password"), "Set a password"))
            @if has_password || invited.is_some() { (link_button(Weight::Quiet, to("shut-out"), "Take access away")) }
        }
    }
}

fn sign_in_badge() -> badge::Badge {
    badge::Badge { tone: Tone::Good, icon: Tone::Good.icon(), word: "can sign in" }
}

/// `POST /admin/accounts/:id/portal/invite`
async fn make_invitation(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let (id, account, _) = bare_form(&mut call).await?;
    let caller = signed.caller();
    let token = call.state().store().write(move |tx| invite(tx, &caller, id)).await?;
    Ok(invitation_page(&call, &signed, (id, &account), &token))
}

fn invitation_page(call: &Call, signed: &Signed, (id, account): (AccountId, &Account), token: &Secret) -> Response {
    let path = Href::from(INVITE).with("token", token.expose());
    let address = format!("{}{}", call.visitor().origin.text, path.as_str());
    let body = layout::frame(layout::stack(html! {
        (secret_once(Copy { id: "invitation", label: "The invitation link", value: &address }))
        p { "Pass it on to the person of " b dir="auto" { (account.username) } ". It works once, within " (time::span(INVITE_LIFE))
            "; whoever opens it chooses the password. An older invitation is void." }
        (form::actions(link_button(Weight::Primary, path_of(id), "I have copied it")))
    }));
    show(call, signed, below((id, account), "Invitation to the portal", body))
}

fn below((id, account): (AccountId, &Account), title: &str, body: Markup) -> Content {
    Content::new(title, Nav::Accounts, body).below(path_of(id), account.username.as_str())
}

/// `GET /admin/accounts/:id/portal/password`
async fn ask_password(call: Call, signed: Signed) -> Result<Response, Problem> {
    let (id, account) = existing(&call)?;
    Ok(password_page(&call, &signed, (id, &account), &Wrongs::none()))
}

/// `POST /admin/accounts/:id/portal/password`
async fn take_password(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let (id, account, form) = bare_form(&mut call).await?;
    let password = form.secret("password");
    let names = [account.username.as_str(), &call.visitor().site()];
    if let Err(refusal) = choose((&password, &form.secret("repeat")), &names) {
        return Ok(password_page(&call, &signed, (id, &account), &refusal.into()));
    }
    let (caller, hash) = (signed.caller(), call.state().hasher().hash(password).await?);
    call.state().store().write(move |tx| set_password(tx, &caller, id, &hash)).await?;
    let text =
        format!("{} can sign in to the portal with the new password. Older sessions have ended.", account.username);
    Ok(done(&call, &path_of(id), &Flash::good(text)))
}

fn password_page(call: &Call, signed: &Signed, (id, account): (AccountId, &Account), wrongs: &Wrongs) -> Response {
    let path = format!("{}/portal/password", path_of(id));
    let fields = html! {
        (form::summary(&wrongs.summary()))
        (new_password(wrongs))
        (form::actions(html! { (submit(Weight::Primary, "Set the password")) (link_button(Weight::Quiet, path_of(id), "Cancel")) }))
    };
    let body = layout::frame(layout::stack(html! {
        p { "You will know this password. An invitation link lets the person choose one that nobody else knows." }
        (form::post(path, Some(&signed.session.csrf), fields))
    }));
    let status = if wrongs.is_empty() { 200 } else { wrongs.status() };
    let title = format!("Portal password for {}", account.username);
    show(call, signed, below((id, account), &title, body).with_status(status))
}

/// `GET /admin/accounts/:id/portal/shut-out`
async fn ask_shut_out(call: Call, signed: Signed) -> Result<Response, Problem> {
    let (id, account) = existing(&call)?;
    let body = confirm(&Confirm {
        text: &format!(
            "The person of {} can no longer sign in to the portal, and their sessions end now.",
            account.username
        ),
        action: format!("{}/portal/shut-out", path_of(id)).into(),
        csrf: &signed.session.csrf,
        verb: "Take access away",
        back: path_of(id).into(),
        more: html! { p { "Password, second factor and invitation go; account, chats and messages stay. Who lost their second factor is let in anew this way: take access away, then make an invitation." } },
    });
    Ok(show(&call, &signed, below((id, &account), "Take access away?", body)))
}

/// `POST /admin/accounts/:id/portal/shut-out`
async fn take_access(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let (id, account, _) = bare_form(&mut call).await?;
    let caller = signed.caller();
    call.state().store().write(move |tx| shut_out(tx, &caller, id)).await?;
    Ok(done(&call, &path_of(id), &Flash::good(format!("{} can no longer sign in to the portal.", account.username))))
}
