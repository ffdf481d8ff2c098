//! `export`: everything as JSON lines, to standard output or to a file.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::exit::Failure;
use super::flags::PlaceFlags;
use super::output::Output;
use super::reach::follow;
use crate::config::Environment;
use crate::control::Request;
use crate::model::moving::EXPORT_ENDING;

const HELP: &str = "\
Examples:
  startlink export --out everything.jsonl
  startlink export | gzip > everything.jsonl.gz
  startlink export | jq -r 'select(.type == \"chat\") | [.chat_id, .username] | @csv'

Each line is a JSON object with its \"type\": header, settings, bot, text, admin, key, webhook, account, chat, link,
document (followed by each piece of it), photo, message (with its deliveries), broadcast, recipient, event, audit, end. All of it is of one moment. An export without the
line \"end\" broke off: the exit code is 1, and a file of that name is left as it was.

Message texts are in it, in clear. Secrets are not: no codes, keys, passwords, second factors, no token.
It is no backup: for that, keep the data file.";

/// The arguments of `export`.
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    /// Write to this file, which only its owner may read, instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    place: PlaceFlags,
}

pub(super) fn run(args: &Args, environment: &Environment, output: &mut Output) -> Result<(), Failure> {
    args.place.load(environment)?;
    if let Some(path) = &args.out {
        return to_file(args, path, environment, output);
    }
    match take(args, environment, &mut |text| output.part(text)) {
        // A reader that went away has what it wanted.
        Err(Broken::Writing(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        taken => taken.map(|_| ()).map_err(|broken| broken.told("standard output")),
    }
}

/// Why an export did not come to its end.
enum Broken {
    Writing(io::Error),
    Else(Failure),
}

impl Broken {
    fn told(self, what: &str) -> Failure {
        match self {
            Self::Writing(error) => Failure::Refused(format!("{what} cannot be written: {error}")),
            Self::Else(failure) => failure,
        }
    }
}

/// Hands everything to `write`; how many lines there were.
fn take(args: &Args, environment: &Environment, write: &mut dyn FnMut(&str) -> io::Result<()>) -> Result<u64, Broken> {
    let (mut lines, mut ended, mut failed) = (0_u64, false, None);
    let followed = follow(&Request::Export, &args.place, environment, &mut |text| {
        lines += u64::try_from(text.matches('\n').count()).unwrap_or(u64::MAX);
        ended = text.trim_end().rsplit('\n').next().is_some_and(|line| line.starts_with(EXPORT_ENDING));
        failed = write(text).err();
        failed.is_none()
    });
    match (failed, followed) {
        (Some(error), _) => Err(Broken::Writing(error)),
        (None, Err(failure)) => Err(Broken::Else(failure)),
        (None, Ok(())) if ended => Ok(lines),
        (None, Ok(())) => {
            Err(Broken::Else(Failure::Refused("the export broke off; the log of the server says why".to_owned())))
        }
    }
}

/// The name appears when the file is whole, so that an export that breaks off replaces no good one.
fn to_file(args: &Args, path: &Path, environment: &Environment, output: &mut Output) -> Result<(), Failure> {
    let mut part = OsString::from(path);
    part.push(".part");
    let part = PathBuf::from(part);
    let what = path.display().to_string();
    let written = write_part(args, &part, environment).and_then(|lines| {
        fs::rename(&part, path).map_err(Broken::Writing)?;
        Ok(lines)
    });
    match written {
        Ok(lines) => {
            output.note(format!("{lines} lines are in {what}."));
            Ok(())
        }
        Err(broken) => {
            let _was_never_made = fs::remove_file(&part);
            Err(broken.told(&what))
        }
    }
}

fn write_part(args: &Args, part: &Path, environment: &Environment) -> Result<u64, Broken> {
    let mut file = BufWriter::new(create(part).map_err(Broken::Writing)?);
    let lines = take(args, environment, &mut |text| file.write_all(text.as_bytes()))?;
    file.flush().and_then(|()| file.get_ref().sync_all()).map_err(Broken::Writing)?;
    Ok(lines)
}

fn create(part: &Path) -> io::Result<File> {
    // One that was left behind may be readable to others.
    match fs::remove_file(part) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(part)
}
