//! The conversation as its person reads it: what they wrote, what was sent to them, and in plain words whether it arrived.

use maud::{Markup, html};

use super::super::pages::account::talk::Outcome;
use super::HOME;
use crate::clock::Timestamp;
use crate::ids::{AccountId, MessageId};
use crate::model::delivery::Standing;
use crate::model::message::{MessageKind, Opened};
use crate::store::{Snapshot, StoreError, deliveries, messages};
use crate::view::badge::{Badge, delivery};
use crate::view::chat::{Bubble, Side, own_conversation};
use crate::view::list::{Pager, pager};
use crate::view::{Href, content};

/// Messages of one page.
const ROWS: usize = 30;

/// A page of the conversation, the oldest message first.
pub(super) struct Talk {
    said: Vec<Said>,
    before: Option<MessageId>,
    /// Where the page before this one ends.
    older: Option<MessageId>,
}

struct Said {
    side: Side,
    body: Markup,
    at: Timestamp,
    state: Option<Badge>,
}

impl Talk {
    pub(super) fn load(read: &Snapshot, account: AccountId, before: Option<MessageId>) -> Result<Self, StoreError> {
        let mut rows = messages::conversation(read, account, before, ROWS + 1)?;
        let has_older = rows.len() > ROWS;
        rows.truncate(ROWS);
        let older = rows.last().filter(|_| has_older).map(|opened| opened.id);
        let theirs = rows.into_iter().rev().filter(is_theirs);
        let said = theirs.map(|opened| Said::load(read, opened)).collect::<Result<_, _>>()?;
        Ok(Self { said, before, older })
    }

    pub(super) fn show(&self) -> Markup {
        if self.said.is_empty() && self.before.is_none() && self.older.is_none() {
            return html! { p.panel-body.hint { "Nothing was said yet. What is sent to you, and what you write to the bot, appears here." } };
        }
        let bubbles: Vec<Bubble> = self.said.iter().map(Said::bubble).collect();
        let ends = Pager {
            newer: self.before.map(|_| HOME.into()),
            older: self.older.map(|id| Href::from(HOME).with("before", &id.to_string())),
        };
        html! { (pager(&ends, ("Newest", "Older"))) (own_conversation(&bubbles)) }
    }
}

/// Notices are for an admin's own chat.
fn is_theirs(opened: &Opened) -> bool {
    match opened.message.kind {
        MessageKind::Incoming(_) | MessageKind::Answer(_) | MessageKind::Personal => true,
        MessageKind::Notice => false,
    }
}

impl Said {
    fn load(read: &Snapshot, Opened { id, message, body }: Opened) -> Result<Self, StoreError> {
        let sealed = || html! { p.hint { "This message cannot be shown any more." } };
        let body = body.as_ref().map_or_else(sealed, |body| {
            html! {
                @if body.photo.is_some() { p.bubble-media { "photo" } }
                @if body.document.is_some() { p.bubble-media { "document" } }
                (content::body(body))
            }
        });
        let (side, state) = if message.is_incoming() {
            (Side::Person, None)
        } else {
            let outcome = Outcome::of(&deliveries::of_message(read, id)?);
            (Side::Site, outcome.map(|outcome| plain(outcome.standing)))
        };
        Ok(Self { side, body, at: message.at, state })
    }

    fn bubble(&self) -> Bubble<'_> {
        Bubble {
            side: self.side,
            name: "",
            body: self.body.clone(),
            at: self.at,
            state: self.state,
            reason: "",
            actions: Markup::default(),
        }
    }
}

/// What became of a message, for someone who does not run this site.
fn plain(standing: Standing) -> Badge {
    let said = |word, badge| Badge { word, ..badge };
    match standing {
        Standing::Queued => said("waits to be sent", delivery::QUEUED),
        Standing::Sending => said("on its way", delivery::SENDING),
        Standing::Sent => delivery::SENT,
        Standing::Failed => said("did not arrive", delivery::FAILED),
        Standing::Uncertain => said("perhaps arrived", delivery::UNCERTAIN),
        Standing::Cancelled => said("taken back", delivery::CANCELLED),
        Standing::Expired => said("was not sent in time", delivery::EXPIRED),
        Standing::Skipped => said("was not sent", delivery::SKIPPED),
    }
}
