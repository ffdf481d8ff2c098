//! The control API: the sandbox as JSON, for tests in other languages and for developers of websites. It mirrors what the
//! phones and panels do.

mod groups;

use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tide::{Request, Response, Result, Server};

use super::Sandbox;
use super::acts::{ActError, Which};
use super::arrivals::Arrival;
use super::faults::Fault;
use super::limits::Limits;
use super::orders::Order;
use super::people::Chat;
use super::phone::Phone;
use super::watching;
use super::world::Core;

/// The most people that one call adds.
const MOST_PEOPLE: u32 = 200_000;
/// Arrivals in one answer, unless asked otherwise.
const ARRIVALS: usize = 10_000;
/// The most arrivals in one answer.
const MOST_ARRIVALS: usize = 50_000;
/// The longest that a question for new messages may wait.
const LONGEST_WAIT: u64 = 55;

/// The routes. Bodies and answers are JSON; an error is `{"error": "..."}` with 404 for who or what is not there, 409 for
/// what cannot be done now, 422 for a body that is not as expected.
///
/// | route | does |
/// |---|---|
/// | `GET state` | tells everything at a glance: url, bot, people, groups, counts, limits, faults |
/// | `POST people` `{first_name, language_code?}`, `POST people/many` `{count, first_id?}` | adds people |
/// | `GET phones/ID/messages?after=N&wait=S` | reads a private chat |
/// | `POST phones/ID/ACT` | `start {payload}`, `open {link}`, `send {text}`, `reply {message, text}`, `press {message, label/data/place}`, `block`, `unblock`, `delete`, `deactivate` |
/// | `POST phones/ID/attach` | `{kind, file?, name?, mime?, caption?, duration?, width?, height?, latitude?, longitude?, phone_number?, first_name?, user_id?, reply_to?}`; `file` is base64, `kind` is photo, document, voice, audio, video, location or contact |
/// | `GET groups`, `POST groups` `{title, creator, members?}` | lists groups, makes one |
/// | `GET groups/ID/messages?after=N&wait=S&person=ID` | reads a group, and the note on a person's screen |
/// | `POST groups/ID/ACT` | `add_member {person}`, `add_bot {by, payload?}`, `open {by, link, lost?}`, `remove_bot {by}`, `send {by, text}`, `reply {by, message, text}`, `press {by, message, label/data/place}`, `migrate` |
/// | `POST groups/ID/attach` | as for phones, with `by` |
/// | `DELETE files` | makes every file unavailable |
/// | `GET arrivals?after=N&limit=N` | reads what the bot sent and a chat took |
/// | `GET journal?after=N` | reads the calls of the bot |
/// | `GET updates`, `POST updates` | lists what waits for the bot, queues a text as an update |
/// | `GET faults`, `POST faults`, `DELETE faults`, `DELETE faults/N`, `PUT faults/seed` | orders misbehaviour |
/// | `PUT limits` | sets the sending limits |
pub(super) fn mount(app: &mut Server<Arc<Core>>) {
    groups::mount(app);
    app.at("/control/files").delete(forget_files);
    app.at("/control/phones/:id/attach").post(attach);
    app.at("/control/state").get(state);
    app.at("/control/people").post(add_person);
    app.at("/control/people/many").post(add_people);
    app.at("/control/arrivals").get(arrivals);
    app.at("/control/phones/:id/messages").get(messages);
    app.at("/control/phones/:id/:act").post(act);
    app.at("/control/journal").get(journal);
    app.at("/control/updates").get(updates).post(inject);
    app.at("/control/faults").get(faults).post(add_fault).delete(clear_faults);
    app.at("/control/faults/seed").put(seed_faults);
    app.at("/control/faults/:number").delete(clear_fault);
    app.at("/control/limits").put(limits);
}

fn answer(status: u16, body: &Value) -> Response {
    Response::builder(status).content_type("application/json").body(body.to_string()).build()
}

fn refused(status: u16, why: &str) -> Response {
    answer(status, &json!({ "error": why }))
}

/// The answer to an act that was not possible.
fn failed(error: ActError) -> Response {
    let absent = matches!(error, ActError::NoSuchPerson | ActError::NoSuchGroup);
    refused(if absent { 404 } else { 409 }, &error.to_string())
}

/// The JSON body of a request; an empty one counts as `{}`.
async fn body<T: DeserializeOwned>(request: &mut Request<Arc<Core>>) -> std::result::Result<T, Response> {
    let bytes = request.body_bytes().await.map_err(|_| refused(400, "the body could not be read"))?;
    let bytes = if bytes.iter().all(u8::is_ascii_whitespace) { b"{}".to_vec() } else { bytes };
    serde_json::from_slice(&bytes).map_err(|error| refused(422, &format!("the body is not as expected: {error}")))
}

fn number(request: &Request<Arc<Core>>, name: &str) -> u64 {
    super::pages::query(request, name).and_then(|text| text.parse().ok()).unwrap_or(0)
}

