//! Writing down the audience of a million: how long it takes, what it costs in memory, and how long a stranger's `/start`
//! waits meanwhile.

use std::time::{Duration, Instant};

use crate::door::Door;
use crate::support::{Folder, Program, Server, median, open, start_update};
use startlink::clock::{Clock, Timestamp};
use startlink::ids::{AccountId, BroadcastId, ChatId, UserId};
use startlink::model::account::{Account, Tag, Username};
use startlink::model::broadcast::{Audience, Broadcast, BroadcastState, TagFilter};
use startlink::model::chat::{Binding, Chat, Profile};
use startlink::model::event::Actor;
use startlink::model::message::Body;
use startlink::model::settings::BotIdentity;
use startlink::runtime::block_on;
use startlink::store::{Read as _, Store, StoreError, accounts, broadcasts, chats, meta};

/// Accounts, each with a chat.
const ACCOUNTS: u64 = 1_000_000;
/// Accounts that are made in one transaction.
const MADE: u64 = 10_000;
/// The chat of the first account; it gets the first message.
const FIRST: u64 = 1_000;
/// The first stranger.
const STRANGER: u64 = 5_000_000_000;
/// How often a stranger writes: below the rate, so that nobody waits for the limit.
const EVERY: Duration = Duration::from_millis(40);
/// From the last write to the walk that fills the cache, and from there to the broadcast.
const UNTIL_WALK: Duration = Duration::from_secs(4);
const UNTIL_START: Duration = Duration::from_secs(12);

/// Measures and prints.
pub fn run() {
    let folder = Folder::new("expand");
    let (start, id) = prepare(&folder);
    let server = Server::guarded(Door::new(30, 30));
    let program = Program::serve_limited(&folder.0, &server);
    server.wait_for_poll(Instant::now());
    let fresh = program.resident_kib();
    let (mut strangers, mut idle) = (Vec::new(), 0);
    let (mut warm, mut most) = (0, 0);
    let mut begun = None;
    while !server.door().chats.contains_key(&FIRST) {
        if Clock::system().now() < start {
            idle = strangers.len();
            warm = program.resident_kib();
        } else {
            begun.get_or_insert_with(Instant::now);
            most = most.max(program.resident_kib());
        }
        let n = strangers.len() as u64;
        strangers.push(Instant::now());
        let update = start_update(n, STRANGER + n, "nobody-knows-this-code");
        server.seen.updates.lock().expect("the queue").push_back(update);
        std::thread::sleep(EVERY);
    }
    let took = server.wait_for_chat(FIRST).duration_since(begun.expect("it starts after the walk"));
    let waits: Vec<f64> = (0..).zip(&strangers).map(|(n, asked)| waited(&server, n, *asked)).collect();
    program.end();
    let rows = open(&folder).read(|read| broadcasts::figures(read, id)).expect("the figures").rows;
    assert_eq!(u64::from(rows), ACCOUNTS);
    let (before, during) = waits.split_at(idle);
    println!("{ACCOUNTS} accounts: {:.2} s from the start to the first message", took.as_secs_f64());
    println!(
        "resident: {fresh} KiB fresh, {warm} KiB with a full cache, {most} KiB at most while it was written down: {} KiB more",
        most.saturating_sub(warm)
    );
    for (name, waits) in [("before", before), ("during", during)] {
        let mut sorted = waits.to_vec();
        sorted.sort_by(f64::total_cmp);
        let p99 = sorted[(sorted.len() * 99).div_ceil(100) - 1];
        let longest = sorted[sorted.len() - 1];
        let middle = median(sorted.clone());
        println!(
            "/start {name} it: {} strangers, median {middle:.1} ms, p99 {p99:.1} ms, longest {longest:.1} ms",
            sorted.len()
        );
    }
}

fn waited(server: &Server, n: u64, asked: Instant) -> f64 {
    server.wait_for_chat(STRANGER + n).duration_since(asked).as_secs_f64() * 1e3
}

/// A data file with a million linked accounts and two scheduled broadcasts: one looks at all of them and finds nobody, so
/// that the cache is full when the other one, for everyone, starts. When that is.
fn prepare(folder: &Folder) -> (Timestamp, BroadcastId) {
    let store = open(folder);
    let member = Tag::parse("member").expect("a tag");
    for chunk in 0..ACCOUNTS / MADE {
        make(&store, chunk * MADE, &member);
    }
    let scheduled = store.write(move |tx| {
        let now = tx.now();
        let bot =
            BotIdentity { id: UserId(777_000_777), username: "bench_bot".into(), name: "Bench".into(), seen: now };
        meta::put_bot(tx, &bot)?;
        let nobody = Audience::Tags(TagFilter { none: vec![member.clone()], ..TagFilter::default() });
        let mut last = None;
        for (audience, after) in [(nobody, UNTIL_WALK), (Audience::Everyone, UNTIL_START)] {
            let at = now.plus(after);
            let state = BroadcastState::Scheduled { at };
            let row = Broadcast { state, audience, ..Broadcast::draft(Actor::System, now) };
            last = Some((at, broadcasts::insert(tx, &row, &Body::plain("The new opening hours are on our website."))?));
        }
        Ok::<_, StoreError>(last)
    });
    block_on(scheduled).expect("broadcasts").expect("two of them")
}

fn make(store: &Store, first: u64, member: &Tag) {
    let member = member.clone();
    let made = store.write(move |tx| {
        let now = tx.now();
        for n in first..first + MADE {
            let username = Username::parse(&format!("user{n:07}")).expect("a username");
            let (name, tags) = ("A Person".to_owned(), vec![member.clone()]);
            let account = Account { username, name, tags, created: now, chats: 0, reachable: 0, muted: 0 };
            let account: AccountId = accounts::insert(tx, &account)?;
            let binding = Some(Binding { account, since: now });
            let profile = Profile { name: "A Person".into(), username: None, language: Some("en".into()) };
            let chat = Chat { binding, ..Chat::new(profile, now) };
            chats::put(tx, ChatId((FIRST + n).cast_signed()), None, &chat)?;
        }
        Ok::<_, StoreError>(())
    });
    block_on(made).expect("accounts");
}
