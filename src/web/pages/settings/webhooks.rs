//! `/admin/settings/webhooks`: where events go. Owners who proved who they are make, change and delete endpoints, because
//! whoever names the address reads the events; a secret is shown once.

mod form;
mod one;
mod words;

use maud::{Markup, html};
use tide::http::Method;

use super::super::super::{Call, Problem, Response, Row};
use super::super::{Content, may, show};
use super::{Tabbed, tab_row};
use crate::actions::session::Signed;
use crate::actions::webhooks::{Shown, list};
use crate::clock::Timestamp;
use crate::ids::EndpointId;
use crate::model::admin::Role;
use crate::model::webhook::Chosen;
use crate::store::Read as _;
use crate::view::form::{Weight, link_button};
use crate::view::list::{Kind, Table, table};
use crate::view::shell::Nav;
use crate::view::{badge, icon, number, time};

pub(super) const PATH: &str = "/admin/settings/webhooks";
const NEW: &str = "/admin/settings/webhooks/new";

/// The routes of this page and those below it.
pub(super) fn rows() -> Vec<Row> {
    [vec![Row::signed(Method::Get, PATH, Role::Operator, index)], form::rows(), one::rows()].concat()
}

/// The path of an endpoint's page, or of what is below it.
fn path_of(id: EndpointId, below: &str) -> String {
    format!("{PATH}/{id}{below}")
}

/// `GET /admin/settings/webhooks`
async fn index(call: Call, signed: Signed) -> Result<Response, Problem> {
    let (all, now) = call.state().store().read(|read| Ok::<_, Problem>((list(read)?, read.now())))?;
    let owner = may(&signed, Role::Owner);
    let button = html! { @if owner { (link_button(Weight::Primary, NEW, "New endpoint")) } };
    let body = html! {
        (tab_row(Tabbed::Webhooks))
        @if all.is_empty() {
            (none(&button))
        } @else {
            section.panel { (endpoints(&all, now)) }
            p.hint { "How a website checks that a call comes from here: " a href="/admin/connect#verify" { "programs to copy" } "." }
        }
    };
    let actions = if all.is_empty() { Markup::default() } else { button };
    Ok(show(&call, &signed, Content::new("Webhooks", Nav::Settings, body).with_actions(actions)))
}

fn none(button: &Markup) -> Markup {
    html! {
        div.empty {
            (icon::mark())
            h2 { "No endpoints yet" }
            p {
                "A webhook is a call that startlink makes to your website when something happens: a user connected, somebody wrote, a \
                 message arrived or did not. Each call is signed, and it is made again until your website has taken it."
            }
            (button)
            p.hint { "Your side of it, ready to copy: " a href="/admin/connect#verify" { "a receiver that checks the signature" } "." }
        }
    }
}

fn endpoints(all: &[Shown], now: Timestamp) -> Markup {
    let columns = [
        ("Endpoint", Kind::Text),
        ("State", Kind::Text),
        ("Events", Kind::Text),
        ("Waiting", Kind::Number),
        ("Delivered last", Kind::Text),
    ];
    let line = |shown: &Shown| {
        let Shown { id, endpoint, progress, .. } = shown;
        vec![
            html! { a href=(path_of(*id, "")) dir="auto" { (endpoint.name) } span.sub { (words::host(&endpoint.url)) } },
            badge::with(words::badge(shown), ""),
            html! { (events(&endpoint.events)) },
            html! { (number(progress.waiting)) },
            progress.delivered.map_or_else(|| html! { "never" }, |at| time::ago(at, now)),
        ]
    };
    table(&Table { caption: "Webhook endpoints", columns: &columns, rows: all.iter().map(line).collect() })
}

fn events(chosen: &Chosen) -> String {
    match chosen {
        Chosen::All => "all".to_owned(),
        Chosen::Only(names) => names.join(", "),
    }
}
