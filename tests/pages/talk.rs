//! The conversation of an account: what is shown, what is sent, once, and what comes back with a mistake.

use startlink::actions::messages::receive;
use startlink::clock::Timestamp;
use startlink::ids::{AccountId, ChatId, MessageId, TelegramMessageId};
use startlink::model::admin::Role;
use startlink::model::delivery::{Delivery, DeliveryState, Reason};
use startlink::model::message::Body;
use startlink::store::{deliveries, messages};

use super::given::{account, act, app, claim, signed};
use crate::support::app::TestApp;
use crate::support::browser::{Browser, Reply};

fn connected(app: &TestApp) -> AccountId {
    let id = account(app, "anna");
    claim(app, id, 11, "Anna T.");
    id
}

/// Opens the account and writes to it, as the form there does.
fn write(browser: &mut Browser<'_>, text: &str, format: &str) -> Reply {
    let once = browser.get("/admin/accounts/1").between("name=\"once\" value=\"", "\"").unwrap();
    browser.post("/admin/accounts/1/messages", &[("text", text), ("format", format), ("once", &once)])
}

fn said(app: &TestApp, id: AccountId) -> usize {
    app.store.read(|read| messages::conversation(read, id, None, 500)).unwrap().len()
}

#[test]
fn a_message_is_queued_shown_and_taken_back() {
    let app = app();
    let id = connected(&app);
    let mut browser = signed(&app, Role::Sender);
    assert_eq!(write(&mut browser, "Hello <b>Anna</b>", "html").location(), "/admin/accounts/1");
    let page = browser.get("/admin/accounts/1").body;
    assert!(page.contains("On its way to anna.") && page.contains("Hello <b>Anna</b>") && page.contains("queued"));
    let cancel = browser.get("/admin/accounts/1").between("action=\"/admin/accounts/1/messages/", "\"").unwrap();
    assert_eq!(browser.post(&format!("/admin/accounts/1/messages/{cancel}"), &[]).status, 303);
    assert!(browser.get("/admin/accounts/1").body.contains("cancelled"));
    assert_eq!(browser.post(&format!("/admin/accounts/1/messages/{cancel}"), &[]).status, 409);
    account(&app, "ben");
    assert_eq!(browser.post(&format!("/admin/accounts/2/messages/{cancel}"), &[]).status, 404);
    assert_eq!(said(&app, id), 1);
}

#[test]
fn a_double_click_sends_once() {
    let app = app();
    let id = connected(&app);
    let mut browser = signed(&app, Role::Sender);
    let once = browser.get("/admin/accounts/1").between("name=\"once\" value=\"", "\"").unwrap();
    let fields = [("text", "Hello"), ("once", once.as_str())];
    assert_eq!(browser.post("/admin/accounts/1/messages", &fields).status, 303);
    assert_eq!(browser.post("/admin/accounts/1/messages", &fields).status, 303);
    assert_eq!(said(&app, id), 1);
    assert_eq!(write(&mut browser, "Hello", "plain").status, 303);
    assert_eq!(said(&app, id), 2, "the same words in another form are another message");
}

#[test]
fn a_message_with_a_mistake_keeps_its_text_and_can_be_sent_again() {
    let app = app();
    let id = connected(&app);
    let mut browser = signed(&app, Role::Sender);
    let once = browser.get("/admin/accounts/1").between("name=\"once\" value=\"", "\"").unwrap();
    let fields = [("text", "<b>half"), ("format", "html"), ("once", once.as_str())];
    let reply = browser.post("/admin/accounts/1/messages", &fields);
    assert_eq!(reply.status, 422);
    assert!(reply.body.contains("id=\"f-text-error\"") && reply.body.contains("&lt;b&gt;half</textarea>"));
    assert!(reply.body.contains("value=\"html\" selected"));
    let long = "x".repeat(4097);
    for text in ["", "   ", &long] {
        let reply = browser.post("/admin/accounts/1/messages", &[("text", text), ("once", &once)]);
        assert_eq!(reply.status, 422);
    }
    assert_eq!(said(&app, id), 0);
    let fields = [("text", "<b>whole</b>"), ("format", "html"), ("once", once.as_str())];
    assert_eq!(browser.post("/admin/accounts/1/messages", &fields).status, 303);
    assert_eq!(said(&app, id), 1);
}

#[test]
fn a_message_to_an_account_without_a_chat_says_why_it_failed() {
    let app = app();
    account(&app, "anna");
    let mut browser = signed(&app, Role::Sender);
    write(&mut browser, "Hello", "plain");
    let page = browser.get("/admin/accounts/1").body;
    assert!(page.contains("Not sent to anna: no chat is connected that could be reached."));
    assert!(page.contains("failed"));
}

