//! Single values: schema, the key's proof, settings, the bot's identity, token and offset, changed texts, the set-up.

use crate::clock::Timestamp;
use crate::ids::{AdminId, UpdateId};
use crate::model::admin::{SetupDraft, SetupTicket};
use crate::model::settings::{BotIdentity, Saved};
use crate::secret::{Hash, Secret};
use crate::store::codec::{Blob, Key, SetAside, Tail, Value};
use crate::store::error::{OpenError, StoreError};
use crate::store::numbers::Counter;
use crate::store::tables::{META, SET_ASIDE, TEXTS};
use crate::store::talks;
use crate::store::tx::{Order, Read, Span, Tools, Tx};

/// The schema this program writes. It reads all before it: 2 added muting, 3 keys of the API, 4 webhooks, 5 conversations and the
/// portal; older rows are read as they are.
pub const SCHEMA: u32 = 5;
/// The first one with conversations of the inbox.
const SCHEMA_OF_INBOX: u32 = 5;
/// Update numbers that are remembered, so that a repeated update is skipped.
const SEEN_KEPT: usize = 1000;
const KEY_PROOF: &str = "startlink data file";

/// Checks schema and key of a file that was just opened; makes both when the file is new.
pub(super) fn prepare(database: &redb::Database, now: Timestamp, tools: &Tools) -> Result<(), OpenError> {
    let failed = |error: StoreError| OpenError::Failed(error.to_string());
    let txn = database.begin_write().map_err(|error| failed(error.into()))?;
    let mut tx = Tx::new(&txn, now, tools);
    tx.open_all().map_err(failed)?;
    match schema(&tx).map_err(failed)? {
        None => {
            let proof = Blob(tools.sealer.seal("key", KEY_PROOF.as_bytes()));
            put_schema(&mut tx, SCHEMA).map_err(failed)?;
            tx.put(META, &Tail::of("key"), &proof).map_err(failed)?;
        }
        Some(found) if found > SCHEMA => return Err(OpenError::TooNew { found, known: SCHEMA }),
        Some(found) => {
            let proof = tx.get(META, &Tail::of("key")).map_err(failed)?;
            proof.and_then(|Blob(sealed)| tools.sealer.open("key", &sealed).ok()).ok_or(OpenError::WrongKey)?;
            if found < SCHEMA_OF_INBOX {
                talks::adopt(&mut tx).map_err(failed)?;
            }
            if found < SCHEMA {
                put_schema(&mut tx, SCHEMA).map_err(failed)?;
            }
        }
    }
    drop(tx);
    txn.commit().map_err(|error| failed(error.into()))
}

/// The schema a file was last written with; none when it is new.
pub(super) fn schema(read: &impl Read) -> Result<Option<u32>, StoreError> {
    let blob = read.get(META, &Tail::of("schema"))?;
    Ok(blob.and_then(|Blob(bytes)| u32::decode(&mut bytes.as_slice())))
}

pub(super) fn put_schema(tx: &mut Tx<'_>, schema: u32) -> Result<(), StoreError> {
    tx.put(META, &Tail::of("schema"), &Blob(schema.bytes())).map(|_| ())
}

/// A record kept under a name.
pub(super) fn record<V: Value>(read: &impl Read, name: &str) -> Result<Option<V>, StoreError> {
    let damaged = |_| StoreError::Row { table: "META" };
    read.get(META, &Tail::of(name))?.map(|Blob(bytes)| V::decode(&bytes)).transpose().map_err(damaged)
}

fn put_record<V: Value>(tx: &mut Tx<'_>, name: &str, value: &V) -> Result<(), StoreError> {
    let bytes = value.encode().map_err(|_| StoreError::Row { table: "META" })?;
    tx.put(META, &Tail::of(name), &Blob(bytes)).map(|_| ())
}

/// Replaces a record kept under a name; `None` ends it.
pub(super) fn put_or_remove<V: Value>(tx: &mut Tx<'_>, name: &str, value: Option<&V>) -> Result<(), StoreError> {
    match value {
        Some(value) => put_record(tx, name, value),
        None => tx.remove(META, &Tail::of(name)).map(|_| ()),
    }
}

/// What admins saved in the browser.
pub fn saved(read: &impl Read) -> Result<Saved, StoreError> {
    Ok(record(read, "settings")?.unwrap_or_default())
}

