//! A lean HTTP client: one connection that stays open, one request at a time; and many of them at once.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// One connection.
pub struct Client(BufReader<TcpStream>);

impl Client {
    /// Connects.
    pub fn new(host: SocketAddr) -> Self {
        let stream = TcpStream::connect(host).expect("a connection");
        stream.set_nodelay(true).expect("nodelay");
        Self(BufReader::new(stream))
    }

    /// Asks and reads the whole answer, which has to be a success; how long that took.
    pub fn ask(&mut self, request: &[u8]) -> Duration {
        let begun = Instant::now();
        self.0.get_mut().write_all(request).expect("a request");
        let mut line = String::new();
        self.0.read_line(&mut line).expect("a status");
        assert!(line.starts_with("HTTP/1.1 2"), "{line}");
        let mut length = 0;
        while line.trim_end() != "" {
            line.clear();
            self.0.read_line(&mut line).expect("a header");
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).expect("a body");
        begun.elapsed()
    }
}

/// Asks on so many connections for so long; `request` makes the n-th one of a connection. Requests a second and p99 in
/// milliseconds.
pub fn rush(
    host: SocketAddr,
    (connections, span): (usize, Duration),
    request: impl Fn(usize, usize) -> Vec<u8> + Sync,
) -> (f64, f64) {
    let begun = Instant::now();
    let request = &request;
    let took: Vec<Duration> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..connections)
            .map(|connection| {
                scope.spawn(move || {
                    let (mut client, mut took) = (Client::new(host), Vec::new());
                    while begun.elapsed() < span {
                        took.push(client.ask(&request(connection, took.len())));
                    }
                    took
                })
            })
            .collect();
        clients.into_iter().flat_map(|client| client.join().expect("a client")).collect()
    });
    (took.len() as f64 / begun.elapsed().as_secs_f64(), p99(took))
}

/// The time that one of a hundred takes longer than, in milliseconds.
pub fn p99(mut took: Vec<Duration>) -> f64 {
    took.sort_unstable();
    took[took.len() * 99 / 100].as_secs_f64() * 1e3
}
