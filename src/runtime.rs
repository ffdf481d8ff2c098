//! The async runtime behind a few functions: tasks, timers, blocking threads, stop signals, wake-ups.
//! Only this file and `wire/` name async-std, so that it can be swapped in one place.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use event_listener::{Event, Listener as _, listener};

/// A running task. Dropping the handle lets the task go on.
pub type Task<T> = async_std::task::JoinHandle<T>;

/// Runs a future to its end on this thread.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    async_std::task::block_on(future)
}

/// Starts a task on the executor.
pub fn spawn<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> Task<T> {
    async_std::task::spawn(future)
}

/// Runs blocking work (the store, password hashing, files, DNS) on a thread of its own.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    async_std::task::spawn_blocking(work).await
}

/// Waits for `span`.
pub async fn sleep(span: Duration) {
    async_std::task::sleep(span).await;
}

/// The deadline passed before the future was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the deadline passed")]
pub struct TimedOut;

/// Waits for the future, at most for `span`; then the future is dropped.
pub async fn timeout<T>(span: Duration, future: impl Future<Output = T>) -> Result<T, TimedOut> {
    async_std::future::timeout(span, future).await.map_err(|_| TimedOut)
}

/// The first of the two that is done; the other is dropped.
pub async fn race<T>(a: impl Future<Output = T>, b: impl Future<Output = T>) -> T {
    futures_lite::future::or(a, b).await
}

/// A flag that many can wait for and that is raised once: "stop". Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<StopState>);

#[derive(Debug, Default)]
struct StopState {
    raised: AtomicBool,
    event: Event,
}

impl Stop {
    /// A flag that is not raised.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Raises the flag; everyone who waits goes on.
    pub fn raise(&self) {
        self.0.raised.store(true, Ordering::SeqCst);
        self.0.event.notify(usize::MAX);
    }

    /// Whether the flag is raised.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        self.0.raised.load(Ordering::SeqCst)
    }

    /// Waits until the flag is raised.
    pub async fn wait(&self) {
        while !self.is_raised() {
            listener!(self.0.event => listener);
            if self.is_raised() {
                return;
            }
            listener.await;
        }
    }

    /// Waits for `span`; true when the flag was raised meanwhile.
    pub async fn sleep(&self, span: Duration) -> bool {
        race(
            async {
                self.wait().await;
                true
            },
            async {
                sleep(span).await;
                false
            },
        )
        .await
    }
}

/// A number that only grows and can be waited for: the hint "something changed, look again". Cheap to clone.
/// Who looks at [`Pulse::value`] first, then at the data, then waits for a later value misses nothing.
#[derive(Clone, Debug, Default)]
pub struct Pulse(Arc<PulseState>);

#[derive(Debug, Default)]
struct PulseState {
    value: AtomicU64,
    event: Event,
}

impl Pulse {
    /// A pulse at 0.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Moves on by one and wakes everyone who waits.
    pub fn beat(&self) {
        self.0.value.fetch_add(1, Ordering::SeqCst);
        self.0.event.notify(usize::MAX);
    }

    /// The number of beats so far.
    #[must_use]
    pub fn value(&self) -> u64 {
        self.0.value.load(Ordering::SeqCst)
    }

    /// Waits until the value is above `seen`; returns it.
    pub async fn after(&self, seen: u64) -> u64 {
        loop {
            let value = self.value();
            if value > seen {
                return value;
            }
            listener!(self.0.event => listener);
            let value = self.value();
            if value > seen {
                return value;
            }
            listener.await;
        }
    }

    /// [`Pulse::after`] for a thread that may block, at most for `span`.
    #[must_use]
    pub fn wait_blocking(&self, seen: u64, span: Duration) -> u64 {
        listener!(self.0.event => listener);
        if self.value() <= seen {
            listener.wait_timeout(span);
        }
        self.value()
    }
}
