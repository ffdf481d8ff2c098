//! A broadcast against a server that enforces Telegram's limits: how much longer than ideal it takes, and what it costs;
//! and how long a stranger's `/start` waits meanwhile.

use std::time::{Duration, Instant};

use crate::door::Door;
use crate::support::{Folder, Program, Server, count_syncs, median, open, start_update};
use startlink::actions::{Caller, Error, accounts, chats};
use startlink::ids::{BroadcastId, ChatId, UserId};
use startlink::model::broadcast::{Broadcast, BroadcastState};
use startlink::model::chat::Profile;
use startlink::model::delivery::Standing;
use startlink::model::event::Actor;
use startlink::model::message::Body;
use startlink::model::recipient::Recipient;
use startlink::model::settings::BotIdentity;
use startlink::runtime::block_on;
use startlink::store::{self, Read as _, broadcasts, meta, recipients};

/// The first chat of an audience.
const FIRST: u64 = 1_000;
/// The first stranger.
const STRANGER: u64 = 5_000_000_000;
/// How often a stranger writes.
const EVERY: Duration = Duration::from_millis(250);

/// One broadcast to measure.
#[derive(Clone, Copy)]
struct Case {
    recipients: u32,
    rate: u32,
    bucket: u32,
    paid: bool,
}

/// Time against ideal, refusals, the busiest second, CPU.
pub fn run() {
    for bucket in [30, 60] {
        measure(Case { recipients: 1_000, rate: 30, bucket, paid: false });
    }
    for bucket in [1_000, 60] {
        measure(Case { recipients: 20_000, rate: 1_000, bucket, paid: true });
    }
}

fn measure(case: Case) {
    let folder = Folder::new("broadcast");
    let id = prepare(&folder, case);
    let server = Server::guarded(Door::new(case.rate, case.bucket));
    let program = Program::serve_limited(&folder.0, &server);
    server.wait_for_poll(Instant::now());
    let before = program.cpu();
    server.wait_for_chats(case.recipients);
    let cpu = program.cpu().saturating_sub(before);
    let resident = program.resident_kib();
    program.end();
    verify(&folder, id, case);
    let door = server.door();
    let (took, ideal) = (door.span().as_secs_f64(), f64::from(case.recipients - 1) / f64::from(case.rate));
    println!(
        "{} recipients at {}/s, bucket of {}: {took:.2} s, {:.4} x ideal ({ideal:.2} s), {} times 429, at most {} in a \
         second, {:.0} us of CPU a message, {resident} KiB resident",
        case.recipients,
        case.rate,
        case.bucket,
        took / ideal,
        door.refused,
        door.busiest_second(),
        cpu.as_secs_f64() * 1e6 / f64::from(case.recipients),
    );
    assert_eq!(door.repeated, 0, "nobody gets it twice");
}

/// How often a message reaches the disk, at both rates.
pub fn syncs() {
    for case in [
        Case { recipients: 300, rate: 30, bucket: 30, paid: false },
        Case { recipients: 5_000, rate: 1_000, bucket: 1_000, paid: true },
    ] {
        let folder = Folder::new("broadcast-fsyncs");
        let id = prepare(&folder, case);
        let server = Server::guarded(Door::new(case.rate, case.bucket));
        let report = folder.0.join("strace");
        let program = Program::serve_limited_under_strace(&folder.0, &server, &report);
        server.wait_for_chats(case.recipients);
        program.end_traced();
        let calls = count_syncs(&report);
        let each = calls as f64 / f64::from(case.recipients);
        println!("{} recipients at {}/s: {calls} fsyncs, {each:.3} a message", case.recipients, case.rate);
        verify(&folder, id, case);
    }
}

/// From a stranger's `/start` to its answer, while a broadcast runs at the limit.
pub fn replies() {
    let case = Case { recipients: 1_000, rate: 30, bucket: 30, paid: false };
    let folder = Folder::new("broadcast-replies");
    prepare(&folder, case);
    let server = Server::guarded(Door::new(case.rate, case.bucket));
    let program = Program::serve_limited(&folder.0, &server);
    server.wait_for_poll(Instant::now());
    server.wait_for_chats(30);
    let mut asked = Vec::new();
    for n in 0..100 {
        let update = start_update(n, STRANGER + n, "nobody-knows-this-code");
        asked.push(Instant::now());
        server.seen.updates.lock().expect("the queue").push_back(update);
        std::thread::sleep(EVERY);
    }
    let waits: Vec<f64> = (0..100)
        .map(|n| {
            let answered = server.wait_for_chat(STRANGER + n);
            answered.duration_since(asked[usize::try_from(n).expect("few")]).as_secs_f64() * 1e3
        })
        .collect();
    drop(program);
    let mut sorted = waits.clone();
    sorted.sort_by(f64::total_cmp);
    println!(
        "/start during a broadcast at 30/s, 100 strangers: median {:.1} ms, p99 {:.1} ms, longest {:.1} ms, {} times 429",
        median(waits),
        sorted[98],
        sorted[99],
        server.door().refused
    );
}

/// A data file with the audience of one running broadcast.
fn prepare(folder: &Folder, case: Case) -> BroadcastId {
    let store = open(folder);
    let caller = Caller::internal(Actor::System);
    let made = block_on(store.write(move |tx| {
        let now = tx.now();
        let bot =
            BotIdentity { id: UserId(777_000_777), username: "bench_bot".into(), name: "Bench".into(), seen: now };
        meta::put_bot(tx, &bot)?;
        let draft = Broadcast::draft(Actor::System, now);
        let rate = case.paid.then_some(case.rate);
        let broadcast =
            Broadcast { state: BroadcastState::Sending, started: Some(now), paid: case.paid, rate, ..draft };
        let id = broadcasts::insert(tx, &broadcast, &Body::plain("The new opening hours are on our website."))?;
        let mut ledger = recipients::Ledger::open(tx, id)?;
        for n in 0..u64::from(case.recipients) {
            let new = accounts::NewAccount { username: &format!("user{n:05}"), name: "", tags: "" };
            let (account, _) = accounts::create(tx, &caller, new)?;
            let chat = ChatId((FIRST + n).cast_signed());
            chats::note(tx, chat, Profile::default())?;
            chats::bind(tx, chat, account)?;
            ledger.append(tx, Recipient::queued(chat, account))?;
        }
        ledger.figures.frozen = true;
        ledger.close(tx)?;
        Ok::<_, Error>(id)
    }));
    made.expect("a broadcast")
}

fn verify(folder: &Folder, id: BroadcastId, case: Case) {
    let store = open(folder);
    let report = store.read(store::check::check).expect("a readable file");
    assert!(report.is_clean(), "{:?}", report.findings);
    let figures = store.read(|read| broadcasts::figures(read, id)).expect("the figures");
    assert_eq!(figures.count(Standing::Sent), case.recipients, "{figures:?}");
}
