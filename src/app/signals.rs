//! Signals: TERM and INT stop in order, a second one ends the process at once.

use async_signal::{Signal, Signals};
use futures_lite::StreamExt as _;

use crate::runtime::{self, Stop};

/// A flag that TERM or INT raises.
pub(super) fn stop_on_signal() -> std::io::Result<Stop> {
    let mut signals = Signals::new([Signal::Term, Signal::Int])?;
    let stop = Stop::new();
    let raised = stop.clone();
    runtime::spawn(async move {
        while signals.next().await.is_some() {
            if raised.is_raised() {
                log::warn!("a second signal: the process ends without waiting");
                std::process::exit(1);
            }
            raised.raise();
        }
    });
    Ok(stop)
}
