//! Whole documents: the admin's pages with their navigation, the narrow card of sign-in and setup, and the public page.

use maud::{DOCTYPE, Markup, html};

use super::badge::Badge;
use super::list::Place;
use super::notice::{self, Flash};
use super::{Href, Icon, assets, form, icon, number};

/// Where in the admin's pages one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nav {
    /// `/admin`
    Overview,
    /// `/admin/inbox`
    Inbox,
    /// `/admin/accounts`
    Accounts,
    /// `/admin/broadcasts`
    Broadcasts,
    /// `/admin/links`
    Links,
    /// `/admin/connect`
    Connect,
    /// `/admin/settings`
    Settings,
    /// `/admin/security`
    Security,
    /// `/admin/status`
    Status,
}

/// The items in their order; a phone shows the first [`ON_PHONE`] in its bar and the others under "More".
const NAV: [(Nav, Icon, &str, &str); 9] = [
    (Nav::Overview, Icon::Overview, "Overview", "/admin"),
    (Nav::Inbox, Icon::Inbox, "Inbox", "/admin/inbox"),
    (Nav::Accounts, Icon::Account, "Accounts", "/admin/accounts"),
    (Nav::Broadcasts, Icon::Megaphone, "Broadcasts", "/admin/broadcasts"),
    (Nav::Links, Icon::Chain, "Links", "/admin/links"),
    (Nav::Status, Icon::Pulse, "Status", "/admin/status"),
    (Nav::Connect, Icon::Plug, "Your website", "/admin/connect"),
    (Nav::Settings, Icon::Settings, "Settings", "/admin/settings"),
    (Nav::Security, Icon::Shield, "Security", "/admin/security"),
];
const ON_PHONE: usize = 4;

/// Where signing out is posted to.
pub const SIGN_OUT: &str = "/sign-out";

/// Who is signed in, and where.
#[derive(Clone, Copy, Debug)]
pub struct Who<'a> {
    /// The site's name.
    pub site: &'a str,
    /// The admin's name.
    pub admin: &'a str,
    /// The session's token, for the button that signs out.
    pub csrf: &'a str,
}

/// One page of the admin's side.
#[derive(Debug)]
pub struct Page<'a> {
    /// The heading and the window's title.
    pub title: &'a str,
    /// The item of the navigation that is lit.
    pub nav: Option<Nav>,
    /// Who is signed in.
    pub who: Who<'a>,
    /// Conversations of which something was not read.
    pub unread: u64,
    /// What the bot is doing.
    pub bot: Option<Badge>,
    /// News from the last action.
    pub flash: Option<&'a Flash>,
    /// The page above this one: address and name.
    pub back: Option<(Href, &'a str)>,
    /// Buttons beside the heading.
    pub actions: Markup,
    /// The content below the heading.
    pub body: Markup,
}

impl<'a> Page<'a> {
    /// A page with a title and nothing else yet; set the other fields as needed.
    #[must_use]
    pub fn new(title: &'a str, who: Who<'a>, body: Markup) -> Self {
        Self { title, nav: None, who, unread: 0, bot: None, flash: None, back: None, actions: Markup::default(), body }
    }
}

/// The admin's page as a document.
#[must_use]
pub fn admin(page: &Page) -> Markup {
    let body = html! {
        a.skip href="#main" { "Skip to the content" }
        (side(page))
        (top(page))
        main id="main" tabindex="-1" {
            @if let Some((href, name)) = &page.back { a.back href=(href) { (Icon::Back) (name) } }
            div.page-head { h1 dir="auto" { (page.title) } div.page-actions { (page.actions) } }
            @if let Some(flash) = page.flash { (notice::flash(flash)) }
            div.stack { (page.body) }
        }
        (bottom(page))
    };
    document(&Document { title: &format!("{} · {}", page.title, page.who.site), class: "admin", extra: &[], body })
}

fn side(page: &Page) -> Markup {
    html! {
        header.side {
            a.brand href="/admin" { (icon::mark()) span { (page.who.site) } }
            nav aria-label="Main" { ul { @for item in NAV { (nav_item(item, page)) } } }
            div.side-foot {
                @if let Some(bot) = page.bot { a.bot-line href="/admin/status" { span { "Bot" } (bot) } }
                p.who { span.hidden { "Signed in as " } (page.who.admin) }
                (sign_out(page.who))
            }
        }
    }
}

