//! A batch of updates as one transaction: what was seen is skipped, what is new is done, the offset moves along.
//! Only a storage error or a panic rolls back; then the updates go one by one, and the culprit is set aside.

use std::sync::Arc;

use crate::actions::Error;
use crate::actions::settings::Voice;
use crate::bot::dispatch::Intent;
use crate::bot::effects::Effect;
use crate::bot::intents;
use crate::clock::Timestamp;
use crate::ids::UpdateId;
use crate::store::{Read, Store, StoreError, Tx, meta};

const LAST_UPDATE: &str = "bot.update.last";

/// One update, ready to be done.
#[derive(Clone)]
pub struct Item {
    /// Its number.
    pub id: UpdateId,
    /// What it asks for.
    pub intent: Intent,
    /// As it came, to be set aside should it be a culprit.
    pub raw: Box<str>,
}

/// When the last update came, as kept in the data file.
pub fn last_update(read: &impl Read) -> Result<Option<Timestamp>, StoreError> {
    meta::moment(read, LAST_UPDATE)
}

/// Does one item inside the transaction of its batch.
type Apply = fn(&mut Tx<'_>, &Voice, &Item) -> Result<Vec<Effect>, Error>;

/// Does all items in one transaction and moves the offset behind the last; what is left to be done once it is on disk.
/// An error means that the disk failed: nothing may be confirmed to Telegram, and the offset has to be read again.
pub async fn work(store: &Store, items: Arc<[Item]>) -> Result<Vec<Effect>, StoreError> {
    work_with(store, items, intents::apply).await
}

async fn work_with(store: &Store, items: Arc<[Item]>, apply: Apply) -> Result<Vec<Effect>, StoreError> {
    match one(store, Arc::clone(&items), apply).await {
        Err(error) if error.is_culpable() && items.len() > 1 => {
            log::warn!(updates = items.len(), error:% = error; "A batch of updates is done one by one after a fault.");
            one_by_one(store, &items, apply).await
        }
        Err(error) if error.is_culpable() => set_aside(store, &items, &error).await.map(|()| Vec::new()),
        outcome => outcome,
    }
}

async fn one_by_one(store: &Store, items: &[Item], apply: Apply) -> Result<Vec<Effect>, StoreError> {
    let mut effects = Vec::new();
    for item in items {
        let alone: Arc<[Item]> = Arc::new([item.clone()]);
        match one(store, Arc::clone(&alone), apply).await {
            Ok(more) => effects.extend(more),
            Err(error) if error.is_culpable() => set_aside(store, &alone, &error).await?,
            Err(error) => return Err(error),
        }
    }
    Ok(effects)
}

async fn one(store: &Store, items: Arc<[Item]>, apply: Apply) -> Result<Vec<Effect>, StoreError> {
    store.write(move |tx| transact(tx, &items, apply)).await
}

fn transact(tx: &mut Tx<'_>, items: &[Item], apply: Apply) -> Result<Vec<Effect>, StoreError> {
    // No update is to blame for settings that cannot be read.
    let voice = Voice::load(tx).map_err(|error| StoreError::Disk(error.to_string()))?;
    let mut effects = Vec::new();
    pass(tx, items, |tx, item| {
        match apply(tx, &voice, item) {
            Ok(more) => effects.extend(more),
            Err(Error::Store(error)) => return Err(error),
            Err(Error::Refused(refusal)) => log::debug!(reason:% = refusal; "An update was refused."),
        }
        Ok(())
    })?;
    Ok(effects)
}

/// Hands every item that was not seen before to `each`, then remembers all of them and moves the offset.
fn pass(
    tx: &mut Tx<'_>,
    items: &[Item],
    mut each: impl FnMut(&mut Tx<'_>, &Item) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let Some(last) = items.last() else { return Ok(()) };
    let mut seen = meta::seen(tx)?;
    for item in items {
        if !seen.contains(&item.id) {
            each(tx, item)?;
            seen.push(item.id);
        }
    }
    meta::put_seen(tx, &seen)?;
    meta::put_offset(tx, Some(UpdateId(last.id.0.saturating_add(1))))?;
    let now = tx.now();
    meta::put_moment(tx, LAST_UPDATE, now)
}

async fn set_aside(store: &Store, items: &Arc<[Item]>, error: &StoreError) -> Result<(), StoreError> {
    log::error!(error:% = error; "An update could not be worked on and was set aside for a person.");
    let (items, reason) = (Arc::clone(items), error.to_string());
    let write =
        move |tx: &mut Tx<'_>| pass(tx, &items, |tx, item| meta::set_aside(tx, item.id, &reason, item.raw.as_bytes()));
    store.write(write).await
}

#[cfg(test)]
mod tests;
