//! The HTTP API of the website, `/api/v1`: JSON in and out, opened by keys alone. What a request changes, it changes by an
//! action; this file owns the list of what there is. Each route says in its row what it does, and the contract is made of that.

pub mod accounts;
pub mod answer;
pub mod automatic;
pub mod bearer;
pub mod body;
pub mod broadcasts;
pub mod content;
pub mod cursor;
pub mod doc;
pub mod docs;
pub mod events;
pub mod links;
pub mod messages;
pub mod moving;
pub mod openapi;
pub mod query;
pub mod questions;
pub mod rate;
pub mod repeat;
pub mod schemas;
pub mod shape;
pub mod strict;
pub mod wait;
pub mod webhooks;
pub mod wrong;

use super::Row;
use super::recent::Recent;
use crate::actions::keys::Holder;
use crate::secret::Hash;

/// What the API remembers between requests; a restart may forget it.
#[derive(Debug, Default)]
pub struct Memory {
    /// The keys that were shown lately, by the hash of their secret.
    pub keys: Recent<Hash, Holder>,
    /// How many requests each key has left.
    pub rates: rate::Rates,
    /// The requests that run now under a name of their sender's.
    pub running: repeat::Running,
    /// The exports that run now.
    pub exports: moving::Exports,
}

/// The routes of the API.
#[must_use]
pub fn rows() -> Vec<Row> {
    [
        accounts::rows(),
        links::rows(),
        messages::rows(),
        automatic::rows(),
        broadcasts::rows(),
        events::rows(),
        webhooks::rows(),
        moving::rows(),
        openapi::rows(),
        docs::rows(),
    ]
    .concat()
}
