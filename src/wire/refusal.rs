//! The answers the wire gives by itself: a status, a plain sentence, the security headers, and the connection closes.

use std::fmt::Write as _;

use http_types::{Response, StatusCode};
use serde_json::json;

/// Everything a browser could lend to a page and no answer asks for (W3C Permissions Policy, section 6.1).
pub const PERMISSIONS: &str = "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(), \
                           geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), \
                           picture-in-picture=(), publickey-credentials-get=(), screen-wake-lock=(), usb=(), \
                           xr-spatial-tracking=()";

/// Headers that an answer without any page needs; pages bring their own, stricter or wider.
const HEADERS: [(&str, &str); 8] = [
    ("content-type", "text/plain; charset=utf-8"),
    ("cache-control", "no-store"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", PERMISSIONS),
];

/// Why a request did not reach the application, or got no answer from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    #[error("The request is not valid HTTP.")]
    Malformed,
    #[error("The Host must be a plain host name or address, with or without a port, and be there once.")]
    Host,
    #[error("The request's target is not a path on this server.")]
    Target,
    #[error("A header has a value with characters other than visible ASCII.")]
    HeaderValue,
    #[error("The request did not arrive in time.")]
    TooSlow,
    #[error("The request's body is too large; at most {limit} bytes are taken.")]
    BodyTooLarge { limit: u64 },
    #[error("The request's address is too long.")]
    TargetTooLong,
    #[error("The request's headers are too large.")]
    HeadTooLarge,
    #[error("Something went wrong here. The log has the details.")]
    Crashed,
    #[error("This server does not know the method.")]
    Method,
    #[error("This server takes bodies as they are or chunked, in no other transfer coding.")]
    Coding,
}

/// In which form a refusal is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As text, for people.
    Text,
    /// As `application/problem+json` (RFC 9457), for the programs that use the API.
    Problem,
}

impl Form {
    /// By the path of the request.
    pub(super) fn of(path: &str) -> Self {
        if path.starts_with("/api/") { Self::Problem } else { Self::Text }
    }
}

impl Refusal {
    /// The refusal behind a status that hyper chose by itself.
    pub(super) fn of_status(status: u16) -> Self {
        match status {
            414 => Self::TargetTooLong,
            431 => Self::HeadTooLarge,
            _ => Self::Malformed,
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::Malformed | Self::Host | Self::Target | Self::HeaderValue => StatusCode::BadRequest,
            Self::TooSlow => StatusCode::RequestTimeout,
            Self::BodyTooLarge { .. } => StatusCode::PayloadTooLarge,
            Self::TargetTooLong => StatusCode::UriTooLong,
            Self::HeadTooLarge => StatusCode::RequestHeaderFieldsTooLarge,
            Self::Crashed => StatusCode::InternalServerError,
            Self::Method | Self::Coding => StatusCode::NotImplemented,
        }
    }

    fn text(self) -> String {
        let status = self.status();
        format!("{} {}\n{self}\n", u16::from(status), status.canonical_reason())
    }

    /// The answer, for a request that hyper still has open.
    pub(super) fn response(self, form: Form) -> Response {
        let mut response = Response::new(self.status());
        response.set_body(match form {
            Form::Text => self.text(),
            Form::Problem => self.problem(),
        });
        for (name, value) in HEADERS {
            response.insert_header(name, value);
        }
        if form == Form::Problem {
            response.insert_header("content-type", "application/problem+json");
        }
        response
    }

    /// The same for programs.
    fn problem(self) -> String {
        let (status, code) = (self.status(), self.code());
        let title = status.canonical_reason();
        let (kind, status) = (format!("/api/docs#{code}"), u16::from(status));
        json!({ "type": kind, "title": title, "status": status, "code": code, "detail": self.to_string() }).to_string()
    }

    /// The stable word for it.
    fn code(self) -> &'static str {
        match self {
            Self::Malformed | Self::Host | Self::Target | Self::HeaderValue => "bad_request",
            Self::TooSlow => "too_slow",
            Self::BodyTooLarge { .. } | Self::TargetTooLong | Self::HeadTooLarge => "too_large",
            Self::Crashed => "internal",
            Self::Method | Self::Coding => "not_implemented",
        }
    }

    /// The answer as bytes, for a connection that hyper has given up.
    pub(super) fn bytes(self) -> Vec<u8> {
        let (status, text) = (self.status(), self.text());
        let mut head = format!("HTTP/1.1 {} {}\r\n", u16::from(status), status.canonical_reason());
        for (name, value) in HEADERS {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        let _ = write!(head, "content-length: {}\r\nconnection: close\r\n\r\n{text}", text.len());
        head.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_get_a_problem_they_can_read() {
        let mut response = Refusal::HeaderValue.response(Form::of("/api/v1/links"));
        let kind = response.header("content-type").map(|value| value.as_str().to_owned());
        assert_eq!(kind.as_deref(), Some("application/problem+json"));
        let text = crate::runtime::block_on(response.take_body().into_string()).unwrap();
        let body: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&body["status"], &body["code"]), (&400.into(), &"bad_request".into()));
        let mut page = Refusal::HeaderValue.response(Form::of("/sign-in"));
        assert!(crate::runtime::block_on(page.take_body().into_string()).unwrap().starts_with("400 Bad Request\n"));
    }

    #[test]
    fn an_answer_by_hand_is_whole_http() {
        let bytes = Refusal::of_status(431).bytes();
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 431 Request Header Fields Too Large\r\n"));
        assert!(head.contains(&format!("content-length: {}\r\n", body.len())));
        assert!(head.ends_with("connection: close"));
        assert!(body.contains("headers are too large"));
        let names = ["cross-origin-opener-policy: same-origin", "permissions-policy: accelerometer=()", "nosniff"];
        assert!(names.iter().all(|name| head.contains(name)), "{head}");
    }
}
