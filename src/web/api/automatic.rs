//! `/api/v1/automatic-answer`: whether the bot itself says something to people who write. A website that answers them switches it
//! off.

use serde_json::json;
use tide::http::Method;

use super::super::{Call, Problem, Response, Row};
use super::answer::json as answer;
use super::doc::{Answer, Doc, Sent};
use super::{body, wrong};
use crate::actions::keys::Holder;
use crate::actions::settings::switch_automatic_answer;
use crate::model::api_key::{Area, Deed, Need};
use crate::store::meta;

const PATH: &str = "/api/v1/automatic-answer";

const GET: Doc = Doc {
    id: "getAutomaticAnswer",
    summary: "Ask whether the bot answers by itself",
    text: "`enabled`: who writes is told once a day that it was passed on. Commands, codes and presses are always answered.",
    query: &[],
    body: None,
    answers: &[Answer::json(200, "AutomaticAnswer", "The switch.")],
};
const PATCH: Doc = Doc {
    id: "patchAutomaticAnswer",
    summary: "Switch the automatic answer on or off",
    text: "Switch it off when your website answers `message.received` itself. It counts from the next message on.",
    query: &[],
    body: Some(Sent::json("AutomaticAnswer", r#"{"enabled": false}"#)),
    answers: &[Answer::json(200, "AutomaticAnswer", "The switch as it is now.")],
};

/// The routes of the switch.
#[must_use]
pub fn rows() -> Vec<Row> {
    vec![
        Row::key(Method::Get, PATH, Need(Area::Messages, Deed::Read), &GET, get),
        Row::key(Method::Patch, PATH, Need(Area::Messages, Deed::Write), &PATCH, patch),
    ]
}

/// `GET /api/v1/automatic-answer`
async fn get(call: Call, _: Holder) -> Result<Response, Problem> {
    shown(&call)
}

/// `PATCH /api/v1/automatic-answer`
async fn patch(mut call: Call, holder: Holder) -> Result<Response, Problem> {
    let (mut fields, _) = body::object(&mut call).await?;
    let on = fields.choice("enabled")?.ok_or_else(|| wrong::missing("enabled"))?;
    fields.done()?;
    call.state().store().write(move |tx| switch_automatic_answer(tx, &holder.caller(), on)).await?;
    shown(&call)
}

fn shown(call: &Call) -> Result<Response, Problem> {
    let saved = call.state().store().read(meta::saved)?;
    Ok(answer(200, &json!({ "enabled": !saved.no_passed_on })))
}
