//! Uploads: bodies of type `multipart/form-data` reach the application unread, as a stream within limits of their own. So the
//! application can refuse from the head alone, before a large file was taken, and whoever may not send one costs no memory.

use std::io;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use futures_lite::{AsyncBufRead, AsyncRead};
use hyper::body::{Body as HttpBody, Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderMap};

use super::watch::Watch;

const MULTIPART: &[u8] = b"multipart/form-data";

/// Whether a body is an upload.
pub(super) fn is_upload(headers: &HeaderMap) -> bool {
    let begins = |value: &[u8]| value.get(..MULTIPART.len()).is_some_and(|head| head.eq_ignore_ascii_case(MULTIPART));
    headers.get(CONTENT_TYPE).is_some_and(|value| begins(value.as_bytes()))
}

/// The upload as a body of http-types.
pub(super) fn carry(incoming: Incoming, watch: Watch) -> http_types::Body {
    let length = incoming.size_hint().exact().and_then(|length| usize::try_from(length).ok());
    let left = watch.limits().upload_bytes;
    let stream = Stream { incoming: Mutex::new(incoming), watch, left, chunk: Bytes::new(), stage: Stage::Unread };
    http_types::Body::from_reader(stream, length)
}

/// The incoming body behind a lock that is never contended: a body has to be `Sync`.
struct Stream {
    incoming: Mutex<Incoming>,
    watch: Watch,
    /// Bytes that may still come.
    left: u64,
    chunk: Bytes,
    stage: Stage,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Unread,
    Reading,
    Over,
}

impl Stream {
    /// The next piece that is not empty; none at the end.
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        match self.stage {
            Stage::Over => return Poll::Ready(None),
            Stage::Unread => {
                self.watch.on_upload();
                self.stage = Stage::Reading;
            }
            Stage::Reading => {}
        }
        loop {
            if self.watch.is_late() {
                return Poll::Ready(Some(Err(io::ErrorKind::TimedOut.into())));
            }
            let incoming = self.incoming.get_mut().unwrap_or_else(PoisonError::into_inner);
            let Poll::Ready(frame) = Pin::new(incoming).poll_frame(cx) else { return Poll::Pending };
            match frame {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(io::Error::new(io::ErrorKind::UnexpectedEof, error)))),
                Some(Ok(frame)) => {
                    let Ok(data) = frame.into_data() else { continue };
                    let length = u64::try_from(data.len()).unwrap_or(u64::MAX);
                    let Some(left) = self.left.checked_sub(length) else {
                        return Poll::Ready(Some(Err(io::ErrorKind::FileTooLarge.into())));
                    };
                    self.left = left;
                    if !data.is_empty() {
                        return Poll::Ready(Some(Ok(data)));
                    }
                }
            }
        }
    }

    fn end(&mut self) {
        if self.stage == Stage::Reading {
            self.watch.on_request();
        }
        self.stage = Stage::Over;
    }
}

impl AsyncBufRead for Stream {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.get_mut();
        if this.chunk.is_empty() {
            match this.poll_next(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(Ok(chunk))) => this.chunk = chunk,
                Poll::Ready(None) => this.end(),
                Poll::Ready(Some(Err(error))) => {
                    this.end();
                    return Poll::Ready(Err(error));
                }
            }
        }
        Poll::Ready(Ok(&this.chunk))
    }

    fn consume(self: Pin<&mut Self>, amount: usize) {
        let this = self.get_mut();
        drop(this.chunk.split_to(amount.min(this.chunk.len())));
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut [u8]) -> Poll<io::Result<usize>> {
        let from = match self.as_mut().poll_fill_buf(cx) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(from) => from?,
        };
        let count = from.len().min(out.len());
        for (to, byte) in out.iter_mut().zip(from) {
            *to = *byte;
        }
        self.consume(count);
        Poll::Ready(Ok(count))
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;

    #[test]
    fn only_forms_with_files_are_uploads() {
        let of =
            |value: &'static str| is_upload(&HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(value))]));
        assert!(of("multipart/form-data; boundary=x") && of("Multipart/Form-Data"));
        assert!(!of("application/x-www-form-urlencoded") && !of("multipart/mixed") && !of(""));
        assert!(!is_upload(&HeaderMap::new()));
    }
}
