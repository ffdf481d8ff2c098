//! The environment as data: what the process was started with, or what a test says.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

/// The variables of a process. Names that are not text are of no interest and dropped.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, OsString>);

impl Environment {
    /// The variables as the operating system hands them out.
    #[must_use]
    pub fn new(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        Self(variables.into_iter().filter_map(|(name, value)| Some((name.into_string().ok()?, value))).collect())
    }

    /// Only the variables that `keep` wants.
    #[must_use]
    pub fn filtered(&self, keep: impl Fn(&str) -> bool) -> Self {
        Self(self.0.iter().filter(|(name, _)| keep(name)).map(|(name, value)| (name.clone(), value.clone())).collect())
    }

    /// Whether the person asked for no colours (<https://no-color.org>).
    #[must_use]
    pub fn no_color(&self) -> bool {
        self.get("NO_COLOR").is_some()
    }

    /// The value of a variable. An empty one counts as not set: compose files hand those over for what is left out.
    pub(super) fn get(&self, name: &str) -> Option<&OsString> {
        self.0.get(name).filter(|value| !value.is_empty())
    }

    /// The variables that begin with `prefix`, empty ones left out.
    pub(super) fn starting_with(&self, prefix: &str) -> impl Iterator<Item = (&str, &OsString)> {
        let values = self.0.iter().filter(move |(name, value)| name.starts_with(prefix) && !value.is_empty());
        values.map(|(name, value)| (name.as_str(), value))
    }

    /// The first folder of `STATE_DIRECTORY`, which systemd sets (systemd.exec(5)), or `data` in the current folder.
    pub(super) fn default_data_dir(&self) -> PathBuf {
        let first = self.get("STATE_DIRECTORY").and_then(|folders| folders.to_str()?.split(':').next());
        PathBuf::from(first.filter(|folder| !folder.is_empty()).unwrap_or("./data"))
    }
}
