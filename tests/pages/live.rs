//! Regions that keep themselves up to date: the stream, the polling, and their ends.

use std::time::Duration;

use futures_lite::AsyncReadExt as _;
use startlink::actions::session;
use startlink::model::admin::Role;
use startlink::runtime::{block_on, timeout};
use startlink::secret::Secret;
use startlink::wire::Peer;
use tide::http::{Method, Request, Response, Url};

use super::given::{account, app, link, signed, use_up};
use crate::support::app::TestApp;
use crate::support::browser::Browser;

/// Far above what anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

pub fn open(app: &TestApp, path: &str, cookie: &str) -> Response {
    let mut request = Request::new(Method::Get, Url::parse(&format!("http://links.example.org{path}")).unwrap());
    request.insert_header("host", "links.example.org");
    request.insert_header("accept", "text/event-stream");
    request.insert_header("cookie", cookie);
    request.ext_mut().insert(Peer("127.0.0.1:50000".parse().unwrap()));
    block_on(app.server.respond(request)).unwrap()
}

/// What comes next, up to the end of an event; nothing at the end of the stream.
pub fn next(stream: &mut Response) -> String {
    let mut text = String::new();
    let mut reader = stream.take_body();
    block_on(timeout(PATIENCE, async {
        let mut bytes = vec![0_u8; 64 * 1024];
        while !text.ends_with("\n\n") {
            let count = reader.read(&mut bytes).await.unwrap();
            if count == 0 {
                break;
            }
            text.push_str(&String::from_utf8_lossy(&bytes[..count]));
        }
    }))
    .unwrap();
    stream.set_body(reader);
    text
}

fn cookie_of(browser: &Browser<'_>) -> String {
    format!("__Host-startlink={}", browser.cookies["__Host-startlink"])
}

#[test]
fn a_link_page_turns_to_connected_by_itself_and_the_stream_ends() {
    let app = app();
    let id = account(&app, "anna");
    let issued = link(&app, id);
    let mut stream = open(&app, &format!("/l/{}/live", issued.code.expose()), "");
    assert_eq!(stream.status(), 200);
    assert_eq!(stream.header("content-type").unwrap().as_str(), "text/event-stream");
    let first = next(&mut stream);
    assert!(first.starts_with("event: html\ndata: \"") && first.contains("post_bot?start="));
    use_up(&app, &issued, id, 11, "Anna T.");
    let second = next(&mut stream);
    assert!(second.contains("Connected") && second.contains("Anna T."));
    assert!(second.ends_with("event: done\ndata: 1\n\n"));
    assert_eq!(next(&mut stream), "");
}

#[test]
fn polling_gives_the_same_and_says_when_it_is_over() {
    let app = app();
    let id = account(&app, "anna");
    let issued = link(&app, id);
    let path = format!("/l/{}/live?poll=1", issued.code.expose());
    let before = app.browser().get(&path);
    assert!(before.body.contains("post_bot?start=") && before.header("x-live").is_none());
    assert!(!before.body.contains("<html"));
    use_up(&app, &issued, id, 11, "Anna T.");
    let after = app.browser().get(&path);
    assert!(after.body.contains("Connected") && after.header("x-live") == Some("done"));
}

#[test]
fn an_account_page_hears_of_changes_and_its_stream_ends_with_the_session() {
    let app = app();
    let id = account(&app, "anna");
    let browser = signed(&app, Role::Viewer);
    let mut stream = open(&app, "/admin/accounts/1/live", &cookie_of(&browser));
    let first = next(&mut stream);
    assert!(first.contains("data-part=\\\"chats\\\"") && first.contains("No chat is connected yet"));
    let issued = link(&app, id);
    use_up(&app, &issued, id, 11, "Anna T.");
    let mut seen = String::new();
    while !seen.contains("reachable") {
        seen = next(&mut stream);
        assert!(seen.starts_with("event: html"), "{seen}");
    }
    assert!(seen.contains("Anna T."));
    let cookie = Secret::new(browser.cookies["__Host-startlink"].clone()).hash();
    app.write(move |tx| session::end::<startlink::ids::AdminId>(tx, cookie));
    assert_eq!(next(&mut stream), "");
}

#[test]
fn a_stream_needs_the_same_right_as_its_page() {
    let app = app();
    account(&app, "anna");
    for path in ["/admin/live", "/admin/status/live", "/admin/accounts/1/live"] {
        assert_eq!(open(&app, path, "").status(), 401, "{path}");
    }
}

#[test]
fn streams_of_one_network_are_limited_and_places_come_back() {
    let app = app();
    let id = account(&app, "anna");
    let issued = link(&app, id);
    let path = format!("/l/{}/live", issued.code.expose());
    let mut streams: Vec<Response> = (0..100).map(|_| open(&app, &path, "")).collect();
    assert!(streams.iter().all(|stream| stream.status() == 200));
    let crowded = open(&app, &path, "");
    assert_eq!(crowded.status(), 429);
    assert!(crowded.header("retry-after").is_some());
    streams.pop();
    assert_eq!(open(&app, &path, "").status(), 200);
}
