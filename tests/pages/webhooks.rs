//! The pages of webhook endpoints: made with a secret that is shown once, changed, tried, looked after, deleted.

use std::time::Duration;

use startlink::actions::webhooks::{self, Ended, Round, settle};
use startlink::ids::{EndpointId, EventId};
use startlink::model::admin::Role;
use startlink::model::webhook::{Chosen, Endpoint, OVERLAP, Outcome, State};
use startlink::store::webhooks::{NOBODY, Turn};
use startlink::store::{StoreError, journal};

use super::given::{account, act, app, link, proven, signed};
use crate::support::app::TestApp;
use crate::support::browser::{Browser, Reply};

const ALL: &str = "/admin/settings/webhooks";
const ONE: &str = "/admin/settings/webhooks/1";
const URL: &str = "https://shop.example/hooks?token=x";

fn make(browser: &mut Browser, fields: &[(&str, &str)]) -> Reply {
    browser.post("/admin/settings/webhooks/new", fields)
}

fn endpoint(app: &TestApp) -> Endpoint {
    app.store.read(|read| webhooks::find(read, EndpointId(1))).unwrap().unwrap().endpoint
}

fn secret(page: &Reply) -> String {
    let field = page.between("id=\"webhook-secret\"", ">").unwrap();
    let text = field.split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert!(text.starts_with("whsec_") && text.len() > 40, "{text}");
    text
}

#[test]
fn an_endpoint_is_made_changed_and_deleted() {
    let app = app();
    let mut owner = proven(&app);
    let empty = owner.get(ALL).body;
    assert!(empty.contains("No endpoints yet") && empty.contains("/admin/connect#verify"));
    let fields =
        [("url", URL), ("name", "Shop"), ("events", "only"), ("event", "link.used"), ("event", "message.received")];
    let made = make(&mut owner, &fields);
    let first = secret(&made);
    assert_eq!(endpoint(&app).events, Chosen::Only(vec!["link.used".into(), "message.received".into()]));
    let list = owner.get(ALL).body;
    assert!(
        list.contains("Shop") && list.contains("shop.example") && !list.contains("token=x") && !list.contains(&first)
    );
    let form = owner.get(&format!("{ONE}/edit")).body;
    assert!(form.contains("value=\"link.used\" checked") && form.contains("token=x"));
    let changed =
        owner.post(&format!("{ONE}/edit"), &[("url", "https://shop.example/other"), ("name", ""), ("events", "all")]);
    assert_eq!(changed.location(), ONE);
    assert_eq!((endpoint(&app).name.as_str(), endpoint(&app).events), ("shop.example", Chosen::All));
    let rotated = owner.post(&format!("{ONE}/secret"), &[]);
    assert!(secret(&rotated) != first && rotated.body.contains("two signatures"));
    assert!(owner.get(ONE).body.contains("signs along until"));
    assert!(owner.get(&format!("{ONE}/secret")).body.contains("ends at once"));
    app.advance(OVERLAP);
    let mut owner = proven(&app);
    assert!(!owner.get(ONE).body.contains("signs along until"));
    assert!(owner.get(&format!("{ONE}/delete")).body.contains("Delete the endpoint"));
    assert_eq!(owner.post(&format!("{ONE}/delete"), &[]).location(), ALL);
    assert_eq!(owner.get(ONE).status, 404);
}

#[test]
fn a_mistake_names_its_field_and_keeps_what_was_typed() {
    let app = app();
    let mut owner = proven(&app);
    for (fields, field) in [
        ([("url", "http://shop.example"), ("events", "all"), ("name", "Shop")], "url"),
        ([("url", "https://127.0.0.1/x"), ("events", "all"), ("name", "Shop")], "url"),
        ([("url", URL), ("events", "only"), ("name", "Shop")], "events"),
        ([("url", URL), ("events", "all"), ("name", &"x".repeat(65))], "name"),
    ] {
        let reply = make(&mut owner, &fields);
        assert_eq!(reply.status, 422, "{field}");
        assert!(reply.body.contains(&format!("#f-{field}")), "{field}: {}", reply.body);
        assert!(reply.body.contains(fields[0].1));
    }
    assert!(app.store.read(|read| Ok::<_, StoreError>(webhooks::list(read)?.is_empty())).unwrap());
}

