//! How this very request arrived, compared with what is configured: most trouble with proxies shows here in a sentence.

use maud::{Markup, html};

use super::super::super::Call;
use super::super::super::visitor::Scheme;
use crate::config::BaseUrl;
use crate::view::badge::Tone;
use crate::view::layout::{facts, panel};
use crate::view::notice::notice;

const FORWARDED: [&str; 4] = ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "forwarded"];

pub(super) fn check(call: &Call) -> Markup {
    let visitor = call.visitor();
    let trusted = &call.state().config().trusted_proxies.value;
    let proxies: Vec<String> = trusted.iter().map(ToString::to_string).collect();
    let headers = FORWARDED.iter().filter_map(|name| call.header(name).map(|value| format!("{name}: {value}")));
    let headers: Vec<String> = headers.collect();
    let base = visitor.base.as_ref().map_or("not set", BaseUrl::as_str);
    panel(
        "How requests arrive",
        html! {
            @for (tone, text) in verdicts(call) { (notice(tone, &text)) }
            (facts(&[
                ("Base URL", html! { code { (base) } }),
                ("Host asked for", html! { code { (visitor.host) } }),
                ("Scheme", html! { (visitor.scheme.word()) }),
                ("Your address", html! { code { (visitor.address) } }),
                ("Connection from", html! { code { (visitor.peer) } }),
                ("Trusted proxies", html! { @if proxies.is_empty() { "none" } @else { code { (proxies.join(", ")) } } }),
                ("Forwarded headers", html! { @if headers.is_empty() { "none" } @else { @for header in &headers { code.block { (header) } } } }),
            ]))
        },
    )
}

fn verdicts(call: &Call) -> Vec<(Tone, String)> {
    let visitor = call.visitor();
    let trusted = &call.state().config().trusted_proxies.value;
    let from_trusted = trusted.iter().any(|network| network.contains(&visitor.peer));
    let forwarded = FORWARDED.iter().any(|name| call.header(name).is_some());
    let https = visitor.base.as_ref().is_some_and(BaseUrl::is_https);
    let mut found = Vec::new();
    if forwarded && !from_trusted {
        found.push((Tone::Doubtful, format!(
            "A proxy at {} adds forwarded headers but is not trusted, so everyone seems to come from its address. Name it in STARTLINK_TRUSTED_PROXIES.",
            visitor.peer
        )));
    }
    if from_trusted && call.header("x-forwarded-for").is_none() {
        found.push((Tone::Doubtful, "The proxy does not say who is behind it: let it set X-Forwarded-For.".to_owned()));
    }
    if https && visitor.scheme == Scheme::Http && from_trusted {
        found.push((
            Tone::Failed,
            "The base URL is https, but the proxy does not say that you came by it: let it set X-Forwarded-Proto."
                .to_owned(),
        ));
    }
    if visitor.base.is_none() {
        found.push((Tone::Doubtful, "There is no base URL yet, so links to this instance cannot be made.".to_owned()));
    }
    if found.is_empty() {
        found.push((Tone::Good, "This request arrived as it should.".to_owned()));
    }
    found
}
