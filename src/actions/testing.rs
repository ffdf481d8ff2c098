//! A real store in memory for the tests of actions, with a clock that stands still. When a test is over, the whole
//! file is checked.

use std::time::Duration;

use crate::actions::accounts::{self, NewAccount};
use crate::actions::{Caller, Error, Refusal, chats};
use crate::clock::{Clock, Timestamp};
use crate::config::{Config, Environment, Flags};
use crate::ids::{AccountId, AdminId, ChatId, MessageId};
use crate::model::account::Account;
use crate::model::admin::{Admin, AdminName, Role};
use crate::model::chat::{Chat, Profile};
use crate::model::delivery::Delivery;
use crate::model::event::{Actor, EventKind};
use crate::model::message::Body;
use crate::model::session::Credentials;
use crate::rng::Rng;
use crate::runtime::block_on;
use crate::secret::Sealer;
use crate::store::{self, Place, Snapshot, Store, StoreError, Tx, journal};

/// An owner at a browser; no such admin has to exist.
pub const OWNER: Caller = Caller { actor: Actor::Admin(AdminId(1)), role: Role::Owner };
/// Someone who may look only.
pub const VIEWER: Caller = Caller { actor: Actor::Admin(AdminId(2)), role: Role::Viewer };

/// The store of a test.
pub struct Desk {
    pub store: Store,
    pub clock: Clock,
}

impl Desk {
    pub fn new() -> Self {
        let clock = Clock::manual(Timestamp(1_000_000_000_000));
        let rng = Rng::seeded(1);
        let sealer = Sealer::new(&[7; 32], rng.clone());
        Self { store: Store::open(Place::Memory, clock.clone(), rng, sealer).unwrap(), clock }
    }

    /// Runs an action that has to work.
    #[track_caller]
    pub fn run<T: Send + 'static>(&self, action: impl FnMut(&mut Tx<'_>) -> Result<T, Error> + Send + 'static) -> T {
        block_on(self.store.write(action)).unwrap()
    }

    /// Runs an action that has to be refused, before it writes anything.
    #[track_caller]
    pub fn refused<T: Send + 'static>(
        &self,
        mut action: impl FnMut(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Refusal {
        let before = self.store.changes().value();
        // As a value: what had been written would be committed.
        let outcome = block_on(self.store.write(move |tx| Ok::<_, StoreError>(action(tx).map(|_| ())))).unwrap();
        assert_eq!(self.store.changes().value(), before, "something was written");
        match outcome {
            Err(Error::Refused(refusal)) => refusal,
            other => panic!("not refused: {other:?}"),
        }
    }

    #[track_caller]
    pub fn read<T>(&self, look: impl FnOnce(&Snapshot) -> Result<T, StoreError>) -> T {
        self.store.read(look).unwrap()
    }

    pub fn pass(&self, span: Duration) {
        self.clock.advance(span);
    }

    #[track_caller]
    pub fn account(&self, name: &'static str) -> AccountId {
        let typed = NewAccount { username: name, name: "", tags: "" };
        self.run(move |tx| accounts::create(tx, &OWNER, typed)).0
    }

    /// A chat that wrote.
    #[track_caller]
    pub fn heard(&self, id: i64) -> ChatId {
        self.run(move |tx| chats::note(tx, ChatId(id), profile()));
        ChatId(id)
    }

    /// An account with a chat.
    #[track_caller]
    pub fn linked(&self, name: &'static str, chat: i64) -> (AccountId, ChatId) {
        let (account, chat) = (self.account(name), self.heard(chat));
        self.run(move |tx| chats::bind(tx, chat, account));
        (account, chat)
    }

    /// An admin's row; the store gives the first one the number 1.
    #[track_caller]
    pub fn admin(&self, name: &str) -> AdminId {
        let name = AdminName::parse(name).unwrap();
        self.run(move |tx| {
            let admin = Admin {
                name: name.clone(),
                role: Role::Owner,
                credentials: Credentials::default(),
                created: Timestamp(0),
            };
            Ok(store::admins::insert(tx, &admin)?)
        })
    }

    #[track_caller]
    pub fn row(&self, id: AccountId) -> Account {
        self.read(|read| store::accounts::get(read, id)).unwrap()
    }

    #[track_caller]
    pub fn chat(&self, id: ChatId) -> Chat {
        self.read(|read| store::chats::get(read, id)).unwrap()
    }

    #[track_caller]
    pub fn deliveries(&self, message: MessageId) -> Vec<(ChatId, Delivery)> {
        let rows = self.read(|read| store::deliveries::of_message(read, message));
        rows.into_iter().map(|(id, delivery)| (id.chat, delivery)).collect()
    }

    /// What a message says.
    #[track_caller]
    pub fn says(&self, message: MessageId) -> Body {
        self.read(|read| {
            let row = store::messages::get(read, message)?.unwrap();
            Ok(store::messages::body(read, &row).unwrap())
        })
    }

    /// What happened, the oldest first, with the account's name.
    pub fn events(&self) -> Vec<(String, EventKind)> {
        let rows = self.read(|read| journal::events(read, None, 1000));
        let name = |account: Option<(AccountId, _)>| account.map_or_else(String::new, |(_, name)| format!("{name}"));
        rows.into_iter().map(|(_, event)| (name(event.account), event.kind)).collect()
    }

    /// The audit's words and subjects, the newest first.
    pub fn audit(&self) -> Vec<String> {
        let rows = self.read(|read| journal::audits(read, None, 1000));
        rows.into_iter().map(|(_, entry)| format!("{} {}", entry.action, entry.subject)).collect()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let report = self.store.read(store::check::check).unwrap();
            assert!(report.is_clean(), "{:#?}", report.findings);
        }
    }
}

pub fn profile() -> Profile {
    Profile { name: "Ada L".into(), username: Some("ada_l".into()), language: Some("en".into()) }
}

/// What a process was started with.
pub fn config(variables: &[(&str, &str)]) -> Config {
    let variables = variables.iter().map(|(name, value)| ((*name).into(), (*value).into()));
    Config::load(&Flags::default(), &Environment::new(variables)).unwrap_or_else(|error| panic!("{error}"))
}
