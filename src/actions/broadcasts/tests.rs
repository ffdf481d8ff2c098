//! Broadcasts from the draft to the end.

use super::*;
use crate::actions::testing::{Desk, OWNER, config};
use crate::model::delivery::Standing;

fn draft(text: &str, audience: Audience) -> Draft {
    Draft { body: Body::plain(text), audience, rate: None, paid: false }
}

fn write(desk: &Desk, draft: Draft) -> BroadcastId {
    desk.run(move |tx| create(tx, &OWNER, &config(&[]), &draft))
}

/// Starts it as one who read the number, and writes down its audience in pieces of `limit` accounts.
fn begin(desk: &Desk, id: BroadcastId, limit: usize) {
    let audience = desk.read(|read| store::broadcasts::get(read, id)).unwrap().audience;
    let chats = audience::size(&desk.store, &audience).unwrap().chats;
    desk.run(move |tx| start(tx, &OWNER, id, Approval { chats, typed: Some(chats) }));
    expand(desk, id, limit);
}

fn expand(desk: &Desk, id: BroadcastId, limit: usize) {
    loop {
        let (looked, chunk) = desk.read(|read| {
            let broadcast = store::broadcasts::get(read, id)?.unwrap();
            let looked = store::broadcasts::figures(read, id)?.looked;
            Ok((looked, expand::look(read, &broadcast, looked, limit)?))
        });
        let end = chunk.end;
        assert!(desk.run(move |tx| expand::write(tx, id, looked, &chunk)));
        if end {
            return;
        }
    }
}

fn status(desk: &Desk, id: BroadcastId) -> BroadcastStatus {
    desk.read(|read| store::broadcasts::get(read, id)).unwrap().status()
}

#[test]
fn everyone_who_listens_gets_a_row() {
    let desk = Desk::new();
    desk.linked("ada", 5);
    desk.linked("ben", 6);
    desk.account("cleo");
    let id = write(&desk, draft("Hi {name}", Audience::Everyone));
    begin(&desk, id, 1);
    assert_eq!(status(&desk, id), BroadcastStatus::Sending);
    let figures = desk.read(|read| store::broadcasts::figures(read, id));
    assert_eq!((figures.rows, figures.accounts, figures.count(Standing::Queued)), (2, 2, 2));
}
