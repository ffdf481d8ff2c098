//! Deliveries: lease, send, settle.
