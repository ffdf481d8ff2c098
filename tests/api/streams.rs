//! Events as a stream: resumed where it broke, from a cursor, and only for those who may listen.

use std::time::Duration;

use futures_lite::AsyncReadExt as _;
use startlink::runtime::{block_on, timeout};
use tide::http::{Method, Response};

use super::given::Site;
use crate::pages::given::{account, app, claim};

/// Far above what anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);
const STREAM: (&str, &str) = ("accept", "text/event-stream");

fn listen(site: &Site<'_>, path: &str, headers: &[(&str, &str)]) -> Response {
    let headers = [&[STREAM], headers].concat();
    let stream = block_on(site.open(Method::Get, path, None, &headers));
    assert_eq!(stream.status(), 200);
    assert_eq!(stream.header("content-type").unwrap().as_str(), "text/event-stream");
    stream
}

/// The next events: their cursors and their types.
fn next(stream: &mut Response) -> Vec<(String, String)> {
    let (mut text, mut reader) = (String::new(), stream.take_body());
    block_on(timeout(PATIENCE, async {
        let mut bytes = vec![0_u8; 64 * 1024];
        while !text.ends_with("\n\n") {
            let count = reader.read(&mut bytes).await.unwrap();
            assert!(count > 0, "the stream ended: {text}");
            text.push_str(&String::from_utf8_lossy(&bytes[..count]));
        }
    }))
    .unwrap();
    stream.set_body(reader);
    let field = |event: &str, name: &str| {
        event.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim().to_owned()
    };
    text.trim().split("\n\n").map(|event| (field(event, "id:"), field(event, "event:"))).collect()
}

fn words(events: &[(String, String)]) -> Vec<&str> {
    events.iter().map(|(_, word)| word.as_str()).collect()
}

#[test]
fn a_stream_goes_on_where_it_broke() {
    let app = app();
    let ada = account(&app, "ada");
    claim(&app, ada, 11, "Ada L");
    let site = Site::with(&app, "events");
    let mut stream = listen(&site, "/api/v1/events", &[]);
    let first = next(&mut stream);
    assert_eq!(words(&first), ["link.created", "link.used", "chat.linked"]);
    drop(stream);
    let (seen, _) = &first[0];
    let mut again = listen(&site, "/api/v1/events", &[("last-event-id", seen)]);
    assert_eq!(next(&mut again), first[1..]);
    let ben = account(&app, "ben");
    claim(&app, ben, 12, "Ben");
    let mut fresh = next(&mut again);
    while fresh.len() < 3 {
        fresh.extend(next(&mut again));
    }
    assert_eq!(words(&fresh), ["link.created", "link.used", "chat.linked"], "and what comes then");
    let mut after = listen(&site, &format!("/api/v1/events?after={seen}"), &[]);
    assert_eq!(next(&mut after)[..2], first[1..], "a cursor of a page is one of the stream");
    let both = [("last-event-id", fresh[1].0.as_str())];
    let mut newer = listen(&site, &format!("/api/v1/events?after={seen}"), &both);
    assert_eq!(next(&mut newer), fresh[2..], "what was heard last counts");
    let page = site.get(&format!("/api/v1/events?after={}", fresh[1].0));
    assert_eq!(page.json["items"][0]["type"], "chat.linked", "and the other way round");
}

#[test]
fn a_stream_is_refused_as_any_other_request() {
    let app = app();
    let ask = |site: &Site<'_>, headers: &[(&str, &str)]| {
        let headers = [&[STREAM], headers].concat();
        site.send(Method::Get, "/api/v1/events", None, &headers)
    };
    assert_eq!(ask(&Site::stranger(&app), &[]).problem(), (401, "no_key", ""));
    assert_eq!(ask(&Site::with(&app, "links"), &[]).problem(), (403, "missing_scope", ""));
    let site = Site::with(&app, "events");
    assert_eq!(ask(&site, &[("last-event-id", "7")]).problem(), (422, "invalid", "Last-Event-ID"));
}

#[test]
fn a_page_that_is_waited_for_comes_empty_when_the_time_is_over() {
    let app = app();
    let site = Site::with(&app, "events");
    let said = site.get("/api/v1/events?wait=1");
    assert_eq!((said.status, said.json["items"].as_array().map(Vec::len)), (200, Some(0)));
    let next = said.json["next"].as_str().unwrap().to_owned();
    assert_eq!(site.get(&format!("/api/v1/events?wait=1&after={next}")).json["next"], next, "and keeps its place");
}
