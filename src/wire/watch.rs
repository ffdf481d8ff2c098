//! What one connection is doing and until when it may: the deadlines of the server side, without a timer per request.
//! The socket, the bridge and the driver of a connection share one [`Watch`]; all three run in the same task.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::listener::ServerLimits;
use crate::clock::Clock;

/// The slowest line on which a long upload is still waited for, in bytes a second.
const SLOWEST_UPLOAD: u64 = 64 * 1024;

/// Shared by the parts of one connection.
#[derive(Clone)]
pub(super) struct Watch(Arc<Inner>);

struct Inner {
    clock: Clock,
    limits: ServerLimits,
    state: Mutex<State>,
}

struct State {
    phase: Phase,
    /// The client takes no bytes; until when that is borne.
    stalled: Option<Duration>,
    /// The status of the answer that hyper gave on its own and that was kept back.
    refused: Option<u16>,
    draining: bool,
    /// An event stream is being answered: the client's end of sending means that it left.
    streaming: bool,
}

/// The life of a connection. Times are those of the clock's `elapsed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// No byte of the next request has come.
    Idle { until: Duration },
    /// A head has begun.
    Head { until: Duration },
    /// The body is being read.
    Body { until: Duration },
    /// The body took too long; the bridge says so to the client.
    Late,
    /// The application works, or its answer is being made.
    Busy,
    /// The last frame of the answer was handed to hyper and not yet flushed.
    Answered,
}

/// What a passed deadline asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expiry {
    /// Nothing was begun: close without a word.
    Close,
    /// The client takes nothing: there is no use in waiting for it.
    Stall,
    /// A head that never ended: answer 408.
    Head,
    /// A body that never ended: the bridge answers 408.
    Body,
}

