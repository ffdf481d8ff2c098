//! Which bot this data file belongs to, and what admins have to consent to: a change of bots, the end of a foreign webhook.

use std::time::Duration;

use crate::actions::{Caller, Error, Refusal};
use crate::clock::Timestamp;
use crate::ids::ChatId;
use crate::model::admin::Role;
use crate::model::chat::Reachability;
use crate::model::settings::BotIdentity;
use crate::store::{Read, StoreError, Tx, chats, journal, meta};

/// How long the consent to remove a webhook holds.
const CONSENT: Duration = Duration::from_mins(10);
/// Chats that are marked unknown in one transaction.
const CHUNK: usize = 1000;

const WEBHOOK_CONSENT: &str = "bot.webhook.consent";
const WEBHOOK_REMOVED: &str = "bot.webhook.removed";
const CHANGED: &str = "bot.changed";
const MARKED: &str = "bot.marked";

/// What meeting a bot came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meeting {
    /// It is the bot of this file, or the first one.
    Same,
    /// The file belongs to this other bot.
    Other(BotIdentity),
}

/// A token was found to be this bot's: the first bot is adopted, the known one brought up to date, another one refused.
pub fn meet(tx: &mut Tx<'_>, found: &BotIdentity) -> Result<Meeting, StoreError> {
    match meta::bot(tx)? {
        Some(known) if known.id != found.id => Ok(Meeting::Other(known)),
        known => {
            if known.is_none_or(|known| (known.username, known.name) != (found.username.clone(), found.name.clone())) {
                meta::put_bot(tx, found)?;
            }
            Ok(Meeting::Same)
        }
    }
}

/// An admin confirms that the data file goes on with another bot. Its queue is read from the beginning, and no chat is
/// known to be reachable: each person has to start the new bot.
pub fn accept(tx: &mut Tx<'_>, caller: &Caller, found: &BotIdentity) -> Result<(), Error> {
    caller.needs(Role::Owner)?;
    if meta::bot(tx)?.is_some_and(|known| known.id == found.id) {
        return Err(Refusal::conflict(None, "The data file already belongs to this bot.").into());
    }
    meta::put_bot(tx, found)?;
    meta::put_offset(tx, None)?;
    meta::put_seen(tx, &[])?;
    let now = tx.now();
    meta::put_moment(tx, CHANGED, now)?;
    journal::audit(tx, caller.actor, "bot.accept", format!("@{}", found.username))?;
    Ok(())
}

/// Whether chats of an earlier bot are still to be marked unknown. Updates wait until that is done.
pub fn has_chats_to_mark(read: &impl Read) -> Result<bool, StoreError> {
    Ok(match (meta::moment(read, CHANGED)?, meta::moment(read, MARKED)?) {
        (Some(changed), marked) => marked.is_none_or(|marked| marked < changed),
        (None, _) => false,
    })
}

/// Marks a chunk of chats unknown, from behind `after`; where to go on, or `None` when all are.
pub fn mark_unknown(tx: &mut Tx<'_>, after: Option<ChatId>) -> Result<Option<ChatId>, StoreError> {
    let rows = chats::walk(tx, after, CHUNK)?;
    for (id, old) in &rows {
        if old.reachability != Reachability::Unknown {
            let mut new = old.clone();
            new.reachability = Reachability::Unknown;
            chats::put(tx, *id, Some(old), &new)?;
        }
    }
    match rows.last() {
        Some((last, _)) if rows.len() == CHUNK => Ok(Some(*last)),
        Some(_) | None => {
            let now = tx.now();
            meta::put_moment(tx, MARKED, now)?;
            Ok(None)
        }
    }
}

/// An admin consents to the removal of a webhook that another program set. The poller then removes it; updates that
/// wait are kept.
pub fn consent_to_webhook_removal(tx: &mut Tx<'_>, caller: &Caller) -> Result<(), Error> {
    caller.needs(Role::Owner)?;
    let now = tx.now();
    meta::put_moment(tx, WEBHOOK_CONSENT, now)?;
    journal::audit(tx, caller.actor, "bot.webhook.remove", "")?;
    Ok(())
}

/// Whether a consent is there that was not used and is not too old.
pub fn may_remove_webhook(read: &impl Read) -> Result<bool, StoreError> {
    let Some(given) = meta::moment(read, WEBHOOK_CONSENT)? else { return Ok(false) };
    let used = meta::moment(read, WEBHOOK_REMOVED)?.unwrap_or(Timestamp(i64::MIN));
    Ok(used < given && read.now().since(given) < CONSENT)
}

/// The webhook was removed: the consent is used up.
pub fn webhook_removed(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let now = tx.now();
    meta::put_moment(tx, WEBHOOK_REMOVED, now)
}
