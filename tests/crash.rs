//! The real process, killed at random instants while it delivers: afterwards the sandbox's phones and the data file have
//! to tell the same story. 20 kills; 200 with `STARTLINK_TEST_LONG=1`.

mod questions;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use startlink::actions::messages::{SendOptions, To, send};
use startlink::actions::{Caller, Error, accounts, chats};
use startlink::clock::Clock;
use startlink::ids::{AccountId, BroadcastId, ChatId, DeliveryId, TelegramMessageId, UserId};
use startlink::model::broadcast::{Broadcast, BroadcastState, BroadcastStatus};
use startlink::model::chat::Profile;
use startlink::model::delivery::{DeliveryState, Lane, Policy, Standing};
use startlink::model::event::Actor;
use startlink::model::message::Body;
use startlink::model::recipient::{Recipient, RecipientState};
use startlink::model::settings::BotIdentity;
use startlink::rng::Rng;
use startlink::runtime::{Stop, block_on};
use startlink::sandbox::{Fault, Limits, Sandbox, SandboxOptions, Trouble};
use startlink::secret::Sealer;
use startlink::store::{self, Counter, Place, Read as _, Store, broadcasts, deliveries, meta, recipients};
use startlink::telegram::Token;

/// Messages a second; a quarter of them may be in flight, of broadcasts and of single messages each.
const RATE: u32 = 200;
/// The lease window at this rate.
const WINDOW: u32 = RATE / 4;
/// Recipients for each kill: more than a life of the process delivers.
const CHATS_PER_KILL: u32 = 60;
/// The longest life, in milliseconds; starting takes a good part of it.
const LONGEST_LIFE: u64 = 700;
/// The first person.
const FIRST: i64 = 7_000_000;
/// The key of the data file, as `STARTLINK_SECRET_KEY` takes it.
const KEY: &str = "0707070707070707070707070707070707070707070707070707070707070707";
/// Longer than the rest of the deliveries takes without kills.
const PATIENCE: Duration = Duration::from_mins(5);
/// What the broadcast says.
const NEWS: &str = "News for everyone";
/// What the single messages say.
const WORD: &str = "A word for you";

/// Telegram with people, and a folder for the data file.
struct Stage {
    sandbox: Sandbox,
    folder: PathBuf,
    stop: Stop,
}

impl Stage {
    fn new(name: &str, people: u32) -> Self {
        let stop = Stop::new();
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let options = SandboxOptions { listen, clock: Clock::system(), rng: Rng::system() };
        let sandbox = block_on(Sandbox::start(options, stop.clone())).unwrap();
        sandbox.set_limits(Limits::OFF);
        sandbox.add_people(people, Some(FIRST)).unwrap();
        let folder = std::env::temp_dir().join(format!("startlink-{name}-{}", std::process::id()));
        let _old = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        Self { sandbox, folder, stop }
    }

    fn bot(&self) -> UserId {
        Token::parse(self.sandbox.token().expose()).unwrap().bot()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.stop.raise();
        let _removed = std::fs::remove_dir_all(&self.folder);
    }
}

struct Scene {
    stage: Stage,
    broadcast: BroadcastId,
    singles: Vec<(DeliveryId, Policy)>,
}

/// A life of the process; it ends without a chance to tidy up.
struct Life(Child);

impl Life {
    fn start(Stage { sandbox, folder, .. }: &Stage) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_startlink"))
            .args(["serve", "--listen", "127.0.0.1:0"])
            .env_clear()
            .env("STARTLINK_DATA_DIR", folder)
            .env("STARTLINK_SECRET_KEY", KEY)
            .env("STARTLINK_BOT_TOKEN", sandbox.token().expose())
            .env("STARTLINK_TELEGRAM_API_URL", sandbox.url())
            .env("STARTLINK_RATE_GLOBAL", RATE.to_string())
            .env("STARTLINK_RATE_CHAT", "0")
            .env("STARTLINK_LOG_LEVEL", "error")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Self(child)
    }
}

impl Drop for Life {
    /// `SIGKILL`.
    fn drop(&mut self) {
        let _killed = self.0.kill();
        let _ended = self.0.wait();
    }
}

fn open(folder: &Path) -> Store {
    let sealer = Sealer::new(&[7; 32], Rng::system());
    let file = folder.join("startlink.redb");
    Store::open(Place::File(file), Clock::system(), Rng::system(), sealer).unwrap()
}

