//! The configuration file: TOML with one key a setting, no tables. What it says becomes text, parsed like a variable.

use std::ops::Range;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::error::ConfigError;
use super::key::{Key, Stranger};

/// One line of the file.
pub(super) struct Entry {
    pub(super) key: Key,
    pub(super) text: String,
    /// The file, the line and the key, for messages.
    pub(super) origin: String,
}

/// The entries of a file and what is wrong with the others.
pub(super) fn parse(path: &Path, content: &str) -> (Vec<Entry>, Vec<ConfigError>) {
    let place = |span: &Range<usize>| format!("{}, line {}", path.display(), line_at(content, span.start));
    let table = match DeTable::parse(content) {
        Ok(table) => table,
        Err(error) => {
            let place = place(&error.span().unwrap_or_default());
            return (Vec::new(), vec![ConfigError::Syntax { place, reason: error.message().replace('\n', ", ") }]);
        }
    };
    let (mut entries, mut errors) = (Vec::new(), Vec::new());
    for (name, value) in table.get_ref() {
        let origin = format!("{}, {}", place(&name.span()), name.get_ref());
        match (Key::named(name.get_ref()), text_of(value.get_ref())) {
            (Some(key), Some(text)) => entries.push(Entry { key, text, origin }),
            (Some(_), None) => {
                let reason = "must be a text, a whole number, true or false, or a list of texts".to_owned();
                errors.push(ConfigError::Syntax { place: origin, reason });
            }
            (None, _) => errors.push(match Key::stranger(name.get_ref()) {
                Stranger::Later => ConfigError::Later { name: origin },
                Stranger::Unknown(nearest) => {
                    ConfigError::Unknown { name: origin, nearest: nearest.map(|key| key.name().to_owned()) }
                }
            }),
        }
    }
    (entries, errors)
}

fn text_of(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().to_owned()),
        DeValue::Boolean(flag) => Some(flag.to_string()),
        DeValue::Array(parts) => {
            let texts: Option<Vec<&str>> = parts.iter().map(|part| part.get_ref().as_str()).collect();
            texts.map(|texts| texts.join(","))
        }
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Table(_) => None,
    }
}

/// The line, counted from 1, of a byte.
fn line_at(content: &str, byte: usize) -> usize {
    content.bytes().take(byte).filter(|b| *b == b'\n').count() + 1
}
