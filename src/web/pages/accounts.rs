//! `/admin/accounts`: the list with its search, filters and cursors. Making, editing and deleting one stand in [`form`].

pub(in crate::web) mod form;

use maud::{Markup, html};
use tide::http::Method;

use super::super::{Call, Problem, Response, Row};
use super::{Content, may, show};
use crate::actions::session::Signed;
use crate::clock::Timestamp;
use crate::ids::AccountId;
use crate::model::account::{Account, AccountState, Tag};
use crate::model::admin::Role;
use crate::store::accounts::{self, Filter, From, Page};
use crate::store::{Counter, Snapshot, StoreError, count};
use crate::view::badge::Badge;
use crate::view::form::{Weight, link_button};
use crate::view::list::{Empty, Kind, Pager, Place, Search, Tab, Table};
use crate::view::shell::Nav;
use crate::view::{Href, layout, list, number, time};

/// Accounts of one page.
const ROWS: usize = 50;
const PATH: &str = "/admin/accounts";

/// The routes of these pages.
#[must_use]
pub fn rows() -> Vec<Row> {
    [vec![Row::signed(Method::Get, PATH, Role::Viewer, index)], form::rows()].concat()
}

/// The page of an account.
#[must_use]
pub fn path_of(id: AccountId) -> String {
    format!("{PATH}/{id}")
}

/// The account that the path names.
pub fn existing(call: &Call) -> Result<(AccountId, Account), Problem> {
    let id: AccountId = call.id("id")?;
    let row = call.state().store().read(|read| accounts::get(read, id))?;
    row.map(|account| (id, account)).ok_or_else(|| Problem::gone("There is no such account. It may have been deleted."))
}

/// What the address asks for.
struct Wanted {
    filter: Filter,
    from: From,
    /// A tag that is none finds nothing, and is shown as it was typed.
    tag_typed: String,
}

impl Wanted {
    fn of(call: &Call) -> Self {
        let (after, before, tag_typed) = (call.query("after"), call.query("before"), call.query("tag"));
        let from = match (after.is_empty(), before.is_empty()) {
            (true, true) => From::Start,
            (false, _) => From::After(after),
            (true, false) => From::Before(before),
        };
        let filter = Filter {
            prefix: call.query("q"),
            state: AccountState::parse(&call.query("state")),
            tag: Tag::parse(&tag_typed).ok(),
        };
        Self { filter, from, tag_typed }
    }

    fn finds_nothing(&self) -> bool {
        !self.tag_typed.is_empty() && self.filter.tag.is_none()
    }

    /// The list with this filter, from its beginning.
    fn href(&self, state: Option<AccountState>) -> Href {
        let given = [
            ("q", self.filter.prefix.as_str()),
            ("tag", &self.tag_typed),
            ("state", state.map_or("", AccountState::word)),
        ];
        given
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .fold(Href::from(PATH), |href, (key, value)| href.with(key, value))
    }
}

/// What the list shows.
struct Listed {
    page: Page,
    counts: Vec<(AccountState, u64)>,
    now: Timestamp,
}

impl Listed {
    fn load(read: &Snapshot, wanted: &Wanted) -> Result<Self, StoreError> {
        use crate::store::Read as _;
        let counts = AccountState::ALL.into_iter().map(|state| Ok((state, count(read, Counter::Accounts(state))?)));
        let page = if wanted.finds_nothing() {
            Page { rows: Vec::new(), before: None, after: None }
        } else {
            accounts::list(read, &wanted.filter, &wanted.from, ROWS)?
        };
        Ok(Self { page, counts: counts.collect::<Result<_, StoreError>>()?, now: read.now() })
    }

    fn all(&self) -> u64 {
        self.counts.iter().map(|(_, count)| count).sum()
    }
}

/// `GET /admin/accounts`
async fn index(call: Call, signed: Signed) -> Result<Response, Problem> {
    let wanted = Wanted::of(&call);
    let listed = call.state().store().read(|read| Listed::load(read, &wanted))?;
    let new = html! { @if may(&signed, Role::Operator) { (link_button(Weight::Primary, form::NEW, "New account")) } };
    if listed.all() == 0 {
        let content = Content::new("Accounts", Nav::Accounts, layout::frame(nothing_yet(&new)));
        return Ok(show(&call, &signed, content));
    }
    let body = html! {
        (list::toolbar(search(&wanted), tag_filter(&wanted)))
        (list::tabs("Accounts by state", &tabs(&wanted, &listed)))
        section.panel {
            @if listed.page.rows.is_empty() { (no_match(&wanted, &listed.page)) } @else { (table(&listed)) }
            (list::pager(&pager(&wanted, &listed.page), ("Previous", "Next")))
        }
    };
    Ok(show(&call, &signed, Content::new("Accounts", Nav::Accounts, body).with_actions(new)))
}

