//! People on both ends: how soon their words are in an open inbox, how soon a press is at the website that waits for it, and
//! whether the inbox minds a million messages.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::client::{Client, p99};
use crate::support::{Folder, Program, Server, free_port, median, open, press_update, sign_in, text_update};
use crate::web::request;
use startlink::actions::keys::{self, NewKey};
use startlink::actions::messages::{SendOptions, To, receive, send};
use startlink::actions::{Caller, Error, accounts, chats};
use startlink::ids::{AccountId, ChatId, TelegramMessageId, UserId};
use startlink::model::admin::Role;
use startlink::model::chat::Profile;
use startlink::model::event::Actor;
use startlink::model::message::{Body, Button, ButtonAction};
use startlink::model::settings::BotIdentity;
use startlink::runtime::block_on;
use startlink::secret::Secret;
use startlink::store::{Read as _, Tx, meta};

/// A build for tests is many times slower; there the benchmark only shows that it runs.
const MANY: u64 = if cfg!(debug_assertions) { 2_000 } else { 1_000_000 };
const FEW: u64 = 10;
/// People who wrote them, at most.
const PEOPLE: u64 = 10_000;
const PIECE: u64 = 1_000;
const FIRST: u64 = 4_000_000;
const TIMES: u64 = if cfg!(debug_assertions) { 20 } else { 300 };
const LOOKS: usize = 500;
/// Between two of them, so that each finds an idle program.
const EVERY: Duration = Duration::from_millis(300);

/// The inbox with few messages and with many.
pub fn run() {
    for messages in [FEW, MANY] {
        let folder = Folder::new("inbox");
        let cookie = prepare(&folder, messages);
        let server = Server::start();
        let port = free_port();
        let program = Program::serve(&folder.0, &server, &port.to_string());
        server.wait_for_poll(Instant::now());
        for path in ["/admin/inbox", "/admin/inbox?list=unread", "/admin/inbox/1"] {
            let (mut client, request) = (Client::new(port), request(port, path, Some(&cookie)));
            let took: Vec<Duration> = (0..LOOKS).map(|_| client.ask(&request)).collect();
            let middle = median(took.iter().map(|one| one.as_secs_f64() * 1e3).collect());
            println!("{messages} messages, GET {path}: median {middle:.2} ms, p99 {:.2} ms", p99(took));
        }
        println!("{messages} messages, from the phone to the open inbox: {}", arrive(&server, port, &cookie));
        drop(program);
    }
}

/// Words arrive, and the open inbox shows them.
fn arrive(server: &Server, port: SocketAddr, cookie: &Secret) -> String {
    let mut stream = Stream::open(port, "/admin/inbox/live?list=open", cookie);
    stream.wait_for("event: html");
    let mut took = Vec::new();
    for n in 0..TIMES {
        std::thread::sleep(EVERY);
        let words = format!("word-{n}-of-mine");
        let begun = Instant::now();
        server.seen.updates.lock().expect("the queue").push_back(text_update(n, FIRST + n % FEW, &words));
        stream.wait_for(&words);
        took.push(begun.elapsed());
    }
    told(&took)
}

