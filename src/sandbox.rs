//! The offline stand-in for Telegram: a Bot API server that judges by Telegram's documentation, and phones in the browser.
//! Knows nothing of startlink's own bot, store or model, so that it cannot share their mistakes.

mod access;
mod acts;
mod answer;
mod api;
mod arrivals;
mod attachments;
mod control;
mod editing;
mod entities;
mod factor;
mod faults;
mod files;
mod group;
mod groups;
mod html;
mod journal;
mod keyboard;
mod limits;
mod links;
mod messages;
mod methods;
mod orders;
mod pages;
mod params;
mod people;
mod phone;
mod photos;
mod picture;
mod polling;
mod profile;
mod queue;
mod refusal;
mod rooms;
mod sending;
mod shapes;
mod uploads;
mod watching;
mod world;
mod writing;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::rng::Rng;
use crate::runtime::{self, Stop, TimedOut};
use crate::secret::Secret;

pub use acts::{ActError, Pressed, Which};
pub use arrivals::Arrival;
pub use attachments::Attachment;
pub use entities::{Entity, Kind};
pub use faults::{Fault, Trouble};
pub use files::{FileKind, StoredFile};
pub use group::Group;
pub use journal::{Call, Outcome};
pub use keyboard::{Action, Button, Keyboard};
pub use limits::{Limits, Paid};
pub use messages::{Attached, Author, Manner, Message, Service};
pub use people::{ADA, BEN, CHEN, NOOR, Person, Standing};
pub use phone::Phone;
pub use photos::Photo;
pub use profile::BotCommand;
pub use queue::Waiting;
pub use rooms::Toast;

use people::Chat;
use world::Core;

/// The longest request: the largest file that may be uploaded and room for its fields (Bot API, "Sending files").
const UPLOAD_BYTES: u64 = 51 * 1024 * 1024;

/// What a sandbox is made of.
pub struct SandboxOptions {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Its time.
    pub clock: Clock,
    /// Its chance: bot id, token, first update id.
    pub rng: Rng,
}

/// The bot a sandbox comes with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BotInfo {
    /// Its id, the number before the colon of the token.
    pub id: i64,
    /// Its username, without `@`.
    pub username: String,
    /// Its name, as set last.
    pub name: String,
}

/// A running sandbox. Cheap to clone; all clones are the same one.
#[derive(Clone)]
pub struct Sandbox {
    core: Arc<Core>,
}

impl Sandbox {
    /// Starts to listen and serves in a task of its own until `stop` is raised.
    pub async fn start(options: SandboxOptions, stop: Stop) -> io::Result<Self> {
        let listener = crate::wire::Listener::bind(options.listen).await?;
        let sandbox = Self::new(options.clock, &options.rng, listener.local_addr(), stop.clone());
        let app = sandbox.app();
        let limits = crate::wire::ServerLimits { body_bytes: UPLOAD_BYTES, ..crate::wire::ServerLimits::default() };
        drop(runtime::spawn(async move { listener.serve(app, limits, stop).await }));
        Ok(sandbox)
    }

    /// A sandbox without a listener, that says it is reached at `address`.
    fn new(clock: Clock, rng: &Rng, address: SocketAddr, stop: Stop) -> Self {
        Self { core: Arc::new(Core::new(clock, rng, address, stop)) }
    }

    fn app(&self) -> tide::Server<Arc<Core>> {
        let mut app = tide::with_state(Arc::clone(&self.core));
        app.at("/:bot/:method").all(api::serve);
        app.at("/file/:bot/:folder/:name").get(api::download);
        pages::mount(&mut app);
        control::mount(&mut app);
        app
    }

    /// Where it is reached, without a slash at the end: the base of the Bot API, of links and of the phone pages.
    #[must_use]
    pub fn url(&self) -> String {
        self.core.base.clone()
    }

    /// The bot's token, as BotFather would give it.
    #[must_use]
    pub fn token(&self) -> Secret {
        self.core.world().bot.token.clone()
    }

    /// The bot.
    #[must_use]
    pub fn bot(&self) -> BotInfo {
        let world = self.core.world();
        BotInfo { id: world.bot.id, username: world.bot.username.clone(), name: world.profile.name().to_owned() }
    }

    /// The link that opens the chat with the bot and a START button that sends `/start CODE`.
    #[must_use]
    pub fn deep_link(&self, code: &str) -> String {
        format!("{}/{}?start={code}", self.core.base, self.core.world().bot.username)
    }

    /// All people, in the order of their ids.
    #[must_use]
    pub fn people(&self) -> Vec<Person> {
        self.core.world().chats.values().map(|chat| chat.person.clone()).collect()
    }

    /// Adds a person who has not started the bot.
    #[must_use]
    pub fn add_person(&self, first_name: &str, language_code: &str) -> Phone {
        let id = self.core.change(|world| {
            let id = world.next_person;
            world.next_person += 1;
            world.chats.insert(id, Chat::new(Person::new(id, first_name, language_code)));
            id
        });
        self.phone(id)
    }

    /// Adds `count` people who have started the bot, with one id after the other. Nobody tells the bot: for it they started
    /// before its time. Gives the first id; `Err` with an id that is somebody's already.
    pub fn add_people(&self, count: u32, first: Option<i64>) -> Result<i64, i64> {
        self.core.change(|world| world.populate(count, first))
    }

    /// The phone of a person. With an id that nobody has, its acts fail.
    #[must_use]
    pub fn phone(&self, id: i64) -> Phone {
        Phone { core: Arc::clone(&self.core), id }
    }

