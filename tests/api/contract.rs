//! The contract and the answers: every field that comes is in the schema, and every field of the schema comes.

use serde_json::{Value, json};

use super::given::Site;
use crate::pages::given::{account, app, claim, link};

/// What does not fit, as paths.
fn misfits(schemas: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return misfits(schemas, &schemas[name], value, at);
    }
    if let Some(any) = schema["anyOf"].as_array().or_else(|| schema["oneOf"].as_array()) {
        let tried: Vec<Vec<String>> = any.iter().map(|one| misfits(schemas, one, value, at)).collect();
        return tried.into_iter().min_by_key(Vec::len).unwrap();
    }
    let fits = match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        other => panic!("{at}: a schema of type {other:?}"),
    };
    if !fits {
        return vec![format!("{at} is {value}")];
    }
    if let Some(words) = schema["enum"].as_array() {
        return if words.contains(value) { Vec::new() } else { vec![format!("{at} is {value}")] };
    }
    if let (Some(items), true) = (value.as_array(), schema["items"].is_object()) {
        return items.iter().flat_map(|item| misfits(schemas, &schema["items"], item, &format!("{at}[]"))).collect();
    }
    let (Some(properties), Some(fields)) = (schema["properties"].as_object(), value.as_object()) else {
        return Vec::new();
    };
    let mut found: Vec<String> = fields
        .keys()
        .filter(|name| !properties.contains_key(*name))
        .map(|name| format!("{at}.{name} is not told"))
        .collect();
    for (name, schema) in properties {
        match fields.get(name) {
            Some(value) => found.extend(misfits(schemas, schema, value, &format!("{at}.{name}"))),
            None if schema.is_object() => found.push(format!("{at}.{name} does not come")),
            None => {}
        }
    }
    found
}

#[test]
fn answers_are_as_the_contract_says() {
    let app = app();
    let site = Site::with(&app, "all");
    let ada = account(&app, "ada");
    claim(&app, ada, 11, "Ada L");
    link(&app, ada);
    site.post("/api/v1/messages", &json!({ "to": { "username": "ada" }, "text": "x" }));
    site.post("/api/v1/broadcasts", &json!({ "text": "x", "audience": { "all": true } }));
    let endpoint = site.post("/api/v1/webhooks", &json!({ "url": "https://example.org/" }));
    let again = site.post("/api/v1/webhooks/1/redeliver", &json!({ "event_id": 1 }));
    let contract = site.get("/api/v1/openapi.json").json;
    let schemas = &contract["components"]["schemas"];
    for (said, schema) in [(endpoint, "WebhookWithSecret"), (again, "WebhookEvent")] {
        assert_eq!(misfits(schemas, &schemas[schema], &said.json, schema), Vec::<String>::new());
    }
    for (path, schema) in [
        ("/api/v1/accounts/ada", "Account"),
        ("/api/v1/accounts", "AccountPage"),
        ("/api/v1/accounts/ada/chats", "ChatPage"),
        ("/api/v1/links/1", "Link"),
        ("/api/v1/links/2", "Link"),
        ("/api/v1/messages/1", "Message"),
        ("/api/v1/broadcasts/1", "Broadcast"),
        ("/api/v1/broadcasts", "BroadcastPage"),
        ("/api/v1/broadcasts/1/recipients", "RecipientPage"),
        ("/api/v1/events", "EventPage"),
        ("/api/v1/webhooks", "WebhookPage"),
        ("/api/v1/webhooks/1", "Webhook"),
        ("/api/v1/webhooks/1/attempts", "WebhookAttemptPage"),
    ] {
        let said = site.get(path);
        assert_eq!(said.status, 200, "{path}: {said:?}");
        assert_eq!(misfits(schemas, &schemas[schema], &said.json, schema), Vec::<String>::new(), "{path}");
    }
    let many = site.post("/api/v1/messages", &json!({ "to": { "usernames": ["ada", "eve"] }, "text": "x" }));
    assert_eq!(misfits(schemas, &schemas["MessageOrList"], &many.json, "many"), Vec::<String>::new());
    let lists =
        "--x\r\nContent-Disposition: form-data; name=\"codes\"\r\n\r\ncode,username\nCARD-0042,zoe\n\r\n--x--\r\n";
    let brought = site.send(
        tide::http::Method::Post,
        "/api/v1/import",
        Some(("multipart/form-data; boundary=x", lists.to_owned())),
        &[],
    );
    assert_eq!(misfits(schemas, &schemas["ImportReport"], &brought.json, "import"), Vec::<String>::new());
    assert!(!misfits(schemas, &schemas["Link"], &json!({ "id": "1" }), "link").is_empty(), "the test itself");
}

#[test]
fn the_page_for_people_tells_of_every_endpoint_and_every_problem() {
    let app = app();
    let page = Site::stranger(&app).get("/api/docs");
    assert_eq!(page.status, 200);
    for row in app.state.rows() {
        let Some(doc) = row.doc else { continue };
        assert!(page.text.contains(&format!("id=\"{}\"", doc.id)), "{}", doc.id);
    }
    let scripts = page.text.matches("<script").count();
    assert_eq!(page.text.matches("<script src=\"/assets/").count(), scripts, "none but the one of every page");
    let site = Site::with(&app, "links");
    let said = site.get("/api/v1/links/1");
    let anchor = said.json["type"].as_str().unwrap().strip_prefix("/api/docs#").unwrap();
    assert!(page.text.contains(&format!("id=\"{anchor}\"")), "{anchor}");
}
