//! Regions of a page that keep themselves up to date, and the protocol between them and the server.
//!
//! # Protocol
//! A region names one `url`; what it answers depends on `Accept`:
//! - `Accept: text/event-stream`: server-sent events (HTML, section 9.2).
//!   - `event: html`, data: the new content of the region as one JSON string. Send one at once and one for each change.
//!   - `event: beat`, data: anything. Send one at least every 20 s; after 45 s of silence the script takes the stream for dead.
//!   - `event: done`, data: anything. Nothing will change any more: the script closes the stream and stays quiet.
//! - otherwise: the content as an HTML fragment, status 200. The script asks so with `?poll=1` (added to a query that is
//!   there) when streams do not work: every 5 s, later every 30 s. `204` means unchanged; the header `X-Live: done` means
//!   the same as the event `done`; 401, 403, 404 and 410 end the polling and ask for a reload.
//!
//! The fragment is what stands inside the region at first, never a form that is being edited: a region waits while
//! something typed into it or selected in it has the focus. `details` with an id stay open.
//! [`event`] writes an event as the stream wants it.

use maud::{Markup, html};

use super::Href;

/// How a region speaks to screen readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Voice {
    Silent,
    Polite,
}

/// A region that updates itself silently: figures, lists, progress.
#[must_use]
pub fn region(id: &str, url: impl Into<Href>, body: Markup) -> Markup {
    render(id, &url.into(), (Voice::Silent, body))
}

/// A region whose changes are announced: for a single important outcome, such as `Connected`.
#[must_use]
pub fn announced(id: &str, url: impl Into<Href>, body: Markup) -> Markup {
    render(id, &url.into(), (Voice::Polite, body))
}

fn render(id: &str, url: &Href, (voice, body): (Voice, Markup)) -> Markup {
    let polite = match voice {
        Voice::Silent => None,
        Voice::Polite => Some("polite"),
    };
    html! {
        div.live-frame {
            div id=(id) data-live=(url) aria-live=[polite] { (body) }
            p.stale data-stale=(id) role="status" hidden { "Last update " time {} ", " a href="" { "reload" } "." }
            noscript { p.stale { "This part does not update by itself without JavaScript: " a href="" { "reload" } "." } }
        }
    }
}

/// The names of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// New content for the region.
    Html(&'a str),
    /// The stream lives.
    Beat,
    /// Nothing will change any more.
    Done,
}

/// An event as bytes of `text/event-stream`, with its empty line.
#[must_use]
pub fn event(event: Event) -> String {
    match event {
        // JSON in one line: a stream's data must not contain a line break (HTML, section 9.2.6).
        Event::Html(html) => format!("event: html\ndata: {}\n\n", serde_json::Value::from(html)),
        Event::Beat => "event: beat\ndata: 1\n\n".to_owned(),
        Event::Done => "event: done\ndata: 1\n\n".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line_of_data_whatever_the_content() {
        let text = event(Event::Html("<p>a\r\nb \"c\"</p>\n\nevent: done"));
        assert_eq!(text, "event: html\ndata: \"<p>a\\r\\nb \\\"c\\\"</p>\\n\\nevent: done\"\n\n");
    }

    #[test]
    fn a_region_can_be_reloaded_without_script() {
        let html = region("state", "/admin/status/live", html! { "x" }).into_string();
        assert!(html.contains("<div id=\"state\" data-live=\"/admin/status/live\">x</div>"));
        assert!(html.contains("<noscript>"));
    }
}
