//! Two kinds of session: an admin's opens no page of the portal, one of the portal no page of the admins, and none of the portal
//! reaches what belongs to another account.

use startlink::model::admin::Role;
use startlink::store::sessions;
use startlink::web::{Access, Row};
use tide::http::Method;

use super::{COOKIE, OWN, is_signed_in, let_in, member, signed_in};
use crate::pages::given::{account, app, claim, proven};
use crate::support::app::TestApp;
use crate::support::browser::{Browser, Reply, TOTP_SECRET};

const ADMIN_COOKIE: &str = "__Host-startlink";

fn ask(browser: &mut Browser, row: &Row, form: &str) -> Reply {
    let path =
        row.path.replace(":name", "none.css").replace(":id", "1").replace(":chat", "11").replace(":code", "none");
    let form = (row.method == Method::Post).then(|| form.to_owned());
    browser.send(row.method, &path, form, &[("sec-fetch-site", "same-origin")])
}

fn is_members(row: &Row) -> bool {
    matches!(row.access, Access::Member | Access::MemberHalf)
}

fn is_admins(row: &Row) -> bool {
    matches!(row.access, Access::Half(_) | Access::SignedIn(_) | Access::StepUp(_))
}

fn is_turned_away(reply: &Reply, door: &str) -> bool {
    reply.status == 401 || (reply.status == 303 && reply.location().split('?').next() == Some(door))
}

#[test]
fn an_admins_session_opens_nothing_of_the_portal() {
    let app = app();
    let id = let_in(&app, "anna");
    claim(&app, id, 11, "Anna T.");
    let mut owner = proven(&app);
    let secret = owner.cookies[ADMIN_COOKIE].clone();
    let before = app.store.changes().value();
    for planted in [None, Some(secret)] {
        // Under the portal's name the secret of an admin's session is worth nothing either.
        owner.cookies.remove(COOKIE);
        owner.cookies.extend(planted.map(|secret| (COOKIE.to_owned(), secret)));
        let rows: Vec<_> = app.state.rows().iter().filter(|row| is_members(row)).collect();
        assert!(rows.len() > 15);
        for row in rows {
            let reply = ask(&mut owner, row, "_csrf=the-token&current=x&code=000000");
            assert!(is_turned_away(&reply, "/me/sign-in"), "{} {}: {}", row.method, row.path, reply.status);
            assert!(!reply.body.contains("Anna T."));
        }
    }
    assert_eq!(app.store.changes().value(), before, "nothing was changed");
}

#[test]
fn a_session_of_the_portal_opens_nothing_of_the_admins() {
    let app = app();
    // The first admin and the first account have the same number.
    let (id, mut browser) = member(&app, "anna");
    assert_eq!(id.0, app.admin("ada").0.0);
    let secret = browser.cookies[COOKIE].clone();
    let token = browser.get("/me").between("name=\"_csrf\" value=\"", "\"").unwrap();
    let before = app.store.changes().value();
    for planted in [None, Some(secret)] {
        browser.cookies.remove(ADMIN_COOKIE);
        browser.cookies.extend(planted.map(|secret| (ADMIN_COOKIE.to_owned(), secret)));
        for row in app.state.rows().iter().filter(|row| is_admins(row)) {
            let reply = ask(&mut browser, row, &format!("_csrf={token}"));
            assert!(is_turned_away(&reply, "/sign-in"), "{} {}: {}", row.method, row.path, reply.status);
        }
        for row in app.state.rows().iter().filter(|row| matches!(row.access, Access::Key(_))) {
            assert_eq!(ask(&mut browser, row, "").status, 401, "{}", row.path);
        }
    }
    assert_eq!(app.store.changes().value(), before, "nothing was changed");
}

#[test]
fn half_a_sign_in_opens_no_page_but_its_own() {
    let app = app();
    let id = let_in(&app, "anna");
    with_factor(&app, id);
    let mut browser = app.browser();
    browser.get("/me/sign-in");
    let reply = browser.post("/me/sign-in", &[("name", "anna"), ("password", OWN)]);
    assert_eq!(reply.location(), "/me/sign-in/code");
    for row in app.state.rows().iter().filter(|row| row.access == Access::Member) {
        let reply = ask(&mut browser, row, "");
        assert!(is_turned_away(&reply, "/me/sign-in/code"), "{} {}: {}", row.method, row.path, reply.status);
    }
    for row in app.state.rows().iter().filter(|row| is_admins(row)) {
        assert!(is_turned_away(&ask(&mut browser, row, ""), "/sign-in"), "{}", row.path);
    }
}

fn with_factor(app: &TestApp, id: startlink::ids::AccountId) {
    use startlink::store::{Read as _, members};
    app.write(move |tx| {
        let mut row = members::get(tx, id)?.unwrap();
        row.credentials.totp_sealed = Some(tx.sealer().seal("member.totp", TOTP_SECRET));
        members::put(tx, id, &row)
    });
}

#[test]
fn what_is_another_accounts_is_out_of_reach() {
    let app = app();
    let (anna, mut hers) = member(&app, "anna");
    claim(&app, anna, 11, "Anna T.");
    let other = account(&app, "bert");
    claim(&app, other, 22, "Bert B.");
    let page = hers.get("/me");
    assert!(page.body.contains("Anna T.") && !page.body.contains("Bert B.") && !page.body.contains("bert"));
    for path in ["/me/chats/22/mute", "/me/chats/22/unmute", "/me/chats/22/disconnect"] {
        assert_eq!(hers.post(path, &[]).status, 404, "{path}");
    }
    assert_eq!(hers.get("/me/chats/22/disconnect").status, 404);
    let chat = app.store.read(|read| startlink::store::chats::get(read, startlink::ids::ChatId(22))).unwrap().unwrap();
    assert_eq!((chat.account(), chat.muted), (Some(other), None));
    let_in(&app, "carl");
    let mut carls = signed_in(&app, "carl");
    carls.get("/me");
    let session = app.store.read(|read| sessions::of(read, anna)).unwrap().remove(0).1.id;
    assert_eq!(carls.post(&format!("/me/security/sessions/{session}/end"), &[]).status, 404);
    assert!(is_signed_in(&mut hers));
}

#[test]
fn a_session_of_an_admin_is_not_ended_from_the_portal() {
    let app = app();
    let (_, mut browser) = member(&app, "anna");
    let mut admin = app.browser();
    admin.sign_in("ada");
    let ada = app.admin("ada").0;
    let session = app.store.read(|read| sessions::of(read, ada)).unwrap().remove(0).1.id;
    browser.get("/me");
    assert_eq!(browser.post(&format!("/me/security/sessions/{session}/end"), &[]).status, 404);
    assert_eq!(admin.get("/admin").status, 200);
}

#[test]
fn a_form_carries_the_token_of_its_own_session() {
    let app = app();
    let (_, mut browser) = member(&app, "anna");
    let mut admin = crate::pages::given::signed(&app, Role::Owner);
    let foreign = admin.get("/admin/security").between("name=\"_csrf\" value=\"", "\"").unwrap();
    browser.get("/me");
    for wrong in ["", "x", foreign.as_str()] {
        assert_eq!(browser.post("/me/link", &[("_csrf", wrong)]).status, 403, "{wrong}");
        assert_eq!(browser.post("/me/sign-out", &[("_csrf", wrong)]).status, 403, "{wrong}");
    }
    assert_eq!(browser.post("/me/link", &[]).status, 303);
}
