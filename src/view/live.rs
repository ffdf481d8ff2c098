//! Regions of a page that keep themselves up to date. The protocol between them and the server stands at [`region`];
//! its other half is in `assets/script.js`.

use maud::{Markup, html};

use super::Href;

/// How a region speaks to screen readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Voice {
    Silent,
    Polite,
}

/// A region that updates itself silently: figures, lists, progress. `body` is its content at first.
///
/// # Protocol
/// What `url` answers depends on `Accept`.
/// - `text/event-stream`: server-sent events (HTML, section 9.2), written by [`event`].
///   - `html`: the new content of the region as one JSON string. Send one at once and one for each change.
///   - `beat`: send one at least every 20 s; after 45 s of silence the script takes the stream for dead.
///   - `again`: the server ends this stream; the script opens another one at once.
///   - `done`: nothing will change any more; the script closes the stream and stays quiet.
/// - otherwise: the content as an HTML fragment, status 200. The script asks so with `poll=1` in the query when streams
///   do not work: every 5 s, every 30 s after many failures. `204` means unchanged; the header `X-Live: done` means the
///   same as the event; 401, 403, 404 and 410 end the polling and ask for a reload.
///
/// The fragment never holds a form that is being edited: a region waits while something in it is typed into or selected.
/// `details` with an id stay open, and the element with the focus keeps it by its id.
#[must_use]
pub fn region(id: &str, url: impl Into<Href>, body: Markup) -> Markup {
    render(id, &url.into(), (Voice::Silent, body))
}

/// A region whose changes are announced: for a single important outcome, such as `Connected`.
#[must_use]
pub fn announced(id: &str, url: impl Into<Href>, body: Markup) -> Markup {
    render(id, &url.into(), (Voice::Polite, body))
}

/// A region of several parts with other things between them, such as a form that is typed into: one stream for the whole
/// page, because a browser opens only six connections to a server over HTTP/1. `body` holds each [`part`] somewhere;
/// what the region's address answers is the parts alone, one after the other.
#[must_use]
pub fn parted(id: &str, url: impl Into<Href>, body: Markup) -> Markup {
    frame(id, html! { div.stack id=(id) data-live=(url.into()) data-parts { (body) } })
}

/// A part of a [`parted`] region; its name is unique there.
#[must_use]
pub fn part(name: &str, body: Markup) -> Markup {
    html! { div.stack data-part=(name) { (body) } }
}

fn render(id: &str, url: &Href, (voice, body): (Voice, Markup)) -> Markup {
    let polite = match voice {
        Voice::Silent => None,
        Voice::Polite => Some("polite"),
    };
    frame(id, html! { div id=(id) data-live=(url) aria-live=[polite] { (body) } })
}

fn frame(id: &str, region: Markup) -> Markup {
    html! {
        div.live-frame {
            (region)
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
    /// This stream ends and another one is to be opened.
    Again,
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
        Event::Again => "event: again\ndata: 1\n\n".to_owned(),
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
