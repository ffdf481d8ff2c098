//! The headers that every answer carries, errors too (OWASP ASVS 5.0, V3.4).

use std::time::Duration;

use super::Response;
use super::visitor::Scheme;
use crate::wire::PERMISSIONS;

/// What pages may load and where forms may go.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const CSP: &str = "content-security-policy";

const ALWAYS: [(&str, &str); 6] = [
    (CSP, POLICY),
    ("x-content-type-options", "nosniff"),
    // Not no-referrer: browsers would send `Origin: null` with forms.
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", PERMISSIONS),
];

/// How long browsers remember to come by https only.
const STRICT: Duration = Duration::from_hours(365 * 24);

/// Adds what is missing. A page is private and not stored by anyone unless it said otherwise itself; what is no page, such as
/// a picture, may bring a policy of its own.
pub fn add(response: &mut Response, scheme: Scheme) {
    for (name, value) in ALWAYS {
        if name != CSP || response.header(name).is_none() {
            response.insert_header(name, value);
        }
    }
    if scheme == Scheme::Https {
        response.insert_header("strict-transport-security", format!("max-age={}", STRICT.as_secs()));
    }
    if response.header("cache-control").is_none() {
        response.insert_header("cache-control", "no-store");
    }
    response.remove_header("server");
}
