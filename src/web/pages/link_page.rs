//! `/l/CODE`: a link's own page, for whoever was given the code. It turns to "connected" by itself. Unknown and malformed codes
//! get the same answer, and nothing but the link's own account is told.

use maud::{Markup, html};
use tide::http::Method;

use super::super::live::{self, Look, Next, Shown};
use super::super::{Call, Problem, Response, Row, State, answer};
use super::names;
use super::ways::{Addresses, page_of};
use crate::actions::connect;
use crate::actions::settings::Effective;
use crate::clock::Timestamp;
use crate::ids::ChatId;
use crate::model::event::Actor;
use crate::model::link::{Code, Link, LinkState, LinkStatus, Target};
use crate::store::{Read as _, Snapshot, StoreError, accounts, admins, links, meta};
use crate::view::badge::Tone;
use crate::view::link::{Connected, Ended, connected, countdown, ended};
use crate::view::live::announced;
use crate::view::shell::{Public, public};
use crate::view::{Href, notice};

/// How long the page says who connected; later, whoever finds the address in a history learns only that it was used.
const CELEBRATED: std::time::Duration = std::time::Duration::from_mins(15);

/// The routes of this page.
#[must_use]
pub fn rows() -> Vec<Row> {
    vec![Row::public(Method::Get, "/l/:code", page), Row::public(Method::Get, "/l/:code/live", live_part)]
}

/// How the site presents itself here.
struct Site {
    name: String,
    back: Option<Href>,
    masks: bool,
}

impl Site {
    fn load(read: &Snapshot, state: &State) -> Result<Self, StoreError> {
        let effective = Effective::load(read, state.config())?;
        let back = effective.site_url.value.as_deref().and_then(|url| Href::parse(url).ok());
        Ok(Self { name: effective.site_name.value, back, masks: effective.mask_username.value })
    }

    fn way_back(&self) -> Option<(Href, String)> {
        self.back.clone().map(|href| (href, format!("Back to {}", self.name)))
    }
}

/// What a code's page shows.
struct Seen {
    site: Site,
    link: Option<(Link, Face)>,
    now: Timestamp,
}

/// What there is to say about a link.
enum Face {
    Open { account: String, addresses: Option<Addresses> },
    Held { account: String, until: Timestamp },
    Connected { account: String, by: String },
    Used,
    Expired,
    Revoked,
}

fn find(read: &Snapshot, code: Option<&Code>) -> Result<Option<Link>, StoreError> {
    let Some(code) = code else { return Ok(None) };
    Ok(links::find(read, code.hash())?.map(|(_, link)| link))
}

impl Seen {
    fn load(read: &Snapshot, state: &State, link: Option<Link>) -> Result<Self, StoreError> {
        let mut site = Site::load(read, state)?;
        // The website may have said where to go on from this link.
        let own = link.as_ref().and_then(|link| link.return_url.as_deref()).and_then(|url| Href::parse(url).ok());
        site.back = own.or(site.back);
        if let Some(proven) = link.as_ref().map(|link| proven(read, link)).transpose()?.flatten() {
            site.back = Some(proven);
        }
        let link = match link {
            Some(link) => Some((link.clone(), Face::load(read, state, (&site, &link))?)),
            None => None,
        };
        Ok(Self { site, link, now: read.now() })
    }

    fn body(&self) -> Markup {
        match &self.link {
            Some((link, face)) => face.show(&self.site, link, self.now),
            None => unknown(&self.site),
        }
    }

    fn next(&self) -> Next {
        match &self.link {
            Some((link, Face::Open { .. } | Face::Held { .. })) => Next::At(moment(link)),
            Some((_, Face::Connected { .. } | Face::Used | Face::Expired | Face::Revoked)) | None => Next::Over,
        }
    }
}

/// The way back of a link that an address of the website's made, with the signed word that it was used just now. It does not
/// name the account, which later visitors of this page need not learn.
fn proven(read: &Snapshot, link: &Link) -> Result<Option<Href>, StoreError> {
    let (Actor::Website, Target::Account(account), LinkState::Used { at, .. }, Some(to)) =
        (link.issued_by, link.target, link.state, link.return_url.as_deref())
    else {
        return Ok(None);
    };
    let Some(account) = accounts::get(read, account)?.filter(|_| read.now().since(at) < CELEBRATED) else {
        return Ok(None);
    };
    let back = connect::way_back(read, (to, &account.username), at)?;
    Ok(back.and_then(|url| Href::parse(&url).ok()))
}

/// When the clock alone moves the link on.
fn moment(link: &Link) -> Timestamp {
    match link.state {
        LinkState::Held { until, .. } => until,
        LinkState::Open | LinkState::Used { .. } | LinkState::Expired { .. } | LinkState::Revoked { .. } => {
            link.expires
        }
    }
}

impl Face {
    fn load(read: &Snapshot, state: &State, (site, link): (&Site, &Link)) -> Result<Self, StoreError> {
        let now = read.now();
        Ok(match (link.status(now), link.state) {
            (LinkStatus::Open, _) => {
                Self::Open { account: account(read, site, link.target)?, addresses: addresses(read, state, link)? }
            }
            (LinkStatus::Held, _) => Self::Held { account: account(read, site, link.target)?, until: moment(link) },
            (_, LinkState::Used { chat, at }) if now.since(at) < CELEBRATED => {
                Self::Connected { account: account(read, site, link.target)?, by: first_name(read, chat)? }
            }
            (LinkStatus::Used, _) => Self::Used,
            (LinkStatus::Expired, _) => Self::Expired,
            (LinkStatus::Revoked, _) => Self::Revoked,
        })
    }

