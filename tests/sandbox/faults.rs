//! Misbehaviour on request, as a client sees it on the wire.

use serde_json::json;
use startlink::sandbox::{ADA, Fault, Outcome, Trouble};

use super::*;

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
    ] {
        let (answer, arrived, _) = with_fault(trouble.clone());
        let (got, body) = answer.unwrap();
        assert_eq!((got, arrived), (status, 0), "{trouble:?}");
        assert!(body.contains(words), "{trouble:?}: {body}");
    }
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
