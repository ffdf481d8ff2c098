//! The command line as people and scripts meet it: the executable itself, its output and its exit codes.

mod moving;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};

use startlink::clock::Timestamp;
use startlink::control::{AdminLine, Answer, Handler, KeyLine, Listener, Reply, Request, Response};
use startlink::model::admin::Role;
use startlink::runtime::{self, Stop, Task};

const TOKEN: &str = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw-_";

/// What a run of the executable came to.
struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_startlink"));
    command.args(args).env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(args: &[&str]) -> Ran {
    command(args).output().unwrap().into()
}

fn run_with(args: &[&str], variables: &[(&str, &str)]) -> Ran {
    command(args).envs(variables.iter().copied()).output().unwrap().into()
}

fn run_fed(args: &[&str], input: &str) -> Ran {
    let mut child = command(args).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap().into()
}

/// A data folder with somebody on its control socket, who answers `response` and remembers what was asked.
struct Server {
    folder: PathBuf,
    asked: Arc<Mutex<Vec<String>>>,
    stop: Stop,
    task: Option<Task<()>>,
}

impl Server {
    fn answering(name: &str, response: Response) -> Self {
        Self::with(name, move || response.clone().into())
    }

    /// One whose answer goes on with these pieces.
    fn following(name: &str, pieces: &'static [&'static str]) -> Self {
        Self::with(name, move || {
            let (send, all) = async_channel::unbounded();
            for piece in pieces {
                send.try_send((*piece).to_owned()).unwrap();
            }
            Answer::Follows(all)
        })
    }

    fn with(name: &str, answer: impl Fn() -> Answer + Send + Sync + 'static) -> Self {
        let folder = folder(name);
        let asked = Arc::new(Mutex::new(Vec::new()));
        let stop = Stop::new();
        let handler: Handler = Arc::new({
            let asked = asked.clone();
            move |request: Request| {
                asked.lock().unwrap().push(serde_json::to_string(&request).unwrap());
                let answer = answer();
                Box::pin(async move { answer })
            }
        });
        let listener = Listener::bind(&folder).unwrap();
        let task = runtime::spawn(listener.serve(handler, stop.clone()));
        Self { folder, asked, stop, task: Some(task) }
    }

    fn run(&self, args: &[&str]) -> Ran {
        self.run_fed(args, "")
    }

    fn run_fed(&self, args: &[&str], input: &str) -> Ran {
        let folder = self.folder.to_str().unwrap();
        run_fed(&[args, &["--data-dir", folder]].concat(), input)
    }

    fn asked(&self) -> String {
        self.asked.lock().unwrap().join("\n")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.raise();
        runtime::block_on(self.task.take().unwrap());
        let _gone = std::fs::remove_dir_all(&self.folder);
    }
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("startlink-cli-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn text(text: &str) -> Response {
    Response::done(Reply::Text { text: text.to_owned() })
}

#[test]
fn help_and_version_are_results_and_mistakes_are_not() {
    let help = run(&["--help"]);
    assert_eq!((help.code, help.err.as_str()), (0, ""));
    for command in [
        "serve",
        "sandbox",
        "setup-link",
        "admin",
        "link",
        "send",
        "import",
        "export",
        "check",
        "config",
        "healthcheck",
    ] {
        assert!(help.out.contains(&format!("\n  {command} ")), "{command} is missing in:\n{}", help.out);
    }
    assert!(run(&["version"]).out.starts_with("startlink 0."));
    assert_eq!(run(&["version"]).out, run(&["--version"]).out);
    for args in [&["--nonsense"][..], &["fly"], &["link"], &["admin", "add"], &["send", "ada"]] {
        let wrong = run(args);
        assert_eq!((wrong.code, wrong.out.as_str()), (2, ""), "{args:?}");
        assert!(wrong.err.starts_with("error: "), "{}", wrong.err);
    }
}

#[test]
fn a_bad_configuration_names_the_variable_and_ends_with_78() {
    for args in
        [&[][..], &["serve"], &["config", "print"], &["check"], &["link", "ada"], &["admin", "list"], &["healthcheck"]]
    {
        let ran = run_with(args, &[("STARTLINK_LISTEN", "nowhere")]);
        assert_eq!((ran.code, ran.out.as_str()), (78, ""), "{args:?}: {}", ran.err);
        assert!(ran.err.starts_with("startlink: STARTLINK_LISTEN: `nowhere` is not an address"), "{}", ran.err);
    }
    let ran = run_with(&["serve", "--stop-timeout", "never"], &[("STARTLINK_BOTTOKEN", TOKEN)]);
    assert_eq!(ran.code, 78);
    assert!(
        ran.err.contains("did you mean STARTLINK_BOT_TOKEN?") && ran.err.contains("--stop-timeout: "),
        "{}",
        ran.err
    );
    assert!(!ran.err.contains(TOKEN));
}

