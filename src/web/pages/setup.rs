//! `/setup`: from the one-time link to a delivered message.

use maud::html;

use super::super::{Call, Problem, Response, Row, answer};
use crate::view::layout::terminal;
use crate::view::shell::{Plain, plain};
use tide::http::Method;

/// The routes of the set-up.
#[must_use]
pub fn rows() -> Vec<Row> {
    vec![Row::setup(Method::Get, "/setup", start)]
}

/// `GET /setup`
pub async fn start(_call: Call) -> Result<Response, Problem> {
    let body = html! {
        p.lead { "This instance has no admin yet. The one-time link that begins the set-up was printed in the terminal at the start." }
        p { "To print a new one, run on the server:" }
        (terminal("startlink setup-link"))
    };
    Ok(answer::page(plain(&Plain { title: "Not set up yet", step: None, flash: None, body, foot: html! {} })))
}
