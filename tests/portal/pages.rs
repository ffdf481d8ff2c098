//! The portal's first page: a link, chats and messages.

use startlink::actions::messages::{SendOptions, To, receive, send};
use startlink::ids::{AccountId, ChatId, TelegramMessageId};
use startlink::model::admin::Role;
use startlink::model::message::Body;
use startlink::model::quiet::Quiet;
use startlink::store::{chats, links};

use super::{COOKIE, OWNER, member, switch};
use crate::pages::given::{account, act, app, claim, signed, use_up};
use crate::pages::live::{next, open};
use crate::support::app::TestApp;

fn say(app: &TestApp, id: AccountId, text: &str) {
    let body = Body::plain(text);
    act(app, move |tx| send(tx, &OWNER, To::Account(id), body.clone(), SendOptions::default()).map(|_| ()));
}

#[test]
fn a_link_is_made_shown_in_four_ways_and_turns_to_connected() {
    let app = app();
    let (id, mut browser) = member(&app, "anna");
    assert!(browser.get("/me").body.contains("No chat is connected yet"));
    let page = browser.post_and_follow("/me/link", &[]);
    for way in ["<svg class=\"qr\"", "https://t.me/post_bot?start=", "tg://resolve?domain=post_bot", "value=\"/start "]
    {
        assert!(page.body.contains(way), "{way}");
    }
    assert!(page.body.contains("data-until="), "the countdown");
    let (link, row) = app.store.read(|read| links::of_account(read, id, 1)).unwrap().remove(0);
    let code = startlink::model::link::Code::parse("unused").unwrap();
    use_up(&app, &startlink::actions::links::Issued { id: link, code, link: row }, id, 11, "Anna T.");
    let live = browser.get("/me/live?poll=1").body;
    assert!(live.contains("Connected") && live.contains("Anna T.") && !live.contains("<html"), "{live}");
    app.advance(std::time::Duration::from_mins(2));
    let later = browser.get("/me").body;
    assert!(!later.contains("mark_flying") && later.contains("Connect another chat") && later.contains("Make a link"));
}

#[test]
fn chats_are_muted_and_disconnected_by_their_person() {
    let app = app();
    let (id, mut browser) = member(&app, "anna");
    claim(&app, id, 11, "Anna T.");
    let chat = || app.store.read(|read| chats::get(read, ChatId(11))).unwrap().unwrap();
    browser.get("/me");
    assert!(browser.post_and_follow("/me/chats/11/mute", &[]).body.contains("is muted"));
    assert!(chat().muted.is_some());
    assert!(browser.post_and_follow("/me/chats/11/unmute", &[]).body.contains("gets all news again"));
    assert!(chat().muted.is_none());
    let ask = browser.get("/me/chats/11/disconnect");
    assert!(ask.status == 200 && chat().account() == Some(id), "asking changes nothing");
    assert_eq!(browser.post("/me/chats/11/disconnect", &[]).location(), "/me");
    assert_eq!(chat().account(), None);
    assert_eq!(browser.post("/me/chats/11/disconnect", &[]).status, 404);
}

#[test]
fn messages_are_ones_own_in_pages_and_plain_words() {
    let app = app();
    let (id, mut browser) = member(&app, "anna");
    say(&app, id, "before there was a chat");
    claim(&app, id, 11, "Anna T.");
    let other = account(&app, "bert");
    claim(&app, other, 22, "Bert B.");
    say(&app, other, "for bert alone");
    say(&app, id, "<b>for anna</b>");
    act(&app, move |tx| receive(tx, ChatId(11), Some(id), TelegramMessageId(1), &Body::plain("hello there")));
    let page = browser.get("/me").body;
    for words in [
        "before there was a chat",
        "did not arrive",
        "&lt;b&gt;for anna",
        "waits to be sent",
        "hello there",
        "You wrote",
    ] {
        assert!(page.contains(words), "{words}");
    }
    assert!(
        !page.contains("for bert alone") && !page.contains("Operator") && !page.contains("a command on the server")
    );
    for number in 0..40 {
        say(&app, id, &format!("number {number:02}."));
    }
    let page = browser.get("/me");
    assert!(page.body.contains("number 39.") && !page.body.contains("number 05."));
    let older = page.between("href=\"/me?before=", "\"").unwrap();
    let page = browser.get(&format!("/me?before={older}")).body;
    assert!(page.contains("number 05.") && !page.contains("number 39."));
    // The cursor of somebody else's message shows nothing of theirs.
    let foreign = browser.get("/me?before=999999").body;
    assert!(!foreign.contains("for bert alone"));
}

