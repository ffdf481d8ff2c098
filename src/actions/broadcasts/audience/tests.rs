//! Audiences as they are typed, and counted.

use super::*;
use crate::actions::accounts::{NewAccount, create};
use crate::actions::chats as talk;
use crate::actions::testing::{Desk, OWNER};
use crate::ids::ChatId;

#[track_caller]
fn refused<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Refusal {
    match outcome {
        Err(Error::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn picked_accounts_are_named_one_a_line_and_wrong_ones_by_their_line() {
    let desk = Desk::new();
    let (ada, ben) = (desk.account("ada"), desk.account("ben b"));
    let read = |text: &str| desk.store.read(|read| picked(read, text));
    assert_eq!(read("ben b\r\n\n  ada \nada"), Ok(Audience::Picked(vec![ada, ben])));
    let refusal = refused(read("ada\n\nnobody\nben b\n.."));
    assert_eq!(refusal.field, Some("picked"));
    assert_eq!(refusal.sentence, "There is no such account: line 3, \"nobody\", line 5, \"..\".");
    let refusal = refused(read("a\nb\nc\nd\ne\nf\ng"));
    assert!(refusal.sentence.ends_with("line 5, \"e\", and 2 more."), "{refusal}");
    assert!(refused(read(" \n")).sentence.starts_with("Name at least one"));
    let many: Vec<String> = (0..=PICKED_MAX).map(|number| number.to_string()).collect();
    assert!(refused(read(&many.join("\n"))).sentence.contains("10001"));
}

#[test]
fn tags_are_read_and_none_at_all_is_refused() {
    let Ok(Audience::Tags(filter)) = tags("vip, b vip", "", "staff") else { panic!("tags") };
    assert_eq!(filter.all.iter().map(Tag::as_str).collect::<Vec<_>>(), ["b", "vip"]);
    assert_eq!(tags("", " ", "").unwrap_err().field, Some("all"));
    assert_eq!(tags("", "no!", "").unwrap_err().field, Some("any"));
}

#[test]
fn an_audience_counts_chats_that_can_be_reached_and_want_broadcasts() {
    let desk = Desk::new();
    for (name, tags) in [("ada", "vip de"), ("ben", "vip"), ("cleo", "de")] {
        desk.run(move |tx| create(tx, &OWNER, NewAccount { username: name, name: "", tags }));
    }
    for (chat, account) in [(1, 1), (2, 1), (3, 2), (4, 3)] {
        let chat = desk.heard(chat);
        desk.run(move |tx| talk::bind(tx, chat, AccountId(account)));
    }
    desk.run(|tx| Ok(talk::set_muted(tx, ChatId(4), true)?));
    let count = |audience: Audience| {
        let size = size(&desk.store, &audience).unwrap();
        (size.accounts, size.chats)
    };
    assert_eq!(count(Audience::Everyone), (2, 3));
    assert_eq!(count(tags("de", "", "").unwrap()), (1, 2));
    assert_eq!(count(tags("", "vip de", "").unwrap()), (2, 3));
    assert_eq!(count(tags("", "", "de").unwrap()), (1, 1));
    assert_eq!(count(tags("vip", "", "vip").unwrap()), (0, 0));
    assert_eq!(count(Audience::Picked(vec![AccountId(2), AccountId(3), AccountId(9)])), (1, 1));
}

#[test]
fn the_index_of_a_tag_finds_the_same_as_the_whole_table() {
    let desk = Desk::new();
    for number in 1..=30 {
        let name: &'static str = Box::leak(format!("p{number:02}").into_boxed_str());
        let tags = if number % 3 == 0 { "rare" } else { "" };
        desk.run(move |tx| create(tx, &OWNER, NewAccount { username: name, name: "", tags }));
        let chat = desk.heard(number);
        desk.run(move |tx| talk::bind(tx, chat, AccountId(u64::try_from(number).unwrap())).map(|_| ()));
    }
    let filter = TagFilter { all: vec![Tag::parse("rare").unwrap()], ..TagFilter::default() };
    let ids = |piece: Piece<Candidate>| piece.found.iter().map(|it| it.id.0).collect::<Vec<_>>();
    let fits = |account: &Account| filter.fits(&account.tags);
    let whole = desk.read(|read| walk(read, 4, 100, fits));
    let named = desk.read(|read| indexed(read, &filter)).unwrap();
    let some = desk.read(|read| of_these(read, &named, 4, 100, fits));
    assert_eq!(ids(whole), ids(some));
    assert_eq!(desk.read(|read| accounts::tagged(read, &filter.all[0], 9)), None, "ten are more than nine");
}
