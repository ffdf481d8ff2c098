//! `/api/v1/events`: what happened, for websites that cannot receive webhooks: in pages, waited for, or as a stream of
//! server-sent events (WHATWG HTML, "Server-sent events").

use std::time::Duration;

use futures_lite::{Stream, stream};
use serde_json::Value;
use tide::http::Method;

use super::super::live::texts;
use super::super::{Call, Problem, Response, Row};
use super::answer::{page, seen};
use super::cursor::List;
use super::doc::{Answer, Doc, LIMIT, Param, WAIT};
use super::query::{LIMIT_MAX, Query};
use super::{wait, wrong};
use crate::actions::keys::Holder;
use crate::actions::news;
use crate::ids::EventId;
use crate::model::api_key::{Area, Deed, Need};
use crate::runtime;
use crate::store::{Read as _, Snapshot, Store, StoreError, journal};

/// The longest silence of a stream.
const BEAT: Duration = Duration::from_secs(15);
/// How long a stream lives before the client has to come again: what hangs unseen goes with it.
const LIFE: Duration = Duration::from_mins(15);

const INDEX: Doc = Doc {
    id: "listEvents",
    summary: "What happened",
    text: "The oldest first. Keep `next` and send it as `after`: it is there even when nothing happened. With `wait` an empty page \
           comes only after that time. With `Accept: text/event-stream` the same events come as a stream, each with its cursor as \
           `id`, so that `Last-Event-ID` goes on where the stream broke.",
    query: &[
        Param::text(
            "after",
            "Where the page begins: the field `next` of the page before. Without it: at the oldest event that is kept.",
        ),
        WAIT,
        LIMIT,
    ],
    body: None,
    answers: &[Answer::json(200, "EventPage", "The events.")],
};

/// The routes of events.
#[must_use]
pub fn rows() -> Vec<Row> {
    vec![Row::key(Method::Get, "/api/v1/events", Need(Area::Events, Deed::Read), &INDEX, index)]
}

/// `GET /api/v1/events`
async fn index(call: Call, holder: Holder) -> Result<Response, Problem> {
    let query = Query::of(&call, &["after", "wait", "limit"])?;
    let after = query.cursor::<u64>("after", List::Events)?.map(EventId);
    if call.wants_events() {
        return listen(&call, holder, after);
    }
    let (limit, seconds) = (query.limit()?, query.wait()?);
    let rows = wait::until(&call, &holder, seconds, |read| {
        let rows = told(read, after, limit)?;
        Ok((!rows.is_empty()).then_some(rows))
    });
    let rows = rows.await?.unwrap_or_default();
    let last = rows.last().map(|(id, _)| *id).or(after).unwrap_or(EventId(0));
    let items = rows.into_iter().map(|(_, event)| event).collect();
    Ok(seen(&call, &page(items, Some((List::Events, last.to_string())))))
}

fn told(read: &Snapshot, after: Option<EventId>, limit: usize) -> Result<Vec<(EventId, Value)>, StoreError> {
    let rows = journal::events(read, after, limit)?;
    rows.iter().map(|(id, event)| Ok((*id, news::json(read, *id, event)?))).collect()
}

/// A stream that goes on behind `after`, or behind what the client heard last.
fn listen(call: &Call, holder: Holder, after: Option<EventId>) -> Result<Response, Problem> {
    let heard = call.header("last-event-id").filter(|text| !text.is_empty());
    let heard = heard.map(|text| {
        let number = List::Events.read(text).and_then(|text| text.parse().ok()).map(EventId);
        number.ok_or_else(|| wrong::invalid("Last-Event-ID", "This is no cursor of events."))
    });
    let after = heard.transpose()?.or(after);
    let place = call.state().places().enter(&format!("key {}", holder.id)).ok_or_else(wait::crowded)?;
    let store = call.state().store().clone();
    let seen = store.changes().value();
    let began = store.clock().elapsed();
    let hearer = Hearer { store, holder, after, seen, beat: BEAT, began, is_fresh: true, _place: Box::new(place) };
    let mut response = Response::new(200);
    response.set_body(texts(hearer.into_texts()));
    response.insert_header("content-type", "text/event-stream");
    response.insert_header("x-accel-buffering", "no");
    Ok(response)
}

