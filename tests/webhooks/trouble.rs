//! Receivers that are slow, redirect, refuse, break off, talk without end, are gone, or are not where they should be.

use startlink::model::event::Actor as By;
use startlink::model::webhook::{State, Why};

use super::*;
use crate::support::ports;

/// What one event comes to at a receiver that answers so; and whether the receiver was asked.
fn outcome(answer: Answer) -> (Outcome, Option<u16>) {
    let (mut post, receiver) = (Post::new(), Receiver::start());
    post.deadline = Duration::from_millis(700);
    let ada = post.person(5);
    let (id, _) = post.endpoint(receiver.url());
    receiver.answer(move |_| answer.clone());
    post.start();
    post.writes(ada, "x");
    let attempt = post.wait_for_log(id, 1)[0];
    assert_eq!(receiver.hits().len(), 1, "one attempt is one request");
    (attempt.outcome, attempt.status)
}

#[test]
fn only_2xx_within_the_deadline_is_a_success() {
    for (answer, expected) in [
        (Answer::Status(201), (Outcome::Delivered, Some(201))),
        (Answer::Status(500), (Outcome::Refused, Some(500))),
        (Answer::Status(521), (Outcome::Refused, Some(521))),
        (Answer::Status(404), (Outcome::Refused, Some(404))),
        (Answer::Drop, (Outcome::Broken, None)),
        (Answer::Never, (Outcome::TimedOut, None)),
        (Answer::Endless(200), (Outcome::Delivered, Some(200))),
        (Answer::Endless(500), (Outcome::Refused, Some(500))),
    ] {
        let what = format!("{answer:?}");
        assert_eq!(outcome(answer), expected, "{what}");
    }
}

#[test]
fn a_redirect_is_a_failure_and_never_followed() {
    let elsewhere = Receiver::start();
    for status in [301, 302, 307, 308] {
        let answer = Answer::With(status, format!("Location: {}\r\n", elsewhere.url()));
        assert_eq!(outcome(answer), (Outcome::Redirected, Some(status)));
    }
    assert!(elsewhere.hits().is_empty());
}

#[test]
fn a_receiver_that_was_killed_gets_everything_in_order_when_it_is_back() {
    let (mut post, receiver) = (Post::new(), Receiver::on(ports::quiet()));
    let (ada, address) = (post.person(5), receiver.address);
    let (id, _) = post.endpoint(receiver.url());
    post.start();
    post.writes(ada, "1");
    receiver.wait_for(1);
    post.wait_for_log(id, 1);
    drop(receiver);
    for text in ["2", "3", "4"] {
        post.writes(ada, text);
    }
    let log = post.wait_for_log(id, 2);
    assert_eq!(log[1].outcome, Outcome::NoConnection);
    let receiver = Receiver::on(address);
    post.pass(PAUSE);
    assert_eq!(texts(&receiver.wait_for(3)), ["2", "3", "4"]);
    post.wait_for_log(id, 5);
    assert_eq!(post.shown(id).progress.failing, None);
}

#[test]
fn nobody_there_is_no_connection() {
    let mut post = Post::new();
    let ada = post.person(5);
    let (id, _) = post.endpoint(format!("http://{}/", ports::quiet()));
    post.start();
    post.writes(ada, "x");
    assert_eq!(post.wait_for_log(id, 1)[0].outcome, Outcome::NoConnection);
    assert_eq!(post.shown(id).progress.failing, Some(post.clock.now()));
}

#[test]
fn what_wants_no_more_gets_no_more_until_it_is_switched_on_again() {
    let (mut post, receiver) = (Post::new(), Receiver::start());
    let ada = post.person(5);
    let (id, _) = post.endpoint(receiver.url());
    receiver.answer(|_| Answer::Status(410));
    post.start();
    post.writes(ada, "1");
    post.wait_for_log(id, 1);
    assert_eq!(post.shown(id).endpoint.state, State::Off { at: post.clock.now(), why: Why::Gone });
    post.writes(ada, "2");
    post.pass(PAUSE);
    receiver.answer(|_| Answer::Status(200));
    post.act(move |tx| webhooks::switch_on(tx, &caller(), id));
    assert_eq!(texts(&receiver.wait_for(3)), ["1", "1", "2"]);
    post.wait_for_log(id, 3);
    let off = post.act(move |tx| webhooks::switch_off(tx, &caller(), id));
    assert_eq!(off.state, State::Off { at: post.clock.now(), why: Why::Asked(By::Operator) });
}

#[test]
fn an_endpoint_that_asks_for_time_gets_it() {
    let (mut post, receiver) = (Post::new(), Receiver::start());
    let (ada, ben) = (post.person(5), post.person(6));
    let (id, _) = post.endpoint(receiver.url());
    receiver.answer(|_| Answer::With(429, "Retry-After: 60\r\n".to_owned()));
    post.start();
    post.writes(ada, "a");
    post.wait_for_log(id, 1);
    receiver.answer(|_| Answer::Status(200));
    post.writes(ben, "b");
    post.pass(Duration::from_secs(59));
    assert_eq!(post.log(id).len(), 1);
    post.pass(Duration::from_secs(1));
    let mut later = texts(&receiver.wait_for(3)[1..]);
    later.sort();
    assert_eq!(later, ["a", "b"]);
}

#[test]
fn the_configuration_is_asked_again_before_each_attempt() {
    let (mut post, receiver) = (Post::new(), Receiver::start());
    let ada = post.person(5);
    let (id, _) = post.endpoint(receiver.url());
    post.config = config("");
    post.start();
    post.writes(ada, "x");
    assert_eq!(post.wait_for_log(id, 1)[0].outcome, Outcome::NotAllowed);
    assert!(receiver.hits().is_empty());
}

#[test]
fn a_name_that_leads_into_this_machine_is_refused_when_it_is_resolved() {
    let own = ["ip6-localhost", "ip6-loopback", "localhost.localdomain", "localhost4", "localhost6"];
    let hostname = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let names = own.into_iter().chain([hostname.trim()]);
    let is_own = |name: &str| {
        use std::net::ToSocketAddrs as _;
        let found = (name, 443).to_socket_addrs().map(Iterator::collect::<Vec<_>>).unwrap_or_default();
        !name.is_empty() && found.iter().any(|address| !startlink::wire::is_public(address.ip()))
    };
    let Some(name) = names.into_iter().find(|name| is_own(name)) else { return };
    let mut post = Post::new();
    post.config = config("");
    let ada = post.person(5);
    let (id, _) = post.endpoint(format!("https://{name}/"));
    post.start();
    post.writes(ada, "x");
    assert_eq!(post.wait_for_log(id, 1)[0].outcome, Outcome::NotAllowed, "{name}");
    let mut unknown = Post::new();
    let ben = unknown.person(6);
    let (id, _) = unknown.endpoint("https://nowhere.invalid/".to_owned());
    unknown.start();
    unknown.writes(ben, "x");
    assert_eq!(unknown.wait_for_log(id, 1)[0].outcome, Outcome::NoAddress);
}
