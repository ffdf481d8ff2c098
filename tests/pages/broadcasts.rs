//! Broadcasts: written with every field and every mistake, previewed, tested, started once, scheduled, steered.

use std::time::Duration;

use startlink::actions::chats;
use startlink::actions::settings::{SettingsChange, save};
use startlink::actions::{Caller, broadcasts as acts};
use startlink::clock::Timestamp;
use startlink::ids::{AdminId, BroadcastId, ChatId, PhotoId};
use startlink::model::admin::Role;
use startlink::model::broadcast::{Audience, Broadcast, BroadcastState, BroadcastStatus, Pause};
use startlink::model::chat::Profile;
use startlink::model::event::Actor;
use startlink::model::message::{Body, Format};
use startlink::store::{broadcasts, photos};

use super::given::{act, app, claim, signed, tagged};
use crate::support::app::{NOON, TestApp};
use crate::support::browser::{Browser, Reply};

const OWNER: Caller = Caller { actor: Actor::Operator, role: Role::Owner };

/// Anna (customer, de) and Ben (customer) are connected, Cleo is not.
fn people(app: &TestApp) {
    let anna = tagged(app, "anna", "customer, de");
    let ben = tagged(app, "ben", "customer");
    tagged(app, "cleo", "customer");
    claim(app, anna, 11, "Anna T.");
    claim(app, ben, 12, "Ben");
}

fn crowd(app: &TestApp, number: i64) {
    for at in 0..number {
        let id = tagged(app, &format!("user-{at:03}"), "");
        claim(app, id, 1000 + at, "Someone");
    }
}

/// Writes a new broadcast, as its form does; the photo is empty unless given.
fn write(browser: &mut Browser<'_>, fields: &[(&str, &str)], photo: &[u8]) -> Reply {
    let once = browser.get("/admin/broadcasts/new").between("name=\"once\" value=\"", "\"").unwrap();
    let fields: Vec<_> = fields.iter().copied().chain([("once", once.as_str())]).collect();
    browser.upload("/admin/broadcasts", &fields, photo)
}

fn row(app: &TestApp, id: u64) -> Broadcast {
    app.store.read(|read| broadcasts::get(read, BroadcastId(id))).unwrap().unwrap()
}

fn body(app: &TestApp, id: u64) -> Body {
    app.store.read(|read| broadcasts::body(read, BroadcastId(id))).unwrap().unwrap()
}

fn number_of(app: &TestApp) -> usize {
    app.store.read(|read| broadcasts::list(read, None, None, 100)).unwrap().len()
}

fn picture() -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 4, 3);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header().unwrap().write_image_data(&[200; 36]).unwrap();
    bytes
}

/// A draft with a plain text to everyone.
fn draft(app: &TestApp, text: &str) -> BroadcastId {
    let draft = acts::Draft { body: Body::plain(text), audience: Audience::Everyone, rate: None, paid: false };
    let config = app.state.config().clone();
    act(app, move |tx| acts::create(tx, &OWNER, &config, &draft))
}

/// A draft that carries a photo, both with the number 1.
pub fn draft_with_photo(app: &TestApp) {
    let reply = write(&mut signed(app, Role::Operator), &[("text", "Hello")], &picture());
    assert_eq!(reply.status, 303, "{}", reply.body);
}

fn start_form(browser: &mut Browser<'_>, id: BroadcastId) -> Vec<(&'static str, String)> {
    let page = browser.get(&format!("/admin/broadcasts/{id}/start"));
    assert_eq!(page.status, 200);
    let field = |name: &str| page.between(&format!("name=\"{name}\" value=\""), "\"").unwrap_or_default();
    ["once", "chats", "revision"].map(|name| (name, field(name))).to_vec()
}

fn send(browser: &mut Browser<'_>, path: &str, given: &[(&str, String)], more: &[(&str, &str)]) -> Reply {
    let fields: Vec<(&str, &str)> =
        given.iter().map(|(name, value)| (*name, value.as_str())).chain(more.iter().copied()).collect();
    browser.post(path, &fields)
}

