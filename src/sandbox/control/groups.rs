//! Groups in the control API: making them, acting in them, reading them.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use tide::{Request, Response, Result, Server};

use super::super::Sandbox;
use super::super::acts::ActError;
use super::super::group::Group;
use super::super::groups::{GroupChat, Membership};
use super::super::orders::Order;
use super::super::watching;
use super::super::world::Core;
use super::{LONGEST_WAIT, answer, body, failed, number, refused, which};

pub(super) fn mount(app: &mut Server<Arc<Core>>) {
    app.at("/control/groups").get(list).post(add);
    app.at("/control/groups/:id/messages").get(messages);
    app.at("/control/groups/:id/attach").post(attach);
    app.at("/control/groups/:id/:act").post(act);
}

fn group(request: &Request<Arc<Core>>) -> Group {
    let id = request.param("id").ok().and_then(|id| id.parse().ok()).unwrap_or(0);
    Group { core: Arc::clone(request.state()), id }
}

/// A group as JSON.
pub(super) fn shown(group: &GroupChat) -> Value {
    json!({
        "id": group.id,
        "title": group.title,
        "kind": group.kind(),
        "creator": group.creator,
        "members": group.members,
        "bot": group.bot == Membership::Member,
        "migrated_to": group.migrated_to,
        "last_message_id": group.room.last_id(),
    })
}

async fn list(request: Request<Arc<Core>>) -> Result {
    let world = request.state().world();
    let groups: Vec<Value> = world.groups.values().map(shown).collect();
    Ok(answer(200, &json!({ "groups": groups })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewGroup {
    title: String,
    creator: i64,
    #[serde(default)]
    members: Vec<i64>,
}

async fn add(mut request: Request<Arc<Core>>) -> Result {
    let wanted: NewGroup = match body(&mut request).await {
        Ok(wanted) => wanted,
        Err(response) => return Ok(response),
    };
    let sandbox = Sandbox { core: Arc::clone(request.state()) };
    let made = sandbox.make_group(&wanted.title, wanted.creator).and_then(|group| {
        wanted.members.iter().try_for_each(|member| group.add_member(*member))?;
        Ok(group)
    });
    Ok(match made {
        Ok(group) => answer(201, &request.state().world().groups.get(&group.id).map_or(Value::Null, shown)),
        Err(error) => failed(error),
    })
}

/// `?after=N` leaves out older messages, `?wait=S` waits for one of the bot, `?person=ID` tells whose screen is meant.
async fn messages(request: Request<Arc<Core>>) -> Result {
    let group = group(&request);
    let after = i64::try_from(number(&request, "after")).unwrap_or(i64::MAX);
    let span = Duration::from_secs(number(&request, "wait").min(LONGEST_WAIT));
    if !span.is_zero() {
        // Nothing new is an answer too: the list below is then empty.
        let _ = watching::next_from_bot(&group.core, group.id, after, span).await;
    }
    let person = i64::try_from(number(&request, "person")).unwrap_or(0);
    let (messages, toast) = (group.messages(after), group.toast(person));
    let world = group.core.world();
    Ok(match world.groups.get(&group.id) {
        Some(found) => answer(200, &json!({ "messages": messages, "toast": toast, "group": shown(found) })),
        None => failed(ActError::NoSuchGroup),
    })
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Act {
    by: i64,
    person: i64,
    payload: Option<String>,
    link: String,
    /// The client loses the code of the link.
    lost: bool,
    text: String,
    message: i64,
    label: Option<String>,
    data: Option<String>,
    place: Option<usize>,
}

async fn act(mut request: Request<Arc<Core>>) -> Result {
    let wanted: Act = match body(&mut request).await {
        Ok(wanted) => wanted,
        Err(response) => return Ok(response),
    };
    let (group, by) = (group(&request), wanted.by);
    let sent = |id: i64| json!({ "message_id": id });
    let started = |id: Option<i64>| json!({ "message_id": id });
    let done = |()| json!({});
    let result = match request.param("act")? {
        "add_member" => group.add_member(wanted.person).map(done),
        "add_bot" => group.add_bot(by, wanted.payload.as_deref()).map(started),
        "open" if wanted.lost => group.read_link(&wanted.link).and_then(|_| group.add_bot(by, None)).map(started),
        "open" => group.open(by, &wanted.link).map(started),
        "remove_bot" => group.remove_bot(by).map(done),
        "send" => group.send(by, &wanted.text).map(sent),
        "reply" => group.reply(by, wanted.message, &wanted.text).map(sent),
        "press" => {
            let button = which(wanted.label, wanted.data, wanted.place);
            group.press(by, wanted.message, &button).map(|pressed| json!(pressed))
        }
        "migrate" => group.migrate().map(|id| json!({ "id": id })),
        _ => return Ok(refused(404, "there is no such act")),
    };
    Ok(finished(result))
}

async fn attach(mut request: Request<Arc<Core>>) -> Result {
    let order: Order = match body(&mut request).await {
        Ok(order) => order,
        Err(response) => return Ok(response),
    };
    let (group, by, reply_to) = (group(&request), order.by, order.reply_to);
    let Some(attachment) = order.attachment() else { return Ok(super::no_such_kind()) };
    Ok(finished(group.attach(by, reply_to, attachment).map(|id| json!({ "message_id": id }))))
}

fn finished(result: std::result::Result<Value, ActError>) -> Response {
    match result {
        Ok(value) => answer(200, &value),
        Err(error) => failed(error),
    }
}
