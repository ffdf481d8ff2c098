//! Wrong codes: counted for each chat, which is asked to wait, and over all chats, which raises an alarm.

use std::time::Duration;

use super::{Asker, Words};
use crate::actions::Error;
use crate::clock::Timestamp;
use crate::model::chat::{CODE_WINDOW, Chat, WRONG_CODES};
use crate::model::session::Bucket;
use crate::model::texts::TextKey;
use crate::store::{Read, StoreError, Tx, admins, chats, meta};

/// Wrong codes over all chats in one window of [`CODE_WINDOW`] that look like somebody is guessing.
pub const ALARM: u32 = 100;

const ALARM_MOMENT: &str = "codes.alarm";

/// When so many wrong codes last came that somebody may have been guessing; for the status page.
pub fn alarm(read: &impl Read) -> Result<Option<Timestamp>, StoreError> {
    meta::moment(read, ALARM_MOMENT)
}

/// Whether the chat sent too many wrong codes. The first time it is told so, then it hears nothing more about codes
/// until its window is over.
pub(super) fn are_used_up(tx: &mut Tx<'_>, asker: &Asker<'_>) -> Result<bool, Error> {
    let now = tx.now();
    let tries = asker.chat.wrong_codes;
    let count = tries.within(now, CODE_WINDOW);
    if count < WRONG_CODES {
        return Ok(false);
    }
    if count == WRONG_CODES {
        count_one(tx, asker)?;
        let left = tries.since.plus(CODE_WINDOW).since(now);
        let minutes = left.as_secs().div_ceil(60).max(1).to_string();
        Words::of(asker).answer(tx, TextKey::Wait, &[("minutes", &minutes)])?;
    }
    Ok(true)
}

/// A code that nobody issued.
pub(super) fn wrong(tx: &mut Tx<'_>, asker: &Asker<'_>) -> Result<(), Error> {
    count_one(tx, asker)?;
    count_over_all(tx)?;
    Words::of(asker).unknown(tx)
}

fn count_one(tx: &mut Tx<'_>, asker: &Asker<'_>) -> Result<(), StoreError> {
    let wrong_codes = asker.chat.wrong_codes.add(tx.now(), CODE_WINDOW);
    chats::put(tx, asker.id, Some(asker.chat), &Chat { wrong_codes, ..asker.chat.clone() })
}

/// Counts in windows that stand still, one bucket each; old buckets are swept with the others.
fn count_over_all(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let now = tx.now();
    let name = format!("codes.{}", now.seconds().div_euclid(seconds(CODE_WINDOW)));
    let before = admins::bucket(tx, &name)?;
    let failures = before.failures.saturating_add(1);
    admins::put_bucket(tx, &name, Bucket { failures, last: now })?;
    if failures == ALARM {
        log::warn!(codes = failures, window_s = seconds(CODE_WINDOW); "Many unknown codes came: somebody may be guessing.");
        meta::put_moment(tx, ALARM_MOMENT, now)?;
    }
    Ok(())
}

fn seconds(span: Duration) -> i64 {
    i64::try_from(span.as_secs()).unwrap_or(i64::MAX)
}
