//! The journal page: the newest calls of the bot, what they carried, what became of them.

use std::sync::Arc;

use maud::{Markup, html};
use tide::{Request, Result};

use super::super::journal::{Call, Outcome};
use super::super::world::{Core, World};
use super::{clock_time, page, query};

/// Calls on the page.
const SHOWN: usize = 100;

/// `GET /journal`; `?polls=1` shows the fetching of updates too.
pub(super) async fn show(request: Request<Arc<Core>>) -> Result {
    let polls = query(&request, "polls").is_some();
    let world = request.state().world();
    let (calls, warned) = world.journal.totals();
    let quiet = |call: &&Call| {
        polls || call.method != "getUpdates" || call.outcome != Outcome::Done || !call.warnings.is_empty()
    };
    let shown: Vec<&Call> = world.journal.after(0).rev().filter(quiet).take(SHOWN).collect();
    let paid = world.limiter.paid();
    Ok(page(
        "Journal",
        &html! {
            section.hero {
                h1 { "Journal" }
                p.lead {
                    (calls) " calls so far, " (warned) " with something Telegram does not know; "
                    (world.queue.waiting().len()) " updates wait for the bot. "
                    span data-testid="paid" { (paid.messages) " messages allowed paid broadcasts and cost " (paid.stars()) " Stars. " }
                    @if polls { a href="/journal" { "Hide the fetching of updates" } }
                    @else { a href="/journal?polls=1" { "Show the fetching of updates too" } }
                }
            }
            @if shown.is_empty() {
                p.card.hint { "No calls yet. They appear here as soon as a bot with this sandbox's token talks to it; reload to look again." }
            } @else {
                ol.calls data-testid="calls" { @for call in shown { li { (entry(&world, call)) } } }
            }
        },
    ))
}

fn entry(world: &World, call: &Call) -> Markup {
    let (mark, words) = match &call.outcome {
        Outcome::Done => ("good", "done".to_owned()),
        Outcome::Refused { code, description } => ("failed", format!("{code} {description}")),
        Outcome::Hit(what) => ("fault", format!("fault: {what}")),
        Outcome::DoneThen(what) => ("fault", format!("done, then fault: {what}")),
    };
    let named = |id: i64| match world.groups.get(&id) {
        Some(group) => Some(group.title.clone()),
        None => world.chats.get(&id).map(|chat| chat.person.first_name.clone()),
    };
    let name = call.chat.and_then(named);
    html! {
        details.call {
            summary {
                (clock_time(call.at))
                strong { (call.method) }
                @if let Some(name) = name { span.tag { (name) } }
                span class={ "outcome " (mark) } { (words) }
                @if !call.warnings.is_empty() { span.tag.warned { (call.warnings.len()) " warning" @if call.warnings.len() > 1 { "s" } } }
            }
            @for warning in &call.warnings { p.problem { (warning) } }
            dl.facts {
                @for (name, value) in &call.params { dt { (name) } dd { code { (value) } } }
                @if call.params.is_empty() { dt { "No parameters" } dd {} }
            }
        }
    }
}
