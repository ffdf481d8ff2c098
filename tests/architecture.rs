//! The house keeps its own rules: which module may see which, which crate is named where, how long a file may be.
//! Reads the sources as text; the rule itself is drawn in the crate documentation (`src/lib.rs`).

mod paths;
mod sources;
mod tokens;

use sources::Source;

/// Leaves may see each other; everything may see them.
const LEAVES: &[&str] = &["clock", "rng", "ids", "secret", "runtime", "logging"];

/// What each module may see beside itself and the leaves. A module that is not listed here is a mistake.
const MAY_SEE: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("wire", &[]),
    ("view", &["model"]),
    ("config", &["model"]),
    ("control", &["model"]),
    ("store", &["model", "wire"]),
    ("telegram", &["model", "wire"]),
    ("actions", &["model", "wire", "config", "store", "telegram"]),
    ("bot", &["model", "wire", "config", "store", "telegram", "actions"]),
    ("outbox", &["model", "wire", "config", "store", "telegram", "actions"]),
    ("webhooks", &["model", "wire", "config", "store", "telegram", "actions"]),
    ("web", &["model", "wire", "config", "store", "telegram", "actions", "bot", "outbox", "webhooks", "view"]),
    ("sandbox", &["wire", "view"]),
    (
        "app",
        &[
            "model", "wire", "config", "control", "store", "telegram", "actions", "bot", "outbox", "webhooks", "web",
            "sandbox",
        ],
    ),
    ("cli", &["model", "config", "control", "app"]),
    ("main", &["cli"]),
    ("lib", &[]),
];

/// Crates that are seams: where each may be named. Everywhere else they are out of place.
const PLACES: &[(&str, &[&str])] = &[
    ("async_std", &["runtime", "wire"]),
    ("clap", &["cli"]),
    ("hyper", &["wire"]),
    ("hyper_util", &["wire"]),
    ("maud", &["view", "web", "sandbox"]),
    ("redb", &["store"]),
    ("rpassword", &["cli"]),
    ("smol_hyper", &["wire"]),
    ("surf", &["telegram", "webhooks", "wire"]),
    ("tide", &["web", "sandbox", "wire"]),
    ("totp_rs", &["actions", "sandbox"]),
];

const MOST_LINES: usize = 500;
const MOST_OPENING_LINES: usize = 5;

fn may_see(module: &str, other: &str) -> bool {
    let above = MAY_SEE.iter().find(|(name, _)| *name == module).map(|(_, seen)| *seen).unwrap_or_default();
    module == other || LEAVES.contains(&other) || above.contains(&other)
}

fn complain(mistakes: &[String]) {
    assert!(mistakes.is_empty(), "{} found:\n  {}", mistakes.len(), mistakes.join("\n  "));
}

fn forbidden_imports(source: &Source) -> Vec<String> {
    paths::modules_named(&source.tokens(), source.depth())
        .into_iter()
        .filter(|(_, other)| !may_see(source.module(), other))
        .map(|(line, other)| format!("{}:{line}: `{}` may not see `{other}`", source.name, source.module()))
        .collect()
}

fn misplaced_crates(source: &Source) -> Vec<String> {
    let tokens = source.tokens();
    let mut found = Vec::new();
    for (krate, places) in PLACES {
        if !places.contains(&source.module()) {
            found.extend(
                paths::lines_naming(&tokens, krate)
                    .into_iter()
                    .map(|line| format!("{}:{line}: `{krate}` belongs to {}", source.name, places.join(", "))),
            );
        }
    }
    found
}

fn leftovers(source: &Source) -> Vec<String> {
    // Spelled in halves, so that this file does not accuse itself.
    let words =
        [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X"), concat!("HA", "CK"), concat!("WI", "P")];
    let attributes = [concat!("#[al", "low("), concat!("#![al", "low(")];
    let is_left = |line: &str| {
        line.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| words.contains(&word))
            || attributes.iter().any(|attribute| line.contains(attribute))
    };
    let lines = source.text.lines().enumerate().filter(|(_, line)| is_left(line));
    lines.map(|(at, line)| format!("{}:{}: left over: {}", source.name, at + 1, line.trim())).collect()
}