#[test]
fn an_empty_list_teaches_and_a_full_one_is_walked_by_state_and_cursor() {
    let app = app();
    let mut browser = signed(&app, Role::Sender);
    let empty = browser.get("/admin/broadcasts");
    assert!(empty.body.contains("No broadcasts yet") && empty.body.contains("href=\"/admin/broadcasts/new\""));
    people(&app);
    for number in 0..30 {
        draft(&app, &format!("News {number:02} <b>"));
    }
    let first = browser.get("/admin/broadcasts");
    assert!(first.body.contains("News 29 &lt;b&gt;") && !first.body.contains("News 04"));
    let second = browser.get(&first.between("rel=\"next\" href=\"", "\"").unwrap());
    assert!(second.body.contains("News 04") && !second.body.contains("News 05"));
    assert!(browser.get("/admin/broadcasts?state=draft").body.contains("News 29"));
    assert!(browser.get("/admin/broadcasts?state=done").body.contains("No broadcast is like that."));
    assert_eq!(browser.get("/admin/broadcasts?state=bogus&before=x").status, 200);
}

#[test]
fn a_broadcast_is_written_with_all_its_fields_and_edited() {
    let app = app();
    people(&app);
    let mut browser = signed(&app, Role::Sender);
    let fields = [
        ("text", "<b>Hello</b> {username}"),
        ("format", "html"),
        ("button_label_0", "Shop"),
        ("button_target_0", "https://shop.example"),
        ("button_label_1", "Help"),
        ("button_target_1", "https://help.example"),
        ("button_beside_1", "on"),
        ("silent", "on"),
        ("protect", "on"),
        ("audience", "tags"),
        ("all", "customer"),
        ("none", "de"),
        ("go", "preview"),
    ];
    let reply = write(&mut browser, &fields, &picture());
    assert_eq!((reply.status, reply.location()), (303, "/admin/broadcasts/1/edit"), "{}", reply.body);
    let said = body(&app, 1);
    assert_eq!((said.format, said.silent, said.protect), (Format::Html, true, true));
    assert_eq!((said.buttons.len(), said.buttons[0].len()), (1, 2));
    let photo = app.store.read(|read| photos::get(read, PhotoId(1))).unwrap().unwrap();
    assert_eq!((said.photo, photo.width, photo.uses), (Some(PhotoId(1)), 4, 1));
    let page = browser.get("/admin/broadcasts/1/edit").body;
    for part in [
        "<b>Hello</b> ben",
        "here for <b dir=\"auto\">ben</b>",
        "1 chat<",
        "src=\"/admin/photos/1\"",
        "value=\"https://shop.example\"",
        "name=\"silent\" type=\"checkbox\" value=\"on\" checked",
        "name=\"all\" type=\"text\" value=\"customer\"",
        "<option value=\"de\">",
        "16 of 1,024 characters",
    ] {
        assert!(page.contains(part), "{part}");
    }
    let fields =
        [("text", "Bye"), ("format", "plain"), ("audience", "picked"), ("picked", "anna\r\n\r\nben"), ("go", "save")];
    let reply = browser.upload("/admin/broadcasts/1/edit", &fields, b"");
    assert_eq!((reply.status, reply.location()), (303, "/admin/broadcasts/1"), "{}", reply.body);
    assert!(matches!(row(&app, 1).audience, Audience::Picked(ids) if ids.len() == 2));
    assert_eq!(body(&app, 1), Body::plain("Bye"), "a photo that the form does not name is gone");
    assert_eq!(app.store.read(|read| photos::get(read, PhotoId(1))).unwrap(), None);
}

#[test]
fn a_photo_has_its_own_address_and_runs_nothing() {
    let app = app();
    people(&app);
    let mut browser = signed(&app, Role::Sender);
    assert_eq!(write(&mut browser, &[("text", ""), ("audience", "everyone")], &picture()).status, 303);
    let photo = browser.get("/admin/photos/1");
    assert_eq!((photo.status, photo.header("content-type")), (200, Some("image/png")));
    assert_eq!(photo.header("x-content-type-options"), Some("nosniff"));
    assert!(photo.header("content-security-policy").unwrap().contains("sandbox"));
    assert_eq!(browser.get("/admin/photos/2").status, 404);
    assert_eq!(app.browser().get("/admin/photos/1").status, 303, "nobody else sees it");
}

