//! The switch for what the bot says by itself.

use serde_json::json;
use startlink::store::meta;
use tide::http::Method;

use super::given::Site;
use crate::pages::given::app;

const PATH: &str = "/api/v1/automatic-answer";

#[test]
fn a_website_that_answers_switches_the_bots_own_answer_off() {
    let app = app();
    let site = Site::with(&app, "messages");
    assert_eq!(site.get(PATH).json, json!({ "enabled": true }));
    assert_eq!(site.json(Method::Patch, PATH, &json!({ "enabled": false })).json, json!({ "enabled": false }));
    assert!(app.store.read(meta::saved).unwrap().no_passed_on);
    assert_eq!(site.get(PATH).json, json!({ "enabled": false }));
    assert_eq!(site.json(Method::Patch, PATH, &json!({ "enabled": true })).status, 200);
    for (body, problem) in [
        (json!({}), (422, "missing_field", "enabled")),
        (json!({ "enabled": "no" }), (422, "invalid", "enabled")),
        (json!({ "enabled": true, "on": 1 }), (422, "unknown_field", "on")),
    ] {
        assert_eq!(site.json(Method::Patch, PATH, &body).problem(), problem);
    }
    assert!(!app.store.read(meta::saved).unwrap().no_passed_on, "nothing is half done");
    let other = Site::with(&app, "links");
    assert_eq!(other.get(PATH).status, 403);
}
