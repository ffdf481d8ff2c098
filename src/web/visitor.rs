//! Who is at the other end: the person's address behind proxies, the scheme and host they used, and whether that is an
//! origin of this instance. Forwarded headers are believed from configured proxies only. tide's `remote()` and `host()` believe anyone.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;

use super::{Problem, State};
use crate::config::{BaseUrl, PlainHttp};
use crate::store::{Snapshot, StoreError, admins, meta};
use crate::wire::Peer;

/// How the last part of the way was encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Not at all.
    Http,
    /// With TLS, as a trusted proxy says.
    Https,
}

impl Scheme {
    /// As in URLs.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// The origin under which a browser sees this instance (RFC 6454).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// `https://links.example.org`, without a slash.
    pub text: String,
    /// Its scheme; decides the form of cookies.
    pub scheme: Scheme,
}

/// Whether the first admin exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Not yet: every page leads to the set-up.
    New,
    /// It does.
    SetUp,
}

/// What is known of a request before it is known who is signed in.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The person's address.
    pub address: IpAddr,
    /// The other end of the connection: the person's own, or a proxy's.
    pub peer: IpAddr,
    /// The scheme the person used, as far as that can be known.
    pub scheme: Scheme,
    local: bool,
    /// The Host header in lower case, with its port.
    pub host: String,
    /// The base URL in force, once there is one.
    pub base: Option<BaseUrl>,
    /// The origin of this request.
    pub origin: Origin,
    /// How people call the website, once that was saved.
    pub site_name: Option<String>,
    /// Whether the instance is set up.
    pub standing: Standing,
    /// Whether the portal is switched on.
    pub portal: bool,
}

/// What the data file says about the instance, the same for every request.
#[derive(Clone, Debug)]
pub struct Instance {
    saved_base: Option<BaseUrl>,
    site_name: Option<String>,
    standing: Standing,
    portal: bool,
}

impl Instance {
    /// Looks it up.
    pub(super) fn load(read: &Snapshot) -> Result<Self, StoreError> {
        let saved = meta::saved(read)?;
        // What was saved was checked then; the flag that allowed it may be gone, and a base URL is still the base URL.
        let saved_base = saved.base_url.as_deref().and_then(|text| BaseUrl::parse(text, PlainHttp::Anywhere).ok());
        let standing = if admins::is_empty(read)? { Standing::New } else { Standing::SetUp };
        Ok(Self { saved_base, site_name: saved.site_name, standing, portal: !saved.no_portal })
    }
}

/// Headers that proxies set; from an untrusted peer they tell only that there is one.
const FORWARDED: [&str; 4] = ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "forwarded"];

impl Visitor {
    /// Looks at a request. An unknown Host is refused with 421, a way over which passwords would travel in clear with 403.
    pub fn of(state: &State, request: &tide::Request<State>) -> Result<Self, Problem> {
        let Instance { saved_base, site_name, standing, portal } = state.instance()?;
        let config = state.config();
        let base = config.base_url.as_ref().map(|setting| setting.value.clone()).or(saved_base);
        let trusted = &config.trusted_proxies.value;
        let peer = request.ext::<Peer>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip().to_canonical());
        let lines = |name: &str| -> Vec<String> {
            request.header(name).map(|values| values.iter().map(ToString::to_string).collect()).unwrap_or_default()
        };
        let address = client(peer, trusted, &lines("x-forwarded-for"));
        let scheme = scheme(peer, trusted, &lines("x-forwarded-proto"));
        let host = lines("host").first().map(|host| host.to_ascii_lowercase()).unwrap_or_default();
        // A proxy on this machine that nobody named brings everyone from outside as if they sat here.
        let proxied = !is_trusted(peer, trusted) && FORWARDED.iter().any(|name| request.header(*name).is_some());
        let local = peer.is_loopback() && address.is_loopback() && !proxied;
        let origin = match (&base, standing) {
            // Whoever holds the set-up link may come by any name; nothing else is served yet.
            (None, Standing::New) if !host.is_empty() => Some(as_seen(scheme, &host)),
            _ => origin(base.as_ref(), scheme, &host, local),
        };
        let origin = origin.ok_or_else(|| misdirected(base.as_ref(), &host))?;
        if scheme == Scheme::Http
            && (proxied || !address.is_loopback())
            && config.plain_http.value == PlainHttp::LoopbackOnly
        {
            return Err(in_clear(is_trusted(peer, trusted)));
        }
        Ok(Self { address, peer, scheme, local, host, base, origin, site_name, standing, portal })
    }

    /// The origin this visitor will have once `base` is the base URL; nothing when they would be refused.
    #[must_use]
    pub fn origin_under(&self, base: &BaseUrl) -> Option<Origin> {
        origin(Some(base), self.scheme, &self.host, self.local)
    }

    /// Whether the person sits at this machine, as far as addresses tell.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.local
    }

    /// How the site is called: as saved, or by its host.
    #[must_use]
    pub fn site(&self) -> String {
        let host = || self.base.as_ref().map_or("startlink", BaseUrl::host).to_owned();
        self.site_name.clone().unwrap_or_else(host)
    }

    /// What throttling counts: an IPv4 address, or the /64 that one IPv6 customer has.
    #[must_use]
    pub fn network(&self) -> String {
        network(self.address)
    }
}

