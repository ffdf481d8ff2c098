//! An account's conversation: what people wrote, what was sent and what became of it, and the form that writes.

use maud::{Markup, html};
use tide::http::Method;

use super::super::super::once::{self, Once, Turn};
use super::super::super::{Arrived, Call, Form, Keeper, Problem, Response, Row, Upload, Wrongs};
use super::super::accounts::{existing, path_of};
use super::super::{done, files, inbox, names};
use super::{Eye, asked, reword, whole};
use crate::actions::Error;
use crate::actions::messages::{SendOptions, To, cancel, send};
use crate::actions::session::Signed;
use crate::actions::talks::mark_read;
use crate::ids::{AccountId, DeliveryId, DocumentId, MessageId};
use crate::model::account::Account;
use crate::model::admin::Role;
use crate::model::change::{Change, Deed, Progress};
use crate::model::delivery::{Delivery, DeliveryState, Standing};
use crate::model::message::{Body, Format, Message, MessageKind, Opened};
use crate::store::{Read, Snapshot, StoreError, deliveries, messages, talks};
use crate::view::badge::Badge;
use crate::view::chat::{Bubble, Composer, FORMAT_FIELD, Side, composer, conversation};
use crate::view::form::{Weight, hidden, link_button, one_button, submit};
use crate::view::list::{Pager, pager};
use crate::view::notice::Flash;
use crate::view::{Href, content, document};

/// Messages of one page.
const ROWS: usize = 30;

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::signed(Method::Post, "/admin/accounts/:id/messages", Role::Sender, write),
        Row::signed(Method::Post, "/admin/inbox/:id/messages", Role::Sender, answer),
        Row::signed(Method::Post, "/admin/accounts/:id/messages/:message/cancel", Role::Sender, take_back),
    ]
}

/// The page on which a conversation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web) enum Place {
    /// With everything else about its account.
    Account,
    /// In the inbox.
    Inbox,
}

impl Place {
    /// The page of an account's conversation.
    pub(in crate::web) fn path(self, account: AccountId) -> String {
        match self {
            Self::Account => path_of(account),
            Self::Inbox => inbox::path_of(account),
        }
    }

    /// The page again, with a message that could not be sent.
    fn again(self, call: &Call, signed: &Signed, draft: &Draft, wrongs: &Wrongs) -> Result<Response, Problem> {
        match self {
            Self::Account => whole(call, signed, draft, wrongs),
            Self::Inbox => inbox::whole(call, signed, draft, wrongs),
        }
    }
}

/// The parameter that names the message that is answered.
const ANSWER: &str = "answer";

/// A page of the conversation, the oldest message first.
pub(in crate::web) struct Talk {
    said: Vec<Said>,
    before: Option<MessageId>,
    has_older: bool,
}

struct Said {
    id: MessageId,
    side: Side,
    name: String,
    body: Markup,
    at: crate::clock::Timestamp,
    outcome: Option<Outcome>,
    /// Whether a person or the website wrote it, and may write it anew.
    is_written: bool,
}

/// What became of a message, over all its chats.
pub(in crate::web) struct Outcome {
    pub(in crate::web) standing: Standing,
    words: String,
    /// Whether it stands on a phone and can be changed there.
    on_phones: bool,
}

impl Talk {
    pub(in crate::web) fn load(
        read: &Snapshot,
        account: AccountId,
        before: Option<MessageId>,
    ) -> Result<Self, StoreError> {
        let mut rows = messages::conversation(read, account, before, ROWS + 1)?;
        let has_older = rows.len() > ROWS;
        rows.truncate(ROWS);
        let said = rows.into_iter().rev().map(|opened| Said::load(read, opened)).collect::<Result<_, _>>()?;
        Ok(Self { said, before, has_older })
    }

    pub(in crate::web) fn show(&self, place: Place, account: AccountId, eye: &Eye) -> Markup {
        if self.said.is_empty() && self.before.is_none() {
            return html! { p.panel-body.hint { "Nothing was said yet. What you send and what the person writes to the bot appears here." } };
        }
        let bubbles: Vec<Bubble> = self.said.iter().map(|said| said.bubble(place, account, eye)).collect();
        let here = Href::from(place.path(account));
        let oldest = self.said.first().filter(|_| self.has_older);
        let ends = Pager {
            newer: self.before.map(|_| here.clone()),
            older: oldest.map(|said| here.with("before", &said.id.to_string())),
        };
        html! { (pager(&ends, ("Newest", "Older"))) (conversation(&bubbles)) }
    }
}

