//! HTTP/1 on both sides, carried by hyper: the listener under tide and the engine under surf.
//! Knows sockets, framing, limits and deadlines; knows nothing of routes, Telegram or the data file.

mod body;
mod bridge;
mod chunks;
mod connection;
mod dial;
mod download;
mod engine;
mod fault;
mod listener;
mod proxy;
mod public;
mod refusal;
mod socket;
mod target;
mod upload;
mod watch;

pub use chunks::reader;
pub use dial::Gate;
pub use download::Streamed;
pub use engine::{Engine, EngineOptions, Status};
pub use fault::{Cause, Fault, fault};
pub use listener::{Listener, Peer, ServerLimits};
pub use proxy::ProxyError;
pub use public::is_public;
pub use refusal::PERMISSIONS;
