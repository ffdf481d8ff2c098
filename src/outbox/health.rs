//! What the sender is doing, for the status page and `/readyz`: a cheap copy, in memory only.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::clock::Timestamp;
use crate::model::broadcast::{Broadcast, BroadcastState, Figures, Pause};
use crate::model::delivery::Standing;

/// What the sender is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Doing {
    /// Not started yet.
    #[default]
    Starting,
    /// Sending what is due, or waiting for something to be due.
    Running,
    /// Waiting for a bot token, or for the bot to be known.
    NoBot,
    /// Waiting because Telegram asked for it.
    Flood {
        /// Until when.
        until: Timestamp,
    },
    /// Telegram does not know the token; sending goes on when it does.
    TokenRefused,
    /// Telegram does not answer; it is asked now and then.
    Outage,
    /// The data file fails; sending would lose the truth.
    StoreFailed,
    /// Stopped in order.
    Stopped,
}

/// How fast it may send, in messages a second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    /// Over all chats now; 0 is no limit.
    pub global: u32,
    /// Of paid broadcasts now.
    pub paid: u32,
    /// How much of the rates in the settings that is, in thousandths.
    pub thousandths: u32,
    /// When it is all of them again, after Telegram asked to slow down.
    pub whole_at: Option<Timestamp>,
}

/// A copy of the sender's state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// What it is doing.
    pub doing: Doing,
    /// How fast it may send.
    pub pace: Pace,
    /// When a message was last confirmed by Telegram.
    pub last_sent: Option<Timestamp>,
    /// The newest fault, in a sentence, and when.
    pub last_fault: Option<(Timestamp, String)>,
    /// Sends in flight.
    pub in_flight: usize,
    /// When the loop last came round; a long time ago means that it hangs.
    pub turned: Option<Timestamp>,
}

impl Doing {
    /// A sentence for people.
    #[must_use]
    pub fn sentence(&self, now: Timestamp) -> String {
        match self {
            Self::Starting => "Sending starts.".into(),
            Self::Running => "Messages are sent as they come.".into(),
            Self::NoBot => "No bot is connected yet; messages wait.".into(),
            Self::Flood { until } => {
                format!("Waiting {}: Telegram asked us to slow down.", span(until.since(now)))
            }
            Self::TokenRefused => "Telegram does not accept the bot token; messages wait and none is lost.".into(),
            Self::Outage => "Telegram does not answer; messages wait until it does.".into(),
            Self::StoreFailed => "The data file cannot be written; nothing is sent until it can.".into(),
            Self::Stopped => "Sending is stopped.".into(),
        }
    }
}

/// Whether Telegram has what a broadcast carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upload {
    /// It has it, or there is nothing.
    Done,
    /// The first message brings a photo.
    Photo,
    /// The first message brings a document.
    Document,
}

impl Upload {
    /// The word for what is brought.
    fn word(self) -> Option<&'static str> {
        match self {
            Self::Done => None,
            Self::Photo => Some("photo"),
            Self::Document => Some("document"),
        }
    }
}

impl Health {
    /// What a broadcast waits for, in a sentence for people.
    #[must_use]
    pub fn waiting(&self, broadcast: &Broadcast, figures: &Figures, upload: Upload, now: Timestamp) -> String {
        match &broadcast.state {
            BroadcastState::Draft => "It is a draft; nothing is sent before it is started.".into(),
            BroadcastState::Scheduled { at } => format!("It starts by itself in {}.", span(at.since(now))),
            BroadcastState::Preparing => "The audience is being written down.".into(),
            BroadcastState::Paused { why: Pause::Person, .. } => match figures.count(Standing::Sending) {
                0 => "It is paused until someone resumes it.".into(),
                count => format!("It is paused; {count} on their way still arrive."),
            },
            BroadcastState::Paused { why: Pause::Markup(words), .. } => {
                format!(
                    "It is paused, because Telegram refuses what it says: {words}. Send a corrected copy, or resume it."
                )
            }
            BroadcastState::Paused { why: Pause::Missed(_), .. } => {
                "It was to start while the program was not running; someone has to decide.".into()
            }
            BroadcastState::Done { .. } => "It is done.".into(),
            BroadcastState::Cancelled { .. } => match figures.count(Standing::Sending) {
                0 => "It is cancelled.".into(),
                count => format!("It is cancelled; {count} that were on their way still arrive."),
            },
            BroadcastState::Sending => self.sending(broadcast, figures, upload, now),
        }
    }

    /// What one that is being sent waits for.
    fn sending(&self, broadcast: &Broadcast, figures: &Figures, upload: Upload, now: Timestamp) -> String {
        match &self.doing {
            Doing::Running => {}
            Doing::Flood { until } => {
                return format!("Telegram asked us to slow down; it goes on in {}.", span(until.since(now)));
            }
            Doing::Starting
            | Doing::NoBot
            | Doing::TokenRefused
            | Doing::Outage
            | Doing::StoreFailed
            | Doing::Stopped => return self.doing.sentence(now),
        }
        let (queued, flying) = (figures.count(Standing::Queued), figures.count(Standing::Sending));
        match (queued, flying) {
            (0, 0) => "It is about to be done.".into(),
            (0, flying) => format!("Waiting for Telegram's answer about the last {flying}."),
            (1.., 1..) if let Some(word) = upload.word() => {
                format!("The {word} is on its way with the first message; the others follow once Telegram has it.")
            }
            (queued, 0) if figures.next >= figures.rows => {
                format!("{queued} wait to be tried again.")
            }
            (..) => self.going(broadcast),
        }
    }

