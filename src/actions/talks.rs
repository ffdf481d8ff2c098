//! What a team does with a conversation of the inbox: reads it, gives it to somebody, closes it, opens it again.

use crate::actions::{Caller, Error, Refusal};
use crate::ids::{AccountId, AdminId, MessageId};
use crate::model::admin::Role;
use crate::model::talk::Talk;
use crate::store::{Tx, accounts, admins, journal, talks};

/// Marks what was written up to a message as read. What came after it stays unread.
pub fn mark_read(tx: &mut Tx<'_>, caller: &Caller, account: AccountId, up_to: MessageId) -> Result<(), Error> {
    change(tx, caller, account, |talk| Talk { read: talk.read.max(up_to.min(talk.latest)), ..talk.clone() })?;
    Ok(())
}

/// Gives a conversation to an admin, or to nobody.
pub fn assign(tx: &mut Tx<'_>, caller: &Caller, account: AccountId, to: Option<AdminId>) -> Result<(), Error> {
    let name = match to {
        None => "nobody".to_owned(),
        Some(id) => match admins::get(tx, id)?.filter(|admin| admin.role >= Role::Sender) {
            Some(admin) => admin.name.to_string(),
            None => return Err(Refusal::invalid("assigned", "Choose an admin who may answer.").into()),
        },
    };
    if change(tx, caller, account, |talk| Talk { assigned: to, ..talk.clone() })? {
        audit(tx, caller, account, "talk.assign", Some(&name))?;
    }
    Ok(())
}

/// Closes a conversation: all of it counts as read, and it leaves the open ones until its people write again.
pub fn close(tx: &mut Tx<'_>, caller: &Caller, account: AccountId) -> Result<(), Error> {
    if change(tx, caller, account, |talk| Talk { closed: true, read: talk.latest, ..talk.clone() })? {
        audit(tx, caller, account, "talk.close", None)?;
    }
    Ok(())
}

/// Opens a conversation again.
pub fn reopen(tx: &mut Tx<'_>, caller: &Caller, account: AccountId) -> Result<(), Error> {
    if change(tx, caller, account, |talk| Talk { closed: false, ..talk.clone() })? {
        audit(tx, caller, account, "talk.reopen", None)?;
    }
    Ok(())
}

/// Whether anything was different.
fn change(
    tx: &mut Tx<'_>,
    caller: &Caller,
    account: AccountId,
    with: impl FnOnce(&Talk) -> Talk,
) -> Result<bool, Error> {
    caller.needs(Role::Sender)?;
    let old = talks::get(tx, account)?;
    let old = old.ok_or_else(|| {
        Refusal::not_found("There is no conversation with this account: its people wrote nothing that is still kept.")
    })?;
    let new = with(&old);
    if new != old {
        talks::put(tx, account, Some(&old), &new)?;
    }
    Ok(new != old)
}

fn audit(tx: &mut Tx<'_>, caller: &Caller, account: AccountId, deed: &str, to: Option<&str>) -> Result<(), Error> {
    let name = accounts::get(tx, account)?.map(|row| row.username.to_string()).unwrap_or_default();
    let subject = to.map_or(name.clone(), |to| format!("{name}, to {to}"));
    Ok(journal::audit(tx, caller.actor, deed, subject)?)
}

#[cfg(test)]
mod tests;
