//! Admins, their sessions, the browsers they signed in with, and throttling buckets.

use std::ops::ControlFlow;

use crate::clock::Timestamp;
use crate::ids::{AdminId, SessionId};
use crate::model::admin::{Admin, AdminName, Bucket, Device, Session};
use crate::secret::Hash;
use crate::store::codec::Tail;
use crate::store::error::StoreError;
use crate::store::tables::{ADMIN_BY_NAME, ADMINS, BUCKETS, DEVICES, SESSIONS, SESSIONS_BY_ADMIN};
use crate::store::tx::{Order, Read, Span, Tx};

/// The admin with this number.
pub fn get(read: &impl Read, id: AdminId) -> Result<Option<Admin>, StoreError> {
    read.get(ADMINS, &id)
}

/// The admin with this name, whatever its case.
pub fn find(read: &impl Read, name: &AdminName) -> Result<Option<(AdminId, Admin)>, StoreError> {
    let Some(id) = read.get(ADMIN_BY_NAME, &Tail(name.folded()))? else { return Ok(None) };
    Ok(get(read, id)?.map(|admin| (id, admin)))
}

/// All admins; there are few.
pub fn all(read: &impl Read) -> Result<Vec<(AdminId, Admin)>, StoreError> {
    read.page(ADMINS, &Span::all(), Order::Ascending, usize::MAX)
}

/// Whether there is no admin yet, so that the instance has to be set up.
pub fn is_empty(read: &impl Read) -> Result<bool, StoreError> {
    Ok(read.first(ADMINS, &Span::all(), Order::Ascending)?.is_none())
}

/// Adds an admin. The caller has checked that the name is free.
pub fn insert(tx: &mut Tx<'_>, admin: &Admin) -> Result<AdminId, StoreError> {
    let id = AdminId(tx.next("admin")?);
    tx.put(ADMIN_BY_NAME, &Tail(admin.name.folded()), &id)?;
    tx.put(ADMINS, &id, admin)?;
    Ok(id)
}

/// Replaces an admin's row; the name stays.
pub fn update(tx: &mut Tx<'_>, id: AdminId, admin: &Admin) -> Result<(), StoreError> {
    tx.put(ADMINS, &id, admin).map(|_| ())
}

/// The session with this cookie hash, over or not.
pub fn session(read: &impl Read, cookie: Hash) -> Result<Option<Session>, StoreError> {
    read.get(SESSIONS, &cookie)
}

/// An admin's sessions, with their cookie hashes, the oldest first.
pub fn sessions(read: &impl Read, admin: AdminId) -> Result<Vec<(Hash, Session)>, StoreError> {
    let rows = read.page(SESSIONS_BY_ADMIN, &Span::prefix(&admin), Order::Ascending, usize::MAX)?;
    let open = |hash| Ok(session(read, hash)?.map(|row| (hash, row)));
    rows.into_iter().filter_map(|(_, hash)| open(hash).transpose()).collect()
}

/// Begins a session; its number is handed out here.
pub fn insert_session(tx: &mut Tx<'_>, cookie: Hash, mut session: Session) -> Result<Session, StoreError> {
    session.id = SessionId(tx.next("session")?);
    tx.put(SESSIONS, &cookie, &session)?;
    tx.put(SESSIONS_BY_ADMIN, &(session.admin, session.id), &cookie)?;
    Ok(session)
}

/// Replaces a session's row; number and admin stay.
pub fn update_session(tx: &mut Tx<'_>, cookie: Hash, session: &Session) -> Result<(), StoreError> {
    tx.put(SESSIONS, &cookie, session).map(|_| ())
}

/// Ends a session.
pub fn remove_session(tx: &mut Tx<'_>, cookie: Hash, session: &Session) -> Result<(), StoreError> {
    tx.remove(SESSIONS, &cookie)?;
    tx.remove(SESSIONS_BY_ADMIN, &(session.admin, session.id)).map(|_| ())
}

