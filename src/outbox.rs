//! Deliveries: lease, send, settle. Every message is on disk before it leaves, and so is what became of it.
//! It meets the bot in the store only, and reacts to changes there.

pub mod lanes;
pub mod limiter;
pub mod retry;
pub mod share;

mod books;
mod change;
mod commit;
mod content;
mod hands;
mod health;
mod lease;
mod pieces;
mod plan;
mod prepare;
mod probe;
mod send;
mod sender;
mod settle;
mod ticket;

pub use health::{Doing, Health, Pace, Upload};

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crate::actions::Error;
use crate::actions::settings::{Rates, bot_token};
use crate::clock::Clock;
use crate::config::Config;
use crate::ids::BroadcastId;
use crate::model::broadcast::BroadcastStatus;
use crate::model::delivery::Standing;
use crate::rng::Rng;
use crate::runtime::{self, Stop};
use crate::store::{Snapshot, Store, StoreError, Tx, broadcasts, deliveries, meta, recipients};
use crate::telegram::{Connector, Token};
use commit::in_books;
use health::Board;
use limiter::Limits;
use ticket::Ticket;

/// Rows of a dead process that are resolved in one transaction.
const RESOLVED: usize = 256;
/// The pause after a failure of the data file at start.
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// The sender, as others see it. Cheap to clone.
#[derive(Clone)]
pub struct Outbox(Arc<Inner>);

struct Inner {
    store: Store,
    clock: Clock,
    rng: Rng,
    connector: Connector,
    config: Config,
    board: Board,
}

impl Outbox {
    /// A sender; it does nothing before [`Outbox::run`].
    #[must_use]
    pub fn new(store: Store, config: &Config, connector: Connector, clock: Clock, rng: Rng) -> Self {
        Self(Arc::new(Inner { store, clock, rng, connector, config: config.clone(), board: Board::default() }))
    }

    /// What it is doing now.
    #[must_use]
    pub fn health(&self) -> Health {
        self.0.board.read()
    }

    /// Prepares broadcasts and sends until `stop` is raised; returns when what was in flight is settled.
    pub async fn run(&self, stop: Stop) {
        let aside = loop {
            let error = match self.0.resolve_dead_leases().await {
                Ok(aside) => break aside,
                Err(error) => error,
            };
            self.0.fault(Doing::StoreFailed, &error.to_string());
            log::error!("what the last process left in flight cannot be resolved yet: {error}");
            if stop.sleep(STORE_PAUSE).await {
                return;
            }
        };
        let sender = sender::Loop::new(&self.0, aside).run(&stop);
        futures_lite::future::zip(sender, prepare::run(&self.0, &stop)).await;
        self.0.board.change(|health| health.doing = Doing::Stopped);
    }
}

impl Inner {
    /// One process holds the file, so every row found as being sent belongs to a dead one. Those that cannot be resolved
    /// are returned: they stay as they are, and are not touched.
    async fn resolve_dead_leases(&self) -> Result<BTreeSet<Ticket>, Error> {
        let store = self.store.clone();
        let tickets = runtime::blocking(move || store.read(dead_leases)).await?;
        let mut aside = BTreeSet::new();
        for chunk in tickets.chunks(RESOLVED) {
            match self.resolve(chunk.to_vec()).await {
                Err(error) if error.is_culpable() => aside.extend(self.resolve_one_by_one(chunk).await?),
                other => other?,
            }
        }
        if !tickets.is_empty() {
            log::warn!(count = tickets.len() - aside.len(); "sends that the last process had in flight were resolved by their policy");
        }
        Ok(aside)
    }

    async fn resolve(&self, tickets: Vec<Ticket>) -> Result<(), Error> {
        let resolve = move |tx: &mut Tx<'_>| {
            in_books(tx, |tx, books| tickets.iter().try_for_each(|ticket| settle::resolve(tx, books, *ticket)))
        };
        self.store.write(resolve).await
    }

    async fn resolve_one_by_one(&self, tickets: &[Ticket]) -> Result<Vec<Ticket>, Error> {
        let mut aside = Vec::new();
        for ticket in tickets {
            match self.resolve(vec![*ticket]).await {
                Err(error) if error.is_culpable() => {
                    log::error!(error:% = error; "what became of {ticket} cannot be written down");
                    aside.push(*ticket);
                }
                other => other?,
            }
        }
        Ok(aside)
    }

    fn limits(&self, read: &Snapshot) -> Result<Limits, StoreError> {
        let rates = Rates::of(&meta::saved(read)?, &self.config);
        Ok(Limits {
            global_per_second: rates.global.value,
            chat_per_second: rates.chat.value,
            group_per_minute: rates.group.value,
            ..Limits::default()
        })
    }

    /// The token to send with: only once this file belongs to its bot.
    fn token(&self, read: &Snapshot) -> Result<Option<Token>, StoreError> {
        let token = bot_token(read, &self.config)?.and_then(|text| Token::parse(text.value.expose()).ok());
        let bot = meta::bot(read)?;
        Ok(token.filter(|token| bot.is_some_and(|bot| bot.id == token.bot())))
    }

    fn fault(&self, doing: Doing, sentence: &str) {
        self.board.change(|health| health.doing = doing);
        self.fault_seen(sentence);
    }

    fn fault_seen(&self, sentence: &str) {
        let at = self.clock.now();
        self.board.change(|health| health.last_fault = Some((at, sentence.to_owned())));
    }
}

/// Everything marked as being sent, of single messages and of broadcasts in any state.
fn dead_leases(read: &Snapshot) -> Result<Vec<Ticket>, StoreError> {
    let mut tickets: Vec<Ticket> = deliveries::sending(read)?.into_iter().map(Ticket::Delivery).collect();
    for broadcast in with_sending(read)? {
        for position in recipients::sending(read, broadcast)? {
            if let Some(row) = recipients::get(read, broadcast, position)? {
                tickets.push(Ticket::Recipient { broadcast, position, chat: row.chat });
            }
        }
    }
    Ok(tickets)
}

/// The broadcasts of which something is marked as being sent: they ran, wait for a person, or were cancelled. Of one that is
/// damaged the check tells.
fn with_sending(read: &Snapshot) -> Result<Vec<BroadcastId>, StoreError> {
    let mut found = Vec::new();
    for status in [BroadcastStatus::Sending, BroadcastStatus::Paused, BroadcastStatus::Cancelled] {
        for id in broadcasts::ids(read, status)? {
            match broadcasts::figures(read, id) {
                Err(StoreError::Row { .. }) => {}
                figures => found.extend((figures?.count(Standing::Sending) > 0).then_some(id)),
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
