//! Everything the sandbox knows, behind one lock: the bot, the people, the queue, the journal, the faults. Who changes it
//! through [`Core::change`] wakes everyone who watches.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::acts::ActError;
use super::arrivals::Arrivals;
use super::factor::Factor;
use super::faults::Faults;
use super::files::Files;
use super::groups::Groups;
use super::journal::Journal;
use super::limits::{Limiter, Limits};
use super::people::{Chat, Chats, FIRST_FREE, Person, Standing, presets};
use super::profile::Profile;
use super::queue::Queue;
use crate::clock::{Clock, Timestamp};
use crate::rng::Rng;
use crate::runtime::{Pulse, Stop};
use crate::secret::Secret;

/// Calls the journal keeps unless told otherwise.
const JOURNAL: usize = 2000;

/// The state with what it needs from outside and the signals it gives.
pub(super) struct Core {
    pub(super) clock: Clock,
    /// Where this sandbox is reached, without a slash at the end.
    pub(super) base: String,
    /// Whether it listens on this machine's own addresses only.
    pub(super) loopback: bool,
    /// Raised when the sandbox ends: nobody waits any longer.
    pub(super) stop: Stop,
    /// Updates came, or a poller has to look again.
    pub(super) arrivals: Pulse,
    /// Anything a person or a test can see has changed.
    pub(super) changes: Pulse,
    world: Mutex<World>,
}

/// The moment of a call, by the wall clock and by the clock that never goes back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) now: Timestamp,
    pub(super) elapsed: Duration,
}

pub(super) struct World {
    pub(super) bot: Bot,
    pub(super) profile: Profile,
    pub(super) chats: Chats,
    pub(super) groups: Groups,
    /// How many groups there were; each makes the next id.
    pub(super) made_groups: i64,
    pub(super) queue: Queue,
    pub(super) journal: Journal,
    pub(super) arrivals: Arrivals,
    pub(super) faults: Faults,
    pub(super) limiter: Limiter,
    pub(super) files: Files,
    pub(super) webhook: Option<Webhook>,
    /// Counts calls of getUpdates and setWebhook: a waiting poller whose number is not the newest was overtaken.
    pub(super) poll: Poll,
    /// How often getUpdates was called.
    pub(super) polls: u64,
    pub(super) queries: HashMap<String, Query>,
    pub(super) next_query: u64,
    pub(super) next_person: i64,
    /// After `logOut` the bot is unknown here until this moment.
    pub(super) logged_out: Option<Duration>,
    /// The second factors on the authenticator screen.
    pub(super) factors: Vec<Factor>,
}

/// The bot that every sandbox comes with.
#[derive(Clone)]
pub(super) struct Bot {
    pub(super) id: i64,
    pub(super) username: String,
    pub(super) token: Secret,
    pub(super) started: Duration,
}

/// A webhook that was set. It is never called.
pub(super) struct Webhook {
    pub(super) url: String,
    pub(super) max_connections: i64,
}

/// Which call of getUpdates is the newest, and what overtook the one before.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Poll {
    pub(super) number: u64,
    pub(super) by_webhook: bool,
}

/// A press of a button that the bot may still answer.
pub(super) struct Query {
    pub(super) chat: i64,
    pub(super) person: i64,
    pub(super) at: Duration,
}

/// The name of the bot in links.
pub(super) const BOT_USERNAME: &str = "startlink_sandbox_bot";

impl Core {
    pub(super) fn new(clock: Clock, rng: &Rng, address: SocketAddr, stop: Stop) -> Self {
        let host = if address.ip().is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { address.ip() };
        let base = format!("http://{}", SocketAddr::new(host, address.port()));
        let loopback = address.ip().is_loopback();
        let id = 7_400_000_000 + i64::try_from(rng.below(90_000_000)).unwrap_or(0);
        let tail = Secret::random::<24>(rng);
        let token = Secret::new(format!("{id}:AAS{}", tail.expose()));
        let first = 300_000_000 + i64::try_from(rng.below(500_000_000)).unwrap_or(0);
        let chats = presets().into_iter().map(|person| (person.id, Chat::new(person))).collect();
        let world = World {
            bot: Bot { id, username: BOT_USERNAME.to_owned(), token, started: clock.elapsed() },
            profile: Profile::new("Startlink Sandbox"),
            chats,
            groups: Groups::new(),
            made_groups: 0,
            queue: Queue::new(first),
            journal: Journal::new(JOURNAL),
            arrivals: Arrivals::default(),
            faults: Faults::default(),
            limiter: Limiter::new(Limits::DOCUMENTED),
            files: Files::new(id),
            webhook: None,
            poll: Poll::default(),
            polls: 0,
            queries: HashMap::new(),
            next_query: 1_000_000 + rng.below(1_000_000),
            next_person: FIRST_FREE,
            logged_out: None,
            factors: Vec::new(),
        };
        let (arrivals, changes) = (Pulse::new(), Pulse::new());
        Self { clock, base, loopback, stop, arrivals, changes, world: Mutex::new(world) }
    }

    pub(super) fn moment(&self) -> Moment {
        Moment { now: self.clock.now(), elapsed: self.clock.elapsed() }
    }

    /// The state, to read it. Never held over an await.
    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state and wakes everyone who watches.
    pub(super) fn change<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        let mut world = self.world();
        let waiting = world.queue.waiting().len();
        let out = act(&mut world);
        let arrived = world.queue.waiting().len() > waiting;
        drop(world);
        if arrived {
            self.arrivals.beat();
        }
        self.changes.beat();
        out
    }

    /// The same for what a person does, at this moment.
    pub(super) fn act<T>(&self, act: impl FnOnce(&mut World, Moment) -> Result<T, ActError>) -> Result<T, ActError> {
        let moment = self.moment();
        self.change(|world| act(world, moment))
    }
}

impl World {
    /// Puts people who have started into the world, from an id on; the next free one when none is given. Nothing happens
    /// when one of the ids is taken: then it is given back.
    pub(super) fn populate(&mut self, count: u32, first: Option<i64>) -> Result<i64, i64> {
        let first = first.unwrap_or(self.next_person);
        let end = first.saturating_add(i64::from(count));
        if let Some((taken, _)) = self.chats.range(first..end.max(first)).next() {
            return Err(*taken);
        }
        for id in first..end {
            let mut chat = Chat::new(Person::new(id, &format!("Person {id}"), "en"));
            chat.stand(Standing::Started);
            self.chats.insert(id, chat);
        }
        self.next_person = self.next_person.max(end);
        Ok(first)
    }
}
