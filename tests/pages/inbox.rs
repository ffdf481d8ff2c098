//! The inbox: who wrote, who reads, who answers, who cares for it, what is closed; and that looking changes nothing.

use std::time::Duration;

use startlink::actions::messages::receive;
use startlink::ids::{AccountId, ChatId, MessageId, TelegramMessageId};
use startlink::model::admin::Role;
use startlink::model::message::Body;
use startlink::store::{messages, talks};

use super::given::{account, act, app, claim, signed};
use crate::support::app::TestApp;

/// An account whose chat wrote this.
fn wrote(app: &TestApp, name: &str, chat: i64, text: &'static str) -> (AccountId, MessageId) {
    let id = account(app, name);
    claim(app, id, chat, &format!("{name} T."));
    (id, says(app, id, chat, text))
}

fn says(app: &TestApp, id: AccountId, chat: i64, text: &'static str) -> MessageId {
    act(app, move |tx| receive(tx, ChatId(chat), Some(id), TelegramMessageId(77), &Body::plain(text))).unwrap()
}

fn is_unread(app: &TestApp, id: AccountId) -> bool {
    app.store.read(|read| talks::get(read, id)).unwrap().unwrap().is_unread()
}

#[test]
fn who_wrote_stands_in_the_inbox_until_it_is_closed() {
    let app = app();
    let mut browser = signed(&app, Role::Sender);
    assert!(browser.get("/admin/inbox").body.contains("Nobody wrote"));
    let (anna, said) = wrote(&app, "anna", 11, "Where is my <b>parcel</b>?");
    let page = browser.get("/admin/inbox").body;
    assert!(page.contains("href=\"/admin/inbox/1\"") && page.contains("my &lt;b&gt;parcel&lt;/b&gt;?"), "{page}");
    assert!(page.contains("nav-count") && page.contains("data-live=\"/admin/inbox/live?list=open\""));
    let talk = browser.get("/admin/inbox/1").body;
    assert!(talk.contains("In answer to") && talk.contains("data-at-sight"));
    assert!(is_unread(&app, anna), "looking changes nothing");
    assert_eq!(browser.post("/admin/inbox/1/read", &[("up_to", &said.to_string())]).location(), "/admin/inbox/1");
    assert!(!is_unread(&app, anna));
    assert!(browser.get("/admin/inbox?list=unread").body.contains("All of it was read"));
    assert!(!browser.get("/admin/inbox").body.contains("nav-count"));
    let me = app.admin("the-sender").0;
    assert_eq!(browser.post("/admin/inbox/1/assign", &[("assigned", &me.to_string())]).status, 303);
    assert!(browser.get("/admin/inbox/1").body.contains("is with you"));
    assert!(browser.get("/admin/inbox?list=mine").body.contains("/admin/inbox/1"));
    assert_eq!(browser.post("/admin/inbox/1/close", &[]).location(), "/admin/inbox");
    assert!(!browser.get("/admin/inbox").body.contains("/admin/inbox/1\""));
    assert!(browser.get("/admin/inbox?list=closed").body.contains("/admin/inbox/1\""));
    says(&app, anna, 11, "Hello?");
    assert!(browser.get("/admin/inbox?list=unread").body.contains("Hello?"), "it opens again by itself");
    assert_eq!(browser.post("/admin/inbox/1/close", &[]).status, 303);
    assert_eq!(browser.post("/admin/inbox/1/reopen", &[]).status, 303);
    assert!(browser.get("/admin/inbox").body.contains("/admin/inbox/1\""));
}

