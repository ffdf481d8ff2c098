//! Broadcasts on their way: each recipient's truth to the end, and what a person, Telegram or a crash does meanwhile.

use startlink::actions::broadcasts as acts;
use startlink::clock::Timestamp;
use startlink::ids::BroadcastId;
use startlink::model::broadcast::{Broadcast, BroadcastState, BroadcastStatus, Pause};
use startlink::model::recipient::{Recipient, RecipientState, Skip};
use startlink::store::recipients::{self, Ledger};

use super::crowd::{OPERATOR, as_it_is};
use super::*;

#[test]
fn everyone_gets_it_once_with_their_own_name_and_it_is_done() {
    block_on(async {
        let mut bench = Bench::new().await;
        let members = bench.crowd(40).await;
        let id = bench.broadcast(Body::plain("Hello {username}!"), &members, as_it_is).await;
        bench.start();
        let figures = bench.until_status(id, BroadcastStatus::Done).await;
        assert_eq!((figures.count(Standing::Sent), figures.reached, figures.open()), (40, 40, 0));
        for member in &members {
            let heard = bench.sandbox.phone(member.chat.0).messages(0);
            let texts: Vec<_> = heard.iter().filter(|m| m.author == Author::Bot).map(|m| m.text.clone()).collect();
            assert_eq!(texts, [format!("Hello person-{}!", member.chat.0)]);
        }
        bench.drain().await;
        bench.assert_clean();
    });
}

#[test]
fn a_pause_lets_what_is_on_its_way_arrive_and_a_resume_goes_on_with_the_rest() {
    block_on(async {
        let mut bench = Bench::with_rate("20").await;
        let members = bench.crowd(20).await;
        let id = bench.broadcast(Body::plain("news"), &members, as_it_is).await;
        bench.start();
        bench.until_it(id, |_, figures| figures.count(Standing::Sent) >= 3).await;
        bench.store.write(move |tx| acts::pause(tx, &OPERATOR, id)).await.unwrap();
        let figures = bench.until_it(id, |_, figures| figures.count(Standing::Sending) == 0).await;
        let sent = figures.count(Standing::Sent);
        assert!(sent < 20 && figures.count(Standing::Queued) == 20 - sent, "{figures:?}");
        bench.drain().await;
        bench.assert_clean();
        bench.start();
        bench.store.write(move |tx| acts::resume(tx, &OPERATOR, id)).await.unwrap();
        bench.until_status(id, BroadcastStatus::Done).await;
        assert!(bench.arrivals().values().all(|count| *count == 1) && bench.arrivals().len() == 20);
        bench.drain().await;
        bench.assert_clean();
    });
}

#[test]
fn a_cancelled_one_stops_at_once_and_what_comes_back_later_is_cancelled_too() {
    block_on(async {
        let mut bench = Bench::with_rate("20").await;
        let members = bench.crowd(20).await;
        let id = bench.broadcast(Body::plain("news"), &members, as_it_is).await;
        let slow = Fault::new(Trouble::Delay { wait_ms: 300 }).to(members[2].chat.0).times(1);
        bench.sandbox.add_fault(slow);
        bench.sandbox.add_fault(Fault::new(Trouble::TooManyRequests { retry_after: 1 }).to(members[2].chat.0).times(1));
        bench.start();
        bench
            .until_it(id, |_, figures| figures.count(Standing::Sent) >= 2 && figures.count(Standing::Sending) > 0)
            .await;
        bench.store.write(move |tx| acts::cancel(tx, &OPERATOR, id)).await.unwrap();
        let figures = bench.until_it(id, |_, figures| figures.open() == 0).await;
        assert_eq!(figures.count(Standing::Sent) + figures.count(Standing::Cancelled), 20, "{figures:?}");
        assert!(figures.count(Standing::Cancelled) > 0);
        bench.drain().await;
        assert_eq!(bench.arrivals().len(), usize::try_from(figures.count(Standing::Sent)).unwrap());
        bench.assert_clean();
    });
}