fn search(wanted: &Wanted) -> Markup {
    let keep: Vec<(&str, &str)> =
        [("state", wanted.filter.state.map_or("", AccountState::word)), ("tag", &wanted.tag_typed)]
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .collect();
    list::search(&Search {
        action: PATH.into(),
        label: "Username begins with",
        name: "q",
        value: &wanted.filter.prefix,
        keep: &keep,
    })
}

fn tag_filter(wanted: &Wanted) -> Markup {
    let state = wanted.filter.state.map_or("", AccountState::word);
    let without = [("q", wanted.filter.prefix.as_str()), ("state", state)]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .fold(Href::from(PATH), |href, (key, value)| href.with(key, value));
    html! {
        @if !wanted.tag_typed.is_empty() {
            p.filter { "Only with the tag " b { (wanted.tag_typed) } " " a href=(without) { "any tag" } }
        }
    }
}

fn tabs<'a>(wanted: &Wanted, listed: &Listed) -> Vec<Tab<'a>> {
    // Kept counts know states only; under another filter they would be wrong.
    let plain = wanted.filter.prefix.is_empty() && wanted.tag_typed.is_empty();
    let tab = |label, state: Option<AccountState>, count: u64| Tab {
        label,
        count: plain.then_some(count),
        href: wanted.href(state),
        place: Place::of(&state, &wanted.filter.state),
    };
    let states = listed.counts.iter().map(|(state, count)| tab(capital(*state), Some(*state), *count));
    std::iter::once(tab("All", None, listed.all())).chain(states).collect()
}

fn capital(state: AccountState) -> &'static str {
    match state {
        AccountState::Waiting => "Waiting",
        AccountState::Linked => "Linked",
        AccountState::Unreachable => "Unreachable",
    }
}

fn table(listed: &Listed) -> Markup {
    let columns = [
        ("Account", Kind::Text),
        ("State", Kind::Text),
        ("Chats", Kind::Number),
        ("Tags", Kind::Text),
        ("Since", Kind::Text),
    ];
    let rows = listed.page.rows.iter().map(|(id, account)| line(*id, account, listed.now)).collect();
    list::table(&Table { caption: "Accounts", columns: &columns, rows })
}

fn line(id: AccountId, account: &Account, now: Timestamp) -> Vec<Markup> {
    vec![
        html! {
            a href=(Href::from(path_of(id))) dir="auto" { (account.username) }
            @if !account.name.is_empty() { span.sub dir="auto" { (account.name) } }
        },
        html! { (Badge::from(account.state())) },
        html! { (number(account.chats.into())) },
        tags(account),
        time::ago(account.created, now),
    ]
}

/// An account's tags, each leading to the others that have it.
pub(super) fn tags(account: &Account) -> Markup {
    html! {
        @if !account.tags.is_empty() {
            ul.tags { @for tag in &account.tags { li { a href=(Href::from(PATH).with("tag", tag.as_str())) { (tag.as_str()) } } } }
        }
    }
}

fn pager(wanted: &Wanted, page: &Page) -> Pager {
    let at =
        |key: &str, name: &Option<String>| name.as_ref().map(|name| wanted.href(wanted.filter.state).with(key, name));
    Pager { newer: at("before", &page.before), older: at("after", &page.after) }
}

/// A page may end before it is full when two filters meet; its cursor then goes on.
fn no_match(wanted: &Wanted, page: &Page) -> Markup {
    html! {
        div.panel-body {
            @if page.after.is_some() { p { "No account on this page has all of these; the search goes on." } }
            @else if matches!(wanted.from, From::Start) { p { "No account is like that." } }
            @else { p { "The list ends here." } }
            p { a href=(PATH) { "Show all accounts" } }
        }
    }
}

fn nothing_yet(button: &Markup) -> Markup {
    list::empty(&Empty {
        title: "No accounts yet",
        text: "An account is a person or thing of your website, by the username it has there. Make one, show its link or QR code, \
               and once its person pressed Start their chat is connected and messages reach it.",
        button: button.clone(),
        command: "startlink link anna",
    })
}
