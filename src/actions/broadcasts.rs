//! Broadcasts: written, started, paused, cancelled, sent again. What becomes of each recipient is the outbox's; the
//! states and what may be done in them are in [`life`], how the audience is written down in [`expand`].

pub mod audience;
pub mod content;
pub mod expand;
pub mod life;
pub mod report;

mod revision;
mod run;

pub use revision::{Revision, revision};
pub use run::{
    APPROVED_WITHOUT_TYPING, Approval, SCHEDULE_MAX, cancel, due, finish, halt, pause, resume, schedule, set_rate,
    start, unschedule,
};

use crate::actions::messages::{self, SendOptions, To};
use crate::actions::settings::Rates;
use crate::actions::{Caller, Error, Refusal};
use crate::clock::Timestamp;
use crate::config::Config;
use crate::ids::{BroadcastId, MessageId};
use crate::model::account::Username;
use crate::model::admin::Role;
use crate::model::broadcast::{Audience, Broadcast, BroadcastState, BroadcastStatus, PAID_RATE_MAX};
use crate::model::delivery::Standing;
use crate::model::event::Actor;
use crate::model::message::Body;
use crate::store::{self, Read, StoreError, Tx, journal, meta, recipients};
use life::Act;

/// Broadcasts that are looked at together for one that was made for the same recipients already.
const CHILDREN: usize = 100;
/// The oldest broadcasts of a status that one sweep looks at.
const SWEPT: usize = 50;

/// A broadcast as a form holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// What it says.
    pub body: Body,
    /// For whom.
    pub audience: Audience,
    /// Messages a second; `None`: as many as the settings allow.
    pub rate: Option<u32>,
    /// Whether it may cost Stars to be faster than the free limit.
    pub paid: bool,
}

/// Makes a draft.
pub fn create(tx: &mut Tx<'_>, caller: &Caller, config: &Config, draft: &Draft) -> Result<BroadcastId, Error> {
    caller.needs(Role::Sender)?;
    let draft = checked(tx, config, draft, None)?;
    let id = insert(tx, caller, draft)?;
    audit(tx, caller.actor, "create", id)?;
    Ok(id)
}

/// Changes a draft, or a scheduled broadcast. A scheduled one that gets another audience, or may suddenly cost something,
/// is a draft again: what was approved was something else. How it stands then.
pub fn edit(
    tx: &mut Tx<'_>,
    caller: &Caller,
    config: &Config,
    id: BroadcastId,
    draft: &Draft,
) -> Result<Broadcast, Error> {
    caller.needs(Role::Sender)?;
    let old = existing(tx, id)?;
    let mut state = life::after(&old.state, &Act::Edit, tx.now())?;
    let Draft { body, audience, rate, paid } = checked(tx, config, draft, Some(&old.audience))?;
    if audience != old.audience || (paid && !old.paid) {
        state = BroadcastState::Draft;
    }
    let new = Broadcast { state, audience, rate, paid, ..old.clone() };
    let is_new_body = store::broadcasts::body(tx, id)?.as_ref() != Some(&body);
    if new == old && !is_new_body {
        return Ok(old);
    }
    store::broadcasts::update(tx, id, &old, &new)?;
    if is_new_body {
        store::broadcasts::put_body(tx, id, &body)?;
    }
    audit(tx, caller.actor, "edit", id)?;
    Ok(new)
}

/// Changes what `change` says of a draft, or of a scheduled broadcast, and leaves the rest as it stands now: see [`edit`].
pub fn amend(
    tx: &mut Tx<'_>,
    caller: &Caller,
    config: &Config,
    id: BroadcastId,
    change: &impl Fn(&mut Draft),
) -> Result<Broadcast, Error> {
    let Broadcast { audience, rate, paid, .. } = existing(tx, id)?;
    let mut draft = Draft { body: says(tx, id)?, audience, rate, paid };
    change(&mut draft);
    edit(tx, caller, config, id, &draft)
}

/// Throws a draft away.
pub fn remove(tx: &mut Tx<'_>, caller: &Caller, id: BroadcastId) -> Result<(), Error> {
    caller.needs(Role::Sender)?;
    let old = existing(tx, id)?;
    life::after(&old.state, &Act::Remove, tx.now())?;
    store::broadcasts::remove(tx, id, &old)?;
    audit(tx, caller.actor, "remove", id)
}

