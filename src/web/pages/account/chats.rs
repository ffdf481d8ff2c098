//! The chats connected to an account, and their disconnecting.

use maud::{Markup, html};
use tide::http::Method;

use super::super::super::{Call, Problem, Response, Row};
use super::super::accounts::{existing, path_of};
use super::super::{Content, done, names, show};
use super::{Eye, bare_form};
use crate::actions::chats::unbind;
use crate::actions::session::Signed;
use crate::clock::Timestamp;
use crate::ids::{AccountId, ChatId};
use crate::model::admin::Role;
use crate::model::chat::{Chat, Reachability};
use crate::model::event::Unlinked;
use crate::model::quiet;
use crate::store::{Snapshot, StoreError, chats};
use crate::view::badge::Badge;
use crate::view::badge::chat::MUTED;
use crate::view::form::{Confirm, Weight, confirm, link_button};
use crate::view::notice::Flash;
use crate::view::shell::Nav;
use crate::view::{layout, time};

const DISCONNECT: &str = "/admin/accounts/:id/chats/:chat/disconnect";

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::signed(Method::Get, DISCONNECT, Role::Operator, ask),
        Row::signed(Method::Post, DISCONNECT, Role::Operator, disconnect),
    ]
}

/// The chats of one account.
pub(super) struct Panel(Vec<(ChatId, Chat)>);

impl Panel {
    pub(super) fn load(read: &Snapshot, account: AccountId) -> Result<Self, StoreError> {
        Ok(Self(chats::of_account(read, account)?))
    }

    pub(super) fn show(&self, account: AccountId, eye: &Eye, now: Timestamp) -> Markup {
        layout::panel(
            "Chats",
            html! {
                @if self.0.is_empty() {
                    p.hint { "No chat is connected yet. Messages to this account fail until its person opens a link and presses Start." }
                }
                @else { ul.chats { @for (id, chat) in &self.0 { (one(account, *id, chat, (eye, now))) } } }
            },
        )
    }
}

fn one(account: AccountId, id: ChatId, chat: &Chat, (eye, now): (&Eye, Timestamp)) -> Markup {
    html! {
        li {
            p.chat-name { b dir="auto" { (names::of_profile(&chat.profile, id)) } }
            p { (Badge::from(chat.reachability)) @if let Some(why) = meaning(chat.reachability) { " " span.sub { (why) } } }
            @if let Some(since) = chat.muted {
                p { (MUTED) " " span.sub { "since " (time::exact(since)) ". Broadcasts are not sent here, messages to the account are." } }
            }
            @if let Some(quiet) = chat.quiet.as_ref().filter(|quiet| quiet.is_on()) {
                p.sub { "Quiet from " (quiet::time(quiet.from)) " to " (quiet::time(quiet.until)) " (" (quiet.zone) "): broadcasts " @if quiet.silent { "come without a sound." } @else { "wait." } }
            }
            @if let Some(binding) = chat.binding { p.sub { "connected " (time::ago(binding.since, now)) ", last heard " (time::ago(chat.last_heard, now)) } }
            @if eye.may(Role::Operator) {
                p { (link_button(Weight::Quiet, format!("{}/chats/{id}/disconnect", path_of(account)), "Disconnect")) }
            }
        }
    }
}

fn meaning(reachability: Reachability) -> Option<&'static str> {
    match reachability {
        Reachability::Reachable => None,
        Reachability::Blocked => {
            Some("The person blocked the bot or deleted the chat. Start in the chat makes it reachable again.")
        }
        Reachability::Left => Some("The bot is no longer in the group."),
        Reachability::Deactivated => Some("The Telegram account is gone."),
        Reachability::Unknown => Some("The next message tells whether it arrives."),
    }
}

/// The chat that the path names, if it is this account's.
fn named(call: &Call, account: AccountId) -> Result<(ChatId, Chat), Problem> {
    let id: ChatId = call.id("chat")?;
    let row = call.state().store().read(|read| chats::get(read, id))?.filter(|chat| chat.account() == Some(account));
    row.map(|chat| (id, chat)).ok_or_else(|| Problem::gone("This chat is not connected to this account any more."))
}

async fn ask(call: Call, signed: Signed) -> Result<Response, Problem> {
    let (account, row) = existing(&call)?;
    let (id, chat) = named(&call, account)?;
    let name = names::of_profile(&chat.profile, id);
    let body = confirm(&Confirm {
        text: &format!(
            "{name} no longer gets the messages of {}. What waits for this chat is cancelled.",
            row.username
        ),
        action: format!("{}/chats/{id}/disconnect", path_of(account)).into(),
        csrf: &signed.session.csrf,
        verb: "Disconnect",
        back: path_of(account).into(),
        more: html! { p { "The chat is told. To connect it again, its person needs a new link." } },
    });
    let content = Content::new(format!("Disconnect {name}?"), Nav::Accounts, body);
    Ok(show(&call, &signed, content.below(path_of(account), row.username.as_str())))
}

async fn disconnect(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let (account, ..) = bare_form(&mut call).await?;
    let (id, chat) = named(&call, account)?;
    let caller = signed.caller();
    call.state().store().write(move |tx| unbind(tx, &caller, id, Unlinked::BySite)).await?;
    let name = names::of_profile(&chat.profile, id);
    Ok(done(&call, &path_of(account), &Flash::good(format!("{name} is disconnected."))))
}
