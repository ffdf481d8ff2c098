//! Groups that somebody added the bot to. Apps lose the code of a group link, so whoever did it is asked in their own chat, when that
//! is connected to an account; everyone else learns how to send the code.

use std::time::Duration;

use super::{Wish, answer, button, text};
use crate::actions::claims::{Asker, Choice};
use crate::actions::settings::Voice;
use crate::actions::{Error, chats, messages};
use crate::ids::{AccountId, ChatId, DeliveryId};
use crate::model::chat::{Chat, Profile};
use crate::model::message::{Body, Weight};
use crate::model::texts::TextKey;
use crate::store::{self, Read as _, Tx};

/// How long one waits for the code before anybody is asked: where it is not lost, it comes right behind.
const GRACE: Duration = Duration::from_secs(5);

/// The bot was added to a group, by the person of the private chat `by`.
pub fn added(tx: &mut Tx<'_>, voice: &Voice, (group, profile): (ChatId, Profile), by: ChatId) -> Result<(), Error> {
    let row = chats::note(tx, group, profile)?;
    if row.account().is_some() {
        return Ok(());
    }
    let due = tx.now().plus(GRACE);
    let person = store::chats::get(tx, by)?.filter(|chat| chat.reachability.may_send());
    let Some((chat, account)) = person.and_then(|chat| chat.account().map(|account| (chat, account))) else {
        let asker = Asker { id: group, chat: &row, voice };
        let body = Body::plain(text(&asker, TextKey::GroupHint, &[]));
        return messages::answer_at(tx, group, None, (Weight::Courtesy, due), &body).map(|_| ());
    };
    let asker = Asker { id: by, chat: &chat, voice };
    let name = username(tx, voice, account)?;
    let wish = |key, choice| button(text(&asker, key, &[]), &Wish::Group(group, account, choice));
    let body = Body::plain(text(&asker, TextKey::AskGroup, &[("group", &row.profile.name), ("username", &name)]))
        .with_row(vec![wish(TextKey::ConfirmButton, Choice::Yes), wish(TextKey::DeclineButton, Choice::No)]);
    let question = messages::answer_at(tx, by, Some(account), (Weight::Outcome, due), &body)?;
    if let (Some(message), Some(row)) = (question, store::chats::get(tx, group)?) {
        let new = Chat { asked: Some(DeliveryId { message, chat: by }), ..row.clone() };
        store::chats::put(tx, group, Some(&row), &new)?;
    }
    Ok(())
}

/// The answer, from the chat that was asked.
pub(super) fn press(
    tx: &mut Tx<'_>,
    asker: &Asker<'_>,
    (group, account): (ChatId, AccountId),
    choice: Choice,
) -> Result<(), Error> {
    let row = store::chats::get(tx, group)?;
    let was_asked = |row: &Chat| row.asked.is_some_and(|asked| asked.chat == asker.id);
    let row = row.filter(|row| was_asked(row) && asker.chat.account() == Some(account));
    let Some(row) = row.filter(|row| row.account().is_none_or(|bound| bound == account)) else {
        return answer(tx, asker, Weight::Outcome, &Body::plain(text(asker, TextKey::Lapsed, &[])));
    };
    let key = match choice {
        Choice::Yes => {
            chats::bind(tx, group, account)?;
            TextKey::GroupConnected
        }
        Choice::No if row.account().is_some() => TextKey::GroupConnected,
        Choice::No => TextKey::GroupDeclined,
    };
    let name = username(tx, asker.voice, account)?;
    let values = [("group", row.profile.name.as_str()), ("username", name.as_str())];
    answer(tx, asker, Weight::Outcome, &Body::plain(text(asker, key, &values)))?;
    if choice == Choice::Yes && row.account().is_none() {
        let there = Asker { id: group, chat: &row, voice: asker.voice };
        messages::notice(tx, group, text(&there, TextKey::Connected, &values))?;
    }
    Ok(())
}

fn username(tx: &Tx<'_>, voice: &Voice, account: AccountId) -> Result<String, Error> {
    Ok(store::accounts::get(tx, account)?.map(|row| voice.shown(&row.username)).unwrap_or_default())
}
