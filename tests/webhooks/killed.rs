//! The real process, killed between answers of a receiver: afterwards every event arrived, in order for each account, and each
//! under one name.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use startlink::ids::UserId;
use startlink::model::account::Username;
use startlink::model::event::{Event, EventKind};
use startlink::model::settings::BotIdentity;
use startlink::store::{Read as _, meta};

use super::*;
use crate::support::program::Program;

/// The key of the data file, as `STARTLINK_SECRET_KEY` takes it.
const KEY: &str = "0707070707070707070707070707070707070707070707070707070707070707";
/// Accounts, and how many events each of them has.
const ACCOUNTS: u64 = 12;
const EVENTS: usize = 40;
/// Lives that end in a kill.
const KILLS: usize = 4;
/// Answers that a life gets; it dies while it waits for the next.
const ANSWERS: usize = 60;

/// A data file with a backlog for one endpoint; the events, and the account of each.
fn furnished(folder: &std::path::Path, url: String) -> BTreeMap<u64, u64> {
    let sealer = Sealer::new(&[7; 32], Rng::system());
    let place = Place::File(folder.join("startlink.redb"));
    let store = Store::open(place, Clock::system(), Rng::system(), sealer).unwrap();
    let allow = config("127.0.0.1").webhook_allow.value;
    let made = store.write(move |tx| {
        let bot = BotIdentity { id: UserId(77), username: "a_bot".into(), name: "A bot".into(), seen: tx.now() };
        meta::put_bot(tx, &bot)?;
        let asked = NewEndpoint { url: url.clone(), ..NewEndpoint::default() };
        webhooks::create(tx, &caller(), &allow, &asked)?;
        let mut events = BTreeMap::new();
        for at in 0..EVENTS * usize::try_from(ACCOUNTS).unwrap() {
            let account = u64::try_from(at * 7 % 12).unwrap() + 1;
            let whose = Some((AccountId(account), Username::parse("ada").expect("a name")));
            let event = Event { at: tx.now(), account: whose, kind: EventKind::ChatLinked(ChatId(5)) };
            events.insert(journal::record(tx, &event)?.0, account);
        }
        Ok::<_, Error>(events)
    });
    block_on(made).unwrap()
}

fn serve(folder: &std::path::Path) -> Program {
    let environment = [
        ("STARTLINK_SECRET_KEY", KEY),
        ("STARTLINK_BOT_TOKEN", "77:AAaaAAaaAAaaAAaaAAaaAAaaAAaaAAaaAAa"),
        // Nobody answers there.
        ("STARTLINK_TELEGRAM_API_URL", "http://127.0.0.1:9"),
        ("STARTLINK_WEBHOOK_ALLOW", "127.0.0.1"),
        ("STARTLINK_LOG_LEVEL", "error"),
    ];
    Program::start(&["serve", "--listen", "127.0.0.1:0"], folder, &environment)
}

/// What the receiver took, in the order in which it came: the number and the name of each message.
fn taken(receiver: &Receiver) -> Vec<(u64, String)> {
    let hits = receiver.hits();
    hits.iter().map(|hit| (hit.json()["id"].as_u64().unwrap(), hit.header("webhook-id").to_owned())).collect()
}

#[test]
fn killed_again_and_again_it_delivers_everything_in_order() {
    let folder = std::env::temp_dir().join(format!("startlink-webhooks-killed-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let receiver = Receiver::start();
    let events = furnished(&folder, receiver.url());
    for _ in 0..KILLS {
        let (before, left) = (receiver.hits().len(), AtomicUsize::new(ANSWERS));
        receiver.answer(move |_| {
            let spend = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
            if spend.is_ok() { Answer::Status(204) } else { Answer::Never }
        });
        let program = serve(&folder);
        receiver.wait_for(before + ANSWERS + 1);
        program.kill();
    }
    let seen: BTreeSet<u64> = taken(&receiver).into_iter().map(|(event, _)| event).collect();
    assert!(seen.len() < events.len(), "killed in the midst of them");
    receiver.answer(|_| Answer::Status(204));
    let program = serve(&folder);
    receiver.wait_until(|hits| {
        let names = || hits.iter().map(|hit| hit.header("webhook-id")).collect::<BTreeSet<_>>();
        hits.len() >= events.len() && names().len() >= events.len()
    });
    program.kill();
    let mut names = BTreeMap::new();
    let mut last: BTreeMap<u64, u64> = BTreeMap::new();
    for (event, name) in taken(&receiver) {
        let known = names.entry(event).or_insert_with(|| name.clone());
        assert_eq!(*known, name, "one event has one name");
        let newest = last.entry(events[&event]).or_default();
        let missed = events.iter().any(|(other, of)| *of == events[&event] && *other > *newest && *other < event);
        assert!(!missed, "event {event} came before an earlier one of its account");
        *newest = (*newest).max(event);
    }
    assert_eq!(names.len(), events.len());
    let _removed = std::fs::remove_dir_all(&folder);
}
