//! Live regions: the server's half of the protocol at `view::live::region`. The data file is looked at when it changed, and
//! content is sent when it differs. What is looked at, and who may look, is the pages'.

mod body;
mod flow;
mod places;

use std::time::Duration;

use maud::Markup;

pub(super) use body::of as texts;
pub use places::Places;

use super::{Call, Problem, Response, answer};
use crate::actions::Refusal;
use crate::actions::session::{self, Signed};
use crate::clock::Timestamp;
use crate::ids::{AccountId, AdminId};
use crate::store::Snapshot;
use flow::Flow;

/// What a look came to.
#[derive(Debug)]
pub enum Look {
    /// Nothing that is shown has changed since the look before.
    Same,
    /// This is to be seen now.
    Now(Shown),
}

/// What a region shows.
#[derive(Debug)]
pub struct Shown {
    /// Its content.
    pub html: Markup,
    /// When it may change.
    pub next: Next,
}

/// When a region may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// With the data file.
    Change,
    /// With the data file, and by itself at this moment.
    At(Timestamp),
    /// Never again.
    Over,
}

/// How often is looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// The least time between two looks.
    pub gap: Duration,
    /// After this time without a change one looks anyway.
    pub idle: Duration,
}

/// For pages that few people have open: four looks a second at most.
pub const PRIVATE: Pace = Pace { gap: Duration::from_millis(250), idle: Duration::from_secs(15) };
/// For what changes without the data file: the state of poller and sender.
pub const CLOSE: Pace = Pace { gap: Duration::from_millis(250), idle: Duration::from_secs(2) };
/// For pages that thousands may have open: one look a second at most.
pub const PUBLIC: Pace = Pace { gap: Duration::from_secs(1), idle: Duration::from_secs(15) };

impl Shown {
    /// Content that changes with the data file.
    #[must_use]
    pub fn changing(html: Markup) -> Look {
        Look::Now(Self { html, next: Next::Change })
    }
}

/// Answers the request of a region: a stream of events when it asks for one, else the content as it is now. `look` keeps
/// its own memory between looks; it is taken for a stream that has ended when it fails.
pub fn serve<F>(call: &Call, pace: Pace, mut look: F) -> Result<Response, Problem>
where
    F: FnMut(&Snapshot) -> Result<Look, Problem> + Send + 'static,
{
    let store = call.state().store();
    if !call.wants_events() {
        return Ok(fragment(store.read(|read| look(read))?));
    }
    let network = call.visitor().network();
    let seat = call.state().places().enter(&network).ok_or_else(crowded)?;
    let mut response = Response::new(200);
    response.set_body(body::of(Flow::new(store.clone(), pace, seat, look).into_events()));
    response.insert_header("content-type", "text/event-stream");
    // nginx gathers answers unless it is told not to (ngx_http_proxy_module, "proxy_buffering").
    response.insert_header("x-accel-buffering", "no");
    Ok(response)
}

/// [`serve`] for an admin's page: it ends with the session, and does not keep it alive.
pub fn serve_signed<F>(call: &Call, signed: &Signed, pace: Pace, mut look: F) -> Result<Response, Problem>
where
    F: FnMut(&Snapshot) -> Result<Look, Problem> + Send + 'static,
{
    let (cookie, role) = (signed.cookie, signed.person.role);
    serve(call, pace, move |read| {
        let still = session::find::<AdminId>(read, cookie)?.is_some_and(|signed| signed.person.role == role);
        if still { look(read) } else { Err(Problem::signed_out()) }
    })
}

/// [`serve`] for a page of the portal, in the same way.
pub fn serve_member<F>(call: &Call, signed: &Signed<AccountId>, mut look: F) -> Result<Response, Problem>
where
    F: FnMut(&Snapshot) -> Result<Look, Problem> + Send + 'static,
{
    let cookie = signed.cookie;
    serve(call, PUBLIC, move |read| {
        let still = session::find::<AccountId>(read, cookie)?.is_some();
        if still { look(read) } else { Err(Problem::signed_out()) }
    })
}

/// The page asks every few seconds instead.
fn crowded() -> Problem {
    Refusal::too_many(Duration::from_mins(1), "Too many pages are open from here; this one updates itself less often.")
        .into()
}

fn fragment(look: Look) -> Response {
    match look {
        Look::Same => answer::unchanged(),
        Look::Now(shown) => {
            let mut response = answer::page(shown.html);
            if shown.next == Next::Over {
                response.insert_header("x-live", "done");
            }
            response
        }
    }
}
