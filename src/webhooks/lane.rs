//! What is on its way to one endpoint, and what may leave next: first what is due again, then what waited for an event of the same
//! account, then what is new in the log. Pure but for its reads; all of it can be made anew from the data file.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::AT_ONCE;
use crate::actions::webhooks::{Ended, Round};
use crate::clock::Timestamp;
use crate::ids::{AccountId, EndpointId, EventId};
use crate::model::webhook::{Chosen, Outcome};
use crate::store::webhooks::{self, NOBODY, Turn};
use crate::store::{Read, StoreError, journal};

/// Events that are looked at in one turn.
const LOOKED_AT: usize = 256;
/// Events without a row that wait in memory for one of the same account.
const AHEAD: usize = 64;
/// Events that were looked at and are not for the endpoint, before that is written down.
const LAG: u64 = 1_000;
/// Failures in a row, after which an endpoint is asked about one thing at a time.
const TROUBLED: u32 = 5;
/// The pause between those.
const REST: Duration = Duration::from_secs(1);
/// How long after a failure one that is in trouble is asked before the time of its rows, when there is something new.
const PROBE: Duration = Duration::from_mins(5);
/// The longest pause an endpoint may ask for.
const LONGEST_REST: Duration = Duration::from_hours(1);

/// One endpoint's traffic.
pub(super) struct Lane {
    /// Everything up to here was looked at.
    looked: EventId,
    /// The same, as far as it is on disk.
    stored: EventId,
    /// Events up to there that have no row: on their way, or behind one of the same account that is.
    open: BTreeMap<EventId, AccountId>,
    flying: BTreeSet<Turn>,
    ended: Vec<Ended>,
    /// Events that wait behind one that has a row, and get one as well.
    parked: Vec<Turn>,
    failures: u32,
    rests_until: Duration,
    /// When it may be asked before the time of its rows.
    probes_at: Duration,
    /// The address that the failures are about.
    aim: String,
}

/// What may leave now.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Picked {
    pub(super) turns: Vec<Turn>,
    /// When something is due again.
    pub(super) next: Option<Timestamp>,
    /// There may be more at once.
    pub(super) is_more: bool,
}

impl Lane {
    /// The lane of an endpoint of which nothing is on its way.
    pub(super) fn new(cursor: EventId) -> Self {
        Self {
            looked: cursor,
            stored: cursor,
            open: BTreeMap::new(),
            flying: BTreeSet::new(),
            ended: Vec::new(),
            parked: Vec::new(),
            failures: 0,
            rests_until: Duration::ZERO,
            probes_at: Duration::ZERO,
            aim: String::new(),
        }
    }

    pub(super) fn flying(&self) -> usize {
        self.flying.len()
    }

    /// The endpoint was switched on again and begins with what happens now.
    pub(super) fn skip_to(&mut self, cursor: EventId) {
        self.looked = self.looked.max(cursor);
    }

    /// Where it goes. What failed elsewhere does not count.
    pub(super) fn aim(&mut self, url: &str) {
        if self.aim != url {
            url.clone_into(&mut self.aim);
            self.failures = 0;
            self.rests_until = Duration::ZERO;
        }
    }

    fn is_troubled(&self) -> bool {
        self.failures >= TROUBLED
    }

    /// Until when nothing leaves, if that is so.
    pub(super) fn rests_until(&self, now: Duration) -> Option<Duration> {
        (self.rests_until > now).then_some(self.rests_until)
    }

    /// How many may leave now.
    fn slots(&self, now: Duration) -> usize {
        let most = if self.is_troubled() { 1 } else { AT_ONCE };
        if self.rests_until(now).is_some() { 0 } else { most.saturating_sub(self.flying.len()) }
    }

    /// Chooses what leaves now, at most `free`. Only while there is nothing to write down.
    pub(super) fn pick(
        &mut self,
        read: &impl Read,
        (id, chosen): (EndpointId, &Chosen),
        free: usize,
        now: Duration,
    ) -> Result<Picked, StoreError> {
        let mut picked = Picked::default();
        let result = self.choose(read, (id, chosen), (free, now), &mut picked);
        if let Err(error) = result {
            self.put_back(&picked.turns);
            return Err(error);
        }
        Ok(picked)
    }

