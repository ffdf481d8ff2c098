//! A website's receiver of webhooks: keeps what came, answers as it is told, can be killed and come back.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use serde_json::Value;
use startlink::model::webhook::SigningSecret;

/// Longer than anything here takes; a test that needs it has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// One request.
#[derive(Clone, Debug)]
pub struct Hit {
    pub line: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl Hit {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// What the person wrote, for events of that kind.
    pub fn text(&self) -> String {
        self.json()["data"]["text"].as_str().unwrap_or_default().to_owned()
    }

    /// Whether one of the signatures was made with this secret, over what came.
    pub fn is_signed_with(&self, secret: &SigningSecret) -> bool {
        let seconds = self.header("webhook-timestamp").parse().unwrap();
        let expected = secret.sign(self.header("webhook-id"), seconds, &self.body);
        self.header("webhook-signature").split(' ').any(|signature| signature == expected)
    }
}

/// What is answered.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A status with a short body.
    Status(u16),
    /// A status with headers.
    With(u16, String),
    /// A status with a body that does not end.
    Endless(u16),
    /// Nothing: the connection is closed.
    Drop,
    /// Nothing: the connection stays open.
    Never,
}

type Manners = Box<dyn Fn(&Hit) -> Answer + Send + Sync>;

struct Shared {
    hits: Mutex<Vec<Hit>>,
    came: Condvar,
    manners: Mutex<Manners>,
    streams: Mutex<Vec<TcpStream>>,
    over: AtomicBool,
}

pub struct Receiver {
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

impl Receiver {
    /// One that takes everything.
    pub fn start() -> Self {
        Self::on("127.0.0.1:0".parse().unwrap())
    }

    /// One that was killed and comes back.
    pub fn on(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            hits: Mutex::default(),
            came: Condvar::new(),
            manners: Mutex::new(Box::new(|_| Answer::Status(204))),
            streams: Mutex::default(),
            over: AtomicBool::new(false),
        });
        let own = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if own.over.load(Ordering::SeqCst) {
                    return;
                }
                own.streams.lock().unwrap().push(stream.try_clone().unwrap());
                let shared = Arc::clone(&own);
                std::thread::spawn(move || serve(stream, &shared));
            }
        });
        Self { address, shared }
    }

    pub fn url(&self) -> String {
        format!("http://{}/hook?from=startlink", self.address)
    }

    /// From now on answers so.
    pub fn answer(&self, manners: impl Fn(&Hit) -> Answer + Send + Sync + 'static) {
        *self.shared.manners.lock().unwrap() = Box::new(manners);
    }

    pub fn hits(&self) -> Vec<Hit> {
        self.shared.hits.lock().unwrap().clone()
    }

    /// What came, once it is as much as that.
    pub fn wait_for(&self, count: usize) -> Vec<Hit> {
        let hits = self.shared.hits.lock().unwrap();
        let (hits, _) = self.shared.came.wait_timeout_while(hits, PATIENCE, |hits| hits.len() < count).unwrap();
        assert!(hits.len() >= count, "only {} came: {hits:#?}", hits.len());
        hits.clone()
    }

    /// Waits until what came is enough.
    pub fn wait_until(&self, is_enough: impl Fn(&[Hit]) -> bool) {
        let hits = self.shared.hits.lock().unwrap();
        let (hits, _) = self.shared.came.wait_timeout_while(hits, PATIENCE, |hits| !is_enough(hits)).unwrap();
        assert!(is_enough(&hits), "only {} came", hits.len());
    }
}

impl Drop for Receiver {
    /// Nobody listens any more, and every connection is cut.
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
        for stream in self.shared.streams.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        // The thread that accepts closes its end when it has seen the last connection.
        while TcpStream::connect(self.address).is_ok() {
            std::thread::yield_now();
        }
    }
}

fn serve(stream: TcpStream, shared: &Shared) {
    let mut writer = stream.try_clone().unwrap();
    let mut reader = BufReader::new(stream);
    while let Some(hit) = request(&mut reader) {
        let answer = (shared.manners.lock().unwrap())(&hit);
        shared.hits.lock().unwrap().push(hit);
        shared.came.notify_all();
        match answer {
            Answer::Status(204) => drop(writer.write_all(b"HTTP/1.1 204 No Content\r\n\r\n")),
            Answer::Status(status) => say(&mut writer, status, ""),
            Answer::With(status, headers) => say(&mut writer, status, &headers),
            Answer::Endless(status) => {
                let _ = write!(writer, "HTTP/1.1 {status} So\r\nContent-Length: 1000000000\r\n\r\n");
                while writer.write_all(&[b'x'; 4096]).is_ok() {}
                return;
            }
            Answer::Drop => {
                let _ = writer.shutdown(Shutdown::Both);
                return;
            }
            Answer::Never => {
                let _ = reader.read(&mut [0]);
                return;
            }
        }
    }
}

fn say(writer: &mut TcpStream, status: u16, headers: &str) {
    let _ = write!(writer, "HTTP/1.1 {status} So\r\n{headers}Content-Length: 2\r\n\r\nok");
}

fn request(reader: &mut BufReader<TcpStream>) -> Option<Hit> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        lines.push(line);
    }
    let pairs = lines.iter().skip(1).filter_map(|line| line.split_once(": "));
    let headers: BTreeMap<_, _> = pairs.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
    let mut body = vec![0; headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some(Hit { line: lines.first()?.clone(), headers, body: String::from_utf8(body).ok()? })
}
