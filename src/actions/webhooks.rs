//! Webhook endpoints: made, looked at, changed, switched on and off, tried. What is sent, and when, is decided in `settle` for
//! whoever sends; this file is what people and the website ask for.

mod settle;
mod url;

pub use settle::{Ended, Round, settle};
pub use url::check as check_url;

use crate::actions::{Caller, Error, Refusal};
use crate::clock::Timestamp;
use crate::config::WebhookAllow;
use crate::ids::{AttemptId, EndpointId, EventId};
use crate::model::admin::Role;
use crate::model::webhook::{
    ATTEMPTS_KEPT, Attempt, BACKLOG_KEPT, Chosen, ENDPOINTS_MAX, Endpoint, OVERLAP, Progress, SigningSecret, State,
    Waiting, Why, parse_name,
};
use crate::store::webhooks::{self, NOBODY, Turn};
use crate::store::{Read, StoreError, Tx, journal};

/// Most rows of an endpoint that are forgotten at once.
const TRIMMED: usize = 10_000;
/// When a test is due: before everything else, however much waits.
const FIRST: Timestamp = Timestamp(0);

/// An endpoint as asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewEndpoint {
    /// What it is for; the host of its address when it is empty.
    pub name: String,
    /// Where events go.
    pub url: String,
    /// The names of the events; all of them without a list.
    pub events: Option<Vec<String>>,
}

/// What is to be different of an endpoint; what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// What it is for.
    pub name: Option<String>,
    /// Where events go.
    pub url: Option<String>,
    /// The names of the events; `Some(None)` chooses all.
    pub events: Option<Option<Vec<String>>>,
}

/// An endpoint as lists and pages show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its number.
    pub id: EndpointId,
    /// Its row.
    pub endpoint: Endpoint,
    /// How far it is: how many events are tried again or wait behind one that is, since when it fails, when it last took one.
    pub progress: Progress,
    /// When something is tried again, if anything is; never for one that is switched off.
    pub next_try: Option<Timestamp>,
}

/// All endpoints, the oldest first; there are few.
pub fn list(read: &impl Read) -> Result<Vec<Shown>, StoreError> {
    let rows = webhooks::all(read)?;
    rows.into_iter().filter_map(|(id, endpoint)| shown(read, id, endpoint).transpose()).collect()
}

/// One endpoint; nothing when there is none with this number.
pub fn find(read: &impl Read, id: EndpointId) -> Result<Option<Shown>, StoreError> {
    match webhooks::get(read, id)? {
        Some(endpoint) => shown(read, id, endpoint),
        None => Ok(None),
    }
}

fn shown(read: &impl Read, id: EndpointId, endpoint: Endpoint) -> Result<Option<Shown>, StoreError> {
    let Some(progress) = webhooks::progress(read, id)? else { return Ok(None) };
    let next = if endpoint.is_active() { webhooks::due(read, id, 1)?.pop() } else { None };
    let next_try = next.map(|(at, _)| if at == FIRST { read.now() } else { at });
    Ok(Some(Shown { id, endpoint, progress, next_try }))
}

/// Makes an endpoint, which gets what happens from now on. Its secret is told here. Fields of refusals: `name`, `url`, `events`.
pub fn create(
    tx: &mut Tx<'_>,
    caller: &Caller,
    allow: &WebhookAllow,
    asked: &NewEndpoint,
) -> Result<(EndpointId, Endpoint, SigningSecret), Error> {
    caller.needs(Role::Operator)?;
    let target = check_url(allow, &asked.url)?;
    let events = Chosen::parse(asked.events.as_deref()).map_err(|error| Refusal::invalid("events", error))?;
    let name = named(&asked.name, target.host_str())?;
    if webhooks::all(tx)?.len() >= ENDPOINTS_MAX {
        let text = format!("There are {ENDPOINTS_MAX} endpoints, which is the most; delete one first.");
        return Err(Refusal::conflict(None, text).into());
    }
    let secret = SigningSecret::random(tx.rng());
    let endpoint = Endpoint {
        name,
        url: target.to_string(),
        events,
        state: State::Active,
        secret_sealed: webhooks::seal(tx, &secret),
        previous: None,
        mark: u64::from_be_bytes(tx.rng().bytes()),
        created: tx.now(),
        created_by: caller.actor,
    };
    let cursor = journal::newest(tx)?;
    let id = webhooks::insert(tx, &endpoint, cursor)?;
    journal::audit(tx, caller.actor, "webhook.create", subject(&endpoint))?;
    Ok((id, endpoint, secret))
}

