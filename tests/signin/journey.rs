//! The set-up to its end: against the sandbox as Telegram, with bot and sender at work, until a message is on the phone.

use std::net::SocketAddr;
use std::time::Duration;

use startlink::actions::setup;
use startlink::clock::Clock;
use startlink::outbox::Outbox;
use startlink::rng::Rng;
use startlink::runtime::{Stop, block_on, spawn};
use startlink::sandbox::{ADA, Sandbox, SandboxOptions};
use startlink::telegram::Connector;
use startlink::wire::EngineOptions;

use crate::support::app::{PASSWORD, Setting, TestApp};
use crate::support::browser::{Browser, Reply, code_at};

const LOCAL: &str = "http://127.0.0.1:8080";

struct Bench {
    sandbox: Sandbox,
    app: TestApp,
    stop: Stop,
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.stop.raise();
    }
}

impl Bench {
    fn new() -> Self {
        let (stop, clock, rng) = (Stop::new(), Clock::system(), Rng::seeded(3));
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let options = SandboxOptions { listen, clock: clock.clone(), rng: rng.clone() };
        let sandbox = block_on(Sandbox::start(options, stop.clone())).unwrap();
        let environment = [("STARTLINK_TELEGRAM_API_URL", sandbox.url())];
        let environment: Vec<(&str, &str)> = environment.iter().map(|(name, url)| (*name, url.as_str())).collect();
        let app =
            TestApp::with(&Setting { environment: &environment, clock: Some(clock.clone()), ..Setting::default() });
        let (bot, stopped) = (app.state.bot().clone(), stop.clone());
        drop(spawn(async move { bot.run(&stopped).await }));
        let connector = Connector::new(&sandbox.url(), EngineOptions::default()).unwrap();
        let outbox = Outbox::new(app.store.clone(), app.state.config(), connector, clock, rng);
        let stopped = stop.clone();
        drop(spawn(async move { outbox.run(stopped).await }));
        Self { sandbox, app, stop }
    }

    /// The steps before the bot's.
    fn browser(&self) -> Browser<'_> {
        let token = block_on(self.app.store.write(setup::new_ticket)).unwrap();
        let mut browser = self.app.local_browser();
        browser.post("/setup", &[("token", token.expose()), ("base_url", LOCAL)]);
        browser.post("/setup/password", &[("name", "Ada"), ("password", PASSWORD), ("repeat", PASSWORD)]);
        let code = code_at(&browser.get("/setup/second-factor").secret(), self.app.clock.now());
        assert_eq!(browser.post("/setup/second-factor", &[("code", &code)]).status, 200);
        browser
    }

    /// Looks at a page after each change until it says `words`.
    fn wait_for(&self, browser: &mut Browser, path: &str, words: &str) -> Reply {
        let changes = self.app.store.changes();
        for _ in 0..200 {
            let seen = changes.value();
            let reply = browser.get(path);
            if reply.body.contains(words) {
                return reply;
            }
            let _ = changes.wait_blocking(seen, Duration::from_millis(500));
        }
        panic!("{path} never said {words:?}: {}", browser.get(path).body);
    }
}

#[test]
fn the_set_up_ends_with_a_message_on_the_phone() {
    let bench = Bench::new();
    let mut browser = bench.browser();
    let page = browser.get("/setup/bot");
    assert!(page.body.contains("Step 4 of 5") && page.body.contains("@BotFather"));
    let nonsense = browser.post("/setup/bot", &[("bot_token", "there is none in here")]);
    assert_eq!(nonsense.status, 422);
    let stranger = format!("Done! Use this token: 4242:{}", "A".repeat(35));
    let refused = browser.post("/setup/bot", &[("bot_token", &stranger)]);
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("Telegram does not know this token"), "{}", refused.body);
    assert!(!refused.body.contains("4242:AAA"), "a token is never shown again");
    let paste =
        format!("Done! Use this token to access the HTTP API:\n{}\nKeep it safe.", bench.sandbox.token().expose());
    let named = [("bot_token", paste.as_str()), ("site_name", "Example Shop")];
    assert_eq!(browser.post("/setup/bot", &named).location(), "/setup/chat");
    assert!(browser.get("/setup/bot").body.contains("value=\"Example Shop\""));
    let page = browser.get("/setup/chat");
    for way in ["<svg class=\"qr\"", "https://t.me/", "tg://resolve?", "value=\"/start "] {
        assert!(page.body.contains(way), "{way}: {}", page.body);
    }
    let code = page.between("value=\"/start ", "\"").unwrap();
    let phone = bench.sandbox.phone(ADA);
    phone.press_start(&code).unwrap();
    let done = bench.wait_for(&mut browser, "/setup/chat", "The bot has written to you");
    assert!(done.body.contains("You are connected") && done.body.contains("href=\"/admin\""));
    assert!(!phone.messages(0).is_empty());
    assert!(browser.get("/setup/bot").body.contains("Go on with this bot"));
    let page = browser.get("/admin/security");
    let path = page.between("action=\"/admin/security/chats/", "\"").unwrap();
    assert_eq!(browser.post("/admin/security/chats/1/disconnect", &[]).status, 404);
    assert_eq!(browser.post(&format!("/admin/security/chats/{path}"), &[]).status, 303);
    assert!(browser.get("/admin/security").body.contains("Connect my Telegram"));
}

#[test]
fn the_last_steps_live_part_turns_by_itself_and_ends() {
    let bench = Bench::new();
    let mut browser = bench.browser();
    browser.get("/setup/bot");
    browser.post("/setup/bot", &[("bot_token", bench.sandbox.token().expose())]);
    let page = browser.get("/setup/chat");
    assert!(page.body.contains("data-live=\"/setup/chat/live\""));
    let code = page.between("value=\"/start ", "\"").unwrap();
    assert_eq!(browser.get("/setup/chat/live?poll=1").header("x-live"), None);
    bench.sandbox.phone(ADA).press_start(&code).unwrap();
    let over = bench.wait_for(&mut browser, "/setup/chat/live?poll=1", "The bot has written to you");
    assert_eq!(over.header("x-live"), Some("done"));
    assert_eq!(bench.app.local_browser().get("/setup/chat/live?poll=1").status, 401);
}
