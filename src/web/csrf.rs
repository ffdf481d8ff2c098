//! Cross-site requests: the half of the rule that a request's headers decide. The other half, the session's token, is checked
//! where a form is parsed, because a middleware would eat the body.

use tide::http::Method;

/// The headers of a request that matter here.
#[derive(Clone, Copy, Debug, Default)]
pub struct Marks<'a> {
    /// `Sec-Fetch-Site` (W3C Fetch Metadata Request Headers, section 2.4).
    pub fetch_site: Option<&'a str>,
    /// `Origin` (RFC 6454, section 7).
    pub origin: Option<&'a str>,
}

/// Whether a method changes nothing (RFC 9110, section 9.2.1).
#[must_use]
pub fn is_safe(method: Method) -> bool {
    matches!(method, Method::Get | Method::Head | Method::Options | Method::Trace)
}

/// Whether an unsafe request comes from a page of `own`, the origin of this instance. Requests without either header are
/// refused: every browser sends one of them.
#[must_use]
pub fn comes_from_own_page(marks: Marks<'_>, own: &str) -> bool {
    match (marks.fetch_site, marks.origin) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => origin.eq_ignore_ascii_case(own),
        (None, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "https://links.example.org";

    #[test]
    fn the_browsers_own_word_counts_first_and_the_origin_where_it_is_silent() {
        let allowed = |fetch_site, origin| comes_from_own_page(Marks { fetch_site, origin }, OWN);
        assert!(allowed(Some("same-origin"), None));
        assert!(allowed(Some("same-origin"), Some("null")));
        assert!(allowed(None, Some(OWN)));
        assert!(allowed(None, Some("HTTPS://Links.Example.org")));
        for site in ["same-site", "cross-site", "none", ""] {
            assert!(!allowed(Some(site), Some(OWN)), "{site}");
        }
        for origin in ["null", "", "http://links.example.org", "https://links.example.org.evil", "https://evil.example"]
        {
            assert!(!allowed(None, Some(origin)), "{origin}");
        }
        assert!(!allowed(None, None));
    }

    #[test]
    fn only_reading_methods_are_safe() {
        assert!([Method::Get, Method::Head, Method::Options].into_iter().all(is_safe));
        assert!(![Method::Post, Method::Put, Method::Patch, Method::Delete].into_iter().any(is_safe));
    }
}
