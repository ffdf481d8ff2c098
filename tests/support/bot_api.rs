//! A server that speaks just enough of the Bot API for files: takes documents, tells where files are, and serves them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::scripted::{Caller, Scripted};

/// What one call brought.
#[derive(Clone, Debug)]
pub struct Brought {
    /// The first line and the headers, in lower case.
    pub head: String,
    pub body: Vec<u8>,
}

impl Brought {
    /// The file of a form, which stands last in it.
    pub fn file(&self) -> &[u8] {
        let boundary = self.head.split("boundary=").nth(1).and_then(|rest| rest.lines().next()).expect("a form");
        let begin = find(&self.body, b"filename=").expect("a file");
        let begin = begin + find(&self.body[begin..], b"\r\n\r\n").expect("its head") + 4;
        self.body[begin..].strip_suffix(format!("\r\n--{boundary}--\r\n").as_bytes()).expect("the form's end")
    }

    pub fn has(&self, words: &str) -> bool {
        find(&self.body, words.as_bytes()).is_some()
    }
}

fn find(whole: &[u8], part: &[u8]) -> Option<usize> {
    whole.windows(part.len()).position(|window| window == part)
}

/// The answer to a call that is not about files: what the poller and the sender ask.
const IDLE: &str = r#"{"ok":true,"result":[]}"#;

pub struct BotApi {
    pub server: Scripted,
    brought: Arc<Mutex<Vec<Brought>>>,
}

impl BotApi {
    /// A server that answers each call as `answer` says: status and body. Where that says nothing, it is idle.
    pub fn start(answer: impl Fn(&Brought) -> Option<(u16, Vec<u8>)> + Send + Sync + 'static) -> Self {
        let brought: Arc<Mutex<Vec<Brought>>> = Arc::default();
        let notes = Arc::clone(&brought);
        let server = Scripted::start(move |caller| {
            while let Some(call) = read(caller) {
                let (status, body) = answer(&call).unwrap_or_else(|| (200, idle(&call).into()));
                notes.lock().unwrap_or_else(PoisonError::into_inner).push(call);
                let length = body.len();
                caller.say(format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\n\r\n"));
                caller.say(body);
            }
        });
        Self { server, brought }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.server.address)
    }

    fn brought(&self) -> MutexGuard<'_, Vec<Brought>> {
        self.brought.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The calls of a method, in the order of arrival.
    pub fn calls(&self, method: &str) -> Vec<Brought> {
        let method = method.to_ascii_lowercase();
        let is_it = |call: &&Brought| call.head.lines().next().is_some_and(|line| line.contains(&method));
        self.brought().iter().filter(is_it).cloned().collect()
    }
}

fn read(caller: &mut Caller) -> Option<Brought> {
    let head = caller.head();
    if head.is_empty() {
        return None;
    }
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
    let body = caller.bytes(length);
    Some(Brought { head, body })
}

fn idle(call: &Brought) -> String {
    if call.head.contains("/getupdates") {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    if call.head.contains("/getme") {
        let bot = call.head.split("/bot").nth(1).and_then(|rest| rest.split(':').next()).unwrap_or("7");
        return format!(r#"{{"ok":true,"result":{{"id":{bot},"first_name":"Post","username":"post_bot"}}}}"#);
    }
    if call.head.contains("/getwebhookinfo") {
        return r#"{"ok":true,"result":{"url":""}}"#.to_owned();
    }
    if call.head.contains("/getupdates") { IDLE.to_owned() } else { r#"{"ok":true,"result":true}"#.to_owned() }
}

/// Where a file is, and the file: for tests that fetch one.
pub fn serves(content: Vec<u8>) -> impl Fn(&Brought) -> Option<(u16, Vec<u8>)> + Send + Sync + 'static {
    move |call| {
        let line = call.head.lines().next().unwrap_or_default();
        if line.contains("/getfile") {
            let place = r#"{"ok":true,"result":{"file_id":"f","file_path":"documents/file 7.bin"}}"#;
            return Some((200, place.into()));
        }
        line.starts_with("get /file/bot").then(|| (200, content.clone()))
    }
}

/// `getFile` is refused in these words.
pub fn refuses(words: &'static str) -> impl Fn(&Brought) -> Option<(u16, Vec<u8>)> + Send + Sync + 'static {
    move |call| {
        let refusal = format!(r#"{{"ok":false,"error_code":400,"description":"{words}"}}"#);
        call.head.contains("/getfile").then(|| (400, refusal.into()))
    }
}
