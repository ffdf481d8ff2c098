//! The report of a broadcast: its lines, its filters, its file, and sending again.

use std::time::Duration;

use startlink::actions::Caller;
use startlink::actions::broadcasts::{self as acts, Draft};
use startlink::clock::Timestamp;
use startlink::ids::{AccountId, BroadcastId, ChatId, TelegramMessageId};
use startlink::model::admin::Role;
use startlink::model::broadcast::{Audience, Broadcast, BroadcastState, BroadcastStatus};
use startlink::model::delivery::{Reason, Standing};
use startlink::model::event::Actor;
use startlink::model::message::Body;
use startlink::model::recipient::{Recipient, RecipientState, Skip};
use startlink::store::recipients::Ledger;
use startlink::store::{accounts, broadcasts, recipients};

use super::given::{account, act, app, claim, proven, signed, tagged};
use crate::support::app::{NOON, TestApp};

const OWNER: Caller = Caller { actor: Actor::Operator, role: Role::Owner };

/// A broadcast with one row for each account, in this state; its rows stand as the given ones, then as queued.
fn ran(app: &TestApp, people: &[AccountId], ends: Vec<RecipientState>, state: BroadcastState) -> BroadcastId {
    ran_saying(app, Body::plain("Hello"), people, ends, state)
}

/// [`ran`] with its words and buttons. The account with the number N has the chat N + 100.
pub fn ran_saying(
    app: &TestApp,
    body: Body,
    people: &[AccountId],
    ends: Vec<RecipientState>,
    state: BroadcastState,
) -> BroadcastId {
    let draft = Draft { body, audience: Audience::Everyone, rate: None, paid: false };
    let config = app.state.config().clone();
    let id = act(app, move |tx| acts::create(tx, &OWNER, &config, &draft));
    let people = people.to_vec();
    app.write(move |tx| {
        let old = broadcasts::get(tx, id)?.unwrap();
        let started = Some(NOON);
        broadcasts::update(tx, id, &old, &Broadcast { state: state.clone(), started, ..old.clone() })?;
        let mut ledger = Ledger::open(tx, id)?;
        for account in &people {
            ledger.append(tx, Recipient::queued(ChatId(i64::try_from(account.0).unwrap() + 100), *account))?;
        }
        for (position, end) in (0_u32..).zip(&ends) {
            let old = recipients::get(tx, id, position)?.unwrap();
            ledger.update(tx, position, &old, &Recipient { state: end.clone(), ..old.clone() })?;
        }
        ledger.figures.frozen = true;
        ledger.close(tx)
    });
    id
}

fn five(app: &TestApp) -> Vec<AccountId> {
    let names = ["anna", "ben", "=cleo", "dora", "emil"];
    names
        .into_iter()
        .map(|name| {
            let id = tagged(app, name, "");
            claim(app, id, i64::try_from(id.0).unwrap() + 100, &format!("{name} on Telegram"));
            id
        })
        .collect()
}

fn ends() -> Vec<RecipientState> {
    vec![
        RecipientState::Sent { telegram: TelegramMessageId(4711), at: NOON },
        RecipientState::Failed { reason: Reason::Blocked, at: NOON },
        RecipientState::Uncertain { at: NOON },
        RecipientState::Skipped { why: Skip::Muted, at: NOON },
    ]
}

fn done() -> BroadcastState {
    BroadcastState::Done { at: NOON.plus(Duration::from_mins(3)) }
}

