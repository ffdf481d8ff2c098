//! The bot's token: checked with Telegram before it is saved, and a question before another bot takes over.

use std::net::SocketAddr;
use std::time::Duration;

use startlink::clock::Clock;
use startlink::ids::UserId;
use startlink::rng::Rng;
use startlink::runtime::{Stop, block_on};
use startlink::sandbox::{Sandbox, SandboxOptions};
use startlink::store::meta;

use super::given::{app_in, proven};
use crate::support::app::{Setting, TestApp};

const TOKEN: &str = "/admin/settings/bot/token";
const REPLACE: &str = "/admin/settings/bot/replace";

/// Telegram, offline; it ends with the test.
struct Telegram {
    sandbox: Sandbox,
    stop: Stop,
}

impl Telegram {
    fn start() -> Self {
        let stop = Stop::new();
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let options = SandboxOptions { listen, clock: Clock::system(), rng: Rng::seeded(5) };
        Self { sandbox: block_on(Sandbox::start(options, stop.clone())).unwrap(), stop }
    }

    /// An app that belongs to another bot than this one.
    fn app(&self) -> TestApp {
        let url = self.sandbox.url();
        app_in(&Setting { environment: &[("STARTLINK_TELEGRAM_API_URL", &url)], ..Setting::default() })
    }

    /// What `BotFather` would say.
    fn reply(&self) -> String {
        format!("Done! Use this token to access the HTTP API:\n{}\nKeep it secure.", self.sandbox.token().expose())
    }
}

impl Drop for Telegram {
    fn drop(&mut self) {
        self.stop.raise();
    }
}

fn saved_token(app: &TestApp) -> Option<String> {
    app.store.read(meta::token).unwrap().map(|token| token.expose().to_owned())
}

#[test]
fn a_paste_without_a_token_and_a_token_telegram_refuses_are_not_saved() {
    let telegram = Telegram::start();
    let app = telegram.app();
    let mut browser = proven(&app);
    assert_eq!(browser.get(TOKEN).status, 200);
    for paste in ["", "hello", "123:short", "99:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw-_"] {
        let reply = browser.post(TOKEN, &[("bot_token", paste)]);
        assert_eq!(reply.status, 422, "{paste}");
        assert!(reply.body.contains("id=\"f-bot_token-error\""), "{paste}");
        assert!(!reply.body.contains("AAHdqTcv"), "a token is not shown again");
    }
    assert_eq!(saved_token(&app), None);
}

#[test]
fn another_bots_token_counts_after_a_question_and_is_not_shown_meanwhile() {
    let telegram = Telegram::start();
    let app = telegram.app();
    let mut browser = proven(&app);
    let asked = browser.post(TOKEN, &[("bot_token", &telegram.reply())]);
    assert_eq!(asked.status, 200);
    let name = telegram.sandbox.bot().username;
    assert!(asked.body.contains(&format!("Go on with @{name}")) && asked.body.contains("@post_bot"));
    assert!(!asked.body.contains(telegram.sandbox.token().expose()));
    assert_eq!(saved_token(&app), None, "asking saves nothing");
    let sealed = asked.between("name=\"sealed\" value=\"", "\"").unwrap();
    assert_eq!(browser.post(REPLACE, &[("sealed", "AAAA")]).status, 422);
    assert_eq!(browser.post(REPLACE, &[("sealed", &sealed)]).location(), "/admin/settings/bot");
    assert_eq!(saved_token(&app).as_deref(), Some(telegram.sandbox.token().expose()));
    let bot = app.store.read(meta::bot).unwrap().unwrap();
    assert_eq!(bot.username, name);
    assert_ne!(bot.id, UserId(7));
    let again = browser.post(TOKEN, &[("bot_token", &telegram.reply())]);
    assert_eq!(again.location(), "/admin/settings/bot", "the same bot is not asked about");
    assert_eq!(browser.post("/admin/settings/bot/forget", &[]).status, 303);
    assert_eq!(saved_token(&app), None);
}

#[test]
fn a_question_that_was_thought_about_too_long_is_asked_anew() {
    let telegram = Telegram::start();
    let app = telegram.app();
    let mut browser = proven(&app);
    let asked = browser.post(TOKEN, &[("bot_token", &telegram.reply())]);
    let sealed = asked.between("name=\"sealed\" value=\"", "\"").unwrap();
    app.advance(Duration::from_mins(9));
    let other = proven(&app).post(REPLACE, &[("sealed", &sealed)]).status;
    assert_eq!(other, 422, "another session cannot use it");
    app.advance(Duration::from_mins(1));
    assert_eq!(browser.post(REPLACE, &[("sealed", &sealed)]).status, 401, "the proof is over as well");
    assert_eq!(saved_token(&app), None);
}
