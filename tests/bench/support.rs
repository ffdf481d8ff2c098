//! What the benchmarks share: a lean Bot API server, the program as a child process, figures of a process, medians.
//! The server answers from prepared bytes, so that the figures are the bot's and not the server's.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use async_std::io::prelude::BufReadExt as _;
use async_std::io::{BufReader, ReadExt as _, WriteExt as _};
use async_std::net::{TcpListener, TcpStream};
use async_std::task;
use startlink::clock::Clock;
use startlink::ids::SessionId;
use startlink::model::admin::{Admin, AdminName, Role};
use startlink::model::session::{Credentials, Session, Stage};
use startlink::rng::Rng;
use startlink::runtime::block_on;
use startlink::secret::{Sealer, Secret};
use startlink::store::{Place, Read as _, Store, StoreError, admins, sessions};

use crate::door::Door;

/// The bot of the benchmarks.
pub const TOKEN: &str = "777000777:AAbenchmarkbenchmarkbenchmarkbenchma";
/// The key of its data files, as `STARTLINK_SECRET_KEY` takes it.
pub const KEY: &str = "0707070707070707070707070707070707070707070707070707070707070707";

/// A free port of this machine.
pub fn free_port() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port")
}

/// What the server saw.
#[derive(Default)]
pub struct Seen {
    /// Updates that wait to be fetched, as JSON.
    pub updates: Mutex<VecDeque<String>>,
    /// Sends answered.
    pub sent: AtomicU64,
    /// `getUpdates` calls received.
    pub polls: AtomicU64,
    /// The limit, if there is one.
    door: Option<Mutex<Door>>,
    confirmed: AtomicU64,
}

/// A Bot API server that knows five methods, with or without a limit.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    /// What it saw.
    pub seen: Arc<Seen>,
}

impl Server {
    /// Starts it on a free port of this machine, without a limit.
    pub fn start() -> Self {
        Self::with(Seen::default())
    }

    /// The same behind a door.
    pub fn guarded(door: Door) -> Self {
        Self::with(Seen { door: Some(Mutex::new(door)), ..Seen::default() })
    }

    fn with(seen: Seen) -> Self {
        let listener = task::block_on(TcpListener::bind("127.0.0.1:0")).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let seen = Arc::new(seen);
        let shared = Arc::clone(&seen);
        task::spawn(async move {
            loop {
                if let Ok((stream, _)) = listener.accept().await {
                    task::spawn(serve(stream, Arc::clone(&shared)));
                }
            }
        });
        Self { address, seen }
    }

    /// Waits until `count` messages were sent; the time since `since`.
    pub fn wait_for_sent(&self, count: u64, since: Instant) -> Duration {
        while self.seen.sent.load(Ordering::SeqCst) < count {
            assert!(since.elapsed() < Duration::from_mins(2), "only {} sent", self.seen.sent.load(Ordering::SeqCst));
            std::thread::sleep(Duration::from_millis(1));
        }
        since.elapsed()
    }

