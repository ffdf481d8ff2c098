//! Arguments and environment in, exit code out; nothing else.

use std::process::ExitCode;

use startlink::cli;

fn main() -> ExitCode {
    cli::run(std::env::args_os(), std::env::vars_os()).into()
}
