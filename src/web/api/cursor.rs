//! Cursors: where a page begins, as a text without meaning for others. A cursor of one list is none of another.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The list a cursor belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    /// Accounts, by username.
    Accounts,
    /// Events, by number.
    Events,
    /// Broadcasts, by number.
    Broadcasts,
    /// A broadcast's recipients, by place.
    Recipients,
    /// Attempts at a webhook endpoint, by number.
    Attempts,
}

impl List {
    fn mark(self) -> char {
        match self {
            Self::Accounts => 'a',
            Self::Events => 'e',
            Self::Broadcasts => 'b',
            Self::Recipients => 'r',
            Self::Attempts => 't',
        }
    }

    /// The cursor of a place.
    pub(super) fn cursor(self, place: &str) -> String {
        URL_SAFE_NO_PAD.encode(format!("{}{place}", self.mark()))
    }

    /// The place of a cursor, if it is this list's.
    pub(super) fn read(self, cursor: &str) -> Option<String> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        String::from_utf8(bytes).ok()?.strip_prefix(self.mark()).map(str::to_owned)
    }
}

/// What a cursor stands for.
pub(super) trait Cursor: Sized {
    /// The place, if it is one.
    fn parse(text: &str) -> Option<Self>;
}

impl Cursor for String {
    fn parse(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

impl Cursor for u64 {
    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_went_and_to_its_own_list_only() {
        let cursor = List::Accounts.cursor("Zoë/1");
        assert_eq!(List::Accounts.read(&cursor).as_deref(), Some("Zoë/1"));
        assert_eq!(List::Events.read(&cursor), None);
        for bad in ["", "!", "YQ==", "4pyT"] {
            assert_eq!(List::Events.read(bad), None, "{bad}");
        }
    }
}
