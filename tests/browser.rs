//! startlink in a real browser, as a newcomer meets it.

mod broadcast;
mod forms;
mod inbox;
mod journey;
mod moving;
mod newcomer;
mod phones;
mod portal;
mod setup;
mod website;