/// Sessions that are over at `now`, for their removal. There are few, all are looked at.
pub fn sessions_over(read: &impl Read, now: Timestamp) -> Result<Vec<(Hash, Session)>, StoreError> {
    let rows = read.page(SESSIONS, &Span::all(), Order::Ascending, usize::MAX)?;
    Ok(rows.into_iter().filter(|(_, session)| session.is_over(now)).collect())
}

/// The browser with this cookie hash.
pub fn device(read: &impl Read, cookie: Hash) -> Result<Option<Device>, StoreError> {
    read.get(DEVICES, &cookie)
}

/// When an admin last signed in fully, as far as their browsers are remembered. There are few, all are looked at.
pub fn last_sign_in(read: &impl Read, admin: AdminId) -> Result<Option<Timestamp>, StoreError> {
    let rows = read.page(DEVICES, &Span::all(), Order::Ascending, usize::MAX)?;
    Ok(rows.into_iter().filter(|(_, device)| device.admin == admin).map(|(_, device)| device.seen).max())
}

/// Remembers a browser.
pub fn put_device(tx: &mut Tx<'_>, cookie: Hash, device: &Device) -> Result<(), StoreError> {
    tx.put(DEVICES, &cookie, device).map(|_| ())
}

/// Forgets all browsers of an admin.
pub fn remove_devices(tx: &mut Tx<'_>, admin: AdminId) -> Result<(), StoreError> {
    let rows = tx.page(DEVICES, &Span::all(), Order::Ascending, usize::MAX)?;
    for (cookie, _) in rows.into_iter().filter(|(_, device)| device.admin == admin) {
        tx.remove(DEVICES, &cookie)?;
    }
    Ok(())
}

/// Forgets browsers that were last used before `then`.
pub fn remove_devices_before(tx: &mut Tx<'_>, then: Timestamp) -> Result<(), StoreError> {
    let rows = tx.page(DEVICES, &Span::all(), Order::Ascending, usize::MAX)?;
    for (cookie, _) in rows.into_iter().filter(|(_, device)| device.seen < then) {
        tx.remove(DEVICES, &cookie)?;
    }
    Ok(())
}

/// The bucket with this name; an unknown one is empty.
pub fn bucket(read: &impl Read, name: &str) -> Result<Bucket, StoreError> {
    Ok(read.get(BUCKETS, &Tail::of(name))?.unwrap_or_default())
}

/// Replaces a bucket; an empty one is not kept.
pub fn put_bucket(tx: &mut Tx<'_>, name: &str, bucket: Bucket) -> Result<(), StoreError> {
    let key = Tail::of(name);
    if bucket.failures == 0 { tx.remove(BUCKETS, &key).map(|_| ()) } else { tx.put(BUCKETS, &key, &bucket).map(|_| ()) }
}

/// Forgets all buckets whose names begin with `prefix`.
pub fn remove_buckets(tx: &mut Tx<'_>, prefix: &str) -> Result<(), StoreError> {
    for (key, _) in tx.page(BUCKETS, &Span::prefix(&Tail::of(prefix)), Order::Ascending, usize::MAX)? {
        tx.remove(BUCKETS, &key)?;
    }
    Ok(())
}

/// Forgets buckets whose newest failure lies before `then`, at most `limit`; how many went. Looks at all of them, so that
/// fresh ones at the beginning do not keep the rest alive.
pub fn remove_buckets_before(tx: &mut Tx<'_>, then: Timestamp, limit: usize) -> Result<usize, StoreError> {
    let mut old = Vec::new();
    tx.visit(BUCKETS, &Span::all(), Order::Ascending, |key, bucket| {
        if bucket.last < then {
            old.push(key);
        }
        Ok(if old.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    })?;
    for key in &old {
        tx.remove(BUCKETS, key)?;
    }
    Ok(old.len())
}
