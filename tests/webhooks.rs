//! Webhooks against a real receiver over real HTTP: what arrives, in which order, what every kind of trouble makes of it, and
//! that nothing is lost between two lives of the program.

mod killed;
mod receiver;
mod trouble;

use std::collections::BTreeMap;
use std::time::Duration;

use receiver::{Answer, Hit, Receiver};
use serde_json::Value;
use startlink::actions::webhooks::{self, NewEndpoint, Shown};
use startlink::actions::{Caller, Error, accounts, chats, messages, news};
use startlink::clock::{Clock, Timestamp};
use startlink::config::{Config, Environment, Flags, Key};
use startlink::ids::{AccountId, ChatId, EndpointId, EventId, TelegramMessageId};
use startlink::model::chat::Profile;
use startlink::model::event::Actor;
use startlink::model::message::Body;
use startlink::model::webhook::{Attempt, OVERLAP, Outcome, SigningSecret};
use startlink::rng::Rng;
use startlink::runtime::{self, Stop, Task, block_on};
use startlink::secret::Sealer;
use startlink::store::{self, Place, Store, StoreError, Tx, journal};
use startlink::webhooks::{DEADLINE, Webhooks};

/// Longer than anything here takes; a test that needs it has failed.
const PATIENCE: Duration = Duration::from_secs(20);
/// Longer than the first pause after a failure.
const PAUSE: Duration = Duration::from_secs(10);

/// A data file with accounts, and a sender that works on it. Its clock moves only when it is told.
struct Post {
    store: Store,
    clock: Clock,
    config: Config,
    deadline: Duration,
    running: Option<(Webhooks, Stop, Task<()>)>,
}

fn caller() -> Caller {
    Caller::internal(Actor::Operator)
}

fn config(allow: &str) -> Config {
    let values: BTreeMap<Key, String> = [(Key::WebhookAllow, allow.to_owned())].into_iter().collect();
    Config::load(&Flags { config: None, values }, &Environment::new([])).unwrap()
}

fn open(place: Place, clock: &Clock) -> Store {
    Store::open(place, clock.clone(), Rng::system(), Sealer::new(&[1; 32], Rng::system())).unwrap()
}

impl Post {
    fn new() -> Self {
        Self::at(Place::Memory, Clock::manual(Timestamp(1_795_374_000_000)))
    }

    fn at(place: Place, clock: Clock) -> Self {
        let store = open(place, &clock);
        let config = config("127.0.0.0/8,localhost");
        Self { store, clock, config, deadline: DEADLINE, running: None }
    }

    fn start(&mut self) {
        let webhooks = Webhooks::new(self.store.clone(), &self.config, self.deadline).unwrap();
        let stop = Stop::new();
        let (runs, ends) = (webhooks.clone(), stop.clone());
        let task = runtime::spawn(async move { runs.run(ends).await });
        self.running = Some((webhooks, stop, task));
    }

    fn stop(&mut self) {
        if let Some((_, stop, task)) = self.running.take() {
            stop.raise();
            block_on(runtime::timeout(PATIENCE, task)).expect("the sender drains");
        }
    }

    /// Time passes, and the sender notices.
    fn pass(&self, span: Duration) {
        self.clock.advance(span);
        self.running.as_ref().expect("started").0.wake();
    }

