//! The bot over real HTTP, with the sandbox as Telegram and the sender beside it: what people see in their chats, and
//! what the poller makes of trouble. The data file is checked after each.

mod claims;
mod groups;
mod identity;
mod questions;
mod trouble;
mod updates;

use std::net::SocketAddr;
use std::time::Duration;

use startlink::actions::links::{self, Issued};
use startlink::actions::{Caller, Error};
use startlink::bot::health::{Report, State};
use startlink::bot::{Bot, BotOptions};
use startlink::clock::Clock;
use startlink::config::{Config, Environment, Flags, Key};
use startlink::ids::{AccountId, ChatId, LinkId};
use startlink::model::account::{Account, Username};
use startlink::model::chat::Chat;
use startlink::model::event::{Actor, EventKind};
use startlink::model::link::{LinkStatus, Target};
use startlink::outbox::Outbox;
use startlink::rng::Rng;
use startlink::runtime::{self, Stop, Task, block_on};
use startlink::sandbox::{ADA, Limits, Message, Phone, Sandbox, SandboxOptions};
use startlink::secret::Sealer;
use startlink::store::{self, Place, Snapshot, Store, StoreError, Tx, accounts, check, journal, meta};
use startlink::telegram::{Connector, Token};
use startlink::wire::EngineOptions;

/// Longer than anything here takes; a test that needs it has failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// A sandbox, a data file, and the loops that run.
struct Bench {
    sandbox: Sandbox,
    store: Store,
    bot: Bot,
    stop: Stop,
    running: Vec<(&'static str, Stop, Task<()>)>,
}

/// Where the bot's token comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TokenFrom {
    Config,
    File,
}

fn run<F: Future<Output = Bench>>(test: impl FnOnce(Bench) -> F) {
    block_on(async {
        let mut bench = test(Bench::new(TokenFrom::Config).await).await;
        bench.end().await;
    });
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.stop.raise();
    }
}

impl Bench {
    async fn new(token: TokenFrom) -> Self {
        let (stop, clock) = (Stop::new(), Clock::system());
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let options = SandboxOptions { listen, clock: clock.clone(), rng: Rng::system() };
        let sandbox = Sandbox::start(options, stop.clone()).await.unwrap();
        sandbox.set_limits(Limits::OFF);
        let store = Store::open(Place::Memory, clock, Rng::system(), Sealer::new(&[1; 32], Rng::system())).unwrap();
        let given = (token == TokenFrom::Config).then(|| Token::parse(sandbox.token().expose()).unwrap());
        let options =
            BotOptions { token: given, api_url: sandbox.url(), engine: EngineOptions::default(), rng: Rng::system() };
        let bot = Bot::new(store.clone(), options).unwrap();
        Self { sandbox, store, bot, stop, running: Vec::new() }
    }

    fn start_bot(&mut self) {
        let (bot, stop) = (self.bot.clone(), Stop::new());
        let ends = stop.clone();
        self.running.push(("bot", stop, runtime::spawn(async move { bot.run(&ends).await })));
    }

    fn start_outbox(&mut self) {
        let values = [
            (Key::BotToken, self.sandbox.token().expose().to_owned()),
            (Key::RateGlobal, "0".to_owned()),
            (Key::RateChat, "0".to_owned()),
        ];
        let flags = Flags { config: None, values: values.into_iter().collect() };
        let config = Config::load(&flags, &Environment::new([])).unwrap();
        let connector = Connector::new(&self.sandbox.url(), EngineOptions::default()).unwrap();
        let outbox = Outbox::new(self.store.clone(), &config, connector, Clock::system(), Rng::system());
        let stop = Stop::new();
        let ends = stop.clone();
        self.running.push(("outbox", stop, runtime::spawn(async move { outbox.run(ends).await })));
    }

    fn start(&mut self) {
        self.start_bot();
        self.start_outbox();
    }

    /// Stops the loops, which have to end promptly, and checks the data file.
    async fn end(&mut self) {
        for (name, stop, task) in self.running.drain(..) {
            stop.raise();
            let ended = runtime::timeout(Duration::from_secs(5), task).await;
            ended.unwrap_or_else(|_| panic!("the {name} does not end when it is told to"));
        }
        let report = self.store.read(check::check).unwrap();
        assert!(report.is_clean(), "{:?}", report.findings);
    }

