//! A client's TCP connection as hyper sees it, reporting to the [`Watch`] what comes and goes.
//! Closing is left to the driver of the connection, which lingers until the client has read its answer.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use async_std::net::TcpStream;
use futures_lite::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::watch::Watch;

/// The most that is read and thrown away while a connection is being closed.
const LINGER_BYTES: usize = 4 * 1024 * 1024;

pub(super) struct Socket {
    stream: TcpStream,
    watch: Watch,
    eof: bool,
}

impl Socket {
    pub(super) fn new(stream: TcpStream, watch: Watch) -> Self {
        Self { stream, watch, eof: false }
    }

    /// Writes a last answer.
    pub(super) async fn say(&mut self, answer: &[u8]) -> io::Result<()> {
        self.stream.write_all(answer).await
    }

    /// Closes the sending side and waits for the client's end, so that a reset does not destroy an answer that is
    /// still on its way (RFC 9112, section 9.6).
    pub(super) async fn linger(mut self) -> io::Result<()> {
        if self.eof {
            return Ok(());
        }
        self.stream.shutdown(std::net::Shutdown::Write)?;
        let mut waste = [0; 4096];
        let mut left = LINGER_BYTES;
        while left > 0 {
            let count = self.stream.read(&mut waste).await?;
            if count == 0 {
                break;
            }
            left = left.saturating_sub(count);
        }
        Ok(())
    }
}

/// The status in the first line of an answer.
fn status_of(head: &[u8]) -> Option<u16> {
    std::str::from_utf8(head.get(9..12)?).ok()?.parse().ok()
}

impl AsyncRead for Socket {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.stream).poll_read(cx, buf);
        match &polled {
            Poll::Ready(Ok(count)) if *count > 0 => this.watch.on_read(),
            Poll::Ready(_) => this.eof = true,
            Poll::Pending => {}
        }
        polled
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.watch.is_between_requests()
            && let Some(status) = status_of(buf)
        {
            this.watch.refuse(status);
            return Poll::Ready(Ok(buf.len()));
        }
        let polled = Pin::new(&mut this.stream).poll_write(cx, buf);
        if polled.is_pending() {
            this.watch.on_stall();
        } else {
            this.watch.on_write();
        }
        polled
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.stream).poll_flush(cx);
        if polled.is_ready() {
            this.watch.on_flush();
        }
        polled
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
