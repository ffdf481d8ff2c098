//! Remembers where panics happened, so that a test can say that a crate had none.

use std::sync::{Mutex, Once};

static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());
static HOOK: Once = Once::new();

/// Remembers every panic of this process from now on; they are still printed.
pub fn remember() {
    HOOK.call_once(|| {
        let print = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            SEEN.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(place);
            print(panic);
        }));
    });
}

/// The panics so far whose source file has one of `parts` in its path.
pub fn inside(parts: &[&str]) -> Vec<String> {
    let seen = SEEN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    seen.iter().filter(|place| parts.iter().any(|part| place.contains(part))).cloned().collect()
}
