//! Broadcasts in words: for whom they are, what they wait for, how long they take.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::ids::AccountId;
use crate::model::account::Tag;
use crate::model::broadcast::{Audience, Broadcast, BroadcastState, BroadcastStatus, Figures, Pause, TagFilter};
use crate::model::delivery::{Reason, Standing};
use crate::model::message::{Body, Format};
use crate::model::recipient::RecipientState;
use crate::model::text::html_to_plain;
use crate::outbox::Doing;
use crate::view::badge::{Badge, Tone};
use crate::view::progress::{Segment, Stage};
use crate::view::{Href, count, time};

/// The longest title, in characters.
const TITLE: usize = 90;
/// The outcomes in the order in which pages show them.
pub(super) const OUTCOMES: [Standing; 7] = [
    Standing::Sent,
    Standing::Failed,
    Standing::Uncertain,
    Standing::Skipped,
    Standing::Cancelled,
    Standing::Sending,
    Standing::Queued,
];

/// A broadcast has no name: its first words are one.
#[must_use]
pub fn title(body: Option<&Body>) -> String {
    let Some(body) = body else { return "Sealed with another key".to_owned() };
    let plain = match body.format {
        Format::Plain => body.text.clone(),
        Format::Html => html_to_plain(&body.text),
    };
    let words: Vec<&str> = plain.split_whitespace().collect();
    let whole = words.join(" ");
    match whole.char_indices().nth(TITLE) {
        Some((at, _)) => format!("{}…", whole.get(..at).unwrap_or(&whole)),
        None if whole.is_empty() && body.photo.is_some() => "A photo without words".to_owned(),
        None if whole.is_empty() && body.document.is_some() => "A document without words".to_owned(),
        None if whole.is_empty() => "Nothing written yet".to_owned(),
        None => whole,
    }
}

/// A state's word where it stands alone.
#[must_use]
pub fn capital(status: BroadcastStatus) -> &'static str {
    match status {
        BroadcastStatus::Draft => "Drafts",
        BroadcastStatus::Scheduled => "Scheduled",
        BroadcastStatus::Preparing => "Preparing",
        BroadcastStatus::Sending => "Sending",
        BroadcastStatus::Paused => "Paused",
        BroadcastStatus::Done => "Done",
        BroadcastStatus::Cancelled => "Cancelled",
    }
}

/// What stands beside the state's word.
#[must_use]
pub fn detail(broadcast: &Broadcast) -> String {
    match &broadcast.state {
        BroadcastState::Paused { why, .. } => match why {
            Pause::Person => "by a person".to_owned(),
            Pause::Markup(_) => "its markup is broken".to_owned(),
            Pause::Missed(_) => "its time was missed".to_owned(),
        },
        BroadcastState::Draft
        | BroadcastState::Scheduled { .. }
        | BroadcastState::Preparing
        | BroadcastState::Sending
        | BroadcastState::Done { .. }
        | BroadcastState::Cancelled { .. } => String::new(),
    }
}

/// What is said of one recipient or of several that ended so: they "failed", or "are uncertain".
pub(super) fn who(ended: Standing, is_one: bool) -> String {
    match ended {
        Standing::Uncertain => if is_one { "is uncertain" } else { "are uncertain" }.to_owned(),
        Standing::Queued
        | Standing::Sending
        | Standing::Sent
        | Standing::Failed
        | Standing::Cancelled
        | Standing::Expired
        | Standing::Skipped => ended.word().to_owned(),
    }
}

/// For whom it is.
#[must_use]
pub fn audience(audience: &Audience) -> String {
    match audience {
        Audience::Everyone => "to everyone".to_owned(),
        Audience::Tags(filter) => format!("to accounts {}", tags(filter)),
        Audience::Picked(ids) => {
            format!("to {}", count(u64::try_from(ids.len()).unwrap_or(u64::MAX), "picked account", "picked accounts"))
        }
        Audience::Again { of, ended } => format!("again to those of no. {of} that {}", who(*ended, false)),
    }
}

fn tags(filter: &TagFilter) -> String {
    let join = |tags: &[Tag], word: &str| tags.iter().map(Tag::as_str).collect::<Vec<_>>().join(&format!(" {word} "));
    let mut parts = Vec::new();
    if !filter.all.is_empty() {
        parts.push(format!("with {}", join(&filter.all, "and")));
    }
    if !filter.any.is_empty() {
        parts.push(format!("with {}", join(&filter.any, "or")));
    }
    if !filter.none.is_empty() {
        parts.push(format!("without {}", join(&filter.none, "and")));
    }
    if parts.is_empty() { "with any tags".to_owned() } else { parts.join(", ") }
}

/// The outcomes of a broadcast, each leading to its part of the report.
pub fn segments(figures: &Figures, href: impl Fn(Standing) -> Option<Href>) -> Vec<Segment> {
    let of = |standing: Standing| Segment {
        badge: Badge::from(standing),
        value: figures.count(standing).into(),
        href: href(standing),
        stage: if standing.is_final() { Stage::Ended } else { Stage::Ahead },
    };
    OUTCOMES.into_iter().map(of).collect()
}

