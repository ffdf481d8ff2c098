//! `config print`: every setting with its value and source, secrets masked.

use clap::Subcommand;

use super::exit::Failure;
use super::flags::ServeFlags;
use super::output::Output;
use crate::config::{Config, Environment, Row, Savable, Source};

/// The arguments of `config`.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  startlink config print --config /etc/startlink.toml")]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Print every setting with its value and where it comes from
    Print {
        #[command(flatten)]
        flags: ServeFlags,
    },
}

pub(super) fn run(args: &Args, environment: &Environment, output: &mut Output) -> Result<(), Failure> {
    let Command::Print { flags } = &args.command;
    let config = Config::load(&flags.to_flags(), environment)?;
    let rows = config.rows();
    let width = rows.iter().map(|row| shown(row).chars().count()).max().unwrap_or_default();
    for row in &rows {
        output.line(format!("{:18} {:width$}  {}", row.key.name(), shown(row), origin(row)));
    }
    // Told last, so that the values that lead to it can be read above.
    config.fit_to_serve().map_err(Failure::from)
}

fn shown(row: &Row) -> &str {
    row.value.as_deref().unwrap_or("-")
}

fn origin(row: &Row) -> String {
    match (row.source, row.savable, &row.value) {
        (Source::Default, Savable::InTheUi, Some(_)) => "default, unless the settings page says otherwise".to_owned(),
        (Source::Default, Savable::InTheUi, None) => "set on the settings page, or not at all".to_owned(),
        (Source::Default, Savable::No, None) => "not set".to_owned(),
        (source, _, _) => source.to_string(),
    }
}