impl Scene {
    fn new(chats: u32) -> Self {
        let stage = Stage::new("crash", chats);
        let bot = stage.bot();
        let made = block_on(open(&stage.folder).write(move |tx| prepare(tx, bot, chats)));
        let (broadcast, singles) = made.unwrap();
        Self { stage, broadcast, singles }
    }

    /// Answers get lost, connections die, and some calls take long enough to be cut off.
    fn misbehave(&self) {
        let sends =
            |trouble, percent| self.stage.sandbox.add_fault(Fault::new(trouble).on("sendMessage").percent(percent));
        sends(Trouble::DropAnswer, 2);
        sends(Trouble::ResetBefore, 2);
        sends(Trouble::HalfAnswer, 1);
        sends(Trouble::HtmlBadGateway, 1);
        sends(Trouble::Delay { wait_ms: 40 }, 50);
    }

    /// What the file holds between two lives: whole, and with no more in flight than the windows allow. How many rows of
    /// the broadcast are still open.
    fn look_between(&self) -> u32 {
        let store = open(&self.stage.folder);
        let read = store.snapshot().unwrap();
        let report = store::check::check(&read).unwrap();
        assert!(report.is_clean(), "{:#?}", report.findings);
        let figures = broadcasts::figures(&read, self.broadcast).unwrap();
        let single = store::count(&read, Counter::Deliveries(Lane::Single, Standing::Sending)).unwrap();
        let flying = [u64::from(figures.count(Standing::Sending)), single];
        assert!(
            flying.iter().all(|count| *count <= WINDOW.into()),
            "{flying:?} in flight, {WINDOW} are allowed of each"
        );
        let found = recipients::sending(&read, self.broadcast).unwrap();
        assert_eq!(found.len(), usize::try_from(figures.count(Standing::Sending)).unwrap());
        figures.open()
    }

    /// What each chat got of a text: Telegram's numbers of the messages.
    fn arrived(&self, text: &str) -> BTreeMap<i64, Vec<i64>> {
        let mut chats: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        for arrival in self.stage.sandbox.arrivals(0).into_iter().filter(|arrival| *arrival.text == *text) {
            chats.entry(arrival.chat).or_default().push(arrival.message_id);
        }
        chats
    }
}

/// The file belongs to this bot.
fn know(tx: &mut store::Tx<'_>, bot: UserId) -> Result<(), Error> {
    let seen = tx.now();
    Ok(meta::put_bot(tx, &BotIdentity { id: bot, username: "sandbox_bot".into(), name: "Sandbox".into(), seen })?)
}

/// An account with the chat of the `n`th person.
fn person(tx: &mut store::Tx<'_>, caller: &Caller, n: u32) -> Result<(AccountId, ChatId), Error> {
    let new = accounts::NewAccount { username: &format!("user{n:05}"), name: "", tags: "" };
    let (account, _) = accounts::create(tx, caller, new)?;
    let chat = ChatId(FIRST + i64::from(n));
    chats::note(tx, chat, Profile::default())?;
    chats::bind(tx, chat, account)?;
    Ok((account, chat))
}

/// A running broadcast to everyone, and a single message to every tenth, under both policies.
fn prepare(tx: &mut store::Tx<'_>, bot: UserId, count: u32) -> Result<(BroadcastId, Vec<(DeliveryId, Policy)>), Error> {
    know(tx, bot)?;
    let (caller, now) = (Caller::internal(Actor::Operator), tx.now());
    let broadcast = Broadcast {
        state: BroadcastState::Sending,
        started: Some(now),
        rate: None,
        ..Broadcast::draft(Actor::Operator, now)
    };
    let id = broadcasts::insert(tx, &broadcast, &Body::plain(NEWS))?;
    let mut ledger = recipients::Ledger::open(tx, id)?;
    let mut singles = Vec::new();
    for n in 0..count {
        let (account, chat) = person(tx, &caller, n)?;
        ledger.append(tx, Recipient::queued(chat, account))?;
        if n.is_multiple_of(10) {
            singles.push(single(tx, &caller, account, n)?);
        }
    }
    ledger.figures.frozen = true;
    ledger.close(tx)?;
    Ok((id, singles))
}

