//! The addresses that webhooks may go to although they are not public: named by the operator, because an address that the website
//! chooses must not reach into the operator's own network.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use super::error::Invalid;

/// Host names, addresses and networks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebhookAllow {
    names: Vec<String>,
    nets: Vec<IpNet>,
}

impl WebhookAllow {
    /// This machine, as in the sandbox.
    #[must_use]
    pub fn this_machine() -> Self {
        let v4 = IpNet::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8).map(|net| net.trunc());
        let nets = v4.into_iter().chain([IpNet::from(IpAddr::V6(Ipv6Addr::LOCALHOST))]).collect();
        Self { names: vec!["localhost".to_owned()], nets }
    }

    /// Reads a list with commas between: names of hosts, addresses, networks in the form of CIDR.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let mut allow = Self::default();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let net = part.parse::<IpNet>().ok().or_else(|| part.parse::<IpAddr>().ok().map(IpNet::from));
            match (net, host(part)) {
                (Some(net), _) => allow.nets.push(net.trunc()),
                (None, Some(name)) => allow.names.push(name),
                (None, None) => {
                    return Err(Invalid::new(format!(
                        "`{part}` is neither a host nor a network; allowed are names, addresses and CIDRs with commas \
                         between, such as shop.internal, 10.1.2.3, 10.0.0.0/8"
                    )));
                }
            }
        }
        Ok(allow)
    }

    /// Whether the host is allowed by its name, whatever addresses it has.
    #[must_use]
    pub fn names(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.');
        self.names.iter().any(|name| name.eq_ignore_ascii_case(host))
    }

    /// Whether the address is allowed.
    #[must_use]
    pub fn holds(&self, address: IpAddr) -> bool {
        self.nets.iter().any(|net| net.contains(&address))
    }
}

impl fmt::Display for WebhookAllow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.names.iter().cloned();
        let all: Vec<String> = names.chain(self.nets.iter().map(ToString::to_string)).collect();
        f.write_str(&if all.is_empty() { "none".to_owned() } else { all.join(", ") })
    }
}

/// The name of a host as the URL parser writes it, if it is one. A number is none, so that a broken address is not taken for a name.
fn host(text: &str) -> Option<String> {
    match url::Host::parse(text).ok()? {
        url::Host::Domain(name) if !name.contains('/') => Some(name.trim_end_matches('.').to_owned()),
        url::Host::Domain(_) | url::Host::Ipv4(_) | url::Host::Ipv6(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_addresses_and_networks_are_told_apart() {
        let allow = WebhookAllow::parse("Shop.internal, 10.1.2.3/8,::1, localhost").unwrap();
        assert_eq!(allow.to_string(), "shop.internal, localhost, 10.0.0.0/8, ::1/128");
        assert!(allow.names("SHOP.internal.") && !allow.names("internal") && !allow.names("a.shop.internal"));
        assert!(allow.holds("10.255.0.1".parse().unwrap()) && !allow.holds("11.0.0.1".parse().unwrap()));
        assert_eq!(WebhookAllow::parse("").unwrap().to_string(), "none");
        for bad in ["10.0.0.0/33", "a b", "http://x", "1.2.3.4.5"] {
            assert!(WebhookAllow::parse(bad).unwrap_err().to_string().contains(bad), "{bad}");
        }
    }

    #[test]
    fn this_machine_is_its_name_and_its_addresses() {
        let allow = WebhookAllow::this_machine();
        assert!(allow.names("localhost") && allow.holds("127.0.0.9".parse().unwrap()));
        assert!(allow.holds("::1".parse().unwrap()) && !allow.holds("10.0.0.1".parse().unwrap()));
    }
}
