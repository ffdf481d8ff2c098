//! What the journeys share.

pub mod raw;
