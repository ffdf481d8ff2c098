//! A value and where it comes from.

use std::fmt;

/// Where a value comes from, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The command line; the flag.
    Flag(&'static str),
    /// The environment; the variable, which may be the one that names a file.
    Env(&'static str),
    /// The configuration file.
    File,
    /// The settings page.
    Saved,
    /// Nobody set it.
    Default,
}

impl Source {
    /// Whether the settings page cannot change the value, because the process was started with it.
    #[must_use]
    pub fn is_locked(self) -> bool {
        match self {
            Self::Flag(_) | Self::Env(_) | Self::File => true,
            Self::Saved | Self::Default => false,
        }
    }
}

impl fmt::Display for Source {
    /// Fits behind "set by".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Flag(name) | Self::Env(name) => name,
            Self::File => "the configuration file",
            Self::Saved => "the settings page",
            Self::Default => "default",
        })
    }
}

/// A value and where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value in force.
    pub value: T,
    /// Where it comes from.
    pub source: Source,
}

impl<T> Setting<T> {
    /// A value that nobody set.
    pub fn default(value: T) -> Self {
        Self { value, source: Source::Default }
    }

    /// The value in force: what the process was started with, or what the UI saved, or the default.
    #[must_use]
    pub fn settle(started_with: Option<Self>, saved: Option<T>, default: T) -> Self {
        match (started_with, saved) {
            (Some(setting), _) => setting,
            (None, Some(value)) => Self { value, source: Source::Saved },
            (None, None) => Self::default(default),
        }
    }
}
