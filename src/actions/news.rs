//! Events as the website reads them, by the API and by webhooks alike: what each tells, in the form that Standard Webhooks 1.0
//! recommends. Every name here is a promise. What has been removed since is left out, so that an event can always be told.

use serde_json::{Map, Value, json};

use crate::clock::Timestamp;
use crate::ids::{BroadcastId, ChatId, EventId, LinkId, MessageId};
use crate::model::delivery::{Delivery, DeliveryState, Standing};
use crate::model::event::{Deleted, Event, EventKind, Unlinked};
use crate::model::link::Revocation;
use crate::model::message::{Body, Button, Carried, Media};
use crate::model::webhook::TEST;
use crate::store::{Read, StoreError, broadcasts, chats, deliveries, links, messages, recipients};

/// An event: its number, name, moment and account, and what there is to tell.
pub fn json(read: &impl Read, id: EventId, event: &Event) -> Result<Value, StoreError> {
    Ok(json!({
        "id": id.0,
        "type": event.kind.name(),
        "timestamp": event.at.rfc3339(),
        "username": event.account.as_ref().map(|(_, username)| username.as_str()),
        "data": data(read, &event.kind)?,
    }))
}

/// What an endpoint of a webhook is told when a person tries it.
#[must_use]
pub fn test(id: EventId, at: Timestamp) -> Value {
    json!({ "id": id.0, "type": TEST, "timestamp": at.rfc3339(), "username": null, "data": {} })
}

fn data(read: &impl Read, kind: &EventKind) -> Result<Map<String, Value>, StoreError> {
    let mut data = Map::new();
    match *kind {
        EventKind::LinkCreated(link) | EventKind::LinkExpired(link) => of_link(read, &mut data, link)?,
        EventKind::LinkRevoked(link, why) => {
            of_link(read, &mut data, link)?;
            put(&mut data, "reason", revoked(why));
        }
        EventKind::LinkUsed(link, chat) => {
            of_link(read, &mut data, link)?;
            of_chat(read, &mut data, chat)?;
        }
        EventKind::ChatLinked(chat) | EventKind::ChatRegained(chat) => of_chat(read, &mut data, chat)?,
        EventKind::ChatUnlinked(chat, why) => {
            of_chat(read, &mut data, chat)?;
            put(&mut data, "reason", unlinked(why));
        }
        EventKind::ChatLost(chat, reachability) => {
            of_chat(read, &mut data, chat)?;
            put(&mut data, "reachability", reachability.word());
        }
        EventKind::MessageReceived(message, chat) => {
            put(&mut data, "message_id", message.0);
            of_chat(read, &mut data, chat)?;
            of_words(read, &mut data, message)?;
        }
        EventKind::MessageSent(message, chat) | EventKind::MessageUncertain(message, chat) => {
            of_delivery(read, &mut data, message, Some(chat))?;
        }
        EventKind::MessageFailed(message, chat) => of_delivery(read, &mut data, message, chat)?,
        EventKind::BroadcastDone(broadcast) => of_broadcast(read, &mut data, broadcast)?,
        EventKind::ButtonPressed(message, chat) => {
            put(&mut data, "message_id", message.0);
            of_chat(read, &mut data, chat)?;
            let row = messages::get(read, message)?;
            let body = row.as_ref().and_then(|row| messages::body(read, row));
            of_answer(&mut data, body.as_ref(), row.and_then(|row| row.answer).map(|answer| answer.button));
        }
        EventKind::BroadcastAnswered(broadcast, position) => {
            put(&mut data, "broadcast_id", broadcast.0);
            let row = recipients::get(read, broadcast, position)?;
            if let Some(row) = &row {
                of_chat(read, &mut data, row.chat)?;
            }
            let body = broadcasts::body(read, broadcast)?;
            of_answer(&mut data, body.as_ref(), row.and_then(|row| row.answer));
        }
        EventKind::AccountDeleted(why) => put(&mut data, "reason", deleted(why)),
    }
    Ok(data)
}

