//! `/me`: the account's link, its chats and its conversation, live, as its person sees them.

use maud::{Markup, html};
use tide::http::Method;

use super::super::live::{self, Look, Next, Shown};
use super::super::pages::{done, names};
use super::super::{Call, Problem, Response, Row, State, Wrongs};
use super::link::Panel;
use super::talk::Talk;
use super::{Content, HOME, Signed, quiet, show};
use crate::actions::portal;
use crate::clock::Timestamp;
use crate::ids::{AccountId, ChatId, MessageId};
use crate::model::chat::{Chat, Reachability};
use crate::store::{Read as _, Snapshot, chats};
use crate::view::badge::Badge;
use crate::view::badge::chat::MUTED;
use crate::view::form::{Confirm, Weight, confirm, link_button, one_button, submit};
use crate::view::live::{part, parted};
use crate::view::notice::Flash;
use crate::view::portal::Nav;
use crate::view::{layout, time};

const DISCONNECT: &str = "/me/chats/:chat/disconnect";

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::member(Method::Get, HOME, page),
        Row::member(Method::Get, "/me/live", live_parts),
        Row::member(Method::Post, "/me/chats/:chat/mute", mute),
        Row::member(Method::Post, "/me/chats/:chat/unmute", unmute),
        Row::member(Method::Get, DISCONNECT, ask),
        Row::member(Method::Post, DISCONNECT, disconnect),
    ]
}

/// What the page shows and keeps up to date.
struct Seen {
    link: Panel,
    chats: Vec<(ChatId, Chat)>,
    talk: Talk,
    now: Timestamp,
}

/// Who looks, and at which site.
#[derive(Clone)]
struct Eye {
    account: AccountId,
    username: String,
    site: String,
    csrf: String,
}

impl Eye {
    fn of(call: &Call, signed: &Signed) -> Self {
        let (username, site) = (signed.person.username.to_string(), call.visitor().site());
        Self { account: signed.id, username, site, csrf: signed.session.csrf.clone() }
    }
}

impl Seen {
    fn load(read: &Snapshot, state: &State, eye: &Eye, before: Option<MessageId>) -> Result<Self, Problem> {
        let link = Panel::load(read, state, eye.account)?;
        let chats = chats::of_account(read, eye.account)?;
        let talk = Talk::load(read, eye.account, before)?;
        Ok(Self { link, chats, talk, now: read.now() })
    }

    /// The parts that change, as the page's own address and its live one show them.
    fn parts(&self, eye: &Eye) -> [Markup; 3] {
        let has_chat = !self.chats.is_empty();
        [
            part("link", self.link.show((&eye.username, &eye.site), &eye.csrf, (has_chat, self.now))),
            part("talk", self.talk.show()),
            part(
                "chats",
                html! { (self.chats(eye)) @if has_chat { (quiet::panel(self.chats.iter().map(|(_, chat)| chat))) } },
            ),
        ]
    }

    fn chats(&self, eye: &Eye) -> Markup {
        layout::panel(
            "Connected to Telegram",
            html! {
                @if self.chats.is_empty() {
                    p.hint { "No chat is connected yet, so " span dir="auto" { (eye.site) } " cannot reach you on Telegram." }
                }
                @else { ul.chats { @for (id, chat) in &self.chats { (one(*id, chat, &eye.csrf, self.now)) } } }
            },
        )
    }
}

fn one(id: ChatId, chat: &Chat, csrf: &str, now: Timestamp) -> Markup {
    let to = |verb: &str| format!("/me/chats/{id}/{verb}");
    html! {
        li {
            p.chat-name { b dir="auto" { (names::of_profile(&chat.profile, id)) } }
            p { (Badge::from(chat.reachability)) @if let Some(why) = meaning(chat.reachability) { " " span.sub { (why) } } }
            @if chat.muted.is_some() {
                p { (MUTED) " " span.sub { "News for many is not sent here; messages to you are." } }
            }
            @if let Some(binding) = chat.binding { p.sub { "connected " (time::ago(binding.since, now)) } }
            div.chat-acts {
                @if chat.muted.is_some() { (one_button(to("unmute"), Some(csrf), submit(Weight::Quiet, "Unmute"))) }
                @else { (one_button(to("mute"), Some(csrf), submit(Weight::Quiet, "Mute"))) }
                (link_button(Weight::Quiet, to("disconnect"), "Disconnect"))
            }
        }
    }
}

