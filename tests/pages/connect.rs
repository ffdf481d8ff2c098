//! "Connect your website": a key and a secret are filled in for an owner who proved it; and where signed addresses lead.

use std::fmt::Write as _;
use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use startlink::actions::Caller;
use startlink::actions::connect::renew;
use startlink::actions::keys::admit;
use startlink::model::account::Username;
use startlink::model::admin::Role;
use startlink::model::api_key::KeySecret;
use startlink::model::event::Actor;
use startlink::model::link::{Code, LinkStatus};
use startlink::store::{accounts, links};

use super::given::{account, act, app, proven, signed};
use crate::support::app::TestApp;
use crate::support::browser::Reply;

const RETURN_URL: &str = "https://www.example.org/me";

/// What the website puts into its page.
fn address(app: &TestApp, secret: &str, username: &str, lives: Duration) -> String {
    let expires = app.clock.now().plus(lives).seconds().to_string();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("connect\n{username}\n{expires}\n{RETURN_URL}").as_bytes());
    let digest = mac.finalize().into_bytes().iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    });
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs([
        ("username", username),
        ("expires", &expires),
        ("return_url", RETURN_URL),
        ("signature", &digest),
    ]);
    format!("/connect?{}", query.finish())
}

fn secret(app: &TestApp) -> String {
    let owner = Caller { actor: Actor::Operator, role: Role::Owner };
    act(app, move |tx| Ok(renew(tx, &owner)?.expose().to_owned()))
}

/// The form of a page, as its button sends it.
fn form(page: &Reply) -> Vec<(&'static str, String)> {
    let names = ["username", "expires", "return_url", "signature"];
    names.map(|name| (name, page.between(&format!("name=\"{name}\" value=\""), "\"").unwrap())).to_vec()
}

fn pressed(app: &TestApp, page: &Reply) -> Reply {
    let fields = form(page);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    app.browser().post("/connect", &fields)
}

const HOUR: Duration = Duration::from_hours(1);

#[test]
fn the_programs_carry_the_address_and_on_request_a_new_key() {
    let app = app();
    let mut owner = proven(&app);
    let plain = owner.get("/admin/connect?lang=py").body;
    assert!(plain.contains("STARTLINK = &quot;https://links.example.org&quot;") && plain.contains("slk_your-key"));
    assert!(plain.contains("value=\"py\" checked"));
    let asked = owner.get("/admin/connect/key?lang=java").body;
    assert!(asked.contains("name=\"lang\" value=\"java\""));
    let made = owner.post("/admin/connect/key", &[("lang", "java")]).body;
    let text = made.split("KEY = &quot;").nth(1).unwrap().split("&quot;").next().unwrap();
    let holder = app.store.read(|read| admit(read, &KeySecret::parse(text).unwrap())).unwrap().unwrap();
    assert_eq!(
        (holder.key.name.as_str(), holder.key.scopes.to_string().as_str()),
        ("website", "accounts:read, links, messages")
    );
    assert!(made.contains("value=\"java\" checked") && !made.contains("slk_your-key"));
    assert!(!owner.get("/admin/connect").body.contains(text), "it is shown once");
    owner.post("/admin/connect/key", &[("lang", "sh")]);
    assert!(owner.get("/admin/settings/keys").body.contains("website 2"));
}

#[test]
fn only_an_owner_who_proved_it_gets_secrets() {
    let app = app();
    let mut operator = signed(&app, Role::Operator);
    let page = operator.get("/admin/connect").body;
    assert!(
        page.contains("slk_your-key") && !page.contains("Fill in a new key") && !page.contains("/admin/connect/secret")
    );
    let mut owner = signed(&app, Role::Owner);
    for path in ["/admin/connect/key", "/admin/connect/secret", "/admin/connect/secret/end"] {
        assert_eq!(operator.post(path, &[]).status, 403, "{path}");
        assert_eq!(owner.post(path, &[]).status, 401, "{path}");
        assert_eq!(owner.get(path).status, 303, "{path} leads to the proof");
    }
    assert_eq!(signed(&app, Role::Viewer).get("/admin/connect").status, 403);
}

