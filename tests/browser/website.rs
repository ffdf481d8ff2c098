//! A developer of a website: finds the programs, fills in a key, copies one and runs it; then lets startlink call the website,
//! tries that, and sends an event again. The programs that run are the texts of the page, in Python.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use super::newcomer::{Newcomer, Person};
use super::setup;
use crate::support::chromium::{Screen, Script};
use crate::support::ports;

#[test]
fn a_developer_connects_a_website_on_a_desktop_screen() {
    travel("website", Screen::Desktop, Script::On);
}

#[test]
fn a_developer_connects_a_website_on_a_phone_screen() {
    travel("website-small", Screen::Phone, Script::On);
}

#[test]
fn a_website_is_connected_without_script() {
    travel("website-no-script", Screen::Desktop, Script::Off);
}

fn travel(name: &str, screen: Screen, script: Script) {
    let mut newcomer = Newcomer::start(name, screen, script);
    setup::go_through(&mut newcomer);
    let program = fill_in_a_key(&newcomer, script);
    connect(&newcomer, name, &program);
    see_the_key(&newcomer);
    sign_addresses(&newcomer, name);
    let receiver = make_an_endpoint(&newcomer, name);
    try_it(&newcomer, &receiver);
    revoke_the_key(&newcomer);
    newcomer.finish();
}

/// How long a busy machine may take.
const SOON: Duration = Duration::from_secs(30);

/// A copied program that runs, in a folder of its own; ended when this is dropped.
struct Running {
    child: Child,
    lines: Receiver<String>,
    folder: PathBuf,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _ended = self.child.wait();
        let _removed = std::fs::remove_dir_all(&self.folder);
    }
}

