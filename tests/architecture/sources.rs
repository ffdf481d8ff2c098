//! The files of the house as text, named by their path from the package's folder.

use std::fs;
use std::path::Path;

use super::tokens::{Token, tokens};

/// One Rust file.
pub struct Source {
    /// The path with forward slashes, such as `src/web/pages.rs`.
    pub name: String,
    pub text: String,
}

impl Source {
    /// The top module that the file belongs to: `web` for `src/web.rs` and `src/web/pages.rs`.
    pub fn module(&self) -> &str {
        let inner = self.name.strip_prefix("src/").unwrap_or(&self.name);
        inner.split('/').next().unwrap_or(inner).trim_end_matches(".rs")
    }

    /// How many `super::` lead from the file's own module to the crate's root.
    pub fn depth(&self) -> usize {
        match self.name.as_str() {
            "src/lib.rs" | "src/main.rs" => 0,
            name => name.matches('/').count(),
        }
    }

    pub fn tokens(&self) -> Vec<Token> {
        tokens(&self.text)
    }
}

/// Every Rust file in a folder of the package and below it.
pub fn under(folder: &str) -> Vec<Source> {
    let mut found = Vec::new();
    collect(Path::new(env!("CARGO_MANIFEST_DIR")), folder, &mut found);
    assert!(!found.is_empty(), "no sources in {folder}");
    found
}

/// Sources and tests.
pub fn everywhere() -> Vec<Source> {
    let mut all = under("src");
    all.extend(under("tests"));
    all
}

fn collect(root: &Path, folder: &str, found: &mut Vec<Source>) {
    for entry in fs::read_dir(root.join(folder)).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{folder}/{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            collect(root, &name, found);
        } else if Path::new(&name).extension().is_some_and(|extension| extension == "rs") {
            found.push(Source { text: fs::read_to_string(entry.path()).unwrap(), name });
        }
    }
}
