//! Lanes: an answer never waits for a broadcast, and no flood stops one.

use startlink::clock::Timestamp;
use startlink::model::broadcast::{Broadcast, BroadcastStatus};

use super::crowd::{Member, as_it_is};
use super::*;

impl Bench {
    /// Queues an answer of the bot, as a `/start` does.
    async fn answer(&self, member: Member, text: &'static str) {
        let chat = member.chat;
        let answer = self
            .store
            .write(move |tx| messages::answer(tx, chat, Some(member.account), Weight::Outcome, &Body::plain(text)));
        answer.await.unwrap().expect("queued");
    }

    /// Queues the same answer for all of them at once.
    async fn flood(&self, members: &[Member], text: &'static str) {
        let members = members.to_vec();
        let answers = self.store.write(move |tx| {
            for Member { chat, account } in &members {
                messages::answer(tx, *chat, Some(*account), Weight::Outcome, &Body::plain(text))?.expect("queued");
            }
            Ok::<_, Error>(())
        });
        answers.await.unwrap();
    }

    /// The moments, in order, at which messages with this text arrived.
    fn arrived(&self, text: &str) -> Vec<Timestamp> {
        let calls = self.sandbox.journal(0).into_iter().filter(|call| call.param("text") == Some(text));
        let mut moments: Vec<_> = calls.map(|call| call.at).collect();
        moments.sort_unstable();
        moments
    }
}

#[test]
fn an_answer_leaves_within_a_few_slots_while_a_broadcast_runs_at_the_limit() {
    block_on(async {
        let mut bench = Bench::with_rate("30").await;
        let members = bench.crowd(130).await;
        let id = bench.broadcast(Body::plain("news"), &members[..120], as_it_is).await;
        bench.start();
        bench.until_it(id, |_, figures| figures.count(Standing::Sent) >= 35).await;
        for (nth, member) in members[120..].iter().enumerate() {
            bench.answer(*member, "hello").await;
            let queued = Clock::system().now();
            let answer = async {
                while bench.arrived("hello").len() <= nth {
                    runtime::sleep(Duration::from_millis(5)).await;
                }
            };
            runtime::timeout(PATIENCE, answer).await.expect("the answer arrives");
            let arrived = bench.arrived("hello")[nth];
            // Counted in slots and not in time, so that a slow machine changes nothing: what had its lease may go first.
            let before = bench.arrived("news").into_iter().filter(|at| (queued..arrived).contains(at)).count();
            assert!(before <= 8, "{before} recipients came before the answer");
        }
        let (_, figures) = bench.state(id);
        assert!(figures.count(Standing::Queued) > 0, "the broadcast ran all the time");
        bench.drain().await;
        bench.assert_clean();
    });
}

#[test]
fn a_flood_of_answers_leaves_a_broadcast_its_fifth() {
    block_on(async {
        let mut bench = Bench::with_rate("50").await;
        let members = bench.crowd(250).await;
        let (strangers, recipients) = members.split_at(100);
        let id = bench.broadcast(Body::plain("news"), recipients, as_it_is).await;
        bench.start();
        bench.until_it(id, |_, figures| figures.count(Standing::Sent) >= 1).await;
        bench.flood(strangers, "hello").await;
        let last = async {
            while bench.arrived("hello").len() < 100 {
                runtime::sleep(Duration::from_millis(10)).await;
            }
        };
        runtime::timeout(PATIENCE, last).await.expect("all answers arrive");
        // Counted by the moments of arrival: a fifth of what came meanwhile is 25. On a machine that stands still at times
        // it is not exact (a turn is lost while all places in flight are taken), but neither none nor an equal share.
        let hello = bench.arrived("hello");
        let meanwhile = hello[0]..=hello[99];
        let news = bench.arrived("news").into_iter().filter(|at| meanwhile.contains(at)).count();
        assert!((12..=50).contains(&news), "{news} recipients had their turn among a hundred answers");
        bench.drain().await;
        bench.assert_clean();
    });
}

#[test]
fn a_paid_broadcast_says_so_and_takes_nobodys_turn() {
    block_on(async {
        let mut bench = Bench::with_rate("5").await;
        let members = bench.crowd(100).await;
        let paid = |row: &mut Broadcast| row.paid = true;
        let id = bench.broadcast(Body::plain("paid"), &members, paid).await;
        let free = bench.broadcast(Body::plain("free"), &members[..3], as_it_is).await;
        bench.start();
        bench.until_status(id, BroadcastStatus::Done).await;
        bench.until_status(free, BroadcastStatus::Done).await;
        let calls = bench.sandbox.journal(0);
        let sends = calls.iter().filter(|call| call.method == "sendMessage");
        for call in sends {
            let is_paid = call.param("text") == Some("paid");
            assert_eq!(call.param("allow_paid_broadcast"), is_paid.then_some("true"));
        }
        let (paid, free) = (bench.arrived("paid"), bench.arrived("free"));
        let span = paid[99].since(paid[0]);
        assert!(span < Duration::from_secs(5), "a hundred at 5 a second would take twenty: {span:?}");
        assert!(free[2].since(free[0]) >= Duration::from_millis(350), "the free one keeps to the free limit");
        bench.drain().await;
        bench.assert_clean();
    });
}

#[test]
fn a_broadcast_with_a_rate_of_its_own_keeps_it() {
    block_on(async {
        let mut bench = Bench::with_rate("30").await;
        let members = bench.crowd(6).await;
        let slow = |row: &mut Broadcast| row.rate = Some(5);
        let id = bench.broadcast(Body::plain("slow"), &members, slow).await;
        bench.start();
        bench.until_status(id, BroadcastStatus::Done).await;
        let arrived = bench.arrived("slow");
        let span = arrived[5].since(arrived[0]);
        assert!((Duration::from_millis(950)..Duration::from_secs(3)).contains(&span), "{span:?}");
        bench.drain().await;
        bench.assert_clean();
    });
}
