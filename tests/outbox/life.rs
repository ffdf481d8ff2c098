//! The sender's own life: outages, tokens, start and stop, and rows that are not as they should be.

use std::path::{Path, PathBuf};

use startlink::clock::Timestamp;
use startlink::model::event::Unlinked;

use super::*;

#[test]
fn a_flood_pause_holds_everything_and_is_on_disk_for_the_next_process() {
    block_on(async {
        let mut bench = Bench::new().await;
        bench.fault(Trouble::TooManyRequests { retry_after: 300 });
        let id = bench.send("first", Policy::AtLeastOnce).await;
        bench.start();
        let queued = bench.until_queued_again(id).await;
        let DeliveryState::Queued { not_before } = queued.state else { panic!("queued") };
        bench.drain().await;
        let stored = bench.store.read(|read| meta::moment(read, "flood.until")).unwrap().expect("stored");
        assert!(stored >= not_before);
        bench.start();
        let doing = async {
            loop {
                if let Doing::Flood { .. } = bench.outbox().health().doing {
                    return;
                }
                runtime::sleep(Duration::from_millis(5)).await;
            }
        };
        runtime::timeout(PATIENCE, doing).await.expect("the new process knows of the pause");
        assert_eq!(bench.on_phone(), Vec::<String>::new());
        bench.drain().await;
        bench.assert_clean();
    });
}

#[test]
fn a_refused_token_halts_sending_and_loses_nothing() {
    block_on(async {
        let mut bench = Bench::new().await;
        let revoked = bench.sandbox.add_fault(Fault::new(Trouble::Unauthorized));
        let id = bench.send("patience", Policy::AtMostOnce).await;
        bench.start();
        bench.until_queued_again(id).await;
        bench.sandbox.clear_fault(revoked);
        assert!(matches!(bench.until_final(id).await, DeliveryState::Sent { .. }));
        assert_eq!(bench.on_phone(), ["patience"]);
        bench.drain().await;
        bench.assert_clean();
    });
}

#[test]
fn an_outage_makes_a_handful_doubtful_and_not_everyone() {
    block_on(async {
        let mut bench = Bench::with_rate("4").await;
        for n in 0..12 {
            let phone = bench.sandbox.add_person(&format!("P{n}"), "en");
            phone.press_start("").unwrap();
            let (chat, account) = (ChatId(phone.id()), bench.account);
            let bound = bench.store.write(move |tx| {
                actions::chats::note(tx, chat, Profile::default())?;
                actions::chats::bind(tx, chat, account).map(|_| ())
            });
            bound.await.unwrap();
        }
        bench.sandbox.add_fault(Fault::new(Trouble::DropAnswer));
        let account = bench.account;
        let sent = bench.store.write(move |tx| {
            let options = SendOptions { policy: Policy::AtMostOnce, ..SendOptions::default() };
            messages::send(tx, &Caller::internal(Actor::Operator), To::Account(account), Body::plain("all"), options)
        });
        let (_, rows) = sent.await.unwrap();
        assert_eq!(rows.len(), 13);
        bench.start();
        let paused = async {
            while bench.outbox().health().doing != Doing::Outage {
                let seen = bench.store.changes().value();
                let _ = runtime::timeout(Duration::from_millis(50), bench.store.changes().after(seen)).await;
            }
        };
        runtime::timeout(PATIENCE, paused).await.expect("the outage is noticed");
        bench.drain().await;
        let uncertain =
            rows.iter().filter(|(id, _)| bench.delivery(*id).state.standing() == Standing::Uncertain).count();
        assert!((3..=4).contains(&uncertain), "{uncertain} are uncertain");
        bench.assert_clean();
    });
}

#[test]
fn what_a_dead_process_had_in_flight_is_resolved_by_policy_at_start() {
    block_on(async {
        let mut bench = Bench::new().await;
        let once = bench.send("never twice", Policy::AtMostOnce).await;
        let again = bench.send("at least once", Policy::AtLeastOnce).await;
        let leased = bench.store.write(move |tx| {
            for id in [once, again] {
                let old = deliveries::get(tx, id)?.expect("the row");
                let DeliveryState::Queued { not_before: due } = old.state else { panic!("queued") };
                let state = DeliveryState::Sending { since: tx.now(), due };
                deliveries::update(tx, id, &old, &Delivery { state, attempts: 1, ..old.clone() })?;
            }
            Ok::<_, StoreError>(())
        });
        leased.await.unwrap();
        bench.start();
        assert!(matches!(bench.until_final(once).await, DeliveryState::Uncertain { .. }));
        let delivery = bench.until(again, |delivery| delivery.unknowns == 1).await;
        assert!(delivery.is_possible_duplicate());
        bench.drain().await;
        bench.assert_clean();
    });
}

#[test]
fn a_stop_waits_for_what_is_in_flight_and_leaves_no_doubt() {
    block_on(async {
        let mut bench = Bench::new().await;
        bench.fault(Trouble::Delay { wait_ms: 300 });
        let id = bench.send("slow", Policy::AtMostOnce).await;
        bench.start();
        bench.until(id, |delivery| delivery.state.standing() == Standing::Sending).await;
        bench.drain().await;
        assert!(matches!(bench.delivery(id).state, DeliveryState::Sent { .. }));
        bench.assert_clean();
    });
}

