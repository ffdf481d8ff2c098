//! Signed events out to the website (Standard Webhooks 1.0): at least once, in order for each account. What an endpoint still has
//! to get is on disk (`store::webhooks`), so everything here may be lost; the loop reacts to every commit and looks on its own.

mod lane;
mod send;
mod sender;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::clock::Timestamp;
use crate::config::{Config, WebhookAllow};
use crate::runtime::{Pulse, Stop};
use crate::store::Store;
use crate::wire::{Engine, EngineOptions, Gate, is_public};

/// How long an attempt may take, from asking for the address to the last byte of the answer.
pub const DEADLINE: Duration = Duration::from_secs(20);
/// Most bytes of an answer that are read; only its status counts.
const ANSWER_BYTES: u64 = 64 * 1024;
/// Attempts at the same time, at one endpoint and at all.
const AT_ONCE: usize = 8;
const AT_ONCE_IN_ALL: usize = 64;

/// The sender of webhooks, as others see it. Cheap to clone.
#[derive(Clone)]
pub struct Webhooks(Arc<Inner>);

struct Inner {
    store: Store,
    allow: WebhookAllow,
    client: surf::Client,
    deadline: Duration,
    wake: Pulse,
    turned: Mutex<Option<Timestamp>>,
}

impl Webhooks {
    /// A sender; it does nothing before [`Webhooks::run`]. The proxy towards the Bot API is none of its own.
    pub fn new(store: Store, config: &Config, deadline: Duration) -> Result<Self, crate::wire::ProxyError> {
        let allow = config.webhook_allow.value.clone();
        let gate = {
            let allow = allow.clone();
            Gate::new(move |host, address| is_public(address) || allow.names(host) || allow.holds(address))
        };
        let options = EngineOptions {
            connect_timeout: deadline,
            answer_bytes: ANSWER_BYTES,
            max_idle: AT_ONCE,
            gate: Some(gate),
            is_status_enough: true,
            ..EngineOptions::default()
        };
        let client = Engine::new(options)?.client();
        let (wake, turned) = (Pulse::new(), Mutex::default());
        Ok(Self(Arc::new(Inner { store, allow, client, deadline, wake, turned })))
    }

    /// Sends until `stop` is raised; returns when what was on its way is written down.
    pub async fn run(&self, stop: Stop) {
        sender::Loop::new(&self.0).run(&stop).await;
    }

    /// Looks at once for something to do. Changes of the data file are seen without it; time that passes is seen after a while.
    pub fn wake(&self) {
        self.0.wake.beat();
    }

    /// When the loop came round last; nothing before it began.
    #[must_use]
    pub fn turned(&self) -> Option<Timestamp> {
        *self.0.turned.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn turn(&self, at: Option<Timestamp>) {
        *self.turned.lock().unwrap_or_else(PoisonError::into_inner) = at;
    }
}
