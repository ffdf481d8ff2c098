//! What things are, pure: no clock, no store, no network.
