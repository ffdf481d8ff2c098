//! What every request looks up and what hardly ever changes, remembered until the data file changes.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use crate::store::{Snapshot, Store, StoreError};

/// What was found since the last change of the data file. It holds as many rows as there are, so it is for few.
#[derive(Debug)]
pub struct Recent<K, V>(Mutex<Found<K, V>>);

#[derive(Debug)]
struct Found<K, V> {
    /// The data file's pulse before anything in here was looked up.
    pulse: u64,
    rows: HashMap<K, V>,
}

impl<K, V> Default for Recent<K, V> {
    fn default() -> Self {
        Self(Mutex::new(Found { pulse: 0, rows: HashMap::new() }))
    }
}

impl<K: Eq + Hash, V: Clone> Recent<K, V> {
    /// What stands under `key`: as it was found since the last change, or else as `look` finds it now. What is not there
    /// is looked for each time, so that guesses take no room.
    pub fn get(
        &self,
        store: &Store,
        key: K,
        look: impl FnOnce(&Snapshot) -> Result<Option<V>, StoreError>,
    ) -> Result<Option<V>, StoreError> {
        // Before the look: what changes meanwhile makes its find old, never fresh.
        let pulse = store.changes().value();
        if let Some(found) = self.known(pulse, &key) {
            return Ok(Some(found));
        }
        let found = store.read(look)?;
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.pulse == pulse
            && let Some(value) = &found
        {
            known.rows.insert(key, value.clone());
        }
        Ok(found)
    }

    fn known(&self, pulse: u64, key: &K) -> Option<V> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.pulse < pulse {
            *known = Found { pulse, rows: HashMap::new() };
        }
        if known.pulse == pulse { known.rows.get(key).cloned() } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock, Timestamp};
    use crate::rng::Rng;
    use crate::runtime::block_on;
    use crate::secret::Sealer;
    use crate::store::{Place, meta};

    fn store() -> Store {
        let rng = Rng::seeded(1);
        Store::open(Place::Memory, Clock::system(), rng.clone(), Sealer::new(&[7; 32], rng)).unwrap()
    }

    fn note(store: &Store, at: i64) {
        block_on(store.write(move |tx| meta::put_moment(tx, "x", Timestamp(at)))).unwrap();
    }

    #[test]
    fn what_was_found_is_good_until_the_data_file_changes() {
        let (store, recent) = (store(), Recent::default());
        let looks = std::cell::Cell::new(0);
        let get = || {
            let look = |read: &Snapshot| {
                looks.set(looks.get() + 1);
                meta::moment(read, "x")
            };
            recent.get(&store, (), look).unwrap()
        };
        assert_eq!((get(), get(), looks.get()), (None, None, 2), "what is not there is not remembered");
        note(&store, 1);
        assert_eq!((get(), get(), looks.get()), (Some(Timestamp(1)), Some(Timestamp(1)), 3));
        note(&store, 2);
        assert_eq!((get(), get(), looks.get()), (Some(Timestamp(2)), Some(Timestamp(2)), 4));
    }

    #[test]
    fn a_change_during_the_look_makes_what_it_found_old() {
        let (store, recent) = (store(), Recent::default());
        note(&store, 1);
        let first = recent.get(&store, (), |read| {
            let found = meta::moment(read, "x");
            note(&store, 2);
            found
        });
        assert_eq!(first.unwrap(), Some(Timestamp(1)));
        assert_eq!(recent.get(&store, (), |read| meta::moment(read, "x")).unwrap(), Some(Timestamp(2)));
    }
}
