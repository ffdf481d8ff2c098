//! Claims: what a code that comes from a chat does, and the questions it may lead to. A code is claimed, the chat bound
//! and the answer queued in one transaction. Texts go out as answers, so that their limits hold here too.

mod press;
mod tries;
mod words;

use crate::actions::settings::Voice;
use crate::actions::{Caller, Error, chats, links, messages};
use crate::clock::Timestamp;
use crate::ids::{AccountId, AdminId, ChatId, LinkId};
use crate::model::account::Account;
use crate::model::chat::Chat;
use crate::model::event::{Actor, Unlinked};
use crate::model::link::{Code, HOLD, Link, LinkState, LinkStatus, Target};
use crate::model::texts::TextKey;
use crate::store::{self, Read as _, Tx, accounts, admins};

pub use press::{Choice, Press};
pub use tries::{ALARM, alarm};
use words::Words;

/// Other chats of an account that are told of a new one at most.
const TOLD: usize = 20;

/// A chat that sent a code or pressed a button, as it stands in the file after it was noted.
#[derive(Clone, Copy)]
pub struct Asker<'a> {
    /// Which chat.
    pub id: ChatId,
    /// Its row.
    pub chat: &'a Chat,
    /// How the bot speaks.
    pub voice: &'a Voice,
}

/// What a code does that may be claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Claim {
    /// It binds the chat to an account.
    Connect(AccountId),
    /// The chat is bound to that account already.
    Same(AccountId),
    /// The person is asked whether the chat leaves the account `from`.
    AskMove { from: AccountId, to: AccountId },
    /// The person is asked whether it is to be bound at all.
    AskConfirm(AccountId),
    /// It makes the chat an admin's own.
    Admin(AdminId),
}

/// What becomes of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Granted(Claim),
    /// This chat used it, and is still connected by it.
    Repeated(Target),
    Refused(TextKey),
}

/// A code that came behind `/start`; `None` when it was none by its form. Wrong ones are counted, and after too many the
/// chat is asked to wait, once.
pub fn claim(tx: &mut Tx<'_>, asker: &Asker<'_>, code: Option<&Code>) -> Result<(), Error> {
    if tries::are_used_up(tx, asker)? {
        return Ok(());
    }
    let found = match code {
        Some(code) => store::links::find(tx, code.hash())?,
        None => None,
    };
    match found {
        Some((id, link)) => decide(tx, asker, id, &link),
        None => tries::wrong(tx, asker),
    }
}

/// Words that have the form of a code: whether they are one. Words that are not are not counted.
pub fn paste(tx: &mut Tx<'_>, asker: &Asker<'_>, code: &Code) -> Result<bool, Error> {
    let Some((id, link)) = store::links::find(tx, code.hash())? else { return Ok(false) };
    if !tries::are_used_up(tx, asker)? {
        decide(tx, asker, id, &link)?;
    }
    Ok(true)
}

/// A pressed button, granted as far as the link's row says that this chat was asked. What is returned is a short notice
/// to show at the button, when nothing else is said.
pub fn press(tx: &mut Tx<'_>, asker: &Asker<'_>, press: Press) -> Result<Option<String>, Error> {
    let (id, answer) = match press {
        Press::Undo(id) => return undo(tx, asker, id),
        Press::Move { link, from, choice } => (link, (Some(from), choice)),
        Press::Confirm { link, choice } => (link, (None, choice)),
    };
    let link = store::links::get(tx, id)?.filter(|link| asks(link, tx.now(), asker.id));
    let Some(link) = link else {
        let words = Words::of(asker);
        return match store::links::get(tx, id)?.map(|link| link.state) {
            // The other button of the same question, or the same one twice.
            Some(LinkState::Used { chat, .. }) if chat == asker.id => Ok(None),
            _ => words.answer(tx, TextKey::Lapsed, &[]).map(|()| None),
        };
    };
    match answer {
        (from, Choice::Yes) => agree(tx, asker, (id, &link), from)?,
        (from, Choice::No) => refuse(tx, asker, (id, &link), from)?,
    }
    Ok(None)
}

