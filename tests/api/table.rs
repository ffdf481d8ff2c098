//! Every endpoint, from the table of the routes: without a key, with a key of another scope, with one that may, for something
//! that is not there, with a body that is none.

use startlink::model::api_key::{Area, Deed, Need};
use startlink::web::{Access, Row};
use tide::http::Method;

use super::given::{Said, Site};
use crate::pages::given::app;
use crate::support::app::TestApp;

fn endpoints(app: &TestApp) -> Vec<(Need, &Row)> {
    let of = |row: &Row| if let Access::Key(need) = row.access { Some(need) } else { None };
    let rows: Vec<_> = app.state.rows().iter().filter_map(|row| of(row).map(|need| (need, row))).collect();
    assert!(rows.len() >= 5);
    rows
}

/// A path that names nothing that is there.
fn nowhere(row: &Row) -> String {
    // What a PUT makes is none of the others' nothing.
    let name = if row.method == Method::Put { "998" } else { "999" };
    let parts = row.path.split('/').map(|part| if part.starts_with(':') { name } else { part });
    parts.collect::<Vec<_>>().join("/")
}

fn ask(site: &Site, row: &Row, body: &str) -> Said {
    let media_type = row.doc.and_then(|doc| doc.body).map_or("application/json", |sent| sent.media_type);
    let body = (row.method != Method::Get).then(|| (media_type, body.to_owned()));
    site.send(row.method, &nowhere(row), body, &[])
}

#[test]
fn nobody_gets_in_without_a_key_of_the_right_scope() {
    let app = app();
    let admin = crate::pages::given::signed(&app, startlink::model::admin::Role::Owner);
    let cookies = admin.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
    let stranger = Site::stranger(&app);
    for (need, row) in endpoints(&app) {
        let what = format!("{} {}", row.method, row.path);
        let said = ask(&stranger, row, "{}");
        assert_eq!(said.problem(), (401, "no_key", ""), "{what}");
        assert!(said.header("www-authenticate").starts_with("Bearer"), "{what}");
        let said = stranger.send(row.method, &nowhere(row), None, &[("cookie", &cookies)]);
        assert_eq!(said.problem(), (401, "no_key", ""), "a cookie counts for nothing: {what}");
        let said = stranger.send(row.method, &nowhere(row), None, &[("authorization", "Bearer slk_x")]);
        assert_eq!(said.problem(), (401, "wrong_key", ""), "{what}");
        let Need(area, deed) = need;
        // Who may do everything but one thing may not do what needs everything.
        let missing = if area == Area::Everything { Area::Webhooks } else { area };
        let others =
            Area::ALL.into_iter().filter(|other| *other != missing).map(Area::word).collect::<Vec<_>>().join(",");
        let narrow = if deed == Deed::Write { format!("{others},{}:read", missing.word()) } else { others };
        let said = ask(&Site::with(&app, &narrow), row, "{}");
        assert_eq!(said.problem(), (403, "missing_scope", ""), "{what}");
        assert!(said.header("www-authenticate").contains(&format!("scope=\"{need}\"")), "{what}");
    }
}

#[test]
fn whoever_may_ask_gets_an_answer_and_never_more_than_is_there() {
    let app = app();
    let before = app.store.changes().value();
    for (need, row) in endpoints(&app) {
        let what = format!("{} {}", row.method, row.path);
        let site = Site::with(&app, &need.to_string());
        let said = ask(&site, row, "{}");
        assert!(said.status < 500 && said.status != 401 && said.status != 403, "{what}: {said:?}");
        assert_eq!(said.header("set-cookie"), "", "{what}");
        assert!(said.header("cache-control").contains("no-"), "{what}");
        let named = row.path.contains(':') && row.method != Method::Put;
        assert!(!named || [404, 422, 415].contains(&said.status), "{what}: {said:?}");
    }
    assert!(app.store.changes().value() > before, "the keys themselves");
}

#[test]
fn a_body_that_is_none_changes_nothing() {
    let app = app();
    let site = Site::with(&app, "all");
    site.get("/api/v1/accounts");
    let before = app.store.changes().value();
    for (_, row) in endpoints(&app) {
        let Some(sent) = row.doc.and_then(|doc| doc.body) else { continue };
        let what = format!("{} {}", row.method, row.path);
        let said = ask(&site, row, "{\"broken\": ");
        let told = (said.status, said.problem().1.to_owned());
        if sent.media_type == "multipart/form-data" {
            assert_eq!(said.status, 415, "without a boundary: {what}: {said:?}");
            continue;
        }
        assert!(
            [(400, "bad_json".to_owned()), (422, "invalid_lines".to_owned()), (404, "not_found".to_owned())]
                .contains(&told),
            "{what}: {said:?}"
        );
        let said = site.send(row.method, &nowhere(row), Some(("text/plain", "{}".to_owned())), &[]);
        assert!([415, 404].contains(&said.status), "{what}: {said:?}");
        if sent.media_type == "application/json" {
            let said = ask(&site, row, "{\"surprise\": 1}");
            assert!([404, 422].contains(&said.status), "{what}: {said:?}");
        }
    }
    assert_eq!(app.store.changes().value(), before);
}
