//! Messages that were sent, edited and deleted on the phones: in turn with the others, honest about what became of it.

use startlink::actions::Caller;
use startlink::actions::chats::unbind;
use startlink::actions::messages::{delete, edit};
use startlink::ids::{ChatId, DeliveryId};
use startlink::model::change::{Change, Deed, Progress};
use startlink::model::chat::Reachability;
use startlink::model::delivery::{Delivery, Policy, Reason, Standing};
use startlink::model::event::{Actor, Unlinked};
use startlink::model::message::{Body, Button, ButtonAction, Format};
use startlink::runtime::block_on;
use startlink::sandbox::{ADA, Author, Fault, Message, Trouble};
use startlink::store::deliveries;

use super::Bench;

const CALLER: fn() -> Caller = || Caller::internal(Actor::Operator);

impl Bench {
    async fn say_instead(&self, id: DeliveryId, text: &'static str) {
        let done =
            self.store.write(move |tx| edit(tx, &CALLER(), id.message, &|body: &mut Body| body.text = text.into()));
        done.await.unwrap();
    }

    async fn delete(&self, id: DeliveryId) {
        self.store.write(move |tx| delete(tx, &CALLER(), id.message)).await.unwrap();
    }

    /// Waits until the last change that was asked for waits no more.
    async fn until_changed(&self, id: DeliveryId) -> Change {
        let over = |delivery: &Delivery| delivery.change.as_ref().is_some_and(|change| change.due().is_none());
        self.until(id, over).await.change.unwrap()
    }

    fn shown(&self) -> Vec<Message> {
        self.sandbox.phone(ADA).messages(0).into_iter().filter(|message| message.author == Author::Bot).collect()
    }

    fn calls(&self, method: &str) -> usize {
        self.sandbox.journal(0).into_iter().filter(|call| call.method == method).count()
    }

    fn fault_on(&self, method: &str, trouble: Trouble) {
        self.sandbox.add_fault(Fault::new(trouble).on(method).times(1));
    }
}

#[test]
fn a_message_is_edited_and_deleted_on_the_phone() {
    block_on(async {
        let mut bench = Bench::new().await;
        bench.start();
        let id = bench.send("one", Policy::AtLeastOnce).await;
        bench.until_final(id).await;
        bench.say_instead(id, "two").await;
        let change = bench.until_changed(id).await;
        assert!(change.edited.is_some() && change.deed == Deed::Edit, "{change:?}");
        assert_eq!((bench.on_phone(), bench.shown()[0].edited.is_some()), (vec!["two".to_owned()], true));
        bench.say_instead(id, "two").await;
        let same = bench.until_changed(id).await;
        assert!(matches!(same.progress, Progress::Done { .. }), "what is as it should be is done: {same:?}");
        bench.delete(id).await;
        let gone = bench.until_changed(id).await;
        assert!(gone.deleted().is_some() && gone.edited == same.edited, "{gone:?}");
        assert_eq!(bench.on_phone(), [""; 0]);
        bench.drain().await;
        bench.assert_clean();
    });
}

#[test]
fn what_waits_leaves_with_its_last_words_and_what_is_taken_back_never_leaves() {
    block_on(async {
        let mut bench = Bench::new().await;
        let (id, other) =
            (bench.send("one", Policy::AtLeastOnce).await, bench.send("other", Policy::AtLeastOnce).await);
        bench.say_instead(id, "two").await;
        bench.delete(other).await;
        assert_eq!(bench.delivery(other).state.standing(), Standing::Cancelled);
        bench.start();
        bench.until_final(id).await;
        assert_eq!((bench.on_phone(), bench.calls("editMessageText")), (vec!["two".to_owned()], 0));
        bench.drain().await;
        bench.assert_clean();
    });
}

#[test]
fn what_is_on_its_way_is_changed_when_it_has_arrived() {
    block_on(async {
        let mut bench = Bench::new().await;
        bench.sandbox.add_fault(Fault::new(Trouble::Delay { wait_ms: 300 }).on("sendMessage").times(2));
        bench.start();
        for (deed, left) in [(Deed::Edit, vec!["two".to_owned()]), (Deed::Delete, vec!["two".to_owned()])] {
            let id = bench.send("one", Policy::AtLeastOnce).await;
            bench.until(id, |delivery| delivery.state.standing() == Standing::Sending).await;
            match deed {
                Deed::Edit => bench.say_instead(id, "two").await,
                Deed::Delete | Deed::Mark => bench.delete(id).await,
            }
            let change = bench.until_changed(id).await;
            assert!(matches!(change.progress, Progress::Done { .. }) && change.deed == deed, "{change:?}");
            assert_eq!(bench.on_phone(), left);
        }
        bench.drain().await;
        bench.assert_clean();
    });
}

