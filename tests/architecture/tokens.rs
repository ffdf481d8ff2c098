//! As much of Rust's grammar as finding paths needs: names and marks, without comments, texts and lifetimes.

/// One name or mark and the line it stands on, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub text: String,
    pub line: usize,
}

/// The names and marks of a file. `::` is one mark; numbers pass as names.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut reader = Reader { rest: text, line: 1 };
    let mut found = Vec::new();
    while let Some(c) = reader.rest.chars().next() {
        let line = reader.line;
        if let Some(token) = reader.step(c) {
            found.push(Token { text: token, line });
        }
    }
    found
}

struct Reader<'a> {
    rest: &'a str,
    line: usize,
}

impl Reader<'_> {
    fn step(&mut self, c: char) -> Option<String> {
        if self.rest.starts_with("//") {
            self.skip(self.rest.find('\n').unwrap_or(self.rest.len()));
        } else if self.rest.starts_with("/*") {
            self.block_comment();
        } else if let Some(fences) = raw_text(self.rest) {
            let end = format!("\"{}", "#".repeat(fences));
            let start = self.rest.find('"').unwrap() + 1;
            let length = self.rest[start..].find(&end).map_or(self.rest.len(), |at| start + at + end.len());
            self.skip(length);
        } else if c == '"' {
            self.quoted('"');
        } else if c == '\'' {
            self.quote_or_lifetime();
        } else if c.is_alphanumeric() || c == '_' {
            let length = self.rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(self.rest.len());
            return Some(self.skip(length));
        } else if self.rest.starts_with("::") {
            return Some(self.skip(2));
        } else {
            let mark = self.skip(c.len_utf8());
            return (!c.is_whitespace()).then_some(mark);
        }
        None
    }

    fn skip(&mut self, bytes: usize) -> String {
        let (taken, rest) = self.rest.split_at(bytes);
        self.line += taken.matches('\n').count();
        self.rest = rest;
        taken.to_owned()
    }

    fn block_comment(&mut self) {
        let mut depth = 0;
        loop {
            if self.rest.starts_with("/*") {
                depth += 1;
                self.skip(2);
            } else if self.rest.starts_with("*/") {
                depth -= 1;
                self.skip(2);
            } else if let Some(c) = self.rest.chars().next() {
                self.skip(c.len_utf8());
            }
            if depth == 0 || self.rest.is_empty() {
                return;
            }
        }
    }

    fn quoted(&mut self, quote: char) {
        self.skip(1);
        while let Some(c) = self.rest.chars().next() {
            self.skip(c.len_utf8());
            if c == '\\' {
                let escaped = self.rest.chars().next().map_or(0, char::len_utf8);
                self.skip(escaped);
            } else if c == quote {
                return;
            }
        }
    }

    /// `'a'` and `'\n'` are characters; `'a` is a lifetime, of which only the mark is dropped.
    fn quote_or_lifetime(&mut self) {
        let mut after = self.rest.chars().skip(1);
        match (after.next(), after.next()) {
            (Some('\\'), _) | (Some(_), Some('\'')) => self.quoted('\''),
            _ => {
                let length =
                    1 + self.rest[1..].find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(self.rest.len() - 1);
                self.skip(length);
            }
        }
    }
}

/// The number of `#` when a raw text (`r"`, `br#"`, `cr##"`) begins here.
fn raw_text(rest: &str) -> Option<usize> {
    let body = ["r", "br", "cr"]
        .iter()
        .find_map(|prefix| rest.strip_prefix(prefix).filter(|body| body.starts_with(['"', '#'])))?;
    let fences = body.len() - body.trim_start_matches('#').len();
    body[fences..].starts_with('"').then_some(fences)
}

#[test]
fn comments_texts_and_lifetimes_are_no_names() {
    let text = "a /* b /* c */ d */ 'e' '\\'' f::<'g> \"h \\\" i\" r#\"j \" k\"# // l\nm";
    let names: Vec<_> = tokens(text).into_iter().map(|token| token.text).collect();
    assert_eq!(names, ["a", "f", "::", "<", ">", "m"]);
    assert_eq!(tokens(text).last().map(|token| token.line), Some(2));
}
