//! The HTTP API with 32 connections: links and messages made, durable each, and accounts looked at among a million.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::client::rush;
use crate::support::{Folder, Program, Server, free_port, median, open};
use startlink::actions::keys::{self, NewKey};
use startlink::actions::{Caller, Error, accounts, chats};
use startlink::ids::{ChatId, UserId};
use startlink::model::admin::{Admin, AdminName, Role};
use startlink::model::chat::Profile;
use startlink::model::event::Actor;
use startlink::model::session::Credentials;
use startlink::model::settings::BotIdentity;
use startlink::runtime::block_on;
use startlink::store::{Read as _, admins, meta};

/// A build for tests is many times slower; there the benchmark only shows that it runs.
const ACCOUNTS: u64 = if cfg!(debug_assertions) { 5_000 } else { 1_000_000 };
const SPAN: Duration = Duration::from_secs(if cfg!(debug_assertions) { 1 } else { 5 });
const RUNS: usize = if cfg!(debug_assertions) { 1 } else { 3 };
const CONNECTIONS: usize = 32;
/// Requests of one connection in one run, at most.
const RUN_MOST: usize = 10_000;
/// Accounts made in one transaction.
const PIECE: u64 = 1000;
/// Accounts with a chat, in turn written to.
const LINKED: usize = 1000;

/// Measures and prints.
pub fn run() {
    let folder = Folder::new("api");
    let secret = prepare(&folder);
    let server = Server::start();
    let port = free_port();
    let program = Program::serve(&folder.0, &server, &port.to_string());
    server.wait_for_poll(Instant::now());
    println!("{ACCOUNTS} accounts; {CONNECTIONS} connections for {} s; medians of {RUNS}", SPAN.as_secs());
    let place = |connection: usize, n: usize| connection + n * CONNECTIONS;
    let account = |place: usize| place as u64 * 7919 % ACCOUNTS;
    measure("GET /accounts/{username}", &program, port, |connection, n| {
        let path = format!("/api/v1/accounts/user{:07}", account(place(connection, n)));
        request(port, &secret, &path, None)
    });
    measure("POST /links", &program, port, |connection, n| {
        let body = format!("{{\"username\": \"user{:07}\"}}", account(place(connection, n)));
        request(port, &secret, "/api/v1/links", Some(&body))
    });
    measure("POST /messages", &program, port, |connection, n| {
        let to = place(connection, n) % LINKED;
        let body = format!("{{\"to\": {{\"username\": \"user{to:07}\"}}, \"text\": \"Your parcel is here.\"}}");
        request(port, &secret, "/api/v1/messages", Some(&body))
    });
    println!("resident: {} KiB", program.resident_kib());
}

fn measure(name: &str, program: &Program, port: SocketAddr, request: impl Fn(usize, usize) -> Vec<u8> + Sync) {
    let run = |run| {
        let before = program.cpu();
        // Each run goes on with other accounts: a second link of one would revoke the first as well.
        let (rate, p99) = rush(port, (CONNECTIONS, SPAN), |connection, n| request(connection, n + run * RUN_MOST));
        let cpu = program.cpu().saturating_sub(before);
        (rate, p99, cpu.as_secs_f64() * 1e6 / (rate * SPAN.as_secs_f64()))
    };
    let runs: Vec<(f64, f64, f64)> = (0..RUNS).map(run).collect();
    let of = |pick: fn(&(f64, f64, f64)) -> f64| median(runs.iter().map(pick).collect());
    let (rate, p99, cpu) = (of(|run| run.0), of(|run| run.1), of(|run| run.2));
    println!("{name}: {rate:.0} requests/s, p99 {p99:.2} ms, {cpu:.0} us of CPU a request");
}

/// An admin, a bot, the accounts, the first of them with chats, and a key; its secret.
fn prepare(folder: &Folder) -> String {
    let store = open(folder);
    for piece in 0..ACCOUNTS / PIECE {
        let made = store.write(move |tx| {
            let caller = Caller::internal(Actor::System);
            for n in piece * PIECE..(piece + 1) * PIECE {
                let new = accounts::NewAccount { username: &format!("user{n:07}"), name: "A Person", tags: "" };
                let (account, _) = accounts::create(tx, &caller, new)?;
                if n < LINKED as u64 {
                    let chat = ChatId(1_000_000 + n.cast_signed());
                    chats::note(tx, chat, Profile::default())?;
                    chats::bind(tx, chat, account)?;
                }
            }
            Ok::<_, Error>(())
        });
        block_on(made).expect("accounts");
    }
    let made = store.write(|tx| {
        let created = tx.now();
        let bot =
            BotIdentity { id: UserId(777_000_777), username: "bench_bot".into(), name: "Bench".into(), seen: created };
        meta::put_bot(tx, &bot)?;
        let admin = Admin {
            name: AdminName::parse("bench").expect("a name"),
            role: Role::Owner,
            credentials: Credentials::default(),
            created,
        };
        admins::insert(tx, &admin)?;
        let caller = Caller { actor: Actor::Operator, role: Role::Owner };
        let asked = NewKey { name: "bench", scopes: "all", rate: 0, lifetime: None };
        Ok::<_, Error>(keys::create(tx, &caller, asked)?.2.expose().to_owned())
    });
    block_on(made).expect("a key")
}

fn request(host: SocketAddr, secret: &str, path: &str, body: Option<&str>) -> Vec<u8> {
    let method = if body.is_some() { "POST" } else { "GET" };
    let body = body.unwrap_or_default();
    format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {secret}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