impl Said {
    fn load(read: &Snapshot, opened: Opened) -> Result<Self, StoreError> {
        let Opened { id, message, body } = opened;
        let sealed = || html! { p.hint { "This message cannot be opened: it was sealed with another key." } };
        let now = read.now();
        let body = match &body {
            Some(body) => {
                let carried = files::carried(read, id, body)?;
                html! { (content::pictured(body, carried)) (asked::show(&message, body, now)) }
            }
            None => sealed(),
        };
        let name = match message.kind {
            MessageKind::Answer(_) => "the bot, by itself".to_owned(),
            MessageKind::Incoming(_) | MessageKind::Personal | MessageKind::Notice => {
                names::of_actor(read, message.actor)?
            }
        };
        let (side, outcome) = if message.is_incoming() {
            (Side::Person, None)
        } else {
            (Side::Site, Outcome::of(&deliveries::of_message(read, id)?))
        };
        let is_written = matches!(message.kind, MessageKind::Personal | MessageKind::Notice);
        Ok(Self { id, side, name, body, at: message.at, outcome, is_written })
    }

    fn bubble(&self, place: Place, account: AccountId, eye: &Eye) -> Bubble<'_> {
        let waits = self.outcome.as_ref().is_some_and(|outcome| outcome.standing == Standing::Queued);
        let stands = self.outcome.as_ref().is_some_and(|outcome| outcome.on_phones) && self.is_written;
        let to = |verb| reword::path(account, self.id, verb);
        let actions = html! {
            @if self.side == Side::Person && eye.may(Role::Sender) {
                div.actions {
                    (link_button(Weight::Quiet, Href::from(place.path(account)).with(ANSWER, &self.id.to_string()), "Answer"))
                }
            }
            @if (waits || stands) && eye.may(Role::Sender) {
                div.actions {
                    @if waits { (one_button(to("cancel"), Some(&eye.csrf), submit(Weight::Quiet, "Take back"))) }
                    @if self.is_written { (link_button(Weight::Quiet, to("edit"), "Edit")) }
                    @if stands { (link_button(Weight::Quiet, to("delete"), "Delete on the phones")) }
                }
            }
        };
        Bubble {
            side: self.side,
            name: &self.name,
            body: self.body.clone(),
            at: self.at,
            state: self.outcome.as_ref().map(|outcome| Badge::from(outcome.standing)),
            reason: self.outcome.as_ref().map_or("", |outcome| &outcome.words),
            actions,
        }
    }
}

/// The standings from the one that most needs a look to the one that least does.
const BY_WEIGHT: [Standing; 8] = [
    Standing::Failed,
    Standing::Expired,
    Standing::Uncertain,
    Standing::Queued,
    Standing::Sending,
    Standing::Cancelled,
    Standing::Skipped,
    Standing::Sent,
];

impl Outcome {
    /// Of one delivery its own; of several the one that most needs a look, and how many share it.
    pub(in crate::web) fn of(rows: &[(DeliveryId, Delivery)]) -> Option<Self> {
        let standing_of = |(_, delivery): &(DeliveryId, Delivery)| delivery.state.standing();
        let standing = BY_WEIGHT.into_iter().find(|standing| rows.iter().any(|row| standing_of(row) == *standing))?;
        let same: Vec<_> = rows.iter().filter(|row| standing_of(row) == standing).collect();
        let mut words: Vec<String> = same.first().map(|(_, delivery)| reason(delivery)).into_iter().flatten().collect();
        if rows.len() > 1 {
            words.push(format!("{} of {} chats", same.len(), rows.len()));
        }
        let stands = |row: &Delivery| row.state.standing() == Standing::Sent && !row.is_deleted();
        let on_phones = rows.iter().any(|(_, row)| stands(row));
        Some(Self { standing, words: words.join("; "), on_phones })
    }
}

fn reason(delivery: &Delivery) -> Vec<String> {
    let mut words = Vec::new();
    match &delivery.state {
        DeliveryState::Failed { reason, .. } => words.push(reason.to_string()),
        DeliveryState::Uncertain { .. } => words.push("it left, and no answer came back".to_owned()),
        DeliveryState::Expired { .. } => words.push("it could not be sent in time".to_owned()),
        DeliveryState::Skipped { .. } => words.push("the chat was gone by then".to_owned()),
        DeliveryState::Queued { .. }
        | DeliveryState::Sending { .. }
        | DeliveryState::Sent { .. }
        | DeliveryState::Cancelled { .. } => {}
    }
    let doubtful = !matches!(delivery.state, DeliveryState::Uncertain { .. });
    if delivery.is_possible_duplicate() && doubtful {
        words.push("may have arrived twice".to_owned());
    }
    if delivery.as_plain {
        words.push("without its markup, which Telegram could not read".to_owned());
    }
    words.extend(delivery.change.iter().flat_map(changed));
    words
}

