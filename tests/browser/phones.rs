//! The sandbox's phones by themselves, with a bot that is played by the test.

use std::net::SocketAddr;

use serde_json::{Value, json};
use startlink::clock::Clock;
use startlink::rng::Rng;
use startlink::runtime::{Stop, block_on};
use startlink::sandbox::{ADA, Sandbox, SandboxOptions};
use startlink::wire::{Engine, EngineOptions};

use crate::support::chromium::{Chromium, Scheme, Screen, Script};

fn sandbox(stop: &Stop) -> Sandbox {
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let options = SandboxOptions { listen, clock: Clock::system(), rng: Rng::seeded(7) };
    block_on(Sandbox::start(options, stop.clone())).unwrap()
}

fn say(sandbox: &Sandbox, params: &Value) {
    let url = format!("{}/bot{}/sendMessage", sandbox.url(), sandbox.token().expose());
    let client = Engine::new(EngineOptions::default()).unwrap().client();
    let answer: Value = block_on(async { client.post(url).body_json(params).unwrap().recv_json().await }).unwrap();
    assert_eq!(answer["ok"], true, "{answer}");
}

fn talk(name: &str, screen: Screen, script: Script) {
    let stop = Stop::new();
    let (sandbox, browser) = (sandbox(&stop), Chromium::start(name, screen, script));
    browser.open(&sandbox.deep_link("abc"));
    browser.click(&format!("[data-person=\"{ADA}\"]"));
    browser.picture("1-start");
    browser.assert_in_order();
    browser.press("START");
    browser.wait_for("[data-author=person]", "/start");
    let keyboard = json!({ "inline_keyboard": [[{ "text": "Move here", "callback_data": "m" }, { "text": "Keep", "callback_data": "k" }]] });
    let text = "<b>Hello</b> ada, how are you? <a href=\"https://example.org\">Visit</a> /stop <code>code</code>";
    say(&sandbox, &json!({ "chat_id": ADA, "text": text, "parse_mode": "HTML", "reply_markup": keyboard }));
    browser.see_live("how are you?");
    browser.assert_in_order();
    browser.fill("[data-testid=text]", "Fine, thank you");
    browser.click("[data-testid=send]");
    browser.see("Fine, thank you");
    browser.picture("2-chat");
    browser.prefer(Scheme::Dark);
    browser.picture("3-dark");
    for path in ["/", "/authenticator", "/faults", "/journal"] {
        browser.open(&format!("{}{path}", sandbox.url()));
        browser.assert_in_order();
        browser.picture(&format!("4-{}", path.trim_start_matches('/')));
    }
    browser.open(&format!("{}/authenticator", sandbox.url()));
    browser.fill("[name=secret]", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP");
    browser.press("Add");
    assert_eq!(browser.attribute("[data-testid=totp-code]", "data-code").len(), 6);
    browser.picture("5-code");
    browser.assert_in_order();
    stop.raise();
}

#[test]
fn phones_work_on_a_desktop_screen() {
    talk("phones-desktop", Screen::Desktop, Script::On);
}

#[test]
fn phones_work_on_a_phone_screen_without_script() {
    talk("phones-small", Screen::Phone, Script::Off);
}
