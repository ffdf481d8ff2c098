//! Finds what a file names: modules of this crate (by `crate::`, `startlink::` and `super::`) and other crates.

use super::tokens::Token;

/// The top modules of this crate that the tokens name, with their lines. `depth` is the number of `super::` from the
/// file's own module to the crate's root. Naming the root itself (`use crate::*`) counts as naming `*`.
pub fn modules_named(tokens: &[Token], depth: usize) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut inline = InlineModules::default();
    let mut at = 0;
    while at < tokens.len() {
        inline.step(tokens, at);
        let next = match text(tokens, at) {
            "crate" | "startlink" if text(tokens, at + 1) == "::" && text(tokens, at.wrapping_sub(1)) != "::" => {
                Some(at + 2)
            }
            "super" if text(tokens, at.wrapping_sub(1)) != "::" => after_supers(tokens, at, depth + inline.depth()),
            _ => None,
        };
        if let Some(start) = next {
            found.extend(first_names(tokens, start));
        }
        at += 1;
    }
    found
}

/// The lines on which another crate is named, in a `use` or at the head of a path.
pub fn lines_naming(tokens: &[Token], krate: &str) -> Vec<usize> {
    let names = |at: usize| {
        let before = text(tokens, at.wrapping_sub(1));
        let head = before != "::" || !text(tokens, at.wrapping_sub(2)).chars().all(|c| c.is_alphanumeric() || c == '_');
        text(tokens, at) == krate && head && (text(tokens, at + 1) == "::" || before == "use" || before == "crate")
    };
    (0..tokens.len()).filter(|at| names(*at)).map(|at| tokens[at].line).collect()
}

fn text(tokens: &[Token], at: usize) -> &str {
    tokens.get(at).map_or("", |token| token.text.as_str())
}

/// Where the path goes on when exactly `depth` times `super::` stand here and lead to the root.
fn after_supers(tokens: &[Token], at: usize, depth: usize) -> Option<usize> {
    let mut count = 0;
    while text(tokens, at + 2 * count) == "super" && text(tokens, at + 2 * count + 1) == "::" {
        count += 1;
    }
    (count == depth).then_some(at + 2 * count)
}

/// The name at the head of a path, or those at the heads of a group's members.
fn first_names(tokens: &[Token], start: usize) -> Vec<(usize, String)> {
    let Some(first) = tokens.get(start) else { return Vec::new() };
    if first.text != "{" {
        return vec![(first.line, first.text.clone())];
    }
    let mut found = Vec::new();
    let mut depth = 0;
    for (token, before) in tokens.iter().skip(start).zip(tokens.iter().skip(start - 1)) {
        match token.text.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            name if depth == 1 && matches!(before.text.as_str(), "{" | ",") => {
                found.push((token.line, name.to_owned()));
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    found
}

/// Which braces belong to `mod name { ... }`, so that a `super::` inside of them is counted right.
#[derive(Default)]
struct InlineModules {
    braces: Vec<bool>,
}

impl InlineModules {
    fn step(&mut self, tokens: &[Token], at: usize) {
        match text(tokens, at) {
            "{" => self.braces.push(text(tokens, at.wrapping_sub(2)) == "mod"),
            "}" => drop(self.braces.pop()),
            _ => {}
        }
    }

    fn depth(&self) -> usize {
        self.braces.iter().filter(|is_module| **is_module).count()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tokens::tokens;
    use super::*;

    fn named(text: &str, depth: usize) -> Vec<String> {
        modules_named(&tokens(text), depth).into_iter().map(|(_, name)| name).collect()
    }

    #[test]
    fn single_grouped_and_inline_paths_are_found() {
        assert_eq!(named("use crate::store::Tx; fn f(x: &crate::model::Chat) {}", 1), ["store", "model"]);
        assert_eq!(named("use crate::{bot, store::{Tx, Read}, web as w,};", 1), ["bot", "store", "web"]);
        assert_eq!(named("use crate::{\n  self as root, clock::Clock };", 1), ["self", "clock"]);
        assert_eq!(named("use crate::*;", 1), ["*"]);
        assert_eq!(named("macro_rules! m { () => { $crate::outbox::wake() } }", 1), ["outbox"]);
        assert_eq!(named("use std::fmt; use other::crate_name; pub(crate) fn f() {}", 1), Vec::<String>::new());
    }

    #[test]
    fn super_is_followed_to_the_root_and_no_further() {
        assert_eq!(named("use super::super::store::Tx;", 2), ["store"]);
        assert_eq!(named("use super::tables;", 2), Vec::<String>::new());
        assert_eq!(named("mod tests { use super::*; use super::super::bot; }", 1), ["bot"]);
        assert_eq!(named("fn f() { super::web::start() }", 1), ["web"]);
    }

    #[test]
    fn crates_are_found_at_the_head_of_a_path_only() {
        let lines = |text: &str| lines_naming(&tokens(text), "surf");
        assert_eq!(lines("use surf;\nuse surf::Client;\nlet c = ::surf::client();"), [1, 2, 3]);
        assert_eq!(lines("let surf = 1; wire::surf::engine(); mod surf;"), Vec::<usize>::new());
    }
}