impl Watch {
    pub(super) fn new(clock: Clock, limits: ServerLimits) -> Self {
        let until = clock.elapsed() + limits.head_timeout;
        let state =
            State { phase: Phase::Idle { until }, stalled: None, refused: None, draining: false, streaming: false };
        Self(Arc::new(Inner { clock, limits, state: Mutex::new(state) }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn after(&self, span: Duration) -> Duration {
        self.0.clock.elapsed() + span
    }

    pub(super) fn limits(&self) -> &ServerLimits {
        &self.0.limits
    }

    /// Bytes came from the client.
    pub(super) fn on_read(&self) {
        let mut state = self.state();
        if matches!(state.phase, Phase::Idle { .. }) {
            state.phase = Phase::Head { until: self.after(self.0.limits.head_timeout) };
        }
    }

    /// A whole head was read and a body follows.
    pub(super) fn on_body(&self) {
        self.state().phase = Phase::Body { until: self.after(self.0.limits.body_timeout) };
    }

    /// The application begins to read an upload of this announced length: a long one may take longer.
    pub(super) fn on_upload(&self, length: u64) {
        let patience = Duration::from_secs(length / SLOWEST_UPLOAD);
        self.state().phase = Phase::Body { until: self.after(self.0.limits.upload_timeout + patience) };
    }

    /// The request is whole.
    pub(super) fn on_request(&self) {
        self.state().phase = Phase::Busy;
    }

    /// The answer is an event stream.
    pub(super) fn on_events(&self) {
        self.state().streaming = true;
    }

    pub(super) fn is_streaming(&self) -> bool {
        self.state().streaming
    }

    /// The answer was handed to hyper.
    pub(super) fn on_answer(&self) {
        let mut state = self.state();
        state.phase = Phase::Answered;
        state.streaming = false;
    }

    /// Everything handed over was written.
    pub(super) fn on_flush(&self) {
        let mut state = self.state();
        if state.phase == Phase::Answered {
            state.phase = Phase::Idle { until: self.after(self.0.limits.idle_timeout) };
        }
    }

    /// The client takes no more bytes for now.
    pub(super) fn on_stall(&self) {
        let mut state = self.state();
        if state.stalled.is_none() {
            state.stalled = Some(self.after(self.0.limits.write_timeout));
        }
    }

    /// The client took bytes.
    pub(super) fn on_write(&self) {
        self.state().stalled = None;
    }

    /// Whether bytes written now can only be hyper's own refusal of a head: no request is open.
    pub(super) fn is_between_requests(&self) -> bool {
        matches!(self.state().phase, Phase::Idle { .. } | Phase::Head { .. })
    }

    /// Keeps the status of hyper's own refusal for an answer of ours.
    pub(super) fn refuse(&self, status: u16) {
        self.state().refused.get_or_insert(status);
    }

    pub(super) fn refused(&self) -> Option<u16> {
        self.state().refused
    }

    /// Whether the body's deadline passed.
    pub(super) fn is_late(&self) -> bool {
        self.state().phase == Phase::Late
    }

    /// The server stops: event streams end.
    pub(super) fn drain(&self) {
        self.state().draining = true;
    }

    pub(super) fn is_draining(&self) -> bool {
        self.state().draining
    }

    /// The nearest deadline, if there is one.
    pub(super) fn due(&self) -> Option<Duration> {
        let state = self.state();
        let phase = match state.phase {
            Phase::Idle { until } | Phase::Head { until } | Phase::Body { until } => Some(until),
            Phase::Late | Phase::Busy | Phase::Answered => None,
        };
        match (phase, state.stalled) {
            (Some(phase), Some(stalled)) => Some(phase.min(stalled)),
            (one, other) => one.or(other),
        }
    }

    /// Time left until `due`.
    pub(super) fn left(&self, due: Duration) -> Duration {
        due.saturating_sub(self.0.clock.elapsed())
    }

    /// What the deadline that passed asks for, if one passed.
    pub(super) fn expire(&self) -> Option<Expiry> {
        let now = self.0.clock.elapsed();
        let mut state = self.state();
        if state.stalled.is_some_and(|until| until <= now) {
            return Some(Expiry::Stall);
        }
        match state.phase {
            Phase::Idle { until } if until <= now => Some(Expiry::Close),
            Phase::Head { until } if until <= now => Some(Expiry::Head),
            Phase::Body { until } if until <= now => {
                state.phase = Phase::Late;
                Some(Expiry::Body)
            }
            Phase::Idle { .. }
            | Phase::Head { .. }
            | Phase::Body { .. }
            | Phase::Late
            | Phase::Busy
            | Phase::Answered => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    fn watch() -> (Clock, Watch) {
        let clock = Clock::manual(Timestamp(1_000_000));
        let limits = ServerLimits {
            head_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(75),
            write_timeout: Duration::from_secs(20),
            ..ServerLimits::default()
        };
        (clock.clone(), Watch::new(clock, limits))
    }

    #[test]
    fn a_connection_that_never_speaks_is_closed_without_a_word() {
        let (clock, watch) = watch();
        assert_eq!(watch.due().map(|due| watch.left(due)), Some(Duration::from_secs(10)));
        clock.advance(Duration::from_secs(10));
        assert_eq!(watch.expire(), Some(Expiry::Close));
    }

    #[test]
    fn a_head_is_timed_from_its_first_byte_and_not_from_its_last() {
        let (clock, watch) = watch();
        clock.advance(Duration::from_secs(9));
        watch.on_read();
        clock.advance(Duration::from_secs(9));
        watch.on_read();
        assert_eq!(watch.expire(), None);
        clock.advance(Duration::from_secs(1));
        assert_eq!(watch.expire(), Some(Expiry::Head));
    }

    #[test]
    fn a_late_body_is_told_once_and_the_bridge_sees_it() {
        let (clock, watch) = watch();
        watch.on_body();
        clock.advance(Duration::from_secs(30));
        assert_eq!(watch.expire(), Some(Expiry::Body));
        assert!(watch.is_late());
        assert_eq!((watch.due(), watch.expire()), (None, None));
    }

    #[test]
    fn a_long_upload_may_take_longer_than_a_short_one() {
        let (clock, watch) = watch();
        let left = || watch.due().map(|due| watch.left(due));
        watch.on_upload(1000);
        assert_eq!(left(), Some(ServerLimits::default().upload_timeout));
        watch.on_upload(10 * SLOWEST_UPLOAD);
        assert_eq!(left(), Some(ServerLimits::default().upload_timeout + Duration::from_secs(10)));
        clock.advance(ServerLimits::default().upload_timeout + Duration::from_secs(10));
        assert_eq!(watch.expire(), Some(Expiry::Body));
    }

    #[test]
    fn work_and_open_streams_have_no_deadline_but_a_client_that_takes_nothing_has() {
        let (clock, watch) = watch();
        watch.on_request();
        assert_eq!(watch.due(), None);
        watch.on_stall();
        clock.advance(Duration::from_secs(19));
        watch.on_stall();
        assert_eq!((watch.due().map(|due| watch.left(due)), watch.expire()), (Some(Duration::from_secs(1)), None));
        clock.advance(Duration::from_secs(1));
        assert_eq!(watch.expire(), Some(Expiry::Stall));
        watch.on_write();
        assert_eq!(watch.expire(), None);
    }

    #[test]
    fn only_writes_between_requests_are_taken_for_hypers_own() {
        let (_, watch) = watch();
        assert!(watch.is_between_requests());
        watch.on_read();
        assert!(watch.is_between_requests());
        watch.on_request();
        assert!(!watch.is_between_requests());
        watch.on_answer();
        assert!(!watch.is_between_requests());
        watch.on_flush();
        assert!(watch.is_between_requests());
    }
}
