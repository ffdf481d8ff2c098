//! Questions on the admin's pages: written in a broadcast's form, counted on its pages and in its file, told in a conversation;
//! and the way by which a group is connected.

use std::time::Duration;

use startlink::actions::Caller;
use startlink::actions::messages::{SendOptions, To, send};
use startlink::ids::{AccountId, BroadcastId, ChatId, MessageId, TelegramMessageId};
use startlink::model::admin::Role;
use startlink::model::broadcast::{Broadcast, BroadcastState};
use startlink::model::event::Actor;
use startlink::model::message::{Body, Button, ButtonAction};
use startlink::model::question::Asked;
use startlink::model::recipient::{RecipientState, Skip};
use startlink::store::{Read as _, broadcasts};

use super::given::{account, act, app, claim, link, proven, push, signed};
use super::report::ran_saying;
use crate::support::app::{NOON, TestApp};
use crate::support::browser::{Browser, Reply};

const OWNER: Caller = Caller { actor: Actor::Operator, role: Role::Owner };

fn question() -> Body {
    let button = |label: &str, action| Button { label: label.into(), action };
    Body::plain("Will you come?")
        .with_row(vec![button("The way", ButtonAction::Open("https://www.example.org/map".into()))])
        .with_row(vec![
            button("<Yes>", ButtonAction::Answer("=yes".into())),
            button("No", ButtonAction::Answer("no".into())),
        ])
}

/// Writes a new broadcast, as its form does.
fn write(browser: &mut Browser<'_>, fields: &[(&str, &str)]) -> Reply {
    let once = browser.get("/admin/broadcasts/new").between("name=\"once\" value=\"", "\"").unwrap();
    let given = [("text", "Will you come?"), ("audience", "everyone"), ("once", once.as_str())];
    let fields: Vec<_> = given.into_iter().chain(fields.iter().copied()).collect();
    browser.upload("/admin/broadcasts", &fields, b"")
}

fn body(app: &TestApp) -> Body {
    app.store.read(|read| broadcasts::body(read, BroadcastId(1))).unwrap().unwrap()
}

const FIELDS: [(&str, &str); 9] = [
    ("button_label_0", "Yes"),
    ("button_kind_0", "answer"),
    ("button_target_0", "yes"),
    ("button_label_1", "No"),
    ("button_kind_1", "answer"),
    ("button_beside_1", "on"),
    ("button_label_2", "The way"),
    ("button_target_2", "https://www.example.org/map"),
    ("answer_within", "86400"),
];

#[test]
fn a_question_is_written_kept_and_edited() {
    let app = app();
    let mut browser = signed(&app, Role::Sender);
    let reply = write(&mut browser, &FIELDS);
    assert_eq!((reply.status, reply.location()), (303, "/admin/broadcasts/1"), "{}", reply.body);
    let said = body(&app);
    let values: Vec<_> = said.buttons.iter().flatten().map(Button::value).collect();
    assert_eq!((values, said.answer_within), (vec![Some("yes"), Some("No"), None], Some(86_400)));
    let page = browser.get("/admin/broadcasts/1/edit").body;
    for part in [
        "<option value=\"answer\" selected>",
        "name=\"button_target_0\" value=\"yes\"",
        "name=\"button_target_1\" value=\"\"",
        "<option value=\"86400\" selected>1 day</option>",
        "answers count for 1 day",
        "<span>Yes</span><span>No</span>",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!browser.get("/admin/broadcasts/1").body.contains("answers from"), "nobody was asked yet");
    let kept = Body { answer_within: Some(90), ..said };
    app.write(move |tx| broadcasts::put_body(tx, BroadcastId(1), &kept));
    let page = browser.get("/admin/broadcasts/1/edit").body;
    assert!(page.contains("<option value=\"90\" selected>1 min 30 s</option>"), "what was set otherwise is kept");
}

#[test]
fn mistakes_in_a_question_come_back_and_name_their_field() {
    let app = app();
    let mut browser = signed(&app, Role::Sender);
    let reply =
        write(&mut browser, &[("button_label_0", "Go"), ("button_target_0", "https://a"), ("answer_within", "3600")]);
    assert_eq!(reply.status, 422);
    for part in
        ["id=\"f-answer_within-error\"", "no button is an answer", "<option value=\"3600\" selected>", "value=\"Go\""]
    {
        assert!(reply.body.contains(part), "{part}");
    }
    let (long, kind) = ("v".repeat(129), ("button_kind_0", "answer"));
    for fields in [
        [("button_label_0", ""), kind, ("button_target_0", "yes")],
        [("button_label_0", "Yes"), kind, ("button_target_0", &long)],
        [("button_label_0", "Yes"), ("button_kind_0", "open"), ("button_target_0", "yes")],
    ] {
        let reply = write(&mut browser, &fields);
        assert!(reply.status == 422 && reply.body.contains("id=\"f-buttons-error\""), "{fields:?}");
        let chosen = format!("<option value=\"{}\" selected>", fields[1].1);
        assert!(reply.body.contains(&chosen) && reply.body.contains(&format!("value=\"{}\"", fields[2].1)));
    }
    let reply = write(&mut browser, &[("button_label_0", "Yes"), kind, ("answer_within", "soon")]);
    assert!(reply.status == 422 && reply.body.contains("id=\"f-answer_within-error\""));
}

