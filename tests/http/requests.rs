//! Requests of every shape, byte by byte, and the answers their senders can read.

use super::server::{Served, await_beat};
use crate::support::raw::{Answer, Raw};
use crate::support::{logs, panics};

/// One request on a connection of its own.
fn ask(bytes: impl AsRef<[u8]>) -> Answer {
    Served::start().connect().send(bytes).answer()
}

fn get(path: &str, headers: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: site.example\r\n{headers}\r\n")
}

#[test]
fn an_ordinary_request_is_answered_with_a_date_and_without_a_server_header() {
    let answer = ask(get("/hello", ""));
    assert_eq!((answer.status, answer.body.as_str()), (200, "hello"));
    assert!(answer.header("date").is_some());
    assert_eq!(answer.header("server"), None);
    assert_eq!(answer.header("content-type"), Some("text/plain;charset=utf-8"));
    assert_eq!(answer.header("content-length"), Some("5"));
}

#[test]
fn handlers_see_the_peer_the_checked_host_and_every_value_of_a_header() {
    let served = Served::start();
    let mut raw = served.connect();
    assert!(raw.send(get("/peer", "")).answer().body.starts_with("127.0.0.1:"));
    assert_eq!(raw.send(get("/host", "")).answer().body, "site.example");
    assert_eq!(raw.send(get("/url?a=%20b", "")).answer().body, "http://site.example/url?a=%20b");
    assert_eq!(raw.send(get("/cookies", "X-Many: 1\r\nx-many: 2\r\n")).answer().body, "1+2");
}

#[test]
fn http_1_0_is_answered_and_closed_or_kept_when_asked() {
    let served = Served::start();
    let mut raw = served.connect();
    assert_eq!(raw.send("GET /hello HTTP/1.0\r\n\r\n").answer().body, "hello");
    assert_eq!(raw.rest(), b"");

    let mut raw = served.connect();
    let kept = "GET /hello HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n\r\n";
    assert_eq!(raw.send(kept).answer().header("connection"), Some("keep-alive"));
    assert_eq!(raw.send(kept).answer().body, "hello");
}

#[test]
fn absolute_targets_are_taken_by_their_path_and_override_the_host() {
    let answer = ask("GET http://real.example:8080/host?x HTTP/1.1\r\nHost: other\r\n\r\n");
    assert_eq!((answer.status, answer.body.as_str()), (200, "real.example:8080"));
    assert_eq!(ask("GET http://user@real.example/hello HTTP/1.1\r\nHost: h\r\n\r\n").status, 400);
}