/// Saves it.
pub fn save(tx: &mut Tx<'_>, saved: &Saved) -> Result<(), StoreError> {
    put_record(tx, "settings", saved)
}

/// The bot this file belongs to, once one was met.
pub fn bot(read: &impl Read) -> Result<Option<BotIdentity>, StoreError> {
    record(read, "bot")
}

/// Remembers the bot.
pub fn put_bot(tx: &mut Tx<'_>, bot: &BotIdentity) -> Result<(), StoreError> {
    put_record(tx, "bot", bot)
}

/// The bot token that was typed into the set-up or the settings.
pub fn token(read: &impl Read) -> Result<Option<Secret>, StoreError> {
    let sealed = read.get(META, &Tail::of("bot.token"))?;
    let open = |Blob(sealed): Blob| read.sealer().open_text("bot.token", &sealed);
    sealed.map(open).transpose().map_err(|_| StoreError::Row { table: "META" })
}

/// Seals and stores the bot token; `None` forgets it.
pub fn put_token(tx: &mut Tx<'_>, token: Option<&Secret>) -> Result<(), StoreError> {
    let key = Tail::of("bot.token");
    match token {
        Some(token) => {
            let sealed = tx.sealer().seal("bot.token", token.expose().as_bytes());
            tx.put(META, &key, &Blob(sealed)).map(|_| ())
        }
        None => tx.remove(META, &key).map(|_| ()),
    }
}

/// The offset of the next `getUpdates`: the last update that is on disk, plus one.
pub fn offset(read: &impl Read) -> Result<Option<UpdateId>, StoreError> {
    Ok(read.get(META, &Tail::of("bot.offset"))?.and_then(|Blob(bytes)| Key::decode(&mut bytes.as_slice())))
}

/// Moves the offset; `None` forgets it, for another bot.
pub fn put_offset(tx: &mut Tx<'_>, offset: Option<UpdateId>) -> Result<(), StoreError> {
    let key = Tail::of("bot.offset");
    match offset {
        Some(offset) => tx.put(META, &key, &Blob(offset.bytes())).map(|_| ()),
        None => tx.remove(META, &key).map(|_| ()),
    }
}

/// The update numbers seen lately, the oldest first.
pub fn seen(read: &impl Read) -> Result<Vec<UpdateId>, StoreError> {
    let Some(Blob(bytes)) = read.get(META, &Tail::of("bot.seen"))? else { return Ok(Vec::new()) };
    let mut rest = bytes.as_slice();
    Ok(std::iter::from_fn(|| Key::decode(&mut rest)).collect())
}

/// Remembers update numbers, the newest thousand of them.
pub fn put_seen(tx: &mut Tx<'_>, seen: &[UpdateId]) -> Result<(), StoreError> {
    let mut bytes = Vec::with_capacity(SEEN_KEPT * 8);
    seen.iter().skip(seen.len().saturating_sub(SEEN_KEPT)).for_each(|id| id.encode(&mut bytes));
    tx.put(META, &Tail::of("bot.seen"), &Blob(bytes)).map(|_| ())
}

/// A single moment kept under a name: `flood.until`, `sweep.last`.
pub fn moment(read: &impl Read, name: &str) -> Result<Option<Timestamp>, StoreError> {
    let found = read.get(META, &Tail(format!("moment.{name}")))?;
    Ok(found.and_then(|Blob(bytes)| Key::decode(&mut bytes.as_slice())))
}

/// Keeps a moment under a name.
pub fn put_moment(tx: &mut Tx<'_>, name: &str, at: Timestamp) -> Result<(), StoreError> {
    tx.put(META, &Tail(format!("moment.{name}")), &Blob(at.bytes())).map(|_| ())
}

/// A key kept under a name: where a slow walk goes on.
pub fn place<K: Key>(read: &impl Read, name: &str) -> Result<Option<K>, StoreError> {
    let found = read.get(META, &Tail(format!("place.{name}")))?;
    Ok(found.and_then(|Blob(bytes)| Key::decode(&mut bytes.as_slice())))
}

/// Keeps a place under a name; `None` goes back to the beginning.
pub fn put_place<K: Key>(tx: &mut Tx<'_>, name: &str, place: Option<K>) -> Result<(), StoreError> {
    let key = Tail(format!("place.{name}"));
    match place {
        Some(place) => tx.put(META, &key, &Blob(place.bytes())).map(|_| ()),
        None => tx.remove(META, &key).map(|_| ()),
    }
}

