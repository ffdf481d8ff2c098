//! The frame of the portal's pages: a bar with the site's name, the two places there are, and the way out.

use maud::{Markup, html};

use super::list::Place;
use super::notice::{self, Flash};
use super::shell::{Document, document};
use super::{Href, Icon, form, icon};

/// Where in the portal one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nav {
    /// `/me`
    Chats,
    /// `/me/security`
    Security,
}

const NAV: [(Nav, Icon, &str, &str); 2] =
    [(Nav::Chats, Icon::Plane, "Your chats", "/me"), (Nav::Security, Icon::Shield, "Security", "/me/security")];

/// Where signing out of the portal is posted to.
pub const SIGN_OUT: &str = "/me/sign-out";

/// One page for someone who is signed in.
#[derive(Debug)]
pub struct Page<'a> {
    /// The heading and the window's title.
    pub title: &'a str,
    /// The place that is lit.
    pub nav: Nav,
    /// The site's name.
    pub site: &'a str,
    /// The username of who is signed in.
    pub username: &'a str,
    /// The session's token, for the button that signs out.
    pub csrf: &'a str,
    /// News from the last action.
    pub flash: Option<&'a Flash>,
    /// The page above this one: address and name.
    pub back: Option<(Href, &'a str)>,
    /// The content below the heading.
    pub body: Markup,
}

/// The page as a document.
#[must_use]
pub fn page(page: &Page) -> Markup {
    let out = html! { button.plain type="submit" { (Icon::SignOut) "Sign out" } };
    let body = html! {
        a.skip href="#main" { "Skip to the content" }
        header.bar { div {
            a.brand href="/me" { (icon::mark()) span dir="auto" { (page.site) } }
            nav aria-label="Main" { ul { @for (nav, icon, word, href) in NAV {
                li { a href=(href) aria-current=[Place::of(&nav, &page.nav).aria()] { (icon) span { (word) } } }
            } } }
            (form::one_button(SIGN_OUT, Some(page.csrf), out))
        } }
        main id="main" tabindex="-1" {
            @if let Some((href, name)) = &page.back { a.back href=(href) { (Icon::Back) (name) } }
            div.page-head {
                h1 dir="auto" { (page.title) }
                p.whose { "Signed in as " b dir="auto" { (page.username) } }
            }
            @if let Some(flash) = page.flash { (notice::flash(flash)) }
            div.stack { (page.body) }
        }
    };
    document(&Document { title: &format!("{} · {}", page.title, page.site), class: "portal", extra: &[], body })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_leads_nowhere_but_into_the_portal() {
        let html = page(&Page {
            title: "Security",
            nav: Nav::Security,
            site: "Shop <1>",
            username: "ann<a>",
            csrf: "tok",
            flash: None,
            back: None,
            body: Markup::default(),
        })
        .into_string();
        assert!(!html.contains("/admin") && !html.contains("ann<a>") && !html.contains("<1>"));
        assert!(html.contains("<a href=\"/me/security\" aria-current=\"page\">"));
        assert_eq!(html.matches("aria-current").count(), 1);
        assert!(html.contains("action=\"/me/sign-out\""));
    }
}
