//! Questions on the phone: pressed, marked, pressed again, after their time, and after a send in doubt.

use startlink::actions::messages::{SendOptions, To, send};
use startlink::ids::{DeliveryId, MessageId};
use startlink::model::delivery::{DeliveryState, Policy, Standing};
use startlink::model::message::{Body, Button, ButtonAction};
use startlink::sandbox::{Fault, Trouble, Which};
use startlink::store::{deliveries, messages};

use super::*;

fn question() -> Body {
    let button = |label: &str, value: &str| Button { label: label.into(), action: ButtonAction::Answer(value.into()) };
    Body::plain("Approve this sign-in?").with_row(vec![button("Yes", "yes"), button("No", "no")])
}

impl Bench {
    async fn ask(&self, account: AccountId, body: Body, policy: Policy) -> MessageId {
        let caller = Caller::internal(Actor::System);
        let options = SendOptions { policy, ..SendOptions::default() };
        self.write(move |tx| send(tx, &caller, To::Account(account), body.clone(), options)).await.0
    }

    fn value(&self, id: MessageId) -> Option<String> {
        self.read(|read| {
            let row = messages::get(read, id)?.unwrap();
            let body = messages::body(read, &row).unwrap();
            Ok(row.answer.and_then(|answer| body.button(answer.button)?.value().map(str::to_owned)))
        })
    }

    fn state(&self, id: MessageId) -> DeliveryState {
        self.read(|read| deliveries::get(read, DeliveryId { message: id, chat: ChatId(ADA) })).unwrap().state
    }
}

fn push(phone: &Phone, message: &Message, label: &str) {
    phone.press(message.id, &Which::Label(label.into())).unwrap();
}

/// Waits until the message with this number, the newest of the bot, has these buttons.
async fn shows(phone: &Phone, id: i64, wanted: &[&str]) {
    let seen = phone.wait_for(PATIENCE, |message| message.id == id && labels(message) == wanted).await;
    seen.unwrap_or_else(|_| panic!("{:?}", phone.messages(0).last()));
}

/// Waits until the phone shows a notice with these words.
async fn toast(phone: &Phone, words: &str) {
    let seen = async {
        while !phone.toast().is_some_and(|toast| toast.text.contains(words)) {
            runtime::sleep(Duration::from_millis(10)).await;
        }
    };
    runtime::timeout(PATIENCE, seen).await.unwrap_or_else(|_| panic!("{:?}", phone.toast()));
}

#[test]
fn the_button_that_was_pressed_stays_and_a_second_press_changes_nothing() {
    run(|mut bench| async move {
        bench.start();
        let (phone, account) = bench.linked("ada").await;
        let id = bench.ask(account, question(), Policy::AtLeastOnce).await;
        let asked = hear(&phone, "Approve").await;
        assert_eq!(labels(&asked), ["Yes", "No"]);
        push(&phone, &asked, "Yes");
        toast(&phone, "Noted: Yes").await;
        shows(&phone, asked.id, &["\u{2713} Yes"]).await;
        assert_eq!(bench.value(id).as_deref(), Some("yes"));
        push(&phone, &asked, "\u{2713} Yes");
        toast(&phone, "answered already: Yes").await;
        bench.confirmed().await;
        let pressed = bench.events().into_iter().filter(|kind| matches!(kind, EventKind::ButtonPressed(..)));
        assert_eq!(pressed.collect::<Vec<_>>(), [EventKind::ButtonPressed(id, ChatId(ADA))]);
        bench
    });
}

#[test]
fn a_press_after_the_time_takes_the_buttons_away_and_says_so() {
    run(|mut bench| async move {
        bench.start();
        let (phone, account) = bench.linked("ada").await;
        let body = Body { answer_within: Some(1), ..question() };
        let id = bench.ask(account, body, Policy::AtLeastOnce).await;
        let asked = hear(&phone, "Approve").await;
        let over = bench.store.clock().now().plus(Duration::from_millis(1100));
        while bench.store.clock().now() < over {
            runtime::sleep(Duration::from_millis(20)).await;
        }
        push(&phone, &asked, "Yes");
        toast(&phone, "The time to answer this is over.").await;
        shows(&phone, asked.id, &[]).await;
        assert_eq!(bench.value(id), None);
        bench
    });
}

#[test]
fn a_press_proves_that_a_send_in_doubt_arrived() {
    run(|mut bench| async move {
        bench.start();
        let (phone, account) = bench.linked("ada").await;
        hear(&phone, "connected to").await;
        bench.sandbox.add_fault(Fault::new(Trouble::DropAnswer).on("sendMessage").times(1));
        let id = bench.ask(account, question(), Policy::AtMostOnce).await;
        let asked = hear(&phone, "Approve").await;
        bench.until(|bench| bench.state(id).standing() == Standing::Uncertain).await;
        push(&phone, &asked, "No");
        bench.until(|bench| bench.value(id).as_deref() == Some("no")).await;
        let DeliveryState::Sent { telegram, .. } = bench.state(id) else { panic!("{:?}", bench.state(id)) };
        assert_eq!(telegram.0, asked.id);
        shows(&phone, asked.id, &["\u{2713} No"]).await;
        bench
    });
}
