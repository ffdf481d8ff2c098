//! Chats: heard of, bound, unbound, muted, lost and regained. Cancelling what is queued and telling the website belong to it.

use std::time::Duration;

use crate::actions::links::owns;
use crate::actions::{Caller, Error, events, messages, settings};
use crate::ids::{AccountId, AdminId, ChatId};
use crate::model::account::Username;
use crate::model::admin::Role;
use crate::model::chat::{Binding, Chat, Profile, Reachability, Tally};
use crate::model::delivery::{Delivery, DeliveryState};
use crate::model::event::{Actor, EventKind, Unlinked};
use crate::model::quiet::Quiet;
use crate::model::texts::TextKey;
use crate::store::{Read as _, StoreError, Tx, accounts, admins, chats, deliveries, journal};

/// How exactly it is known when a chat was last heard; saves a write for each of its updates.
const HEARD_WITHIN: Duration = Duration::from_mins(1);

/// The person of a chat did something: makes or refreshes its row. Such a chat can be reached (again). Reads one row and
/// writes at most one, with an event when a bound chat had been lost.
pub fn note(tx: &mut Tx<'_>, id: ChatId, profile: Profile) -> Result<Chat, Error> {
    let now = tx.now();
    let Some(old) = chats::get(tx, id)? else {
        let chat = Chat::new(profile, now);
        chats::put(tx, id, None, &chat)?;
        return Ok(chat);
    };
    let language = profile.language.or_else(|| old.profile.language.clone());
    let profile = Profile { language, ..profile };
    let new = Chat { profile, last_heard: now, reachability: Reachability::Reachable, ..old.clone() };
    let same = new.profile == old.profile && new.reachability == old.reachability;
    if same && now.since(old.last_heard) < HEARD_WITHIN {
        return Ok(old);
    }
    chats::put(tx, id, Some(&old), &new)?;
    if let Some(account) = old.account().filter(|_| !old.reachability.may_send()) {
        events::of_account(tx, account, EventKind::ChatRegained(id))?;
    }
    Ok(new)
}

/// Binds a chat that was [noted](note) to an account; from another account it is moved. About six rows; a move costs
/// what is queued for the old account as well. An account or chat that does not exist is left as it is.
pub fn bind(tx: &mut Tx<'_>, id: ChatId, account: AccountId) -> Result<Option<Chat>, Error> {
    let Some(old) = chats::get(tx, id)? else { return Ok(None) };
    if old.account() == Some(account) {
        return Ok(Some(old));
    }
    let Some(row) = accounts::get(tx, account)? else { return Ok(None) };
    if let Some(other) = old.account() {
        stop_deliveries(tx, id, Some(other))?;
        events::of_account(tx, other, EventKind::ChatUnlinked(id, Unlinked::Moved))?;
    }
    withdraw_question(tx, &old)?;
    let binding = Some(Binding { account, since: tx.now() });
    let new = Chat { binding, wrong_codes: Tally::default(), passed_on: None, ..old.clone() };
    chats::put(tx, id, Some(&old), &new)?;
    events::record(tx, Some((account, row.username)), EventKind::ChatLinked(id))?;
    Ok(Some(new))
}

/// Whether to connect a group need not be asked any more when it has not been asked yet.
fn withdraw_question(tx: &mut Tx<'_>, group: &Chat) -> Result<(), StoreError> {
    let Some(id) = group.asked else { return Ok(()) };
    let at = tx.now();
    match deliveries::get(tx, id)?.filter(messages::is_queued) {
        Some(delivery) => messages::end(tx, id, &delivery, DeliveryState::Cancelled { at }),
        None => Ok(()),
    }
}