    fn show(&self, site: &Site, link: &Link, now: Timestamp) -> Markup {
        let end = |title: &str, text: &str| over(site, Tone::Quiet, (title, text));
        match self {
            Self::Open { account, addresses: Some(addresses) } => html! {
                p.lead { "Messages for " strong dir="auto" { (account) } " at " strong dir="auto" { (site.name) } " will come to your Telegram." }
                (addresses.show(link.expires, now))
                @if matches!(link.target, Target::Account(_)) { (addresses.show_group()) }
            },
            Self::Open { addresses: None, .. } => {
                notice::notice(Tone::Doubtful, "The bot is not ready yet. Please try again in a moment.")
            }
            Self::Held { account, until } => html! {
                p.lead { "Almost there: the bot asked a question about " strong dir="auto" { (account) } ". Answer it in the chat." }
                (countdown(*until, now))
            },
            Self::Connected { account, by } => {
                connected(&Connected { account, site: &site.name, telegram_name: by, back: site.back.clone() })
            }
            Self::Used => end(
                "This link was used",
                "It connected a chat, and a link works once. To connect another chat, ask the site for a new one.",
            ),
            Self::Expired => end(
                "This link has expired",
                "Ask the site for a new one: links are short-lived, so that nobody else can use yours.",
            ),
            Self::Revoked => end(
                "This link is no longer valid",
                "A newer one took its place, or it was taken back. Ask the site for a new one.",
            ),
        }
    }
}

fn unknown(site: &Site) -> Markup {
    over(
        site,
        Tone::Quiet,
        ("This link is not known", "It may have been copied in part, or it is long gone. Ask the site for a new one."),
    )
}

fn over(site: &Site, tone: Tone, (title, text): (&str, &str)) -> Markup {
    let back = site.way_back();
    let back = back.as_ref().map(|(href, words)| (href.clone(), words.as_str()));
    ended(&Ended { tone, title, text, back })
}

/// Whom the link connects; its ends only, where the site wants that.
fn account(read: &Snapshot, site: &Site, target: Target) -> Result<String, StoreError> {
    match target {
        Target::Account(id) => Ok(accounts::get(read, id)?.map_or_else(String::new, |account| {
            if site.masks { account.username.masked() } else { account.username.to_string() }
        })),
        Target::Admin(id) => Ok(admins::get(read, id)?.map_or_else(String::new, |admin| admin.name.to_string())),
    }
}

/// The name only: whoever looks here need not learn the rest of the profile.
fn first_name(read: &Snapshot, chat: ChatId) -> Result<String, StoreError> {
    let name = crate::store::chats::get(read, chat)?.map(|chat| chat.profile.name).unwrap_or_default();
    if name.is_empty() { names::of_chat(read, chat) } else { Ok(name) }
}

fn addresses(read: &Snapshot, state: &State, link: &Link) -> Result<Option<Addresses>, StoreError> {
    let bot = meta::bot(read)?;
    Ok(bot.zip(links::code(read, link)).map(|(bot, code)| Addresses::of(state.config(), &bot, &code)))
}

/// The code of the page. Those that were brought here have none: they may be short enough to be found by trying.
fn shown(call: &Call) -> Result<Option<Code>, Problem> {
    Ok(Code::parse(&call.param("code")?).filter(Code::has_our_form))
}

/// `GET /l/:code`
async fn page(call: Call) -> Result<Response, Problem> {
    let code = shown(&call)?;
    let seen = call.state().store().read(|read| Seen::load(read, call.state(), find(read, code.as_ref())?))?;
    let body = match (&code, seen.next()) {
        (Some(code), Next::At(_) | Next::Change) => announced("link", format!("{}/live", page_of(code)), seen.body()),
        (Some(_) | None, _) => seen.body(),
    };
    let foot = html! { p { "Only whoever has this address can see this page. Do not pass it on." } };
    let status = if seen.link.is_some() { 200 } else { 404 };
    Ok(answer::page_with(status, public(&Public { title: "Connect Telegram", site: &seen.site.name, body, foot })))
}

/// `GET /l/:code/live`
async fn live_part(call: Call) -> Result<Response, Problem> {
    let code = shown(&call)?;
    let first = call.state().store().read(|read| find(read, code.as_ref()))?;
    if first.is_none() {
        return Err(Problem::not_found());
    }
    let state = call.state().clone();
    let mut before = None;
    live::serve(&call, live::PUBLIC, move |read| {
        // One row decides whether there is anything to draw: thousands may be looking.
        let link = find(read, code.as_ref())?;
        let mark = link.as_ref().map(|link| (link.status(read.now()), moment(link)));
        if before.is_some() && before == Some(mark) {
            return Ok(Look::Same);
        }
        before = Some(mark);
        let seen = Seen::load(read, &state, link)?;
        Ok(Look::Now(Shown { html: seen.body(), next: seen.next() }))
    })
}
