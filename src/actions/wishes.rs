//! What people wish for by pressing a button of the bot: for their chat, for their account, for a group. What such a button tells,
//! and what comes of it. Anyone can send any data, so that the rows decide whether a wish is granted.

mod erase;
mod group;
mod settings;

use crate::actions::claims::{Asker, Choice};
use crate::actions::{Error, chats, messages};
use crate::clock::Timestamp;
use crate::ids::{AccountId, ChatId};
use crate::model::message::{Body, Button, ButtonAction, Weight};
use crate::model::quiet::Quiet;
use crate::model::texts::TextKey;
use crate::store::Tx;

pub use erase::ask as ask_erase;
pub use group::added;
pub use settings::{show as show_settings, standing};

/// A pressed button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Quiet hours, in minutes after midnight.
    Hours(u16, u16),
    /// No quiet hours.
    NoHours,
    /// Whether broadcasts come without a sound in the quiet hours, instead of waiting.
    Silent(bool),
    /// Which time zones there are, to be asked with the hours that are wanted.
    Zones(u16, u16),
    /// The time zone, with the hours.
    Zone(u16, u16, String),
    /// Whether broadcasts come at all.
    Mute(bool),
    /// Whether everything about an account is deleted; asked at that moment.
    Erase(AccountId, Timestamp, Choice),
    /// Whether a group is connected to an account.
    Group(ChatId, AccountId, Choice),
}

impl std::fmt::Display for Wish {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Hours(from, until) => write!(f, "quiet:{from}:{until}"),
            Self::NoHours => f.write_str("quiet:off"),
            Self::Silent(true) => f.write_str("quiet:silent"),
            Self::Silent(false) => f.write_str("quiet:wait"),
            Self::Zones(from, until) => write!(f, "zones:{from}:{until}"),
            Self::Zone(from, until, zone) => write!(f, "zone:{from}:{until}:{zone}"),
            Self::Mute(true) => f.write_str("news:off"),
            Self::Mute(false) => f.write_str("news:on"),
            Self::Erase(account, asked, choice) => write!(f, "erase:{account}:{}:{choice}", asked.0),
            Self::Group(group, account, choice) => write!(f, "group:{group}:{account}:{choice}"),
        }
    }
}

impl Wish {
    /// Reads a button's data; nothing when it is no wish.
    #[must_use]
    pub fn parse(data: &str) -> Option<Self> {
        let parts: Vec<&str> = data.splitn(4, ':').collect();
        Some(match parts.as_slice() {
            ["quiet", "off"] => Self::NoHours,
            ["quiet", "silent"] => Self::Silent(true),
            ["quiet", "wait"] => Self::Silent(false),
            ["news", "off"] => Self::Mute(true),
            ["news", "on"] => Self::Mute(false),
            ["quiet", from, until] => Self::Hours(minute(from)?, minute(until)?),
            ["zones", from, until] => Self::Zones(minute(from)?, minute(until)?),
            ["zone", from, until, zone] => Self::Zone(minute(from)?, minute(until)?, (*zone).to_owned()),
            ["erase", account, asked, choice] => {
                Self::Erase(account.parse().ok()?, Timestamp(asked.parse().ok()?), Choice::parse(choice)?)
            }
            ["group", group, account, choice] => {
                Self::Group(group.parse().ok()?, account.parse().ok()?, Choice::parse(choice)?)
            }
            _ => return None,
        })
    }
}

fn minute(text: &str) -> Option<u16> {
    text.parse().ok().filter(|minute| *minute < 24 * 60)
}

/// Grants a wish, as far as the rows allow it; what came of it is said in the chat.
pub fn press(tx: &mut Tx<'_>, asker: &Asker<'_>, wish: &Wish) -> Result<(), Error> {
    match wish {
        Wish::Erase(account, then, choice) => erase::press(tx, asker, *account, (*then, *choice)),
        Wish::Group(group, account, choice) => group::press(tx, asker, (*group, *account), *choice),
        Wish::Mute(muted) => {
            chats::set_muted(tx, asker.id, *muted)?;
            settings::show(tx, asker)
        }
        Wish::NoHours => hours(tx, asker, (0, 0)),
        Wish::Hours(from, until) => hours(tx, asker, (*from, *until)),
        Wish::Zones(from, until) => settings::ask_zone(tx, asker, (*from, *until)),
        Wish::Zone(from, until, zone) => match crate::model::quiet::parse_zone(zone) {
            Ok(zone) => {
                let silent = asker.chat.quiet.as_ref().is_some_and(|quiet| quiet.silent);
                set(tx, asker, Quiet { from: *from, until: *until, zone, silent })
            }
            Err(_) => settings::show(tx, asker),
        },
        Wish::Silent(silent) => match &asker.chat.quiet {
            Some(quiet) => set(tx, asker, Quiet { silent: *silent, ..quiet.clone() }),
            None => settings::show(tx, asker),
        },
    }
}

/// Hours in the zone that is known; without one it is asked first.
fn hours(tx: &mut Tx<'_>, asker: &Asker<'_>, (from, until): (u16, u16)) -> Result<(), Error> {
    match &asker.chat.quiet {
        Some(quiet) => set(tx, asker, Quiet { from, until, ..quiet.clone() }),
        None if from == until => settings::show(tx, asker),
        None => settings::ask_zone(tx, asker, (from, until)),
    }
}

fn set(tx: &mut Tx<'_>, asker: &Asker<'_>, quiet: Quiet) -> Result<(), Error> {
    if asker.chat.account().is_some() {
        chats::set_quiet(tx, asker.id, Some(quiet))?;
    }
    settings::show(tx, asker)
}

/// What is said to whoever asks, in their language.
fn text(asker: &Asker<'_>, key: TextKey, values: &[(&str, &str)]) -> String {
    asker.voice.say(key, asker.chat.profile.language.as_deref(), values)
}

fn button(label: String, wish: &Wish) -> Button {
    Button { label, action: ButtonAction::Tell(wish.to_string()) }
}

fn answer(tx: &mut Tx<'_>, asker: &Asker<'_>, weight: Weight, body: &Body) -> Result<(), Error> {
    messages::answer(tx, asker.id, asker.chat.account(), weight, body).map(|_| ())
}

#[cfg(test)]
mod tests;
