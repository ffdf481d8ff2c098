//! `serve`: the server.

use std::io::IsTerminal as _;

use log::LevelFilter;

use super::exit::Failure;
use super::flags::ServeFlags;
use crate::clock::Clock;
use crate::config::{Config, Environment};
use crate::logging::{self, Format};
use crate::{app, runtime};

/// The arguments of `serve`.
#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  STARTLINK_BOT_TOKEN_FILE=/run/secrets/token startlink serve --base-url https://links.example.org"
)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) flags: ServeFlags,
}

pub(super) fn run(flags: &ServeFlags, environment: &Environment) -> Result<(), Failure> {
    let config = Config::load(&flags.to_flags(), environment)?;
    config.fit_to_serve()?;
    start_log(&config, config.log_level.value, environment);
    Ok(runtime::block_on(app::serve(config))?)
}

/// Sends the log from `level` up to standard error as the settings say, in colour where a person reads it and wants it.
pub(super) fn start_log(config: &Config, level: LevelFilter, environment: &Environment) {
    let coloured = std::io::stderr().is_terminal() && !environment.no_color();
    let format = match config.log_format.value {
        Format::Text if coloured => Format::Colour,
        format @ (Format::Text | Format::Colour | Format::Json) => format,
    };
    logging::install(format, level, &Clock::system());
}
