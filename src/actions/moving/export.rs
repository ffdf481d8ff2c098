//! Moving out: everything as JSON lines, of one moment, in a form of its own that outlives the data file's. Secrets stay: no
//! codes, no keys, no passwords and second factors, no token. Row by row, so that a large file needs no memory.

mod shapes;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::ControlFlow;

use serde_json::{Value, json};

use crate::actions::broadcasts::report;
use crate::actions::{Caller, Error, news};
use crate::clock::Timestamp;
use crate::ids::{AccountId, BroadcastId};
use crate::model::account::AccountState;
use crate::model::admin::Role;
use crate::model::broadcast::BroadcastStatus;
use crate::model::link::LinkStatus;
use crate::model::moving::EXPORT_END;
use crate::runtime;
use crate::store::{
    Counter, Read, Snapshot, Store, StoreError, Tx, accounts, admins, broadcasts, chats, count, documents, journal,
    keys, links, messages, meta, photos, webhooks,
};
use shapes::Shapes;

/// The version of the form; it grows when a reader of the older one would go wrong.
pub const VERSION: u32 = 1;

/// Text that is handed on at once, in bytes.
const PIECE: usize = 64 * 1024;
/// Pieces that wait for a slow reader.
const AHEAD: usize = 4;
/// Rows that are read at once, where they are read in pieces.
const ROWS: usize = 500;

/// Writes down who takes everything along, before it goes.
pub fn begin(tx: &mut Tx<'_>, caller: &Caller) -> Result<(), Error> {
    caller.needs(Role::Operator)?;
    Ok(journal::audit(tx, caller.actor, "export", "everything")?)
}

/// Everything, as pieces of whole lines. When something cannot be read the pieces stop before the line that ends an export.
/// While they wait for their reader the data file keeps what was replaced meanwhile; dropping the pieces ends that.
#[must_use]
pub fn pieces(store: &Store) -> async_channel::Receiver<String> {
    let (send, pieces) = async_channel::bounded(AHEAD);
    let store = store.clone();
    let work = runtime::blocking(move || {
        let mut hand_on = |piece: String| send.send_blocking(piece).is_ok();
        let done = store.snapshot().and_then(|read| export(&read, &mut hand_on));
        if let Err(error) = done {
            log::error!("the export could not be read to its end: {error}");
        }
    });
    drop(runtime::spawn(work));
    pieces
}

/// Hands everything to `hand_on`, until that wants no more.
pub fn export(read: &Snapshot, hand_on: &mut dyn FnMut(String) -> bool) -> Result<(), StoreError> {
    let mut lines = Lines { hand_on, piece: String::new(), counts: BTreeMap::new(), wanted: true };
    lines.line("header", &header(read)?);
    lines.house(read)?;
    lines.people(read)?;
    lines.words(read)?;
    lines.journal(read)?;
    let counts = std::mem::take(&mut lines.counts);
    lines.line(EXPORT_END, &json!({ "lines": counts }));
    lines.flush();
    Ok(())
}

fn header(read: &Snapshot) -> Result<Value, StoreError> {
    let mut accounts = 0;
    for state in AccountState::ALL {
        accounts += count(read, Counter::Accounts(state))?;
    }
    let mut links = 0;
    for status in LinkStatus::ALL {
        links += count(read, Counter::Links(status))?;
    }
    let counts = json!({
        "accounts": accounts,
        "chats": count(read, Counter::Chats)?,
        "links": links,
        "messages": count(read, Counter::Messages)?,
    });
    Ok(json!({
        "format": "startlink-export",
        "version": VERSION,
        "startlink": env!("CARGO_PKG_VERSION"),
        "at": read.now().rfc3339(),
        "counts": counts,
    }))
}

/// Lines on their way out.
struct Lines<'o> {
    hand_on: &'o mut dyn FnMut(String) -> bool,
    piece: String,
    /// How many there were of each type.
    counts: BTreeMap<&'static str, u64>,
    /// Whether somebody still reads.
    wanted: bool,
}

