//! The public page of a link, in each of its states.

use std::time::Duration;

use startlink::actions::links::hold;
use startlink::ids::ChatId;
use startlink::model::link::HOLD;
use startlink::model::settings::Saved;
use startlink::store::{Read as _, meta};

use super::given::{account, act, app, claim, link, use_up};

#[test]
fn an_open_link_shows_four_ways_the_site_and_the_account() {
    let app = app();
    let id = account(&app, "anna.a");
    let issued = link(&app, id);
    let code = issued.code.expose().to_owned();
    let page = app.browser().get(&format!("/l/{code}"));
    assert_eq!(page.status, 200);
    assert!(page.body.contains("anna.a") && page.body.contains("Northmail"));
    assert!(page.body.contains(&format!("https://t.me/post_bot?start={code}")) && page.body.contains("class=\"qr\""));
    assert!(page.body.contains("tg://resolve?domain=post_bot") && page.body.contains(&format!("/start {code}")));
    assert!(page.body.contains("press <strong>Start</strong>") && page.body.contains("data-until="));
    assert!(page.body.contains("name=\"robots\" content=\"noindex\""));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert!(page.set_cookies().is_empty());
}

#[test]
fn a_site_that_wants_it_shows_the_ends_of_a_username_only() {
    let app = app();
    app.write(|tx| {
        let saved = meta::saved(tx)?;
        meta::save(tx, &Saved { mask_username: true, ..saved })
    });
    let id = account(&app, "anna.a");
    let issued = link(&app, id);
    let path = format!("/l/{}", issued.code.expose());
    let page = app.browser().get(&path);
    assert!(page.body.contains("a…a") && !page.body.contains("anna.a"));
    use_up(&app, &issued, id, 11, "Anna T.");
    assert!(!app.browser().get(&path).body.contains("anna.a"));
}

#[test]
fn unknown_and_malformed_codes_get_the_same_page() {
    let app = app();
    let id = account(&app, "anna.a");
    let known = link(&app, id).code.expose().to_owned();
    let unknown = app.browser().get("/l/AAAAAAAAAAAAAAAAAAAAAA");
    assert_eq!(unknown.status, 404);
    assert!(unknown.body.contains("This link is not known") && unknown.body.contains("https://www.example.org/me"));
    let longer = format!("/l/{known}x");
    for path in ["/l/x", "/l/%3Cscript%3E", "/l/a%2Fb", "/l/%00", longer.as_str()] {
        let other = app.browser().get(path);
        assert_eq!((other.status, &other.body), (404, &unknown.body), "{path}");
    }
    assert_eq!(app.browser().get("/l/AAAAAAAAAAAAAAAAAAAAAA/live?poll=1").status, 404);
}

#[test]
fn a_used_link_says_who_was_connected_and_later_only_that_it_was_used() {
    let app = app();
    let id = account(&app, "anna.a");
    let issued = claim(&app, id, 11, "Anna T.");
    let path = format!("/l/{}", issued.code.expose());
    let page = app.browser().get(&path);
    assert!(page.status == 200 && page.body.contains("Connected") && page.body.contains("Anna T."));
    assert!(!page.body.contains("?start=") && !page.body.contains("data-live"));
    app.advance(Duration::from_mins(16));
    let later = app.browser().get(&path);
    assert!(later.body.contains("This link was used"));
    assert!(!later.body.contains("Anna T.") && !later.body.contains("anna.a"));
}

#[test]
fn expired_revoked_and_held_links_say_so_and_lead_back() {
    let app = app();
    let id = account(&app, "anna.a");
    let first = link(&app, id);
    let second = link(&app, id);
    let page = |code: &str| app.browser().get(&format!("/l/{code}"));
    let revoked = page(first.code.expose());
    assert!(revoked.body.contains("no longer valid") && revoked.body.contains("https://www.example.org/me"));
    assert!(!revoked.body.contains("anna.a"));
    let (number, row) = (second.id, second.link.clone());
    act(&app, move |tx| {
        let until = tx.now().plus(HOLD);
        Ok(hold(tx, number, &row, ChatId(11), until)?)
    });
    let held = page(second.code.expose());
    assert!(held.body.contains("Answer it in the chat") && !held.body.contains("?start="));
    app.advance(Duration::from_mins(16));
    let expired = page(second.code.expose());
    assert!(expired.body.contains("This link has expired") && !expired.body.contains("anna.a"));
}
