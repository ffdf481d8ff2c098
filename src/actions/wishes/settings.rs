//! `/settings`: how a chat stands, its quiet hours, and the buttons that change them.

use super::{Wish, answer, button, text};
use crate::actions::Error;
use crate::actions::claims::Asker;
use crate::model::message::{Body, Weight};
use crate::model::quiet::{Quiet, shown_in, time};
use crate::model::texts::TextKey;
use crate::store::{Read as _, Tx, accounts, admins, chats};

/// Hours that are offered as they are; others are chosen in the portal.
const OFFERED: [(u16, u16); 3] = [(21 * 60, 7 * 60), (22 * 60, 8 * 60), (23 * 60, 9 * 60)];
/// A zone of nearly every offset in which people live, from west to east; a person is asked what time it is there.
const ZONES: [&str; 27] = [
    "Pacific/Honolulu",
    "America/Anchorage",
    "America/Los_Angeles",
    "America/Denver",
    "America/Chicago",
    "America/New_York",
    "America/Halifax",
    "America/Sao_Paulo",
    "Atlantic/Azores",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Athens",
    "Europe/Moscow",
    "Asia/Tehran",
    "Asia/Dubai",
    "Asia/Kabul",
    "Asia/Karachi",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Dhaka",
    "Asia/Yangon",
    "Asia/Bangkok",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Australia/Adelaide",
    "Australia/Sydney",
    "Pacific/Auckland",
];
const BESIDE: usize = 3;

/// What a chat is connected to, whether news comes, and when it is quiet; nothing for a chat that is connected to nothing.
pub fn standing(tx: &Tx<'_>, asker: &Asker<'_>) -> Result<Vec<String>, Error> {
    let mut parts = Vec::new();
    if let Some(account) = asker.chat.account() {
        let name = accounts::get(tx, account)?.map(|row| asker.voice.shown(&row.username)).unwrap_or_default();
        parts.push(text(asker, TextKey::StatusConnected, &[("username", &name)]));
        let news = if asker.chat.muted.is_some() { TextKey::StatusMuted } else { TextKey::NotMuted };
        parts.push(text(asker, news, &[]));
        parts.extend(asker.chat.quiet.as_ref().filter(|quiet| quiet.is_on()).map(|quiet| told(asker, quiet)));
    }
    if let Some(admin) = asker.chat.admin {
        let name = admins::get(tx, admin)?.map(|row| row.name.to_string()).unwrap_or_default();
        parts.push(text(asker, TextKey::AdminConnected, &[("name", &name)]));
    }
    Ok(parts)
}

fn told(asker: &Asker<'_>, quiet: &Quiet) -> String {
    let key = if quiet.silent { TextKey::QuietSilent } else { TextKey::QuietWaits };
    let zone = city(&quiet.zone);
    text(asker, key, &[("from", &time(quiet.from)), ("until", &time(quiet.until)), ("zone", &zone)])
}

fn city(zone: &str) -> String {
    zone.rsplit('/').next().unwrap_or(zone).replace('_', " ")
}

/// Says how the chat stands after what it just wished, with the buttons for the next wish.
pub fn show(tx: &mut Tx<'_>, asker: &Asker<'_>) -> Result<(), Error> {
    let Some(chat) = chats::get(tx, asker.id)? else { return Ok(()) };
    let asker = &Asker { chat: &chat, ..*asker };
    let parts = standing(tx, asker)?;
    if parts.is_empty() {
        let body = Body::plain(text(asker, TextKey::StatusNotConnected, &[]));
        return answer(tx, asker, Weight::Command, &body);
    }
    let body = Body::plain(parts.join("\n\n"));
    if chat.account().is_none() {
        return answer(tx, asker, Weight::Command, &body);
    }
    answer(tx, asker, Weight::Command, &with_buttons(asker, body))
}

fn with_buttons(asker: &Asker<'_>, body: Body) -> Body {
    let label = |key| text(asker, key, &[]);
    let on = asker.chat.quiet.as_ref().filter(|quiet| quiet.is_on());
    let hours = OFFERED.iter().map(|(from, until)| {
        let label = format!("\u{1f319} {}\u{2013}{}", time(*from), time(*until));
        button(label, &Wish::Hours(*from, *until))
    });
    let mut body = body.with_row(hours.collect());
    if let Some(quiet) = on {
        let (key, wish) = if quiet.silent {
            (TextKey::QuietWaitButton, Wish::Silent(false))
        } else {
            (TextKey::QuietSilentButton, Wish::Silent(true))
        };
        body = body
            .with_row(vec![button(label(TextKey::QuietOffButton), &Wish::NoHours), button(label(key), &wish)])
            .with_row(vec![button(label(TextKey::ZoneButton), &Wish::Zones(quiet.from, quiet.until))]);
    }
    let (key, wish) = match asker.chat.muted {
        Some(_) => (TextKey::UnmuteButton, Wish::Mute(false)),
        None => (TextKey::MuteButton, Wish::Mute(true)),
    };
    body.with_row(vec![button(label(key), &wish)])
}

/// Asks in which zone the hours are meant: by the time that the clocks there show.
pub(super) fn ask_zone(tx: &mut Tx<'_>, asker: &Asker<'_>, (from, until): (u16, u16)) -> Result<(), Error> {
    let now = tx.now();
    let buttons: Vec<_> = ZONES
        .iter()
        .filter_map(|zone| {
            let label = format!("{} {}", shown_in(zone, now)?, city(zone));
            Some(button(label, &Wish::Zone(from, until, (*zone).to_owned())))
        })
        .collect();
    let mut body = Body::plain(text(asker, TextKey::AskZone, &[]));
    for row in buttons.chunks(BESIDE) {
        body = body.with_row(row.to_vec());
    }
    answer(tx, asker, Weight::Command, &body)
}
