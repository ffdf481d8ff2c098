//! `check`: walks a data file and verifies every index, count and reference. Slow on purpose; pages never call it.

mod attachments;
mod broadcasts;
mod talks;
mod webhooks;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::ControlFlow;

use crate::ids::{AccountId, AdminId, MessageId};
use crate::model::account::AccountState;
use crate::model::chat::Reachability;
use crate::model::delivery::{Lane, NO_CHAT, Standing};
use crate::model::link::{LinkStatus, Target};
use crate::model::message::Attachment;
use crate::model::talk::TalkList;
use crate::store::codec::{Key, Tail, Value};
use crate::store::error::StoreError;
use crate::store::numbers::{Counter, count};
use crate::store::sessions::SignsIn;
use crate::store::tables::{
    ACCOUNT_BY_NAME, ACCOUNTS, ACCOUNTS_BY_STATE, ACCOUNTS_BY_TAG, ADMIN_BY_NAME, ADMINS, API_KEYS, AUDIT,
    BROADCAST_BODIES, BROADCASTS_BY_STATE, CHATS, CHATS_BY_ACCOUNT, CHATS_BY_ADMIN, CONVERSATIONS, DELIVERIES, DUE,
    EVENTS, FIGURES, KEY_BY_HASH, LEFTOVERS, LINK_BY_HASH, LINKS, LINKS_BY_ACCOUNT, LINKS_BY_ADMIN, LINKS_BY_STATE,
    MEMBER_DEVICES, MEMBER_DEVICES_BY_ACCOUNT, MEMBER_SESSIONS_BY_ACCOUNT, MEMBERS, MESSAGES, OUTCOMES,
    PENDING_BY_CHAT, PHOTO_BYTES, PROGRESS, REPEATS, REPEATS_BY_TIME, RETURNED, SESSIONS_BY_ADMIN, SET_ASIDE, TALKS,
    TALKS_BY_ADMIN, TALKS_BY_LIST, Table, WAITING_DUE,
};
use crate::store::tx::{Order, Read, Snapshot, Span};
use crate::store::{accounts, deliveries, links, messages};

/// Findings that are listed; more are counted only.
const LISTED: usize = 100;

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Rows looked at.
    pub rows: u64,
    /// What is wrong, the first hundred findings.
    pub findings: Vec<String>,
    /// How many findings there are.
    pub found: u64,
}

impl Report {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.found == 0
    }

    fn wrong(&mut self, finding: impl FnOnce(&mut String) -> std::fmt::Result) {
        self.found += 1;
        if self.findings.len() < LISTED {
            let mut text = String::new();
            if finding(&mut text).is_ok() {
                self.findings.push(text);
            }
        }
    }
}

struct Check<'s> {
    read: &'s Snapshot,
    report: Report,
    counts: BTreeMap<Counter, u64>,
    expected: BTreeMap<&'static str, u64>,
    /// How many messages and broadcasts carry a file.
    holds: BTreeMap<Attachment, u32>,
    /// What the people of each account wrote last.
    heard: BTreeMap<AccountId, MessageId>,
}

/// Verifies a snapshot.
pub fn check(read: &Snapshot) -> Result<Report, StoreError> {
    let mut check = Check {
        read,
        report: Report::default(),
        counts: BTreeMap::new(),
        expected: BTreeMap::new(),
        holds: BTreeMap::new(),
        heard: BTreeMap::new(),
    };
    check.accounts()?;
    check.links()?;
    check.chats()?;
    check.messages()?;
    check.talks()?;
    check.deliveries()?;
    check.broadcasts()?;
    check.attachments()?;
    check.admins()?;
    check.members()?;
    check.keys()?;
    check.webhooks()?;
    check.rest()?;
    check.sizes()?;
    check.counters()?;
    Ok(check.report)
}

