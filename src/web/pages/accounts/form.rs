//! Making, editing and deleting an account. Every form comes back filled in, with what is wrong at its field.

use maud::{Markup, html};
use tide::http::Method;

use super::super::super::{Call, Form, Problem, Response, Row, Wrongs};
use super::super::{Content, done, show};
use super::{PATH, existing, path_of};
use crate::actions::accounts::{NewAccount, create, delete, edit};
use crate::actions::session::Signed;
use crate::ids::AccountId;
use crate::model::account::{Account, Tag};
use crate::model::admin::Role;
use crate::store::{Read as _, Snapshot, StoreError, chats, links, messages};
use crate::view::field::Field;
use crate::view::form::{self, Confirm, Weight, confirm};
use crate::view::notice::Flash;
use crate::view::shell::Nav;
use crate::view::{count, layout};

pub(super) const NEW: &str = "/admin/accounts/new";

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::signed(Method::Get, NEW, Role::Operator, blank),
        Row::signed(Method::Post, NEW, Role::Operator, make),
        Row::signed(Method::Get, "/admin/accounts/:id/edit", Role::Operator, filled),
        Row::signed(Method::Post, "/admin/accounts/:id/edit", Role::Operator, change),
        Row::signed(Method::Get, "/admin/accounts/:id/delete", Role::Operator, ask),
        Row::signed(Method::Post, "/admin/accounts/:id/delete", Role::Operator, take_away),
    ]
}

/// What stands in the form.
#[derive(Clone, Debug, Default)]
struct Typed {
    username: String,
    name: String,
    tags: String,
}

impl Typed {
    fn of(form: &Form) -> Self {
        let take = |name| form.trimmed(name).to_owned();
        Self { username: take("username"), name: take("name"), tags: take("tags") }
    }

    fn from(account: &Account) -> Self {
        let tags: Vec<&str> = account.tags.iter().map(Tag::as_str).collect();
        Self { username: account.username.to_string(), name: account.name.clone(), tags: tags.join(", ") }
    }

    fn as_new(&self) -> NewAccount<'_> {
        NewAccount { username: &self.username, name: &self.name, tags: &self.tags }
    }

    /// The form, sent to `path`.
    fn show(&self, (path, csrf): (&str, &str), verb: &str, wrongs: &Wrongs) -> Markup {
        let body = html! {
            (form::summary(&wrongs.summary()))
            (Field::text("username", "Username").value(&self.username).error(wrongs.of("username")).required().autofocus()
                .hint("As your website names it: 1 to 128 characters, upper and lower case differ."))
            (Field::text("name", "Name").value(&self.name).error(wrongs.of("name"))
                .hint("How people call it, shown beside the username here. The bot never says it."))
            (Field::text("tags", "Tags").value(&self.tags).error(wrongs.of("tags")).placeholder("beta, team:north")
                .hint("Labels to find accounts by, with commas between."))
            (form::actions(html! {
                (form::submit(Weight::Primary, verb))
                (form::link_button(Weight::Quiet, path.rsplit_once('/').map_or(PATH, |(above, _)| above), "Cancel"))
            }))
        };
        layout::frame(form::post(path, Some(csrf), body))
    }
}

async fn blank(call: Call, signed: Signed) -> Result<Response, Problem> {
    Ok(new_page(&call, &signed, &Typed::default(), &Wrongs::none()))
}

async fn make(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let typed = Typed::of(&call.form().await?);
    let (caller, row) = (signed.caller(), typed.clone());
    match call.state().store().write(move |tx| create(tx, &caller, row.as_new())).await {
        Ok((id, account)) => {
            let news = Flash::good(format!("{} is there. Next: make a link that connects a chat.", account.username));
            Ok(done(&call, &path_of(id), &news))
        }
        Err(error) => Ok(new_page(&call, &signed, &typed, &Wrongs::try_from(error)?)),
    }
}

