//! `setup-link`: a new one-time link to the set-up.

use super::exit::Failure;
use super::flags::PlaceFlags;
use super::output::Output;
use super::reach::{Offline, ask, unexpected};
use crate::config::Environment;
use crate::control::{Reply, Request};

/// The arguments of `setup-link`.
#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  startlink setup-link --data-dir /var/lib/startlink\n\nThe older link ends. Whoever opens the new one first becomes the owner, so hand it to nobody else."
)]
pub(super) struct Args {
    #[command(flatten)]
    place: PlaceFlags,
}

pub(super) fn run(args: &Args, environment: &Environment, output: &mut Output) -> Result<(), Failure> {
    let reply = ask(&Request::SetupLink, Offline::Possible, &args.place, environment)?;
    print_one_time_link(&reply, output)
}

/// A one-time link for people; for machines the bare URL.
pub(super) fn print_one_time_link(reply: &Reply, output: &mut Output) -> Result<(), Failure> {
    let Reply::OneTimeLink { purpose, url, expires_at } = reply else { return Err(unexpected(reply)) };
    output.note(format!("{purpose} (once, until {}):", time(*expires_at)));
    output.line(url);
    Ok(())
}

/// UTC, to the minute.
pub(super) fn time(at: crate::clock::Timestamp) -> String {
    jiff::Timestamp::from_second(at.seconds())
        .map_or_else(|_| "?".to_owned(), |at| at.strftime("%Y-%m-%d %H:%M UTC").to_string())
}