fn top(page: &Page) -> Markup {
    html! {
        header.top {
            a.brand href="/admin" { (icon::mark()) span { (page.who.site) } }
            @if let Some(bot) = page.bot { a.bot-line href="/admin/status" { span.hidden { "Bot " } (bot) } }
        }
    }
}

fn bottom(page: &Page) -> Markup {
    let inside = NAV.iter().skip(ON_PHONE).any(|(nav, ..)| Some(*nav) == page.nav);
    html! {
        nav.bottom aria-label="Main" { ul {
            @for item in NAV.iter().take(ON_PHONE) { (nav_item(*item, page)) }
            li { details.nav-more {
                summary .lit[inside] { (Icon::More) span { "More" } }
                div {
                    ul { @for item in NAV.iter().skip(ON_PHONE) { (nav_item(*item, page)) } }
                    p.who { span.hidden { "Signed in as " } (page.who.admin) }
                    (sign_out(page.who))
                }
            } }
        } }
    }
}

fn nav_item((nav, icon, word, href): (Nav, Icon, &str, &str), page: &Page) -> Markup {
    html! {
        li { a href=(href) aria-current=[Place::of(&Some(nav), &page.nav).aria()] {
            (icon) span { (word) }
            @if nav == Nav::Inbox && page.unread > 0 { span.nav-count { (number(page.unread)) span.hidden { " unread" } } }
        } }
    }
}

fn sign_out(who: Who) -> Markup {
    form::one_button(SIGN_OUT, Some(who.csrf), html! { button.plain type="submit" { (Icon::SignOut) "Sign out" } })
}

/// The steps of the setup, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The address under which people reach this server.
    BaseUrl,
    /// The first admin's name and password.
    Password,
    /// The second factor and the recovery codes.
    SecondFactor,
    /// The bot's token.
    Bot,
    /// The admin's own chat.
    OwnChat,
}

const STEPS: [(Step, &str); 5] = [
    (Step::BaseUrl, "Base URL"),
    (Step::Password, "Password"),
    (Step::SecondFactor, "Second factor"),
    (Step::Bot, "Bot"),
    (Step::OwnChat, "Your chat"),
];

/// A page with one thing to do: sign-in, a step of the setup, a step-up.
#[derive(Debug)]
pub struct Plain<'a> {
    /// The heading and the window's title.
    pub title: &'a str,
    /// Where in the setup one is, if it is the setup.
    pub step: Option<Step>,
    /// News from the last action.
    pub flash: Option<&'a Flash>,
    /// The content of the card.
    pub body: Markup,
    /// Fine print below the card, such as how to get in when locked out.
    pub foot: Markup,
}

/// The narrow page as a document.
#[must_use]
pub fn plain(page: &Plain) -> Markup {
    let body = html! {
        a.skip href="#main" { "Skip to the content" }
        header.masthead { (icon::mark()) span { "startlink" } }
        @if let Some(step) = page.step { (progress(step)) }
        main.card.airmail id="main" tabindex="-1" {
            h1 { (page.title) }
            @if let Some(flash) = page.flash { (notice::flash(flash)) }
            (page.body)
        }
        footer.foot { (page.foot) }
    };
    document(&Document { title: &format!("{} · startlink", page.title), class: "narrow", extra: &[], body })
}

fn progress(step: Step) -> Markup {
    let current = STEPS.iter().position(|(each, _)| *each == step).unwrap_or(0) + 1;
    html! {
        nav.steps aria-label="Setup" {
            p { "Step " (current) " of " (STEPS.len()) }
            ol { @for (each, name) in STEPS {
                li .done[each < step] aria-current=[(each == step).then_some("step")] {
                    span { (name) @if each < step { span.hidden { ", done" } } }
                }
            } }
        }
    }
}

