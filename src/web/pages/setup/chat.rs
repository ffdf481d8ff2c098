//! The last step: the admin's own chat. The page turns by itself when the chat is connected, and again when the bot's first
//! message is through, with which the set-up ends.

use maud::{Markup, html};

use super::super::super::live::{self, Look, Next, Shown};
use super::super::super::{Call, Problem, Response, State, Wrongs, answer};
use super::super::names;
use super::super::signin::framed;
use super::super::ways::Addresses;
use super::bot::make_link;
use crate::actions::session::Signed;
use crate::clock::Timestamp;
use crate::ids::AdminId;
use crate::model::link::{Link, LinkState, LinkStatus, Target};
use crate::model::settings::BotIdentity;
use crate::store::{Read as _, Snapshot, StoreError, chats, deliveries, links, meta};
use crate::view::badge::Tone;
use crate::view::form::{self, Weight};
use crate::view::link::{Ended, countdown, ended};
use crate::view::live::announced;
use crate::view::notice::notice;
use crate::view::shell::{Plain, Step};

/// Where one is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Face {
    /// A code waits to be used.
    Open { link: Box<Link>, bot: Option<BotIdentity> },
    /// The chat was asked a question.
    Held { until: Timestamp },
    /// There is no code any more, or the bot is not known yet.
    NoCode,
    /// The chat is connected; the bot's message waits or is on its way.
    Greeting { name: String },
    /// The message is through.
    Done { name: String },
}

impl Face {
    fn load(read: &Snapshot, admin: AdminId) -> Result<Self, StoreError> {
        let own = chats::of_admin(read, admin)?.into_iter().find(|(_, chat)| chat.reachability.may_send());
        if let Some((id, chat)) = own {
            let name = names::of_profile(&chat.profile, id);
            let waits = !deliveries::pending_of_chat(read, id)?.is_empty();
            return Ok(if waits { Self::Greeting { name } } else { Self::Done { name } });
        }
        let live = links::live_of(read, Target::Admin(admin))?;
        Ok(match live.map(|(_, link)| (link.status(read.now()), link)) {
            Some((LinkStatus::Open, link)) => Self::Open { link: Box::new(link), bot: meta::bot(read)? },
            Some((LinkStatus::Held, Link { state: LinkState::Held { until, .. }, .. })) => Self::Held { until },
            Some(_) | None => Self::NoCode,
        })
    }

    /// When it may look different.
    fn next(&self) -> Next {
        match self {
            Self::Open { link, .. } => Next::At(link.expires),
            Self::Held { until } => Next::At(*until),
            Self::NoCode | Self::Greeting { .. } => Next::Change,
            Self::Done { .. } => Next::Over,
        }
    }

    fn show(&self, read: &Snapshot, (state, csrf): (&State, &str)) -> Markup {
        match self {
            Self::Open { link, bot } => match addresses(read, state, (link.as_ref(), bot.as_ref())) {
                Some(addresses) => html! {
                    p.lead { "Connect your own Telegram: test messages and notices go there. It also shows what your users will see." }
                    (addresses.show(link.expires, read.now()))
                    (later())
                },
                None => notice(Tone::Waiting, "Telegram has not told the bot's name yet. This page goes on by itself."),
            },
            Self::Held { until } => html! {
                p.lead { "Almost there: the bot asked you a question. Answer it in the chat." }
                (countdown(*until, read.now()))
            },
            Self::NoCode => html! {
                (ended(&Ended {
                    tone: Tone::Quiet,
                    title: "No code is open",
                    text: "Codes are short-lived, so that nobody else can use yours.",
                    back: None,
                }))
                (form::post("/setup/chat", Some(csrf), form::actions(form::submit(Weight::Primary, "Make a new code"))))
                (later())
            },
            Self::Greeting { name } => connected(name, "The bot is writing to you at this moment."),
            Self::Done { name } => html! {
                (connected(name, "The bot has written to you: look at your phone. Everything works."))
                (form::actions(form::link_button(Weight::Primary, "/admin", "Go to your overview")))
            },
        }
    }
}

fn later() -> Markup {
    html! { p.hint { a href="/admin" { "Do this later" } ": you find it again under Security." } }
}

fn connected(name: &str, text: &str) -> Markup {
    html! {
        div.outcome.good {
            (crate::view::icon::mark_flying())
            h2 { "You are connected" }
            p { strong dir="auto" { (name) } " on Telegram is your own chat now. " (text) }
        }
    }
}

fn addresses(read: &Snapshot, state: &State, (link, bot): (&Link, Option<&BotIdentity>)) -> Option<Addresses> {
    let code = links::code(read, link);
    bot.zip(code).map(|(bot, code)| Addresses::of(state.config(), bot, &code))
}

/// `GET /setup/chat`
pub async fn ask(call: Call, signed: Signed) -> Result<Response, Problem> {
    let state = call.state();
    let csrf = signed.session.csrf.as_str();
    let (face, shown) = state.store().read(|read| {
        let face = Face::load(read, signed.id)?;
        let shown = face.show(read, (state, csrf));
        Ok::<_, StoreError>((face, shown))
    })?;
    let body = match face.next() {
        Next::Over => shown,
        Next::Change | Next::At(_) => announced("own-chat", "/setup/chat/live", shown),
    };
    let page = Plain { title: "Your own chat", step: Some(Step::OwnChat), flash: None, body, foot: html! {} };
    Ok(framed(&Wrongs::none(), page))
}

/// `POST /setup/chat`
pub async fn new_code(mut call: Call, signed: Signed) -> Result<Response, Problem> {
    call.form().await?;
    make_link(&call, &signed).await?;
    Ok(answer::see_other("/setup/chat"))
}

/// `GET /setup/chat/live`
pub async fn live_part(call: Call, signed: Signed) -> Result<Response, Problem> {
    let (state, id, csrf) = (call.state().clone(), signed.id, signed.session.csrf.clone());
    let mut before = None;
    live::serve_signed(&call, &signed, live::PRIVATE, move |read| {
        let face = Face::load(read, id)?;
        // The countdown is the script's: equal faces need no new drawing.
        if before.as_ref() == Some(&face) {
            return Ok(Look::Same);
        }
        let (html, next) = (face.show(read, (&state, &csrf)), face.next());
        before = Some(face);
        Ok(Look::Now(Shown { html, next }))
    })
}