#[test]
fn a_secret_is_made_replaced_and_ended() {
    let app = app();
    let mut owner = proven(&app);
    assert!(owner.get("/admin/connect").body.contains("This is switched off"));
    let made = owner.post("/admin/connect/secret", &[("lang", "mjs")]);
    let first = format!("scs_{}", made.between("value=\"scs_", "\"").unwrap());
    let path = address(&app, &first, "ada", HOUR);
    assert_eq!(app.browser().get(&path).status, 200);
    assert!(!owner.get("/admin/connect").body.contains(&first), "it is shown once");
    assert!(owner.get("/admin/connect/secret").body.contains("so that your website can change over"));
    owner.post("/admin/connect/secret", &[]);
    assert!(owner.get("/admin/connect").body.contains("Two secrets count"));
    assert_eq!(app.browser().get(&path).status, 200, "the one before still counts");
    assert_eq!(owner.post("/admin/connect/secret/end", &[]).status, 303);
    assert_eq!(app.browser().get(&path).status, 403);
}

#[test]
fn opening_an_address_changes_nothing_and_its_button_makes_one_link() {
    let app = app();
    let path = address(&app, &secret(&app), "zoë", HOUR);
    let before = app.store.changes().value();
    let page = app.browser().get(&path);
    assert!(page.body.contains("<strong dir=\"auto\">zoë</strong>"), "{}", page.body);
    assert_eq!((page.status, app.store.changes().value()), (200, before));
    let to = pressed(&app, &page).location().to_owned();
    let code = Code::parse(to.strip_prefix("/l/").unwrap()).unwrap();
    assert!(app.browser().get(&to).body.contains("Open Telegram"));
    let after = app.store.changes().value();
    assert_eq!(app.browser().get(&path).location(), to, "opened again, it leads to its link");
    assert_eq!(pressed(&app, &page).location(), to, "and so does the button");
    let (_, link) = app.store.read(|read| links::find(read, code.hash())).unwrap().unwrap();
    assert_eq!((link.status(app.clock.now()), app.store.changes().value()), (LinkStatus::Open, after));
}

#[test]
fn the_button_counts_on_a_page_of_ours_only() {
    let app = app();
    let page = app.browser().get(&address(&app, &secret(&app), "ada", HOUR));
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form(&page)).finish();
    let reply =
        app.browser().send(tide::http::Method::Post, "/connect", Some(body), &[("sec-fetch-site", "cross-site")]);
    assert_eq!(reply.status, 403);
    let none = app.store.read(|read| accounts::find(read, &Username::parse("ada").unwrap())).unwrap();
    assert!(none.is_none());
}

#[test]
fn what_is_wrong_with_an_address_is_said_in_words() {
    let app = app();
    account(&app, "ada");
    let secret = secret(&app);
    let good = address(&app, &secret, "ada", HOUR);
    let forged = good.replace("username=ada", "username=bob");
    let evil = good.replace("www.example.org", "evil.example");
    let far = address(&app, &secret, "ada", Duration::from_hours(48));
    for (path, status, words) in [
        (forged.as_str(), 403, "This address is not accepted"),
        (&evil, 403, "This address is not accepted"),
        (&address(&app, "scs_guess", "ada", HOUR), 403, "This address is not accepted"),
        ("/connect", 400, "This address is not complete"),
        (&good.replace("&signature", "&sig"), 400, "This address is not complete"),
        (&far, 400, "This address would count for too long"),
    ] {
        let reply = app.browser().get(path);
        assert_eq!(reply.status, status, "{path}");
        assert!(reply.body.contains(words) && !reply.body.contains("evil.example"), "{path}: {}", reply.body);
    }
    app.advance(HOUR);
    let expired = app.browser().get(&good);
    assert_eq!(expired.status, 410);
    assert!(expired.body.contains(&format!("href=\"{RETURN_URL}\"")), "signed, so it may lead back");
}

#[test]
fn a_network_that_guesses_has_to_wait() {
    let app = app();
    let secret = secret(&app);
    let good = address(&app, &secret, "ada", HOUR);
    for _ in 0..30 {
        assert_eq!(app.browser().get(&address(&app, "scs_guess", "ada", HOUR)).status, 403);
    }
    let guess = address(&app, "scs_guess", "ben", HOUR);
    let reply = app.browser().get(&guess);
    assert_eq!((reply.status, reply.header("retry-after")), (429, Some("60")));
    assert_eq!(
        app.browser().get(&good).status,
        200,
        "who has a right one does not pay for a stranger in the same network"
    );
    app.advance(Duration::from_mins(1));
    assert_eq!(app.browser().get(&guess).status, 403);
}
