//! `/api/docs`: the contract for people, made of the same rows, without scripts.

use std::collections::BTreeMap;

use maud::{Markup, html};
use serde_json::Value;
use tide::http::Method;

use super::super::{Call, Problem, Response, Row, answer};
use super::doc::Doc;
use super::openapi::{template, told};
use crate::model::api_key::{Area, Need};
use crate::view::layout;
use crate::view::shell::{Public, public};

/// The codes of problems, and when they come.
const CODES: &[(&str, u16, &str)] = &[
    ("bad_json", 400, "The body is no JSON object; `line` and `column` say where it breaks."),
    ("duplicate_field", 400, "A field stands there twice; `field` names it."),
    ("bad_request", 400, "The request did not arrive whole."),
    ("no_key", 401, "There is no key in the header Authorization."),
    ("wrong_key", 401, "The key is not known, was revoked, or has ended."),
    ("missing_scope", 403, "The key may not do this; the detail names the scope."),
    ("not_found", 404, "There is no such thing."),
    ("method_not_allowed", 405, "This address does not take this method."),
    ("conflict", 409, "It does not fit what is there."),
    ("in_progress", 409, "A request with this Idempotency-Key is running."),
    ("file_too_large", 409, "Telegram does not serve a file of this size to bots."),
    ("file_gone", 410, "Telegram does not have the file any more."),
    ("too_slow", 408, "The request did not arrive in time."),
    ("too_large", 413, "The body is larger than it may be."),
    ("unsupported_media_type", 415, "The body has another Content-Type than this endpoint takes."),
    ("invalid", 422, "A field is wrong; `field` names it."),
    ("missing_field", 422, "A field is missing; `field` names it."),
    ("unknown_field", 422, "There is no such field; `field` names it."),
    ("invalid_lines", 422, "Lines are wrong; `errors` lists them with `line`. Nothing was changed."),
    ("idempotency_mismatch", 422, "This Idempotency-Key was used for another request."),
    ("too_many_requests", 429, "Wait as long as Retry-After says."),
    ("internal", 500, "Something went wrong in here; `request_id` finds it in the log."),
    ("not_implemented", 501, "The server does not know this method, or this transfer coding."),
    ("unreachable", 503, "Telegram does not answer just now; later it may."),
    ("not_set_up", 503, "This instance is not set up yet."),
];

/// The route of the page.
#[must_use]
pub fn rows() -> Vec<Row> {
    vec![Row::public(Method::Get, "/api/docs", page)]
}

/// `GET /api/docs`
async fn page(call: Call) -> Result<Response, Problem> {
    let origin = &call.visitor().origin.text;
    let rows: Vec<(&Row, Need, &Doc)> = told(call.state().rows()).collect();
    let body = html! {
        (begin(origin))
        @for area in Area::ALL.into_iter().chain([Area::Everything]) {
            @let here: Vec<_> = rows.iter().filter(|(_, need, _)| need.0 == area).collect();
            @if !here.is_empty() {
                section id=(area.word()) {
                    h2 { (capital(area.word())) }
                    @for (row, need, doc) in here { (endpoint(row, *need, doc, origin)) }
                }
            }
        }
        (codes())
    };
    let foot = html! { p { "The same for programs: " a href="/api/v1/openapi.json" { "openapi.json" } } };
    let site = call.visitor().site();
    Ok(answer::page(public(&Public { title: "The HTTP API", site: &site, body, foot })))
}

fn begin(origin: &str) -> Markup {
    let first = format!(
        "curl {origin}/api/v1/links -H \"Authorization: Bearer $STARTLINK_KEY\" \\\n  -H \"Content-Type: application/json\" \
         -d '{{\"username\": \"ada\"}}'"
    );
    html! {
        p.lead { "Make a link for a user of your website, show it, hear when it was used, write to the user." }
        (layout::terminal(&first))
        ul {
            li { "A key goes into the header " code { "Authorization: Bearer slk_..." } " and nowhere else." }
            li { "Bodies are JSON; a field that is not known is refused by its name." }
            li { "Give each POST an " code { "Idempotency-Key" } ": asked again, it is not carried out again, and answered the same." }
            li { "A list goes on with the " code { "next" } " of its page; " code { "limit" } " is at most 200." }
            li { "What is looked at often has an " code { "ETag" } "; with " code { "If-None-Match" } " nothing new costs no body." }
            li { code { "RateLimit-Remaining" } " and " code { "RateLimit-Reset" } " tell how many requests are left, and until when." }
        }
    }
}

fn endpoint(row: &Row, need: Need, doc: &Doc, origin: &str) -> Markup {
    html! {
        article id=(doc.id) {
            h3 { (doc.summary) }
            p { code { (row.method.as_ref()) " " (template(row.path)) } " needs " code { (need) } }
            @if !doc.text.is_empty() { p { (spoken(doc.text)) } }
            @if !doc.query.is_empty() {
                dl {
                    @for param in doc.query { dt { code { (param.name) } } dd { (spoken(param.text)) } }
                }
            }
            @if let Some(sent) = doc.body { (layout::terminal(&example(row, (sent.media_type, sent.example), origin))) }
            @for answer in doc.answers {
                p { strong { (answer.status) } " " (spoken(answer.text)) }
            }
        }
    }
}

fn example(row: &Row, (media_type, body): (&str, &str), origin: &str) -> String {
    if media_type == "multipart/form-data" {
        return format!(
            "curl {origin}{} -H \"Authorization: Bearer $STARTLINK_KEY\" \\\n {}",
            template(row.path),
            parts(body)
        );
    }
    let method = if row.method == Method::Post { String::new() } else { format!("-X {} ", row.method) };
    format!(
        "curl {method}{origin}{} -H \"Authorization: Bearer $STARTLINK_KEY\" \\\n  -H \"Content-Type: {media_type}\" -d '{body}'",
        template(row.path)
    )
}

/// The parts of a form, each from a file.
fn parts(body: &str) -> String {
    let parts: BTreeMap<String, Value> = serde_json::from_str(body).unwrap_or_default();
    parts.keys().fold(String::new(), |line, name| format!("{line} -F {name}=@{name}.csv"))
}

fn codes() -> Markup {
    html! {
        section id="problems" {
            h2 { "When something is wrong" }
            p { "Errors are " code { "application/problem+json" } ": " code { "code" } " is stable, " code { "detail" } " is a sentence for people." }
            dl {
                @for (code, status, text) in CODES {
                    dt id=(code) { code { (code) } " " (status) }
                    dd { (spoken(text)) }
                }
            }
        }
    }
}

/// A text in which what stands between backticks is code.
fn spoken(text: &str) -> Markup {
    html! {
        @for (place, piece) in text.split('`').enumerate() {
            @if place % 2 == 1 { code { (piece) } } @else { (piece) }
        }
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