/// A press, from the phone to the request of the website that waits for it.
pub fn press() {
    let folder = Folder::new("press");
    let (secret, questions) = {
        let store = open(&folder);
        // Without an admin the API is closed.
        sign_in(&store);
        let made = store.write(|tx| {
            know_bot(tx)?;
            let caller = Caller::internal(Actor::System);
            let mut questions = Vec::new();
            for n in 0..TIMES {
                let account = person(tx, &caller, n)?;
                let yes = Button { label: "Yes".into(), action: ButtonAction::Answer("yes".into()) };
                let body = Body::plain("Approve?").with_row(vec![yes]);
                questions.push(send(tx, &caller, To::Account(account), body, SendOptions::default())?.0);
            }
            let owner = Caller { actor: Actor::Operator, role: Role::Owner };
            let asked = NewKey { name: "bench", scopes: "all", rate: 0, lifetime: None };
            Ok::<_, Error>((keys::create(tx, &owner, asked)?.2.expose().to_owned(), questions))
        });
        block_on(made).expect("questions")
    };
    let (server, port) = (Server::start(), free_port());
    let program = Program::serve(&folder.0, &server, &port.to_string());
    server.wait_for_sent(TIMES, Instant::now());
    let mut took = Vec::new();
    for (n, question) in (0..TIMES).zip(questions) {
        let ask = format!(
            "GET /api/v1/messages/{question}?wait=25 HTTP/1.1\r\nHost: {port}\r\nAuthorization: Bearer {secret}\r\n\r\n"
        );
        let website = std::thread::spawn(move || {
            Client::new(port).ask(ask.as_bytes());
            Instant::now()
        });
        // The request waits by then.
        std::thread::sleep(EVERY);
        let begun = Instant::now();
        let update = press_update(n, FIRST + n, n + 1, &format!("ask:{question}:0"));
        server.seen.updates.lock().expect("the queue").push_back(update);
        took.push(website.join().expect("an answer").duration_since(begun));
    }
    drop(program);
    println!("from a press to the website that waits: {}", told(&took));
}

fn told(took: &[Duration]) -> String {
    let middle = median(took.iter().map(|one| one.as_secs_f64() * 1e3).collect());
    let longest = took.iter().max().map_or(0.0, |one| one.as_secs_f64() * 1e3);
    format!("median {middle:.1} ms, p99 {:.1} ms, longest {longest:.1} ms of {}", p99(took.to_vec()), took.len())
}

fn know_bot(tx: &mut Tx<'_>) -> Result<(), Error> {
    let seen = tx.now();
    let bot = BotIdentity { id: UserId(777_000_777), username: "bench_bot".into(), name: "Bench".into(), seen };
    Ok(meta::put_bot(tx, &bot)?)
}

/// An account with a chat.
fn person(tx: &mut Tx<'_>, caller: &Caller, n: u64) -> Result<AccountId, Error> {
    let new = accounts::NewAccount { username: &format!("user{n:06}"), name: "A Person", tags: "" };
    let (account, _) = accounts::create(tx, caller, new)?;
    let chat = ChatId((FIRST + n).cast_signed());
    chats::note(tx, chat, Profile { name: "Person".into(), ..Profile::default() })?;
    chats::bind(tx, chat, account)?;
    Ok(account)
}

/// So many messages, of few people in turn; and someone who is signed in.
fn prepare(folder: &Folder, messages: u64) -> Secret {
    let store = open(folder);
    block_on(store.write(know_bot)).expect("a bot");
    let people = messages.min(PEOPLE);
    for piece in 0..messages.div_ceil(PIECE) {
        let made = store.write(move |tx| {
            let caller = Caller::internal(Actor::System);
            for n in piece * PIECE..messages.min((piece + 1) * PIECE) {
                let (place, chat) = (n % people, ChatId((FIRST + n % people).cast_signed()));
                let account = if n < people { person(tx, &caller, n)? } else { AccountId(place + 1) };
                let body = Body::plain("When does the shop open on Saturday?");
                receive(tx, chat, Some(account), TelegramMessageId(n.cast_signed()), &body)?;
            }
            Ok::<_, Error>(())
        });
        block_on(made).expect("messages");
    }
    sign_in(&store)
}

/// A stream of events that is read.
struct Stream(BufReader<TcpStream>);

impl Stream {
    fn open(host: SocketAddr, path: &str, cookie: &Secret) -> Self {
        let mut stream = TcpStream::connect(host).expect("a connection");
        let cookie = cookie.expose();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/event-stream\r\nCookie: startlink={cookie}\r\n\r\n"
        )
        .expect("a request");
        stream.set_read_timeout(Some(Duration::from_mins(1))).expect("a timeout");
        Self(BufReader::new(stream))
    }

    /// Reads until a line holds these words.
    fn wait_for(&mut self, words: &str) {
        let mut line = String::new();
        while !line.contains(words) {
            line.clear();
            assert!(self.0.read_line(&mut line).expect("a line") > 0, "the stream ended");
        }
    }
}