#[test]
fn mistakes_come_back_filled_in_with_the_photo_and_nothing_is_kept() {
    let app = app();
    people(&app);
    let mut browser = signed(&app, Role::Sender);
    let broken = [("text", "<b>half"), ("format", "html"), ("audience", "picked"), ("picked", "anna\nbob")];
    let reply = write(&mut browser, &broken, &picture());
    assert_eq!(reply.status, 422);
    for part in [
        "id=\"f-text-error\"",
        "id=\"f-picked-error\"",
        "line 2, &quot;bob&quot;",
        "&lt;b&gt;half</textarea>",
        "\nanna\nbob</textarea>",
    ] {
        assert!(reply.body.contains(part), "{part}");
    }
    assert!(reply.body.contains("name=\"photo_id\" value=\"1\""), "a photo that was right is kept");
    let once = reply.between("name=\"once\" value=\"", "\"").unwrap();
    let fields = [("text", "whole"), ("audience", "everyone"), ("photo_id", "1"), ("once", once.as_str())];
    assert_eq!(browser.upload("/admin/broadcasts", &fields, b"").status, 303);
    assert_eq!(body(&app, 1).photo, Some(PhotoId(1)));
    let long = "x".repeat(4097);
    let unknown = [("text", "{surname}"), ("audience", "everyone")];
    for fields in [[("text", ""), ("audience", "everyone")], [("text", &long), ("audience", "everyone")], unknown] {
        assert_eq!(write(&mut browser, &fields, b"").status, 422);
    }
    for (name, value) in [("all", "not a tag!"), ("any", "a,b,%%")] {
        let reply = write(&mut browser, &[("text", "x"), ("audience", "tags"), (name, value)], b"");
        assert!(reply.status == 422 && reply.body.contains(&format!("id=\"f-{name}-error\"")), "{name}");
    }
    let script = [("text", "x"), ("button_label_0", "Go"), ("button_target_0", "javascript:alert(1)")];
    let reply = write(&mut browser, &script, b"");
    assert!(reply.status == 422 && reply.body.contains("id=\"f-buttons-error\""));
    for (file, words) in [(b"GIF89a".to_vec(), "is not a JPEG, PNG or WebP"), (picture()[..40].to_vec(), "is damaged")]
    {
        let reply = write(&mut browser, &[("text", "x")], &file);
        assert!(reply.status == 422 && reply.body.contains(words), "{words}");
    }
    assert_eq!(number_of(&app), 1);
}

#[test]
fn a_foreign_upload_and_one_that_is_too_large_are_refused() {
    let app = app();
    let mut browser = signed(&app, Role::Sender);
    let reply = browser.upload("/admin/broadcasts", &[("_csrf", "no"), ("text", "x")], b"");
    assert_eq!(reply.status, 303, "the first field counts, and it was right: {}", reply.body);
    let mut stranger = app.browser();
    assert_eq!(stranger.upload("/admin/broadcasts", &[("text", "x")], b"").status, 401);
    let reply = write(&mut browser, &[("text", "x")], &vec![0; 10 * 1024 * 1024 + 1]);
    assert!(reply.status == 413 && reply.body.contains("10 MB"));
    assert_eq!(browser.post("/admin/broadcasts", &[("text", "x")]).status, 415);
    assert_eq!(number_of(&app), 0);
}

#[test]
fn a_second_click_saves_one_broadcast() {
    let app = app();
    people(&app);
    let mut browser = signed(&app, Role::Sender);
    let once = browser.get("/admin/broadcasts/new").between("name=\"once\" value=\"", "\"").unwrap();
    let fields = [("text", "Hello"), ("once", once.as_str())];
    for _ in 0..2 {
        assert_eq!(browser.upload("/admin/broadcasts", &fields, b"").status, 303);
    }
    assert_eq!(number_of(&app), 1);
}

#[test]
fn what_is_typed_is_looked_at_without_being_kept() {
    let app = app();
    people(&app);
    let mut browser = signed(&app, Role::Sender);
    browser.get("/admin/broadcasts/new");
    let mut look = |fields: &[(&str, &str)]| {
        let reply = browser.post("/admin/broadcasts/preview", fields);
        assert_eq!(reply.status, 200);
        reply.body
    };
    let html = look(&[("text", "<b>Hi</b> {username} &amp; <i>co</i>"), ("format", "html"), ("audience", "everyone")]);
    assert!(html.contains("<b>Hi</b> anna &amp; <i>co</i>") && html.contains("2 chats<"));
    assert!(html.contains("18 of 4,096 characters") && !html.contains("<script"));
    let html = look(&[("text", "ok\n<b>half"), ("format", "html")]);
    assert!(html.contains("This cannot be sent:") && html.contains("&lt;b&gt;"), "{html}");
    let html = look(&[("text", &"x".repeat(1025)), ("chosen_photo", "5000")]);
    assert!(html.contains("1 characters too many") && html.contains("data-photo-slot"));
    let html = look(&[("text", "x"), ("audience", "picked"), ("picked", "nobody")]);
    assert!(html.contains("There is no such account: line 1"));
    assert!(look(&[("text", "")]).contains("What you write appears here."));
    assert_eq!(number_of(&app), 0);
}

