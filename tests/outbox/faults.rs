//! The fault matrix: what everything that can go wrong with one send makes of a broadcast's recipient, and of a single
//! message under each policy.

use startlink::model::broadcast::BroadcastStatus;

use super::crowd::as_it_is;
use super::*;
use crate::support::ports;

/// How it stands after the first send: once more in the queue, in doubt or not, or at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum After {
    Again,
    AgainInDoubt,
    /// Again, and the broadcast waits for a person.
    Paused,
    Sent,
    Failed,
    Uncertain,
}

use After::{Again, AgainInDoubt, Failed, Paused, Sent, Uncertain};

/// A fault, and what becomes of a recipient, of a message that may come twice, of one that may not.
type Row = (Trouble, After, After, After);

fn refuse(code: u16, words: &str) -> Trouble {
    Trouble::Refuse { code, description: words.to_owned(), migrate_to_chat_id: None }
}

fn all(trouble: Trouble, after: After) -> Row {
    (trouble, after, after, after)
}

fn unknown(trouble: Trouble) -> Row {
    (trouble, Uncertain, AgainInDoubt, Uncertain)
}

/// A refusal of what is said: nobody has got the broadcast yet, so it waits.
fn content(words: &str) -> Row {
    (refuse(400, words), Paused, Failed, Failed)
}

fn matrix() -> Vec<Row> {
    vec![
        // The token: nothing was sent.
        all(Trouble::Unauthorized, Again),
        all(Trouble::NotFound, Again),
        all(refuse(401, "Unauthorized: invalid token specified"), Again),
        all(refuse(421, "Misdirected Request"), Again),
        // The chat is lost.
        all(Trouble::Blocked, Failed),
        all(refuse(403, "Forbidden: user is deactivated"), Failed),
        all(refuse(403, "Forbidden: bot can't initiate conversation with a user"), Failed),
        all(refuse(403, "Forbidden: bot was kicked from the group chat"), Failed),
        all(refuse(403, "Forbidden: bot is not a member of the supergroup chat"), Failed),
        all(refuse(403, "Forbidden: the group chat was deleted"), Failed),
        all(refuse(400, "Bad Request: chat not found"), Failed),
        all(refuse(400, "Bad Request: PEER_ID_INVALID"), Failed),
        all(refuse(400, "Bad Request: user not found"), Failed),
        // The content is refused; a single message goes again at once, as plain text.
        (refuse(400, "Bad Request: can't parse entities: Unexpected end tag at byte offset 3"), Paused, Sent, Sent),
        content("Bad Request: message is too long"),
        content("Bad Request: message text is empty"),
        content("Bad Request: BUTTON_URL_INVALID"),
        content("Bad Request: reply markup is too long"),
        content("Bad Request: wrong file identifier/HTTP URL specified"),
        // Another refusal.
        all(refuse(409, "Conflict: terminated by other getUpdates request"), Failed),
        all(refuse(418, "I'm a teapot"), Failed),
        // Slower.
        all(Trouble::TooManyRequests { retry_after: 30 }, Again),
        // Nobody knows.
        unknown(Trouble::ServerError { status: 500 }),
        unknown(Trouble::ServerErrorAfter { status: 502 }),
        unknown(Trouble::HtmlBadGateway),
        unknown(Trouble::Garbage),
        unknown(Trouble::ResetBefore),
        unknown(Trouble::DropAnswer),
        unknown(Trouble::HalfAnswer),
        // Late, and well.
        all(Trouble::Delay { wait_ms: 100 }, Sent),
        all(Trouble::SlowBody { wait_ms: 100 }, Sent),
    ]
}

async fn of_message(trouble: &Trouble, policy: Policy) -> After {
    let mut bench = Bench::new().await;
    bench.fault(trouble.clone());
    let id = bench.send("in doubt?", policy).await;
    bench.start();
    // Between two tries at once there is nothing to look at.
    let at_once = |d: &Delivery| d.as_plain && d.state.standing() == Standing::Queued;
    let told = |d: &Delivery| d.attempts > 0 && d.state.standing() != Standing::Sending && !at_once(d);
    let delivery = bench.until(id, told).await;
    bench.drain().await;
    bench.assert_clean();
    match (delivery.state.standing(), delivery.unknowns) {
        (Standing::Queued, 0) => Again,
        (Standing::Queued, _) => AgainInDoubt,
        (standing, _) => ended(standing),
    }
}

async fn of_recipient(trouble: &Trouble) -> After {
    let mut bench = Bench::new().await;
    let members = bench.crowd(1).await;
    bench.fault(trouble.clone());
    let id = bench.broadcast(Body::plain("in doubt?"), &members, as_it_is).await;
    bench.start();
    bench.until_it(id, |_, figures| figures.next == 1 && figures.count(Standing::Sending) == 0).await;
    let (broadcast, row) = (bench.state(id).0, bench.rows(id).remove(0));
    bench.drain().await;
    bench.assert_clean();
    let is_over = broadcast.status() == BroadcastStatus::Done;
    assert_eq!(is_over, row.standing().is_final(), "it is done when the last outcome is known");
    match (row.standing(), broadcast.status()) {
        (Standing::Queued, BroadcastStatus::Paused) => Paused,
        (Standing::Queued, _) => Again,
        (standing, _) => ended(standing),
    }
}

fn ended(standing: Standing) -> After {
    match standing {
        Standing::Sent => Sent,
        Standing::Failed => Failed,
        Standing::Uncertain => Uncertain,
        Standing::Queued | Standing::Sending | Standing::Cancelled | Standing::Expired | Standing::Skipped => {
            panic!("{standing:?} is no end of a send")
        }
    }
}

#[test]
fn every_fault_makes_of_a_send_what_is_true() {
    let mut wrong = Vec::new();
    for (trouble, recipient, twice, once) in matrix() {
        let found = block_on(async {
            let recipient = of_recipient(&trouble).await;
            (recipient, of_message(&trouble, Policy::AtLeastOnce).await, of_message(&trouble, Policy::AtMostOnce).await)
        });
        if found != (recipient, twice, once) {
            wrong.push((trouble, found));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Behind a refused connection nothing was sent, whoever it was for.
#[test]
fn a_server_that_is_not_there_leaves_no_doubt() {
    block_on(async {
        let mut bench = Bench::new().await;
        let members = bench.crowd(1).await;
        let id = bench.broadcast(Body::plain("news"), &members, as_it_is).await;
        let single = bench.send("news", Policy::AtMostOnce).await;
        let nobody = ports::quiet();
        bench.start_at(&format!("http://{nobody}"));
        bench.until_it(id, |_, figures| figures.next == 1 && figures.count(Standing::Sending) == 0).await;
        let delivery = bench.until_queued_again(single).await;
        let row = bench.rows(id).remove(0);
        assert_eq!((row.standing(), delivery.unknowns), (Standing::Queued, 0));
        bench.drain().await;
        bench.assert_clean();
    });
}
