//! The forms that the journey does not pass: editing, searching, settings, passwords, signing out and in, deleting.

use super::newcomer::{ACCOUNT, ADMIN, Newcomer, PASSWORD};

const NEW_PASSWORD: &str = "seven lanterns by the quay";

/// Fills in and sends each of them.
pub fn try_the_others(newcomer: &mut Newcomer) {
    edit_and_search(newcomer);
    refuse_a_second(newcomer);
    change_settings(newcomer);
    change_a_text(newcomer);
    revoke(newcomer);
    change_password(newcomer);
    sign_out_and_in(newcomer);
    delete(newcomer);
}

fn edit_and_search(newcomer: &Newcomer) {
    let browser = newcomer.at_admin();
    browser.press("Edit");
    browser.fill("[name=name]", "Anna <Schmidt> & Söhne");
    newcomer.look("account-edit");
    browser.press("Save");
    browser.see("Anna <Schmidt> & Söhne");
    browser.press("Accounts");
    browser.fill("[name=q]", "ann");
    browser.click("form[role=search] button");
    browser.see(ACCOUNT);
    browser.fill("[name=q]", "zoe");
    browser.click("form[role=search] button");
    browser.see("No account is like that.");
    newcomer.look("accounts-none");
}

/// A mistake keeps what was typed and names the field.
fn refuse_a_second(newcomer: &Newcomer) {
    let browser = newcomer.at_admin();
    browser.press("New account");
    browser.fill("[name=username]", ACCOUNT);
    browser.fill("[name=tags]", "kept");
    browser.press("Create account");
    assert_eq!(browser.attribute("[name=username]", "aria-invalid"), "true");
    assert_eq!(browser.attribute("[name=tags]", "value"), "kept");
    newcomer.refused(409);
    newcomer.look("account-mistake");
}

fn change_settings(newcomer: &Newcomer) {
    let browser = newcomer.at_admin();
    browser.press("Settings");
    browser.fill("[name=link_lifetime]", "0");
    browser.press("Save");
    newcomer.refused(422);
    newcomer.look("settings-mistake");
    browser.fill("[name=link_lifetime]", "30");
    browser.fill("[name=site_name]", "Acme Post");
    browser.press("Save");
    assert_eq!(browser.attribute("[name=link_lifetime]", "value"), "30");
    newcomer.look("settings-saved");
}

fn change_a_text(newcomer: &Newcomer) {
    let browser = newcomer.at_admin();
    browser.press("Texts");
    newcomer.look("texts");
    browser.press("Greeting");
    browser.fill("[name=text]", "Welcome, {username}!");
    browser.press("Look at it");
    newcomer.look("text-preview");
    browser.press("Save");
    newcomer.look("texts-saved");
}

fn revoke(newcomer: &Newcomer) {
    let browser = newcomer.at_admin();
    browser.press("Accounts");
    browser.press(ACCOUNT);
    browser.press("Make a link");
    browser.press("Links");
    browser.see(ACCOUNT);
    newcomer.look("links-open");
    browser.press("Revoke");
    browser.see("No open links");
}

/// Who has just signed in need not prove it again, so the proof is asked for by its address.
fn change_password(newcomer: &mut Newcomer) {
    let recovery = newcomer.recovery.pop().unwrap();
    let browser = newcomer.at_admin();
    browser.go("/admin/confirm?to=/admin/security");
    newcomer.look("confirm");
    browser.press("No authenticator at hand?");
    browser.fill("details [name=password]", PASSWORD);
    browser.fill("details [name=recovery]", &recovery);
    browser.press("Confirm with the recovery code");
    browser.press("Change password");
    browser.fill("[name=current]", PASSWORD);
    browser.fill("[name=password]", NEW_PASSWORD);
    browser.fill("[name=repeat]", NEW_PASSWORD);
    newcomer.look("password");
    browser.press("Change password");
    browser.see("Your password is changed");
}

fn sign_out_and_in(newcomer: &mut Newcomer) {
    let recovery = newcomer.recovery.pop().unwrap();
    let browser = newcomer.at_admin();
    browser.press("Sign out");
    browser.see("You are signed out.");
    newcomer.look("sign-in");
    browser.fill("[name=name]", ADMIN);
    browser.fill("[name=password]", PASSWORD);
    browser.press("Sign in");
    newcomer.refused(401);
    newcomer.look("sign-in-mistake");
    browser.fill("[name=password]", NEW_PASSWORD);
    browser.press("Sign in");
    browser.see("Second factor");
    newcomer.look("sign-in-code");
    browser.press("No authenticator at hand?");
    browser.fill("details [name=recovery]", &recovery);
    browser.press("Sign in with the recovery code");
    browser.see("You signed in with a recovery code");
}

fn delete(newcomer: &Newcomer) {
    let browser = newcomer.at_admin();
    browser.press("Accounts");
    browser.press(ACCOUNT);
    browser.press("Delete");
    newcomer.look("account-delete");
    browser.press("Delete account");
    browser.see("was deleted");
}
