//! The suite: one crate, a file per surface.
