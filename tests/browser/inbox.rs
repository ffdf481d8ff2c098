//! The inbox in a browser: words arrive live, are read by being looked at, answered with a quote, given away, closed, and open
//! again by themselves.

use super::newcomer::{ACCOUNT, ADMIN, Newcomer, Person};
use super::setup;
use crate::support::chromium::{Screen, Script};

#[test]
fn a_team_answers_what_people_write_on_a_desktop_screen() {
    travel("inbox-desktop", Screen::Desktop, Script::On);
}

#[test]
fn a_team_answers_what_people_write_on_a_phone_screen() {
    travel("inbox-phone", Screen::Phone, Script::On);
}

#[test]
fn a_team_answers_what_people_write_without_script() {
    travel("inbox-no-script", Screen::Desktop, Script::Off);
}

fn travel(name: &str, screen: Screen, script: Script) {
    let mut newcomer = Newcomer::start(name, screen, script);
    setup::go_through(&mut newcomer);
    connect(&newcomer);
    hear(&newcomer, script);
    answer(&newcomer);
    give_and_close(&newcomer);
    opens_again(&newcomer);
    newcomer.finish();
}

fn connect(newcomer: &Newcomer) {
    let browser = newcomer.at_admin();
    browser.go("/admin/accounts/new");
    browser.fill("[name=username]", ACCOUNT);
    browser.press("Create account");
    browser.press("Make a link");
    let link = browser.attribute("a.button.primary.large", "href");
    newcomer.press_start(Person::Noor, &link);
    newcomer.hears(Person::Noor, &format!("Hello {ACCOUNT}, how are you?"));
    newcomer.at_admin().go("/admin/inbox");
    browser.see("Nobody wrote");
    newcomer.look("inbox-empty");
}

fn hear(newcomer: &Newcomer, script: Script) {
    newcomer.write(Person::Noor, "Where is my parcel?");
    let browser = newcomer.at_admin();
    browser.see_live("Where is my parcel?");
    browser.wait_for("table", "unread");
    newcomer.look("inbox");
    browser.press(ACCOUNT);
    browser.see("In answer to");
    if script == Script::On {
        // Being looked at is enough, and the page says so by itself.
        browser.wait_for(".care", "read");
        browser.await_that("read", "return !document.querySelector('[data-at-sight]');");
    } else {
        browser.press("Mark as read");
        browser.see("In answer to");
    }
    newcomer.look("inbox-talk");
}

fn answer(newcomer: &Newcomer) {
    let browser = newcomer.at_admin();
    browser.fill("[name=text]", "It arrives tomorrow.");
    browser.press("Send");
    browser.see("On its way");
    newcomer.hears(Person::Noor, "It arrives tomorrow.");
    let quote = newcomer.at_phone(Person::Noor).text("[data-testid=messages] .from-bot .quote");
    assert!(quote.contains("Where is my parcel?"), "{quote}");
    newcomer.look("inbox-answered");
}

fn give_and_close(newcomer: &Newcomer) {
    let browser = newcomer.at_admin();
    browser.evaluate("const select = document.getElementById('assigned'); select.value = select.options[1].value;");
    browser.press("Give");
    browser.see("is with you");
    browser.go("/admin/inbox?list=mine");
    browser.wait_for("table", ADMIN);
    newcomer.look("inbox-mine");
    browser.press(ACCOUNT);
    browser.press("Close");
    browser.see("is closed");
    browser.see("Nobody wrote");
    browser.go("/admin/inbox?list=closed");
    browser.wait_for("table", ACCOUNT);
}

fn opens_again(newcomer: &Newcomer) {
    newcomer.at_admin().go("/admin/inbox");
    newcomer.write(Person::Noor, "Thank you very much!");
    let browser = newcomer.at_admin();
    browser.see_live("Thank you very much!");
    browser.wait_for("table", "unread");
}
