//! Answers: pages, redirects to routes of our own, fragments and JSON.

use maud::Markup;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use tide::http::mime;

/// An answer.
pub type Response = tide::Response;

/// What must not stand raw in a `Location` header; what is percent-encoded already stays as it is.
const LOCATION: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\\').add(b'^').add(b'`').add(b'{').add(b'|').add(b'}');

/// A page.
#[must_use]
pub fn page(markup: Markup) -> Response {
    page_with(200, markup)
}

/// A page with a status; a form that came back has 422.
#[must_use]
pub fn page_with(status: u16, markup: Markup) -> Response {
    let mut response = Response::new(status);
    response.set_body(markup.into_string());
    response.set_content_type(mime::HTML);
    response
}

/// `303 See Other` to a path of our own: what follows a form that was accepted. Anything but a path leads to `/`.
#[must_use]
pub fn see_other(path: &str) -> Response {
    let own = path.starts_with('/') && !path.starts_with("//") && !path.contains('\\');
    let mut response = Response::new(303);
    response.insert_header("location", utf8_percent_encode(if own { path } else { "/" }, LOCATION).to_string());
    response
}

/// Plain text.
#[must_use]
pub fn text(status: u16, text: &str) -> Response {
    let mut response = Response::new(status);
    response.set_body(text);
    response.set_content_type(mime::PLAIN);
    response
}

/// Nothing to add: a live region that has not changed.
#[must_use]
pub fn unchanged() -> Response {
    Response::new(204)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_leads_to_a_path_of_our_own_only() {
        let to = |path: &str| see_other(path).header("location").map(|value| value.as_str().to_owned()).unwrap();
        assert_eq!(to("/admin?after=a%20b"), "/admin?after=a%20b");
        assert_eq!(to("//evil.example"), "/");
        assert_eq!(to("https://evil.example"), "/");
        assert_eq!(to("/\\evil.example"), "/");
        assert_eq!(to("/a\r\nb"), "/a%0D%0Ab");
    }
}
