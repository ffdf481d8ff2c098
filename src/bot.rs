//! The polling bot: from a batch of updates to one transaction. It answers nothing by itself: what it has to say is
//! queued in the transaction and sent by the outbox, which it does not know.

pub mod backoff;
pub mod dispatch;
pub mod health;

mod batch;
mod effects;
mod intents;
mod menu;
mod poller;

use std::sync::{Arc, Mutex, PoisonError};

use crate::model::settings::BotIdentity;
use crate::rng::Rng;
use crate::runtime::Stop;
use crate::store::{Store, StoreError, meta};
use crate::telegram::{Api, BadConnection, BotInfo, CallError, Class, Connector, Token};
use crate::wire::EngineOptions;
use health::Health;

/// What the bot is made of.
pub struct BotOptions {
    /// The token of the configuration; without one, the token that was saved in the browser counts.
    pub token: Option<Token>,
    /// Where the Bot API is reached.
    pub api_url: String,
    /// How it is reached.
    pub engine: EngineOptions,
    /// Chance, for pauses.
    pub rng: Rng,
}

/// The polling bot. Cheap to clone; all clones are the same one.
#[derive(Clone)]
pub struct Bot(Arc<Inner>);

struct Inner {
    store: Store,
    token: Option<Token>,
    api_url: String,
    engine: EngineOptions,
    rng: Rng,
    health: Health,
    api: Mutex<Option<Api>>,
}

impl Bot {
    /// A bot that does nothing yet. Fails when the server's address or the proxy cannot be used.
    pub fn new(store: Store, options: BotOptions) -> Result<Self, BadConnection> {
        let BotOptions { token, api_url, engine, rng } = options;
        Connector::new(&api_url, engine.clone())?;
        let (health, api) = (Health::default(), Mutex::default());
        Ok(Self(Arc::new(Inner { store, token, api_url, engine, rng, health, api })))
    }

    /// How polling goes.
    #[must_use]
    pub fn health(&self) -> &Health {
        &self.0.health
    }

    /// The client of the bot that polls; `None` without a token.
    #[must_use]
    pub fn api(&self) -> Option<Api> {
        self.0.current_api()
    }

    /// Asks Telegram whose token this is.
    pub async fn probe(&self, token: &Token) -> Result<BotIdentity, CallError> {
        let info = self.0.connect(token)?.get_me().await?;
        Ok(self.0.identity(info))
    }

    /// Polls until `stop` is raised. A poll that waits is dropped then; a batch that is being committed is finished.
    pub async fn run(&self, stop: &Stop) {
        poller::run(&self.0, stop).await;
    }
}

impl Inner {
    /// The token in force.
    fn token(&self) -> Result<Option<Token>, StoreError> {
        if let Some(token) = &self.token {
            return Ok(Some(token.clone()));
        }
        let saved = self.store.read(meta::token)?;
        Ok(saved.and_then(|secret| Token::parse(secret.expose()).ok()))
    }

    /// Whether another token is in force than this one. A file that cannot be read changes nothing.
    fn token_differs(&self, token: &Token) -> bool {
        self.token.is_none() && self.token().is_ok_and(|now| now.as_ref() != Some(token))
    }

    /// A client with connections of its own, so that none of them is older than it.
    fn connect(&self, token: &Token) -> Result<Api, CallError> {
        match Connector::new(&self.api_url, self.engine.clone()) {
            Ok(connector) => Ok(connector.api(token.clone())),
            Err(error) => Err(CallError { method: "getMe", class: Class::NotSent { reason: error.to_string() } }),
        }
    }

    fn identity(&self, info: BotInfo) -> BotIdentity {
        BotIdentity { id: info.id, username: info.username, name: info.first_name, seen: self.store.clock().now() }
    }

    fn current_api(&self) -> Option<Api> {
        self.api.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn put_api(&self, api: Option<Api>) {
        *self.api.lock().unwrap_or_else(PoisonError::into_inner) = api;
    }

    fn remember_last_update(&self) {
        match self.store.read(batch::last_update) {
            Ok(at) => self.health.last_update(at),
            Err(error) => log::error!(error:% = error; "When the last update came could not be read."),
        }
    }
}
