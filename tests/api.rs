//! The HTTP API as a website meets it: who gets in, what each endpoint does, what it says to whoever asks wrongly.

mod accounts;
mod automatic;
mod bodies;
mod broadcasts;
mod contract;
mod documents;
pub mod given;
mod killed;
mod links;
mod messages;
mod moving;
mod questions;
mod real;
mod robust;
mod streams;
mod table;
mod webhooks;