#[test]
fn nothing_is_sent_with_the_token_of_a_bot_this_file_does_not_belong_to() {
    block_on(async {
        let mut bench = Bench::new().await;
        let seen = Clock::system().now();
        let other = BotIdentity { id: UserId(42), username: "other_bot".into(), name: "Other".into(), seen };
        bench.store.write(move |tx| meta::put_bot(tx, &other)).await.unwrap();
        bench.start();
        let id = bench.send("not with this one", Policy::AtLeastOnce).await;
        let waits = async {
            while bench.outbox().health().doing != Doing::NoBot {
                runtime::sleep(Duration::from_millis(5)).await;
            }
        };
        runtime::timeout(PATIENCE, waits).await.expect("the sender waits for its bot");
        bench.drain().await;
        assert_eq!(bench.delivery(id).attempts, 0);
        assert!(bench.store.read(|read| accounts::get(read, bench.account)).unwrap().is_some());
        bench.assert_clean();
    });
}

/// As settling or leasing would have left it.
async fn put_state(bench: &Bench, id: DeliveryId, state: impl Fn(Timestamp) -> DeliveryState + Send + 'static) {
    let written = bench.store.write(move |tx| {
        let old = deliveries::get(tx, id)?.expect("the row");
        deliveries::update(tx, id, &old, &Delivery { state: state(old.queued), ..old.clone() })
    });
    written.await.unwrap();
}

#[test]
fn a_lease_whose_commit_failed_and_became_durable_is_sent_while_the_process_lives() {
    block_on(async {
        let mut bench = Bench::new().await;
        bench.start();
        let first = bench.send("so that the sender runs", Policy::AtMostOnce).await;
        bench.until_final(first).await;
        let id = bench.send_leased("never left").await;
        assert!(matches!(bench.until_final(id).await, DeliveryState::Sent { .. }));
        assert_eq!(bench.on_phone(), ["so that the sender runs", "never left"]);
        bench.drain().await;
        bench.assert_clean();
    });
}

#[test]
fn a_send_that_comes_back_to_the_queue_after_its_chat_was_disconnected_is_taken_back() {
    block_on(async {
        let mut bench = Bench::new().await;
        let id = bench.send("not for this chat any more", Policy::AtLeastOnce).await;
        put_state(&bench, id, |due| DeliveryState::Sending { since: due, due }).await;
        let gone = bench.store.write(|tx| {
            let caller = Caller::internal(Actor::Chat(ChatId(ADA)));
            actions::chats::unbind(tx, &caller, ChatId(ADA), Unlinked::ByPerson)
        });
        gone.await.unwrap();
        put_state(&bench, id, |not_before| DeliveryState::Queued { not_before }).await;
        bench.start();
        assert!(matches!(bench.until_final(id).await, DeliveryState::Cancelled { .. }));
        assert_eq!(bench.on_phone(), Vec::<String>::new());
        bench.drain().await;
        bench.assert_clean();
    });
}

#[test]
fn a_chat_that_is_lost_while_a_message_is_on_its_way_stays_lost() {
    block_on(async {
        let mut bench = Bench::new().await;
        bench.fault(Trouble::Delay { wait_ms: 300 });
        let id = bench.send("the last one", Policy::AtLeastOnce).await;
        bench.start();
        bench.until(id, |delivery| delivery.state.standing() == Standing::Sending).await;
        let blocked = |tx: &mut store::Tx<'_>| actions::chats::set_reachability(tx, ChatId(ADA), Reachability::Blocked);
        bench.store.write(blocked).await.unwrap();
        assert!(matches!(bench.until_final(id).await, DeliveryState::Sent { .. }));
        assert_eq!(bench.reachability(), Reachability::Blocked);
        bench.drain().await;
        bench.assert_clean();
    });
}

struct File(PathBuf);

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Overwrites a delivery's row with bytes of no known shape.
fn damage(file: &Path, id: DeliveryId) {
    const DELIVERIES: redb::TableDefinition<&[u8], &[u8]> = redb::TableDefinition::new("DELIVERIES");
    let chat = id.chat.0.cast_unsigned() ^ (1 << 63);
    let key = [id.message.0.to_be_bytes(), chat.to_be_bytes()].concat();
    let txn = redb::Database::open(file).unwrap().begin_write().unwrap();
    let old = txn.open_table(DELIVERIES).unwrap().insert(key.as_slice(), [99].as_slice()).unwrap().is_some();
    assert!(old, "there was such a row");
    txn.commit().unwrap();
}

#[test]
fn a_damaged_row_keeps_nobody_else_waiting() {
    block_on(async {
        let file = File(std::env::temp_dir().join(format!("startlink-damaged-{}.redb", std::process::id())));
        let mut bench = Bench::at(Place::File(file.0.clone()), "0").await;
        let damaged = bench.send("cannot be read", Policy::AtLeastOnce).await;
        let in_flight = bench.send("in flight once", Policy::AtMostOnce).await;
        put_state(&bench, in_flight, |due| DeliveryState::Sending { since: due, due }).await;
        let whole = bench.send("whole", Policy::AtLeastOnce).await;
        drop(std::mem::replace(&mut bench.store, open(Place::Memory)));
        damage(&file.0, damaged);
        bench.store = open(Place::File(file.0.clone()));
        bench.start();
        assert!(matches!(bench.until_final(whole).await, DeliveryState::Sent { .. }));
        assert!(matches!(bench.until_final(in_flight).await, DeliveryState::Uncertain { .. }));
        assert_eq!(bench.on_phone(), ["whole"]);
        bench.drain().await;
    });
}
