//! `/admin/inbox/ID`: one conversation, live: what was said, the form that answers, who cares for it, whether it is closed.

use maud::{Markup, html};
use tide::http::Method;

use super::super::super::live::{self, Shown};
use super::super::super::{Call, Problem, Response, Row, Wrongs, answer};
use super::super::account::Eye;
use super::super::account::talk::{Draft, Place, Talk as Said};
use super::super::accounts::{self as people, existing};
use super::super::{Content, done, may, show};
use super::{PATH, path_of};
use crate::actions::session::Signed;
use crate::actions::talks::{assign, close, mark_read, reopen};
use crate::ids::{AccountId, AdminId, MessageId};
use crate::model::admin::Role;
use crate::model::talk::Talk;
use crate::store::{Snapshot, StoreError, admins, talks};
use crate::view::badge::talk::{CLOSED, NEW, READ};
use crate::view::form::{Weight, hidden, link_button, one_button, submit};
use crate::view::layout;
use crate::view::live::{part, parted};
use crate::view::notice::Flash;
use crate::view::shell::Nav;

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::signed(Method::Get, "/admin/inbox/:id", Role::Viewer, page),
        Row::signed(Method::Get, "/admin/inbox/:id/live", Role::Viewer, live_parts),
        Row::signed(Method::Post, "/admin/inbox/:id/read", Role::Sender, read_it),
        Row::signed(Method::Post, "/admin/inbox/:id/assign", Role::Sender, give),
        Row::signed(Method::Post, "/admin/inbox/:id/close", Role::Sender, close_it),
        Row::signed(Method::Post, "/admin/inbox/:id/reopen", Role::Sender, open_again),
    ]
}

/// What the page shows and keeps up to date.
struct Seen {
    id: AccountId,
    said: Said,
    talk: Option<Talk>,
    /// Those who may answer.
    team: Vec<(AdminId, String)>,
}

impl Seen {
    fn load(read: &Snapshot, id: AccountId, before: Option<MessageId>) -> Result<Self, StoreError> {
        let team = admins::all(read)?.into_iter().filter(|(_, admin)| admin.role >= Role::Sender);
        Ok(Self {
            id,
            said: Said::load(read, id, before)?,
            talk: talks::get(read, id)?,
            team: team.map(|(id, admin)| (id, admin.name.to_string())).collect(),
        })
    }

    /// How the team stands to it, and what can be done.
    fn care(&self, eye: &Eye) -> Markup {
        let Some(talk) = &self.talk else {
            return html! { p.hint { "This account's people wrote nothing that is still kept." } };
        };
        let to = |verb: &str| format!("{}/{verb}", path_of(self.id));
        let csrf = Some(eye.csrf.as_str());
        let badge = match (talk.closed, talk.is_unread()) {
            (true, _) => CLOSED,
            (false, true) => NEW,
            (false, false) => READ,
        };
        let carer = talk.assigned.and_then(|id| self.team.iter().find(|(each, _)| *each == id));
        html! {
            div.care {
                (badge)
                @if eye.may(Role::Sender) {
                    form.one-button.assign method="post" action=(to("assign")) {
                        (hidden(crate::view::form::CSRF_FIELD, &eye.csrf))
                        label.inline {
                            span { "With" }
                            select id="assigned" name="assigned" {
                                option value="" selected[talk.assigned.is_none()] { "nobody" }
                                @for (id, name) in &self.team { option value=(id) selected[talk.assigned == Some(*id)] { (name) } }
                            }
                        }
                        (submit(Weight::Quiet, "Give"))
                    }
                    @if talk.is_unread() && !talk.closed {
                        // With script the page does it when it is looked at.
                        form.one-button method="post" action=(to("read")) data-at-sight=(talk.latest) {
                            (hidden(crate::view::form::CSRF_FIELD, &eye.csrf))
                            (hidden("up_to", &talk.latest.to_string()))
                            (submit(Weight::Quiet, "Mark as read"))
                        }
                    }
                    @if talk.closed { (one_button(to("reopen"), csrf, submit(Weight::Quiet, "Open again"))) }
                    @else { (one_button(to("close"), csrf, submit(Weight::Quiet, "Close"))) }
                } @else if let Some((_, name)) = carer { span.sub { "with " (name) } }
            }
        }
    }

