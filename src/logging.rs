//! The log sink: one line a record on standard error, as text for people or JSON for machines.
//! It is also the last net for secrets: every finished line is redacted. It knows nothing of what is logged.

mod line;
mod redact;

use std::io::Write;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use log::{LevelFilter, Log, Metadata, Record};

use crate::clock::Clock;

pub use redact::redact;

/// How a record is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// `2026-01-31T12:00:00.000Z INFO  A sentence. key=value`
    #[default]
    Text,
    /// The same as text with the level in colour, for a terminal.
    Colour,
    /// One JSON object a line: `time`, `level`, `message`, `target` and the record's own fields.
    Json,
}

impl Format {
    /// The word for it in the settings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text | Self::Colour => "text",
            Self::Json => "json",
        }
    }
}

/// The word is none of the formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("allowed are text and json")]
pub struct UnknownFormat;

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(UnknownFormat),
        }
    }
}

/// Sends the process's log, panics included, to standard error. The first call decides; later ones change the level only.
pub fn install(format: Format, level: LevelFilter, clock: &Clock) {
    let sink = Sink::new(format, clock.clone(), std::io::stderr());
    if log::set_boxed_logger(Box::new(sink)).is_ok() {
        std::panic::set_hook(Box::new(log_panic));
    }
    set_level(level);
}

/// Changes the level of a running process; other crates' records never go below warnings.
pub fn set_level(level: LevelFilter) {
    log::set_max_level(level);
}

fn log_panic(info: &std::panic::PanicHookInfo<'_>) {
    let text = info.payload_as_str().unwrap_or("no message");
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    log::error!(place:%, panic = text; "The program met a state it was not built for; this is a defect");
}

/// Writes records to `out`, one line each, in one call of `write_all`.
struct Sink<W> {
    format: Format,
    clock: Clock,
    out: Mutex<W>,
}

impl<W: Write + Send> Sink<W> {
    fn new(format: Format, clock: Clock, out: W) -> Self {
        Self { format, clock, out: Mutex::new(out) }
    }
}

impl<W: Write + Send> Log for Sink<W> {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // What dependencies say below a warning is about their insides, and some of it holds URLs with tokens.
        let ours = metadata.target() == "startlink" || metadata.target().starts_with("startlink::");
        ours || metadata.level() <= log::Level::Warn
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let now = self.clock.now();
        let line = match self.format {
            Format::Text => line::text(record, now),
            Format::Colour => line::coloured(record, now),
            Format::Json => line::json(record, now),
        };
        // A log that cannot be written has nowhere to say so, and must not stop what it tells about.
        let _unwritten = self.out.lock().unwrap_or_else(PoisonError::into_inner).write_all(redact(&line).as_bytes());
    }

    fn flush(&self) {
        let _unwritten = self.out.lock().unwrap_or_else(PoisonError::into_inner).flush();
    }
}

#[cfg(test)]
mod tests {
    use log::Level;

    use super::*;
    use crate::clock::Timestamp;

    fn written(format: Format, target: &str, level: Level, text: &str) -> String {
        let sink = Sink::new(format, Clock::manual(Timestamp(1_769_860_800_123)), Vec::new());
        let fields: &[(&str, log::kv::Value<'_>)] = &[("wait_ms", 37.into()), ("method", "get Me".into())];
        let mut record = Record::builder();
        record.target(target).level(level).key_values(&fields);
        sink.log(&record.args(format_args!("{text}")).build());
        String::from_utf8(sink.out.into_inner().unwrap()).unwrap()
    }

    #[test]
    fn text_is_one_line_with_time_level_sentence_and_fields() {
        assert_eq!(
            written(Format::Text, "startlink::bot", Level::Info, "Two\nlines"),
            "2026-01-31T12:00:00.123Z INFO  Two\\nlines wait_ms=37 method=\"get Me\"\n"
        );
        assert!(written(Format::Colour, "startlink", Level::Error, "x").contains("\x1b[31mERROR\x1b[0m"));
    }

    #[test]
    fn json_keeps_the_types_of_the_fields() {
        let line = written(Format::Json, "startlink::bot", Level::Warn, "a \"b\"");
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(
            value,
            serde_json::json!({
                "time": "2026-01-31T12:00:00.123Z", "level": "warn", "message": "a \"b\"", "target": "startlink::bot",
                "wait_ms": 37, "method": "get Me",
            })
        );
        assert_eq!(line.matches('\n').count(), 1);
    }

    #[test]
    fn secrets_do_not_reach_the_sink() {
        let token = "123456789:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr";
        for format in [Format::Text, Format::Json] {
            let line = written(format, "startlink", Level::Error, &format!("GET /bot{token}/getMe"));
            assert!(line.contains("bot123456789:[redacted]/getMe") && !line.contains("AAbb"), "{line}");
        }
    }

    #[test]
    fn dependencies_are_heard_from_warnings_up() {
        assert_eq!(written(Format::Text, "surf::client", Level::Info, "x"), "");
        assert_eq!(written(Format::Text, "startlinker", Level::Info, "x"), "");
        assert!(written(Format::Text, "surf::client", Level::Warn, "x").contains("WARN  x (surf::client)"));
    }
}