#[test]
fn what_people_write_and_what_became_of_answers_stands_in_order() {
    let app = app();
    let id = connected(&app);
    act(&app, move |tx| receive(tx, ChatId(11), Some(id), TelegramMessageId(1), &Body::plain("Hi <script>x</script>")));
    let mut browser = signed(&app, Role::Sender);
    for text in ["first answer", "second answer"] {
        write(&mut browser, text, "plain");
    }
    app.write(move |tx| {
        let rows = messages::conversation(tx, id, None, 2)?;
        let ends = [
            DeliveryState::Failed { reason: Reason::Blocked, at: Timestamp(1) },
            DeliveryState::Sent { telegram: TelegramMessageId(5), at: Timestamp(1) },
        ];
        for (row, state) in rows.iter().zip(ends) {
            for (delivery, old) in deliveries::of_message(tx, row.id)? {
                let unknowns = u16::from(matches!(state, DeliveryState::Sent { .. }));
                deliveries::update(tx, delivery, &old, &Delivery { state: state.clone(), unknowns, ..old.clone() })?;
            }
        }
        Ok(())
    });
    let page = browser.get("/admin/accounts/1").body;
    let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text}"));
    assert!(at("Hi &lt;script&gt;") < at("first answer") && at("first answer") < at("second answer"));
    assert!(page.contains("Anna T.") && page.contains("may have arrived twice"));
    assert!(page.contains("the person blocked the bot or deleted the chat"));
}

#[test]
fn older_pages_of_a_conversation_are_reached_by_their_links_and_stand_still() {
    let app = app();
    let id = connected(&app);
    for number in 0..35_i64 {
        let body = Body::plain(format!("word {number:02}."));
        act(&app, move |tx| receive(tx, ChatId(11), Some(id), TelegramMessageId(number), &body));
    }
    let mut browser = signed(&app, Role::Sender);
    let newest = browser.get("/admin/accounts/1");
    assert!(newest.body.contains("word 34.") && newest.body.contains("word 05.") && !newest.body.contains("word 04."));
    assert!(newest.body.contains("data-part=\"talk\""));
    let older = browser.get(&newest.between("rel=\"next\" href=\"", "\"").unwrap());
    assert!(older.body.contains("word 04.") && !older.body.contains("word 05."));
    assert!(!older.body.contains("data-part=\"talk\""));
    assert_eq!(older.between("rel=\"prev\" href=\"", "\"").unwrap(), "/admin/accounts/1");
    assert_eq!(app.store.read(|read| messages::get(read, MessageId(1))).unwrap().unwrap().account, Some(id));
}

#[test]
fn a_message_that_was_sent_is_edited_and_deleted_on_the_phones() {
    let app = app();
    let id = connected(&app);
    let mut browser = signed(&app, Role::Sender);
    write(&mut browser, "One", "plain");
    arrived(&app);
    let page = browser.get("/admin/accounts/1").body;
    let (edit, delete) = ("/admin/accounts/1/messages/1/edit", "/admin/accounts/1/messages/1/delete");
    assert!(page.contains(&format!("href=\"{edit}\"")) && page.contains(&format!("href=\"{delete}\"")), "{page}");
    assert!(browser.get(edit).body.contains("One</textarea>"));
    let wrong = browser.post(edit, &[("text", "<b>"), ("format", "html")]);
    assert!(wrong.status == 422 && wrong.body.contains("id=\"f-text-error\"") && wrong.body.contains("&lt;b&gt;"));
    assert_eq!(browser.post(edit, &[("text", "Two"), ("format", "plain")]).location(), "/admin/accounts/1");
    let page = browser.get("/admin/accounts/1").body;
    assert!(page.contains("is being edited on 1 phone") && page.contains("being edited") && page.contains("Two"));
    assert!(browser.get(delete).body.contains("Delete on the phones"));
    assert_eq!(browser.post(delete, &[]).location(), "/admin/accounts/1");
    let page = browser.get("/admin/accounts/1").body;
    assert!(page.contains("being deleted"), "{page}");
    assert_eq!(browser.post(delete, &[]).status, 409);
    account(&app, "ben");
    for path in ["/admin/accounts/2/messages/1/edit", "/admin/accounts/1/messages/9/delete"] {
        assert_eq!(browser.get(path).status, 404, "{path}");
    }
    assert_eq!(signed(&app, Role::Viewer).get(edit).status, 403);
    assert_eq!(said(&app, id), 1);
}

/// As if the sender had sent the first message.
fn arrived(app: &TestApp) {
    act(app, |tx| {
        let at = startlink::store::Read::now(tx);
        for (id, delivery) in deliveries::of_message(tx, MessageId(1))? {
            let state = DeliveryState::Sent { telegram: TelegramMessageId(5), at };
            startlink::actions::messages::end(tx, id, &delivery, state)?;
        }
        Ok(())
    });
}
