//! The list of accounts, and one account: made, changed, connected, disconnected and deleted by forms.

use startlink::ids::{AccountId, ChatId};
use startlink::model::account::Username;
use startlink::model::admin::Role;
use startlink::store::{accounts, chats, links};

use super::given::{account, app, claim, link, signed, tagged};

#[test]
fn an_empty_list_says_what_will_appear_and_how_to_begin() {
    let app = app();
    let page = signed(&app, Role::Owner).get("/admin/accounts");
    assert!(page.body.contains("No accounts yet"));
    assert!(page.body.contains("href=\"/admin/accounts/new\""));
    assert!(page.body.contains("startlink link anna"));
}

#[test]
fn an_account_is_made_changed_and_deleted_by_forms() {
    let app = app();
    let mut browser = signed(&app, Role::Operator);
    let made = browser.post("/admin/accounts/new", &[("username", "anna"), ("name", "Anna A."), ("tags", "vip beta")]);
    assert_eq!((made.status, made.location()), (303, "/admin/accounts/1"));
    let page = browser.get("/admin/accounts/1");
    assert!(page.body.contains("anna is there.") && page.body.contains("Anna A.") && page.body.contains(">vip</a>"));
    assert!(!browser.get("/admin/accounts/1").body.contains("anna is there."), "told once");
    let fields = [("username", "anne"), ("name", ""), ("tags", "")];
    assert_eq!(browser.post("/admin/accounts/1/edit", &fields).location(), "/admin/accounts/1");
    assert!(browser.get("/admin/accounts/1").body.contains("<h1 dir=\"auto\">anne</h1>"));
    let asked = browser.get("/admin/accounts/1/delete");
    assert!(asked.body.contains("cannot be undone"));
    assert!(app.store.read(|read| accounts::get(read, AccountId(1))).unwrap().is_some(), "asking deletes nothing");
    assert_eq!(browser.post("/admin/accounts/1/delete", &[]).location(), "/admin/accounts");
    assert_eq!(browser.get("/admin/accounts/1").status, 404);
    assert_eq!(browser.get("/admin/accounts/1/edit").status, 404);
    assert_eq!(browser.get("/admin/accounts/nonsense").status, 404);
}

#[test]
fn a_form_with_a_mistake_comes_back_filled_in_with_its_field_named() {
    let app = app();
    account(&app, "anna");
    let mut browser = signed(&app, Role::Owner);
    let reply = browser.post("/admin/accounts/new", &[("username", ".."), ("name", "Kept <b>"), ("tags", "x")]);
    assert_eq!(reply.status, 422);
    assert!(reply.body.contains("<a href=\"#f-username\">A username cannot be"));
    assert!(reply.body.contains("id=\"f-username-error\"") && reply.body.contains("value=\"Kept &lt;b&gt;\""));
    let taken = browser.post("/admin/accounts/new", &[("username", "anna")]);
    assert_eq!(taken.status, 409);
    assert!(taken.body.contains("There is an account") && taken.body.contains("id=\"f-username-error\""));
    let tags = browser.post("/admin/accounts/1/edit", &[("username", "anna"), ("tags", "a b!")]);
    assert_eq!(tags.status, 422);
    assert!(tags.body.contains("id=\"f-tags-error\"") && tags.body.contains("value=\"a b!\""));
}

#[test]
fn the_list_is_walked_by_cursors_there_and_back() {
    let app = app();
    for number in 0..120 {
        account(&app, &format!("user-{number:03}"));
    }
    let mut browser = signed(&app, Role::Viewer);
    let first = browser.get("/admin/accounts");
    assert!(
        first.body.contains("user-049") && !first.body.contains("user-050") && !first.body.contains("rel=\"prev\"")
    );
    let second = browser.get(&first.between("rel=\"next\" href=\"", "\"").unwrap());
    assert!(second.body.contains("user-050") && second.body.contains("user-099"));
    let third = browser.get(&second.between("rel=\"next\" href=\"", "\"").unwrap());
    assert!(third.body.contains("user-119") && !third.body.contains("rel=\"next\""));
    let back = browser.get(&third.between("rel=\"prev\" href=\"", "\"").unwrap());
    assert!(back.body.contains("user-050") && back.body.contains("user-099") && !back.body.contains("user-100"));
}

#[test]
fn the_list_is_narrowed_by_prefix_state_and_tag() {
    let app = app();
    let anna = tagged(&app, "anna", "vip");
    tagged(&app, "anton", "");
    tagged(&app, "zoe", "vip");
    claim(&app, anna, 11, "Anna");
    let mut browser = signed(&app, Role::Viewer);
    let mut names = |query: &str| {
        let body = browser.get(&format!("/admin/accounts{query}")).body;
        ["anna", "anton", "zoe"].into_iter().filter(|name| body.contains(&format!(">{name}</a>"))).collect::<Vec<_>>()
    };
    assert_eq!(names("?q=an"), ["anna", "anton"]);
    assert_eq!(names("?state=linked"), ["anna"]);
    assert_eq!(names("?tag=vip"), ["anna", "zoe"]);
    assert_eq!(names("?tag=vip&state=waiting"), ["zoe"]);
    assert_eq!(names("?tag=vip&q=z"), ["zoe"]);
    assert!(names("?tag=%21%21").is_empty());
    assert!(names("?q=nobody").is_empty());
}

