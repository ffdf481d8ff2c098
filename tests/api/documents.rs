//! Documents by the API: sent in a form, written down as they arrive, refused without leaving anything behind; and files of
//! people, handed on from Telegram.

use std::time::Duration;

use serde_json::{Value, json};
use startlink::actions::messages::receive;
use startlink::ids::{ChatId, DocumentId, TelegramMessageId};
use startlink::model::account::Username;
use startlink::model::document::{BYTES_MAX, PIECE_BYTES};
use startlink::model::message::{Body, Carried, Media, Sent};
use startlink::runtime::{self, Stop, block_on};
use startlink::store::{self, documents};
use tide::http::Method;

use super::given::{Said, Site, picture};
use crate::pages::given::{account, act, app, app_in, claim};
use crate::support::app::{Setting, TestApp};
use crate::support::bot_api::{BotApi, refuses, serves};

const PATH: &str = "/api/v1/messages";
const TOKEN: &str = "7:AbcdefghijklmnopqrstuvwxyzABCDEFGH";
const PATIENCE: Duration = Duration::from_secs(20);

/// The documents that are kept: of each its name and size, and how often it is carried.
fn kept(app: &TestApp) -> Vec<(String, u64, u32)> {
    let rows = app.store.read(|read| documents::walk(read, None, 100)).unwrap();
    rows.into_iter().map(|(_, row)| (row.name, row.size, row.uses)).collect()
}

/// What was refused goes on its own time, so that nobody waits for it.
fn until_kept(app: &TestApp, expected: &[(String, u64, u32)]) {
    block_on(runtime::timeout(PATIENCE, async {
        while kept(app) != expected {
            runtime::sleep(Duration::from_millis(5)).await;
        }
    }))
    .unwrap_or_else(|_| panic!("{:?}", kept(app)));
}

fn to_ada(text: &str) -> Value {
    json!({ "to": { "username": "ada" }, "text": text })
}

fn linked() -> TestApp {
    let app = app();
    let ada = account(&app, "ada");
    claim(&app, ada, 11, "Ada L");
    app
}

fn send(site: &Site<'_>, object: &Value, files: &[(&str, &str, &[u8])]) -> Said {
    site.form_with(Method::Post, PATH, object, files, &[])
}

#[test]
fn a_document_is_kept_in_pieces_and_told_by_name_and_size() {
    let app = linked();
    let site = Site::with(&app, "messages");
    let whole: Vec<u8> = (0..2 * PIECE_BYTES + 5).map(|at| u8::try_from(at % 251).unwrap()).collect();
    let said = send(&site, &to_ada(""), &[("document", "C:\\a\\report.pdf", &whole)]);
    let length = u64::try_from(whole.len()).unwrap();
    assert_eq!(
        (said.status, &said.json["document"]),
        (202, &json!({ "name": "report.pdf", "size": length })),
        "{said:?}"
    );
    assert_eq!(site.get("/api/v1/messages/1").json["document"]["size"], length);
    assert_eq!(kept(&app), [("report.pdf".to_owned(), length, 1)]);
    let pieces = (0..4).map(|number| app.store.read(|read| documents::piece(read, DocumentId(1), number)).unwrap());
    let pieces: Vec<_> = pieces.collect();
    assert_eq!(
        pieces.iter().map(|piece| piece.as_ref().map(Vec::len)).collect::<Vec<_>>(),
        [Some(PIECE_BYTES), Some(PIECE_BYTES), Some(5), None]
    );
    assert_eq!(pieces.into_iter().flatten().flatten().collect::<Vec<u8>>(), whole);
    assert!(app.store.read(store::check::check).unwrap().is_clean());
}

#[test]
fn the_same_request_again_keeps_no_second_document_and_another_one_is_told_apart() {
    let app = linked();
    let site = Site::with(&app, "messages");
    let post = |content: &[u8]| {
        let files: &[(&str, &str, &[u8])] = &[("document", "a.txt", content)];
        site.form_with(Method::Post, PATH, &to_ada("x"), files, &[("idempotency-key", "k")])
    };
    let first = post(b"one");
    assert_eq!(first.status, 202, "{first:?}");
    let again = post(b"one");
    assert_eq!(
        (again.json, &*again.headers.iter().find(|(name, _)| name == "idempotency-replayed").unwrap().1),
        (first.json, "true")
    );
    assert_eq!(post(b"two").problem().1, "idempotency_mismatch");
    until_kept(&app, &[("a.txt".to_owned(), 3, 1)]);
}

