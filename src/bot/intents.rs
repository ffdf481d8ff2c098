//! What each intent does inside the transaction. A refusal changes nothing and stops nothing; what is said is an answer
//! with a place in the queue, so that it is kept and limited like every message.

use std::time::Duration;

use crate::actions::claims::{self, Asker};
use crate::actions::settings::Voice;
use crate::actions::{Caller, Error, chats, messages};
use crate::bot::batch::Item;
use crate::bot::dispatch::{Ask, Intent, Person, Pressed, Said};
use crate::bot::effects::Effect;
use crate::ids::{AccountId, ChatId};
use crate::model::chat::Chat;
use crate::model::event::{Actor, Unlinked};
use crate::model::message::{Body, Button, ButtonAction, Weight};
use crate::model::texts::TextKey;
use crate::store::{self, Read as _, Tx, accounts, admins, meta};

/// How often a linked person hears that their words were passed on.
const PASSED_ON_EVERY: Duration = Duration::from_hours(1);

/// Does what an update asks for; what is left to be done once it is on disk.
pub(super) fn apply(tx: &mut Tx<'_>, voice: &Voice, item: &Item) -> Result<Vec<Effect>, Error> {
    match &item.intent {
        Intent::Person(person, Ask::Unclear(said)) => unclear(tx, person, said)?,
        Intent::Person(person, ask) => {
            let chat = chats::note(tx, person.chat, person.profile.clone())?;
            Talk { id: person.chat, chat: &chat, voice }.asked(tx, ask)?;
        }
        Intent::Button(person, pressed) => return button(tx, voice, person, pressed),
        Intent::StrayButton(query) => return Ok(vec![Effect::Acknowledge { query: query.clone(), notice: None }]),
        Intent::Standing(chat, reachability) => chats::set_reachability(tx, *chat, *reachability)?,
        Intent::GroupCommand(id, profile) => {
            let chat = chats::note(tx, *id, profile.clone())?;
            Talk { id: *id, chat: &chat, voice }.say(tx, Weight::Command, TextKey::PrivateOnly, &[])?;
        }
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
    let (notice, answered) = match pressed.press {
        Some(press) => (claims::press(tx, &asker, press)?, pressed.message),
        None => (None, None),
    };
    let acknowledge = Effect::Acknowledge { query: pressed.query.clone(), notice };
    let tidy = answered.map(|message| Effect::RemoveButtons(person.chat, message));
    Ok([acknowledge].into_iter().chain(tidy).collect())
}

/// A chat that is spoken with, as it stands in the file.
struct Talk<'a> {
    id: ChatId,
    chat: &'a Chat,
    voice: &'a Voice,
}

