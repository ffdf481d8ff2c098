//! The life of one client's connection: hyper serves it, the watch times it, a stop drains it, and it is closed gently.

use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use async_std::net::TcpStream;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::HttpService;

use smol_hyper::rt::FuturesIo;

use super::bridge::{Answer, Bridge};
use super::refusal::Refusal;
use super::socket::Socket;
use super::watch::{Expiry, Watch};
use crate::runtime::{self, Stop};

/// How long a client may take to read its last answer and close.
const LINGER: Duration = Duration::from_secs(2);

/// Serves one connection until either side has had enough.
pub(super) async fn serve<S: Clone + Send + Sync + 'static>(
    app: tide::Server<S>,
    stream: TcpStream,
    ends: Ends,
    watch: Watch,
    stop: &Stop,
) {
    let bridge = Bridge::new(app, watch.clone(), ends, stop.clone());
    let mut leaving = Leaving::new(stream.clone());
    let socket = FuturesIo::new(Socket::new(stream, watch.clone()));
    let service = hyper::service::service_fn(move |request| bridge.clone().answer(request));
    let connection = http1::Builder::new()
        .half_close(true)
        .max_buf_size(watch.limits().head_bytes.max(8192))
        .serve_connection(socket, service);
    let (socket, ending) = drive(connection, &mut leaving, &watch, stop).await;
    let _ = runtime::timeout(LINGER, close(socket, ending)).await;
}

/// The two ends of a connection.
#[derive(Clone, Copy)]
pub(super) struct Ends {
    pub(super) peer: SocketAddr,
    pub(super) local: SocketAddr,
}

/// How hyper's part of a connection ended.
#[derive(Clone, Copy)]
enum Ending {
    /// All was said; the client may still be reading it.
    Quiet,
    /// The client is still to be told this.
    Say(Refusal),
    /// Nothing is on its way, or the client takes nothing: there is nothing to wait for.
    Gone,
}

async fn close(mut socket: Socket, ending: Ending) -> std::io::Result<()> {
    match ending {
        Ending::Quiet => {}
        Ending::Say(refusal) => socket.say(&refusal.bytes()).await?,
        Ending::Gone => return Ok(()),
    }
    socket.linger().await
}

/// Polls the connection to its end and gives the socket back.
async fn drive<V>(
    mut connection: http1::Connection<FuturesIo<Socket>, V>,
    leaving: &mut Leaving,
    watch: &Watch,
    stop: &Stop,
) -> (Socket, Ending)
where
    V: HttpService<Incoming, ResBody = Answer> + Unpin,
    V::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut stopped = pin!(stop.wait());
    let mut alarm = Alarm::default();
    let expired = poll_fn(|cx| {
        loop {
            if !watch.is_draining() && stopped.as_mut().poll(cx).is_ready() {
                watch.drain();
                Pin::new(&mut connection).graceful_shutdown();
            }
            if Pin::new(&mut connection).poll(cx).is_ready() {
                return Poll::Ready(None);
            }
            if watch.is_streaming() && leaving.poll(cx) {
                return Poll::Ready(Some(Expiry::Stall));
            }
            match alarm.poll(watch, cx) {
                None => return Poll::Pending,
                // The bridge sees it at the next poll and answers.
                Some(Expiry::Body) => {}
                Some(expiry) => return Poll::Ready(Some(expiry)),
            }
        }
    })
    .await;
    let ending = match expired {
        Some(Expiry::Head) => Ending::Say(Refusal::TooSlow),
        Some(Expiry::Stall) => Ending::Gone,
        Some(Expiry::Close | Expiry::Body) => Ending::Quiet,
        None => match watch.refused() {
            Some(status) => Ending::Say(Refusal::of_status(status)),
            None if watch.is_draining() => Ending::Gone,
            None => Ending::Quiet,
        },
    };
    (connection.into_parts().io.into_inner(), ending)
}

type Peek = Pin<Box<dyn Future<Output = std::io::Result<usize>> + Send>>;

/// Looks for the client's end of sending. hyper is told to bear it, because some clients close that side after their
/// request and still read the answer; an event stream never ends by itself, so there it means that the client left.
enum Leaving {
    Unwatched(TcpStream),
    Watched(Peek),
    /// The client sent more instead.
    Stays,
}

impl Leaving {
    fn new(stream: TcpStream) -> Self {
        Self::Unwatched(stream)
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> bool {
        if let Self::Unwatched(stream) = self {
            let stream = stream.clone();
            *self = Self::Watched(Box::pin(async move { stream.peek(&mut [0]).await }));
        }
        let Self::Watched(peek) = self else { return false };
        match peek.as_mut().poll(cx) {
            Poll::Pending => false,
            Poll::Ready(seen) => {
                *self = Self::Stays;
                !matches!(seen, Ok(1..))
            }
        }
    }
}

type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// One timer for all deadlines of a connection, at the nearest one it has seen. A deadline that moved away leaves it
/// be: it fires, looks, and sleeps again, so that a request costs no timer.
#[derive(Default)]
struct Alarm {
    timer: Option<(Duration, Sleep)>,
}

impl Alarm {
    fn poll(&mut self, watch: &Watch, cx: &mut Context<'_>) -> Option<Expiry> {
        loop {
            let due = watch.due()?;
            if self.timer.as_ref().is_none_or(|(at, _)| due < *at) {
                self.timer = Some((due, Box::pin(runtime::sleep(watch.left(due)))));
            }
            let (_, timer) = self.timer.as_mut()?;
            if timer.as_mut().poll(cx).is_pending() {
                return None;
            }
            self.timer = None;
            if let Some(expiry) = watch.expire() {
                return Some(expiry);
            }
        }
    }
}
