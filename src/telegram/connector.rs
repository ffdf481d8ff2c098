//! A Bot API server as it was configured: what is needed to speak for any bot there. Its address was checked once.

use surf::http::Url;

use super::{Api, BadApiUrl, Token, base};
use crate::wire::{Engine, EngineOptions, ProxyError};

/// Why the Bot API cannot be reached as configured.
#[derive(Debug, thiserror::Error)]
pub enum BadConnection {
    /// The address.
    #[error(transparent)]
    Url(#[from] BadApiUrl),
    /// The proxy.
    #[error(transparent)]
    Proxy(#[from] ProxyError),
}

/// A Bot API server and the connections to it. Cheap to clone.
#[derive(Clone)]
pub struct Connector {
    client: surf::Client,
    server: Url,
}

impl Connector {
    /// Checks the address; connects when the first call is made.
    pub fn new(api_url: &str, options: EngineOptions) -> Result<Self, BadConnection> {
        Ok(Self { server: base(api_url)?, client: Engine::new(options)?.client() })
    }

    /// A client for the bot of `token`.
    #[must_use]
    pub fn api(&self, token: Token) -> Api {
        Api::at(self.client.clone(), &self.server, token)
    }
}
