//! Deliveries: lease, send, settle.

pub mod lanes;
pub mod limiter;
pub mod retry;
