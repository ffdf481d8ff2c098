//! Overview, links, settings, texts, status and audit; and that looking changes nothing.

use startlink::actions::Caller;
use startlink::actions::messages::{SendOptions, To, send};
use startlink::actions::webhooks::{self, NewEndpoint};
use startlink::model::admin::Role;
use startlink::model::event::Actor;
use startlink::model::message::Body;
use startlink::model::texts::{Language, TextKey};
use startlink::store::meta;
use startlink::web::Access;
use tide::http::Method;

use super::given::{account, act, app, claim, link, signed};
use crate::support::app::{Setting, TestApp};

#[test]
fn the_overview_says_what_to_do_next() {
    let app = app();
    let mut browser = signed(&app, Role::Owner);
    let page = browser.get("/admin");
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Connect a bot") && page.body.contains("data-live=\"/admin/live\""));
    let id = account(&app, "anna");
    claim(&app, id, 11, "Anna");
    let page = browser.get("/admin");
    assert!(page.body.contains("1 chat now, 1 connected in 30 days."));
}

#[test]
fn links_are_listed_by_state_with_who_and_which_chat() {
    let app = app();
    let (anna, ben) = (account(&app, "anna"), account(&app, "ben"));
    claim(&app, anna, 11, "Anna T.");
    let open = link(&app, ben);
    let mut browser = signed(&app, Role::Operator);
    let page = browser.get("/admin/links");
    assert!(page.body.contains(">ben</a>") && !page.body.contains(">anna</a>"));
    assert!(page.body.contains("a command on the server"));
    let used = browser.get("/admin/links?state=used");
    assert!(used.body.contains(">anna</a>") && used.body.contains("Anna T."));
    let reply = browser.post(&format!("/admin/links/{}/revoke", open.id), &[("back", "links")]);
    assert_eq!(reply.location(), "/admin/links");
    assert!(browser.get("/admin/links?state=revoked").body.contains(">ben</a>"));
    assert!(browser.get("/admin/links?state=held").body.contains("No held links"));
    assert_eq!(browser.get("/admin/links?state=bogus&before=nonsense").status, 200);
    assert_eq!(browser.post("/admin/links/999/revoke", &[]).status, 404);
}

#[test]
fn links_are_walked_by_cursors() {
    let app = app();
    for number in 0..60 {
        let id = account(&app, &format!("user-{number:02}"));
        link(&app, id);
    }
    let mut browser = signed(&app, Role::Viewer);
    let first = browser.get("/admin/links");
    let second = browser.get(&first.between("rel=\"next\" href=\"", "\"").unwrap());
    let count = |body: &str| body.matches("scope=\"row\"").count();
    assert_eq!((count(&first.body), count(&second.body)), (50, 10));
    assert!(!second.body.contains("rel=\"next\""));
}

#[test]
fn settings_are_saved_and_mistakes_named() {
    let app = app();
    let mut browser = signed(&app, Role::Owner);
    let page = browser.get("/admin/settings");
    assert!(page.body.contains("value=\"Northmail\"") && page.body.contains("Saved on this page."));
    assert!(page.body.contains("This is the default."));
    let wrong = browser.post("/admin/settings", &[("site_name", "Kept"), ("link_lifetime", "0")]);
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("id=\"f-link_lifetime-error\"") && wrong.body.contains("value=\"Kept\""));
    assert_eq!(app.store.read(meta::saved).unwrap().site_name.as_deref(), Some("Northmail"), "nothing half saved");
    let fields = [("site_name", "Southmail"), ("link_lifetime", "30"), ("mask_username", "on"), ("rate_chat", "1")];
    assert_eq!(browser.post("/admin/settings", &fields).location(), "/admin/settings");
    let saved = app.store.read(meta::saved).unwrap();
    assert_eq!((saved.site_name.as_deref(), saved.link_lifetime_s), (Some("Southmail"), Some(1800)));
    assert!(saved.mask_username && !saved.confirm_before_link);
    assert_eq!(saved.rate_chat, None, "what equals the default stays the default");
}

#[test]
fn a_base_url_that_would_lock_its_own_browser_out_is_refused() {
    let app = app();
    let mut browser = signed(&app, Role::Owner);
    let reply = browser.post("/admin/settings", &[("base_url", "https://elsewhere.example")]);
    assert_eq!(reply.status, 422);
    assert!(reply.body.contains("id=\"f-base_url-error\"") && reply.body.contains("links.example.org"));
    let reply = browser.post("/admin/settings", &[("base_url", "")]);
    assert_eq!(reply.status, 422);
    assert_eq!(browser.get("/admin/settings").status, 200);
}

#[test]
fn a_setting_of_the_environment_is_locked_and_names_its_variable() {
    let setting = Setting { environment: &[("STARTLINK_RATE_CHAT", "3")], ..Setting::default() };
    let app = TestApp::with(&setting);
    app.save_base(crate::support::app::BASE);
    let mut browser = signed(&app, Role::Owner);
    let page = browser.get("/admin/settings");
    assert!(page.body.contains("Set by STARTLINK_RATE_CHAT, so it is locked here."));
    let reply = browser.post("/admin/settings", &[("rate_chat", "9")]);
    assert_eq!(reply.status, 409);
    assert!(reply.body.contains("STARTLINK_RATE_CHAT"));
}

