//! From a host name to a byte stream: addresses, TCP, TLS. Everything that fails here fails before a request is written.

use std::future::{Future, poll_fn};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use async_std::net::{TcpStream, ToSocketAddrs};
use futures_rustls::TlsConnector;
use futures_rustls::client::TlsStream;
use futures_rustls::pki_types::ServerName;
use futures_rustls::rustls::crypto::ring;
use futures_rustls::rustls::{ClientConfig, RootCertStore};
use hyper::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};
use smol_hyper::rt::FuturesIo;
use tower_service::Service;

use super::proxy::Route;
use crate::runtime;

/// How long the connection to one address may take before the next is tried beside it (RFC 8305, section 5).
const HEAD_START: Duration = Duration::from_millis(250);

pub(super) type Tcp = FuturesIo<TcpStream>;

type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Decides to which addresses a connection may be made. It is asked about every address of a host, and the connection goes to one
/// of exactly these, so that a name cannot mean something else a moment later.
#[derive(Clone)]
pub struct Gate(Arc<Verdict>);

type Verdict = dyn Fn(&str, IpAddr) -> bool + Send + Sync;

impl Gate {
    /// A gate that lets those through for whom `allows` is true: the host as it was asked for, and one of its addresses.
    pub fn new(allows: impl Fn(&str, IpAddr) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(allows))
    }

    /// Whether all addresses may be used: one that may not makes the whole answer suspect.
    fn allows(&self, host: &str, addresses: &[SocketAddr]) -> bool {
        addresses.iter().all(|address| (self.0)(host, address.ip()))
    }
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Gate")
    }
}

/// Why no connection came about.
#[derive(Debug, thiserror::Error)]
pub(super) enum DialError {
    #[error("the address has no host")]
    NoHost,
    #[error("the name could not be resolved")]
    Resolve(#[source] io::Error),
    #[error("the name has no address")]
    NoAddress,
    #[error("the name has an address that may not be used")]
    NotAllowed,
    #[error("the connection failed")]
    Connect(#[source] io::Error),
    #[error("the proxy failed")]
    Proxy(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the TLS handshake failed")]
    Tls(#[source] io::Error),
    #[error("this build cannot do TLS")]
    NoTls,
    #[error("connecting took longer than {} ms", .0.as_millis())]
    TooSlow(Duration),
}

/// Opens TCP connections to the host and port of a URI.
#[derive(Clone, Debug, Default)]
pub(super) struct Dialer {
    /// Every address is good without one.
    pub(super) gate: Option<Gate>,
}

impl Service<Uri> for Dialer {
    type Response = Tcp;
    type Error = DialError;
    type Future = Boxed<Result<Tcp, DialError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), DialError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        let gate = self.gate.clone();
        Box::pin(async move {
            let host = target.host().map(bare).ok_or(DialError::NoHost)?;
            let port = target.port_u16().ok_or(DialError::NoHost)?;
            let addresses: Vec<_> = (host, port).to_socket_addrs().await.map_err(DialError::Resolve)?.collect();
            if gate.is_some_and(|gate| !gate.allows(host, &addresses)) {
                return Err(DialError::NotAllowed);
            }
            let stream = first_of(interleave(addresses)).await?;
            stream.set_nodelay(true).map_err(DialError::Connect)?;
            Ok(FuturesIo::new(stream))
        })
    }
}

/// The host without the brackets of an IPv6 literal.
fn bare(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

/// Alternates the address families and keeps the resolver's order within each (RFC 8305, section 4).
fn interleave(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (ours, theirs): (Vec<_>, Vec<_>) = addresses.into_iter().partition(|address| address.is_ipv6() == first_is_v6);
    let mut theirs = theirs.into_iter();
    let mut mixed = Vec::new();
    for address in ours {
        mixed.push(address);
        mixed.extend(theirs.next());
    }
    mixed.extend(theirs);
    mixed
}

/// The first address that answers; each one gets a short head start on the next.
fn first_of(mut addresses: Vec<SocketAddr>) -> Boxed<Result<TcpStream, DialError>> {
    Box::pin(async move {
        if addresses.is_empty() {
            return Err(DialError::NoAddress);
        }
        let rest = addresses.split_off(1);
        let mut attempt =
            Box::pin(async move { TcpStream::connect(addresses.as_slice()).await.map_err(DialError::Connect) });
        if rest.is_empty() {
            return attempt.await;
        }
        match runtime::timeout(HEAD_START, &mut attempt).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(_)) => first_of(rest).await,
            Err(_) => either(attempt, first_of(rest)).await,
        }
    })
}

/// The first success of two; the last error when both fail.
async fn either<T, E>(a: impl Future<Output = Result<T, E>>, b: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    let (mut a, mut b) = (pin!(a), pin!(b));
    let (mut a_open, mut b_open) = (true, true);
    poll_fn(|cx| {
        if a_open && let Poll::Ready(result) = a.as_mut().poll(cx) {
            a_open = false;
            if result.is_ok() || !b_open {
                return Poll::Ready(result);
            }
        }
        if b_open && let Poll::Ready(result) = b.as_mut().poll(cx) {
            b_open = false;
            if result.is_ok() || !a_open {
                return Poll::Ready(result);
            }
        }
        Poll::Pending
    })
    .await
}

/// The connector under the pooled client: the route, then TLS for https, all within one deadline.
#[derive(Clone)]
pub(super) struct Connector {
    route: Route,
    /// Absent when the cryptography offers no protocol version, which a build either has or has not.
    tls: Option<TlsConnector>,
    timeout: Duration,
}

impl Connector {
    pub(super) fn new(route: Route, timeout: Duration) -> Self {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map(|config| config.with_root_certificates(roots).with_no_client_auth())
            .map(|config| TlsConnector::from(Arc::new(config)))
            .ok();
        Self { route, tls, timeout }
    }

