//! The command line: what can be asked for, and which file does it. It carries nothing out itself: commands go to the
//! running server over the control socket, or to `app` where none is running.

mod admin;
mod check;
mod completions;
mod config;
mod exit;
mod export;
mod flags;
mod healthcheck;
mod import;
mod key;
mod link;
mod output;
mod password;
mod qr;
mod reach;
mod sandbox;
mod send;
mod serve;
mod setup_link;
mod version;

use std::ffi::OsString;

use clap::{Parser, Subcommand};

use crate::config::Environment;

pub use exit::Exit;
use flags::ServeFlags;
use output::Output;

/// Connects the accounts of a website to Telegram chats, and delivers messages to them that are all accounted for.
///
/// Without a command, `serve` runs. To look around without a Telegram account, run `startlink sandbox`.
#[derive(Parser)]
#[command(name = "startlink", version, args_conflicts_with_subcommands = true, after_help = EXAMPLES)]
struct Cli {
    #[command(flatten)]
    serve: ServeFlags,
    #[command(subcommand)]
    command: Option<Command>,
}

const EXAMPLES: &str = "Examples:
  startlink sandbox                                     look around, offline
  STARTLINK_BOT_TOKEN_FILE=token startlink serve        run with a bot
  startlink link ada                                    print a link and its QR code

Every flag is also a variable (--log-level: STARTLINK_LOG_LEVEL) and a key of the file (log_level).
Secrets have no flag: use STARTLINK_BOT_TOKEN, STARTLINK_SECRET_KEY, STARTLINK_PROXY, or the same with _FILE.
Exit codes: 0 done, 1 failed, 2 wrong usage, 75 in use by another process, 78 wrong configuration.";

#[derive(Subcommand)]
enum Command {
    /// Run the server (this is also what runs without a command)
    Serve(serve::Args),
    /// Run everything offline, with a stand-in for Telegram and phones in the browser
    Sandbox(sandbox::Args),
    /// Print a new one-time link to the set-up
    SetupLink(setup_link::Args),
    /// Manage admins
    Admin(admin::Args),
    /// Manage keys of the HTTP API
    Key(key::Args),
    /// Print a new link for an account, with its QR code
    Link(link::Args),
    /// Send a message to an account
    Send(send::Args),
    /// Bring in accounts, printed codes and chats of a bot that you have already
    Import(import::Args),
    /// Write out everything, in a form that needs no startlink to be read
    Export(export::Args),
    /// Verify the data file
    Check(check::Args),
    /// Show the settings
    Config(config::Args),
    /// Ask a running server whether it is well
    Healthcheck(healthcheck::Args),
    /// Print a completion script for a shell
    Completions(completions::Args),
    /// Print the version
    Version,
}

/// Does what the arguments ask for. Blocks until it is done; the result is for `exit`.
pub fn run(
    args: impl IntoIterator<Item = OsString>,
    variables: impl IntoIterator<Item = (OsString, OsString)>,
) -> Exit {
    let environment = Environment::new(variables);
    let mut output = Output::standard(&environment);
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => return Output::usage(&error),
    };
    let done = match cli.command {
        None => serve::run(&cli.serve, &environment),
        Some(Command::Serve(args)) => serve::run(&args.flags, &environment),
        Some(Command::Sandbox(args)) => sandbox::run(&args, &environment),
        Some(Command::SetupLink(args)) => setup_link::run(&args, &environment, &mut output),
        Some(Command::Admin(args)) => admin::run(args, &environment, &mut output),
        Some(Command::Key(args)) => key::run(args, &environment, &mut output),
        Some(Command::Link(args)) => link::run(args, &environment, &mut output),
        Some(Command::Send(args)) => send::run(args, &environment, &mut output),
        Some(Command::Import(args)) => import::run(&args, &environment, &mut output),
        Some(Command::Export(args)) => export::run(&args, &environment, &mut output),
        Some(Command::Check(args)) => check::run(&args, &environment, &mut output),
        Some(Command::Config(args)) => config::run(&args, &environment, &mut output),
        Some(Command::Healthcheck(args)) => healthcheck::run(&args, &environment, &mut output),
        Some(Command::Completions(args)) => {
            completions::run(&args, &mut output);
            Ok(())
        }
        Some(Command::Version) => {
            version::run(&mut output);
            Ok(())
        }
    };
    match done {
        Ok(()) => Exit::Done,
        Err(failure) => output.failure(&failure),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::config::Key;

    #[test]
    fn the_arguments_are_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_setting_with_a_flag_can_be_given() {
        for key in Key::ALL {
            let Some(flag) = key.flag() else { continue };
            let given = if *key == Key::InsecureHttp { vec![flag] } else { vec![flag, "x"] };
            let cli = Cli::try_parse_from(std::iter::once("startlink").chain(given))
                .unwrap_or_else(|error| panic!("{error}"));
            assert!(cli.serve.to_flags().values.contains_key(key), "{flag}");
        }
    }

    #[test]
    fn every_command_has_an_example() {
        for command in Cli::command().get_subcommands().filter(|command| command.get_name() != "version") {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let shown = format!("startlink {}", command.get_name());
            assert!(help.contains(&shown), "{shown}");
        }
    }
}
