//! Sessions: begun, looked up, renewed and ended. The cookie's secret is never stored, only its hash.

use std::net::IpAddr;

use crate::actions::who::{Proves as _, Who};
use crate::actions::{Caller, Error, Refusal};
use crate::ids::{AccountId, AdminId, SessionId};
use crate::model::event::Actor;
use crate::model::session::{DEVICE_LIFE, STEP_UP, Session, Stage};
use crate::secret::{Hash, Secret};
use crate::store::{Read, StoreError, Tx, admins, journal, meta, sessions};

/// Characters of a browser's description that are kept.
const AGENT_MAX: usize = 120;
/// How long after its last failure a throttling bucket is forgotten.
const BUCKET_KEPT: std::time::Duration = std::time::Duration::from_hours(48);
/// Buckets that one sweep looks at.
const SWEPT: usize = 10_000;
/// Sessions, and browsers, that one sweep looks at.
const CHUNK: usize = 2000;

/// A session that is not over, with its person: an admin, or the person of an account in the portal.
#[derive(Clone, Debug, PartialEq)]
pub struct Signed<W: Who = AdminId> {
    /// The hash of the cookie's secret.
    pub cookie: Hash,
    /// Whose session it is.
    pub id: W,
    /// Their row.
    pub person: W::Person,
    /// The session's row.
    pub session: Session<W>,
}

impl Signed {
    /// Who asks, for actions.
    #[must_use]
    pub fn caller(&self) -> Caller {
        Caller { actor: Actor::Admin(self.id), role: self.person.role }
    }
}

impl Signed<AccountId> {
    /// Who asks, for actions that the portal offers: on their own account only.
    #[must_use]
    pub fn caller(&self) -> Caller {
        Caller::internal(Actor::Person(self.id))
    }
}

/// From where a session is begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The person's address, not the proxy's.
    pub address: IpAddr,
    /// How the browser describes itself.
    pub agent: String,
}

/// What a browser is given: the secrets for its cookies.
#[derive(Clone)]
pub struct Begun {
    /// The session's secret.
    pub session: Secret,
    /// The device's secret, when the sign-in is complete and the browser was not known.
    pub device: Option<Secret>,
}

/// The session of a cookie, if it is neither over nor of an older epoch.
pub fn find<W: Who>(read: &impl Read, cookie: Hash) -> Result<Option<Signed<W>>, StoreError> {
    let Some(session) = sessions::get::<W>(read, cookie)? else { return Ok(None) };
    if session.is_over(read.now()) {
        return Ok(None);
    }
    let Some(person) = session.whose.person(read)? else { return Ok(None) };
    let current = session.epoch == person.credentials().epoch;
    Ok(current.then_some(Signed { cookie, id: session.whose, person, session }))
}

/// Begins a session under a new secret.
pub(super) fn begin<W: Who>(tx: &mut Tx<'_>, id: W, stage: Stage, origin: &Origin) -> Result<Secret, StoreError> {
    let secret = Secret::random::<32>(tx.rng());
    let epoch = id.person(tx)?.map_or(0, |person| person.credentials().epoch);
    let now = tx.now();
    let session = Session {
        id: SessionId(0),
        whose: id,
        stage,
        epoch,
        created: now,
        seen: now,
        // A full sign-in has just shown both halves.
        stepped_up: (stage == Stage::Full).then(|| now.plus(STEP_UP)),
        csrf: Secret::random::<16>(tx.rng()).expose().to_owned(),
        address: origin.address.to_string(),
        agent: origin.agent.chars().filter(|c| !c.is_control()).take(AGENT_MAX).collect(),
    };
    sessions::insert(tx, secret.hash(), session)?;
    Ok(secret)
}

/// Gives a session a new secret and its person's present epoch; age and stage stay. The old secret is worthless then.
pub(super) fn renew<W: Who>(tx: &mut Tx<'_>, cookie: Hash) -> Result<Option<Secret>, StoreError> {
    let Some(mut session) = sessions::get::<W>(tx, cookie)? else { return Ok(None) };
    sessions::remove(tx, cookie, &session)?;
    let secret = Secret::random::<32>(tx.rng());
    session.epoch = session.whose.person(tx)?.map_or(session.epoch, |person| person.credentials().epoch);
    Secret::random::<16>(tx.rng()).expose().clone_into(&mut session.csrf);
    sessions::insert(tx, secret.hash(), session)?;
    Ok(Some(secret))
}

