//! Broadcasts from the draft to the end.

use std::time::Duration;

use super::*;
use crate::actions::testing::{Desk, OWNER, VIEWER, config};
use crate::actions::{Kind, chats};
use crate::ids::{AccountId, ChatId, PhotoId, TelegramMessageId};
use crate::model::account::Tag;
use crate::model::broadcast::{Pause, TagFilter};
use crate::model::delivery::Reason;
use crate::model::event::EventKind;
use crate::model::message::{Button, ButtonAction, Format};
use crate::model::photo::{Mime, Photo};
use crate::model::recipient::{Recipient, RecipientState, Skip};
use crate::store::recipients::Ledger;

pub fn draft(text: &str, audience: Audience) -> Draft {
    Draft { body: Body::plain(text), audience, rate: None, paid: false }
}

pub fn write(desk: &Desk, draft: Draft) -> BroadcastId {
    desk.run(move |tx| create(tx, &OWNER, &config(&[]), &draft))
}

/// One that everyone of these gets, its audience written down.
pub fn sending(desk: &Desk, names: &[&'static str]) -> BroadcastId {
    for (chat, name) in (5..).zip(names) {
        desk.linked(name, chat);
    }
    let id = write(desk, draft("Hi {name}", Audience::Everyone));
    begin(desk, id);
    id
}

/// Starts it as one who read the number, and writes down its audience.
pub fn begin(desk: &Desk, id: BroadcastId) {
    desk.run(move |tx| start(tx, &OWNER, id, APPROVED));
    let chunk = desk.read(|read| expand::look(read, &store::broadcasts::get(read, id)?.unwrap(), 0, 1000));
    assert!(desk.run(move |tx| expand::write(tx, id, 0, &chunk)));
}

/// As the sender does: what waits gets the outcome that `outcome` says, and the last one ends the broadcast.
pub fn settle(desk: &Desk, id: BroadcastId, outcome: fn(&Recipient) -> Standing) {
    desk.run(move |tx| settle_rows(tx, id, outcome));
}

pub fn settle_rows(tx: &mut Tx<'_>, id: BroadcastId, outcome: fn(&Recipient) -> Standing) -> Result<(), Error> {
    let at = tx.now();
    let mut ledger = Ledger::open(tx, id)?;
    for (position, row) in recipients::from(tx, id, 0, 1000)? {
        let state = match outcome(&row) {
            _ if row.standing().is_final() => continue,
            Standing::Queued => RecipientState::Queued { not_before: Some(at.plus(Duration::from_secs(9))) },
            Standing::Sending => RecipientState::Sending { since: at, due: None },
            Standing::Sent => RecipientState::Sent { telegram: TelegramMessageId(1), at },
            Standing::Failed => RecipientState::Failed { reason: Reason::Blocked, at },
            Standing::Uncertain => RecipientState::Uncertain { at },
            Standing::Cancelled | Standing::Expired => RecipientState::Cancelled { at },
            Standing::Skipped => RecipientState::Skipped { why: Skip::Muted, at },
        };
        ledger.update(tx, position, &row, &Recipient { state, ..row.clone() })?;
    }
    ledger.close(tx)?;
    finish(tx, id).map(|_| ())
}

pub const APPROVED: Approval = Approval { chats: 1, typed: None, revision: None };

fn row(desk: &Desk, id: BroadcastId) -> Broadcast {
    desk.read(|read| store::broadcasts::get(read, id)).unwrap()
}

fn status(desk: &Desk, id: BroadcastId) -> BroadcastStatus {
    row(desk, id).status()
}

fn photo(desk: &Desk) -> PhotoId {
    let photo =
        Photo { mime: Mime::Jpeg, width: 9, height: 9, size: 3, file: None, uses: 0, created: desk.clock.now() };
    desk.run(move |tx| {
        let sealed = tx.sealer().seal(Photo::PURPOSE, b"jpg");
        crate::actions::pictures::add(tx, &OWNER, &photo, sealed)
    })
}

fn uses(desk: &Desk, id: PhotoId) -> Option<u32> {
    desk.read(|read| store::photos::get(read, id)).map(|photo| photo.uses)
}

#[test]
fn a_draft_is_written_changed_copied_and_thrown_away() {
    let desk = Desk::new();
    let id = write(&desk, draft("one", Audience::Everyone));
    let tagged = TagFilter { all: vec![Tag::parse("vip").unwrap()], ..TagFilter::default() };
    let new = Draft { rate: Some(5), paid: true, ..draft("two", Audience::Tags(tagged.clone())) };
    let same = new.clone();
    desk.run(move |tx| edit(tx, &OWNER, &config(&[]), id, &new));
    let beats = desk.store.changes().value();
    desk.run(move |tx| edit(tx, &OWNER, &config(&[]), id, &same));
    assert_eq!(desk.store.changes().value(), beats, "nothing is written when nothing changes");
    let copy = desk.run(move |tx| duplicate(tx, &OWNER, id));
    let old = row(&desk, id);
    assert_eq!(row(&desk, copy), Broadcast { created: desk.clock.now(), ..old.clone() });
    assert_eq!((old.rate, old.paid, old.audience), (Some(5), true, Audience::Tags(tagged)));
    assert_eq!(desk.read(|read| store::broadcasts::body(read, copy)), Some(Body::plain("two")));
    desk.run(move |tx| remove(tx, &OWNER, id));
    assert_eq!(desk.refused(move |tx| remove(tx, &OWNER, id)).kind, Kind::NotFound);
    let words = ["remove broadcast 1", "duplicate broadcast 1 -> 2", "edit broadcast 1", "create broadcast 1"];
    assert_eq!(desk.audit(), words.map(|word| format!("broadcast.{word}")));
}

type Action = fn(&mut Tx<'_>, BroadcastId) -> Result<(), Error>;

#[test]
fn who_may_only_look_changes_nothing() {
    let desk = Desk::new();
    let id = write(&desk, draft("one", Audience::Everyone));
    let actions: [Action; 11] = [
        |tx, _| create(tx, &VIEWER, &config(&[]), &draft("x", Audience::Everyone)).map(|_| ()),
        |tx, id| edit(tx, &VIEWER, &config(&[]), id, &draft("x", Audience::Everyone)).map(|_| ()),
        |tx, id| remove(tx, &VIEWER, id),
        |tx, id| duplicate(tx, &VIEWER, id).map(|_| ()),
        |tx, id| again(tx, &VIEWER, id, Standing::Failed).map(|_| ()),
        |tx, _| test(tx, &VIEWER, Body::plain("x")).map(|_| ()),
        |tx, id| start(tx, &VIEWER, id, APPROVED),
        |tx, id| schedule(tx, &VIEWER, id, Timestamp(i64::MAX), APPROVED),
        |tx, id| pause(tx, &VIEWER, id),
        |tx, id| cancel(tx, &VIEWER, id),
        |tx, id| set_rate(tx, &VIEWER, &config(&[]), id, None),
    ];
    for (number, action) in actions.into_iter().enumerate() {
        assert_eq!(desk.refused(move |tx| action(tx, id)).kind, Kind::Forbidden, "{number}");
    }
}

#[test]
fn content_that_cannot_be_sent_to_everyone_is_refused_with_its_field() {
    let desk = Desk::new();
    let picture = photo(&desk);
    let button = |label: &str, address: &str| Body {
        buttons: vec![vec![Button { label: label.into(), action: ButtonAction::Open(address.into()) }]],
        ..Body::plain("x")
    };
    let html = |text: &str| Body { format: Format::Html, ..Body::plain(text) };
    let under = |photo, text: &str| Body { photo: Some(photo), ..Body::plain(text) };
    let wide = "x".repeat(4000);
    let bodies = [
        ("text", Body::plain(""), "the text is empty"),
        ("text", Body::plain("Hi {nam}"), "There is no placeholder {nam};"),
        ("text", html("<b>Hi {name}"), "This cannot be sent"),
        ("text", Body::plain(format!("{wide}{{name}}")), "the text gets 4256 characters long; Telegram takes 4096."),
        ("text", under(picture, &"x".repeat(1025)), "1025 characters long; Telegram takes 1024"),
        ("text", under(picture, &format!("{}{{name}}", "x".repeat(800))), "the text gets 1056 characters long"),
        ("text", html(&format!("<a href=\"https://a.example/{}\">x</a>", "{name}".repeat(50))), "markup is"),
        ("photo", under(PhotoId(99), "x"), "no longer there"),
        ("buttons", button("go", "https://a.example/{username}"), "in the text only"),
        ("buttons", button("{name}", "https://a.example"), "in the text only"),
    ];
    for (field, body, words) in bodies {
        let draft = Draft { body, ..draft("", Audience::Everyone) };
        let shown = format!("{:?}", draft.body);
        let refusal = desk.refused(move |tx| create(tx, &OWNER, &config(&[]), &draft));
        assert_eq!((refusal.kind, refusal.field), (Kind::Invalid, Some(field)), "{shown}");
        assert!(refusal.sentence.contains(words), "{shown}: {refusal}");
    }
    write(&desk, Draft { body: under(picture, ""), ..draft("", Audience::Everyone) });
    write(&desk, draft(&format!("{}{{name}}", "x".repeat(4096 - 256)), Audience::Everyone));
    write(&desk, draft("{ } {Name} {}", Audience::Everyone));
}

#[test]
fn a_picture_stays_as_long_as_someone_carries_it() {
    let desk = Desk::new();
    let (first, second) = (photo(&desk), photo(&desk));
    let with = |photo| Draft { body: Body { photo: Some(photo), ..Body::default() }, ..draft("", Audience::Everyone) };
    let id = write(&desk, with(first));
    let copy = desk.run(move |tx| duplicate(tx, &OWNER, id));
    assert_eq!((uses(&desk, first), uses(&desk, second)), (Some(2), Some(0)));
    let other = with(second);
    desk.run(move |tx| edit(tx, &OWNER, &config(&[]), id, &other));
    assert_eq!((uses(&desk, first), uses(&desk, second)), (Some(1), Some(1)));
    desk.run(move |tx| remove(tx, &OWNER, copy));
    assert_eq!((uses(&desk, first), uses(&desk, second)), (None, Some(1)));
}

#[test]
fn names_are_filled_in_and_a_missing_one_is_the_username() {
    let body = Body { format: Format::Html, ..Body::plain("<b>{name}</b> ({username})") };
    assert_eq!(content::fill(&body, "ada", "Ada & Co"), "<b>Ada &amp; Co</b> (ada)");
    assert_eq!(content::fill(&body, "ada", ""), "<b>ada</b> (ada)");
    assert_eq!(content::sample(&body).text, "<b>Ada Lovelace</b> (ada)");
}

#[test]
fn a_test_goes_to_the_callers_own_chats_with_example_names() {
    let desk = Desk::new();
    let admin = desk.admin("root");
    let body = Body::plain("Hi {name}");
    let before = body.clone();
    assert_eq!(desk.refused(move |tx| test(tx, &OWNER, before.clone())).kind, Kind::Conflict);
    let chat = desk.heard(9);
    desk.run(move |tx| chats::bind_admin(tx, chat, admin));
    let id = desk.run(move |tx| test(tx, &OWNER, body.clone()));
    assert_eq!(desk.says(id).text, "Hi Ada Lovelace");
    assert_eq!(desk.deliveries(id).len(), 1);
}

#[test]
fn many_chats_need_their_number_typed_and_nobody_is_said_so() {
    let desk = Desk::new();
    let id = write(&desk, draft("x", Audience::Everyone));
    let cases = [
        (0, None, Some("audience")),
        (0, Some(0), Some("audience")),
        (101, None, Some("typed")),
        (101, Some(100), Some("typed")),
        (3, Some(4), Some("typed")),
    ];
    for (chats, typed, field) in cases {
        let refusal = desk.refused(move |tx| start(tx, &OWNER, id, Approval { chats, typed, revision: None }));
        assert_eq!(refusal.field, field, "{chats} {typed:?}");
    }
    desk.run(move |tx| start(tx, &OWNER, id, Approval { chats: 101, typed: Some(101), revision: None }));
    assert_eq!(row(&desk, id).started, Some(desk.clock.now()));
    let second =
        desk.refused(move |tx| start(tx, &OWNER, id, Approval { chats: 101, typed: Some(101), revision: None }));
    assert_eq!(second.kind, Kind::Conflict, "a second click");
    let hundred = write(&desk, draft("x", Audience::Everyone));
    desk.run(move |tx| start(tx, &OWNER, hundred, Approval { chats: 100, typed: None, revision: None }));
}

#[test]
fn a_schedule_is_for_the_year_to_come() {
    let desk = Desk::new();
    let id = write(&desk, draft("x", Audience::Everyone));
    let now = desk.clock.now();
    for at in [now, now.minus(Duration::from_secs(1)), now.plus(SCHEDULE_MAX + Duration::from_millis(1))] {
        assert_eq!(desk.refused(move |tx| schedule(tx, &OWNER, id, at, APPROVED)).field, Some("at"));
    }
    let at = now.plus(SCHEDULE_MAX);
    desk.run(move |tx| schedule(tx, &OWNER, id, at, APPROVED));
    assert_eq!(row(&desk, id).state, BroadcastState::Scheduled { at });
    let many = Approval { chats: 500, typed: None, revision: None };
    assert_eq!(desk.refused(move |tx| schedule(tx, &OWNER, id, at, many)).field, Some("typed"));
}

#[test]
fn a_scheduled_one_with_another_audience_has_to_be_approved_again() {
    let desk = Desk::new();
    let id = write(&desk, draft("x", Audience::Everyone));
    let at = desk.clock.now().plus(Duration::from_hours(1));
    desk.run(move |tx| schedule(tx, &OWNER, id, at, APPROVED));
    let other = draft("other words", Audience::Everyone);
    let same = desk.run(move |tx| edit(tx, &OWNER, &config(&[]), id, &other));
    assert_eq!(same.state, BroadcastState::Scheduled { at });
    let wider = draft("other words", Audience::Picked(vec![AccountId(2), AccountId(1), AccountId(2)]));
    let back = desk.run(move |tx| edit(tx, &OWNER, &config(&[]), id, &wider));
    assert_eq!(
        (back.state, back.audience),
        (BroadcastState::Draft, Audience::Picked(vec![AccountId(1), AccountId(2)]))
    );
}

#[test]
fn a_rate_is_within_the_settings_unless_it_is_paid_for() {
    let desk = Desk::new();
    let with = |rate, paid| Draft { rate: Some(rate), paid, ..draft("x", Audience::Everyone) };
    for (rate, paid) in [(0, false), (31, false), (0, true), (1001, true)] {
        let draft = with(rate, paid);
        let refusal = desk.refused(move |tx| create(tx, &OWNER, &config(&[]), &draft));
        assert_eq!(refusal.field, Some("rate"), "{rate} {paid}: {refusal}");
    }
    let id = write(&desk, with(30, false));
    assert_eq!(desk.refused(move |tx| set_rate(tx, &OWNER, &config(&[]), id, Some(31))).field, Some("rate"));
    desk.run(move |tx| start(tx, &OWNER, id, APPROVED));
    desk.run(move |tx| set_rate(tx, &OWNER, &config(&[]), id, Some(3)));
    assert_eq!(row(&desk, id).rate, Some(3));
    let free = config(&[("STARTLINK_RATE_GLOBAL", "0")]);
    desk.run(move |tx| set_rate(tx, &OWNER, &free, id, Some(500)));
    assert_eq!(desk.audit()[0], "broadcast.rate broadcast 1, 500/s");
    write(&desk, with(1000, true));
}

#[test]
fn the_last_outcome_ends_it_and_the_website_hears_of_it() {
    let desk = Desk::new();
    let id = sending(&desk, &["ada", "ben"]);
    settle(&desk, id, |row| if row.chat == ChatId(5) { Standing::Sent } else { Standing::Sending });
    assert_eq!(status(&desk, id), BroadcastStatus::Sending);
    desk.run(move |tx| pause(tx, &OWNER, id));
    settle(&desk, id, |_| Standing::Sent);
    assert_eq!(status(&desk, id), BroadcastStatus::Done, "what was on its way ended it while it was paused");
    assert_eq!(desk.events().pop(), Some((String::new(), EventKind::BroadcastDone(id))));
    assert!(!desk.run(move |tx| finish(tx, id)), "once");
    let figures = desk.read(|read| store::broadcasts::figures(read, id));
    assert_eq!((figures.accounts, figures.reached), (2, 2));
}

#[test]
fn cancelling_takes_back_what_waits_and_lets_arrive_what_left() {
    let desk = Desk::new();
    let id = sending(&desk, &["ada", "ben", "cleo", "dan"]);
    // ada is on its way, ben waits again, cleo and dan were never touched.
    desk.run(move |tx| {
        let at = tx.now();
        let mut ledger = Ledger::open(tx, id)?;
        for (position, row) in recipients::from(tx, id, 0, 2)? {
            let state = match position {
                0 => RecipientState::Sending { since: at, due: None },
                _ => RecipientState::Queued { not_before: Some(at.plus(Duration::from_secs(3))) },
            };
            ledger.update(tx, position, &row, &Recipient { state, ..row.clone() })?;
        }
        Ok(ledger.close(tx)?)
    });
    desk.run(move |tx| cancel(tx, &OWNER, id));
    let counts = |desk: &Desk| {
        let figures = desk.read(|read| store::broadcasts::figures(read, id));
        [Standing::Queued, Standing::Sending, Standing::Sent, Standing::Cancelled].map(|it| figures.count(it))
    };
    assert_eq!((status(&desk, id), counts(&desk)), (BroadcastStatus::Cancelled, [0, 1, 0, 3]));
    assert_eq!(desk.events().pop(), Some((String::new(), EventKind::BroadcastDone(id))));
    assert_eq!(
        desk.refused(move |tx| again(tx, &OWNER, id, Standing::Failed)).kind,
        Kind::Conflict,
        "ada is on its way"
    );
    desk.run(move |tx| {
        let row = recipients::get(tx, id, 0)?.unwrap();
        let state = RecipientState::Sent { telegram: TelegramMessageId(1), at: tx.now() };
        let mut ledger = Ledger::open(tx, id)?;
        ledger.update(tx, 0, &row, &Recipient { state, ..row.clone() })?;
        ledger.close(tx)?;
        finish(tx, id).map(|_| ())
    });
    assert_eq!((status(&desk, id), counts(&desk)), (BroadcastStatus::Cancelled, [0, 0, 1, 3]));
    assert_eq!(desk.refused(move |tx| cancel(tx, &OWNER, id)).kind, Kind::Conflict);
}

#[test]
fn markup_that_telegram_refuses_makes_it_wait_for_a_person() {
    let desk = Desk::new();
    let id = sending(&desk, &["ada"]);
    assert!(desk.run(move |tx| halt(tx, id, "can't parse entities")));
    assert!(!desk.run(move |tx| halt(tx, id, "can't parse entities")), "once");
    let why = Pause::Markup("can't parse entities".into());
    assert_eq!(row(&desk, id).state, BroadcastState::Paused { why, since: desk.clock.now() });
    assert_eq!(desk.audit()[0], "broadcast.halt broadcast 1");
    desk.run(move |tx| resume(tx, &OWNER, id));
    assert_eq!(status(&desk, id), BroadcastStatus::Sending);
}

#[test]
fn it_is_sent_again_when_it_is_over_and_a_second_click_finds_the_same_draft() {
    let desk = Desk::new();
    let id = sending(&desk, &["ada", "ben", "cleo"]);
    assert_eq!(desk.refused(move |tx| again(tx, &OWNER, id, Standing::Failed)).kind, Kind::Conflict);
    settle(&desk, id, |row| if row.chat == ChatId(5) { Standing::Sent } else { Standing::Failed });
    assert_eq!(desk.refused(move |tx| again(tx, &OWNER, id, Standing::Uncertain)).kind, Kind::Conflict, "nobody");
    assert_eq!(desk.refused(move |tx| again(tx, &OWNER, id, Standing::Sent)).field, Some("ended"));
    let child = desk.run(move |tx| again(tx, &OWNER, id, Standing::Failed));
    assert_eq!(desk.run(move |tx| again(tx, &OWNER, id, Standing::Failed)), child);
    let audience = Audience::Again { of: id, ended: Standing::Failed };
    assert_eq!(row(&desk, child).audience, audience);
    let (kept, forged) = (draft("Sorry, {name}", audience.clone()), draft("x", audience.clone()));
    desk.run(move |tx| edit(tx, &OWNER, &config(&[]), child, &kept));
    assert_eq!(desk.refused(move |tx| create(tx, &OWNER, &config(&[]), &forged)).field, Some("audience"));
    begin(&desk, child);
    assert_eq!(desk.read(|read| store::broadcasts::figures(read, child)).rows, 2);
    assert_eq!(desk.refused(move |tx| again(tx, &OWNER, id, Standing::Failed)).kind, Kind::Conflict, "it runs");
    settle(&desk, child, |_| Standing::Sent);
    assert_eq!(desk.refused(move |tx| again(tx, &OWNER, id, Standing::Failed)).kind, Kind::Conflict, "they got it");
    let copy = desk.run(move |tx| duplicate(tx, &OWNER, child));
    assert_eq!(row(&desk, copy).audience, audience);
}

#[test]
fn what_is_over_goes_with_its_recipients_in_pieces_and_drafts_stay() {
    let desk = Desk::new();
    let kept = write(&desk, draft("later", Audience::Everyone));
    let loose = photo(&desk);
    let id = sending(&desk, &["ada", "ben", "cleo"]);
    settle(&desk, id, |row| if row.chat == ChatId(5) { Standing::Sent } else { Standing::Failed });
    let ended = desk.clock.now();
    assert_eq!(desk.run(move |tx| Ok(sweep(tx, ended, 2)?)), 0);
    let after = ended.plus(Duration::from_millis(1));
    assert_eq!(desk.run(move |tx| Ok(sweep(tx, after, 2)?)), 2);
    let report = desk.read(store::check::check);
    assert!(report.is_clean(), "{:#?}", report.findings);
    assert_eq!(desk.run(move |tx| Ok(sweep(tx, after, 2)?)), 1);
    assert_eq!(desk.read(|read| store::broadcasts::list(read, None, None, 9)).len(), 1);
    assert_eq!(status(&desk, kept), BroadcastStatus::Draft);
    desk.pass(Duration::from_hours(24) + Duration::from_millis(1));
    desk.run(|tx| crate::actions::sweep::run(tx, &crate::actions::sweep::Kept::default()));
    assert_eq!(uses(&desk, loose), None);
}
