//! `/admin/audit`: who did what, the newest first.

use maud::{Markup, html};
use tide::http::Method;

use super::super::super::{Call, Problem, Response, Row};
use super::super::{Content, names, show};
use super::{Tabbed, tab_row};
use crate::actions::session::Signed;
use crate::clock::Timestamp;
use crate::ids::AuditId;
use crate::model::admin::Role;
use crate::model::event::Audit;
use crate::store::{Read as _, Snapshot, StoreError, journal};
use crate::view::list::{Kind, Pager, Table, pager, table};
use crate::view::shell::Nav;
use crate::view::{Href, time};

/// Entries of one page.
const ROWS: usize = 100;
pub(super) const PATH: &str = "/admin/audit";

pub(super) fn rows() -> Vec<Row> {
    vec![Row::signed(Method::Get, PATH, Role::Operator, page)]
}

struct Listed {
    lines: Vec<(AuditId, Audit, String)>,
    older: Option<AuditId>,
    now: Timestamp,
}

impl Listed {
    fn load(read: &Snapshot, before: Option<AuditId>) -> Result<Self, StoreError> {
        let mut rows = journal::audits(read, before, ROWS + 1)?;
        let has_older = rows.len() > ROWS;
        rows.truncate(ROWS);
        let older = rows.last().filter(|_| has_older).map(|(id, _)| *id);
        let named = |(id, entry): (AuditId, Audit)| Ok((id, entry.clone(), names::of_actor(read, entry.actor)?));
        Ok(Self { lines: rows.into_iter().map(named).collect::<Result<_, StoreError>>()?, older, now: read.now() })
    }

    fn table(&self) -> Markup {
        let columns = [("What", Kind::Text), ("Whom or what", Kind::Text), ("Who", Kind::Text), ("When", Kind::Text)];
        let line = |(_, entry, who): &(AuditId, Audit, String)| {
            vec![
                html! { code { (entry.action) } },
                html! { span dir="auto" { (entry.subject) } },
                html! { span dir="auto" { (who) } },
                time::ago(entry.at, self.now),
            ]
        };
        table(&Table { caption: "Audit", columns: &columns, rows: self.lines.iter().map(line).collect() })
    }
}

async fn page(call: Call, signed: Signed) -> Result<Response, Problem> {
    let before = call.query("before").parse().ok();
    let listed = call.state().store().read(|read| Listed::load(read, before))?;
    let ends = Pager {
        newer: before.map(|_| PATH.into()),
        older: listed.older.map(|id| Href::from(PATH).with("before", &id.to_string())),
    };
    let body = html! {
        (tab_row(Tabbed::Audit))
        section.panel {
            @if listed.lines.is_empty() { p.panel-body.hint { "Nothing was changed yet. Every change is written down here, with who made it." } }
            @else { (listed.table()) }
            (pager(&ends, ("Newest", "Older")))
        }
    };
    Ok(show(&call, &signed, Content::new("Status", Nav::Status, body)))
}
