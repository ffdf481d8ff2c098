//! Passwords: the rules for new ones, and argon2id on threads of its own behind a short queue.
//! Hashing never happens inside of a transaction.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};

use crate::actions::{Error, Refusal};
use crate::rng::Rng;
use crate::runtime;
use crate::secret::Secret;

/// Fewest characters of a password (OWASP ASVS 5.0, V6.2).
pub const LEAST_CHARACTERS: usize = 12;
/// Most characters of a password.
pub const MOST_CHARACTERS: usize = 128;
/// Most bytes that are hashed; longer input is refused before any work.
pub const MOST_BYTES: usize = 1024;

/// Hashes at once: each takes a core and [`Cost::memory_kib`] for its time.
const AT_ONCE: usize = 2;
/// Requests that may wait for their turn.
const QUEUE: usize = 8;

/// Checks a new password; `names` are words it must not be made of, such as the person's own name and the site's.
pub fn check(field: &'static str, password: &Secret, names: &[&str]) -> Result<(), Refusal> {
    let text = password.expose();
    let characters = text.chars().count();
    if characters < LEAST_CHARACTERS {
        return Err(Refusal::invalid(field, format!("A password has at least {LEAST_CHARACTERS} characters.")));
    }
    if characters > MOST_CHARACTERS || text.len() > MOST_BYTES {
        return Err(Refusal::invalid(field, format!("A password has at most {MOST_CHARACTERS} characters.")));
    }
    if common::is_common(text, names) {
        return Err(Refusal::invalid(
            field,
            "This password is among the first that are tried. Take a few random words, or let a password manager make one.",
        ));
    }
    Ok(())
}

/// How much work a hash is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

impl Cost {
    /// 46 MiB and one pass (OWASP Password Storage Cheat Sheet, argon2id): about 70 ms.
    pub const STANDARD: Self = Self { memory_kib: 46 * 1024, passes: 1 };
}

/// Whether a password fits its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It does; with a new hash when the stored one was made with less work than is due today.
    Right {
        /// What replaces the stored hash.
        rehashed: Option<String>,
    },
    /// It does not, or there is no such person.
    Wrong,
}

/// Hashes and verifies, at most two at once. Cheap to clone; clones share the queue.
#[derive(Clone, Debug)]
pub struct Hasher {
    cost: Cost,
    rng: Rng,
    permits: (async_channel::Sender<()>, async_channel::Receiver<()>),
    waiting: Arc<AtomicUsize>,
}

/// One of the places at work; given back when the work is over, even if nobody waits for it any more.
struct Permit(async_channel::Sender<()>);

impl Drop for Permit {
    fn drop(&mut self) {
        // There is room for every permit that was taken out.
        let _ = self.0.try_send(());
    }
}