#[test]
fn a_refusal_of_the_markup_pauses_at_once_instead_of_failing_for_everyone() {
    block_on(async {
        let mut bench = Bench::with_rate("1").await;
        let members = bench.crowd(5).await;
        let body = Body { text: "<b>broken & bold".into(), format: Format::Html, ..Body::default() };
        let id = bench.broadcast(body, &members, as_it_is).await;
        bench.start();
        let figures = bench.until_status(id, BroadcastStatus::Paused).await;
        assert_eq!((figures.count(Standing::Queued), figures.count(Standing::Failed)), (5, 0));
        let (broadcast, _) = bench.state(id);
        let BroadcastState::Paused { why: Pause::Markup(words), .. } = broadcast.state else { panic!("{broadcast:?}") };
        assert!(words.contains("can't parse entities"), "{words}");
        bench.drain().await;
        bench.assert_clean();
    });
}

#[test]
fn content_that_telegram_refuses_pauses_before_anyone_has_it_and_fails_one_by_one_later() {
    block_on(async {
        let mut bench = Bench::with_rate("1").await;
        let members = bench.crowd(2).await;
        let refusal = || Trouble::Refuse {
            code: 400,
            description: "Bad Request: BUTTON_URL_INVALID".into(),
            migrate_to_chat_id: None,
        };
        bench.sandbox.add_fault(Fault::new(refusal()).times(1));
        let id = bench.broadcast(Body::plain("news"), &members, as_it_is).await;
        bench.start();
        bench.until_status(id, BroadcastStatus::Paused).await;
        bench.sandbox.add_fault(Fault::new(refusal()).to(members[1].chat.0));
        bench.store.write(move |tx| acts::resume(tx, &OPERATOR, id)).await.unwrap();
        // The first one waits again and the second one may go before it.
        let figures = bench
            .until_it(id, |broadcast, figures| broadcast.status() == BroadcastStatus::Paused || figures.open() == 0);
        let figures = figures.await;
        if figures.open() > 0 {
            assert_eq!(figures.count(Standing::Sent), 0);
        } else {
            assert_eq!((figures.count(Standing::Sent), figures.count(Standing::Failed)), (1, 1));
        }
        bench.drain().await;
        bench.assert_clean();
    });
}

#[test]
fn who_left_muted_or_moved_meanwhile_is_skipped_with_the_reason() {
    block_on(async {
        let mut bench = Bench::new().await;
        let members = bench.crowd(6).await;
        let id = bench.broadcast(Body::plain("news"), &members, as_it_is).await;
        let (lost, muted, unbound, moved, blocked) = (members[0], members[1], members[2], members[3], members[4]);
        bench.sandbox.phone(blocked.chat.0).block().unwrap();
        let changed = bench.store.write(move |tx| {
            actions::chats::set_reachability(tx, lost.chat, Reachability::Blocked)?;
            actions::chats::set_muted(tx, muted.chat, true)?;
            for member in [unbound, moved] {
                let why = startlink::model::event::Unlinked::ByPerson;
                actions::chats::unbind(tx, &OPERATOR, member.chat, why)?;
            }
            Ok::<_, Error>(())
        });
        changed.await.unwrap();
        // Later than the start of the broadcast, also on the clock.
        runtime::sleep(Duration::from_millis(5)).await;
        let again = bench.store.write(move |tx| actions::chats::bind(tx, moved.chat, moved.account).map(|_| ()));
        again.await.unwrap();
        bench.start();
        bench.until_status(id, BroadcastStatus::Done).await;
        let states: Vec<_> = bench.rows(id).into_iter().map(|row| row.state).collect();
        for (state, expected) in states.iter().zip([Skip::Lost, Skip::Muted, Skip::Unbound, Skip::Unbound]) {
            assert!(matches!(state, RecipientState::Skipped { why, .. } if *why == expected), "{state:?}");
        }
        assert!(matches!(&states[4], RecipientState::Failed { reason: Reason::Blocked, .. }), "{states:?}");
        assert!(matches!(states[5], RecipientState::Sent { .. }));
        assert_eq!(bench.arrivals().len(), 1);
        bench.drain().await;
        bench.assert_clean();
    });
}

