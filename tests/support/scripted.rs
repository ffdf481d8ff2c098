//! Servers that misbehave on purpose: what each connection does is a function of the test.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A server whose every connection is handled by one function, on a thread of its own.
pub struct Scripted {
    pub address: SocketAddr,
    arrivals: Arc<AtomicUsize>,
}

impl Scripted {
    pub fn start(handle: impl Fn(&mut Caller) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, arrivals, handle) = (listener.local_addr().unwrap(), Arc::default(), Arc::new(handle));
        let counter: Arc<AtomicUsize> = Arc::clone(&arrivals);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut caller = Caller { stream, arrivals: counter.clone() };
                let handle = handle.clone();
                std::thread::spawn(move || handle(&mut caller));
            }
        });
        Self { address, arrivals }
    }

    /// How many whole requests were read.
    pub fn arrivals(&self) -> usize {
        self.arrivals.load(Ordering::SeqCst)
    }
}

/// One connection of a scripted server.
pub struct Caller {
    pub stream: TcpStream,
    arrivals: Arc<AtomicUsize>,
}

impl Caller {
    /// Reads one whole request; false when the client closed.
    pub fn request(&mut self) -> bool {
        let head = self.head();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        let whole = !head.is_empty() && self.stream.read_exact(&mut body).is_ok();
        if whole {
            self.arrivals.fetch_add(1, Ordering::SeqCst);
        }
        whole
    }

    /// Reads up to the end of a head, in lower case; empty when the client closed.
    pub fn head(&mut self) -> String {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            match self.stream.read(&mut byte) {
                Ok(1) => head.extend(byte),
                _ => return String::new(),
            }
        }
        String::from_utf8(head).unwrap().to_ascii_lowercase()
    }

    pub fn say(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.stream.write_all(bytes.as_ref());
    }

    /// Reads exactly `count` bytes.
    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        self.stream.read_exact(&mut bytes).unwrap();
        bytes
    }

    /// Passes bytes both ways between the client and `target` until both have closed.
    pub fn join(&mut self, target: SocketAddr) {
        let mut there = TcpStream::connect(target).unwrap();
        let (mut from, mut to) = (self.stream.try_clone().unwrap(), there.try_clone().unwrap());
        let up = std::thread::spawn(move || {
            let _ = std::io::copy(&mut from, &mut to);
            let _ = to.shutdown(std::net::Shutdown::Write);
        });
        let _ = std::io::copy(&mut there, &mut self.stream);
        let _ = self.stream.shutdown(std::net::Shutdown::Write);
        up.join().unwrap();
    }

    /// Waits until the client closes.
    pub fn wait_for_close(&mut self) {
        let mut waste = [0; 1024];
        while matches!(self.stream.read(&mut waste), Ok(count) if count > 0) {}
    }
}
