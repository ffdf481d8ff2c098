//! The URL of a request, built from checked parts only: http-types and tide paste what they are given.

use std::net::SocketAddr;

use http_types::Url;
use hyper::http::header::HOST;
use hyper::http::request::Parts;
use hyper::http::uri::Authority;
use hyper::{Method, Version};

use super::refusal::Refusal;

/// Where a request goes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) url: Url,
    /// The checked `host[:port]` as the client wrote it; the local address where HTTP/1.0 named none.
    pub(super) host: String,
}

impl Target {
    /// The target of a request head. An absolute-form target overrides the Host header (RFC 9112, section 3.2.2);
    /// exactly one plain Host is required from HTTP/1.1 on.
    pub(super) fn of(head: &Parts, local: SocketAddr) -> Result<Self, Refusal> {
        let host = named_host(head)?;
        let host = match head.uri.authority() {
            Some(authority) => authority.as_str().to_owned(),
            None => host.map_or_else(|| local.to_string(), str::to_owned),
        };
        let path = head.uri.path_and_query().map_or("", |path| path.as_str());
        if head.method == Method::CONNECT || !is_plain_path(path) {
            return Err(Refusal::Target);
        }
        if matches!(head.uri.scheme_str(), Some(scheme) if scheme != "http" && scheme != "https") {
            return Err(Refusal::Target);
        }
        let url = Url::parse(&format!("http://{host}{path}")).map_err(|_| Refusal::Host)?;
        if !host.starts_with('[') && !url.host_str().is_some_and(|parsed| parsed.eq_ignore_ascii_case(name_of(&host))) {
            return Err(Refusal::Host);
        }
        Ok(Self { url, host })
    }
}

/// The Host header, checked; absent only in HTTP/1.0.
fn named_host(head: &Parts) -> Result<Option<&str>, Refusal> {
    let mut values = head.headers.get_all(HOST).iter();
    let host = match (values.next(), values.next()) {
        (Some(value), None) => Some(value.to_str().map_err(|_| Refusal::Host)?),
        (None, _) if head.version < Version::HTTP_11 => None,
        _ => return Err(Refusal::Host),
    };
    let authority = head.uri.authority().map(Authority::as_str);
    if [host, authority].into_iter().flatten().all(is_plain_host) { Ok(host) } else { Err(Refusal::Host) }
}

/// `host[:port]` with a name, an IPv4 address or a bracketed IPv6 address, and nothing else.
fn is_plain_host(text: &str) -> bool {
    let name = name_of(text);
    let port = text.strip_prefix(name).unwrap_or(text);
    let plain_port = port.is_empty()
        || port.strip_prefix(':').is_some_and(|port| {
            !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok()
        });
    let plain_name = match name.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
        Some(literal) => literal.parse::<std::net::Ipv6Addr>().is_ok(),
        None => name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_')),
    };
    !name.is_empty() && text.len() <= 260 && plain_name && plain_port
}

/// The part of `host[:port]` before the port.
fn name_of(text: &str) -> &str {
    let end = if text.starts_with('[') { text.find(']').map(|end| end + 1) } else { text.find(':') };
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

/// A path of visible ASCII that begins at the root. A backslash is refused, because URL parsers take it for a slash.
fn is_plain_path(path: &str) -> bool {
    let before_query = path.split('?').next().unwrap_or_default();
    path.starts_with('/') && path.bytes().all(|byte| byte.is_ascii_graphic()) && !before_query.contains('\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(version: Version, uri: &str, hosts: &[&str]) -> Result<(String, String), Refusal> {
        let mut builder = hyper::Request::builder().version(version).uri(uri);
        for host in hosts {
            builder = builder.header(HOST, *host);
        }
        let (head, ()) = builder.body(()).unwrap().into_parts();
        Target::of(&head, "127.0.0.1:80".parse().unwrap()).map(|target| (target.url.to_string(), target.host))
    }

    fn url(uri: &str, host: &str) -> Result<String, Refusal> {
        target(Version::HTTP_11, uri, &[host]).map(|(url, _)| url)
    }

    #[test]
    fn an_ordinary_request_keeps_its_host_port_and_query() {
        assert_eq!(url("/a?b=c%20d", "Example.org:8080").unwrap(), "http://example.org:8080/a?b=c%20d");
        assert_eq!(url("//evil.example/x", "h").unwrap(), "http://h//evil.example/x");
        assert_eq!(url("/", "[::1]:81").unwrap(), "http://[::1]:81/");
    }

    #[test]
    fn a_host_that_is_not_plain_is_refused() {
        let bad = [
            "",
            "a b",
            "user@host",
            "host/path",
            "host?x",
            "h:",
            "h:99999",
            "h:+1",
            "[::1",
            "[x]",
            "a:1:2",
            "0x7f.1",
            "1.2.3.4.5",
            "\u{e9}",
        ];
        for host in bad {
            assert_eq!(url("/", host), Err(Refusal::Host), "{host:?}");
        }
    }

    #[test]
    fn exactly_one_host_is_needed_from_1_1_on() {
        assert_eq!(target(Version::HTTP_11, "/", &[]), Err(Refusal::Host));
        assert_eq!(target(Version::HTTP_11, "/", &["a", "a"]), Err(Refusal::Host));
        assert_eq!(target(Version::HTTP_10, "/x", &[]).unwrap(), ("http://127.0.0.1/x".into(), "127.0.0.1:80".into()));
        assert_eq!(target(Version::HTTP_10, "/", &["a", "b"]), Err(Refusal::Host));
    }

    #[test]
    fn an_absolute_target_overrides_the_host_and_must_be_plain() {
        let (url, host) = target(Version::HTTP_11, "http://real.example:81/p", &["other"]).unwrap();
        assert_eq!((url.as_str(), host.as_str()), ("http://real.example:81/p", "real.example:81"));
        assert_eq!(target(Version::HTTP_11, "http://u:p@real.example/", &["h"]), Err(Refusal::Host));
        assert_eq!(target(Version::HTTP_11, "ftp://real.example/", &["h"]), Err(Refusal::Target));
    }

    #[test]
    fn a_target_that_is_no_path_is_refused() {
        assert_eq!(url("*", "h"), Err(Refusal::Target));
        assert_eq!(url("/a\\b", "h"), Err(Refusal::Target));
        assert_eq!(url("/\u{e9}", "h"), Err(Refusal::Target));
        assert_eq!(url("/?a\\b", "h").unwrap(), "http://h/?a\\b");
    }
}
