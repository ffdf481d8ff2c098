//! How many streams are open, over all and for each network, so that one client cannot take them all. A page without a
//! stream asks every few seconds instead.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Streams over all: fewer than the connections of `wire::ServerLimits`, so that pages and sign-ins always find one.
const ALL: usize = 600;
/// Streams of one network: an office behind one address is not a stranger who opens thousands.
const EACH: usize = 100;

/// The places of all streams. Cheap to clone; all clones are the same one.
#[derive(Clone, Debug, Default)]
pub struct Places(Arc<Mutex<Taken>>);

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    each: HashMap<String, usize>,
}

/// A place; dropping it gives it free.
#[derive(Debug)]
pub struct Place {
    places: Places,
    network: String,
}

impl Places {
    /// A place for a stream to `network`, if there is one.
    #[must_use]
    pub fn enter(&self, network: &str) -> Option<Place> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = taken.each.get(network).copied().unwrap_or(0);
        if taken.all >= ALL || own >= EACH {
            return None;
        }
        taken.all += 1;
        taken.each.insert(network.to_owned(), own + 1);
        Some(Place { places: self.clone(), network: network.to_owned() })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.0.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all = taken.all.saturating_sub(1);
        match taken.each.get_mut(&self.network) {
            Some(own) if *own > 1 => *own -= 1,
            Some(_) | None => {
                taken.each.remove(&self.network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_network_cannot_take_all_places_and_gets_them_back() {
        let places = Places::default();
        let mut own: Vec<Place> = (0..EACH).map_while(|_| places.enter("203.0.113.7")).collect();
        assert_eq!(own.len(), EACH);
        assert!(places.enter("203.0.113.7").is_none());
        assert!(places.enter("203.0.113.8").is_some());
        own.pop();
        assert!(places.enter("203.0.113.7").is_some());
        drop(own);
        assert_eq!(places.0.lock().unwrap().each.len(), 0);
    }

    #[test]
    fn streams_of_many_networks_leave_connections_for_pages() {
        let places = Places::default();
        let open: Vec<Place> = (0..2000).map_while(|n| places.enter(&format!("network {n}"))).collect();
        assert!(open.len() + 100 < crate::wire::ServerLimits::default().connections, "{}", open.len());
    }
}
