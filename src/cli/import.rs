//! `import`: a team that has a bot already brings what it has. Without `--apply` nothing is changed.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::exit::Failure;
use super::flags::PlaceFlags;
use super::output::Output;
use super::reach::{Offline, ask, unexpected};
use crate::config::Environment;
use crate::control::{Reply, Request};
use crate::model::moving::{BYTES_MAX, Fate, Report, Sheet, Tally, Told};

/// Lines that are printed; the others stand in the file of `--report`.
const PRINTED: usize = 200;
/// The file name that stands for standard input.
const STANDARD_INPUT: &str = "-";

const HELP: &str = "\
Examples:
  startlink import --accounts accounts.csv --codes printed.csv --chats chats.csv
  startlink import --accounts accounts.csv --codes printed.csv --chats chats.csv --apply
  psql -c \"COPY (SELECT telegram_id AS chat_id, login AS username FROM users) TO STDOUT CSV HEADER\" mysite |
    startlink import --chats -

Without --apply it says what would happen and changes nothing. With it, all lines are carried out or, when one is
wrong, none. The same lists again change nothing, so an import can be repeated.

The first line of a list names its columns, in any order:
  accounts   username, name, tags        name and tags may be left out: then they stay as they are.
                                         Tags stand in one field, with spaces or semicolons between them.
  codes      code, username, expires_at  expires_at (RFC 3339) may be left out or empty: then a year from now, and at
                                         most five years. A code has 8 to 64 characters; under 16 it is easy to guess.
  chats      chat_id, username           private chats only.
An account that only a code or a chat names is made. An account has one open code: a code that is brought takes the
place of the one that is open, and a newer link takes the place of a code that was brought.

Nobody is messaged, and no events are written for what is brought. A chat whose person wrote /stop stays disconnected.
Exit code 1 when a line is wrong, also without --apply.";

/// The arguments of `import`.
#[derive(clap::Args)]
#[command(after_help = HELP)]
#[command(group = clap::ArgGroup::new("lists").required(true).multiple(true).args(["accounts", "codes", "chats"]))]
pub(super) struct Args {
    /// Accounts, as CSV; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    accounts: Option<PathBuf>,
    /// Codes that are printed or mailed out already, as CSV
    #[arg(long, value_name = "FILE")]
    codes: Option<PathBuf>,
    /// Chats that are connected already, as CSV
    #[arg(long, value_name = "FILE")]
    chats: Option<PathBuf>,
    /// Carry it out
    #[arg(long)]
    apply: bool,
    /// Write what becomes of every line to this file, as JSON lines
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    #[command(flatten)]
    place: PlaceFlags,
}

impl Args {
    fn files(&self) -> [(Sheet, Option<&Path>); 3] {
        let file = |sheet| match sheet {
            Sheet::Accounts => self.accounts.as_deref(),
            Sheet::Codes => self.codes.as_deref(),
            Sheet::Chats => self.chats.as_deref(),
        };
        Sheet::ALL.map(|sheet| (sheet, file(sheet)))
    }

    /// How a list is called where a line of it is named.
    fn name(&self, sheet: Sheet) -> String {
        let file = self.files().into_iter().find(|(other, _)| *other == sheet).and_then(|(_, file)| file);
        file.filter(|file| !is_standard_input(file))
            .map_or_else(|| sheet.word().to_owned(), |file| file.display().to_string())
    }
}

fn is_standard_input(file: &Path) -> bool {
    file.as_os_str() == STANDARD_INPUT
}