#[test]
fn a_test_goes_to_the_own_chat_or_says_what_is_missing() {
    let app = app();
    people(&app);
    let mut browser = signed(&app, Role::Sender);
    let reply = write(&mut browser, &[("text", "Hello {name}"), ("go", "test")], b"");
    assert_eq!(reply.location(), "/admin/broadcasts/1/edit");
    assert!(
        browser.get("/admin/broadcasts/1/edit").body.contains("the test was not sent. Connect your own chat first")
    );
    let id = app.admin("the-sender").0;
    act(&app, move |tx| {
        chats::note(tx, ChatId(77), Profile { name: "Me".into(), username: None, language: None })?;
        chats::bind_admin(tx, ChatId(77), AdminId(id.0)).map(|_| ())
    });
    let fields = [("text", "Hello {name}"), ("go", "test")];
    browser.upload("/admin/broadcasts/1/edit", &fields, b"");
    assert!(browser.get("/admin/broadcasts/1/edit").body.contains("The test is on its way to your own chat"));
}

#[test]
fn a_small_broadcast_starts_once_and_says_so() {
    let app = app();
    people(&app);
    let id = draft(&app, "Hello");
    let mut browser = signed(&app, Role::Sender);
    let page = browser.get("/admin/broadcasts/1/start").body;
    assert!(page.contains("a few seconds") && page.contains("of 2 accounts") && !page.contains("name=\"typed\""));
    let form = start_form(&mut browser, id);
    for _ in 0..2 {
        let reply = send(&mut browser, "/admin/broadcasts/1/start", &form, &[("when", "now")]);
        assert_eq!((reply.status, reply.location()), (303, "/admin/broadcasts/1"));
    }
    assert_eq!(row(&app, 1).status(), BroadcastStatus::Preparing);
    assert!(browser.get("/admin/broadcasts/1").body.contains("the second click changed nothing"));
    assert_eq!(browser.get("/admin/broadcasts/1/start").location(), "/admin/broadcasts/1");
    let edit = browser.get("/admin/broadcasts/1/edit");
    assert!(edit.status == 409 && edit.body.contains("was started already"));
    let reply = browser.upload("/admin/broadcasts/1/edit", &[("text", "Other")], b"");
    assert!(reply.status == 409 && body(&app, 1) == Body::plain("Hello"));
}

#[test]
fn many_are_confirmed_by_their_number() {
    let app = app();
    crowd(&app, 101);
    let id = draft(&app, "Hello");
    let mut browser = signed(&app, Role::Sender);
    let form = start_form(&mut browser, id);
    assert_eq!(form[1].1, "101");
    for typed in ["", "many", "100"] {
        let reply = send(&mut browser, "/admin/broadcasts/1/start", &form, &[("when", "now"), ("typed", typed)]);
        assert!(reply.status == 422 && reply.body.contains("id=\"f-typed-error\""), "{typed}");
    }
    assert_eq!(row(&app, 1).status(), BroadcastStatus::Draft);
    let reply = send(&mut browser, "/admin/broadcasts/1/start", &form, &[("when", "now"), ("typed", "101")]);
    assert_eq!(reply.status, 303);
    assert_eq!(row(&app, 1).status(), BroadcastStatus::Preparing);
}

#[test]
fn what_changed_while_one_looked_is_looked_at_again() {
    let app = app();
    people(&app);
    let id = draft(&app, "Hello");
    let mut browser = signed(&app, Role::Sender);
    let form = start_form(&mut browser, id);
    let other = acts::Draft { body: Body::plain("Buy"), audience: Audience::Everyone, rate: None, paid: false };
    let config = app.state.config().clone();
    act(&app, move |tx| acts::edit(tx, &OWNER, &config, id, &other));
    let reply = send(&mut browser, "/admin/broadcasts/1/start", &form, &[("when", "now")]);
    assert!(reply.status == 409 && reply.body.contains("was changed after you looked at it"), "{}", reply.body);
    let form = start_form(&mut browser, id);
    crowd(&app, 11);
    let reply = send(&mut browser, "/admin/broadcasts/1/start", &form, &[("when", "now")]);
    assert!(reply.status == 422 && reply.body.contains("grew from 2 to 13 chats"), "{}", reply.body);
    assert_eq!(row(&app, 1).status(), BroadcastStatus::Draft);
}

