//! Throttling of tries to sign in: buckets for the pair of account and network, for the account and for the network, with
//! growing delays and never a lock. A browser that signed in fully before has a bucket of its own, so that strangers cannot
//! keep its owner out. A try is counted before it is judged, so that tries at the same time cannot slip through together.

use std::time::Duration;

use crate::actions::who::{Proves as _, Who};
use crate::clock::Timestamp;
use crate::model::session::Bucket;
use crate::secret::Hash;
use crate::store::{Read, StoreError, Tx, admins};

/// Tries with the second factor a day, for each browser or network (RFC 6238, section 5.2), and links of one's own.
pub const CODES_A_DAY: u32 = 30;

/// How a bucket answers failures.
#[derive(Clone, Copy, Debug)]
struct Rule {
    /// Failures that cost nothing.
    free: u32,
    /// The longest wait; the first one is a second, and each is twice the one before.
    longest: Duration,
    /// Quiet after which all is forgotten.
    forgotten: Duration,
}

const PAIR: Rule = Rule { free: 5, longest: Duration::from_mins(15), forgotten: Duration::from_hours(24) };
/// The account's own bucket may stop strangers from everywhere, but must not keep its owner waiting for long.
const ACCOUNT: Rule = Rule { free: 20, longest: Duration::from_secs(30), forgotten: Duration::from_hours(1) };
const NETWORK: Rule = Rule { free: 20, longest: Duration::from_mins(15), forgotten: Duration::from_hours(1) };
const DEVICE: Rule = Rule { free: 5, longest: Duration::from_mins(5), forgotten: Duration::from_hours(24) };

/// Whose failures a bucket counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    Pair,
    Account,
    Network,
    Device,
}

impl Whose {
    fn rule(self) -> Rule {
        match self {
            Self::Pair => PAIR,
            Self::Account => ACCOUNT,
            Self::Network => NETWORK,
            Self::Device => DEVICE,
        }
    }

    /// What is left after a right try. Who knows one account must not wash a network clean of guesses at others.
    fn forgiven(self, failures: u32) -> u32 {
        match self {
            Self::Pair | Self::Device => 0,
            Self::Account | Self::Network => failures.saturating_sub(1),
        }
    }
}

/// Who tries: everything that buckets are named by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tries {
    buckets: Vec<(String, Whose)>,
}

impl Tries {
    /// A try to sign in as `name` from `network`, with a browser that is known for that account or with one that is not.
    #[must_use]
    pub fn new<W: Who>(name: &str, network: &str, known_device: Option<Hash>) -> Self {
        let (kind, account) = (W::BUCKETS, account::<W>(name));
        let buckets = match known_device {
            Some(device) => vec![(format!("{kind}device:{}", hex(&device)), Whose::Device)],
            None => vec![
                (format!("{account}:{network}"), Whose::Pair),
                (account, Whose::Account),
                (format!("{kind}network:{network}"), Whose::Network),
            ],
        };
        Self { buckets }
    }

    /// Counts the try, or tells how long to wait before the next one is looked at.
    pub fn charge(&self, tx: &mut Tx<'_>) -> Result<Option<Duration>, StoreError> {
        let now = tx.now();
        let mut rows = Vec::with_capacity(self.buckets.len());
        let mut wait = Duration::ZERO;
        for (name, whose) in &self.buckets {
            let rule = whose.rule();
            let bucket = current(admins::bucket(tx, name)?, rule, now);
            wait = wait.max(bucket.last.plus(delay(bucket.failures, rule)).since(now));
            rows.push((name, bucket));
        }
        if !wait.is_zero() {
            return Ok(Some(wait));
        }
        for (name, bucket) in rows {
            admins::put_bucket(tx, name, Bucket { failures: bucket.failures.saturating_add(1), last: now })?;
        }
        Ok(None)
    }

    /// The try was a right one: it empties its own bucket and takes its failure back from the shared ones.
    pub fn forgive(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        for (name, whose) in &self.buckets {
            let bucket = admins::bucket(tx, name)?;
            admins::put_bucket(tx, name, Bucket { failures: whose.forgiven(bucket.failures), ..bucket })?;
        }
        Ok(())
    }
}

/// Counts a try of a kind, such as one with the second factor; false when there were too many today.
pub fn charge_daily<W: Who>(tx: &mut Tx<'_>, kind: &str, id: W, who: &str) -> Result<bool, StoreError> {
    let now = tx.now();
    let day = now.seconds().div_euclid(86_400);
    let name = format!("{}{kind}:{id}:{who}:{day}", W::BUCKETS);
    let bucket = admins::bucket(tx, &name)?;
    if bucket.failures >= CODES_A_DAY {
        return Ok(false);
    }
    admins::put_bucket(tx, &name, Bucket { failures: bucket.failures.saturating_add(1), last: now })?;
    Ok(true)
}

/// Until the next day, when the tries with the second factor begin anew.
#[must_use]
pub fn until_tomorrow(now: Timestamp) -> Duration {
    let left = 86_400 - now.seconds().rem_euclid(86_400);
    Duration::from_secs(u64::try_from(left).unwrap_or(86_400))
}

/// What tries with the second factor are counted by: the browser, where it is known, or the network.
#[must_use]
pub fn second_factor_key(network: &str, known_device: Option<Hash>) -> String {
    known_device.map_or_else(|| network.to_owned(), |device| hex(&device))
}

/// [`forget`], and all failures from all networks: the operator's own reset.
pub fn reset<W: Who>(tx: &mut Tx<'_>, id: W, person: &W::Person) -> Result<(), StoreError> {
    admins::remove_buckets(tx, &format!("{}network:", W::BUCKETS))?;
    forget(tx, id, person)
}

/// Forgets all failures of an account.
pub fn forget<W: Who>(tx: &mut Tx<'_>, id: W, person: &W::Person) -> Result<(), StoreError> {
    let daily = ["totp", "recovery"].map(|kind| format!("{}{kind}:{id}:", W::BUCKETS));
    daily.iter().try_for_each(|prefix| admins::remove_buckets(tx, prefix))?;
    admins::remove_buckets(tx, &account::<W>(person.name()))
}

/// Names that do not exist have buckets too, and of the same size.
fn account<W: Who>(name: &str) -> String {
    format!("{}account:{}", W::BUCKETS, hex(&Hash::of(name.trim().to_lowercase().as_bytes())))
}

/// The first half of a hash is plenty to tell buckets apart.
fn hex(hash: &Hash) -> String {
    hash.0.iter().take(16).fold(String::new(), |mut text, byte| {
        use std::fmt::Write as _;
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn current(bucket: Bucket, rule: Rule, now: Timestamp) -> Bucket {
    if now.since(bucket.last) >= rule.forgotten { Bucket::default() } else { bucket }
}

fn delay(failures: u32, rule: Rule) -> Duration {
    let Some(beyond) = failures.checked_sub(rule.free) else { return Duration::ZERO };
    let seconds = 1_u64.checked_shl(beyond).unwrap_or(u64::MAX);
    Duration::from_secs(seconds).min(rule.longest)
}