/// Binds a chat that is connected elsewhere already, and to no account here; `old` is its row. Nobody is told: the person and
/// the website know. Whether messages reach a chat that was never heard of is not known; the first one tells.
pub(super) fn adopt(tx: &mut Tx<'_>, id: ChatId, old: Option<&Chat>, account: AccountId) -> Result<(), StoreError> {
    let now = tx.now();
    let stranger = || Chat { reachability: Reachability::Unknown, ..Chat::new(Profile::default(), now) };
    let row = old.cloned().unwrap_or_else(stranger);
    let binding = Some(Binding { account, since: now });
    chats::put(tx, id, old, &Chat { binding, wrong_codes: Tally::default(), passed_on: None, ..row })
}

/// Takes a chat off its account, cancels what is queued there for that account and tells the website; whose it was.
/// When the site or a deletion did it, the chat is told. Answers that wait are left: they answer the person.
pub fn unbind(tx: &mut Tx<'_>, caller: &Caller, id: ChatId, why: Unlinked) -> Result<Option<AccountId>, Error> {
    if why == Unlinked::BySite {
        caller.needs(Role::Operator)?;
    }
    let Some(old) = chats::get(tx, id)? else { return Ok(None) };
    let Some(account) = old.account() else { return Ok(None) };
    let username = accounts::get(tx, account)?.map(|row| row.username);
    stop_deliveries(tx, id, Some(account))?;
    let new = Chat { binding: None, passed_on: None, ..old.clone() };
    chats::put(tx, id, Some(&old), &new)?;
    let named = username.clone().map(|username| (account, username));
    events::record(tx, named, EventKind::ChatUnlinked(id, why))?;
    let told = match why {
        Unlinked::BySite => Some(TextKey::DisconnectedBySite),
        Unlinked::AccountDeleted => Some(TextKey::AccountDeleted),
        Unlinked::ByPerson | Unlinked::Moved => None,
    };
    if let (Some(key), Some(username)) = (told, &username) {
        tell(tx, id, &new, key, username)?;
    }
    if why == Unlinked::BySite {
        let name = username.map(|username| username.to_string()).unwrap_or_default();
        journal::audit(tx, caller.actor, "chat.unlink", format!("{name}, chat {id}"))?;
    }
    Ok(Some(account))
}

fn tell(tx: &mut Tx<'_>, id: ChatId, chat: &Chat, key: TextKey, username: &Username) -> Result<(), StoreError> {
    if !chat.reachability.may_send() {
        return Ok(());
    }
    let voice = settings::Voice::load(tx)?;
    let text = voice.say(key, chat.profile.language.as_deref(), &[("username", &voice.shown(username))]);
    messages::notice(tx, id, text).map(|_| ())
}

/// Makes a chat an admin's own, for test messages and notices; its account, if any, stays. From another admin it moves.
pub fn bind_admin(tx: &mut Tx<'_>, id: ChatId, admin: AdminId) -> Result<Option<Chat>, Error> {
    let Some(old) = chats::get(tx, id)? else { return Ok(None) };
    let Some(row) = admins::get(tx, admin)? else { return Ok(None) };
    let new = Chat { admin: Some(admin), wrong_codes: Tally::default(), ..old.clone() };
    chats::put(tx, id, Some(&old), &new)?;
    journal::audit(tx, Actor::Chat(id), "admin.chat.link", format!("admin {}, chat {id}", row.name))?;
    Ok(Some(new))
}

/// Takes an admin's own chat from them and cancels the notices that wait for it; whose it was.
pub fn unbind_admin(tx: &mut Tx<'_>, caller: &Caller, id: ChatId) -> Result<Option<AdminId>, Error> {
    let Some(old) = chats::get(tx, id)? else { return Ok(None) };
    let Some(admin) = old.admin else { return Ok(None) };
    if caller.actor != Actor::Chat(id) {
        owns(caller, admin)?;
    }
    stop_deliveries(tx, id, None)?;
    chats::put(tx, id, Some(&old), &Chat { admin: None, ..old.clone() })?;
    let name = admins::get(tx, admin)?.map(|row| row.name.to_string()).unwrap_or_default();
    journal::audit(tx, caller.actor, "admin.chat.unlink", format!("admin {name}, chat {id}"))?;
    Ok(Some(admin))
}

