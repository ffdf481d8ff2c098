//! Quiet hours: when a person wants no news, by the clock of the place where they are. Pure; the rules of time zones are those of
//! the IANA database that the executable carries.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Timestamp as Instant, ToSpan as _, Zoned};
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

/// Minutes of a day.
const DAY: u16 = 24 * 60;

/// When a person wants no news, by their own clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quiet {
    /// Minutes after midnight at which it begins.
    pub from: u16,
    /// Minutes after midnight at which it ends; when that is before [`Quiet::from`], on the next day. The same as [`Quiet::from`]:
    /// never, and only the rest is remembered.
    pub until: u16,
    /// The time zone, by its name in the IANA database.
    pub zone: String,
    /// Whether broadcasts come without a sound meanwhile, instead of waiting.
    pub silent: bool,
}

/// What is wrong with quiet hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QuietError {
    /// A time of day is written as `22:00`.
    #[error("Write a time of day as 22:00.")]
    Time,
    /// The database does not know the zone.
    #[error("This time zone is not known. Choose one of the list, such as Europe/Berlin.")]
    Zone,
}

impl Quiet {
    /// Hours in a zone, of which the rest follows the choice before.
    pub fn parse(from: &str, until: &str, zone: &str, silent: bool) -> Result<Self, QuietError> {
        let (from, until) = (minutes(from)?, minutes(until)?);
        Ok(Self { from, until, zone: parse_zone(zone)?, silent })
    }

    /// Whether there are such hours at all.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.from != self.until
    }

    /// Until when it is quiet, if it is quiet at `now`. A zone that a later database has lost is never quiet.
    #[must_use]
    pub fn ends(&self, now: Timestamp) -> Option<Timestamp> {
        let here = local(&self.zone, now)?;
        let time = here.time();
        let minute = u16::try_from(i32::from(time.hour()) * 60 + i32::from(time.minute())).unwrap_or(0);
        let is_over_midnight = self.until < self.from;
        let is_quiet = match (self.is_on(), is_over_midnight) {
            (false, _) => false,
            (true, false) => (self.from..self.until).contains(&minute),
            (true, true) => minute >= self.from || minute < self.until,
        };
        if !is_quiet {
            return None;
        }
        let is_tomorrow = is_over_midnight && minute >= self.from;
        let day = if is_tomorrow { here.date().checked_add(1.day()).ok()? } else { here.date() };
        let end = day.to_datetime(time_of(self.until)).to_zoned(here.time_zone().clone()).ok()?;
        Some(Timestamp(end.timestamp().as_millisecond()))
    }
}

fn time_of(minutes: u16) -> Time {
    let part = |value: u16| i8::try_from(value).unwrap_or(0);
    Time::new(part(minutes / 60 % 24), part(minutes % 60), 0, 0).unwrap_or(Time::MIN)
}

/// What the clocks of a zone show.
fn local(zone: &str, now: Timestamp) -> Option<Zoned> {
    let zone = TimeZone::get(zone).ok()?;
    Some(Instant::from_millisecond(now.0).ok()?.to_zoned(zone))
}

/// `14:05`, as the clocks of a zone show it; nothing for a zone that is not known.
#[must_use]
pub fn shown_in(zone: &str, now: Timestamp) -> Option<String> {
    local(zone, now).map(|here| here.strftime("%H:%M").to_string())
}

/// A zone's name as the database has it.
pub fn parse_zone(text: &str) -> Result<String, QuietError> {
    let zone = TimeZone::get(text.trim()).map_err(|_| QuietError::Zone)?;
    zone.iana_name().map(str::to_owned).ok_or(QuietError::Zone)
}

/// The names of all zones, sorted.
#[must_use]
pub fn zones() -> Vec<String> {
    let mut names: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
    names.retain(|name| name.contains('/') && !name.starts_with("Etc/") && !name.starts_with("posix"));
    names.sort();
    names
}

/// Minutes after midnight of `22:00`.
pub fn minutes(text: &str) -> Result<u16, QuietError> {
    let parts = text
        .trim()
        .split_once(':')
        .and_then(|(hour, minute)| Some((hour.parse::<u16>().ok()?, minute.get(..2)?.parse::<u16>().ok()?)));
    match parts {
        Some((hour, minute)) if hour < 24 && minute < 60 => Ok(hour * 60 + minute),
        Some(_) | None => Err(QuietError::Time),
    }
}

/// `22:00`
#[must_use]
pub fn time(minutes: u16) -> String {
    let minutes = minutes % DAY;
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp(text.parse::<Instant>().unwrap().as_millisecond())
    }

    fn berlin(from: &str, until: &str) -> Quiet {
        Quiet::parse(from, until, "Europe/Berlin", false).unwrap()
    }

    #[test]
    fn a_night_ends_on_the_next_morning_by_the_persons_own_clock() {
        let night = berlin("22:00", "08:00");
        assert_eq!(night.ends(at("2026-11-28T20:59:59Z")), None);
        assert_eq!(night.ends(at("2026-11-28T21:00:00Z")), Some(at("2026-11-29T07:00:00Z")));
        assert_eq!(night.ends(at("2026-11-29T06:59:00Z")), Some(at("2026-11-29T07:00:00Z")));
        assert_eq!(night.ends(at("2026-11-29T07:00:00Z")), None);
        let noon = berlin("12:00", "14:30");
        assert_eq!(noon.ends(at("2026-11-28T11:00:00Z")), Some(at("2026-11-28T13:30:00Z")));
        assert_eq!(noon.ends(at("2026-11-28T13:30:00Z")), None);
        assert_eq!(berlin("09:00", "09:00").ends(at("2026-11-28T08:00:00Z")), None);
    }

    #[test]
    fn the_night_in_which_the_clocks_change_has_its_own_length() {
        let night = berlin("22:00", "08:00");
        let (before, after) = (at("2026-03-28T21:00:00Z"), at("2026-03-29T06:00:00Z"));
        assert_eq!(night.ends(before), Some(after), "eight in the morning is an hour earlier by then");
    }

    #[test]
    fn what_cannot_be_a_time_or_a_zone_is_refused() {
        for text in ["", "22", "24:00", "7:5", "12:60", "ab:cd"] {
            assert_eq!(minutes(text), Err(QuietError::Time), "{text}");
        }
        assert_eq!((minutes("07:05"), minutes("7:05"), time(425).as_str()), (Ok(425), Ok(425), "07:05"));
        assert_eq!(parse_zone("europe/berlin"), Ok("Europe/Berlin".into()));
        assert_eq!(parse_zone("Mars/Phobos"), Err(QuietError::Zone));
        assert!(zones().iter().any(|zone| zone == "America/New_York"));
        assert_eq!(shown_in("Asia/Tokyo", at("2026-11-28T00:00:00Z")).as_deref(), Some("09:00"));
    }
}
