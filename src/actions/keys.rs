//! Keys of the HTTP API: made by owners, shown once, revoked for good. Whoever holds one acts as an operator within its scopes.

use std::time::Duration;

use crate::actions::{Caller, Error, Refusal};
use crate::ids::KeyId;
use crate::model::admin::Role;
use crate::model::api_key::{ApiKey, ENDED_KEPT, KeySecret, RATE, Scopes, USED_WITHIN, parse_name};
use crate::model::event::Actor;
use crate::store::{Read, StoreError, Tx, journal, keys};

/// Keys that may be live at the same time.
pub const LIVE_MAX: usize = 100;
/// The shortest life of a key that ends by itself.
pub const LIFETIME_MIN: Duration = Duration::from_hours(1);
/// The longest.
pub const LIFETIME_MAX: Duration = Duration::from_hours(10 * 365 * 24);

/// A key as asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewKey<'a> {
    /// What it is for.
    pub name: &'a str,
    /// What it may do, as text.
    pub scopes: &'a str,
    /// Requests a minute; 0 for as many as it likes.
    pub rate: u32,
    /// How long it lives; without an end when nothing is given.
    pub lifetime: Option<Duration>,
}

impl Default for NewKey<'_> {
    fn default() -> Self {
        Self { name: "", scopes: "", rate: RATE, lifetime: None }
    }
}

/// A key that opened the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Its number.
    pub id: KeyId,
    /// Its row.
    pub key: ApiKey,
}

impl Holder {
    /// Who asks. What the scopes leave out is refused before.
    #[must_use]
    pub fn caller(&self) -> Caller {
        Caller { actor: Actor::Key(self.id), role: Role::Operator }
    }
}

/// Makes a key; its secret is told here and never again.
pub fn create(tx: &mut Tx<'_>, caller: &Caller, asked: NewKey<'_>) -> Result<(KeyId, ApiKey, KeySecret), Error> {
    caller.needs(Role::Owner)?;
    let name = parse_name(asked.name).map_err(|error| Refusal::invalid("name", error))?;
    let scopes = Scopes::parse(asked.scopes).map_err(|error| Refusal::invalid("scopes", error))?;
    if asked.lifetime.is_some_and(|lifetime| !(LIFETIME_MIN..=LIFETIME_MAX).contains(&lifetime)) {
        return Err(Refusal::invalid("lifetime", "A key lives for 1 hour to 10 years, or without an end.").into());
    }
    let now = tx.now();
    let live: Vec<ApiKey> = keys::all(tx)?.into_iter().map(|(_, key)| key).filter(|key| key.is_live(now)).collect();
    if live.iter().any(|key| key.name == name) {
        return Err(Refusal::conflict(Some("name"), format!("There is a key called \"{name}\" already.")).into());
    }
    if live.len() >= LIVE_MAX {
        return Err(Refusal::conflict(None, format!("There are {LIVE_MAX} keys; revoke one first.")).into());
    }
    let secret = KeySecret::random(tx.rng());
    let key = ApiKey {
        name,
        hash: secret.hash(),
        hint: secret.hint(),
        scopes,
        rate: asked.rate,
        created_by: caller.actor,
        created: now,
        expires: asked.lifetime.map(|lifetime| now.plus(lifetime)),
        revoked: None,
        used: None,
    };
    let id = keys::insert(tx, &key)?;
    journal::audit(tx, caller.actor, "key.create", format!("{} ({})", key.name, key.scopes))?;
    Ok((id, key, secret))
}

/// Ends a key for good.
pub fn revoke(tx: &mut Tx<'_>, caller: &Caller, id: KeyId) -> Result<ApiKey, Error> {
    caller.needs(Role::Owner)?;
    let key = keys::get(tx, id)?.ok_or_else(|| Refusal::not_found("There is no such key."))?;
    let now = tx.now();
    if !key.is_live(now) {
        return Err(Refusal::conflict(None, "This key has ended already.").into());
    }
    let ended = ApiKey { revoked: Some(now), ..key };
    keys::update(tx, id, &ended)?;
    journal::audit(tx, caller.actor, "key.revoke", ended.name.as_str())?;
    Ok(ended)
}

/// The live key with this name, for commands.
pub fn named(read: &impl Read, name: &str) -> Result<(KeyId, ApiKey), Error> {
    let now = read.now();
    let found = keys::all(read)?.into_iter().find(|(_, key)| key.name == name.trim() && key.is_live(now));
    Ok(found.ok_or_else(|| Refusal::not_found(format!("There is no key called \"{name}\".")))?)
}

/// The key with this secret, live or not.
pub fn find(read: &impl Read, secret: &KeySecret) -> Result<Option<Holder>, StoreError> {
    Ok(keys::find(read, secret.hash())?.map(|(id, key)| Holder { id, key }))
}

