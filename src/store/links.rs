//! Links and their indexes by code, account and state.

use std::ops::ControlFlow;

use crate::clock::Timestamp;
use crate::ids::{AccountId, LinkId};
use crate::model::link::{Code, Link, LinkState, LinkStatus, Target};
use crate::secret::Hash;
use crate::store::error::StoreError;
use crate::store::numbers::Counter;
use crate::store::tables::{LINK_BY_HASH, LINKS, LINKS_BY_ACCOUNT, LINKS_BY_ADMIN, LINKS_BY_STATE};
use crate::store::tx::{Order, Read, Span, Tx};

/// What open codes are sealed for.
const CODE: &str = "link.code";

/// The cursor of a list by state: the moment and number of a row.
pub type Cursor = (Timestamp, LinkId);

/// The link with this number.
pub fn get(read: &impl Read, id: LinkId) -> Result<Option<Link>, StoreError> {
    read.get(LINKS, &id)
}

/// The link whose code has this hash.
pub fn find(read: &impl Read, code: Hash) -> Result<Option<(LinkId, Link)>, StoreError> {
    let Some(id) = read.get(LINK_BY_HASH, &code)? else { return Ok(None) };
    Ok(get(read, id)?.map(|link| (id, link)))
}

/// The code of a link that may still be claimed, opened.
pub fn code(read: &impl Read, link: &Link) -> Option<Code> {
    let sealed = link.sealed_code.as_ref()?;
    let opened = read.sealer().open_text(CODE, sealed).ok()?;
    Code::parse(opened.expose())
}

/// Links of an account, the newest first.
pub fn of_account(read: &impl Read, account: AccountId, limit: usize) -> Result<Vec<(LinkId, Link)>, StoreError> {
    let rows = read.page(LINKS_BY_ACCOUNT, &Span::prefix(&account), Order::Descending, limit)?;
    with_rows(read, rows.into_iter().map(|((_, id), ())| id))
}

/// The newest link of an account that is open or held in the file; it may have expired.
pub fn live_of_account(read: &impl Read, account: AccountId) -> Result<Option<(LinkId, Link)>, StoreError> {
    // A newer code revokes the older ones, so that only the newest can be live.
    Ok(of_account(read, account, 1)?.into_iter().find(|(_, link)| link.ended().is_none()))
}

/// Links in a stored state, the latest moment first: of open ones their expiry, of ended ones their end.
/// With `before`, only those behind that row.
pub fn by_state(
    read: &impl Read,
    status: LinkStatus,
    before: Option<Cursor>,
    limit: usize,
) -> Result<Vec<(LinkId, Link)>, StoreError> {
    let state = number(status);
    let span = Span::prefix(&state);
    let span = before.map_or(span.clone(), |(at, id)| span.before(&(state, at, id)));
    let rows = read.page(LINKS_BY_STATE, &span, Order::Descending, limit)?;
    with_rows(read, rows.into_iter().map(|((_, _, id), ())| id))
}

/// The cursor of a row of [`by_state`].
#[must_use]
pub fn cursor(id: LinkId, link: &Link) -> Cursor {
    (moment(link), id)
}

/// Open and held links whose time ran out before `now`, at most `limit`.
pub fn lapsed(read: &impl Read, now: Timestamp, limit: usize) -> Result<Vec<(LinkId, Link)>, StoreError> {
    let mut ids = Vec::new();
    for status in [LinkStatus::Open, LinkStatus::Held] {
        let span = Span::prefix(&number(status)).through(&(number(status), now));
        ids.extend(read.page(LINKS_BY_STATE, &span, Order::Ascending, limit)?.into_iter().map(|((_, _, id), ())| id));
    }
    ids.truncate(limit);
    with_rows(read, ids.into_iter())
}

/// Links that ended before `then`, at most `limit`.
pub fn ended_before(read: &impl Read, then: Timestamp, limit: usize) -> Result<Vec<(LinkId, Link)>, StoreError> {
    let mut ids = Vec::new();
    for status in [LinkStatus::Used, LinkStatus::Expired, LinkStatus::Revoked] {
        let span = Span::prefix(&number(status)).before(&(number(status), then));
        ids.extend(read.page(LINKS_BY_STATE, &span, Order::Ascending, limit)?.into_iter().map(|((_, _, id), ())| id));
    }
    ids.truncate(limit);
    with_rows(read, ids.into_iter())
}

/// The link of a target that is open or held in the file; it may have expired.
pub fn live_of(read: &impl Read, target: Target) -> Result<Option<(LinkId, Link)>, StoreError> {
    match target {
        Target::Account(account) => live_of_account(read, account),
        Target::Admin(admin) => {
            let newest = read.first(LINKS_BY_ADMIN, &Span::prefix(&admin), Order::Descending)?;
            let rows = with_rows(read, newest.into_iter().map(|((_, id), ())| id))?;
            Ok(rows.into_iter().find(|(_, link)| link.ended().is_none()))
        }
    }
}

