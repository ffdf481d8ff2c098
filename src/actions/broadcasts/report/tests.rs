//! Every recipient is found under what became of it, page by page, and under no other word.

use super::*;
use crate::actions::broadcasts::tests::{sending, settle};
use crate::actions::broadcasts::{cancel, pause};
use crate::actions::testing::{Desk, OWNER};
use crate::actions::{accounts as people, chats};
use crate::ids::ChatId;

const NAMES: [&str; 8] = ["a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8"];

/// The positions of all lines, collected in pages of two, and how they are shown.
fn found(desk: &Desk, id: BroadcastId, filter: Option<Standing>) -> Vec<(u32, Standing)> {
    let (mut lines, mut from) = (Vec::new(), Some(0));
    while let Some(position) = from {
        let page = desk.read(|read| page(read, id, filter, position, 2));
        assert!(page.lines.len() <= 2);
        lines.extend(page.lines.iter().map(|line| (line.position, line.recipient.standing())));
        from = page.next;
    }
    lines
}

fn outcome(row: &Recipient) -> Standing {
    match row.chat.0 {
        5 | 9 => Standing::Sent,
        6 => Standing::Failed,
        7 => Standing::Uncertain,
        8 => Standing::Skipped,
        10 => Standing::Sending,
        _ => Standing::Queued,
    }
}

fn each_is_found_once(desk: &Desk, id: BroadcastId) -> Vec<(u32, Standing)> {
    let all = found(desk, id, None);
    assert_eq!(all.iter().map(|(position, _)| *position).collect::<Vec<_>>(), (0..8).collect::<Vec<_>>());
    for standing in Standing::ALL {
        let expected: Vec<_> = all.iter().copied().filter(|(_, shown)| *shown == standing).collect();
        assert_eq!(found(desk, id, Some(standing)), expected, "{standing:?}");
        let figures = desk.read(|read| broadcasts::figures(read, id));
        assert_eq!(usize::try_from(figures.count(standing)).unwrap(), expected.len(), "{standing:?}");
    }
    all
}

#[test]
fn filters_and_pages_tell_the_same_as_the_whole() {
    let desk = Desk::new();
    let id = sending(&desk, &NAMES);
    each_is_found_once(&desk, id);
    settle(&desk, id, outcome);
    each_is_found_once(&desk, id);
    desk.run(move |tx| pause(tx, &OWNER, id));
    each_is_found_once(&desk, id);
    desk.run(move |tx| cancel(tx, &OWNER, id));
    let all = each_is_found_once(&desk, id);
    let cancelled: Vec<_> = all.iter().filter(|(_, standing)| *standing == Standing::Cancelled).collect();
    assert_eq!(cancelled, [&(6, Standing::Cancelled), &(7, Standing::Cancelled)]);
}

#[test]
fn what_was_never_touched_is_shown_as_cancelled_with_the_whole() {
    let desk = Desk::new();
    let id = sending(&desk, &NAMES);
    desk.run(move |tx| cancel(tx, &OWNER, id));
    let at = desk.clock.now();
    assert_eq!(found(&desk, id, Some(Standing::Cancelled)).len(), 8);
    assert!(found(&desk, id, Some(Standing::Queued)).is_empty());
    let page = desk.read(|read| page(read, id, None, 7, 10));
    assert_eq!(page.lines.first().map(|line| line.recipient.state.clone()), Some(RecipientState::Cancelled { at }));
    assert_eq!(page.next, None);
}

#[test]
fn a_page_that_looked_long_ends_early_and_its_cursor_goes_on() {
    let desk = Desk::new();
    let id = sending(&desk, &NAMES);
    settle(&desk, id, |row| if row.chat == ChatId(12) { Standing::Sent } else { Standing::Failed });
    let page = desk.read(|read| {
        let broadcast = broadcasts::get(read, id)?.unwrap();
        Subject { read, id, broadcast, figures: Figures::default() }.scan(Some(Standing::Sent), 0, 2, 3)
    });
    assert_eq!((page.lines.len(), page.next), (0, Some(3)));
}

#[test]
fn one_account_finds_its_own_chats_and_a_deleted_one_has_no_name() {
    let desk = Desk::new();
    let (ada, _) = desk.linked("ada", 1);
    let (ben, _) = desk.linked("ben", 2);
    let second = desk.heard(3);
    desk.run(move |tx| chats::bind(tx, second, ada));
    let cleo = desk.account("cleo");
    let id = sending(&desk, &[]);
    let of = |account| desk.read(|read| of_account(read, id, account));
    assert_eq!(of(ada).iter().map(|line| line.recipient.chat.0).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(of(ben).len(), 1);
    assert!(of(cleo).is_empty());
    assert_eq!(
        of(ada).first().and_then(|line| line.account.clone()).map(|(name, _)| name.to_string()),
        Some("ada".into())
    );
    desk.run(move |tx| people::delete(tx, &OWNER, ada));
    assert_eq!(of(ada).iter().map(|line| line.account.clone()).collect::<Vec<_>>(), [None, None]);
}
