//! After a broadcast: the report, sending again, a copy that is scheduled, one that is cancelled, people who mute.

use serde_json::json;

use super::super::newcomer::{Newcomer, Person};
use super::compose::WORDS;
use super::crowd::Crowd;
use super::run::{Trouble, await_quiet, await_shown, shown};

/// By outcome, by account, and as a file.
pub fn read_the_report(newcomer: &Newcomer, crowd: &Crowd, trouble: &Trouble) {
    let browser = newcomer.at_admin();
    browser.press("The report: what became of each of the");
    browser.see("in the chat");
    newcomer.look("report");
    browser.press("Failed");
    browser.wait_for("table", "not enough rights to send photos to the chat");
    browser.wait_for("table", &crowd.people[&trouble.blocked]);
    newcomer.look("report-failed");
    assert_eq!(browser.evaluate("return document.querySelectorAll('tbody tr').length;"), json!(3));
    browser.press("Uncertain");
    browser.wait_for("table", &crowd.people[&trouble.doubtful]);
    browser.press("Skipped");
    browser.wait_for("table", "the chat could no longer be reached when its turn came");
    browser.fill("[name=q]", &crowd.people[&trouble.gone]);
    browser.click("form[role=search] button");
    browser.wait_for("table", &crowd.people[&trouble.gone]);
    assert_eq!(browser.evaluate("return document.querySelectorAll('tbody tr').length;"), json!(1));
    let path = browser.attribute("a[href$='.csv']", "href");
    let file = browser.evaluate(&format!("return fetch('{path}').then((answer) => answer.text());"));
    let lines: Vec<&str> = file.as_str().unwrap().lines().collect();
    assert_eq!(lines.len(), crowd.count() + 1);
    let line = lines.iter().find(|line| line.contains(&format!(",{},", trouble.doubtful))).unwrap();
    assert!(line.contains("uncertain") && line.starts_with(&crowd.people[&trouble.doubtful]), "{line}");
}

/// Each outcome has a broadcast of its own, and it reaches those alone.
pub fn send_again(newcomer: &Newcomer, crowd: &Crowd, trouble: &Trouble) {
    let browser = newcomer.at_admin();
    browser.press("Broadcast 1");
    let parent = browser.path();
    let before = crowd.phones.arrivals(WORDS).len();
    browser.press("Send again to the 3 that failed");
    // One of the three blocked the bot.
    browser.wait_for(".ledger", "of 2 accounts");
    newcomer.look("again");
    browser.press("Start the broadcast");
    browser.see_live("It is done.");
    browser.go(&parent);
    browser.press("Send again to the 1 that is uncertain");
    browser.wait_for(".ledger", "of 1 account");
    browser.press("Start the broadcast");
    browser.see_live("It is done.");
    let mut expected = trouble.refused.to_vec();
    expected.sort_unstable();
    expected.push(trouble.doubtful);
    let mut arrived = crowd.phones.arrivals(WORDS).split_off(before);
    arrived[..2].sort_unstable();
    assert_eq!(arrived, expected);
    browser.go(&parent);
}

/// A copy waits for tomorrow, until it is taken back.
pub fn schedule_a_copy(newcomer: &Newcomer, crowd: &Crowd) {
    let browser = newcomer.at_admin();
    browser.press("Duplicate");
    browser.see("This is a copy of broadcast 1, as a draft.");
    browser.wait_for("[data-part=bubble]", "Summer sale");
    browser.press("Continue");
    // Two have blocked the bot.
    browser.fill("[name=typed]", &(crowd.count() - 2).to_string());
    browser.click("#f-when-later");
    // How a moment is typed depends on the language of the browser.
    browser.evaluate(
        "const input = document.querySelector('[name=at]');
         input.value = new Date(Date.now() + 86_400_000).toISOString().slice(0, 16);
         input.dispatchEvent(new Event('input', { bubbles: true }));",
    );
    newcomer.look("schedule");
    browser.press("Schedule the broadcast");
    browser.see("It is scheduled.");
    newcomer.look("scheduled");
    let copy = browser.path();
    browser.press("Broadcasts");
    browser.press("Scheduled");
    browser.wait_for("table", "starts");
    browser.wait_for("table", "Summer sale");
    newcomer.look("list-scheduled");
    browser.press("All");
    newcomer.look("list");
    browser.go(&copy);
    browser.press("Take off the schedule");
    browser.see("It is a draft again");
}

/// The copy runs slowly and is cancelled: who waited gets nothing.
pub fn cancel_a_copy(newcomer: &Newcomer, crowd: &Crowd) {
    let browser = newcomer.at_admin();
    browser.press("Continue");
    let before = crowd.phones.arrivals(WORDS).len();
    browser.fill("[name=rate]", "4");
    browser.press("Set the rate");
    browser.wait_for(".ledger", "4 a second");
    browser.fill("[name=typed]", &(crowd.count() - 2).to_string());
    browser.press("Start the broadcast");
    await_shown(browser, "sent", 2);
    browser.press("Cancel");
    browser.see("wait get nothing");
    newcomer.look("cancel");
    browser.press("Cancel the broadcast");
    browser.see("It is cancelled. What waited is not sent.");
    await_quiet(browser);
    let (sent, cancelled) = (shown(browser, "sent"), shown(browser, "cancelled"));
    assert_eq!(sent + cancelled, u64::try_from(crowd.count() - 2).unwrap());
    assert_eq!(crowd.phones.arrivals(WORDS).len(), before + usize::try_from(sent).unwrap());
    newcomer.look("cancelled");
}

/// Who mutes is not counted; who undoes it is.
pub fn mute(newcomer: &Newcomer, crowd: &Crowd) {
    let reaches = |count: usize| {
        let browser = newcomer.at_admin();
        browser.go("/admin/broadcasts/new");
        browser.wait_for("[data-part=reach]", &format!("{count} chats"));
    };
    reaches(crowd.count() - 2);
    newcomer.write(Person::Noor, "/mute");
    newcomer.hears(Person::Noor, "is no longer sent here; answers and personal messages still come");
    reaches(crowd.count() - 3);
    newcomer.write(Person::Noor, "/unmute");
    newcomer.hears(Person::Noor, "is sent here again");
    reaches(crowd.count() - 2);
}