/// Held links whose question lapsed before `now`, at most `limit`; as many as chats were asked lately are looked at.
pub fn lapsed_holds(read: &impl Read, now: Timestamp, limit: usize) -> Result<Vec<(LinkId, Link)>, StoreError> {
    let mut lapsed = Vec::new();
    read.visit(LINKS_BY_STATE, &Span::prefix(&number(LinkStatus::Held)), Order::Ascending, |(_, _, id), ()| {
        let is_over = |link: &Link| matches!(link.state, LinkState::Held { until, .. } if until <= now);
        lapsed.extend(get(read, id)?.filter(is_over).map(|link| (id, link)));
        Ok(if lapsed.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    })?;
    Ok(lapsed)
}

/// Hands every link to `each`, in the order of their numbers, until it breaks.
pub fn visit(
    read: &impl Read,
    each: impl FnMut(LinkId, Link) -> Result<ControlFlow<()>, StoreError>,
) -> Result<(), StoreError> {
    read.visit(LINKS, &Span::all(), Order::Ascending, each)
}

fn with_rows(read: &impl Read, ids: impl Iterator<Item = LinkId>) -> Result<Vec<(LinkId, Link)>, StoreError> {
    ids.filter_map(|id| get(read, id).map(|row| row.map(|link| (id, link))).transpose()).collect()
}

/// Adds a link; its code is sealed into it.
pub fn insert(tx: &mut Tx<'_>, code: &Code, mut link: Link) -> Result<LinkId, StoreError> {
    let id = LinkId(tx.next("link")?);
    link.sealed_code = Some(tx.sealer().seal(CODE, code.expose().as_bytes()));
    tx.put(LINKS, &id, &link)?;
    tx.put(LINK_BY_HASH, &link.hash, &id)?;
    match link.target {
        Target::Account(account) => tx.put(LINKS_BY_ACCOUNT, &(account, id), &())?,
        Target::Admin(admin) => tx.put(LINKS_BY_ADMIN, &(admin, id), &())?,
    };
    index(tx, id, &link)?;
    Ok(id)
}

/// Moves a link to another state; when it ends, its code is erased.
pub fn set_state(tx: &mut Tx<'_>, id: LinkId, old: &Link, state: LinkState) -> Result<Link, StoreError> {
    let mut new = old.clone();
    new.state = state;
    if new.ended().is_some() {
        new.sealed_code = None;
    }
    unindex(tx, id, old)?;
    index(tx, id, &new)?;
    tx.put(LINKS, &id, &new)?;
    Ok(new)
}

/// Gives an open link another end.
pub fn set_expiry(tx: &mut Tx<'_>, id: LinkId, old: &Link, expires: Timestamp) -> Result<(), StoreError> {
    let new = Link { expires, ..old.clone() };
    unindex(tx, id, old)?;
    index(tx, id, &new)?;
    tx.put(LINKS, &id, &new).map(|_| ())
}

/// Takes a link away for good.
pub fn remove(tx: &mut Tx<'_>, id: LinkId, link: &Link) -> Result<(), StoreError> {
    tx.remove(LINKS, &id)?;
    tx.remove(LINK_BY_HASH, &link.hash)?;
    match link.target {
        Target::Account(account) => tx.remove(LINKS_BY_ACCOUNT, &(account, id))?,
        Target::Admin(admin) => tx.remove(LINKS_BY_ADMIN, &(admin, id))?,
    };
    unindex(tx, id, link)
}

fn index(tx: &mut Tx<'_>, id: LinkId, link: &Link) -> Result<(), StoreError> {
    let status = stored(link.state);
    tx.put(LINKS_BY_STATE, &(number(status), moment(link), id), &())?;
    tx.add(Counter::Links(status), 1);
    Ok(())
}

fn unindex(tx: &mut Tx<'_>, id: LinkId, link: &Link) -> Result<(), StoreError> {
    let status = stored(link.state);
    tx.remove(LINKS_BY_STATE, &(number(status), moment(link), id))?;
    tx.add(Counter::Links(status), -1);
    Ok(())
}

/// The moment a link is listed under.
pub(super) fn moment(link: &Link) -> Timestamp {
    link.ended().unwrap_or_else(|| link.lapses())
}

/// The stored state, whatever the clock says.
pub(super) fn stored(state: LinkState) -> LinkStatus {
    match state {
        LinkState::Open => LinkStatus::Open,
        LinkState::Held { .. } => LinkStatus::Held,
        LinkState::Used { .. } => LinkStatus::Used,
        LinkState::Expired { .. } => LinkStatus::Expired,
        LinkState::Revoked { .. } => LinkStatus::Revoked,
    }
}

/// A status's place in keys.
pub(super) fn number(status: LinkStatus) -> u8 {
    match status {
        LinkStatus::Open => 0,
        LinkStatus::Held => 1,
        LinkStatus::Used => 2,
        LinkStatus::Expired => 3,
        LinkStatus::Revoked => 4,
    }
}
