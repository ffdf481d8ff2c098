//! What becomes of each line, by what is in the file and by the lines before it. Nothing is written here: a dry run ends with
//! the plan, and a real one is refused by it before its first write.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use super::{CODE_LIFE, CODE_LIFE_MAX, Given, Known, Lists, STRENGTH_SAFE};
use crate::actions::accounts::Brought;
use crate::clock::Timestamp;
use crate::ids::{AccountId, ChatId, LinkId};
use crate::model::account::{Account, Username};
use crate::model::chat::Chat;
use crate::model::event::{EventKind, Unlinked};
use crate::model::link::{Code, Link, LinkState, LinkStatus, Target};
use crate::model::moving::{Fate, Report, Sheet, Tally, Told};
use crate::secret::Hash;
use crate::store::{Read, StoreError, accounts, chats, journal, links};

/// An account that the lists name.
pub(super) struct Person {
    /// Its number and row, when it is there already.
    pub(super) found: Option<(AccountId, Account)>,
    /// What the list of accounts tells of it.
    pub(super) told: Option<Brought>,
}

/// What is done with a code.
pub(super) enum Act {
    /// It becomes a link of the account, in place of its open one.
    Adopt { code: Code, expires: Timestamp },
    /// It is a link already and gets another end.
    Postpone { id: LinkId, link: Link, expires: Timestamp },
}

/// What is to be done.
#[derive(Default)]
pub(super) struct Plan {
    brought: Vec<Sheet>,
    pub(super) people: HashMap<Username, Person>,
    pub(super) codes: Vec<(Username, Act)>,
    /// Each with its row as it is now.
    pub(super) chats: Vec<(Username, ChatId, Option<Chat>)>,
    told: Vec<Told>,
}

/// What becomes of a line, and what to know about it.
type Verdict = (Fate, Option<String>);

fn wrong(sentence: impl Into<String>) -> Verdict {
    (Fate::Wrong, Some(sentence.into()))
}

fn stays(sentence: impl Into<String>) -> Verdict {
    (Fate::Unchanged, Some(sentence.into()))
}

impl Plan {
    pub(super) fn of(read: &impl Read, lists: &Lists) -> Result<Self, StoreError> {
        let mut plan = Self { brought: lists.brought.clone(), told: lists.wrong.clone(), ..Self::default() };
        let mut look = Look { read, plan: &mut plan, lines: HashMap::new(), named: HashMap::new() };
        for (line, told) in &lists.accounts {
            let verdict = look.account(*line, told)?;
            look.tell(Sheet::Accounts, *line, &told.username, verdict);
        }
        for (line, given) in &lists.codes {
            let verdict = look.code(*line, given)?;
            look.tell(Sheet::Codes, *line, &given.username, verdict);
        }
        let stopped = stopped(read, &lists.chats)?;
        for (line, known) in &lists.chats {
            let verdict = look.chat(*line, known, &stopped)?;
            look.tell(Sheet::Chats, *line, &known.username, verdict);
        }
        plan.told.sort_by_key(|told| (told.sheet, told.line));
        Ok(plan)
    }

    /// What is told of it.
    pub(super) fn report(&self, applied: bool) -> Report {
        let is_made = |person: &&Person| person.found.is_none() && person.told.is_none();
        let made = self.people.values().filter(is_made).count();
        Report {
            applied,
            tallies: self.brought.iter().map(|sheet| Tally::of(*sheet, &self.told)).collect(),
            made: u64::try_from(made).unwrap_or(u64::MAX),
            told: self.told.clone(),
        }
    }
}

/// What a line is about, for whoever stands on a later one.
#[derive(PartialEq, Eq, Hash)]
enum Subject {
    Code(Hash),
    Chat(ChatId),
    /// The account a code is for.
    Holder(Username),
}

struct Look<'l, R> {
    read: &'l R,
    plan: &'l mut Plan,
    /// The line on which something stands first, with its account.
    lines: HashMap<Subject, (u64, Username)>,
    /// The line of each account in its own list.
    named: HashMap<Username, u64>,
}

