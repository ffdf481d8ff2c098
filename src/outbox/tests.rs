//! The life of recipients under any order of turns, outcomes, people's acts and crashes: nobody is lost, nobody gets a
//! broadcast twice. The store and the planner are real; only the network is played.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::*;

use super::commit::write;
use super::content::{Contents, Uploads};
use super::lanes::Turns;
use super::limiter::{Limiter, Limits};
use super::plan::{Judges, Moment, Plan};
use super::send::Sent;
use super::settle::Outcome;
use super::share::Share;
use super::ticket::{Flow, Slots, Ticket};
use super::{dead_leases, in_books, settle};
use crate::actions::testing::{Desk, OWNER, profile};
use crate::actions::{Error, accounts, broadcasts as acts, chats};
use crate::ids::{BroadcastId, ChatId, TelegramMessageId, UserId};
use crate::model::broadcast::{Broadcast, BroadcastState, BroadcastStatus};
use crate::model::chat::Reachability;
use crate::model::delivery::Standing;
use crate::model::event::Actor;
use crate::model::message::Body;
use crate::model::recipient::Recipient;
use crate::store::recipients::{self, Ledger};
use crate::store::{Read as _, StoreError, Tx, broadcasts};
use crate::telegram::Class;

/// Chats of the broadcast.
const CHATS: i64 = 12;

/// A sender without a network.
struct Play {
    desk: Desk,
    id: BroadcastId,
    judges: Judges,
    flying: BTreeMap<Ticket, Flow>,
    ended: Vec<Outcome>,
    /// How often each chat may have got it.
    arrived: BTreeMap<ChatId, u32>,
}

/// One thing that happens.
#[derive(Clone, Debug)]
enum Act {
    Turn,
    End(usize, How),
    Pause,
    Resume,
    Cancel,
    Crash,
    Pass(u64),
    Lose(i64),
    Mute(i64),
}

/// How a send ends.
#[derive(Clone, Copy, Debug)]
enum How {
    Well,
    Unknown,
    NotSent,
    Flood,
    Token,
    Blocked,
    Markup,
    Content,
}

impl How {
    fn result(self) -> Result<Sent, Class> {
        let words = || "words".to_owned();
        Err(match self {
            Self::Well => return Ok(Sent { message: TelegramMessageId(1), file: None }),
            Self::Unknown => Class::Unknown { reason: words() },
            Self::NotSent => Class::NotSent { reason: words() },
            Self::Flood => Class::FloodWait { retry_after: Duration::from_secs(1) },
            Self::Token => Class::TokenRefused,
            Self::Blocked => Class::Blocked,
            Self::Markup => Class::Markup { description: words() },
            Self::Content => Class::Content { description: words() },
        })
    }

    fn may_have_arrived(self) -> bool {
        matches!(self, Self::Well | Self::Unknown)
    }
}

impl Play {
    fn new() -> Self {
        let desk = Desk::new();
        let id = desk.run(|tx| {
            let row = Broadcast::draft(Actor::System, tx.now());
            let row = Broadcast { state: BroadcastState::Sending, started: Some(tx.now()), ..row };
            let id = broadcasts::insert(tx, &row, &Body::plain("news"))?;
            let mut ledger = Ledger::open(tx, id)?;
            for nth in 1..=CHATS {
                let username = format!("user-{nth}");
                let new = accounts::NewAccount { username: &username, name: "", tags: "" };
                let (account, _) = accounts::create(tx, &OWNER, new)?;
                chats::note(tx, ChatId(nth), profile())?;
                chats::bind(tx, ChatId(nth), account)?;
                ledger.append(tx, Recipient::queued(ChatId(nth), account))?;
            }
            ledger.figures.frozen = true;
            ledger.close(tx)?;
            Ok(id)
        });
        let judges = Judges {
            limiter: Limiter::new(Limits { global_per_second: 20, ..Limits::default() }),
            turns: Turns::default(),
            share: Share::default(),
            contents: Contents::default(),
        };
        Self { desk, id, judges, flying: BTreeMap::new(), ended: Vec::new(), arrived: BTreeMap::new() }
    }

    /// Settles what ended and leases what may go, as one turn of the loop does.
    fn turn(&mut self) {
        let uploads = Uploads { bot: UserId(1), running: BTreeSet::new() };
        let mono = self.desk.clock.elapsed();
        let moment = Moment {
            wall: self.desk.clock.now(),
            mono,
            flying: &self.flying,
            aside: &BTreeSet::new(),
            slots: Slots::free(self.judges.limiter.effective(mono), &BTreeMap::new()),
            uploads: &uploads,
        };
        let judges = &mut self.judges;
        let plan = self.desk.read(|read| Plan::make(read, &moment, judges));
        let plan = std::sync::Arc::new(plan);
        let ended: std::sync::Arc<[Outcome]> = self.ended.as_slice().into();
        let jobs = self.desk.run(move |tx| write(tx, &ended, &plan, uploads.clone()));
        for outcome in self.ended.drain(..) {
            self.flying.remove(&outcome.ticket);
        }
        for job in jobs {
            assert!(self.flying.insert(job.ticket, job.flow).is_none(), "nothing is leased twice");
        }
    }