    fn parts(&self, eye: &Eye) -> [Markup; 2] {
        [part("care", self.care(eye)), part("talk", self.said.show(Place::Inbox, self.id, eye))]
    }
}

/// `GET /admin/inbox/:id`
async fn page(call: Call, signed: Signed) -> Result<Response, Problem> {
    let (id, _) = existing(&call)?;
    let latest = call.state().store().read(|read| talks::get(read, id))?.map(|talk| talk.latest);
    whole(&call, &signed, &Draft::empty(&call, Place::Inbox, latest), &Wrongs::none())
}

/// The page, with an answer that is being written.
pub fn whole(call: &Call, signed: &Signed, draft: &Draft, wrongs: &Wrongs) -> Result<Response, Problem> {
    let (id, account) = existing(call)?;
    let before = call.query("before").parse().ok();
    let eye = Eye::of(signed);
    let (seen, written) = call.state().store().read(|read| {
        let seen = Seen::load(read, id, before)?;
        Ok::<_, Problem>((seen, draft.show(read, (id, &account), &eye.csrf, wrongs)?))
    })?;
    let [care, talk] = seen.parts(&eye);
    let conversation = html! {
        // Older pages stand still: what comes in belongs to the newest one.
        @if before.is_some() { (seen.said.show(Place::Inbox, id, &eye)) } @else { (talk) }
        @if may(signed, Role::Sender) && before.is_none() { (written) }
    };
    let parts = html! { (care) (layout::panel_flush("Conversation", html! {}, conversation)) };
    let body = parted("talk", format!("{}/live", path_of(id)), parts);
    let status = if wrongs.is_empty() { 200 } else { wrongs.status() };
    let content = Content::new(account.username.as_str(), Nav::Inbox, body).below(PATH, "Inbox");
    let actions = link_button(Weight::Quiet, people::path_of(id), "Account");
    Ok(show(call, signed, content.with_actions(actions).with_status(status)))
}

/// `GET /admin/inbox/:id/live`
async fn live_parts(call: Call, signed: Signed) -> Result<Response, Problem> {
    let (id, _) = existing(&call)?;
    let eye = Eye::of(&signed);
    live::serve_signed(&call, &signed, live::PRIVATE, move |read| {
        let [care, talk] = Seen::load(read, id, None)?.parts(&eye);
        Ok(Shown::changing(html! { (care) (talk) }))
    })
}

/// `POST /admin/inbox/:id/read`. No sentence follows: the page shows it, and script does it by itself.
async fn read_it(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let (id, _) = existing(&call)?;
    let up_to = call.form().await?.get("up_to").parse().ok();
    let up_to: MessageId = up_to.ok_or_else(|| Problem::conflict("This form does not say what was read."))?;
    let caller = signed.caller();
    call.state().store().write(move |tx| mark_read(tx, &caller, id, up_to)).await?;
    Ok(answer::see_other(&path_of(id)))
}

/// `POST /admin/inbox/:id/assign`
async fn give(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let (id, account) = existing(&call)?;
    let form = call.form().await?;
    let (typed, caller) = (form.get("assigned"), signed.caller());
    // What is no number is nobody's number.
    let to = (!typed.is_empty()).then(|| typed.parse().unwrap_or(AdminId(0)));
    call.state().store().write(move |tx| assign(tx, &caller, id, to)).await?;
    let name = match to {
        None => "nobody".to_owned(),
        Some(admin) if admin == signed.id => "you".to_owned(),
        Some(admin) => call.state().store().read(|read| super::names::of_admin(read, admin))?,
    };
    Ok(done(&call, &path_of(id), &Flash::good(format!("The conversation with {} is with {name}.", account.username))))
}

/// `POST /admin/inbox/:id/close`
async fn close_it(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let (id, account) = existing(&call)?;
    call.form().await?;
    let caller = signed.caller();
    call.state().store().write(move |tx| close(tx, &caller, id)).await?;
    let text =
        format!("The conversation with {} is closed. What its person writes next opens it again.", account.username);
    Ok(done(&call, PATH, &Flash::good(text)))
}

/// `POST /admin/inbox/:id/reopen`
async fn open_again(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    let (id, account) = existing(&call)?;
    call.form().await?;
    let caller = signed.caller();
    call.state().store().write(move |tx| reopen(tx, &caller, id)).await?;
    let text = format!("The conversation with {} is open again.", account.username);
    Ok(done(&call, &path_of(id), &Flash::good(text)))
}