/// Whose secret a request carries; nothing when no live key has it.
pub fn admit(read: &impl Read, secret: &KeySecret) -> Result<Option<Holder>, StoreError> {
    Ok(find(read, secret)?.filter(|holder| holder.key.is_live(read.now())))
}

/// Whether the last use is old enough to be written down again.
#[must_use]
pub fn is_touch_due(holder: &Holder, now: crate::clock::Timestamp) -> bool {
    holder.key.used.is_none_or(|used| now.since(used) >= USED_WITHIN)
}

/// Notes that a key was used; writes nothing when that was noted within the last minute.
pub fn touch(tx: &mut Tx<'_>, id: KeyId) -> Result<(), StoreError> {
    let now = tx.now();
    match keys::get(tx, id)? {
        Some(key) if key.used.is_none_or(|used| now.since(used) >= USED_WITHIN) => {
            keys::update(tx, id, &ApiKey { used: Some(now), ..key })
        }
        Some(_) | None => Ok(()),
    }
}

/// Forgets keys that ended long ago; there are few.
pub(super) fn sweep(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let then = tx.now().minus(ENDED_KEPT);
    for (id, key) in keys::all(tx)? {
        if key.ends().is_some_and(|end| end < then) {
            keys::remove(tx, id, &key)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::Kind;
    use crate::actions::sweep::{self, Kept};
    use crate::actions::testing::{Desk, OWNER, VIEWER};

    fn asked(name: &'static str) -> NewKey<'static> {
        NewKey { name, scopes: "links", ..NewKey::default() }
    }

    #[test]
    fn a_key_opens_the_api_until_it_is_revoked() {
        let desk = Desk::new();
        let (id, key, secret) = desk.run(|tx| create(tx, &OWNER, asked(" shop ")));
        assert_eq!((key.name.as_str(), key.scopes.to_string().as_str()), ("shop", "links"));
        let holder = desk.read(|read| admit(read, &secret)).unwrap();
        assert_eq!((holder.id, holder.caller().actor), (id, Actor::Key(id)));
        assert!(holder.caller().needs(Role::Owner).is_err(), "a key makes no keys");
        desk.run(move |tx| revoke(tx, &OWNER, id));
        assert!(desk.read(|read| admit(read, &secret)).is_none());
        assert_eq!(desk.audit(), ["key.revoke shop", "key.create shop (links)"]);
        assert_eq!(desk.refused(move |tx| revoke(tx, &OWNER, id)).kind, Kind::Conflict);
    }

    #[test]
    fn a_key_ends_by_itself_and_is_forgotten_long_after() {
        let desk = Desk::new();
        let lifetime = Some(Duration::from_hours(24));
        let (id, _, secret) = desk.run(move |tx| create(tx, &OWNER, NewKey { lifetime, ..asked("day") }));
        desk.pass(Duration::from_hours(24) - Duration::from_millis(1));
        assert!(desk.read(|read| admit(read, &secret)).is_some());
        desk.pass(Duration::from_millis(1));
        assert!(desk.read(|read| admit(read, &secret)).is_none());
        desk.run(|tx| sweep::run(tx, &Kept::default()));
        assert!(desk.read(|read| keys::get(read, id)).is_some());
        desk.pass(ENDED_KEPT + Duration::from_secs(1));
        desk.run(|tx| sweep::run(tx, &Kept::default()));
        assert!(desk.read(|read| keys::get(read, id)).is_none());
    }

    #[test]
    fn what_is_wrong_with_a_key_names_its_field() {
        let desk = Desk::new();
        desk.run(|tx| create(tx, &OWNER, asked("shop")));
        for (new, field) in [
            (NewKey { name: " ", ..asked("") }, "name"),
            (asked("shop"), "name"),
            (NewKey { scopes: "everything", ..asked("a") }, "scopes"),
            (NewKey { scopes: "", ..asked("a") }, "scopes"),
            (NewKey { lifetime: Some(Duration::from_mins(59)), ..asked("a") }, "lifetime"),
        ] {
            assert_eq!(desk.refused(move |tx| create(tx, &OWNER, new)).field, Some(field), "{new:?}");
        }
        assert_eq!(desk.refused(|tx| create(tx, &VIEWER, asked("b"))).kind, Kind::Forbidden);
    }

    #[test]
    fn the_last_use_is_written_once_a_minute() {
        let desk = Desk::new();
        let (id, ..) = desk.run(|tx| create(tx, &OWNER, asked("shop")));
        let touched = || {
            let before = desk.store.changes().value();
            desk.run(move |tx| Ok(touch(tx, id)?));
            desk.store.changes().value() > before
        };
        assert!(touched());
        desk.pass(Duration::from_secs(59));
        assert!(!touched());
        desk.pass(Duration::from_secs(1));
        assert!(touched());
    }
}
