//! What the buttons of a claim tell the bot: `callback_data`, at most 64 bytes (Bot API, `InlineKeyboardButton`).
//! Anyone can send any data, so that a press is only a wish: the rows decide whether it is granted.

use crate::ids::{AccountId, LinkId};

/// The answer to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Go on.
    Yes,
    /// Leave it as it was.
    No,
}

/// A pressed button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Press {
    /// "Not you? Disconnect": takes back what this link connected.
    Undo(LinkId),
    /// Whether the chat leaves the account `from` for the link's.
    Move {
        /// The link that is held meanwhile.
        link: LinkId,
        /// The account the question named.
        from: AccountId,
        /// What the person wants.
        choice: Choice,
    },
    /// Whether the chat is to be connected to the link's account.
    Confirm {
        /// The link that is held meanwhile.
        link: LinkId,
        /// What the person wants.
        choice: Choice,
    },
}

impl std::fmt::Display for Choice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Yes => "y",
            Self::No => "n",
        })
    }
}

impl Choice {
    /// The choice with this letter.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "y" => Some(Self::Yes),
            "n" => Some(Self::No),
            _ => None,
        }
    }
}

impl std::fmt::Display for Press {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Undo(link) => write!(f, "undo:{link}"),
            Self::Move { link, from, choice } => write!(f, "move:{link}:{from}:{choice}"),
            Self::Confirm { link, choice } => write!(f, "confirm:{link}:{choice}"),
        }
    }
}

impl Press {
    /// Reads a button's data; nothing when it is not one of ours.
    #[must_use]
    pub fn parse(data: &str) -> Option<Self> {
        let mut parts = data.split(':');
        let word = parts.next()?;
        let link = parts.next()?.parse().ok()?;
        let press = match word {
            "undo" => Self::Undo(link),
            "move" => Self::Move { link, from: parts.next()?.parse().ok()?, choice: Choice::parse(parts.next()?)? },
            "confirm" => Self::Confirm { link, choice: Choice::parse(parts.next()?)? },
            _ => return None,
        };
        parts.next().is_none().then_some(press)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_button_says_is_read_back_and_fits_telegram() {
        let (link, from) = (LinkId(u64::MAX), AccountId(u64::MAX));
        for choice in [Choice::Yes, Choice::No] {
            for press in [Press::Undo(link), Press::Move { link, from, choice }, Press::Confirm { link, choice }] {
                let data = press.to_string();
                assert!(data.len() <= 64, "{data}");
                assert_eq!(Press::parse(&data), Some(press));
            }
        }
    }

    #[test]
    fn other_data_is_no_press() {
        for data in
            ["", "undo", "undo:", "undo:x", "undo:-1", "undo:1:y", "move:1:2", "move:1:2:maybe", "confirm:1:y:z"]
        {
            assert_eq!(Press::parse(data), None, "{data}");
        }
    }
}
