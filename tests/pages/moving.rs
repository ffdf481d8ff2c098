//! Moving in and out in the browser: looked at first, then carried out once, by owners who proved who they are.

use startlink::model::account::Username;
use startlink::model::admin::Role;
use startlink::store::{StoreError, accounts};

use super::given::{app, proven, signed};
use crate::support::app::TestApp;
use crate::support::browser::Reply;

const PATH: &str = "/admin/settings/import";

fn is_there(app: &TestApp, name: &str) -> bool {
    let username = Username::parse(name).unwrap();
    app.store.read(|read| Ok::<_, StoreError>(accounts::find(read, &username)?.is_some())).unwrap()
}

fn waiting(reply: &Reply) -> String {
    reply.between("name=\"lists\" value=\"", "\"").unwrap()
}

#[test]
fn lists_are_looked_at_and_then_carried_out_once() {
    let app = app();
    let mut browser = proven(&app);
    assert!(browser.get(PATH).body.contains("enctype=\"multipart/form-data\""));
    let lists = [("accounts", "username,name\nada,Ada\n"), ("codes", "code,username\nCARD-0042,ada\n")];
    let report = browser.upload(PATH, &lists, b"");
    assert_eq!(report.status, 200, "{}", report.body);
    assert!(
        report.body.contains("Import 2 lines") && report.body.contains("The code is easier to guess"),
        "{}",
        report.body
    );
    assert!(!is_there(&app, "ada") && !report.body.contains("CARD-0042"));
    let name = waiting(&report);
    let done = browser.post_and_follow("/admin/settings/import/apply", &[("lists", &name)]);
    assert!(done.body.contains("2 lines are carried out."), "{}", done.body);
    assert!(is_there(&app, "ada"));
    let twice = browser.post_and_follow("/admin/settings/import/apply", &[("lists", &name)]);
    assert!(twice.body.contains("do not wait any more"), "{}", twice.body);
    let again = browser.upload(PATH, &lists, b"");
    assert!(again.body.contains("there is nothing to do") && !again.body.contains("name=\"lists\""), "{}", again.body);
}

#[test]
fn a_wrong_line_is_shown_and_offers_nothing() {
    let app = app();
    let mut browser = proven(&app);
    browser.get(PATH);
    let report = browser.upload(PATH, &[("chats", "chat_id,username\n5,ada\n-7,<b>\n")], b"");
    assert_eq!(report.status, 422);
    assert!(report.body.contains("Chats, line 3") && report.body.contains("This is a group"), "{}", report.body);
    assert!(report.body.contains("&lt;b&gt;") && !report.body.contains("name=\"lists\""));
    let none = browser.upload(PATH, &[], b"");
    assert!(none.status == 422 && none.body.contains("Choose at least one list."), "{}", none.body);
    assert!(!is_there(&app, "ada"));
}

#[test]
fn lists_wait_for_the_admin_who_brought_them() {
    let app = app();
    let mut browser = proven(&app);
    browser.get(PATH);
    let name = waiting(&browser.upload(PATH, &[("accounts", "username\nada\n")], b""));
    let mut other = proven(&app);
    other.get(PATH);
    let refused = other.post_and_follow("/admin/settings/import/apply", &[("lists", &name)]);
    assert!(refused.body.contains("do not wait any more") && !is_there(&app, "ada"));
}

#[test]
fn everything_is_taken_out_by_an_owner_who_proved_it() {
    let app = app();
    let mut browser = proven(&app);
    browser.get(PATH);
    let file = browser.post("/admin/settings/export", &[]);
    assert_eq!((file.status, file.header("content-type")), (200, Some("application/x-ndjson")));
    assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"startlink.jsonl\""));
    assert!(
        file.body.starts_with("{\"type\":\"header\",") && file.body.contains("\n{\"type\":\"end\","),
        "{}",
        file.body
    );
    let mut owner = signed(&app, Role::Owner);
    let mut operator = signed(&app, Role::Operator);
    for path in [PATH, "/admin/settings/import/apply", "/admin/settings/export"] {
        assert_eq!(owner.post(path, &[]).status, 401, "{path}");
        assert_eq!(operator.post(path, &[]).status, 403, "{path}");
    }
}