#[test]
fn what_is_refused_leaves_nothing_behind() {
    let app = linked();
    let site = Site::with(&app, "messages");
    let large = vec![0; usize::try_from(BYTES_MAX).unwrap() + 1];
    let too_large = send(&site, &to_ada(""), &[("document", "a", &large)]);
    assert_eq!(too_large.problem(), (413, "too_large", ""));
    assert!(too_large.text.contains("50 MB"), "{too_large:?}");
    let empty = send(&site, &to_ada("x"), &[("document", "a", b"")]);
    assert_eq!(empty.status, 400, "{empty:?}");
    let both = send(&site, &to_ada("x"), &[("document", "a", b"1"), ("photo", "a.png", &picture(9))]);
    assert_eq!((both.status, both.text.contains("not both")), (400, true), "{both:?}");
    let two = send(&site, &to_ada("x"), &[("document", "a", b"1"), ("document", "b", b"2")]);
    assert_eq!(two.status, 400, "{two:?}");
    let nobody = json!({ "to": { "username": "nobody" }, "text": "" });
    assert_eq!(send(&site, &nobody, &[("document", "a", b"1")]).problem(), (404, "not_found", "to.username"));
    let unknown = json!({ "to": { "username": "ada" }, "wrong": 1 });
    assert_eq!(send(&site, &unknown, &[("document", "a", b"1")]).problem().1, "unknown_field");
    let long = to_ada(&"x".repeat(1025));
    assert_eq!(send(&site, &long, &[("document", "a", b"1")]).problem(), (422, "invalid", "text"));
    until_kept(&app, &[]);
    assert_eq!(Site::with(&app, "messages:read").form(Method::Post, PATH, &to_ada("x"), b"1", &[]).status, 403);
    assert_eq!(site.get("/api/v1/messages/1").status, 404, "nothing was sent");
}

#[test]
fn a_broadcasts_document_is_replaced_and_taken_away() {
    let app = linked();
    let site = Site::with(&app, "broadcasts");
    let all = json!({ "text": "", "audience": { "all": true } });
    let files: &[(&str, &str, &[u8])] = &[("document", "a.txt", b"one")];
    let made = site.form_with(Method::Post, "/api/v1/broadcasts", &all, files, &[]);
    assert_eq!((made.status, &made.json["document"]["name"]), (201, &json!("a.txt")), "{made:?}");
    let patch = |object: Value, files: &[(&str, &str, &[u8])]| {
        site.form_with(Method::Patch, "/api/v1/broadcasts/1", &object, files, &[])
    };
    let kept_it = patch(json!({ "text": "x", "photo": null }), &[]);
    assert_eq!(kept_it.json["document"]["name"], "a.txt", "{kept_it:?}");
    let other = patch(json!({}), &[("document", "b.txt", b"four")]);
    assert_eq!(other.json["document"], json!({ "name": "b.txt", "size": 4 }), "{other:?}");
    let photo = patch(json!({}), &[("photo", "a.png", &picture(9))]);
    assert_eq!((&photo.json["document"], &photo.json["photo"]), (&Value::Null, &json!(true)), "{photo:?}");
    patch(json!({}), &[("document", "c.txt", b"5")]);
    let none = patch(json!({ "document": null }), &[]);
    assert_eq!((&none.json["document"], &none.json["photo"]), (&Value::Null, &json!(false)), "{none:?}");
    assert_eq!(patch(json!({ "document": "a" }), &[]).problem(), (422, "invalid", "document"));
    until_kept(&app, &[]);
}

/// An app whose bot polls a server, and to which Ada sent something.
struct Phone {
    app: TestApp,
    stop: Stop,
}

impl Drop for Phone {
    fn drop(&mut self) {
        self.stop.raise();
    }
}

impl Phone {
    fn new(server: &BotApi) -> Self {
        let url = server.url();
        let environment = [("STARTLINK_BOT_TOKEN", TOKEN), ("STARTLINK_TELEGRAM_API_URL", url.as_str())];
        let app = app_in(&Setting { environment: &environment, ..Setting::default() });
        let ada = account(&app, "ada");
        claim(&app, ada, 11, "Ada L");
        let (stop, bot) = (Stop::new(), app.state.bot().clone());
        let ends = stop.clone();
        drop(runtime::spawn(async move { bot.run(&ends).await }));
        let polls = async {
            while app.state.bot().api().is_none() {
                runtime::sleep(Duration::from_millis(5)).await;
            }
        };
        block_on(runtime::timeout(PATIENCE, polls)).expect("the bot polls");
        Self { app, stop }
    }

