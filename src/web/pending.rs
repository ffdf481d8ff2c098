//! Lists that an admin has looked at and not yet carried out. A browser does not send files twice, so they wait here, in memory:
//! few, for a few minutes, each for the admin who brought it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::actions::moving::Lists;
use crate::clock::Timestamp;
use crate::ids::AdminId;
use crate::rng::Rng;
use crate::secret::{Hash, Secret};

/// How long lists wait.
pub const PATIENCE: Duration = Duration::from_mins(10);
/// Lists that wait at most; older ones give way.
const MOST: usize = 2;

struct Waiting {
    name: Hash,
    admin: AdminId,
    until: Timestamp,
    lists: Arc<Lists>,
}

/// What waits.
#[derive(Default)]
pub struct Pending(Mutex<VecDeque<Waiting>>);

impl Pending {
    /// Keeps lists; the name under which their admin finds them again.
    #[must_use]
    pub fn keep(&self, rng: &Rng, (admin, now): (AdminId, Timestamp), lists: Arc<Lists>) -> String {
        let name = Secret::random::<16>(rng);
        let mut all = self.fresh(now);
        if all.len() >= MOST {
            all.pop_front();
        }
        all.push_back(Waiting { name: name.hash(), admin, until: now.plus(PATIENCE), lists });
        name.expose().to_owned()
    }

    /// Takes lists out, once.
    #[must_use]
    pub fn take(&self, name: &str, (admin, now): (AdminId, Timestamp)) -> Option<Arc<Lists>> {
        let name = Hash::of(name.as_bytes());
        let mut all = self.fresh(now);
        let at = all.iter().position(|waiting| waiting.name == name && waiting.admin == admin)?;
        all.remove(at).map(|waiting| waiting.lists)
    }

    fn fresh(&self, now: Timestamp) -> MutexGuard<'_, VecDeque<Waiting>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|waiting| now < waiting.until);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_wait_for_their_admin_once_and_not_for_long() {
        let (pending, rng) = (Pending::default(), Rng::seeded(1));
        let (ada, ben) = (AdminId(1), AdminId(2));
        let keep = |at| pending.keep(&rng, (ada, Timestamp(at)), Arc::default());
        let name = keep(0);
        assert!(pending.take(&name, (ben, Timestamp(1))).is_none(), "another admin's");
        assert!(pending.take(&name, (ada, Timestamp(1))).is_some());
        assert!(pending.take(&name, (ada, Timestamp(1))).is_none(), "once");
        let name = keep(0);
        assert!(pending.take(&name, (ada, Timestamp(0).plus(PATIENCE))).is_none(), "too late");
        let names = [keep(0), keep(1), keep(2)];
        let there = names.map(|name| pending.take(&name, (ada, Timestamp(3))).is_some());
        assert_eq!(there, [false, true, true], "the oldest gives way");
    }
}
