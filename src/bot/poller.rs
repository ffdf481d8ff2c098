//! The loop: who is this bot, is a webhook in the way, then poll, commit, poll. No error ends it; each one shows in the
//! health. It ends when the process stops, and begins anew when another token is saved.

mod session;

use std::time::Duration;

use crate::bot::Inner;
use crate::bot::health::State;
use crate::bot::poller::session::Session;
use crate::runtime::{self, Stop};
use crate::store::{Store, StoreError};

/// The least time between two looks at the data file.
const LOOK: Duration = Duration::from_millis(200);
/// How long a fault of our own is waited out.
const FAULT: Duration = Duration::from_secs(5);

/// Why a session is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The process stops.
    Stopped,
    /// There is another token, or none.
    TokenChanged,
}

/// Runs until `stop` is raised.
pub(super) async fn run(bot: &Inner, stop: &Stop) {
    bot.remember_last_update();
    while !stop.is_raised() {
        match bot.token() {
            Ok(None) => {
                bot.put_api(None);
                bot.health.forget(State::NoToken);
                let _ = runtime::race(stopped(stop), token_comes(bot)).await;
            }
            Ok(Some(token)) => {
                bot.health.forget(State::Starting);
                let end = Session::new(bot, stop, token).run().await;
                log::debug!(end:? = end; "A polling session ended.");
            }
            Err(error) => {
                hindered(bot, &error);
                stop.sleep(FAULT).await;
            }
        }
    }
    bot.put_api(None);
    bot.health.enter(State::Stopped);
}

async fn stopped(stop: &Stop) -> End {
    stop.wait().await;
    End::Stopped
}

async fn token_comes(bot: &Inner) -> End {
    settles(&bot.store, || bot.token().is_ok_and(|token| token.is_some())).await;
    End::TokenChanged
}

/// Waits until the data file satisfies `wanted`; looks at once, then after changes.
async fn settles(store: &Store, wanted: impl Fn() -> bool) {
    loop {
        let seen = store.changes().value();
        if wanted() {
            return;
        }
        store.changes().after(seen).await;
        runtime::sleep(LOOK).await;
    }
}

fn hindered(bot: &Inner, error: &StoreError) {
    log::error!(error:% = error; "The bot cannot go on for now.");
    bot.health.hindered(error.to_string(), bot.store.clock().now().plus(FAULT));
}
