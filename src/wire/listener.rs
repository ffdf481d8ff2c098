//! The listening socket under tide: accepts, caps, and drains at a stop.

use std::io;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_std::net::{TcpListener, TcpStream};
use event_listener::{Event, listener};
use futures_lite::FutureExt;
use socket2::{Domain, Protocol, Socket, Type};

use super::connection::{self, Ends};
use super::watch::Watch;
use crate::clock::Clock;
use crate::runtime::{self, Stop};

/// How long accepting rests when the machine has no socket to give.
const EXHAUSTED_PAUSE: Duration = Duration::from_millis(200);

/// The address of the client's end of the connection, in the extensions of every request: `request.ext::<Peer>()`.
/// It is the proxy's where one stands between; only the application knows whom to believe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub SocketAddr);

/// What one client may take of the server. Every limit holds per connection or request but `connections`.
#[derive(Clone, Debug)]
pub struct ServerLimits {
    /// From the first byte of a request head to its last, and from the connection to its first byte.
    pub head_timeout: Duration,
    /// The longest request head, in bytes; at least 8 KiB. A longer one is answered 431.
    pub head_bytes: usize,
    /// The longest request body, in bytes. A longer one is answered 413.
    pub body_bytes: u64,
    /// From the end of the head to the end of the body; then the answer is 408.
    pub body_timeout: Duration,
    /// The longest `multipart/form-data`, in bytes: it reaches the application as a stream, which ends here with an error.
    pub upload_bytes: u64,
    /// From the first look at an upload to its end; a long one may take longer, by a second for each 64 KiB announced.
    pub upload_timeout: Duration,
    /// How long a client may take no byte of an answer.
    pub write_timeout: Duration,
    /// How long a connection may rest between two requests.
    pub idle_timeout: Duration,
    /// Connections at once; more wait in the kernel's queue. The default stays below the usual 1,024 descriptors.
    pub connections: usize,
    /// How long open requests may take to finish after a stop.
    pub drain_timeout: Duration,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            head_timeout: Duration::from_secs(10),
            head_bytes: 16 * 1024,
            body_bytes: 1024 * 1024,
            body_timeout: Duration::from_secs(30),
            upload_bytes: 66 * 1024 * 1024,
            upload_timeout: Duration::from_mins(3),
            write_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(75),
            connections: 800,
            drain_timeout: Duration::from_secs(10),
        }
    }
}

/// A bound socket, ready to serve.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    address: SocketAddr,
}

impl Listener {
    /// Binds the address; port 0 takes a free one.
    #[expect(clippy::unused_async, reason = "the seam stays asynchronous, other runtimes bind that way")]
    pub async fn bind(address: SocketAddr) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_reuse_address(true)?;
        // Accepted sockets inherit it on Linux; without it, Nagle's algorithm meets delayed acknowledgements.
        socket.set_tcp_nodelay(true)?;
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        socket.listen(1024)?;
        let socket = TcpListener::from(std::net::TcpListener::from(socket));
        let address = socket.local_addr()?;
        Ok(Self { socket, address })
    }

    /// The address that is bound, with the port that was taken.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` is raised, then takes no more connections and returns when the open requests are
    /// answered, after `drain_timeout` at the latest. Event streams end at the stop, and when their client leaves; any
    /// other request is handled to its end, whether its client waits or not.
    pub async fn serve<S: Clone + Send + Sync + 'static>(self, app: tide::Server<S>, limits: ServerLimits, stop: Stop) {
        let gate = Arc::new(Gate::new(limits.connections));
        let abandon = Stop::new();
        let clock = Clock::system();
        let drain_timeout = limits.drain_timeout;
        while let Some((slot, stream, ends)) = self.next(&gate, &stop).await {
            let watch = Watch::new(clock.clone(), limits.clone());
            let (app, stop, abandon) = (app.clone(), stop.clone(), abandon.clone());
            drop(runtime::spawn(async move {
                let serving = AssertUnwindSafe(connection::serve(app, stream, ends, watch, &stop)).catch_unwind();
                let ended = runtime::race(async { Some(serving.await) }, async {
                    abandon.wait().await;
                    None
                });
                if let Some(Err(_)) = ended.await {
                    log::error!("A connection ended in a panic outside of a request handler");
                }
                drop(slot);
            }));
        }
        drop(self.socket);
        if runtime::timeout(drain_timeout, gate.empty()).await.is_err() {
            log::warn!(connections = gate.open(); "Open requests did not finish in time and were cut off");
            abandon.raise();
            let _ = runtime::timeout(Duration::from_secs(1), gate.empty()).await;
        }
    }

    /// The next connection and its place, or none after a stop.
    async fn next(&self, gate: &Arc<Gate>, stop: &Stop) -> Option<(Slot, TcpStream, Ends)> {
        runtime::race(
            async {
                stop.wait().await;
                None
            },
            async {
                let slot = Gate::enter(gate).await;
                let (stream, ends) = self.accept().await;
                Some((slot, stream, ends))
            },
        )
        .await
    }

    async fn accept(&self) -> (TcpStream, Ends) {
        let mut exhausted = false;
        loop {
            match self.socket.accept().await {
                Ok((stream, peer)) => {
                    let local = stream.local_addr().unwrap_or(self.address);
                    return (stream, Ends { peer, local });
                }
                Err(error) if is_of_the_client(&error) => {}
                Err(error) => {
                    if !exhausted {
                        log::warn!(error:% = error, pause_ms = 200; "Connections cannot be accepted for now");
                    }
                    exhausted = true;
                    runtime::sleep(EXHAUSTED_PAUSE).await;
                }
            }
        }
    }
}

/// Whether only the one connection failed, so that the next may be accepted at once.
fn is_of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    [ConnectionAborted, ConnectionReset, Interrupted].contains(&error.kind())
}

/// Counts the open connections.
struct Gate {
    places: usize,
    open: AtomicUsize,
    left: Event,
}

impl Gate {
    fn new(places: usize) -> Self {
        Self { places: places.max(1), open: AtomicUsize::new(0), left: Event::new() }
    }

    fn open(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }

    /// Waits until at most `most` are open.
    async fn at_most(&self, most: usize) {
        while self.open() > most {
            listener!(self.left => listener);
            if self.open() > most {
                listener.await;
            }
        }
    }

    async fn empty(&self) {
        self.at_most(0).await;
    }

    /// Waits for a free place and takes it. Only the accept loop enters.
    async fn enter(gate: &Arc<Self>) -> Slot {
        gate.at_most(gate.places - 1).await;
        gate.open.fetch_add(1, Ordering::SeqCst);
        Slot(gate.clone())
    }
}

/// A place among the open connections; dropping it frees it.
struct Slot(Arc<Gate>);

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::SeqCst);
        self.0.left.notify(usize::MAX);
    }
}
