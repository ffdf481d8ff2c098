//! People with accounts, chats and phones, and broadcasts to them whose audience is frozen.

use std::collections::BTreeMap;

use startlink::ids::BroadcastId;
use startlink::model::admin::Role;
use startlink::model::broadcast::{Broadcast, BroadcastState, BroadcastStatus, Figures};
use startlink::model::recipient::Recipient;
use startlink::sandbox::Call;
use startlink::store::broadcasts;
use startlink::store::recipients::{self, Ledger};

use super::*;

/// What a test wants to be different.
type Edit = fn(&mut Broadcast);

/// Someone with an account, a chat and a phone.
#[derive(Clone, Copy, Debug)]
pub struct Member {
    pub account: AccountId,
    pub chat: ChatId,
}

pub const OPERATOR: Caller = Caller { actor: Actor::Operator, role: Role::Owner };

impl Bench {
    /// So many people who pressed Start, each with an account.
    pub async fn crowd(&self, count: usize) -> Vec<Member> {
        let mut members = Vec::new();
        for nth in 0..count {
            let phone = self.sandbox.add_person(&format!("P{nth}"), "en");
            phone.press_start("").unwrap();
            let chat = ChatId(phone.id());
            let made = self.store.write(move |tx| {
                let username = format!("person-{}", chat.0);
                let new = actions::accounts::NewAccount { username: &username, name: "", tags: "" };
                let (account, _) = actions::accounts::create(tx, &OPERATOR, new)?;
                actions::chats::note(tx, chat, Profile::default())?;
                actions::chats::bind(tx, chat, account)?;
                Ok::<_, Error>(account)
            });
            members.push(Member { account: made.await.unwrap(), chat });
        }
        members
    }

    /// A broadcast to these whose audience is frozen; it runs as soon as the sender does.
    pub async fn broadcast(&self, body: Body, members: &[Member], edit: Edit) -> BroadcastId {
        let members = members.to_vec();
        let made = self.store.write(move |tx| {
            let mut row = Broadcast::draft(Actor::Operator, tx.now());
            row.state = BroadcastState::Sending;
            row.started = Some(tx.now());
            edit(&mut row);
            let id = broadcasts::insert(tx, &row, &body)?;
            let mut ledger = Ledger::open(tx, id)?;
            for Member { account, chat } in &members {
                ledger.append(tx, Recipient::queued(*chat, *account))?;
            }
            ledger.figures.frozen = true;
            ledger.close(tx)?;
            Ok::<_, StoreError>(id)
        });
        made.await.unwrap()
    }

    pub fn state(&self, id: BroadcastId) -> (Broadcast, Figures) {
        let look =
            |read: &store::Snapshot| Ok::<_, StoreError>((broadcasts::get(read, id)?, broadcasts::figures(read, id)?));
        let (broadcast, figures) = self.store.read(look).unwrap();
        (broadcast.expect("the broadcast"), figures)
    }

    pub fn rows(&self, id: BroadcastId) -> Vec<Recipient> {
        let rows = self.store.read(|read| recipients::from(read, id, 0, usize::MAX)).unwrap();
        rows.into_iter().map(|(_, row)| row).collect()
    }

    /// Waits until a broadcast satisfies `wanted`.
    pub async fn until_it(&self, id: BroadcastId, wanted: impl Fn(&Broadcast, &Figures) -> bool) -> Figures {
        let reached = async {
            loop {
                let seen = self.store.changes().value();
                let (broadcast, figures) = self.state(id);
                if wanted(&broadcast, &figures) {
                    return figures;
                }
                self.store.changes().after(seen).await;
            }
        };
        let late = |_| panic!("still {:?} {:?}", self.state(id), self.rows(id));
        runtime::timeout(PATIENCE, reached).await.unwrap_or_else(late)
    }

    pub async fn until_status(&self, id: BroadcastId, status: BroadcastStatus) -> Figures {
        self.until_it(id, |broadcast, _| broadcast.status() == status).await
    }

    pub async fn until_doing(&self, doing: Doing) {
        let reached = async {
            while self.outbox().health().doing != doing {
                runtime::sleep(Duration::from_millis(5)).await;
            }
        };
        let late = |_| panic!("still {:?}", self.outbox().health().doing);
        runtime::timeout(PATIENCE, reached).await.unwrap_or_else(late);
    }

    /// How often each chat got something from the bot, by the sandbox's journal.
    pub fn arrivals(&self) -> BTreeMap<i64, usize> {
        let mut counts = BTreeMap::new();
        for call in self.sandbox.journal(0).into_iter().filter(Call::was_done) {
            if call.method.to_lowercase().starts_with("send") {
                *counts.entry(call.chat.unwrap_or_default()).or_insert(0) += 1;
            }
        }
        counts
    }
}

/// Nothing is different.
pub fn as_it_is(_: &mut Broadcast) {}
