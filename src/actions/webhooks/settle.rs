//! What becomes of events after attempts: delivered, tried again later, given up; and of an endpoint that fails for a day or says
//! that it is gone. Everything one round of the sender learned is written in one transaction.

use std::time::Duration;

use crate::actions::messages::notice;
use crate::clock::Timestamp;
use crate::ids::{EndpointId, EventId};
use crate::model::admin::Role;
use crate::model::event::Actor;
use crate::model::webhook::{Attempt, BACKLOG_KEPT, Endpoint, Outcome, Progress, State, TRIED, Waiting, Why, pause};
use crate::store::webhooks::{self, Turn};
use crate::store::{Read as _, StoreError, Tx, admins, chats, journal};

/// The longest pause that an endpoint may ask for.
const LONGEST_WISH: Duration = Duration::from_hours(1);

/// An endpoint that failed for so long and takes an event is well again: what it waits for is tried at once.
const TROUBLE: Duration = Duration::from_mins(5);
/// Most events that are tried at once then; what is beyond keeps its time.
const HASTENED: usize = 2_000;

/// An attempt that ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Which event, and whose.
    pub turn: Turn,
    /// When it ended.
    pub at: Timestamp,
    /// What came of it.
    pub outcome: Outcome,
    /// The status that was answered.
    pub status: Option<u16>,
    /// How long it took.
    pub took: Duration,
    /// How long the endpoint asks to wait.
    pub wish: Option<Duration>,
}

/// What the sender learned about one endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    /// Everything up to this event was delivered, is not for the endpoint, or has a row after this round.
    pub cursor: EventId,
    /// Events up to the cursor that are still on their way or wait for one that is: they get a row.
    pub held: Vec<Turn>,
    /// Attempts that ended.
    pub ended: Vec<Ended>,
}

impl Round {
    /// One in which nothing ended.
    #[must_use]
    pub fn new(cursor: EventId) -> Self {
        Self { cursor, held: Vec::new(), ended: Vec::new() }
    }
}

/// Writes a round down. Of an endpoint that is gone nothing is left to write.
pub fn settle(tx: &mut Tx<'_>, id: EndpointId, round: &Round) -> Result<(), StoreError> {
    let Some(mut endpoint) = webhooks::get(tx, id)? else { return Ok(()) };
    let Some(mut progress) = webhooks::progress(tx, id)? else { return Ok(()) };
    let now = tx.now();
    for turn in &round.held {
        if webhooks::waiting(tx, id, *turn)?.is_none() {
            webhooks::put(tx, id, *turn, &Waiting::new(now))?;
        }
    }
    for ended in &round.ended {
        let old = webhooks::waiting(tx, id, ended.turn)?;
        let row = old.unwrap_or_else(|| Waiting::new(now));
        log(tx, id, ended, &row, ended.outcome)?;
        if ended.outcome == Outcome::Gone && endpoint.is_active() {
            switched_off(tx, id, &mut endpoint, Why::Gone)?;
        }
        if ended.outcome == Outcome::Delivered {
            let was_troubled = progress.failing.is_some_and(|since| ended.at.since(since) >= TROUBLE);
            progress.failing = None;
            progress.delivered = Some(ended.at);
            if row.is_asked_after(ended.at.minus(ended.took)) {
                webhooks::put(tx, id, ended.turn, &row.afresh(now))?;
            } else {
                webhooks::settle(tx, id, ended.turn)?;
            }
            if was_troubled {
                webhooks::change(tx, id, HASTENED, |waiting| waiting.hastened(now))?;
            }
        } else if row.is_test || ended.outcome == Outcome::GivenUp {
            webhooks::settle(tx, id, ended.turn)?;
        } else {
            failed(tx, id, &mut endpoint, &mut progress, (ended, row))?;
        }
    }
    progress.cursor = progress.cursor.max(round.cursor);
    if is_idle(tx, id)? {
        progress.failing = None;
    }
    webhooks::put_progress(tx, id, &progress)
}

