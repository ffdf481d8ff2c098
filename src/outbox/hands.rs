//! What the loop holds in memory, all of which can be lost: what is in flight, what ended and is not yet on disk.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::content::{Enclosed, Uploads};
use super::lease::Job;
use super::limiter::Limits;
use super::settle::Outcome;
use super::ticket::{Flow, Slots, Ticket};
use crate::ids::{BroadcastId, UserId};
use crate::model::message::Attachment;

/// How long a result may wait for company in its commit while others are in flight.
const SETTLE_WITHIN: Duration = Duration::from_millis(10);
/// How long it may wait for a lease that is sure to come, so that both share a commit.
const SHARE_WITHIN: Duration = Duration::from_millis(50);
/// As many results as this are company enough.
const COMPANY: usize = 64;

#[derive(Debug, Default)]
pub(super) struct Hands {
    /// Leased on disk and not yet settled on disk.
    flying: BTreeMap<Ticket, Flow>,
    /// What is uploaded by one of those.
    uploads: BTreeMap<Ticket, Attachment>,
    /// Met a damaged row or a fault of the program: left alone until the next start, so that others go on.
    aside: BTreeSet<Ticket>,
    ended: Vec<Outcome>,
    /// When the oldest of `ended` came in, on the monotonic clock.
    ended_since: Duration,
}

impl Hands {
    pub(super) fn new(aside: BTreeSet<Ticket>) -> Self {
        Self { aside, ..Self::default() }
    }

    pub(super) fn flying(&self) -> &BTreeMap<Ticket, Flow> {
        &self.flying
    }

    pub(super) fn aside(&self) -> &BTreeSet<Ticket> {
        &self.aside
    }

    pub(super) fn ended(&self) -> &[Outcome] {
        &self.ended
    }

    pub(super) fn put_aside(&mut self, ticket: Ticket) {
        self.aside.insert(ticket);
    }

    /// What is being uploaded.
    pub(super) fn uploads(&self, bot: UserId) -> Uploads {
        Uploads { bot, running: self.uploads.values().copied().collect() }
    }

    /// Whether this recipient is on its way.
    pub(super) fn flies(&self, broadcast: BroadcastId) -> BTreeSet<u32> {
        let position = |ticket: &Ticket| match ticket {
            Ticket::Recipient { broadcast: other, position, .. } if *other == broadcast => Some(*position),
            Ticket::Recipient { .. } | Ticket::Delivery(_) => None,
        };
        self.flying.keys().filter_map(position).collect()
    }

    /// How many more may be leased. What ended is settled in the same commit and needs no place any more.
    pub(super) fn slots(&self, limits: Limits) -> Slots {
        let mut counts = BTreeMap::new();
        for flow in self.flying.values() {
            *counts.entry(*flow).or_insert(0_usize) += 1;
        }
        for flow in self.ended.iter().filter_map(|outcome| self.flying.get(&outcome.ticket)) {
            if let Some(count) = counts.get_mut(flow) {
                *count = count.saturating_sub(1);
            }
        }
        Slots::free(limits, &counts)
    }

    pub(super) fn leased(&mut self, job: &Job) {
        self.flying.insert(job.ticket, job.flow);
        if let Some(attachment) = job.enclosed.as_ref().and_then(Enclosed::upload) {
            self.uploads.insert(job.ticket, attachment);
        }
    }

    pub(super) fn take(&mut self, outcome: Outcome, now: Duration) {
        if self.ended.is_empty() {
            self.ended_since = now;
        }
        self.ended.push(outcome);
    }

    /// What had ended is on disk.
    pub(super) fn settled(&mut self) {
        for outcome in self.ended.drain(..) {
            self.flying.remove(&outcome.ticket);
            self.uploads.remove(&outcome.ticket);
        }
    }

    /// When what ended has to be on disk: with the lease that is `foreseen`, if one is; else at once when there is company
    /// enough or nobody else to wait for.
    pub(super) fn settle_at(&self, foreseen: Option<Duration>) -> Option<Duration> {
        if self.ended.is_empty() {
            return None;
        }
        if let Some(at) = foreseen.filter(|at| *at <= self.ended_since.saturating_add(SHARE_WITHIN)) {
            return Some(at);
        }
        let all = self.ended.len() >= self.flying.len().min(COMPANY);
        Some(if all { self.ended_since } else { self.ended_since.saturating_add(SETTLE_WITHIN) })
    }
}
