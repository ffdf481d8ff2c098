//! `link`: a new link for an account, and its QR code in the terminal.

use super::exit::Failure;
use super::flags::PlaceFlags;
use super::output::{Output, Reader};
use super::qr;
use super::reach::{Offline, ask, unexpected};
use super::setup_link::time;
use crate::config::Environment;
use crate::control::{Reply, Request};

/// The arguments of `link`.
#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  startlink link ada\n\nThe account's older open links are revoked. Into a pipe, only the link is printed."
)]
pub(super) struct Args {
    /// The account's user name
    username: String,
    #[command(flatten)]
    place: PlaceFlags,
}

pub(super) fn run(args: Args, environment: &Environment, output: &mut Output) -> Result<(), Failure> {
    let reply = ask(&Request::Link { username: args.username }, Offline::Impossible, &args.place, environment)?;
    let Reply::Link { username, url, page, command, expires_at } = reply else { return Err(unexpected(&reply)) };
    if output.reader() == Reader::Machine {
        output.line(url);
        return Ok(());
    }
    output.line(format!("Link for {username}, once, until {}:", time(expires_at)));
    output.line(format!("\n  {url}\n"));
    if let Some(code) = qr::blocks(&url, output.reader()) {
        output.line(code);
    }
    output.line(format!("Or send this to the bot: {command}"));
    if let Some(page) = page {
        output.line(format!("Or open the page that shows both: {page}"));
    }
    Ok(())
}