    /// What was chosen does not leave after all.
    pub(super) fn put_back(&mut self, turns: &[Turn]) {
        for turn in turns {
            self.flying.remove(turn);
        }
    }

    fn choose(
        &mut self,
        read: &impl Read,
        (id, chosen): (EndpointId, &Chosen),
        (free, now): (usize, Duration),
        picked: &mut Picked,
    ) -> Result<(), StoreError> {
        let slots = self.slots(now).min(free);
        let due = webhooks::due(read, id, slots + self.flying.len() + 1)?;
        let mut is_early = false;
        for (at, turn) in &due {
            if *at > read.now() {
                picked.next = Some(*at);
                break;
            }
            is_early |= self.is_early(*turn);
            if picked.turns.len() < slots && self.is_next(*turn) {
                self.take(picked, *turn);
            }
        }
        let open: Vec<Turn> =
            self.open.iter().map(|(event, account)| Turn { account: *account, event: *event }).collect();
        for turn in open {
            if self.flying.contains(&turn) {
                continue;
            }
            if webhooks::is_held(read, id, turn.account)? {
                self.parked.push(turn);
            } else if picked.turns.len() < slots && self.is_free(read, id, turn)? {
                self.take(picked, turn);
            }
        }
        // In trouble the log keeps what is new: looking ahead would only make rows of it.
        if self.is_troubled() && !due.is_empty() && !is_early {
            let first = due.first().map(|(_, turn)| *turn).filter(|_| slots > 0 && now >= self.probes_at);
            return self.probe(read, first, picked);
        }
        if picked.turns.len() < slots {
            let before = self.looked;
            self.look_ahead(read, (id, chosen), slots, picked)?;
            picked.is_more |= is_early && self.looked > before;
        }
        Ok(())
    }

    /// Asks an endpoint in trouble before the time of its rows, because there is something new for which it may be well again.
    fn probe(&mut self, read: &impl Read, first: Option<Turn>, picked: &mut Picked) -> Result<(), StoreError> {
        let is_idle = picked.turns.is_empty() && self.flying.is_empty();
        if let Some(turn) = first.filter(|turn| is_idle && self.is_next(*turn))
            && journal::newest(read)? > self.looked
        {
            self.take(picked, turn);
        }
        Ok(())
    }

    /// Whether a person asked for it before the log was looked at up to there: earlier ones of the account may stand there.
    fn is_early(&self, turn: Turn) -> bool {
        turn.account != NOBODY && turn.event > self.looked
    }

    /// Whether an event with a row may leave: it does not fly, and no earlier one of its account has its turn without a row.
    fn is_next(&self, turn: Turn) -> bool {
        let mut earlier = self.open.range(..turn.event);
        let is_behind = turn.account != NOBODY && earlier.any(|(_, account)| *account == turn.account);
        !self.flying.contains(&turn) && !self.is_early(turn) && !is_behind
    }

    fn look_ahead(
        &mut self,
        read: &impl Read,
        (id, chosen): (EndpointId, &Chosen),
        slots: usize,
        picked: &mut Picked,
    ) -> Result<(), StoreError> {
        let rows = journal::events(read, Some(self.looked), LOOKED_AT)?;
        picked.is_more = rows.len() == LOOKED_AT;
        for (event, row) in rows {
            if picked.turns.len() >= slots {
                picked.is_more = false;
                break;
            }
            let turn = Turn { account: row.account.map_or(NOBODY, |(account, _)| account), event };
            let is_passed = !chosen.holds(row.kind.name()) || webhooks::waiting(read, id, turn)?.is_some();
            // Not before nothing can fail: an event that was looked at is never looked at again.
            self.looked = event;
            if is_passed {
                continue;
            }
            self.open.insert(event, turn.account);
            if webhooks::is_held(read, id, turn.account)? {
                self.parked.push(turn);
            } else if self.is_free(read, id, turn)? {
                self.take(picked, turn);
            } else if self.open.len() > AHEAD {
                self.park_all();
            }
        }
        Ok(())
    }

    fn take(&mut self, picked: &mut Picked, turn: Turn) {
        self.flying.insert(turn);
        picked.turns.push(turn);
    }

