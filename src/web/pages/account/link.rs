//! An account's link: made, shown with its four ways while it is open, revoked, and what became of it.

use maud::{Markup, html};
use tide::http::Method;

use super::super::super::{Call, Problem, Response, Row, State};
use super::super::accounts::path_of;
use super::super::ways::{Addresses, page_of};
use super::super::{done, names};
use super::{Eye, bare_form};
use crate::actions::links::issue;
use crate::actions::session::Signed;
use crate::actions::settings::Effective;
use crate::clock::Timestamp;
use crate::config::BaseUrl;
use crate::ids::{AccountId, LinkId};
use crate::model::admin::Role;
use crate::model::link::{Link, LinkState, LinkStatus, Target};
use crate::store::{Read as _, Snapshot, StoreError, links, meta};
use crate::view::badge::{Badge, Tone};
use crate::view::form::{Weight, one_button, submit};
use crate::view::link::countdown;
use crate::view::notice::{Flash, notice};
use crate::view::reveal::{Copy, copy};
use crate::view::{layout, time};

pub(super) fn rows() -> Vec<Row> {
    vec![Row::signed(Method::Post, "/admin/accounts/:id/link", Role::Operator, make)]
}

/// What is to be seen of an account's newest link.
pub(in crate::web) struct Panel {
    pub(in crate::web) stage: Stage,
    pub(in crate::web) lifetime: std::time::Duration,
}

pub(in crate::web) enum Stage {
    /// Without a bot no link leads anywhere.
    NoBot,
    /// No link was ever made, or its end is told in the list of links.
    None,
    /// Scan it.
    Open(Box<Open>),
    /// A chat is being asked.
    Held { id: LinkId, by: String, until: Timestamp },
    /// It ended.
    Ended { status: LinkStatus, by: String, at: Timestamp },
}

pub(in crate::web) struct Open {
    id: LinkId,
    pub(in crate::web) addresses: Addresses,
    page: Option<String>,
    pub(in crate::web) until: Timestamp,
}

impl Panel {
    pub(in crate::web) fn load(read: &Snapshot, state: &State, account: AccountId) -> Result<Self, StoreError> {
        let effective = Effective::load(read, state.config())?;
        let lifetime = effective.link_lifetime.value;
        let newest = links::of_account(read, account, 1)?.pop();
        let standing = match newest {
            None => {
                if meta::bot(read)?.is_some() {
                    Stage::None
                } else {
                    Stage::NoBot
                }
            }
            Some((id, link)) => stage(read, state, (id, &link), effective.base_url.value.as_ref())?,
        };
        Ok(Self { stage: standing, lifetime })
    }

    /// When it changes by itself.
    pub(in crate::web) fn changes_at(&self) -> Option<Timestamp> {
        match &self.stage {
            Stage::Open(open) => Some(open.until),
            Stage::Held { until, .. } => Some(*until),
            Stage::NoBot | Stage::None | Stage::Ended { .. } => None,
        }
    }

    pub(super) fn show(&self, account: AccountId, eye: &Eye, now: Timestamp) -> Markup {
        let make = |label: &str, weight| {
            html! {
                @if eye.may(Role::Operator) {
                    (one_button(format!("{}/link", path_of(account)), Some(&eye.csrf), submit(weight, label)))
                }
            }
        };
        match &self.stage {
            Stage::NoBot => layout::panel(
                "Link",
                html! {
                    (notice(Tone::Doubtful, "No bot is connected yet, so no link can be made."))
                    p { a href="/admin/settings/bot" { "Connect a bot" } }
                },
            ),
            Stage::None => layout::panel_with(
                "Link",
                make("Make a link", Weight::Primary),
                html! {
                    p { "A link connects the Telegram chat of whoever opens it first. It can be used once, within " (time::span(self.lifetime)) "." }
                },
            ),
            Stage::Open(open) => open.show(eye, &make("New link", Weight::Quiet), now),
            Stage::Held { id, by, until } => layout::panel_with(
                "Link",
                revoke(*id, eye),
                html! {
                    p { (Badge::from(LinkStatus::Held)) }
                    p { b dir="auto" { (by) } " opened the link and is being asked in the chat. Nobody else can use it meanwhile." }
                    (countdown(*until, now))
                },
            ),
            Stage::Ended { status, by, at } => {
                layout::panel_with("Link", make("Make a link", Weight::Quiet), ended(*status, by, (*at, now)))
            }
        }
    }
}

fn stage(
    read: &Snapshot,
    state: &State,
    (id, link): (LinkId, &Link),
    base: Option<&BaseUrl>,
) -> Result<Stage, StoreError> {
    let status = link.status(read.now());
    Ok(match (status, link.state) {
        (LinkStatus::Held, LinkState::Held { chat, until }) => {
            Stage::Held { id, by: names::of_chat(read, chat)?, until }
        }
        (LinkStatus::Open, _) => match (meta::bot(read)?, links::code(read, link)) {
            (Some(bot), Some(code)) => Stage::Open(Box::new(Open {
                id,
                addresses: Addresses::of(state.config(), &bot, &code),
                page: base.filter(|_| code.has_our_form()).map(|base| base.join(&page_of(&code))),
                until: link.expires,
            })),
            (None, _) | (_, None) => Stage::NoBot,
        },
        (_, LinkState::Used { chat, at }) => Stage::Ended { status, by: names::of_chat(read, chat)?, at },
        (_, _) => Stage::Ended { status, by: String::new(), at: link.ended().unwrap_or_else(|| link.lapses()) },
    })
}

impl Open {
    fn show(&self, eye: &Eye, again: &Markup, now: Timestamp) -> Markup {
        let head = html! { (revoke(self.id, eye)) (again) };
        layout::panel_with(
            "Link",
            head,
            html! {
                p { "Show it to the person, or send them its page. Whoever opens it first is connected." }
                (self.addresses.show(self.until, now))
                @if let Some(page) = &self.page {
                    (copy(Copy { id: "link-page", label: "The link's own page, to pass on", value: page }))
                }
                (self.addresses.show_group())
            },
        )
    }
}

fn revoke(id: LinkId, eye: &Eye) -> Markup {
    html! {
        @if eye.may(Role::Operator) {
            (one_button(format!("/admin/links/{id}/revoke"), Some(&eye.csrf), submit(Weight::Quiet, "Revoke")))
        }
    }
}

fn ended(status: LinkStatus, by: &str, (at, now): (Timestamp, Timestamp)) -> Markup {
    html! {
        div.told {
            (Badge::from(status))
            p { @match status {
                LinkStatus::Used => { "The last link connected " b dir="auto" { (by) } " " (time::ago(at, now)) "." },
                LinkStatus::Expired => { "The last link expired " (time::ago(at, now)) " without being used." },
                LinkStatus::Revoked => { "The last link was revoked " (time::ago(at, now)) "." },
                LinkStatus::Open | LinkStatus::Held => {},
            } }
        }
    }
}

async fn make(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let (id, account, _) = bare_form(&mut call).await?;
    let (caller, config) = (signed.caller(), call.state().config().clone());
    let issued = call.state().store().write(move |tx| {
        let lifetime = Effective::load(tx, &config)?.link_lifetime.value;
        issue(tx, &caller, Target::Account(id), lifetime)
    });
    issued.await?;
    Ok(done(&call, &path_of(id), &Flash::good(format!("A new link for {}. It can be used once.", account.username))))
}