/// Ends the session of a cookie, if there is one.
pub fn end<W: Who>(tx: &mut Tx<'_>, cookie: Hash) -> Result<(), StoreError> {
    match sessions::get::<W>(tx, cookie)? {
        Some(session) => sessions::remove(tx, cookie, &session),
        None => Ok(()),
    }
}

/// Notes that a session was used just now. The caller does it at most once a minute.
pub fn touch<W: Who>(tx: &mut Tx<'_>, cookie: Hash) -> Result<(), StoreError> {
    let Some(signed) = find::<W>(tx, cookie)? else { return Ok(()) };
    let session = Session { seen: tx.now(), ..signed.session };
    sessions::update(tx, cookie, &session)
}

/// Ends one of the caller's own sessions, by its number in the list.
pub fn revoke<W: Who>(tx: &mut Tx<'_>, signed: &Signed<W>, id: SessionId) -> Result<(), Error> {
    let own = sessions::of(tx, signed.id)?.into_iter().find(|(_, session)| session.id == id);
    let (cookie, session) = own.ok_or_else(|| Refusal::not_found("This session has ended already."))?;
    sessions::remove(tx, cookie, &session)?;
    Ok(journal::audit(tx, signed.id.actor(), "session.revoke", signed.person.name())?)
}

/// Ends all sessions of a person and makes every open stream of theirs end: the epoch grows.
pub(super) fn end_all<W: Who>(tx: &mut Tx<'_>, id: W, person: &mut W::Person) -> Result<(), StoreError> {
    grow_epoch::<W>(person);
    id.keep(tx, person)?;
    sessions::remove_all(tx, id)
}

/// [`end_all`], but the session of `keep` goes on under a new secret.
pub(super) fn end_others<W: Who>(
    tx: &mut Tx<'_>,
    keep: &Signed<W>,
    person: &mut W::Person,
) -> Result<Option<Secret>, StoreError> {
    grow_epoch::<W>(person);
    keep.id.keep(tx, person)?;
    for (cookie, session) in sessions::of(tx, keep.id)? {
        if cookie != keep.cookie {
            sessions::remove(tx, cookie, &session)?;
        }
    }
    renew::<W>(tx, keep.cookie)
}

fn grow_epoch<W: Who>(person: &mut W::Person) {
    let credentials = person.credentials_mut();
    credentials.epoch = credentials.epoch.saturating_add(1);
}

/// Forgets sessions that are over, browsers that were not seen for long, and empty throttling buckets. For a regular sweep.
pub fn sweep(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    sweep_people::<AdminId>(tx)?;
    sweep_people::<AccountId>(tx)?;
    admins::remove_buckets_before(tx, tx.now().minus(BUCKET_KEPT), SWEPT).map(|_| ())
}

/// One piece of each table a call, so that a long one costs no more than a short one.
fn sweep_people<W: Who>(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let now = tx.now();
    let name = format!("sweep.{}.sessions", W::AUDIT);
    let from = meta::place(tx, &name)?;
    let rows = sessions::walk::<W>(tx, from, CHUNK)?;
    go_on(tx, &name, (from, rows.iter().map(|(cookie, _)| *cookie).collect()))?;
    for (cookie, session) in rows.into_iter().filter(|(_, session)| session.is_over(now)) {
        sessions::remove(tx, cookie, &session)?;
    }
    let name = format!("sweep.{}.devices", W::AUDIT);
    let from = meta::place(tx, &name)?;
    let rows = sessions::walk_devices::<W>(tx, from, CHUNK)?;
    go_on(tx, &name, (from, rows.iter().map(|(cookie, _)| *cookie).collect()))?;
    for (cookie, device) in rows.into_iter().filter(|(_, device)| device.seen < now.minus(DEVICE_LIFE)) {
        sessions::remove_device(tx, cookie, &device)?;
    }
    Ok(())
}

/// Notes where the next piece begins: behind this one, or at the beginning when it was the last.
fn go_on(tx: &mut Tx<'_>, name: &str, (from, piece): (Option<Hash>, Vec<Hash>)) -> Result<(), StoreError> {
    let next = piece.last().copied().filter(|_| piece.len() == CHUNK);
    if next == from { Ok(()) } else { meta::put_place(tx, name, next) }
}
