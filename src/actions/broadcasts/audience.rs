//! Audiences: read from forms, checked, counted.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::ops::ControlFlow;

use crate::actions::{Error, Refusal};
use crate::ids::{AccountId, BroadcastId};
use crate::model::account::{Account, TAGS_MAX, Tag, Username};
use crate::model::broadcast::{Audience, PICKED_MAX, TagFilter};
use crate::model::delivery::Standing;
use crate::model::recipient::Recipient;
use crate::store::{Read, Store, StoreError, accounts, chats, recipients};

/// Wrong lines that a refusal names one by one.
const NAMED: usize = 5;
/// Accounts that are looked at in one snapshot while an audience is counted.
const COUNTED: usize = 10_000;
/// Up to so many accounts a tag's index is read instead of the whole table: reading it costs a piece of the walk at most,
/// and it is read again for each piece.
const INDEXED: usize = 5_000;

/// How many an audience is now: only chats that can be reached and want broadcasts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Accounts with at least one such chat.
    pub accounts: u64,
    /// Chats.
    pub chats: u64,
}

/// Reads usernames, one a line; empty lines are passed over. Those that do not exist are refused with their lines.
pub fn picked(read: &impl Read, text: &str) -> Result<Audience, Error> {
    let lines = || (1..).zip(text.lines().map(str::trim)).filter(|(_, line)| !line.is_empty());
    let names: BTreeSet<&str> = lines().map(|(_, line)| line).collect();
    check_number(names.len())?;
    let (mut ids, mut wrong) = (BTreeSet::new(), Vec::new());
    for (number, line) in lines() {
        let found = match Username::parse(line) {
            Ok(username) => accounts::find(read, &username)?,
            Err(_) => None,
        };
        match found {
            Some((id, _)) => {
                ids.insert(id);
            }
            None => wrong.push((number, line)),
        }
    }
    if wrong.is_empty() {
        return Ok(Audience::Picked(ids.into_iter().collect()));
    }
    Err(Refusal::invalid("picked", unknown(&wrong)).into())
}

fn unknown(wrong: &[(u32, &str)]) -> String {
    let mut text = String::from("There is no such account:");
    for (at, (number, line)) in wrong.iter().take(NAMED).enumerate() {
        let comma = if at == 0 { "" } else { "," };
        // Writing into a text does not fail.
        let _ = write!(text, "{comma} line {number}, \"{line}\"");
    }
    match wrong.len().saturating_sub(NAMED) {
        0 => text.push('.'),
        more => {
            let _ = write!(text, ", and {more} more.");
        }
    }
    text
}

fn check_number(number: usize) -> Result<(), Refusal> {
    if number == 0 {
        return Err(Refusal::invalid("picked", "Name at least one account, one a line."));
    }
    if number > PICKED_MAX {
        let sentence = format!("At most {PICKED_MAX} accounts can be picked; these are {number}. Use a tag instead.");
        return Err(Refusal::invalid("picked", sentence));
    }
    Ok(())
}

/// Reads an expression over tags: each a list, separated by commas or white space.
pub fn tags(all: &str, any: &str, none: &str) -> Result<Audience, Refusal> {
    let list = |field: &'static str, text: &str| Tag::parse_list(text).map_err(|error| Refusal::invalid(field, error));
    let filter = TagFilter { all: list("all", all)?, any: list("any", any)?, none: list("none", none)? };
    check_filter(filter).map(Audience::Tags)
}

fn check_filter(mut filter: TagFilter) -> Result<TagFilter, Refusal> {
    if filter.is_empty() {
        return Err(Refusal::invalid("all", "Name at least one tag, or send it to everyone."));
    }
    for (field, list) in [("all", &mut filter.all), ("any", &mut filter.any), ("none", &mut filter.none)] {
        list.sort();
        list.dedup();
        if list.len() > TAGS_MAX {
            return Err(Refusal::invalid(field, format!("These are more than {TAGS_MAX} tags.")));
        }
    }
    Ok(filter)
}

/// Checks an audience that someone chose, and brings it into order.
pub(super) fn check(audience: Audience) -> Result<Audience, Refusal> {
    match audience {
        Audience::Everyone => Ok(audience),
        Audience::Tags(filter) => check_filter(filter).map(Audience::Tags),
        Audience::Picked(mut ids) => {
            ids.sort_unstable();
            ids.dedup();
            check_number(ids.len())?;
            Ok(Audience::Picked(ids))
        }
        Audience::Again { .. } => {
            Err(Refusal::invalid("audience", "Send again from the broadcast whose recipients these are."))
        }
    }
}

/// Counts an audience: everyone from kept counts, others by looking, in short snapshots. For a thread that may block.
pub fn size(store: &Store, audience: &Audience) -> Result<Size, StoreError> {
    if matches!(audience, Audience::Everyone) {
        let (accounts, chats) = store.read(accounts::listening)?;
        return Ok(Size { accounts, chats });
    }
    let (mut size, mut looked, mut last) = (Size::default(), 0, None);
    loop {
        let snapshot = store.snapshot()?;
        if let Audience::Again { of, ended } = audience {
            let piece = again(&snapshot, *of, *ended, looked, COUNTED)?;
            for row in &piece.found {
                size.chats += 1;
                size.accounts += u64::from(last.replace(row.account) != Some(row.account));
            }
            looked = piece.looked;
            if piece.end {
                return Ok(size);
            }
        } else {
            let piece = piece(&snapshot, audience, looked, COUNTED)?;
            for candidate in &piece.found {
                size.chats += u64::from(candidate.listening);
                size.accounts += 1;
            }
            looked = piece.looked;
            if piece.end {
                return Ok(size);
            }
        }
    }
}

