//! The short way, on small screens and without script: written with a question, looked at, started, answered, read in the report.

use super::super::newcomer::{ACCOUNT, Newcomer, Person};
use super::super::setup;
use super::crowd::Crowd;
use crate::support::chromium::{Screen, Script};

/// Few enough to start without typing their number.
const FEW: usize = 4;
/// The button that is an answer.
const ANSWER: &str = "Good to know";

/// From the empty list to the report.
pub fn travel(name: &str, screen: Screen, script: Script) {
    let mut newcomer = Newcomer::start(name, screen, script);
    setup::go_through(&mut newcomer);
    let crowd = Crowd::gather(&newcomer, FEW);
    write(&newcomer, script);
    send(&newcomer, &crowd);
    newcomer.finish();
}

fn write(newcomer: &Newcomer, script: Script) {
    let browser = newcomer.at_admin();
    browser.go("/admin/broadcasts");
    newcomer.look("none");
    browser.press("New broadcast");
    browser.fill("[name=text]", "<b>Half");
    browser.click("[name=format] [value=html]");
    browser.press("Continue");
    newcomer.refused(422);
    browser.see("line 1, column 1: <b> is never closed");
    newcomer.look("mistake");
    browser.fill("[name=text]", "<b>The shop is closed</b> on Monday, {name}.\nWe are back on Tuesday at nine.");
    browser.fill("[name=button_label_0]", "Opening hours");
    browser.fill("[name=button_target_0]", "https://shop.example.org/hours");
    browser.fill("[name=button_label_1]", ANSWER);
    browser.click("[name=button_kind_1] [value=answer]");
    browser.click("[name=answer_within] [value='86400']");
    if script == Script::Off {
        browser.press("Save and preview");
    }
    browser.wait_for("[data-part=bubble] b", "The shop is closed");
    browser.wait_for("[data-part=bubble]", "Opening hours");
    browser.wait_for("[data-part=bubble]", "answers count for 1 day");
    browser.wait_for("[data-part=reach]", &format!("{FEW} chats"));
    newcomer.look("written");
    browser.press("Continue");
}

fn send(newcomer: &Newcomer, crowd: &Crowd) {
    let browser = newcomer.at_admin();
    browser.wait_for(".ledger", &format!("of {FEW} accounts"));
    newcomer.look("confirm");
    browser.press("Start the broadcast");
    browser.see("It has started.");
    browser.see_live("It is done.");
    newcomer.look("done");
    let mut arrived = crowd.phones.arrivals("The shop is closed");
    arrived.sort_unstable();
    assert_eq!(arrived, crowd.people.keys().copied().collect::<Vec<_>>());
    browser.see(&format!("0 answers from {FEW} accounts that got it"));
    newcomer.hears(Person::Noor, "on Monday, Noor Haddad.");
    newcomer.at_phone(Person::Noor).press(ANSWER);
    newcomer.hears(Person::Noor, &format!("\u{2713} {ANSWER}"));
    newcomer.at_admin();
    browser.see_live(&format!("1 answer from {FEW} accounts that got it"));
    newcomer.look("answered");
    browser.press("The report: what became of each of the");
    browser.wait_for("table", ACCOUNT);
    browser.wait_for("table", &format!("answered: {ANSWER}"));
    newcomer.look("report");
    browser.press("Broadcasts");
    browser.wait_for("table", "The shop is closed on Monday");
    newcomer.look("list");
    browser.go("/admin");
    newcomer.look("overview");
}