    fn receives(&self, media: Media, sent: Sent) {
        let body = Body { media: Some(media), carried: Some(Carried::File(sent)), ..Body::plain("see") };
        act(&self.app, move |tx| {
            let ada = store::accounts::find(tx, &Username::parse("ada").unwrap())?.expect("ada").0;
            receive(tx, ChatId(11), Some(ada), TelegramMessageId(1), &body)
        });
    }
}

fn file(name: Option<&str>, size: u64) -> Sent {
    Sent { file: "f".into(), name: name.map(str::to_owned), mime: Some("text/html".into()), size: Some(size) }
}

#[test]
fn a_persons_file_is_handed_on_and_only_pictures_are_shown() {
    let server = BotApi::start(serves(b"<script>alert(1)</script>".to_vec()));
    let phone = Phone::new(&server);
    phone.receives(Media::Document, file(Some("ü\".html"), 25));
    let site = Site::with(&phone.app, "messages");
    let told = site.get("/api/v1/messages/1").json;
    assert_eq!(told["file"], json!({ "name": "ü\".html", "mime": "text/html", "size": 25 }));
    assert_eq!((&told["media"], &told["location"]), (&json!("document"), &Value::Null));
    let said = site.get("/api/v1/messages/1/file");
    assert_eq!((said.status, said.text.as_str()), (200, "<script>alert(1)</script>"), "{said:?}");
    assert_eq!(said.header("content-type"), "application/octet-stream", "whatever was told");
    assert_eq!(said.header("content-disposition"), "attachment; filename=\"__.html\"; filename*=UTF-8''%C3%BC%22.html");
    assert_eq!(said.header("x-content-type-options"), "nosniff");
    assert_eq!(said.header("cache-control"), "private, no-store");
    assert!(said.header("content-security-policy").contains("sandbox"));
    assert_eq!(site.get("/api/v1/messages/9/file").status, 404);
    let plain = site.post(PATH, &to_ada("x"));
    assert_eq!(site.get(&format!("/api/v1/messages/{}/file", plain.json["id"])).status, 404, "it carries none");
    assert_eq!(Site::with(&phone.app, "links").get("/api/v1/messages/1/file").status, 403);
    assert!(server.calls("getFile").len() == 1, "who may not look costs nothing");
}

#[test]
fn a_picture_may_be_shown_in_our_own_pages() {
    let server = BotApi::start(serves(picture(9)));
    let phone = Phone::new(&server);
    phone.receives(Media::Photo, file(None, 100));
    let response = block_on(Site::with(&phone.app, "messages").open(Method::Get, "/api/v1/messages/1/file", None, &[]));
    let header = |name: &str| response.header(name).unwrap().as_str().to_owned();
    assert_eq!(header("content-type"), "image/png");
    assert!(header("content-disposition").starts_with("inline; filename=\"photo.png\""));
}

#[test]
fn a_file_that_is_too_large_or_gone_is_said_so() {
    let server = BotApi::start(refuses("Bad Request: file is too big"));
    let phone = Phone::new(&server);
    let site = Site::with(&phone.app, "messages");
    phone.receives(Media::Video, file(None, 20 * 1024 * 1024 + 1));
    phone.receives(Media::Video, file(None, 1));
    let known = site.get("/api/v1/messages/1/file");
    assert_eq!(known.problem(), (409, "file_too_large", ""));
    assert!(known.text.contains("20 MB") && server.calls("getFile").is_empty(), "it is not even asked for");
    assert_eq!(site.get("/api/v1/messages/2/file").problem(), (409, "file_too_large", ""));
    let server = BotApi::start(refuses("Bad Request: wrong file_id"));
    let phone = Phone::new(&server);
    phone.receives(Media::Video, file(None, 1));
    let gone = Site::with(&phone.app, "messages").get("/api/v1/messages/1/file");
    assert_eq!(gone.problem(), (410, "file_gone", ""));
    assert!(!gone.text.contains(TOKEN.split(':').nth(1).unwrap()));
}
