//! `check`: proves the data file whole.

use super::exit::Failure;
use super::flags::PlaceFlags;
use super::output::Output;
use super::reach::{Offline, ask, unexpected};
use crate::config::Environment;
use crate::control::{Reply, Request};

/// The arguments of `check`.
#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  startlink check --data-dir /var/lib/startlink\n\nReads every row and changes nothing. Exit code 1 when something is wrong."
)]
pub(super) struct Args {
    #[command(flatten)]
    place: PlaceFlags,
}

pub(super) fn run(args: &Args, environment: &Environment, output: &mut Output) -> Result<(), Failure> {
    match ask(&Request::Check, Offline::Possible, &args.place, environment)? {
        Reply::Checked { rows, problems } if problems.is_empty() => {
            output.line(format!("The data file is whole: {rows} rows."));
            Ok(())
        }
        Reply::Checked { rows, problems } => {
            for problem in &problems {
                output.line(problem);
            }
            let count =
                if problems.len() == 1 { "1 problem".to_owned() } else { format!("{} problems", problems.len()) };
            Err(Failure::Refused(format!("the data file is damaged: {count} in {rows} rows")))
        }
        other @ (Reply::Imported { .. }
        | Reply::Text { .. }
        | Reply::OneTimeLink { .. }
        | Reply::Admins { .. }
        | Reply::Link { .. }
        | Reply::Queued { .. }
        | Reply::Key { .. }
        | Reply::Keys { .. }) => Err(unexpected(&other)),
    }
}
