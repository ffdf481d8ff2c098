//! Misbehaviour on request, as a client sees it on the wire.

use serde_json::json;
use startlink::sandbox::{ADA, Fault, Outcome, Trouble};

use super::*;
use crate::support::raw::Raw;

async fn send(bench: &Bench) -> Result<(u16, String), surf::Error> {
    let message = json!({ "chat_id": ADA, "text": "x" });
    let mut response = bench.client.post(bench.method_url("sendMessage")).body_json(&message)?.await?;
    Ok((response.status().into(), response.body_string().await?))
}

/// A sandbox in which Ada has started and one fault hits the next call; the answer and how many messages arrived.
fn with_fault(trouble: Trouble) -> (Result<(u16, String), surf::Error>, usize, Outcome) {
    block_on(async {
        let bench = Bench::new().await;
        let ada = bench.sandbox.phone(ADA);
        ada.press_start("").unwrap();
        bench.sandbox.add_fault(Fault::new(trouble).on("sendMessage").to(ADA).times(1));
        let answer = send(&bench).await;
        let arrived = ada.messages(1).len();
        let outcome = bench.sandbox.journal(0)[0].outcome.clone();
        assert_eq!(send(&bench).await.unwrap().0, 200, "the fault is used up");
        (answer, arrived, outcome)
    })
}

#[test]
fn refusals_do_nothing_and_say_what_telegram_would_say() {
    for (trouble, status, words) in [
        (Trouble::TooManyRequests { retry_after: 37 }, 429, "\"retry_after\":37"),
        (Trouble::ServerError { status: 500 }, 500, "\"error_code\":500"),
        (Trouble::Unauthorized, 401, "\"Unauthorized\""),
        (Trouble::NotFound, 404, "\"Not Found\""),
        (Trouble::Blocked, 403, "bot was blocked by the user"),
        (Trouble::HtmlBadGateway, 502, "<html>"),
        (refuse(400, "Bad Request: chat not found", None), 400, "\"Bad Request: chat not found\""),
        (refuse(400, "Bad Request: group chat was upgraded", Some(-1007)), 400, "\"migrate_to_chat_id\":-1007"),
        (refuse(420, "Odd", None), 400, "\"error_code\":420"),
    ] {
        let (answer, arrived, _) = with_fault(trouble.clone());
        let (got, body) = answer.unwrap();
        assert_eq!((got, arrived), (status, 0), "{trouble:?}");
        assert!(body.contains(words), "{trouble:?}: {body}");
    }
}

fn refuse(code: u16, description: &str, migrate_to_chat_id: Option<i64>) -> Trouble {
    Trouble::Refuse { code, description: description.to_owned(), migrate_to_chat_id }
}

#[test]
fn a_late_error_leaves_the_message_behind() {
    let (answer, arrived, outcome) = with_fault(Trouble::ServerErrorAfter { status: 503 });
    let (status, body) = answer.unwrap();
    assert_eq!((status, arrived, outcome), (503, 1, Outcome::DoneThen("answered 503".to_owned())));
    assert!(body.contains("\"error_code\":503"), "{body}");
}

#[test]
fn a_slow_body_is_whole_in_the_end_and_its_head_is_there_at_once() {
    let (answer, arrived, _) = with_fault(Trouble::SlowBody { wait_ms: 5 });
    let (status, body) = answer.unwrap();
    assert_eq!((status, arrived), (200, 1));
    assert!(serde_json::from_str::<Value>(&body).unwrap()["ok"].as_bool().unwrap());
    run(|bench| async move {
        bench.sandbox.phone(ADA).press_start("").unwrap();
        bench.sandbox.add_fault(Fault::new(Trouble::SlowBody { wait_ms: 600_000 }).on("sendMessage"));
        let address: SocketAddr = bench.sandbox.url().trim_start_matches("http://").parse().unwrap();
        let path = bench.method_url(&format!("sendMessage?chat_id={ADA}&text=x"));
        let path = path.strip_prefix(&bench.sandbox.url()).unwrap();
        let head = Raw::connect(address).send(format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n")).head();
        assert_eq!((head.status, bench.sandbox.arrived()), (200, 1));
    });
}

#[test]
fn a_share_of_the_calls_is_hit_in_an_order_that_can_be_repeated() {
    run(|bench| async move {
        bench.sandbox.set_limits(Limits::OFF);
        bench.sandbox.phone(ADA).press_start("").unwrap();
        let mut runs = Vec::new();
        for _ in 0..2 {
            bench.sandbox.clear_faults();
            bench.sandbox.seed_faults(5);
            bench.sandbox.add_fault(Fault::new(Trouble::Blocked).on("sendMessage").percent(30));
            let mut hits = Vec::new();
            for _ in 0..60 {
                hits.push(send(&bench).await.unwrap().0 == 403);
            }
            runs.push(hits);
        }
        assert_eq!(runs[0], runs[1]);
        let hits = runs[0].iter().filter(|hit| **hit).count();
        assert!((8..30).contains(&hits), "{hits}");
    });
}

#[test]
fn a_reset_before_acceptance_leaves_nothing_behind() {
    let (answer, arrived, outcome) = with_fault(Trouble::ResetBefore);
    assert!(answer.is_err());
    assert_eq!((arrived, outcome), (0, Outcome::Hit("closed the connection before doing anything".to_owned())));
}

#[test]
fn a_dropped_answer_leaves_the_message_behind() {
    let (answer, arrived, outcome) = with_fault(Trouble::DropAnswer);
    assert!(answer.is_err());
    assert_eq!((arrived, outcome), (1, Outcome::DoneThen("dropped the answer".to_owned())));
}

#[test]
fn half_an_answer_breaks_off_in_the_body() {
    let (answer, arrived, _) = with_fault(Trouble::HalfAnswer);
    assert!(answer.is_err());
    assert_eq!(arrived, 1);
}

#[test]
fn garbage_comes_with_200_and_the_message_arrived() {
    let (answer, arrived, _) = with_fault(Trouble::Garbage);
    let (status, body) = answer.unwrap();
    assert_eq!((status, arrived), (200, 1));
    assert!(serde_json::from_str::<Value>(&body).is_err());
}

#[test]
fn a_delay_only_takes_time() {
    let (answer, arrived, outcome) = with_fault(Trouble::Delay { wait_ms: 5 });
    assert_eq!((answer.unwrap().0, arrived, outcome), (200, 1, Outcome::Done));
}
