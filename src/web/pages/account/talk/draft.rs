//! A message that is being written into a conversation: its form, what it answers, and what it says.

use maud::{Markup, html};

use super::super::super::super::once::{self, Once};
use super::super::super::super::{Call, Form, Wrongs};
use super::super::super::files;
use super::{ANSWER, Place};
use crate::actions::messages::To;
use crate::ids::{AccountId, DocumentId, MessageId};
use crate::model::account::Account;
use crate::model::message::{Body, Format, Message};
use crate::store::{Read, Snapshot, StoreError, messages};
use crate::view::chat::{Composer, FORMAT_FIELD, composer};
use crate::view::form::hidden;
use crate::view::{Href, content, document};

/// A message that is being written.
pub(in crate::web) struct Draft {
    place: Place,
    /// The message of the person that is answered: it is quoted, and only its chat gets the answer.
    answers: Option<MessageId>,
    text: String,
    format: Format,
    pub(super) once: String,
    /// What came along with a form that comes back.
    document: Option<DocumentId>,
}

/// The hidden field of the document that is there already.
const DOCUMENT: &str = "document_id";

impl Draft {
    /// Nothing yet. The address says what is answered; where it says nothing, `by_itself` is.
    pub(in crate::web) fn empty(call: &Call, place: Place, by_itself: Option<MessageId>) -> Self {
        let asked = call.query(ANSWER);
        let answers = if asked.is_empty() { by_itself } else { asked.parse().ok() };
        let once = Once::text(call.state().rng());
        Self { place, answers, text: String::new(), format: Format::Plain, once, document: None }
    }

    pub(super) fn of(place: Place, form: &Form, arrived: Option<DocumentId>) -> Self {
        let kept = || form.get(DOCUMENT).parse().ok().filter(|_| !form.is_ticked("remove_document"));
        let document = arrived.or_else(kept);
        let format = if form.get(FORMAT_FIELD) == "html" { Format::Html } else { Format::Plain };
        let answers = form.get(ANSWER).parse().ok();
        Self {
            place,
            answers,
            text: form.get("text").to_owned(),
            format,
            once: form.get(once::FIELD).to_owned(),
            document,
        }
    }

    pub(super) fn body(&self) -> Body {
        Body { document: self.document, format: self.format, ..Body::plain(self.text.clone()) }
    }

    /// The message that is answered, if it is one of the account's people.
    fn answered(&self, read: &impl Read, account: AccountId) -> Result<Option<(MessageId, Message)>, StoreError> {
        let Some(id) = self.answers else { return Ok(None) };
        let row = messages::get(read, id)?;
        Ok(row.filter(|row| row.account == Some(account) && row.is_incoming()).map(|row| (id, row)))
    }

    /// To whom it goes.
    pub(super) fn to(&self, read: &impl Read, account: AccountId) -> Result<To, StoreError> {
        Ok(self.answered(read, account)?.map_or(To::Account(account), |(id, _)| To::Reply(id)))
    }

    fn quote(&self, read: &Snapshot, account: AccountId) -> Result<Markup, StoreError> {
        let Some((id, message)) = self.answered(read, account)? else { return Ok(html! {}) };
        let words = messages::body(read, &message).map(|body| content::excerpt(&body)).unwrap_or_default();
        Ok(html! {
            (hidden(ANSWER, &id.to_string()))
            div.quoted {
                p { span.sub { "In answer to" } " " q dir="auto" { (words) } }
                a href=(Href::from(self.place.path(account)).with(ANSWER, "none")) { "Write without the quote, to all chats" }
            }
        })
    }

    pub(in crate::web) fn show(
        &self,
        read: &Snapshot,
        (id, account): (AccountId, &Account),
        csrf: &str,
        wrongs: &Wrongs,
    ) -> Result<Markup, StoreError> {
        let hidden = html! {
            (hidden(once::FIELD, &self.once))
            @if let Some(document) = self.document { (hidden(DOCUMENT, &document.to_string())) }
            (self.quote(read, id)?)
        };
        let document = document::Field {
            name: "document",
            label: "Document",
            hint: "A file of any kind, up to 50 MB. With one, the text may be left empty.",
            error: wrongs.of("document"),
            current: files::shown(read, &self.body())?,
        };
        Ok(composer(&Composer {
            action: format!("{}/messages", self.place.path(id)).into(),
            csrf,
            name: "text",
            to: account.username.as_str(),
            value: &self.text,
            format: self.format,
            error: wrongs.of("text").or_else(|| wrongs.of("")),
            hidden,
            document,
        }))
    }
}
