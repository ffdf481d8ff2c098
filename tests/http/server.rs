//! A small application behind the listener.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use async_channel::{Receiver, Sender};
use futures_lite::io::BufReader;
use futures_lite::{AsyncRead, AsyncReadExt as _, Stream as _};
use startlink::runtime::{self, Pulse, Stop, Task};
use startlink::wire::{Listener, Peer, ServerLimits};
use tide::http::Body;
use tide::{Request, Response};

use crate::support::raw::Raw;

/// What the handlers of the application tell and wait for.
#[derive(Clone)]
pub struct Signals {
    /// Beats when the slow handler has begun.
    pub begun: Pulse,
    /// The slow handler answers after its first beat.
    pub release: Pulse,
    /// Beats when a stream was dropped.
    pub dropped: Pulse,
    /// What is said here goes out as an event stream.
    pub events: (Sender<&'static str>, Receiver<&'static str>),
}

impl Signals {
    fn new() -> Self {
        Self { begun: Pulse::new(), release: Pulse::new(), dropped: Pulse::new(), events: async_channel::unbounded() }
    }

    pub fn say(&self, event: &'static str) {
        self.events.0.send_blocking(event).unwrap();
    }
}

pub struct Served {
    pub address: SocketAddr,
    pub signals: Signals,
    stop: Stop,
    task: Task<()>,
}

impl Served {
    pub fn start() -> Self {
        Self::with(ServerLimits::default())
    }

    pub fn with(limits: ServerLimits) -> Self {
        let listener = runtime::block_on(Listener::bind("127.0.0.1:0".parse().unwrap())).unwrap();
        let (stop, signals, address) = (Stop::new(), Signals::new(), listener.local_addr());
        let task = runtime::spawn(listener.serve(app(signals.clone()), limits, stop.clone()));
        Self { address, signals, stop, task }
    }

    pub fn connect(&self) -> Raw {
        Raw::connect(self.address)
    }

    pub fn raise_stop(&self) {
        self.stop.raise();
    }

    /// Waits until the listener has drained.
    pub fn drained(self) {
        let done = runtime::block_on(runtime::timeout(Duration::from_secs(20), self.task));
        done.expect("the listener drains in time");
    }
}

/// Waits for a beat of a pulse, at most 20 seconds.
pub fn await_beat(pulse: &Pulse) {
    let beat = runtime::block_on(runtime::timeout(Duration::from_secs(20), pulse.after(0)));
    beat.expect("the signal comes in time");
}

fn app(signals: Signals) -> tide::Server<Signals> {
    let mut app = tide::with_state(signals);
    app.at("/hello").get(|_| async { Ok("hello") });
    app.at("/url").all(|request: Request<Signals>| async move { Ok(request.url().to_string()) });
    app.at("/host")
        .get(|request: Request<Signals>| async move { Ok(request.header("host").unwrap().as_str().to_owned()) });
    app.at("/peer").get(|request: Request<Signals>| async move { Ok(request.ext::<Peer>().unwrap().0.to_string()) });
    app.at("/cookies").get(|request: Request<Signals>| async move {
        let values: Vec<_> = request.header("x-many").unwrap().iter().map(|value| value.as_str().to_owned()).collect();
        Ok(values.join("+"))
    });
    app.at("/echo").post(|mut request: Request<Signals>| async move { request.body_string().await });
    app.at("/length").post(|mut request: Request<Signals>| async move {
        let mut whole = Vec::new();
        let read = request.take_body().read_to_end(&mut whole).await;
        Ok(read.map_or_else(|error| format!("{:?}", error.kind()), |length| length.to_string()))
    });
    app.at("/ignore").post(|_| async { Ok("ignored") });
    app.at("/panic").all(panics);
    app.at("/controls").get(|_| async {
        Ok(Response::builder(200).header("x-text", "one\r\nx-forged: two").header("set-cookie", "a=1").build())
    });
    app.at("/large").get(|_| async { Ok("x".repeat(3_000_000)) });
    app.at("/slow").get(|request: Request<Signals>| async move {
        request.state().begun.beat();
        request.state().release.after(0).await;
        Ok("slow")
    });
    app.at("/events").get(|request: Request<Signals>| async move { Ok(events(request.state())) });
    app
}

async fn panics(_: Request<Signals>) -> tide::Result {
    panic!("a handler that panics on purpose")
}

/// Beats when it is dropped.
struct Guard(Pulse);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.beat();
    }
}

/// Passes on what the test says.
fn events(signals: &Signals) -> Response {
    let said = Said { pieces: Box::pin(signals.events.1.clone()), _guard: Guard(signals.dropped.clone()) };
    Response::builder(200).content_type("text/event-stream").body(Body::from_reader(BufReader::new(said), None)).build()
}

/// The said pieces as a reader; each must fit into one read.
struct Said {
    pieces: Pin<Box<Receiver<&'static str>>>,
    _guard: Guard,
}

impl AsyncRead for Said {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        self.pieces.as_mut().poll_next(cx).map(|piece| {
            let piece = piece.unwrap_or_default();
            buf[..piece.len()].copy_from_slice(piece.as_bytes());
            Ok(piece.len())
        })
    }
}
