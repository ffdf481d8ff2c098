//! Who may come into the portal: let in by an admin with a one-time invitation or a password, and shut out again. What people do
//! there themselves, from signing in to deleting their data, are the same actions as elsewhere.

use std::time::Duration;

use crate::actions::proof::From;
use crate::actions::session::Origin;
use crate::actions::signin::{self, Half};
use crate::actions::who::Who;
use crate::actions::{Caller, Error, Refusal, chats, links, session, settings, throttle};
use crate::clock::Timestamp;
use crate::config::Config;
use crate::ids::{AccountId, ChatId};
use crate::model::account::Username;
use crate::model::admin::{Role, SetupTicket};
use crate::model::chat::Chat;
use crate::model::event::Unlinked;
use crate::model::link::Target;
use crate::model::member::{INVITE_LIFE, Member, Person};
use crate::model::quiet::Quiet;
use crate::secret::Secret;
use crate::store::{self, Read, StoreError, Tx, accounts, journal, members, meta, sessions};

/// What becomes of an invitation that is not good.
pub const OVER: &str = "This invitation was used, or its week is over. Ask for a new one.";

/// How an account's person stands with the portal, for the admin's page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whether they have a password.
    pub has_password: bool,
    /// Whether they enrolled a second factor.
    pub has_factor: bool,
    /// Until when an invitation is open.
    pub invited_until: Option<Timestamp>,
    /// When they last signed in fully, as far as their browsers are remembered.
    pub last_sign_in: Option<Timestamp>,
}

/// How an account's person stands with the portal; nothing when they were never let in.
pub fn standing(read: &impl Read, id: AccountId) -> Result<Option<Standing>, StoreError> {
    let Some(member) = members::get(read, id)? else { return Ok(None) };
    let open = member.invitation.as_ref().filter(|ticket| read.now() < ticket.expires);
    Ok(Some(Standing {
        has_password: member.has_password(),
        has_factor: member.credentials.totp_sealed.is_some(),
        invited_until: open.map(|ticket| ticket.expires),
        last_sign_in: sessions::last_sign_in(read, id)?,
    }))
}

/// Whether the portal is switched on.
pub fn is_open(read: &impl Read) -> Result<bool, StoreError> {
    Ok(!meta::saved(read)?.no_portal)
}

/// Makes a one-time invitation; an older one is void. The answer is its token.
pub fn invite(tx: &mut Tx<'_>, caller: &Caller, id: AccountId) -> Result<Secret, Error> {
    let (username, member) = to_let_in(tx, caller, id)?;
    let secret = Secret::random::<32>(tx.rng());
    let ticket = SetupTicket { hash: secret.hash(), expires: tx.now().plus(INVITE_LIFE) };
    members::put(tx, id, &Member { invitation: Some(ticket), ..member })?;
    journal::audit(tx, caller.actor, "portal.invite", username.as_str())?;
    Ok(Secret::new(format!("{id}.{}", secret.expose())))
}

/// Whom a token invites, while it is good and the portal is switched on.
pub fn invited(read: &impl Read, token: &Secret) -> Result<Option<(AccountId, Person)>, StoreError> {
    let parts = token.expose().split_once('.').and_then(|(id, secret)| Some((id.parse().ok()?, Secret::new(secret))));
    let Some((id, secret)): Option<(AccountId, _)> = parts else { return Ok(None) };
    let is_good = |ticket: &SetupTicket| ticket.hash == secret.hash() && read.now() < ticket.expires;
    let person = id.person(read)?.filter(|person| person.member.invitation.as_ref().is_some_and(is_good));
    Ok(person.map(|person| (id, person)))
}

/// Takes an invitation up with a hashed password: it is used up, all older sessions end, and one begins.
pub fn accept(tx: &mut Tx<'_>, token: &Secret, hash: &str, (from, origin): (&From, &Origin)) -> Result<Half, Error> {
    let (id, mut person) = invited(tx, token)?.ok_or_else(|| Refusal::unproven(None, OVER))?;
    person.member.invitation = None;
    hash.clone_into(&mut person.member.credentials.password);
    renewed(tx, id, &mut person)?;
    journal::audit(tx, id.actor(), "portal.invite.accept", person.username.as_str())?;
    Ok(signin::enter(tx, id, &person, (from, origin))?)
}

