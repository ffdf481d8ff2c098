//! The sender against the sandbox, over real HTTP and the real store: what every answer of Telegram makes of a delivery.

mod broadcasts;
mod changes;
mod crowd;
mod documents;
mod faults;
mod lanes;
mod life;
mod pictures;
mod quiet;

use std::net::SocketAddr;
use std::time::Duration;

use startlink::actions::messages::{self, SendOptions, To};
use startlink::actions::{self, Caller, Error};
use startlink::clock::Clock;
use startlink::config::{Config, Environment, Flags, Key};
use startlink::ids::{AccountId, ChatId, DeliveryId, MessageId, UserId};
use startlink::model::chat::{Profile, Reachability};
use startlink::model::delivery::{Delivery, DeliveryState, Policy, Reason, Standing};
use startlink::model::event::{Actor, EventKind};
use startlink::model::message::{Body, Format, Weight};
use startlink::model::settings::BotIdentity;
use startlink::outbox::{Doing, Outbox};
use startlink::rng::Rng;
use startlink::runtime::{self, Stop, Task, block_on};
use startlink::sandbox::{ADA, Author, BEN, Fault, Limits, Sandbox, SandboxOptions, Trouble};
use startlink::secret::Sealer;
use startlink::store::{self, Place, Read, Store, StoreError, accounts, chats, deliveries, journal, meta};
use startlink::telegram::{Connector, Token};
use startlink::wire::EngineOptions;

/// Longer than anything here takes; a test that needs it has failed.
const PATIENCE: Duration = Duration::from_secs(20);

struct Bench {
    sandbox: Sandbox,
    store: Store,
    config: Config,
    account: AccountId,
    stop: Stop,
    running: Option<(Outbox, Stop, Task<()>)>,
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.stop.raise();
    }
}

fn open(place: Place) -> Store {
    let sealer = Sealer::new(&[1; 32], Rng::system());
    Store::open(place, Clock::system(), Rng::system(), sealer).unwrap()
}

fn config(sandbox: &Sandbox, rate: &str) -> Config {
    let values = [
        (Key::BotToken, sandbox.token().expose().to_owned()),
        (Key::TelegramApiUrl, sandbox.url()),
        (Key::RateGlobal, rate.to_owned()),
        (Key::RateChat, "0".to_owned()),
        (Key::RateGroup, "0".to_owned()),
    ];
    let flags = Flags { config: None, values: values.into_iter().collect() };
    Config::load(&flags, &Environment::new([])).unwrap()
}

impl Bench {
    /// A sandbox whose Ada pressed Start, and a store in which her chat is bound to the account "ada".
    async fn new() -> Self {
        Self::with_rate("0").await
    }

    async fn with_rate(rate: &str) -> Self {
        Self::at(Place::Memory, rate).await
    }

    async fn at(place: Place, rate: &str) -> Self {
        let stop = Stop::new();
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let options = SandboxOptions { listen, clock: Clock::system(), rng: Rng::seeded(5) };
        let sandbox = Sandbox::start(options, stop.clone()).await.unwrap();
        sandbox.set_limits(Limits::OFF);
        sandbox.phone(ADA).press_start("").unwrap();
        let store = open(place);
        let bot = Token::parse(sandbox.token().expose()).unwrap().bot();
        let account = store.write(move |tx| prepare(tx, bot)).await.unwrap();
        let config = config(&sandbox, rate);
        Self { sandbox, store, config, account, stop, running: None }
    }

    fn start(&mut self) {
        self.start_at(&self.sandbox.url());
    }

    fn start_at(&mut self, url: &str) {
        let connector = Connector::new(url, EngineOptions::default()).unwrap();
        let outbox = Outbox::new(self.store.clone(), &self.config, connector, Clock::system(), Rng::system());
        let stop = Stop::new();
        let (runs, ends) = (outbox.clone(), stop.clone());
        let task = runtime::spawn(async move { runs.run(ends).await });
        self.running = Some((outbox, stop, task));
    }

    fn outbox(&self) -> &Outbox {
        &self.running.as_ref().expect("started").0
    }

    async fn drain(&mut self) {
        let (_, stop, task) = self.running.take().expect("started");
        stop.raise();
        runtime::timeout(PATIENCE, task).await.expect("the sender drains");
    }

    async fn send(&self, text: &str, policy: Policy) -> DeliveryId {
        let body = Body::plain(text);
        self.send_body(body, policy).await
    }

    async fn send_body(&self, body: Body, policy: Policy) -> DeliveryId {
        let account = self.account;
        let sent = self.store.write(move |tx| {
            let options = SendOptions { policy, ..SendOptions::default() };
            let caller = Caller::internal(Actor::Operator);
            messages::send(tx, &caller, To::Account(account), body.clone(), options)
        });
        sent.await.unwrap().1.first().expect("one delivery").0
    }