fn bad_opening(source: &Source) -> Option<String> {
    let opening = source.text.lines().take_while(|line| line.starts_with("//!")).count();
    let is_map = source.name == "src/lib.rs";
    match opening {
        0 => Some(format!("{}: opens without `//!` lines that say what it owns", source.name)),
        n if n > MOST_OPENING_LINES && !is_map => {
            Some(format!("{}: opens with {n} lines, {MOST_OPENING_LINES} are enough", source.name))
        }
        _ => None,
    }
}

#[test]
fn every_module_has_its_row_in_the_import_rule() {
    let known = |module: &str| LEAVES.contains(&module) || MAY_SEE.iter().any(|(name, _)| *name == module);
    let sources = sources::under("src");
    complain(
        &sources
            .iter()
            .filter(|s| !known(s.module()))
            .map(|s| format!("{}: not in the rule", s.name))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn the_import_rule_has_no_way_back_up() {
    for (module, seen) in MAY_SEE {
        for other in *seen {
            assert!(!may_see(other, module), "`{module}` and `{other}` may see each other");
        }
    }
}

#[test]
fn imports_run_downward_only() {
    complain(&sources::under("src").iter().flat_map(forbidden_imports).collect::<Vec<_>>());
}

#[test]
fn crates_are_named_only_in_their_place() {
    complain(&sources::under("src").iter().flat_map(misplaced_crates).collect::<Vec<_>>());
}

#[test]
fn no_file_is_too_long() {
    let long = |s: &&Source| s.text.lines().count() > MOST_LINES;
    let say = |s: &Source| format!("{}: {} lines, at most {MOST_LINES}", s.name, s.text.lines().count());
    complain(&sources::everywhere().iter().filter(long).map(say).collect::<Vec<_>>());
}

#[test]
fn nothing_is_left_over() {
    complain(&sources::everywhere().iter().flat_map(leftovers).collect::<Vec<_>>());
}

#[test]
fn every_file_opens_with_what_it_owns() {
    complain(&sources::everywhere().iter().filter_map(bad_opening).collect::<Vec<_>>());
}

#[test]
fn no_module_hides_in_a_mod_file() {
    let hidden = |s: &&Source| s.name.ends_with("/mod.rs");
    complain(&sources::everywhere().iter().filter(hidden).map(|s| s.name.clone()).collect::<Vec<_>>());
}

#[test]
fn the_checks_see_what_they_are_for() {
    let source = |name: &str, text: &str| Source { name: name.to_owned(), text: text.to_owned() };
    assert_eq!(forbidden_imports(&source("src/bot/poller.rs", "use crate::outbox::Lane;")).len(), 1);
    assert_eq!(forbidden_imports(&source("src/outbox/sender.rs", "fn f() { crate::bot::wake() }")).len(), 1);
    assert_eq!(forbidden_imports(&source("src/store.rs", "use super::{clock, telegram::Client};")).len(), 1);
    assert_eq!(forbidden_imports(&source("src/sandbox/api.rs", "use crate::model::Text;")).len(), 1);
    assert_eq!(forbidden_imports(&source("src/main.rs", "use startlink::store;")).len(), 1);
    assert_eq!(
        forbidden_imports(&source("src/web/pages/a.rs", "use crate::{clock::Clock, view, outbox::wake};")),
        Vec::<String>::new()
    );
    assert_eq!(
        misplaced_crates(&source(
            "src/bot/a.rs",
            "use redb::Database; async fn f() { async_std::task::yield_now().await }"
        ))
        .len(),
        2
    );
    assert_eq!(misplaced_crates(&source("src/store/a.rs", "use redb::Database; // hyper::body")), Vec::<String>::new());
    assert_eq!(
        leftovers(&source("src/a.rs", concat!("// TO", "DO: later\n#[al", "low(dead_code)]\nlet todos = 1;"))).len(),
        2
    );
    assert!(bad_opening(&source("src/a.rs", "use std::fmt;")).is_some());
    assert!(bad_opening(&source("src/a.rs", &"//! Line.\n".repeat(6))).is_some());
    assert!(bad_opening(&source("src/a.rs", "//! Owns a.\n")).is_none());
}
