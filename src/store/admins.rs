//! Admins, and throttling buckets.

use std::ops::ControlFlow;

use crate::clock::Timestamp;
use crate::ids::AdminId;
use crate::model::admin::{Admin, AdminName};
use crate::model::session::Bucket;
use crate::store::codec::Tail;
use crate::store::error::StoreError;
use crate::store::tables::{ADMIN_BY_NAME, ADMINS, BUCKETS};
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
