//! Requests with a name of their sender's, and a process that is killed in their midst: asked again, each is answered as
//! before, and was carried out once.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use startlink::store::{self, broadcasts, links, messages};

use super::real::{Folder, KEY, furnish, open};
use crate::support::program::Program;

/// Requests of one life.
const REQUESTS: usize = 240;
/// After so many answers the process is killed.
const ANSWERS: usize = 80;
/// Clients that ask at the same time.
const CLIENTS: usize = 6;

fn serve(folder: &Folder) -> (Program, String) {
    let environment = [
        ("STARTLINK_SECRET_KEY", KEY),
        ("STARTLINK_BOT_TOKEN", "77:AAaaAAaaAAaaAAaaAAaaAAaaAAaaAAaaAAa"),
        // Nobody answers there: messages wait.
        ("STARTLINK_TELEGRAM_API_URL", "http://127.0.0.1:9"),
        ("STARTLINK_LOG_LEVEL", "error"),
    ];
    let mut program = Program::start(&["serve", "--listen", "127.0.0.1:0"], &folder.0, &environment);
    let site = program.announced("Admin");
    let address = site.trim_start_matches("http://").trim_end_matches("/admin").to_owned();
    (program, address)
}

/// What the `n`-th request asks for.
fn request(n: usize) -> (&'static str, Value) {
    match n % 3 {
        0 => ("/api/v1/links", json!({ "username": format!("user{n}") })),
        1 => ("/api/v1/messages", json!({ "to": { "username": "ada" }, "text": format!("word {n}") })),
        _ => ("/api/v1/broadcasts", json!({ "text": format!("news {n}"), "audience": { "all": true } })),
    }
}

/// Asks; nothing when the connection dies before a whole answer came.
fn ask(address: &str, secret: &str, n: usize) -> Option<(u16, Value)> {
    let (path, body) = request(n);
    let body = body.to_string();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {secret}\r\nIdempotency-Key: request-{n}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(address).ok()?;
    stream.write_all(format!("{head}{body}").as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1)?.parse().ok()?, serde_json::from_str(body).ok()?))
}

#[test]
fn after_a_kill_the_same_name_gets_the_same_answer_and_nothing_is_done_twice() {
    let folder = Folder::new("killed");
    let secret = furnish(&folder.0, Some(77));
    let answered: Arc<Mutex<BTreeMap<usize, Value>>> = Arc::default();
    let (program, address) = serve(&folder);
    let next = Arc::new(AtomicUsize::new(0));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (address, secret) = (address.clone(), secret.clone());
            let (next, answered) = (Arc::clone(&next), Arc::clone(&answered));
            std::thread::spawn(move || {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    let Some((status, body)) = (n < REQUESTS).then(|| ask(&address, &secret, n)).flatten() else {
                        return;
                    };
                    assert!((201..=202).contains(&status), "{n}: {status} {body}");
                    answered.lock().unwrap().insert(n, body["id"].clone());
                }
            })
        })
        .collect();
    while answered.lock().unwrap().len() < ANSWERS && clients.iter().any(|client| !client.is_finished()) {
        std::thread::yield_now();
    }
    program.kill();
    for client in clients {
        client.join().unwrap();
    }
    let before = answered.lock().unwrap().clone();
    assert!((ANSWERS..REQUESTS).contains(&before.len()), "killed in the midst of them: {}", before.len());
    let (program, address) = serve(&folder);
    let ids: Vec<Value> = (0..REQUESTS)
        .map(|n| {
            let (status, body) = ask(&address, &secret, n).unwrap();
            assert!((201..=202).contains(&status), "{n}: {status} {body}");
            body["id"].clone()
        })
        .collect();
    for (n, id) in &before {
        assert_eq!(&ids[*n], id, "request {n}");
    }
    program.kill();
    let store = open(&folder.0);
    let read = store.snapshot().unwrap();
    assert!(store::check::check(&read).unwrap().is_clean());
    let each = u64::try_from(REQUESTS / 3).unwrap();
    let last = |kind: usize| ids.iter().skip(kind).step_by(3).filter_map(Value::as_u64).max();
    assert_eq!([last(0), last(1), last(2)], [Some(each); 3], "numbers that nobody else has");
    assert!(links::get(&read, startlink::ids::LinkId(each + 1)).unwrap().is_none());
    assert!(messages::get(&read, startlink::ids::MessageId(each + 1)).unwrap().is_none());
    assert_eq!(broadcasts::list(&read, None, None, REQUESTS).unwrap().len(), REQUESTS / 3);
}