    fn read<T>(&self, look: impl FnOnce(&Snapshot) -> Result<T, StoreError>) -> T {
        self.store.read(look).unwrap()
    }

    async fn write<T: Send + 'static>(
        &self,
        change: impl FnMut(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    ) -> T {
        self.store.write(change).await.unwrap()
    }

    async fn account(&self, name: &str) -> AccountId {
        let username = Username::parse(name).unwrap();
        self.write(move |tx| {
            use startlink::store::Read as _;
            let (username, name, created) = (username.clone(), String::new(), tx.now());
            let row = Account { username, name, tags: Vec::new(), created, chats: 0, reachable: 0, muted: 0 };
            Ok(accounts::insert(tx, &row)?)
        })
        .await
    }

    async fn issue(&self, account: AccountId) -> Issued {
        let caller = Caller::internal(Actor::System);
        self.write(move |tx| links::issue(tx, &caller, Target::Account(account), Duration::from_mins(15))).await
    }

    /// A fresh link of the account: its number and the address that people open.
    async fn link(&self, account: AccountId) -> (LinkId, String) {
        let issued = self.issue(account).await;
        (issued.id, self.sandbox.deep_link(issued.code.expose()))
    }

    /// Ada's phone, with her chat connected to a new account of this name.
    async fn linked(&self, name: &str) -> (Phone, AccountId) {
        let account = self.account(name).await;
        let (_, link) = self.link(account).await;
        let phone = self.sandbox.phone(ADA);
        phone.open(&link).unwrap();
        self.until(|bench| bench.bound(ADA) == Some(account)).await;
        (phone, account)
    }

    fn chat(&self, id: i64) -> Option<Chat> {
        self.read(|read| store::chats::get(read, ChatId(id)))
    }

    fn bound(&self, id: i64) -> Option<AccountId> {
        self.chat(id).and_then(|chat| chat.account())
    }

    fn status(&self, id: LinkId) -> LinkStatus {
        self.read(|read| store::links::get(read, id)).unwrap().status(self.store.clock().now())
    }

    fn events(&self) -> Vec<EventKind> {
        self.read(|read| journal::events(read, None, 1000)).into_iter().map(|(_, event)| event.kind).collect()
    }

    fn set_asides(&self) -> usize {
        self.read(|read| meta::set_asides(read, 1000)).len()
    }

    /// Waits until the data file shows what is wanted.
    async fn until(&self, wanted: impl Fn(&Self) -> bool) {
        let reached = async {
            loop {
                let seen = self.store.changes().value();
                if wanted(self) {
                    return;
                }
                self.store.changes().after(seen).await;
            }
        };
        runtime::timeout(PATIENCE, reached).await.unwrap_or_else(|_| panic!("still {:?}", self.bot.health().report()));
    }

    /// Waits until the bot's health shows what is wanted.
    async fn health(&self, wanted: impl Fn(&Report) -> bool) -> Report {
        let reached = self.bot.health().wait_for(wanted);
        runtime::timeout(PATIENCE, reached).await.unwrap_or_else(|_| panic!("still {:?}", self.bot.health().report()))
    }

    async fn polling(&self) {
        self.health(|report| report.state == State::Polling).await;
    }

    async fn confirmed(&self) {
        self.sandbox.wait_until_confirmed(PATIENCE).await.expect("all updates are confirmed");
    }
}

/// Waits for the bot's message whose text contains `part`.
async fn hear(phone: &Phone, part: &str) -> Message {
    let heard = phone.wait_for(PATIENCE, |message| message.is_new_from_bot(0) && message.text.contains(part)).await;
    heard.unwrap_or_else(|_| {
        let texts: Vec<_> = phone.messages(0).into_iter().map(|message| message.text).collect();
        panic!("no message says {part:?}: {texts:?}")
    })
}

/// The labels of the buttons under a message.
pub fn labels(message: &Message) -> Vec<String> {
    let rows = message.keyboard.iter().flat_map(|keyboard| keyboard.rows.iter().flatten());
    rows.map(|button| button.text.clone()).collect()
}
