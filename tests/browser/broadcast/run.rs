//! Starting a broadcast, and watching it: figures that move, a pause, another rate, people who block the bot, lost answers.

use serde_json::{Value, json};

use super::super::newcomer::Newcomer;
use super::compose::WORDS;
use super::crowd::{Crowd, until};
use crate::support::chromium::Chromium;

/// People whose message was met by trouble.
pub struct Trouble {
    /// Telegram refused it; they could still be reached.
    pub refused: [i64; 2],
    /// Telegram said that they blocked the bot.
    pub blocked: i64,
    /// They blocked the bot before their turn.
    pub gone: i64,
    /// It arrived, and Telegram's answer did not.
    pub doubtful: i64,
}

/// The figures beside the outcomes whose word is this; an outcome that nobody has may have no line.
const FIGURES: &str = "const figures = (word) => [...document.querySelectorAll('.legend li')]
    .filter((li) => li.querySelector('span').textContent === word)
    .map((li) => Number(li.querySelector('b').textContent));";

/// How many of an outcome the page shows.
pub fn shown(browser: &Chromium, outcome: &str) -> u64 {
    browser.evaluate(&format!("{FIGURES} return figures('{outcome}')[0] ?? 0;")).as_u64().unwrap()
}

/// Waits until the page shows at least so many.
pub fn await_shown(browser: &Chromium, outcome: &str, least: u64) {
    let reached = format!("{FIGURES} return figures('{outcome}')[0] >= {least};");
    browser.await_that(&format!("{least} {outcome} in the legend"), &reached);
}

/// Waits until the page shows that nothing is on its way to Telegram.
pub fn await_quiet(browser: &Chromium) {
    let quiet = format!("{FIGURES} return figures('sent').length > 0 && !(figures('sending')[0] > 0);");
    browser.await_that("nothing on its way", &quiet);
}

/// Reads what it says before it starts, starts it, and clicks once more.
pub fn start(newcomer: &Newcomer, crowd: &Crowd) {
    let (browser, count) = (newcomer.at_admin(), crowd.count());
    browser.press("Continue");
    browser.wait_for(".ledger", &count.to_string());
    browser.wait_for(".ledger", &format!("of {count} accounts"));
    browser.wait_for(".ledger", "30 a second");
    browser.fill("[name=rate]", "12");
    browser.press("Set the rate");
    browser.see("The rate of this broadcast is set.");
    browser.wait_for(".ledger", "12 a second");
    browser.wait_for(".ledger", "about 10 s");
    newcomer.look("confirm");
    browser.fill("[name=typed]", "12");
    browser.press("Start the broadcast");
    newcomer.refused(422);
    browser.see("and you typed 12");
    assert_eq!(browser.attribute("[name=typed]", "value"), "12");
    newcomer.look("confirm-mistake");
    assert_eq!(crowd.phones.arrivals(WORDS).len(), 1, "nothing but the test was sent");
    browser.fill("[name=typed]", &count.to_string());
    let (path, form) = (browser.path(), form_of(browser));
    browser.press("Start the broadcast");
    browser.wait_for("[data-part=state]", "sending");
    let again = format!(
        "return fetch('{path}', {{ method: 'POST', body: new URLSearchParams({form}) }}).then((all) => all.text());"
    );
    let answer = browser.evaluate(&again);
    assert!(answer.as_str().unwrap().contains("the second click changed nothing"), "{answer}");
}

/// What stands in the form that starts it, ready to be sent again.
fn form_of(browser: &Chromium) -> Value {
    browser.evaluate("return [...new FormData(document.querySelector('[name=typed]').form)];")
}

/// Watches it to its end, through a pause with all kinds of trouble.
pub fn watch(newcomer: &Newcomer, crowd: &Crowd) -> Trouble {
    let browser = newcomer.at_admin();
    browser.evaluate("window.stayed = true;");
    await_shown(browser, "sent", 3);
    newcomer.look("running");
    let before = shown(browser, "sent");
    await_shown(browser, "sent", before + 5);
    assert_eq!(browser.evaluate("return window.stayed;"), true, "the page was not loaded again");
    browser.press("Pause");
    browser.see("It is paused.");
    browser.wait_for("[data-part=state]", "by a person");
    await_quiet(browser);
    let (sent, arrived) = (shown(browser, "sent"), crowd.phones.arrivals(WORDS).len());
    assert_eq!(usize::try_from(sent).unwrap() + 1, arrived, "with the test");
    let trouble = make_trouble(crowd);
    newcomer.look("paused");
    browser.fill("[name=rate]", "31");
    browser.press("Change the rate");
    browser.see("A broadcast sends 1 to 30 messages a second.");
    browser.fill("[name=rate]", "30");
    browser.press("Change the rate");
    browser.see("The rate is changed");
    assert_eq!(crowd.phones.arrivals(WORDS).len(), arrived, "nothing arrives during a pause");
    browser.press("Resume");
    browser.see("It goes on where it was.");
    browser.see("It is done.");
    newcomer.look("done");
    let count = u64::try_from(crowd.count()).unwrap();
    let outcomes = ["sent", "failed", "uncertain", "skipped", "queued"].map(|outcome| shown(browser, outcome));
    assert_eq!(outcomes, [count - 5, 3, 1, 1, 0]);
    prove(crowd, &trouble);
    trouble
}

/// Those who come last meet it.
fn make_trouble(crowd: &Crowd) -> Trouble {
    let waiting = crowd.without(WORDS);
    let [refused, other, blocked, gone, doubtful] = *waiting.last_chunk().unwrap();
    let why = "Bad Request: not enough rights to send photos to the chat";
    let refusal = json!({ "kind": "refuse", "code": 400, "description": why });
    for (chat, what) in [
        (refused, &refusal),
        (other, &refusal),
        (blocked, &json!({ "kind": "blocked" })),
        (doubtful, &json!({ "kind": "drop_answer" })),
    ] {
        crowd.phones.spoil_next(chat, what);
    }
    crowd.phones.post(&format!("phones/{gone}/block"), &json!({}));
    until("the bot knows who blocked it", || crowd.phones.waiting_updates() == 0);
    Trouble { refused: [refused, other], blocked, gone, doubtful }
}

/// What arrived is what the page says, nobody got it twice, and the photo went up once.
fn prove(crowd: &Crowd, trouble: &Trouble) {
    let mut arrived = crowd.phones.arrivals(WORDS);
    arrived.remove(0);
    arrived.sort_unstable();
    let without = [trouble.refused[0], trouble.refused[1], trouble.blocked, trouble.gone];
    let expected: Vec<i64> = crowd.people.keys().copied().filter(|id| !without.contains(id)).collect();
    assert_eq!(arrived, expected);
    let photos = crowd.phones.params("sendPhoto", "photo");
    let uploads = photos.iter().filter(|photo| photo.starts_with("(a file of ")).count();
    assert_eq!((uploads, photos.len()), (1, crowd.count()), "the test, and everyone but who was skipped");
}
