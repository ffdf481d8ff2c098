//! What one client may take of the server, and how it ends.

use std::time::Duration;

use startlink::wire::ServerLimits;

use super::server::{Served, await_beat};

const HELLO: &str = "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n";

fn short() -> Duration {
    Duration::from_millis(50)
}

#[test]
fn a_slow_head_is_told_408() {
    let served = Served::with(ServerLimits { head_timeout: short(), ..ServerLimits::default() });
    let mut raw = served.connect();
    let answer = raw.send("GET /hello HTTP/1.1\r\nHo").answer();
    assert_eq!(answer.status, 408);
    assert_eq!(raw.rest(), b"");
}

#[test]
fn a_slow_second_head_is_told_408_too() {
    let limits = ServerLimits { head_timeout: Duration::from_millis(300), ..ServerLimits::default() };
    let served = Served::with(limits);
    let mut raw = served.connect();
    assert_eq!(raw.send(HELLO).answer().status, 200);
    assert_eq!(raw.send("GET /hel").answer().status, 408);
}

#[test]
fn a_connection_that_says_nothing_is_closed_without_a_word() {
    let served = Served::with(ServerLimits { head_timeout: short(), ..ServerLimits::default() });
    assert_eq!(served.connect().rest(), b"");
}

#[test]
fn a_connection_that_rests_too_long_is_closed_without_a_word() {
    let served = Served::with(ServerLimits { idle_timeout: short(), ..ServerLimits::default() });
    let mut raw = served.connect();
    assert_eq!(raw.send(HELLO).answer().status, 200);
    assert_eq!(raw.rest(), b"");
}

#[test]
fn a_huge_head_is_told_431_even_while_it_is_still_being_sent() {
    let served = Served::start();
    for head in [format!("GET / HTTP/1.1\r\nHost: h\r\nX: {}", "x".repeat(2_000_000)), "X".repeat(1_000_000)] {
        let mut raw = served.connect();
        let answer = raw.try_send(head.as_bytes()).answer();
        assert_eq!(answer.status, 431);
        assert!(answer.body.contains("too large"));
        assert_eq!(raw.rest(), b"", "closed, not reset");
    }
}

#[test]
fn too_many_headers_are_told_431() {
    let served = Served::start();
    let head = format!("GET /hello HTTP/1.1\r\nHost: h\r\n{}\r\n", "A: b\r\n".repeat(200));
    assert_eq!(served.connect().send(head).answer().status, 431);
}

#[test]
fn a_body_that_is_too_large_is_told_413_however_it_is_framed() {
    let served = Served::with(ServerLimits { body_bytes: 1000, ..ServerLimits::default() });
    let announced =
        format!("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n{}", "x".repeat(1_000_000));
    let chunk = format!("320\r\n{}\r\n", "x".repeat(800));
    let chunked =
        format!("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}{chunk}0\r\n\r\n");
    for request in [announced, chunked] {
        let mut raw = served.connect();
        let answer = raw.try_send(request.as_bytes()).answer();
        assert_eq!((answer.status, answer.header("connection")), (413, Some("close")));
        assert!(answer.body.contains("at most 1000 bytes"));
        assert_eq!(raw.rest(), b"", "closed, not reset");
    }
    let fits = format!("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n{}", "x".repeat(1000));
    assert_eq!(served.connect().send(fits).answer().status, 200);
}

#[test]
fn a_body_that_never_ends_is_told_408() {
    let served = Served::with(ServerLimits { body_timeout: short(), ..ServerLimits::default() });
    let mut raw = served.connect();
    let answer = raw.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc").answer();
    assert_eq!((answer.status, answer.header("connection")), (408, Some("close")));
}

fn upload(path: &str, length: usize, body: &str) -> String {
    let head = format!("POST {path} HTTP/1.1\r\nHost: h\r\nContent-Type: multipart/form-data; boundary=x\r\n");
    format!("{head}Content-Length: {length}\r\n\r\n{body}")
}

#[test]
fn an_upload_has_a_limit_of_its_own_and_reaches_the_application_unread() {
    let served = Served::with(ServerLimits { body_bytes: 10, upload_bytes: 2000, ..ServerLimits::default() });
    let answer = served.connect().send(upload("/length", 2000, &"x".repeat(2000))).answer();
    assert_eq!((answer.status, answer.body.as_str()), (200, "2000"));
    let answer = served.connect().try_send(upload("/length", 2001, &"x".repeat(2001)).as_bytes()).answer();
    assert_eq!((answer.status, answer.body.as_str()), (200, "FileTooLarge"));
    let mut raw = served.connect();
    let answer = raw.try_send(upload("/ignore", 1_000_000, &"x".repeat(1_000_000)).as_bytes()).answer();
    assert_eq!((answer.status, answer.body.as_str()), (200, "ignored"), "answered without being read");
    assert_eq!(raw.rest(), b"", "closed, not reset");
    let mut raw = served.connect();
    for _ in 0..2 {
        assert_eq!(raw.send(upload("/length", 3, "abc")).answer().body, "3", "the connection goes on");
    }
}

#[test]
fn an_upload_that_never_ends_is_told_to_the_application() {
    let served = Served::with(ServerLimits { upload_timeout: short(), ..ServerLimits::default() });
    let mut raw = served.connect();
    assert_eq!(raw.send(upload("/length", 10, "abc")).answer().body, "TimedOut");
    assert_eq!(raw.rest(), b"");
}

#[test]
fn a_client_that_takes_nothing_is_cut_off() {
    let served = Served::with(ServerLimits { write_timeout: short(), connections: 1, ..ServerLimits::default() });
    let mut greedy = served.connect();
    for _ in 0..8 {
        greedy.try_send(b"GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
    }
    assert_eq!(served.connect().send(HELLO).answer().status, 200);
}

#[test]
fn connections_over_the_cap_wait_for_a_place() {
    let served = Served::with(ServerLimits { connections: 1, ..ServerLimits::default() });
    let mut first = served.connect();
    assert_eq!(first.send(HELLO).answer().status, 200);
    let mut second = served.connect();
    second.send(HELLO);
    drop(first);
    assert_eq!(second.answer().status, 200);
}

#[test]
fn a_stop_lets_open_requests_finish_and_refuses_new_connections() {
    let served = Served::start();
    let mut idle = served.connect();
    assert_eq!(idle.send(HELLO).answer().status, 200);
    let mut busy = served.connect();
    busy.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
    await_beat(&served.signals.begun);
    served.raise_stop();
    assert_eq!(idle.rest(), b"");
    served.signals.release.beat();
    let answer = busy.answer();
    assert_eq!((answer.body.as_str(), answer.header("connection")), ("slow", Some("close")));
    drop(busy);
    let address = served.address;
    served.drained();
    assert!(std::net::TcpStream::connect(address).is_err());
}

#[test]
fn a_stop_ends_event_streams_whole() {
    let served = Served::start();
    let mut raw = served.connect();
    served.signals.say("data: 1\n\n");
    raw.send("GET /events HTTP/1.1\r\nHost: h\r\n\r\n").head();
    assert_eq!(raw.chunk(), b"data: 1\n\n");
    served.raise_stop();
    assert_eq!(raw.chunk(), b"");
    drop(raw);
    served.drained();
}

#[test]
fn a_drain_does_not_wait_for_ever() {
    let served = Served::with(ServerLimits { drain_timeout: short(), ..ServerLimits::default() });
    let mut raw = served.connect();
    raw.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
    await_beat(&served.signals.begun);
    served.raise_stop();
    served.drained();
    assert_eq!(raw.rest(), b"");
}