/// Whether a question about the link is open in this chat.
fn asks(link: &Link, now: Timestamp, id: ChatId) -> bool {
    link.status(now) == LinkStatus::Held && matches!(link.state, LinkState::Held { chat, .. } if chat == id)
}

fn agree(
    tx: &mut Tx<'_>,
    asker: &Asker<'_>,
    (id, link): (LinkId, &Link),
    from: Option<AccountId>,
) -> Result<(), Error> {
    match (link.target, asker.chat.account()) {
        // What was asked is what is so: no second question.
        (Target::Account(to), Some(bound)) if from == Some(bound) && bound != to => {
            shift(tx, asker, (id, link), (bound, to))
        }
        (Target::Account(to), None) => connect(tx, asker, (id, link), to),
        (Target::Account(_) | Target::Admin(_), _) => decide(tx, asker, id, link),
    }
}

fn refuse(
    tx: &mut Tx<'_>,
    asker: &Asker<'_>,
    (id, link): (LinkId, &Link),
    from: Option<AccountId>,
) -> Result<(), Error> {
    let words = Words::of(asker);
    let Target::Account(to) = link.target else { return Ok(()) };
    links::release(tx, id, link)?;
    let key = if from.is_some() && asker.chat.account() == from { TextKey::Kept } else { TextKey::Declined };
    words.answer_about(tx, key, to, from)
}

/// "Not you? Disconnect": takes back what the link did, if the chat is still connected by it.
fn undo(tx: &mut Tx<'_>, asker: &Asker<'_>, id: LinkId) -> Result<Option<String>, Error> {
    let words = Words::of(asker);
    let link = store::links::get(tx, id)?;
    let target = link.filter(|link| is_bound_by(link, asker)).map(|link| link.target);
    let caller = Caller::internal(Actor::Chat(asker.id));
    match target {
        Some(Target::Account(account)) => {
            chats::unbind(tx, &caller, asker.id, Unlinked::ByPerson)?;
            words.answer_about(tx, TextKey::Disconnected, account, None)?;
            Ok(None)
        }
        Some(Target::Admin(admin)) => {
            chats::unbind_admin(tx, &caller, asker.id)?;
            words.answer_admin(tx, TextKey::AdminDisconnected, admin, None)?;
            Ok(None)
        }
        None => words.standing(tx).map(Some),
    }
}

/// Whether the chat used the link and is connected to its target since then or before.
fn is_bound_by(link: &Link, asker: &Asker<'_>) -> bool {
    let LinkState::Used { chat, at } = link.state else { return false };
    chat == asker.id
        && match link.target {
            Target::Account(account) => {
                asker.chat.binding.is_some_and(|binding| binding.account == account && binding.since <= at)
            }
            Target::Admin(admin) => asker.chat.admin == Some(admin),
        }
}

fn decide(tx: &mut Tx<'_>, asker: &Asker<'_>, id: LinkId, link: &Link) -> Result<(), Error> {
    let words = Words::of(asker);
    match verdict(link, tx.now(), asker) {
        Verdict::Refused(key) => words.answer(tx, key, &[]),
        Verdict::Repeated(Target::Account(account)) => words.answer_about(tx, TextKey::AlreadyConnected, account, None),
        Verdict::Repeated(Target::Admin(admin)) => words.answer_admin(tx, TextKey::AdminConnected, admin, None),
        Verdict::Granted(Claim::Connect(account)) => connect(tx, asker, (id, link), account),
        Verdict::Granted(Claim::Same(account)) => {
            links::mark_used(tx, id, link, asker.id)?;
            words.answer_about(tx, TextKey::AlreadyConnected, account, None)
        }
        Verdict::Granted(Claim::AskMove { from, to }) => {
            hold(tx, asker, id, link)?;
            words.ask_move(tx, id, from, to)
        }
        Verdict::Granted(Claim::AskConfirm(account)) => {
            hold(tx, asker, id, link)?;
            words.ask_confirm(tx, id, account)
        }
        Verdict::Granted(Claim::Admin(admin)) => {
            if chats::bind_admin(tx, asker.id, admin)?.is_none() {
                return words.answer(tx, TextKey::RevokedCode, &[]);
            }
            links::mark_used(tx, id, link, asker.id)?;
            words.answer_admin(tx, TextKey::AdminConnected, admin, Some(id))
        }
    }
}

