//! A stream of texts as the body of an answer, which is read in bytes.

use std::io;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use futures_lite::{AsyncBufRead, AsyncRead, Stream, ready};
use tide::Body;

type Texts = Pin<Box<dyn Stream<Item = String> + Send>>;

/// The stream behind a lock that is never contended: a body has to be `Sync`, which streams are not.
struct Reader {
    texts: Mutex<Texts>,
    chunk: Vec<u8>,
    at: usize,
}

/// A body that ends with the stream.
pub(in crate::web) fn of(texts: impl Stream<Item = String> + Send + 'static) -> Body {
    Body::from_reader(Reader { texts: Mutex::new(Box::pin(texts)), chunk: Vec::new(), at: 0 }, None)
}

impl AsyncBufRead for Reader {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.get_mut();
        while this.at >= this.chunk.len() {
            let texts = this.texts.get_mut().unwrap_or_else(PoisonError::into_inner);
            match ready!(texts.as_mut().poll_next(cx)) {
                Some(text) => (this.chunk, this.at) = (text.into_bytes(), 0),
                None => return Poll::Ready(Ok(&[])),
            }
        }
        Poll::Ready(Ok(this.chunk.get(this.at..).unwrap_or_default()))
    }

    fn consume(self: Pin<&mut Self>, amount: usize) {
        self.get_mut().at += amount;
    }
}

impl AsyncRead for Reader {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut [u8]) -> Poll<io::Result<usize>> {
        let from = ready!(self.as_mut().poll_fill_buf(cx))?;
        let count = from.len().min(out.len());
        for (to, byte) in out.iter_mut().zip(from) {
            *to = *byte;
        }
        self.consume(count);
        Poll::Ready(Ok(count))
    }
}
