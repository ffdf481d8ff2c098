//! 10,000 `/start CODE` updates: linked, durable and answered, limiter off; and how often that reaches the disk.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::support::{Folder, Program, Server, count_syncs, median, open, start_update};
use startlink::actions::{Caller, accounts, links};
use startlink::ids::UserId;
use startlink::model::event::Actor;
use startlink::model::link::Target;
use startlink::model::settings::BotIdentity;
use startlink::runtime::block_on;
use startlink::store::{self, meta};

const LINKS: u64 = 10_000;
const RUNS: usize = 5;

struct Run {
    took: Duration,
    cpu: Duration,
    resident_kib: u64,
}

/// Links a second, CPU and memory.
pub fn run() {
    let runs: Vec<Run> = (0..RUNS).map(once).collect();
    let per_second = median(runs.iter().map(|run| LINKS as f64 / run.took.as_secs_f64()).collect());
    let cpu_us = median(runs.iter().map(|run| run.cpu.as_secs_f64() * 1e6 / LINKS as f64).collect());
    let resident = median(runs.iter().map(|run| run.resident_kib).collect());
    println!(
        "{LINKS} links, median of {RUNS} runs: {per_second:.0}/s, {cpu_us:.0} us of CPU a link, {resident} KiB resident"
    );
}

/// A data file with as many accounts and open links; the codes.
fn prepare(folder: &Folder) -> Vec<String> {
    let store = open(folder);
    let caller = Caller::internal(Actor::System);
    let codes = block_on(store.write(move |tx| {
        let seen = store::Read::now(tx);
        meta::put_bot(
            tx,
            &BotIdentity { id: UserId(777_000_777), username: "bench_bot".into(), name: "Bench".into(), seen },
        )?;
        let mut codes = Vec::new();
        for n in 0..LINKS {
            let new = accounts::NewAccount { username: &format!("user{n:05}"), name: "", tags: "" };
            let (id, _) = accounts::create(tx, &caller, new)?;
            let issued = links::issue(tx, &caller, Target::Account(id), Duration::from_hours(1))?;
            codes.push(issued.code.expose().to_owned());
        }
        Ok::<_, startlink::actions::Error>(codes)
    }));
    codes.expect("accounts and links")
}

/// One run whose `fsync` and `fdatasync` calls are counted by strace, which slows it down a lot.
pub fn count_fsyncs() {
    let folder = Folder::new("fsyncs");
    let codes = prepare(&folder);
    let server = Server::start();
    let report = folder.0.join("strace");
    let program = Program::serve_under_strace(&folder.0, &server, &report);
    server.wait_for_poll(Instant::now());
    link_all(&server, &codes);
    program.end_traced();
    let calls = count_syncs(&report);
    println!("{LINKS} links: {calls} fsyncs, {:.3} a link", calls as f64 / LINKS as f64);
    verify(&folder);
}

/// Hands all updates to the bot and waits for all answers.
fn link_all(server: &Server, codes: &[String]) -> Duration {
    let begun = Instant::now();
    let updates = codes.iter().enumerate().map(|(n, code)| start_update(n as u64, 1_000 + n as u64, code));
    server.seen.updates.lock().expect("the queue").extend(updates);
    server.wait_for_sent(LINKS, begun)
}

fn once(number: usize) -> Run {
    let folder = Folder::new(&format!("links{number}"));
    let codes = prepare(&folder);
    let server = Server::start();
    let program = Program::serve(&folder.0, &server, "127.0.0.1:0");
    server.wait_for_poll(Instant::now());
    let before = program.cpu();
    let took = link_all(&server, &codes);
    let cpu = program.cpu().saturating_sub(before);
    let resident_kib = program.resident_kib();
    // The last results need a moment to be settled; the check waits for the file, not for a time.
    program.end();
    verify(&folder);
    assert_eq!(server.seen.sent.load(Ordering::SeqCst), LINKS, "each answer once");
    Run { took, cpu, resident_kib }
}

fn verify(folder: &Folder) {
    let store = open(folder);
    let report = store.read(store::check::check).expect("a readable file");
    assert!(report.is_clean(), "{:?}", report.findings);
    let linked = store::Counter::Accounts(startlink::model::account::AccountState::Linked);
    let sent = store::Counter::Deliveries(
        startlink::model::delivery::Lane::Replies,
        startlink::model::delivery::Standing::Sent,
    );
    let count = |counter| store.read(|read| store::count(read, counter)).expect("a count");
    assert_eq!((count(linked), count(sent)), (LINKS, LINKS));
}