/// Makes a draft with the content, audience and options of another broadcast.
pub fn duplicate(tx: &mut Tx<'_>, caller: &Caller, id: BroadcastId) -> Result<BroadcastId, Error> {
    caller.needs(Role::Sender)?;
    let audience = existing(tx, id)?.audience;
    let copy = copy(tx, id, audience)?;
    let new = insert(tx, caller, copy)?;
    journal::audit(tx, caller.actor, "broadcast.duplicate", format!("broadcast {id} -> {new}"))?;
    Ok(new)
}

/// Makes a draft for those of a broadcast's recipients whose delivery `ended` so: failed, or uncertain. Only when it is
/// over: later outcomes would belong to nobody's draft, and a second draft for them would reach the first ones twice. Asked
/// again, the draft that was made is found.
pub fn again(tx: &mut Tx<'_>, caller: &Caller, id: BroadcastId, ended: Standing) -> Result<BroadcastId, Error> {
    caller.needs(Role::Sender)?;
    let parent = existing(tx, id)?;
    if !matches!(ended, Standing::Failed | Standing::Uncertain) {
        let sentence = "Only to those that failed or are uncertain it can be sent again.";
        return Err(Refusal::invalid("ended", sentence).into());
    }
    let figures = store::broadcasts::figures(tx, id)?;
    if !parent.status().is_final() || figures.open() > 0 {
        let sentence = "This broadcast still runs, and others may fail. Send again when it is done or cancelled.";
        return Err(Refusal::conflict(None, sentence).into());
    }
    if figures.count(ended) == 0 {
        return Err(Refusal::conflict(None, format!("Nobody of this broadcast is {}.", ended.word())).into());
    }
    let audience = Audience::Again { of: id, ended };
    if let Some(child) = child(tx, id, &audience)? {
        return Ok(child);
    }
    let copy = copy(tx, id, audience)?;
    let new = insert(tx, caller, copy)?;
    journal::audit(tx, caller.actor, "broadcast.again", format!("broadcast {id} -> {new}"))?;
    Ok(new)
}

/// The broadcast that was made for these recipients and did not start yet. One that reached anybody is the only one: a
/// second would reach them twice.
fn child(tx: &Tx<'_>, parent: BroadcastId, audience: &Audience) -> Result<Option<BroadcastId>, Error> {
    let (mut before, mut draft) = (None, None);
    loop {
        let page = store::broadcasts::list(tx, None, before, CHILDREN)?;
        for (id, row) in page.iter().filter(|(id, row)| *id > parent && row.audience == *audience) {
            if row.status().may_edit() {
                draft = Some(*id);
                continue;
            }
            let figures = store::broadcasts::figures(tx, *id)?;
            let reached = figures.count(Standing::Sent) + figures.count(Standing::Uncertain);
            if !row.status().is_final() || reached > 0 {
                let sentence = format!("It was sent again as broadcast {id}. Its report tells who still lacks it.");
                return Err(Refusal::conflict(None, sentence).into());
            }
        }
        before = page.last().map(|(id, _)| *id).filter(|id| *id > parent);
        if before.is_none() {
            return Ok(draft);
        }
    }
}

/// Sends what a broadcast would say, with example names, to the caller's own chats.
pub fn test(tx: &mut Tx<'_>, caller: &Caller, body: Body) -> Result<MessageId, Error> {
    caller.needs(Role::Sender)?;
    let body = content::check(tx, body)?;
    let Actor::Admin(admin) = caller.actor else {
        return Err(Refusal::forbidden("Only an admin has chats of their own to test with.").into());
    };
    let chats = store::chats::of_admin(tx, admin)?;
    if !chats.iter().any(|(_, chat)| chat.reachability.may_send()) {
        let sentence = "Connect your own chat first: the test is sent there.";
        return Err(Refusal::conflict(None, sentence).into());
    }
    let options = SendOptions::default();
    messages::send(tx, caller, To::Admin(admin), content::sample(&body), options).map(|(id, _)| id)
}

