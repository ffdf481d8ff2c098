//! HTTP/1 on both sides, carried by hyper: the listener under tide and the engine under surf.
//! Knows sockets, framing, limits and deadlines; knows nothing of routes, Telegram or the data file.

mod body;
mod bridge;
mod connection;
mod listener;
mod refusal;
mod socket;
mod target;
mod watch;

pub use listener::{Listener, Peer, ServerLimits};
