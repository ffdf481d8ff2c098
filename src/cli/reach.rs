//! Carries a request to the server that runs with the data folder, or to the data file itself where none runs.

use log::LevelFilter;

use super::exit::Failure;
use super::flags::PlaceFlags;
use super::serve::start_log;
use crate::config::{Config, Environment, Source};
use crate::control::{self, Answer, ControlError, Reply, Request, Response};
use crate::{app, runtime};

/// Whether a request makes sense while no server is running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Offline {
    /// It can be carried out on the data file.
    Possible,
    /// It needs the bot.
    Impossible,
}

/// The answer to a request.
pub(super) fn ask(
    request: &Request,
    offline: Offline,
    place: &PlaceFlags,
    environment: &Environment,
) -> Result<Reply, Failure> {
    match reach(request, offline, place, environment, &mut |_| false)? {
        Response::Done { reply } => Ok(reply),
        Response::Follows => Err(Failure::Control(ControlError::Foreign)),
        Response::Refused { reason } => Err(Failure::Refused(reason)),
    }
}

/// Hands what follows a request to `each`, in whole lines, until that wants no more.
pub(super) fn follow(
    request: &Request,
    place: &PlaceFlags,
    environment: &Environment,
    each: &mut dyn FnMut(&str) -> bool,
) -> Result<(), Failure> {
    match reach(request, Offline::Possible, place, environment, each)? {
        Response::Follows => Ok(()),
        Response::Done { reply } => Err(unexpected(&reply)),
        Response::Refused { reason } => Err(Failure::Refused(reason)),
    }
}

fn reach(
    request: &Request,
    offline: Offline,
    place: &PlaceFlags,
    environment: &Environment,
    each: &mut dyn FnMut(&str) -> bool,
) -> Result<Response, Failure> {
    let config = place.load(environment)?;
    match (control::follow(&config.data_dir.value, request, each), offline) {
        (Err(ControlError::NotRunning), Offline::Possible) => {
            start_log(&config, quiet(&config), environment);
            run_locally(request.clone(), &config, each)
        }
        (Err(ControlError::NotRunning), Offline::Impossible) => {
            let folder = config.data_dir.value.display();
            Err(Failure::Refused(format!(
                "no startlink is running with the data folder {folder}. Start it first, or name its folder with --data-dir"
            )))
        }
        (answer, _) => Ok(answer?),
    }
}

/// The level of a command: nobody asked for a server's log, unless they did.
fn quiet(config: &Config) -> LevelFilter {
    if config.log_level.source == Source::Default { LevelFilter::Warn } else { config.log_level.value }
}

/// The same handler that answers on the socket, on a data file that no server holds.
fn run_locally(request: Request, config: &Config, each: &mut dyn FnMut(&str) -> bool) -> Result<Response, Failure> {
    let pieces = match runtime::block_on(app::offline(config, request))? {
        Answer::Said(response) => return Ok(response),
        Answer::Follows(pieces) => pieces,
    };
    while let Ok(piece) = pieces.recv_blocking() {
        if !each(&piece) {
            break;
        }
    }
    Ok(Response::Follows)
}

/// The failure for an answer of another kind than the request has.
pub(super) fn unexpected(_reply: &Reply) -> Failure {
    Failure::Control(ControlError::Foreign)
}
