//! Uploads: bodies of type `multipart/form-data` reach the application unread, as a stream within limits of their own. So the
//! application can refuse from the head alone, before a large file was taken, and whoever may not send one costs no memory.

use std::io;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use hyper::body::{Body as HttpBody, Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderMap};

use super::chunks::{Chunks, Source};
use super::watch::Watch;

const MULTIPART: &[u8] = b"multipart/form-data";

/// Whether a body is an upload.
pub(super) fn is_upload(headers: &HeaderMap) -> bool {
    let begins = |value: &[u8]| value.get(..MULTIPART.len()).is_some_and(|head| head.eq_ignore_ascii_case(MULTIPART));
    headers.get(CONTENT_TYPE).is_some_and(|value| begins(value.as_bytes()))
}

/// The upload as a body of http-types.
pub(super) fn carry(incoming: Incoming, watch: Watch) -> http_types::Body {
    let length = incoming.size_hint().exact();
    let left = watch.limits().upload_bytes;
    let upload = Upload { incoming: Mutex::new(incoming), watch, length, left, has_begun: false };
    http_types::Body::from_reader(Chunks::new(upload), length.and_then(|length| usize::try_from(length).ok()))
}

/// The incoming body behind a lock that is never contended: a body has to be `Sync`.
struct Upload {
    incoming: Mutex<Incoming>,
    watch: Watch,
    /// The length that was announced.
    length: Option<u64>,
    /// Bytes that may still come.
    left: u64,
    has_begun: bool,
}

impl Source for Upload {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        if !self.has_begun {
            self.watch.on_upload(self.length.unwrap_or(0).min(self.left));
            self.has_begun = true;
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

    fn over(&mut self) {
        if self.has_begun {
            self.watch.on_request();
        }
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
