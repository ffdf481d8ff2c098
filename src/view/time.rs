//! Moments and spans as people read them. The server writes UTC; the script turns it into the reader's own time.

use std::time::Duration;

use maud::{Markup, html};

use crate::clock::Timestamp;

/// How long ago (or ahead) `at` is, seen from `now`, with the exact time as its title.
#[must_use]
pub fn ago(at: Timestamp, now: Timestamp) -> Markup {
    html! { time datetime=(iso(at)) title=(utc(at)) data-time="ago" { (relative(at, now)) } }
}

/// The date and time to the minute.
#[must_use]
pub fn exact(at: Timestamp) -> Markup {
    html! { time datetime=(iso(at)) title=(utc(at)) data-time="exact" { (format(at, "%-d %b %Y, %H:%M UTC")) } }
}

/// The time of the day only, for bubbles; the title has the date.
#[must_use]
pub fn of_day(at: Timestamp) -> Markup {
    html! { time datetime=(iso(at)) title=(utc(at)) data-time="day" { (format(at, "%H:%M")) } }
}

/// The date only, as an element the script turns into the reader's own.
#[must_use]
pub fn day(at: Timestamp) -> Markup {
    html! { time datetime=(iso(at)) title=(utc(at)) data-time="date" { (date(at)) } }
}

/// The date only, such as `22 Nov 2026`.
#[must_use]
pub fn date(at: Timestamp) -> String {
    format(at, "%-d %b %Y")
}

/// `3 min ago`, `in 14 min`, and the date when it is more than 30 days away.
#[must_use]
pub fn relative(at: Timestamp, now: Timestamp) -> String {
    let (past, ahead) = (now.since(at), at.since(now));
    let distance = past.max(ahead);
    if distance >= Duration::from_hours(30 * 24) {
        return date(at);
    }
    if distance < Duration::from_secs(5) {
        return "just now".to_owned();
    }
    if ahead > past { format!("in {}", coarse(ahead)) } else { format!("{} ago", coarse(past)) }
}

/// A span in its two largest units: `37 s`, `14 min`, `2 h 5 min`, `3 days`.
#[must_use]
pub fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    match (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60) {
        (0, 0, 0, s) => format!("{s} s"),
        (0, 0, m, 0) => format!("{m} min"),
        (0, 0, m, s) if m < 5 => format!("{m} min {s} s"),
        (0, 0, m, _) => format!("{m} min"),
        (0, h, 0, _) => format!("{h} h"),
        (0, h, m, _) => format!("{h} h {m} min"),
        (d, 0, ..) => days(d),
        (d, h, ..) => format!("{} {h} h", days(d)),
    }
}

/// A span in its largest unit.
fn coarse(span: Duration) -> String {
    let seconds = span.as_secs();
    match (seconds / 86_400, seconds / 3_600, seconds / 60) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, _) => format!("{hours} h"),
        (d, ..) => days(d),
    }
}

fn days(count: u64) -> String {
    if count == 1 { "1 day".to_owned() } else { format!("{count} days") }
}

/// RFC 3339 in UTC, with milliseconds, as `datetime` wants it.
#[must_use]
pub fn iso(at: Timestamp) -> String {
    format(at, "%Y-%m-%dT%H:%M:%S%.3fZ")
}

/// To the second, for titles and records: `2026-11-22 14:03:10 UTC`.
#[must_use]
pub fn utc(at: Timestamp) -> String {
    format(at, "%Y-%m-%d %H:%M:%S UTC")
}

/// As a field for a date with its time has it, in UTC: `2026-11-22T14:05`.
#[must_use]
pub fn typed_utc(at: Timestamp) -> String {
    format(at, "%Y-%m-%dT%H:%M")
}

/// What such a field sends, taken as UTC.
#[must_use]
pub fn parse_utc(text: &str) -> Option<Timestamp> {
    let typed: jiff::civil::DateTime = text.parse().ok()?;
    let zoned = typed.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(Timestamp(zoned.timestamp().as_millisecond()))
}

fn format(at: Timestamp, pattern: &str) -> String {
    jiff::Timestamp::from_millisecond(at.0)
        .map_or_else(|_| "an impossible time".to_owned(), |t| t.strftime(pattern).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_374_190_000);

    #[test]
    fn moments_are_told_relative_to_now_and_by_date_when_far() {
        let back = |seconds| relative(NOW.minus(Duration::from_secs(seconds)), NOW);
        assert_eq!(back(0), "just now");
        assert_eq!(back(45), "45 s ago");
        assert_eq!(back(185), "3 min ago");
        assert_eq!(back(7_200), "2 h ago");
        assert_eq!(back(86_400), "1 day ago");
        assert_eq!(back(40 * 86_400), date(NOW.minus(Duration::from_hours(40 * 24))));
        assert_eq!(relative(NOW.plus(Duration::from_mins(14)), NOW), "in 14 min");
    }

    #[test]
    fn spans_name_their_two_largest_units() {
        let of = |seconds| span(Duration::from_secs(seconds));
        assert_eq!(of(37), "37 s");
        assert_eq!(of(90), "1 min 30 s");
        assert_eq!(of(899), "14 min");
        assert_eq!(of(7_500), "2 h 5 min");
        assert_eq!(of(3 * 86_400), "3 days");
        assert_eq!(of(90_000), "1 day 1 h");
    }

    #[test]
    fn the_machine_readable_time_is_utc() {
        assert_eq!(iso(Timestamp(0)), "1970-01-01T00:00:00.000Z");
        assert_eq!(utc(Timestamp(1_500)), "1970-01-01 00:00:01 UTC");
    }
}