fn misdirected(base: Option<&BaseUrl>, host: &str) -> Problem {
    Problem::misdirected(match base {
        Some(base) => format!(
            "This request asked for the host \"{host}\", but this instance answers at {base} only. If a proxy stands in front, it \
             has to hand the Host header on."
        ),
        None => format!(
            "This request asked for the host \"{host}\", but no base URL is set, so this instance answers on its own machine \
             only. Start it with STARTLINK_BASE_URL, or save the base URL in the settings."
        ),
    })
}

fn in_clear(by_proxy: bool) -> Problem {
    Problem::forbidden(if by_proxy {
        "Passwords would travel in clear: the proxy did not say that the connection was https. Let it set the header \
         X-Forwarded-Proto, and open this page by https."
    } else {
        "Passwords would travel in clear: this page is served over https, through a trusted proxy, or on this machine only. If a \
         proxy stands in front, name its network in STARTLINK_TRUSTED_PROXIES."
    })
}

fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    trusted.iter().any(|network| network.contains(&address))
}

/// Reads `X-Forwarded-For` from the right, because everything left of the first untrusted address is the client's own claim.
fn client(peer: IpAddr, trusted: &[IpNet], lines: &[String]) -> IpAddr {
    let mut client = peer;
    let hops: Vec<&str> = lines.iter().flat_map(|line| line.split(',')).collect();
    for hop in hops.into_iter().rev() {
        if !is_trusted(client, trusted) {
            break;
        }
        let Some(address) = hop_address(hop.trim()) else { break };
        client = address;
    }
    client
}

/// `203.0.113.7`, `203.0.113.7:4711`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:4711`.
fn hop_address(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(hop);
    let with_port = || hop.parse::<std::net::SocketAddr>().map(|address| address.ip());
    bare.parse::<IpAddr>().or_else(|_| with_port()).ok().map(|address| address.to_canonical())
}

fn scheme(peer: IpAddr, trusted: &[IpNet], lines: &[String]) -> Scheme {
    let last = lines.last().and_then(|line| line.rsplit(',').next()).map(str::trim);
    let https = is_trusted(peer, trusted) && last.is_some_and(|word| word.eq_ignore_ascii_case("https"));
    if https { Scheme::Https } else { Scheme::Http }
}

fn origin(base: Option<&BaseUrl>, scheme: Scheme, host: &str, local: bool) -> Option<Origin> {
    match base {
        Some(base) if is_base_host(base, host) => {
            let scheme = if base.is_https() { Scheme::Https } else { Scheme::Http };
            Some(Origin { text: base.as_str().to_owned(), scheme })
        }
        Some(_) | None => (local && is_loopback_host(host)).then(|| as_seen(scheme, host)),
    }
}

fn as_seen(scheme: Scheme, host: &str) -> Origin {
    Origin { text: format!("{}://{host}", scheme.word()), scheme }
}