impl Running {
    fn start(name: &str, program: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("startlink-copied-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("copied.py"), program).unwrap();
        let mut command = Command::new("python3");
        command.args(["-u", "copied.py"]).current_dir(&folder).env_remove("http_proxy").env_remove("HTTP_PROXY");
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (send, lines) = mpsc::channel();
        std::thread::spawn(move || out.lines().map_while(Result::ok).all(|line| send.send(line).is_ok()));
        Self { child, lines, folder }
    }

    /// The next line that it prints.
    fn line(&self) -> String {
        self.lines.recv_timeout(SOON).unwrap().trim().to_owned()
    }
}

/// The text of a program, as its button copies it.
fn text_of(newcomer: &Newcomer, id: &str) -> String {
    let text = newcomer.browser.evaluate(&format!("return document.getElementById('{id}').textContent;"));
    text.as_str().unwrap().to_owned()
}

fn fill_in_a_key(newcomer: &Newcomer, script: Script) -> String {
    let browser = newcomer.at_admin();
    browser.go("/admin/connect");
    browser.see("Connect your website");
    newcomer.look("connect");
    browser.click("label[for=lang-py]");
    browser.wait_for("figure.in-py", "urllib");
    let shown = "return [...document.querySelectorAll('.snippet')].filter((each) => each.offsetParent).length;";
    assert_eq!(browser.evaluate(shown), 4, "one program for each task");
    browser.press("Fill in a new key");
    newcomer.look("connect-key");
    browser.press("Make the key");
    browser.see("Shown once");
    browser.wait_for("figure.in-py", "slk_");
    let key = browser.attribute("#key-secret", "value");
    let program = text_of(newcomer, "code-link-py");
    assert!(program.contains(&key));
    if script == Script::On {
        browser.click("[data-copy=code-link-py]");
        browser.wait_for("[data-copy=code-link-py]", "Copied");
    }
    newcomer.look("connect-filled");
    program
}

fn connect(newcomer: &Newcomer, name: &str, program: &str) {
    let running = Running::start(name, program);
    let page = running.line().strip_prefix("Show this page: ").unwrap().to_owned();
    let link = running.line().strip_prefix("Or this link:").unwrap().trim().to_owned();
    newcomer.press_start(Person::Noor, &link);
    newcomer.hears(Person::Noor, "Hello ada, how are you?");
    assert_eq!(running.line(), "The link is used.");
    newcomer.at_admin().open(&page);
    newcomer.browser.see("Connected");
}

fn see_the_key(newcomer: &Newcomer) {
    let browser = newcomer.at_admin();
    browser.go("/admin/settings/keys");
    browser.wait_for("table", "website");
    newcomer.look("keys");
}

fn revoke_the_key(newcomer: &Newcomer) {
    let browser = newcomer.at_admin();
    browser.go("/admin/settings/keys");
    browser.press("Revoke");
    newcomer.look("key-revoke");
    browser.press("Revoke the key");
    browser.wait_for("table", "ended");
    newcomer.look("keys-revoked");
}

/// The page's program signs an address; it leads here, to a link, and back with a signed word.
fn sign_addresses(newcomer: &Newcomer, name: &str) {
    let browser = newcomer.at_admin();
    browser.go("/admin/connect?lang=py");
    browser.press("Fill in a new secret");
    browser.press("Make the secret");
    let secret = browser.attribute("#connect-secret", "value");
    let program = text_of(newcomer, "code-address-py");
    assert!(program.contains(&secret));
    newcomer.look("connect-secret");
    let address = Running::start(&format!("{name}-address"), &program).line();
    let tab = browser.open_tab(&address);
    browser.see("will come to your Telegram");
    newcomer.look("arrive");
    browser.press("Connect Telegram");
    let link = browser.scan("svg.qr");
    newcomer.press_start(Person::Noor, &link);
    browser.switch(&tab);
    browser.see_live("Connected");
    let back = browser.attribute("a.button.quiet", "href");
    assert!(back.starts_with("https://www.example.org/account?startlink=connected&"), "{back}");
    browser.open(&address.replace("username=ada", "username=bob"));
    browser.see("This address is not accepted");
    newcomer.refused(403);
    newcomer.look("arrive-refused");
    newcomer.at_admin();
}

/// Starts the page's receiver and names its address to startlink.
fn make_an_endpoint(newcomer: &Newcomer, name: &str) -> Running {
    let address = ports::quiet();
    let browser = newcomer.at_admin();
    let program = text_of(newcomer, "code-webhook-py");
    browser.go("/admin/settings/webhooks");
    browser.see("A webhook is a call");
    newcomer.look("webhooks-empty");
    browser.press("New endpoint");
    browser.fill("[name=url]", "http://shop.example");
    browser.fill("[name=name]", "Shop");
    browser.press("Make the endpoint");
    newcomer.refused(422);
    newcomer.look("webhook-mistake");
    browser.fill("[name=url]", &format!("http://{address}/"));
    browser.click("label[for=f-events-only]");
    browser.click("label[for=f-event-message-received]");
    browser.click("label[for=f-event-link-used]");
    newcomer.look("webhook-new");
    browser.press("Make the endpoint");
    let secret = browser.attribute("#webhook-secret", "value");
    newcomer.look("webhook-secret");
    let program = program.replace("whsec_your-webhook-secret", &secret).replace("8090", &address.port().to_string());
    let receiver = Running::start(&format!("{name}-receiver"), &program);
    // A test is tried once: it has to find the receiver there.
    ports::await_listener(address, "the copied receiver");
    browser.press("I have copied it");
    receiver
}

fn try_it(newcomer: &Newcomer, receiver: &Running) {
    let browser = newcomer.at_admin();
    newcomer.look("webhook");
    let page = browser.path();
    browser.press("Send a test");
    browser.see("A test is on its way");
    assert!(receiver.line().ends_with(" webhook.test"));
    browser.see_live("webhook.test");
    browser.see_live("delivered");
    newcomer.write(Person::Noor, "Is my parcel on its way?");
    let first = receiver.line();
    assert!(first.ends_with(" message.received"), "{first}");
    let browser = newcomer.at_admin();
    browser.see_live("message.received");
    newcomer.look("webhook-log");
    browser.press("Send again");
    assert_eq!(receiver.line(), first, "under the same id");
    browser.see("is sent again");
    browser.press("Switch off");
    browser.see("It is switched off");
    newcomer.look("webhook-off");
    browser.go(&format!("{page}/delete"));
    newcomer.look("webhook-delete");
    browser.press("Delete the endpoint");
    browser.see("is deleted");
}