    #[track_caller]
    fn act<T: Send + 'static>(&self, action: impl FnMut(&mut Tx<'_>) -> Result<T, Error> + Send + 'static) -> T {
        block_on(self.store.write(action)).unwrap()
    }

    /// An endpoint for all events at this address.
    fn endpoint(&self, url: String) -> (EndpointId, SigningSecret) {
        let (asked, allow) = (NewEndpoint { url, ..NewEndpoint::default() }, self.config.webhook_allow.value.clone());
        let (id, _, secret) = self.act(move |tx| webhooks::create(tx, &caller(), &allow, &asked));
        (id, secret)
    }

    /// An account with a chat.
    fn person(&self, chat: i64) -> (AccountId, ChatId) {
        self.act(move |tx| {
            let typed = accounts::NewAccount { username: &format!("person{chat}"), name: "", tags: "" };
            let (account, _) = accounts::create(tx, &caller(), typed)?;
            let profile = Profile { name: "Ada L".into(), username: None, language: None };
            chats::note(tx, ChatId(chat), profile)?;
            chats::bind(tx, ChatId(chat), account)?;
            Ok((account, ChatId(chat)))
        })
    }

    /// A person writes, which is one event.
    fn writes(&self, (account, chat): (AccountId, ChatId), text: &str) {
        let body = Body::plain(text);
        self.act(move |tx| messages::receive(tx, chat, Some(account), TelegramMessageId(1), &body));
    }

    fn shown(&self, id: EndpointId) -> Shown {
        self.store.read(|read| webhooks::find(read, id)).unwrap().unwrap()
    }

    /// The attempts, the oldest first.
    fn log(&self, id: EndpointId) -> Vec<Attempt> {
        let rows = self.store.read(|read| webhooks::attempts(read, id, None, 999)).unwrap();
        rows.into_iter().rev().map(|(_, attempt)| attempt).collect()
    }

    /// Waits until so many attempts are written down.
    #[track_caller]
    fn wait_for_log(&self, id: EndpointId, count: usize) -> Vec<Attempt> {
        let enough = block_on(runtime::timeout(PATIENCE, async {
            loop {
                let seen = self.store.changes().value();
                if self.log(id).len() >= count {
                    return;
                }
                self.store.changes().after(seen).await;
            }
        }));
        assert!(enough.is_ok(), "only {:#?}", self.log(id));
        self.log(id)
    }

    /// The newest event as the API tells it.
    fn newest(&self) -> (EventId, Value) {
        let told = self.store.read(|read| {
            let id = journal::newest(read)?;
            let event = journal::event(read, id)?.unwrap();
            Ok::<_, StoreError>((id, news::json(read, id, &event)?))
        });
        told.unwrap()
    }
}

impl Drop for Post {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.stop();
            let report = self.store.read(store::check::check).unwrap();
            assert!(report.is_clean(), "{:#?}", report.findings);
        }
    }
}

fn texts(hits: &[Hit]) -> Vec<String> {
    hits.iter().map(Hit::text).collect()
}

#[test]
fn an_event_arrives_signed_and_as_the_api_tells_it() {
    let (mut post, receiver) = (Post::new(), Receiver::start());
    let ada = post.person(5);
    let (id, secret) = post.endpoint(receiver.url());
    post.start();
    post.writes(ada, "hello – Zoë");
    let hit = receiver.wait_for(1).remove(0);
    let (event, told) = post.newest();
    assert_eq!((hit.line.as_str(), hit.json()), ("POST /hook?from=startlink HTTP/1.1", told));
    assert_eq!(hit.header("content-type"), "application/json");
    assert_eq!(hit.header("webhook-timestamp"), "1795374000");
    assert!(hit.header("webhook-id").starts_with(&format!("evt_{event}_")), "{hit:?}");
    assert!(hit.is_signed_with(&secret) && !hit.is_signed_with(&SigningSecret::random(&Rng::system())));
    let log = post.wait_for_log(id, 1);
    assert_eq!((log[0].event, log[0].outcome, log[0].status), (event, Outcome::Delivered, Some(204)));
    let shown = post.shown(id);
    assert_eq!((shown.progress.delivered, shown.progress.waiting), (Some(post.clock.now()), 0));
    assert_eq!(receiver.hits().len(), 1, "what happened before is not for it");
}

#[test]
fn a_failing_event_holds_up_its_account_and_no_other() {
    let (mut post, receiver) = (Post::new(), Receiver::start());
    let (ada, ben) = (post.person(5), post.person(6));
    let (id, _) = post.endpoint(receiver.url());
    receiver.answer(|hit| Answer::Status(if hit.text() == "a1" { 500 } else { 200 }));
    post.start();
    for (who, text) in [(ada, "a1"), (ada, "a2"), (ben, "b1"), (ada, "a3"), (ben, "b2")] {
        post.writes(who, text);
    }
    let log = post.wait_for_log(id, 3);
    let mut arrived = texts(&receiver.hits());
    arrived.sort();
    assert_eq!(arrived, ["a1", "b1", "b2"]);
    assert_eq!(log.iter().filter(|attempt| attempt.outcome == Outcome::Refused).count(), 1);
    receiver.answer(|_| Answer::Status(200));
    post.pass(PAUSE);
    let hits = receiver.wait_for(6);
    assert_eq!(texts(&hits[3..]), ["a1", "a2", "a3"]);
    let first = hits.iter().find(|hit| hit.text() == "a1").unwrap();
    assert_eq!(first.header("webhook-id"), hits[3].header("webhook-id"), "one message keeps one name");
    assert_ne!(first.header("webhook-timestamp"), hits[3].header("webhook-timestamp"));
    assert_eq!(post.wait_for_log(id, 6).iter().filter(|attempt| attempt.number == 2).count(), 1);
}

