//! People of accounts who may come into the portal, by their account.

use crate::ids::AccountId;
use crate::model::member::Member;
use crate::store::error::StoreError;
use crate::store::sessions;
use crate::store::tables::MEMBERS;
use crate::store::tx::{Read, Tx};

/// The person of this account, if they were ever let in.
pub fn get(read: &impl Read, account: AccountId) -> Result<Option<Member>, StoreError> {
    read.get(MEMBERS, &account)
}

/// Lets the person of an account in, or replaces their row.
pub fn put(tx: &mut Tx<'_>, account: AccountId, member: &Member) -> Result<(), StoreError> {
    tx.put(MEMBERS, &account, member).map(|_| ())
}

/// Takes credentials, invitation, sessions and known browsers of an account away; whether there was anything.
pub fn remove(tx: &mut Tx<'_>, account: AccountId) -> Result<bool, StoreError> {
    sessions::remove_all(tx, account)?;
    sessions::remove_devices(tx, account)?;
    tx.remove(MEMBERS, &account)
}