/// How good it is what a broadcast does or waits for; the sentence is the sender's.
#[must_use]
pub fn tone(broadcast: &Broadcast, doing: &Doing) -> Tone {
    match &broadcast.state {
        BroadcastState::Draft | BroadcastState::Cancelled { .. } => Tone::Quiet,
        BroadcastState::Scheduled { .. } | BroadcastState::Preparing => Tone::Waiting,
        BroadcastState::Paused { why: Pause::Markup(_), .. } => Tone::Failed,
        BroadcastState::Paused { why: Pause::Person | Pause::Missed(_), .. } => Tone::Doubtful,
        BroadcastState::Done { .. } => Tone::Good,
        BroadcastState::Sending => match doing {
            Doing::Running | Doing::Starting => Tone::Good,
            Doing::NoBot | Doing::Flood { .. } => Tone::Waiting,
            Doing::TokenRefused | Doing::Outage | Doing::StoreFailed => Tone::Failed,
            Doing::Stopped => Tone::Quiet,
        },
    }
}

/// How long so many messages take at so many a second; `None` where there is no limit.
#[must_use]
pub fn lasts(messages: u64, rate: u32) -> Option<Duration> {
    let rate = u64::from(rate);
    (rate > 0).then(|| Duration::from_secs(messages.saturating_sub(1).div_ceil(rate.max(1))))
}

/// A span for people who plan by it: `a few seconds`, `about 33 min`.
#[must_use]
pub fn about(span: Duration) -> String {
    match span.as_secs() {
        0..=9 => "a few seconds".to_owned(),
        seconds @ 10..=90 => format!("about {seconds} s"),
        seconds @ 91..=7_199 => format!("about {} min", seconds.div_ceil(60)),
        _ => format!("about {}", time::span(span)),
    }
}

/// How an account is called that is gone.
#[must_use]
pub fn deleted(id: AccountId) -> String {
    format!("account {id}, deleted")
}

/// What there is to say about a recipient beside its state: the number of the message, or why there is none.
#[must_use]
pub fn outcome(state: &RecipientState) -> String {
    match state {
        RecipientState::Queued { not_before: Some(_) } => "waits to be tried again".to_owned(),
        RecipientState::Queued { not_before: None } => String::new(),
        RecipientState::Sending { .. } => "on its way".to_owned(),
        RecipientState::Sent { telegram, .. } => format!("message {telegram} in the chat"),
        RecipientState::Failed { reason, .. } => Reason::to_string(reason),
        RecipientState::Uncertain { .. } => "it left, and no answer came back".to_owned(),
        RecipientState::Cancelled { .. } => "cancelled before it left".to_owned(),
        RecipientState::Skipped { why, .. } => why.sentence().to_owned(),
    }
}

/// When that was known.
#[must_use]
pub fn known_at(state: &RecipientState) -> Option<Timestamp> {
    match state {
        RecipientState::Sent { at, .. }
        | RecipientState::Failed { at, .. }
        | RecipientState::Uncertain { at }
        | RecipientState::Cancelled { at }
        | RecipientState::Skipped { at, .. } => Some(*at),
        RecipientState::Queued { .. } | RecipientState::Sending { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audience_is_told_as_a_person_would() {
        let of = |text: &str| Tag::parse_list(text).unwrap();
        let filter = TagFilter { all: of("paid"), any: of("de,fr"), none: of("staff") };
        assert_eq!(audience(&Audience::Tags(filter)), "to accounts with paid, with de or fr, without staff");
        assert_eq!(audience(&Audience::Picked(Vec::new())), "to 0 picked accounts");
        let again = |ended| audience(&Audience::Again { of: crate::ids::BroadcastId(7), ended });
        assert_eq!(again(Standing::Failed), "again to those of no. 7 that failed");
        assert_eq!(again(Standing::Uncertain), "again to those of no. 7 that are uncertain");
    }

    #[test]
    fn a_duration_is_told_roughly_and_never_too_short() {
        assert_eq!(lasts(1000, 30).map(about).as_deref(), Some("about 34 s"));
        assert_eq!(lasts(60_000, 30).map(about).as_deref(), Some("about 34 min"));
        assert_eq!(lasts(1, 30).map(about).as_deref(), Some("a few seconds"));
        assert_eq!(lasts(1_000_000, 30).map(about).as_deref(), Some("about 9 h 15 min"));
        assert_eq!(lasts(10, 0), None);
    }

    #[test]
    fn a_title_is_the_first_words() {
        let html = Body { format: Format::Html, ..Body::plain("<b>Sale</b>\n\n now") };
        assert_eq!(title(Some(&html)), "Sale now");
        assert_eq!(title(Some(&Body::plain("x ".repeat(200)))).chars().count(), TITLE + 1);
        assert_eq!(title(Some(&Body::plain(" "))), "Nothing written yet");
    }
}