    /// Makes a group with one person in it; `Err` when nobody has the id or the title is empty.
    pub fn make_group(&self, title: &str, creator: i64) -> Result<Group, ActError> {
        let moment = self.core.moment();
        let id = self.core.change(|world| world.add_group(title, creator, moment))?;
        Ok(self.group(id))
    }

    /// Makes a group with one person in it. With an id that nobody has, or without a title, what is done in it fails.
    #[must_use]
    pub fn add_group(&self, title: &str, creator: i64) -> Group {
        self.make_group(title, creator).unwrap_or_else(|_| self.group(0))
    }

    /// The group of an id. With an id that none has, what is done in it fails.
    #[must_use]
    pub fn group(&self, id: i64) -> Group {
        Group { core: Arc::clone(&self.core), id }
    }

    /// All groups, the old ones of upgraded groups too.
    #[must_use]
    pub fn groups(&self) -> Vec<Group> {
        self.core.world().groups.keys().map(|id| self.group(*id)).collect()
    }

    /// The link that adds the bot to a group and sends `/start@BOT CODE` there.
    #[must_use]
    pub fn group_link(&self, code: &str) -> String {
        format!("{}/{}?startgroup={code}", self.core.base, self.core.world().bot.username)
    }

    /// Drops every file that was sent so far: `getFile` then says that it is temporarily unavailable.
    pub fn forget_files(&self) {
        self.core.change(|world| world.files.forget());
    }

    /// The calls in the journal after number `after` (0: all that are kept), oldest first.
    #[must_use]
    pub fn journal(&self, after: u64) -> Vec<Call> {
        self.core.world().journal.after(after).cloned().collect()
    }

    /// How many calls there were in all, and how many of them carried something Telegram does not know.
    #[must_use]
    pub fn call_counts(&self) -> (u64, u64) {
        self.core.world().journal.totals()
    }

    /// Keeps only the newest `calls` in the journal; 0 for measurements.
    pub fn keep_journal(&self, calls: usize) {
        self.core.world().journal.keep(calls);
    }

    /// The messages of the bot that arrived after number `after` (0: all that are kept, at least the newest 100,000 of
    /// usual length), oldest first. Edits, deletions and lost answers change nothing here.
    #[must_use]
    pub fn arrivals(&self, after: u64) -> Vec<Arrival> {
        self.core.world().arrivals.after(after).cloned().collect()
    }

    /// How many messages of the bot arrived in all.
    #[must_use]
    pub fn arrived(&self) -> u64 {
        self.core.world().arrivals.total()
    }

    /// Waits for a call after number `after` that satisfies `wanted`; the deadline is real time.
    pub async fn wait_for_call(
        &self,
        after: u64,
        span: Duration,
        wanted: impl Fn(&Call) -> bool,
    ) -> Result<Call, TimedOut> {
        watching::wait(&self.core, span, |world| world.journal.after(after).find(|call| wanted(call)).cloned()).await
    }

    /// Queues an update as it is, also a malformed one, past the filter of `allowed_updates`. Gives its place: its
    /// `update_id` when it has a new one, else the next number.
    #[expect(clippy::must_use_candidate, reason = "the act is what most callers want")]
    pub fn inject(&self, json: &str) -> i64 {
        let now = self.core.clock.now();
        self.core.change(|world| world.queue.inject(now, json))
    }

    /// The updates that wait to be confirmed, oldest first.
    #[must_use]
    pub fn waiting_updates(&self) -> Vec<Waiting> {
        self.core.world().queue.waiting().cloned().collect()
    }

    /// Waits until the bot has confirmed every update; the deadline is real time.
    pub async fn wait_until_confirmed(&self, span: Duration) -> Result<(), TimedOut> {
        watching::wait(&self.core, span, |world| (world.queue.waiting().len() == 0).then_some(())).await
    }

    /// Waits until getUpdates was called `count` times in all, a waiting call included; the deadline is real time.
    pub async fn wait_for_polls(&self, count: u64, span: Duration) -> Result<(), TimedOut> {
        watching::wait(&self.core, span, |world| (world.polls >= count).then_some(())).await
    }

    /// Adds a fault; gives the number to clear it by.
    #[expect(clippy::must_use_candidate, reason = "clear_faults clears without a number")]
    pub fn add_fault(&self, fault: Fault) -> u64 {
        self.core.change(|world| world.faults.add(fault))
    }

    /// Starts the chance of faults with a share anew, so that a test can repeat it.
    pub fn seed_faults(&self, seed: u64) {
        self.core.change(|world| world.faults.seed(seed));
    }

    /// Clears one fault; false when there is none of that number.
    #[expect(clippy::must_use_candidate, reason = "the act is what most callers want")]
    pub fn clear_fault(&self, number: u64) -> bool {
        self.core.change(|world| world.faults.clear(number))
    }

    /// Clears all faults.
    pub fn clear_faults(&self) {
        self.core.change(|world| world.faults.clear_all());
    }

    /// The faults in force.
    #[must_use]
    pub fn faults(&self) -> Vec<(u64, Fault)> {
        self.core.world().faults.list().to_vec()
    }

    /// Sets the sending limits and forgets what was counted.
    pub fn set_limits(&self, limits: Limits) {
        self.core.change(|world| world.limiter = limits::Limiter::new(limits));
    }

    /// The sending limits in force.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.core.world().limiter.limits()
    }

    /// How many messages allowed paid broadcasts since the limits were set, and how many of them cost something.
    #[must_use]
    pub fn paid(&self) -> Paid {
        self.core.world().limiter.paid()
    }

    /// The commands the bot offers to people with a client language.
    #[must_use]
    pub fn menu(&self, language: &str) -> Vec<BotCommand> {
        self.core.world().profile.menu(language).to_vec()
    }
}
