//! A team that has a bot already: looks at lists with mistakes in them, brings the right ones in, sees a printed card and a chat of
//! before work, and takes everything out again.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::newcomer::{ACCOUNT, Newcomer, Person};
use super::setup;
use crate::support::chromium::{Screen, Script};

#[test]
fn a_team_moves_in_on_a_desktop_screen() {
    travel("moving", Screen::Desktop, Script::On);
}

#[test]
fn a_team_moves_in_on_a_phone_screen() {
    travel("moving-small", Screen::Phone, Script::On);
}

#[test]
fn a_team_moves_in_without_script() {
    travel("moving-no-script", Screen::Desktop, Script::Off);
}

fn travel(name: &str, screen: Screen, script: Script) {
    let mut newcomer = Newcomer::start(name, screen, script);
    setup::go_through(&mut newcomer);
    let folder = Folder::new(name);
    find_the_page(&newcomer, screen);
    bring_mistakes(&newcomer, &folder);
    bring_the_right_ones(&newcomer, &folder);
    see_the_accounts(&newcomer);
    use_the_card(&newcomer);
    write_to_the_chat(&newcomer);
    bring_them_again(&newcomer, &folder);
    take_everything_out(&newcomer);
    newcomer.finish();
}

/// What stands on a printed card.
const CARD: &str = "CARD-0042";
/// The account of a chat that the bot of before knew; its name has a comma in it.
const KNOWN: &str = "ada.lindqvist";

const ACCOUNTS: &str = "username,name,tags\n\
    anna.schmidt@example.org,Anna Schmidt,beta team:north\n\
    ada.lindqvist,\"Lindqvist, Ada\",vip\n";

/// A folder with lists, removed when this is dropped.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _gone = std::fs::remove_dir_all(&self.0);
    }
}

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("startlink-lists-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// Writes lists and chooses each in its field.
    fn choose(&self, newcomer: &Newcomer, lists: &[(&str, &str)]) {
        for (list, text) in lists {
            let file = self.0.join(format!("{list}.csv"));
            std::fs::write(&file, text).unwrap();
            newcomer.browser.choose(&format!("[name={list}]"), &file);
        }
    }

    fn choose_the_right_ones(&self, newcomer: &Newcomer) {
        let codes = format!("code,username\n{CARD},{ACCOUNT}\nCARD-0043,cleo\n");
        let chats = format!("chat_id,username\n{},{KNOWN}\n", Person::Ada.id());
        self.choose(newcomer, &[("accounts", ACCOUNTS), ("codes", &codes), ("chats", &chats)]);
    }
}

fn find_the_page(newcomer: &Newcomer, screen: Screen) {
    let browser = newcomer.at_admin();
    if screen == Screen::Phone {
        browser.press("More");
    }
    browser.press("Settings");
    browser.press("Move in and out");
    browser.wait_for("h1", "Move in and out");
    newcomer.look("page");
    browser.press("Look at what would happen");
    newcomer.refused(422);
    browser.wait_for(".field.bad", "Choose at least one list.");
    newcomer.look("none");
}

/// The report names each wrong line, and nothing can be carried out.
fn bring_mistakes(newcomer: &Newcomer, folder: &Folder) {
    let browser = newcomer.at_admin();
    let twice = format!("{ACCOUNTS}{KNOWN},Ada,\n");
    let codes = format!("code,username\n{CARD},{ACCOUNT}\n0042,ben\n");
    let chats = format!("chat_id,username\n-1001234567890,{KNOWN}\n");
    folder.choose(newcomer, &[("accounts", &twice), ("codes", &codes), ("chats", &chats)]);
    browser.press("Look at what would happen");
    newcomer.refused(422);
    browser.see("3 lines are wrong, so nothing was changed.");
    for (line, sentence) in [
        ("Accounts, line 4", "This account stands on line 3 already."),
        ("Codes, line 3", "This code can be found by trying."),
        ("Chats, line 2", "This is a group or a channel"),
    ] {
        let row = format!("//tr[contains(., '{line}')][contains(., '{sentence}')]");
        browser.await_that(line, &format!("return document.evaluate(\"{row}\", document).iterateNext() !== null;"));
    }
    assert_eq!(browser.evaluate("return document.querySelectorAll('main [type=submit]').length;"), 0);
    newcomer.look("mistakes");
    browser.press("Choose other lists");
}