/// A page for people who are not signed in: a link's page, an error.
#[derive(Debug)]
pub struct Public<'a> {
    /// The heading and the window's title.
    pub title: &'a str,
    /// The site's name; empty shows ours.
    pub site: &'a str,
    /// The content of the card.
    pub body: Markup,
    /// Fine print below the card.
    pub foot: Markup,
}

/// The public page as a document.
#[must_use]
pub fn public(page: &Public) -> Markup {
    let site = if page.site.is_empty() { "startlink" } else { page.site };
    let body = html! {
        a.skip href="#main" { "Skip to the content" }
        header.masthead { (icon::mark()) span { (site) } }
        main.card.airmail id="main" tabindex="-1" { h1 dir="auto" { (page.title) } (page.body) }
        footer.foot { (page.foot) }
    };
    document(&Document { title: &format!("{} · {site}", page.title), class: "narrow", extra: &[], body })
}

/// A page that could not be shown as wished.
#[derive(Clone, Debug)]
pub struct Problem<'a> {
    /// The HTTP status.
    pub status: u16,
    /// What happened, in a few words.
    pub title: &'a str,
    /// What to do now.
    pub text: &'a str,
    /// What an operator can look for in the log; may be empty.
    pub request_id: &'a str,
    /// The way on: an address and its words.
    pub back: Option<(Href, &'a str)>,
}

/// An error page.
#[must_use]
pub fn problem(problem: &Problem) -> Markup {
    let body = html! {
        p.lead { (problem.text) }
        @if let Some((href, words)) = &problem.back { (form::actions(form::link_button(form::Weight::Quiet, href, words))) }
    };
    let foot = html! {
        p { "Status " (problem.status) @if !problem.request_id.is_empty() { " · request " code { (problem.request_id) } } }
    };
    public(&Public { title: problem.title, site: "", body, foot })
}

/// A document: the head that all pages share, and a body.
#[derive(Debug)]
pub struct Document<'a> {
    /// The window's title.
    pub title: &'a str,
    /// The body's class.
    pub class: &'a str,
    /// Names of further embedded files to load, `.css` or `.js`.
    pub extra: &'a [&'a str],
    /// What the body holds.
    pub body: Markup,
}

/// The document. Scripts are deferred and nothing waits for them.
#[must_use]
pub fn document(document: &Document) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { (document.title) }
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                link rel="icon" type="image/svg+xml" href=(assets::url("mark.svg"));
                link rel="stylesheet" href=(assets::url("style.css"));
                script src=(assets::url("script.js")) defer {}
                @for name in document.extra { (extra(name)) }
            }
            body .(document.class) { (document.body) }
        }
    }
}

fn extra(name: &str) -> Markup {
    html! {
        @if name.ends_with("css") { link rel="stylesheet" href=(assets::url(name)); }
        @else { script src=(assets::url(name)) defer {} }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> String {
        let who = Who { site: "Shop <1>", admin: "anna", csrf: "tok" };
        admin(&Page { nav: Some(Nav::Links), ..Page::new("Links & codes", who, html! { p { "x" } }) }).into_string()
    }

    #[test]
    fn the_lit_item_is_the_page_one_is_on() {
        let html = sample();
        assert_eq!(html.matches("aria-current=\"page\"").count(), 2);
        assert!(html.contains("<a href=\"/admin/links\" aria-current=\"page\">"));
        assert!(html.contains("<title>Links &amp; codes · Shop &lt;1&gt;</title>"));
    }

    #[test]
    fn a_document_has_no_inline_style_script_or_handler() {
        let html = sample();
        assert!(!html.contains("style=\"") && !html.contains("<style"));
        assert!(!html.contains(" onclick=") && !html.contains("javascript:"));
        assert!(html.matches("<script").count() == html.matches("<script src=\"/assets/").count());
    }

    #[test]
    fn the_setup_says_how_far_one_is() {
        let page = Plain {
            title: "Bot",
            step: Some(Step::Bot),
            flash: None,
            body: Markup::default(),
            foot: Markup::default(),
        };
        let html = plain(&page).into_string();
        assert!(html.contains("Step 4 of 5"));
        assert_eq!(html.matches(", done").count(), 3);
        assert!(html.contains("aria-current=\"step\"><span>Bot</span>"));
    }
}