#[test]
fn a_change_whose_answer_is_lost_is_made_again_and_one_that_telegram_slows_down_waits() {
    block_on(async {
        let mut bench = Bench::new().await;
        bench.start();
        let id = bench.send("one", Policy::AtMostOnce).await;
        bench.until_final(id).await;
        bench.fault_on("editMessageText", Trouble::DropAnswer);
        bench.say_instead(id, "two").await;
        let doubtful = bench.until(id, |row| row.change.as_ref().is_some_and(|change| change.unknowns > 0)).await;
        assert_eq!(doubtful.state.standing(), Standing::Sent, "of the message itself there is no doubt");
        let change = bench.until_changed(id).await;
        assert!(change.edited.is_some() && bench.on_phone() == ["two"], "{change:?}");
        bench.fault_on("deleteMessage", Trouble::DropAnswer);
        bench.delete(id).await;
        let change = bench.until_changed(id).await;
        assert!(change.deleted().is_some() && bench.on_phone().is_empty(), "that it is gone already is no error");
        let other = bench.send("three", Policy::AtLeastOnce).await;
        bench.until_final(other).await;
        bench.fault_on("editMessageText", Trouble::TooManyRequests { retry_after: 1 });
        bench.say_instead(other, "four").await;
        assert!(bench.until_changed(other).await.edited.is_some());
        bench.drain().await;
        bench.assert_clean();
    });
}

#[test]
fn a_change_that_telegram_refuses_says_why() {
    block_on(async {
        let mut bench = Bench::new().await;
        bench.start();
        let id = bench.send("one", Policy::AtLeastOnce).await;
        bench.until_final(id).await;
        bench.sandbox.phone(ADA).block().unwrap();
        bench.say_instead(id, "two").await;
        let change = bench.until_changed(id).await;
        assert!(matches!(change.progress, Progress::Failed { reason: Reason::Blocked, .. }), "{change:?}");
        bench.sandbox.phone(ADA).unblock().unwrap();
        bench.sandbox.phone(ADA).press_start("").unwrap();
        bench.say_instead(id, "three").await;
        assert!(bench.until_changed(id).await.edited.is_some(), "asked again, it is tried again");
        assert_eq!(bench.delivery(id).state.standing(), Standing::Sent);
        bench.drain().await;
        bench.assert_clean();
    });
}

#[test]
fn a_change_that_waits_outlives_the_process() {
    block_on(async {
        let mut bench = Bench::new().await;
        bench.start();
        let id = bench.send("one", Policy::AtLeastOnce).await;
        bench.until_final(id).await;
        bench.drain().await;
        bench.say_instead(id, "two").await;
        // It left, and the process died before the answer: on disk it waits as before.
        assert_eq!(bench.store.read(deliveries::sending).unwrap(), []);
        bench.start();
        assert!(bench.until_changed(id).await.edited.is_some() && bench.on_phone() == ["two"]);
        bench.drain().await;
        bench.assert_clean();
    });
}

#[test]
fn a_picture_gets_another_caption_and_broken_markup_goes_as_plain_text() {
    block_on(async {
        let mut bench = Bench::new().await;
        bench.start();
        let button = Button { label: "Open".into(), action: ButtonAction::Open("https://a.example".into()) };
        let body = Body { buttons: vec![vec![button]], ..bench.with_picture("one").await };
        let id = bench.send_body(body, Policy::AtLeastOnce).await;
        bench.until_final(id).await;
        bench.say_instead(id, "two").await;
        assert!(bench.until_changed(id).await.edited.is_some());
        let shown = &bench.shown()[0];
        assert!(shown.text == "two" && shown.photo.is_some() && shown.keyboard.is_some(), "{shown:?}");
        bench.say_instead(id, "").await;
        assert!(bench.until_changed(id).await.edited.is_some() && bench.on_phone() == [""]);
        let description = "Bad Request: can't parse entities: unsupported start tag".to_owned();
        bench.fault_on("editMessageCaption", Trouble::Refuse { code: 400, description, migrate_to_chat_id: None });
        let rich =
            move |body: &mut Body| *body = Body { format: Format::Html, text: "<b>hi</b>".into(), ..body.clone() };
        bench.store.write(move |tx| edit(tx, &CALLER(), id.message, &rich)).await.unwrap();
        assert!(bench.until_changed(id).await.edited.is_some() && bench.on_phone() == ["hi"]);
        assert!(bench.delivery(id).as_plain);
        bench.drain().await;
        bench.assert_clean();
    });
}

#[test]
fn an_edit_is_for_the_account_and_a_deletion_also_for_who_left() {
    block_on(async {
        let mut bench = Bench::new().await;
        bench.start();
        let id = bench.send("one", Policy::AtLeastOnce).await;
        bench.until_final(id).await;
        bench.store.write(|tx| unbind(tx, &CALLER(), ChatId(ADA), Unlinked::BySite)).await.unwrap();
        bench.say_instead(id, "two").await;
        let change = bench.until_changed(id).await;
        assert!(matches!(change.progress, Progress::Failed { reason: Reason::NotLinked, .. }), "{change:?}");
        bench.delete(id).await;
        assert!(bench.until_changed(id).await.deleted().is_some());
        assert!(!bench.on_phone().contains(&"one".to_owned()));
        assert_eq!(bench.reachability(), Reachability::Reachable);
        bench.drain().await;
        bench.assert_clean();
    });
}
