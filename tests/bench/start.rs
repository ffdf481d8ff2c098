//! Idle memory with a small data file, time from start to the first `getUpdates`, and the size of the binary.

use std::time::{Duration, Instant};

use crate::support::{Folder, Program, Server, median};

const RUNS: usize = 11;
/// Memory is read when start-up is over and nothing happens.
const SETTLED: Duration = Duration::from_secs(3);

/// Measures and prints.
pub fn run() {
    let folder = Folder::new("start");
    // The first start makes the file; the measured ones find it.
    let server = Server::start();
    let first = Program::serve(&folder.0, &server, "127.0.0.1:0");
    server.wait_for_poll(Instant::now());
    drop(first);
    let runs: Vec<(f64, u64)> = (0..RUNS).map(|run| measure(&folder, run + 1 == RUNS)).collect();
    let size = std::fs::metadata(env!("CARGO_BIN_EXE_startlink")).expect("the binary").len();
    println!("start to first getUpdates: {:.1} ms (median of {RUNS})", median(runs.iter().map(|run| run.0).collect()));
    println!("idle resident memory: {} KiB", runs.last().map_or(0, |run| run.1));
    println!("stripped binary: {:.1} MiB", size as f64 / 1024.0 / 1024.0);
}

fn measure(folder: &Folder, wait: bool) -> (f64, u64) {
    let server = Server::start();
    let begun = Instant::now();
    let program = Program::serve(&folder.0, &server, "127.0.0.1:0");
    let took = server.wait_for_poll(begun);
    if wait {
        std::thread::sleep(SETTLED);
    }
    (took.as_secs_f64() * 1e3, program.resident_kib())
}
