//! What becomes of a delivery after an outcome: the truth table of one send, as a pure function.
//! Knows what was answered and what was tried; the sender does what the verdict says.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::ids::ChatId;
use crate::model::chat::Reachability;
use crate::model::delivery::{Delivery, Lane, Policy, Reason};
use crate::rng::Rng;
use crate::telegram::Class;

/// The first and the longest pause after a request that did not leave.
const NOT_SENT: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(1));
/// The first and the longest pause after an outcome that nobody knows.
const UNKNOWN: (Duration, Duration) = (Duration::from_secs(5), Duration::from_mins(30));
/// A last try is made this long before a delivery expires.
const LAST_CALL: Duration = Duration::from_secs(1);
/// Outcomes in a row without an answer, after which a lane asks `getMe` before it goes on.
const SILENCE: u32 = 3;

/// What to do with a delivery whose send did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was not sent: back to the queue.
    Requeue {
        /// Not before this moment.
        at: Timestamp,
    },
    /// Nobody knows whether it was sent, and it may arrive twice: back to the queue, counted as one more unknown.
    RequeueInDoubt {
        /// Not before this moment.
        at: Timestamp,
    },
    /// Telegram asked for a pause: back to the queue, and nothing may leave meanwhile (`Limiter::flooded`).
    Flooded {
        /// Not before this moment; to be stored, so that a restart keeps the pause.
        at: Timestamp,
        /// How long.
        retry_after: Duration,
    },
    /// The token is refused: back to the queue, and sending halts until `getMe` succeeds.
    TokenRefused {
        /// Not before this moment.
        at: Timestamp,
    },
    /// The markup was not understood: once more at once, as plain text.
    AsPlain,
    /// The markup of a broadcast was not understood: back to the queue, and the broadcast pauses for a person.
    PauseBroadcast {
        /// Telegram's words.
        description: String,
    },
    /// The group has another id: the binding moves there, and the message is tried there at once.
    Migrate {
        /// The id from now on.
        to: ChatId,
    },
    /// It did not arrive, for good.
    Failed {
        /// Why.
        reason: Reason,
        /// What is now known of the chat, if something is.
        chat: Option<Reachability>,
    },
    /// It may have arrived, and nothing more will be learnt.
    Uncertain,
    /// Its time ran out, and it never left.
    Expired,
}

/// The verdict on a send of `delivery` to `chat`, as it was leased (so `attempts` counts this one), that ended with `class`.
/// `chance` spreads the pauses, so that what failed together does not return together.
#[must_use]
pub fn decide(chat: ChatId, delivery: &Delivery, class: &Class, now: Timestamp, chance: &Rng) -> Verdict {
    let failed = |reason, chat| Verdict::Failed { reason, chat };
    match class {
        Class::NotSent { .. } => {
            let pause = pause(NOT_SENT, u32::from(delivery.attempts.saturating_sub(1)), chance);
            again(delivery, now, pause).map_or_else(|| expiry(delivery), |at| Verdict::Requeue { at })
        }
        Class::Unknown { .. } => in_doubt(delivery, now, chance),
        Class::TokenRefused => Verdict::TokenRefused { at: now },
        Class::FloodWait { retry_after } => Verdict::Flooded { at: now.plus(*retry_after), retry_after: *retry_after },
        Class::Blocked => failed(Reason::Blocked, Some(Reachability::Blocked)),
        Class::Deactivated => failed(Reason::Deactivated, Some(Reachability::Deactivated)),
        // Telegram says the same after a change of bots, so the person may well be reachable again after a Start.
        Class::CannotInitiate => failed(Reason::NeverStarted, Some(Reachability::Unknown)),
        Class::ChatNotFound => failed(Reason::ChatNotFound, Some(Reachability::Unknown)),
        Class::GroupLost => failed(Reason::GroupLost, Some(Reachability::Left)),
        Class::Migrated { to } if *to != chat => Verdict::Migrate { to: *to },
        Class::Migrated { .. } => failed(Reason::Rejected(400, class.to_string()), None),
        Class::Markup { description } => markup(delivery, description),
        Class::Content { description } => failed(Reason::Content(description.clone()), None),
        Class::Conflict(conflict) => failed(Reason::Rejected(409, conflict.to_string()), None),
        Class::Rejected { code, description } => failed(Reason::Rejected(*code, description.clone()), None),
    }
}

