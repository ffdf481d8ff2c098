//! Builds everything once from the settings; starts, supervises and stops the loops in order.

use std::future::{Future, ready};
use std::net::SocketAddr;

use crate::config::{Config, Setting};
use crate::control::{Request, Response};

/// Why the process ends before it did what it was started for.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another process holds the data file.
    #[error("{0}")]
    Locked(String),
    /// A setting is wrong in a way that only showed when it was used.
    #[error("{0}")]
    Config(String),
    /// Something else failed.
    #[error("{0}")]
    Failed(String),
}

/// What the sandbox is started with.
#[derive(Clone)]
pub struct SandboxOptions {
    /// The settings. A data folder that nobody set means: a temporary one that is removed at the end.
    pub config: Config,
    /// Where the Bot API and the phones listen; a port that nobody set may be replaced by a free one.
    pub phone_listen: Setting<SocketAddr>,
}

/// Runs until a signal stops it.
pub fn serve(_config: Config) -> impl Future<Output = Result<(), StartError>> {
    unfinished()
}

/// Runs the appliance with its stand-in for Telegram until a signal stops it.
pub fn sandbox(_options: SandboxOptions) -> impl Future<Output = Result<(), StartError>> {
    unfinished()
}

/// Carries out one command on the data file of a startlink that is not running.
pub fn offline(_config: &Config, _request: Request) -> impl Future<Output = Result<Response, StartError>> + use<> {
    unfinished()
}

fn unfinished<T>() -> impl Future<Output = Result<T, StartError>> {
    ready(Err(StartError::Failed("this build has no server yet".to_owned())))
}
