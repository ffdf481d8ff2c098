//! Connecting a chat in the portal: a link of one's own account, its four ways while it is open, and that it worked.

use std::time::Duration;

use maud::{Markup, html};
use tide::http::Method;

use super::super::pages::account::link::{Panel as Newest, Stage};
use super::super::{Call, Problem, Response, Row, State, answer};
use super::{HOME, Signed};
use crate::actions::portal::connect;
use crate::clock::Timestamp;
use crate::ids::AccountId;
use crate::model::link::LinkStatus;
use crate::store::{Snapshot, StoreError};
use crate::view::badge::Tone;
use crate::view::form::{Weight, one_button, submit};
use crate::view::link::{Connected, connected, countdown};
use crate::view::notice::notice;
use crate::view::{layout, time};

const LINK: &str = "/me/link";
/// How long the page says that a chat was connected.
const CELEBRATED: Duration = Duration::from_mins(1);

pub(super) fn rows() -> Vec<Row> {
    vec![Row::member(Method::Post, LINK, make)]
}

/// What is to be seen of the account's newest link.
pub(super) struct Panel(Newest);

impl Panel {
    pub(super) fn load(read: &Snapshot, state: &State, account: AccountId) -> Result<Self, StoreError> {
        Newest::load(read, state, account).map(Self)
    }

    /// When it changes by itself.
    pub(super) fn changes_at(&self, now: Timestamp) -> Option<Timestamp> {
        let over = self.celebrated_until().filter(|until| *until > now);
        self.0.changes_at().or(over)
    }

    fn celebrated_until(&self) -> Option<Timestamp> {
        match &self.0.stage {
            Stage::Ended { status: LinkStatus::Used, at, .. } => Some(at.plus(CELEBRATED)),
            Stage::Ended { .. } | Stage::NoBot | Stage::None | Stage::Open(_) | Stage::Held { .. } => None,
        }
    }

    pub(super) fn show(
        &self,
        (username, site): (&str, &str),
        csrf: &str,
        (has_chat, now): (bool, Timestamp),
    ) -> Markup {
        let make = |weight, label| one_button(LINK, Some(csrf), submit(weight, label));
        let title = if has_chat { "Connect another chat" } else { "Connect a chat" };
        match &self.0.stage {
            Stage::NoBot => layout::panel(
                title,
                notice(
                    Tone::Doubtful,
                    "Chats cannot be connected at the moment: the bot of this site is not ready yet.",
                ),
            ),
            Stage::Open(open) => layout::panel_with(
                title,
                make(Weight::Quiet, "New link"),
                html! {
                    p { "Open Telegram in one of these ways. Whoever does first is connected to your account, so do not pass it on." }
                    (open.addresses.show(open.until, now))
                },
            ),
            Stage::Held { by, until, .. } => layout::panel(
                title,
                html! {
                    p.lead { "Almost there: the bot asked " b dir="auto" { (by) } " a question. Answer it in the chat." }
                    (countdown(*until, now))
                },
            ),
            Stage::Ended { status: LinkStatus::Used, by, at } if now.since(*at) < CELEBRATED => layout::panel_with(
                "Connect a chat",
                make(Weight::Quiet, "Connect another chat"),
                connected(&Connected { account: username, site, telegram_name: by, back: None }),
            ),
            Stage::Ended { .. } | Stage::None => {
                let weight = if has_chat { Weight::Quiet } else { Weight::Primary };
                layout::panel_with(title, make(weight, "Make a link"), self.invitation())
            }
        }
    }

    fn invitation(&self) -> Markup {
        let expired = matches!(self.0.stage, Stage::Ended { status: LinkStatus::Expired, .. });
        html! {
            @if expired { p { "Your last link expired without being used." } }
            p { "A link opens the chat with the bot in Telegram, on this device or on your phone. It works once, within "
                (time::span(self.0.lifetime)) "." }
        }
    }
}

/// `POST /me/link`
async fn make(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    call.form().await?;
    let config = call.state().config().clone();
    call.state().store().write(move |tx| connect(tx, &signed.caller(), &config, signed.id)).await?;
    Ok(answer::see_other(HOME))
}
