//! Moving in, as an operator does it: on a running sandbox first, then on the data file that it leaves.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::{Ran, Server, run, run_fed};
use crate::support::program::Program;
use crate::support::raw::Raw;

/// Files that are removed again; `name` keeps tests apart.
struct Files(PathBuf);

impl Files {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("startlink-moving-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    fn write(&self, name: &str, text: &str) -> String {
        std::fs::write(self.0.join(name), text).unwrap();
        self.path(name)
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _gone = std::fs::remove_dir_all(&self.0);
    }
}

fn control(phone: &str, method: &str, path: &str, body: &Value) -> Value {
    let host = phone.strip_prefix("http://").unwrap();
    let (address, body): (SocketAddr, String) = (host.parse().unwrap(), body.to_string());
    let length = body.len();
    let request =
        format!("{method} /control/{path} HTTP/1.1\r\nhost: {host}\r\ncontent-length: {length}\r\n\r\n{body}");
    serde_json::from_str(&Raw::connect(address).send(request).answer().body).unwrap()
}

fn exported(path: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_team_moves_in_while_the_server_runs() {
    let files = Files::new("in");
    let mut program = Program::sandbox("moving-in");
    let phone = program.announced("Phone");
    let accounts = files.write("accounts.csv", "\u{feff}username;name;tags\r\nada;Ada Lovelace;vip beta\r\nben;;\r\n");
    let codes = files.write("codes.csv", "code,username\nCARD-0042,ada\n");
    let chats = files.write("chats.csv", "chat_id,username\n42,ben\n");
    let args = ["import", "--accounts", &accounts, "--codes", &codes, "--chats", &chats];

    let (code, said) = program.command(&args);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("2 new, 0 changed, 0 unchanged (lines: 2)") && said.contains("this was a dry run"), "{said}");
    assert!(
        said.contains("codes.csv:2: warning: The code is easier to guess") && !said.contains("CARD-0042"),
        "{said}"
    );

    let broken = files.write("broken.csv", "chat_id,username\n43,ben\n-100,ben\n");
    let report = files.path("report.jsonl");
    let wrong = ["import", "--accounts", &accounts, "--chats", &broken, "--apply", "--report", &report];
    let (code, said) = program.command(&wrong);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("broken.csv:3: This is a group") && said.contains("nothing was changed"), "{said}");
    let lines: Vec<Value> =
        std::fs::read_to_string(&report).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 4);
    assert_eq!(
        (&lines[0]["list"], &lines[0]["line"], &lines[0]["outcome"]),
        (&json!("accounts"), &json!(2), &json!("new"))
    );
    assert_eq!((&lines[3]["line"], &lines[3]["outcome"]), (&json!(3), &json!("wrong")));
    let (_, said) = program.command(&args);
    assert!(said.contains("2 new, 0 changed"), "nothing of it was kept: {said}");

    let (code, said) = program.command(&[&args[..], &["--apply"]].concat());
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("All of it is written."), "{said}");
    let person = control(&phone, "POST", "people", &json!({ "first_name": "Ada" }))["id"].clone();
    control(&phone, "POST", &format!("phones/{person}/start"), &json!({ "payload": "CARD-0042" }));
    let told = control(&phone, "GET", &format!("phones/{person}/messages?after=1&wait=20"), &json!({}));
    let greeting = told["messages"].to_string();
    assert!(greeting.contains("ada"), "the printed code connects: {greeting}");

    let out = files.path("all.jsonl");
    let (code, said) = program.command(&["export", "--out", &out]);
    assert_eq!(code, 0, "{said}");
    let exported = exported(&out);
    assert_eq!(std::fs::metadata(&out).unwrap().permissions().mode() & 0o777, 0o600);
    let greeted = exported.iter().any(|line| line["type"] == "message" && line["username"] == "ada");
    assert!(greeted && !exported.iter().any(|line| line.to_string().contains("CARD-0042")), "{exported:?}");
    let imports = exported.iter().filter(|line| line["action"] == "import" && line["by"] == "operator").count();
    assert_eq!(imports, 1);

    assert_eq!(program.terminate(), 0);
    let (code, said) = program.command(&["export"]);
    assert!(code == 0 && said.trim_end().lines().last().unwrap().starts_with("{\"type\":\"end\""), "{code} {said}");
    let (code, said) = program.command(&args);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("codes.csv:2: warning: This code was used; it stays so."), "{said}");
    assert_eq!(said.matches("0 new, 0 changed").count(), 3, "{said}");
    let (code, said) = program.command(&["check"]);
    assert_eq!(code, 0, "{said}");
}

#[test]
fn an_import_says_what_is_wrong_with_how_it_was_asked_for() {
    let said = |ran: Ran, code| {
        assert_eq!((ran.code, ran.out.as_str()), (code, ""), "{}", ran.err);
        ran.err
    };
    assert!(said(run(&["import"]), 2).contains("--accounts"));
    let twice = said(run_fed(&["import", "--accounts", "-", "--chats", "-"], "username\n"), 2);
    assert_eq!(twice, "startlink: only one list can come from standard input\n");
    let missing = said(run(&["import", "--codes", "/nonexistent.csv"]), 1);
    assert!(missing.starts_with("startlink: /nonexistent.csv cannot be read: "), "{missing}");
    let files = Files::new("asked");
    let list = files.write("a.csv", "username\nada\n");
    let nowhere = said(run(&["import", "--accounts", &list, "--report", "/nonexistent/r"]), 1);
    assert!(nowhere.contains("/nonexistent/r cannot be written"), "{nowhere}");
}

#[test]
fn an_export_that_breaks_off_is_a_failure_and_replaces_nothing() {
    let broken = Server::following("broken", &["{\"type\":\"header\"}\n", "{\"type\":\"account\"}\n"]);
    let ran = broken.run(&["export"]);
    assert_eq!((ran.code, ran.out.lines().count()), (1, 2));
    assert_eq!(ran.err, "startlink: the export broke off; the log of the server says why\n");
    let files = Files::new("broken");
    let good = files.write("all.jsonl", "good");
    assert_eq!(broken.run(&["export", "--out", &good]).code, 1);
    assert_eq!(std::fs::read_to_string(&good).unwrap(), "good");
    assert_eq!(std::fs::read_dir(&files.0).unwrap().count(), 1, "nothing is left behind");
    let whole = Server::following("whole-export", &["{\"type\":\"header\"}\n{\"type\":\"end\",\"lines\":{}}\n"]);
    let ran = whole.run(&["export", "--out", &good]);
    assert_eq!((ran.code, ran.err), (0, format!("2 lines are in {good}.\n")));
    assert_eq!(std::fs::read_to_string(&good).unwrap().lines().count(), 2);
}