#[test]
fn an_answer_quotes_what_it_answers_and_goes_to_its_chat_only() {
    let app = app();
    let (anna, said) = wrote(&app, "anna", 11, "Where is my parcel?");
    claim(&app, anna, 12, "Anna's tablet");
    let (_, others) = wrote(&app, "ben", 13, "Hi");
    let mut browser = signed(&app, Role::Sender);
    let page = browser.get("/admin/inbox/1");
    let once = page.between("name=\"once\" value=\"", "\"").unwrap();
    let answer = page.between("name=\"answer\" value=\"", "\"").unwrap();
    assert_eq!(answer, said.to_string(), "the newest words are answered");
    let fields = [("text", "Tomorrow"), ("once", once.as_str()), ("answer", answer.as_str())];
    assert_eq!(browser.post("/admin/inbox/1/messages", &fields).location(), "/admin/inbox/1");
    let newest = |app: &TestApp| {
        let mut rows = app.store.read(|read| messages::conversation(read, anna, None, 1)).unwrap();
        let newest = rows.remove(0);
        (newest.message.chat, newest.body.unwrap().quotes)
    };
    assert_eq!(newest(&app), (Some(ChatId(11)), Some(said)));
    assert!(!is_unread(&app, anna), "who answers has read it");
    let free = browser.get("/admin/inbox/1?answer=none");
    assert!(!free.body.contains("In answer to"));
    let once = free.between("name=\"once\" value=\"", "\"").unwrap();
    // Words of somebody else are not quoted here.
    let fields = [("text", "To both"), ("once", once.as_str()), ("answer", &others.to_string())];
    assert_eq!(browser.post("/admin/inbox/1/messages", &fields).status, 303);
    assert_eq!(newest(&app), (None, None));
    let again = browser.get("/admin/inbox/1");
    let once = again.between("name=\"once\" value=\"", "\"").unwrap();
    let wrong = [("text", "<b>half"), ("format", "html"), ("once", once.as_str()), ("answer", &said.to_string())];
    let reply = browser.post("/admin/inbox/1/messages", &wrong);
    assert_eq!(reply.status, 422);
    assert!(reply.body.contains("&lt;b&gt;half") && reply.body.contains("In answer to"), "it comes back filled in");
}

#[test]
fn who_may_only_look_changes_nothing() {
    let app = app();
    let (anna, said) = wrote(&app, "anna", 11, "Hello");
    let mut browser = signed(&app, Role::Viewer);
    let page = browser.get("/admin/inbox/1");
    assert_eq!(page.status, 200);
    assert!(!page.body.contains("<textarea") && !page.body.contains("data-at-sight"));
    for (verb, field) in
        [("read", "up_to"), ("assign", "assigned"), ("close", "x"), ("reopen", "x"), ("messages", "text")]
    {
        let path = format!("/admin/inbox/1/{verb}");
        assert_eq!(browser.post(&path, &[(field, &said.to_string())]).status, 403, "{verb}");
    }
    assert!(is_unread(&app, anna));
}

#[test]
fn bad_input_is_named_and_nothing_is_half_done() {
    let app = app();
    let (anna, _) = wrote(&app, "anna", 11, "Hello");
    account(&app, "silent");
    let mut browser = signed(&app, Role::Sender);
    let viewer = app.add_admin("watcher", Role::Viewer);
    for wrong in ["99", "x", &viewer.to_string()] {
        assert_eq!(browser.post("/admin/inbox/1/assign", &[("assigned", wrong)]).status, 422, "{wrong}");
    }
    assert_eq!(browser.post("/admin/inbox/1/read", &[("up_to", "soon")]).status, 409);
    assert!(is_unread(&app, anna));
    assert_eq!(browser.post("/admin/inbox/2/close", &[]).status, 404, "nobody wrote there");
    assert_eq!(browser.get("/admin/inbox/2").status, 200);
    assert_eq!(browser.get("/admin/inbox/99").status, browser.get("/admin/accounts/99").status);
    assert_eq!(browser.get("/admin/inbox?list=bogus&before=1.x").status, 200);
}

#[test]
fn the_inbox_is_walked_by_cursors() {
    let app = app();
    for number in 0..60 {
        wrote(&app, &format!("user-{number:02}"), 100 + number, "Hello");
        app.advance(Duration::from_secs(1));
    }
    let mut browser = signed(&app, Role::Viewer);
    let first = browser.get("/admin/inbox");
    let second = browser.get(&first.between("rel=\"next\" href=\"", "\"").unwrap());
    let count = |body: &str| body.matches("scope=\"row\"").count();
    assert_eq!((count(&first.body), count(&second.body)), (50, 10));
    assert!(first.body.contains(">user-59</a>") && second.body.contains(">user-00</a>"));
    assert!(!second.body.contains("rel=\"next\"") && !second.body.contains("data-live"));
}
