//! Making a link, waiting for its outcome and sending a message, against the real program with the sandbox's phones.

use std::io::{BufReader, Read as _};
use std::process::{Child, Stdio};
use std::time::Duration;

use startlink::clock::Clock;
use startlink::control::{Reply, Request};
use startlink::model::admin::Role;
use startlink::view::snippets::{Filling, Task};

use super::interpreter::{Saved, languages};
use crate::support::phones::Phones;
use crate::support::program::Program;

/// How long a busy machine may take.
const SOON: Duration = Duration::from_secs(30);

/// A set-up instance with a key that may do what the page's key may.
fn instance(program: &mut Program) -> (String, String) {
    let address = url::Url::parse(&program.announced("Set up")).unwrap().origin().ascii_serialization();
    let (clock, begin) = (Clock::system(), Clock::system().now());
    while !program.log().contains("The bot is known") {
        assert!(clock.now().since(begin) < SOON, "no bot:\n{}", program.log());
        std::thread::sleep(Duration::from_millis(25));
    }
    program.ask(&Request::AdminAdd { name: "grace".into(), role: Role::Owner });
    let asked = Request::KeyCreate {
        name: "website".into(),
        scopes: "accounts:read,links,messages".into(),
        rate: 0,
        days: None,
    };
    let Reply::Key { secret, .. } = program.ask(&asked) else { panic!("no key") };
    (address, secret)
}

/// A program that runs, and is ended when this is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _ended = self.0.wait();
    }
}

#[test]
fn every_language_connects_a_user_and_writes_to_them() {
    let mut program = Program::sandbox("snippets");
    let (address, key) = instance(&mut program);
    let phones = Phones::at(program.announced("Phone").trim_end_matches('/'));
    for language in languages("links and messages") {
        let username = format!("ada-{}", language.word());
        let text = format!("Your parcel arrives today, by {}.", language.label());
        let plain = Filling::at(&address);
        let filling = Filling { key: &key, username: &username, text: &text, ..plain };

        let saved = Saved::new(Task::Link, language, &filling);
        let mut command = saved.command();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut running = Running(command.spawn().unwrap());
        let mut lines = BufReader::new(running.0.stdout.take().unwrap());
        let (page, link) = (told(&mut lines, "Show this page:"), told(&mut lines, "Or this link:"));
        assert!(page.starts_with(&format!("{address}/l/")), "{language:?}: {page}");
        let code = link.split_once("start=").unwrap_or_else(|| panic!("{language:?}: {link}")).1;
        let person = phones.add(language.label());
        phones.press_start(person, code);
        let mut rest = String::new();
        lines.read_to_string(&mut rest).unwrap();
        assert_eq!(rest.trim(), "The link is used.", "{language:?}");
        assert!(running.0.wait().unwrap().success(), "{language:?}");
        let picture = saved.folder.join("connect.svg");
        if picture.exists() {
            assert!(std::fs::read_to_string(picture).unwrap().starts_with("<svg "), "{language:?}");
        } else {
            assert_eq!(language.word(), "sh", "only the shell has no picture");
        }

        Saved::new(Task::Message, language, &filling).run(&[]);
        let arrived = phones.get(&format!("phones/{person}/messages?after=2&wait=20")).to_string();
        assert!(arrived.contains(&text), "{language:?}: {arrived}");
    }
    assert_eq!(program.terminate(), 0, "{}", program.log());
}

/// What a program prints behind some words.
fn told(lines: &mut impl std::io::BufRead, words: &str) -> String {
    let mut line = String::new();
    lines.read_line(&mut line).unwrap();
    let rest = line.trim().strip_prefix(words).unwrap_or_else(|| panic!("{line:?} does not begin with {words:?}"));
    rest.trim().to_owned()
}
