//! `/api/v1/openapi.json`: the contract (OpenAPI 3.1), made of the rows of the routes, so that it tells of each and of nothing else.

use serde_json::{Map, Value, json};
use tide::http::Method;

use super::super::{Access, Call, Problem, Response, Row};
use super::answer::seen;
use super::doc::{Doc, Kind, Sent};
use super::schemas::schemas;
use crate::model::api_key::Need;

/// The route of the contract.
#[must_use]
pub fn rows() -> Vec<Row> {
    vec![Row::public(Method::Get, "/api/v1/openapi.json", contract)]
}

/// `GET /api/v1/openapi.json`
async fn contract(call: Call) -> Result<Response, Problem> {
    let document = document(call.state().rows(), &call.visitor().origin.text);
    Ok(seen(&call, &document))
}

/// What the contract tells of: rows of the API with their right and their words.
pub(super) fn told(rows: &[Row]) -> impl Iterator<Item = (&Row, Need, &'static Doc)> {
    rows.iter().filter_map(|row| match (row.access, row.doc) {
        (Access::Key(need), Some(doc)) => Some((row, need, doc)),
        _ => None,
    })
}

/// `:name` as the contract writes it.
pub(super) fn template(path: &str) -> String {
    let part = |part: &str| part.strip_prefix(':').map_or_else(|| part.to_owned(), |name| format!("{{{name}}}"));
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// The whole contract.
fn document(rows: &[Row], origin: &str) -> Value {
    let mut paths = Map::new();
    for (row, need, doc) in told(rows) {
        let at = paths.entry(template(row.path)).or_insert_with(|| json!({}));
        if let Some(at) = at.as_object_mut() {
            at.insert(row.method.as_ref().to_ascii_lowercase(), operation(row, need, doc));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "startlink",
            "version": "1",
            "description": "Connects the accounts of a website to Telegram chats, and delivers messages to them. Errors are problem \
                            details (RFC 9457) with a stable `code`, and `field` or `line` where that helps. What a list goes on \
                            with stands in `next`.",
        },
        "servers": [{ "url": origin }],
        "security": [{ "key": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A key begins with `slk_`. It is made on the page \"API keys\" or by `startlink key create`.",
                },
            },
            "schemas": schemas(),
        },
    })
}

fn operation(row: &Row, need: Need, doc: &Doc) -> Value {
    let mut parameters: Vec<Value> =
        row.path.split('/').filter_map(|part| part.strip_prefix(':')).map(in_path).collect();
    parameters.extend(doc.query.iter().map(
        |param| json!({ "name": param.name, "in": "query", "description": param.text, "schema": in_query(param.kind) }),
    ));
    if row.method == Method::Post {
        parameters.push(json!({
            "name": "Idempotency-Key",
            "in": "header",
            "description": "A name of your choice: the same request under the same name is carried out once within 24 hours, and \
                            gets the same answer again.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$" },
        }));
    }
    let mut operation = json!({
        "operationId": doc.id,
        "summary": doc.summary,
        "description": format!("{} Scope: `{need}`.", doc.text).trim_start(),
        "tags": [need.0.word()],
        "parameters": parameters,
        "responses": responses(doc),
    });
    if let (Some(sent), Some(map)) = (doc.body, operation.as_object_mut()) {
        let example: Value = serde_json::from_str(sent.example).unwrap_or(Value::Null);
        let mut content = Map::new();
        content.insert(
            sent.media_type.to_owned(),
            json!({ "schema": reference(sent.schema), "example": example.clone() }),
        );
        if sent.file {
            content.insert("multipart/form-data".to_owned(), with_file(sent, &example));
        }
        map.insert("requestBody".to_owned(), json!({ "required": !sent.optional, "content": content }));
    }
    operation
}

/// The object in one part of a form, the file in another.
fn with_file(sent: Sent, example: &Value) -> Value {
    json!({
        "schema": {
            "type": "object",
            "properties": {
                "json": reference(sent.schema),
                "photo": {
                    "type": "string",
                    "format": "binary",
                    "description": "A JPEG, PNG or WebP picture of at most 10 MB.",
                },
                "document": {
                    "type": "string",
                    "format": "binary",
                    "description": "A file of any kind, at most 50 MB, with its name; not beside a photo.",
                },
            },
            "required": ["json"],
        },
        "encoding": { "json": { "contentType": "application/json" } },
        "example": { "json": example },
    })
}

fn in_query(kind: Kind) -> Value {
    match kind {
        Kind::Text => json!({ "type": "string" }),
        Kind::Number(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Kind::Word(words) => json!({ "type": "string", "enum": words() }),
    }
}

/// Numbers of ours and of Telegram's are numbers, names are texts.
fn in_path(name: &str) -> Value {
    let kind = if name == "username" { "string" } else { "integer" };
    json!({ "name": name, "in": "path", "required": true, "schema": { "type": kind } })
}

fn responses(doc: &Doc) -> Value {
    let mut responses = Map::new();
    for answer in doc.answers {
        let mut response = json!({ "description": answer.text });
        if let (Some((media_type, schema)), Some(map)) = (answer.body, response.as_object_mut()) {
            map.insert("content".to_owned(), json!({ media_type: { "schema": reference(schema) } }));
        }
        responses.insert(answer.status.to_string(), response);
    }
    let problem = json!({
        "description": "What is wrong, as problem details.",
        "content": { "application/problem+json": { "schema": reference("Problem") } },
    });
    responses.insert("default".to_owned(), problem);
    responses.into()
}

fn reference(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::routes::table;

    /// Every `$ref` in a value.
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                found.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
                map.values().for_each(|value| references(value, found));
            }
            Value::Array(list) => list.iter().for_each(|value| references(value, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    #[test]
    fn the_contract_tells_of_every_route_and_of_no_other() {
        let rows = table();
        let document = document(&rows, "https://a.example");
        let mut told: Vec<(String, String)> = Vec::new();
        for (path, at) in document["paths"].as_object().unwrap() {
            told.extend(at.as_object().unwrap().keys().map(|method| (method.to_ascii_uppercase(), path.clone())));
        }
        told.sort();
        let keyed = rows.iter().filter(|row| matches!(row.access, Access::Key(_)));
        let mut there: Vec<(String, String)> =
            keyed.map(|row| (row.method.as_ref().to_owned(), template(row.path))).collect();
        there.sort();
        assert_eq!(told, there);
        let keyless: Vec<&str> = rows
            .iter()
            .filter(|row| row.path.starts_with("/api/") && !matches!(row.access, Access::Key(_)))
            .map(|row| row.path)
            .collect();
        assert_eq!(keyless, ["/api/v1/openapi.json", "/api/docs"], "everything else needs a key");
    }

    #[test]
    fn every_schema_is_there_and_used_and_names_are_unique() {
        let rows = table();
        let document = document(&rows, "https://a.example");
        let mut used = Vec::new();
        references(&document, &mut used);
        let names = document["components"]["schemas"].as_object().unwrap();
        for reference in &used {
            let name = reference.rsplit('/').next().unwrap();
            assert!(names.contains_key(name), "{name} is missing");
        }
        for name in names.keys() {
            assert!(used.iter().any(|reference| reference.ends_with(&format!("/{name}"))), "{name} is not used");
        }
        let mut ids: Vec<&str> = told(&rows).map(|(_, _, doc)| doc.id).collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all);
        for (_, _, doc) in told(&rows) {
            let Some(sent) = doc.body else { continue };
            assert!(serde_json::from_str::<Value>(sent.example).is_ok(), "{}", doc.id);
        }
    }
}
