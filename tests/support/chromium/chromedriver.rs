//! One `chromedriver` process with one session: JSON over HTTP on loopback (W3C WebDriver).

use std::cell::RefCell;
use std::fmt;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::support::raw::Raw;

/// The driver lives in a process group of its own with a shell that ends the group when our end of its input closes, so that
/// nothing stays behind even when the tests are killed.
const KEEPER: &str = "PATH=\"$PATH:/usr/lib/chromium-browser\"; chromedriver --port=0 & read -r _; kill -KILL 0";

/// Why a command was not carried out.
#[derive(Debug)]
pub struct Failure {
    error: String,
    message: String,
}

impl Failure {
    /// Something is not, or not yet, on the page.
    pub fn absent() -> Self {
        Self { error: "no such element".to_owned(), message: "not shown".to_owned() }
    }

    /// Whether the same command may work a moment later.
    pub fn may_pass(&self) -> bool {
        let passing =
            ["no such element", "stale element reference", "element not interactable", "element click intercepted"];
        // The last is how the driver says that the page changed while it looked.
        passing.contains(&self.error.as_str()) || self.message.contains("does not belong to the document")
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.error, self.message.lines().next().unwrap_or_default())
    }
}

pub struct Chromedriver {
    keeper: Child,
    connection: RefCell<Raw>,
    session: String,
}

impl Drop for Chromedriver {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ended = self.keeper.wait();
    }
}

impl Chromedriver {
    /// Starts the driver on a free port and a browser with these capabilities.
    pub fn start(capabilities: &Value) -> Self {
        use std::os::unix::process::CommandExt as _;
        let mut keeper = Command::new("/bin/sh")
            .args(["-c", KEEPER])
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(keeper.stdout.take().unwrap()).lines();
        let port = lines.map_while(Result::ok).find_map(|line| {
            line.strip_prefix("ChromeDriver was started successfully on port ")?
                .trim_end_matches('.')
                .parse::<u16>()
                .ok()
        });
        let port = port.expect("chromedriver did not start; tests/run installs it");
        let connection = RefCell::new(Raw::connect(SocketAddr::from(([127, 0, 0, 1], port))));
        let mut driver = Self { keeper, connection, session: String::new() };
        let answer = driver.call("POST", "/session", Some(&json!({ "capabilities": capabilities })));
        driver.session = answer.unwrap()["sessionId"].as_str().unwrap().to_owned();
        driver
    }

    /// A command of the session with a body; its value.
    pub fn post(&self, command: &str, body: &Value) -> Result<Value, Failure> {
        self.call("POST", &format!("/session/{}/{command}", self.session), Some(body))
    }

    /// A question to the session; its value.
    pub fn get(&self, command: &str) -> Result<Value, Failure> {
        self.call("GET", &format!("/session/{}/{command}", self.session), None)
    }

    /// Closes the browser.
    pub fn quit(&self) {
        let _closed = self.call("DELETE", &format!("/session/{}", self.session), None);
    }

    /// A driver that does not answer in time is given up; the keeper ends it.
    fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, Failure> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let mut connection = self.connection.borrow_mut();
        connection.send(format!(
            "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        ));
        let mut answer: Value = serde_json::from_str(&connection.answer().body).unwrap();
        let value = answer["value"].take();
        match value["error"].as_str() {
            Some(error) => {
                let message = value["message"].as_str().unwrap_or_default().to_owned();
                Err(Failure { error: error.to_owned(), message })
            }
            None => Ok(value),
        }
    }
}
