//! A file of any kind that messages carry: kept in pieces, uploaded to Telegram once, then named by Telegram's number of it.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ids::UserId;

/// The largest file that Telegram takes from a bot (Bot API, "Sending files"), in bytes.
pub const BYTES_MAX: u64 = 50 * 1024 * 1024;
/// Bytes of one piece; the last one of a file is shorter. The data file gives each a place of 256 KiB, into which it has to fit
/// sealed and with what stands around it: a little more would take twice the place.
pub const PIECE_BYTES: usize = 252 * 1024;
/// Characters of a name.
const NAME_MAX: usize = 128;
/// Characters of a name's ending that are kept when the name is too long.
const ENDING_MAX: usize = 16;
/// What a file is called that came without a name.
const NAMELESS: &str = "file";
/// Bytes of a media type.
const MIME_MAX: usize = 100;
/// The media type of a file of which nothing is known (RFC 2046, section 4.5.1).
pub const ANY_TYPE: &str = "application/octet-stream";

/// One file; its pieces stand beside it, sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Its name, [cleaned](clean_name).
    pub name: String,
    /// Its media type, as its sender told, [cleaned](clean_mime).
    pub mime: String,
    /// In bytes.
    pub size: u64,
    /// Telegram's number of the file, and the bot it is good for (`file_id` is of one bot only).
    pub file: Option<(UserId, String)>,
    /// Messages and broadcasts that carry it; the last one takes it away.
    pub uses: u32,
    /// When its upload began.
    pub created: Timestamp,
    /// Whether it arrived to its end; nobody carries one that did not.
    pub whole: bool,
}

impl Document {
    /// What the pieces are sealed for.
    pub const PURPOSE: &'static str = "document.piece";

    /// One that begins to arrive.
    #[must_use]
    pub fn arriving(name: &str, mime: &str, created: Timestamp) -> Self {
        Self { name: clean_name(name), mime: clean_mime(mime), size: 0, file: None, uses: 0, created, whole: false }
    }

    /// Telegram's number of the file, where this bot may use it; without one the file has to be uploaded.
    #[must_use]
    pub fn file_of(&self, bot: UserId) -> Option<&str> {
        self.file.as_ref().filter(|(owner, _)| *owner == bot).map(|(_, file)| file.as_str())
    }
}

/// A file's name without a path, without what cannot be seen, and not too long: its ending stays.
#[must_use]
pub fn clean_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let seen: String = last.chars().filter(|letter| !is_unseen(*letter)).collect();
    let seen = seen.trim().trim_start_matches('.').trim_start();
    if seen.is_empty() {
        return NAMELESS.to_owned();
    }
    let length = seen.chars().count();
    if length <= NAME_MAX {
        return seen.to_owned();
    }
    let ending: String = match seen.rsplit_once('.') {
        Some((_, ending)) if ending.chars().count() < ENDING_MAX => format!(".{ending}"),
        Some(_) | None => String::new(),
    };
    seen.chars().take(NAME_MAX - ending.chars().count()).chain(ending.chars()).collect()
}

/// Control characters, and those that turn the direction of writing: `exe.gpj` must not look like `jpg.exe`.
fn is_unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

/// A media type without its parameters, if it is one (RFC 6838, section 4.2), else that of any file.
#[must_use]
pub fn clean_mime(told: &str) -> String {
    let essence = told.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_name = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    let parts = essence.split_once('/');
    let is_type = parts.is_some_and(|(kind, of)| is_name(kind) && is_name(of)) && essence.len() <= MIME_MAX;
    if is_type { essence } else { ANY_TYPE.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_loses_its_path_and_what_cannot_be_seen() {
        for (told, clean) in [
            ("report.pdf", "report.pdf"),
            ("C:\\Users\\ada\\report.pdf", "report.pdf"),
            ("../../etc/passwd", "passwd"),
            (" a\r\nb\0.txt ", "ab.txt"),
            ("invoice\u{202E}fdp.exe", "invoicefdp.exe"),
            ("Ünï 📄.txt", "Ünï 📄.txt"),
            ("..", NAMELESS),
            (".bashrc", "bashrc"),
            ("a/", NAMELESS),
            ("", NAMELESS),
        ] {
            assert_eq!(clean_name(told), clean, "{told:?}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_ending() {
        let name = clean_name(&format!("{}.tar.gz", "ä".repeat(300)));
        assert_eq!(name.chars().count(), NAME_MAX);
        assert!(name.ends_with("ä.gz"), "{name}");
        assert_eq!(clean_name(&"x".repeat(300)).len(), NAME_MAX);
        assert_eq!(clean_name(&format!("a.{}", "x".repeat(300))).len(), NAME_MAX);
    }

    #[test]
    fn a_media_type_is_two_names_or_that_of_any_file() {
        for (told, clean) in [
            ("application/PDF; x=1", "application/pdf"),
            ("image/svg+xml", "image/svg+xml"),
            ("text/html\r\nx: y", ANY_TYPE),
            ("pdf", ANY_TYPE),
            ("a/b/c", ANY_TYPE),
            ("", ANY_TYPE),
        ] {
            assert_eq!(clean_mime(told), clean, "{told:?}");
        }
    }
}
