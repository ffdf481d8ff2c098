//! The people whom broadcasts reach: accounts made with the form of the pages, links made over the socket, Start pressed on
//! phones.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::json;
use startlink::clock::Clock;
use startlink::control::{Reply, Request};

use super::super::newcomer::{ACCOUNT, Newcomer, Person};
use crate::support::phones::Phones;

const FIRST: [&str; 12] =
    ["Mia", "Jonas", "Sofia", "Liam", "Elif", "Noah", "Zofia", "Mateo", "Aiko", "Omar", "Ines", "Lukas"];
const LAST: [&str; 10] =
    ["Weber", "Rossi", "Novak", "Jansen", "Moreau", "Silva", "Larsen", "Yilmaz", "Kowalska", "Haas"];
/// Every third account has this tag.
pub const CUSTOMER: &str = "customer";
/// Every tenth account has this one.
pub const STAFF: &str = "staff";
/// How long a busy machine may take.
const SOON: Duration = Duration::from_secs(30);

pub struct Crowd {
    pub phones: Phones,
    /// Username by chat, Noor's among them.
    pub people: BTreeMap<i64, String>,
    /// Accounts that are customers and not staff.
    pub customers: usize,
}

impl Crowd {
    /// So many accounts, each with a chat; the first is Noor's.
    pub fn gather(newcomer: &Newcomer, count: usize) -> Self {
        let phones = Phones::at(&newcomer.phones);
        let accounts = make_accounts(newcomer, count);
        let mut people = BTreeMap::new();
        for (username, name) in accounts {
            let id = if username == ACCOUNT { Person::Noor.id() } else { phones.add(&name) };
            let reply = newcomer.program.ask(&Request::Link { username: username.clone() });
            let Reply::Link { command, .. } = reply else { panic!("{reply:?}") };
            phones.press_start(id, command.strip_prefix("/start ").unwrap());
            people.insert(id, username);
        }
        let customers = (0..count).filter(|number| number % 3 == 0 && number % 10 != 0).count();
        let crowd = Self { phones, people, customers };
        until("everyone is greeted", || crowd.phones.arrivals("Hello ").len() == count);
        crowd
    }

    pub fn count(&self) -> usize {
        self.people.len()
    }

    /// Those whom words have not reached.
    pub fn without(&self, words: &str) -> Vec<i64> {
        let reached: BTreeSet<i64> = self.phones.arrivals(words).into_iter().collect();
        self.people.keys().copied().filter(|id| !reached.contains(id)).collect()
    }
}

/// Looks again until it is so.
pub fn until(what: &str, is_so: impl Fn() -> bool) {
    let (clock, begin) = (Clock::system(), Clock::system().now());
    while !is_so() {
        assert!(clock.now().since(begin) < SOON, "not after {SOON:?}: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Sends the form for a new account so many times; username and name of each.
fn make_accounts(newcomer: &Newcomer, count: usize) -> Vec<(String, String)> {
    let named = |number: usize| {
        if number == 0 {
            return (ACCOUNT.to_owned(), "Noor Haddad".to_owned());
        }
        let (first, last) = (FIRST[number % FIRST.len()], LAST[number / FIRST.len() % LAST.len()]);
        (format!("{}.{}", first.to_lowercase(), last.to_lowercase()), format!("{first} {last}"))
    };
    let accounts: Vec<_> = (0..count).map(named).collect();
    let forms = accounts.iter().enumerate().map(|(number, (username, name))| {
        let tags = [(3, CUSTOMER), (10, STAFF)].into_iter().filter(|(each, _)| number % each == 0).map(|(_, tag)| tag);
        json!({ "username": username, "name": name, "tags": tags.collect::<Vec<_>>().join(", ") })
    });
    let forms = json!(forms.collect::<Vec<_>>());
    let browser = newcomer.at_admin();
    browser.go("/admin/accounts/new");
    let made = browser.evaluate(&format!(
        "const token = document.querySelector('[name=_csrf]').value;
         const make = (form) => {{
             const body = new URLSearchParams({{ _csrf: token, ...form }});
             return fetch('/admin/accounts/new', {{ method: 'POST', redirect: 'manual', body }});
         }};
         return (async () => {{
             let made = 0;
             for (const form of {forms}) made += (await make(form)).type === 'opaqueredirect';
             return made;
         }})();"
    ));
    assert_eq!(made, json!(count));
    accounts
}
