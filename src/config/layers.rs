//! The sources laid over each other: for every setting the strongest text that was given, and the mistakes on the way.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use zeroize::Zeroizing;

use super::Flags;
use super::environment::Environment;
use super::error::{ConfigError, Invalid};
use super::file;
use super::key::{Key, PREFIX, Stranger};
use super::setting::{Setting, Source};

/// The variable that names the configuration file.
const CONFIG_VARIABLE: &str = "STARTLINK_CONFIG";
/// Variables of the test suite, which runs this program; of no meaning to it.
const TEST_PREFIX: &str = "STARTLINK_TEST_";
/// No value and no configuration is longer; a file that is, was meant for something else. In bytes.
const LONGEST_FILE: u64 = 64 * 1024;

/// What was given, weaker sources already dropped.
#[derive(Default)]
pub(super) struct Layers {
    given: BTreeMap<Key, Given>,
    errors: Vec<ConfigError>,
}

struct Given {
    text: Zeroizing<String>,
    source: Source,
    /// What a message about this value names.
    origin: String,
}

impl Layers {
    pub(super) fn collect(flags: &Flags, environment: &Environment) -> Self {
        let mut layers = Self::default();
        layers.add_file(flags, environment);
        for key in Key::ALL {
            layers.add_variables(*key, environment);
        }
        layers.refuse_strangers(environment);
        for (key, text) in &flags.values {
            let flag = key.flag().unwrap_or_default();
            layers.give(*key, text.clone(), Source::Flag(flag), flag);
        }
        layers
    }

    /// The value of a setting, if it was given and is allowed.
    pub(super) fn get<T>(&mut self, key: Key, parse: impl FnOnce(&str) -> Result<T, Invalid>) -> Option<Setting<T>> {
        let Given { text, source, origin } = self.given.remove(&key)?;
        match parse(&text) {
            Ok(value) => Some(Setting { value, source }),
            Err(invalid) => {
                self.errors.push(ConfigError::Invalid { origin, invalid });
                None
            }
        }
    }

    /// The value of a setting, or its default. After a mistake the default only fills the place until all are reported.
    pub(super) fn get_or<T>(
        &mut self,
        key: Key,
        default: T,
        parse: impl FnOnce(&str) -> Result<T, Invalid>,
    ) -> Setting<T> {
        self.get(key, parse).unwrap_or_else(|| Setting::default(default))
    }

    pub(super) fn into_errors(self) -> Vec<ConfigError> {
        self.errors
    }

    fn give(&mut self, key: Key, text: String, source: Source, origin: impl Into<String>) {
        self.given.insert(key, Given { text: Zeroizing::new(text), source, origin: origin.into() });
    }

    fn add_file(&mut self, flags: &Flags, environment: &Environment) {
        let variable = || environment.get(CONFIG_VARIABLE).map(|value| (CONFIG_VARIABLE, Path::new(value)));
        let Some((name, path)) = flags.config.as_deref().map(|path| ("--config", path)).or_else(variable) else {
            return;
        };
        let Some(content) = self.content(name, path) else { return };
        let (entries, errors) = file::parse(path, &content);
        self.errors.extend(errors);
        for entry in entries {
            self.give(entry.key, entry.text, Source::File, entry.origin);
        }
    }

    fn add_variables(&mut self, key: Key, environment: &Environment) {
        match (environment.get(key.variable()), environment.get(key.file_variable())) {
            (Some(_), Some(_)) => self.errors.push(ConfigError::Both(key)),
            (Some(value), None) => {
                if let Some(text) = self.text(key.variable(), value) {
                    self.give(key, text, Source::Env(key.variable()), key.variable());
                }
            }
            (None, Some(path)) => {
                if let Some(content) = self.content(key.file_variable(), Path::new(path)) {
                    let text = content.trim_end_matches(['\n', '\r']).to_owned();
                    self.give(key, text, Source::Env(key.file_variable()), key.file_variable());
                }
            }
            (None, None) => {}
        }
    }

    fn refuse_strangers(&mut self, environment: &Environment) {
        let known = |name: &str| {
            let mut variables = Key::ALL.iter().flat_map(|key| [key.variable(), key.file_variable()]);
            name == CONFIG_VARIABLE || name.starts_with(TEST_PREFIX) || variables.any(|variable| variable == name)
        };
        for (name, _) in environment.starting_with(PREFIX).filter(|(name, _)| !known(name)) {
            let plain = name.trim_start_matches(PREFIX).to_lowercase();
            let name = name.to_owned();
            self.errors.push(match Key::stranger(plain.strip_suffix("_file").unwrap_or(&plain)) {
                Stranger::Later => ConfigError::Later { name },
                Stranger::Unknown(nearest) => {
                    ConfigError::Unknown { name, nearest: nearest.map(|key| key.variable().to_owned()) }
                }
            });
        }
    }

    fn text(&mut self, name: &str, value: &OsStr) -> Option<String> {
        if value.to_str().is_none() {
            self.errors.push(ConfigError::NotText { name: name.to_owned() });
        }
        value.to_str().map(str::to_owned)
    }

    fn content(&mut self, name: &str, path: &Path) -> Option<Zeroizing<String>> {
        match read(path) {
            Ok(content) => Some(content),
            Err(error) => {
                self.errors.push(ConfigError::Unreadable {
                    name: name.to_owned(),
                    path: path.display().to_string(),
                    error,
                });
                None
            }
        }
    }
}

fn read(path: &Path) -> io::Result<Zeroizing<String>> {
    let mut content = Zeroizing::new(String::new());
    let length = File::open(path)?.take(LONGEST_FILE + 1).read_to_string(&mut content)?;
    if u64::try_from(length).is_ok_and(|length| length > LONGEST_FILE) {
        return Err(io::Error::other("the file is longer than 64 KiB"));
    }
    Ok(content)
}