impl Check<'_> {
    fn each<K: Key, V: Value>(
        &mut self,
        table: Table<K, V>,
        mut look: impl FnMut(&mut Self, K, V) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let read = self.read;
        read.visit(table, &Span::all(), Order::Ascending, |key, value| {
            self.report.rows += 1;
            look(self, key, value)?;
            Ok(ControlFlow::Continue(()))
        })
    }

    /// An index row that has to be there.
    fn needs<K: Key, V: Value + PartialEq>(
        &mut self,
        index: &'static str,
        table: Table<K, V>,
        key: &K,
        value: &V,
        owner: impl std::fmt::Display,
    ) -> Result<(), StoreError> {
        *self.expected.entry(index).or_default() += 1;
        if self.read.get(table, key)?.as_ref() != Some(value) {
            self.report.wrong(|text| write!(text, "{index} misses its row for {owner}"));
        }
        Ok(())
    }

    fn counted(&mut self, counter: Counter) {
        *self.counts.entry(counter).or_default() += 1;
    }

    fn accounts(&mut self) -> Result<(), StoreError> {
        self.each(ACCOUNTS, |check, id, account| {
            let name = account.username.as_str();
            let state = accounts::number(account.state());
            check.needs("ACCOUNT_BY_NAME", ACCOUNT_BY_NAME, &Tail::of(name), &id, format_args!("account {id}"))?;
            check.needs(
                "ACCOUNTS_BY_STATE",
                ACCOUNTS_BY_STATE,
                &(state, Tail::of(name)),
                &id,
                format_args!("account {id}"),
            )?;
            for tag in &account.tags {
                let key = Tail(format!("{}\0{name}", tag.as_str()));
                check.needs("ACCOUNTS_BY_TAG", ACCOUNTS_BY_TAG, &key, &id, format_args!("account {id}"))?;
            }
            check.counted(Counter::Accounts(account.state()));
            let bound = crate::store::chats::of_account(check.read, id)?;
            let reachable = bound.iter().filter(|(_, chat)| chat.reachability.may_send()).count();
            let listening = bound.iter().filter(|(_, chat)| chat.listens()).count();
            let kept = [account.chats, account.reachable, account.muted].map(size);
            if account.reachable > 0 && listening == 0 {
                check.counted(Counter::MutedAccounts);
            }
            if kept != [bound.len(), reachable, reachable - listening] {
                check.report.wrong(|text| write!(text, "account {id} counts its chats wrongly"));
            }
            Ok(())
        })
    }

    fn links(&mut self) -> Result<(), StoreError> {
        self.each(LINKS, |check, id, link| {
            let status = links::stored(link.state);
            let place = (links::number(status), links::moment(&link), id);
            check.needs("LINK_BY_HASH", LINK_BY_HASH, &link.hash, &id, format_args!("link {id}"))?;
            check.needs("LINKS_BY_STATE", LINKS_BY_STATE, &place, &(), format_args!("link {id}"))?;
            if let Target::Account(account) = link.target {
                check.needs("LINKS_BY_ACCOUNT", LINKS_BY_ACCOUNT, &(account, id), &(), format_args!("link {id}"))?;
                let live = link.ended().is_none();
                if live && accounts::get(check.read, account)?.is_none() {
                    check.report.wrong(|text| write!(text, "link {id} is live, its account {account} is gone"));
                }
            }
            if let Target::Admin(admin) = link.target {
                check.needs("LINKS_BY_ADMIN", LINKS_BY_ADMIN, &(admin, id), &(), format_args!("link {id}"))?;
            }
            if link.ended().is_some() != link.sealed_code.is_none() {
                check.report.wrong(|text| write!(text, "link {id} keeps its code wrongly"));
            }
            if link.ended().is_none() && links::code(check.read, &link).map(|code| code.hash()) != Some(link.hash) {
                check.report.wrong(|text| write!(text, "link {id} has a code that does not fit its hash"));
            }
            check.counted(Counter::Links(status));
            Ok(())
        })
    }

    fn chats(&mut self) -> Result<(), StoreError> {
        self.each(CHATS, |check, id, chat| {
            check.counted(Counter::Chats);
            if let Some(account) = chat.account() {
                check.counted(Counter::BoundChats(chat.reachability));
                if chat.reachability.may_send() && chat.muted.is_some() {
                    check.counted(Counter::MutedChats);
                }
                check.needs("CHATS_BY_ACCOUNT", CHATS_BY_ACCOUNT, &(account, id), &(), format_args!("chat {id}"))?;
                if accounts::get(check.read, account)?.is_none() {
                    check.report.wrong(|text| write!(text, "chat {id} is bound to account {account}, which is gone"));
                }
            }
            if let Some(admin) = chat.admin {
                check.needs("CHATS_BY_ADMIN", CHATS_BY_ADMIN, &(admin, id), &(), format_args!("chat {id}"))?;
            }
            Ok(())
        })
    }

    fn messages(&mut self) -> Result<(), StoreError> {
        self.each(MESSAGES, |check, id, message| {
            check.counted(Counter::Messages);
            let place = (message.account.unwrap_or(messages::NOBODY), id);
            check.needs("CONVERSATIONS", CONVERSATIONS, &place, &(), format_args!("message {id}"))?;
            if let Some(account) = message.account {
                let known =
                    accounts::get(check.read, account)?.is_some() || check.read.get(LEFTOVERS, &account)?.is_some();
                if message.is_incoming() && check.read.get(LEFTOVERS, &account)?.is_none() {
                    check.heard.insert(account, id);
                }
                if !known {
                    check.report.wrong(|text| write!(text, "message {id} belongs to account {account}, which is gone"));
                }
            }
            match messages::body(check.read, &message) {
                Some(body) => check.holds(&body),
                None => check.report.wrong(|text| write!(text, "the body of message {id} cannot be opened")),
            }
            Ok(())
        })
    }

    fn deliveries(&mut self) -> Result<(), StoreError> {
        self.each(DELIVERIES, |check, id, delivery| {
            let name = format!("delivery {}/{}", id.message, id.chat);
            if let Some(at) = deliveries::place(&delivery) {
                check.needs("DUE", DUE, &(delivery.lane.number(), at, id), &(), &name)?;
                if id.chat == NO_CHAT {
                    check.report.wrong(|text| write!(text, "{name} waits without a chat"));
                }
            }
            if deliveries::is_listed(&delivery) {
                check.needs("PENDING_BY_CHAT", PENDING_BY_CHAT, &(id.chat, id), &(), &name)?;
            }
            if messages::get(check.read, id.message)?.is_none() {
                check.report.wrong(|text| write!(text, "{name} has no message"));
            }
            check.counted(Counter::Deliveries(delivery.lane, delivery.state.standing()));
            Ok(())
        })
    }

    fn admins(&mut self) -> Result<(), StoreError> {
        self.each(ADMINS, |check, id, admin| {
            check.needs("ADMIN_BY_NAME", ADMIN_BY_NAME, &Tail(admin.name.folded()), &id, format_args!("admin {id}"))
        })?;
        self.sessions::<AdminId>("SESSIONS_BY_ADMIN")
    }

    fn members(&mut self) -> Result<(), StoreError> {
        self.each(MEMBERS, |check, id, _| {
            if accounts::get(check.read, id)?.is_none() {
                check
                    .report
                    .wrong(|text| write!(text, "account {id} is gone, its person may still come into the portal"));
            }
            Ok(())
        })?;
        self.sessions::<AccountId>("MEMBER_SESSIONS_BY_ACCOUNT")?;
        self.each(MEMBER_DEVICES, |check, hash, device| {
            let (index, key) = (MEMBER_DEVICES_BY_ACCOUNT, (device.whose, hash));
            check.needs("MEMBER_DEVICES_BY_ACCOUNT", index, &key, &(), format_args!("a browser of {}", device.whose))
        })
    }

    fn sessions<I: SignsIn>(&mut self, index: &'static str) -> Result<(), StoreError> {
        self.each(I::SESSIONS, |check, hash, session| {
            let key = (session.whose, session.id);
            check.needs(index, I::SESSIONS_OF, &key, &hash, format_args!("session {}", session.id))
        })
    }

    fn keys(&mut self) -> Result<(), StoreError> {
        self.each(API_KEYS, |check, id, key| {
            check.needs("KEY_BY_HASH", KEY_BY_HASH, &key.hash, &id, format_args!("key {id}"))
        })?;
        self.each(REPEATS, |check, (key, name), repeat| {
            let place = (repeat.at, key, name);
            check.needs("REPEATS_BY_TIME", REPEATS_BY_TIME, &place, &(), format_args!("an answer to key {key}"))
        })
    }

    /// Tables without an index: that every row can be read.
    fn rest(&mut self) -> Result<(), StoreError> {
        self.each(EVENTS, |_, _, _| Ok(()))?;
        self.each(AUDIT, |_, _, _| Ok(()))?;
        self.each(LEFTOVERS, |check, id, ()| {
            if accounts::get(check.read, id)?.is_some() {
                check.report.wrong(|text| write!(text, "account {id} is there, its leftovers are to be removed"));
            }
            Ok(())
        })?;
        self.each(SET_ASIDE, |check, _, _| {
            check.counted(Counter::SetAside);
            Ok(())
        })
    }

    /// Index rows without an owner show as a difference in number.
    fn sizes(&mut self) -> Result<(), StoreError> {
        self.size("ACCOUNT_BY_NAME", ACCOUNT_BY_NAME)?;
        self.size("ACCOUNTS_BY_STATE", ACCOUNTS_BY_STATE)?;
        self.size("ACCOUNTS_BY_TAG", ACCOUNTS_BY_TAG)?;
        self.size("LINK_BY_HASH", LINK_BY_HASH)?;
        self.size("LINKS_BY_STATE", LINKS_BY_STATE)?;
        self.size("LINKS_BY_ACCOUNT", LINKS_BY_ACCOUNT)?;
        self.size("LINKS_BY_ADMIN", LINKS_BY_ADMIN)?;
        self.size("CHATS_BY_ACCOUNT", CHATS_BY_ACCOUNT)?;
        self.size("CHATS_BY_ADMIN", CHATS_BY_ADMIN)?;
        self.size("CONVERSATIONS", CONVERSATIONS)?;
        self.size("TALKS", TALKS)?;
        self.size("TALKS_BY_LIST", TALKS_BY_LIST)?;
        self.size("TALKS_BY_ADMIN", TALKS_BY_ADMIN)?;
        self.size("DUE", DUE)?;
        self.size("PENDING_BY_CHAT", PENDING_BY_CHAT)?;
        self.size("BROADCASTS_BY_STATE", BROADCASTS_BY_STATE)?;
        self.size("BROADCAST_BODIES", BROADCAST_BODIES)?;
        self.size("FIGURES", FIGURES)?;
        self.size("RETURNED", RETURNED)?;
        self.size("OUTCOMES", OUTCOMES)?;
        self.size("PHOTO_BYTES", PHOTO_BYTES)?;
        self.size("ADMIN_BY_NAME", ADMIN_BY_NAME)?;
        self.size("SESSIONS_BY_ADMIN", SESSIONS_BY_ADMIN)?;
        self.size("MEMBER_SESSIONS_BY_ACCOUNT", MEMBER_SESSIONS_BY_ACCOUNT)?;
        self.size("MEMBER_DEVICES_BY_ACCOUNT", MEMBER_DEVICES_BY_ACCOUNT)?;
        self.size("KEY_BY_HASH", KEY_BY_HASH)?;
        self.size("REPEATS_BY_TIME", REPEATS_BY_TIME)?;
        self.size("PROGRESS", PROGRESS)?;
        self.size("WAITING_DUE", WAITING_DUE)
    }

    fn size<K: Key, V: Value>(&mut self, index: &'static str, table: Table<K, V>) -> Result<(), StoreError> {
        let mut rows = 0_u64;
        self.each(table, |_, _, _| {
            rows += 1;
            Ok(())
        })?;
        let expected = self.expected.get(index).copied().unwrap_or(0);
        if rows != expected {
            self.report.wrong(|text| write!(text, "{index} has {rows} rows, its owners need {expected}"));
        }
        Ok(())
    }

    fn counters(&mut self) -> Result<(), StoreError> {
        for counter in all_counters() {
            let kept = count(self.read, counter)?;
            let counted = self.counts.get(&counter).copied().unwrap_or(0);
            if kept != counted {
                self.report.wrong(|text| write!(text, "the count {counter:?} says {kept}, there are {counted}"));
            }
        }
        Ok(())
    }
}

fn all_counters() -> impl Iterator<Item = Counter> {
    let lanes =
        Lane::QUEUED.into_iter().flat_map(|lane| Standing::ALL.map(|standing| Counter::Deliveries(lane, standing)));
    (AccountState::ALL.into_iter().map(Counter::Accounts))
        .chain(LinkStatus::ALL.into_iter().map(Counter::Links))
        .chain(Reachability::ALL.into_iter().map(Counter::BoundChats))
        .chain(lanes)
        .chain(TalkList::ALL.into_iter().map(Counter::Talks))
        .chain([Counter::Chats, Counter::MutedChats, Counter::MutedAccounts, Counter::Messages, Counter::SetAside])
}

fn size(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
