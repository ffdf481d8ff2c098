//! Forms that must not be carried out twice: each carries a random text, and one text is used once. Kept in memory: a double
//! click does not outlive a restart.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use crate::rng::Rng;
use crate::secret::{Hash, Secret};

/// The field of the form.
pub const FIELD: &str = "once";
/// Texts that are remembered.
const REMEMBERED: usize = 4096;

/// The texts that were used lately. Cheap to clone; all clones are the same one.
#[derive(Clone, Debug, Default)]
pub struct Once(Arc<Mutex<VecDeque<Hash>>>);

/// Whether a text was used before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It is the first time.
    First,
    /// The same form came before.
    Repeated,
}

impl Once {
    /// A text for a new form.
    #[must_use]
    pub fn text(rng: &Rng) -> String {
        Secret::random::<16>(rng).expose().to_owned()
    }

    /// Takes a text as used. An empty one never was a form's and counts as repeated.
    #[must_use]
    pub fn take(&self, text: &str) -> Turn {
        let hash = Hash::of(text.as_bytes());
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if text.is_empty() || used.contains(&hash) {
            return Turn::Repeated;
        }
        if used.len() >= REMEMBERED {
            used.pop_front();
        }
        used.push_back(hash);
        Turn::First
    }

    /// Gives a text back: its form was refused and will be sent again.
    pub fn give_back(&self, text: &str) {
        let hash = Hash::of(text.as_bytes());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|used| *used != hash);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_taken_once_and_again_after_it_was_refused() {
        let once = Once::default();
        assert_eq!((once.take("a"), once.take("a"), once.take("b")), (Turn::First, Turn::Repeated, Turn::First));
        once.give_back("a");
        assert_eq!(once.take("a"), Turn::First);
        assert_eq!(once.take(""), Turn::Repeated);
    }

    #[test]
    fn old_forms_are_forgotten_first() {
        let once = Once::default();
        for number in 0..=REMEMBERED {
            assert_eq!(once.take(&number.to_string()), Turn::First);
        }
        assert_eq!((once.take("1"), once.take("0")), (Turn::Repeated, Turn::First));
    }
}