#[test]
fn an_audience_of_nobody_is_said_so() {
    let app = app();
    tagged(&app, "cleo", "");
    let id = draft(&app, "Hello");
    let mut browser = signed(&app, Role::Sender);
    assert!(browser.get("/admin/broadcasts/1/start").body.contains("This audience is nobody"));
    let form = [("once", "made-up".to_owned()), ("chats", "0".to_owned())];
    let reply = send(&mut browser, &format!("/admin/broadcasts/{id}/start"), &form, &[("when", "now")]);
    assert_eq!(reply.status, 409);
    assert_eq!(row(&app, 1).status(), BroadcastStatus::Draft);
}

#[test]
fn a_broadcast_is_scheduled_moved_and_taken_off() {
    let app = app();
    people(&app);
    let id = draft(&app, "Hello");
    let mut browser = signed(&app, Role::Sender);
    let form = start_form(&mut browser, id);
    let at = |app: &TestApp| if let BroadcastState::Scheduled { at } = row(app, 1).state { Some(at) } else { None };
    for (typed, sentence) in
        [("", "Choose the day"), ("soon", "Choose the day"), ("2020-01-01T00:00", "This moment is over")]
    {
        let reply = send(&mut browser, "/admin/broadcasts/1/start", &form, &[("when", "later"), ("at", typed)]);
        assert!(reply.status == 422 && reply.body.contains(sentence), "{typed}");
    }
    let reply =
        send(&mut browser, "/admin/broadcasts/1/start", &form, &[("when", "later"), ("at", "2026-11-22T20:30")]);
    assert_eq!(reply.status, 303, "{}", reply.body);
    assert_eq!(at(&app), Some(NOON.plus(Duration::from_mins(90))));
    let page = browser.get("/admin/broadcasts/1").body;
    assert!(page.contains("It starts by itself in 90 minutes.") && page.contains("Take off the schedule"));
    assert!(browser.get("/admin/broadcasts/1/start").body.contains("value=\"2026-11-22T20:30\""));
    let form = start_form(&mut browser, id);
    let local = NOON.plus(Duration::from_hours(5)).0.to_string();
    let zoned =
        [("when", "later"), ("at", "2026-11-23T01:00"), ("at_text", "2026-11-23T01:00"), ("at_utc", local.as_str())];
    assert_eq!(send(&mut browser, "/admin/broadcasts/1/start", &form, &zoned).status, 303);
    assert_eq!(at(&app), Some(NOON.plus(Duration::from_hours(5))));
    browser.post("/admin/broadcasts/1/unschedule", &[]);
    assert_eq!(row(&app, 1).status(), BroadcastStatus::Draft);
}

#[test]
fn the_rate_and_the_price_are_decided_before_and_the_rate_also_while_it_runs() {
    let app = app();
    people(&app);
    let id = draft(&app, "Hello");
    let mut browser = signed(&app, Role::Sender);
    browser.get("/admin/broadcasts/1/start");
    let mut speed = |fields: &[(&str, &str)]| browser.post_and_follow("/admin/broadcasts/1/speed", fields).body;
    assert!(speed(&[("rate", "fast")]).contains("is not a number of messages a second"));
    assert!(speed(&[("rate", "31")]).contains("A broadcast sends 1 to 30 messages a second"));
    assert!(speed(&[("rate", "500"), ("paid", "on")]).contains("tick the box that you agree"));
    assert_eq!((row(&app, 1).rate, row(&app, 1).paid), (None, false));
    assert!(speed(&[("rate", "500"), ("paid", "on"), ("consent", "on")]).contains("This broadcast is paid for"));
    assert_eq!((row(&app, 1).rate, row(&app, 1).paid), (Some(500), true));
    speed(&[("rate", "10")]);
    assert_eq!((row(&app, 1).rate, row(&app, 1).paid), (Some(10), false));
    let form = start_form(&mut browser, id);
    send(&mut browser, "/admin/broadcasts/1/start", &form, &[("when", "now")]);
    assert!(browser.post_and_follow("/admin/broadcasts/1/rate", &[("rate", "5")]).body.contains("The rate is changed"));
    assert_eq!(row(&app, 1).rate, Some(5));
    assert!(browser.post_and_follow("/admin/broadcasts/1/rate", &[("rate", "0")]).body.contains("1 to 30"));
    browser.post("/admin/broadcasts/1/rate", &[("rate", "")]);
    assert_eq!(row(&app, 1).rate, None);
}

