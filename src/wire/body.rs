//! Bodies across the border: hyper's frames into http-types' readers and back, without copying more than once.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_lite::AsyncBufRead;
use hyper::body::{Body as HttpBody, Bytes, Frame, SizeHint};

/// The most that one frame of a streamed body takes.
const FRAME_BYTES: usize = 256 * 1024;

/// A body of http-types as hyper wants to write it: in-memory bodies leave in one frame, streams as they come.
pub(super) struct Outgoing {
    body: http_types::Body,
    /// Bytes still to come; absent for a stream of unknown length.
    left: Option<usize>,
    ended: bool,
}

impl Outgoing {
    pub(super) fn new(body: http_types::Body) -> Self {
        let left = body.len();
        Self { body, left, ended: left == Some(0) }
    }

    /// Whether the length is unknown until the end.
    pub(super) fn is_stream(&self) -> bool {
        self.left.is_none()
    }

    /// Ends a stream where it is.
    pub(super) fn end(&mut self) {
        self.ended = true;
    }

    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let slice = match Pin::new(&mut self.body).poll_fill_buf(cx) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(Err(error)) => {
                self.ended = true;
                return Poll::Ready(Some(Err(error)));
            }
            Poll::Ready(Ok(slice)) => slice,
        };
        if slice.is_empty() {
            self.ended = true;
            let short = self.left.is_some_and(|left| left > 0);
            return Poll::Ready(short.then(|| Err(io::ErrorKind::UnexpectedEof.into())));
        }
        let count = slice.len().min(FRAME_BYTES).min(self.left.unwrap_or(usize::MAX));
        let bytes = Bytes::copy_from_slice(slice.get(..count).unwrap_or(slice));
        Pin::new(&mut self.body).consume(count);
        self.left = self.left.map(|left| left.saturating_sub(count));
        self.ended = self.left == Some(0);
        Poll::Ready(Some(Ok(bytes)))
    }
}

impl HttpBody for Outgoing {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.poll_next(cx).map(|next| next.map(|bytes| bytes.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.ended
    }

    fn size_hint(&self) -> SizeHint {
        self.left.and_then(|left| u64::try_from(left).ok()).map(SizeHint::with_exact).unwrap_or_default()
    }
}

/// Why an incoming body was not taken whole.
#[derive(Debug, thiserror::Error)]
pub(super) enum Cut {
    /// It is longer than allowed.
    #[error("the body is longer than {limit} bytes")]
    TooLarge {
        /// The most that is taken, in bytes.
        limit: u64,
    },
    /// It ended before its announced end, or the connection broke.
    #[error("the body broke off")]
    Broken(#[source] hyper::Error),
}

/// Reads a whole incoming body into memory, at most `limit` bytes. One frame is handed on as it is.
pub(super) async fn gather(body: &mut hyper::body::Incoming, limit: u64) -> Result<Bytes, Cut> {
    if body.size_hint().lower() > limit {
        return Err(Cut::TooLarge { limit });
    }
    let mut first = Bytes::new();
    let mut whole = Vec::new();
    while let Some(frame) = next(body).await {
        let Ok(data) = frame.map_err(Cut::Broken)?.into_data() else { continue };
        let sum = first.len().max(whole.len()).saturating_add(data.len());
        if u64::try_from(sum).unwrap_or(u64::MAX) > limit {
            return Err(Cut::TooLarge { limit });
        }
        if sum == data.len() {
            first = data;
            continue;
        }
        if whole.is_empty() {
            whole.extend_from_slice(&first);
        }
        whole.extend_from_slice(&data);
    }
    Ok(if whole.is_empty() { first } else { Bytes::from(whole) })
}

async fn next(body: &mut hyper::body::Incoming) -> Option<hyper::Result<Frame<Bytes>>> {
    poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await
}

/// Bytes as a body of http-types, without a copy.
pub(super) fn carry(bytes: Bytes) -> http_types::Body {
    let length = bytes.len();
    http_types::Body::from_reader(futures_lite::io::Cursor::new(bytes), Some(length))
}
