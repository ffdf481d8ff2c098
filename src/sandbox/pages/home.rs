//! The first page, and the page a deep link opens: which phone shall it be?

use std::sync::Arc;

use maud::{Markup, html};
use tide::{Request, Result};

use super::super::groups::{GroupChat, Membership};
use super::super::people::{Chat, Standing};
use super::super::world::{Core, World};
use super::{bubble, page};

/// `GET /`.
pub(super) async fn index(request: Request<Arc<Core>>) -> Result {
    let core = request.state();
    let world = core.world();
    Ok(page(
        "Phones",
        &html! {
            section.hero {
                h1 { "A Telegram of your own, offline" }
                p.lead {
                    "This sandbox stands in for Telegram: it speaks the Bot API to the bot, and each phone below belongs to a "
                    "person who can talk to it. Open a link, press Start, write, tap, block: nothing leaves this machine."
                }
            }
            (phones(&world, |id| phone_address(id, None)))
            (groups(&world))
            section.tools {
                a.tool href="/authenticator" { strong { "Authenticator" } span { "Six-digit codes for signing in, without another device" } }
                a.tool href="/faults" { strong { "Faults" } span { "Make Telegram slow, strict or broken, and watch what happens" } }
                a.tool href="/journal" { strong { "Journal" } span { "Every call the bot made, and what became of it" } }
            }
            section.card {
                h2 { "For programs" }
                dl.facts {
                    dt { "Bot API" } dd { code { (core.base) } }
                    dt { "Token" } dd { code data-testid="bot-token" { (world.bot.token.expose()) } }
                    dt { "Bot" } dd { code { "@" (world.bot.username) } }
                    dt { "Control" } dd { code { (core.base) "/control/state" } }
                }
            }
        },
    ))
}

/// `GET /BOTNAME?start=CODE`.
pub(super) async fn deep_link(request: Request<Arc<Core>>) -> Result {
    let core = request.state();
    let world = core.world();
    if !request.param("bot")?.eq_ignore_ascii_case(&world.bot.username) {
        return Ok(super::nothing_here());
    }
    let (start, group) = (super::query(&request, "start"), super::query(&request, "startgroup"));
    let name = world.profile.name();
    Ok(page(
        "Open in Telegram",
        &html! {
            section.hero {
                h1 { "Whose phone opens this link?" }
                @if group.is_some() {
                    p.lead { "The link adds " strong { (name) } " to a group. Choose a phone, then a group there." }
                } @else {
                    p.lead { "The link leads to " strong { (name) } ". Choose a phone, then press START there." }
                }
            }
            (phones(&world, |id| match &group {
                Some(payload) => group_choice(id, payload),
                None => phone_address(id, Some(start.as_deref().unwrap_or_default())),
            }))
        },
    ))
}

fn phones(world: &World, address: impl Fn(i64) -> String) -> Markup {
    html! {
        ul.people {
            @for chat in world.chats.values().take(60) {
                li { (person_card(chat, &address(chat.person.id))) }
            }
        }
    }
}

fn groups(world: &World) -> Markup {
    let living: Vec<&GroupChat> = world.groups.values().filter(|group| group.is_alive()).take(60).collect();
    html! {
        @if !living.is_empty() {
            section.stack {
                h2 { "Groups" }
                ul.people { @for group in living { li { (group_card(group, group.creator)) } } }
            }
        }
    }
}

/// A group as it stands in lists, seen from a person's phone.
pub(super) fn group_card(group: &GroupChat, viewer: i64) -> Markup {
    let people = group.members.len();
    html! {
        a.person href=(group_address(viewer, group.id)) data-testid="group" data-group=(group.id) {
            (round(&group.title, group.id))
            span.person-text {
                strong { (group.title) }
                span.preview {
                    (people) @if people == 1 { " person" } @else { " people" }
                    @if group.bot == Membership::Member { " and the bot" }
                }
                span.preview { @if let Some(last) = group.room.messages().next_back() { (bubble::first_line(last, viewer)) } }
            }
        }
    }
}

/// Where a person sees a group.
pub(super) fn group_address(viewer: i64, group: i64) -> String {
    format!("/phone/{viewer}/group/{group}")
}

/// Where a person chooses the group of an opened link.
pub(super) fn group_choice(viewer: i64, payload: &str) -> String {
    let query: String = form_urlencoded::Serializer::new(String::new()).append_pair("startgroup", payload).finish();
    format!("/phone/{viewer}/add-to-group?{query}")
}

/// Where a person's phone is, with a pending START when a link was opened.
pub(super) fn phone_address(id: i64, payload: Option<&str>) -> String {
    let Some(payload) = payload else { return format!("/phone/{id}") };
    let query: String = form_urlencoded::Serializer::new(String::new()).append_pair("start", payload).finish();
    format!("/phone/{id}?{query}")
}

fn person_card(chat: &Chat, address: &str) -> Markup {
    let person = &chat.person;
    html! {
        a.person href=(address) data-testid="person" data-person=(person.id) {
            (avatar(chat))
            span.person-text {
                strong {
                    (person.name())
                    @if let Some(language) = &person.language_code { " " small title="Language of the client" { (language) } }
                }
                span.preview { (last_line(chat)) }
            }
        }
    }
}

/// A round with the person's initials.
pub(super) fn avatar(chat: &Chat) -> Markup {
    round(&chat.person.name(), chat.person.id)
}

/// A round with the initials of a name.
pub(super) fn round(name: &str, id: i64) -> Markup {
    let initials: String = name.split(' ').filter_map(|part| part.chars().next()).take(2).collect();
    html! { span class={ "avatar tint" (id.rem_euclid(6)) } aria-hidden="true" { (initials) } }
}

fn last_line(chat: &Chat) -> Markup {
    match (chat.standing, chat.room.messages().next_back()) {
        (Standing::Blocked, _) => html! { "blocked the bot" },
        (Standing::Deactivated, _) => html! { "account deleted" },
        (Standing::Stranger, _) => html! { "has not started the bot" },
        (Standing::Started, None) => html! { "no messages" },
        (Standing::Started, Some(message)) => html! { (bubble::first_line(message, chat.person.id)) },
    }
}