#[test]
fn the_settings_rate_decides_how_long_it_takes() {
    let app = app();
    crowd(&app, 120);
    let config = app.state.config().clone();
    let change = SettingsChange { rate_global: Some("1".to_owned()), ..SettingsChange::default() };
    act(&app, move |tx| save(tx, &OWNER, &config, &change));
    draft(&app, "Hello");
    let page = signed(&app, Role::Sender).get("/admin/broadcasts/1/start").body;
    assert!(page.contains("about 2 min") && page.contains("19:01"), "{page}");
}

#[test]
fn a_running_broadcast_is_paused_resumed_and_cancelled() {
    let app = app();
    people(&app);
    let id = draft(&app, "Hello");
    let mut browser = signed(&app, Role::Sender);
    let form = start_form(&mut browser, id);
    send(&mut browser, "/admin/broadcasts/1/start", &form, &[("when", "now")]);
    assert!(browser.get("/admin").body.contains("Broadcasts under way"));
    let mut press = |path: &str| browser.post_and_follow(&format!("/admin/broadcasts/1/{path}"), &[]).body;
    let page = press("pause");
    assert!(
        page.contains("It is paused until someone resumes it.")
            && page.contains("/1/resume\"")
            && !page.contains("/1/pause\"")
    );
    assert!(press("pause").contains("only one that is running can be paused"));
    assert!(press("resume").contains("It goes on where it was."));
    let ask = browser.get("/admin/broadcasts/1/cancel").body;
    assert!(ask.contains("It cannot be resumed after that"));
    let page = browser.post_and_follow("/admin/broadcasts/1/cancel", &[]).body;
    assert!(page.contains("It is cancelled.") && page.contains("/1/duplicate\""));
    assert_eq!(browser.get("/admin/broadcasts/1/cancel").status, 303);
    let copy = browser.post("/admin/broadcasts/1/duplicate", &[]);
    assert_eq!(copy.location(), "/admin/broadcasts/2/edit");
    assert_eq!((row(&app, 2).status(), body(&app, 2)), (BroadcastStatus::Draft, Body::plain("Hello")));
    assert!(browser.get("/admin/broadcasts/2/remove").body.contains("cannot be undone"));
    assert_eq!(browser.post("/admin/broadcasts/2/remove", &[]).location(), "/admin/broadcasts");
    assert_eq!(number_of(&app), 1);
}

#[test]
fn a_pause_says_its_reason() {
    let app = app();
    people(&app);
    let mut browser = signed(&app, Role::Viewer);
    for (why, words) in [
        (Pause::Markup("can't parse entities".into()), "can&#39;t parse entities"),
        (Pause::Missed(Timestamp(0)), "while the program was not running"),
    ] {
        let id = draft(&app, "Hello");
        app.write(move |tx| {
            let old = broadcasts::get(tx, id)?.unwrap();
            let state = BroadcastState::Paused { why: why.clone(), since: Timestamp(1) };
            broadcasts::update(tx, id, &old, &Broadcast { state, ..old.clone() })
        });
        let page = browser.get(&format!("/admin/broadcasts/{id}")).body;
        let page = page.replace("&apos;", "&#39;").replace("can't", "can&#39;t");
        assert!(page.contains(words), "{page}");
        assert!(!page.contains("/resume\""), "a viewer looks only");
    }
}

#[test]
fn a_viewer_sees_and_changes_nothing_and_what_is_gone_is_said_so() {
    let app = app();
    people(&app);
    draft(&app, "Hello");
    let mut viewer = signed(&app, Role::Viewer);
    let page = viewer.get("/admin/broadcasts/1").body;
    assert!(page.contains("Hello") && !page.contains("What you can do"));
    assert!(!viewer.get("/admin/broadcasts").body.contains("/admin/broadcasts/new"));
    for path in ["new", "1/edit", "1/start", "1/remove"] {
        assert_eq!(viewer.get(&format!("/admin/broadcasts/{path}")).status, 403, "{path}");
    }
    assert_eq!(viewer.upload("/admin/broadcasts", &[("text", "x")], b"").status, 403);
    assert_eq!(viewer.post("/admin/broadcasts/1/start", &[("when", "now")]).status, 403);
    let mut sender = signed(&app, Role::Sender);
    for path in ["9", "9/edit", "9/start", "9/recipients", "9/live", "x"] {
        assert_eq!(sender.get(&format!("/admin/broadcasts/{path}")).status, 404, "{path}");
    }
}