#[test]
fn hostile_names_are_shown_as_text() {
    let app = app();
    let id = account(&app, "\"><script>alert(1)</script>/../?#%2e");
    claim(&app, id, 11, "<img src=x onerror=alert(1)>");
    let mut browser = signed(&app, Role::Owner);
    for path in [
        "/admin/accounts",
        "/admin/accounts/1",
        "/admin/accounts/1/edit",
        "/admin/accounts/1/delete",
        "/admin/links?state=used",
        "/admin/accounts/1/chats/11/disconnect",
    ] {
        let page = browser.get(path);
        assert_eq!(page.status, 200, "{path}");
        assert!(!page.body.contains("<script>") && !page.body.contains("<img"), "{path}");
        assert!(page.body.contains("&lt;script&gt;"), "{path}");
    }
}

#[test]
fn a_link_is_made_and_shown_with_its_four_ways() {
    let app = app();
    let id = account(&app, "anna");
    let mut browser = signed(&app, Role::Operator);
    assert!(browser.get("/admin/accounts/1").body.contains("Make a link"));
    assert_eq!(browser.post("/admin/accounts/1/link", &[]).location(), "/admin/accounts/1");
    let page = browser.get("/admin/accounts/1");
    let code = page.between("https://t.me/post_bot?start=", "\"").unwrap();
    assert!(page.body.contains(&format!("tg://resolve?domain=post_bot&amp;start={code}")));
    assert!(page.body.contains(&format!("/start {code}")) && page.body.contains("class=\"qr\""));
    assert!(page.body.contains(&format!("https://links.example.org/l/{code}")));
    let (link, _) = app.store.read(|read| links::live_of_account(read, id)).unwrap().unwrap();
    assert_eq!(browser.post(&format!("/admin/links/{link}/revoke"), &[]).location(), "/admin/accounts/1");
    assert!(browser.get("/admin/accounts/1").body.contains("The last link was revoked"));
    assert_eq!(browser.post(&format!("/admin/links/{link}/revoke"), &[]).status, 409);
}

#[test]
fn a_chat_is_disconnected_after_a_question_and_from_its_own_account_only() {
    let app = app();
    let (anna, _) = (account(&app, "anna"), account(&app, "ben"));
    claim(&app, anna, 11, "Anna T.");
    let mut browser = signed(&app, Role::Operator);
    assert!(browser.get("/admin/accounts/1").body.contains("Anna T."));
    assert_eq!(browser.get("/admin/accounts/2/chats/11/disconnect").status, 404);
    assert_eq!(browser.post("/admin/accounts/2/chats/11/disconnect", &[]).status, 404);
    assert!(browser.get("/admin/accounts/1/chats/11/disconnect").body.contains("Disconnect Anna T.?"));
    assert_eq!(app.store.read(|read| chats::of_account(read, anna)).unwrap().len(), 1);
    assert_eq!(browser.post("/admin/accounts/1/chats/11/disconnect", &[]).status, 303);
    assert_eq!(app.store.read(|read| chats::of_account(read, anna)).unwrap().len(), 0);
    assert!(browser.get("/admin/accounts/1").body.contains("No chat is connected yet"));
}

#[test]
fn a_muted_chat_is_shown_as_such() {
    let app = app();
    let anna = account(&app, "anna");
    claim(&app, anna, 11, "Anna T.");
    let mut browser = signed(&app, Role::Viewer);
    assert!(!browser.get("/admin/accounts/1").body.contains("muted"));
    app.write(|tx| startlink::actions::chats::set_muted(tx, ChatId(11), true).map(|_| ()));
    let page = browser.get("/admin/accounts/1").body;
    let (_, badge) = page.split_once("<span class=\"badge quiet\">").unwrap();
    assert!(badge.contains("<span>muted</span></span> <span class=\"sub\">since <time"), "{badge}");
}

#[test]
fn what_a_role_may_not_do_is_neither_offered_nor_done() {
    let app = app();
    let id = account(&app, "anna");
    link(&app, id);
    let mut viewer = signed(&app, Role::Viewer);
    let page = viewer.get("/admin/accounts/1").body;
    for offer in ["New link", ">Edit<", ">Delete<", "Write to anna", "Revoke"] {
        assert!(!page.contains(offer), "{offer}");
    }
    assert!(!viewer.get("/admin/accounts").body.contains("New account"));
    assert_eq!(viewer.get("/admin/accounts/new").status, 403);
    for path in ["new", "1/edit", "1/delete", "1/link", "1/messages", "1/messages/1/cancel", "1/chats/11/disconnect"] {
        let reply = viewer.post(&format!("/admin/accounts/{path}"), &[("username", "x"), ("text", "x"), ("once", "x")]);
        assert_eq!(reply.status, 403, "{path}");
    }
    let mut sender = signed(&app, Role::Sender);
    assert!(sender.get("/admin/accounts/1").body.contains("Write to anna"));
    assert_eq!(sender.post("/admin/accounts/1/link", &[]).status, 403);
    let name = Username::parse("anna").unwrap();
    assert!(app.store.read(|read| accounts::find(read, &name)).unwrap().is_some());
}
