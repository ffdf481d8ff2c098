//! The main job, end to end: an account is linked to a Telegram chat, gets a message and answers.

use super::newcomer::{ACCOUNT, Newcomer, Person};
use super::{forms, setup};
use crate::support::chromium::{Screen, Script};

#[test]
fn a_newcomer_connects_an_account_on_a_desktop_screen() {
    travel("desktop", Screen::Desktop, Script::On).finish();
}

#[test]
fn a_newcomer_connects_an_account_on_a_phone_screen() {
    travel("phone", Screen::Phone, Script::On).finish();
}

#[test]
fn every_form_works_without_script() {
    let mut newcomer = travel("no-script", Screen::Desktop, Script::Off);
    forms::try_the_others(&mut newcomer);
    newcomer.finish();
}

fn travel(name: &str, screen: Screen, script: Script) -> Newcomer {
    let mut newcomer = Newcomer::start(name, screen, script);
    setup::go_through(&mut newcomer);
    create_account(&newcomer);
    connect(&newcomer);
    talk(&newcomer, script);
    disconnect_on_the_phone(&newcomer);
    connect_again(&newcomer);
    disconnect_as_admin(&newcomer);
    look_around(&newcomer);
    newcomer
}

fn create_account(newcomer: &Newcomer) {
    let browser = newcomer.at_admin();
    browser.press("Accounts");
    newcomer.look("accounts-empty");
    browser.press("New account");
    browser.fill("[name=username]", ACCOUNT);
    browser.fill("[name=name]", "Anna Schmidt");
    browser.fill("[name=tags]", "beta, team:north");
    newcomer.look("account-new");
    browser.press("Create account");
    browser.see(ACCOUNT);
    browser.see("No chat is connected yet");
    newcomer.look("account-made");
}

/// Makes a link on the account's page; the address that its QR code says.
fn make_link(newcomer: &Newcomer) -> String {
    let browser = newcomer.at_admin();
    browser.press("Make a link");
    let link = browser.attribute("a.button.primary.large", "href");
    assert!(link.starts_with(&newcomer.phones), "{link}");
    assert_eq!(browser.scan("svg.qr"), link);
    link
}

fn connect(newcomer: &Newcomer) {
    let browser = newcomer.at_admin();
    let link = make_link(newcomer);
    newcomer.look("account-link");
    let page = browser.open_tab(&browser.attribute("#link-page", "value"));
    assert_eq!(browser.scan("svg.qr"), link);
    newcomer.look("link-open");
    newcomer.press_start(Person::Noor, &link);
    newcomer.hears(Person::Noor, &format!("Hello {ACCOUNT}, how are you?"));
    newcomer.look("phone-connected");
    browser.switch(&page);
    browser.see_live("Connected");
    browser.see("now gets the messages of");
    newcomer.look("link-connected");
    newcomer.at_admin().see_live(Person::Noor.name());
    newcomer.look("account-connected");
    browser.press("Accounts");
    browser.wait_for("table", "linked");
    newcomer.look("accounts");
    browser.press(ACCOUNT);
}

fn talk(newcomer: &Newcomer, script: Script) {
    let browser = newcomer.at_admin();
    browser.fill("[name=text]", "Your parcel arrives today, how do you do?");
    browser.press("Send");
    newcomer.hears(Person::Noor, "Your parcel arrives today");
    if script == Script::On {
        press_and_hold(newcomer, "Very well");
    }
    newcomer.write(Person::Noor, "Very well, thank you!");
    newcomer.look("phone-talk");
    if script == Script::On {
        release(newcomer, "Very well");
    }
    newcomer.at_admin().see_live("Very well, thank you!");
    browser.see_live("sent");
    newcomer.look("account-talk");
}

/// A finger on what keeps itself up to date, and a stream of our own that tells when news with these words came.
fn press_and_hold(newcomer: &Newcomer, words: &str) {
    newcomer.at_admin().evaluate(&format!(
        "window.held = document.querySelector('[data-part=talk] *');
         held.dispatchEvent(new PointerEvent('pointerdown', {{ bubbles: true }}));
         const stream = new EventSource(held.closest('[data-live]').dataset.live);
         stream.addEventListener('html', (event) => {{
           if (event.data.includes('{words}')) {{ window.told = true; stream.close(); }}
         }});"
    ));
}

/// Nothing was replaced under the finger; once it is lifted, the news is shown.
fn release(newcomer: &Newcomer, words: &str) {
    let browser = newcomer.at_admin();
    browser.await_that("news", "return window.told;");
    let shown = format!("return [held.isConnected, document.body.textContent.includes('{words}')];");
    assert_eq!(browser.evaluate(&shown), serde_json::json!([true, false]));
    browser.evaluate("held.dispatchEvent(new PointerEvent('pointerup', { bubbles: true }));");
}

fn disconnect_on_the_phone(newcomer: &Newcomer) {
    newcomer.write(Person::Noor, "/stop");
    newcomer.hears(Person::Noor, "Disconnected.");
    newcomer.at_admin().see_live("No chat is connected yet");
    newcomer.look("account-left");
}

fn connect_again(newcomer: &Newcomer) {
    let link = make_link(newcomer);
    newcomer.press_start(Person::Noor, &link);
    newcomer.at_admin().see_live("reachable");
}

fn disconnect_as_admin(newcomer: &Newcomer) {
    let browser = newcomer.at_admin();
    browser.press("Disconnect");
    newcomer.look("chat-disconnect");
    browser.press("Disconnect");
    browser.see("is disconnected");
    browser.see("No chat is connected yet");
    newcomer.hears(Person::Noor, "This chat was disconnected from");
    newcomer.at_admin();
}

/// Every other page of the admin.
fn look_around(newcomer: &Newcomer) {
    let browser = newcomer.at_admin();
    let account = browser.path();
    for (path, title) in [
        ("", "Overview"),
        ("/links", "Links"),
        ("/status", "Status"),
        ("/settings", "Settings"),
        ("/security", "Security"),
    ] {
        browser.go(&format!("/admin{path}"));
        browser.wait_for("h1", title);
        newcomer.look(&title.to_lowercase());
    }
    browser.go(&account);
}
