//! What the journeys share.

pub mod app;
pub mod browser;
pub mod logs;
pub mod panics;
pub mod raw;
pub mod scripted;
