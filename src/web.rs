//! The web: tide's routes behind a guard, the admin's pages and the public ones. What a page changes, it changes by an action;
//! what it shows is made of components. It knows nothing of sockets and of Telegram's protocol.

pub mod answer;
pub mod api;
pub mod arrival;
pub mod assets;
pub mod call;
pub mod cookie;
pub mod csrf;
pub mod error;
pub mod fetch;
pub mod flash;
pub mod form;
pub mod guard;
pub mod headers;
pub mod health;
pub mod lists;
pub mod live;
pub mod once;
pub mod pages;
pub mod pending;
pub mod portal;
pub mod recent;
pub mod routes;
pub mod strangers;
pub mod upload;
pub mod visitor;

use std::sync::Arc;

pub use answer::Response;
pub use arrival::{Arrived, Keeper};
pub use call::Call;
pub use error::Problem;
pub use form::{Form, Wrongs};
pub use routes::{Access, Row};
pub use upload::Upload;
pub use visitor::Visitor;

use crate::actions::password::Hasher;
use crate::bot::Bot;
use crate::clock::{Clock, Timestamp};
use crate::config::Config;
use crate::outbox::Outbox;
use crate::rng::Rng;
use crate::store::{Snapshot, Store, StoreError};

/// What the web is put together from.
pub struct Parts {
    /// The data file.
    pub store: Store,
    /// Chance, for cookies and request ids.
    pub rng: Rng,
    /// The settings the process was started with.
    pub config: Config,
    /// The bot: how polling goes, and whose token one is.
    pub bot: Bot,
    /// The sender: what it is doing.
    pub outbox: Outbox,
    /// Hashes passwords; shared with the commands.
    pub hasher: Hasher,
    /// Whether the loops live, for `/readyz`.
    pub health: health::Health,
    /// The address of the sandbox's phone page, without a slash at its end, when this is a sandbox.
    pub phone: Option<String>,
}

/// What every request can reach. Cheap to clone.
#[derive(Clone)]
pub struct State(Arc<Inner>);

struct Inner {
    parts: Parts,
    rows: Vec<Row>,
    places: live::Places,
    once: once::Once,
    api: api::Memory,
    pending: pending::Pending,
    strangers: strangers::Strangers,
    instance: recent::Recent<(), visitor::Instance>,
    started: Timestamp,
}

impl State {
    /// The state of a server.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let (places, once, api) = (live::Places::default(), once::Once::default(), api::Memory::default());
        let (pending, started) = (pending::Pending::default(), parts.store.clock().now());
        let (strangers, instance) = (strangers::Strangers::default(), recent::Recent::default());
        Self(Arc::new(Inner { parts, rows: routes::table(), places, once, api, pending, strangers, instance, started }))
    }

    /// The data file.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.0.parts.store
    }

    /// The clock, which is the data file's.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        self.0.parts.store.clock()
    }

    /// Chance.
    #[must_use]
    pub fn rng(&self) -> &Rng {
        &self.0.parts.rng
    }

    /// The settings the process was started with.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.0.parts.config
    }

    /// Hashes passwords.
    #[must_use]
    pub fn hasher(&self) -> &Hasher {
        &self.0.parts.hasher
    }

    /// The bot.
    #[must_use]
    pub fn bot(&self) -> &Bot {
        &self.0.parts.bot
    }

    /// The sender.
    #[must_use]
    pub fn outbox(&self) -> &Outbox {
        &self.0.parts.outbox
    }

    /// When this process began to serve.
    #[must_use]
    pub fn started(&self) -> Timestamp {
        self.0.started
    }

    /// Whether the loops live.
    #[must_use]
    pub fn health(&self) -> &health::Health {
        &self.0.parts.health
    }

    /// The sandbox's phone page, when this is a sandbox.
    #[must_use]
    pub fn phone(&self) -> Option<&str> {
        self.0.parts.phone.as_deref()
    }

    /// The places of streams.
    #[must_use]
    pub fn places(&self) -> &live::Places {
        &self.0.places
    }

    /// The forms that were carried out lately.
    #[must_use]
    pub fn once(&self) -> &once::Once {
        &self.0.once
    }

    /// What the API remembers between requests.
    #[must_use]
    pub fn api(&self) -> &api::Memory {
        &self.0.api
    }

    /// What strangers sent that was not accepted.
    #[must_use]
    pub fn strangers(&self) -> &strangers::Strangers {
        &self.0.strangers
    }

    /// The lists that admins have looked at and not yet carried out.
    #[must_use]
    pub fn pending(&self) -> &pending::Pending {
        &self.0.pending
    }

    /// What the data file says about the instance.
    pub fn instance(&self) -> Result<visitor::Instance, StoreError> {
        let look = |read: &Snapshot| visitor::Instance::load(read).map(Some);
        self.0.instance.get(self.store(), (), look)?.ok_or(StoreError::Closed)
    }

    /// The routes.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.0.rows
    }
}

/// The server, for a listener or for `respond`.
#[must_use]
pub fn server(state: &State) -> tide::Server<State> {
    let mut server = tide::with_state(state.clone());
    server.with(guard::Guard);
    for row in state.rows() {
        row.install(&mut server);
    }
    server
}
