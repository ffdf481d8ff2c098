//! `completions`: a script with which a shell completes commands and flags.

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::Cli;
use super::output::Output;

/// The arguments of `completions`.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  startlink completions bash > ~/.local/share/bash-completion/completions/startlink")]
pub(super) struct Args {
    /// The shell
    shell: Shell,
}

pub(super) fn run(args: &Args, output: &mut Output) {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "startlink", &mut script);
    output.bytes(&script);
}
