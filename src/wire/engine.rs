//! The engine under surf: one request, one answer, and never a second try of its own. A request's body is written as it is
//! read; an answer is gathered, unless it was asked for as a [stream](super::Streamed).
//! Deadlines over a whole call belong to the caller (`runtime::timeout`); surf's own configuration has no effect here.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use http_client::{Config, HttpClient, async_trait};
use http_types::StatusCode;
use hyper::body::Bytes;
use hyper::http::header::{self, HeaderName, HeaderValue};
use hyper::http::response::Parts;
use hyper_util::client::legacy::Client;
use smol_hyper::rt::SmolTimer;

use super::body::{self, Outgoing};
use super::dial::{Connector, Gate};
use super::download::{self, Streamed};
use super::fault::Fault;
use super::proxy::{ProxyError, Route};
use crate::runtime;

/// The headers of an answer that callers see; the others stay on the wire.
const KEPT: [HeaderName; 4] = [header::CONTENT_TYPE, header::DATE, header::LOCATION, header::RETRY_AFTER];

/// How the engine connects and how much it takes.
#[derive(Clone, Debug)]
pub struct EngineOptions {
    /// The longest that name resolution, TCP, proxy and TLS may take together.
    pub connect_timeout: Duration,
    /// How long an unused connection is kept.
    pub pool_idle: Duration,
    /// How many unused connections are kept per host.
    pub max_idle: usize,
    /// `http://[user:password@]host:port` (CONNECT) or `socks5://...`; straight to the host when absent.
    pub proxy: Option<String>,
    /// The longest answer that is taken, in bytes; a longer one is [`Fault::Unknown`].
    pub answer_bytes: u64,
    /// To which addresses connections may be made; to all without one.
    pub gate: Option<Gate>,
    /// Whether an answer counts once its status was read: a body that is too long or breaks off is left out.
    pub is_status_enough: bool,
}

/// The status of an answer as it was sent; it travels along with the answer, because http-types knows only some.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status(pub u16);

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            pool_idle: Duration::from_secs(10),
            max_idle: 32,
            proxy: None,
            answer_bytes: 16 * 1024 * 1024,
            gate: None,
            is_status_enough: false,
        }
    }
}

/// An `http_client::HttpClient` over hyper's pooled client. A failed call carries a [`Fault`].
pub struct Engine {
    client: Client<Connector, Outgoing>,
    answer_bytes: u64,
    is_status_enough: bool,
    config: Config,
}

impl Engine {
    /// An engine; fails when the proxy setting cannot be used.
    pub fn new(options: EngineOptions) -> Result<Self, ProxyError> {
        let EngineOptions { connect_timeout, pool_idle, max_idle, proxy, answer_bytes, gate, is_status_enough } =
            options;
        let connector = Connector::new(Route::parse(proxy.as_deref(), gate)?, connect_timeout);
        let client = Client::builder(Tasks)
            .pool_timer(SmolTimer::new())
            .pool_idle_timeout(pool_idle)
            .pool_max_idle_per_host(max_idle)
            .retry_canceled_requests(false)
            .build(connector);
        Ok(Self { client, answer_bytes, is_status_enough, config: Config::new().set_timeout(None) })
    }

    /// A surf client over this engine.
    #[must_use]
    pub fn client(self) -> surf::Client {
        surf::Client::with_http_client(self)
    }

    async fn call(&self, request: http_types::Request) -> Result<http_types::Response, Fault> {
        let streamed = request.ext().get::<Streamed>().copied();
        let request = translate(request)?;
        let answer = self.client.request(request).await.map_err(|error| Fault::of_call(&error))?;
        let (head, mut incoming) = answer.into_parts();
        if let Some(streamed) = streamed.filter(|_| head.status.is_success()) {
            return respond(&head, download::carry(incoming, streamed));
        }
        let bytes = match body::gather(&mut incoming, self.answer_bytes).await {
            Ok(bytes) => bytes,
            Err(_) if self.is_status_enough => Bytes::new(),
            Err(cut) => return Err(Fault::unknown(&cut)),
        };
        respond(&head, body::carry(bytes))
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

#[async_trait]
impl HttpClient for Engine {
    async fn send(&self, request: http_types::Request) -> Result<http_types::Response, http_types::Error> {
        self.call(request).await.map_err(Fault::into_error)
    }

    fn set_config(&mut self, config: Config) -> http_types::Result<()> {
        self.config = config;
        Ok(())
    }

    fn config(&self) -> &Config {
        &self.config
    }
}

fn translate(mut request: http_types::Request) -> Result<hyper::Request<Outgoing>, Fault> {
    let body = Outgoing::new(request.take_body());
    let mut builder = hyper::Request::builder().method(request.method().as_ref()).uri(request.url().as_str());
    for (name, values) in &request {
        if matches!(name.as_str(), "content-length" | "transfer-encoding" | "connection") {
            continue;
        }
        for value in values {
            builder = builder.header(name.as_str(), value.as_str());
        }
    }
    builder.body(body).map_err(|error| Fault::not_sent(&error))
}

/// An answer for http-types; a status it has no name for becomes the first of its class (RFC 9110, section 15).
fn respond(head: &Parts, body: http_types::Body) -> Result<http_types::Response, Fault> {
    let code = head.status.as_u16();
    let status = StatusCode::try_from(code)
        .or_else(|_| StatusCode::try_from(code / 100 * 100))
        .map_err(|_| Fault::Unknown { reason: format!("the answer has the status {code}") })?;
    let mut response = http_types::Response::new(status);
    response.ext_mut().insert(Status(code));
    response.set_body(body);
    response.remove_header("content-type");
    for name in KEPT {
        if let Some(value) = head.headers.get(&name).and_then(visible) {
            response.insert_header(name.as_str(), value);
        }
    }
    Ok(response)
}

/// http-types panics on anything but ASCII, so such a value is left out.
fn visible(value: &HeaderValue) -> Option<&str> {
    value.to_str().ok()
}

/// Runs hyper's connection tasks.
#[derive(Clone, Copy)]
struct Tasks;

impl<F> hyper::rt::Executor<F> for Tasks
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    fn execute(&self, future: F) {
        drop(runtime::spawn(future));
    }
}
