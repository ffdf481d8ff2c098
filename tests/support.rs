//! What the journeys share.

pub mod logs;
pub mod panics;
pub mod raw;
pub mod scripted;
