//! Keys of the HTTP API, and the answers that are given again to whoever repeats a request.

use crate::clock::Timestamp;
use crate::ids::KeyId;
use crate::model::api_key::ApiKey;
use crate::model::repeat::Repeat;
use crate::secret::Hash;
use crate::store::error::StoreError;
use crate::store::tables::{API_KEYS, KEY_BY_HASH, REPEATS, REPEATS_BY_TIME};
use crate::store::tx::{Order, Read, Span, Tx};

/// The key with this number.
pub fn get(read: &impl Read, id: KeyId) -> Result<Option<ApiKey>, StoreError> {
    read.get(API_KEYS, &id)
}

/// The key whose secret has this hash, live or not.
pub fn find(read: &impl Read, secret: Hash) -> Result<Option<(KeyId, ApiKey)>, StoreError> {
    let Some(id) = read.get(KEY_BY_HASH, &secret)? else { return Ok(None) };
    Ok(get(read, id)?.map(|key| (id, key)))
}

/// All keys, the oldest first; there are few.
pub fn all(read: &impl Read) -> Result<Vec<(KeyId, ApiKey)>, StoreError> {
    read.page(API_KEYS, &Span::all(), Order::Ascending, usize::MAX)
}

/// Adds a key.
pub fn insert(tx: &mut Tx<'_>, key: &ApiKey) -> Result<KeyId, StoreError> {
    let id = KeyId(tx.next("api_key")?);
    tx.put(API_KEYS, &id, key)?;
    tx.put(KEY_BY_HASH, &key.hash, &id)?;
    Ok(id)
}

/// Replaces a key's row; its secret stays.
pub fn update(tx: &mut Tx<'_>, id: KeyId, key: &ApiKey) -> Result<(), StoreError> {
    tx.put(API_KEYS, &id, key).map(|_| ())
}

/// Takes a key away for good.
pub fn remove(tx: &mut Tx<'_>, id: KeyId, key: &ApiKey) -> Result<(), StoreError> {
    tx.remove(API_KEYS, &id)?;
    tx.remove(KEY_BY_HASH, &key.hash).map(|_| ())
}

/// What a key was answered under a name of its own.
pub fn repeat(read: &impl Read, key: KeyId, name: Hash) -> Result<Option<Repeat>, StoreError> {
    read.get(REPEATS, &(key, name))
}

/// Keeps an answer, in place of an older one of that name.
pub fn put_repeat(tx: &mut Tx<'_>, key: KeyId, name: Hash, new: &Repeat) -> Result<(), StoreError> {
    if let Some(old) = repeat(tx, key, name)? {
        tx.remove(REPEATS_BY_TIME, &(old.at, key, name))?;
    }
    tx.put(REPEATS, &(key, name), new)?;
    tx.put(REPEATS_BY_TIME, &(new.at, key, name), &()).map(|_| ())
}

/// Forgets answers older than `then`, at most `limit`; how many went.
pub fn trim_repeats(tx: &mut Tx<'_>, then: Timestamp, limit: usize) -> Result<usize, StoreError> {
    let rows = tx.page(REPEATS_BY_TIME, &Span::all(), Order::Ascending, limit)?;
    let mut gone = 0;
    for ((at, key, name), ()) in rows.into_iter().take_while(|((at, _, _), ())| *at < then) {
        tx.remove(REPEATS_BY_TIME, &(at, key, name))?;
        tx.remove(REPEATS, &(key, name))?;
        gone += 1;
    }
    Ok(gone)
}
