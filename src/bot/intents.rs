//! What each intent does inside the transaction. A refusal changes nothing and stops nothing; what is said is an answer
//! with a place in the queue, so that it is kept and limited like every message.

mod talk;

use crate::actions::claims::{self, Asker};
use crate::actions::settings::Voice;
use crate::actions::{Error, chats, messages, questions, wishes};
use crate::bot::batch::Item;
use crate::bot::dispatch::{Ask, Intent, Person, Pressed, Said, Tap};
use crate::bot::effects::Effect;
use crate::store::{self, Tx, meta};
use talk::Talk;

/// Does what an update asks for; what is left to be done once it is on disk.
pub(super) fn apply(tx: &mut Tx<'_>, voice: &Voice, item: &Item) -> Result<Vec<Effect>, Error> {
    match &item.intent {
        Intent::Person(person, Ask::Unclear(said)) => unclear(tx, person, said)?,
        Intent::Person(person, ask) => {
            let chat = chats::note(tx, person.chat, person.profile.clone())?;
            Talk(Asker { id: person.chat, chat: &chat, voice }).asked(tx, ask)?;
        }
        Intent::Group(group, ask) => {
            let chat = chats::note(tx, group.chat, group.profile.clone())?;
            Talk(Asker { id: group.chat, chat: &chat, voice }).asked_in_group(tx, ask)?;
        }
        Intent::Added { group, by } => wishes::added(tx, voice, (group.chat, group.profile.clone()), *by)?,
        Intent::Button(person, pressed) => return button(tx, voice, person, pressed),
        Intent::StrayButton(query) => return Ok(vec![Effect::Acknowledge { query: query.clone(), notice: None }]),
        Intent::Standing(chat, reachability) => chats::set_reachability(tx, *chat, *reachability)?,
        Intent::Migrated { from, to } => chats::migrate(tx, *from, *to)?,
        Intent::Malformed { reason, .. } => {
            log::warn!(update = item.id.0, reason = reason.as_str(); "An update is not as documented and was set aside.");
            meta::set_aside(tx, item.id, reason, item.raw.as_bytes())?;
        }
        Intent::Nothing => {}
    }
    Ok(Vec::new())
}

/// A service message, or content newer than this program: kept for a linked person, and not answered.
fn unclear(tx: &mut Tx<'_>, person: &Person, said: &Said) -> Result<(), Error> {
    let account = store::chats::get(tx, person.chat)?.and_then(|chat| chat.account());
    messages::receive(tx, person.chat, account, said.message, &said.body).map(|_| ())
}

fn button(tx: &mut Tx<'_>, voice: &Voice, person: &Person, pressed: &Pressed) -> Result<Vec<Effect>, Error> {
    let chat = chats::note(tx, person.chat, person.profile.clone())?;
    let asker = Asker { id: person.chat, chat: &chat, voice };
    let gone = || Some(Vec::new());
    let (notice, buttons) = match &pressed.tap {
        Some(Tap::Claim(press)) => (claims::press(tx, &asker, *press)?, gone()),
        Some(Tap::Wish(wish)) => {
            wishes::press(tx, &asker, wish)?;
            (None, gone())
        }
        Some(Tap::Ballot(ballot)) => {
            let done = questions::press(tx, &asker, *ballot, pressed.message)?;
            (Some(done.notice), done.buttons)
        }
        None => (None, None),
    };
    let acknowledge = Effect::Acknowledge { query: pressed.query.clone(), notice };
    let buttons = buttons.filter(|_| pressed.is_within_reach);
    let tidy = buttons.map(|buttons| Effect::Buttons(person.chat, pressed.message, buttons));
    Ok([acknowledge].into_iter().chain(tidy).collect())
}

#[cfg(test)]
mod tests;
