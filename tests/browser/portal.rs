//! The portal, end to end: an admin invites, and the person of the account connects a chat, protects their sign-in, disconnects
//! and deletes their data. Admin and person sit at the same browser: their sessions do not meet.

use std::time::Duration;

use startlink::clock::Clock;

use super::newcomer::{ACCOUNT, Newcomer, Person};
use super::setup;
use crate::support::browser::code_at;
use crate::support::chromium::{Chromium, Screen, Script, Tab};

const OWN: &str = "seven lanterns by the quay";

#[test]
fn a_person_looks_after_their_chats_on_a_desktop_screen() {
    travel("portal-desktop", Screen::Desktop, Script::On);
}

#[test]
fn a_person_looks_after_their_chats_on_a_phone_screen() {
    travel("portal-phone", Screen::Phone, Script::On);
}

#[test]
fn a_person_looks_after_their_chats_without_script() {
    travel("portal-no-script", Screen::Desktop, Script::Off);
}

fn travel(name: &str, screen: Screen, script: Script) {
    let mut newcomer = Newcomer::start(name, screen, script);
    setup::go_through(&mut newcomer);
    let invitation = invite(&newcomer);
    let tab = newcomer.browser.open_tab(&invitation);
    let visit = Visit { newcomer: &newcomer, tab };
    visit.take_up();
    visit.connect();
    visit.talk();
    let secret = visit.add_factor();
    visit.sign_out_and_in(&secret);
    visit.mute();
    visit.disconnect();
    // The page of an account that goes would ask in vain for news.
    newcomer.at_admin().go("/admin/accounts");
    newcomer.browser.see(ACCOUNT);
    visit.delete();
    newcomer.at_admin().reload();
    newcomer.browser.wait_for("h1", "Accounts");
    assert!(!newcomer.browser.text("body").contains(ACCOUNT));
    newcomer.finish();
}

fn invite(newcomer: &Newcomer) -> String {
    let browser = newcomer.at_admin();
    browser.go("/admin/accounts/new");
    browser.fill("[name=username]", ACCOUNT);
    browser.press("Create account");
    browser.see("cannot sign in to the portal yet");
    newcomer.look("portal-admin");
    browser.press("Make an invitation link");
    let invitation = browser.attribute("#invitation", "value");
    newcomer.look("portal-invitation");
    browser.press("I have copied it");
    browser.see("An invitation is open until");
    invitation
}

/// The person at their tab.
struct Visit<'a> {
    newcomer: &'a Newcomer,
    tab: Tab,
}

impl Visit<'_> {
    fn here(&self) -> &Chromium {
        self.newcomer.browser.switch(&self.tab);
        &self.newcomer.browser
    }

    fn look(&self, name: &str) {
        self.here();
        self.newcomer.look(name);
    }

    /// Shows a mistake first: the form comes back filled in.
    fn take_up(&self) {
        let browser = self.here();
        self.look("portal-welcome");
        browser.fill("[name=password]", OWN);
        browser.fill("[name=repeat]", "seven lanterns by the sea");
        browser.press("Choose this password");
        browser.see("The two passwords differ.");
        self.newcomer.refused(422);
        self.look("portal-welcome-mistake");
        browser.fill("[name=password]", OWN);
        browser.fill("[name=repeat]", OWN);
        browser.press("Choose this password");
        browser.see("No chat is connected yet");
        assert_eq!(browser.path(), "/me");
        self.look("portal-new");
    }

    fn connect(&self) {
        let browser = self.here();
        browser.press("Make a link");
        let link = browser.attribute("a.button.primary.large", "href");
        assert_eq!(browser.scan("svg.qr"), link);
        self.look("portal-link");
        self.newcomer.press_start(Person::Noor, &link);
        self.newcomer.hears(Person::Noor, &format!("Hello {ACCOUNT}, how are you?"));
        self.here().see_live("now gets the messages of");
        browser.see(Person::Noor.name());
        self.look("portal-connected");
    }

    fn talk(&self) {
        let browser = self.newcomer.at_admin();
        browser.reload();
        browser.fill("[name=text]", "Your parcel arrives today.");
        browser.press("Send");
        self.newcomer.hears(Person::Noor, "Your parcel arrives today.");
        self.newcomer.write(Person::Noor, "Thank you, I am at home.");
        self.here().see_live("Thank you, I am at home.");
        self.here().see_live("Your parcel arrives today.");
        self.look("portal-talk");
    }

    fn add_factor(&self) -> Vec<u8> {
        let browser = self.here();
        browser.press("Security");
        browser.wait_for("h1", "Security");
        self.look("portal-security");
        browser.press("Add a second factor");
        let key = browser.scan("svg.qr");
        assert_eq!(browser.attribute("#totp-url", "value"), key);
        let secret = secret_of(&key);
        self.look("portal-factor");
        browser.fill("[name=code]", &code_at(&secret, Clock::system().now()));
        browser.fill("[name=current]", OWN);
        browser.press("Add second factor");
        browser.see("Recovery codes");
        self.look("portal-recovery");
        browser.press("go on");
        browser.see("recovery codes are left");
        self.look("portal-security-factor");
        secret
    }

    fn sign_out_and_in(&self, secret: &[u8]) {
        let browser = self.here();
        browser.press("Sign out");
        browser.see("You are signed out.");
        self.look("portal-sign-in");
        browser.fill("[name=name]", ACCOUNT);
        browser.fill("[name=password]", "not my own password");
        browser.press("Sign in");
        browser.see("Name or password is wrong.");
        self.newcomer.refused(401);
        self.look("portal-sign-in-mistake");
        browser.fill("[name=password]", OWN);
        browser.press("Sign in");
        browser.see("Second factor");
        self.look("portal-code");
        // The one before was used up with the enrolment; authenticators run ahead a little.
        browser.fill("[name=code]", &code_at(secret, Clock::system().now().plus(Duration::from_secs(30))));
        browser.press("Sign in");
        browser.see("Your chats");
    }

    fn mute(&self) {
        let browser = self.here();
        browser.press("Mute");
        browser.see("is muted");
        self.look("portal-muted");
        browser.press("Unmute");
        browser.see("gets all news again");
    }

    fn disconnect(&self) {
        let browser = self.here();
        browser.press("Disconnect");
        self.look("portal-disconnect");
        browser.press("Disconnect");
        browser.see("is disconnected");
        browser.see("No chat is connected yet");
    }

    fn delete(&self) {
        let browser = self.here();
        browser.press("delete your data");
        browser.see("This cannot be undone");
        browser.fill("[name=current]", "not my own password");
        browser.press("Delete my data");
        self.newcomer.refused(401);
        self.look("portal-delete");
        browser.fill("[name=current]", OWN);
        browser.press("Delete my data");
        browser.see("Your data is deleted");
        self.look("portal-goodbye");
        browser.go("/me");
        assert_eq!(browser.path(), "/me/sign-in");
    }
}

/// The secret in a key for an authenticator.
fn secret_of(key: &str) -> Vec<u8> {
    let url = url::Url::parse(key).unwrap();
    let secret = url.query_pairs().find(|(name, _)| name == "secret").unwrap().1.into_owned();
    totp_rs::Secret::try_from_base32(secret).unwrap().as_bytes().to_vec()
}