    /// The door's records.
    pub fn door(&self) -> MutexGuard<'_, Door> {
        self.seen.door.as_ref().expect("a guarded server").lock().expect("the door")
    }

    /// Waits until as many chats have got a message.
    pub fn wait_for_chats(&self, count: u32) {
        let count = count as usize;
        let begun = Instant::now();
        while self.door().chats.len() < count {
            assert!(begun.elapsed() < Duration::from_mins(3), "only {} chats were reached", self.door().chats.len());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until a chat has got a message; when that was.
    pub fn wait_for_chat(&self, chat: u64) -> Instant {
        let begun = Instant::now();
        loop {
            if let Some(at) = self.door().chats.get(&chat) {
                return *at;
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "no answer to {chat}");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Sends answered so far.
    pub fn sent(&self) -> u64 {
        self.seen.sent.load(Ordering::SeqCst)
    }

    /// Waits until the first poll.
    pub fn wait_for_poll(&self, since: Instant) -> Duration {
        while self.seen.polls.load(Ordering::SeqCst) == 0 {
            assert!(since.elapsed() < Duration::from_secs(30), "no poll came");
            std::thread::sleep(Duration::from_micros(200));
        }
        since.elapsed()
    }
}

async fn serve(stream: TcpStream, seen: Arc<Seen>) {
    stream.set_nodelay(true).ok();
    let mut reader = BufReader::with_capacity(16 * 1024, stream.clone());
    let mut writer = stream;
    let mut body = Vec::new();
    let mut line = String::new();
    loop {
        let mut path = String::new();
        let mut length = 0_usize;
        loop {
            line.clear();
            if !matches!(reader.read_line(&mut line).await, Ok(1..)) {
                return;
            }
            let text = line.trim_end();
            if text.is_empty() {
                break;
            }
            if path.is_empty() {
                path = text.split(' ').nth(1).unwrap_or_default().to_owned();
            } else if let Some(value) = text.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        body.resize(length, 0);
        if reader.read_exact(&mut body).await.is_err() {
            return;
        }
        let (status, answer) = answer(&path, &body, &seen).await;
        let head = format!(
            "HTTP/1.1 {status} -\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            answer.len()
        );
        if writer.write_all([head.as_bytes(), answer.as_bytes()].concat().as_slice()).await.is_err() {
            return;
        }
    }
}

async fn answer(path: &str, body: &[u8], seen: &Seen) -> (u16, String) {
    let answer = match path.rsplit('/').next().unwrap_or_default() {
        "getMe" => {
            r#"{"ok":true,"result":{"id":777000777,"is_bot":true,"first_name":"Bench","username":"bench_bot"}}"#.into()
        }
        "getWebhookInfo" => {
            r#"{"ok":true,"result":{"url":"","has_custom_certificate":false,"pending_update_count":0}}"#.into()
        }
        "getUpdates" => updates(body, seen).await,
        "sendMessage" => return send(body, seen),
        "sendDocument" => {
            let id = seen.sent.fetch_add(1, Ordering::SeqCst) + 1;
            format!(r#"{{"ok":true,"result":{{"message_id":{id},"document":{{"file_id":"d{id}"}}}}}}"#)
        }
        _ => r#"{"ok":true,"result":true}"#.into(),
    };
    (200, answer)
}

fn send(body: &[u8], seen: &Seen) -> (u16, String) {
    if let Some(door) = &seen.door {
        let json: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
        let chat = json["chat_id"].as_u64().unwrap_or(0);
        if let Err(wait) = door.lock().expect("the door").enter(chat) {
            let words = format!("Too Many Requests: retry after {wait}");
            let parameters = format!(r#""parameters":{{"retry_after":{wait}}}"#);
            return (429, format!(r#"{{"ok":false,"error_code":429,"description":"{words}",{parameters}}}"#));
        }
    }
    let id = seen.sent.fetch_add(1, Ordering::SeqCst) + 1;
    let message = r#""date":1790000000,"chat":{"id":1,"type":"private"},"text":"x""#;
    (200, format!(r#"{{"ok":true,"result":{{"message_id":{id},{message}}}}}"#))
}

async fn updates(body: &[u8], seen: &Seen) -> String {
    seen.polls.fetch_add(1, Ordering::SeqCst);
    let json: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let offset = json["offset"].as_u64().unwrap_or(0);
    let wait = Duration::from_secs(json["timeout"].as_u64().unwrap_or(0));
    let asked = Instant::now();
    loop {
        {
            let mut queue = seen.updates.lock().expect("the queue");
            let mut confirmed = seen.confirmed.load(Ordering::SeqCst);
            while confirmed < offset && queue.pop_front().is_some() {
                confirmed += 1;
            }
            seen.confirmed.store(confirmed.max(offset), Ordering::SeqCst);
            if !queue.is_empty() {
                let batch: Vec<&str> = queue.iter().take(100).map(String::as_str).collect();
                return format!(r#"{{"ok":true,"result":[{}]}}"#, batch.join(","));
            }
        }
        if asked.elapsed() >= wait {
            return r#"{"ok":true,"result":[]}"#.into();
        }
        task::sleep(Duration::from_millis(1)).await;
    }
}

/// A `/start CODE` of chat `chat`, as update number `id`. Numbers begin at 0 and have no gaps.
pub fn start_update(id: u64, chat: u64, code: &str) -> String {
    serde_json::json!({
        "update_id": id,
        "message": {
            "message_id": 1, "date": 1_790_000_000,
            "chat": { "id": chat, "type": "private", "first_name": "Person" },
            "from": { "id": chat, "is_bot": false, "first_name": "Person", "language_code": "en" },
            "text": format!("/start {code}"),
            "entities": [{ "type": "bot_command", "offset": 0, "length": 6 }],
        }
    })
    .to_string()
}

/// Words of the person of a private chat.
pub fn text_update(id: u64, chat: u64, text: &str) -> String {
    serde_json::json!({
        "update_id": id,
        "message": {
            "message_id": id + 1, "date": 1_790_000_000,
            "chat": { "id": chat, "type": "private", "first_name": "Person" },
            "from": { "id": chat, "is_bot": false, "first_name": "Person", "language_code": "en" },
            "text": text,
        }
    })
    .to_string()
}

/// A press of the button with this data under message `message` of a private chat.
pub fn press_update(id: u64, chat: u64, message: u64, data: &str) -> String {
    let person = serde_json::json!({ "id": chat, "is_bot": false, "first_name": "Person", "language_code": "en" });
    serde_json::json!({
        "update_id": id,
        "callback_query": {
            "id": format!("press{id}"), "from": person, "chat_instance": "1", "data": data,
            "message": {
                "message_id": message, "date": 1_790_000_000, "text": "Approve?",
                "chat": { "id": chat, "type": "private", "first_name": "Person" },
                "from": { "id": 777_000_777, "is_bot": true, "first_name": "Bench" },
            },
        }
    })
    .to_string()
}

/// A folder that goes away with its owner.
pub struct Folder(pub PathBuf);

impl Folder {
    /// A new one.
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("startlink-bench-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The data file in a folder.
pub fn open(folder: &Folder) -> Store {
    let sealer = Sealer::new(&[7; 32], Rng::system());
    let file = folder.0.join("startlink.redb");
    Store::open(Place::File(file), Clock::system(), Rng::system(), sealer).expect("the data file")
}

/// An owner who is signed in: the session's secret.
pub fn sign_in(store: &Store) -> Secret {
    let cookie = Secret::random::<32>(&Rng::system());
    let hash = cookie.hash();
    let signed_in = store.write(move |tx| {
        let now = tx.now();
        let admin = Admin {
            name: AdminName::parse("bench").expect("a name"),
            role: Role::Owner,
            credentials: Credentials::default(),
            created: now,
        };
        let admin = admins::insert(tx, &admin)?;
        let session = Session {
            id: SessionId(0),
            whose: admin,
            stage: Stage::Full,
            epoch: 0,
            created: now,
            seen: now,
            stepped_up: None,
            csrf: "bench".into(),
            address: "127.0.0.1".into(),
            agent: "bench".into(),
        };
        sessions::insert(tx, hash, session)?;
        Ok::<_, StoreError>(())
    });
    block_on(signed_in).expect("a session");
    cookie
}

/// How often the disk was synced, from strace's table.
pub fn count_syncs(report: &Path) -> u64 {
    let table = std::fs::read_to_string(report).expect("strace's table");
    table
        .lines()
        .filter(|line| line.ends_with("fsync") || line.ends_with("fdatasync"))
        .filter_map(|line| line.split_whitespace().nth(3)?.parse::<u64>().ok())
        .sum()
}

/// The limits switched off.
const UNLIMITED: [(&str, &str); 3] =
    [("STARTLINK_RATE_GLOBAL", "0"), ("STARTLINK_RATE_CHAT", "0"), ("STARTLINK_RATE_GROUP", "0")];

/// The program as a child process; it is ended with its owner.
pub struct Program(pub Child);

impl Program {
    /// Starts `startlink serve` on `folder` against `server`, with the limits off.
    pub fn serve(folder: &Path, server: &Server, listen: &str) -> Self {
        Self::spawn(Self::bare(), folder, server, listen, &UNLIMITED)
    }

    /// The same with the usual limits.
    pub fn serve_limited(folder: &Path, server: &Server) -> Self {
        Self::spawn(Self::bare(), folder, server, "127.0.0.1:0", &[])
    }

    /// [`Program::serve`] under strace, which writes how often the disk was synced to `report`.
    pub fn serve_under_strace(folder: &Path, server: &Server, report: &Path) -> Self {
        Self::spawn(Self::traced(report), folder, server, "127.0.0.1:0", &UNLIMITED)
    }

    /// [`Program::serve_limited`] under strace.
    pub fn serve_limited_under_strace(folder: &Path, server: &Server, report: &Path) -> Self {
        Self::spawn(Self::traced(report), folder, server, "127.0.0.1:0", &[])
    }

    /// [`Program::serve`] that may tell a website on this machine.
    pub fn serve_telling(folder: &Path, server: &Server) -> Self {
        let [global, chat, group] = UNLIMITED;
        let settings = [global, chat, group, ("STARTLINK_WEBHOOK_ALLOW", "127.0.0.1")];
        Self::spawn(Self::bare(), folder, server, "127.0.0.1:0", &settings)
    }

    fn bare() -> Command {
        Command::new(env!("CARGO_BIN_EXE_startlink"))
    }

    fn traced(report: &Path) -> Command {
        let mut strace = Command::new("strace");
        strace.args(["-f", "-c", "-e", "trace=fsync,fdatasync", "-o"]).arg(report).arg(env!("CARGO_BIN_EXE_startlink"));
        strace
    }

    fn spawn(mut program: Command, folder: &Path, server: &Server, listen: &str, rates: &[(&str, &str)]) -> Self {
        let child = program
            .args(["serve", "--listen", listen])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("STARTLINK_DATA_DIR", folder)
            .env("STARTLINK_SECRET_KEY", KEY)
            .env("STARTLINK_BOT_TOKEN", TOKEN)
            .env("STARTLINK_TELEGRAM_API_URL", format!("http://{}", server.address))
            .env("STARTLINK_LOG_LEVEL", "warn")
            .envs(rates.iter().copied())
            .stdout(Stdio::null())
            .spawn()
            .expect("the program starts");
        Self(child)
    }

    /// Asks it to stop and waits until it has settled everything.
    pub fn end(mut self) {
        terminate(self.0.id());
        assert!(self.0.wait().expect("an end").success(), "the program drains and ends well");
    }

    /// The same for a program under strace.
    pub fn end_traced(mut self) {
        let tracer = self.0.id();
        let children =
            std::fs::read_to_string(format!("/proc/{tracer}/task/{tracer}/children")).expect("strace's child");
        terminate(children.split_whitespace().next().and_then(|pid| pid.parse().ok()).expect("one child"));
        assert!(self.0.wait().expect("an end").success(), "the program drains and ends well");
    }

    /// User and system time so far.
    pub fn cpu(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0.id())).expect("a running process");
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks: u64 = [11, 12].iter().filter_map(|at| fields.get(*at)?.parse::<u64>().ok()).sum();
        Duration::from_millis(ticks * 10)
    }

    /// Resident memory in KiB.
    pub fn resident_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).expect("a running process");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0)
    }
}

fn terminate(pid: u32) {
    Command::new("kill").args(["-TERM", &pid.to_string()]).status().expect("kill");
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The middle of an odd number of values.
pub fn median<T: PartialOrd + Copy>(mut values: Vec<T>) -> T {
    values.sort_by(|a, b| a.partial_cmp(b).expect("comparable"));
    values[values.len() / 2]
}

/// The machine, for the report.
pub fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or(": unknown");
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{cores} cores,{}", model.trim_start_matches(['\t', ' ', ':']).trim())
}
