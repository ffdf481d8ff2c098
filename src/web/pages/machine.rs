//! Poller and sender in words: what they do, what they wait for, and what a person can do about it.

use crate::bot::health::{Report, State};
use crate::clock::Timestamp;
use crate::outbox::{Doing, Health};
use crate::view::badge::{Badge, Tone, bot};

/// What the bot is doing, in a word.
#[must_use]
pub fn badge(state: &State) -> Badge {
    match state {
        State::NoToken => bot::NOT_SET_UP,
        State::Starting => bot::STARTING,
        State::Polling => bot::POLLING,
        State::Waiting { .. } => bot::WAITING,
        State::Conflict { .. } | State::WebhookSet { .. } => bot::CONFLICT,
        State::TokenRefused { .. } => bot::TOKEN_REFUSED,
        State::OtherBot { .. } | State::Stopped => bot::PAUSED,
    }
}

/// What the bot is doing, in a sentence, and how good that is.
#[must_use]
pub fn receiving(report: &Report, now: Timestamp) -> (Tone, String) {
    let wait = |until: &Timestamp| until.since(now).as_secs().max(1);
    match &report.state {
        State::NoToken => (Tone::Doubtful, "No bot is connected yet: its token is missing.".to_owned()),
        State::Starting => (Tone::Waiting, "Asking Telegram who this bot is.".to_owned()),
        State::Polling => (Tone::Good, "The bot receives and answers.".to_owned()),
        State::Waiting { until, why } => {
            (Tone::Waiting, format!("Waiting {} s, then trying again: {why}.", wait(until)))
        }
        State::Conflict { until, with } => {
            (Tone::Failed, format!("{}. Trying again in {} s.", capital(&with.to_string()), wait(until)))
        }
        State::WebhookSet { url } => (
            Tone::Failed,
            format!("Telegram sends this bot's updates to another address, {url}, so none arrives here."),
        ),
        State::TokenRefused { until } => {
            (Tone::Failed, format!("Telegram does not accept the bot's token. Asking again in {} s.", wait(until)))
        }
        State::OtherBot { known, found } => {
            let text = "has to be confirmed before it is used";
            (
                Tone::Doubtful,
                format!(
                    "The token belongs to @{}, but this instance to @{}: the change {text}.",
                    found.username, known.username
                ),
            )
        }
        State::Stopped => (Tone::Quiet, "The bot is stopped.".to_owned()),
    }
}

/// How good it is what the sender does.
#[must_use]
pub fn sending_tone(health: &Health) -> Tone {
    match health.doing {
        Doing::Running => Tone::Good,
        Doing::Starting | Doing::Flood { .. } => Tone::Waiting,
        Doing::NoBot => Tone::Doubtful,
        Doing::TokenRefused | Doing::Outage | Doing::StoreFailed => Tone::Failed,
        Doing::Stopped => Tone::Quiet,
    }
}

/// A fault's words at the begin of a sentence.
fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
