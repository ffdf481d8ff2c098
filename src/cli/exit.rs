//! How a process ends (sysexits.h): the codes scripts rely on, and the failures that lead to them.

use std::process::ExitCode;

use crate::app::StartError;
use crate::config::ConfigErrors;
use crate::control::ControlError;

/// The exit code of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// It is done.
    Done,
    /// It failed.
    Failed,
    /// The arguments are wrong.
    Usage,
    /// Another process holds the data folder (`EX_TEMPFAIL`).
    Busy,
    /// A setting is wrong (`EX_CONFIG`).
    Config,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Busy => 75,
            Exit::Config => 78,
        })
    }
}

/// Why a command did not do what it was asked for; a sentence for standard error.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error(transparent)]
    Config(#[from] ConfigErrors),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Control(#[from] ControlError),
    /// The server refused, or what was asked for is not so.
    #[error("{0}")]
    Refused(String),
    /// What was typed cannot be used.
    #[error("{0}")]
    Usage(String),
}

impl Failure {
    pub(super) fn exit(&self) -> Exit {
        match self {
            Self::Config(_) | Self::Start(StartError::Config(_)) => Exit::Config,
            Self::Start(StartError::Locked(_)) => Exit::Busy,
            Self::Start(StartError::Failed(_)) | Self::Control(_) | Self::Refused(_) => Exit::Failed,
            Self::Usage(_) => Exit::Usage,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_has_its_documented_code() {
        let code = |failure: Failure| format!("{:?}", ExitCode::from(failure.exit()));
        let is = |code: u8| format!("{:?}", ExitCode::from(code));
        assert_eq!(code(Failure::Refused(String::new())), is(1));
        assert_eq!(code(Failure::Control(ControlError::NotRunning)), is(1));
        assert_eq!(code(Failure::Usage(String::new())), is(2));
        assert_eq!(code(Failure::Start(StartError::Locked(String::new()))), is(75));
        assert_eq!(code(Failure::Start(StartError::Config(String::new()))), is(78));
        assert_eq!(code(Failure::Config(ConfigErrors(Vec::new()))), is(78));
        assert_eq!(format!("{:?}", ExitCode::from(Exit::Done)), is(0));
    }
}
