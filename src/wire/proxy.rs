//! The way out through a proxy: its address, and the connector that goes through it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_types::Url;
use hyper::Uri;
use hyper::http::HeaderValue;
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use percent_encoding::percent_decode_str;
use tower_service::Service;

use super::dial::{DialError, Dialer, Gate, Tcp};

/// A proxy setting that cannot be used. Never repeats the setting, which may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProxyError {
    /// Not a URL with a host.
    #[error("the proxy must look like http://host:port or socks5://user:password@host:port")]
    Malformed,
    /// Another scheme than http or socks5.
    #[error("the proxy must begin with http:// or socks5://")]
    Scheme,
    /// The user name or password cannot be sent: not UTF-8, or longer than 255 bytes (RFC 1929).
    #[error("the proxy's user name or password cannot be sent")]
    Credentials,
}

/// How a TCP connection to a host comes about.
#[derive(Clone)]
pub(super) enum Route {
    Direct(Dialer),
    /// HTTP CONNECT (RFC 9110, section 9.3.6).
    Tunnel(Tunnel<Dialer>),
    /// SOCKS 5 with names resolved by the proxy (RFC 1928).
    Socks(SocksV5<Dialer>),
}

impl Route {
    /// The route that a setting asks for; without one, straight to the host. The gate is asked about what is connected to.
    pub(super) fn parse(setting: Option<&str>, gate: Option<Gate>) -> Result<Self, ProxyError> {
        let dialer = Dialer { gate };
        let Some(setting) = setting else { return Ok(Self::Direct(dialer)) };
        let url = Url::parse(setting).map_err(|_| ProxyError::Malformed)?;
        let socks = match url.scheme() {
            "http" => false,
            "socks5" | "socks5h" => true,
            _ => return Err(ProxyError::Scheme),
        };
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(ProxyError::Malformed)?;
        let port = url.port().unwrap_or(if socks { 1080 } else { 80 });
        let proxy = Uri::try_from(format!("http://{host}:{port}/")).map_err(|_| ProxyError::Malformed)?;
        let credentials = credentials(&url)?;
        Ok(if socks {
            let route = SocksV5::new(proxy, dialer);
            Self::Socks(match credentials {
                Some((user, password)) => route.with_auth(user, password),
                None => route,
            })
        } else {
            let route = Tunnel::new(proxy, dialer);
            Self::Tunnel(match credentials {
                Some((user, password)) => route.with_auth(basic(&user, &password)?),
                None => route,
            })
        })
    }

    /// Connects to the host and port of `target`, whose port must be written out.
    pub(super) async fn connect(self, target: Uri) -> Result<Tcp, DialError> {
        match self {
            Self::Direct(mut dialer) => dialer.call(target).await,
            Self::Tunnel(mut tunnel) => tunnel.call(target).await.map_err(|error| DialError::Proxy(error.into())),
            Self::Socks(mut socks) => socks.call(target).await.map_err(|error| DialError::Proxy(error.into())),
        }
    }
}

fn credentials(url: &Url) -> Result<Option<(String, String)>, ProxyError> {
    if url.username().is_empty() && url.password().is_none() {
        return Ok(None);
    }
    Ok(Some((decode(url.username())?, decode(url.password().unwrap_or_default())?)))
}

fn decode(text: &str) -> Result<String, ProxyError> {
    let text = percent_decode_str(text).decode_utf8().map_err(|_| ProxyError::Credentials)?;
    if text.len() > 255 { Err(ProxyError::Credentials) } else { Ok(text.into_owned()) }
}

fn basic(user: &str, password: &str) -> Result<HeaderValue, ProxyError> {
    let token = STANDARD.encode(format!("{user}:{password}"));
    HeaderValue::try_from(format!("Basic {token}")).map_err(|_| ProxyError::Credentials)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_of(setting: &str) -> Option<ProxyError> {
        Route::parse(Some(setting), None).err()
    }

    #[test]
    fn the_scheme_chooses_the_kind_of_proxy() {
        assert!(matches!(Route::parse(None, None), Ok(Route::Direct(_))));
        assert!(matches!(Route::parse(Some("http://10.0.0.1:3128"), None), Ok(Route::Tunnel(_))));
        assert!(matches!(Route::parse(Some("socks5://user:p%40ss@[::1]:1080"), None), Ok(Route::Socks(_))));
        assert!(matches!(Route::parse(Some("socks5h://proxy.local"), None), Ok(Route::Socks(_))));
    }

    #[test]
    fn a_setting_that_is_no_proxy_is_refused() {
        assert_eq!(error_of("ftp://host:1"), Some(ProxyError::Scheme));
        assert_eq!(error_of("https://host:1"), Some(ProxyError::Scheme));
        assert_eq!(error_of("host:3128"), Some(ProxyError::Scheme));
        assert_eq!(error_of("nonsense"), Some(ProxyError::Malformed));
        assert_eq!(error_of("socks5://"), Some(ProxyError::Malformed));
        assert_eq!(error_of(&format!("socks5://{}:x@host", "u".repeat(256))), Some(ProxyError::Credentials));
        assert_eq!(error_of("http://%ff:x@host"), Some(ProxyError::Credentials));
    }
}