    fn end(&mut self, nth: usize, how: How) {
        let open: Vec<Ticket> =
            self.flying.keys().filter(|ticket| self.ended.iter().all(|end| end.ticket != **ticket)).copied().collect();
        if open.is_empty() {
            return;
        }
        let ticket = open[nth % open.len()];
        if how.may_have_arrived() {
            *self.arrived.entry(ticket.chat()).or_default() += 1;
        }
        if matches!(how, How::Flood) {
            self.judges.limiter.flooded(self.desk.clock.elapsed(), ticket.chat(), Duration::from_secs(1));
        }
        let at = self.desk.clock.now();
        self.ended.push(Outcome { ticket, result: how.result(), errand: None, went: None, at, flood: None });
    }

    /// Everything in memory is lost; what was in flight may have arrived.
    fn crash(&mut self) {
        for ticket in self.flying.keys() {
            let is_known = self.ended.iter().any(|outcome| outcome.ticket == *ticket);
            if !is_known {
                *self.arrived.entry(ticket.chat()).or_default() += 1;
            }
        }
        self.flying.clear();
        self.ended.clear();
        let dead = self.desk.read(dead_leases);
        self.desk.run(move |tx| {
            in_books(tx, |tx, books| dead.iter().try_for_each(|ticket| settle::resolve(tx, books, *ticket)))
        });
    }

    fn act(&mut self, act: &Act) {
        let id = self.id;
        match act {
            Act::Turn => self.turn(),
            Act::End(nth, how) => self.end(*nth, *how),
            Act::Crash => self.crash(),
            Act::Pass(ms) => self.desk.pass(Duration::from_millis(*ms)),
            Act::Pause => self.person(move |tx| acts::pause(tx, &OWNER, id)),
            Act::Resume => self.person(move |tx| acts::resume(tx, &OWNER, id)),
            Act::Cancel => self.person(move |tx| acts::cancel(tx, &OWNER, id)),
            Act::Lose(nth) => {
                let chat = ChatId(*nth);
                self.desk.run(move |tx| chats::set_reachability(tx, chat, Reachability::Blocked));
            }
            Act::Mute(nth) => {
                let chat = ChatId(*nth);
                self.desk.run(move |tx| Ok(chats::set_muted(tx, chat, true)?));
            }
        }
    }

    /// What a person does. A refusal is as good: it does not fit how the broadcast stands.
    fn person(&self, mut act: impl FnMut(&mut Tx<'_>) -> Result<(), Error> + Send + 'static) {
        self.desk.run(move |tx| Ok(act(tx).is_ok()));
    }

    /// From now on everything goes well.
    fn run_out(&mut self) {
        for _ in 0..10_000 {
            self.act(&Act::Resume);
            self.turn();
            for _ in 0..self.flying.len() {
                self.end(0, How::Well);
            }
            self.turn();
            self.desk.pass(Duration::from_millis(500));
            let figures = self.desk.read(|read| broadcasts::figures(read, self.id));
            if figures.open() == 0 {
                return;
            }
        }
        panic!("it never comes to an end");
    }

    fn verify(&self) -> Result<(), TestCaseError> {
        let look = |read: &crate::store::Snapshot| {
            let rows = recipients::from(read, self.id, 0, usize::MAX)?;
            Ok::<_, StoreError>((broadcasts::get(read, self.id)?, rows))
        };
        let (broadcast, rows) = self.desk.read(look);
        let status = broadcast.map(|broadcast| broadcast.status());
        prop_assert!(matches!(status, Some(BroadcastStatus::Done | BroadcastStatus::Cancelled)), "{status:?}");
        for (position, row) in rows {
            let arrived = self.arrived.get(&row.chat).copied().unwrap_or(0);
            prop_assert!(arrived <= 1, "row {position} may have arrived {arrived} times");
            match row.standing() {
                Standing::Sent => prop_assert_eq!(arrived, 1),
                Standing::Uncertain => {}
                // What waits in a cancelled broadcast is read as cancelled.
                Standing::Queued => prop_assert_eq!((status, arrived), (Some(BroadcastStatus::Cancelled), 0)),
                Standing::Failed | Standing::Cancelled | Standing::Skipped => prop_assert_eq!(arrived, 0),
                Standing::Sending | Standing::Expired => prop_assert!(false, "row {position} is {:?}", row.standing()),
            }
        }
        Ok(())
    }
}

fn how() -> impl Strategy<Value = How> {
    prop_oneof![
        8 => Just(How::Well),
        2 => Just(How::Unknown),
        2 => Just(How::NotSent),
        1 => Just(How::Flood),
        1 => Just(How::Token),
        1 => Just(How::Blocked),
        1 => Just(How::Markup),
        1 => Just(How::Content),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        10 => Just(Act::Turn),
        10 => (any::<usize>(), how()).prop_map(|(nth, how)| Act::End(nth, how)),
        6 => (1..400_u64).prop_map(Act::Pass),
        2 => Just(Act::Resume),
        1 => Just(Act::Pause),
        1 => Just(Act::Crash),
        1 => (1..=CHATS).prop_map(Act::Lose),
        1 => (1..=CHATS).prop_map(Act::Mute),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn nobody_is_lost_and_nobody_gets_it_twice(acts in prop::collection::vec(act(), 1..120), cancel in 0..200_usize) {
        let mut play = Play::new();
        for (nth, act) in acts.iter().enumerate() {
            if nth == cancel {
                play.act(&Act::Cancel);
            }
            play.act(act);
        }
        play.run_out();
        play.verify()?;
    }
}
