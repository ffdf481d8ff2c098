//! What is done to a broadcast once it is written: started, scheduled, paused, resumed, cancelled, ended.

use std::time::Duration;

use crate::actions::broadcasts::life::{self, Act};
use crate::actions::broadcasts::{Revision, audit, check_rate, existing};
use crate::actions::{Caller, Error, Refusal, events};
use crate::clock::Timestamp;
use crate::config::Config;
use crate::ids::BroadcastId;
use crate::model::admin::Role;
use crate::model::broadcast::{Broadcast, BroadcastState, Pause};
use crate::model::event::{Actor, EventKind};
use crate::model::recipient::{Recipient, RecipientState};
use crate::store::recipients::{self, Ledger};
use crate::store::{self, Read, StoreError, Tx, journal};

/// Up to so many chats a broadcast starts without their number being typed.
pub const APPROVED_WITHOUT_TYPING: u64 = 100;
/// How far ahead a broadcast can be scheduled.
pub const SCHEDULE_MAX: Duration = Duration::from_hours(366 * 24);
/// A scheduled broadcast that is later than this waits for a person.
const LATE: Duration = Duration::from_mins(15);

/// What a person was shown before they said "start".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Chats it would go to.
    pub chats: u64,
    /// The same number as they typed it; needed for many.
    pub typed: Option<u64>,
    /// What they read; nothing for who made it a moment ago.
    pub revision: Option<Revision>,
}

impl Approval {
    fn check(self, read: &impl Read, id: BroadcastId, row: &Broadcast) -> Result<(), Error> {
        let Self { chats, typed, revision } = self;
        if let Some(seen) = revision
            && super::revision(read, id, row)? != seen
        {
            let sentence = "This broadcast was changed after you looked at it. Look again; nothing was started.";
            return Err(Refusal::conflict(None, sentence).into());
        }
        if chats == 0 {
            let sentence = "This audience is nobody: no chat of it can be reached and wants broadcasts.";
            return Err(Refusal::conflict(Some("audience"), sentence).into());
        }
        let refusal = match typed {
            Some(typed) if typed == chats => return Ok(()),
            None if chats <= APPROVED_WITHOUT_TYPING => return Ok(()),
            Some(typed) => format!("This goes to {chats} chats, and you typed {typed}. Look at the number again."),
            None => format!("This goes to {chats} chats. Type that number to go on."),
        };
        Err(Refusal::invalid("typed", refusal).into())
    }
}

/// Starts a draft or a scheduled broadcast now: its audience is frozen. A second start of the same is refused and does
/// no harm.
pub fn start(tx: &mut Tx<'_>, caller: &Caller, id: BroadcastId, approval: Approval) -> Result<(), Error> {
    caller.needs(Role::Sender)?;
    let (old, new) = decide(tx, id, &Act::Start)?;
    approval.check(tx, id, &old)?;
    launch(tx, caller.actor, id, &old, new)
}

fn launch(tx: &mut Tx<'_>, actor: Actor, id: BroadcastId, old: &Broadcast, new: Broadcast) -> Result<(), Error> {
    let started = Some(tx.now());
    store::broadcasts::update(tx, id, old, &Broadcast { started, ..new })?;
    audit(tx, actor, "start", id)
}

/// Lets a draft start by itself at `at`, or a scheduled one at another time.
pub fn schedule(
    tx: &mut Tx<'_>,
    caller: &Caller,
    id: BroadcastId,
    at: Timestamp,
    approval: Approval,
) -> Result<(), Error> {
    caller.needs(Role::Sender)?;
    let (old, new) = decide(tx, id, &Act::Schedule(at))?;
    let now = tx.now();
    if at <= now {
        return Err(Refusal::invalid("at", "This moment is over. Choose one to come, or start it now.").into());
    }
    if at > now.plus(SCHEDULE_MAX) {
        return Err(Refusal::invalid("at", "A broadcast can be scheduled for the year to come.").into());
    }
    approval.check(tx, id, &old)?;
    put(tx, caller.actor, "schedule", id, &old, &new)
}

/// Takes a broadcast off the schedule, also one whose moment was missed: it is a draft again.
pub fn unschedule(tx: &mut Tx<'_>, caller: &Caller, id: BroadcastId) -> Result<(), Error> {
    caller.needs(Role::Sender)?;
    let (old, new) = decide(tx, id, &Act::Unschedule)?;
    put(tx, caller.actor, "unschedule", id, &old, &new)
}

/// Starts a scheduled broadcast whose moment came; one whose moment was missed by more than 15 minutes waits for a
/// person. For the loop that keeps the schedule; whether anything was done.
pub fn due(tx: &mut Tx<'_>, id: BroadcastId) -> Result<bool, Error> {
    let Some(old) = store::broadcasts::get(tx, id)? else { return Ok(false) };
    let BroadcastState::Scheduled { at } = old.state else { return Ok(false) };
    let now = tx.now();
    if now < at {
        return Ok(false);
    }
    if now.since(at) > LATE {
        let (old, new) = decide(tx, id, &Act::Pause(Pause::Missed(at)))?;
        put(tx, Actor::System, "miss", id, &old, &new)?;
    } else {
        let (old, new) = decide(tx, id, &Act::Launch)?;
        launch(tx, Actor::System, id, &old, new)?;
    }
    Ok(true)
}