fn single(tx: &mut store::Tx<'_>, caller: &Caller, account: AccountId, n: u32) -> Result<(DeliveryId, Policy), Error> {
    let policy = if n.is_multiple_of(20) { Policy::AtMostOnce } else { Policy::AtLeastOnce };
    let options = SendOptions { policy, ..SendOptions::default() };
    let (_, rows) = send(tx, caller, To::Account(account), Body::plain(WORD), options)?;
    Ok((rows.first().expect("one chat").0, policy))
}

#[test]
#[expect(clippy::disallowed_methods, reason = "how the tests are run is not a setting of the program")]
fn killed_at_any_instant_it_loses_nobody_and_sends_nothing_twice() {
    let kills: u32 = if std::env::var_os("STARTLINK_TEST_LONG").is_some() { 200 } else { 20 };
    let scene = Scene::new(kills * CHATS_PER_KILL);
    scene.misbehave();
    let (chance, mut open_at_kill) = (Rng::system(), 0);
    for _ in 0..kills {
        let life = Life::start(&scene.stage);
        std::thread::sleep(Duration::from_millis(chance.below(LONGEST_LIFE)));
        drop(life);
        open_at_kill += u32::from(scene.look_between() > 0);
    }
    assert!(open_at_kill > kills / 2, "only {open_at_kill} of {kills} kills hit a running broadcast");
    finish(&scene);
    compare(&scene);
}

/// The last life works off what is left, undisturbed by kills.
fn finish(scene: &Scene) {
    scene.stage.sandbox.clear_faults();
    let begun = Clock::system().elapsed();
    let clock = Clock::system();
    let deadline = begun + PATIENCE;
    loop {
        let mut life = Life::start(&scene.stage);
        // A process holds its file alone, so it is asked to end before the file is read.
        std::thread::sleep(Duration::from_secs(3));
        let asked = Command::new("kill").args(["-TERM", &life.0.id().to_string()]).status().unwrap();
        assert!(asked.success() && life.0.wait().unwrap().success(), "it drains and ends well");
        let store = open(&scene.stage.folder);
        let state = store.read(|read| broadcasts::get(read, scene.broadcast)).unwrap().unwrap();
        let waits = scene.singles.iter().any(|(id, _)| {
            let row = store.read(|read| deliveries::get(read, *id)).unwrap().unwrap();
            !row.state.standing().is_final()
        });
        if state.status() == BroadcastStatus::Done && !waits {
            return;
        }
        assert!(clock.elapsed() < deadline, "still {state:?}, single messages wait: {waits}");
    }
}

/// The phones against the file.
fn compare(scene: &Scene) {
    let store = open(&scene.stage.folder);
    let read = store.snapshot().unwrap();
    assert!(store::check::check(&read).unwrap().is_clean());
    let rows = recipients::from(&read, scene.broadcast, 0, usize::MAX).unwrap();
    let mut standings: BTreeMap<Standing, u32> = BTreeMap::new();
    let mut news = scene.arrived(NEWS);
    for (position, row) in &rows {
        let got = news.remove(&row.chat.0).unwrap_or_default();
        assert!(got.len() <= 1, "recipient {position} got it {} times", got.len());
        if let RecipientState::Sent { telegram: TelegramMessageId(id), .. } = &row.state {
            assert_eq!(got, [*id], "recipient {position}");
        } else {
            assert_eq!(row.standing(), Standing::Uncertain, "recipient {position}");
        }
        *standings.entry(row.standing()).or_default() += 1;
    }
    assert!(standings.contains_key(&Standing::Uncertain), "no kill and no fault hit anything: {standings:?}");
    assert!(news.is_empty(), "chats outside of the audience got it: {news:?}");
    let words = scene.arrived(WORD);
    for (id, policy) in &scene.singles {
        let got = words.get(&id.chat.0).map_or(0, Vec::len);
        let state = deliveries::get(&read, *id).unwrap().unwrap().state;
        match (policy, &state) {
            (Policy::AtMostOnce, DeliveryState::Sent { .. }) => assert_eq!(got, 1),
            (Policy::AtMostOnce, DeliveryState::Uncertain { .. }) => assert!(got <= 1, "{got} times"),
            (Policy::AtLeastOnce, DeliveryState::Sent { .. }) => assert!(got >= 1),
            (_, other) => panic!("a single message under {policy:?} ended as {other:?}"),
        }
    }
}
