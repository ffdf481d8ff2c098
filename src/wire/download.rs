//! Downloads: answers whose body is handed on as it comes, so that a large file is never whole in memory. How long it may take
//! altogether is up to whoever reads it; the other side may only be silent for so long.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body as HttpBody, Bytes, Incoming};

use super::chunks::{Chunks, Source};
use crate::runtime;

/// Asks the engine for a streamed answer; stands in the extensions of a request. An answer that tells of no success is
/// gathered as ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streamed {
    /// How long the other side may send nothing while it is listened to.
    pub silence: Duration,
}

/// The answer as a body of http-types.
pub(super) fn carry(incoming: Incoming, streamed: Streamed) -> http_types::Body {
    let length = incoming.size_hint().exact().and_then(|length| usize::try_from(length).ok());
    let state = Mutex::new(State { incoming, patience: None });
    http_types::Body::from_reader(Chunks::new(Download { state, silence: streamed.silence }), length)
}

/// The incoming body behind a lock that is never contended: a body has to be `Sync`.
struct Download {
    state: Mutex<State>,
    silence: Duration,
}

struct State {
    incoming: Incoming,
    /// Ends when the other side was silent for too long.
    patience: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Source for Download {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let silence = self.silence;
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        loop {
            match Pin::new(&mut state.incoming).poll_frame(cx) {
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Ready(Some(Err(error))) => {
                    return Poll::Ready(Some(Err(io::Error::new(io::ErrorKind::UnexpectedEof, error))));
                }
                Poll::Ready(Some(Ok(frame))) => {
                    let Ok(data) = frame.into_data() else { continue };
                    if !data.is_empty() {
                        state.patience = None;
                        return Poll::Ready(Some(Ok(data)));
                    }
                }
                Poll::Pending => {
                    let patience = state.patience.get_or_insert_with(|| Box::pin(runtime::sleep(silence)));
                    if patience.as_mut().poll(cx).is_pending() {
                        return Poll::Pending;
                    }
                    return Poll::Ready(Some(Err(io::ErrorKind::TimedOut.into())));
                }
            }
        }
    }

    fn over(&mut self) {}
}
