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
    let bridge = Bridge::new(app, watch.clone(), ends.peer, ends.local);
    let socket = Socket::new(stream, watch.clone());
    let connection = http1::Builder::new().max_buf_size(watch.limits().head_bytes.max(8192)).serve_connection(
        FuturesIo::new(socket),
        hyper::service::service_fn(move |request| bridge.clone().answer(request)),
    );
    let (socket, refusal) = drive(connection, &watch, stop).await;
    let _ = runtime::timeout(LINGER, close(socket, refusal)).await;
}

/// The two ends of a connection.
#[derive(Clone, Copy)]
pub(super) struct Ends {
    pub(super) peer: SocketAddr,
    pub(super) local: SocketAddr,
}

async fn close(mut socket: Socket, refusal: Option<Refusal>) -> std::io::Result<()> {
    if let Some(refusal) = refusal {
        socket.say(&refusal.bytes()).await?;
    }
    socket.linger().await
}

/// Polls the connection to its end; gives the socket back, and what is still to be said on it.
async fn drive<V>(
    mut connection: http1::Connection<FuturesIo<Socket>, V>,
    watch: &Watch,
    stop: &Stop,
) -> (Socket, Option<Refusal>)
where
    V: HttpService<Incoming, ResBody = Answer> + Unpin,
    V::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut stopped = pin!(stop.wait());
    let mut alarm = Alarm::default();
    let mut late_head = false;
    poll_fn(|cx| {
        loop {
            if Pin::new(&mut connection).poll(cx).is_ready() {
                return Poll::Ready(());
            }
            if !watch.is_draining() && stopped.as_mut().poll(cx).is_ready() {
                watch.drain();
                Pin::new(&mut connection).graceful_shutdown();
                continue;
            }
            match alarm.poll(watch, cx) {
                None => return Poll::Pending,
                Some(Expiry::Body) => {}
                Some(Expiry::Close) => return Poll::Ready(()),
                Some(Expiry::Head) => {
                    late_head = true;
                    return Poll::Ready(());
                }
            }
        }
    })
    .await;
    let refusal = if late_head { Some(Refusal::TooSlow) } else { watch.refused().map(Refusal::of_status) };
    (connection.into_parts().io.into_inner(), refusal)
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
