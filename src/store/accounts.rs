//! Accounts and their indexes by name, state and tag.

use std::ops::ControlFlow;

use crate::ids::AccountId;
use crate::model::account::{Account, AccountState, Tag, Username};
use crate::model::chat::Reachability;
use crate::store::codec::Tail;
use crate::store::error::StoreError;
use crate::store::numbers::{Counter, count};
use crate::store::tables::{ACCOUNT_BY_NAME, ACCOUNTS, ACCOUNTS_BY_STATE, ACCOUNTS_BY_TAG, LEFTOVERS};
use crate::store::talks;
use crate::store::tx::{Order, Read, Span, Tx};

/// Index rows one page looks at when two filters are combined; then the page ends early and its cursor goes on.
const SCANNED: usize = 2000;

/// Which accounts a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only usernames that begin with this.
    pub prefix: String,
    /// Only this state.
    pub state: Option<AccountState>,
    /// Only with this tag.
    pub tag: Option<Tag>,
}

/// Where a page begins. Cursors are usernames, so that a page stays in place while rows come and go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum From {
    /// At the beginning.
    #[default]
    Start,
    /// After this username.
    After(String),
    /// Before this username: the page that ends just before it.
    Before(String),
}

/// One page of a list, in the order of usernames.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The rows.
    pub rows: Vec<(AccountId, Account)>,
    /// Cursor of the page before this one.
    pub before: Option<String>,
    /// Cursor of the page after this one.
    pub after: Option<String>,
}

/// The account with this number.
pub fn get(read: &impl Read, id: AccountId) -> Result<Option<Account>, StoreError> {
    read.get(ACCOUNTS, &id)
}

/// The account with this username.
pub fn find(read: &impl Read, username: &Username) -> Result<Option<(AccountId, Account)>, StoreError> {
    let Some(id) = read.get(ACCOUNT_BY_NAME, &Tail::of(username.as_str()))? else { return Ok(None) };
    Ok(get(read, id)?.map(|account| (id, account)))
}

/// Hands accounts after `after` to `each`, in the order of their numbers, until it breaks.
pub fn visit(
    read: &impl Read,
    after: AccountId,
    each: impl FnMut(AccountId, Account) -> Result<ControlFlow<()>, StoreError>,
) -> Result<(), StoreError> {
    read.visit(ACCOUNTS, &Span::all().after(&after), Order::Ascending, each)
}

/// The accounts with a tag, if they are at most `most`; in no useful order.
pub fn tagged(read: &impl Read, tag: &Tag, most: usize) -> Result<Option<Vec<AccountId>>, StoreError> {
    let span = Span::prefix(&Tail(format!("{}\0", tag.as_str())));
    let rows = read.page(ACCOUNTS_BY_TAG, &span, Order::Ascending, most + 1)?;
    Ok((rows.len() <= most).then(|| rows.into_iter().map(|(_, id)| id).collect()))
}

/// A page of at most `limit` accounts.
pub fn list(read: &impl Read, filter: &Filter, from: &From, limit: usize) -> Result<Page, StoreError> {
    let mut names = names(read, filter, from, limit)?;
    if matches!(from, From::Before(_)) {
        names.found.reverse();
    }
    let mut rows = Vec::with_capacity(names.found.len());
    for (_, id) in &names.found {
        if let Some(account) = get(read, *id)? {
            rows.push((*id, account));
        }
    }
    let first = names.found.first().map(|(name, _)| name.clone());
    let last = names.found.last().map(|(name, _)| name.clone());
    Ok(match from {
        From::Start => Page { rows, before: None, after: names.more },
        From::After(_) => Page { rows, before: first, after: names.more },
        From::Before(_) => Page { rows, before: names.more.and(first), after: last },
    })
}

struct Names {
    found: Vec<(String, AccountId)>,
    /// The last name that was looked at, when there is more behind it.
    more: Option<String>,
}

