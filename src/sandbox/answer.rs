//! What a call gets back: Telegram's JSON, or what a fault makes of it, down to a connection that just closes.

use std::future::Future;
use std::io::{self, Cursor};
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_lite::{AsyncBufRead, AsyncRead};

use super::journal::Outcome;
use super::refusal::Refusal;
use crate::runtime;

/// The answer to a call.
pub(super) enum Answer {
    /// Carried out; the JSON of its result.
    Done(String),
    /// Refused by Telegram's rules.
    Refused(Refusal),
    /// Refused by a fault.
    Hit(Refusal),
    /// A proxy's page, by a fault.
    BadGateway,
    /// Carried out, then 200 with something that is no JSON.
    Garbage,
    /// The connection closes without an answer.
    Closed { done: bool },
    /// Carried out, then half of the answer and the end of the connection.
    Half { json: String },
    /// Carried out, then a 5xx as JSON.
    ErrorAfter { status: u16 },
    /// Carried out; the head at once, the JSON of the result later.
    Late { json: String, wait: Duration },
}

const HTML: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n";
const NOISE: &str = "{\"ok\":true,\"result\":{\"message_id\":";

impl Answer {
    /// What the journal says about it.
    pub(super) fn outcome(&self) -> Outcome {
        match self {
            Self::Done(_) => Outcome::Done,
            Self::Refused(refusal) => {
                Outcome::Refused { code: refusal.code, description: refusal.description.clone().into_owned() }
            }
            Self::Hit(refusal) => Outcome::Hit(format!("answered {} {}", refusal.code, refusal.description)),
            Self::BadGateway => Outcome::Hit("answered 502 with an HTML page".to_owned()),
            Self::Garbage => Outcome::DoneThen("answered 200 with garbage".to_owned()),
            Self::Closed { done: false } => Outcome::Hit("closed the connection before doing anything".to_owned()),
            Self::Closed { done: true } => Outcome::DoneThen("dropped the answer".to_owned()),
            Self::Half { .. } => Outcome::DoneThen("sent half of the answer".to_owned()),
            Self::ErrorAfter { status } => Outcome::DoneThen(format!("answered {status}")),
            Self::Late { wait, .. } => {
                Outcome::DoneThen(format!("sent the answer's body {} ms after its head", wait.as_millis()))
            }
        }
    }

    /// The HTTP answer.
    pub(super) fn into_response(self) -> tide::Response {
        let json = |status: u16, body: String| {
            // A status that the library has no name for becomes the first of its class; `error_code` keeps it.
            let status = tide::StatusCode::try_from(status)
                .or_else(|_| tide::StatusCode::try_from(status / 100 * 100))
                .unwrap_or(tide::StatusCode::InternalServerError);
            tide::Response::builder(status).content_type("application/json").body(body).build()
        };
        match self {
            Self::Done(result) => json(200, success(&result)),
            Self::ErrorAfter { status } => json(status, Refusal::new(status, "Internal Server Error").json()),
            Self::Late { json, wait } => late(success(&json).into_bytes(), wait),
            Self::Refused(refusal) | Self::Hit(refusal) => json(refusal.code, refusal.json()),
            Self::BadGateway => tide::Response::builder(502).content_type("text/html").body(HTML).build(),
            Self::Garbage => json(200, NOISE.to_owned()),
            Self::Closed { .. } => broken(Vec::new(), 64),
            Self::Half { json } => {
                let whole = success(&json).into_bytes();
                let half = whole.get(..whole.len() / 2).unwrap_or_default().to_vec();
                broken(half, whole.len())
            }
        }
    }
}

fn success(result: &str) -> String {
    let mut body = String::with_capacity(result.len() + 24);
    body.push_str("{\"ok\":true,\"result\":");
    body.push_str(result);
    body.push('}');
    body
}

/// An answer whose head leaves at once and whose body a while later.
fn late(body: Vec<u8>, wait: Duration) -> tide::Response {
    let length = body.len();
    let reader = futures_lite::io::BufReader::new(Late {
        timer: Mutex::new(Box::pin(runtime::sleep(wait))),
        body: Cursor::new(body),
    });
    let body = tide::Body::from_reader(reader, Some(length));
    tide::Response::builder(200).content_type("application/json").body(body).build()
}

struct Late {
    /// In a lock only because a body has to be shareable; nobody shares it.
    timer: Mutex<Pin<Box<dyn Future<Output = ()> + Send>>>,
    body: Cursor<Vec<u8>>,
}

impl AsyncRead for Late {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut [u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.body.position() == 0 {
            let timer = this.timer.get_mut().unwrap_or_else(PoisonError::into_inner);
            std::task::ready!(timer.as_mut().poll(cx));
        }
        Poll::Ready(io::Read::read(&mut this.body, out))
    }
}

/// An answer that promises `length` bytes, gives `start` and fails. When it fails at once, the server has not yet written
/// anything and the client sees a connection that closes without an answer.
fn broken(start: Vec<u8>, length: usize) -> tide::Response {
    let body = tide::Body::from_reader(Broken { pause: !start.is_empty(), start, at: 0 }, Some(length));
    tide::Response::builder(200).content_type("application/json").body(body).build()
}

struct Broken {
    start: Vec<u8>,
    at: usize,
    /// One turn between the half and the end, so that the half is written out.
    pause: bool,
}

impl AsyncBufRead for Broken {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.get_mut();
        if this.at < this.start.len() {
            return Poll::Ready(Ok(this.start.get(this.at..).unwrap_or_default()));
        }
        if std::mem::take(&mut this.pause) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Err(io::Error::new(io::ErrorKind::ConnectionReset, "a fault of the sandbox closes the connection")))
    }

    fn consume(self: Pin<&mut Self>, amount: usize) {
        let this = self.get_mut();
        this.at = this.at.saturating_add(amount).min(this.start.len());
    }
}

impl AsyncRead for Broken {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut [u8]) -> Poll<io::Result<usize>> {
        let count = match self.as_mut().poll_fill_buf(cx) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
            Poll::Ready(Ok(bytes)) => {
                let count = bytes.len().min(out.len());
                for (to, from) in out.iter_mut().zip(bytes) {
                    *to = *from;
                }
                count
            }
        };
        self.consume(count);
        Poll::Ready(Ok(count))
    }
}