#[test]
fn a_question_is_looked_at_while_it_is_typed() {
    let app = app();
    let mut browser = signed(&app, Role::Sender);
    browser.get("/admin/broadcasts/new");
    let fields: Vec<_> = FIELDS.into_iter().chain([("text", "Will you come?")]).collect();
    let html = browser.post("/admin/broadcasts/preview", &fields).body;
    assert!(html.contains("<span>Yes</span><span>No</span>") && html.contains("answers count for 1 day"), "{html}");
    let fields = [("text", "Hello"), ("answer_within", "3600")];
    assert!(browser.post("/admin/broadcasts/preview", &fields).body.contains("no button is an answer"));
}

/// A broadcast that is over: of four accounts, three got it.
fn asked(app: &TestApp, body: Body) -> BroadcastId {
    let people: Vec<AccountId> = ["anna", "ben", "cleo", "dora"].map(|name| account(app, name)).to_vec();
    for id in &people {
        claim(app, *id, i64::try_from(id.0).unwrap() + 100, "Someone");
    }
    let sent = RecipientState::Sent { telegram: TelegramMessageId(5), at: NOON };
    let mut ends = vec![sent; 3];
    ends.push(RecipientState::Skipped { why: Skip::Muted, at: NOON });
    ran_saying(app, body, &people, ends, BroadcastState::Done { at: NOON })
}

#[test]
fn answers_are_counted_on_the_page_in_the_report_and_in_the_file() {
    let app = app();
    let id = asked(&app, question());
    let mut browser = signed(&app, Role::Viewer);
    let live = "/admin/broadcasts/1/live?poll=1";
    assert!(browser.get(live).body.contains("0 answers from 3 accounts that got it (0\u{a0}%)."));
    for (chat, button) in [(101, 1), (102, 1), (103, 2), (103, 1)] {
        push(&app.store, ChatId(chat), Asked::Broadcast(id), button);
    }
    let told = ["3 answers from 3 accounts", "&lt;Yes&gt;</span><b>2</b>", "No</span><b>1</b>", "without a limit"];
    for path in [live, "/admin/broadcasts/1", "/admin/broadcasts/1/recipients"] {
        let page = browser.get(path);
        assert!(page.header("x-live").is_none(), "answers may still come");
        for part in told {
            assert!(page.body.contains(part), "{path}: {part}");
        }
    }
    let report = browser.get("/admin/broadcasts/1/recipients").body;
    assert_eq!(report.matches("answered: <b dir=\"auto\">&lt;Yes&gt;</b>").count(), 2);
    let file = proven(&app).get("/admin/broadcasts/1/recipients.csv").body;
    let ends: Vec<_> = file.split("\r\n").skip(1).map(|line| line.rsplit(',').next().unwrap()).collect();
    assert_eq!(ends, ["'=yes", "'=yes", "no", "", ""]);
}

#[test]
fn a_page_is_over_when_nothing_more_can_be_answered() {
    let app = app();
    let id = asked(&app, Body { answer_within: Some(60), ..question() });
    let mut browser = signed(&app, Role::Viewer);
    let live = "/admin/broadcasts/1/live?poll=1";
    app.write(move |tx| {
        let old = broadcasts::get(tx, id)?.unwrap();
        broadcasts::update(tx, id, &old, &Broadcast { started: Some(tx.now()), ..old.clone() })
    });
    let page = browser.get(live);
    assert!(page.body.contains("Answers count until") && page.header("x-live").is_none());
    app.advance(Duration::from_mins(1));
    let page = browser.get(live);
    assert!(page.body.contains("The time to answer ended") && page.header("x-live") == Some("done"));
}

#[test]
fn a_conversation_tells_what_was_answered() {
    let app = app();
    let anna = account(&app, "anna");
    claim(&app, anna, 11, "Anna T.");
    let ask =
        |body: Body| act(&app, move |tx| send(tx, &OWNER, To::Account(anna), body.clone(), SendOptions::default())).0;
    let first: MessageId = ask(question());
    ask(Body { answer_within: Some(60), ..question() });
    let mut browser = signed(&app, Role::Viewer);
    let page = browser.get("/admin/accounts/1").body;
    assert!(page.contains("Not answered yet.") && page.contains("Not answered yet; answers count until"));
    push(&app.store, ChatId(11), Asked::Message(first), 1);
    app.advance(Duration::from_mins(1));
    let page = browser.get("/admin/accounts/1").body;
    assert!(page.contains("<b dir=\"auto\">&lt;Yes&gt;</b>") && page.contains("Not answered in time."));
    assert!(!page.contains("Not answered yet"));
}

#[test]
fn a_link_offers_a_group_to_accounts_and_not_to_admins() {
    let app = app();
    let anna = account(&app, "anna");
    let code = link(&app, anna).code.expose().to_owned();
    let page = signed(&app, Role::Operator).get("/admin/accounts/1").body;
    let public = app.browser().get(&format!("/l/{code}")).body;
    for page in [page, public] {
        assert!(page.contains(&format!("https://t.me/post_bot?startgroup={code}")), "{page}");
        assert!(page.contains(&format!("value=\"/link {code}\"")) && page.contains("id=\"group-way\""));
    }
    let own = signed(&app, Role::Owner).get("/admin/security").body;
    assert!(!own.contains("startgroup="));
}
