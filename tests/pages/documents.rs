//! Documents in the admin's pages: sent with a message and with a broadcast, and what people sent, shown and fetched on demand.

use startlink::actions::messages::receive;
use startlink::ids::{AccountId, ChatId, TelegramMessageId};
use startlink::model::admin::Role;
use startlink::model::message::{Body, Carried, Media, Sent};
use startlink::store::{self, documents, messages};

use super::given::{account, act, app, claim, signed};
use crate::support::app::TestApp;
use crate::support::browser::{Browser, Reply};

const TALK: &str = "/admin/accounts/1/messages";

fn connected() -> (TestApp, AccountId) {
    let app = app();
    let id = account(&app, "anna");
    claim(&app, id, 11, "Anna T.");
    (app, id)
}

fn write(browser: &mut Browser<'_>, text: &str, file: (&str, &[u8])) -> Reply {
    let once = browser.get("/admin/accounts/1").between("name=\"once\" value=\"", "\"").unwrap();
    let fields = [("text", text), ("format", "plain"), ("once", once.as_str())];
    browser.upload_as(TALK, &fields, ("document", file.0, file.1))
}

fn said(app: &TestApp, id: AccountId) -> Vec<Body> {
    let rows = app.store.read(|read| messages::conversation(read, id, None, 500)).unwrap();
    rows.into_iter().filter_map(|row| row.body).collect()
}

fn uses(app: &TestApp) -> Vec<u32> {
    let rows = app.store.read(|read| documents::walk(read, None, 100)).unwrap();
    rows.into_iter().map(|(_, document)| document.uses).collect()
}

#[test]
fn a_message_carries_a_document_that_is_shown_by_name_and_size() {
    let (app, id) = connected();
    let mut browser = signed(&app, Role::Sender);
    assert_eq!(write(&mut browser, "", ("report <1>.pdf", &[7; 2048])).location(), "/admin/accounts/1");
    let page = browser.get("/admin/accounts/1").body;
    assert!(page.contains("report &lt;1&gt;.pdf") && page.contains("2 KB"), "{page}");
    assert_eq!(write(&mut browser, "Hi", ("", b"")).status, 303, "no file was chosen");
    let bodies = said(&app, id);
    assert_eq!(bodies.iter().map(|body| body.document.is_some()).collect::<Vec<_>>(), [false, true]);
    assert_eq!(uses(&app), [1]);
}

#[test]
fn a_form_that_comes_back_still_has_its_document() {
    let (app, id) = connected();
    let mut browser = signed(&app, Role::Sender);
    let back = write(&mut browser, &"x".repeat(1025), ("a.pdf", b"1"));
    assert_eq!(back.status, 422);
    assert!(back.body.contains("a.pdf") && back.body.contains("name=\"remove_document\""), "{}", back.body);
    let document = back.between("name=\"document_id\" value=\"", "\"").unwrap();
    let once = back.between("name=\"once\" value=\"", "\"").unwrap();
    let fields = [("text", "short"), ("document_id", document.as_str()), ("once", once.as_str())];
    assert_eq!(browser.upload_as(TALK, &fields, ("document", "", b"")).status, 303);
    assert_eq!(said(&app, id)[0].document.map(|id| id.to_string()), Some(document));
    let once = browser.get("/admin/accounts/1").between("name=\"once\" value=\"", "\"").unwrap();
    let fields = [("text", ""), ("document_id", "1"), ("remove_document", "on"), ("once", once.as_str())];
    assert_eq!(browser.upload_as(TALK, &fields, ("document", "", b"")).status, 422, "without it nothing is left");
}

#[test]
fn who_may_not_send_or_sends_a_foreign_form_leaves_nothing() {
    let (app, _) = connected();
    let mut viewer = signed(&app, Role::Viewer);
    let page = viewer.get("/admin/accounts/1").body;
    assert!(!page.contains("name=\"document\""));
    assert_eq!(viewer.upload_as(TALK, &[("text", "x")], ("document", "a", b"1")).status, 403);
    let mut sender = signed(&app, Role::Sender);
    sender.csrf = Some("wrong".to_owned());
    assert_eq!(sender.upload_as(TALK, &[("text", "x")], ("document", "a", b"1")).status, 403);
    assert!(uses(&app).is_empty());
}

#[test]
fn a_broadcast_carries_a_document_and_takes_a_photo_instead() {
    let (app, _) = connected();
    let mut browser = signed(&app, Role::Sender);
    let once = browser.get("/admin/broadcasts/new").between("name=\"once\" value=\"", "\"").unwrap();
    let fields = [("text", ""), ("go", "preview"), ("audience", "everyone"), ("once", once.as_str())];
    let made = browser.upload_as("/admin/broadcasts", &fields, ("document", "plan.txt", b"1"));
    assert_eq!(made.status, 303, "{}", made.body);
    let page = browser.get("/admin/broadcasts/1/edit");
    assert!(page.body.contains("plan.txt") && page.body.contains("below a file"), "{}", page.body);
    let document = page.between("name=\"document_id\" value=\"", "\"").unwrap();
    let fields = [("text", "x"), ("document_id", document.as_str()), ("go", "save"), ("audience", "everyone")];
    let photo = crate::api::given::picture(9);
    assert_eq!(browser.upload("/admin/broadcasts/1/edit", &fields, &photo).status, 303);
    assert!(uses(&app).is_empty(), "the document was let go");
    assert!(browser.get("/admin/broadcasts/1").body.contains("/admin/photos/"));
    assert!(app.store.read(store::check::check).unwrap().is_clean());
}

#[test]
fn what_people_sent_is_named_and_fetched_only_on_demand() {
    let (app, id) = connected();
    let sent = Sent { file: "secret".into(), name: Some("scan.pdf".into()), mime: None, size: Some(3 * 1024 * 1024) };
    for (media, carried) in [
        (Media::Document, Carried::File(sent)),
        (Media::Photo, Carried::File(Sent::default())),
        (Media::Location, Carried::Place("52.5".into(), "13.4".into())),
        (Media::Contact, Carried::Contact("Ben".into(), "+44".into())),
    ] {
        let body = Body { media: Some(media), carried: Some(carried), ..Body::plain("see") };
        act(&app, move |tx| receive(tx, ChatId(11), Some(id), TelegramMessageId(1), &body));
    }
    let mut browser = signed(&app, Role::Viewer);
    let page = browser.get("/admin/accounts/1").body;
    assert!(page.contains("scan.pdf") && page.contains("3 MB") && page.contains("href=\"/admin/messages/1/file\""));
    assert!(page.contains("src=\"/admin/messages/2/file\" alt=\"The photo that was sent\" loading=\"lazy\""));
    assert!(page.contains("openstreetmap.org/?mlat=52.5&amp;mlon=13.4") && page.contains("+44"));
    assert!(!page.contains("secret"));
    let unreachable = browser.get("/admin/messages/1/file");
    assert_eq!(unreachable.status, 503);
    assert!(unreachable.body.contains("cannot be reached just now"), "{}", unreachable.body);
    for none in [3, 4, 9] {
        assert_eq!(browser.get(&format!("/admin/messages/{none}/file")).status, 404);
    }
    assert_eq!(app.browser().get("/admin/messages/1/file").status, 303, "a stranger signs in first");
}
