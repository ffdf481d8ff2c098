//! The link's own page: four ways to open Telegram, the countdown, and what is shown when it is over.

use maud::{Markup, html};

use super::badge::Tone;
use super::reveal::{Copy, copy};
use super::{Href, Icon, qr, time};
use crate::clock::Timestamp;

/// The ways into the chat with the bot. On a phone the button stands first, on a desktop the QR code.
#[derive(Clone, Debug)]
pub struct Ways<'a> {
    /// The bot's name with `@`, as people see it.
    pub bot: &'a str,
    /// `https://t.me/BOT?start=CODE`; also what the QR code says.
    pub https: &'a Href,
    /// `tg://resolve?domain=BOT&start=CODE`.
    pub tg: &'a Href,
    /// `/start CODE`, to be sent to the bot by hand.
    pub command: &'a str,
    /// When the link expires.
    pub until: Timestamp,
    /// The moment the page is made.
    pub now: Timestamp,
}

/// Four ways to open Telegram, because each of them fails somewhere.
#[must_use]
pub fn ways(ways: &Ways) -> Markup {
    html! {
        div.ways {
            div.way-qr {
                div.stamp { (qr::svg(ways.https.as_str(), "QR code that opens the chat with the bot in Telegram")) }
                p.hint { "Scan it with your phone's camera" }
            }
            div.way-open {
                a.button.primary.large href=(ways.https) rel="noreferrer" { (Icon::Plane) "Open Telegram" }
                p.press { "Then press " strong { "Start" } " in the chat with " strong { (ways.bot) } "." }
                a.plain-link href=(ways.tg) { "Open the app directly" }
                (countdown(ways.until, ways.now))
            }
            details.more.way-manual id="by-hand" {
                summary { "Neither works? Send it by hand" }
                div {
                    p { "Open Telegram on any device, search for " strong { (ways.bot) } " and send this message:" }
                    (copy(Copy { id: "start-command", label: "Message to the bot", value: ways.command }))
                    (copy(Copy { id: "start-url", label: "Or the link, for another device", value: ways.https.as_str() }))
                }
            }
        }
    }
}

/// The ways that connect a group instead of a person's own chat.
#[derive(Clone, Debug)]
pub struct Group<'a> {
    /// The bot's name with `@`.
    pub bot: &'a str,
    /// `https://t.me/BOT?startgroup=CODE`
    pub https: &'a Href,
    /// `/link CODE`, to be written in the group.
    pub command: &'a str,
}

/// A way for a group, folded away, and the way around apps that add the bot but lose the code.
#[must_use]
pub fn group(group: &Group) -> Markup {
    html! {
        details.more.group-way id="group-way" {
            summary { "Connect a group instead" }
            div {
                p { "Everyone in the group then reads the messages." }
                p { a.button.quiet href=(group.https) rel="noreferrer" { (Icon::Plane) "Choose a group in Telegram" } }
                p { "If the bot joins the group and says nothing, or if " strong { (group.bot) } " is in it already, write this there:" }
                (copy(Copy { id: "group-command", label: "Message in the group", value: group.command }))
            }
        }
    }
}

/// `expires in 14 min`; the script counts on, by the server's clock.
#[must_use]
pub fn countdown(until: Timestamp, now: Timestamp) -> Markup {
    let left = until.since(now);
    html! {
        p.countdown { (Icon::Dial) span role="timer" data-until=(until.0) data-now=(now.0) {
            @if left.is_zero() { "expired" } @else { "expires in " (time::span(left)) }
        } }
    }
}

/// The moment a chat was connected.
#[derive(Clone, Debug)]
pub struct Connected<'a> {
    /// The account, masked where the site wants it.
    pub account: &'a str,
    /// The site's name.
    pub site: &'a str,
    /// The Telegram name of who connected it.
    pub telegram_name: &'a str,
    /// The way back to the site.
    pub back: Option<Href>,
}

/// `Connected`, with the one motion of the whole program: the link turns into the plane.
#[must_use]
pub fn connected(done: &Connected) -> Markup {
    html! {
        div.outcome.good {
            (super::icon::mark_flying())
            h2 { "Connected" }
            p { strong dir="auto" { (done.telegram_name) } " on Telegram now gets the messages of " strong dir="auto" { (done.account) } " at " (done.site) "." }
            p.hint { "Not you? Send /stop to the bot, and nothing more is delivered." }
            @if let Some(back) = &done.back { a.button.quiet href=(back) { "Back to " (done.site) } }
        }
    }
}

/// A link that can no longer connect anything.
#[derive(Clone, Debug)]
pub struct Ended<'a> {
    /// How bad it is.
    pub tone: Tone,
    /// What happened, such as `This link has expired`.
    pub title: &'a str,
    /// What to do now.
    pub text: &'a str,
    /// The way on: an address and its words.
    pub back: Option<(Href, &'a str)>,
}

/// The end of a link that was not used here, with a way forward.
#[must_use]
pub fn ended(end: &Ended) -> Markup {
    html! {
        div.outcome .(end.tone.class()) {
            span.outcome-icon { (end.tone.icon()) }
            h2 { (end.title) }
            p { (end.text) }
            @if let Some((href, words)) = &end.back { a.button.quiet href=(href) { (words) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn all_four_ways_are_there() {
        let (https, tg) = (Href::from("https://t.me/b?start=c"), Href::from("tg://resolve?domain=b&start=c"));
        let html = ways(&Ways {
            bot: "@b",
            https: &https,
            tg: &tg,
            command: "/start c",
            until: Timestamp(60_000),
            now: Timestamp(0),
        })
        .into_string();
        assert!(html.contains("<svg class=\"qr\""));
        assert!(html.contains("href=\"https://t.me/b?start=c\""));
        assert!(html.contains("href=\"tg://resolve?domain=b&amp;start=c\""));
        assert!(html.contains("value=\"/start c\""));
    }

    #[test]
    fn a_group_has_a_link_and_a_way_around_it() {
        let https = Href::from("https://t.me/b?startgroup=c");
        let html = group(&Group { bot: "@b", https: &https, command: "/link c" }).into_string();
        assert!(html.starts_with("<details") && !html.contains(" open"));
        assert!(html.contains("href=\"https://t.me/b?startgroup=c\"") && html.contains("value=\"/link c\""));
    }

    #[test]
    fn the_countdown_tells_the_time_without_script() {
        let now = Timestamp(1_000_000);
        assert!(countdown(now.plus(Duration::from_mins(14)), now).into_string().contains("expires in 14 min"));
        assert!(countdown(now, now).into_string().contains(">expired<"));
    }
}
