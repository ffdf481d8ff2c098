//! `/delete`: everything that is stored about a person goes, after they confirmed it.

use std::time::Duration;

use super::{Wish, answer, button, text};
use crate::actions::claims::{Asker, Choice};
use crate::actions::{Error, accounts};
use crate::clock::Timestamp;
use crate::ids::AccountId;
use crate::model::event::Actor;
use crate::model::message::{Body, Weight};
use crate::model::texts::TextKey;
use crate::store::{self, Read as _, Tx};

/// How long the question counts.
const ASKED: Duration = Duration::from_mins(10);

/// Asks whether everything is to be deleted; who is connected to nothing hears what goes by itself.
pub fn ask(tx: &mut Tx<'_>, asker: &Asker<'_>) -> Result<(), Error> {
    let Some(account) = asker.chat.account() else {
        let body = Body::plain(text(asker, TextKey::EraseNothing, &[]));
        return answer(tx, asker, Weight::Command, &body);
    };
    let now = tx.now();
    let name = store::accounts::get(tx, account)?.map(|row| asker.voice.shown(&row.username)).unwrap_or_default();
    let wish = |key, choice| button(text(asker, key, &[]), &Wish::Erase(account, now, choice));
    let body = Body::plain(text(asker, TextKey::AskErase, &[("username", &name)]))
        .with_row(vec![wish(TextKey::EraseButton, Choice::Yes)])
        .with_row(vec![wish(TextKey::EraseKeepButton, Choice::No)]);
    answer(tx, asker, Weight::Command, &body)
}

/// The answer. What was asked long ago, or of a chat that has left the account since, does not count.
pub(super) fn press(
    tx: &mut Tx<'_>,
    asker: &Asker<'_>,
    account: AccountId,
    (then, choice): (Timestamp, Choice),
) -> Result<(), Error> {
    // In a group nobody can be asked whether they are the person of the account.
    let is_theirs = asker.id.is_private() && asker.chat.account() == Some(account);
    let counts = is_theirs && then <= tx.now() && tx.now().since(then) < ASKED;
    let key = match (counts, choice) {
        // The chats of the account are told, this one among them.
        (true, Choice::Yes) => return accounts::erase(tx, Actor::Chat(asker.id), account),
        (true, Choice::No) => TextKey::EraseKept,
        (false, _) => TextKey::EraseLapsed,
    };
    answer(tx, asker, Weight::Outcome, &Body::plain(text(asker, key, &[])))
}
