//! Sessions: begun, looked up, renewed and ended. The cookie's secret is never stored, only its hash.

use std::net::IpAddr;

use crate::actions::{Caller, Error, Refusal};
use crate::ids::{AdminId, SessionId};
use crate::model::admin::{Admin, DEVICE_LIFE, STEP_UP, Session, Stage};
use crate::model::event::Actor;
use crate::secret::{Hash, Secret};
use crate::store::{Read, StoreError, Tx, admins, journal};

/// Characters of a browser's description that are kept.
const AGENT_MAX: usize = 120;
/// How long after its last failure a throttling bucket is forgotten.
const BUCKET_KEPT: std::time::Duration = std::time::Duration::from_hours(48);
/// Buckets that one sweep looks at.
const SWEPT: usize = 10_000;

/// A session that is not over, with its admin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The hash of the cookie's secret.
    pub cookie: Hash,
    /// Whose session it is.
    pub id: AdminId,
    /// Their row.
    pub admin: Admin,
    /// The session's row.
    pub session: Session,
}

impl Signed {
    /// Who asks, for actions.
    #[must_use]
    pub fn caller(&self) -> Caller {
        Caller { actor: Actor::Admin(self.id), role: self.admin.role }
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
pub fn find(read: &impl Read, cookie: Hash) -> Result<Option<Signed>, StoreError> {
    let Some(session) = admins::session(read, cookie)? else { return Ok(None) };
    if session.is_over(read.now()) {
        return Ok(None);
    }
    let Some(admin) = admins::get(read, session.admin)? else { return Ok(None) };
    let current = session.epoch == admin.epoch;
    Ok(current.then_some(Signed { cookie, id: session.admin, admin, session }))
}

/// Begins a session under a new secret.
pub(super) fn begin(tx: &mut Tx<'_>, id: AdminId, stage: Stage, origin: &Origin) -> Result<Secret, StoreError> {
    let secret = Secret::random::<32>(tx.rng());
    let epoch = admins::get(tx, id)?.map_or(0, |admin| admin.epoch);
    let now = tx.now();
    let session = Session {
        id: SessionId(0),
        admin: id,
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
    admins::insert_session(tx, secret.hash(), session)?;
    Ok(secret)
}

/// Gives a session a new secret and the admin's present epoch; age and stage stay. The old secret is worthless then.
pub(super) fn renew(tx: &mut Tx<'_>, cookie: Hash) -> Result<Option<Secret>, StoreError> {
    let Some(mut session) = admins::session(tx, cookie)? else { return Ok(None) };
    admins::remove_session(tx, cookie, &session)?;
    let secret = Secret::random::<32>(tx.rng());
    session.epoch = admins::get(tx, session.admin)?.map_or(session.epoch, |admin| admin.epoch);
    Secret::random::<16>(tx.rng()).expose().clone_into(&mut session.csrf);
    admins::insert_session(tx, secret.hash(), session)?;
    Ok(Some(secret))
}

/// Ends the session of a cookie, if there is one.
pub fn end(tx: &mut Tx<'_>, cookie: Hash) -> Result<(), StoreError> {
    match admins::session(tx, cookie)? {
        Some(session) => admins::remove_session(tx, cookie, &session),
        None => Ok(()),
    }
}

/// Notes that a session was used just now. The caller does it at most once a minute.
pub fn touch(tx: &mut Tx<'_>, cookie: Hash) -> Result<(), StoreError> {
    let Some(signed) = find(tx, cookie)? else { return Ok(()) };
    let session = Session { seen: tx.now(), ..signed.session };
    admins::update_session(tx, cookie, &session)
}

/// Ends one of the caller's own sessions, by its number in the list.
pub fn revoke(tx: &mut Tx<'_>, signed: &Signed, id: SessionId) -> Result<(), Error> {
    let own = admins::sessions(tx, signed.id)?.into_iter().find(|(_, session)| session.id == id);
    let (cookie, session) = own.ok_or_else(|| Refusal::not_found("This session has ended already."))?;
    admins::remove_session(tx, cookie, &session)?;
    Ok(journal::audit(tx, Actor::Admin(signed.id), "session.revoke", signed.admin.name.as_str())?)
}

/// Ends all sessions of an admin and makes every open stream of theirs end: the epoch grows.
pub(super) fn end_all(tx: &mut Tx<'_>, id: AdminId, admin: &mut Admin) -> Result<(), StoreError> {
    admin.epoch = admin.epoch.saturating_add(1);
    admins::update(tx, id, admin)?;
    for (cookie, session) in admins::sessions(tx, id)? {
        admins::remove_session(tx, cookie, &session)?;
    }
    Ok(())
}

/// [`end_all`], but the session of `keep` goes on under a new secret.
pub(super) fn end_others(tx: &mut Tx<'_>, keep: &Signed, admin: &mut Admin) -> Result<Option<Secret>, StoreError> {
    admin.epoch = admin.epoch.saturating_add(1);
    admins::update(tx, keep.id, admin)?;
    for (cookie, session) in admins::sessions(tx, keep.id)? {
        if cookie != keep.cookie {
            admins::remove_session(tx, cookie, &session)?;
        }
    }
    renew(tx, keep.cookie)
}

/// Forgets sessions that are over, browsers that were not seen for long, and empty throttling buckets. For a regular sweep.
pub fn sweep(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let now = tx.now();
    for (cookie, session) in admins::sessions_over(tx, now)? {
        admins::remove_session(tx, cookie, &session)?;
    }
    admins::remove_devices_before(tx, now.minus(DEVICE_LIFE))?;
    admins::remove_buckets_before(tx, now.minus(BUCKET_KEPT), SWEPT).map(|_| ())
}