fn put(data: &mut Map<String, Value>, name: &str, value: impl Into<Value>) {
    data.insert(name.to_owned(), value.into());
}

fn revoked(why: Revocation) -> &'static str {
    match why {
        Revocation::Superseded => "superseded",
        Revocation::Asked => "asked",
        Revocation::AccountDeleted => "account_deleted",
    }
}

fn unlinked(why: Unlinked) -> &'static str {
    match why {
        Unlinked::ByPerson => "by_person",
        Unlinked::BySite => "by_site",
        Unlinked::Moved => "moved",
        Unlinked::AccountDeleted => "account_deleted",
    }
}

fn deleted(why: Deleted) -> &'static str {
    match why {
        Deleted::ByPerson => "by_person",
        Deleted::BySite => "by_site",
    }
}

/// Which button of a question was pressed: its value, and what it says.
fn of_answer(data: &mut Map<String, Value>, body: Option<&Body>, button: Option<u8>) {
    let button = button.and_then(|button| body.and_then(|body| body.button(button)));
    put(data, "value", button.and_then(Button::value));
    put(data, "label", button.map(|button| button.label.as_str()));
}

/// With what the website gave along, so that it finds its own thing again.
fn of_link(read: &impl Read, data: &mut Map<String, Value>, id: LinkId) -> Result<(), StoreError> {
    put(data, "link_id", id.0);
    let metadata = links::get(read, id)?.and_then(|link| link.metadata);
    put(data, "metadata", metadata.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or(Value::Null));
    Ok(())
}

fn of_chat(read: &impl Read, data: &mut Map<String, Value>, id: ChatId) -> Result<(), StoreError> {
    put(data, "chat_id", id.0);
    let profile = chats::get(read, id)?.map(|chat| chat.profile);
    put(
        data,
        "telegram",
        profile
            .map(|profile| json!({ "name": profile.name, "username": profile.username, "language": profile.language })),
    );
    Ok(())
}

fn of_words(read: &impl Read, data: &mut Map<String, Value>, id: MessageId) -> Result<(), StoreError> {
    let body = messages::get(read, id)?.and_then(|message| messages::body(read, &message));
    put(data, "text", body.as_ref().map(|body| body.text.as_str()));
    for (name, value) in carried(body.as_ref()) {
        put(data, name, value);
    }
    Ok(())
}