/// Whoever listens to a stream.
struct Hearer {
    store: Store,
    holder: Holder,
    after: Option<EventId>,
    /// The data file's pulse before the last look.
    seen: u64,
    /// The longest silence.
    beat: Duration,
    began: Duration,
    is_fresh: bool,
    /// Gives the place free when the client is gone.
    _place: Box<dyn std::any::Any + Send + Sync>,
}

impl Hearer {
    fn into_texts(self) -> impl Stream<Item = String> + Send {
        stream::unfold(self, |mut hearer| async move { hearer.next().await.map(|text| (text, hearer)) })
    }

    /// The next piece; none when the stream is over, or the key has ended.
    async fn next(&mut self) -> Option<String> {
        if self.store.clock().elapsed().saturating_sub(self.began) >= LIFE {
            return None;
        }
        let mut is_beat = false;
        loop {
            if !std::mem::take(&mut self.is_fresh) {
                let news = async {
                    self.store.changes().after(self.seen).await;
                    false
                };
                is_beat = runtime::race(news, async {
                    runtime::sleep(self.beat).await;
                    true
                })
                .await;
            }
            self.seen = self.store.changes().value();
            let (id, after) = (self.holder.id, self.after);
            let look = |read: &Snapshot| {
                let now = read.now();
                let may = crate::store::keys::get(read, id)?.is_some_and(|key| key.is_live(now));
                if may { told(read, after, LIMIT_MAX).map(Some) } else { Ok(None) }
            };
            let rows = self.store.read::<_, StoreError>(look).ok()??;
            if rows.is_empty() {
                if is_beat {
                    return Some(":\n\n".to_owned());
                }
                continue;
            }
            // A full piece may not be the last one.
            self.is_fresh = rows.len() == LIMIT_MAX;
            self.after = rows.last().map(|(id, _)| *id).or(self.after);
            return Some(rows.iter().map(|(id, event)| piece(*id, event)).collect());
        }
    }
}

/// One event; JSON has no line breaks.
fn piece(id: EventId, event: &Value) -> String {
    let kind = event["type"].as_str().unwrap_or("event");
    format!("id: {}\nevent: {kind}\ndata: {event}\n\n", List::Events.cursor(&id.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::keys::{NewKey, create, revoke};
    use crate::actions::testing::{Desk, OWNER};
    use crate::runtime::block_on;

    fn hearer(desk: &Desk) -> Hearer {
        let asked = NewKey { name: "shop", scopes: "events", ..NewKey::default() };
        let (id, key, _) = desk.run(move |tx| create(tx, &OWNER, asked));
        let store = desk.store.clone();
        let (seen, began) = (store.changes().value(), store.clock().elapsed());
        let (after, beat) = (None, Duration::from_millis(20));
        Hearer { store, holder: Holder { id, key }, after, seen, beat, began, is_fresh: true, _place: Box::new(()) }
    }

    #[test]
    fn a_stream_that_has_nothing_to_say_beats_and_ends_with_its_key_or_its_time() {
        let desk = Desk::new();
        let mut hearer = hearer(&desk);
        assert_eq!(block_on(hearer.next()).as_deref(), Some(":\n\n"), "a comment keeps the line open");
        assert_eq!(block_on(hearer.next()).as_deref(), Some(":\n\n"));
        desk.linked("ada", 5);
        let told = block_on(hearer.next()).unwrap();
        assert!(told.starts_with("id: ") && told.contains("\nevent: chat.linked\ndata: {"), "{told}");
        let id = hearer.holder.id;
        desk.run(move |tx| revoke(tx, &OWNER, id));
        assert_eq!(block_on(hearer.next()), None, "the key has ended");
        let mut other = Hearer { holder: hearer.holder.clone(), ..self::hearer(&Desk::new()) };
        other.began = Duration::ZERO;
        desk.pass(LIFE);
        other.store = desk.store.clone();
        assert_eq!(block_on(other.next()), None, "its time is over");
    }
}