pub(super) fn run(args: &Args, environment: &Environment, output: &mut Output) -> Result<(), Failure> {
    // What is wrong with the settings or the files is told before anything is carried out.
    args.place.load(environment)?;
    let lists = read_all(args)?;
    let mut file = args.report.as_deref().map(create).transpose()?;
    let request = Request::Import { lists, apply: args.apply, every: file.is_some() };
    let reply = ask(&request, Offline::Possible, &args.place, environment)?;
    let Reply::Imported { report } = reply else { return Err(unexpected(&reply)) };
    print(args, &report, output);
    if let (Some(file), Some(path)) = (&mut file, &args.report) {
        write(file, &report).map_err(|error| unwritten(path, &error))?;
    }
    match report.wrong() {
        0 => {
            output.note(if report.applied {
                "All of it is written."
            } else {
                "Nothing was changed: this was a dry run. Carry it out with --apply."
            });
            Ok(())
        }
        1 => Err(Failure::Refused("1 line is wrong; nothing was changed".to_owned())),
        wrong => Err(Failure::Refused(format!("{wrong} lines are wrong; nothing was changed"))),
    }
}

fn read_all(args: &Args) -> Result<BTreeMap<Sheet, String>, Failure> {
    let (mut lists, mut left, mut fed) = (BTreeMap::new(), BYTES_MAX, false);
    for (sheet, file) in args.files() {
        let Some(file) = file else { continue };
        let bytes = if is_standard_input(file) {
            if std::mem::replace(&mut fed, true) {
                return Err(Failure::Usage("only one list can come from standard input".to_owned()));
            }
            read(io::stdin().lock(), left)
        } else {
            File::open(file).and_then(|file| read(file, left))
        };
        let name = args.name(sheet);
        let bytes = bytes.map_err(|error| Failure::Refused(format!("{name} cannot be read: {error}")))?;
        left = left.checked_sub(bytes.len()).ok_or_else(|| {
            Failure::Refused(format!("the lists have more than {BYTES_MAX} bytes; bring them in parts"))
        })?;
        // What is no UTF-8 becomes a mark that is refused on its line.
        lists.insert(
            sheet,
            String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()),
        );
    }
    Ok(lists)
}

fn read(from: impl Read, left: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(u64::try_from(left).unwrap_or(u64::MAX).saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn create(path: &Path) -> Result<File, Failure> {
    let opened = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path);
    opened.map_err(|error| unwritten(path, &error))
}

fn unwritten(path: &Path, error: &io::Error) -> Failure {
    Failure::Refused(format!("{} cannot be written: {error}", path.display()))
}

fn print(args: &Args, report: &Report, output: &mut Output) {
    let telling = || report.told.iter().filter(|told| told.text.is_some());
    let (wrong, warned): (Vec<&Told>, Vec<&Told>) = telling().partition(|told| told.fate == Fate::Wrong);
    for (told, what) in [(wrong, ""), (warned, "warning: ")] {
        for told in told.iter().take(PRINTED) {
            let text = told.text.as_deref().unwrap_or_default();
            output.line(format!("{}:{}: {what}{text}", args.name(told.sheet), told.line));
        }
        if told.len() > PRINTED {
            output.line(format!(
                "and {} more {}",
                told.len() - PRINTED,
                if what.is_empty() { "wrong lines" } else { "warnings" }
            ));
        }
    }
    for tally in &report.tallies {
        output.line(counted(&args.name(tally.sheet), tally));
    }
    match report.made {
        0 => {}
        1 => output.line("1 account that only a code or a chat names is new."),
        made => output.line(format!("{made} accounts that only a code or a chat names are new.")),
    }
}

fn counted(name: &str, tally: &Tally) -> String {
    let shown = Fate::ALL.into_iter().filter(|fate| *fate != Fate::Wrong || tally.count(Fate::Wrong) > 0);
    let counts: Vec<String> = shown.map(|fate| format!("{} {}", tally.count(fate), fate.word())).collect();
    format!("{name}: {} (lines: {})", counts.join(", "), tally.lines())
}

/// One object in each line: list, line, account, what becomes of it, and why.
fn write(file: &mut File, report: &Report) -> io::Result<()> {
    let mut out = io::BufWriter::new(file);
    for told in &report.told {
        serde_json::to_writer(&mut out, told)?;
        out.write_all(b"\n")?;
    }
    out.flush()
}
