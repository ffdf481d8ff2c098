//! The address under which people reach this instance: scheme, host and port, nothing else.

use std::fmt;

use url::{Host, Url};

use super::error::Invalid;

/// Where plain http is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlainHttp {
    /// On this machine only.
    LoopbackOnly,
    /// Everywhere, because the operator said so.
    Anywhere,
}

/// `https://host`, `https://host:port`, or the same with http; no path, no trailing slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    text: String,
    host: String,
    scheme: Scheme,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Http,
    Https,
}

impl BaseUrl {
    /// Accepts what a person types, with or without a trailing slash; international names become ASCII.
    pub fn parse(text: &str, plain_http: PlainHttp) -> Result<Self, Invalid> {
        let refuse = |why: &str| Err(Invalid::new(format!("`{}` {why}", text.trim())));
        let Ok(url) = Url::parse(text.trim()) else {
            return refuse("is not a URL, such as https://links.example.org");
        };
        let Some(host) = url.host() else {
            return refuse("names no host; it must look like https://links.example.org");
        };
        let scheme = match url.scheme() {
            "https" => Scheme::Https,
            "http" => Scheme::Http,
            _ => return refuse("must begin with https:// or http://"),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Invalid::new("the URL must not hold a user name or password"));
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return refuse("must end after the host and port: startlink needs a host name of its own, not a folder");
        }
        if scheme == Scheme::Http && plain_http == PlainHttp::LoopbackOnly && !is_loopback(&host) {
            return refuse(
                "would send passwords in clear: use https (http is for localhost; --insecure-http lifts this)",
            );
        }
        Ok(Self { text: url.origin().ascii_serialization(), host: host.to_string(), scheme })
    }

    /// The whole, which is also the origin that browsers send (RFC 6454, section 6.2).
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host without the port; IPv6 addresses in brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The host, with the port unless it is the scheme's own: what the Host header of a request to it holds.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.text.split_once("://").map_or(self.host(), |(_, authority)| authority)
    }

    /// Whether browsers reach this instance over TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.scheme == Scheme::Https
    }

    /// The URL of a path that begins with a slash.
    #[must_use]
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.text)
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// RFC 6761, section 6.3, and the loopback networks.
fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scheme_host_and_port_are_kept_and_nothing_else() {
        let url = BaseUrl::parse(" https://Links.Example.org:443/ ", PlainHttp::LoopbackOnly).unwrap();
        assert_eq!(
            (url.as_str(), url.host(), url.authority()),
            ("https://links.example.org", "links.example.org", "links.example.org")
        );
        assert!(url.is_https());
        assert_eq!(url.join("/l/abc"), "https://links.example.org/l/abc");
        let url = BaseUrl::parse("http://[::1]:8080", PlainHttp::LoopbackOnly).unwrap();
        assert_eq!((url.host(), url.authority(), url.is_https()), ("[::1]", "[::1]:8080", false));
    }

    #[test]
    fn what_would_not_work_is_refused() {
        for text in [
            "",
            "example.org",
            "ftp://x",
            "https://",
            "https://x/y",
            "https://x/?a",
            "https://x/#a",
            "https://u:p@x",
            "https://u@x",
        ] {
            assert!(BaseUrl::parse(text, PlainHttp::Anywhere).is_err(), "{text}");
        }
        assert!(
            !BaseUrl::parse("https://u:hunter2@x", PlainHttp::Anywhere).unwrap_err().to_string().contains("hunter2")
        );
    }

    #[test]
    fn plain_http_stays_on_this_machine_unless_allowed() {
        for text in ["http://localhost:8080", "http://a.localhost", "http://127.1.2.3", "http://[::1]"] {
            assert!(BaseUrl::parse(text, PlainHttp::LoopbackOnly).is_ok(), "{text}");
        }
        assert!(BaseUrl::parse("http://localhost.example.org", PlainHttp::LoopbackOnly).is_err());
        assert!(BaseUrl::parse("http://192.168.1.5:8080", PlainHttp::LoopbackOnly).is_err());
        assert!(BaseUrl::parse("http://192.168.1.5:8080", PlainHttp::Anywhere).is_ok());
    }
}