/// Lets a running broadcast wait. What is on its way arrives.
pub fn pause(tx: &mut Tx<'_>, caller: &Caller, id: BroadcastId) -> Result<(), Error> {
    caller.needs(Role::Sender)?;
    let (old, new) = decide(tx, id, &Act::Pause(Pause::Person))?;
    put(tx, caller.actor, "pause", id, &old, &new)
}

/// Lets a broadcast wait because Telegram cannot read what it says, in Telegram's words; it would fail for everyone. For
/// the sender. One that does not run is left as it is; whether anything was done.
pub fn halt(tx: &mut Tx<'_>, id: BroadcastId, words: &str) -> Result<bool, Error> {
    let Some(old) = store::broadcasts::get(tx, id)? else { return Ok(false) };
    let act = Act::Pause(Pause::Markup(words.to_owned()));
    let Ok(state) = life::after(&old.state, &act, tx.now()) else { return Ok(false) };
    let new = Broadcast { state, ..old.clone() };
    put(tx, Actor::System, "halt", id, &old, &new)?;
    Ok(true)
}

/// Lets a paused broadcast go on where it was; one whose moment was missed starts now.
pub fn resume(tx: &mut Tx<'_>, caller: &Caller, id: BroadcastId) -> Result<(), Error> {
    caller.needs(Role::Sender)?;
    let frozen = store::broadcasts::figures(tx, id)?.frozen;
    let (old, mut new) = decide(tx, id, &Act::Resume { frozen })?;
    new.started = new.started.or(Some(tx.now()));
    put(tx, caller.actor, "resume", id, &old, &new)?;
    finish(tx, id).map(|_| ())
}

/// Takes a broadcast back: what waits is cancelled at once, what is on its way arrives and is settled later. A scheduled
/// one is cancelled too and can be duplicated; who wants it as a draft takes it off the schedule.
///
/// Rows that wait in order are not written, they are read as cancelled; only those that wait again are, one by one.
pub fn cancel(tx: &mut Tx<'_>, caller: &Caller, id: BroadcastId) -> Result<(), Error> {
    caller.needs(Role::Sender)?;
    let (old, new) = decide(tx, id, &Act::Cancel)?;
    if old.started.is_some() {
        cancel_rows(tx, id)?;
    }
    put(tx, caller.actor, "cancel", id, &old, &new)?;
    events::record(tx, None, EventKind::BroadcastDone(id))?;
    Ok(())
}

fn cancel_rows(tx: &mut Tx<'_>, id: BroadcastId) -> Result<(), StoreError> {
    let at = tx.now();
    let mut ledger = Ledger::open(tx, id)?;
    for position in recipients::returned_positions(tx, id)? {
        let Some(row) = recipients::get(tx, id, position)? else { continue };
        if matches!(row.state, RecipientState::Queued { .. }) {
            let cancelled = Recipient { state: RecipientState::Cancelled { at }, ..row.clone() };
            ledger.update(tx, position, &row, &cancelled)?;
        }
    }
    ledger.figures.cancel_queued();
    ledger.close(tx)
}

/// Changes how many messages a second a broadcast sends, while it runs too.
pub fn set_rate(
    tx: &mut Tx<'_>,
    caller: &Caller,
    config: &Config,
    id: BroadcastId,
    rate: Option<u32>,
) -> Result<(), Error> {
    caller.needs(Role::Sender)?;
    let (old, new) = decide(tx, id, &Act::SetRate)?;
    check_rate(tx, config, rate, old.paid)?;
    if old.rate == rate {
        return Ok(());
    }
    store::broadcasts::update(tx, id, &old, &Broadcast { rate, ..new })?;
    let shown = rate.map_or_else(|| "as the settings allow".to_owned(), |rate| format!("{rate}/s"));
    Ok(journal::audit(tx, caller.actor, "broadcast.rate", format!("broadcast {id}, {shown}"))?)
}

/// Ends a broadcast whose last outcome is known, and tells the website; whether it did. For the sender, after it settled.
pub fn finish(tx: &mut Tx<'_>, id: BroadcastId) -> Result<bool, Error> {
    let figures = store::broadcasts::figures(tx, id)?;
    if !figures.frozen || figures.open() > 0 {
        return Ok(false);
    }
    let Some(old) = store::broadcasts::get(tx, id)?.filter(|row| !row.status().is_final()) else { return Ok(false) };
    let Ok(state) = life::after(&old.state, &Act::Finish, tx.now()) else { return Ok(false) };
    store::broadcasts::update(tx, id, &old, &Broadcast { state, ..old.clone() })?;
    events::record(tx, None, EventKind::BroadcastDone(id))?;
    Ok(true)
}

/// The broadcast before and after an act, if it can be done.
fn decide(tx: &Tx<'_>, id: BroadcastId, act: &Act) -> Result<(Broadcast, Broadcast), Error> {
    let old = existing(tx, id)?;
    let state = life::after(&old.state, act, tx.now())?;
    let new = Broadcast { state, ..old.clone() };
    Ok((old, new))
}

fn put(
    tx: &mut Tx<'_>,
    actor: Actor,
    word: &str,
    id: BroadcastId,
    old: &Broadcast,
    new: &Broadcast,
) -> Result<(), Error> {
    store::broadcasts::update(tx, id, old, new)?;
    audit(tx, actor, word, id)
}
