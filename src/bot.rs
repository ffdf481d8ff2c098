//! The polling bot: from a batch of updates to one transaction.

pub mod backoff;
pub mod dispatch;
pub mod health;