fn names(read: &impl Read, filter: &Filter, from: &From, limit: usize) -> Result<Names, StoreError> {
    let order = if matches!(from, From::Before(_)) { Order::Descending } else { Order::Ascending };
    let mut names = Names { found: Vec::new(), more: None };
    let mut looked = 0;
    let mut last = None;
    let mut each = |name: String, id: AccountId| {
        if names.found.len() == limit || looked == SCANNED {
            names.more = last.take();
            return Ok(ControlFlow::Break(()));
        }
        looked += 1;
        last = Some(name.clone());
        if matches_rest(read, filter, id)? {
            names.found.push((name, id));
        }
        Ok(ControlFlow::Continue(()))
    };
    match (&filter.tag, filter.state) {
        (Some(tag), _) => {
            let key = |name: &str| Tail(format!("{}\0{name}", tag.as_str()));
            let skip = tag.as_str().len() + 1;
            let span = span(&filter.prefix, from, key);
            read.visit(ACCOUNTS_BY_TAG, &span, order, |Tail(key), id| {
                each(key.get(skip..).unwrap_or_default().to_owned(), id)
            })?;
        }
        (None, Some(state)) => {
            let span = span(&filter.prefix, from, |name| (number(state), Tail::of(name)));
            read.visit(ACCOUNTS_BY_STATE, &span, order, |(_, Tail(name)), id| each(name, id))?;
        }
        (None, None) => {
            let span = span(&filter.prefix, from, Tail::of);
            read.visit(ACCOUNT_BY_NAME, &span, order, |Tail(name), id| each(name, id))?;
        }
    }
    Ok(names)
}

fn span<K: crate::store::codec::Key>(prefix: &str, from: &From, key: impl Fn(&str) -> K) -> Span {
    let span = Span::prefix(&key(prefix));
    match from {
        From::After(name) if name.starts_with(prefix) => span.after(&key(name)),
        From::Before(name) if name.starts_with(prefix) => span.before(&key(name)),
        From::Start | From::After(_) | From::Before(_) => span,
    }
}

/// The tags that are in use, in order, at most `limit`: one look for each.
pub fn tags(read: &impl Read, limit: usize) -> Result<Vec<Tag>, StoreError> {
    let (mut tags, mut span) = (Vec::new(), Span::all());
    while tags.len() < limit {
        let Some((Tail(key), _)) = read.first(ACCOUNTS_BY_TAG, &span, Order::Ascending)? else { break };
        let word = key.split('\0').next().unwrap_or_default();
        // No tag and no name holds this character: it stands behind all names of the tag.
        span = Span::all().from(&Tail(format!("{word}\u{1}")));
        tags.extend(Tag::parse(word));
    }
    Ok(tags)
}

/// A tag's index does not know states: those are looked up.
fn matches_rest(read: &impl Read, filter: &Filter, id: AccountId) -> Result<bool, StoreError> {
    match (&filter.tag, filter.state) {
        (Some(_), Some(state)) => Ok(get(read, id)?.is_some_and(|account| account.state() == state)),
        _ => Ok(true),
    }
}

/// How many accounts and how many of their chats a broadcast to everyone reaches; read from kept counts.
pub fn listening(read: &impl Read) -> Result<(u64, u64), StoreError> {
    let accounts = count(read, Counter::Accounts(AccountState::Linked))?;
    let mut chats = 0;
    for reachability in Reachability::ALL.into_iter().filter(|reachability| reachability.may_send()) {
        chats += count(read, Counter::BoundChats(reachability))?;
    }
    let muted = (count(read, Counter::MutedAccounts)?, count(read, Counter::MutedChats)?);
    Ok((accounts.saturating_sub(muted.0), chats.saturating_sub(muted.1)))
}

/// Adds an account. The caller has checked that the username is free.
pub fn insert(tx: &mut Tx<'_>, account: &Account) -> Result<AccountId, StoreError> {
    let id = AccountId(tx.next("account")?);
    tx.put(ACCOUNT_BY_NAME, &Tail::of(account.username.as_str()), &id)?;
    tx.put(ACCOUNTS, &id, account)?;
    index(tx, id, account)?;
    tx.add(Counter::MutedAccounts, i64::from(account.is_muted()));
    Ok(id)
}

