//! The pages: each file reads what it shows into a struct, hands forms to actions, and fills components. This file owns what the
//! admin's pages share: their frame, the news from the last form, the way back after one.

pub mod account;
pub mod accounts;
pub mod agents;
pub mod arrive;
pub mod broadcasts;
pub mod confirm;
pub mod connect;
pub mod enrol;
pub mod files;
pub mod inbox;
pub mod invite;
pub mod link_page;
pub mod links;
pub mod machine;
pub mod names;
pub mod overview;
pub mod security;
pub mod settings;
pub mod setup;
pub mod signin;
pub mod status;
pub mod ways;

use maud::Markup;

use super::cookie::Cookie;
use super::{Call, Response, Row, answer, flash};
use crate::actions::session::Signed;
use crate::model::admin::Role;
use crate::model::talk::TalkList;
use crate::store::{Counter, count};
use crate::view::Href;
use crate::view::notice::Flash;
use crate::view::shell::{self, Nav, Who};

/// The routes of all pages.
#[must_use]
pub fn rows() -> Vec<Row> {
    [
        setup::rows(),
        signin::rows(),
        enrol::rows(),
        invite::rows(),
        confirm::rows(),
        security::rows(),
        overview::rows(),
        accounts::rows(),
        account::rows(),
        inbox::rows(),
        broadcasts::rows(),
        files::rows(),
        links::rows(),
        status::rows(),
        connect::rows(),
        settings::rows(),
        link_page::rows(),
        arrive::rows(),
    ]
    .concat()
}

/// One of the admin's pages, before it is framed.
pub struct Content {
    /// 200, or the status of a form that came back.
    pub status: u16,
    /// The heading.
    pub title: String,
    /// The item of the navigation that is lit.
    pub nav: Nav,
    /// The page above this one.
    pub back: Option<(Href, String)>,
    /// Buttons beside the heading.
    pub actions: Markup,
    /// What stands below the heading.
    pub body: Markup,
}

impl Content {
    /// A page with a title and a body.
    #[must_use]
    pub fn new(title: impl Into<String>, nav: Nav, body: Markup) -> Self {
        Self { status: 200, title: title.into(), nav, back: None, actions: Markup::default(), body }
    }

    /// The page above this one: its address and name.
    #[must_use]
    pub fn below(self, href: impl Into<Href>, name: impl Into<String>) -> Self {
        Self { back: Some((href.into(), name.into())), ..self }
    }

    /// Buttons beside the heading.
    #[must_use]
    pub fn with_actions(self, actions: Markup) -> Self {
        Self { actions, ..self }
    }

    /// Another status than 200.
    #[must_use]
    pub fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }
}

/// The page in the admin's frame, with the news that the last form left.
#[must_use]
pub fn show(call: &Call, signed: &Signed, content: Content) -> Response {
    let site = call.visitor().site();
    let news = call.flash();
    // A page without the number is better than no page.
    let unread = call.state().store().read(|read| count(read, Counter::Talks(TalkList::Unread))).unwrap_or(0);
    let who = Who { site: &site, admin: signed.person.name.as_str(), csrf: &signed.session.csrf };
    let page = shell::Page {
        nav: Some(content.nav),
        unread,
        bot: Some(machine::badge(&call.state().bot().health().report().state)),
        flash: news.as_ref(),
        back: content.back.as_ref().map(|(href, name)| (href.clone(), name.as_str())),
        actions: content.actions,
        ..shell::Page::new(&content.title, who, content.body)
    };
    told(call, answer::page_with(content.status, shell::admin(&page)))
}

/// Whether an admin may do what needs `role`; what they may not do is not offered.
#[must_use]
pub fn may(signed: &Signed, role: Role) -> bool {
    signed.person.role >= role
}

/// What follows a form that was accepted: another page of ours, with a sentence at its head.
#[must_use]
pub fn done(call: &Call, path: &str, news: &Flash) -> Response {
    let mut response = answer::see_other(path);
    flash::put(&mut response, &call.visitor().origin, news);
    response
}

/// A page that showed the last form's sentence takes it back from the browser.
pub(super) fn told(call: &Call, mut response: Response) -> Response {
    if call.cookie(Cookie::Flash).is_some() {
        Cookie::Flash.clear(&mut response, &call.visitor().origin);
    }
    response
}
