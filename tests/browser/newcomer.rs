//! A newcomer at work: the program just started, a browser with a tab for the admin, one for the link, one for the phones.

use startlink::sandbox::{ADA, NOOR};

use crate::support::chromium::{Chromium, Scheme, Screen, Script, Tab};
use crate::support::program::Program;

/// The admin's name and password.
pub const ADMIN: &str = "grace";
pub const PASSWORD: &str = "walrus trombone ceiling";
/// The account that the journey connects.
pub const ACCOUNT: &str = "anna.schmidt@example.org";

/// Who holds a phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Person {
    /// The admin.
    Ada,
    /// The person of the account; her language is one that the bot answers in English.
    Noor,
}

impl Person {
    /// The Telegram id.
    pub fn id(self) -> i64 {
        match self {
            Self::Ada => ADA,
            Self::Noor => NOOR,
        }
    }

    /// The Telegram name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ada => "Ada Lindqvist",
            Self::Noor => "Noor Haddad",
        }
    }
}

pub struct Newcomer {
    pub browser: Chromium,
    pub program: Program,
    /// Where the phones are, without a slash at its end.
    pub phones: String,
    admin: Tab,
    phone: Tab,
    pub recovery: Vec<String>,
}

impl Newcomer {
    /// Starts the program and the browser; `name` is unique among the tests.
    pub fn start(name: &str, screen: Screen, script: Script) -> Self {
        let mut program = Program::sandbox(name);
        let phones = program.announced("Phone").trim_end_matches('/').to_owned();
        let browser = Chromium::start(name, screen, script);
        let admin = browser.tab();
        let phone = browser.open_tab(&phones);
        browser.assert_in_order();
        browser.switch(&admin);
        Self { browser, program, phones, admin, phone, recovery: Vec::new() }
    }

    /// Takes a look at the present page: it is in order. With `STARTLINK_TEST_PICTURES` set, pictures in both colours are kept.
    #[expect(clippy::disallowed_methods, reason = "how the tests are run is not a setting of the program")]
    pub fn look(&self, name: &str) {
        self.browser.assert_in_order();
        self.assert_well_set();
        if std::env::var_os("STARTLINK_TEST_PICTURES").is_none() {
            return;
        }
        self.browser.picture(&format!("{name}-light"));
        self.browser.prefer(Scheme::Dark);
        self.browser.picture(&format!("{name}-dark"));
        self.browser.prefer(Scheme::Light);
    }

    /// Fails when something of a cell stands under its label instead of beside it, or when the tab that one is on is out of sight.
    fn assert_well_set(&self) {
        let astray = self.browser.evaluate(
            "const contents = (cell) => { const range = new Range(); range.selectNodeContents(cell); return [...range.getClientRects()]; };
             const cards = [...document.querySelectorAll('td[data-label]:not(.row-actions)')].filter((cell) => getComputedStyle(cell).display !== 'table-cell');
             const under = cards.filter((cell) => contents(cell).some((rect) => rect.left < cell.getBoundingClientRect().left + 104));
             const tabs = [...document.querySelectorAll('.js .tabs [aria-current]')];
             const hidden = tabs.filter((tab) => tab.getBoundingClientRect().right > document.documentElement.clientWidth);
             return [...under, ...hidden].map((el) => el.outerHTML.slice(0, 200));",
        );
        assert_eq!(astray, serde_json::json!([]), "{}", self.browser.url());
    }

    /// Waits for the one complaint of the console that belongs to a form refused with this status.
    pub fn refused(&self, status: u16) {
        let complaints = self.browser.awaited_complaints();
        let expected = complaints.iter().all(|line| line.contains(&format!("status of {status} ")));
        assert!(complaints.len() == 1 && expected, "{complaints:?}");
    }

    /// Goes to the admin's tab.
    pub fn at_admin(&self) -> &Chromium {
        self.browser.switch(&self.admin);
        &self.browser
    }

    /// Goes to somebody's phone.
    pub fn at_phone(&self, person: Person) -> &Chromium {
        self.browser.switch(&self.phone);
        let path = format!("/phone/{}", person.id());
        if self.browser.path() != path || self.browser.url().contains('?') {
            self.browser.open(&format!("{}{path}", self.phones));
        }
        &self.browser
    }

    /// Opens a link on somebody's phone and presses START there.
    pub fn press_start(&self, person: Person, link: &str) {
        self.browser.switch(&self.phone);
        self.browser.open(link);
        self.browser.click(&format!("[data-person=\"{}\"]", person.id()));
        self.browser.press("START");
    }

    /// Writes to the bot on somebody's phone.
    pub fn write(&self, person: Person, text: &str) {
        let browser = self.at_phone(person);
        browser.fill("[data-testid=text]", text);
        browser.click("[data-testid=send]");
        browser.wait_for("[data-testid=messages]", text);
    }

    /// Waits until the bot's words are on somebody's phone.
    pub fn hears(&self, person: Person, words: &str) {
        self.at_phone(person).see_live(words);
    }

    /// The six digits that the phone's authenticator shows now.
    pub fn code(&self) -> String {
        self.browser.switch(&self.phone);
        self.browser.open(&format!("{}/authenticator", self.phones));
        let code = self.browser.attribute("[data-testid=totp-code]", "data-code");
        self.look("authenticator");
        code
    }

    /// Adds a key to the phone's authenticator.
    pub fn add_key(&self, otpauth: &str) {
        self.browser.switch(&self.phone);
        self.browser.open(&format!("{}/authenticator", self.phones));
        self.browser.fill("[name=secret]", otpauth);
        self.browser.press("Add");
        self.browser.text("[data-testid=totp-code]");
    }

    /// Ends the program as a service manager does, and proves that it left everything whole.
    pub fn finish(mut self) {
        let Self { program, .. } = &mut self;
        assert_eq!(program.terminate(), 0, "{}", program.log());
        let (code, said) = program.command(&["check"]);
        assert!(code == 0 && said.contains("is whole"), "{code}: {said}");
        let log = program.log();
        let bad: Vec<&str> = log.lines().filter(|line| line.contains("panicked") || line.contains(" ERROR ")).collect();
        assert_eq!(bad, Vec::<&str>::new());
        for secret in [PASSWORD, ACCOUNT, "how do you do"] {
            assert!(!log.contains(secret), "{secret:?} is in the log");
        }
    }
}
