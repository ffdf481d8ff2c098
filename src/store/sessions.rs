//! Sessions of whoever signs in, and the browsers they signed in with. Each kind of person has tables of its own, so that a cookie
//! of one kind is never found among those of another.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::clock::Timestamp;
use crate::ids::{AccountId, AdminId, SessionId};
use crate::model::session::{Device, Session};
use crate::secret::Hash;
use crate::store::codec::Key;
use crate::store::error::StoreError;
use crate::store::tables::{
    DEVICES, MEMBER_DEVICES, MEMBER_DEVICES_BY_ACCOUNT, MEMBER_SESSIONS, MEMBER_SESSIONS_BY_ACCOUNT, SESSIONS,
    SESSIONS_BY_ADMIN, Table,
};
use crate::store::tx::{Order, Read, Span, Tx};

/// A session with the hash of its cookie's secret.
pub type Row<I> = (Hash, Session<I>);

/// Someone who signs in, by their number: where their sessions and browsers stand.
pub trait SignsIn: Key + Serialize + DeserializeOwned + Copy + PartialEq + 'static {
    /// Sessions by the hash of the cookie's secret.
    const SESSIONS: Table<Hash, Session<Self>>;
    /// Sessions by whose they are.
    const SESSIONS_OF: Table<(Self, SessionId), Hash>;
    /// Browsers by the hash of the cookie's secret.
    const DEVICES: Table<Hash, Device<Self>>;
    /// Browsers by whose they are; none where there are so few that all can be looked at.
    const DEVICES_OF: Option<Table<(Self, Hash), ()>>;
}

impl SignsIn for AdminId {
    const SESSIONS: Table<Hash, Session<Self>> = SESSIONS;
    const SESSIONS_OF: Table<(Self, SessionId), Hash> = SESSIONS_BY_ADMIN;
    const DEVICES: Table<Hash, Device<Self>> = DEVICES;
    const DEVICES_OF: Option<Table<(Self, Hash), ()>> = None;
}

impl SignsIn for AccountId {
    const SESSIONS: Table<Hash, Session<Self>> = MEMBER_SESSIONS;
    const SESSIONS_OF: Table<(Self, SessionId), Hash> = MEMBER_SESSIONS_BY_ACCOUNT;
    const DEVICES: Table<Hash, Device<Self>> = MEMBER_DEVICES;
    const DEVICES_OF: Option<Table<(Self, Hash), ()>> = Some(MEMBER_DEVICES_BY_ACCOUNT);
}

/// The session with this cookie hash, over or not.
pub fn get<I: SignsIn>(read: &impl Read, cookie: Hash) -> Result<Option<Session<I>>, StoreError> {
    read.get(I::SESSIONS, &cookie)
}

/// A person's sessions, with their cookie hashes, the oldest first.
pub fn of<I: SignsIn>(read: &impl Read, whose: I) -> Result<Vec<Row<I>>, StoreError> {
    let rows = read.page(I::SESSIONS_OF, &Span::prefix(&whose), Order::Ascending, usize::MAX)?;
    let open = |hash| Ok(get(read, hash)?.map(|row| (hash, row)));
    rows.into_iter().filter_map(|(_, hash)| open(hash).transpose()).collect()
}

/// Begins a session; its number is handed out here.
pub fn insert<I: SignsIn>(tx: &mut Tx<'_>, cookie: Hash, mut session: Session<I>) -> Result<Session<I>, StoreError> {
    session.id = SessionId(tx.next("session")?);
    tx.put(I::SESSIONS, &cookie, &session)?;
    tx.put(I::SESSIONS_OF, &(session.whose, session.id), &cookie)?;
    Ok(session)
}

/// Replaces a session's row; number and person stay.
pub fn update<I: SignsIn>(tx: &mut Tx<'_>, cookie: Hash, session: &Session<I>) -> Result<(), StoreError> {
    tx.put(I::SESSIONS, &cookie, session).map(|_| ())
}

