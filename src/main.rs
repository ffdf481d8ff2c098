//! Arguments and environment in, exit code out; nothing else.

use std::process::ExitCode;

use mimalloc::MiMalloc;
use startlink::cli;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    cli::run(std::env::args_os(), std::env::vars_os()).into()
}
