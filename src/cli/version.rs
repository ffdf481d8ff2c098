//! `version`: what this executable is.

use super::output::Output;

pub(super) fn run(output: &mut Output) {
    output.line(concat!("startlink ", env!("CARGO_PKG_VERSION")));
}
