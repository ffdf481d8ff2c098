//! From a request of hyper to tide's `Server::respond` and back. What http-types would trip over is refused here.

use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_lite::FutureExt;
use http_types::{Method, Request, Response};
use hyper::body::{Body as HttpBody, Bytes, Frame, Incoming, SizeHint};
use hyper::http::header::{self, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{HeaderMap, StatusCode};

use super::body::{self, Cut, Outgoing};
use super::connection::Ends;
use super::listener::Peer;
use super::refusal::{Form, Refusal};
use super::target::Target;
use super::upload;
use super::watch::Watch;
use crate::runtime::Stop;

/// Belongs to one connection and answers its requests.
pub(super) struct Bridge<S> {
    app: tide::Server<S>,
    watch: Watch,
    ends: Ends,
    stop: Stop,
}

impl<S: Clone + Send + Sync + 'static> Bridge<S> {
    pub(super) fn new(app: tide::Server<S>, watch: Watch, ends: Ends, stop: Stop) -> Arc<Self> {
        Arc::new(Self { app, watch, ends, stop })
    }

    /// Answers one request; whatever happens becomes an answer.
    pub(super) async fn answer(
        self: Arc<Self>,
        request: hyper::Request<Incoming>,
    ) -> Result<hyper::Response<Answer>, Infallible> {
        self.watch.on_request();
        let (head, incoming) = request.into_parts();
        let answered = match self.admit(&head, incoming).await {
            Ok(request) => self.ask(request).await,
            Err(refusal) => Err(refusal),
        };
        let is_refused = answered.is_err();
        let response = answered.unwrap_or_else(|refusal| refusal.response(Form::of(head.uri.path())));
        let mut answer = self.translate(response);
        // hyper says so of an answer that it begins during a drain, but a stop may come while the answer is being made.
        if is_refused || self.stop.is_raised() {
            answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        Ok(answer)
    }

    async fn admit(&self, head: &Parts, incoming: Incoming) -> Result<Request, Refusal> {
        let method = head.method.as_str().parse::<Method>().map_err(|_| Refusal::Method)?;
        let target = Target::of(head, self.ends.local)?;
        check_coding(&head.headers)?;
        let mut request = Request::new(method, target.url);
        copy_headers(&head.headers, &target.host, &mut request)?;
        request.ext_mut().insert(Peer(self.ends.peer));
        if upload::is_upload(&head.headers) {
            request.set_body(upload::carry(incoming, self.watch.clone()));
        } else if !incoming.is_end_stream() {
            let untyped = request.header("content-type").is_none();
            let bytes = self.gather(incoming).await?;
            request.set_body(body::carry(bytes));
            if untyped {
                request.remove_header("content-type");
            }
        }
        Ok(request)
    }

    async fn gather(&self, mut incoming: Incoming) -> Result<Bytes, Refusal> {
        let limit = self.watch.limits().body_bytes;
        self.watch.on_body();
        let gathered = {
            let mut gathering = std::pin::pin!(body::gather(&mut incoming, limit));
            poll_fn(|cx| {
                if self.watch.is_late() {
                    return Poll::Ready(Err(Refusal::TooSlow));
                }
                gathering.as_mut().poll(cx).map_err(|cut| match cut {
                    Cut::TooLarge { limit } => Refusal::BodyTooLarge { limit },
                    Cut::Broken(_) => Refusal::Malformed,
                })
            })
            .await
        };
        self.watch.on_request();
        gathered
    }

    async fn ask(&self, request: Request) -> Result<Response, Refusal> {
        let method = request.method();
        match AssertUnwindSafe(self.app.respond(request)).catch_unwind().await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => {
                log::error!(method:% = method, error:% = error; "A request ended in an error that nobody handled");
                Err(Refusal::Crashed)
            }
            Err(_) => {
                log::error!(method:% = method; "A request handler panicked; the client was told 500");
                Err(Refusal::Crashed)
            }
        }
    }

    fn translate(&self, mut response: Response) -> hyper::Response<Answer> {
        let body = Outgoing::new(response.take_body());
        let mut answer = hyper::Response::new(Answer { body, ends_at_drain: false, watch: self.watch.clone() });
        *answer.status_mut() = match StatusCode::from_u16(response.status().into()) {
            Ok(status) if !status.is_informational() => status,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        for (name, values) in &response {
            let Ok(name) = HeaderName::from_bytes(name.as_str().as_bytes()) else { continue };
            if is_hop_by_hop(&name) {
                continue;
            }
            for value in values {
                if let Some(value) = clean(value.as_str()) {
                    answer.headers_mut().append(name.clone(), value);
                }
            }
        }
        let is_events = |value: &HeaderValue| value.as_bytes().starts_with(b"text/event-stream");
        let events = answer.headers().get(header::CONTENT_TYPE).is_some_and(is_events);
        if events && answer.body().body.is_stream() {
            answer.body_mut().ends_at_drain = true;
            self.watch.on_events();
        }
        answer
    }
}

/// Only `chunked`, once: anything else is a way to disagree with a proxy about where a request ends.
fn check_coding(headers: &HeaderMap) -> Result<(), Refusal> {
    let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    match (codings.next(), codings.next()) {
        (None, _) => Ok(()),
        (Some(coding), None) if coding.as_bytes().eq_ignore_ascii_case(b"chunked") => Ok(()),
        _ => Err(Refusal::Coding),
    }
}

/// Headers that concern this connection only; framing is hyper's, in both directions.
fn is_hop_by_hop(name: &HeaderName) -> bool {
    [
        header::CONNECTION,
        header::CONTENT_LENGTH,
        header::TRANSFER_ENCODING,
        header::TE,
        header::TRAILER,
        header::UPGRADE,
    ]
    .contains(name)
}

fn copy_headers(headers: &HeaderMap, host: &str, request: &mut Request) -> Result<(), Refusal> {
    for (name, value) in headers {
        let value = value.to_str().map_err(|_| Refusal::HeaderValue)?;
        if !is_hop_by_hop(name) && name != header::HOST {
            request.append_header(name.as_str(), value);
        }
    }
    request.insert_header("host", host);
    Ok(())
}

/// A header value without control characters, which would be a way to write headers of one's own.
fn clean(value: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(value).ok().or_else(|| {
        let stripped: String = value.chars().filter(|letter| !letter.is_control()).collect();
        HeaderValue::from_str(&stripped).ok()
    })
}

/// The body of an answer. Its end, or its being dropped, tells the watch that the answer is complete.
pub(super) struct Answer {
    body: Outgoing,
    ends_at_drain: bool,
    watch: Watch,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = self.get_mut();
        if this.ends_at_drain && this.watch.is_draining() {
            this.body.end();
        }
        Pin::new(&mut this.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.watch.on_answer();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_leave_header_values() {
        assert_eq!(clean("a\r\nset-cookie: x\0").unwrap(), "aset-cookie: x");
        assert_eq!(clean("plain").unwrap(), "plain");
    }

    #[test]
    fn only_chunked_alone_is_a_transfer_coding() {
        let check = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::TRANSFER_ENCODING, HeaderValue::from_static(value));
            }
            check_coding(&headers)
        };
        assert_eq!((check(&[]), check(&["Chunked"])), (Ok(()), Ok(())));
        for bad in [&["gzip, chunked"][..], &["chunked", "chunked"], &["identity", "chunked"]] {
            assert_eq!(check(bad), Err(Refusal::Coding));
        }
    }
}