fn bring_the_right_ones(newcomer: &Newcomer, folder: &Folder) {
    let browser = newcomer.at_admin();
    folder.choose_the_right_ones(newcomer);
    newcomer.look("chosen");
    browser.press("Look at what would happen");
    browser.see("Nothing is changed yet: below is what would happen. The lists wait here for 10 min.");
    browser.see("The code is easier to guess than it should be");
    newcomer.look("report");
    browser.press("Import 5 lines");
    browser.see("5 lines are carried out.");
    newcomer.look("done");
}

fn see_the_accounts(newcomer: &Newcomer) {
    let browser = newcomer.at_admin();
    browser.press("Accounts");
    for words in [ACCOUNT, "Anna Schmidt", "team:north", KNOWN, "Lindqvist, Ada", "vip", "cleo"] {
        browser.wait_for("table", words);
    }
    newcomer.look("accounts");
    browser.press(ACCOUNT);
    browser.see("No chat is connected yet");
    newcomer.look("account");
}

/// Somebody opens the link of a card, as a QR code on it would say it.
fn use_the_card(newcomer: &Newcomer) {
    newcomer.press_start(Person::Noor, &format!("{}/startlink_sandbox_bot?start={CARD}", newcomer.phones));
    newcomer.hears(Person::Noor, &format!("Hello {ACCOUNT}, how are you?"));
    newcomer.look("phone");
    newcomer.at_admin().see_live(Person::Noor.name());
    newcomer.look("connected");
}

/// Nobody pressed anything here, and yet it is reached.
fn write_to_the_chat(newcomer: &Newcomer) {
    let browser = newcomer.at_admin();
    browser.press("Accounts");
    browser.press(KNOWN);
    browser.fill("[name=text]", "We have moved, and so has your chat.");
    browser.press("Send");
    newcomer.hears(Person::Ada, "We have moved, and so has your chat.");
    newcomer.at_admin().see_live("sent");
}

fn bring_them_again(newcomer: &Newcomer, folder: &Folder) {
    let browser = newcomer.at_admin();
    browser.go("/admin/settings/import");
    folder.choose_the_right_ones(newcomer);
    browser.press("Look at what would happen");
    browser.see("there is nothing to do");
    browser.see("This code was used; it stays so.");
    newcomer.look("again");
    browser.press("Move in and out");
}

fn take_everything_out(newcomer: &Newcomer) {
    let browser = newcomer.at_admin();
    browser.press("Download everything");
    let everything = browser.downloaded("startlink.jsonl");
    newcomer.look("export");
    let lines: Vec<Value> = everything.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["type"], &lines[lines.len() - 1]["type"]), (&json!("header"), &json!("end")));
    let of = |kind: &str, username: &str| {
        lines.iter().find(|line| line["type"] == kind && line["username"] == username).cloned().unwrap_or_default()
    };
    assert_eq!(of("account", ACCOUNT)["tags"], json!(["beta", "team:north"]));
    assert_eq!(of("account", KNOWN)["name"], "Lindqvist, Ada");
    assert_eq!(of("chat", ACCOUNT)["chat_id"], Person::Noor.id());
    assert_eq!(of("chat", KNOWN)["chat_id"], Person::Ada.id());
    assert_eq!(of("link", ACCOUNT)["state"], "used");
    assert!(!everything.contains(CARD) && !everything.contains("CARD-0043"), "codes stay here");
}