#[test]
fn a_request_to_slow_down_holds_it_for_as_long_and_loses_nobody() {
    block_on(async {
        let mut bench = Bench::with_rate("20").await;
        let members = bench.crowd(6).await;
        let id = bench.broadcast(Body::plain("news"), &members, as_it_is).await;
        bench.sandbox.add_fault(Fault::new(Trouble::TooManyRequests { retry_after: 1 }).times(1));
        bench.start();
        let figures = bench.until_status(id, BroadcastStatus::Done).await;
        assert_eq!(figures.count(Standing::Sent), 6);
        assert!(bench.outbox().health().pace.global < 20, "the rate is lowered for a while");
        bench.drain().await;
        let kept = bench.store.read(|read| meta::moment(read, "flood.whole")).unwrap().expect("kept");
        assert!(kept > Clock::system().now());
        bench.start();
        // The new process goes on at the lowered rate.
        let waits = async {
            while bench.outbox().health().pace.global == 0 {
                runtime::sleep(Duration::from_millis(5)).await;
            }
        };
        runtime::timeout(PATIENCE, waits).await.unwrap();
        assert!(bench.outbox().health().pace.global < 20);
        bench.drain().await;
        bench.assert_clean();
    });
}

#[test]
fn an_outage_makes_a_handful_uncertain_and_the_rest_goes_out_after_it() {
    block_on(async {
        let mut bench = Bench::with_rate("20").await;
        let members = bench.crowd(20).await;
        let id = bench.broadcast(Body::plain("news"), &members, as_it_is).await;
        let outage = bench.sandbox.add_fault(Fault::new(Trouble::DropAnswer));
        bench.start();
        bench.until_doing(Doing::Outage).await;
        bench.sandbox.clear_fault(outage);
        let figures = bench.until_status(id, BroadcastStatus::Done).await;
        let uncertain = figures.count(Standing::Uncertain);
        assert!((3..=5).contains(&uncertain), "the window at this rate is 5: {uncertain}");
        assert_eq!(figures.count(Standing::Sent), 20 - uncertain);
        assert!(bench.arrivals().values().all(|count| *count == 1), "nobody got it twice");
        bench.drain().await;
        bench.assert_clean();
    });
}

#[test]
fn a_refused_token_halts_it_and_loses_nobody() {
    block_on(async {
        let mut bench = Bench::with_rate("20").await;
        let members = bench.crowd(8).await;
        let id = bench.broadcast(Body::plain("news"), &members, as_it_is).await;
        let revoked = bench.sandbox.add_fault(Fault::new(Trouble::Unauthorized));
        bench.start();
        bench.until_it(id, |_, figures| figures.next > 0 && figures.count(Standing::Sending) == 0).await;
        bench.until_doing(Doing::TokenRefused).await;
        bench.sandbox.clear_fault(revoked);
        let figures = bench.until_status(id, BroadcastStatus::Done).await;
        assert_eq!(figures.count(Standing::Sent), 8);
        bench.drain().await;
        bench.assert_clean();
    });
}

/// Marks the first rows as leased, as a process leaves them that is killed.
async fn lease_some(bench: &Bench, id: BroadcastId, count: u32) {
    let leased = bench.store.write(move |tx| {
        let mut ledger = Ledger::open(tx, id)?;
        for position in 0..count {
            let old = recipients::get(tx, id, position)?.expect("a row");
            let state = RecipientState::Sending { since: tx.now(), due: None };
            ledger.update(tx, position, &old, &Recipient { state, attempts: 1, ..old.clone() })?;
        }
        ledger.close(tx)
    });
    leased.await.unwrap();
}

