//! Chance as a value: the operating system's generator, or a repeatable one for tests.

use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};

/// A source of random bytes. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Rng(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Seeded(Arc<Mutex<(u64, u64)>>),
}

impl Rng {
    /// The operating system's generator, for everything that has to be unguessable.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A repeatable sequence for tests: SHA-256 over the seed and a counter.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Source::Seeded(Arc::new(Mutex::new((seed, 0)))))
    }

    /// `N` random bytes.
    ///
    /// Without a working generator the process cannot make a single secret, so it ends with status 1
    /// instead of going on with predictable ones.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut out = [0_u8; N];
        match &self.0 {
            Source::System => {
                if let Err(error) = getrandom::fill(&mut out) {
                    log::error!("the operating system's random generator failed: {error}");
                    std::process::exit(1);
                }
            }
            Source::Seeded(state) => {
                let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
                for chunk in out.chunks_mut(32) {
                    state.1 += 1;
                    let block = Sha256::new()
                        .chain_update(state.0.to_be_bytes())
                        .chain_update(state.1.to_be_bytes())
                        .finalize();
                    for (to, from) in chunk.iter_mut().zip(block) {
                        *to = from;
                    }
                }
            }
        }
        out
    }

    /// A number in `0..bound`, or 0 for a bound of 0. Even enough for jitter; not for secrets.
    #[must_use]
    pub fn below(&self, bound: u64) -> u64 {
        u64::from_be_bytes(self.bytes::<8>()).checked_rem(bound).unwrap_or(0)
    }
}