#[test]
fn each_chat_has_its_line_in_peoples_words() {
    let app = app();
    let people = five(&app);
    ran(&app, &people, ends(), BroadcastState::Sending);
    let mut browser = signed(&app, Role::Viewer);
    let page = browser.get("/admin/broadcasts/1/recipients").body;
    for part in [
        "message 4711 in the chat",
        "the person blocked the bot or deleted the chat",
        "it left, and no answer came back",
        "the person muted broadcasts",
        "anna on Telegram",
        "href=\"/admin/accounts/1\"",
        "Sent <span class=\"tab-count\">1</span>",
        "Queued <span class=\"tab-count\">1</span>",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("recipients.csv"), "a viewer takes nothing away");
    for (outcome, name, other) in
        [("sent", "anna", "ben"), ("failed", "ben", "anna"), ("uncertain", "=cleo", "ben"), ("queued", "emil", "anna")]
    {
        let page = browser.get(&format!("/admin/broadcasts/1/recipients?outcome={outcome}")).body;
        assert!(page.contains(&format!(">{name}</a>")) && !page.contains(&format!(">{other}</a>")), "{outcome}");
    }
    let live = browser.get("/admin/broadcasts/1").body;
    assert!(live.contains("aria-valuenow=\"4\"") && live.contains("4</span>") && live.contains("of 5 chats"));
    assert!(live.contains("href=\"/admin/broadcasts/1/recipients?outcome=failed\""));
}

#[test]
fn a_person_is_found_by_the_username() {
    let app = app();
    let people = five(&app);
    ran(&app, &people, ends(), done());
    let mut browser = signed(&app, Role::Viewer);
    let page = browser.get("/admin/broadcasts/1/recipients?q=dora").body;
    assert!(page.contains(">dora</a>") && !page.contains(">anna</a>"));
    for nobody in ["nobody", "%3Cb%3E", ".."] {
        let page = browser.get(&format!("/admin/broadcasts/1/recipients?q={nobody}"));
        assert!(page.status == 200 && page.body.contains("No recipient belongs to an account"), "{nobody}");
    }
    assert!(!browser.get("/admin/broadcasts/1/recipients?q=%3Cb%3E").body.contains("“<b>"));
}

#[test]
fn long_reports_are_walked_by_cursors_and_a_deleted_account_keeps_its_line() {
    let app = app();
    let people: Vec<AccountId> = (0..120).map(|number| account(&app, &format!("user-{number:03}"))).collect();
    let sent = (0..120).map(|n| RecipientState::Sent { telegram: TelegramMessageId(n), at: NOON }).collect();
    ran(&app, &people, sent, done());
    let mut browser = signed(&app, Role::Viewer);
    for filter in ["", "?outcome=sent"] {
        let first = browser.get(&format!("/admin/broadcasts/1/recipients{filter}"));
        let second = browser.get(&first.between("rel=\"next\" href=\"", "\"").unwrap());
        assert!(second.body.contains("user-050") && !second.body.contains("user-049"));
        let third = browser.get(&second.between("rel=\"next\" href=\"", "\"").unwrap());
        assert_eq!(third.body.matches("scope=\"row\"").count(), 20);
        assert!(!third.body.contains("rel=\"next\"") && third.body.contains("rel=\"prev\""));
    }
    app.write(|tx| {
        let row = accounts::get(tx, AccountId(1))?.unwrap();
        accounts::remove(tx, AccountId(1), &row)
    });
    assert!(browser.get("/admin/broadcasts/1/recipients").body.contains("account 1, deleted"));
}

#[test]
fn what_waited_when_it_was_cancelled_is_reported_as_cancelled() {
    let app = app();
    let people = five(&app);
    let id = ran(&app, &people, ends(), BroadcastState::Sending);
    act(&app, move |tx| acts::cancel(tx, &OWNER, id));
    let mut browser = signed(&app, Role::Viewer);
    let page = browser.get("/admin/broadcasts/1/recipients?outcome=cancelled").body;
    assert!(page.contains(">emil</a>") && page.contains("cancelled before it left"));
    assert!(browser.get("/admin/broadcasts/1").body.contains("It is cancelled."));
}

