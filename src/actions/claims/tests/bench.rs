//! A store in memory, accounts with links, and people who send codes and press buttons.

use std::time::Duration;

use crate::actions::claims::{self, Asker, Press};
use crate::actions::links::Issued;
use crate::actions::settings::Voice;
use crate::actions::{Caller, Error, chats, links};
use crate::clock::{Clock, Timestamp};
use crate::ids::{AccountId, ChatId, LinkId, MessageId};
use crate::model::account::{Account, Username};
use crate::model::chat::Profile;
use crate::model::event::{Actor, EventKind};
use crate::model::link::{Code, LinkStatus, Target};
use crate::model::message::{Body, ButtonAction};
use crate::rng::Rng;
use crate::runtime::block_on;
use crate::secret::Sealer;
use crate::store::{self, Place, Read as _, Snapshot, Store, StoreError, Tx, accounts, check, journal, meta};

pub const LIFETIME: Duration = Duration::from_mins(15);
pub const ADA: ChatId = ChatId(7);
pub const BEN: ChatId = ChatId(8);

pub struct Bench {
    pub store: Store,
    pub clock: Clock,
}

/// What the person of a chat does.
#[derive(Clone)]
pub enum Act {
    Start(String),
    Paste(String),
    Press(Press),
}

impl Bench {
    pub fn new() -> Self {
        let clock = Clock::manual(Timestamp(1_790_000_000_000));
        let sealer = Sealer::new(&[7; 32], Rng::seeded(1));
        let store = Store::open(Place::Memory, clock.clone(), Rng::seeded(2), sealer).unwrap();
        Self { store, clock }
    }

    pub fn write<T: Send + 'static>(&self, change: impl FnMut(&mut Tx<'_>) -> Result<T, Error> + Send + 'static) -> T {
        block_on(self.store.write(change)).unwrap()
    }

    pub fn read<T>(&self, look: impl FnOnce(&Snapshot) -> Result<T, StoreError>) -> T {
        self.store.read(look).unwrap()
    }

    pub fn account(&self, name: &str) -> AccountId {
        let username = Username::parse(name).unwrap();
        self.write(move |tx| {
            let created = tx.now();
            let (username, name) = (username.clone(), String::new());
            let row = Account { username, name, tags: Vec::new(), created, chats: 0, reachable: 0, muted: 0 };
            Ok(accounts::insert(tx, &row)?)
        })
    }

    pub fn issue(&self, target: Target) -> Issued {
        let caller = Caller::internal(Actor::System);
        self.write(move |tx| links::issue(tx, &caller, target, LIFETIME))
    }

    pub fn link(&self, account: AccountId) -> (LinkId, String) {
        let issued = self.issue(Target::Account(account));
        (issued.id, issued.code.expose().to_owned())
    }

    /// Does what a person does, in a transaction as the bot's; returns the notice at a button.
    pub fn act(&self, id: ChatId, act: &Act) -> Option<String> {
        let act = act.clone();
        self.write(move |tx| {
            let language = Some("en".to_owned());
            let chat = chats::note(tx, id, Profile { language, ..Profile::default() })?;
            let voice = Voice::load(tx)?;
            let asker = Asker { id, chat: &chat, voice: &voice };
            match &act {
                Act::Start(code) => claims::claim(tx, &asker, Code::parse(code).as_ref()).map(|()| None),
                Act::Paste(code) => claims::paste(tx, &asker, &Code::parse(code).unwrap()).map(|found| {
                    assert!(found);
                    None
                }),
                Act::Press(press) => claims::press(tx, &asker, *press),
            }
        })
    }

    /// Sends a code; the text of the answer that waits then.
    pub fn start(&self, id: ChatId, code: &str) -> String {
        self.act(id, &Act::Start(code.to_owned()));
        self.said(id)
    }

    pub fn press(&self, id: ChatId, press: Press) -> String {
        assert_eq!(self.act(id, &Act::Press(press)), None);
        self.said(id)
    }

    pub fn waiting(&self, id: ChatId) -> Option<(MessageId, Body)> {
        self.read(|read| {
            let Some(last) = store::chats::get(read, id)?.and_then(|chat| chat.last_answer) else { return Ok(None) };
            let Some(message) = store::messages::get(read, last.message)? else { return Ok(None) };
            Ok(store::messages::body(read, &message).map(|body| (last.message, body)))
        })
    }

    pub fn said(&self, id: ChatId) -> String {
        self.waiting(id).map(|(_, body)| body.text).unwrap_or_default()
    }

    /// The presses that the buttons of the waiting answer stand for.
    pub fn buttons(&self, id: ChatId) -> Vec<Press> {
        let (_, body) = self.waiting(id).unwrap();
        body.buttons
            .iter()
            .flatten()
            .filter_map(|button| match &button.action {
                ButtonAction::Tell(data) => Press::parse(data),
                ButtonAction::Open(_) | ButtonAction::Answer(_) => None,
            })
            .collect()
    }

    pub fn bound(&self, id: ChatId) -> Option<AccountId> {
        self.read(|read| store::chats::get(read, id)).and_then(|chat| chat.account())
    }

    pub fn status(&self, id: LinkId) -> LinkStatus {
        self.read(|read| store::links::get(read, id)).unwrap().status(self.clock.now())
    }

    pub fn events(&self) -> Vec<EventKind> {
        self.read(|read| journal::events(read, None, 100)).into_iter().map(|(_, event)| event.kind).collect()
    }

    pub fn change_settings(&self, change: impl Fn(&mut crate::model::settings::Saved) + Send + 'static) {
        self.write(move |tx| {
            let mut saved = meta::saved(tx)?;
            change(&mut saved);
            Ok(meta::save(tx, &saved)?)
        });
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let report = self.read(check::check);
            assert!(report.is_clean(), "{:?}", report.findings);
        }
    }
}
