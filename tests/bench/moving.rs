//! Moving in and out: three lists of 100,000 lines through the command, a dry run and a real one, and everything out again.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Folder, KEY, median, open};

const LINES: u32 = 100_000;
const RUNS: usize = 3;

/// Three lists, dry and real.
pub fn import() {
    let runs: Vec<(Ran, Ran, u64)> = (0..RUNS).map(import_once).collect();
    let seconds =
        |of: fn(&(Ran, Ran, u64)) -> &Ran| median(runs.iter().map(|run| of(run).took.as_secs_f64()).collect());
    let dry = seconds(|(dry, ..)| dry);
    let real = seconds(|(_, real, _)| real);
    let most = median(runs.iter().map(|(_, real, _)| real.most_kib).collect());
    let size = median(runs.iter().map(|(.., size)| *size).collect());
    println!(
        "import of 3 lists of {LINES} lines, median of {RUNS} runs: {dry:.2} s dry, {real:.2} s applied, {} MiB at most, a file of {} MiB",
        most / 1024,
        size / (1024 * 1024)
    );
}

/// Everything out again.
pub fn export() {
    let folder = Folder::new("export");
    assert!(run(&folder, &lists(&folder, true)).code == 0, "the import works");
    let out = folder.0.join("all.jsonl");
    let args = ["export".to_owned(), "--out".to_owned(), out.display().to_string()];
    let runs: Vec<Ran> = (0..RUNS).map(|_| run(&folder, &args)).collect();
    let took = median(runs.iter().map(|run| run.took.as_secs_f64()).collect());
    let most = median(runs.iter().map(|run| run.most_kib).collect());
    let text = std::fs::read_to_string(&out).expect("the export");
    assert!(text.lines().filter(|line| line.starts_with("{\"type\":\"chat\"")).count() == LINES as usize);
    println!(
        "export of {LINES} accounts, chats and links each, median of {RUNS} runs: {took:.2} s, {} lines, {} MiB, {} MiB of memory at most",
        text.lines().count(),
        text.len() / (1024 * 1024),
        most / 1024
    );
}

struct Ran {
    took: Duration,
    /// The most memory that was resident, in KiB.
    most_kib: u64,
    code: i32,
}

fn import_once(number: usize) -> (Ran, Ran, u64) {
    let folder = Folder::new(&format!("import{number}"));
    let dry = run(&folder, &lists(&folder, false));
    let real = run(&folder, &lists(&folder, true));
    assert!(dry.code == 0 && real.code == 0, "the import works");
    let size = std::fs::metadata(folder.0.join("startlink.redb")).expect("the data file").len();
    (dry, real, size)
}

/// Writes the lists in no useful order, makes an empty data file, and says how they are brought.
fn lists(folder: &Folder, apply: bool) -> Vec<String> {
    drop(open(folder));
    let mut texts = [
        ("accounts", "username,name,tags\n".to_owned()),
        ("codes", "code,username\n".to_owned()),
        ("chats", "chat_id,username\n".to_owned()),
    ];
    for n in 0..LINES {
        // A step that has no common factor with their number visits each once.
        let n = (u64::from(n) * 77_773) % u64::from(LINES);
        let [accounts, codes, chats] = &mut texts;
        let _ = writeln!(
            accounts.1,
            "user-{n:06}@example.org,\"Person, number {n}\",{} tag-{}",
            if n % 2 == 0 { "free" } else { "paid" },
            n % 50
        );
        let _ =
            writeln!(codes.1, "LETTER-2026-{:08x}-{n:06},user-{n:06}@example.org", n * 2_654_435_761 % 4_294_967_296);
        let _ = writeln!(chats.1, "{},user-{n:06}@example.org", 100_000_000 + n * 7);
    }
    let mut args = vec!["import".to_owned()];
    for (name, text) in texts {
        let path: PathBuf = folder.0.join(format!("{name}.csv"));
        std::fs::write(&path, text).expect("a list");
        args.extend([format!("--{name}"), path.display().to_string()]);
    }
    args.extend(apply.then(|| "--apply".to_owned()));
    args
}

fn run(folder: &Folder, args: &[String]) -> Ran {
    let begun = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_startlink"))
        .args(args)
        .env_clear()
        .env("STARTLINK_DATA_DIR", &folder.0)
        .env("STARTLINK_SECRET_KEY", KEY)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let mut most_kib = 0;
    loop {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
        most_kib = line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(most_kib);
        if let Some(status) = child.try_wait().expect("a status") {
            return Ran { took: begun.elapsed(), most_kib, code: status.code().unwrap_or(-1) };
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}
