//! `/admin/broadcasts/ID/recipients`: what became of each chat, by outcome, by account, with cursors. No page looks at more rows
//! than it may, however long the broadcast is.

use maud::{Markup, html};
use tide::http::Method;

use super::super::super::{Call, Problem, Response, Row};
use super::super::accounts::path_of as path_of_account;
use super::super::{Content, may, names, show};
use super::answers::{self, Answers};
use super::{existing, path_of, words};
use crate::actions::broadcasts::report;
use crate::actions::session::Signed;
use crate::ids::BroadcastId;
use crate::model::account::Username;
use crate::model::admin::Role;
use crate::model::broadcast::Figures;
use crate::model::delivery::Standing;
use crate::model::message::Body;
use crate::store::{Read as _, Snapshot, StoreError, accounts, broadcasts};
use crate::view::badge::Badge;
use crate::view::form::{Weight, link_button};
use crate::view::list::{Kind, Pager, Place, Search, Tab, Table};
use crate::view::shell::Nav;
use crate::view::{Href, list, time};

/// Recipients of one page.
const ROWS: usize = 50;

pub(super) fn rows() -> Vec<Row> {
    vec![Row::signed(Method::Get, "/admin/broadcasts/:id/recipients", Role::Viewer, page)]
}

/// The report of a broadcast, of one outcome or of all.
pub(super) fn href(id: BroadcastId, standing: Option<Standing>) -> Href {
    let all = Href::from(format!("{}/recipients", path_of(id)));
    standing.map_or(all.clone(), |standing| all.with("outcome", standing.word()))
}

/// What the address asks for.
struct Wanted {
    id: BroadcastId,
    standing: Option<Standing>,
    from: u32,
    username: String,
}

impl Wanted {
    fn of(call: &Call, id: BroadcastId) -> Self {
        let word = call.query("outcome");
        Self {
            id,
            standing: words::OUTCOMES.into_iter().find(|standing| standing.word() == word),
            from: call.query("from").parse().unwrap_or(0),
            username: call.query("q").trim().to_owned(),
        }
    }

    fn here(&self) -> Href {
        let here = href(self.id, self.standing);
        if self.username.is_empty() { here } else { here.with("q", &self.username) }
    }
}

/// The rows of one account; none when there is no such account.
fn of_account(read: &Snapshot, wanted: &Wanted) -> Result<report::Page, StoreError> {
    let Ok(username) = Username::parse(&wanted.username) else { return Ok(report::Page::default()) };
    let Some((account, _)) = accounts::find(read, &username)? else { return Ok(report::Page::default()) };
    Ok(report::Page { lines: report::of_account(read, wanted.id, account)?, next: None })
}

/// A line of the report with the name of its chat.
struct Named {
    line: report::Line,
    chat: String,
    /// The label of the button that answered.
    answer: Option<String>,
}

impl Named {
    fn load(read: &Snapshot, line: report::Line, body: Option<&Body>) -> Result<Self, StoreError> {
        let answer = answers::given(&line.recipient, body).map(|button| button.label.clone());
        Ok(Self { chat: names::of_chat(read, line.recipient.chat)?, line, answer })
    }

    fn cells(&self) -> Vec<Markup> {
        let row = &self.line.recipient;
        let outcome = words::outcome(&row.state);
        vec![
            html! {
                @match &self.line.account {
                    Some((username, name)) => {
                        a href=(Href::from(path_of_account(row.account))) dir="auto" { (username) }
                        @if !name.is_empty() { span.sub dir="auto" { (name) } }
                    }
                    None => (words::deleted(row.account)),
                }
            },
            html! { span dir="auto" { (self.chat) } },
            html! { div {
                (Badge::from(row.standing()))
                @if !outcome.is_empty() { span.sub { (outcome) } }
                @if let Some(label) = &self.answer { span.sub { "answered: " b dir="auto" { (label) } } }
            } },
            html! { @if let Some(at) = words::known_at(&row.state) { (time::exact(at)) } },
        ]
    }
}