/// The verdict on a send whose outcome is open, also because the process that made it is gone.
#[must_use]
pub fn in_doubt(delivery: &Delivery, now: Timestamp, chance: &Rng) -> Verdict {
    match delivery.policy {
        Policy::AtMostOnce => Verdict::Uncertain,
        Policy::AtLeastOnce => {
            let pause = pause(UNKNOWN, u32::from(delivery.unknowns), chance);
            again(delivery, now, pause).map_or(Verdict::Uncertain, |at| Verdict::RequeueInDoubt { at })
        }
    }
}

/// The verdict on a delivery that is due at `now`, before it is leased: `None` while it may be sent.
#[must_use]
pub fn overdue(delivery: &Delivery, now: Timestamp) -> Option<Verdict> {
    (now >= delivery.expires).then(|| expiry(delivery))
}

/// Whether Telegram refused the number of a file and not what it stands for: uploaded again, it may well be taken.
#[must_use]
pub fn is_wrong_file(class: &Class) -> bool {
    const WORDS: [&str; 8] = [
        "wrong file",
        "wrong remote file id",
        "wrong type of file",
        "invalid file",
        "invalid remote file id",
        "type of file mismatch",
        "can't use file of type",
        "file_reference_",
    ];
    let Class::Content { description } = class else { return false };
    let lower = description.to_lowercase();
    WORDS.iter().any(|words| lower.contains(words))
}

/// A delivery that may have arrived once stays in doubt, whatever happened later.
fn expiry(delivery: &Delivery) -> Verdict {
    if delivery.unknowns > 0 { Verdict::Uncertain } else { Verdict::Expired }
}

fn markup(delivery: &Delivery, description: &str) -> Verdict {
    match delivery.lane {
        Lane::Broadcast => Verdict::PauseBroadcast { description: description.to_owned() },
        Lane::Replies | Lane::Single if delivery.as_plain => {
            Verdict::Failed { reason: Reason::Content(description.to_owned()), chat: None }
        }
        Lane::Replies | Lane::Single => Verdict::AsPlain,
    }
}

/// When to try again: after the pause, at the latest shortly before it expires; `None` when that is over.
fn again(delivery: &Delivery, now: Timestamp, pause: Duration) -> Option<Timestamp> {
    let at = now.plus(pause).min(delivery.expires.minus(LAST_CALL));
    (at > now).then_some(at)
}

/// The pause after `before` failures of its kind: twice as long each time, up to the longest, of which the last third
/// is left to chance.
fn pause((first, longest): (Duration, Duration), before: u32, chance: &Rng) -> Duration {
    let full = first.saturating_mul(2_u32.saturating_pow(before)).min(longest);
    let spread = full / 3;
    full.saturating_sub(spread)
        + Duration::from_millis(chance.below(u64::try_from(spread.as_millis()).unwrap_or(0).saturating_add(1)))
}

/// Counts the outcomes of a lane that brought no answer, so that an outage makes a handful doubtful and not everyone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Silence(u32);

impl Silence {
    /// Telegram answered, whatever it said.
    pub fn broken(&mut self) {
        self.0 = 0;
    }

    /// Notes an outcome: `None` is a success.
    pub fn note(&mut self, class: Option<&Class>) {
        if matches!(class, Some(Class::Unknown { .. } | Class::NotSent { .. })) {
            self.0 = self.0.saturating_add(1);
        } else {
            self.broken();
        }
    }

    /// Whether the lane has to wait until `getMe` is answered.
    #[must_use]
    pub fn must_probe(self) -> bool {
        self.0 >= SILENCE
    }
}

#[cfg(test)]
mod tests;
