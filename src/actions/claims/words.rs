//! What is said about a claim, in the language of the chat. Every answer here is an outcome: it gives way to no other.

use super::{Asker, Choice, Press, admin_name, username};
use crate::actions::{Error, messages};
use crate::ids::{AccountId, AdminId, LinkId};
use crate::model::account::Account;
use crate::model::message::{Body, Button, ButtonAction, Weight};
use crate::model::text::{TEXT_LIMIT, utf16_len};
use crate::model::texts::TextKey;
use crate::store::Tx;

/// The longest notice at a button, in UTF-16 units (Bot API, `answerCallbackQuery`).
const NOTICE_MAX: usize = 200;

pub(super) struct Words<'a>(Asker<'a>);

impl<'a> Words<'a> {
    pub(super) fn of(asker: &Asker<'a>) -> Self {
        Self(*asker)
    }

    fn say(&self, key: TextKey, values: &[(&str, &str)]) -> String {
        self.0.voice.say(key, self.0.chat.profile.language.as_deref(), values)
    }

    fn button(&self, key: TextKey, values: &[(&str, &str)], press: Press) -> Button {
        Button { label: self.say(key, values), action: ButtonAction::Tell(press.to_string()) }
    }

    fn send(&self, tx: &mut Tx<'_>, account: Option<AccountId>, body: &Body) -> Result<(), Error> {
        messages::answer(tx, self.0.id, account, Weight::Outcome, body).map(|_| ())
    }

    fn with_site(&self, text: String) -> Body {
        let body = Body::plain(text);
        match &self.0.voice.site_url {
            Some(url) => {
                let label = self.say(TextKey::OpenSiteButton, &[]);
                body.with_row(vec![Button { label, action: ButtonAction::Open(url.clone()) }])
            }
            None => body,
        }
    }

    /// A text that is about no account, with the way back to the website.
    pub(super) fn answer(&self, tx: &mut Tx<'_>, key: TextKey, values: &[(&str, &str)]) -> Result<(), Error> {
        let body = self.with_site(self.say(key, values));
        self.send(tx, self.0.chat.account(), &body)
    }

    /// A code that nobody issued, and what to do instead.
    pub(super) fn unknown(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        let text = joined(&self.say(TextKey::UnknownCode, &[]), self.say(TextKey::VisitSite, &[]));
        let body = self.with_site(text);
        self.send(tx, self.0.chat.account(), &body)
    }

    /// A text about an account, and the one the chat leaves or keeps.
    pub(super) fn answer_about(
        &self,
        tx: &mut Tx<'_>,
        key: TextKey,
        account: AccountId,
        other: Option<AccountId>,
    ) -> Result<(), Error> {
        let name = username(tx, self.0.voice, account)?;
        let other_name = other.map(|other| username(tx, self.0.voice, other)).transpose()?.unwrap_or_default();
        let text = self.say(key, &[("username", &name), ("other", &other_name)]);
        self.send(tx, Some(other.unwrap_or(account)), &Body::plain(text))
    }

    /// A text about an admin's own chat; with the link that just did it, also the button that takes it back.
    pub(super) fn answer_admin(
        &self,
        tx: &mut Tx<'_>,
        key: TextKey,
        admin: AdminId,
        link: Option<LinkId>,
    ) -> Result<(), Error> {
        let name = admin_name(tx, admin)?;
        let body = Body::plain(self.say(key, &[("name", &name)]));
        let body = match link {
            Some(link) => body.with_row(vec![self.button(TextKey::ConnectedButton, &[], Press::Undo(link))]),
            None => body,
        };
        self.send(tx, self.0.chat.account(), &body)
    }

    /// The first words to a chat that was just connected, which site and account it is, and the way to take it back.
    pub(super) fn greet(
        &self,
        tx: &mut Tx<'_>,
        link: LinkId,
        (account, row): (AccountId, &Account),
    ) -> Result<(), Error> {
        let name = self.0.voice.shown(&row.username);
        let values = [("username", name.as_str())];
        let text = joined(&self.say(TextKey::Greeting, &values), self.say(TextKey::Connected, &values));
        let undo = self.button(TextKey::ConnectedButton, &values, Press::Undo(link));
        self.send(tx, Some(account), &Body::plain(self.with_mute(text)).with_row(vec![undo]))
    }

    pub(super) fn moved(&self, tx: &mut Tx<'_>, link: LinkId, from: AccountId, to: AccountId) -> Result<(), Error> {
        let (name, other) = (username(tx, self.0.voice, to)?, username(tx, self.0.voice, from)?);
        let values = [("username", name.as_str()), ("other", other.as_str())];
        let undo = self.button(TextKey::ConnectedButton, &values, Press::Undo(link));
        let text = self.with_mute(self.say(TextKey::Moved, &values));
        self.send(tx, Some(to), &Body::plain(text).with_row(vec![undo]))
    }

    /// A chat that was muted before it was connected stays so, and is told.
    fn with_mute(&self, text: String) -> String {
        let muted = self.0.chat.muted.map(|_| self.say(TextKey::StatusMuted, &[]));
        let both = muted.map(|muted| format!("{text}\n\n{muted}")).filter(|both| utf16_len(both) <= TEXT_LIMIT);
        both.unwrap_or(text)
    }

    pub(super) fn ask_move(&self, tx: &mut Tx<'_>, link: LinkId, from: AccountId, to: AccountId) -> Result<(), Error> {
        let (name, other) = (username(tx, self.0.voice, to)?, username(tx, self.0.voice, from)?);
        let values = [("username", name.as_str()), ("other", other.as_str())];
        let press = |choice| Press::Move { link, from, choice };
        let body = Body::plain(self.say(TextKey::AskMove, &values))
            .with_row(vec![self.button(TextKey::MoveButton, &values, press(Choice::Yes))])
            .with_row(vec![self.button(TextKey::KeepButton, &values, press(Choice::No))]);
        self.send(tx, Some(from), &body)
    }

    pub(super) fn ask_confirm(&self, tx: &mut Tx<'_>, link: LinkId, account: AccountId) -> Result<(), Error> {
        let name = username(tx, self.0.voice, account)?;
        let values = [("username", name.as_str())];
        let press = |choice| Press::Confirm { link, choice };
        let body = Body::plain(self.say(TextKey::AskConfirm, &values)).with_row(vec![
            self.button(TextKey::ConfirmButton, &values, press(Choice::Yes)),
            self.button(TextKey::DeclineButton, &values, press(Choice::No)),
        ]);
        self.send(tx, None, &body)
    }

    /// How the chat stands, short enough for a notice at a button.
    pub(super) fn standing(&self, tx: &Tx<'_>) -> Result<String, Error> {
        let text = match self.0.chat.account() {
            Some(account) => {
                let name = username(tx, self.0.voice, account)?;
                self.say(TextKey::StatusConnected, &[("username", &name)])
            }
            None => self.say(TextKey::NotConnected, &[]),
        };
        Ok(shortened(text))
    }
}

/// Two paragraphs, or the second alone when both are too long for one message.
fn joined(first: &str, second: String) -> String {
    let both = format!("{first}\n\n{second}");
    if utf16_len(&both) > TEXT_LIMIT { second } else { both }
}

fn shortened(text: String) -> String {
    if utf16_len(&text) <= NOTICE_MAX {
        return text;
    }
    let mut room = NOTICE_MAX - 1;
    let fits = |c: &char| {
        room = room.saturating_sub(c.len_utf16());
        room > 0
    };
    text.chars().take_while(fits).chain(['…']).collect()
}
