//! Accounts: made, edited, deleted. Deleting one takes its links, chats and messages along.

mod bring;

pub use bring::{Brought, bring, bring_all};

use crate::actions::{Caller, Error, Refusal, chats, events, links, messages};
use crate::ids::AccountId;
use crate::model::account::{Account, Tag, Username, parse_name};
use crate::model::admin::Role;
use crate::model::event::{Actor, Deleted, EventKind, Unlinked};
use crate::model::link::Target;
use crate::store::{self, Read as _, StoreError, Tx, journal};

/// Messages that are removed together with their account; more are left to the sweep, so that nobody has to wait.
const REMOVED_AT_ONCE: usize = 500;

/// An account as typed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NewAccount<'a> {
    /// The website's name for it.
    pub username: &'a str,
    /// How people call it; may be empty.
    pub name: &'a str,
    /// Labels, separated by commas or white space; may be empty.
    pub tags: &'a str,
}

/// The same, read.
struct Fields {
    username: Username,
    name: String,
    tags: Vec<Tag>,
}

impl Fields {
    fn parse(typed: NewAccount<'_>) -> Result<Self, Refusal> {
        Ok(Self {
            username: Username::parse(typed.username).map_err(|error| Refusal::invalid("username", error))?,
            name: parse_name(typed.name).map_err(|error| Refusal::invalid("name", error))?,
            tags: Tag::parse_list(typed.tags).map_err(|error| Refusal::invalid("tags", error))?,
        })
    }
}

/// Makes an account.
pub fn create(tx: &mut Tx<'_>, caller: &Caller, typed: NewAccount<'_>) -> Result<(AccountId, Account), Error> {
    caller.needs(Role::Operator)?;
    let Fields { username, name, tags } = Fields::parse(typed)?;
    must_be_free(tx, &username)?;
    let account = Account { username, name, tags, created: tx.now(), chats: 0, reachable: 0, muted: 0 };
    let id = store::accounts::insert(tx, &account)?;
    journal::audit(tx, caller.actor, "account.create", account.username.as_str())?;
    Ok((id, account))
}

/// Changes username, name and tags; links, chats and messages stay.
pub fn edit(tx: &mut Tx<'_>, caller: &Caller, id: AccountId, typed: NewAccount<'_>) -> Result<Account, Error> {
    caller.needs(Role::Operator)?;
    let old = existing(tx, id)?;
    let Fields { username, name, tags } = Fields::parse(typed)?;
    let renamed = username != old.username;
    if renamed {
        must_be_free(tx, &username)?;
    }
    let new = Account { username, name, tags, ..old.clone() };
    if new == old {
        return Ok(old);
    }
    store::accounts::update(tx, id, &old, &new)?;
    let subject = if renamed { format!("{} -> {}", old.username, new.username) } else { new.username.to_string() };
    journal::audit(tx, caller.actor, "account.edit", subject)?;
    Ok(new)
}

/// Deletes an account: its link is revoked, its chats are told and unbound, what waits for them is cancelled, its
/// messages are removed. Costs a few rows for each chat and message; after 500 messages the sweep goes on.
pub fn delete(tx: &mut Tx<'_>, caller: &Caller, id: AccountId) -> Result<(), Error> {
    caller.needs(Role::Operator)?;
    remove(tx, caller, id, Deleted::BySite)
}

/// [`delete`], because its person wants that nothing is stored about them. Who they are was proven by their chat, or in the portal.
pub fn erase(tx: &mut Tx<'_>, actor: Actor, id: AccountId) -> Result<(), Error> {
    remove(tx, &Caller::internal(actor), id, Deleted::ByPerson)
}

fn remove(tx: &mut Tx<'_>, caller: &Caller, id: AccountId, why: Deleted) -> Result<(), Error> {
    existing(tx, id)?;
    links::revoke_for_deletion(tx, Target::Account(id))?;
    for (chat, _) in store::chats::of_account(tx, id)? {
        chats::unbind(tx, caller, chat, Unlinked::AccountDeleted)?;
    }
    // Read again: without chats it stands elsewhere in the lists.
    let account = existing(tx, id)?;
    store::accounts::remove(tx, id, &account)?;
    store::members::remove(tx, id)?;
    if clear(tx, id, REMOVED_AT_ONCE)? == REMOVED_AT_ONCE {
        store::accounts::leave_behind(tx, id)?;
    }
    journal::audit(tx, caller.actor, "account.delete", account.username.as_str())?;
    Ok(events::record(tx, Some((id, account.username)), EventKind::AccountDeleted(why))?)
}

/// Removes messages of an account that is gone, at most `limit`; how many went. One that is still on its way is taken
/// out of the conversation and removed later, by its age.
fn clear(tx: &mut Tx<'_>, id: AccountId, limit: usize) -> Result<usize, StoreError> {
    let rows = store::messages::of_gone(tx, id, limit)?;
    for (id, message) in &rows {
        if !messages::discard(tx, *id, message)? {
            store::messages::detach(tx, *id, message)?;
        }
    }
    Ok(rows.len())
}

/// Goes on with what [`delete`] left, at most `limit` messages; how many went.
pub(super) fn clear_leftovers(tx: &mut Tx<'_>, limit: usize) -> Result<usize, StoreError> {
    let Some(id) = store::accounts::leftover(tx)? else { return Ok(0) };
    let gone = clear(tx, id, limit)?;
    if gone < limit {
        store::accounts::nothing_left(tx, id)?;
    }
    Ok(gone)
}

fn existing(tx: &Tx<'_>, id: AccountId) -> Result<Account, Error> {
    Ok(store::accounts::get(tx, id)?.ok_or_else(|| Refusal::not_found("There is no such account."))?)
}

fn must_be_free(tx: &Tx<'_>, username: &Username) -> Result<(), Error> {
    match store::accounts::find(tx, username)? {
        Some(_) => {
            let sentence = format!("There is an account \"{username}\" already.");
            Err(Refusal::conflict(Some("username"), sentence).into())
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