/// `GET /admin/broadcasts/:id/recipients`
async fn page(call: Call, signed: Signed) -> Result<Response, Problem> {
    let (id, row) = existing(&call)?;
    let wanted = Wanted::of(&call, id);
    let loaded = call.state().store().read(|read| {
        let found = if wanted.username.is_empty() {
            report::page(read, id, wanted.standing, wanted.from, ROWS)?
        } else {
            of_account(read, &wanted)?
        };
        let figures = broadcasts::figures(read, id)?;
        let body = broadcasts::body(read, id)?;
        let name = |line| Named::load(read, line, body.as_ref());
        let lines = found.lines.into_iter().map(name).collect::<Result<Vec<_>, _>>()?;
        let answers = Answers::of(&row, body.as_ref(), &figures).map(|answers| answers.show(read.now()));
        Ok::<_, StoreError>((lines, found.next, figures, answers))
    });
    let (lines, next, figures, answers) = loaded?;
    let pager = Pager {
        newer: (wanted.from > 0).then(|| wanted.here()),
        older: next.map(|next| wanted.here().with("from", &next.to_string())),
    };
    let csv = html! {
        @if may(&signed, Role::Sender) && figures.rows > 0 {
            (link_button(Weight::Quiet, format!("{}/recipients.csv", path_of(id)), "Download as CSV"))
        }
    };
    let body = html! {
        @if let Some(answers) = &answers { (answers) }
        (list::toolbar(search(&wanted), Markup::default()))
        (list::tabs("Recipients by outcome", &tabs(&wanted, &figures)))
        section.panel {
            @if lines.is_empty() { (nothing(&wanted, next, &figures)) } @else { (table(&lines)) }
            (list::pager(&pager, ("First", "Next")))
        }
    };
    let content = Content::new(format!("Recipients of broadcast {id}"), Nav::Broadcasts, body);
    Ok(show(&call, &signed, content.below(path_of(id), format!("Broadcast {id}")).with_actions(csv)))
}

fn search(wanted: &Wanted) -> Markup {
    list::search(&Search {
        action: href(wanted.id, None),
        label: "Username",
        name: "q",
        value: &wanted.username,
        keep: &[],
    })
}

fn tabs(wanted: &Wanted, figures: &Figures) -> Vec<Tab<'static>> {
    let current = wanted.username.is_empty().then_some(wanted.standing);
    let tab = |label, standing: Option<Standing>, count: u32| Tab {
        label,
        count: Some(count.into()),
        href: href(wanted.id, standing),
        place: Place::of(&Some(standing), &current),
    };
    let some = words::OUTCOMES
        .into_iter()
        .filter(|standing| figures.count(*standing) > 0 || wanted.standing == Some(*standing));
    std::iter::once(tab("All", None, figures.rows))
        .chain(some.map(|standing| tab(capital(standing), Some(standing), figures.count(standing))))
        .collect()
}

fn capital(standing: Standing) -> &'static str {
    match standing {
        Standing::Queued => "Queued",
        Standing::Sending => "Sending",
        Standing::Sent => "Sent",
        Standing::Failed => "Failed",
        Standing::Uncertain => "Uncertain",
        Standing::Cancelled => "Cancelled",
        Standing::Expired => "Expired",
        Standing::Skipped => "Skipped",
    }
}

fn table(lines: &[Named]) -> Markup {
    let columns = [("Account", Kind::Text), ("Chat", Kind::Text), ("Outcome", Kind::Text), ("Known since", Kind::Text)];
    let rows = lines.iter().map(Named::cells).collect();
    list::table(&Table { caption: "Recipients", columns: &columns, rows })
}

fn nothing(wanted: &Wanted, next: Option<u32>, figures: &Figures) -> Markup {
    html! {
        div.panel-body {
            @if figures.rows == 0 {
                p { "Nobody yet. When the broadcast starts, its audience is written down here, one line for each chat." }
            } @else if !wanted.username.is_empty() {
                p { "No recipient belongs to an account with the username “" (wanted.username) "”." }
            } @else if next.is_some() {
                p { "None of the rows that were looked through is like that; the search goes on." }
            } @else {
                p { "No recipient is like that." }
            }
            @if figures.rows > 0 { p { a href=(href(wanted.id, None)) { "Show all recipients" } } }
        }
    }
}