impl<R: Read> Look<'_, R> {
    fn tell(&mut self, sheet: Sheet, line: u64, username: &Username, (fate, text): Verdict) {
        self.plan.told.push(Told { sheet, line, username: username.to_string(), fate, text });
    }

    fn account(&mut self, line: u64, told: &Brought) -> Result<Verdict, StoreError> {
        if let Some(before) = self.named.get(&told.username) {
            return Ok(wrong(format!("This account stands on line {before} already.")));
        }
        self.named.insert(told.username.clone(), line);
        let found = accounts::find(self.read, &told.username)?;
        let fate = match &found {
            None => Fate::New,
            Some((_, old)) if told.changes(old) => Fate::Changed,
            Some(_) => Fate::Unchanged,
        };
        self.plan.people.insert(told.username.clone(), Person { found, told: Some(told.clone()) });
        Ok((fate, None))
    }

    /// The account that a code or a chat is for; one that is not there will be made. With the list of accounts at hand, one
    /// that stands in neither is a mistake more often than not.
    fn person(&mut self, username: &Username) -> Result<(Option<AccountId>, Option<String>), StoreError> {
        if !self.plan.people.contains_key(username) {
            let found = accounts::find(self.read, username)?;
            self.plan.people.insert(username.clone(), Person { found, told: None });
        }
        let person = self.plan.people.get(username);
        let id = person.and_then(|person| person.found.as_ref()).map(|(id, _)| *id);
        let is_told = person.is_some_and(|person| person.told.is_some());
        let lacks = id.is_none() && !is_told && self.plan.brought.contains(&Sheet::Accounts);
        let text = lacks.then(|| "The list of accounts does not have this one; it is made.".to_owned());
        Ok((id, text))
    }

    /// Whether something stood on an earlier line, and what that means for this one.
    fn repeated(&mut self, subject: Subject, line: u64, username: &Username, what: &str) -> Option<Verdict> {
        if let Some((before, other)) = self.lines.get(&subject) {
            return Some(if other == username {
                stays(format!("The same stands on line {before}."))
            } else {
                wrong(format!("This {what} stands on line {before} for another account."))
            });
        }
        self.lines.insert(subject, (line, username.clone()));
        None
    }

    fn code(&mut self, line: u64, given: &Given) -> Result<Verdict, StoreError> {
        let Given { code, username, expires } = given;
        let hash = code.hash();
        if let Some(verdict) = self.repeated(Subject::Code(hash), line, username, "code") {
            return Ok(verdict);
        }
        if let Some((before, _)) = self.lines.get(&Subject::Holder(username.clone())) {
            let sentence = format!("The code on line {before} is for this account too; an account has one open code.");
            return Ok(wrong(sentence));
        }
        self.lines.insert(Subject::Holder(username.clone()), (line, username.clone()));
        let now = self.read.now();
        if expires.is_some_and(|at| at > now.plus(CODE_LIFE_MAX)) {
            return Ok(wrong("A code can be claimed for at most five years; \"expires_at\" is later."));
        }
        if let Some((id, link)) = links::find(self.read, hash)? {
            return self.known_code(username, (id, link), *expires);
        }
        if expires.is_some_and(|at| at <= now) {
            return Ok(stays("This code has expired; it is left out."));
        }
        let (id, made) = self.person(username)?;
        let open = id.map(|id| links::live_of_account(self.read, id)).transpose()?.flatten();
        let open = open.filter(|(_, link)| !link.status(now).is_ended());
        let revokes =
            open.map(|_| "It takes the place of the code that is open for this account, which is revoked.".to_owned());
        let weak = (code.strength() < STRENGTH_SAFE).then(|| {
            "The code is easier to guess than it should be; eleven letters of both cases and digits are safe."
                .to_owned()
        });
        let text = [made, revokes, weak].into_iter().flatten().collect::<Vec<_>>().join(" ");
        let expires = expires.unwrap_or_else(|| now.plus(CODE_LIFE));
        self.plan.codes.push((username.clone(), Act::Adopt { code: code.clone(), expires }));
        Ok((Fate::New, Some(text).filter(|text| !text.is_empty())))
    }

    /// A code that is a link already, perhaps by the same import before.
    fn known_code(
        &mut self,
        username: &Username,
        (id, link): (LinkId, Link),
        expires: Option<Timestamp>,
    ) -> Result<Verdict, StoreError> {
        let (owner, _) = self.person(username)?;
        if owner.is_none_or(|owner| link.target != Target::Account(owner)) {
            return Ok(wrong("This code belongs to another account."));
        }
        Ok(match link.status(self.read.now()) {
            LinkStatus::Open if expires.is_some_and(|at| at != link.expires) && link.state == LinkState::Open => {
                let expires = expires.unwrap_or(link.expires);
                self.plan.codes.push((username.clone(), Act::Postpone { id, link, expires }));
                (Fate::Changed, None)
            }
            LinkStatus::Open | LinkStatus::Held => (Fate::Unchanged, None),
            LinkStatus::Used => stays("This code was used; it stays so."),
            LinkStatus::Expired => stays("This code has expired; it stays so."),
            LinkStatus::Revoked => stays("This code was revoked; it stays so."),
        })
    }

    fn chat(&mut self, line: u64, known: &Known, stopped: &HashSet<ChatId>) -> Result<Verdict, StoreError> {
        let Known { chat: id, username } = known;
        if let Some(verdict) = self.repeated(Subject::Chat(*id), line, username, "chat") {
            return Ok(verdict);
        }
        let row = chats::get(self.read, *id)?;
        if stopped.contains(id) {
            return Ok(stays("The person disconnected this chat; it stays so until they open a link themselves."));
        }
        let (account, made) = self.person(username)?;
        match row.as_ref().and_then(Chat::account) {
            Some(bound) if Some(bound) == account => return Ok((Fate::Unchanged, None)),
            Some(bound) => {
                let other = accounts::get(self.read, bound)?.map(|row| row.username.to_string()).unwrap_or_default();
                return Ok(wrong(format!("This chat is connected to the account \"{other}\".")));
            }
            None => {}
        }
        let lost = row
            .as_ref()
            .filter(|row| !row.reachability.may_send())
            .map(|row| format!("Nothing reaches this chat: it is {}.", row.reachability.word()));
        let text = [made, lost].into_iter().flatten().collect::<Vec<_>>().join(" ");
        self.plan.chats.push((username.clone(), *id, row));
        Ok((Fate::New, Some(text).filter(|text| !text.is_empty())))
    }
}

/// Chats of the list whose people disconnected them here, also those that are forgotten but for that event. An import that
/// comes again does not connect them again.
fn stopped(read: &impl Read, list: &[(u64, Known)]) -> Result<HashSet<ChatId>, StoreError> {
    let mut loose = HashSet::new();
    for (_, known) in list {
        if chats::get(read, known.chat)?.is_none_or(|row| row.account().is_none()) {
            loose.insert(known.chat);
        }
    }
    let mut stopped = HashSet::new();
    if loose.is_empty() {
        return Ok(stopped);
    }
    journal::visit_events(read, |_, event| {
        if let EventKind::ChatUnlinked(chat, Unlinked::ByPerson) = event.kind {
            stopped.extend(loose.get(&chat).copied());
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(stopped)
}
