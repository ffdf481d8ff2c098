//! Chats, and which account or admin they belong to. Binding a chat also keeps its account's counts.

use std::ops::ControlFlow;

use crate::ids::{AccountId, AdminId, ChatId};
use crate::model::account::Account;
use crate::model::chat::{Chat, Reachability};
use crate::store::accounts;
use crate::store::error::StoreError;
use crate::store::numbers::{Counter, Metric};
use crate::store::tables::{CHATS, CHATS_BY_ACCOUNT, CHATS_BY_ADMIN};
use crate::store::tx::{Order, Read, Span, Tx};

/// The chat with this number.
pub fn get(read: &impl Read, id: ChatId) -> Result<Option<Chat>, StoreError> {
    read.get(CHATS, &id)
}

/// The chats bound to an account, by number; an account has few.
pub fn of_account(read: &impl Read, account: AccountId) -> Result<Vec<(ChatId, Chat)>, StoreError> {
    let rows = read.page(CHATS_BY_ACCOUNT, &Span::prefix(&account), Order::Ascending, usize::MAX)?;
    with_rows(read, rows.into_iter().map(|((_, chat), ())| chat))
}

/// Hands the chats bound to the accounts from `first` to `last` to `each`, in the order of the accounts.
pub fn visit_bound(
    read: &impl Read,
    first: AccountId,
    last: AccountId,
    mut each: impl FnMut(AccountId, ChatId) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let span = Span::prefix(&first).through(&last);
    read.visit(CHATS_BY_ACCOUNT, &span, Order::Ascending, |(account, chat), ()| {
        each(account, chat)?;
        Ok(ControlFlow::Continue(()))
    })
}

/// An admin's own chats.
pub fn of_admin(read: &impl Read, admin: AdminId) -> Result<Vec<(ChatId, Chat)>, StoreError> {
    let rows = read.page(CHATS_BY_ADMIN, &Span::prefix(&admin), Order::Ascending, usize::MAX)?;
    with_rows(read, rows.into_iter().map(|((_, chat), ())| chat))
}

/// Every chat after `after`, in the order of their numbers; for walks in chunks.
pub fn walk(read: &impl Read, after: Option<ChatId>, limit: usize) -> Result<Vec<(ChatId, Chat)>, StoreError> {
    let span = after.map_or_else(Span::all, |id| Span::all().after(&id));
    read.page(CHATS, &span, Order::Ascending, limit)
}

/// Hands every chat to `each`, in the order of their numbers, until it breaks.
pub fn visit(
    read: &impl Read,
    each: impl FnMut(ChatId, Chat) -> Result<ControlFlow<()>, StoreError>,
) -> Result<(), StoreError> {
    read.visit(CHATS, &Span::all(), Order::Ascending, each)
}

fn with_rows(read: &impl Read, ids: impl Iterator<Item = ChatId>) -> Result<Vec<(ChatId, Chat)>, StoreError> {
    ids.filter_map(|id| get(read, id).map(|row| row.map(|chat| (id, chat))).transpose()).collect()
}

/// What is counted of a bound chat.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Counted {
    account: AccountId,
    reachability: Reachability,
    /// Whether it can be reached and is muted; of a chat that cannot be reached nothing is said.
    muted: bool,
}

impl Counted {
    fn of(chat: &Chat) -> Option<Self> {
        let muted = chat.reachability.may_send() && !chat.listens();
        chat.account().map(|account| Self { account, reachability: chat.reachability, muted })
    }
}

/// Stores a chat in place of `old` (`None` when it is new); the indexes, the accounts' counts and the day's figures
/// follow binding, reachability and mute.
pub fn put(tx: &mut Tx<'_>, id: ChatId, old: Option<&Chat>, new: &Chat) -> Result<(), StoreError> {
    if old.is_none() {
        tx.add(Counter::Chats, 1);
    }
    let (was, is) = (old.and_then(Counted::of), Counted::of(new));
    if was != is {
        if let Some(was) = was {
            tx.add(Counter::BoundChats(was.reachability), -1);
            tx.add(Counter::MutedChats, -i64::from(was.muted));
            recount(tx, was.account, |row| {
                row.chats = row.chats.saturating_sub(1);
                row.reachable = row.reachable.saturating_sub(u32::from(was.reachability.may_send()));
                row.muted = row.muted.saturating_sub(u32::from(was.muted));
            })?;
        }
        if let Some(is) = is {
            tx.add(Counter::BoundChats(is.reachability), 1);
            tx.add(Counter::MutedChats, i64::from(is.muted));
            recount(tx, is.account, |row| {
                row.chats += 1;
                row.reachable += u32::from(is.reachability.may_send());
                row.muted += u32::from(is.muted);
            })?;
        }
    }
    move_index(tx, id, old, new)?;
    tx.put(CHATS, &id, new)?;
    Ok(())
}

fn move_index(tx: &mut Tx<'_>, id: ChatId, old: Option<&Chat>, new: &Chat) -> Result<(), StoreError> {
    let (was, is) = (old.and_then(Chat::account), new.account());
    if was != is {
        if let Some(account) = was {
            tx.remove(CHATS_BY_ACCOUNT, &(account, id))?;
            tx.tick(Metric::Unlinked);
        }
        if let Some(account) = is {
            tx.put(CHATS_BY_ACCOUNT, &(account, id), &())?;
            tx.tick(Metric::Linked);
        }
    }
    let (was, is) = (old.and_then(|chat| chat.admin), new.admin);
    if was != is {
        if let Some(admin) = was {
            tx.remove(CHATS_BY_ADMIN, &(admin, id))?;
        }
        if let Some(admin) = is {
            tx.put(CHATS_BY_ADMIN, &(admin, id), &())?;
        }
    }
    Ok(())
}

/// An account that is already gone has no counts to keep.
fn recount(tx: &mut Tx<'_>, id: AccountId, change: impl FnOnce(&mut Account)) -> Result<(), StoreError> {
    let Some(old) = accounts::get(tx, id)? else { return Ok(()) };
    let mut new = old.clone();
    change(&mut new);
    accounts::update(tx, id, &old, &new)
}

/// Forgets a chat.
pub fn remove(tx: &mut Tx<'_>, id: ChatId, old: &Chat) -> Result<(), StoreError> {
    let mut free = old.clone();
    free.binding = None;
    free.admin = None;
    put(tx, id, Some(old), &free)?;
    tx.add(Counter::Chats, -1);
    tx.remove(CHATS, &id).map(|_| ())
}