impl Talk<'_> {
    fn asked(&self, tx: &mut Tx<'_>, ask: &Ask) -> Result<(), Error> {
        let asker = Asker { id: self.id, chat: self.chat, voice: self.voice };
        match ask {
            Ask::Start => self.start(tx),
            Ask::Claim(code) => claims::claim(tx, &asker, Some(code)),
            Ask::BadCode => claims::claim(tx, &asker, None),
            Ask::Paste(code, said) => {
                if claims::paste(tx, &asker, code)? {
                    Ok(())
                } else {
                    self.words(tx, said)
                }
            }
            Ask::Help => self.say(tx, Weight::Command, TextKey::Help, &[]),
            // All that a chat can set is said there, with how to change it.
            Ask::Status | Ask::Settings => self.status(tx),
            Ask::Mute => self.mute(tx),
            Ask::Unmute => self.unmute(tx),
            Ask::Stop => self.stop(tx),
            Ask::Privacy => self.say(tx, Weight::Command, TextKey::Privacy, &[]),
            Ask::UnknownCommand => self.say(tx, Weight::Command, TextKey::UnknownCommand, &[]),
            Ask::Words(said) | Ask::Unclear(said) => self.words(tx, said),
        }
    }

    fn start(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        match (self.chat.account(), self.chat.admin) {
            (Some(account), _) => {
                let name = self.username(tx, account)?;
                let values = [("username", name.as_str())];
                let mut parts =
                    vec![self.text(TextKey::Greeting, &values), self.text(TextKey::StatusConnected, &values)];
                if self.chat.muted.is_some() {
                    parts.push(self.text(TextKey::StatusMuted, &[]));
                }
                self.send(tx, Weight::Command, &Body::plain(parts.join("\n\n")))
            }
            (None, Some(_)) => self.status(tx),
            (None, None) => self.say(tx, Weight::Command, TextKey::VisitSite, &[]),
        }
    }

    fn status(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        let mut parts = Vec::new();
        if let Some(account) = self.chat.account() {
            let name = self.username(tx, account)?;
            parts.push(self.text(TextKey::StatusConnected, &[("username", &name)]));
            let news = if self.chat.muted.is_some() { TextKey::StatusMuted } else { TextKey::NotMuted };
            parts.push(self.text(news, &[]));
        }
        if let Some(admin) = self.chat.admin {
            let name = admins::get(tx, admin)?.map(|row| row.name.to_string()).unwrap_or_default();
            parts.push(self.text(TextKey::AdminConnected, &[("name", &name)]));
        }
        if parts.is_empty() {
            return self.say(tx, Weight::Command, TextKey::StatusNotConnected, &[]);
        }
        self.send(tx, Weight::Command, &Body::plain(parts.join("\n\n")))
    }

    /// Broadcasts are sent to connected chats only, so a stranger hears how to connect.
    fn mute(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        if self.chat.account().is_none() {
            return self.status(tx);
        }
        if chats::set_muted(tx, self.id, true)? {
            self.say(tx, Weight::Outcome, TextKey::Muted, &[])
        } else {
            self.say(tx, Weight::Command, TextKey::AlreadyMuted, &[])
        }
    }

    /// Undoes it, also for a chat that was disconnected in the meantime.
    fn unmute(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        let undone = chats::set_muted(tx, self.id, false)?;
        match (self.chat.account(), undone) {
            (None, _) => self.status(tx),
            (Some(_), true) => self.say(tx, Weight::Outcome, TextKey::Unmuted, &[]),
            (Some(_), false) => self.say(tx, Weight::Command, TextKey::NotMuted, &[]),
        }
    }

    /// Disconnects the chat from whatever it is connected to.
    fn stop(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        let caller = Caller::internal(Actor::Chat(self.id));
        let mut parts = Vec::new();
        if let Some(account) = self.chat.account() {
            let name = self.username(tx, account)?;
            chats::unbind(tx, &caller, self.id, Unlinked::ByPerson)?;
            parts.push(self.text(TextKey::Disconnected, &[("username", &name)]));
        }
        if let Some(admin) = self.chat.admin {
            let name = admins::get(tx, admin)?.map(|row| row.name.to_string()).unwrap_or_default();
            chats::unbind_admin(tx, &caller, self.id)?;
            parts.push(self.text(TextKey::AdminDisconnected, &[("name", &name)]));
        }
        if parts.is_empty() {
            return self.say(tx, Weight::Command, TextKey::NotConnected, &[]);
        }
        self.send(tx, Weight::Outcome, &Body::plain(parts.join("\n\n")))
    }

    /// Ordinary words: kept for the website when the chat is linked, otherwise a hint what to do.
    fn words(&self, tx: &mut Tx<'_>, said: &Said) -> Result<(), Error> {
        let account = self.chat.account();
        if messages::receive(tx, self.id, account, said.message, &said.body)?.is_some() {
            return self.passed_on(tx);
        }
        if self.chat.admin.is_some() {
            return self.say(tx, Weight::Courtesy, TextKey::Help, &[]);
        }
        let text = [self.text(TextKey::UnknownCode, &[]), self.text(TextKey::VisitSite, &[])];
        self.send(tx, Weight::Courtesy, &self.with_site(Body::plain(text.join("\n\n"))))
    }

    fn passed_on(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        let now = tx.now();
        if self.chat.passed_on.is_some_and(|last| now.since(last) < PASSED_ON_EVERY) {
            return Ok(());
        }
        let body = Body::plain(self.text(TextKey::PassedOn, &[]));
        let told = messages::answer(tx, self.id, self.chat.account(), Weight::Courtesy, &body)?;
        if told.is_some()
            && let Some(old) = store::chats::get(tx, self.id)?
        {
            store::chats::put(tx, self.id, Some(&old), &Chat { passed_on: Some(now), ..old.clone() })?;
        }
        Ok(())
    }

    fn username(&self, tx: &Tx<'_>, account: AccountId) -> Result<String, Error> {
        Ok(accounts::get(tx, account)?.map(|row| self.voice.shown(&row.username)).unwrap_or_default())
    }

    fn text(&self, key: TextKey, values: &[(&str, &str)]) -> String {
        self.voice.say(key, self.chat.profile.language.as_deref(), values)
    }

    fn say(&self, tx: &mut Tx<'_>, weight: Weight, key: TextKey, values: &[(&str, &str)]) -> Result<(), Error> {
        self.send(tx, weight, &self.with_site(Body::plain(self.text(key, values))))
    }

    fn send(&self, tx: &mut Tx<'_>, weight: Weight, body: &Body) -> Result<(), Error> {
        messages::answer(tx, self.id, self.chat.account(), weight, body).map(|_| ())
    }

    /// With the way to the website, when it is known and the chat has nothing to do with it yet.
    fn with_site(&self, body: Body) -> Body {
        match &self.voice.site_url {
            Some(url) if self.chat.account().is_none() && self.id.is_private() => {
                let label = self.text(TextKey::OpenSiteButton, &[]);
                body.with_row(vec![Button { label, action: ButtonAction::Open(url.clone()) }])
            }
            Some(_) | None => body,
        }
    }
}

#[cfg(test)]
mod tests;
