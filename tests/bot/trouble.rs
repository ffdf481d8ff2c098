//! What can go wrong between the bot and Telegram: each shows as what it is, and none ends the polling.

use startlink::actions::bots;
use startlink::sandbox::{BEN, Fault, Trouble};
use startlink::telegram::{Conflict, GetUpdates};

use super::*;

/// The bot polls, then every poll meets `trouble`; the report once `wanted` shows. Then it goes on by itself.
fn meets(trouble: Trouble, wanted: impl Fn(&State) -> bool) {
    run(|mut bench| async move {
        bench.sandbox.add_fault(Fault::new(trouble).on("getUpdates").times(1));
        bench.start();
        let report = bench.health(|report| wanted(&report.state)).await;
        assert_eq!(report.failures, 1);
        assert!(report.last_error.is_some());
        bench.polling().await;
        let report = bench.bot.health().report();
        assert_eq!((report.failures, report.last_error), (0, None));
        let (phone, _) = bench.linked("ada").await;
        hear(&phone, "Hello ada").await;
        bench
    });
}

fn waits(state: &State, part: &str) -> bool {
    matches!(state, State::Waiting { why, .. } if why.contains(part))
}

#[test]
fn a_bad_gateway_with_a_page_of_html_is_waited_out() {
    meets(Trouble::HtmlBadGateway, |state| waits(state, "502"));
}

#[test]
fn an_answer_that_is_no_json_is_waited_out() {
    meets(Trouble::Garbage, |state| waits(state, "200"));
}

#[test]
fn a_server_error_is_waited_out() {
    meets(Trouble::ServerError { status: 503 }, |state| waits(state, "503"));
}

#[test]
fn too_many_requests_are_waited_out_as_long_as_telegram_says() {
    meets(Trouble::TooManyRequests { retry_after: 1 }, |state| waits(state, "slow down"));
}

#[test]
fn a_dead_connection_is_waited_out() {
    meets(Trouble::ResetBefore, |state| matches!(state, State::Waiting { .. }));
}

#[test]
fn half_an_answer_loses_no_update() {
    run(|mut bench| async move {
        let account = bench.account("ada").await;
        let (_, address) = bench.link(account).await;
        let phone = bench.sandbox.phone(ADA);
        phone.open(&address).unwrap();
        bench.sandbox.add_fault(Fault::new(Trouble::HalfAnswer).on("getUpdates").times(1));
        bench.sandbox.add_fault(Fault::new(Trouble::DropAnswer).on("getUpdates").times(1));
        bench.start();
        hear(&phone, "Hello ada").await;
        bench
    });
}

#[test]
fn a_refused_token_shows_and_another_one_is_taken_at_once() {
    block_on(async {
        let mut bench = Bench::new(TokenFrom::File).await;
        bench.start_bot();
        bench.health(|report| report.state == State::NoToken).await;
        let token = bench.sandbox.token();
        let wrong = format!("{}:{}", bench.sandbox.bot().id, "A".repeat(35));
        let wrong = startlink::secret::Secret::new(wrong);
        bench.write(move |tx| Ok(meta::put_token(tx, Some(&wrong))?)).await;
        bench.health(|report| matches!(report.state, State::TokenRefused { .. })).await;
        bench.write(move |tx| Ok(meta::put_token(tx, Some(&token))?)).await;
        bench.polling().await;
        assert_eq!(bench.bot.health().report().identity.unwrap().username, bench.sandbox.bot().username);
        bench.write(|tx| Ok(meta::put_token(tx, None)?)).await;
        let report = bench.health(|report| report.state == State::NoToken).await;
        assert_eq!(report.identity, None);
        bench.end().await;
    });
}

#[test]
fn another_program_that_polls_shows_as_a_conflict() {
    run(|mut bench| async move {
        bench.start_bot();
        bench.polling().await;
        bench.sandbox.wait_for_polls(2, PATIENCE).await.unwrap();
        let token = Token::parse(bench.sandbox.token().expose()).unwrap();
        let other = Connector::new(&bench.sandbox.url(), EngineOptions::default()).unwrap().api(token);
        other.get_updates(&GetUpdates::long(None, 0)).await.unwrap();
        let conflict = |state: &State| matches!(state, State::Conflict { with: Conflict::OtherPoller, .. });
        bench.health(|report| conflict(&report.state)).await;
        // Its next poll that is held is proof that it is alone again; an update ends it early.
        bench.sandbox.wait_for_polls(5, PATIENCE).await.unwrap();
        assert!(conflict(&bench.bot.health().report().state), "an answer at once proves nothing");
        bench.sandbox.phone(BEN).press_start("").unwrap();
        bench.polling().await;
        bench
    });
}

#[test]
fn a_foreign_webhook_is_shown_and_removed_only_with_consent() {
    run(|mut bench| async move {
        let token = bench.sandbox.token();
        let url = format!("https://other.example/hook/{}", token.expose());
        let engine = startlink::wire::Engine::new(EngineOptions::default()).unwrap().client();
        let method = format!("{}/bot{}/setWebhook", bench.sandbox.url(), token.expose());
        let body = serde_json::json!({ "url": url });
        engine.post(method).body_json(&body).unwrap().await.unwrap();
        let phone = bench.sandbox.phone(ADA);
        phone.press_start("").unwrap();
        bench.start();
        let shown = |state: &State| matches!(state, State::WebhookSet { .. });
        let report = bench.health(|report| shown(&report.state)).await;
        assert_eq!(report.state, State::WebhookSet { url: "https://other.example/hook/[token]".into() });
        assert_eq!(report.pending, Some(1));
        let owner = Caller::internal(Actor::Operator);
        bench.write(move |tx| bots::consent_to_webhook_removal(tx, &owner)).await;
        hear(&phone, "Please visit me").await;
        assert!(!bench.read(bots::may_remove_webhook), "the consent is used up");
        bench
    });
}

#[test]
fn a_webhook_that_is_set_while_polling_shows() {
    run(|mut bench| async move {
        bench.start_bot();
        bench.polling().await;
        bench.sandbox.wait_for_polls(2, PATIENCE).await.unwrap();
        let engine = startlink::wire::Engine::new(EngineOptions::default()).unwrap().client();
        let method = format!("{}/bot{}/setWebhook", bench.sandbox.url(), bench.sandbox.token().expose());
        engine.post(method).body_json(&serde_json::json!({ "url": "https://other.example/" })).unwrap().await.unwrap();
        let shown = |state: &State| matches!(state, State::WebhookSet { .. });
        bench.health(|report| shown(&report.state)).await;
        bench
    });
}
