//! The sweep: once a minute it expires links, and ends what has been kept long enough, in small transactions.

use std::time::Duration;

use crate::actions::{self, Error};
use crate::config::Config;
use crate::runtime::Stop;
use crate::store::Store;

/// How often the sweep looks.
const EVERY: Duration = Duration::from_mins(1);
/// Links in one transaction.
const LINKS: usize = 200;

/// Sweeps until `stop` is raised.
pub(super) async fn run(store: Store, config: Config, stop: Stop) {
    loop {
        if let Err(error) = round(&store, &config, &stop).await {
            log::error!("the sweep could not finish and tries again: {error}");
        }
        if stop.sleep(EVERY).await {
            return;
        }
    }
}

async fn round(store: &Store, config: &Config, stop: &Stop) -> Result<(), Error> {
    while !stop.is_raised() && store.write(move |tx| actions::links::sweep(tx, LINKS)).await? == LINKS {}
    let kept = store.read(|read| actions::settings::Effective::load(read, config))?.kept();
    while !stop.is_raised() && store.write(move |tx| actions::sweep::run(tx, &kept)).await? {}
    Ok(())
}