/// Changes an endpoint. What waits already goes to the new address, and at once.
pub fn edit(
    tx: &mut Tx<'_>,
    caller: &Caller,
    allow: &WebhookAllow,
    id: EndpointId,
    change: &Change,
) -> Result<Endpoint, Error> {
    caller.needs(Role::Operator)?;
    let old = existing(tx, id)?;
    let url = match &change.url {
        Some(text) => check_url(allow, text)?.to_string(),
        None => old.url.clone(),
    };
    let events = match &change.events {
        Some(names) => Chosen::parse(names.as_deref()).map_err(|error| Refusal::invalid("events", error))?,
        None => old.events.clone(),
    };
    let host = ::url::Url::parse(&url).ok();
    let name = match &change.name {
        Some(text) => named(text, host.as_ref().and_then(::url::Url::host_str))?,
        None => old.name.clone(),
    };
    let new = Endpoint { name, url, events, ..old.clone() };
    if new != old {
        webhooks::update(tx, id, &new)?;
        if new.url != old.url {
            forgive(tx, id)?;
        }
        journal::audit(tx, caller.actor, "webhook.edit", subject(&new))?;
    }
    Ok(new)
}

/// What failed at another address does not count at this one.
fn forgive(tx: &mut Tx<'_>, id: EndpointId) -> Result<(), StoreError> {
    let now = tx.now();
    if let Some(progress) = webhooks::progress(tx, id)? {
        webhooks::put_progress(tx, id, &Progress { failing: None, ..progress })?;
    }
    webhooks::change(tx, id, usize::MAX, |waiting| waiting.afresh(now))
}

/// Deletes an endpoint with all that waits for it, and its log.
pub fn delete(tx: &mut Tx<'_>, caller: &Caller, id: EndpointId) -> Result<(), Error> {
    caller.needs(Role::Operator)?;
    let endpoint = existing(tx, id)?;
    webhooks::remove(tx, id)?;
    journal::audit(tx, caller.actor, "webhook.delete", subject(&endpoint))?;
    Ok(())
}

/// Gives an endpoint another secret, which is told here. The one before signs along for [`OVERLAP`]; one before that ends at once.
pub fn rotate(tx: &mut Tx<'_>, caller: &Caller, id: EndpointId) -> Result<(Endpoint, SigningSecret), Error> {
    caller.needs(Role::Operator)?;
    let old = existing(tx, id)?;
    let secret = SigningSecret::random(tx.rng());
    let previous = Some((old.secret_sealed.clone(), tx.now().plus(OVERLAP)));
    let new = Endpoint { secret_sealed: webhooks::seal(tx, &secret), previous, ..old };
    webhooks::update(tx, id, &new)?;
    journal::audit(tx, caller.actor, "webhook.rotate", subject(&new))?;
    Ok((new, secret))
}

/// Switches an endpoint on. What happened while it was off is delivered in order; when it was off for longer than
/// [`BACKLOG_KEPT`], it begins with what happens now. One that is on already stays as it is.
pub fn switch_on(tx: &mut Tx<'_>, caller: &Caller, id: EndpointId) -> Result<Endpoint, Error> {
    caller.needs(Role::Operator)?;
    let old = existing(tx, id)?;
    let State::Off { at, .. } = old.state else { return Ok(old) };
    let now = tx.now();
    let new = Endpoint { state: State::Active, ..old };
    webhooks::update(tx, id, &new)?;
    if now.since(at) > BACKLOG_KEPT {
        webhooks::clear(tx, id)?;
    }
    let Some(progress) = webhooks::progress(tx, id)? else { return Ok(new) };
    let cursor = if now.since(at) > BACKLOG_KEPT { journal::newest(tx)? } else { progress.cursor };
    webhooks::put_progress(tx, id, &Progress { cursor, failing: None, ..progress })?;
    webhooks::change(tx, id, usize::MAX, |waiting| waiting.afresh(now))?;
    journal::audit(tx, caller.actor, "webhook.on", subject(&new))?;
    Ok(new)
}

/// Switches an endpoint off. What happens meanwhile is kept for [`BACKLOG_KEPT`]. One that is off already stays as it is.
pub fn switch_off(tx: &mut Tx<'_>, caller: &Caller, id: EndpointId) -> Result<Endpoint, Error> {
    caller.needs(Role::Operator)?;
    let old = existing(tx, id)?;
    if !old.is_active() {
        return Ok(old);
    }
    let new = Endpoint { state: State::Off { at: tx.now(), why: Why::Asked(caller.actor) }, ..old };
    webhooks::update(tx, id, &new)?;
    journal::audit(tx, caller.actor, "webhook.off", subject(&new))?;
    Ok(new)
}