#[test]
fn what_a_dead_process_had_in_flight_is_uncertain_also_when_the_broadcast_no_longer_runs() {
    block_on(async {
        let mut bench = Bench::new().await;
        let members = bench.crowd(4).await;
        let running = bench.broadcast(Body::plain("one"), &members, as_it_is).await;
        let paused =
            |row: &mut Broadcast| row.state = BroadcastState::Paused { why: Pause::Person, since: Timestamp(0) };
        let paused = bench.broadcast(Body::plain("two"), &members, paused).await;
        let cancelled = bench.broadcast(Body::plain("three"), &members, as_it_is).await;
        for id in [running, paused, cancelled] {
            lease_some(&bench, id, 2).await;
        }
        bench.store.write(move |tx| acts::cancel(tx, &OPERATOR, cancelled)).await.unwrap();
        bench.start();
        let figures = bench.until_status(running, BroadcastStatus::Done).await;
        assert_eq!((figures.count(Standing::Uncertain), figures.count(Standing::Sent)), (2, 2));
        let (_, waits) = bench.state(paused);
        assert_eq!((waits.count(Standing::Uncertain), waits.count(Standing::Queued)), (2, 2));
        let (_, over) = bench.state(cancelled);
        assert_eq!((over.count(Standing::Uncertain), over.count(Standing::Cancelled)), (2, 2));
        bench.drain().await;
        bench.assert_clean();
    });
}

#[test]
fn two_at_once_share_the_rate_so_that_the_small_one_is_not_stuck() {
    block_on(async {
        let mut bench = Bench::with_rate("50").await;
        let members = bench.crowd(60).await;
        let large = bench.broadcast(Body::plain("large"), &members[..50], as_it_is).await;
        bench.start();
        bench.until_it(large, |_, figures| figures.count(Standing::Sent) > 0).await;
        let small = bench.broadcast(Body::plain("small"), &members[50..], as_it_is).await;
        bench.until_status(small, BroadcastStatus::Done).await;
        let (_, figures) = bench.state(large);
        assert!(figures.count(Standing::Queued) > 15, "the small one was done long before: {figures:?}");
        bench.until_status(large, BroadcastStatus::Done).await;
        bench.drain().await;
        bench.assert_clean();
    });
}

#[test]
fn a_chat_of_two_broadcasts_gets_both_one_after_the_other() {
    block_on(async {
        let mut bench = Bench::new().await;
        let members = bench.crowd(3).await;
        let one = bench.broadcast(Body::plain("one"), &members, as_it_is).await;
        let two = bench.broadcast(Body::plain("two"), &members, as_it_is).await;
        bench.start();
        for id in [one, two] {
            assert_eq!(bench.until_status(id, BroadcastStatus::Done).await.count(Standing::Sent), 3);
        }
        assert!(bench.arrivals().values().all(|count| *count == 2));
        bench.drain().await;
        bench.assert_clean();
    });
}

#[test]
fn a_group_that_became_a_supergroup_gets_it_under_its_new_number() {
    block_on(async {
        let mut bench = Bench::with_rate("5").await;
        let members = bench.crowd(2).await;
        let (old, new) = (members[0].chat, members[1].chat);
        let free = bench.store.write(move |tx| {
            let why = startlink::model::event::Unlinked::ByPerson;
            actions::chats::unbind(tx, &OPERATOR, new, why).map(|_| ())
        });
        free.await.unwrap();
        let moved = Trouble::Refuse {
            code: 400,
            description: "Bad Request: group chat was upgraded to a supergroup chat".into(),
            migrate_to_chat_id: Some(new.0),
        };
        bench.sandbox.add_fault(Fault::new(moved).to(old.0));
        let id = bench.broadcast(Body::plain("news"), &members[..1], as_it_is).await;
        bench.start();
        bench.until_status(id, BroadcastStatus::Done).await;
        let row = bench.rows(id).remove(0);
        assert_eq!((row.chat, row.standing(), row.attempts), (new, Standing::Sent, 2));
        bench.drain().await;
        bench.assert_clean();
    });
}