/// Whether nothing is tried again: then nothing fails, and what fails next begins a day of its own.
fn is_idle(tx: &Tx<'_>, id: EndpointId) -> Result<bool, StoreError> {
    Ok(webhooks::progress(tx, id)?.is_some_and(|progress| progress.waiting == 0))
}

/// An attempt failed that may be repeated.
fn failed(
    tx: &mut Tx<'_>,
    id: EndpointId,
    endpoint: &mut Endpoint,
    progress: &mut Progress,
    (ended, row): (&Ended, Waiting),
) -> Result<(), StoreError> {
    let since = row.since.unwrap_or(ended.at);
    let failing = *progress.failing.get_or_insert(ended.at);
    let mut next = Waiting { since: Some(since), tries: row.tries.saturating_add(1), ..row };
    if endpoint.is_active() {
        if ended.at.since(failing) >= TRIED {
            switched_off(tx, id, endpoint, Why::Failing { since: failing, last: ended.outcome })?;
        } else if ended.at.since(since) >= TRIED {
            log(tx, id, ended, &next, Outcome::GivenUp)?;
            return webhooks::settle(tx, id, ended.turn);
        }
    }
    let wait = jittered(tx, pause(next.tries)).max(ended.wish.unwrap_or_default().min(LONGEST_WISH));
    // The last attempt is made when the day is over, and not hours before or after it.
    let last = since.plus(TRIED);
    next.due = if ended.at < last { ended.at.plus(wait).min(last) } else { ended.at.plus(wait) };
    webhooks::put(tx, id, ended.turn, &next)
}

/// A fifth more or less, so that what failed together does not come back together.
fn jittered(tx: &Tx<'_>, wait: Duration) -> Duration {
    let most = u64::try_from(wait.as_millis() * 2 / 5).unwrap_or(0);
    wait * 4 / 5 + Duration::from_millis(tx.rng().below(most + 1))
}

fn log(tx: &mut Tx<'_>, id: EndpointId, ended: &Ended, row: &Waiting, outcome: Outcome) -> Result<(), StoreError> {
    let given_up = outcome == Outcome::GivenUp;
    let attempt = Attempt {
        at: ended.at,
        event: ended.turn.event,
        is_test: row.is_test,
        number: if given_up { row.tries } else { row.tries.saturating_add(1) },
        outcome,
        status: ended.status.filter(|_| !given_up),
        took_ms: if given_up { 0 } else { u32::try_from(ended.took.as_millis()).unwrap_or(u32::MAX) },
    };
    webhooks::log(tx, id, &attempt).map(|_| ())
}

/// Switches an endpoint off that cannot go on, and tells the admins.
fn switched_off(tx: &mut Tx<'_>, id: EndpointId, endpoint: &mut Endpoint, why: Why) -> Result<(), StoreError> {
    endpoint.state = State::Off { at: tx.now(), why };
    webhooks::update(tx, id, endpoint)?;
    let reason = match why {
        Why::Asked(_) => return Ok(()),
        Why::Gone => Outcome::Gone.words().to_owned(),
        Why::Failing { last, .. } => format!("every attempt had failed for a day; the last time, {}", last.words()),
    };
    let days = BACKLOG_KEPT.as_secs() / 86_400;
    let text = format!(
        "The webhook endpoint \"{}\" was switched off: {reason}. What happens is kept for {days} days, and \
         delivered in order when the endpoint is switched on again.",
        endpoint.name
    );
    journal::audit(tx, Actor::System, "webhook.off", super::subject(endpoint))?;
    for (admin, row) in admins::all(tx)? {
        if row.role < Role::Operator {
            continue;
        }
        for (chat, row) in chats::of_admin(tx, admin)? {
            if row.reachability.may_send() {
                notice(tx, chat, text.clone())?;
            }
        }
    }
    Ok(())
}
