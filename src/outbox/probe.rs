//! Asks `getMe`, with growing pauses, until Telegram answers: nothing else is sent meanwhile.

use std::time::Duration;

use async_channel::Sender;

use super::sender::Note;
use crate::rng::Rng;
use crate::runtime::{self, Stop};
use crate::telegram::Api;

/// The first and the longest pause between two questions.
const PAUSE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// A running probe; it ends when it is dropped.
pub(super) struct Probe(Stop);

impl Probe {
    pub(super) fn start(api: Api, notes: Sender<Note>, rng: &Rng) -> Self {
        let (stop, rng) = (Stop::new(), rng.clone());
        let ended = stop.clone();
        runtime::spawn(async move {
            let mut pause = PAUSE.0;
            loop {
                let jitter = Duration::from_millis(rng.below(u64::try_from(pause.as_millis() / 4).unwrap_or(0)));
                if ended.sleep(pause + jitter).await {
                    return;
                }
                if api.get_me().await.is_ok() {
                    // An answer for a token that was replaced meanwhile says nothing.
                    if ended.is_raised() {
                        return;
                    }
                    // The loop may be gone; then nobody waits.
                    let _ = notes.send(Note::Answered).await;
                    return;
                }
                pause = (pause * 2).min(PAUSE.1);
            }
        });
        Self(stop)
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        self.0.raise();
    }
}