    /// Queues a message and leases it at once, as the sender would have.
    async fn send_leased(&self, text: &'static str) -> DeliveryId {
        let account = self.account;
        let sent = self.store.write(move |tx| {
            let caller = Caller::internal(Actor::Operator);
            let (_, rows) =
                messages::send(tx, &caller, To::Account(account), Body::plain(text), SendOptions::default())?;
            let (id, old) = rows.first().expect("one delivery");
            let state = DeliveryState::Sending { since: old.queued, due: old.queued };
            deliveries::update(tx, *id, old, &Delivery { state, attempts: 1, ..old.clone() })?;
            Ok::<_, Error>(*id)
        });
        sent.await.unwrap()
    }

    fn delivery(&self, id: DeliveryId) -> Delivery {
        self.store.read(|read| deliveries::get(read, id)).unwrap().expect("the delivery")
    }

    /// Waits until a delivery satisfies `wanted`.
    async fn until(&self, id: DeliveryId, wanted: impl Fn(&Delivery) -> bool) -> Delivery {
        let reached = async {
            loop {
                let seen = self.store.changes().value();
                let delivery = self.delivery(id);
                if wanted(&delivery) {
                    return delivery;
                }
                self.store.changes().after(seen).await;
            }
        };
        let late = |_| panic!("still {:?}", self.delivery(id));
        runtime::timeout(PATIENCE, reached).await.unwrap_or_else(late)
    }

    async fn until_final(&self, id: DeliveryId) -> DeliveryState {
        self.until(id, |delivery| delivery.state.standing().is_final()).await.state
    }

    /// Waits until a first attempt was made and the delivery stands in the queue again.
    async fn until_queued_again(&self, id: DeliveryId) -> Delivery {
        self.until(id, |delivery| delivery.attempts > 0 && delivery.state.standing() == Standing::Queued).await
    }

    fn on_phone(&self) -> Vec<String> {
        self.sandbox
            .phone(ADA)
            .messages(0)
            .into_iter()
            .filter(|message| message.author == Author::Bot)
            .map(|m| m.text)
            .collect()
    }

    fn reachability(&self) -> Reachability {
        self.store.read(|read| chats::get(read, ChatId(ADA))).unwrap().expect("the chat").reachability
    }

    fn fault(&self, trouble: Trouble) {
        self.sandbox.add_fault(Fault::new(trouble).on("sendMessage").times(1));
    }

    #[track_caller]
    fn assert_clean(&self) {
        let report = self.store.read(store::check::check).unwrap();
        assert!(report.is_clean(), "{:#?}", report.findings);
        let warnings: Vec<String> = self.sandbox.journal(0).into_iter().flat_map(|call| call.warnings).collect();
        assert_eq!(warnings, Vec::<String>::new(), "Telegram does not know these parameters");
    }
}

fn prepare(tx: &mut store::Tx<'_>, bot: UserId) -> Result<AccountId, Error> {
    let seen = tx.now();
    meta::put_bot(tx, &BotIdentity { id: bot, username: "sandbox_bot".into(), name: "Sandbox".into(), seen })?;
    let caller = Caller::internal(Actor::Operator);
    let new = actions::accounts::NewAccount { username: "ada", name: "", tags: "" };
    let (account, _) = actions::accounts::create(tx, &caller, new)?;
    actions::chats::note(tx, ChatId(ADA), Profile::default())?;
    actions::chats::bind(tx, ChatId(ADA), account)?;
    Ok(account)
}

#[test]
fn a_message_arrives_once_and_is_settled_with_telegrams_number() {
    block_on(async {
        let mut bench = Bench::new().await;
        bench.start();
        let id = bench.send("Hello Ada", Policy::AtLeastOnce).await;
        let DeliveryState::Sent { telegram, .. } = bench.until_final(id).await else { panic!("not sent") };
        let message = bench.sandbox.phone(ADA).messages(0).into_iter().find(|m| m.text == "Hello Ada").unwrap();
        assert_eq!(message.id, telegram.0);
        assert_eq!(bench.on_phone(), ["Hello Ada"]);
        let events = bench.store.read(|read| journal::events(read, None, 100)).unwrap();
        assert!(events.iter().any(|(_, event)| event.kind == EventKind::MessageSent(id.message, ChatId(ADA))));
        bench.drain().await;
        bench.assert_clean();
    });
}

