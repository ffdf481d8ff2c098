//! `key`: who may use the HTTP API.

use clap::Subcommand;

use super::exit::Failure;
use super::flags::PlaceFlags;
use super::output::Output;
use super::reach::{Offline, ask, unexpected};
use super::setup_link::time;
use crate::config::Environment;
use crate::control::{KeyLine, Reply, Request};
use crate::model::api_key::RATE;

/// The arguments of `key`.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  startlink key create --name shop --scope links,messages\n  startlink key create --name report --scope all:read --days 90\n  startlink key list\n  startlink key revoke shop\n\nScopes: accounts, links, messages, broadcasts, events, webhooks, all; with \":read\" behind one it may only look."
)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a key; prints its secret, which is shown once
    Create {
        /// What it is for
        #[arg(long)]
        name: String,
        /// What it may do
        #[arg(long, alias = "scopes")]
        scope: String,
        /// Requests a minute; 0 for as many as it likes
        #[arg(long, default_value_t = RATE)]
        rate: u32,
        /// Days until it ends; without an end when this is left out
        #[arg(long)]
        days: Option<u32>,
        #[command(flatten)]
        place: PlaceFlags,
    },
    /// Show every key
    List {
        #[command(flatten)]
        place: PlaceFlags,
    },
    /// End a key for good
    Revoke {
        /// The name it was made with
        name: String,
        #[command(flatten)]
        place: PlaceFlags,
    },
}

pub(super) fn run(args: Args, environment: &Environment, output: &mut Output) -> Result<(), Failure> {
    let (request, place) = match args.command {
        Command::Create { name, scope, rate, days, place } => {
            (Request::KeyCreate { name, scopes: scope, rate, days }, place)
        }
        Command::List { place } => (Request::KeyList, place),
        Command::Revoke { name, place } => (Request::KeyRevoke { name }, place),
    };
    match ask(&request, Offline::Possible, &place, environment)? {
        Reply::Key { line, secret } => {
            output.note(format!("The key \"{}\" may use: {}. Its secret is shown once:", line.name, line.scopes));
            output.line(secret);
        }
        Reply::Keys { keys } => print_keys(&keys, output),
        Reply::Text { text } => output.line(text),
        other @ (Reply::Imported { .. }
        | Reply::OneTimeLink { .. }
        | Reply::Admins { .. }
        | Reply::Checked { .. }
        | Reply::Link { .. }
        | Reply::Queued { .. }) => return Err(unexpected(&other)),
    }
    Ok(())
}

fn print_keys(keys: &[KeyLine], output: &mut Output) {
    if keys.is_empty() {
        output.note("No keys yet. Make one with: startlink key create --name shop --scope links,messages");
        return;
    }
    let width = keys.iter().map(|key| key.name.chars().count()).max().unwrap_or_default();
    for KeyLine { name, hint, scopes, ends, live, used } in keys {
        let padding = " ".repeat(width.saturating_sub(name.chars().count()));
        let used = used.map_or_else(|| "never used".to_owned(), |at| format!("used {}", time(at)));
        let end = match (ends, live) {
            (None, _) => String::new(),
            (Some(at), true) => format!(", ends {}", time(*at)),
            (Some(at), false) => format!(", ended {}", time(*at)),
        };
        output.line(format!("{name}{padding}  {hint}…  {scopes}  {used}{end}"));
    }
}
