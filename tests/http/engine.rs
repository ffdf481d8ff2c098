//! What the engine makes of servers that behave and of servers that do not: above all, whether a request left.

use std::net::SocketAddr;
use std::time::Duration;

use startlink::runtime;
use startlink::wire::{Engine, EngineOptions, Fault, fault};

use super::server::Served;
use crate::support::ports;
use crate::support::scripted::{Caller, Scripted};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const SECRET: &str = "bot123:SECRET";

fn client() -> surf::Client {
    with(EngineOptions::default())
}

fn with(options: EngineOptions) -> surf::Client {
    Engine::new(options).unwrap().client()
}

fn through(proxy: String) -> surf::Client {
    with(EngineOptions { proxy: Some(proxy), ..EngineOptions::default() })
}

fn impatient() -> EngineOptions {
    EngineOptions { connect_timeout: Duration::from_millis(100), ..EngineOptions::default() }
}

/// Posts once; gives the answer's text, or the class of the failure after looking for the token in its words.
fn post(client: &surf::Client, scheme: &str, address: SocketAddr) -> Result<String, Fault> {
    let call = client.post(format!("{scheme}://{address}/{SECRET}/sendMessage")).body("{\"text\":\"hello\"}");
    let answered = runtime::block_on(runtime::timeout(Duration::from_secs(20), call.recv_string()));
    answered.expect("the call ends in time").map_err(|error| {
        assert!(!format!("{error:?} {error}").contains("SECRET"), "{error:?}");
        fault(&error).expect("every failure has a class").clone()
    })
}

fn reason_of_not_sent(result: Result<String, Fault>) -> String {
    match result {
        Err(Fault::NotSent { reason, .. }) => reason,
        other => panic!("expected NotSent, got {other:?}"),
    }
}

fn reason_of_unknown(result: Result<String, Fault>) -> String {
    match result {
        Err(Fault::Unknown { reason }) => reason,
        other => panic!("expected Unknown, got {other:?}"),
    }
}

#[test]
fn a_request_and_its_answer_arrive_whole() {
    let served = Served::start();
    let (client, large) = (client(), "x".repeat(900_000));
    let url = format!("http://{}", served.address);
    runtime::block_on(async {
        let echo = client.post(format!("{url}/echo")).body(large.clone()).recv_string().await;
        assert_eq!(echo.unwrap(), large);
        assert_eq!(client.get(format!("{url}/large")).recv_bytes().await.unwrap().len(), 3_000_000);
        assert_eq!(client.get(format!("{url}/host")).recv_string().await.unwrap(), served.address.to_string());
    });
}

#[test]
fn the_headers_that_callers_act_on_come_through() {
    let server = Scripted::start(|caller| {
        caller.request();
        caller.say("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Type: application/json\r\n");
        caller.say("X-Other: caf\u{e9}\r\nContent-Length: 2\r\n\r\n{}");
    });
    let answer = runtime::block_on(client().post(format!("http://{}/", server.address)).send()).unwrap();
    assert_eq!(u16::from(answer.status()), 429);
    assert_eq!(answer.header("retry-after").unwrap().as_str(), "7");
    assert_eq!(answer.header("content-type").unwrap().as_str(), "application/json");
}

#[test]
fn a_status_without_a_name_counts_as_the_first_of_its_class() {
    let server = Scripted::start(|caller| {
        caller.request();
        caller.say("HTTP/1.1 520 Odd\r\nContent-Length: 0\r\n\r\n");
    });
    let answer = runtime::block_on(client().post(format!("http://{}/", server.address)).send()).unwrap();
    assert_eq!(u16::from(answer.status()), 500);
}

#[test]
fn a_refused_connection_is_not_sent() {
    let reason = reason_of_not_sent(post(&client(), "http", ports::quiet()));
    assert!(reason.contains("refused"), "{reason}");
}

#[test]
fn a_connection_that_dies_after_the_request_was_read_is_unknown_and_not_tried_again() {
    let server = Scripted::start(|caller| {
        caller.request();
    });
    reason_of_unknown(post(&client(), "http", server.address));
    assert_eq!(server.arrivals(), 1);
}

#[test]
fn a_kept_connection_that_dies_after_the_request_was_read_is_unknown_and_not_tried_again() {
    let server = Scripted::start(|caller| {
        if caller.request() {
            caller.say(OK);
            caller.request();
        }
    });
    let client = client();
    let calls = (1..=50).find(|_| match post(&client, "http", server.address) {
        Ok(text) => text != "ok",
        broken => !reason_of_unknown(broken).is_empty(),
    });
    assert_eq!(Some(server.arrivals()), calls, "a kept connection is used within 50 calls, and each call arrives once");
}

#[test]
fn no_request_that_is_said_not_to_be_sent_has_arrived() {
    let server = Scripted::start(|caller| {
        caller.request();
        caller.say(OK);
    });
    let client = client();
    let results: Vec<_> = (0..50).map(|_| post(&client, "http", server.address)).collect();
    let answered = results.iter().filter(|result| result.is_ok()).count();
    let not_sent = results.iter().filter(|result| matches!(result, Err(Fault::NotSent { .. }))).count();
    assert!(answered <= server.arrivals(), "{results:?}");
    assert!(server.arrivals() + not_sent <= results.len(), "{} arrived, {results:?}", server.arrivals());
}

