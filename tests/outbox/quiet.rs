//! Quiet hours: a broadcast waits for them or comes without a sound, a personal message does neither.

use startlink::model::broadcast::BroadcastStatus;
use startlink::model::quiet::Quiet;
use startlink::store::recipients;

use super::crowd::as_it_is;
use super::*;

/// Quiet for the whole day but its last minute, so that the test does not depend on when it runs.
fn all_day(silent: bool, now: startlink::clock::Timestamp) -> Quiet {
    let minute = u16::try_from(now.seconds().rem_euclid(86_400) / 60).unwrap();
    // The minute before this one is the loud one.
    let loud = (minute + 24 * 60 - 2) % (24 * 60);
    Quiet { from: (loud + 1) % (24 * 60), until: loud, zone: "Etc/UTC".into(), silent }
}

#[test]
fn a_broadcast_waits_for_the_quiet_hours_or_comes_without_a_sound() {
    block_on(async {
        let mut bench = Bench::new().await;
        let members = bench.crowd(3).await;
        let now = bench.store.clock().now();
        let (waits, hushed, loud) = (members[0].chat, members[1].chat, members[2].chat);
        let set = bench.store.write(move |tx| {
            actions::chats::set_quiet(tx, waits, Some(all_day(false, now)))?;
            actions::chats::set_quiet(tx, hushed, Some(all_day(true, now)))
        });
        set.await.unwrap();
        let id = bench.broadcast(Body::plain("news"), &members, as_it_is).await;
        bench.start();
        let figures = bench.until_it(id, |_, figures| figures.count(Standing::Sent) == 2).await;
        assert_eq!(figures.count(Standing::Queued), 1);
        let silent = |chat: ChatId| {
            let heard = bench.sandbox.phone(chat.0).messages(0);
            heard.into_iter().filter(|m| m.author == Author::Bot).map(|m| m.manner.silent).collect::<Vec<_>>()
        };
        assert_eq!((silent(waits), silent(hushed), silent(loud)), (vec![], vec![true], vec![false]));
        let next = bench.store.read(|read| recipients::next_returned(read, id, now)).unwrap();
        assert_eq!(next, all_day(false, now).ends(now), "it is looked at again when the hours are over");
        let set = bench.store.write(move |tx| actions::chats::set_quiet(tx, waits, None));
        set.await.unwrap();
        assert_eq!(bench.state(id).0.status(), BroadcastStatus::Sending);
        bench.drain().await;
        bench.assert_clean();
    });
}
