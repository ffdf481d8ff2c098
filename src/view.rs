//! maud components, shared by web and sandbox: what a page is made of, and nothing of what it is about.
//! They see the model and maud only. Text and attributes are escaped by maud; addresses go through [`Href`].
//! The policy `default-src 'none'; script-src 'self'; style-src 'self'` holds: no inline style, script or handler,
//! and every component works without JavaScript.

#![expect(clippy::needless_pass_by_value, reason = "markup is made where it is handed over, and read into the page")]

pub mod assets;
pub mod audience;
pub mod badge;
pub mod buttons;
pub mod chart;
pub mod chat;
pub mod content;
pub mod document;
pub mod field;
pub mod form;
pub mod href;
pub mod icon;
pub mod layout;
pub mod link;
pub mod list;
pub mod live;
pub mod notice;
#[cfg(test)]
mod palette;
pub mod picture;
pub mod portal;
pub mod progress;
pub mod qr;
pub mod received;
pub mod reveal;
pub mod share;
pub mod shell;
pub mod snippets;
pub mod time;

pub use href::Href;
pub use icon::Icon;

/// `12480` as `12,480`: figures are read by people.
#[must_use]
pub fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 account`, `12,480 accounts`.
#[must_use]
pub fn count(value: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(value), if value == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_grouped_in_thousands() {
        assert_eq!(number(0), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(1_000), "1,000");
        assert_eq!(number(12_345_678), "12,345,678");
        assert_eq!(count(1, "chat", "chats"), "1 chat");
        assert_eq!(count(2, "chat", "chats"), "2 chats");
    }
}
