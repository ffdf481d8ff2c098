//! What is due starts, what was missed waits, what was started gets its audience, whatever happens to the others.

use super::*;
use crate::actions::accounts::{self, NewAccount};
use crate::actions::broadcasts::{self as life, Approval, Draft};
use crate::actions::{Caller, chats};
use crate::clock::Clock;
use crate::config::{Config, Environment, Flags};
use crate::ids::ChatId;
use crate::model::broadcast::{Audience, Pause};
use crate::model::chat::Profile;
use crate::model::delivery::Standing;
use crate::model::event::Actor;
use crate::model::message::Body;
use crate::rng::Rng;
use crate::runtime::block_on;
use crate::secret::Sealer;
use crate::store::{Place, Tx};

const CALLER: fn() -> Caller = || Caller::internal(Actor::System);

struct Room {
    nursery: Nursery,
    clock: Clock,
}

impl Room {
    /// A store with as many linked accounts, whose names begin with "p".
    fn new(accounts: i64) -> Self {
        let clock = Clock::manual(Timestamp(1_790_000_000_000));
        let sealer = Sealer::new(&[7; 32], Rng::seeded(1));
        let store = Store::open(Place::Memory, clock.clone(), Rng::seeded(2), sealer).unwrap();
        let room = Self { nursery: Nursery { store, aside: BTreeSet::new() }, clock };
        room.write(move |tx| {
            for number in 1..=accounts {
                let username = format!("p{number}");
                let typed = NewAccount { username: &username, name: "", tags: "" };
                let (account, _) = accounts::create(tx, &CALLER(), typed)?;
                chats::note(tx, ChatId(number), Profile::default())?;
                chats::bind(tx, ChatId(number), account)?;
            }
            Ok(())
        });
        room
    }

    fn write<T: Send + 'static>(&self, change: impl FnMut(&mut Tx<'_>) -> Result<T, Error> + Send + 'static) -> T {
        block_on(self.nursery.store.write(change)).unwrap()
    }

    fn draft(&self) -> BroadcastId {
        let config = Config::load(&Flags::default(), &Environment::new(Vec::new())).unwrap();
        let draft = Draft { body: Body::plain("hi"), audience: Audience::Everyone, rate: None, paid: false };
        self.write(move |tx| life::create(tx, &CALLER(), &config, &draft))
    }

    fn scheduled(&self, after: Duration) -> BroadcastId {
        let id = self.draft();
        self.write(move |tx| {
            let at = tx.now().plus(after);
            life::schedule(tx, &CALLER(), id, at, Approval { chats: 1, typed: None, revision: None })
        });
        id
    }

    fn turn(&mut self) -> Option<Timestamp> {
        block_on(self.nursery.turn(&Stop::new())).unwrap()
    }

    fn state(&self, id: BroadcastId) -> BroadcastState {
        self.nursery.store.read(|read| broadcasts::get(read, id)).unwrap().unwrap().state
    }

    fn queued(&self, id: BroadcastId) -> u32 {
        self.nursery.store.read(|read| broadcasts::figures(read, id)).unwrap().count(Standing::Queued)
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let report = self.nursery.store.read(crate::store::check::check).unwrap();
            assert!(report.is_clean(), "{:#?}", report.findings);
        }
    }
}

#[test]
fn what_was_started_is_written_down_to_the_end() {
    let accounts = i64::try_from(PIECE).unwrap() + 5;
    let mut room = Room::new(accounts);
    let ids = [room.draft(), room.draft()];
    for id in ids {
        room.write(move |tx| life::start(tx, &CALLER(), id, Approval { chats: 7, typed: None, revision: None }));
    }
    assert_eq!(room.turn(), None);
    for id in ids {
        assert_eq!(room.state(id), BroadcastState::Sending);
        assert_eq!(i64::from(room.queued(id)), accounts);
    }
}

#[test]
fn a_scheduled_broadcast_starts_at_its_moment_and_not_before() {
    let mut room = Room::new(1);
    let id = room.scheduled(Duration::from_mins(10));
    let later = room.scheduled(Duration::from_mins(50));
    let (at, then) = (room.clock.now().plus(Duration::from_mins(10)), room.clock.now().plus(Duration::from_mins(50)));
    assert_eq!(room.turn(), Some(at));
    assert_eq!(room.state(id), BroadcastState::Scheduled { at });
    room.clock.advance(Duration::from_mins(25));
    assert_eq!(room.turn(), Some(then));
    assert_eq!((room.state(id), room.queued(id)), (BroadcastState::Sending, 1));
    room.clock.advance(Duration::from_mins(40) + Duration::from_millis(1));
    assert_eq!(room.turn(), None);
    let since = room.clock.now();
    assert_eq!(room.state(later), BroadcastState::Paused { why: Pause::Missed(then), since });
    room.write(move |tx| life::resume(tx, &CALLER(), later));
    room.turn();
    assert_eq!((room.state(later), room.queued(later)), (BroadcastState::Sending, 1));
}

#[test]
fn a_broadcast_to_nobody_is_over_at_once() {
    let mut room = Room::new(1);
    let id = room.draft();
    room.write(move |tx| {
        life::start(tx, &CALLER(), id, Approval { chats: 1, typed: None, revision: None })?;
        chats::set_muted(tx, ChatId(1), true)?;
        Ok(())
    });
    room.turn();
    assert_eq!(room.state(id), BroadcastState::Done { at: room.clock.now() });
}

#[test]
fn one_that_is_put_aside_keeps_no_other_waiting() {
    let mut room = Room::new(1);
    let (bad, good) = (room.draft(), room.draft());
    for id in [bad, good] {
        room.write(move |tx| life::start(tx, &CALLER(), id, Approval { chats: 1, typed: None, revision: None }));
    }
    let damaged = StoreError::Row { table: "ACCOUNTS" };
    assert!(room.nursery.kept(bad, Err(damaged.into())).is_ok());
    room.turn();
    assert_eq!((room.state(bad), room.state(good)), (BroadcastState::Preparing, BroadcastState::Sending));
    assert!(room.nursery.kept(good, Err(StoreError::Closed.into())).is_err(), "the disk is nobody's fault");
}
