//! Moving in: the lists that a website brings along, and what becomes of each of their lines.

use serde::{Deserialize, Serialize};

/// Most lines of one list. All of them are written at once, and nothing else can be written meanwhile.
pub const LINES_MAX: usize = 200_000;
/// Most bytes of all lists together.
pub const BYTES_MAX: usize = 64 * 1024 * 1024;

/// The type of the line that ends an export; one without it broke off.
pub const EXPORT_END: &str = "end";
/// How that line begins.
pub const EXPORT_ENDING: &str = "{\"type\":\"end\"";

/// A list that can be brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sheet {
    /// Accounts: `username,name,tags`.
    Accounts,
    /// Codes that were given out already: `code,username,expires_at`.
    Codes,
    /// Chats that are connected already: `chat_id,username`.
    Chats,
}

impl Sheet {
    /// All of them, in the order in which they are worked on.
    pub const ALL: [Self; 3] = [Self::Accounts, Self::Codes, Self::Chats];

    /// The word for it, in flags, forms and the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Accounts => "accounts",
            Self::Codes => "codes",
            Self::Chats => "chats",
        }
    }
}

/// What becomes of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It makes something.
    New,
    /// It changes something.
    Changed,
    /// All is as it says already, or has to stay as it is.
    Unchanged,
    /// It cannot be carried out, and so nothing is.
    Wrong,
}

impl Fate {
    /// All of them, in the order lists show them.
    pub const ALL: [Self; 4] = [Self::New, Self::Changed, Self::Unchanged, Self::Wrong];

    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
            Self::Wrong => "wrong",
        }
    }
}

/// One line and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// In which list.
    #[serde(rename = "list")]
    pub sheet: Sheet,
    /// On which line, from 1.
    pub line: u64,
    /// Of which account, as far as that could be read.
    pub username: String,
    /// What becomes of it.
    #[serde(rename = "outcome")]
    pub fate: Fate,
    /// Why it is wrong, or what to know about it. It never holds a code.
    pub text: Option<String>,
}

impl Told {
    /// Whether it is carried out, and there is something to know about it.
    #[must_use]
    pub fn is_warning(&self) -> bool {
        self.fate != Fate::Wrong && self.text.is_some()
    }
}

/// How many lines of a list become what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Which list.
    pub sheet: Sheet,
    /// Lines of each fate, in the order of [`Fate::ALL`].
    counts: [u64; 4],
    /// Lines that are carried out with a warning.
    pub warnings: u64,
}

impl Tally {
    /// Counts the lines of a list.
    #[must_use]
    pub fn of(sheet: Sheet, told: &[Told]) -> Self {
        let mut tally = Self { sheet, counts: [0; 4], warnings: 0 };
        for one in told.iter().filter(|told| told.sheet == sheet) {
            for (fate, count) in Fate::ALL.iter().zip(&mut tally.counts) {
                *count += u64::from(*fate == one.fate);
            }
            tally.warnings += u64::from(one.is_warning());
        }
        tally
    }

    /// How many lines become that.
    #[must_use]
    pub fn count(&self, fate: Fate) -> u64 {
        Fate::ALL.iter().zip(self.counts).find(|(other, _)| **other == fate).map_or(0, |(_, count)| count)
    }

    /// How many lines there are.
    #[must_use]
    pub fn lines(&self) -> u64 {
        self.counts.iter().sum()
    }
}

/// What becomes of all lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Whether it was carried out.
    pub applied: bool,
    /// The lists that were brought.
    pub tallies: Vec<Tally>,
    /// Accounts that are made because a code or a chat names them.
    pub made: u64,
    /// The lines, list by list.
    pub told: Vec<Told>,
}

impl Report {
    /// How many lines are wrong; with one of them nothing is carried out.
    #[must_use]
    pub fn wrong(&self) -> u64 {
        self.tallies.iter().map(|tally| tally.count(Fate::Wrong)).sum()
    }

    /// Whether carrying it out changes something.
    #[must_use]
    pub fn changes(&self) -> bool {
        self.tallies.iter().any(|tally| tally.count(Fate::New) + tally.count(Fate::Changed) > 0)
    }

    /// The same with those lines only that have something to tell.
    #[must_use]
    pub fn brief(mut self) -> Self {
        self.told.retain(|told| told.text.is_some());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_by_list_and_fate() {
        let line = |sheet, fate, text: Option<&str>| Told {
            sheet,
            line: 2,
            username: String::new(),
            fate,
            text: text.map(str::to_owned),
        };
        let told = vec![
            line(Sheet::Codes, Fate::New, Some("short")),
            line(Sheet::Codes, Fate::Wrong, Some("bad")),
            line(Sheet::Chats, Fate::New, None),
        ];
        let tallies = vec![Tally::of(Sheet::Codes, &told), Tally::of(Sheet::Chats, &told)];
        assert_eq!((tallies[0].lines(), tallies[0].count(Fate::New), tallies[0].warnings), (2, 1, 1));
        let report = Report { applied: false, tallies, made: 0, told };
        assert_eq!((report.wrong(), report.changes(), report.brief().told.len()), (1, true, 2));
    }
}
