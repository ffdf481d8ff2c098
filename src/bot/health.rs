//! How the poller is doing: a small copy for pages, and a pulse that beats when it changed. It holds no secrets.

use std::sync::{Arc, Mutex, PoisonError};

use crate::clock::Timestamp;
use crate::model::settings::BotIdentity;
use crate::runtime::Pulse;
use crate::telegram::{CallError, Class, Conflict};

/// What the poller is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// There is no bot token yet.
    #[default]
    NoToken,
    /// It asks Telegram who the bot is.
    Starting,
    /// It waits for updates, which is how it should be.
    Polling,
    /// Something went wrong; it tries again by itself.
    Waiting {
        /// When.
        until: Timestamp,
        /// What went wrong, in a sentence.
        why: String,
    },
    /// Another program polls with the same token; it tries again by itself.
    Conflict {
        /// When.
        until: Timestamp,
        /// Which quarrel it is.
        with: Conflict,
    },
    /// Updates go to a webhook that is not ours. It is removed only with an admin's consent.
    WebhookSet {
        /// Its address, without the bot's token should it be in it.
        url: String,
    },
    /// Telegram refuses the token; it asks again by itself, and at once when another one is saved.
    TokenRefused {
        /// When.
        until: Timestamp,
    },
    /// The token belongs to another bot than the data file; an admin has to confirm the change.
    OtherBot {
        /// The bot the data file belongs to.
        known: BotIdentity,
        /// The bot the token belongs to.
        found: BotIdentity,
    },
    /// The process is ending.
    Stopped,
}

/// A copy of how the poller is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What it is doing.
    pub state: State,
    /// The bot, once Telegram told who it is.
    pub identity: Option<BotIdentity>,
    /// When `getUpdates` was last answered.
    pub last_answer: Option<Timestamp>,
    /// When the last update came.
    pub last_update: Option<Timestamp>,
    /// Updates that wait at Telegram, as far as known.
    pub pending: Option<u64>,
    /// Failed calls since the last answer.
    pub failures: u32,
    /// What went wrong last, in a sentence; `None` since things are well again.
    pub last_error: Option<String>,
}

/// The poller's health. Cheap to clone; all clones are the same one.
#[derive(Clone, Debug, Default)]
pub struct Health(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    report: Mutex<Report>,
    changes: Pulse,
}

impl Health {
    /// A copy of how things stand.
    #[must_use]
    pub fn report(&self) -> Report {
        self.0.report.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Beats when the state, the identity or the last error changed; not with every poll.
    #[must_use]
    pub fn changes(&self) -> &Pulse {
        &self.0.changes
    }

    /// Waits until the report satisfies `wanted`.
    pub async fn wait_for(&self, wanted: impl Fn(&Report) -> bool) -> Report {
        loop {
            let seen = self.0.changes.value();
            let report = self.report();
            if wanted(&report) {
                return report;
            }
            self.0.changes.after(seen).await;
        }
    }

    pub(super) fn enter(&self, state: State) {
        self.change(|report| report.state = state);
    }

    pub(super) fn met(&self, identity: BotIdentity) {
        self.change(|report| report.identity = Some(identity));
    }

    /// There is no bot any more, or another one is about to be asked.
    pub(super) fn forget(&self, state: State) {
        self.change(|report| *report = Report { state, last_update: report.last_update, ..Report::default() });
    }

    /// Polls are answered as they should be.
    pub(super) fn well(&self) {
        self.change(|report| {
            report.state = State::Polling;
            report.failures = 0;
            report.last_error = None;
        });
    }

    /// A poll was answered.
    pub(super) fn answered(&self, now: Timestamp, updates: usize) {
        self.change(|report| {
            report.last_answer = Some(now);
            if updates > 0 {
                report.last_update = Some(now);
            } else {
                report.pending = Some(0);
            }
        });
    }

    pub(super) fn pending(&self, count: u64) {
        self.change(|report| report.pending = Some(count));
    }

    pub(super) fn last_update(&self, at: Option<Timestamp>) {
        self.change(|report| report.last_update = at);
    }

    /// A call failed; it is tried again at `until`.
    pub(super) fn failed(&self, error: &CallError, until: Timestamp) {
        let state = match &error.class {
            Class::TokenRefused => State::TokenRefused { until },
            Class::Conflict(with) => State::Conflict { until, with: *with },
            Class::NotSent { .. }
            | Class::Unknown { .. }
            | Class::FloodWait { .. }
            | Class::Blocked
            | Class::Deactivated
            | Class::CannotInitiate
            | Class::GroupLost
            | Class::ChatNotFound
            | Class::Migrated { .. }
            | Class::Markup { .. }
            | Class::Content { .. }
            | Class::Rejected { .. } => State::Waiting { until, why: error.class.to_string() },
        };
        self.troubled(state, error.to_string());
    }

    /// Something else than a call failed; it is tried again at `until`.
    pub(super) fn hindered(&self, why: String, until: Timestamp) {
        self.troubled(State::Waiting { until, why: why.clone() }, why);
    }

    fn troubled(&self, state: State, why: String) {
        self.change(|report| {
            report.state = state;
            report.failures = report.failures.saturating_add(1);
            report.last_error = Some(why);
        });
    }

    fn change(&self, change: impl FnOnce(&mut Report)) {
        let mut report = self.0.report.lock().unwrap_or_else(PoisonError::into_inner);
        let before = (report.state.clone(), report.identity.clone(), report.last_error.clone());
        change(&mut report);
        let differs = before != (report.state.clone(), report.identity.clone(), report.last_error.clone());
        drop(report);
        if differs {
            self.0.changes.beat();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::UserId;

    fn failure(class: Class) -> CallError {
        CallError { method: "getUpdates", class }
    }

    #[test]
    fn each_kind_of_failure_shows_as_what_a_person_can_do_about_it() {
        let (health, until) = (Health::default(), Timestamp(5));
        health.failed(&failure(Class::TokenRefused), until);
        assert_eq!(health.report().state, State::TokenRefused { until });
        let with = Conflict::OtherPoller;
        health.failed(&failure(Class::Conflict(with)), until);
        assert_eq!(health.report().state, State::Conflict { until, with });
        health.failed(&failure(Class::Unknown { reason: "HTTP 502".into() }), until);
        let report = health.report();
        assert!(matches!(report.state, State::Waiting { why, .. } if why.contains("HTTP 502")));
        assert_eq!(report.failures, 3);
    }

    #[test]
    fn an_answer_ends_the_trouble_and_polls_as_usual_do_not_beat() {
        let health = Health::default();
        health.hindered("the disk is full".into(), Timestamp(9));
        health.answered(Timestamp(10), 2);
        health.well();
        let beats = health.changes().value();
        health.answered(Timestamp(20), 0);
        health.well();
        assert_eq!(health.changes().value(), beats);
        let report = health.report();
        assert_eq!((report.state, report.last_error, report.failures), (State::Polling, None, 0));
        assert_eq!((report.last_answer, report.last_update), (Some(Timestamp(20)), Some(Timestamp(10))));
        assert_eq!(report.pending, Some(0));
    }

    #[test]
    fn a_forgotten_bot_leaves_only_when_the_last_update_came() {
        let health = Health::default();
        health.answered(Timestamp(10), 1);
        let seen = Timestamp(1);
        health.met(BotIdentity { id: UserId(1), username: "b".into(), name: "B".into(), seen });
        health.forget(State::NoToken);
        let expected = Report { last_update: Some(Timestamp(10)), ..Report::default() };
        assert_eq!(health.report(), expected);
    }
}