fn is_base_host(base: &BaseUrl, host: &str) -> bool {
    let default_port = if base.is_https() { ":443" } else { ":80" };
    let without_port = host.strip_suffix(default_port).unwrap_or(host);
    without_port == base.authority() || host == base.authority()
}

/// Names that only mean this machine (RFC 6761, section 6.3) and loopback addresses, with or without a port.
fn is_loopback_host(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name == "localhost" || name.ends_with(".localhost") || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn network(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nets(text: &[&str]) -> Vec<IpNet> {
        text.iter().map(|net| net.parse().unwrap()).collect()
    }

    fn seen(peer: &str, trusted: &[&str], lines: &[&str]) -> String {
        let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
        client(peer.parse().unwrap(), &nets(trusted), &lines).to_string()
    }

    #[test]
    fn forwarded_addresses_are_read_from_the_right_and_from_trusted_peers_only() {
        let proxies = ["10.0.0.0/8", "127.0.0.1/32"];
        assert_eq!(seen("203.0.113.9", &proxies, &["1.1.1.1"]), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", &proxies, &["203.0.113.7"]), "203.0.113.7");
        assert_eq!(seen("10.0.0.1", &proxies, &["1.1.1.1, 203.0.113.7, 10.0.0.2"]), "203.0.113.7");
        assert_eq!(seen("10.0.0.1", &proxies, &["1.1.1.1", "203.0.113.7"]), "203.0.113.7");
        assert_eq!(seen("10.0.0.1", &proxies, &["10.0.0.3, 10.0.0.2"]), "10.0.0.3");
        assert_eq!(seen("10.0.0.1", &proxies, &["203.0.113.7, nonsense"]), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &proxies, &["203.0.113.7:4711"]), "203.0.113.7");
        assert_eq!(seen("10.0.0.1", &proxies, &["[2001:db8::1]:4711"]), "2001:db8::1");
        assert_eq!(seen("10.0.0.1", &proxies, &["::ffff:203.0.113.7"]), "203.0.113.7");
        assert_eq!(seen("10.0.0.1", &[], &["203.0.113.7"]), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &proxies, &[]), "10.0.0.1");
    }

    #[test]
    fn the_scheme_is_believed_from_trusted_peers_only_and_from_the_nearest() {
        let of = |peer: &str, line: &str| scheme(peer.parse().unwrap(), &nets(&["10.0.0.0/8"]), &[line.to_owned()]);
        assert_eq!(of("10.0.0.1", "https"), Scheme::Https);
        assert_eq!(of("10.0.0.1", "https, http"), Scheme::Http);
        assert_eq!(of("203.0.113.7", "https"), Scheme::Http);
    }

    #[test]
    fn only_the_base_urls_host_is_answered_but_for_this_machine() {
        let base = BaseUrl::parse("https://links.example.org", PlainHttp::LoopbackOnly).unwrap();
        let text = |host: &str, local| origin(Some(&base), Scheme::Http, host, local).map(|origin| origin.text);
        let own = Some("https://links.example.org".to_owned());
        assert_eq!(text("links.example.org", false), own);
        assert_eq!(text("links.example.org:443", false), own);
        assert_eq!(text("links.example.org:8443", false), None);
        assert_eq!(text("evil.example", true), None);
        assert_eq!(text("localhost:8080", false), None);
        assert_eq!(text("localhost:8080", true), Some("http://localhost:8080".to_owned()));
        assert_eq!(text("[::1]:8080", true), Some("http://[::1]:8080".to_owned()));
        assert_eq!(text("localhost.evil.example", true), None);
        assert_eq!(origin(None, Scheme::Https, "any.example", true), None);
        assert_eq!(origin(None, Scheme::Http, "127.0.0.1", true).map(|o| o.text), Some("http://127.0.0.1".into()));
    }

    #[test]
    fn throttling_sees_one_ipv6_customer_as_one() {
        assert_eq!(network("203.0.113.7".parse().unwrap()), "203.0.113.7");
        assert_eq!(network("2001:db8:1:2:3::4".parse().unwrap()), network("2001:db8:1:2:ffff::9".parse().unwrap()));
    }
}
