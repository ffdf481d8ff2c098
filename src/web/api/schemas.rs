//! The schemas of the contract (JSON Schema 2020-12): what is sent, and what comes back. The shapes themselves stand in the files
//! of the endpoints; a test holds both against each other.

use serde_json::{Map, Value, json};

use crate::model::event::NAMES;
use crate::model::webhook::Outcome;

fn text() -> Value {
    json!({ "type": "string" })
}

fn number() -> Value {
    json!({ "type": "integer" })
}

fn flag() -> Value {
    json!({ "type": "boolean" })
}

fn moment() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

fn one_of(words: &[&str]) -> Value {
    json!({ "type": "string", "enum": words })
}

/// The same, or null.
fn or_null(schema: &Value) -> Value {
    json!({ "anyOf": [schema, { "type": "null" }] })
}

fn list_of(schema: &Value) -> Value {
    json!({ "type": "array", "items": schema })
}

fn named(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// What comes back: every field is always there.
fn shape(fields: &[(&str, Value)]) -> Value {
    let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    json!({ "type": "object", "properties": properties(fields), "required": names })
}

/// What is sent: the first fields have to be there, and nothing else may be. Of the others, `null` is as good as none.
fn form(needed: usize, fields: &[(&'static str, Value)]) -> Value {
    let names: Vec<&str> = fields.iter().take(needed).map(|(name, _)| *name).collect();
    let told = |(place, (name, schema)): (usize, &(&'static str, Value))| {
        (*name, if place < needed { schema.clone() } else { or_null(schema) })
    };
    let fields: Vec<_> = fields.iter().enumerate().map(told).collect();
    json!({ "type": "object", "properties": properties(&fields), "required": names, "additionalProperties": false })
}

/// What is sent: exactly one of these fields.
fn either(fields: &[(&'static str, Value)]) -> Value {
    let none = json!({ "type": "null" });
    let only = |(name, schema): &(&'static str, Value)| {
        let others = fields.iter().map(|(other, _)| *other).filter(|other| other != name);
        let properties: Vec<_> = others.map(|other| (other, none.clone())).chain([(*name, schema.clone())]).collect();
        json!({ "type": "object", "properties": self::properties(&properties), "required": [name], "additionalProperties": false })
    };
    json!({ "oneOf": fields.iter().map(only).collect::<Vec<_>>() })
}

fn properties(fields: &[(&str, Value)]) -> Value {
    Value::Object(fields.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect())
}

fn page(name: &str) -> Value {
    shape(&[("items", list_of(&named(name))), ("next", or_null(&text()))])
}

const STANDINGS: [&str; 8] = ["queued", "sending", "sent", "failed", "uncertain", "cancelled", "expired", "skipped"];
const FORMATS: [&str; 2] = ["plain", "html"];

/// Every schema by its name.
pub(super) fn schemas() -> Value {
    let groups = [accounts(), links(), messages(), broadcasts(), webhooks(), moving(), rest()];
    let all: Map<String, Value> =
        groups.into_iter().flatten().map(|(name, schema)| (name.to_owned(), schema)).collect();
    all.into()
}

/// What is brought, and taken out.
fn moving() -> Group {
    let counts: Vec<(&str, Value)> =
        ["lines", "new", "changed", "unchanged", "wrong", "warnings"].map(|name| (name, number())).to_vec();
    let outcomes = ["new", "changed", "unchanged", "wrong"];
    let line = shape(&[
        ("list", one_of(&["accounts", "codes", "chats"])),
        ("line", number()),
        ("username", text()),
        ("outcome", one_of(&outcomes)),
        ("text", or_null(&text())),
    ]);
    let list = or_null(&shape(&counts));
    let report = shape(&[
        ("applied", flag()),
        ("accounts", list.clone()),
        ("codes", list.clone()),
        ("chats", list),
        ("accounts_made", number()),
        ("lines", list_of(&line)),
    ]);
    let lists = form(0, &[("accounts", text()), ("codes", text()), ("chats", text())]);
    let export = json!({ "type": "object", "properties": { "type": text() }, "required": ["type"] });
    vec![("ImportLists", lists), ("ImportReport", report), ("ExportLine", export)]
}

type Group = Vec<(&'static str, Value)>;

fn accounts() -> Group {
    let change = [("name", text()), ("tags", list_of(&text()))];
    let with_name = |needed| {
        let mut fields = vec![("username", text())];
        fields.extend(change.clone());
        form(needed, &fields)
    };
    let account = shape(&[
        ("username", text()),
        ("name", text()),
        ("tags", list_of(&text())),
        ("state", one_of(&["waiting", "linked", "unreachable"])),
        ("chats", number()),
        ("reachable_chats", number()),
        ("muted_chats", number()),
        ("created_at", moment()),
    ]);
    let line = shape(&[("username", text()), ("outcome", one_of(&["created", "updated", "unchanged"]))]);
    let bulk =
        shape(&[("created", number()), ("updated", number()), ("unchanged", number()), ("items", list_of(&line))]);
    let chat = shape(&[
        ("chat_id", number()),
        ("reachability", one_of(&["reachable", "blocked", "left", "deactivated", "unknown"])),
        ("muted", flag()),
        ("linked_at", or_null(&moment())),
        ("last_heard_at", moment()),
        ("telegram", shape(&[("name", text()), ("username", or_null(&text())), ("language", or_null(&text()))])),
    ]);
    vec![
        ("Account", account),
        ("AccountPage", page("Account")),
        ("AccountChange", form(0, &change)),
        ("AccountPatch", with_name(0)),
        ("AccountLine", with_name(1)),
        ("BulkResult", bulk),
        ("Chat", chat),
        ("ChatPage", page("Chat")),
    ]
}

fn links() -> Group {
    let link = shape(&[
        ("id", number()),
        ("username", or_null(&text())),
        ("state", one_of(&["open", "held", "used", "expired", "revoked"])),
        ("created_at", moment()),
        ("expires_at", moment()),
        ("ended_at", or_null(&moment())),
        ("chat_id", or_null(&number())),
        ("return_url", or_null(&text())),
        ("metadata", or_null(&json!({ "type": "object" }))),
        ("code", or_null(&text())),
        ("url", or_null(&text())),
        ("tg_url", or_null(&text())),
        ("group_url", or_null(&text())),
        ("command", or_null(&text())),
        ("page_url", or_null(&text())),
        ("qr_svg", or_null(&text())),
    ]);
    let seconds = json!({ "type": "integer", "minimum": 60, "maximum": 604_800 });
    let new = form(
        1,
        &[
            ("username", text()),
            ("ttl_seconds", seconds),
            ("name", text()),
            ("metadata", json!({ "type": "object" })),
            ("return_url", text()),
        ],
    );
    vec![("Link", link), ("NewLink", new)]
}

/// What is said, as it is sent.
fn content() -> [(&'static str, Value); 6] {
    [
        ("text", text()),
        ("format", one_of(&FORMATS)),
        ("buttons", list_of(&list_of(&named("Button")))),
        ("silent", flag()),
        ("protect", flag()),
        ("answer_within", json!({ "type": "integer", "minimum": 1, "maximum": 604_800 })),
    ]
}

/// The same as it comes back.
fn said() -> [(&'static str, Value); 8] {
    [
        ("text", or_null(&text())),
        ("format", or_null(&one_of(&FORMATS))),
        ("buttons", or_null(&list_of(&list_of(&named("Button"))))),
        ("photo", flag()),
        ("document", or_null(&shape(&[("name", text()), ("size", number())]))),
        ("silent", flag()),
        ("protect", flag()),
        ("answer_within", or_null(&number())),
    ]
}

/// What a message that came in carries.
fn carried() -> [(&'static str, Value); 4] {
    let degrees = || json!({ "type": "number" });
    let file = shape(&[("name", or_null(&text())), ("mime", or_null(&text())), ("size", or_null(&number()))]);
    let place = shape(&[("latitude", degrees()), ("longitude", degrees())]);
    let contact = shape(&[("name", text()), ("phone", text())]);
    [
        ("media", or_null(&text())),
        ("file", or_null(&file)),
        ("location", or_null(&place)),
        ("contact", or_null(&contact)),
    ]
}

fn messages() -> Group {
    let change = shape(&[
        ("action", one_of(&["edit", "delete"])),
        ("state", one_of(&["pending", "done", "failed", "uncertain"])),
        ("reason", or_null(&text())),
        ("detail", or_null(&text())),
        ("asked_at", moment()),
        ("ended_at", or_null(&moment())),
    ]);
    let delivery = shape(&[
        ("chat_id", or_null(&number())),
        ("state", one_of(&STANDINGS)),
        ("reason", or_null(&text())),
        ("detail", or_null(&text())),
        ("attempts", number()),
        ("possible_duplicate", flag()),
        ("telegram_message_id", or_null(&number())),
        ("queued_at", moment()),
        ("expires_at", moment()),
        ("ended_at", or_null(&moment())),
        ("edited_at", or_null(&moment())),
        ("deleted_at", or_null(&moment())),
        ("change", or_null(&change)),
    ]);
    let mut fields = vec![
        ("id", number()),
        ("direction", one_of(&["in", "out"])),
        ("username", or_null(&text())),
        ("chat_id", or_null(&number())),
        ("created_at", moment()),
    ];
    fields.extend(said());
    fields.extend(carried());
    let question = shape(&[
        ("state", one_of(&["open", "answered", "over"])),
        ("until", or_null(&moment())),
        ("value", or_null(&text())),
        ("label", or_null(&text())),
        ("chat_id", or_null(&number())),
        ("answered_at", or_null(&moment())),
    ]);
    fields.extend([("question", or_null(&question)), ("reply_to", or_null(&number()))]);
    fields.push(("deliveries", list_of(&named("Delivery"))));
    let names = json!({ "type": "array", "items": text(), "minItems": 1, "maxItems": 1000 });
    let to = either(&[("username", text()), ("usernames", names), ("chat_id", number()), ("message_id", number())]);
    let words: Vec<_> = content().into_iter().take(3).collect();
    let mut new = vec![("to", to)];
    new.extend(content());
    new.push(("on_uncertain", one_of(&["retry", "report"])));
    new.push(("expires_in", json!({ "type": "integer", "minimum": 1, "maximum": 604_800 })));
    let error = shape(&[("code", text()), ("detail", text())]);
    let item = shape(&[("username", text()), ("message", or_null(&named("Message"))), ("error", or_null(&error))]);
    let either = json!({ "oneOf": [named("Message"), shape(&[("items", list_of(&item))])] });
    // Sent with either of the two; comes back with both fields, of which one is null.
    let mut button = shape(&[("label", text()), ("url", or_null(&text())), ("value", or_null(&text()))]);
    if let Some(required) = button.get_mut("required") {
        *required = json!(["label"]);
    }
    vec![
        ("Message", shape(&fields)),
        ("Delivery", delivery),
        ("Button", button),
        ("NewMessage", form(1, &new)),
        ("MessagePatch", form(0, &words)),
        ("MessageOrList", either),
        ("File", json!({ "type": "string", "format": "binary" })),
    ]
}

fn broadcasts() -> Group {
    let tags = form(0, &[("all", list_of(&text())), ("any", list_of(&text())), ("none", list_of(&text()))]);
    let to = either(&[("all", json!({ "const": true })), ("tags", tags), ("usernames", list_of(&text()))]);
    let mut new = vec![("audience", to)];
    new.extend(content());
    new.extend([("rate", number()), ("paid", flag())]);
    let mut patch = new.clone();
    patch.push(("photo", json!({ "type": "null" })));
    patch.push(("document", json!({ "type": "null" })));
    let account = form(1, &[("username", text())]);
    let mut fields = vec![
        ("id", number()),
        ("state", one_of(&["draft", "scheduled", "preparing", "sending", "paused", "done", "cancelled"])),
        ("pause", or_null(&shape(&[("reason", text()), ("detail", or_null(&text()))]))),
        ("created_at", moment()),
        ("scheduled_at", or_null(&moment())),
        ("started_at", or_null(&moment())),
        ("ended_at", or_null(&moment())),
        ("audience", json!({ "type": "object" })),
        ("rate", or_null(&number())),
        ("paid", flag()),
        ("revision", text()),
    ];
    fields.extend(said());
    fields.extend([("chats", number()), ("accounts", number()), ("reached_accounts", number())]);
    fields.push(("counts", shape(&STANDINGS.map(|word| (word, number())))));
    let answers = list_of(&shape(&[("value", text()), ("label", text()), ("count", number())]));
    let question = shape(&[("until", or_null(&moment())), ("answered", number()), ("answers", answers)]);
    fields.push(("question", or_null(&question)));
    let recipient = shape(&[
        ("username", or_null(&text())),
        ("chat_id", number()),
        ("state", one_of(&STANDINGS)),
        ("reason", or_null(&text())),
        ("detail", or_null(&text())),
        ("telegram_message_id", or_null(&number())),
        ("ended_at", or_null(&moment())),
        ("answer", or_null(&text())),
    ]);
    vec![
        ("Broadcast", shape(&fields)),
        ("BroadcastPage", page("Broadcast")),
        ("NewBroadcast", form(1, &new)),
        ("BroadcastPatch", form(0, &patch)),
        ("StartBroadcast", form(0, &[("chats", number()), ("at", moment()), ("revision", text())])),
        ("TestBroadcast", form(1, &[("to", account)])),
        ("Recipient", recipient),
        ("RecipientPage", page("Recipient")),
        ("Csv", text()),
    ]
}

fn webhooks() -> Group {
    let fields = vec![
        ("id", number()),
        ("name", text()),
        ("url", text()),
        ("events", or_null(&list_of(&one_of(&NAMES)))),
        ("state", one_of(&["active", "off", "failed", "gone"])),
        ("off_since", or_null(&moment())),
        ("detail", or_null(&text())),
        ("created_at", moment()),
        ("failing_since", or_null(&moment())),
        ("last_delivered_at", or_null(&moment())),
        ("waiting", number()),
        ("next_try_at", or_null(&moment())),
        ("previous_secret_until", or_null(&moment())),
    ];
    let mut with_secret = fields.clone();
    with_secret.push(("secret", text()));
    let events = || or_null(&list_of(&one_of(&NAMES)));
    let attempt = shape(&[
        ("event_id", number()),
        ("test", flag()),
        ("number", number()),
        ("at", moment()),
        ("outcome", one_of(&Outcome::ALL.map(Outcome::word))),
        ("detail", text()),
        ("status", or_null(&number())),
        ("took_ms", number()),
    ]);
    vec![
        ("Webhook", shape(&fields)),
        ("WebhookPage", page("Webhook")),
        ("WebhookWithSecret", shape(&with_secret)),
        ("NewWebhook", form(1, &[("url", text()), ("name", text()), ("events", events())])),
        ("WebhookChange", form(0, &[("url", text()), ("name", or_null(&text())), ("events", events())])),
        ("WebhookEvent", shape(&[("webhook_id", number()), ("event_id", number())])),
        ("Redelivery", form(1, &[("event_id", number())])),
        ("WebhookAttempt", attempt),
        ("WebhookAttemptPage", page("WebhookAttempt")),
    ]
}

fn rest() -> Group {
    let event = shape(&[
        ("id", number()),
        ("type", one_of(&NAMES)),
        ("timestamp", moment()),
        ("username", or_null(&text())),
        ("data", json!({ "type": "object" })),
    ]);
    let problem = json!({
        "type": "object",
        "properties": {
            "type": text(), "title": text(), "status": number(), "code": text(), "detail": text(), "field": text(),
            "line": number(), "column": number(), "request_id": text(),
            "errors": list_of(&json!({ "type": "object" })),
        },
        "required": ["type", "title", "status", "code", "detail"],
    });
    let switch = form(1, &[("enabled", json!({ "type": "boolean" }))]);
    vec![("AutomaticAnswer", switch), ("Event", event), ("EventPage", page("Event")), ("Problem", problem)]
}