    fn going(&self, broadcast: &Broadcast) -> String {
        let most = if broadcast.paid { self.pace.paid } else { self.pace.global };
        let rate = match (most, broadcast.rate) {
            (0, None) => return "Being sent as fast as Telegram takes it.".into(),
            (0, Some(own)) => own,
            (most, own) => own.map_or(most, |own| own.min(most)),
        };
        match self.pace.whole_at {
            Some(_) if rate == most => {
                format!("Being sent at {rate} a second, slower than usual, because Telegram asked us to slow down.")
            }
            Some(_) | None => format!("Being sent at {rate} a second."),
        }
    }
}

/// A span in words, in the largest unit that fits.
fn span(span: Duration) -> String {
    match span.as_secs() {
        seconds @ 0..=119 => format!("{} s", seconds.max(1)),
        seconds @ 120..=7199 => format!("{} minutes", seconds / 60),
        seconds @ 7200..=172_799 => format!("{} hours", seconds / 3600),
        seconds => format!("{} days", seconds / 86_400),
    }
}

/// The state itself, shared between the loop and who looks.
#[derive(Clone, Debug, Default)]
pub(super) struct Board(Arc<Mutex<Health>>);

impl Board {
    pub(super) fn read(&self) -> Health {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut Health)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::event::Actor;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn running() -> (Broadcast, Figures) {
        let broadcast = Broadcast { state: BroadcastState::Sending, ..Broadcast::draft(Actor::Operator, NOW) };
        let mut figures = Figures::default();
        (figures.rows, figures.next, figures.frozen) = (10, 4, true);
        figures.add(Standing::Queued, 6);
        (broadcast, figures)
    }

    fn health(doing: Doing) -> Health {
        let pace = Pace { global: 22, paid: 1000, thousandths: 750, whole_at: Some(NOW.plus(Duration::from_secs(9))) };
        Health { doing, pace, ..Health::default() }
    }

    #[test]
    fn a_broadcast_says_what_it_waits_for() {
        let (broadcast, mut figures) = running();
        let until = NOW.plus(Duration::from_secs(10_072));
        let flood = health(Doing::Flood { until }).waiting(&broadcast, &figures, Upload::Done, NOW);
        assert_eq!(flood, "Telegram asked us to slow down; it goes on in 2 hours.");
        let outage = health(Doing::Outage).waiting(&broadcast, &figures, Upload::Done, NOW);
        assert_eq!(outage, "Telegram does not answer; messages wait until it does.");
        let runs = health(Doing::Running);
        assert!(runs.waiting(&broadcast, &figures, Upload::Done, NOW).contains("22 a second, slower than usual"));
        let own = Broadcast { rate: Some(5), ..broadcast.clone() };
        assert_eq!(runs.waiting(&own, &figures, Upload::Done, NOW), "Being sent at 5 a second.");
        figures.next = 10;
        assert_eq!(runs.waiting(&broadcast, &figures, Upload::Done, NOW), "6 wait to be tried again.");
        figures.add(Standing::Queued, -6);
        figures.add(Standing::Sending, 2);
        assert_eq!(
            runs.waiting(&broadcast, &figures, Upload::Done, NOW),
            "Waiting for Telegram's answer about the last 2."
        );
    }

    #[test]
    fn one_whose_photo_is_not_there_yet_says_so_while_the_first_message_brings_it() {
        let (broadcast, mut figures) = running();
        let says = |figures: &Figures, upload| health(Doing::Running).waiting(&broadcast, figures, upload, NOW);
        let before = says(&figures, Upload::Photo);
        assert!(before.starts_with("Being sent"), "{before}");
        figures.add(Standing::Sending, 1);
        let meanwhile = says(&figures, Upload::Photo);
        assert!(meanwhile.starts_with("The photo is on its way"), "{meanwhile}");
        assert!(says(&figures, Upload::Done).starts_with("Being sent"));
        figures.add(Standing::Queued, -6);
        let last = says(&figures, Upload::Photo);
        assert_eq!(last, "Waiting for Telegram's answer about the last 1.");
    }

    #[test]
    fn one_that_waits_for_a_person_says_why() {
        let (broadcast, figures) = running();
        let paused = |why| Broadcast { state: BroadcastState::Paused { why, since: NOW }, ..broadcast.clone() };
        let words = "can't parse entities".to_owned();
        let sentence = health(Doing::Running).waiting(&paused(Pause::Markup(words)), &figures, Upload::Done, NOW);
        assert!(sentence.contains("can't parse entities"), "{sentence}");
        let sentence = health(Doing::Outage).waiting(&paused(Pause::Person), &figures, Upload::Done, NOW);
        assert_eq!(sentence, "It is paused until someone resumes it.");
    }
}
