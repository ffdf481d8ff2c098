//! Addresses that the website signs: the secret for it, and the one link that each address makes. Whoever opens an address
//! proves nothing but that the website made it for this account; the account never comes from the browser.

use crate::actions::accounts::{Brought, bring};
use crate::actions::links::{Along, check_issue, issue_code};
use crate::actions::{Caller, Error, Refusal};
use crate::clock::Timestamp;
use crate::ids::AccountId;
use crate::model::account::Username;
use crate::model::admin::Role;
use crate::model::connect::{self, AHEAD_MAX, Asked, OVERLAP, Secrets, Signer};
use crate::model::event::Actor;
use crate::model::link::{Code, Target};
use crate::secret::Secret;
use crate::store::{Read, StoreError, Tx, connect as secrets, journal, links, meta};

/// Why an address does not lead on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// A part is missing or cannot be.
    Incomplete,
    /// No secret in force signed it.
    Signature,
    /// Its username cannot be one, or is not in its normal form, in which the outcome would be signed.
    Name,
    /// Its time is over.
    Expired,
    /// It would count for too long.
    Ahead,
}

/// An address that the website signed and whose time is not over.
#[derive(Clone)]
pub struct Vouched {
    /// What it asks for.
    pub asked: Asked,
    /// The account it is for.
    pub username: Username,
    /// The code of its link.
    pub code: Code,
    signer: Signer,
}

/// Makes the secret, or a new one in the place of the one before, which still counts for a day. Told here and never again.
pub fn renew(tx: &mut Tx<'_>, caller: &Caller) -> Result<Secret, Error> {
    caller.needs(Role::Owner)?;
    let now = tx.now();
    let secret = connect::new_secret(tx.rng());
    let current = secrets::seal(tx, &secret);
    let next = if let Some(before) = secrets::get(tx)? {
        // Until an address says otherwise, the website signs as it did.
        let used = before.used.map(|(at, _)| (at, Signer::Older));
        Secrets { current, made: now, older: Some((before.current, now.plus(OVERLAP))), used, ..before }
    } else {
        let seed = secrets::seal(tx, &Secret::random::<32>(tx.rng()));
        Secrets { current, made: now, older: None, seed, used: None }
    };
    let action = if next.older.is_some() { "connect.renew" } else { "connect.create" };
    secrets::put(tx, Some(&next))?;
    journal::audit(tx, caller.actor, action, "")?;
    Ok(secret)
}

/// Ends the secret: addresses signed with it lead nowhere from now on.
pub fn forget(tx: &mut Tx<'_>, caller: &Caller) -> Result<(), Error> {
    caller.needs(Role::Owner)?;
    if secrets::get(tx)?.is_none() {
        return Err(Refusal::conflict(None, "There is no secret for signed addresses.").into());
    }
    secrets::put(tx, None)?;
    journal::audit(tx, caller.actor, "connect.end", "")?;
    Ok(())
}

/// Whether an address counts. What is wrong with it is told only to whoever holds a signature of ours.
pub fn vouch(read: &impl Read, asked: &Asked) -> Result<Result<Vouched, Wrong>, StoreError> {
    if !asked.is_whole() {
        return Ok(Err(Wrong::Incomplete));
    }
    let now = read.now();
    let Some(kept) = secrets::get(read)? else { return Ok(Err(Wrong::Signature)) };
    let older = kept.older.as_ref().filter(|(_, until)| *until > now).map(|(sealed, _)| (sealed, Signer::Older));
    let signer = [Some((&kept.current, Signer::Current)), older].into_iter().flatten().find_map(|(sealed, signer)| {
        secrets::open(read, sealed).ok().filter(|secret| asked.is_signed_by(secret)).map(|_| signer)
    });
    let Some(signer) = signer else { return Ok(Err(Wrong::Signature)) };
    let Some(ends) = asked.ends() else { return Ok(Err(Wrong::Incomplete)) };
    let named = Username::parse(&asked.username).ok().filter(|name| name.as_str() == asked.username);
    let Some(username) = named else { return Ok(Err(Wrong::Name)) };
    if ends <= now {
        return Ok(Err(Wrong::Expired));
    }
    if ends.since(now) > AHEAD_MAX {
        return Ok(Err(Wrong::Ahead));
    }
    let code = asked.code(&secrets::open(read, &kept.seed)?);
    Ok(code.map(|code| Vouched { asked: asked.clone(), username, code, signer }).ok_or(Wrong::Incomplete))
}

/// Whether an address made its link already; it never makes a second one, whatever became of the first.
pub fn is_made(read: &impl Read, vouched: &Vouched) -> Result<bool, StoreError> {
    Ok(links::find(read, vouched.code.hash())?.is_some())
}

/// Makes the link of an address, unless it is made already. The account is made when it is new; its older open link is revoked.
pub fn open(tx: &mut Tx<'_>, vouched: &Vouched, lifetime: std::time::Duration) -> Result<(), Error> {
    if is_made(tx, vouched)? {
        return Ok(());
    }
    let caller = Caller::internal(Actor::Website);
    let along =
        Along { return_url: Some(vouched.asked.return_url.clone()).filter(|url| !url.is_empty()), metadata: None };
    // Before the account is made: a refusal leaves nothing behind.
    check_issue(&caller, Target::Account(AccountId(0)), lifetime, &along)?;
    if meta::bot(tx)?.is_none() {
        return Err(Refusal::conflict(None, "No bot is connected yet, so there is nothing to link to.").into());
    }
    let told = Brought { username: vouched.username.clone(), name: None, tags: None };
    let (account, ..) = bring(tx, &caller, &told)?;
    issue_code(tx, &caller, Target::Account(account), lifetime, &along, vouched.code.clone())?;
    if let Some(kept) = secrets::get(tx)? {
        let used = Some((tx.now(), vouched.signer));
        secrets::put(tx, Some(&Secrets { used, ..kept }))?;
    }
    Ok(())
}

/// The address to come back to, with the signed outcome in its query: the account was connected at that moment. It is signed
/// by the secret with which the website signed last. Nothing when there is no secret any more.
pub fn way_back(
    read: &impl Read,
    (to, username): (&str, &Username),
    at: Timestamp,
) -> Result<Option<String>, StoreError> {
    let Some(kept) = secrets::get(read)? else { return Ok(None) };
    let older = kept.older.as_ref().filter(|(_, until)| *until > read.now());
    let sealed = match (kept.used, older) {
        (Some((_, Signer::Older)), Some((sealed, _))) => sealed,
        (Some((_, Signer::Older | Signer::Current)) | None, _) => &kept.current,
    };
    let signature = connect::outcome(&secrets::open(read, sealed)?, username.as_str(), at);
    let Ok(mut url) = url::Url::parse(to) else { return Ok(None) };
    url.query_pairs_mut()
        .append_pair("startlink", "connected")
        .append_pair("startlink_at", &at.seconds().to_string())
        .append_pair("startlink_signature", &signature);
    Ok(Some(url.into()))
}

#[cfg(test)]
mod tests;
