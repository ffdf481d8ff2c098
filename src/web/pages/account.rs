//! `/admin/accounts/ID`: one account with its link, its chats and its conversation, live. Each of the three has its file here.

mod asked;
mod chats;
pub(in crate::web) mod link;
mod portal;
mod reword;
pub(in crate::web) mod talk;

use maud::{Markup, html};
use tide::http::Method;

use super::super::live::{self, Look, Next, Shown};
use super::super::{Call, Form, Problem, Response, Row, State, Wrongs};
use super::accounts::{existing, path_of, tags};
use super::{Content, may, show};
use crate::actions::session::Signed;
use crate::clock::Timestamp;
use crate::ids::{AccountId, MessageId};
use crate::model::account::Account;
use crate::model::admin::Role;
use crate::store::{Read as _, Snapshot, accounts};
use crate::view::badge::Badge;
use crate::view::form::{Weight, link_button};
use crate::view::live::{part, parted};
use crate::view::shell::Nav;
use crate::view::{layout, time};

/// The routes of these pages.
#[must_use]
pub fn rows() -> Vec<Row> {
    let own = vec![
        Row::signed(Method::Get, "/admin/accounts/:id", Role::Viewer, page),
        Row::signed(Method::Get, "/admin/accounts/:id/live", Role::Viewer, live_parts),
    ];
    [own, link::rows(), chats::rows(), talk::rows(), reword::rows(), portal::rows()].concat()
}

/// Who looks, as far as the page depends on it.
#[derive(Clone)]
pub(in crate::web) struct Eye {
    role: Role,
    /// The session's token.
    pub(in crate::web) csrf: String,
}

impl Eye {
    pub(in crate::web) fn of(signed: &Signed) -> Self {
        Self { role: signed.person.role, csrf: signed.session.csrf.clone() }
    }

    pub(in crate::web) fn may(&self, role: Role) -> bool {
        self.role >= role
    }
}

/// What the page shows and keeps up to date.
struct Seen {
    id: AccountId,
    account: Account,
    link: link::Panel,
    chats: chats::Panel,
    talk: talk::Talk,
    now: Timestamp,
}

impl Seen {
    fn load(read: &Snapshot, state: &State, id: AccountId, before: Option<MessageId>) -> Result<Option<Self>, Problem> {
        let Some(account) = accounts::get(read, id)? else { return Ok(None) };
        let link = link::Panel::load(read, state, id)?;
        let chats = chats::Panel::load(read, id)?;
        let talk = talk::Talk::load(read, id, before)?;
        Ok(Some(Self { id, account, link, chats, talk, now: read.now() }))
    }

    /// Who it is, in a line.
    fn head(&self) -> Markup {
        html! {
            div.headline {
                (Badge::from(self.account.state()))
                @if !self.account.name.is_empty() { span dir="auto" { (self.account.name) } }
                (tags(&self.account))
                span.sub { "made " (time::ago(self.account.created, self.now)) }
            }
        }
    }

    /// The parts that change, as the page's own address and its live one show them.
    fn parts(&self, eye: &Eye) -> [Markup; 4] {
        [
            part("head", self.head()),
            part("link", self.link.show(self.id, eye, self.now)),
            part("talk", self.talk.show(talk::Place::Account, self.id, eye)),
            part("chats", self.chats.show(self.id, eye, self.now)),
        ]
    }
}

/// `GET /admin/accounts/:id`
async fn page(call: Call, signed: Signed) -> Result<Response, Problem> {
    let draft = talk::Draft::empty(&call, talk::Place::Account, None);
    whole(&call, &signed, &draft, &Wrongs::none())
}

/// The page, with a message that is being written.
fn whole(call: &Call, signed: &Signed, draft: &talk::Draft, wrongs: &Wrongs) -> Result<Response, Problem> {
    let (id, account) = existing(call)?;
    let before = call.query("before").parse().ok();
    let eye = Eye::of(signed);
    let (seen, written) = call.state().store().read(|read| {
        let seen = Seen::load(read, call.state(), id, before)?.ok_or_else(Problem::not_found)?;
        Ok::<_, Problem>((seen, draft.show(read, (id, &account), &eye.csrf, wrongs)?))
    })?;
    let [head, link, talk, chats] = seen.parts(&eye);
    let writes = may(signed, Role::Sender) && before.is_none();
    let conversation = layout::panel_flush(
        "Conversation",
        html! {},
        html! {
            // Older pages stand still: what comes in belongs to the newest one.
            @if before.is_some() { (seen.talk.show(talk::Place::Account, id, &eye)) } @else { (talk) }
            @if writes { (written) }
        },
    );
    let parts = html! { (head) (link) (layout::columns(conversation, chats)) };
    let parts = parted("account", format!("{}/live", path_of(id)), parts);
    let body = html! { (parts) (portal::panel(call, signed, id)?) };
    let actions = html! {
        @if may(signed, Role::Operator) {
            (link_button(Weight::Quiet, format!("{}/edit", path_of(id)), "Edit"))
            (link_button(Weight::Quiet, format!("{}/delete", path_of(id)), "Delete"))
        }
    };
    let status = if wrongs.is_empty() { 200 } else { wrongs.status() };
    let content = Content::new(account.username.as_str(), Nav::Accounts, body).below("/admin/accounts", "Accounts");
    Ok(show(call, signed, content.with_actions(actions).with_status(status)))
}

/// `GET /admin/accounts/:id/live`
async fn live_parts(call: Call, signed: Signed) -> Result<Response, Problem> {
    let (id, _) = existing(&call)?;
    let (eye, state) = (Eye::of(&signed), call.state().clone());
    live::serve_signed(&call, &signed, live::PRIVATE, move |read| {
        let seen = Seen::load(read, &state, id, None)?.ok_or_else(Problem::not_found)?;
        let html = html! { @for part in seen.parts(&eye) { (part) } };
        let next = seen.link.changes_at().map_or(Next::Change, Next::At);
        Ok(Look::Now(Shown { html, next }))
    })
}

/// A form of this page that has nothing but its token.
async fn bare_form(call: &mut Call) -> Result<(AccountId, Account, Form), Problem> {
    let (id, account) = existing(call)?;
    let form = call.form().await?;
    Ok((id, account, form))
}