#[test]
fn the_file_has_every_line_and_no_formula() {
    let app = app();
    let people = five(&app);
    ran(&app, &people, ends(), done());
    let mut browser = signed(&app, Role::Sender);
    let asked = browser.get("/admin/broadcasts/1/recipients.csv");
    assert_eq!((asked.status, asked.location().starts_with("/admin/confirm?to=")), (303, true));
    let mut owner = proven(&app);
    let file = owner.get("/admin/broadcasts/1/recipients.csv");
    assert_eq!(file.status, 200);
    assert!(file.header("content-type").unwrap().starts_with("text/csv"));
    assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"broadcast-1.csv\""));
    let lines: Vec<&str> = file.body.split("\r\n").collect();
    assert_eq!(lines[0], "username,name,chat_id,chat,state,telegram_message_id,at,reason,answer");
    assert_eq!(lines[1], "anna,,101,anna on Telegram,sent,4711,2026-11-22T19:00:00.000Z,,");
    assert!(lines[2].ends_with("failed,,2026-11-22T19:00:00.000Z,the person blocked the bot or deleted the chat,"));
    assert!(lines[3].starts_with("'=cleo,,103,'=cleo on Telegram,uncertain"));
    assert_eq!(lines.len(), 7, "a head, five lines, and the end of the last");
}

#[test]
fn a_long_file_is_whole() {
    let app = app();
    let people: Vec<AccountId> = (0..2_050).map(|number| account(&app, &format!("user-{number:04}"))).collect();
    ran(&app, &people, Vec::new(), BroadcastState::Sending);
    let file = proven(&app).get("/admin/broadcasts/1/recipients.csv");
    assert_eq!(file.body.matches("\r\n").count(), 2_051);
    assert!(file.body.contains("user-0999") && file.body.contains("user-1000") && file.body.contains("user-2049"));
}

#[test]
fn those_that_failed_and_those_that_are_uncertain_get_it_again_apart() {
    let app = app();
    let people = five(&app);
    ran(&app, &people[..4], ends(), done());
    let mut browser = signed(&app, Role::Sender);
    let page = browser.get("/admin/broadcasts/1").body;
    assert!(page.contains("Send again to the 1 that failed") && page.contains("Send again to the 1 that is uncertain"));
    let reply = browser.post("/admin/broadcasts/1/again", &[("ended", "uncertain")]);
    assert_eq!(reply.location(), "/admin/broadcasts/2/start");
    let start = browser.get("/admin/broadcasts/2/start").body;
    assert!(start.contains("again to those of no. 1 that are uncertain") && start.contains("of 1 account"));
    let edit = browser.get("/admin/broadcasts/2/edit").body;
    assert!(!edit.contains("name=\"audience\"") && edit.contains("Hello</textarea>"));
    let fields = [("text", "Once more"), ("audience", "everyone"), ("go", "save")];
    assert_eq!(browser.upload("/admin/broadcasts/2/edit", &fields, b"").status, 303);
    let row = app.store.read(|read| broadcasts::get(read, BroadcastId(2))).unwrap().unwrap();
    assert_eq!(row.audience, Audience::Again { of: BroadcastId(1), ended: Standing::Uncertain });
    assert_eq!(browser.post("/admin/broadcasts/1/again", &[("ended", "sent")]).status, 400);
}

#[test]
fn the_live_part_ends_with_the_broadcast() {
    let app = app();
    let people = five(&app);
    ran(&app, &people[..4], ends(), done());
    ran(&app, &people, ends(), BroadcastState::Sending);
    let mut browser = signed(&app, Role::Viewer);
    let over = browser.get("/admin/broadcasts/1/live?poll=1");
    assert!(over.status == 200 && over.header("x-live") == Some("done") && over.body.contains("data-part=\"state\""));
    let running = browser.get("/admin/broadcasts/2/live?poll=1");
    assert!(running.header("x-live").is_none() && running.body.contains("Sending starts."));
    assert_eq!(
        app.store.read(|read| broadcasts::get(read, BroadcastId(2))).unwrap().unwrap().status(),
        BroadcastStatus::Sending
    );
    assert!(Timestamp(0) < NOON);
}