#[test]
fn the_page_hears_of_changes_until_its_session_or_the_portal_ends() {
    let app = app();
    let (id, browser) = member(&app, "anna");
    let cookie = format!("{COOKIE}={}", browser.cookies[COOKIE]);
    let mut stream = open(&app, "/me/live", &cookie);
    assert!(next(&mut stream).contains("No chat is connected yet"));
    claim(&app, id, 11, "Anna T.");
    let mut seen = String::new();
    while !seen.contains("Anna T.") {
        seen = next(&mut stream);
        assert!(seen.starts_with("event:"), "{seen}");
    }
    switch(&app, false);
    let mut left = next(&mut stream);
    while !left.is_empty() {
        assert!(!left.contains("switched off"), "{left}");
        left = next(&mut stream);
    }
    assert_eq!(open(&app, "/me/live", &cookie).status(), 404);
    switch(&app, true);
    let admin = signed(&app, Role::Owner);
    assert_eq!(
        open(&app, "/me/live", &format!("__Host-startlink={}", admin.cookies["__Host-startlink"])).status(),
        401
    );
}

#[test]
fn mistakes_in_the_portal_do_not_lead_to_the_admins() {
    let app = app();
    let (_, mut browser) = member(&app, "anna");
    for path in ["/me/nothing", "/me/chats/x/disconnect", "/me/invite?token=x"] {
        let reply = browser.get(path);
        assert_eq!(reply.status, 404, "{path}");
        assert!(!reply.body.contains("/admin") && reply.body.contains("href=\"/me\""), "{path}: {}", reply.body);
    }
}

#[test]
fn quiet_hours_are_set_for_all_chats_and_ended() {
    let app = app();
    let (id, mut browser) = member(&app, "anna");
    let early = [("from", "22:00"), ("until", "08:00"), ("zone", "Europe/Berlin"), ("manner", "wait")];
    browser.get("/me");
    assert_eq!(browser.post("/me/quiet", &early).status, 409, "there is no chat yet");
    claim(&app, id, 11, "Anna T.");
    claim(&app, id, 12, "Anna's tablet");
    let quiet = |chat| app.store.read(|read| chats::get(read, ChatId(chat))).unwrap().unwrap().quiet;
    let form = browser.get("/me/quiet").body;
    assert!(form.contains("value=\"22:00\"") && form.contains("<option value=\"Europe/Berlin\">"), "{form}");
    let wrong = [("from", "25:00"), ("until", "08:00"), ("zone", "Berlin"), ("manner", "silent")];
    let back = browser.post("/me/quiet", &wrong);
    assert_eq!(back.status, 422);
    for part in ["id=\"f-from-error\"", "id=\"f-zone-error\"", "value=\"25:00\"", "value=\"Berlin\""] {
        assert!(back.body.contains(part), "{part}");
    }
    let none = [("from", "08:00"), ("until", "08:00"), ("zone", "Europe/Berlin")];
    assert!(browser.post("/me/quiet", &none).body.contains("these hours would be none"));
    assert_eq!((quiet(11), quiet(12)), (None, None), "nothing is half done");
    let home = browser.post_and_follow("/me/quiet", &[early[0], early[1], early[2], ("manner", "silent")]).body;
    assert!(home.contains("Your quiet hours are from 22:00 to 08:00") && home.contains("without a sound"));
    let set = Quiet { from: 22 * 60, until: 8 * 60, zone: "Europe/Berlin".into(), silent: true };
    assert_eq!((quiet(11), quiet(12)), (Some(set.clone()), Some(set)));
    let admins = signed(&app, Role::Viewer).get("/admin/accounts/1").body;
    assert!(admins.contains("Quiet from 22:00 to 08:00"));
    assert!(browser.post_and_follow("/me/quiet/off", &[]).body.contains("You have no quiet hours any more"));
    assert_eq!((quiet(11), quiet(12)), (None, None));
}
