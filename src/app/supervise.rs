//! Keeps the loops running: a panic in one is a restart with a growing pause, seen on `/readyz`, never the end of the process.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_lite::FutureExt as _;

use crate::clock::{Clock, Timestamp};
use crate::runtime::{self, Stop, Task};

/// The first pause after a panic; it doubles up to [`LONGEST`].
const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_mins(1);

/// How long a restart is told on `/readyz`.
const TOLD: Duration = Duration::from_mins(2);

/// The newest restart of a loop. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Restarts {
    clock: Clock,
    newest: Arc<Mutex<Option<(&'static str, Timestamp)>>>,
}

impl Restarts {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, newest: Arc::default() }
    }

    /// The loop that had to be started again lately.
    pub(super) fn recent(&self) -> Option<&'static str> {
        let newest = *self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        newest.filter(|(_, at)| self.clock.now().since(*at) < TOLD).map(|(name, _)| name)
    }

    fn note(&self, name: &'static str) {
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner) = Some((name, self.clock.now()));
    }
}

/// Runs `make()` in a task until `stop` is raised, again after each panic.
pub(super) fn supervise<F>(
    name: &'static str,
    stop: &Stop,
    restarts: &Restarts,
    make: impl Fn() -> F + Send + Sync + 'static,
) -> Task<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    let (stop, restarts) = (stop.clone(), restarts.clone());
    runtime::spawn(async move {
        let mut pause = FIRST;
        loop {
            let ended = AssertUnwindSafe(async { make().await }).catch_unwind().await;
            if ended.is_ok() || stop.is_raised() {
                return;
            }
            restarts.note(name);
            log::error!(task = name, wait_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX); "a task panicked and is started again");
            if stop.sleep(pause).await {
                return;
            }
            pause = (pause * 2).min(LONGEST);
        }
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[test]
    fn a_task_that_panics_is_started_again_and_that_is_told_for_a_while() {
        let clock = Clock::manual(Timestamp(1_000_000));
        let (stop, restarts) = (Stop::new(), Restarts::new(clock.clone()));
        let runs = Arc::new(AtomicU32::new(0));
        let seen = Arc::clone(&runs);
        let task = supervise("poller", &stop, &restarts, move || {
            let run = seen.fetch_add(1, Ordering::SeqCst);
            async move {
                assert!(run > 0, "the first run fails on purpose");
            }
        });
        runtime::block_on(task);
        assert_eq!((runs.load(Ordering::SeqCst), restarts.recent()), (2, Some("poller")));
        clock.advance(TOLD);
        assert_eq!(restarts.recent(), None);
    }

    #[test]
    fn a_task_that_ends_by_itself_is_not_started_again() {
        let restarts = Restarts::new(Clock::system());
        runtime::block_on(supervise("poller", &Stop::new(), &restarts, || async {}));
        assert_eq!(restarts.recent(), None);
    }
}
