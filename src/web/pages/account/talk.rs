//! An account's conversation: what people wrote, what was sent and what became of it, and the form that writes.

mod draft;
mod outcome;

use maud::{Markup, html};
use tide::http::Method;

use super::super::super::once::{self, Turn};
use super::super::super::{Arrived, Call, Keeper, Problem, Response, Row, Upload, Wrongs};
use super::super::accounts::{existing, path_of};
use super::super::{done, files, inbox, names};
use super::{Eye, asked, reword, whole};
use crate::actions::Error;
use crate::actions::messages::{SendOptions, To, cancel, send};
use crate::actions::session::Signed;
use crate::actions::talks::mark_read;
use crate::ids::{AccountId, DeliveryId, MessageId};
use crate::model::account::Account;
use crate::model::admin::Role;
use crate::model::delivery::{Delivery, DeliveryState, Standing};
use crate::model::message::{MessageKind, Opened};
use crate::store::{Read as _, Snapshot, StoreError, deliveries, messages, talks};
use crate::view::badge::Badge;
use crate::view::chat::{Bubble, Side, conversation};
use crate::view::form::{Weight, link_button, one_button, submit};
use crate::view::list::{Pager, pager};
use crate::view::notice::Flash;
use crate::view::{Href, content};
pub(in crate::web) use draft::Draft;
pub(in crate::web) use outcome::Outcome;

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
    let (caller, body) = (signed.caller(), draft.body());
    let to = call.state().store().read(|read| draft.to(read, id))?;
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