#[test]
fn malformed_requests_get_a_400_that_says_why_and_the_connection_closes() {
    panics::remember();
    let fixtures: [(&str, &[u8]); 17] = [
        ("non-ASCII header value", b"GET /hello HTTP/1.1\r\nHost: h\r\nX-Name: caf\xe9\r\n\r\n"),
        ("UTF-8 header value", "GET /hello HTTP/1.1\r\nHost: h\r\nX-Name: caf\u{e9}\r\n\r\n".as_bytes()),
        ("no Host", b"GET /hello HTTP/1.1\r\n\r\n"),
        ("two Hosts", b"GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
        ("Host with a path", b"GET /hello HTTP/1.1\r\nHost: a/b\r\n\r\n"),
        ("Host with a user", b"GET /hello HTTP/1.1\r\nHost: a@b\r\n\r\n"),
        (
            "double Content-Length",
            b"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        ),
        ("listed Content-Length", b"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1, 2\r\n\r\nab"),
        ("signed Content-Length", b"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\na"),
        ("xchunked", b"POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
        ("chunked in HTTP/1.0", b"POST /echo HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        ("a space before the colon", b"GET /hello HTTP/1.1\r\nHost: h\r\nX-A : b\r\n\r\n"),
        ("a folded header", b"GET /hello HTTP/1.1\r\nHost: h\r\nX-A: b\r\n c\r\n\r\n"),
        ("not HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"),
        ("a target beyond ASCII", "GET /caf\u{e9} HTTP/1.1\r\nHost: h\r\n\r\n".as_bytes()),
        ("a Host beyond ASCII", b"GET /hello HTTP/1.1\r\nHost: h\xff\r\n\r\n"),
        ("a target that is no path", b"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"),
    ];
    let served = Served::start();
    for (name, bytes) in fixtures {
        let mut raw = served.connect();
        let answer = raw.send(bytes).answer();
        assert_eq!(answer.status, 400, "{name}");
        assert_eq!(answer.header("connection"), Some("close"), "{name}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{name}");
        assert!(answer.body.starts_with("400 Bad Request\n"), "{name}: {}", answer.body);
        assert_eq!(raw.rest(), b"", "{name}");
    }
    assert_eq!(served.connect().send(get("/hello", "")).answer().status, 200);
    assert_eq!(panics::inside(&["http-types", "hyper", "tide", "src/wire"]), [""; 0]);
}

#[test]
fn a_second_request_cannot_hide_behind_two_framings() {
    let served = Served::start();
    let mut raw = served.connect();
    raw.send("POST /ignore HTTP/1.1\r\nHost: h\r\nContent-Length: 30\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    raw.try_send(get("/panic", "").as_bytes());
    let first = raw.answer();
    assert_eq!((first.status, first.header("connection")), (200, Some("close")));
    assert_eq!(raw.rest(), b"");
}

#[test]
fn other_transfer_codings_and_methods_are_not_implemented() {
    let coded = "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n";
    assert_eq!(ask(coded).status, 501);
    assert_eq!(ask("BREW /hello HTTP/1.1\r\nHost: h\r\n\r\n").status, 501);
}

#[test]
fn lines_may_end_in_a_bare_line_feed() {
    assert_eq!(ask("GET /hello HTTP/1.1\nHost: h\n\n").body, "hello");
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let served = Served::start();
    let mut raw = served.connect();
    let post = "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";
    raw.send([get("/hello", ""), post.into(), get("/url", "")].concat());
    assert_eq!(raw.answer().body, "hello");
    assert_eq!(raw.answer().body, "abc");
    assert_eq!(raw.answer().body, "http://site.example/url");
}

#[test]
fn who_closes_its_sending_side_after_the_request_still_gets_the_answer() {
    let served = Served::start();
    let mut quick = served.connect();
    assert_eq!(quick.send(get("/hello", "")).finish_sending().answer().body, "hello");
    assert_eq!(quick.rest(), b"");
    let mut slow = served.connect();
    slow.send(get("/slow", "")).finish_sending();
    await_beat(&served.signals.begun);
    served.signals.release.beat();
    assert_eq!(slow.answer().body, "slow");
    let mut half = served.connect();
    let cut = half.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc").finish_sending().answer();
    assert_eq!((cut.status, cut.header("connection")), (400, Some("close")));
}

#[test]
fn a_chunked_body_with_trailers_in_pieces_is_read_whole_and_the_connection_goes_on() {
    let served = Served::start();
    let mut raw = served.connect();
    raw.send("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab");
    raw.send("c\r\n2;x=y\r\nde\r\n0\r\nX-Trai").send("ler: 1\r\n").send("\r\n");
    assert_eq!(raw.answer().body, "abcde");
    assert_eq!(raw.send(get("/hello", "")).answer().body, "hello");
}

#[test]
fn a_body_that_no_handler_read_does_not_become_the_next_request() {
    let served = Served::start();
    let mut raw = served.connect();
    let inner = get("/panic", "");
    raw.send(format!("POST /ignore HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n{inner}", inner.len()));
    assert_eq!(raw.answer().body, "ignored");
    assert_eq!(raw.send(get("/hello", "")).answer().body, "hello");
}

#[test]
fn who_waits_for_100_continue_gets_it() {
    let served = Served::start();
    let mut raw = served.connect();
    raw.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    assert_eq!(raw.head().status, 100);
    assert_eq!(raw.send("ok").answer().body, "ok");
}

#[test]
fn head_has_the_length_and_no_body() {
    let served = Served::start();
    let mut raw = served.connect();
    let answer = raw.send("HEAD /hello HTTP/1.1\r\nHost: h\r\n\r\n").head();
    assert_eq!((answer.status, answer.header("content-length")), (200, Some("5")));
    assert_eq!(raw.send(get("/hello", "")).answer().body, "hello");
}

#[test]
fn control_characters_of_an_answer_cannot_forge_headers() {
    let answer = ask(get("/controls", ""));
    assert_eq!(answer.header("x-forged"), None);
    assert_eq!(answer.header("x-text"), Some("onex-forged: two"));
    assert_eq!(answer.header("set-cookie"), Some("a=1"));
}

#[test]
fn a_panicking_handler_is_a_500_and_the_server_goes_on() {
    logs::collect();
    let served = Served::start();
    let answer = served.connect().send("PROPFIND /panic HTTP/1.1\r\nHost: h\r\n\r\n").answer();
    assert_eq!(answer.status, 500);
    assert!(answer.body.contains("Something went wrong here"));
    assert!(!answer.body.contains("on purpose"));
    let told = logs::with("method=PROPFIND");
    assert_eq!(told, ["ERROR A request handler panicked; the client was told 500 method=PROPFIND"]);
    assert_eq!(served.connect().send(get("/hello", "")).answer().status, 200);
}

#[test]
fn an_event_stream_arrives_as_it_is_said() {
    let served = Served::start();
    let mut raw = served.connect();
    served.signals.say("data: 1\n\n");
    let first = raw.send(get("/events", "")).head();
    assert_eq!((first.status, first.header("transfer-encoding")), (200, Some("chunked")));
    assert_eq!(raw.chunk(), b"data: 1\n\n");
    served.signals.say("data: 2\n\n");
    assert_eq!(raw.chunk(), b"data: 2\n\n");
}

#[test]
fn an_event_stream_ends_when_its_client_vanishes() {
    let served = Served::start();
    let mut raw: Raw = served.connect();
    served.signals.say("data: 1\n\n");
    raw.send(get("/events", "")).head();
    assert_eq!(raw.chunk(), b"data: 1\n\n");
    drop(raw);
    await_beat(&served.signals.dropped);
}