/// Replaces `old` by `new`, username included.
pub fn update(tx: &mut Tx<'_>, id: AccountId, old: &Account, new: &Account) -> Result<(), StoreError> {
    let renamed = old.username != new.username;
    if renamed {
        tx.remove(ACCOUNT_BY_NAME, &Tail::of(old.username.as_str()))?;
        tx.put(ACCOUNT_BY_NAME, &Tail::of(new.username.as_str()), &id)?;
    }
    if renamed || old.tags != new.tags {
        unindex(tx, old)?;
        index(tx, id, new)?;
    } else if old.state() != new.state() {
        // A chat that comes or goes leaves the tags alone.
        unlist(tx, old)?;
        list_by_state(tx, id, new)?;
    }
    tx.add(Counter::MutedAccounts, i64::from(new.is_muted()) - i64::from(old.is_muted()));
    tx.put(ACCOUNTS, &id, new)?;
    Ok(())
}

/// Takes an account away; its links, chats and messages are the caller's.
pub fn remove(tx: &mut Tx<'_>, id: AccountId, account: &Account) -> Result<(), StoreError> {
    tx.remove(ACCOUNT_BY_NAME, &Tail::of(account.username.as_str()))?;
    tx.remove(ACCOUNTS, &id)?;
    tx.add(Counter::MutedAccounts, -i64::from(account.is_muted()));
    talks::remove(tx, id)?;
    unindex(tx, account)
}

/// Notes that an account that is gone still has messages to be removed.
pub fn leave_behind(tx: &mut Tx<'_>, id: AccountId) -> Result<(), StoreError> {
    tx.put(LEFTOVERS, &id, &()).map(|_| ())
}

/// An account that is gone and still has messages.
pub fn leftover(read: &impl Read) -> Result<Option<AccountId>, StoreError> {
    Ok(read.first(LEFTOVERS, &Span::all(), Order::Ascending)?.map(|(id, ())| id))
}

/// Notes that nothing of an account is left.
pub fn nothing_left(tx: &mut Tx<'_>, id: AccountId) -> Result<(), StoreError> {
    tx.remove(LEFTOVERS, &id).map(|_| ())
}

fn index(tx: &mut Tx<'_>, id: AccountId, account: &Account) -> Result<(), StoreError> {
    let name = account.username.as_str();
    list_by_state(tx, id, account)?;
    for tag in &account.tags {
        tx.put(ACCOUNTS_BY_TAG, &Tail(format!("{}\0{name}", tag.as_str())), &id)?;
    }
    Ok(())
}

fn unindex(tx: &mut Tx<'_>, account: &Account) -> Result<(), StoreError> {
    let name = account.username.as_str();
    unlist(tx, account)?;
    for tag in &account.tags {
        tx.remove(ACCOUNTS_BY_TAG, &Tail(format!("{}\0{name}", tag.as_str())))?;
    }
    Ok(())
}

fn list_by_state(tx: &mut Tx<'_>, id: AccountId, account: &Account) -> Result<(), StoreError> {
    let key = (number(account.state()), Tail::of(account.username.as_str()));
    tx.put(ACCOUNTS_BY_STATE, &key, &id)?;
    tx.add(Counter::Accounts(account.state()), 1);
    Ok(())
}

fn unlist(tx: &mut Tx<'_>, account: &Account) -> Result<(), StoreError> {
    tx.remove(ACCOUNTS_BY_STATE, &(number(account.state()), Tail::of(account.username.as_str())))?;
    tx.add(Counter::Accounts(account.state()), -1);
    Ok(())
}

/// A state's place in keys.
pub(super) fn number(state: AccountState) -> u8 {
    match state {
        AccountState::Waiting => 0,
        AccountState::Linked => 1,
        AccountState::Unreachable => 2,
    }
}
