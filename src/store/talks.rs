//! Conversations of the inbox, each under its account, and the lists they stand in.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use crate::clock::Timestamp;
use crate::ids::{AccountId, AdminId, MessageId};
use crate::model::message::Message;
use crate::model::talk::{Talk, TalkList};
use crate::store::error::StoreError;
use crate::store::messages;
use crate::store::numbers::Counter;
use crate::store::tables::{TALKS, TALKS_BY_ADMIN, TALKS_BY_LIST};
use crate::store::tx::{Order, Read, Span, Tx};

/// A place in a list: the newest conversations stand first.
pub type Cursor = (Timestamp, AccountId);

/// A conversation's row.
pub type Row = (AccountId, Talk);

/// The conversation with an account's people; `None` while they wrote nothing.
pub fn get(read: &impl Read, account: AccountId) -> Result<Option<Talk>, StoreError> {
    read.get(TALKS, &account)
}

/// A page of a list, the newest first, behind `before`.
pub fn list(read: &impl Read, list: TalkList, before: Option<Cursor>, limit: usize) -> Result<Vec<Row>, StoreError> {
    let number = number(list);
    let span = Span::prefix(&number);
    let span = before.map_or(span.clone(), |(at, account)| span.before(&(number, at, account)));
    let keys = read.page(TALKS_BY_LIST, &span, Order::Descending, limit)?;
    open(read, keys.into_iter().map(|((_, _, account), ())| account))
}

/// The same of the open conversations that an admin cares for.
pub fn of_admin(
    read: &impl Read,
    admin: AdminId,
    before: Option<Cursor>,
    limit: usize,
) -> Result<Vec<Row>, StoreError> {
    let span = Span::prefix(&admin);
    let span = before.map_or(span.clone(), |(at, account)| span.before(&(admin, at, account)));
    let keys = read.page(TALKS_BY_ADMIN, &span, Order::Descending, limit)?;
    open(read, keys.into_iter().map(|((_, _, account), ())| account))
}

fn open(read: &impl Read, accounts: impl Iterator<Item = AccountId>) -> Result<Vec<Row>, StoreError> {
    let row = |account| Ok(get(read, account)?.map(|talk| (account, talk)));
    accounts.filter_map(|account| row(account).transpose()).collect()
}

/// Replaces a conversation's row.
pub fn put(tx: &mut Tx<'_>, account: AccountId, old: Option<&Talk>, new: &Talk) -> Result<(), StoreError> {
    old.map_or(Ok(()), |old| unlist(tx, account, old))?;
    for list in new.lists() {
        tx.put(TALKS_BY_LIST, &(number(*list), new.at, account), &())?;
        tx.add(Counter::Talks(*list), 1);
    }
    if let Some(admin) = carer(new) {
        tx.put(TALKS_BY_ADMIN, &(admin, new.at, account), &())?;
    }
    tx.put(TALKS, &account, new).map(|_| ())
}

/// Takes a conversation away; its messages are the caller's.
pub(super) fn remove(tx: &mut Tx<'_>, account: AccountId) -> Result<(), StoreError> {
    let Some(old) = get(tx, account)? else { return Ok(()) };
    unlist(tx, account, &old)?;
    tx.remove(TALKS, &account).map(|_| ())
}

fn unlist(tx: &mut Tx<'_>, account: AccountId, old: &Talk) -> Result<(), StoreError> {
    for list in old.lists() {
        tx.remove(TALKS_BY_LIST, &(number(*list), old.at, account))?;
        tx.add(Counter::Talks(*list), -1);
    }
    match carer(old) {
        Some(admin) => tx.remove(TALKS_BY_ADMIN, &(admin, old.at, account)).map(|_| ()),
        None => Ok(()),
    }
}

/// Notes what a person wrote.
pub(super) fn heard(tx: &mut Tx<'_>, account: AccountId, id: MessageId, at: Timestamp) -> Result<(), StoreError> {
    let old = get(tx, account)?;
    let new = old.as_ref().map_or_else(|| Talk::new(id, at), |old| old.with(id, at));
    put(tx, account, old.as_ref(), &new)
}

/// A message is no longer kept: with the last one that a person wrote their conversation leaves the inbox.
pub(super) fn forgotten(tx: &mut Tx<'_>, id: MessageId, message: &Message) -> Result<(), StoreError> {
    let Some(account) = message.account.filter(|_| message.is_incoming()) else { return Ok(()) };
    match get(tx, account)? {
        Some(talk) if talk.latest == id => remove(tx, account),
        Some(_) | None => Ok(()),
    }
}

/// Makes the conversations of messages that came before there was an inbox; all of it counts as read. Visits every message
/// once.
pub(super) fn adopt(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let mut latest = BTreeMap::new();
    messages::visit(tx, |id, message| {
        if let Some(account) = message.account.filter(|_| message.is_incoming()) {
            latest.insert(account, (id, message.at));
        }
        Ok(ControlFlow::Continue(()))
    })?;
    for (account, (id, at)) in latest {
        put(tx, account, None, &Talk { read: id, ..Talk::new(id, at) })?;
    }
    Ok(())
}

/// The admin in whose list it stands.
pub(super) fn carer(talk: &Talk) -> Option<AdminId> {
    talk.assigned.filter(|_| !talk.closed)
}

/// A list's number in keys.
pub(super) fn number(list: TalkList) -> u8 {
    match list {
        TalkList::Unread => 0,
        TalkList::Open => 1,
        TalkList::Closed => 2,
    }
}
