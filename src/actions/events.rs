//! Events for the website, with the account's name as it is now.

use crate::ids::AccountId;
use crate::model::account::Username;
use crate::model::event::{Event, EventKind};
use crate::store::{Read as _, StoreError, Tx, accounts, journal};

/// Records what happened to an account. Reads one row; an account that is gone leaves its name out.
pub(super) fn of_account(tx: &mut Tx<'_>, account: AccountId, kind: EventKind) -> Result<(), StoreError> {
    let row = accounts::get(tx, account)?;
    record(tx, row.map(|row| (account, row.username)), kind)
}

/// The same with a name that is known already.
pub(super) fn record(
    tx: &mut Tx<'_>,
    account: Option<(AccountId, Username)>,
    kind: EventKind,
) -> Result<(), StoreError> {
    let at = tx.now();
    journal::record(tx, &Event { at, account, kind }).map(|_| ())
}