/// Ends a session.
pub fn remove<I: SignsIn>(tx: &mut Tx<'_>, cookie: Hash, session: &Session<I>) -> Result<(), StoreError> {
    tx.remove(I::SESSIONS, &cookie)?;
    tx.remove(I::SESSIONS_OF, &(session.whose, session.id)).map(|_| ())
}

/// Ends all sessions of a person.
pub fn remove_all<I: SignsIn>(tx: &mut Tx<'_>, whose: I) -> Result<(), StoreError> {
    for (cookie, session) in of(tx, whose)? {
        remove(tx, cookie, &session)?;
    }
    Ok(())
}

/// At most `limit` sessions of all people behind `after`, in no useful order.
pub fn walk<I: SignsIn>(read: &impl Read, after: Option<Hash>, limit: usize) -> Result<Vec<Row<I>>, StoreError> {
    read.page(I::SESSIONS, &behind(after), Order::Ascending, limit)
}

/// The browser with this cookie hash.
pub fn device<I: SignsIn>(read: &impl Read, cookie: Hash) -> Result<Option<Device<I>>, StoreError> {
    read.get(I::DEVICES, &cookie)
}

/// The browsers of a person.
pub fn devices_of<I: SignsIn>(read: &impl Read, whose: I) -> Result<Vec<(Hash, Device<I>)>, StoreError> {
    let Some(index) = I::DEVICES_OF else {
        let rows = read.page(I::DEVICES, &Span::all(), Order::Ascending, usize::MAX)?;
        return Ok(rows.into_iter().filter(|(_, device)| device.whose == whose).collect());
    };
    let rows = read.page(index, &Span::prefix(&whose), Order::Ascending, usize::MAX)?;
    let open = |hash| Ok(device(read, hash)?.map(|row| (hash, row)));
    rows.into_iter().filter_map(|((_, hash), ())| open(hash).transpose()).collect()
}

/// Remembers a browser.
pub fn put_device<I: SignsIn>(tx: &mut Tx<'_>, cookie: Hash, device: &Device<I>) -> Result<(), StoreError> {
    tx.put(I::DEVICES, &cookie, device)?;
    match I::DEVICES_OF {
        Some(index) => tx.put(index, &(device.whose, cookie), &()).map(|_| ()),
        None => Ok(()),
    }
}

/// Forgets a browser.
pub fn remove_device<I: SignsIn>(tx: &mut Tx<'_>, cookie: Hash, device: &Device<I>) -> Result<(), StoreError> {
    tx.remove(I::DEVICES, &cookie)?;
    match I::DEVICES_OF {
        Some(index) => tx.remove(index, &(device.whose, cookie)).map(|_| ()),
        None => Ok(()),
    }
}

/// Forgets all browsers of a person.
pub fn remove_devices<I: SignsIn>(tx: &mut Tx<'_>, whose: I) -> Result<(), StoreError> {
    for (cookie, device) in devices_of(tx, whose)? {
        remove_device(tx, cookie, &device)?;
    }
    Ok(())
}

/// When a person last signed in fully, as far as their browsers are remembered.
pub fn last_sign_in<I: SignsIn>(read: &impl Read, whose: I) -> Result<Option<Timestamp>, StoreError> {
    Ok(devices_of(read, whose)?.into_iter().map(|(_, device)| device.seen).max())
}

/// At most `limit` browsers of all people behind `after`, in no useful order.
pub fn walk_devices<I: SignsIn>(
    read: &impl Read,
    after: Option<Hash>,
    limit: usize,
) -> Result<Vec<(Hash, Device<I>)>, StoreError> {
    read.page(I::DEVICES, &behind(after), Order::Ascending, limit)
}

fn behind(after: Option<Hash>) -> Span {
    after.map_or_else(Span::all, |cookie| Span::all().after(&cookie))
}
