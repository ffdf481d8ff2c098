//! The set-up, from the printed link to a message on the admin's own phone.

use super::newcomer::{ADMIN, Newcomer, PASSWORD, Person};

/// Goes through all steps.
pub fn go_through(newcomer: &mut Newcomer) {
    let link = newcomer.program.announced("Set up");
    newcomer.at_admin().open(&link);
    base_url(newcomer);
    password(newcomer);
    newcomer.recovery = second_factor(newcomer);
    bot(newcomer);
    own_chat(newcomer);
}

/// Shows a mistake first: the form comes back filled in and names the field.
fn base_url(newcomer: &Newcomer) {
    let browser = newcomer.at_admin();
    newcomer.look("setup-1-base-url");
    let right = browser.attribute("[name=base_url]", "value");
    assert!(browser.url().starts_with(&right), "{right}");
    browser.fill("[name=base_url]", "links.example.org/telegram");
    browser.press("Go on");
    assert_eq!(browser.attribute("[name=base_url]", "value"), "links.example.org/telegram");
    newcomer.refused(422);
    newcomer.look("setup-1-mistake");
    browser.fill("[name=base_url]", &right);
    browser.press("Go on");
}

fn password(newcomer: &Newcomer) {
    let browser = newcomer.at_admin();
    browser.fill("[name=name]", ADMIN);
    browser.fill("[name=password]", PASSWORD);
    browser.fill("[name=repeat]", PASSWORD);
    newcomer.look("setup-2-password");
    browser.press("Go on");
}

fn second_factor(newcomer: &Newcomer) -> Vec<String> {
    let browser = newcomer.at_admin();
    let key = browser.scan("svg.qr");
    assert_eq!(browser.attribute("#totp-url", "value"), key);
    newcomer.look("setup-3-factor");
    newcomer.add_key(&key);
    let code = newcomer.code();
    let browser = newcomer.at_admin();
    browser.fill("[name=code]", &code);
    browser.press("Confirm");
    browser.see("Recovery codes");
    let codes = browser.text("#recovery-codes");
    newcomer.look("setup-3-recovery");
    browser.press("go on");
    codes.lines().map(str::to_owned).collect()
}

fn bot(newcomer: &Newcomer) {
    let browser = newcomer.at_admin();
    browser.see_live("@startlink_sandbox_bot");
    newcomer.look("setup-4-bot");
    browser.press("Go on with this bot");
}

fn own_chat(newcomer: &Newcomer) {
    let browser = newcomer.at_admin();
    let link = browser.scan("svg.qr");
    assert_eq!(browser.attribute("a.button.primary.large", "href"), link);
    newcomer.look("setup-5-chat");
    newcomer.press_start(Person::Ada, &link);
    newcomer.hears(Person::Ada, &format!("You are connected, {ADMIN}."));
    newcomer.look("phone-admin");
    newcomer.at_admin().see_live("Everything works.");
    newcomer.look("setup-6-done");
    browser.press("Go to your overview");
    browser.see("Make the first account");
    newcomer.look("overview-new");
}