/// A fingerprint kept under a name, of something that was told to somebody else.
pub fn fingerprint(read: &impl Read, name: &str) -> Result<Option<Hash>, StoreError> {
    let found = read.get(META, &Tail(format!("fingerprint.{name}")))?;
    Ok(found.and_then(|Blob(bytes)| Key::decode(&mut bytes.as_slice())))
}

/// Keeps a fingerprint under a name.
pub fn put_fingerprint(tx: &mut Tx<'_>, name: &str, print: Hash) -> Result<(), StoreError> {
    tx.put(META, &Tail(format!("fingerprint.{name}")), &Blob(print.bytes())).map(|_| ())
}

/// The one-time set-up link, while there is one.
pub fn setup_ticket(read: &impl Read) -> Result<Option<SetupTicket>, StoreError> {
    record(read, "setup.ticket")
}

/// Replaces the set-up link; `None` ends it.
pub fn put_setup_ticket(tx: &mut Tx<'_>, ticket: Option<&SetupTicket>) -> Result<(), StoreError> {
    put_or_remove(tx, "setup.ticket", ticket)
}

/// What the set-up gathered so far.
pub fn setup_draft(read: &impl Read) -> Result<Option<SetupDraft>, StoreError> {
    record(read, "setup.draft")
}

/// Replaces it; `None` ends it.
pub fn put_setup_draft(tx: &mut Tx<'_>, draft: Option<&SetupDraft>) -> Result<(), StoreError> {
    put_or_remove(tx, "setup.draft", draft)
}

/// An admin's one-time invitation, while there is one.
pub fn invite(read: &impl Read, admin: AdminId) -> Result<Option<SetupTicket>, StoreError> {
    record(read, &format!("invite.{admin}"))
}

/// Replaces it; `None` ends it.
pub fn put_invite(tx: &mut Tx<'_>, admin: AdminId, ticket: Option<&SetupTicket>) -> Result<(), StoreError> {
    put_or_remove(tx, &format!("invite.{admin}"), ticket)
}

/// Changed texts of the bot: `language/key` and the text, all of them (there are a few dozen).
pub fn texts(read: &impl Read) -> Result<Vec<(String, String)>, StoreError> {
    let rows = read.page(TEXTS, &Span::all(), Order::Ascending, usize::MAX)?;
    let text = |Blob(bytes)| String::from_utf8(bytes).map_err(|_| StoreError::Row { table: "TEXTS" });
    rows.into_iter().map(|(Tail(key), blob)| Ok((key, text(blob)?))).collect()
}

/// Changes a text; `None` goes back to the default.
pub fn put_text(tx: &mut Tx<'_>, key: &str, text: Option<&str>) -> Result<(), StoreError> {
    match text {
        Some(text) => tx.put(TEXTS, &Tail::of(key), &Blob(text.as_bytes().to_vec())).map(|_| ()),
        None => tx.remove(TEXTS, &Tail::of(key)).map(|_| ()),
    }
}

/// Sets an update aside for a person to look at. `raw` is sealed.
pub fn set_aside(tx: &mut Tx<'_>, update: UpdateId, reason: &str, raw: &[u8]) -> Result<(), StoreError> {
    let row = SetAside { at: tx.now(), reason: reason.to_owned(), sealed: tx.sealer().seal("update", raw) };
    if tx.put(SET_ASIDE, &update, &row)? {
        tx.add(Counter::SetAside, 1);
    }
    Ok(())
}

/// The updates set aside last.
pub fn set_asides(read: &impl Read, limit: usize) -> Result<Vec<(UpdateId, SetAside)>, StoreError> {
    read.page(SET_ASIDE, &Span::all(), Order::Descending, limit)
}

/// Removes updates that were set aside before `then`; looks at `limit` of them at most, there are few.
pub fn trim_set_aside(tx: &mut Tx<'_>, then: Timestamp, limit: usize) -> Result<usize, StoreError> {
    let rows = tx.page(SET_ASIDE, &Span::all(), Order::Ascending, limit)?;
    let mut gone = 0;
    for (id, _) in rows.into_iter().filter(|(_, row)| row.at < then) {
        tx.remove(SET_ASIDE, &id)?;
        tx.add(Counter::SetAside, -1);
        gone += 1;
    }
    Ok(gone)
}
