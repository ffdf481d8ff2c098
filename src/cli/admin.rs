//! `admin`: who may sign in.

use clap::{Subcommand, ValueEnum};

use super::exit::Failure;
use super::flags::PlaceFlags;
use super::output::Output;
use super::password;
use super::reach::{Offline, ask, unexpected};
use super::setup_link::{print_one_time_link, time};
use crate::config::Environment;
use crate::control::{AdminLine, Reply, Request};
use crate::model::admin;

/// The arguments of `admin`.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  startlink admin list\n  startlink admin passwd ada\n  pass show startlink/ada | startlink admin passwd ada\n  startlink admin reset-2fa ada"
)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Add an admin; prints the link with which they choose a password and a second factor
    Add {
        /// The name to sign in with
        name: String,
        /// What they may do
        #[arg(long, value_enum, default_value_t = Role::Owner)]
        role: Role,
        #[command(flatten)]
        place: PlaceFlags,
    },
    /// Set another password, from a prompt or standard input; ends the admin's sessions
    Passwd {
        /// The name to sign in with
        name: String,
        #[command(flatten)]
        place: PlaceFlags,
    },
    /// Take the second factor away; prints the link with which a new one is set up
    #[command(name = "reset-2fa")]
    ResetSecondFactor {
        /// The name to sign in with
        name: String,
        #[command(flatten)]
        place: PlaceFlags,
    },
    /// End sessions: one admin's, or everybody's
    LogoutAll {
        /// The name to sign in with; everybody without it
        name: Option<String>,
        #[command(flatten)]
        place: PlaceFlags,
    },
    /// Show every admin
    List {
        #[command(flatten)]
        place: PlaceFlags,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Role {
    Owner,
    Operator,
    Sender,
    Viewer,
}

impl From<Role> for admin::Role {
    fn from(role: Role) -> Self {
        match role {
            Role::Owner => Self::Owner,
            Role::Operator => Self::Operator,
            Role::Sender => Self::Sender,
            Role::Viewer => Self::Viewer,
        }
    }
}

pub(super) fn run(args: Args, environment: &Environment, output: &mut Output) -> Result<(), Failure> {
    let (request, place) = match args.command {
        Command::Add { name, role, place } => (Request::AdminAdd { name, role: role.into() }, place),
        Command::Passwd { name, place } => {
            // A wrong configuration is told before somebody types a password twice.
            place.load(environment)?;
            (Request::AdminPasswd { password: password::choose(&name)?, name }, place)
        }
        Command::ResetSecondFactor { name, place } => (Request::AdminResetSecondFactor { name }, place),
        Command::LogoutAll { name, place } => (Request::AdminLogoutAll { name }, place),
        Command::List { place } => (Request::AdminList, place),
    };
    match ask(&request, Offline::Possible, &place, environment)? {
        link @ Reply::OneTimeLink { .. } => print_one_time_link(&link, output)?,
        Reply::Text { text } => output.line(text),
        Reply::Admins { admins } => print_admins(&admins, output),
        other @ (Reply::Imported { .. }
        | Reply::Checked { .. }
        | Reply::Link { .. }
        | Reply::Queued { .. }
        | Reply::Key { .. }
        | Reply::Keys { .. }) => return Err(unexpected(&other)),
    }
    Ok(())
}

fn print_admins(admins: &[AdminLine], output: &mut Output) {
    if admins.is_empty() {
        output.note("No admins yet. Print the link to the set-up with: startlink setup-link");
        return;
    }
    let width = admins.iter().map(|admin| admin.name.chars().count()).max().unwrap_or_default();
    for AdminLine { name, role, sessions, last_sign_in } in admins {
        let last = last_sign_in.map_or_else(|| "never signed in".to_owned(), |at| format!("last {}", time(at)));
        let padding = " ".repeat(width.saturating_sub(name.chars().count()));
        output.line(format!("{name}{padding}  {:8}  {last}, open sessions: {sessions}", role.word()));
    }
}
