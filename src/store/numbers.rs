//! Numbers that are kept instead of counted: sequences, counters, and figures for each day.
//! Inside a transaction they gather in memory and are written once, before the commit.

use std::collections::BTreeMap;

use crate::clock::Timestamp;
use crate::model::account::AccountState;
use crate::model::chat::Reachability;
use crate::model::delivery::{Lane, Standing};
use crate::model::link::LinkStatus;
use crate::model::talk::TalkList;
use crate::store::codec::{Blob, Count, Key, Tail};
use crate::store::error::StoreError;
use crate::store::tables::{COUNTS, DAILY, META};
use crate::store::tx::{Order, Read, Span, Tx};

/// A kept count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Counter {
    /// Accounts in a listed state.
    Accounts(AccountState),
    /// Links in a stored state (an open one may have expired without having been swept).
    Links(LinkStatus),
    /// Chats bound to an account, by reachability.
    BoundChats(Reachability),
    /// Bound chats that can be reached and want no broadcasts.
    MutedChats,
    /// Linked accounts without a chat that wants broadcasts.
    MutedAccounts,
    /// Chats that were ever heard of and are still known.
    Chats,
    /// Deliveries in a lane, by standing.
    Deliveries(Lane, Standing),
    /// Messages kept.
    Messages,
    /// Conversations in a list.
    Talks(TalkList),
    /// Updates set aside for a person.
    SetAside,
}

impl Counter {
    fn name(self) -> String {
        match self {
            Self::Accounts(state) => format!("accounts.{}", state.word()),
            Self::Links(status) => format!("links.{}", status.word()),
            Self::BoundChats(reachability) => format!("bound_chats.{}", reachability.word()),
            Self::MutedChats => "muted_chats".into(),
            Self::MutedAccounts => "muted_accounts".into(),
            Self::Chats => "chats".into(),
            Self::Deliveries(lane, standing) => format!("deliveries.{}.{}", lane.number(), standing.word()),
            Self::Messages => "messages".into(),
            Self::Talks(list) => format!("talks.{}", list.word()),
            Self::SetAside => "set_aside".into(),
        }
    }
}

/// Something counted for each day (UTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Metric {
    /// Chats that were linked.
    Linked,
    /// Chats that were unlinked.
    Unlinked,
    /// Messages from people.
    Received,
    /// Deliveries confirmed by Telegram.
    Sent,
    /// Deliveries that failed.
    Failed,
    /// Deliveries that stayed uncertain.
    Uncertain,
}

impl Metric {
    fn number(self) -> u8 {
        match self {
            Self::Linked => 0,
            Self::Unlinked => 1,
            Self::Received => 2,
            Self::Sent => 3,
            Self::Failed => 4,
            Self::Uncertain => 5,
        }
    }
}

/// What gathered in a transaction.
#[derive(Default)]
pub(super) struct Gathered {
    counts: BTreeMap<Counter, i64>,
    daily: BTreeMap<(Metric, u32), u64>,
    sequences: BTreeMap<&'static str, u64>,
}

/// A count, as of the last commit.
pub fn count(read: &impl Read, counter: Counter) -> Result<u64, StoreError> {
    Ok(read.get(COUNTS, &Tail(counter.name()))?.unwrap_or_default().0)
}

/// A metric's figures for the `days` days that end with the day of `until`, the oldest first.
pub fn daily(read: &impl Read, metric: Metric, until: Timestamp, days: u32) -> Result<Vec<u64>, StoreError> {
    let last = day(until);
    let first = last.saturating_sub(days.saturating_sub(1));
    let number = metric.number();
    let span = Span::all().from(&(number, first)).through(&(number, last));
    let rows: BTreeMap<u32, u64> = read
        .page(DAILY, &span, Order::Ascending, usize::MAX)?
        .into_iter()
        .map(|((_, day), count)| (day, count.0))
        .collect();
    Ok((first..=last).map(|day| rows.get(&day).copied().unwrap_or(0)).collect())
}

fn day(at: Timestamp) -> u32 {
    u32::try_from(at.seconds().div_euclid(86_400)).unwrap_or(0)
}

impl Tx<'_> {
    /// Adds to a count.
    pub(super) fn add(&mut self, counter: Counter, by: i64) {
        self.mark_dirty();
        *self.gathered.counts.entry(counter).or_default() += by;
    }

    /// One more of a metric today.
    pub(super) fn tick(&mut self, metric: Metric) {
        let today = day(self.now());
        *self.gathered.daily.entry((metric, today)).or_default() += 1;
    }

    /// The next number of a sequence, from 1.
    pub(super) fn next(&mut self, sequence: &'static str) -> Result<u64, StoreError> {
        self.mark_dirty();
        let last = match self.gathered.sequences.get(sequence) {
            Some(last) => *last,
            None => stored(self, sequence)?,
        };
        self.gathered.sequences.insert(sequence, last + 1);
        Ok(last + 1)
    }
}

fn stored(read: &impl Read, sequence: &str) -> Result<u64, StoreError> {
    let blob = read.get(META, &Tail(format!("seq.{sequence}")))?;
    Ok(blob.and_then(|Blob(bytes)| Key::decode(&mut bytes.as_slice())).unwrap_or(0))
}

/// Writes what gathered.
pub(super) fn flush(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let gathered = std::mem::take(&mut tx.gathered);
    for (counter, by) in gathered.counts.into_iter().filter(|(_, by)| *by != 0) {
        let key = Tail(counter.name());
        let before = tx.get(COUNTS, &key)?.unwrap_or_default().0;
        tx.put(COUNTS, &key, &Count(before.saturating_add_signed(by)))?;
    }
    for ((metric, day), by) in gathered.daily {
        let key = (metric.number(), day);
        let before = tx.get(DAILY, &key)?.unwrap_or_default().0;
        tx.put(DAILY, &key, &Count(before + by))?;
    }
    for (sequence, last) in gathered.sequences {
        tx.put(META, &Tail(format!("seq.{sequence}")), &Blob(last.bytes()))?;
    }
    Ok(())
}
