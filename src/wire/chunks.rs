//! Readers over bodies that come in chunks: from the wire, from a store, from whatever makes one chunk after the other.
//! Each holds one chunk at a time, so that a long body is never whole in memory.

use std::io;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use futures_lite::{AsyncBufRead, AsyncRead, Stream};
use hyper::body::Bytes;

/// Where chunks come from.
pub(super) trait Source {
    /// The next chunk that is not empty; none at the end.
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>>;
    /// Nothing more is asked for: it ended, broke, or its reader was dropped. Told once.
    fn over(&mut self);
}

/// The reader.
pub(super) struct Chunks<S: Source> {
    source: S,
    chunk: Bytes,
    is_over: bool,
}

impl<S: Source> Chunks<S> {
    pub(super) fn new(source: S) -> Self {
        Self { source, chunk: Bytes::new(), is_over: false }
    }

    fn end(&mut self) {
        if !self.is_over {
            self.is_over = true;
            self.source.over();
        }
    }
}

impl<S: Source + Unpin> AsyncBufRead for Chunks<S> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.get_mut();
        if this.chunk.is_empty() && !this.is_over {
            match this.source.poll_next(cx) {
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

impl<S: Source + Unpin> AsyncRead for Chunks<S> {
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

impl<S: Source> Drop for Chunks<S> {
    fn drop(&mut self) {
        self.end();
    }
}

/// A reader of the pieces that a stream makes one after the other; none is empty.
pub fn reader(
    pieces: impl Stream<Item = io::Result<Vec<u8>>> + Send + 'static,
) -> impl AsyncBufRead + Send + Sync + Unpin + 'static {
    Chunks::new(Pieces(Mutex::new(Box::pin(pieces))))
}

/// Pieces that come, or an error that ends them.
type Coming = dyn Stream<Item = io::Result<Vec<u8>>> + Send;

/// A stream behind a lock that is never contended: a body has to be `Sync`.
struct Pieces(Mutex<Pin<Box<Coming>>>);

impl Source for Pieces {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let stream = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        stream.as_mut().poll_next(cx).map(|next| next.map(|piece| piece.map(Bytes::from)))
    }

    fn over(&mut self) {}
}

#[cfg(test)]
mod tests {
    use futures_lite::{AsyncReadExt as _, stream};

    use super::*;
    use crate::runtime::block_on;

    #[test]
    fn pieces_are_read_one_after_the_other_up_to_an_error() {
        let mut whole = Vec::new();
        let pieces = [b"ab".to_vec(), b"c".to_vec()].map(Ok);
        block_on(reader(stream::iter(pieces)).read_to_end(&mut whole)).unwrap();
        assert_eq!(whole, b"abc");
        let broken = [Ok(b"ab".to_vec()), Err(io::ErrorKind::NotFound.into())];
        let read = block_on(reader(stream::iter(broken)).read_to_end(&mut Vec::new()));
        assert_eq!(read.unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