async fn state(request: Request<Arc<Core>>) -> Result {
    let core = request.state();
    let world = core.world();
    let people: Vec<Value> = world.chats.values().take(1000).map(person).collect();
    let (calls, warned) = world.journal.totals();
    let paid = world.limiter.paid();
    Ok(answer(
        200,
        &json!({
            "url": core.base,
            "bot": { "id": world.bot.id, "username": world.bot.username, "name": world.profile.name(), "token": world.bot.token.expose() },
            "people": people,
            "groups": world.groups.values().map(groups::shown).collect::<Vec<Value>>(),
            "waiting_updates": world.queue.waiting().len(),
            "arrived": world.arrivals.total(),
            "calls": calls,
            "calls_with_warnings": warned,
            "limits": world.limiter.limits(),
            "paid": { "messages": paid.messages, "charged": paid.charged, "stars": paid.stars() },
            "faults": list(world.faults.list()),
        }),
    ))
}

fn person(chat: &Chat) -> Value {
    let mut value = json!(chat.person);
    if let Some(fields) = value.as_object_mut() {
        fields.insert("standing".to_owned(), json!(chat.standing));
        fields.insert("last_message_id".to_owned(), json!(chat.room.last_id()));
    }
    value
}

fn list(faults: &[(u64, Fault)]) -> Vec<Value> {
    faults.iter().map(|(number, fault)| json!({ "number": number, "fault": fault })).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPerson {
    first_name: String,
    #[serde(default = "english")]
    language_code: String,
}

fn english() -> String {
    "en".to_owned()
}

async fn add_person(mut request: Request<Arc<Core>>) -> Result {
    let wanted: NewPerson = match body(&mut request).await {
        Ok(wanted) => wanted,
        Err(response) => return Ok(response),
    };
    let sandbox = Sandbox { core: Arc::clone(request.state()) };
    let phone = sandbox.add_person(&wanted.first_name, &wanted.language_code);
    Ok(answer(201, &json!(phone.person())))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPeople {
    count: u32,
    #[serde(default)]
    first_id: Option<i64>,
}

/// People who have started the bot, many at once; the bot is not told.
async fn add_people(mut request: Request<Arc<Core>>) -> Result {
    let wanted: NewPeople = match body(&mut request).await {
        Ok(wanted) => wanted,
        Err(response) => return Ok(response),
    };
    if !(1..=MOST_PEOPLE).contains(&wanted.count) {
        return Ok(refused(422, &format!("count: a number from 1 to {MOST_PEOPLE} is needed")));
    }
    if wanted.first_id.is_some_and(|first| !(1..1 << 52).contains(&first)) {
        return Ok(refused(422, "first_id: people have ids from 1 to 2^52"));
    }
    let sandbox = Sandbox { core: Arc::clone(request.state()) };
    Ok(match sandbox.add_people(wanted.count, wanted.first_id) {
        Ok(first) => {
            let last = first + i64::from(wanted.count) - 1;
            answer(201, &json!({ "first_id": first, "last_id": last, "count": wanted.count }))
        }
        Err(taken) => refused(409, &format!("first_id: there is a person with the id {taken} already")),
    })
}

#[derive(Serialize)]
struct Page<'a> {
    arrivals: Vec<&'a Arrival>,
    /// What to ask after next.
    next: u64,
    total: u64,
}

/// `?after=N` goes on from a number, `?limit=N` bounds the page. The end is reached when `next` is `total`.
async fn arrivals(request: Request<Arc<Core>>) -> Result {
    let after = number(&request, "after");
    let limit = usize::try_from(number(&request, "limit")).unwrap_or(MOST_ARRIVALS).min(MOST_ARRIVALS);
    let limit = if limit == 0 { ARRIVALS } else { limit };
    let world = request.state().world();
    let page: Vec<&Arrival> = world.arrivals.after(after).take(limit).collect();
    let next = page.last().map_or(after, |newest| newest.number);
    let body = serde_json::to_string(&Page { arrivals: page, next, total: world.arrivals.total() })?;
    Ok(Response::builder(200).content_type("application/json").body(body).build())
}

fn phone(request: &Request<Arc<Core>>) -> Phone {
    let id = request.param("id").ok().and_then(|id| id.parse().ok()).unwrap_or(0);
    Phone { core: Arc::clone(request.state()), id }
}

/// `?after=N` leaves out older messages, `?wait=S` waits for one of the bot.
async fn messages(request: Request<Arc<Core>>) -> Result {
    let phone = phone(&request);
    let after = i64::try_from(number(&request, "after")).unwrap_or(i64::MAX);
    let span = Duration::from_secs(number(&request, "wait").min(LONGEST_WAIT));
    if !span.is_zero() {
        // Nothing new is an answer too: the list below is then empty.
        let _ = watching::next_from_bot(&phone.core, phone.id, after, span).await;
    }
    if phone.person().is_none() {
        return Ok(failed(ActError::NoSuchPerson));
    }
    Ok(answer(200, &json!({ "messages": phone.messages(after), "toast": phone.toast(), "standing": phone.standing() })))
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Act {
    text: String,
    payload: String,
    link: String,
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
    let phone = phone(&request);
    let sent = |id: i64| json!({ "message_id": id });
    let done = |()| json!({});
    let result = match request.param("act")? {
        "start" => phone.press_start(&wanted.payload).map(sent),
        "open" => phone.open(&wanted.link).map(sent),
        "send" => phone.send(&wanted.text).map(sent),
        "reply" => phone.reply(wanted.message, &wanted.text).map(sent),
        "press" => {
            let button = which(wanted.label, wanted.data, wanted.place);
            phone.press(wanted.message, &button).map(|pressed| json!(pressed))
        }
        "block" => phone.block().map(done),
        "unblock" => phone.unblock().map(done),
        "delete" => phone.delete_chat().map(done),
        "deactivate" => phone.deactivate().map(done),
        _ => return Ok(refused(404, "there is no such act")),
    };
    Ok(match result {
        Ok(value) => answer(200, &value),
        Err(error) => failed(error),
    })
}

async fn attach(mut request: Request<Arc<Core>>) -> Result {
    let order: Order = match body(&mut request).await {
        Ok(order) => order,
        Err(response) => return Ok(response),
    };
    let (phone, reply_to) = (phone(&request), order.reply_to);
    let Some(attachment) = order.attachment() else { return Ok(no_such_kind()) };
    Ok(match phone.attach_to(reply_to, attachment) {
        Ok(id) => answer(200, &json!({ "message_id": id })),
        Err(error) => failed(error),
    })
}

fn no_such_kind() -> Response {
    refused(422, "kind: photo, document, voice, audio, video, location or contact is needed")
}

async fn forget_files(request: Request<Arc<Core>>) -> Result {
    Sandbox { core: Arc::clone(request.state()) }.forget_files();
    Ok(Response::new(204))
}

/// The button that a label, its data or its place means.
fn which(label: Option<String>, data: Option<String>, place: Option<usize>) -> Which {
    match (label, data) {
        (Some(label), _) => Which::Label(label),
        (None, Some(data)) => Which::Data(data),
        (None, None) => Which::Place(place.unwrap_or(0)),
    }
}

async fn journal(request: Request<Arc<Core>>) -> Result {
    let calls: Vec<Value> =
        request.state().world().journal.after(number(&request, "after")).map(|call| json!(call)).collect();
    Ok(answer(200, &json!({ "calls": calls })))
}

async fn updates(request: Request<Arc<Core>>) -> Result {
    let world = request.state().world();
    let waiting: Vec<Value> = world
        .queue
        .waiting()
        .take(1000)
        .map(|update| json!({ "id": update.id, "at": update.at, "json": update.json }))
        .collect();
    Ok(answer(200, &json!({ "waiting": waiting })))
}

/// The body is queued as it is, well-formed or not.
async fn inject(mut request: Request<Arc<Core>>) -> Result {
    let text = request.body_string().await?;
    let sandbox = Sandbox { core: Arc::clone(request.state()) };
    Ok(answer(201, &json!({ "id": sandbox.inject(&text) })))
}

async fn faults(request: Request<Arc<Core>>) -> Result {
    Ok(answer(200, &json!({ "faults": list(request.state().world().faults.list()) })))
}

async fn add_fault(mut request: Request<Arc<Core>>) -> Result {
    let fault: Fault = match body(&mut request).await {
        Ok(fault) => fault,
        Err(response) => return Ok(response),
    };
    if fault.percent.is_some_and(|percent| percent > 100) {
        return Ok(refused(422, "percent: a number from 0 to 100 is needed"));
    }
    let number = request.state().change(|world| world.faults.add(fault));
    Ok(answer(201, &json!({ "number": number })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seed {
    seed: u64,
}

/// Which of the calls a share hits follows from the seed.
async fn seed_faults(mut request: Request<Arc<Core>>) -> Result {
    let wanted: Seed = match body(&mut request).await {
        Ok(wanted) => wanted,
        Err(response) => return Ok(response),
    };
    request.state().change(|world| world.faults.seed(wanted.seed));
    Ok(Response::new(204))
}

async fn clear_faults(request: Request<Arc<Core>>) -> Result {
    request.state().change(|world| world.faults.clear_all());
    Ok(Response::new(204))
}

async fn clear_fault(request: Request<Arc<Core>>) -> Result {
    let number = request.param("number")?.parse().unwrap_or(0);
    let cleared = request.state().change(|world| world.faults.clear(number));
    Ok(if cleared { Response::new(204) } else { refused(404, "there is no fault of this number") })
}

async fn limits(mut request: Request<Arc<Core>>) -> Result {
    let wanted: Limits = match body(&mut request).await {
        Ok(wanted) => wanted,
        Err(response) => return Ok(response),
    };
    Sandbox { core: Arc::clone(request.state()) }.set_limits(wanted);
    Ok(answer(200, &json!(wanted)))
}
