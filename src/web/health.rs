//! `/healthz`: the process lives. `/readyz`: it can do its work. Strangers learn nothing else here.

use std::sync::Arc;

use super::answer::text;
use super::{Call, Problem, Response};
use crate::store::StoreError;

/// What the process says of its loops: the name of one that does not do its work, if there is one. Cheap to clone.
#[derive(Clone)]
pub struct Health(Arc<dyn Fn() -> Option<&'static str> + Send + Sync>);

impl Health {
    /// Asks `failing` for the name of a loop that is not alive.
    pub fn new(failing: impl Fn() -> Option<&'static str> + Send + Sync + 'static) -> Self {
        Self(Arc::new(failing))
    }

    /// Nothing but the web and the data file.
    #[must_use]
    pub fn web_only() -> Self {
        Self::new(|| None)
    }

    /// The name of a loop that is not alive.
    #[must_use]
    pub fn failing(&self) -> Option<&'static str> {
        (self.0)()
    }
}

/// `GET /healthz`
pub async fn alive(_call: Call) -> Result<Response, Problem> {
    Ok(text(200, "alive\n"))
}

/// `GET /readyz`
pub async fn ready(call: Call) -> Result<Response, Problem> {
    // An empty closure passes through the writer and opens a write transaction, but costs no sync of the disk.
    let writable = call.state().store().write(|_| Ok::<(), StoreError>(())).await;
    let failing = writable.err().map(|_| "store").or_else(|| call.state().health().failing());
    Ok(match failing {
        None => text(200, "ready\n"),
        Some(name) => text(503, &format!("not ready: {name}\n")),
    })
}