/// What a code does, by its row and its chat's.
fn verdict(link: &Link, now: Timestamp, asker: &Asker<'_>) -> Verdict {
    match (link.status(now), link.state) {
        (LinkStatus::Used, _) if is_bound_by(link, asker) => Verdict::Repeated(link.target),
        (LinkStatus::Used, _) => Verdict::Refused(TextKey::UsedCode),
        (LinkStatus::Expired, _) => Verdict::Refused(TextKey::ExpiredCode),
        (LinkStatus::Revoked, _) => Verdict::Refused(TextKey::RevokedCode),
        (LinkStatus::Held, LinkState::Held { chat, .. }) if chat != asker.id => Verdict::Refused(TextKey::HeldCode),
        (LinkStatus::Held | LinkStatus::Open, _) => Verdict::Granted(match (link.target, asker.chat.account()) {
            (Target::Admin(_), _) if !asker.id.is_private() => return Verdict::Refused(TextKey::PrivateOnly),
            (Target::Admin(admin), _) => Claim::Admin(admin),
            (Target::Account(account), Some(bound)) if bound == account => Claim::Same(account),
            (Target::Account(to), Some(from)) => Claim::AskMove { from, to },
            (Target::Account(account), None) if asker.voice.confirms => Claim::AskConfirm(account),
            (Target::Account(account), None) => Claim::Connect(account),
        }),
    }
}

/// Keeps the link for the chat. A question that is asked again does not last longer for it.
fn hold(tx: &mut Tx<'_>, asker: &Asker<'_>, id: LinkId, link: &Link) -> Result<(), Error> {
    if link.status(tx.now()) != LinkStatus::Held {
        let until = tx.now().plus(HOLD);
        links::hold(tx, id, link, asker.id, until)?;
    }
    Ok(())
}

fn connect(tx: &mut Tx<'_>, asker: &Asker<'_>, (id, link): (LinkId, &Link), account: AccountId) -> Result<(), Error> {
    let words = Words::of(asker);
    let Some(row) = accounts::get(tx, account)? else { return words.answer(tx, TextKey::RevokedCode, &[]) };
    links::mark_used(tx, id, link, asker.id)?;
    chats::bind(tx, asker.id, account)?;
    words.greet(tx, id, (account, &row))?;
    tell_others(tx, asker, account, &row)
}

fn shift(
    tx: &mut Tx<'_>,
    asker: &Asker<'_>,
    (id, link): (LinkId, &Link),
    (from, to): (AccountId, AccountId),
) -> Result<(), Error> {
    let words = Words::of(asker);
    let Some(row) = accounts::get(tx, to)? else { return words.answer(tx, TextKey::RevokedCode, &[]) };
    links::mark_used(tx, id, link, asker.id)?;
    chats::bind(tx, asker.id, to)?;
    words.moved(tx, id, from, to)?;
    tell_others(tx, asker, to, &row)
}

/// The other chats of an account hear of a new one, so that a stolen code does not stay unnoticed.
fn tell_others(tx: &mut Tx<'_>, asker: &Asker<'_>, account: AccountId, row: &Account) -> Result<(), Error> {
    if row.chats == 0 {
        return Ok(());
    }
    let name = asker.voice.shown(&row.username);
    let others = store::chats::of_account(tx, account)?.into_iter().filter(|(id, _)| *id != asker.id);
    for (id, chat) in others.filter(|(_, chat)| chat.reachability.may_send()).take(TOLD) {
        let language = chat.profile.language.as_deref();
        let text = asker.voice.say(TextKey::AnotherChat, language, &[("username", &name)]);
        messages::notice(tx, id, text)?;
    }
    Ok(())
}

fn admin_name(tx: &Tx<'_>, admin: AdminId) -> Result<String, Error> {
    Ok(admins::get(tx, admin)?.map(|row| row.name.to_string()).unwrap_or_default())
}

fn username(tx: &Tx<'_>, voice: &Voice, account: AccountId) -> Result<String, Error> {
    Ok(accounts::get(tx, account)?.map(|row| voice.shown(&row.username)).unwrap_or_default())
}

#[cfg(test)]
mod tests;