/// Sends a broadcast to one account as that would get it, as a message of its own.
pub fn test_on(tx: &mut Tx<'_>, caller: &Caller, id: BroadcastId, username: &Username) -> Result<MessageId, Error> {
    caller.needs(Role::Sender)?;
    existing(tx, id)?;
    let body = says(tx, id)?;
    let unknown = || Refusal { field: Some("username"), ..Refusal::not_found("There is no such account.") };
    let (account, row) = store::accounts::find(tx, username)?.ok_or_else(unknown)?;
    let name = if meta::saved(tx)?.mask_username { row.username.masked() } else { row.username.to_string() };
    let body = Body { text: content::fill(&body, &name, &row.name), ..body };
    messages::send(tx, caller, To::Account(account), body, SendOptions::default()).map(|(id, _)| id)
}

/// Checks a draft; `kept` is the audience of the broadcast it changes.
fn checked(tx: &Tx<'_>, config: &Config, draft: &Draft, kept: Option<&Audience>) -> Result<Draft, Error> {
    let body = content::check(tx, draft.body.clone())?;
    let audience = match kept.filter(|kept| **kept == draft.audience) {
        Some(kept) => kept.clone(),
        None => audience::check(draft.audience.clone())?,
    };
    check_rate(tx, config, draft.rate, draft.paid)?;
    Ok(Draft { body, audience, rate: draft.rate, paid: draft.paid })
}

/// The fastest a broadcast may be set to: as the settings say, or what Telegram takes from those who pay.
pub fn fastest(read: &impl Read, config: &Config, paid: bool) -> Result<u32, Error> {
    let global = Rates::of(&meta::saved(read)?, config).global.value;
    Ok(if paid || global == 0 { PAID_RATE_MAX } else { global.min(PAID_RATE_MAX) })
}

fn check_rate(read: &impl Read, config: &Config, rate: Option<u32>, paid: bool) -> Result<(), Error> {
    let Some(rate) = rate else { return Ok(()) };
    let fastest = fastest(read, config, paid)?;
    if (1..=fastest).contains(&rate) {
        return Ok(());
    }
    let more =
        if paid || fastest == PAID_RATE_MAX { "" } else { " More than the settings allow needs a paid broadcast." };
    Err(Refusal::invalid("rate", format!("A broadcast sends 1 to {fastest} messages a second.{more}")).into())
}

/// Removes broadcasts that came to their end before `then`, of each the recipients first, at most `limit` rows; how many.
pub(super) fn sweep(tx: &mut Tx<'_>, then: Timestamp, limit: usize) -> Result<usize, StoreError> {
    let mut gone = 0;
    for status in BroadcastStatus::ALL.into_iter().filter(|status| status.is_final()) {
        for (id, broadcast) in store::broadcasts::oldest(tx, status, SWEPT)? {
            if gone >= limit || broadcast.state.ended().is_none_or(|ended| ended >= then) {
                continue;
            }
            let rows = recipients::clear(tx, id, limit - gone)?;
            gone += rows;
            if gone < limit {
                store::broadcasts::remove(tx, id, &broadcast)?;
            }
        }
    }
    Ok(gone)
}

/// The content and options of a broadcast, for another audience.
fn copy(tx: &Tx<'_>, id: BroadcastId, audience: Audience) -> Result<Draft, Error> {
    let old = existing(tx, id)?;
    Ok(Draft { body: says(tx, id)?, audience, rate: old.rate, paid: old.paid })
}

/// What a broadcast says.
fn says(read: &impl Read, id: BroadcastId) -> Result<Body, Error> {
    let body = store::broadcasts::body(read, id)?;
    Ok(body.ok_or_else(|| Refusal::conflict(None, "What this broadcast says can no longer be read."))?)
}

fn insert(tx: &mut Tx<'_>, caller: &Caller, draft: Draft) -> Result<BroadcastId, Error> {
    let Draft { body, audience, rate, paid } = draft;
    let row = Broadcast { audience, rate, paid, ..Broadcast::draft(caller.actor, tx.now()) };
    Ok(store::broadcasts::insert(tx, &row, &body)?)
}

fn existing(read: &impl Read, id: BroadcastId) -> Result<Broadcast, Error> {
    Ok(store::broadcasts::get(read, id)?.ok_or_else(|| Refusal::not_found("There is no such broadcast."))?)
}

fn audit(tx: &mut Tx<'_>, actor: Actor, word: &str, id: BroadcastId) -> Result<(), Error> {
    Ok(journal::audit(tx, actor, &format!("broadcast.{word}"), format!("broadcast {id}"))?)
}

#[cfg(test)]
pub(in crate::actions) mod tests;
