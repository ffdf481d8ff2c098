//! The socket in the data folder over which commands reach a running server.
