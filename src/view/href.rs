//! Addresses that are safe to put into `href` and `action`. maud escapes text but not schemes, so a link goes through here.

use maud::Render;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// An address with the scheme http, https or tg, or a path of our own; never `javascript:` or another host by `//`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Href(String);

/// Why an address was refused: its scheme is not http, https or tg, or it is not a plain path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the address must begin with https://, http://, tg:// or /")]
pub struct UnsafeHref;

/// The unreserved characters of RFC 3986, section 2.3, stay as they are.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl Href {
    /// Accepts `http://`, `https://`, `tg://`, a path that begins with one `/`, a query or a fragment.
    pub fn parse(text: &str) -> Result<Self, UnsafeHref> {
        if text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
            return Err(UnsafeHref);
        }
        let lower = text.to_ascii_lowercase();
        let absolute = ["https://", "http://", "tg://"]
            .iter()
            .any(|scheme| lower.len() > scheme.len() && lower.starts_with(scheme));
        let local =
            (text.starts_with('/') && !text.starts_with("//")) || text.starts_with('?') || text.starts_with('#');
        if absolute || local { Ok(Self(text.to_owned())) } else { Err(UnsafeHref) }
    }

    /// This address with one more path segment, percent-encoded. `.` and `..` are never account names, so they are safe.
    #[must_use]
    pub fn join(&self, segment: &str) -> Self {
        let encoded = utf8_percent_encode(segment, SEGMENT);
        Self(format!("{}/{encoded}", self.0.trim_end_matches('/')))
    }

    /// This address with one more query parameter, percent-encoded. Call it before a fragment is there.
    #[must_use]
    pub fn with(&self, key: &str, value: &str) -> Self {
        let mark = if self.0.contains('?') { '&' } else { '?' };
        Self(format!("{}{mark}{}={}", self.0, utf8_percent_encode(key, SEGMENT), utf8_percent_encode(value, SEGMENT)))
    }

    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A refused address becomes `#`, which leads nowhere.
impl From<&str> for Href {
    fn from(text: &str) -> Self {
        Self::parse(text).unwrap_or_else(|_| Self("#".to_owned()))
    }
}

/// A refused address becomes `#`, which leads nowhere.
impl From<String> for Href {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<&Href> for Href {
    fn from(href: &Href) -> Self {
        href.clone()
    }
}

impl Render for Href {
    fn render_to(&self, buffer: &mut String) {
        self.0.as_str().render_to(buffer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_run_code_or_leave_by_a_trick_are_refused() {
        for bad in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            " javascript:alert(1)",
            "java\nscript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "blob:https://x",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https:evil.example",
            "https://",
            "admin",
            "",
        ] {
            assert_eq!(Href::parse(bad), Err(UnsafeHref), "{bad:?}");
            assert_eq!(Href::from(bad).as_str(), "#", "{bad:?}");
        }
    }

    #[test]
    fn web_telegram_and_own_addresses_pass() {
        for good in [
            "https://t.me/b?start=x",
            "HTTP://a.example",
            "tg://resolve?domain=b&start=x",
            "/admin",
            "/",
            "?after=3",
            "#main",
        ] {
            assert_eq!(Href::parse(good).map(|h| h.as_str().to_owned()), Ok(good.to_owned()));
        }
    }

    #[test]
    fn segments_and_parameters_are_percent_encoded() {
        let href = Href::from("/admin/accounts").join("a/b c?ü").with("q", "x&y").with("after", "1");
        assert_eq!(href.as_str(), "/admin/accounts/a%2Fb%20c%3F%C3%BC?q=x%26y&after=1");
    }

    #[test]
    fn an_address_is_escaped_in_an_attribute() {
        let href = Href::from("/a?b=\"1\"&c=2");
        assert_eq!(maud::html! { a href=(href) {} }.into_string(), "<a href=\"/a?b=&quot;1&quot;&amp;c=2\"></a>");
    }
}