/// Sets whether messages reach a chat; a bound one that is lost or regained is an event, and what waits for a lost one
/// is skipped. Never toggles: the state comes from Telegram.
pub fn set_reachability(tx: &mut Tx<'_>, id: ChatId, reachability: Reachability) -> Result<(), Error> {
    let Some(old) = chats::get(tx, id)? else { return Ok(()) };
    if old.reachability == reachability {
        return Ok(());
    }
    let (could, can) = (old.reachability.may_send(), reachability.may_send());
    // A lost chat comes back only by something its person did.
    let last_heard = if can && !could { tx.now() } else { old.last_heard };
    chats::put(tx, id, Some(&old), &Chat { reachability, last_heard, ..old.clone() })?;
    if could && !can {
        skip_all(tx, id, &old)?;
    }
    let kind = match (could, can) {
        (true, false) => EventKind::ChatLost(id, reachability),
        (false, true) => EventKind::ChatRegained(id),
        (true, true) | (false, false) => return Ok(()),
    };
    if let Some(account) = old.account() {
        events::of_account(tx, account, kind)?;
    }
    Ok(())
}

/// Whether broadcasts are sent to a chat, as its person wishes; answers and personal messages always are. Whether that
/// changed anything. The wish is about the bot and not about an account: it stays when the chat is moved, lost, regained
/// or connected again. No event: the website sees it in the outcome of a broadcast.
pub fn set_muted(tx: &mut Tx<'_>, id: ChatId, muted: bool) -> Result<bool, StoreError> {
    let Some(old) = chats::get(tx, id)?.filter(|chat| chat.muted.is_some() != muted) else { return Ok(false) };
    let muted = muted.then_some(tx.now());
    chats::put(tx, id, Some(&old), &Chat { muted, ..old.clone() })?;
    Ok(true)
}

/// Sets a chat's quiet hours, as its person wishes. Like being muted they are about the bot and outlive every binding.
pub fn set_quiet(tx: &mut Tx<'_>, id: ChatId, quiet: Option<Quiet>) -> Result<(), StoreError> {
    match chats::get(tx, id)?.filter(|chat| chat.quiet != quiet) {
        Some(old) => chats::put(tx, id, Some(&old), &Chat { quiet, ..old.clone() }),
        None => Ok(()),
    }
}

/// A group has another number: its row moves there, in place of one that the new number may have already. What waits for
/// the old number goes to the new one when Telegram says so.
pub fn migrate(tx: &mut Tx<'_>, from: ChatId, to: ChatId) -> Result<(), StoreError> {
    let Some(row) = chats::get(tx, from)? else { return Ok(()) };
    chats::remove(tx, from, &row)?;
    let known = chats::get(tx, to)?;
    chats::put(tx, to, known.as_ref(), &row)
}

/// Ends what waits for a chat on behalf of an account, or outside of every account.
fn stop_deliveries(tx: &mut Tx<'_>, chat: ChatId, account: Option<AccountId>) -> Result<(), StoreError> {
    let at = tx.now();
    for (id, delivery) in deliveries::pending_of_chat(tx, chat)? {
        if delivery.account == account && messages::is_queued(&delivery) {
            messages::end(tx, id, &delivery, delivery.taken_back(at))?;
        }
    }
    Ok(())
}

fn skip_all(tx: &mut Tx<'_>, id: ChatId, chat: &Chat) -> Result<(), StoreError> {
    let at = tx.now();
    let mut rows = deliveries::pending_of_chat(tx, id)?;
    if let Some(answer) = chat.last_answer {
        rows.extend(deliveries::get(tx, answer)?.map(|delivery| (answer, delivery)));
    }
    let waiting = |(_, delivery): &(_, Delivery)| messages::is_queued(delivery);
    for (id, delivery) in rows.into_iter().filter(waiting) {
        messages::end(tx, id, &delivery, delivery.left_out(at))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