    async fn connect(self, target: Uri) -> Result<Stream, DialError> {
        let secure = target.scheme_str() == Some("https");
        let host = target.host().ok_or(DialError::NoHost)?;
        let port = target.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let hop = Uri::try_from(format!("http://{host}:{port}/")).map_err(|_| DialError::NoHost)?;
        let tcp = self.route.connect(hop).await?;
        if !secure {
            return Ok(Stream::Plain(tcp));
        }
        let name = ServerName::try_from(bare(host).to_owned()).map_err(|_| DialError::NoHost)?;
        let connector = self.tls.ok_or(DialError::NoTls)?;
        let tls = connector.connect(name, tcp.into_inner()).await.map_err(DialError::Tls)?;
        Ok(Stream::Tls(FuturesIo::new(Box::new(tls))))
    }
}

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = DialError;
    type Future = Boxed<Result<Stream, DialError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), DialError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        let this = self.clone();
        Box::pin(async move {
            let span = this.timeout;
            runtime::timeout(span, this.connect(target)).await.unwrap_or(Err(DialError::TooSlow(span)))
        })
    }
}

/// A connection that is ready for a request.
pub(super) enum Stream {
    Plain(Tcp),
    Tls(FuturesIo<Box<TlsStream<TcpStream>>>),
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl Read for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(io) => Pin::new(io).poll_read(cx, buf),
            Self::Tls(io) => Pin::new(io).poll_read(cx, buf),
        }
    }
}

impl Write for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(io) => Pin::new(io).poll_write(cx, buf),
            Self::Tls(io) => Pin::new(io).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(io) => Pin::new(io).poll_flush(cx),
            Self::Tls(io) => Pin::new(io).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(io) => Pin::new(io).poll_shutdown(cx),
            Self::Tls(io) => Pin::new(io).poll_shutdown(cx),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn address_families_alternate() {
        let given = ["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1"].map(address).to_vec();
        let mixed = ["[::1]:1", "1.1.1.1:1", "[::2]:1", "[::3]:1"].map(address).to_vec();
        assert_eq!(interleave(given), mixed);
    }

    #[test]
    fn one_address_that_may_not_be_used_closes_the_gate() {
        let gate = Gate::new(|host, ip| host == "inside" || !ip.is_loopback());
        let (own, other) = (address("127.0.0.1:1"), address("1.1.1.1:1"));
        assert!(gate.allows("a", &[other]) && gate.allows("inside", &[own]));
        assert!(!gate.allows("a", &[other, own]) && !gate.allows("a", &[own]));
        let call = Dialer { gate: Some(gate) }.call(Uri::from_static("http://localhost:9/"));
        assert!(matches!(runtime::block_on(call), Err(DialError::NotAllowed)));
    }

    #[test]
    fn the_first_success_wins_and_an_error_only_when_both_fail() {
        runtime::block_on(async {
            let late = async {
                futures_lite::future::yield_now().await;
                Ok::<_, &str>(2)
            };
            assert_eq!(either(async { Err("one") }, late).await, Ok(2));
            assert_eq!(either(async { Ok::<_, &str>(1) }, std::future::pending()).await, Ok(1));
            assert_eq!(either(async { Err::<u8, _>("one") }, async { Err("two") }).await, Err("two"));
        });
    }

    #[test]
    fn a_dead_first_address_does_not_hide_a_live_one() {
        runtime::block_on(async {
            let dead = { async_std::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap() };
            let live = async_std::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let stream = first_of(vec![dead, live.local_addr().unwrap()]).await.unwrap();
            assert_eq!(stream.peer_addr().unwrap(), live.local_addr().unwrap());
        });
    }
}
