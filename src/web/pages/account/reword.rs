//! A message that was sent, edited or deleted on the phones: the page with its text, and the question before it goes.

use maud::{Markup, html};
use tide::http::Method;

use super::super::super::{Call, Problem, Response, Row, Wrongs};
use super::super::accounts::{existing, path_of};
use super::super::{Content, done, show};
use crate::actions::messages::{Touched, delete, edit};
use crate::actions::session::Signed;
use crate::ids::{AccountId, MessageId};
use crate::model::account::Account;
use crate::model::admin::Role;
use crate::model::message::{Body, Format};
use crate::model::text::TEXT_LIMIT;
use crate::store::messages;
use crate::view::chat::FORMAT_FIELD;
use crate::view::field::{Choice, Field};
use crate::view::form::{Confirm, Weight, actions, confirm, link_button, post, submit, summary};
use crate::view::notice::Flash;
use crate::view::shell::Nav;
use crate::view::{count, layout};

const EDIT: &str = "/admin/accounts/:id/messages/:message/edit";
const DELETE: &str = "/admin/accounts/:id/messages/:message/delete";

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::signed(Method::Get, EDIT, Role::Sender, form),
        Row::signed(Method::Post, EDIT, Role::Sender, save),
        Row::signed(Method::Get, DELETE, Role::Sender, ask),
        Row::signed(Method::Post, DELETE, Role::Sender, remove),
    ]
}

/// Where a message of an account is changed.
pub(super) fn path(account: AccountId, message: MessageId, verb: &str) -> String {
    format!("{}/messages/{message}/{verb}", path_of(account))
}

/// The message of the path.
struct Named {
    account: AccountId,
    row: Account,
    message: MessageId,
    body: Body,
}

impl Named {
    fn of(call: &Call) -> Result<Self, Problem> {
        let (account, row) = existing(call)?;
        let message: MessageId = call.id("message")?;
        let body = call.state().store().read(|read| {
            let found = messages::get(read, message)?.filter(|row| row.account == Some(account) && !row.is_incoming());
            let found = found.ok_or_else(|| Problem::gone("There is no such message to this account any more."))?;
            let sealed = || Problem::conflict("This message was sealed with another key and cannot be read.");
            messages::body(read, &found).ok_or_else(sealed)
        })?;
        Ok(Self { account, row, message, body })
    }

    fn page(&self, call: &Call, signed: &Signed, wrongs: &Wrongs) -> Response {
        let formats =
            vec![Choice { value: "plain", label: "plain text" }, Choice { value: "html", label: "Telegram's HTML" }];
        let format = if self.body.format == Format::Html { "html" } else { "plain" };
        let hint = "What waits leaves with it. What was sent is changed on the phones; its person is not told again.";
        let text = Field::area("text", "Text", 6).value(&self.body.text).hint(hint).max(TEXT_LIMIT);
        let fields = html! {
            div.fields {
                (text.error(wrongs.of("text")))
                (Field::select(FORMAT_FIELD, "Written as", formats).value(format))
            }
            (actions(html! {
                (submit(Weight::Primary, "Save"))
                (link_button(Weight::Quiet, path_of(self.account), "Keep it as it is"))
            }))
        };
        let csrf = &signed.session.csrf;
        let form = post(path(self.account, self.message, "edit"), Some(csrf), fields);
        let body = html! { (summary(&wrongs.summary())) (layout::panel("Message", form)) };
        let status = if wrongs.is_empty() { 200 } else { wrongs.status() };
        self.show(call, signed, "Edit a message", body, status)
    }

    fn show(&self, call: &Call, signed: &Signed, title: &str, body: Markup, status: u16) -> Response {
        let content = Content::new(title, Nav::Accounts, body).with_status(status);
        show(call, signed, content.below(path_of(self.account), self.row.username.as_str()))
    }
}

/// `GET /admin/accounts/:id/messages/:message/edit`
async fn form(call: Call, signed: Signed) -> Result<Response, Problem> {
    Ok(Named::of(&call)?.page(&call, &signed, &Wrongs::none()))
}

/// `POST /admin/accounts/:id/messages/:message/edit`
async fn save(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let mut named = Named::of(&call)?;
    let typed = call.form().await?;
    let format = if typed.get(FORMAT_FIELD) == "html" { Format::Html } else { Format::Plain };
    let text = typed.get("text").to_owned();
    (named.body.text, named.body.format) = (text.clone(), format);
    let (caller, id) = (signed.caller(), named.message);
    let change = move |body: &mut Body| {
        body.text.clone_from(&text);
        body.format = format;
    };
    match call.state().store().write(move |tx| edit(tx, &caller, id, &change)).await {
        Ok(touched) => Ok(done(&call, &path_of(named.account), &Flash::good(edited(touched)))),
        Err(error) => Ok(named.page(&call, &signed, &Wrongs::try_from(error)?)),
    }
}

fn edited(touched: Touched) -> String {
    match touched.sent {
        0 => "The message leaves with its new text.".to_owned(),
        sent => format!("The message is being edited on {}.", phones(sent)),
    }
}

fn phones(number: usize) -> String {
    count(u64::try_from(number).unwrap_or(u64::MAX), "phone", "phones")
}

/// `GET /admin/accounts/:id/messages/:message/delete`
async fn ask(call: Call, signed: Signed) -> Result<Response, Problem> {
    let named = Named::of(&call)?;
    let body = confirm(&Confirm {
        text: "The message goes from every phone it reached; what of it waits is cancelled. It stays in this conversation, marked.",
        action: path(named.account, named.message, "delete").into(),
        csrf: &signed.session.csrf,
        verb: "Delete on the phones",
        back: path_of(named.account).into(),
        more: html! { p { "Telegram lets a bot delete what is not older than 48 hours. Who read it, read it." } },
    });
    Ok(named.show(&call, &signed, "Delete a message on the phones?", body, 200))
}

/// `POST /admin/accounts/:id/messages/:message/delete`
async fn remove(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let named = Named::of(&call)?;
    call.form().await?;
    let (caller, id) = (signed.caller(), named.message);
    let touched = call.state().store().write(move |tx| delete(tx, &caller, id)).await?;
    let text = match touched.sent {
        0 => "The message was taken back before it left.".to_owned(),
        sent => format!("The message is being deleted on {}.", phones(sent)),
    };
    Ok(done(&call, &path_of(named.account), &Flash::good(text)))
}
