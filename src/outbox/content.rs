//! From a stored body to what one chat gets: names filled in, the attachment beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::actions::broadcasts::content::fill;
use crate::ids::{BroadcastId, ChatId, MessageId, TelegramMessageId, UserId};
use crate::model::account::Account;
use crate::model::message::{Attachment, Body, Format, MessageKind};
use crate::model::question::{self, Asked, Stage};
use crate::model::text::{html_to_plain, placeholders};
use crate::store::attachments::Way;
use crate::store::{Read, StoreError, attachments, broadcasts, messages};

/// A body as it is sent when Telegram did not understand its markup.
pub(super) fn without_markup(body: Body) -> Body {
    match body.format {
        Format::Plain => body,
        Format::Html => Body { text: html_to_plain(&body.text), format: Format::Plain, ..body },
    }
}

/// A body with its buttons as they stand on the phone.
pub(super) fn with_keyboard(body: Body, asked: Asked, stage: Stage) -> Body {
    if body.asks() { Body { buttons: question::keyboard(&body, asked, stage), ..body } } else { body }
}

/// What a message says, with its buttons as they stand on the phone; `None` when it cannot be opened.
pub(super) fn of_message(read: &impl Read, id: MessageId) -> Result<Option<Body>, StoreError> {
    let Some(message) = messages::get(read, id)? else { return Ok(None) };
    let Some(body) = messages::body(read, &message) else { return Ok(None) };
    let answer = message.answer.map(|answer| answer.button);
    let stage = question::stage(&body, message.at, answer, read.now());
    Ok(Some(with_keyboard(body, Asked::Message(id), stage)))
}

/// Telegram's number of the message that a body answers, if it was written in this chat and is still known.
pub(super) fn quoted(read: &impl Read, body: &Body, chat: ChatId) -> Result<Option<TelegramMessageId>, StoreError> {
    let Some(id) = body.quotes else { return Ok(None) };
    Ok(messages::get(read, id)?.filter(|message| message.chat == Some(chat)).and_then(|message| match message.kind {
        MessageKind::Incoming(number) if number.0 > 0 => Some(number),
        MessageKind::Incoming(_) | MessageKind::Answer(_) | MessageKind::Personal | MessageKind::Notice => None,
    }))
}

/// What a broadcast says. It does not change once the broadcast has started.
#[derive(Debug)]
pub(super) struct Content {
    body: Arc<Body>,
    names_people: bool,
}

impl Content {
    pub(super) fn new(body: Body) -> Self {
        let names_people = placeholders(&body.text).next().is_some();
        Self { body: Arc::new(body), names_people }
    }

    /// What it carries.
    pub(super) fn attachment(&self) -> Option<Attachment> {
        self.body.attachment()
    }

    /// Whether everyone gets something else.
    pub(super) fn names_people(&self) -> bool {
        self.names_people
    }

    /// What everyone gets, names not filled in.
    pub(super) fn body(&self) -> Arc<Body> {
        Arc::clone(&self.body)
    }

    /// What this account gets; the reason when it cannot be sent to them.
    pub(super) fn of(&self, account: &Account, masks: bool) -> Result<Arc<Body>, String> {
        let body = self.body.as_ref();
        let username = if masks { account.username.masked() } else { account.username.to_string() };
        let text = fill(body, &username, &account.name);
        body.check_text(&text).map_err(|error| format!("with this person's name, {error}"))?;
        Ok(Arc::new(Body { text, ..body.clone() }))
    }
}

/// The contents of the broadcasts that run, opened once. `None` is one that the key does not open.
#[derive(Debug, Default)]
pub(super) struct Contents(BTreeMap<BroadcastId, Option<Arc<Content>>>);

impl Contents {
    pub(super) fn of(&mut self, read: &impl Read, id: BroadcastId) -> Result<Option<Arc<Content>>, StoreError> {
        if let Some(known) = self.0.get(&id) {
            return Ok(known.clone());
        }
        let body = broadcasts::body(read, id)?;
        let body = body.map(|body| with_keyboard(body, Asked::Broadcast(id), Stage::Open));
        let content = body.map(|body| Arc::new(Content::new(body)));
        self.0.insert(id, content.clone());
        Ok(content)
    }

    pub(super) fn keep(&mut self, runs: impl Fn(BroadcastId) -> bool) {
        self.0.retain(|id, _| runs(*id));
    }
}

/// An attachment on its way with a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Enclosed {
    pub attachment: Attachment,
    /// Telegram's number of the file; without one, the file is uploaded.
    pub number: Option<String>,
}

/// What a message needs before it can leave with its attachment.
pub(super) enum Carried {
    /// It carries none.
    Nothing,
    /// This one.
    File(Enclosed),
    /// Somebody else uploads it just now.
    Busy,
    /// It is not there any more, in words for people.
    Gone(&'static str),
}

/// Which attachments are being uploaded: each by one message at a time, whose answer tells its number to the others.
#[derive(Clone, Debug)]
pub(super) struct Uploads {
    /// A number is good for this bot only.
    pub bot: UserId,
    /// Uploads that left, or are about to.
    pub running: BTreeSet<Attachment>,
}

impl Uploads {
    /// The attachment of a message that is about to be leased; an upload is noted.
    pub(super) fn carried(&mut self, read: &impl Read, body: &Body) -> Result<Carried, StoreError> {
        let Some(attachment) = body.attachment() else { return Ok(Carried::Nothing) };
        Ok(match (attachments::way(read, attachment, self.bot)?, attachment) {
            (Way::Number(number), _) => Carried::File(Enclosed { attachment, number: Some(number) }),
            (Way::Upload, _) if self.running.insert(attachment) => Carried::File(Enclosed { attachment, number: None }),
            (Way::Upload, _) => Carried::Busy,
            (Way::Gone, Attachment::Photo(_)) => Carried::Gone("its picture is gone"),
            (Way::Gone, Attachment::Document(_)) => Carried::Gone("its document is gone"),
        })
    }

    /// A message was leased with this attachment.
    pub(super) fn note(&mut self, enclosed: Option<&Enclosed>) {
        self.running.extend(enclosed.and_then(Enclosed::upload));
    }

    /// Whether an attachment has to be uploaded before it can be sent by its number.
    pub(super) fn must_upload(&self, read: &impl Read, attachment: Attachment) -> Result<bool, StoreError> {
        Ok(attachments::way(read, attachment, self.bot)? == Way::Upload)
    }
}

impl Enclosed {
    /// What it is, if it is uploaded.
    pub(super) fn upload(&self) -> Option<Attachment> {
        self.number.is_none().then_some(self.attachment)
    }
}
