//! Headless Chromium as a person: opens pages, reads, types, clicks and waits; fails on what a console complains about.
//! Knows the W3C WebDriver commands and nothing of startlink's pages.

mod chromedriver;
mod look;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use startlink::clock::Clock;

use chromedriver::{Chromedriver, Failure};
pub use look::Scheme;

/// How long something that must appear may take on a busy machine.
const SOON: Duration = Duration::from_secs(30);
/// The pause between two looks at a page that is not there yet.
const LOOK_AGAIN: Duration = Duration::from_millis(25);
/// The key under which WebDriver hands out elements (W3C WebDriver, section 12).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// How wide the window is, and whether it is a phone's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// 1280 px wide.
    Desktop,
    /// 360 px wide, laid out as on a phone.
    Phone,
}

/// Whether pages may run their script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Script {
    On,
    Off,
}

/// One tab of a browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tab(String);

/// A browser with a profile of its own; it is closed and its profile removed when this is dropped.
pub struct Chromium {
    driver: Chromedriver,
    screen: Screen,
    script: Script,
    /// The name under which pictures are kept.
    name: String,
    profile: PathBuf,
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // A driver that no longer answers panics once more, and must not hide why the test failed.
        let _answered = catch_unwind(AssertUnwindSafe(|| {
            if std::thread::panicking() {
                eprintln!("{}: see {:?}", self.name, self.picture("failed"));
            }
            self.driver.quit();
        }));
        let _gone = std::fs::remove_dir_all(&self.profile);
    }
}