/// What was done with it after it was sent.
fn changed(change: &Change) -> Vec<String> {
    let edited = || change.edited.map(|_| "edited".to_owned());
    let last = match (change.deed, &change.progress) {
        (Deed::Edit, Progress::Waiting { .. }) => Some("being edited".to_owned()),
        (Deed::Edit, Progress::Done { .. }) => None,
        (Deed::Edit, Progress::Failed { reason, .. }) => Some(format!("not edited: {reason}")),
        (Deed::Edit, Progress::Uncertain { .. }) => Some("perhaps edited: no answer came back".to_owned()),
        // That a question was answered is told beside it.
        (Deed::Mark, _) => None,
        (Deed::Delete, Progress::Waiting { .. }) => Some("being deleted".to_owned()),
        (Deed::Delete, Progress::Done { .. }) => return vec!["deleted on the phone".to_owned()],
        (Deed::Delete, Progress::Failed { reason, .. }) => Some(format!("not deleted: {reason}")),
        (Deed::Delete, Progress::Uncertain { .. }) => Some("perhaps deleted: no answer came back".to_owned()),
    };
    edited().into_iter().chain(last).collect()
}

/// A message that is being written.
pub(in crate::web) struct Draft {
    place: Place,
    /// The message of the person that is answered: it is quoted, and only its chat gets the answer.
    answers: Option<MessageId>,
    text: String,
    format: Format,
    once: String,
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

    fn of(place: Place, form: &Form, arrived: Option<DocumentId>) -> Self {
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

    fn body(&self) -> Body {
        Body { document: self.document, format: self.format, ..Body::plain(self.text.clone()) }
    }

    /// The message that is answered, if it is one of the account's people.
    fn answered(&self, read: &impl Read, account: AccountId) -> Result<Option<Message>, StoreError> {
        let Some(id) = self.answers else { return Ok(None) };
        Ok(messages::get(read, id)?.filter(|message| message.account == Some(account) && message.is_incoming()))
    }

    fn quote(&self, read: &Snapshot, account: AccountId) -> Result<Markup, StoreError> {
        let Some((id, message)) = self.answers.zip(self.answered(read, account)?) else { return Ok(html! {}) };
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

/// `POST /admin/accounts/:id/messages`
async fn write(call: Call, signed: Signed) -> Result<Response, Problem> {
    post(call, signed, Place::Account).await
}

/// `POST /admin/inbox/:id/messages`
async fn answer(call: Call, signed: Signed) -> Result<Response, Problem> {
    post(call, signed, Place::Inbox).await
}

async fn post(mut call: Call, signed: Signed, place: Place) -> Result<Response, Problem> {
    let (id, account) = existing(&call)?;
    let keeper = Keeper::new(call.state().store().clone(), signed.caller());
    let Upload { form, document, .. } = call.form_or_upload(keeper).await?;
    if call.state().once().take(form.get(once::FIELD)) == Turn::Repeated {
        let flash = Flash::good("This message was sent once; the second click changed nothing.");
        return Ok(done(&call, &place.path(id), &flash));
    }
    let draft = Draft::of(place, &form, document.map(Arrived::keep));
    let caller = signed.caller();
    let (body, answers) = (draft.body(), draft.answers);
    let to = call
        .state()
        .store()
        .read(|read| draft.answered(read, id))?
        .map_or(To::Account(id), |_| answers.map_or(To::Account(id), To::Reply));
    let sent = call.state().store().write(move |tx| {
        let sent = send(tx, &caller, to, body.clone(), SendOptions::default())?;
        // What is answered was read.
        if let (To::Reply(message), Some(_)) = (to, talks::get(tx, id)?) {
            mark_read(tx, &caller, id, message)?;
        }
        Ok::<_, Error>(sent)
    });
    match sent.await {
        Ok((_, rows)) => Ok(done(&call, &place.path(id), &news(&account, &rows))),
        Err(error) => {
            call.state().once().give_back(&draft.once);
            place.again(&call, &signed, &draft, &Wrongs::try_from(error)?)
        }
    }
}

fn news(account: &Account, rows: &[(DeliveryId, Delivery)]) -> Flash {
    let reason = |delivery: &Delivery| {
        if let DeliveryState::Failed { reason, .. } = &delivery.state { Some(reason.to_string()) } else { None }
    };
    let failed = rows.iter().find_map(|(_, delivery)| reason(delivery));
    match failed {
        Some(reason) => Flash::failed(format!("Not sent to {}: {reason}.", account.username)),
        None => Flash::good(format!("On its way to {}.", account.username)),
    }
}

/// `POST /admin/accounts/:id/messages/:message/cancel`
async fn take_back(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let (id, _) = existing(&call)?;
    let message: MessageId = call.id("message")?;
    call.form().await?;
    let row = call.state().store().read(|read| messages::get(read, message))?;
    if row.and_then(|message| message.account) != Some(id) {
        return Err(Problem::not_found());
    }
    let caller = signed.caller();
    call.state().store().write(move |tx| cancel(tx, &caller, message)).await?;
    Ok(done(&call, &path_of(id), &Flash::good("The message was taken back before it left.")))
}