#[test]
fn only_chosen_events_come() {
    let (mut post, receiver) = (Post::new(), Receiver::start());
    let events = Some(vec!["chat.linked".to_owned()]);
    let (asked, allow) = (NewEndpoint { url: receiver.url(), events, ..NewEndpoint::default() }, config("127.0.0.1"));
    post.act(move |tx| webhooks::create(tx, &caller(), &allow.webhook_allow.value, &asked));
    post.start();
    let ada = post.person(5);
    post.writes(ada, "no");
    post.person(6);
    let kinds: Vec<_> = receiver.wait_for(2).iter().map(|hit| hit.json()["type"].clone()).collect();
    assert_eq!(kinds, ["chat.linked", "chat.linked"]);
}

#[test]
fn both_secrets_verify_until_the_overlap_is_over() {
    let (mut post, receiver) = (Post::new(), Receiver::start());
    let ada = post.person(5);
    let (id, old) = post.endpoint(receiver.url());
    post.start();
    let (_, new) = post.act(move |tx| webhooks::rotate(tx, &caller(), id));
    post.writes(ada, "both");
    let both = receiver.wait_for(1).remove(0);
    assert!(both.is_signed_with(&old) && both.is_signed_with(&new), "{both:?}");
    assert!(both.header("webhook-signature").starts_with("v1,"));
    post.pass(OVERLAP);
    post.writes(ada, "one");
    let one = receiver.wait_for(2).remove(1);
    assert!(!one.is_signed_with(&old) && one.is_signed_with(&new), "{one:?}");
}

#[test]
fn a_test_goes_to_its_endpoint_only_and_is_seen_in_the_log() {
    let (mut post, receiver, other) = (Post::new(), Receiver::start(), Receiver::start());
    let (id, secret) = post.endpoint(receiver.url());
    post.endpoint(other.url());
    post.start();
    let event = post.act(move |tx| webhooks::test(tx, &caller(), id));
    let hit = receiver.wait_for(1).remove(0);
    assert_eq!((hit.json()["type"].clone(), hit.json()["id"].clone()), ("webhook.test".into(), event.0.into()));
    assert!(hit.is_signed_with(&secret));
    let log = post.wait_for_log(id, 1);
    assert!(log[0].is_test && log[0].event == event);
    let ada = post.person(5);
    post.writes(ada, "x");
    other.wait_for(2);
    assert!(other.hits().iter().all(|hit| hit.json()["type"] != "webhook.test"));
}

#[test]
fn what_was_not_delivered_survives_the_program() {
    let folder = std::env::temp_dir().join(format!("startlink-webhooks-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("startlink.redb");
    let receiver = Receiver::start();
    let mut post = Post::at(Place::File(file.clone()), Clock::manual(Timestamp(1_795_374_000_000)));
    let ada = post.person(5);
    let (id, _) = post.endpoint(receiver.url());
    receiver.answer(|_| Answer::Status(503));
    post.start();
    post.writes(ada, "1");
    post.writes(ada, "2");
    post.wait_for_log(id, 1);
    let clock = post.clock.clone();
    drop(post);
    clock.advance(PAUSE);
    receiver.answer(|_| Answer::Status(200));
    let store = open(Place::File(file), &clock);
    let mut next = Post { store, clock, config: config("127.0.0.0/8"), deadline: DEADLINE, running: None };
    assert_eq!(next.log(id).len(), 1);
    next.start();
    next.writes(ada, "3");
    let hits = receiver.wait_for(4);
    assert_eq!(texts(&hits), ["1", "1", "2", "3"]);
    assert_eq!(hits[0].header("webhook-id"), hits[1].header("webhook-id"));
    next.wait_for_log(id, 4);
    drop(next);
    std::fs::remove_dir_all(folder).unwrap();
}