#[test]
fn half_an_answer_and_no_http_at_all_are_unknown() {
    let answers = [
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
        "HTTP/1.1 200 OK\r\nContent-Le",
        "220 mail.example ESMTP\r\n\r\n",
    ];
    for answer in answers {
        let server = Scripted::start(move |caller| {
            caller.request();
            caller.say(answer);
        });
        reason_of_unknown(post(&client(), "http", server.address));
        assert_eq!(server.arrivals(), 1, "{answer}");
    }
}

#[test]
fn an_answer_that_is_too_large_is_unknown() {
    let fits = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789";
    let announced = "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n0123456789a";
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n012345\r\n6\r\n012345\r\n0\r\n\r\n";
    let post_to = |answer: &'static str| {
        let server = Scripted::start(move |caller| {
            caller.request();
            caller.say(answer);
        });
        post(&with(EngineOptions { answer_bytes: 10, ..EngineOptions::default() }), "http", server.address)
    };
    assert_eq!(post_to(fits).unwrap(), "0123456789");
    assert!(reason_of_unknown(post_to(announced)).contains("longer than 10 bytes"));
    assert!(reason_of_unknown(post_to(chunked)).contains("longer than 10 bytes"));
}

#[test]
fn tls_that_fails_is_not_sent() {
    let plain = Scripted::start(|caller| {
        caller.bytes(5);
        caller.say("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    let reason = reason_of_not_sent(post(&client(), "https", plain.address));
    assert!(reason.contains("TLS"), "{reason}");

    let silent = Scripted::start(Caller::wait_for_close);
    let reason = reason_of_not_sent(post(&with(impatient()), "https", silent.address));
    assert!(reason.contains("longer than 100 ms"), "{reason}");
}

#[test]
fn an_http_proxy_carries_the_request_through_a_tunnel() {
    let served = Served::start();
    let target = served.address;
    let proxy = Scripted::start(move |caller| {
        let head = caller.head();
        assert!(head.starts_with(&format!("connect {target} http/1.1\r\n")), "{head}");
        assert!(head.contains("proxy-authorization: basic dxnlcjpwqhnz\r\n"), "{head}");
        caller.say("HTTP/1.1 200 Connection established\r\n\r\n");
        caller.join(target);
    });
    let client = through(format!("http://user:p%40ss@{}", proxy.address));
    let call = client.post(format!("http://{target}/echo")).body("said").recv_string();
    assert_eq!(runtime::block_on(call).unwrap(), "said");
}

#[test]
fn a_proxy_that_refuses_or_is_gone_or_hangs_is_not_sent() {
    let target = Scripted::start(|caller| {
        caller.request();
    });
    for answer in ["HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "HTTP/1.1 502 Bad Gateway\r\n\r\n", ""] {
        let proxy = Scripted::start(move |caller| {
            caller.head();
            caller.say(answer);
        });
        let client = through(format!("http://{}", proxy.address));
        let reason = reason_of_not_sent(post(&client, "http", target.address));
        assert!(reason.contains("proxy"), "{reason}");
    }
    reason_of_not_sent(post(&through(format!("http://{}", ports::quiet())), "http", target.address));
    reason_of_not_sent(post(&through(format!("socks5://{}", ports::quiet())), "http", target.address));

    let hanging = Scripted::start(Caller::wait_for_close);
    let proxy = Some(format!("socks5://{}", hanging.address));
    reason_of_not_sent(post(&with(EngineOptions { proxy, ..impatient() }), "http", target.address));
    assert_eq!(target.arrivals(), 0);
}

#[test]
fn a_socks_proxy_carries_the_request_with_a_name_and_a_password() {
    let served = Served::start();
    let target = served.address;
    let proxy = Scripted::start(move |caller| {
        assert_eq!(caller.bytes(3), [5, 1, 2]);
        caller.say([5, 2]);
        assert_eq!(caller.bytes(11), b"\x01\x04user\x04p@ss");
        caller.say([1, 0]);
        let [high, low] = target.port().to_be_bytes();
        assert_eq!(caller.bytes(10), [5, 1, 0, 1, 127, 0, 0, 1, high, low]);
        caller.say([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
        caller.join(target);
    });
    let client = through(format!("socks5://user:p%40ss@{}", proxy.address));
    let call = client.post(format!("http://{target}/echo")).body("said").recv_string();
    assert_eq!(runtime::block_on(call).unwrap(), "said");
}

#[test]
fn a_kept_connection_is_used_again() {
    let served = Served::start();
    let client = client();
    let peer = |_| runtime::block_on(client.get(format!("http://{}/peer", served.address)).recv_string()).unwrap();
    let peers: std::collections::HashSet<String> = (0..50).map(peer).collect();
    assert!(peers.len() < 50);
}
