//! A conversation with one chat: commands and words, and what the bot says to them.

use std::time::Duration;

use crate::actions::claims::{self, Asker};
use crate::actions::{Caller, Error, chats, messages, wishes};
use crate::bot::dispatch::{Ask, Said};
use crate::ids::AccountId;
use crate::model::chat::Chat;
use crate::model::event::{Actor, Unlinked};
use crate::model::message::{Body, Button, ButtonAction, Weight};
use crate::model::texts::TextKey;
use crate::store::{self, Read as _, Tx, accounts, admins};

/// How often a linked person hears that their words were passed on.
pub(super) const PASSED_ON_EVERY: Duration = Duration::from_hours(1);

/// A chat that is spoken with, as it stands in the file.
pub(super) struct Talk<'a>(pub Asker<'a>);

impl Talk<'_> {
    pub(super) fn asked(&self, tx: &mut Tx<'_>, ask: &Ask) -> Result<(), Error> {
        let asker = &self.0;
        match ask {
            Ask::Start => self.start(tx),
            Ask::Claim(code) => claims::claim(tx, asker, Some(code)),
            Ask::BadCode => claims::claim(tx, asker, None),
            Ask::Paste(code, said) => {
                if claims::paste(tx, asker, code)? {
                    Ok(())
                } else {
                    self.words(tx, said)
                }
            }
            Ask::Help => self.say(tx, Weight::Command, TextKey::Help, &[]),
            Ask::Status => self.status(tx),
            Ask::Settings => wishes::show_settings(tx, asker),
            Ask::Delete => wishes::ask_erase(tx, asker),
            Ask::Mute => self.mute(tx),
            Ask::Unmute => self.unmute(tx),
            Ask::Stop => self.stop(tx),
            Ask::Privacy => self.say(tx, Weight::Command, TextKey::Privacy, &[]),
            Ask::UnknownCommand => self.say(tx, Weight::Command, TextKey::UnknownCommand, &[]),
            Ask::Words(said) | Ask::Unclear(said) => self.words(tx, said),
        }
    }

    fn start(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        match (self.chat().account(), self.chat().admin) {
            (Some(account), _) => {
                let name = self.username(tx, account)?;
                let values = [("username", name.as_str())];
                let mut parts =
                    vec![self.text(TextKey::Greeting, &values), self.text(TextKey::StatusConnected, &values)];
                if self.chat().muted.is_some() {
                    parts.push(self.text(TextKey::StatusMuted, &[]));
                }
                self.send(tx, Weight::Command, &Body::plain(parts.join("\n\n")))
            }
            (None, Some(_)) => self.status(tx),
            (None, None) => self.say(tx, Weight::Command, TextKey::VisitSite, &[]),
        }
    }

    fn status(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        let parts = wishes::standing(tx, &self.0)?;
        if parts.is_empty() {
            return self.say(tx, Weight::Command, TextKey::StatusNotConnected, &[]);
        }
        self.send(tx, Weight::Command, &Body::plain(parts.join("\n\n")))
    }

    /// In a group nobody is asked who they are: what concerns the group is answered, and everything else leads to how to
    /// connect it.
    pub(super) fn asked_in_group(&self, tx: &mut Tx<'_>, ask: &Ask) -> Result<(), Error> {
        let is_connected = self.chat().account().is_some();
        match ask {
            Ask::Words(said) | Ask::Paste(_, said) | Ask::Unclear(said) => {
                messages::receive(tx, self.0.id, self.chat().account(), said.message, &said.body).map(|_| ())
            }
            Ask::Delete => self.say(tx, Weight::Command, TextKey::PrivateOnly, &[]),
            Ask::Claim(_) | Ask::BadCode | Ask::Stop | Ask::Privacy => self.asked(tx, ask),
            Ask::Mute | Ask::Unmute | Ask::Settings if is_connected => self.asked(tx, ask),
            Ask::Start | Ask::Help | Ask::Status | Ask::UnknownCommand if is_connected => self.status(tx),
            Ask::Start | Ask::Help | Ask::Status | Ask::UnknownCommand | Ask::Mute | Ask::Unmute | Ask::Settings => {
                self.say(tx, Weight::Command, TextKey::GroupHint, &[])
            }
        }
    }

    /// Broadcasts are sent to connected chats only, so a stranger hears how to connect.
    fn mute(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        if self.chat().account().is_none() {
            return self.status(tx);
        }
        if chats::set_muted(tx, self.0.id, true)? {
            self.say(tx, Weight::Outcome, TextKey::Muted, &[])
        } else {
            self.say(tx, Weight::Command, TextKey::AlreadyMuted, &[])
        }
    }

    /// Undoes it, also for a chat that was disconnected in the meantime.
    fn unmute(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        let undone = chats::set_muted(tx, self.0.id, false)?;
        match (self.chat().account(), undone) {
            (None, _) => self.status(tx),
            (Some(_), true) => self.say(tx, Weight::Outcome, TextKey::Unmuted, &[]),
            (Some(_), false) => self.say(tx, Weight::Command, TextKey::NotMuted, &[]),
        }
    }

    /// Disconnects the chat from whatever it is connected to.
    fn stop(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        let caller = Caller::internal(Actor::Chat(self.0.id));
        let mut parts = Vec::new();
        if let Some(account) = self.chat().account() {
            let name = self.username(tx, account)?;
            chats::unbind(tx, &caller, self.0.id, Unlinked::ByPerson)?;
            parts.push(self.text(TextKey::Disconnected, &[("username", &name)]));
        }
        if let Some(admin) = self.chat().admin {
            let name = admins::get(tx, admin)?.map(|row| row.name.to_string()).unwrap_or_default();
            chats::unbind_admin(tx, &caller, self.0.id)?;
            parts.push(self.text(TextKey::AdminDisconnected, &[("name", &name)]));
        }
        if parts.is_empty() {
            return self.say(tx, Weight::Command, TextKey::NotConnected, &[]);
        }
        self.send(tx, Weight::Outcome, &Body::plain(parts.join("\n\n")))
    }

    /// Ordinary words: kept for the website when the chat is linked, otherwise a hint what to do.
    fn words(&self, tx: &mut Tx<'_>, said: &Said) -> Result<(), Error> {
        let account = self.chat().account();
        if messages::receive(tx, self.0.id, account, said.message, &said.body)?.is_some() {
            return self.passed_on(tx);
        }
        if self.chat().admin.is_some() {
            return self.say(tx, Weight::Courtesy, TextKey::Help, &[]);
        }
        let text = [self.text(TextKey::UnknownCode, &[]), self.text(TextKey::VisitSite, &[])];
        self.send(tx, Weight::Courtesy, &self.with_site(Body::plain(text.join("\n\n"))))
    }

    fn passed_on(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        let now = tx.now();
        if self.0.voice.hushed || self.chat().passed_on.is_some_and(|last| now.since(last) < PASSED_ON_EVERY) {
            return Ok(());
        }
        let body = Body::plain(self.text(TextKey::PassedOn, &[]));
        let told = messages::answer(tx, self.0.id, self.chat().account(), Weight::Courtesy, &body)?;
        if told.is_some()
            && let Some(old) = store::chats::get(tx, self.0.id)?
        {
            store::chats::put(tx, self.0.id, Some(&old), &Chat { passed_on: Some(now), ..old.clone() })?;
        }
        Ok(())
    }

    fn chat(&self) -> &Chat {
        self.0.chat
    }

    fn username(&self, tx: &Tx<'_>, account: AccountId) -> Result<String, Error> {
        Ok(accounts::get(tx, account)?.map(|row| self.0.voice.shown(&row.username)).unwrap_or_default())
    }

    fn text(&self, key: TextKey, values: &[(&str, &str)]) -> String {
        self.0.voice.say(key, self.chat().profile.language.as_deref(), values)
    }

    fn say(&self, tx: &mut Tx<'_>, weight: Weight, key: TextKey, values: &[(&str, &str)]) -> Result<(), Error> {
        self.send(tx, weight, &self.with_site(Body::plain(self.text(key, values))))
    }

    fn send(&self, tx: &mut Tx<'_>, weight: Weight, body: &Body) -> Result<(), Error> {
        messages::answer(tx, self.0.id, self.chat().account(), weight, body).map(|_| ())
    }

    /// With the way to the website, when it is known and the chat has nothing to do with it yet.
    fn with_site(&self, body: Body) -> Body {
        match &self.0.voice.site_url {
            Some(url) if self.chat().account().is_none() && self.0.id.is_private() => {
                let label = self.text(TextKey::OpenSiteButton, &[]);
                body.with_row(vec![Button { label, action: ButtonAction::Open(url.clone()) }])
            }
            Some(_) | None => body,
        }
    }
}
