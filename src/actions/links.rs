//! Links: issued, revoked, held while a chat is asked, used up, swept when their time is over.
//! Whether a chat may claim one is decided in `claims`; here they move and what happened is told.

use std::time::Duration;

use crate::actions::{Caller, Error, Refusal, events};
use crate::clock::Timestamp;
use crate::ids::{AccountId, AdminId, ChatId, LinkId};
use crate::model::admin::Role;
use crate::model::event::{Actor, EventKind};
use crate::model::link::{Code, KEPT, Link, LinkState, LinkStatus, Revocation, Target};
use crate::store::{Read as _, StoreError, Tx, accounts, admins, journal, links};

/// The shortest time a code can be claimed.
pub const LIFETIME_MIN: Duration = Duration::from_mins(1);
/// The longest time a code can be claimed.
pub const LIFETIME_MAX: Duration = Duration::from_hours(7 * 24);

/// The longest address that a link leads back to, in bytes.
const ADDRESS_MAX: usize = 2048;
/// The most that the website keeps with a link, in bytes.
const METADATA_MAX: usize = 4096;

/// A link that was just made, with the code that only its page and its person may see.
#[derive(Clone)]
pub struct Issued {
    /// Its number.
    pub id: LinkId,
    /// What stands behind `?start=`.
    pub code: Code,
    /// The row.
    pub link: Link,
}

/// What the website gives along with a link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Along {
    /// Where the link's page leads back to once it is used.
    pub return_url: Option<String>,
    /// What it wants to find with the link again: a JSON object as text.
    pub metadata: Option<String>,
}

impl Along {
    /// Whether a page of ours may lead to the address: absolute, by https, or by http for who develops on one machine.
    fn check(&self) -> Result<(), Refusal> {
        if let Some(address) = &self.return_url {
            let is_good = address.len() <= ADDRESS_MAX && url::Url::parse(address).is_ok_and(|url| leads_back(&url));
            if !is_good {
                let sentence = "This has to be an absolute address that begins with https://, without a name or password in it, \
                                of at most 2,048 bytes. On this machine http:// will do.";
                return Err(Refusal::invalid("return_url", sentence));
            }
        }
        if self.metadata.as_ref().is_some_and(|text| text.len() > METADATA_MAX) {
            return Err(Refusal::invalid("metadata", format!("This has at most {METADATA_MAX} bytes.")));
        }
        Ok(())
    }
}

fn leads_back(url: &url::Url) -> bool {
    let local = || match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    let is_bare = url.username().is_empty() && url.password().is_none();
    is_bare && url.has_host() && (url.scheme() == "https" || (url.scheme() == "http" && local()))
}

/// Makes a new code for an account or an admin's own chat. The one before it is revoked, even while a chat is being
/// asked about it. Links of accounts need an operator; an admin may link a chat of their own.
pub fn issue(tx: &mut Tx<'_>, caller: &Caller, target: Target, lifetime: Duration) -> Result<Issued, Error> {
    issue_along(tx, caller, target, lifetime, &Along::default())
}

/// [`issue`] for the website.
pub fn issue_along(
    tx: &mut Tx<'_>,
    caller: &Caller,
    target: Target,
    lifetime: Duration,
    along: &Along,
) -> Result<Issued, Error> {
    let code = Code::random(tx.rng());
    issue_code(tx, caller, target, lifetime, along, code)
}

/// [`issue_along`] with a code that no link has yet.
pub(super) fn issue_code(
    tx: &mut Tx<'_>,
    caller: &Caller,
    target: Target,
    lifetime: Duration,
    along: &Along,
    code: Code,
) -> Result<Issued, Error> {
    check_issue(caller, target, lifetime, along)?;
    let subject = name(tx, target)?;
    if let Some((id, older)) = links::live_of(tx, target)? {
        end(tx, id, &older, Revocation::Superseded)?;
    }
    let now = tx.now();
    let link = Link {
        target,
        hash: code.hash(),
        sealed_code: None,
        issued_by: caller.actor,
        issued: now,
        expires: now.plus(lifetime),
        state: LinkState::Open,
        return_url: along.return_url.clone(),
        metadata: along.metadata.clone(),
    };
    let id = links::insert(tx, &code, link.clone())?;
    tell(tx, target, EventKind::LinkCreated(id))?;
    journal::audit(tx, caller.actor, "link.create", subject)?;
    Ok(Issued { id, code, link })
}

/// Whether [`issue_along`] would refuse, for whoever has to write something before.
pub fn check_issue(caller: &Caller, target: Target, lifetime: Duration, along: &Along) -> Result<(), Error> {
    may_issue(caller, target)?;
    if !(LIFETIME_MIN..=LIFETIME_MAX).contains(&lifetime) {
        return Err(Refusal::invalid("lifetime", "A code can be claimed for 1 minute to 7 days.").into());
    }
    Ok(along.check()?)
}

/// Makes a link of a code that was given out elsewhere, in place of the account's open one. Who brings it knows of it: only
/// what it takes the place of is told. The caller has checked that nobody has this code.
pub(super) fn adopt(
    tx: &mut Tx<'_>,
    caller: &Caller,
    account: AccountId,
    code: &Code,
    expires: Timestamp,
) -> Result<(), StoreError> {
    let target = Target::Account(account);
    if let Some((id, older)) = links::live_of(tx, target)? {
        end(tx, id, &older, Revocation::Superseded)?;
    }
    let link = Link {
        target,
        hash: code.hash(),
        sealed_code: None,
        issued_by: caller.actor,
        issued: tx.now(),
        expires,
        state: LinkState::Open,
        return_url: None,
        metadata: None,
    };
    links::insert(tx, code, link).map(|_| ())
}

