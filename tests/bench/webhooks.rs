//! From a `/start CODE` that Telegram hands out to the webhook that tells of it, on a machine that does nothing else.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::support::{Folder, Program, Server, median, open, start_update};
use startlink::actions::webhooks::NewEndpoint;
use startlink::actions::{Caller, Error, accounts, links, webhooks};
use startlink::config::WebhookAllow;
use startlink::ids::UserId;
use startlink::model::event::Actor;
use startlink::model::link::Target;
use startlink::model::settings::BotIdentity;
use startlink::runtime::block_on;
use startlink::store::{self, meta};

const STARTS: u64 = 500;
/// Between two of them, so that none meets another.
const EVERY: Duration = Duration::from_millis(40);
const PATIENCE: Duration = Duration::from_secs(30);

/// Measures and prints.
pub fn run() {
    let (arrivals, address) = receiver();
    let folder = Folder::new("webhooks");
    let codes = prepare(&folder, address);
    let server = Server::start();
    let program = Program::serve_telling(&folder.0, &server);
    server.wait_for_poll(Instant::now());
    let mut waits: Vec<f64> = (0..STARTS).zip(&codes).map(|(n, code)| start(&server, &arrivals, n, code)).collect();
    program.end();
    waits.sort_by(f64::total_cmp);
    let at = |share: usize| waits[waits.len() * share / 1000];
    println!(
        "/start to webhook, {STARTS} of them: median {:.1} ms, p99 {:.1} ms, longest {:.1} ms",
        median(waits.clone()),
        at(990),
        at(999)
    );
    let report = open(&folder).read(store::check::check).expect("a readable file");
    assert!(report.is_clean(), "{:?}", report.findings);
}

/// One `/start`, and how long it takes until the website knows, in milliseconds.
fn start(server: &Server, arrivals: &mpsc::Receiver<(Instant, String)>, n: u64, code: &str) -> f64 {
    std::thread::sleep(EVERY);
    let chat = 1_000 + n;
    let begun = Instant::now();
    server.seen.updates.lock().expect("the queue").push_back(start_update(n, chat, code));
    let told = format!("\"chat_id\":{chat},");
    loop {
        let (at, body) = arrivals.recv_timeout(PATIENCE).expect("a webhook");
        if body.contains("link.used") && body.contains(&told) {
            return at.duration_since(begun).as_secs_f64() * 1e3;
        }
    }
}

/// A data file with an endpoint, and as many accounts with an open link; the codes.
fn prepare(folder: &Folder, receiver: SocketAddr) -> Vec<String> {
    let store = open(folder);
    let caller = Caller::internal(Actor::System);
    let codes = block_on(store.write(move |tx| {
        let seen = store::Read::now(tx);
        let bot = BotIdentity { id: UserId(777_000_777), username: "bench_bot".into(), name: "Bench".into(), seen };
        meta::put_bot(tx, &bot)?;
        let mut codes = Vec::new();
        for n in 0..STARTS {
            let new = accounts::NewAccount { username: &format!("user{n:05}"), name: "", tags: "" };
            let (id, _) = accounts::create(tx, &caller, new)?;
            let issued = links::issue(tx, &caller, Target::Account(id), Duration::from_hours(1))?;
            codes.push(issued.code.expose().to_owned());
        }
        let asked = NewEndpoint { url: format!("http://{receiver}/"), ..NewEndpoint::default() };
        webhooks::create(tx, &caller, &WebhookAllow::this_machine(), &asked)?;
        Ok::<_, Error>(codes)
    }));
    codes.expect("accounts, links and an endpoint")
}

/// A website that takes everything; when each request was there.
fn receiver() -> (mpsc::Receiver<(Instant, String)>, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    let (tell, arrivals) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let tell = tell.clone();
            std::thread::spawn(move || take(stream, &tell));
        }
    });
    (arrivals, address)
}

fn take(stream: TcpStream, tell: &mpsc::Sender<(Instant, String)>) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut writer = stream.try_clone().ok()?;
    let mut reader = BufReader::new(stream);
    loop {
        let mut length = 0;
        let mut line = String::new();
        while line.trim_end() != "" || line.is_empty() {
            line.clear();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        tell.send((Instant::now(), String::from_utf8(body).ok()?)).ok()?;
        writer.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").ok()?;
    }
}