fn new_page(call: &Call, signed: &Signed, typed: &Typed, wrongs: &Wrongs) -> Response {
    let body = typed.show((NEW, &signed.session.csrf), "Create account", wrongs);
    let content = Content::new("New account", Nav::Accounts, body).below(PATH, "Accounts");
    show(call, signed, content.with_status(status(wrongs)))
}

fn status(wrongs: &Wrongs) -> u16 {
    if wrongs.is_empty() { 200 } else { wrongs.status() }
}

async fn filled(call: Call, signed: Signed) -> Result<Response, Problem> {
    let (id, account) = existing(&call)?;
    Ok(edit_page(&call, &signed, (id, &account), (&Typed::from(&account), &Wrongs::none())))
}

async fn change(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let (id, account) = existing(&call)?;
    let typed = Typed::of(&call.form().await?);
    let (caller, row) = (signed.caller(), typed.clone());
    match call.state().store().write(move |tx| edit(tx, &caller, id, row.as_new())).await {
        Ok(new) => Ok(done(&call, &path_of(id), &Flash::good(format!("{} is saved.", new.username)))),
        Err(error) => Ok(edit_page(&call, &signed, (id, &account), (&typed, &Wrongs::try_from(error)?))),
    }
}

fn edit_page(
    call: &Call,
    signed: &Signed,
    (id, account): (AccountId, &Account),
    (typed, wrongs): (&Typed, &Wrongs),
) -> Response {
    let path = format!("{}/edit", path_of(id));
    let body = typed.show((&path, &signed.session.csrf), "Save", wrongs);
    let content = Content::new(format!("Edit {}", account.username), Nav::Accounts, body);
    show(call, signed, content.below(path_of(id), account.username.as_str()).with_status(status(wrongs)))
}

/// What goes with an account.
pub(in crate::web) struct Going {
    pub(in crate::web) chats: usize,
    pub(in crate::web) has_messages: bool,
    pub(in crate::web) has_open_link: bool,
}

impl Going {
    pub(in crate::web) fn load(read: &Snapshot, id: AccountId) -> Result<Self, StoreError> {
        let link = links::live_of_account(read, id)?;
        Ok(Self {
            chats: chats::of_account(read, id)?.len(),
            has_messages: !messages::conversation(read, id, None, 1)?.is_empty(),
            has_open_link: link.is_some_and(|(_, link)| !link.status(read.now()).is_ended()),
        })
    }

    fn show(&self) -> Markup {
        let chats = u64::try_from(self.chats).unwrap_or(u64::MAX);
        html! {
            ul.going {
                @if chats > 0 { li { (count(chats, "chat is", "chats are")) " disconnected and told so; what waits for them is cancelled." } }
                @if self.has_open_link { li { "Its open link is revoked." } }
                @if self.has_messages { li { "Its conversation is removed for good." } }
                li { "Its username becomes free again. The audit keeps that it was deleted, and by whom." }
            }
        }
    }
}

async fn ask(call: Call, signed: Signed) -> Result<Response, Problem> {
    let (id, account) = existing(&call)?;
    let going = call.state().store().read(|read| Going::load(read, id))?;
    let body = confirm(&Confirm {
        text: &format!("{} goes, and this cannot be undone.", account.username),
        action: format!("{}/delete", path_of(id)).into(),
        csrf: &signed.session.csrf,
        verb: "Delete account",
        back: path_of(id).into(),
        more: going.show(),
    });
    let content = Content::new(format!("Delete {}?", account.username), Nav::Accounts, body);
    Ok(show(&call, &signed, content.below(path_of(id), account.username.as_str())))
}

async fn take_away(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let (id, account) = existing(&call)?;
    call.form().await?;
    let caller = signed.caller();
    call.state().store().write(move |tx| delete(tx, &caller, id)).await?;
    Ok(done(&call, PATH, &Flash::good(format!("{} was deleted.", account.username))))
}