impl Chromium {
    /// Starts a browser; `name` is unique among the tests and names its pictures.
    pub fn start(name: &str, screen: Screen, script: Script) -> Self {
        let profile = std::env::temp_dir().join(format!("startlink-chromium-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&profile).unwrap();
        let driver = Chromedriver::start(&capabilities(&profile, screen, script));
        Self { driver, screen, script, name: name.to_owned(), profile }
    }

    // ---- Tabs.

    /// Opens an address in the present tab and waits until it is loaded.
    pub fn open(&self, url: &str) {
        self.post("url", &json!({ "url": url }));
    }

    /// Opens another path at the present place.
    pub fn go(&self, path: &str) {
        self.open(url::Url::parse(&self.url()).unwrap().join(path).unwrap().as_str());
    }

    /// Opens an address in a new tab, which becomes the present one.
    pub fn open_tab(&self, url: &str) -> Tab {
        let tab = Tab(self.post("window/new", &json!({ "type": "tab" }))["handle"].as_str().unwrap().to_owned());
        self.switch(&tab);
        self.open(url);
        tab
    }

    pub fn tab(&self) -> Tab {
        Tab(self.get("window").as_str().unwrap().to_owned())
    }

    pub fn switch(&self, tab: &Tab) {
        self.post("window", &json!({ "handle": tab.0 }));
    }

    pub fn reload(&self) {
        self.post("refresh", &json!({}));
    }

    pub fn url(&self) -> String {
        self.get("url").as_str().unwrap().to_owned()
    }

    /// The path of the present address.
    pub fn path(&self) -> String {
        url::Url::parse(&self.url()).unwrap().path().to_owned()
    }

    // ---- Elements, named by CSS selectors.

    /// Clicks the first shown element; a navigation that follows is waited for.
    pub fn click(&self, css: &str) {
        self.patiently(&format!("{css} to click"), || self.click_on(&self.shown("css selector", css)?));
    }

    /// Clicks the first shown link, button or summary whose words are, or else contain, `words`.
    pub fn press(&self, words: &str) {
        self.patiently(&format!("{words:?} to press"), || self.click_on(&self.shown("xpath", &control(words))?));
    }

    /// In the middle of the window nothing that sticks to its edges lies over the element.
    fn click_on(&self, element: &str) -> Result<(), Failure> {
        self.centre(element)?;
        self.driver.post(&format!("element/{element}/click"), &json!({})).map(drop)
    }

    /// Replaces what stands in a field.
    pub fn fill(&self, css: &str, text: &str) {
        self.patiently(&format!("{css} to fill"), || {
            let element = self.shown("css selector", css)?;
            self.driver.post(&format!("element/{element}/clear"), &json!({}))?;
            self.driver.post(&format!("element/{element}/value"), &json!({ "text": text })).map(drop)
        });
    }

    /// Chooses a file in a field for files.
    pub fn choose(&self, css: &str, file: &std::path::Path) {
        self.patiently(&format!("{css} to choose a file in"), || {
            let element = self.element("css selector", css)?;
            self.driver.post(&format!("element/{element}/value"), &json!({ "text": file })).map(drop)
        });
    }

    /// Waits until a file with this name is downloaded, which the browser gives it once it is whole; its text.
    pub fn downloaded(&self, file: &str) -> String {
        self.patiently(&format!("download of {file}"), || {
            std::fs::read_to_string(downloads(&self.profile).join(file)).map_err(|_| Failure::absent())
        })
    }

    /// The text of the first shown element, as a person sees it.
    pub fn text(&self, css: &str) -> String {
        self.patiently(&format!("{css} to read"), || {
            let element = self.shown("css selector", css)?;
            let text = self.driver.get(&format!("element/{element}/text"))?;
            Ok(text.as_str().unwrap_or_default().to_owned())
        })
    }

    /// An attribute of the first element, shown or not; waits until the element is there and has it.
    pub fn attribute(&self, css: &str, name: &str) -> String {
        self.patiently(&format!("{name} of {css}"), || {
            let element = self.element("css selector", css)?;
            let value = self.driver.get(&format!("element/{element}/attribute/{name}"))?;
            value.as_str().map(str::to_owned).ok_or(Failure::absent())
        })
    }

    /// Waits until the element shows the words.
    pub fn wait_for(&self, css: &str, words: &str) {
        self.patiently(&format!("{words:?} in {css}"), || {
            let element = self.shown("css selector", css)?;
            let text = self.driver.get(&format!("element/{element}/text"))?;
            let seen = text.as_str().is_some_and(|text| text.contains(words));
            if seen { Ok(()) } else { Err(Failure::absent()) }
        });
    }

    /// Waits until the page shows the words.
    pub fn see(&self, words: &str) {
        self.wait_for("body", words);
    }

    /// Waits for words that appear by themselves where script runs, and after a reload where it does not.
    pub fn see_live(&self, words: &str) {
        match self.script {
            Script::On => self.see(words),
            Script::Off => self.patiently(&format!("{words:?} after a reload"), || {
                self.reload();
                let text = self.try_text("body").unwrap_or_default();
                if text.contains(words) { Ok(()) } else { Err(Failure::absent()) }
            }),
        }
    }

    /// Runs a function body in the page, whether the page itself may run script or not.
    pub fn evaluate(&self, body: &str) -> Value {
        self.post("execute/sync", &json!({ "script": body, "args": [] }))
    }

    /// Waits until a function body answers anything but nothing and no; what it answers.
    pub fn await_that(&self, what: &str, body: &str) -> Value {
        self.patiently(what, || {
            let value = self.driver.post("execute/sync", &json!({ "script": body, "args": [] }))?;
            if value == json!(false) || value.is_null() { Err(Failure::absent()) } else { Ok(value) }
        })
    }

    fn try_text(&self, css: &str) -> Option<String> {
        if css == "url" {
            return self.driver.get("url").ok()?.as_str().map(str::to_owned);
        }
        let element = self.element("css selector", css).ok()?;
        self.driver.get(&format!("element/{element}/text")).ok()?.as_str().map(str::to_owned)
    }

    fn element(&self, using: &str, value: &str) -> Result<String, Failure> {
        let found = self.driver.post("element", &json!({ "using": using, "value": value }))?;
        Ok(found[ELEMENT].as_str().unwrap().to_owned())
    }

    fn shown(&self, using: &str, value: &str) -> Result<String, Failure> {
        let found = self.driver.post("elements", &json!({ "using": using, "value": value }))?;
        for element in found.as_array().unwrap() {
            let element = element[ELEMENT].as_str().unwrap();
            if self.driver.get(&format!("element/{element}/displayed"))? == json!(true) {
                return Ok(element.to_owned());
            }
        }
        Err(Failure::absent())
    }

    /// Tries until it works: pages arrive, and live parts are replaced while one looks at them.
    fn patiently<T>(&self, what: &str, attempt: impl Fn() -> Result<T, Failure>) -> T {
        let (clock, begin) = (Clock::system(), Clock::system().now());
        loop {
            match attempt() {
                Ok(value) => return value,
                Err(failure) if failure.may_pass() && clock.now().since(begin) < SOON => std::thread::sleep(LOOK_AGAIN),
                Err(failure) => {
                    let page = self.try_text("body").unwrap_or_default();
                    panic!("{}: no {what} at {:?}: {failure}\n---\n{page}", self.name, self.try_text("url"));
                }
            }
        }
    }

    fn post(&self, command: &str, body: &Value) -> Value {
        self.driver.post(command, body).unwrap_or_else(|failure| panic!("{}: {command} {body}: {failure}", self.name))
    }

    fn get(&self, command: &str) -> Value {
        self.driver.get(command).unwrap_or_else(|failure| panic!("{}: {command}: {failure}", self.name))
    }
}

/// The exact words first; the first shown of the whole list is taken.
fn control(words: &str) -> String {
    assert!(!words.contains('"'));
    let controls = "self::a or self::button or self::summary";
    format!(
        "//*[{controls}][normalize-space(.)=\"{words}\"] | \
         //*[{controls}][contains(normalize-space(.), \"{words}\")][not(//*[{controls}][normalize-space(.)=\"{words}\"])]"
    )
}

/// Where a browser keeps what it downloads.
fn downloads(profile: &std::path::Path) -> PathBuf {
    profile.join("downloads")
}

fn capabilities(profile: &std::path::Path, screen: Screen, script: Script) -> Value {
    let mut options = json!({
        "args": [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1280,900",
            "--hide-scrollbars", "--lang=en-GB", format!("--user-data-dir={}", profile.display()),
        ],
        "prefs": {
            "credentials_enable_service": false, "profile.password_manager_leak_detection": false,
            "download.default_directory": downloads(profile), "download.prompt_for_download": false,
        },
    });
    if script == Script::Off {
        options["prefs"]["profile.managed_default_content_settings.javascript"] = json!(2);
    }
    if screen == Screen::Phone {
        // A headless window has a least width of its own, so that a phone has to be emulated. Without touch: chromedriver neither
        // waits for what a tap begins nor can tap at all where script is off.
        options["mobileEmulation"] = json!({ "deviceMetrics": { "width": 360, "height": 740, "pixelRatio": 1.0, "mobile": true, "touch": false } });
    }
    json!({ "alwaysMatch": {
        "browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": { "browser": "ALL" },
        "timeouts": { "pageLoad": 15_000, "script": 10_000, "implicit": 0 },
    } })
}
