//! HTTP/1 through real sockets: what clients of every kind get from the listener, and what the engine makes of servers.

mod engine;
mod limits;
mod requests;
mod server;