impl Lines<'_> {
    /// One line; its type stands first.
    fn line(&mut self, kind: &'static str, fields: &Value) {
        let text = fields.to_string();
        let rest = text.strip_prefix('{').unwrap_or("}");
        let comma = if rest == "}" { "" } else { "," };
        // Writing into a text does not fail.
        let _ = writeln!(self.piece, "{{\"type\":\"{kind}\"{comma}{rest}");
        *self.counts.entry(kind).or_default() += 1;
        if self.piece.len() >= PIECE {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let piece = std::mem::take(&mut self.piece);
        self.wanted = self.wanted && (piece.is_empty() || (self.hand_on)(piece));
    }

    fn next(&self) -> ControlFlow<()> {
        if self.wanted { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    /// What is set, and who may set it.
    fn house(&mut self, read: &Snapshot) -> Result<(), StoreError> {
        self.line("settings", &shapes::settings(&meta::saved(read)?));
        if let Some(bot) = meta::bot(read)? {
            self.line("bot", &json!({ "id": bot.id.0, "username": bot.username, "name": bot.name }));
        }
        for (name, text) in meta::texts(read)? {
            let (language, key) = name.split_once('/').unwrap_or(("", &name));
            self.line("text", &json!({ "language": language, "key": key, "text": text }));
        }
        for (id, admin) in admins::all(read)? {
            self.line("admin", &shapes::admin(id, &admin));
        }
        for (id, key) in keys::all(read)? {
            self.line("key", &shapes::key(id, &key));
        }
        for (id, endpoint) in webhooks::all(read)? {
            self.line("webhook", &shapes::webhook(id, &endpoint));
        }
        Ok(())
    }

    /// Accounts, chats and links.
    fn people(&mut self, read: &Snapshot) -> Result<(), StoreError> {
        let shapes = Shapes::new(read);
        accounts::visit(read, AccountId(0), |id, account| {
            self.line("account", &shapes.account(id, &account)?);
            Ok(self.next())
        })?;
        chats::visit(read, |id, chat| {
            self.line("chat", &shapes.chat(id, &chat)?);
            Ok(self.next())
        })?;
        links::visit(read, |id, link| {
            self.line("link", &shapes.link(id, &link)?);
            Ok(self.next())
        })
    }

    /// Documents, each followed by its pieces.
    fn documents(&mut self, read: &Snapshot) -> Result<(), StoreError> {
        let mut after = None;
        while self.wanted {
            let rows = documents::walk(read, after, ROWS)?;
            let Some((last, _)) = rows.last() else { break };
            after = Some(*last);
            for (id, document) in rows.into_iter().filter(|(_, document)| document.whole) {
                self.line("document", &shapes::document(id, &document));
                let mut number = 0;
                while let Some(bytes) = documents::piece(read, id, number)?.filter(|_| self.wanted) {
                    self.line("piece", &shapes::piece(id, number, &bytes));
                    number += 1;
                }
            }
        }
        Ok(())
    }

    /// Pictures and documents, messages with their deliveries, broadcasts with their recipients.
    fn words(&mut self, read: &Snapshot) -> Result<(), StoreError> {
        self.documents(read)?;
        let shapes = Shapes::new(read);
        let mut after = None;
        while self.wanted {
            let rows = photos::walk(read, after, ROWS)?;
            let Some((last, _)) = rows.last() else { break };
            after = Some(*last);
            for (id, photo) in rows {
                self.line("photo", &shapes::photo(id, &photo, photos::bytes(read, id)?));
            }
        }
        messages::visit(read, |id, message| {
            self.line("message", &shapes.message(id, &message)?);
            Ok(self.next())
        })?;
        let mut ids = Vec::new();
        for status in BroadcastStatus::ALL {
            ids.extend(broadcasts::ids(read, status)?);
        }
        ids.sort();
        for id in ids {
            if let Some(broadcast) = broadcasts::get(read, id)?.filter(|_| self.wanted) {
                self.line("broadcast", &shapes.broadcast(id, &broadcast)?);
                self.recipients(read, id)?;
            }
        }
        Ok(())
    }

    fn recipients(&mut self, read: &Snapshot, id: BroadcastId) -> Result<(), StoreError> {
        let mut from = Some(0);
        while let Some(position) = from.filter(|_| self.wanted) {
            let page = report::page(read, id, None, position, ROWS)?;
            for line in &page.lines {
                self.line("recipient", &shapes::recipient(id, line));
            }
            from = page.next;
        }
        Ok(())
    }

    fn journal(&mut self, read: &Snapshot) -> Result<(), StoreError> {
        let shapes = Shapes::new(read);
        journal::visit_events(read, |id, event| {
            let mut fields = news::json(read, id, &event)?;
            if let Some(map) = fields.as_object_mut() {
                for (theirs, own) in [("type", "event"), ("timestamp", "at")] {
                    let value = map.remove(theirs).unwrap_or_default();
                    map.insert(own.to_owned(), value);
                }
            }
            self.line("event", &fields);
            Ok(self.next())
        })?;
        journal::visit_audits(read, |id, entry| {
            self.line("audit", &shapes.audit(id, &entry)?);
            Ok(self.next())
        })
    }
}

/// A moment, or nothing.
fn moment(at: Option<Timestamp>) -> Value {
    at.map(Timestamp::rfc3339).into()
}

#[cfg(test)]
mod tests;
