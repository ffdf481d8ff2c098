//! `/me/delete`: a person has everything removed that is kept about them. What goes is said before, and it takes the password.

use maud::{Markup, html};
use tide::http::Method;

use super::super::cookie::Cookie;
use super::super::pages::accounts::form::Going;
use super::super::{Call, Problem, Response, Row, Wrongs, answer};
use super::{CURRENT, Content, HOME, Signed, card, confirm, current_field, show, unconfirmed};
use crate::actions::session::find;
use crate::actions::{Error, Refusal, accounts::erase};
use crate::ids::AccountId;
use crate::model::event::Actor;
use crate::view::count;
use crate::view::form::{self, Confirm};
use crate::view::portal::Nav;

const DELETE: &str = "/me/delete";
const GOODBYE: &str = "/me/goodbye";

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::member(Method::Get, DELETE, ask),
        Row::member(Method::Post, DELETE, take_away),
        Row::portal(Method::Get, GOODBYE, goodbye),
    ]
}

/// What goes, in the words of whose it is.
fn show_going(going: &Going, site: &str) -> Markup {
    let chats = u64::try_from(going.chats).unwrap_or(u64::MAX);
    html! {
        ul.going {
            @if chats > 0 { li { (count(chats, "chat is", "chats are")) " disconnected and told so; what is on its way there is cancelled." } }
            @if going.has_open_link { li { "Your open link is void." } }
            @if going.has_messages { li { "Your messages here are removed for good. What stands in Telegram stays there." } }
            li { "Your user name, your password and your sessions go. You are signed out." }
            li { span dir="auto" { (site) } " is told that you asked for it. What it keeps about you elsewhere is not touched." }
        }
    }
}

/// `GET /me/delete`
async fn ask(call: Call, signed: Signed) -> Result<Response, Problem> {
    page(&call, &signed, &Wrongs::none())
}

fn page(call: &Call, signed: &Signed, wrongs: &Wrongs) -> Result<Response, Problem> {
    let going = call.state().store().read(|read| Going::load(read, signed.id))?;
    let body = form::confirm(&Confirm {
        text: "This cannot be undone. What goes, at once:",
        action: DELETE.into(),
        csrf: &signed.session.csrf,
        verb: "Delete my data",
        back: HOME.into(),
        more: html! {
            (show_going(&going, &call.visitor().site()))
            (form::summary(&wrongs.summary()))
            (current_field(wrongs).hint("So that nobody else can do this at an open screen."))
        },
    });
    let title = "Delete your data?".to_owned();
    let content = Content { title, nav: Nav::Chats, below: Some((HOME, "Your chats")), body };
    Ok(show(call, signed, content, wrongs))
}

/// `POST /me/delete`
async fn take_away(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let form = call.form().await?;
    if let Err(error) = confirm(&call, &signed, form.secret(CURRENT)).await {
        return page(&call, &signed, &unconfirmed(error)?);
    }
    let gone = call.state().store().write(move |tx| {
        if find::<AccountId>(tx, signed.cookie)?.is_none() {
            return Err(Error::from(Refusal::unproven(None, "Your session has ended. Sign in again.")));
        }
        erase(tx, Actor::Person(signed.id), signed.id)
    });
    gone.await?;
    let mut response = answer::see_other(GOODBYE);
    Cookie::MemberSession.clear(&mut response, &call.visitor().origin);
    Cookie::MemberDevice.clear(&mut response, &call.visitor().origin);
    Ok(response)
}

/// `GET /me/goodbye`
async fn goodbye(call: Call) -> Result<Response, Problem> {
    let body = html! {
        p.lead { "Your data is deleted, and you are signed out." }
        p { "Nothing more is sent to you on Telegram from here. The chat with the bot is yours: you can delete it in Telegram." }
    };
    Ok(card(&call, ("Goodbye", &Wrongs::none()), (body, html! {})))
}