/// Takes an open or held link back.
pub fn revoke(tx: &mut Tx<'_>, caller: &Caller, id: LinkId) -> Result<Link, Error> {
    let link = links::get(tx, id)?.ok_or_else(|| Refusal::not_found("There is no such link."))?;
    may_issue(caller, link.target)?;
    let ended = match link.status(tx.now()) {
        LinkStatus::Open | LinkStatus::Held => None,
        LinkStatus::Used => Some("This link was used already. To undo that, disconnect the chat."),
        LinkStatus::Expired => Some("This link has expired already."),
        LinkStatus::Revoked => Some("This link was revoked already."),
    };
    if let Some(sentence) = ended {
        return Err(Refusal::conflict(None, sentence).into());
    }
    let subject = name(tx, link.target)?;
    let revoked = end(tx, id, &link, Revocation::Asked)?;
    journal::audit(tx, caller.actor, "link.revoke", subject)?;
    Ok(revoked)
}

/// Keeps a link for a chat that is being asked, until `until`.
pub fn hold(tx: &mut Tx<'_>, id: LinkId, link: &Link, chat: ChatId, until: Timestamp) -> Result<Link, StoreError> {
    links::set_state(tx, id, link, LinkState::Held { chat, until })
}

/// Gives a held link free again; one whose time ran out meanwhile expires.
pub fn release(tx: &mut Tx<'_>, id: LinkId, link: &Link) -> Result<Link, StoreError> {
    if tx.now() < link.expires { links::set_state(tx, id, link, LinkState::Open) } else { expire(tx, id, link) }
}

/// Marks a link as used by a chat. About five rows; the website is told.
pub fn mark_used(tx: &mut Tx<'_>, id: LinkId, link: &Link, chat: ChatId) -> Result<Link, StoreError> {
    let used = links::set_state(tx, id, link, LinkState::Used { chat, at: tx.now() })?;
    tell(tx, link.target, EventKind::LinkUsed(id, chat))?;
    Ok(used)
}

/// Revokes the link of an account that is about to go.
pub(super) fn revoke_for_deletion(tx: &mut Tx<'_>, target: Target) -> Result<(), StoreError> {
    match links::live_of(tx, target)? {
        Some((id, link)) => end(tx, id, &link, Revocation::AccountDeleted).map(|_| ()),
        None => Ok(()),
    }
}

/// Writes down what the clock decided: lapsed questions free their link, links out of time expire, links that ended
/// long ago go. At most `limit` of them all; how many changed, so that `limit` means that there may be more.
pub fn sweep(tx: &mut Tx<'_>, limit: usize) -> Result<usize, Error> {
    let now = tx.now();
    let holds = links::lapsed_holds(tx, now, limit)?;
    for (id, link) in &holds {
        release(tx, *id, link)?;
    }
    let left = limit - holds.len();
    let lapsed = links::lapsed(tx, now, left)?;
    for (id, link) in &lapsed {
        expire(tx, *id, link)?;
    }
    let left = left - lapsed.len();
    let old = links::ended_before(tx, now.minus(KEPT), left)?;
    for (id, link) in &old {
        links::remove(tx, *id, link)?;
    }
    Ok(holds.len() + lapsed.len() + old.len())
}

/// Revokes a live link, or writes down that it had expired before.
fn end(tx: &mut Tx<'_>, id: LinkId, link: &Link, why: Revocation) -> Result<Link, StoreError> {
    let now = tx.now();
    if link.status(now) == LinkStatus::Expired {
        return expire(tx, id, link);
    }
    let revoked = links::set_state(tx, id, link, LinkState::Revoked { at: now, why })?;
    tell(tx, link.target, EventKind::LinkRevoked(id, why))?;
    Ok(revoked)
}

fn expire(tx: &mut Tx<'_>, id: LinkId, link: &Link) -> Result<Link, StoreError> {
    let expired = links::set_state(tx, id, link, LinkState::Expired { at: link.lapses() })?;
    tell(tx, link.target, EventKind::LinkExpired(id))?;
    Ok(expired)
}

/// The website hears of its accounts' links only, not of those of admins.
fn tell(tx: &mut Tx<'_>, target: Target, kind: EventKind) -> Result<(), StoreError> {
    match target {
        Target::Account(account) => events::of_account(tx, account, kind),
        Target::Admin(_) => Ok(()),
    }
}

fn may_issue(caller: &Caller, target: Target) -> Result<(), Error> {
    match target {
        Target::Account(_) => caller.needs(Role::Operator),
        Target::Admin(admin) => owns(caller, admin),
    }
}

/// An admin's own things are theirs, and an owner's business.
pub(super) fn owns(caller: &Caller, admin: AdminId) -> Result<(), Error> {
    if caller.actor == Actor::Admin(admin) { Ok(()) } else { caller.needs(Role::Owner) }
}

/// How the audit calls a target.
fn name(tx: &Tx<'_>, target: Target) -> Result<String, Error> {
    match target {
        Target::Account(id) => {
            let account = accounts::get(tx, id)?.ok_or_else(|| Refusal::not_found("There is no such account."))?;
            Ok(account.username.to_string())
        }
        Target::Admin(id) => {
            let admin = admins::get(tx, id)?.ok_or_else(|| Refusal::not_found("There is no such admin."))?;
            Ok(format!("admin {}", admin.name))
        }
    }
}

#[cfg(test)]
mod tests;