/// What a message that came in carries: its kind, and the details of its kind.
#[must_use]
pub fn carried(body: Option<&Body>) -> [(&'static str, Value); 4] {
    let (mut file, mut location, mut contact) = (Value::Null, Value::Null, Value::Null);
    match body.and_then(|body| body.carried.as_ref()) {
        Some(Carried::File(sent)) => file = json!({ "name": sent.name, "mime": sent.mime, "size": sent.size }),
        Some(Carried::Place(latitude, longitude)) => {
            location = json!({ "latitude": degrees(latitude), "longitude": degrees(longitude) });
        }
        Some(Carried::Contact(name, phone)) => contact = json!({ "name": name, "phone": phone }),
        None => {}
    }
    let media = body.and_then(|body| body.media).map(Media::word);
    [("media", media.into()), ("file", file), ("location", location), ("contact", contact)]
}

fn degrees(text: &str) -> Option<f64> {
    text.parse().ok()
}

fn of_delivery(
    read: &impl Read,
    data: &mut Map<String, Value>,
    message: MessageId,
    chat: Option<ChatId>,
) -> Result<(), StoreError> {
    put(data, "message_id", message.0);
    put(data, "chat_id", chat.map(|chat| chat.0));
    let rows = deliveries::of_message(read, message)?;
    let row = rows.into_iter().find(|(id, _)| chat.is_none_or(|chat| chat == id.chat));
    put(data, "state", row.as_ref().map(|(_, delivery)| delivery.state.standing().word()));
    let (reason, detail) = row.as_ref().map_or((None, None), |(_, delivery)| why(delivery));
    put(data, "reason", reason);
    put(data, "detail", detail);
    Ok(())
}

/// Why a delivery did not arrive: a stable word, and a sentence.
#[must_use]
pub fn why(delivery: &Delivery) -> (Option<&'static str>, Option<String>) {
    match &delivery.state {
        DeliveryState::Failed { reason, .. } => (Some(reason.word()), Some(reason.to_string())),
        DeliveryState::Queued { .. }
        | DeliveryState::Sending { .. }
        | DeliveryState::Sent { .. }
        | DeliveryState::Uncertain { .. }
        | DeliveryState::Cancelled { .. }
        | DeliveryState::Expired { .. }
        | DeliveryState::Skipped { .. } => (None, None),
    }
}

fn of_broadcast(read: &impl Read, data: &mut Map<String, Value>, id: BroadcastId) -> Result<(), StoreError> {
    put(data, "broadcast_id", id.0);
    let state = broadcasts::get(read, id)?.map(|broadcast| broadcast.status().word());
    put(data, "state", state);
    let figures = broadcasts::figures(read, id)?;
    let counts: Map<String, Value> = Standing::ALL
        .into_iter()
        .map(|standing| (standing.word().to_owned(), figures.count(standing).into()))
        .collect();
    put(data, "counts", counts);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use super::*;
    use crate::actions::chats::{self, set_reachability, unbind};
    use crate::actions::claims::Asker;
    use crate::actions::links::{self, Along, issue_along, mark_used};
    use crate::actions::messages::{self, SendOptions, To, receive, send};
    use crate::actions::settings::Voice;
    use crate::actions::testing::{Desk, OWNER};
    use crate::actions::{accounts, broadcasts, questions};
    use crate::ids::TelegramMessageId;
    use crate::model::broadcast::{Broadcast, BroadcastState};
    use crate::model::chat::Reachability;
    use crate::model::event::NAMES;
    use crate::model::link::Target;
    use crate::model::message::{ButtonAction, Sent};
    use crate::model::question::{Asked, Ballot};
    use crate::store::{self, Tx, journal};

    fn told(desk: &Desk) -> Vec<Value> {
        desk.read(|read| journal::events(read, None, 99)?.iter().map(|(id, event)| json(read, *id, event)).collect())
    }

    #[test]
    fn an_event_tells_whom_it_is_about_and_what_came_along() {
        let desk = Desk::new();
        let (ada, chat) = desk.linked("ada", 11);
        let along = Along { metadata: Some("{\"cart\":7}".to_owned()), return_url: None };
        desk.run(move |tx| {
            let issued = issue_along(tx, &OWNER, Target::Account(ada), Duration::from_hours(1), &along)?;
            Ok(mark_used(tx, issued.id, &issued.link, chat)?)
        });
        let told = told(&desk);
        let words: Vec<&str> = told.iter().map(|event| event["type"].as_str().unwrap()).collect();
        assert_eq!(words, ["chat.linked", "link.created", "link.used"]);
        assert!(told.iter().all(|event| event["username"] == "ada" && event["id"].is_u64()));
        let data = &told[2]["data"];
        assert_eq!((&data["metadata"]["cart"], &data["chat_id"]), (&json!(7), &json!(11)));
        assert_eq!(data["telegram"]["name"], "Ada L");
    }

    #[test]
    fn every_event_is_written_together_with_its_cause() {
        let desk = Desk::new();
        let (ada, chat) = desk.linked("ada", 11);
        let (target, hour) = (Target::Account(ada), Duration::from_hours(1));
        let issue = move |tx: &mut Tx<'_>| issue_along(tx, &OWNER, target, hour, &Along::default());
        desk.run(issue);
        let issued = desk.run(issue);
        desk.run(move |tx| Ok(mark_used(tx, issued.id, &issued.link, chat)?));
        desk.run(issue);
        desk.pass(hour);
        desk.run(|tx| links::sweep(tx, 9));
        for reachability in [Reachability::Blocked, Reachability::Reachable] {
            desk.run(move |tx| set_reachability(tx, chat, reachability));
        }
        desk.run(move |tx| receive(tx, chat, Some(ada), TelegramMessageId(1), &Body::plain("hi")));
        let at = desk.clock.now();
        for state in [DeliveryState::Sent { telegram: TelegramMessageId(2), at }, DeliveryState::Uncertain { at }] {
            desk.run(move |tx| {
                let (_, rows) = send(tx, &OWNER, To::Account(ada), Body::plain("x"), SendOptions::default())?;
                let (id, delivery) = &rows[0];
                Ok(messages::end(tx, *id, delivery, state.clone())?)
            });
        }
        desk.run(move |tx| unbind(tx, &OWNER, chat, Unlinked::BySite));
        desk.run(move |tx| send(tx, &OWNER, To::Account(ada), Body::plain("x"), SendOptions::default()));
        desk.run(|tx| {
            let state = BroadcastState::Scheduled { at: tx.now().plus(Duration::from_hours(1)) };
            let row = Broadcast { state, ..Broadcast::draft(OWNER.actor, tx.now()) };
            let id = store::broadcasts::insert(tx, &row, &Body::plain("x"))?;
            broadcasts::cancel(tx, &OWNER, id)
        });
        desk.run(move |tx| {
            let button = Button { label: "Yes".into(), action: ButtonAction::Answer("yes".into()) };
            let body = Body::plain("x").with_row(vec![button]);
            let bound = chats::bind(tx, chat, ada)?.unwrap();
            let (message, _) = send(tx, &OWNER, To::Account(ada), body, SendOptions::default())?;
            let voice = Voice::load(tx)?;
            let asker = Asker { id: chat, chat: &bound, voice: &voice };
            let ballot = Ballot { asked: Asked::Message(message), button: 0 };
            questions::press(tx, &asker, ballot, TelegramMessageId(3))
        });
        desk.run(move |tx| accounts::delete(tx, &OWNER, ada));
        let written: BTreeSet<_> = told(&desk).iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect();
        assert_eq!(written, NAMES.map(str::to_owned).into());
    }

    #[test]
    fn what_was_received_tells_what_it_carries() {
        let desk = Desk::new();
        let (ada, chat) = desk.linked("ada", 11);
        let sent = Sent { file: "f".into(), name: Some("a.pdf".into()), mime: None, size: Some(7) };
        let kinds = [
            (Media::Document, Carried::File(sent)),
            (Media::Location, Carried::Place("52.5".into(), "-13".into())),
            (Media::Contact, Carried::Contact("Ben".into(), "+44".into())),
        ];
        let data = kinds.map(|(media, carried)| {
            let body = Body { media: Some(media), carried: Some(carried), ..Body::plain("see") };
            desk.run(move |tx| receive(tx, chat, Some(ada), TelegramMessageId(1), &body));
            told(&desk).pop().unwrap()["data"].clone()
        });
        assert_eq!(data[0]["file"], json!({ "name": "a.pdf", "mime": null, "size": 7 }));
        assert_eq!((&data[0]["media"], &data[0]["location"]), (&json!("document"), &Value::Null));
        assert_eq!(data[1]["location"], json!({ "latitude": 52.5, "longitude": -13.0 }));
        assert_eq!(data[2]["contact"], json!({ "name": "Ben", "phone": "+44" }));
        assert!(!data[0].to_string().contains("\"f\""), "Telegram's number of a file is nobody else's business");
    }

    #[test]
    fn a_failure_says_why_in_a_stable_word() {
        let desk = Desk::new();
        let ada = desk.account("ada");
        desk.run(move |tx| send(tx, &OWNER, To::Account(ada), Body::plain("x"), SendOptions::default()));
        let failed = told(&desk).pop().unwrap();
        assert_eq!((&failed["type"], &failed["data"]["reason"]), (&json!("message.failed"), &json!("not_linked")));
        assert_eq!(failed["data"]["chat_id"], Value::Null);
    }
}