/// Sets a hashed password. All sessions end, an open invitation is void, a second factor stays.
pub fn set_password(tx: &mut Tx<'_>, caller: &Caller, id: AccountId, hash: &str) -> Result<(), Error> {
    let (username, mut member) = to_let_in(tx, caller, id)?;
    hash.clone_into(&mut member.credentials.password);
    member.invitation = None;
    let mut person = Person { username, member };
    renewed(tx, id, &mut person)?;
    Ok(journal::audit(tx, caller.actor, "portal.password.set", person.username.as_str())?)
}

/// The password is a new one: sessions, known browsers and counted failures of the old one go.
fn renewed(tx: &mut Tx<'_>, id: AccountId, person: &mut Person) -> Result<(), StoreError> {
    session::end_all(tx, id, person)?;
    sessions::remove_devices(tx, id)?;
    throttle::forget(tx, id, person)
}

/// Shuts an account's person out: password, second factor, invitation and sessions go; account and chats stay.
pub fn shut_out(tx: &mut Tx<'_>, caller: &Caller, id: AccountId) -> Result<(), Error> {
    caller.needs(Role::Operator)?;
    let username = username(tx, id)?;
    if members::get(tx, id)?.is_none() {
        return Err(Refusal::conflict(None, "The person of this account has no access to the portal.").into());
    }
    members::remove(tx, id)?;
    Ok(journal::audit(tx, caller.actor, "portal.shut_out", username.as_str())?)
}

/// A link that connects a chat of one's own account. Each one is kept for a while, so there are only so many a day.
pub fn connect(tx: &mut Tx<'_>, caller: &Caller, config: &Config, id: AccountId) -> Result<(), Error> {
    username(tx, id)?;
    let lifetime = settings::Effective::load(tx, config)?.link_lifetime.value;
    links::check_issue(caller, Target::Account(id), lifetime, &links::Along::default())?;
    if !throttle::charge_daily(tx, "link", id, "")? {
        let wait: Duration = throttle::until_tomorrow(tx.now());
        return Err(Refusal::too_many(wait, "Too many links were made today. Try again tomorrow.").into());
    }
    links::issue(tx, caller, Target::Account(id), lifetime).map(|_| ())
}

/// Whether broadcasts are sent to a chat of one's own account.
pub fn mute(tx: &mut Tx<'_>, id: AccountId, chat: ChatId, muted: bool) -> Result<(), Error> {
    own(tx, id, chat)?;
    Ok(chats::set_muted(tx, chat, muted).map(|_| ())?)
}

/// The quiet hours of all chats of one's own account; `None` ends them. Chats that come later begin without.
pub fn set_quiet(tx: &mut Tx<'_>, id: AccountId, quiet: Option<&Quiet>) -> Result<(), Error> {
    let rows = store::chats::of_account(tx, id)?;
    if rows.is_empty() {
        return Err(Refusal::conflict(None, "Connect a chat first: quiet hours are about your chats.").into());
    }
    for (chat, _) in rows {
        chats::set_quiet(tx, chat, quiet.cloned())?;
    }
    Ok(())
}

/// Disconnects a chat of one's own account.
pub fn disconnect(tx: &mut Tx<'_>, caller: &Caller, id: AccountId, chat: ChatId) -> Result<(), Error> {
    own(tx, id, chat)?;
    chats::unbind(tx, caller, chat, Unlinked::ByPerson).map(|_| ())
}

/// A chat, if it is connected to this account.
pub fn own(read: &impl Read, id: AccountId, chat: ChatId) -> Result<Chat, Error> {
    let row = store::chats::get(read, chat)?.filter(|row| row.account() == Some(id));
    Ok(row.ok_or_else(|| Refusal::not_found("This chat is not connected to your account."))?)
}

/// The row of someone who is to be let in, made if it is not there.
fn to_let_in(tx: &Tx<'_>, caller: &Caller, id: AccountId) -> Result<(Username, Member), Error> {
    caller.needs(Role::Operator)?;
    let username = username(tx, id)?;
    if !is_open(tx)? {
        return Err(Refusal::conflict(None, "The portal is switched off in the settings.").into());
    }
    Ok((username, members::get(tx, id)?.unwrap_or_else(|| Member::new(tx.now()))))
}

fn username(read: &impl Read, id: AccountId) -> Result<Username, Error> {
    let account = accounts::get(read, id)?.ok_or_else(|| Refusal::not_found("There is no such account."))?;
    Ok(account.username)
}

#[cfg(test)]
mod tests;
