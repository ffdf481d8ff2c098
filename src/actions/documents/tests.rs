//! A document is there once it is whole, stays while somebody carries it, and goes with all of its pieces.

use std::time::Duration;

use super::*;
use crate::actions::messages::{SendOptions, To, cancel, send};
use crate::actions::sweep::{Kept, LOOSE_KEPT, run};
use crate::actions::testing::{Desk, OWNER, VIEWER};
use crate::ids::MessageId;
use crate::model::message::{Body, Format};
use crate::model::settings::MESSAGES_KEPT;

const CAPTION_TOO_LONG: usize = 1025;

/// A document of as many pieces, each with one byte, that is whole.
fn arrived(desk: &Desk, pieces: u32) -> DocumentId {
    let id = arriving(desk, pieces);
    desk.run(move |tx| finish(tx, &OWNER, id, pieces.into()));
    id
}

fn arriving(desk: &Desk, pieces: u32) -> DocumentId {
    let id = desk.run(|tx| begin(tx, &OWNER, "a/report.pdf", "application/pdf"));
    for number in 0..pieces {
        desk.run(move |tx| {
            let sealed = tx.sealer().seal(Document::PURPOSE, &[7]);
            append(tx, id, number, &sealed)
        });
    }
    id
}

fn carrying(id: DocumentId) -> Body {
    Body { document: Some(id), ..Body::default() }
}

fn sent(desk: &Desk, id: DocumentId) -> MessageId {
    let account = desk.account("ada");
    desk.run(move |tx| Ok(send(tx, &OWNER, To::Account(account), carrying(id), SendOptions::default())?.0))
}

fn there(desk: &Desk, id: DocumentId) -> bool {
    desk.read(|read| store::documents::get(read, id)).is_some()
}

fn pieces(desk: &Desk, id: DocumentId) -> usize {
    (0..200).filter(|number| desk.read(|read| store::documents::piece(read, id, *number)).is_some()).count()
}

fn assert_clean(desk: &Desk) {
    let report = desk.read(store::check::check);
    assert!(report.is_clean(), "{:?}", report.findings);
}

#[test]
fn only_one_that_is_whole_can_be_carried_and_only_with_a_short_text() {
    let desk = Desk::new();
    let account = desk.account("ada");
    let send_it = move |body: Body| {
        move |tx: &mut Tx<'_>| send(tx, &OWNER, To::Account(account), body.clone(), SendOptions::default())
    };
    let half = arriving(&desk, 2);
    assert!(desk.refused(send_it(carrying(half))).sentence.contains("no longer there"));
    assert_clean(&desk);
    let whole = arrived(&desk, 2);
    let long = Body { text: "x".repeat(CAPTION_TOO_LONG), format: Format::Plain, ..carrying(whole) };
    assert_eq!(desk.refused(send_it(long)).field, Some("text"));
    desk.run(send_it(carrying(whole)));
    assert_eq!(
        desk.read(|read| store::documents::get(read, whole)).map(|row| (row.uses, row.name)),
        Some((1, "report.pdf".into()))
    );
    assert_clean(&desk);
}

#[test]
fn one_that_is_empty_too_large_or_uploaded_by_a_viewer_is_refused() {
    let desk = Desk::new();
    let id = arriving(&desk, 0);
    for size in [0, BYTES_MAX + 1] {
        assert_eq!(desk.refused(move |tx| finish(tx, &OWNER, id, size)).field, Some("document"));
    }
    assert!(too_large().contains("50 MB"));
    desk.refused(|tx| begin(tx, &VIEWER, "a", ""));
    desk.run(move |tx| Ok(drop_loose(tx, id)?));
    desk.refused(move |tx| append(tx, id, 0, &[1]));
    desk.refused(move |tx| finish(tx, &OWNER, id, 1));
}

#[test]
fn the_last_to_let_go_removes_it_and_the_sweep_its_pieces() {
    let desk = Desk::new();
    let id = arrived(&desk, 150);
    let message = sent(&desk, id);
    desk.run(move |tx| Ok(drop_loose(tx, id)?));
    assert!(there(&desk, id), "it is carried");
    desk.refused(move |tx| cancel(tx, &OWNER, message).map(|_| ()));
    desk.pass(MESSAGES_KEPT + Duration::from_millis(1));
    let sweep = || desk.run(|tx| run(tx, &Kept::default()));
    assert!(sweep(), "there is more to remove");
    assert!(!there(&desk, id));
    assert_eq!(pieces(&desk, id), 150 - PIECES_SWEPT);
    assert_clean(&desk);
    assert!(sweep());
    assert!(!sweep());
    assert_eq!(pieces(&desk, id), 0);
    assert_clean(&desk);
}

#[test]
fn what_nobody_carries_goes_after_a_day_whole_or_not() {
    let desk = Desk::new();
    let (whole, half) = (arrived(&desk, 2), arriving(&desk, 1));
    desk.pass(LOOSE_KEPT);
    desk.run(|tx| run(tx, &Kept::default()));
    assert!(there(&desk, whole) && there(&desk, half));
    desk.pass(Duration::from_millis(1));
    desk.run(|tx| run(tx, &Kept::default()));
    assert!(!there(&desk, whole) && !there(&desk, half));
    assert_eq!(pieces(&desk, whole) + pieces(&desk, half), 0);
    assert_clean(&desk);
}
