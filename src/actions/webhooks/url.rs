//! Where events may go: the address is parsed and not matched, so that every way of writing it means the same here and there.
//! What a name stands for is looked at again when the connection is made.

use std::net::IpAddr;

use url::{Host, Url};

use crate::actions::Refusal;
use crate::config::WebhookAllow;
use crate::model::webhook::URL_MAX;
use crate::wire::is_public;

const FIELD: &str = "url";

/// An address to which events may be sent: https, or http where the configuration names the host; without credentials and
/// without a fragment; any port. An address in numbers has to be public, or named by the configuration.
pub fn check(allow: &WebhookAllow, text: &str) -> Result<Url, Refusal> {
    let refused = |text: String| Err(Refusal::invalid(FIELD, text));
    let Ok(url) = Url::parse(text.trim()) else {
        return refused("Type the whole address, such as https://example.org/webhooks.".to_owned());
    };
    if url.as_str().len() > URL_MAX {
        return refused(format!("The address has at most {URL_MAX} bytes."));
    }
    if !matches!(url.scheme(), "https" | "http") {
        return refused("The address has to begin with https://.".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refused(
            "The address must not hold a user name or a password; every request is signed instead.".to_owned(),
        );
    }
    if url.fragment().is_some() {
        return refused("The address must not have a part behind \"#\", because it would never arrive.".to_owned());
    }
    let (Some(host), Some(name)) = (url.host(), url.host_str()) else {
        return refused("The address has no host.".to_owned());
    };
    if url.port() == Some(0) {
        return refused("Nothing listens on port 0.".to_owned());
    }
    let (is_excepted, is_closed) = match host {
        Host::Domain(domain) => (allow.names(domain), is_this_machine(domain)),
        Host::Ipv4(address) => literal(allow, IpAddr::V4(address)),
        Host::Ipv6(address) => literal(allow, IpAddr::V6(address)),
    };
    if is_closed && !is_excepted {
        return refused(format!(
            "{name} is not on the public internet. The operator can allow it by name: --webhook-allow {bare}.",
            bare = name.trim_matches(['[', ']'])
        ));
    }
    if url.scheme() == "http" && !is_excepted {
        return refused(
            "The address has to begin with https://. Without encryption events go only to hosts that the operator allows by name."
                .to_owned(),
        );
    }
    Ok(url)
}

/// Whether an address is an exception, and whether it needs to be one.
fn literal(allow: &WebhookAllow, address: IpAddr) -> (bool, bool) {
    (allow.holds(address), !is_public(address))
}

/// Names that are always this machine (RFC 6761, section 6.3).
fn is_this_machine(domain: &str) -> bool {
    let domain = domain.trim_end_matches('.');
    domain == "localhost" || domain.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(allow: &str, text: &str) -> Result<String, String> {
        let allow = WebhookAllow::parse(allow).unwrap();
        check(&allow, text).map(|url| url.to_string()).map_err(|refusal| {
            assert_eq!(refusal.field, Some("url"));
            refusal.sentence
        })
    }

    #[test]
    fn an_address_is_public_and_encrypted() {
        for good in ["https://example.org/hook?a=1", "https://example.org:8443/", "https://[2606:4700::1111]/"] {
            assert_eq!(told("", good).as_deref(), Ok(good));
        }
        assert_eq!(told("", " HTTPS://EXAMPLE.org ").as_deref(), Ok("https://example.org/"));
        for bad in [
            "",
            "example.org",
            "ftp://example.org/",
            "http://example.org/",
            "https://u:p@example.org/",
            "https://u@example.org/",
            "https://example.org/#a",
            "https://example.org:0/",
            "https://127.0.0.1/",
            "https://0x7f.1/",
            "https://2130706433/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:7f00:1]/",
            "https://169.254.169.254/latest",
            "https://10.0.0.1/",
            "https://localhost/",
            "https://localhost./",
            "https://a.localhost/",
            "javascript:alert(1)",
        ] {
            assert!(told("", bad).is_err(), "{bad}");
        }
        let long = format!("https://example.org/{}", "a".repeat(URL_MAX));
        assert!(told("", &long).is_err_and(|sentence| sentence.contains("2000")));
    }

    #[test]
    fn the_configuration_makes_exceptions_by_name() {
        assert!(told("shop.internal", "http://shop.internal:8080/a").is_ok());
        assert!(told("10.0.0.0/8", "http://10.1.2.3/").is_ok());
        assert!(told("::1", "http://[::1]:9/").is_ok());
        assert!(told("localhost", "http://localhost:3000/").is_ok());
        assert!(told("shop.internal", "http://other.internal/").is_err());
        assert!(told("10.0.0.0/8", "http://11.0.0.1/").is_err(), "public, but not encrypted");
        assert!(told("", "https://127.0.0.1/").is_err_and(|text| text.contains("--webhook-allow 127.0.0.1")));
    }
}
