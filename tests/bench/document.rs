//! A document of 50 MB on its way to Telegram: how long it takes on this machine, and how much memory it needs.

use std::time::{Duration, Instant};

use crate::support::{Folder, Program, Server, open};
use startlink::actions::messages::{SendOptions, To, send};
use startlink::actions::{Caller, Error, accounts, chats, documents};
use startlink::ids::{ChatId, UserId};
use startlink::model::chat::Profile;
use startlink::model::document::{BYTES_MAX, Document, PIECE_BYTES};
use startlink::model::event::Actor;
use startlink::model::message::Body;
use startlink::model::settings::BotIdentity;
use startlink::runtime::block_on;
use startlink::store::{Read as _, Store, meta};

/// Documents that are sent, each once: what the data file's cache takes is taken by the first.
const DOCUMENTS: u64 = 3;
/// How often memory is looked at.
const LOOK: Duration = Duration::from_millis(2);

/// Memory before, at its most while each document leaves, and after.
pub fn run() {
    let before = idle();
    let folder = Folder::new("document");
    prepare(&folder, DOCUMENTS);
    let server = Server::start();
    let program = Program::serve(&folder.0, &server, "127.0.0.1:0");
    let mut last = before;
    for number in 1..=DOCUMENTS {
        let (begun, mut most) = (Instant::now(), 0);
        while server.sent() < number {
            most = most.max(program.resident_kib());
            assert!(begun.elapsed() < Duration::from_mins(1), "document {number} does not arrive");
            std::thread::sleep(LOOK);
        }
        let took = begun.elapsed().as_secs_f64();
        println!(
            "document {number} of {} MB: {took:.2} s, at most {most} KiB resident, {} more than before it",
            BYTES_MAX >> 20,
            most.saturating_sub(last)
        );
        last = program.resident_kib();
    }
    println!("{before} KiB resident with nothing to send, {last} KiB after the last");
    program.end();
}

/// Memory of a program that has nothing to send.
fn idle() -> u64 {
    let folder = Folder::new("document-idle");
    prepare(&folder, 0);
    let server = Server::start();
    let program = Program::serve(&folder.0, &server, "127.0.0.1:0");
    server.wait_for_poll(Instant::now());
    std::thread::sleep(Duration::from_millis(500));
    let resident = program.resident_kib();
    program.end();
    resident
}

/// A data file with as many messages to one chat, each with a document of its own.
fn prepare(folder: &Folder, messages: u64) {
    let store = open(folder);
    let caller = Caller::internal(Actor::Operator);
    let made = block_on(store.write(move |tx| {
        let now = tx.now();
        let bot =
            BotIdentity { id: UserId(777_000_777), username: "bench_bot".into(), name: "Bench".into(), seen: now };
        meta::put_bot(tx, &bot)?;
        let new = accounts::NewAccount { username: "ada", name: "", tags: "" };
        let (account, _) = accounts::create(tx, &caller, new)?;
        chats::note(tx, ChatId(1_000), Profile::default())?;
        chats::bind(tx, ChatId(1_000), account)?;
        Ok::<_, Error>(account)
    }));
    let account = made.expect("an account");
    for _ in 0..messages {
        let body = Body { document: Some(document(&store, caller)), ..Body::default() };
        let sent = store
            .write(move |tx| send(tx, &caller, To::Account(account), body.clone(), SendOptions::default()).map(|_| ()));
        block_on(sent).expect("a message");
    }
}

fn document(store: &Store, caller: Caller) -> startlink::ids::DocumentId {
    let id = block_on(store.write(move |tx| documents::begin(tx, &caller, "large.bin", ""))).expect("a document");
    let piece = vec![7; PIECE_BYTES];
    let whole = usize::try_from(BYTES_MAX).expect("it fits");
    for (number, begin) in (0..).zip((0..whole).step_by(PIECE_BYTES)) {
        let piece = piece[..PIECE_BYTES.min(whole - begin)].to_vec();
        let kept = store.write(move |tx| {
            let sealed = tx.sealer().seal(Document::PURPOSE, &piece);
            documents::append(tx, id, number, &sealed)
        });
        block_on(kept).expect("a piece");
    }
    block_on(store.write(move |tx| documents::finish(tx, &caller, id, BYTES_MAX))).expect("a whole document");
    id
}
