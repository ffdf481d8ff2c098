//! The executable itself, started as a person starts it: what it printed, what it logged, and how it ended.

use std::io::{BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use startlink::clock::Clock;
use startlink::control::{self, Reply, Request, Response};

/// How long the program may take to say where it is.
const START: Duration = Duration::from_secs(30);
/// How long it may take to end after it was asked to.
const END: Duration = Duration::from_secs(20);

/// A running `startlink`, stopped when this is dropped.
pub struct Program {
    child: Child,
    lines: Receiver<String>,
    said: Vec<String>,
    log: Arc<Mutex<String>>,
    folder: PathBuf,
}

impl Drop for Program {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|status| status.is_none()) {
            let _gone = self.child.kill();
            let _ended = self.child.wait();
        }
        if std::thread::panicking() {
            eprintln!("--- log of the program\n{}", self.log());
        }
        let _removed = std::fs::remove_dir_all(&self.folder);
    }
}

impl Program {
    /// Starts `startlink sandbox` on free ports with a new data folder; `name` is unique among the tests.
    pub fn sandbox(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("startlink-data-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self::sandbox_in(&folder, &[])
    }

    /// The same on a data folder that is there, in an environment.
    pub fn sandbox_in(folder: &Path, environment: &[(&str, &str)]) -> Self {
        let args = ["sandbox", "--listen", "127.0.0.1:0", "--phone-listen", "127.0.0.1:0"];
        Self::start(&args, folder, environment)
    }

    /// Starts the executable on a data folder that is there, in an environment.
    pub fn start(args: &[&str], folder: &Path, environment: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_startlink"))
            .args(args)
            .arg("--data-dir")
            .arg(folder)
            .env_clear()
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (send, lines) = mpsc::channel();
        let out = child.stdout.take().unwrap();
        std::thread::spawn(move || {
            BufReader::new(out).lines().map_while(Result::ok).all(|line| send.send(line).is_ok());
        });
        let log = Arc::default();
        keep(child.stderr.take().unwrap(), Arc::clone(&log));
        Self { child, lines, said: Vec::new(), log, folder: folder.to_owned() }
    }

    /// Ends it without a chance to tidy up.
    pub fn kill(mut self) {
        // The folder stays for the next life.
        self.folder = PathBuf::new();
        drop(self);
    }

    /// The address that the program announced behind a word such as `Phone`.
    pub fn announced(&mut self, word: &str) -> String {
        let (clock, begin) = (Clock::system(), Clock::system().now());
        loop {
            let found = self.said.iter().find_map(|line| line.trim().strip_prefix(word)?.trim().strip_prefix("http"));
            if let Some(rest) = found {
                return format!("http{rest}");
            }
            let left = START.saturating_sub(clock.now().since(begin));
            match self.lines.recv_timeout(left) {
                Ok(line) => self.said.push(line),
                Err(why) => panic!("{why}: no address behind {word:?} in {:?}\n{}", self.said, self.log()),
            }
        }
    }

    /// What it wrote to standard error so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Asks it to end, as a service manager does; its exit code.
    pub fn terminate(&mut self) -> i32 {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(asked.success());
        let (clock, begin) = (Clock::system(), Clock::system().now());
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code().unwrap_or_else(|| panic!("ended by {status}\n{}", self.log()));
            }
            assert!(clock.now().since(begin) < END, "still running after {END:?}\n{}", self.log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Asks it over the socket in its data folder, as the commands do.
    pub fn ask(&self, request: &Request) -> Reply {
        match control::call(&self.folder, request).unwrap() {
            Response::Done { reply } => reply,
            Response::Refused { reason } => panic!("refused: {reason}"),
            Response::Follows => panic!("more than a line"),
        }
    }

    /// Runs another command of the executable on the same data folder; its exit code and all it printed.
    pub fn command(&self, args: &[&str]) -> (i32, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_startlink"));
        let ran = command.args(args).arg("--data-dir").arg(&self.folder).env_clear().output().unwrap();
        let said = [ran.stdout, ran.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
        (ran.status.code().unwrap(), said)
    }
}

fn keep(mut from: impl Read + Send + 'static, to: Arc<Mutex<String>>) {
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            to.lock().unwrap().push_str(&String::from_utf8_lossy(&buffer[..count]));
        }
    });
}