    /// Whether no earlier event of the account is on its way or waits.
    fn is_free(&self, read: &impl Read, id: EndpointId, turn: Turn) -> Result<bool, StoreError> {
        if turn.account == NOBODY {
            return Ok(true);
        }
        let flies = self.flying.iter().any(|other| other.account == turn.account);
        let earlier = self.open.range(..turn.event).any(|(_, account)| *account == turn.account);
        Ok(!flies && !earlier && !webhooks::is_held(read, id, turn.account)?)
    }

    /// What waits in memory gets rows, so that one slow account does not hold up the others.
    fn park_all(&mut self) {
        for (event, account) in &self.open {
            let turn = Turn { account: *account, event: *event };
            if !self.flying.contains(&turn) && !self.parked.contains(&turn) {
                self.parked.push(turn);
            }
        }
    }

    /// What became of an attempt.
    pub(super) fn take_back(&mut self, ended: Ended, now: Duration) {
        self.flying.remove(&ended.turn);
        match ended.outcome {
            Outcome::Delivered => self.failures = 0,
            // It was not asked.
            Outcome::GivenUp => {}
            Outcome::Refused
            | Outcome::Redirected
            | Outcome::Gone
            | Outcome::NoAddress
            | Outcome::NotAllowed
            | Outcome::NoConnection
            | Outcome::Tls
            | Outcome::TimedOut
            | Outcome::Broken => {
                self.failures = self.failures.saturating_add(1);
                self.probes_at = now + PROBE;
                if self.is_troubled() {
                    self.rests_until = self.rests_until.max(now + REST);
                }
                if let (Some(wish), Some(429 | 503)) = (ended.wish, ended.status) {
                    self.rests_until = self.rests_until.max(now + wish.min(LONGEST_REST));
                }
            }
        }
        self.ended.push(ended);
    }

    /// Whether something has to be written down before anything else leaves.
    pub(super) fn must_settle(&self) -> bool {
        !self.ended.is_empty() || !self.parked.is_empty() || self.cursor().0.saturating_sub(self.stored.0) > LAG
    }

    /// Whether anything is not on disk, if only that some events are not for the endpoint.
    pub(super) fn is_ahead(&self) -> bool {
        self.must_settle() || self.cursor() > self.stored
    }

    fn cursor(&self) -> EventId {
        self.open.first_key_value().map_or(self.looked, |(first, _)| EventId(first.0.saturating_sub(1)))
    }

    /// What is to be written. Events below one that ended get rows: the cursor passes them.
    pub(super) fn round(&self) -> Round {
        let is_over = |event: &EventId| self.ended.iter().any(|ended| ended.turn.event == *event);
        let fresh = self.ended.iter().map(|ended| ended.turn).filter(|turn| self.open.contains_key(&turn.event));
        let highest = fresh.map(|turn| turn.event).max();
        // Where one event has a row, the others have: only so the oldest one is the next.
        let failed = self.ended.iter().filter(|ended| ended.outcome != Outcome::Delivered).map(|ended| ended.turn);
        let in_rows: BTreeSet<AccountId> =
            failed.chain(self.parked.iter().copied()).map(|turn| turn.account).filter(|id| *id != NOBODY).collect();
        let mut rest = BTreeMap::new();
        let mut held = Vec::new();
        for (event, account) in self.open.iter().filter(|(event, _)| !is_over(event)) {
            let turn = Turn { account: *account, event: *event };
            let passed = highest.is_some_and(|highest| *event < highest);
            if passed || in_rows.contains(account) {
                held.push(turn);
            } else {
                rest.insert(*event, *account);
            }
        }
        let cursor = rest.first_key_value().map_or(self.looked, |(first, _)| EventId(first.0.saturating_sub(1)));
        Round { cursor, held, ended: self.ended.clone() }
    }

    /// A round is on disk.
    pub(super) fn settled(&mut self, round: &Round) {
        for turn in &round.held {
            self.open.remove(&turn.event);
        }
        for ended in &round.ended {
            self.open.remove(&ended.turn.event);
        }
        self.ended.drain(..round.ended.len().min(self.ended.len()));
        self.parked.clear();
        self.stored = self.stored.max(round.cursor);
    }
}

#[cfg(test)]
mod tests;
