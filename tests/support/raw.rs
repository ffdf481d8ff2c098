//! A client that writes the bytes it is told to and reads answers one by one.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

/// One answer as it came over the wire.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// The head in lower case, status line and headers.
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim)
    }
}

/// A connection that is read with a deadline, so that a missing answer fails the test instead of hanging it.
pub struct Raw {
    stream: TcpStream,
    pending: Vec<u8>,
}

impl Raw {
    pub fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Self { stream, pending: Vec::new() }
    }

    pub fn send(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        self.stream.write_all(bytes.as_ref()).unwrap();
        self
    }

    /// Sends as much as the server takes; it may close midway.
    pub fn try_send(&mut self, bytes: &[u8]) -> &mut Self {
        let _ = self.stream.write_all(bytes);
        self
    }

    pub fn finish_sending(&mut self) -> &mut Self {
        self.stream.shutdown(Shutdown::Write).unwrap();
        self
    }

    /// The head of the next answer; its body is left to be read.
    pub fn head(&mut self) -> Answer {
        let head = String::from_utf8(self.until(b"\r\n\r\n")).unwrap().to_ascii_lowercase();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head, body: String::new() }
    }

    /// The next answer, which has a body.
    pub fn answer(&mut self) -> Answer {
        let mut answer = self.head();
        let body = if answer.header("transfer-encoding") == Some("chunked") {
            self.chunks()
        } else if let Some(length) = answer.header("content-length").map(|length| length.parse().unwrap()) {
            self.exactly(length)
        } else {
            self.rest()
        };
        answer.body = String::from_utf8(body).unwrap();
        answer
    }

    fn chunks(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        loop {
            let chunk = self.chunk();
            if chunk.is_empty() {
                return body;
            }
            body.extend(chunk);
        }
    }

    /// The next chunk of a chunked body; empty at its end.
    pub fn chunk(&mut self) -> Vec<u8> {
        let size = String::from_utf8(self.until(b"\r\n")).unwrap();
        let chunk = self.exactly(usize::from_str_radix(size.trim(), 16).unwrap());
        assert_eq!(self.exactly(2), b"\r\n");
        chunk
    }

    fn until(&mut self, end: &[u8]) -> Vec<u8> {
        loop {
            if let Some(at) = self.pending.windows(end.len()).position(|window| window == end) {
                return self.pending.drain(..at + end.len()).collect();
            }
            assert!(self.more() > 0, "closed after {:?}", String::from_utf8_lossy(&self.pending));
        }
    }

    fn exactly(&mut self, count: usize) -> Vec<u8> {
        while self.pending.len() < count {
            assert!(self.more() > 0, "closed {} bytes early", count - self.pending.len());
        }
        self.pending.drain(..count).collect()
    }

    /// Everything up to the close.
    pub fn rest(&mut self) -> Vec<u8> {
        while self.more() > 0 {}
        std::mem::take(&mut self.pending)
    }

    fn more(&mut self) -> usize {
        let mut buffer = [0; 16 * 1024];
        let count = self.stream.read(&mut buffer).unwrap();
        self.pending.extend_from_slice(&buffer[..count]);
        count
    }
}
