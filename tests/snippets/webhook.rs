//! Receivers of webhooks: a signed call is taken; one that was changed, is old, or was signed by somebody else is not.

use std::io::Write as _;
use std::net::SocketAddr;
use std::process::{Child, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use startlink::clock::Clock;
use startlink::view::snippets::{Filling, Language, Task};

use super::interpreter::{Saved, languages};
use crate::support::ports;
use crate::support::raw::Raw;

const KEY: &[u8] = b"thirty-two bytes of a secret \xff\x00\xfe";
const BODY: &str = r#"{"type":"link.used","timestamp":"2026-11-22T19:00:00.000Z","data":{"name":"Zoë 🚀"}}"#;

/// One call as startlink makes it.
#[derive(Clone)]
struct Call {
    id: String,
    timestamp: i64,
    signatures: String,
    body: String,
}

fn signature(key: &[u8], id: &str, timestamp: i64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

fn signed(age: i64) -> Call {
    let (id, timestamp) = ("msg_1".to_owned(), Clock::system().now().seconds() - age);
    Call { signatures: signature(KEY, &id, timestamp, BODY), id, timestamp, body: BODY.to_owned() }
}

/// What is sent, what it is, and whether it is to be taken.
fn calls() -> Vec<(&'static str, Call, bool)> {
    let good = signed(0);
    let other = signature(b"another", &good.id, good.timestamp, BODY);
    vec![
        ("a signed call", good.clone(), true),
        ("one that was four minutes on its way", signed(240), true),
        (
            "a newer secret beside the older",
            Call { signatures: format!("{other} {}", good.signatures), ..good.clone() },
            true,
        ),
        ("a changed body", Call { body: BODY.replace("used", "free"), ..good.clone() }, false),
        ("another id", Call { id: "msg_2".into(), ..good.clone() }, false),
        ("an old call", signed(400), false),
        ("one from the future", signed(-400), false),
        ("another timestamp", Call { timestamp: good.timestamp + 1, ..good.clone() }, false),
        ("somebody else's signature", Call { signatures: other, ..good.clone() }, false),
        ("no signature", Call { signatures: String::new(), ..good.clone() }, false),
        ("another kind of signature", Call { signatures: good.signatures.replace("v1,", "v2,"), ..good }, false),
    ]
}

#[test]
fn every_language_takes_what_is_signed_and_nothing_else() {
    let secret = format!("whsec_{}", STANDARD.encode(KEY));
    for language in languages("webhooks") {
        let address = ports::quiet();
        let plain = Filling::at("https://links.example.org");
        let saved =
            Saved::new(Task::Webhook, language, &Filling { webhook_secret: &secret, port: address.port(), ..plain });
        if language == Language::Shell {
            for (what, call, taken) in calls() {
                assert_eq!(by_hand(&saved, &call), taken, "{what}");
            }
            continue;
        }
        let receiver = Receiver::start(&saved, language, address);
        for (what, call, taken) in calls() {
            assert_eq!(receiver.send(&call), if taken { 204 } else { 400 }, "{language:?}: {what}");
        }
    }
}

/// The shell's program checks one call: headers as arguments, the body on standard input.
fn by_hand(saved: &Saved, call: &Call) -> bool {
    let timestamp = call.timestamp.to_string();
    let mut command = saved.command();
    command.args([call.id.as_str(), &timestamp, &call.signatures]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    // An old call is refused before its body is read.
    let _ = child.stdin.take().unwrap().write_all(call.body.as_bytes());
    let ran = child.wait_with_output().unwrap();
    assert_eq!(ran.status.success(), ran.stdout == b"genuine\n");
    ran.status.success()
}

/// A program that listens; ended when this is dropped.
struct Receiver {
    child: Child,
    address: SocketAddr,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _ended = self.child.wait();
    }
}

impl Receiver {
    fn start(saved: &Saved, language: Language, address: SocketAddr) -> Self {
        let mut command = saved.command();
        if language == Language::Php {
            // A web server of its own, as the program says.
            command = std::process::Command::new("php");
            command.current_dir(&saved.folder).args(["-S", &address.to_string(), "webhook.php"]);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let receiver = Self { child: command.spawn().unwrap(), address };
        ports::await_listener(address, language.label());
        receiver
    }

    fn send(&self, call: &Call) -> u16 {
        let Call { id, timestamp, signatures, body } = call;
        let (host, length) = (self.address, body.len());
        Raw::connect(self.address)
            .send(format!(
                "POST / HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-type: application/json\r\n\
                 content-length: {length}\r\nwebhook-id: {id}\r\nwebhook-timestamp: {timestamp}\r\n\
                 webhook-signature: {signatures}\r\n\r\n{body}"
            ))
            .answer()
            .status
    }
}