#[test]
fn a_server_open_to_the_network_without_tls_is_refused() {
    let ran = run(&["serve", "--listen", "0.0.0.0:0"]);
    assert_eq!(ran.code, 78);
    assert!(ran.err.contains("listen (set by --listen): 0.0.0.0:0 is reachable from other machines"), "{}", ran.err);
    let ran = run(&["sandbox", "--phone-listen", "0.0.0.0:0"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("--phone-listen: 0.0.0.0:0 is reachable from other machines"), "{}", ran.err);
}

#[test]
fn config_print_shows_values_and_sources_and_no_secret() {
    let ran = run_with(
        &["config", "print", "--rate-chat", "2"],
        &[("STARTLINK_BOT_TOKEN", TOKEN), ("STARTLINK_BASE_URL", "https://links.example.org/")],
    );
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let line = |name: &str| {
        let found = ran.out.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        found.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(line("rate_chat"), "rate_chat 2 --rate-chat");
    assert_eq!(line("bot_token"), "bot_token 123456789:(hidden) STARTLINK_BOT_TOKEN");
    assert_eq!(line("base_url"), "base_url https://links.example.org STARTLINK_BASE_URL");
    assert_eq!(line("listen"), "listen 127.0.0.1:8080 default");
    assert_eq!(line("proxy"), "proxy - not set");
    assert_eq!(line("rate_global"), "rate_global 30 default, unless the settings page says otherwise");
    assert!(!ran.out.contains("AAHd"));
}

#[test]
fn a_command_that_needs_the_server_says_that_none_is_running() {
    let empty = folder("none");
    for args in [&["link", "ada"][..], &["send", "ada", "hello"]] {
        let ran = run(&[args, &["--data-dir", empty.to_str().unwrap()]].concat());
        assert_eq!((ran.code, ran.out.as_str()), (1, ""));
        let said = format!("startlink: no startlink is running with the data folder {}", empty.display());
        assert!(ran.err.starts_with(&said), "{}", ran.err);
    }
    std::fs::remove_dir(empty).unwrap();
}

#[test]
fn a_link_goes_into_a_pipe_alone() {
    let reply = Reply::Link {
        username: "ada".to_owned(),
        url: "https://t.me/post_bot?start=abc".to_owned(),
        page: None,
        command: "/start abc".to_owned(),
        expires_at: Timestamp(1_769_860_800_000),
    };
    let server = Server::answering("link", Response::done(reply));
    let ran = server.run(&["link", "ada"]);
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, "https://t.me/post_bot?start=abc\n", ""));
    assert_eq!(server.asked(), r#"{"command":"link","username":"ada"}"#);
}

#[test]
fn a_message_comes_from_the_argument_or_from_standard_input() {
    let server = Server::answering("send", Response::done(Reply::Queued { chats: 2 }));
    assert_eq!(server.run(&["send", "ada", "hello"]).out, "Queued for 2 chats.\n");
    server.run_fed(&["send", "ada", "-"], "two\nlines\n");
    let asked = server.asked();
    assert_eq!(
        asked.lines().collect::<Vec<_>>(),
        [
            r#"{"command":"send","username":"ada","text":"hello"}"#,
            r#"{"command":"send","username":"ada","text":"two\nlines"}"#,
        ]
    );
}

#[test]
fn a_password_comes_from_standard_input_and_is_never_shown() {
    let server = Server::answering("passwd", text("The password of ada is changed; 2 sessions ended."));
    let ran = server.run_fed(&["admin", "passwd", "ada"], "correct horse battery\n");
    assert_eq!((ran.code, ran.out.as_str()), (0, "The password of ada is changed; 2 sessions ended.\n"));
    assert_eq!(server.asked(), r#"{"command":"admin_passwd","name":"ada","password":"correct horse battery"}"#);
    let ran = server.run_fed(&["admin", "passwd", "ada"], "");
    assert_eq!(ran.code, 2);
    assert!(ran.err.starts_with("startlink: no password on standard input"), "{}", ran.err);
    assert_eq!(run(&["admin", "passwd", "ada", "hunter2"]).code, 2);
}

#[test]
fn one_time_links_are_results_and_their_explanation_is_not() {
    let reply = Reply::OneTimeLink {
        purpose: "Set startlink up here".to_owned(),
        url: "http://127.0.0.1:8080/setup/abc".to_owned(),
        expires_at: Timestamp(1_769_860_800_000),
    };
    let server = Server::answering("setup", Response::done(reply));
    for args in [&["setup-link"][..], &["admin", "add", "grace"], &["admin", "reset-2fa", "ada"]] {
        let ran = server.run(args);
        assert_eq!((ran.code, ran.out.as_str()), (0, "http://127.0.0.1:8080/setup/abc\n"), "{args:?}: {}", ran.err);
        assert_eq!(ran.err, "Set startlink up here (once, until 2026-01-31 12:00 UTC):\n");
    }
    assert!(server.asked().contains(r#"{"command":"admin_add","name":"grace","role":"Owner"}"#), "{}", server.asked());
}

#[test]
fn admins_are_listed_in_columns() {
    let ada = AdminLine { name: "ada".to_owned(), role: Role::Owner, sessions: 2, last_sign_in: Some(Timestamp(0)) };
    let grace = AdminLine { name: "grace".to_owned(), role: Role::Viewer, sessions: 0, last_sign_in: None };
    let server = Server::answering("list", Response::done(Reply::Admins { admins: vec![ada, grace] }));
    assert_eq!(
        server.run(&["admin", "list"]).out,
        "ada    owner     last 1970-01-01 00:00 UTC, open sessions: 2\n\
         grace  viewer    never signed in, open sessions: 0\n"
    );
}

#[test]
fn the_secret_of_a_key_is_the_result_and_its_explanation_is_not() {
    let line = KeyLine {
        name: "shop".to_owned(),
        hint: "slk_AbCd".to_owned(),
        scopes: "links".to_owned(),
        ends: None,
        live: true,
        used: Some(Timestamp(1_795_374_000_000)),
    };
    let reply = Reply::Key { line: line.clone(), secret: "slk_AbCdEf".to_owned() };
    let server = Server::answering("key", Response::done(reply));
    let ran = server.run(&["key", "create", "--name", "shop", "--scope", "links", "--days", "7"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "slk_AbCdEf\n"));
    assert!(ran.err.contains("shop") && ran.err.contains("shown once"), "{}", ran.err);
    let asked = server.asked();
    assert!(asked.contains("\"days\":7") && asked.contains("\"rate\":6000"), "{asked}");
    let server = Server::answering("keys", Response::done(Reply::Keys { keys: vec![line] }));
    let listed = server.run(&["key", "list"]).out;
    assert_eq!(listed, "shop  slk_AbCd…  links  used 2026-11-22 19:00 UTC\n");
}

#[test]
fn a_damaged_file_fails_the_check() {
    let whole = Server::answering("whole", Response::done(Reply::Checked { rows: 7, problems: Vec::new() }));
    let ran = whole.run(&["check"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "The data file is whole: 7 rows.\n"));
    let problems = vec!["account 3 is missing in the index of names".to_owned()];
    let damaged = Server::answering("damaged", Response::done(Reply::Checked { rows: 7, problems }));
    let ran = damaged.run(&["check"]);
    assert_eq!((ran.code, ran.out.as_str()), (1, "account 3 is missing in the index of names\n"));
    assert_eq!(ran.err, "startlink: the data file is damaged: 1 problem in 7 rows\n");
}

#[test]
fn a_refusal_of_the_server_is_a_failure_with_its_sentence() {
    let server = Server::answering("refused", Response::refused("There is no account named ada."));
    let ran = server.run(&["link", "ada"]);
    assert_eq!((ran.code, ran.err.as_str()), (1, "startlink: There is no account named ada.\n"));
    let server = Server::answering("foreign", text("what a link never is"));
    assert!(server.run(&["link", "ada"]).err.contains("is it another version?"));
}

#[test]
fn a_health_check_without_a_server_fails() {
    let ran = run(&["healthcheck", "--listen", "127.0.0.1:1"]);
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    assert!(ran.err.starts_with("startlink: http://127.0.0.1:1/healthz did not answer: "), "{}", ran.err);
}

#[test]
fn completions_are_made_for_the_usual_shells() {
    for shell in ["bash", "zsh", "fish"] {
        let ran = run(&["completions", shell]);
        assert_eq!(ran.code, 0);
        assert!(ran.out.contains("setup-link"), "{shell}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let mut child = command(&["completions", "bash"]).spawn().unwrap();
    drop(child.stdout.take());
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
}