/// A place in the queue.
struct Waiting(Arc<AtomicUsize>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Hasher {
    /// A hasher with an empty queue; salts come from `rng`.
    #[must_use]
    pub fn new(cost: Cost, rng: Rng) -> Self {
        let permits = async_channel::bounded(AT_ONCE);
        for _ in 0..AT_ONCE {
            let _ = permits.0.try_send(());
        }
        Self { cost, rng, permits, waiting: Arc::default() }
    }

    /// The hash of a new password in PHC form.
    pub async fn hash(&self, password: Secret) -> Result<String, Error> {
        let permit = self.permit().await?;
        let (cost, rng) = (self.cost, self.rng.clone());
        runtime::blocking(move || {
            let _permit = permit;
            hash(cost, &rng, &password).ok_or_else(unusable)
        })
        .await
    }

    /// Compares a password with a stored hash. Without one the same work is done and the verdict is wrong.
    pub async fn verify(&self, password: Secret, stored: Option<String>) -> Result<Verdict, Error> {
        if password.expose().len() > MOST_BYTES {
            return Ok(Verdict::Wrong);
        }
        let permit = self.permit().await?;
        let (cost, rng) = (self.cost, self.rng.clone());
        runtime::blocking(move || {
            let _permit = permit;
            // Admins who were invited and did not come yet have no hash either.
            let stored = stored.filter(|stored| PasswordHash::new(stored).is_ok());
            let known = stored.is_some();
            let stored = stored.unwrap_or_else(|| nobody(cost));
            if !fits(&stored, &password) || !known {
                return Ok(Verdict::Wrong);
            }
            let rehashed = if is_weaker(&stored, cost) { hash(cost, &rng, &password) } else { None };
            Ok(Verdict::Right { rehashed })
        })
        .await
    }

    async fn permit(&self) -> Result<Permit, Error> {
        if self.waiting.fetch_add(1, Ordering::SeqCst) >= AT_ONCE + QUEUE {
            self.waiting.fetch_sub(1, Ordering::SeqCst);
            let wait = Duration::from_secs(2);
            return Err(Refusal::too_many(wait, "Too many people sign in at this moment. Try again in 2 s.").into());
        }
        let _waiting = Waiting(Arc::clone(&self.waiting));
        // The channel cannot close: this hasher holds both of its ends.
        self.permits.1.recv().await.map_err(|_| unusable())?;
        Ok(Permit(self.permits.0.clone()))
    }
}

fn unusable() -> Error {
    Refusal::conflict(None, "The password could not be hashed; the server may be short of memory. Try again.").into()
}

fn argon2(cost: Cost) -> Option<Argon2<'static>> {
    let params = Params::new(cost.memory_kib, cost.passes, 1, None).ok()?;
    Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(cost: Cost, rng: &Rng, password: &Secret) -> Option<String> {
    let made = argon2(cost)?.hash_password_with_salt(password.expose().as_bytes(), &rng.bytes::<16>());
    made.ok().map(|hash| hash.to_string())
}

fn fits(stored: &str, password: &Secret) -> bool {
    PasswordHash::new(stored)
        .is_ok_and(|hash| Argon2::default().verify_password(password.expose().as_bytes(), &hash).is_ok())
}

fn is_weaker(stored: &str, cost: Cost) -> bool {
    let params = PasswordHash::new(stored).ok().and_then(|hash| Params::try_from(&hash).ok());
    params.is_none_or(|params| params.m_cost() < cost.memory_kib || params.t_cost() < cost.passes)
}

/// A well-formed hash that nobody knows a password for, of the same cost as a real one.
fn nobody(cost: Cost) -> String {
    let (memory, passes) = (cost.memory_kib, cost.passes);
    format!(
        "$argon2id$v=19$m={memory},t={passes},p=1$c3RhcnRsaW5rLm5vYm9keQ$bm9ib2R5IGtub3dzIHRoZSBwYXNzd29yZCB0byBpdCE"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: Cost = Cost { memory_kib: 64, passes: 1 };

    fn hasher(cost: Cost) -> Hasher {
        Hasher::new(cost, Rng::seeded(1))
    }

    #[test]
    fn a_password_fits_its_own_hash_only() {
        runtime::block_on(async {
            let hasher = hasher(CHEAP);
            let stored = hasher.hash(Secret::new("correct horse battery")).await.unwrap();
            assert!(stored.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{stored}");
            let right = hasher.verify(Secret::new("correct horse battery"), Some(stored.clone())).await.unwrap();
            assert_eq!(right, Verdict::Right { rehashed: None });
            let wrong = hasher.verify(Secret::new("correct horse batterx"), Some(stored)).await.unwrap();
            assert_eq!(wrong, Verdict::Wrong);
        });
    }

    #[test]
    fn a_hash_of_less_work_is_made_anew() {
        runtime::block_on(async {
            let password = || Secret::new("correct horse battery");
            let old = hasher(CHEAP).hash(password()).await.unwrap();
            let today = hasher(Cost { memory_kib: 128, passes: 1 });
            let Verdict::Right { rehashed: Some(new) } = today.verify(password(), Some(old)).await.unwrap() else {
                panic!("no new hash");
            };
            assert_eq!(today.verify(password(), Some(new)).await.unwrap(), Verdict::Right { rehashed: None });
        });
    }

    #[test]
    fn the_standard_is_46_mib_and_the_hash_for_nobody_costs_as_much() {
        assert_eq!(Cost::STANDARD, Cost { memory_kib: 47_104, passes: 1 });
        let nobody = nobody(Cost::STANDARD);
        let hash = PasswordHash::new(&nobody).unwrap();
        let params = Params::try_from(&hash).unwrap();
        assert_eq!((params.m_cost(), params.t_cost(), params.p_cost()), (47_104, 1, 1));
        assert_eq!(hash.hash.map(|output| output.len()), Some(32));
        runtime::block_on(async {
            assert_eq!(hasher(CHEAP).verify(Secret::new("x"), None).await.unwrap(), Verdict::Wrong);
        });
    }

    #[test]
    fn the_queue_is_short_and_then_refuses() {
        runtime::block_on(async {
            let hasher = hasher(CHEAP);
            let held = (hasher.permit().await.unwrap(), hasher.permit().await.unwrap());
            let waiting: Vec<_> = (0..AT_ONCE + QUEUE)
                .map(|_| {
                    let hasher = hasher.clone();
                    runtime::spawn(async move { hasher.permit().await.map(drop) })
                })
                .collect();
            while hasher.waiting.load(Ordering::SeqCst) < AT_ONCE + QUEUE {
                runtime::sleep(Duration::from_millis(1)).await;
            }
            assert!(matches!(hasher.permit().await, Err(Error::Refused(_))));
            drop(held);
            for task in waiting {
                task.await.unwrap();
            }
            assert!(hasher.permit().await.is_ok());
        });
    }

    #[test]
    fn new_passwords_are_long_and_not_among_the_first_that_are_tried() {
        let refused = |text: &str| check("password", &Secret::new(text), &["Ada", "Shop"]).is_err();
        for bad in
            ["short", "elevenchars", "password1234", "123456789012", "qwertyuiop12", "startlink123", "adaadaadaada"]
        {
            assert!(refused(bad), "{bad}");
        }
        assert!(refused(&"x7".repeat(65)));
        assert!(refused(&"\u{1F600}".repeat(129)));
        for good in ["correct horse battery", "v3ry-l0ng and odd", &"\u{1F600}x\u{e9}7q".repeat(25)] {
            assert!(!refused(good), "{good}");
        }
    }
}
