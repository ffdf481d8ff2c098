//! Turns a record into its line, line feed included. Control characters are escaped, so that a record stays one line.

use std::fmt::Write as _;

use log::kv::{Error, Key, Value, VisitSource};
use log::{Level, Record};
use serde_json::Value as Json;

use crate::clock::Timestamp;

/// A line for people.
pub fn text(record: &Record<'_>, now: Timestamp) -> String {
    people(record, now, &format!("{:5}", record.level()))
}

/// A line for people at a terminal (ECMA-48 colours).
pub fn coloured(record: &Record<'_>, now: Timestamp) -> String {
    let colour = match record.level() {
        Level::Error => 31,
        Level::Warn => 33,
        Level::Info => 32,
        Level::Debug => 34,
        Level::Trace => 90,
    };
    let level = record.level().as_str();
    people(record, now, &format!("\x1b[{colour}m{level}\x1b[0m{:1$}", "", 5_usize.saturating_sub(level.len())))
}

/// A line for machines.
pub fn json(record: &Record<'_>, now: Timestamp) -> String {
    let mut object = serde_json::Map::new();
    // A field of the record never replaces one of these four.
    for (key, value) in fields(record) {
        object.insert(key, value);
    }
    object.insert("time".to_owned(), time(now).into());
    object.insert("level".to_owned(), record.level().as_str().to_lowercase().into());
    object.insert("message".to_owned(), record.args().to_string().into());
    object.insert("target".to_owned(), record.target().into());
    format!("{}\n", Json::Object(object))
}

fn people(record: &Record<'_>, now: Timestamp, level: &str) -> String {
    let mut line = format!("{} {level} {}", time(now), one_line(&record.args().to_string()));
    let target = record.target();
    if !target.starts_with("startlink") {
        let _infallible = write!(line, " ({target})");
    }
    for (key, value) in fields(record) {
        let _infallible = match value.as_str().filter(|text| is_plain(text)) {
            Some(text) => write!(line, " {key}={text}"),
            None => write!(line, " {key}={value}"),
        };
    }
    line.push('\n');
    line
}

fn is_plain(text: &str) -> bool {
    !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '"' | '=' | '\\'))
}

fn one_line(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut line, c| {
        if c.is_control() {
            line.extend(c.escape_default());
        } else {
            line.push(c);
        }
        line
    })
}

/// RFC 3339, section 5.6, in UTC with milliseconds.
fn time(now: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(now.0).map_or_else(|_| now.0.to_string(), |at| format!("{at:.3}"))
}

fn fields(record: &Record<'_>) -> Vec<(String, Json)> {
    let mut collected = Fields(Vec::new());
    // The only source of errors is the visitor, and ours has none.
    let _infallible = record.key_values().visit(&mut collected);
    collected.0
}

struct Fields(Vec<(String, Json)>);

impl<'kv> VisitSource<'kv> for Fields {
    fn visit_pair(&mut self, key: Key<'kv>, value: Value<'kv>) -> Result<(), Error> {
        let value = if let Some(number) = value.to_u64() {
            number.into()
        } else if let Some(number) = value.to_i64() {
            number.into()
        } else if let Some(flag) = value.to_bool() {
            flag.into()
        } else if let Some(number) = value.to_f64() {
            number.into()
        } else {
            value.to_string().into()
        };
        self.0.push((key.to_string(), value));
        Ok(())
    }
}
