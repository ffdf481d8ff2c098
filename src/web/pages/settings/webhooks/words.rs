//! Endpoints, events and attempts in people's words.

use super::super::super::names;
use crate::actions::webhooks::Shown;
use crate::clock::Timestamp;
use crate::model::webhook::{Outcome, State, Why};
use crate::store::{Read, StoreError};
use crate::view::badge::{Badge, Tone};
use crate::view::{Icon, count, time};

/// The host of an address; the rest may hold what only its receiver should know.
pub(super) fn host(address: &str) -> String {
    let url = url::Url::parse(address).ok();
    url.as_ref().and_then(url::Url::host_str).unwrap_or_default().to_owned()
}

/// An endpoint's state in a word.
pub(super) fn badge(shown: &Shown) -> Badge {
    let (tone, icon, word) = match (&shown.endpoint.state, shown.progress.failing) {
        (State::Active, None) => (Tone::Good, Icon::Tick, "on"),
        (State::Active, Some(_)) => (Tone::Doubtful, Icon::Lozenge, "failing"),
        (State::Off { why: Why::Asked(_), .. }, _) => (Tone::Quiet, Icon::Bar, "off"),
        (State::Off { why: Why::Failing { .. } | Why::Gone, .. }, _) => (Tone::Failed, Icon::Cross, "switched off"),
    };
    Badge { tone, icon, word }
}

/// The same in a sentence or two, with what can be done.
pub(super) fn sentence(read: &impl Read, shown: &Shown, now: Timestamp) -> Result<String, StoreError> {
    let kept = shown.endpoint.backlog_until().filter(|until| *until > now).map_or_else(
        || "What happened meanwhile is no longer kept: switched on, it begins with what happens then.".to_owned(),
        |until| format!("What happens is kept until {} and delivered when it is switched on again.", time::utc(until)),
    );
    Ok(match (&shown.endpoint.state, shown.progress.failing) {
        (State::Active, None) => match shown.progress.delivered {
            None => "Nothing was delivered yet. Send a test to see that it arrives.".to_owned(),
            Some(at) => format!("Everything arrives. The last event was delivered {}.", time::relative(at, now)),
        },
        (State::Active, Some(since)) => {
            let next = match shown.next_try {
                Some(at) if at > now => format!("The next try is {}.", time::relative(at, now)),
                Some(_) | None => "It is tried again now.".to_owned(),
            };
            let waiting = count(shown.progress.waiting, "event waits", "events wait");
            format!(
                "Every try since {} failed; {waiting}. {next} After a day of this it is switched off.",
                time::utc(since)
            )
        }
        (State::Off { at, why: Why::Asked(actor) }, _) => {
            format!("Switched off {} by {}. {kept}", time::relative(*at, now), names::of_actor(read, *actor)?)
        }
        (State::Off { at, why: Why::Failing { last, .. } }, _) => format!(
            "Switched off {}: every try had failed for a day; the last time, {}. {kept}",
            time::relative(*at, now),
            last.words()
        ),
        (State::Off { at, why: Why::Gone }, _) => {
            format!("Switched off {}: {}. {kept}", time::relative(*at, now), Outcome::Gone.words())
        }
    })
}

/// What came of an attempt: its word, and how good that is.
pub(super) fn outcome(outcome: Outcome) -> Badge {
    let (tone, word) = match outcome {
        Outcome::Delivered => (Tone::Good, "delivered"),
        Outcome::Refused => (Tone::Failed, "refused"),
        Outcome::Redirected => (Tone::Failed, "redirected"),
        Outcome::Gone => (Tone::Failed, "gone"),
        Outcome::NoAddress => (Tone::Failed, "no such host"),
        Outcome::NotAllowed => (Tone::Failed, "not allowed"),
        Outcome::NoConnection => (Tone::Failed, "no connection"),
        Outcome::Tls => (Tone::Failed, "encryption failed"),
        Outcome::TimedOut => (Tone::Failed, "too slow"),
        Outcome::Broken => (Tone::Failed, "broke off"),
        Outcome::GivenUp => (Tone::Quiet, "given up"),
    };
    Badge { tone, icon: tone.icon(), word }
}

/// How long an attempt took.
pub(super) fn took(milliseconds: u32) -> String {
    if milliseconds < 1000 {
        format!("{milliseconds} ms")
    } else {
        format!("{}.{} s", milliseconds / 1000, milliseconds % 1000 / 100)
    }
}

/// What an event's name means.
pub(super) fn event(name: &str) -> &'static str {
    match name {
        "link.created" => "a link was made",
        "link.used" => "a link was used: somebody is connected",
        "link.revoked" => "a link was taken back",
        "link.expired" => "a link ran out of time",
        "chat.linked" => "a chat was connected to an account",
        "chat.unlinked" => "a chat was disconnected",
        "chat.blocked" => "a chat cannot be reached any more",
        "chat.unblocked" => "a chat can be reached again",
        "message.received" => "somebody wrote to the bot",
        "message.sent" => "a message arrived",
        "message.failed" => "a message did not arrive",
        "message.uncertain" => "whether a message arrived cannot be known",
        "broadcast.done" => "a broadcast came to its end",
        "button.pressed" => "a question was answered",
        "account.deleted" => "an account was deleted, with all that was stored about it",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::event::NAMES;

    #[test]
    fn every_event_is_said_in_words() {
        assert!(NAMES.iter().all(|name| !event(name).is_empty()));
        assert_eq!(event("made.up"), "");
    }

    #[test]
    fn durations_and_hosts_are_short() {
        assert_eq!([0, 999, 1000, 20_049].map(took), ["0 ms", "999 ms", "1.0 s", "20.0 s"]);
        assert_eq!(host("https://shop.example/hooks?token=1"), "shop.example");
        assert_eq!(host("x"), "");
    }
}
