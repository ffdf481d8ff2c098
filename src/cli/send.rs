//! `send`: a message to an account.

use std::io::Read as _;

use super::exit::Failure;
use super::flags::PlaceFlags;
use super::output::Output;
use super::reach::{Offline, ask, unexpected};
use crate::config::Environment;
use crate::control::{Reply, Request};

/// More bytes than any message Telegram takes; what is longer was meant for something else.
const LONGEST_TEXT: u64 = 256 * 1024;

/// The arguments of `send`.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  startlink send ada \"Your parcel is <b>here</b>.\"\n  uptime | startlink send ada -"
)]
pub(super) struct Args {
    /// The account's user name
    username: String,
    /// The text, in Telegram's HTML; `-` reads it from standard input
    text: String,
    #[command(flatten)]
    place: PlaceFlags,
}

pub(super) fn run(args: Args, environment: &Environment, output: &mut Output) -> Result<(), Failure> {
    let text = if args.text == "-" { standard_input()? } else { args.text };
    let request = Request::Send { username: args.username, text };
    let reply = ask(&request, Offline::Impossible, &args.place, environment)?;
    let Reply::Queued { chats } = reply else { return Err(unexpected(&reply)) };
    output.line(if chats == 1 { "Queued for 1 chat.".to_owned() } else { format!("Queued for {chats} chats.") });
    Ok(())
}

fn standard_input() -> Result<String, Failure> {
    let mut text = String::new();
    let read = std::io::stdin().lock().take(LONGEST_TEXT).read_to_string(&mut text);
    read.map_err(|error| Failure::Usage(format!("no text could be read from standard input: {error}")))?;
    Ok(text.trim_end_matches(['\n', '\r']).to_owned())
}
