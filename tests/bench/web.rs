//! The sign-in page and the accounts page with 100,000 accounts: requests a second with 32 connections, and the latency
//! of one connection on an otherwise idle machine.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::client::{Client, p99, rush};
use crate::support::{Folder, Program, Server, free_port, median, open, sign_in};
use startlink::actions::{Caller, accounts};
use startlink::model::event::Actor;
use startlink::runtime::block_on;
use startlink::secret::Secret;

const ACCOUNTS: u64 = 100_000;
const CONNECTIONS: usize = 32;
const SPAN: Duration = Duration::from_secs(5);
const ALONE: usize = 2000;
const RUNS: usize = 3;

/// Measures and prints.
pub fn run() {
    let folder = Folder::new("web");
    let cookie = prepare(&folder);
    let server = Server::start();
    let port = free_port();
    let program = Program::serve(&folder.0, &server, &port.to_string());
    server.wait_for_poll(Instant::now());
    println!(
        "{ACCOUNTS} accounts; {CONNECTIONS} connections for {} s, then {ALONE} requests alone; medians of {RUNS}",
        SPAN.as_secs()
    );
    for (name, path, cookie) in [
        ("sign-in page", "/sign-in", None),
        ("accounts page", "/admin/accounts", Some(&cookie)),
        ("accounts page by prefix", "/admin/accounts?q=user09", Some(&cookie)),
    ] {
        let request = request(port, path, cookie);
        let runs: Vec<(f64, f64, f64)> = (0..RUNS).map(|_| measure(port, &request)).collect();
        let of = |pick: fn(&(f64, f64, f64)) -> f64| median(runs.iter().map(pick).collect());
        println!(
            "{name}: {:.0} requests/s, p99 {:.2} ms under load; p99 {:.2} ms alone",
            of(|run| run.0),
            of(|run| run.1),
            of(|run| run.2)
        );
    }
    println!("resident: {} KiB", program.resident_kib());
}

fn prepare(folder: &Folder) -> Secret {
    let store = open(folder);
    for chunk in 0..ACCOUNTS / 1000 {
        let made = store.write(move |tx| {
            let caller = Caller::internal(Actor::System);
            for n in chunk * 1000..(chunk + 1) * 1000 {
                let username = format!("user{n:06}");
                accounts::create(
                    tx,
                    &caller,
                    accounts::NewAccount { username: &username, name: "A Person", tags: "" },
                )?;
            }
            Ok::<_, startlink::actions::Error>(())
        });
        block_on(made).expect("accounts");
    }
    sign_in(&store)
}

/// A page, asked for with or without a session.
pub fn request(host: SocketAddr, path: &str, cookie: Option<&Secret>) -> Vec<u8> {
    let cookie = cookie.map(|cookie| format!("Cookie: startlink={}\r\n", cookie.expose())).unwrap_or_default();
    format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\n{cookie}\r\n").into_bytes()
}

/// Requests a second and p99 (ms) with all connections, p99 (ms) with one.
fn measure(host: SocketAddr, request: &[u8]) -> (f64, f64, f64) {
    let (rate, under_load) = rush(host, (CONNECTIONS, SPAN), |_, _| request.to_vec());
    let mut client = Client::new(host);
    let alone = (0..ALONE).map(|_| client.ask(request)).collect();
    (rate, under_load, p99(alone))
}