#[test]
fn messages_to_one_chat_arrive_in_the_order_they_were_written() {
    block_on(async {
        let mut bench = Bench::new().await;
        let mut last = None;
        let texts: Vec<String> = (0..30).map(|n| format!("number {n}")).collect();
        for text in &texts {
            last = Some(bench.send(text, Policy::AtLeastOnce).await);
        }
        bench.start();
        bench.until_final(last.unwrap()).await;
        assert_eq!(bench.on_phone(), texts);
        bench.drain().await;
        bench.assert_clean();
    });
}

#[test]
fn an_answer_goes_before_messages_that_wait_already() {
    block_on(async {
        // One at a time, so that the order of arrival is the order of leaving.
        let mut bench = Bench::with_rate("1").await;
        bench.sandbox.phone(BEN).press_start("").unwrap();
        let waiting = bench.send("waits", Policy::AtLeastOnce).await;
        let answer = bench.store.write(|tx| {
            actions::chats::note(tx, ChatId(BEN), Profile::default())?;
            messages::answer(tx, ChatId(BEN), None, Weight::Command, &Body::plain("at once"))
        });
        let message: MessageId = answer.await.unwrap().expect("queued");
        bench.start();
        bench.until_final(waiting).await;
        bench.until_final(DeliveryId { message, chat: ChatId(BEN) }).await;
        let sends = bench.sandbox.journal(0).into_iter().filter(|call| call.method.eq_ignore_ascii_case("sendMessage"));
        let order: Vec<Option<i64>> = sends.map(|call| call.chat).collect();
        assert_eq!(order.first(), Some(&Some(BEN)), "{order:?}");
        bench.drain().await;
        bench.assert_clean();
    });
}

#[test]
fn a_blocked_chat_fails_for_good_and_is_not_tried_again() {
    block_on(async {
        let mut bench = Bench::new().await;
        bench.sandbox.phone(ADA).block().unwrap();
        let first = bench.send("one", Policy::AtLeastOnce).await;
        bench.start();
        assert!(matches!(bench.until_final(first).await, DeliveryState::Failed { reason: Reason::Blocked, .. }));
        assert_eq!(bench.reachability(), Reachability::Blocked);
        let second = bench.send("two", Policy::AtLeastOnce).await;
        assert_eq!(second.chat, startlink::model::delivery::NO_CHAT);
        assert!(matches!(bench.until_final(second).await, DeliveryState::Failed { reason: Reason::NotLinked, .. }));
        bench.drain().await;
        bench.assert_clean();
    });
}

#[test]
fn a_person_who_never_pressed_start_and_an_unknown_chat_fail_with_their_reasons() {
    block_on(async {
        for (chat, expected) in [(BEN, Reason::NeverStarted), (999_999, Reason::ChatNotFound)] {
            let mut bench = Bench::new().await;
            let account = bench.account;
            let bound = bench.store.write(move |tx| {
                actions::chats::unbind(
                    tx,
                    &Caller::internal(Actor::Operator),
                    ChatId(ADA),
                    startlink::model::event::Unlinked::ByPerson,
                )?;
                actions::chats::note(tx, ChatId(chat), Profile::default())?;
                actions::chats::bind(tx, ChatId(chat), account).map(|_| ())
            });
            bound.await.unwrap();
            let id = bench.send("hello?", Policy::AtLeastOnce).await;
            bench.start();
            let DeliveryState::Failed { reason, .. } = bench.until_final(id).await else { panic!("not failed") };
            assert_eq!(reason, expected);
            bench.drain().await;
            bench.assert_clean();
        }
    });
}

#[test]
fn broken_markup_of_a_single_message_goes_out_as_plain_text() {
    block_on(async {
        let mut bench = Bench::new().await;
        // Past the check of the actions, as a text that was stored by an older version would be.
        let body = Body { text: "<b>bold & broken".into(), format: Format::Html, ..Body::default() };
        let account = bench.account;
        let stored = bench.store.write(move |tx| {
            let sealed = store::messages::seal(tx, &body)?;
            let message = startlink::model::message::Message {
                at: tx.now(),
                kind: startlink::model::message::MessageKind::Personal,
                account: Some(account),
                chat: Some(ChatId(ADA)),
                actor: Actor::Operator,
                sealed,
                answer: None,
            };
            let message = store::messages::insert(tx, &message)?;
            let id = DeliveryId { message, chat: ChatId(ADA) };
            let lane = startlink::model::delivery::Lane::Single;
            deliveries::insert(tx, id, &Delivery::queued(lane, Policy::AtLeastOnce, Some(account), tx.now()))?;
            Ok::<_, StoreError>(id)
        });
        let id = stored.await.unwrap();
        bench.start();
        assert!(matches!(bench.until_final(id).await, DeliveryState::Sent { .. }));
        assert_eq!(bench.on_phone().len(), 1);
        assert!(bench.delivery(id).as_plain);
        bench.drain().await;
        bench.assert_clean();
    });
}
