//! The portal, `/me`: where the person of an account signs in and looks after their own chats. This file owns what its pages share:
//! their frame, their cookies, and the password that sensitive forms ask for.

mod delete;
mod factor;
mod home;
pub(in crate::web) mod invite;
mod link;
mod quiet;
mod security;
mod signin;
mod talk;

use maud::{Markup, html};

use super::cookie::Cookie;
use super::pages::signin::{from_known, give_as};
use super::pages::{done, told};
use super::{Call, Problem, Response, Row, Wrongs, answer};
use crate::actions::proof::From;
use crate::actions::session::{self, Begun};
use crate::actions::signin::Attempt;
use crate::actions::{Error, signin as act};
use crate::ids::AccountId;
use crate::secret::Secret;
use crate::view::field::Field;
use crate::view::layout::stack;
use crate::view::notice::{self, Flash};
use crate::view::portal::{Nav, Page, page};
use crate::view::shell::{Public, public};

/// The portal's first page.
const HOME: &str = super::guard::PORTAL;
/// The field for the password that one has now.
const CURRENT: &str = "current";

/// Someone signed in to the portal.
type Signed = session::Signed<AccountId>;

/// The routes of the portal.
#[must_use]
pub fn rows() -> Vec<Row> {
    [
        signin::rows(),
        invite::rows(),
        home::rows(),
        quiet::rows(),
        link::rows(),
        security::rows(),
        factor::rows(),
        delete::rows(),
    ]
    .concat()
}

/// A page in the portal's frame, before it is framed.
struct Content {
    title: String,
    nav: Nav,
    below: Option<(&'static str, &'static str)>,
    body: Markup,
}

/// The page in the portal's frame, with the news that the last form left; a form that came back has its own status.
fn show(call: &Call, signed: &Signed, content: Content, wrongs: &Wrongs) -> Response {
    let (site, news) = (call.visitor().site(), call.flash());
    let markup = page(&Page {
        title: &content.title,
        nav: content.nav,
        site: &site,
        username: signed.person.username.as_str(),
        csrf: &signed.session.csrf,
        flash: news.as_ref(),
        back: content.below.map(|(path, name)| (path.into(), name)),
        body: content.body,
    });
    sent(call, markup, wrongs)
}

/// A page with one thing to do, for people who are not signed in or just did something once.
fn card(call: &Call, (title, wrongs): (&str, &Wrongs), (body, foot): (Markup, Markup)) -> Response {
    let (site, news) = (call.visitor().site(), call.flash());
    let body = stack(html! {
        @if let Some(news) = &news { (notice::flash(news)) }
        (body)
    });
    sent(call, public(&Public { title, site: &site, body, foot }), wrongs)
}

fn sent(call: &Call, markup: Markup, wrongs: &Wrongs) -> Response {
    let status = if wrongs.is_empty() { 200 } else { wrongs.status() };
    let mut response = told(call, answer::page_with(status, markup));
    wrongs.tell_wait(&mut response);
    response
}

/// Hands the cookies of a full session to the browser.
fn give(call: &Call, response: &mut Response, begun: &Begun) {
    let cookies = (Cookie::MemberSession, Cookie::MemberDevice);
    give_as(call, cookies, (&call.visitor().origin, response), begun);
}

/// Back to a page under the session's new secret.
fn changed(call: &Call, renewed: &Secret, (path, text): (&str, &str)) -> Response {
    let mut response = done(call, path, &Flash::good(text));
    renew(call, &mut response, renewed);
    response
}

fn renew(call: &Call, response: &mut Response, renewed: &Secret) {
    Cookie::MemberSession.put(response, &call.visitor().origin, renewed, None);
}

/// From where tries are counted.
fn from(call: &Call) -> From {
    from_known(call, Cookie::MemberDevice)
}

/// Whether a password is the one of who is signed in; throttled as a sign-in is.
async fn confirm(call: &Call, signed: &Signed, password: Secret) -> Result<(), Error> {
    let name = signed.person.username.to_string();
    let attempt = Attempt { name, password, from: from(call), origin: call.origin(), replaces: None };
    act::confirm::<AccountId>(call.state().store(), call.state().hasher(), attempt).await
}

/// What came of it, at the field of the form.
fn unconfirmed(error: Error) -> Result<Wrongs, Problem> {
    Ok(super::pages::security::about_current(Wrongs::try_from(error)?))
}

/// The field for it.
fn current_field(wrongs: &Wrongs) -> Field<'_> {
    Field::password(CURRENT, "Present password").autocomplete("current-password").error(wrongs.of(CURRENT)).required()
}
