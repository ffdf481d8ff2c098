//! The first page, and the page a deep link opens: which phone shall it be?

use std::sync::Arc;

use maud::{Markup, html};
use tide::{Request, Result};

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
            (phones(&world, None))
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
    let payload = super::query(&request, "start").unwrap_or_default();
    Ok(page(
        "Open in Telegram",
        &html! {
            section.hero {
                h1 { "Whose phone opens this link?" }
                p.lead { "The link leads to " strong { (world.profile.name()) } ". Choose a phone, then press START there." }
            }
            (phones(&world, Some(&payload)))
        },
    ))
}

fn phones(world: &World, payload: Option<&str>) -> Markup {
    html! {
        ul.people {
            @for chat in world.chats.values().take(60) {
                li { (person_card(chat, payload)) }
            }
        }
    }
}

/// Where a person's phone is, with a pending START when a link was opened.
pub(super) fn phone_address(id: i64, payload: Option<&str>) -> String {
    let Some(payload) = payload else { return format!("/phone/{id}") };
    let query: String = form_urlencoded::Serializer::new(String::new()).append_pair("start", payload).finish();
    format!("/phone/{id}?{query}")
}

fn person_card(chat: &Chat, payload: Option<&str>) -> Markup {
    let person = &chat.person;
    html! {
        a.person href=(phone_address(person.id, payload)) data-testid="person" data-person=(person.id) {
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
    let name = chat.person.name();
    let initials: String = name.split(' ').filter_map(|part| part.chars().next()).take(2).collect();
    html! { span class={ "avatar tint" (chat.person.id.rem_euclid(6)) } aria-hidden="true" { (initials) } }
}

fn last_line(chat: &Chat) -> Markup {
    match (chat.standing, chat.messages().next_back()) {
        (Standing::Blocked, _) => html! { "blocked the bot" },
        (Standing::Deactivated, _) => html! { "account deleted" },
        (Standing::Stranger, _) => html! { "has not started the bot" },
        (Standing::Started, None) => html! { "no messages" },
        (Standing::Started, Some(message)) => html! { (bubble::first_line(message)) },
    }
}