/// Sends an event of its own kind to an endpoint, once; what comes of it stands in its log under the number returned.
pub fn test(tx: &mut Tx<'_>, caller: &Caller, id: EndpointId) -> Result<EventId, Error> {
    caller.needs(Role::Operator)?;
    let endpoint = active(tx, id)?;
    let event = journal::number(tx)?;
    let waiting = Waiting { is_test: true, due: FIRST, ..Waiting::new(tx.now()) };
    webhooks::put(tx, id, Turn { account: NOBODY, event }, &waiting)?;
    journal::audit(tx, caller.actor, "webhook.test", subject(&endpoint))?;
    Ok(event)
}

/// Sends an event to an endpoint again, also one that it took, that was given up, or that it did not choose. Its message keeps its
/// name, so that a receiver that has worked on it knows it. One that has not had its turn yet keeps it; one that is on its way
/// right now leaves once more.
pub fn send_again(tx: &mut Tx<'_>, caller: &Caller, id: EndpointId, event: EventId) -> Result<(), Error> {
    caller.needs(Role::Operator)?;
    let endpoint = active(tx, id)?;
    let Some(row) = journal::event(tx, event)? else {
        let text = format!("There is no event {event}, or it is no longer kept.");
        return Err(Refusal { field: Some("event_id"), ..Refusal::not_found(text) }.into());
    };
    let turn = Turn { account: row.account.map_or(NOBODY, |(account, _)| account), event };
    let now = tx.now();
    webhooks::put(tx, id, turn, &Waiting::again(now))?;
    journal::audit(tx, caller.actor, "webhook.again", format!("{}, event {event}", subject(&endpoint)))?;
    Ok(())
}

/// Attempts at an endpoint, the newest first, behind `before`.
pub fn attempts(
    read: &impl Read,
    id: EndpointId,
    before: Option<AttemptId>,
    limit: usize,
) -> Result<Vec<(AttemptId, Attempt)>, StoreError> {
    webhooks::attempts(read, id, before, limit)
}

/// The secrets that sign now: the newest first, and the one before it while it is good. What cannot be opened is left out.
pub fn secrets(read: &impl Read, endpoint: &Endpoint) -> Vec<SigningSecret> {
    let now = read.now();
    let previous = endpoint.previous.as_ref().filter(|(_, until)| now < *until).map(|(sealed, _)| sealed);
    let sealed = [Some(&endpoint.secret_sealed), previous];
    sealed.into_iter().flatten().filter_map(|sealed| webhooks::secret(read, sealed)).collect()
}

/// Forgets what has been kept long enough: attempts, secrets that no longer sign, the backlog of what is switched off.
pub(super) fn sweep(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let now = tx.now();
    for (id, endpoint) in webhooks::all(tx)? {
        webhooks::trim_attempts(tx, id, now.minus(ATTEMPTS_KEPT))?;
        let waits = webhooks::progress(tx, id)?.is_some_and(|progress| progress.waiting > 0);
        if waits && endpoint.backlog_until().is_some_and(|until| until < now) {
            webhooks::trim(tx, id, TRIMMED)?;
        }
        if endpoint.previous.as_ref().is_some_and(|(_, until)| *until <= now) {
            webhooks::update(tx, id, &Endpoint { previous: None, ..endpoint })?;
        }
    }
    Ok(())
}

fn existing(read: &impl Read, id: EndpointId) -> Result<Endpoint, Error> {
    Ok(webhooks::get(read, id)?.ok_or_else(|| Refusal::not_found("There is no such webhook endpoint."))?)
}

fn active(read: &impl Read, id: EndpointId) -> Result<Endpoint, Error> {
    let endpoint = existing(read, id)?;
    if endpoint.is_active() {
        Ok(endpoint)
    } else {
        Err(Refusal::conflict(None, "This endpoint is switched off; switch it on first.").into())
    }
}

fn named(text: &str, host: Option<&str>) -> Result<String, Error> {
    let name = parse_name(text).map_err(|error| Refusal::invalid("name", error))?;
    let host = || host.unwrap_or_default().chars().take(crate::model::webhook::NAME_MAX).collect();
    Ok(if name.is_empty() { host() } else { name })
}

/// How the audit calls an endpoint. Without its whole address, which may hold what only its receiver should know.
fn subject(endpoint: &Endpoint) -> String {
    let host = ::url::Url::parse(&endpoint.url).ok();
    let host = host.as_ref().and_then(::url::Url::host_str).unwrap_or_default().to_owned();
    if host == endpoint.name { host } else { format!("{} ({host})", endpoint.name) }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod walk;