fn meaning(reachability: Reachability) -> Option<&'static str> {
    match reachability {
        Reachability::Reachable => None,
        Reachability::Blocked => {
            Some("You blocked the bot or deleted the chat. Press Start there, and messages arrive again.")
        }
        Reachability::Left => Some("The bot is no longer in this group."),
        Reachability::Deactivated => Some("This Telegram account is gone."),
        Reachability::Unknown => Some("The next message tells whether it arrives."),
    }
}

/// `GET /me`
async fn page(call: Call, signed: Signed) -> Result<Response, Problem> {
    let before = call.query("before").parse().ok();
    let eye = Eye::of(&call, &signed);
    let seen = call.state().store().read(|read| Seen::load(read, call.state(), &eye, before))?;
    let [link, talk, chats] = seen.parts(&eye);
    let conversation = layout::panel_flush(
        "Messages",
        html! {},
        // Older pages stand still: what comes in belongs to the newest one.
        html! { @if before.is_some() { (seen.talk.show()) } @else { (talk) } },
    );
    let aside = html! {
        (chats)
        p.hint { "You can also " a href="/me/delete" { "delete your data" } " here." }
    };
    let parts = html! { (link) (layout::columns(conversation, aside)) };
    let body = parted("me", "/me/live", parts);
    let content = Content { title: "Your chats".to_owned(), nav: Nav::Chats, below: None, body };
    Ok(show(&call, &signed, content, &Wrongs::none()))
}

/// `GET /me/live`
async fn live_parts(call: Call, signed: Signed) -> Result<Response, Problem> {
    let (eye, state) = (Eye::of(&call, &signed), call.state().clone());
    live::serve_member(&call, &signed, move |read| {
        let seen = Seen::load(read, &state, &eye, None)?;
        let html = html! { @for part in seen.parts(&eye) { (part) } };
        let next = seen.link.changes_at(seen.now).map_or(Next::Change, Next::At);
        Ok(Look::Now(Shown { html, next }))
    })
}

/// The chat that the path names, if it is this account's.
fn named(call: &Call, signed: &Signed) -> Result<(ChatId, String), Problem> {
    let id: ChatId = call.id("chat")?;
    let chat = call.state().store().read(|read| portal::own(read, signed.id, id))?;
    Ok((id, names::of_profile(&chat.profile, id)))
}

/// `POST /me/chats/:chat/mute`
async fn mute(call: Call, signed: Signed) -> Result<Response, Problem> {
    set_muted(call, signed, true).await
}

/// `POST /me/chats/:chat/unmute`
async fn unmute(call: Call, signed: Signed) -> Result<Response, Problem> {
    set_muted(call, signed, false).await
}

async fn set_muted(mut call: Call, signed: Signed, muted: bool) -> Result<Response, Problem> {
    call.form().await?;
    let (id, name) = named(&call, &signed)?;
    call.state().store().write(move |tx| portal::mute(tx, signed.id, id, muted)).await?;
    let text = if muted {
        format!("{name} is muted: news for many is not sent there any more.")
    } else {
        format!("{name} gets all news again.")
    };
    Ok(done(&call, HOME, &Flash::good(text)))
}

/// `GET /me/chats/:chat/disconnect`
async fn ask(call: Call, signed: Signed) -> Result<Response, Problem> {
    let (id, name) = named(&call, &signed)?;
    let site = call.visitor().site();
    let body = confirm(&Confirm {
        text: &format!("{name} no longer gets messages from {site}. What is on its way there is cancelled."),
        action: format!("/me/chats/{id}/disconnect").into(),
        csrf: &signed.session.csrf,
        verb: "Disconnect",
        back: HOME.into(),
        more: html! { p { "Your account stays. To connect this chat again, make a new link." } },
    });
    let title = format!("Disconnect {name}?");
    let content = Content { title, nav: Nav::Chats, below: Some((HOME, "Your chats")), body };
    Ok(show(&call, &signed, content, &Wrongs::none()))
}

/// `POST /me/chats/:chat/disconnect`
async fn disconnect(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    call.form().await?;
    let (id, name) = named(&call, &signed)?;
    call.state().store().write(move |tx| portal::disconnect(tx, &signed.caller(), signed.id, id)).await?;
    Ok(done(&call, HOME, &Flash::good(format!("{name} is disconnected."))))
}
