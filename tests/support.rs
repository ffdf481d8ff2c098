//! What the journeys share.

pub mod app;
pub mod bot_api;
pub mod browser;
pub mod chromium;
pub mod logs;
pub mod panics;
pub mod phones;
pub mod ports;
pub mod program;
pub mod raw;
pub mod scripted;
