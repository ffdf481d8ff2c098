//! `/admin/security`: the admin's own password, second factor and sessions.

use maud::html;
use tide::http::Method;

use super::super::{Call, Problem, Response, Row};
use super::{Content, show};
use crate::actions::session::Signed;
use crate::model::admin::Role;
use crate::store::admins;
use crate::view::shell::Nav;
use crate::view::{layout, time};

/// The routes of this page.
#[must_use]
pub fn rows() -> Vec<Row> {
    vec![Row::signed(Method::Get, "/admin/security", Role::Viewer, overview)]
}

/// `GET /admin/security`
pub async fn overview(call: Call, signed: Signed) -> Result<Response, Problem> {
    let sessions = call.state().store().read(|read| admins::sessions(read, signed.id))?;
    let now = call.state().clock().now();
    let body = layout::panel(
        "Sessions",
        html! {
            ul { @for (_, session) in &sessions { li { (session.agent) " · " (time::ago(session.seen, now)) } } }
        },
    );
    Ok(show(&call, &signed, Content::new("Security", Nav::Security, body)))
}