#[test]
fn only_an_owner_who_proved_it_decides_where_events_go() {
    let app = app();
    make(&mut proven(&app), &[("url", URL), ("events", "all")]);
    let (mut operator, mut owner) = (signed(&app, Role::Operator), signed(&app, Role::Owner));
    for below in ["/edit", "/secret", "/delete"] {
        assert_eq!(operator.post(&format!("{ONE}{below}"), &[]).status, 403, "{below}");
        assert_eq!(owner.post(&format!("{ONE}{below}"), &[]).status, 401, "{below}");
    }
    assert_eq!((make(&mut operator, &[]).status, make(&mut owner, &[]).status), (403, 401));
    let page = operator.get(ONE).body;
    assert!(page.contains("Send a test") && !page.contains(&format!("{ONE}/delete")));
    assert_eq!(signed(&app, Role::Sender).get(ALL).status, 403);
    assert_eq!(operator.post(&format!("{ONE}/off"), &[]).location(), ONE);
    assert!(matches!(endpoint(&app).state, State::Off { .. }));
    let off = operator.get(ONE).body;
    assert!(
        off.contains("Switched off just now by the-operator")
            && off.contains("Switch on")
            && !off.contains("Send a test")
    );
    operator.post(&format!("{ONE}/on"), &[]);
    assert_eq!(endpoint(&app).state, State::Active);
}

/// What the sender writes down after an attempt.
fn attempted(app: &TestApp, event: EventId, outcome: Outcome, status: Option<u16>) {
    let at = app.clock.now();
    act(app, move |tx| {
        let owner = journal::event(tx, event)?.and_then(|event| event.account).map(|(id, _)| id);
        let turn = Turn { account: owner.unwrap_or(NOBODY), event };
        let took = Duration::from_millis(1_250);
        let round = Round { ended: vec![Ended { turn, at, outcome, status, took, wish: None }], ..Round::new(event) };
        Ok(settle(tx, EndpointId(1), &round)?)
    });
}

#[test]
fn the_log_tells_each_attempt_in_words_and_sends_again() {
    let app = app();
    let mut owner = proven(&app);
    make(&mut owner, &[("url", URL), ("events", "all")]);
    assert!(owner.get(ONE).body.contains("Nothing was delivered yet"));
    let account = account(&app, "ada");
    link(&app, account);
    let event = app.store.read(journal::newest).unwrap();
    attempted(&app, event, Outcome::Refused, Some(500));
    let failing = owner.get(ONE).body;
    for words in ["link.created", "refused", "500", "1.2 s", "it did not answer with 2xx", "1 event waits", "failing"] {
        assert!(failing.contains(words), "{words}: {failing}");
    }
    app.advance(Duration::from_secs(10));
    attempted(&app, event, Outcome::Delivered, Some(204));
    let good = owner.get(&format!("{ONE}/live?poll=1")).body;
    assert!(good.contains("Everything arrives") && good.contains("try 2") && good.contains("delivered"), "{good}");
    let again = owner.post(&format!("{ONE}/again"), &[("event", &event.to_string())]);
    assert_eq!(again.location(), ONE);
    let shown = app.store.read(|read| webhooks::find(read, EndpointId(1))).unwrap().unwrap();
    assert_eq!(shown.progress.waiting, 1);
    assert_eq!(owner.post(&format!("{ONE}/again"), &[("event", "999")]).status, 404);
    assert_eq!(owner.post(&format!("{ONE}/test"), &[]).location(), ONE);
}