/// A part of an audience, in the order of accounts.
#[derive(Debug)]
pub(super) struct Piece<T> {
    pub found: Vec<T>,
    /// Where the next part begins: behind this account, or for [`Audience::Again`] at this position.
    pub looked: u64,
    /// Whether this was the last part.
    pub end: bool,
}

/// An account with chats that a broadcast reaches.
#[derive(Debug)]
pub(super) struct Candidate {
    pub id: AccountId,
    pub chats: u32,
    pub listening: u32,
}

impl Candidate {
    fn of(id: AccountId, account: &Account) -> Option<Self> {
        let (chats, listening) = (account.chats, account.listening());
        (listening > 0).then_some(Self { id, chats, listening })
    }
}

/// Looks at up to `limit` accounts behind `looked`. Of [`Audience::Again`] nothing is found here.
pub(super) fn piece(
    read: &impl Read,
    audience: &Audience,
    looked: u64,
    limit: usize,
) -> Result<Piece<Candidate>, StoreError> {
    match audience {
        Audience::Everyone => walk(read, looked, limit, |_| true),
        Audience::Picked(ids) => of_these(read, ids, looked, limit, |_| true),
        Audience::Tags(filter) => match indexed(read, filter)? {
            Some(ids) => of_these(read, &ids, looked, limit, |account| filter.fits(&account.tags)),
            None => walk(read, looked, limit, |account| filter.fits(&account.tags)),
        },
        Audience::Again { .. } => Ok(Piece { found: Vec::new(), looked, end: true }),
    }
}

/// Goes through the table of accounts.
fn walk(
    read: &impl Read,
    looked: u64,
    limit: usize,
    fits: impl Fn(&Account) -> bool,
) -> Result<Piece<Candidate>, StoreError> {
    let mut piece = Piece { found: Vec::new(), looked, end: true };
    let mut left = limit;
    accounts::visit(read, AccountId(looked), |id, account| {
        if left == 0 {
            piece.end = false;
            return Ok(ControlFlow::Break(()));
        }
        left -= 1;
        piece.looked = id.0;
        piece.found.extend(Candidate::of(id, &account).filter(|_| fits(&account)));
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(piece)
}

/// Looks up accounts by their numbers, which are sorted.
fn of_these(
    read: &impl Read,
    ids: &[AccountId],
    looked: u64,
    limit: usize,
    fits: impl Fn(&Account) -> bool,
) -> Result<Piece<Candidate>, StoreError> {
    let begin = ids.partition_point(|id| id.0 <= looked);
    let rest = ids.get(begin..).unwrap_or_default();
    let mut piece = Piece { found: Vec::new(), looked, end: rest.len() <= limit };
    for id in rest.iter().take(limit) {
        piece.looked = id.0;
        let account = accounts::get(read, *id)?.filter(|account| fits(account));
        piece.found.extend(account.and_then(|account| Candidate::of(*id, &account)));
    }
    Ok(piece)
}

/// The accounts that an expression can fit at all, sorted, when an index names them and they are few.
fn indexed(read: &impl Read, filter: &TagFilter) -> Result<Option<Vec<AccountId>>, StoreError> {
    for tag in &filter.all {
        if let Some(ids) = accounts::tagged(read, tag, INDEXED / filter.all.len())? {
            return Ok(Some(sorted(ids)));
        }
    }
    if filter.any.is_empty() {
        return Ok(None);
    }
    let mut union = Vec::new();
    for tag in &filter.any {
        let Some(ids) = accounts::tagged(read, tag, INDEXED - union.len())? else { return Ok(None) };
        union.extend(ids);
    }
    Ok(Some(sorted(union)))
}

fn sorted(mut ids: Vec<AccountId>) -> Vec<AccountId> {
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// Looks at up to `limit` recipients of another broadcast that ended so, from a position on: those whose chat is still
/// their account's, can be reached and wants broadcasts.
pub(super) fn again(
    read: &impl Read,
    of: BroadcastId,
    ended: Standing,
    looked: u64,
    limit: usize,
) -> Result<Piece<Recipient>, StoreError> {
    let mut piece = Piece { found: Vec::new(), looked, end: true };
    let Ok(from) = u32::try_from(looked) else { return Ok(piece) };
    let rows = recipients::ended(read, of, ended, from, limit)?;
    piece.end = rows.len() < limit;
    for (position, row) in rows {
        piece.looked = u64::from(position) + 1;
        let chat = chats::get(read, row.chat)?;
        if chat.is_some_and(|chat| chat.account() == Some(row.account) && chat.listens()) {
            piece.found.push(Recipient::queued(row.chat, row.account));
        }
    }
    Ok(piece)
}

#[cfg(test)]
mod tests;
