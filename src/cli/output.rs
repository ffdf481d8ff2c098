//! The one place that prints: results to standard output, failures to standard error.

use std::io::{IsTerminal as _, Write};

use super::exit::{Exit, Failure};
use crate::config::Environment;

/// What the reader of standard output can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    /// A terminal with colours.
    Colour,
    /// A terminal whose person asked for no colours.
    Plain,
    /// A file or another program.
    Machine,
}

/// Standard output and standard error. A reader that went away (`| head`) ends nothing: the rest is not printed.
pub(super) struct Output {
    results: Box<dyn Write>,
    failures: Box<dyn Write>,
    reader: Reader,
}

impl Output {
    pub(super) fn standard(environment: &Environment) -> Self {
        let results = std::io::stdout();
        let reader = match (results.is_terminal(), environment.no_color()) {
            (true, false) => Reader::Colour,
            (true, true) => Reader::Plain,
            (false, _) => Reader::Machine,
        };
        Self { results: Box::new(results), failures: Box::new(std::io::stderr()), reader }
    }

    pub(super) fn reader(&self) -> Reader {
        self.reader
    }

    /// A line of the result.
    pub(super) fn line(&mut self, text: impl AsRef<str>) {
        let _reader_went_away = writeln!(self.results, "{}", text.as_ref());
    }

    /// What explains the result to a person and is no part of it, so that a pipe gets the result alone.
    pub(super) fn note(&mut self, text: impl AsRef<str>) {
        let _reader_went_away = writeln!(self.failures, "{}", text.as_ref());
    }

    /// The result as it is.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        let _reader_went_away = self.results.write_all(bytes);
    }

    /// A part of a long result. A reader that went away is told, so that nobody works for nothing.
    pub(super) fn part(&mut self, text: &str) -> std::io::Result<()> {
        self.results.write_all(text.as_bytes())
    }

    /// Says why, and with which code to end.
    pub(super) fn failure(&mut self, failure: &Failure) -> Exit {
        let _reader_went_away = writeln!(self.failures, "startlink: {failure}");
        failure.exit()
    }

    /// Help and version go to standard output and are a success; mistakes go to standard error.
    pub(super) fn usage(error: &clap::Error) -> Exit {
        // clap colours what it prints by itself, as the terminal and NO_COLOR allow.
        let _reader_went_away = error.print();
        if error.use_stderr() { Exit::Usage } else { Exit::Done }
    }
}