#[test]
fn texts_are_looked_at_changed_and_reset() {
    let app = app();
    let mut browser = signed(&app, Role::Operator);
    assert!(browser.get("/admin/settings/texts").body.contains("/admin/settings/texts/en/greeting"));
    assert!(browser.get("/admin/settings/texts?language=de").body.contains("/admin/settings/texts/de/greeting"));
    let path = "/admin/settings/texts/en/greeting";
    let preview = browser.post(path, &[("text", "Ahoy {username} <b>"), ("do", "preview")]);
    assert_eq!(preview.status, 200);
    assert!(preview.body.contains("Ahoy anna &lt;b&gt;") && app.store.read(meta::texts).unwrap().is_empty());
    let wrong = browser.post(path, &[("text", "Ahoy {nobody}")]);
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("id=\"f-text-error\"") && wrong.body.contains("Ahoy {nobody}"));
    assert_eq!(browser.post(path, &[("text", "Ahoy {username}")]).status, 303);
    assert_eq!(app.store.read(meta::texts).unwrap(), [("en/greeting".to_owned(), "Ahoy {username}".to_owned())]);
    assert!(browser.get(path).body.contains("Go back to the original"));
    assert_eq!(browser.post(&format!("{path}/reset"), &[]).status, 303);
    assert!(app.store.read(meta::texts).unwrap().is_empty());
    assert_eq!(browser.get("/admin/settings/texts/xx/greeting").status, 404);
    assert_eq!(browser.get("/admin/settings/texts/en/nothing").status, 404);
}

#[test]
fn every_text_in_every_language_has_its_page() {
    let app = app();
    let mut browser = signed(&app, Role::Operator);
    for language in Language::ALL {
        for key in TextKey::ALL {
            let path = format!("/admin/settings/texts/{}/{}", language.tag(), key.word());
            assert_eq!(browser.get(&path).status, 200, "{path}");
        }
    }
}

#[test]
fn the_status_page_says_how_this_request_arrived() {
    let app = app();
    let mut browser = signed(&app, Role::Viewer);
    let page = browser.get("/admin/status");
    assert!(page.body.contains("No bot is connected yet") && page.body.contains("This request arrived as it should."));
    browser.extra.push(("x-forwarded-for", "203.0.113.7".into()));
    assert!(browser.get("/admin/status").body.contains("STARTLINK_TRUSTED_PROXIES"));
}

#[test]
fn the_audit_lists_what_was_done_and_by_whom() {
    let app = app();
    let mut browser = signed(&app, Role::Operator);
    browser.post("/admin/accounts/new", &[("username", "anna")]);
    let page = browser.get("/admin/audit");
    assert!(page.body.contains("account.create") && page.body.contains("the-operator"));
    assert_eq!(signed(&app, Role::Viewer).get("/admin/audit").status, 403);
}

#[test]
fn the_token_asks_for_a_fresh_proof() {
    let app = app();
    let mut browser = signed(&app, Role::Owner);
    let page = browser.get("/admin/settings/bot");
    assert!(page.status == 200 && page.body.contains("@post_bot"));
    let asked = browser.get("/admin/settings/bot/token");
    assert_eq!(asked.status, 303);
    assert!(asked.location().starts_with("/admin/confirm?to="));
    for path in ["token", "replace", "forget", "accept", "webhook"] {
        assert_eq!(browser.post(&format!("/admin/settings/bot/{path}"), &[]).status, 401, "{path}");
    }
}

#[test]
fn looking_changes_nothing() {
    let app = app();
    let id = account(&app, "anna");
    claim(&app, id, 11, "Anna");
    super::broadcasts::draft_with_photo(&app);
    let caller = Caller { actor: Actor::Operator, role: Role::Owner };
    let (said, _) = act(&app, move |tx| send(tx, &caller, To::Account(id), Body::plain("Hi"), SendOptions::default()));
    let (said, url) = (said.to_string(), "https://shop.example/hooks".to_owned());
    let endpoint = NewEndpoint { url, ..NewEndpoint::default() };
    let allow = app.state.config().webhook_allow.value.clone();
    act(&app, move |tx| webhooks::create(tx, &caller, &allow, &endpoint).map(drop));
    let mut browser = signed(&app, Role::Owner);
    let before = app.store.changes().value();
    let looks = |row: &&startlink::web::Row| row.method == Method::Get && matches!(row.access, Access::SignedIn(_));
    for row in app.state.rows().iter().filter(looks) {
        let names = [(":id", "1"), (":chat", "11"), (":message", &said), (":language", "en"), (":key", "help")];
        let path = names.iter().fold(row.path.to_owned(), |path, (name, value)| path.replace(name, value));
        let reply = browser.get(&path);
        let status = match path.rsplit('/').next() {
            // A draft has nothing to cancel: there one is led back.
            Some("cancel") => 303,
            // This message carries none.
            Some("file") => 404,
            Some(_) | None => 200,
        };
        assert_eq!(reply.status, status, "{path}");
        assert!(!reply.body.contains("style=\"") && !reply.body.contains(" onclick="), "{path}");
    }
    assert_eq!(app.store.changes().value(), before);
}
