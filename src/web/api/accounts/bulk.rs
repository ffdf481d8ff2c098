//! `POST /api/v1/accounts`: many accounts at once, one JSON object in each line. All lines are carried out, or none: when one
//! is wrong, the answer lists what is wrong with each, and nothing was changed.

use serde_json::{Value, json};
use tide::http::Method;

use super::super::super::{Call, Problem, Response, Row};
use super::super::answer;
use super::super::body::{self, Fields};
use super::super::doc::{Answer, Doc, Sent};
use super::super::repeat::{marked, once};
use super::super::wrong;
use super::{WRITE, brought};
use crate::actions::accounts::{Brought, bring_all};
use crate::actions::keys::Holder;
use crate::model::account::Username;
use crate::model::repeat::{Line, Outcome};

/// Most lines of one request.
const LINES_MAX: usize = 10_000;
/// Most bytes of one request.
const BYTES_MAX: usize = 1024 * 1024;
/// Wrong lines that are listed; more are counted only.
const LISTED: usize = 100;

const BULK: Doc = Doc {
    id: "putAccounts",
    summary: "Make or change many accounts",
    text: "One JSON object in each line, at most 10,000 lines and 1 MiB. All lines are carried out, or none: when lines are \
           wrong, the answer lists them in `errors`.",
    query: &[],
    body: Some(Sent {
        media_type: "application/x-ndjson",
        ..Sent::json("AccountLine", r#"{"username": "ada", "tags": ["vip"]}"#)
    }),
    answers: &[Answer::json(200, "BulkResult", "What became of each line, in their order.")],
};

pub(super) fn rows() -> Vec<Row> {
    vec![Row::key(Method::Post, "/api/v1/accounts", WRITE, &BULK, bulk)]
}

async fn bulk(mut call: Call, holder: Holder) -> Result<Response, Problem> {
    let bytes = body::bytes(&mut call, "application/x-ndjson", BYTES_MAX).await?;
    let told = read(&bytes)?;
    let names: Vec<String> = told.iter().map(|told| told.username.to_string()).collect();
    let caller = holder.caller();
    let effect = move |tx: &mut crate::store::Tx<'_>| Ok(Outcome::Lines(bring_all(tx, &caller, &told)?));
    let (outcome, when) = once(&call, &holder, &bytes, &[], effect).await?;
    let Outcome::Lines(lines) = outcome else { return Err(wrong::other_request()) };
    Ok(marked(answer::json(200, &report(&names, &lines)), when))
}

fn report(names: &[String], lines: &[Line]) -> Value {
    let count = |wanted| lines.iter().filter(|line| **line == wanted).count();
    let items: Vec<Value> =
        names.iter().zip(lines).map(|(name, line)| json!({ "username": name, "outcome": line.word() })).collect();
    json!({
        "created": count(Line::Created),
        "updated": count(Line::Updated),
        "unchanged": count(Line::Unchanged),
        "items": items,
    })
}

/// Every line, or what is wrong with each.
fn read(bytes: &[u8]) -> Result<Vec<Brought>, Problem> {
    let (mut told, mut errors, mut wrong) = (Vec::new(), Vec::new(), 0_usize);
    for (number, line) in (1_u64..).zip(bytes.split(|byte| *byte == b'\n')) {
        if line.trim_ascii().is_empty() {
            continue;
        }
        if told.len() + wrong == LINES_MAX {
            return Err(Problem::too_large(format!("At most {LINES_MAX} lines at once. Nothing was changed.")));
        }
        match account(line) {
            Ok(brought) => told.push(brought),
            Err(problem) => {
                wrong += 1;
                if errors.len() < LISTED {
                    errors.push((number, problem));
                }
            }
        }
    }
    if told.is_empty() && wrong == 0 {
        return Err(wrong::bad_json("The body has no lines. Nothing was changed."));
    }
    if wrong == 0 {
        return Ok(told);
    }
    let text = format!("{wrong} of {} lines are wrong. Nothing was changed.", told.len() + wrong);
    let list: Vec<Value> = errors.into_iter().map(|(number, problem)| problem.at_line(number).entry()).collect();
    let first = list.first().and_then(|entry| entry["line"].as_u64()).unwrap_or(1);
    Err(Problem::told(422, "invalid_lines", "Some lines need another look", text).at_line(first).listing(list))
}

fn account(line: &[u8]) -> Result<Brought, Problem> {
    let mut fields = Fields::parse(line)?;
    let username = fields.needed("username")?;
    let username = Username::parse(&username).map_err(|error| wrong::invalid("username", error.to_string()))?;
    let brought = brought(&mut fields, username)?;
    fields.done()?;
    Ok(brought)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_lines_are_passed_over_and_wrong_ones_are_counted() {
        assert_eq!(read(b"{\"username\": \"a\"}\r\n\n{\"username\": \"b\"}").unwrap().len(), 2);
        assert!(read(b"").is_err() && read(b"\n \n").is_err());
        assert!(read(b"{\"username\": \"a\"}\n{\"username\": \"\"}").is_err());
        let many = |count: usize| "{\"username\": \"a\"}\n".repeat(count);
        assert!(read(many(LINES_MAX).as_bytes()).is_ok() && read(many(LINES_MAX + 1).as_bytes()).is_err());
    }
}
