//! A person deletes their data.

use startlink::model::event::{Actor, Deleted, EventKind};
use startlink::store::{accounts, chats, journal, members, sessions};

use super::{COOKIE, OWN, member};
use crate::pages::given::{app, claim, link};

#[test]
fn everything_goes_with_the_password_and_not_without() {
    let app = app();
    let (id, mut browser) = member(&app, "anna");
    claim(&app, id, 11, "Anna T.");
    link(&app, id);
    let page = browser.get("/me/delete");
    for words in ["1 chat is disconnected", "Your open link is void", "Northmail"] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    let wrong = browser.post("/me/delete", &[("current", "not my password")]);
    assert!(wrong.status == 401 && wrong.body.contains("id=\"f-current-error\""), "{}", wrong.status);
    assert!(app.store.read(|read| accounts::get(read, id)).unwrap().is_some());
    let cookie = browser.cookies[COOKIE].clone();
    let reply = browser.post("/me/delete", &[("current", OWN)]);
    assert_eq!((reply.status, reply.location()), (303, "/me/goodbye"));
    assert!(browser.cookies.keys().all(|name| !name.contains("-me")), "{:?}", browser.cookies);
    assert!(browser.get("/me/goodbye").body.contains("Your data is deleted"));
    let read = app.store.snapshot().unwrap();
    assert_eq!(accounts::get(&read, id).unwrap(), None);
    assert_eq!(members::get(&read, id).unwrap(), None);
    assert_eq!(sessions::of(&read, id).unwrap().len(), 0);
    assert_eq!(sessions::devices_of(&read, id).unwrap().len(), 0);
    assert_eq!(chats::of_account(&read, id).unwrap().len(), 0);
    let events = journal::events(&read, None, 100).unwrap();
    assert!(events.iter().any(|(_, event)| event.kind == EventKind::AccountDeleted(Deleted::ByPerson)));
    let audits = journal::audits(&read, None, 100).unwrap();
    assert!(audits.iter().any(|(_, row)| row.action == "account.delete" && row.actor == Actor::Person(id)));
    browser.cookies.insert(COOKIE.to_owned(), cookie);
    assert_eq!(browser.get("/me").location(), "/me/sign-in");
    let report = startlink::store::check::check(&read).unwrap();
    assert!(report.is_clean(), "{:?}", report.findings);
}
