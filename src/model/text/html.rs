//! Telegram's subset of HTML (Bot API, "HTML style"), read piece by piece. Stricter than Telegram in one thing: every
//! `<`, `>` and `&` that is no markup must be escaped, as its documentation asks.

use std::borrow::Cow;

/// A piece of a marked-up text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Characters that stand for themselves.
    Text(&'a str),
    /// A character written as an entity.
    Char(char),
    /// A tag opens.
    Open(Tag<'a>),
    /// The tag that was opened last and is still open closes.
    Close(Tag<'a>),
}

/// The tags Telegram knows, each with what it carries; synonyms are one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tag<'a> {
    /// `b`, `strong`.
    Bold,
    /// `i`, `em`.
    Italic,
    /// `u`, `ins`.
    Underline,
    /// `s`, `strike`, `del`.
    Strike,
    /// `tg-spoiler`, `span class="tg-spoiler"`.
    Spoiler,
    /// `a`; without an address its text is the address.
    Link(Option<Cow<'a, str>>),
    /// `code`, inside `pre` with `class="language-..."`.
    Code(Option<Cow<'a, str>>),
    /// `pre`.
    Pre,
    /// `blockquote`, which may be expandable.
    Quote,
    /// `tg-emoji` with the identifier of a custom emoji.
    Emoji(Cow<'a, str>),
}

/// What is wrong with the markup.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HtmlProblem {
    /// A `<` that begins no tag.
    #[error("a \"<\" that is no tag must be written &lt;")]
    LooseLess,
    /// A `>` that ends no tag.
    #[error("a \">\" that is no tag must be written &gt;")]
    LooseGreater,
    /// An `&` that begins no entity.
    #[error("a \"&\" must be written &amp;; Telegram knows only &lt; &gt; &amp; &quot; and numbers")]
    LooseAmpersand,
    /// A tag Telegram does not know.
    #[error("Telegram does not know the tag <{0}>")]
    UnknownTag(String),
    /// An attribute a tag needs, or one that cannot be read.
    #[error("the tag <{tag}> needs {needs}")]
    Attribute {
        /// The tag.
        tag: &'static str,
        /// What it needs.
        needs: &'static str,
    },
    /// Attributes that cannot be read.
    #[error("the attributes of <{0}> cannot be read")]
    Unreadable(String),
    /// A closing tag where another or none is open.
    #[error("</{0}> closes nothing that is open")]
    Unexpected(String),
    /// A tag that is never closed.
    #[error("<{0}> is never closed")]
    Unclosed(String),
}

/// The first thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {problem}")]
pub struct HtmlError {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// What.
    pub problem: HtmlProblem,
}

/// The pieces of a text whose markup is whole, or the first error.
pub fn check_html(html: &str) -> Result<Vec<Piece<'_>>, HtmlError> {
    let mut reader = Reader::new(html);
    let mut out = Vec::new();
    while let Some((at, piece)) = reader.next() {
        out.push(piece.map_err(|problem| locate(html, at, problem))?);
    }
    match reader.open.last() {
        Some(open) => Err(locate(html, open.at, HtmlProblem::Unclosed(open.name.to_owned()))),
        None => Ok(out),
    }
}

/// The pieces of any text: what is no markup stands for itself, and what is left open is closed at the end.
#[must_use]
pub fn pieces(html: &str) -> Vec<Piece<'_>> {
    let mut reader = Reader::new(html);
    let mut out = Vec::new();
    while let Some((at, piece)) = reader.next() {
        out.push(piece.unwrap_or_else(|_| Piece::Text(html.get(at..reader.at).unwrap_or_default())));
    }
    out.extend(reader.open.into_iter().rev().map(|open| Piece::Close(open.tag)));
    out
}

/// What can be read of a marked-up text, whole or broken; a link is followed by its address unless that is its text.
#[must_use]
pub fn html_to_plain(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut links = Vec::new();
    for piece in pieces(html) {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Char(c) => out.push(c),
            Piece::Open(Tag::Link(_)) => links.push(out.len()),
            Piece::Close(Tag::Link(address)) => {
                let start = links.pop().unwrap_or(0);
                if let Some(address) = address.filter(|address| out.get(start..) != Some(&**address)) {
                    out.push_str(" (");
                    out.push_str(&address);
                    out.push(')');
                }
            }
            Piece::Open(_) | Piece::Close(_) => {}
        }
    }
    out
}

fn locate(html: &str, at: usize, problem: HtmlProblem) -> HtmlError {
    let before = html.get(..at).unwrap_or(html);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    HtmlError { line, column, problem }
}

struct OpenTag<'a> {
    at: usize,
    name: &'a str,
    tag: Tag<'a>,
}

struct Reader<'a> {
    html: &'a str,
    at: usize,
    open: Vec<OpenTag<'a>>,
}

type Step<'a> = Result<Piece<'a>, HtmlProblem>;

impl<'a> Reader<'a> {
    fn new(html: &'a str) -> Self {
        Self { html, at: 0, open: Vec::new() }
    }

    /// The next piece and where it began. After a problem the reader stands behind the one character it was about.
    fn next(&mut self) -> Option<(usize, Step<'a>)> {
        let at = self.at;
        let rest = self.html.get(at..).filter(|rest| !rest.is_empty())?;
        let step = match rest.find(['<', '>', '&']) {
            Some(0) => self.markup(rest),
            found => {
                let text = found.and_then(|end| rest.get(..end)).unwrap_or(rest);
                self.at += text.len();
                Ok(Piece::Text(text))
            }
        };
        if step.is_err() {
            self.at = at + 1;
        }
        Some((at, step))
    }

    fn markup(&mut self, rest: &'a str) -> Step<'a> {
        if rest.starts_with('>') {
            return Err(HtmlProblem::LooseGreater);
        }
        if rest.starts_with('&') {
            let (c, len) = entity(rest).ok_or(HtmlProblem::LooseAmpersand)?;
            self.at += len;
            return Ok(Piece::Char(c));
        }
        let end = tag_end(rest).ok_or(HtmlProblem::LooseLess)?;
        let inner = rest.get(1..end).unwrap_or_default();
        let piece = match inner.strip_prefix('/') {
            Some(name) => self.close(name)?,
            None => self.open(inner)?,
        };
        self.at += end + 1;
        Ok(piece)
    }

    fn open(&mut self, inner: &'a str) -> Step<'a> {
        let (name, attributes) = inner.split_once(is_space).unwrap_or((inner, ""));
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return Err(HtmlProblem::LooseLess);
        }
        let tag = tag(name, attributes)?;
        self.open.push(OpenTag { at: self.at, name, tag: tag.clone() });
        Ok(Piece::Open(tag))
    }

    fn close(&mut self, name: &'a str) -> Step<'a> {
        let name = name.trim_end_matches(is_space);
        match self.open.pop_if(|open| open.name.eq_ignore_ascii_case(name)) {
            Some(open) => Ok(Piece::Close(open.tag)),
            None => Err(HtmlProblem::Unexpected(name.chars().take(20).collect())),
        }
    }
}

fn is_space(c: char) -> bool {
    c.is_ascii_whitespace()
}

/// The place of the `>` that ends the tag at the beginning of `rest`; one inside quotes does not.
fn tag_end(rest: &str) -> Option<usize> {
    let mut quote = None;
    for (at, b) in rest.bytes().enumerate().skip(1) {
        match (quote, b) {
            (None, b'>') => return Some(at),
            (None, b'<') => return None,
            (None, b'"' | b'\'') => quote = Some(b),
            (Some(q), b) if q == b => quote = None,
            _ => {}
        }
    }
    None
}

fn tag<'a>(name: &str, attributes: &'a str) -> Result<Tag<'a>, HtmlProblem> {
    let lower = name.to_ascii_lowercase();
    let attribute =
        |wanted| attribute(attributes, wanted).map_err(|()| HtmlProblem::Unreadable(lower.chars().take(20).collect()));
    // Read whole even where nothing in it matters, because Telegram does.
    let class = attribute("class")?;
    Ok(match lower.as_str() {
        "b" | "strong" => Tag::Bold,
        "i" | "em" => Tag::Italic,
        "u" | "ins" => Tag::Underline,
        "s" | "strike" | "del" => Tag::Strike,
        "tg-spoiler" => Tag::Spoiler,
        "span" if class.as_deref() == Some("tg-spoiler") => Tag::Spoiler,
        "span" => return Err(HtmlProblem::Attribute { tag: "span", needs: "class=\"tg-spoiler\"" }),
        "a" => Tag::Link(attribute("href")?.filter(|address| !address.is_empty())),
        "code" => Tag::Code(class),
        "pre" => Tag::Pre,
        "blockquote" => Tag::Quote,
        "tg-emoji" => Tag::Emoji(
            attribute("emoji-id")?
                .filter(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()))
                .ok_or(HtmlProblem::Attribute { tag: "tg-emoji", needs: "emoji-id=\"a number\"" })?,
        ),
        _ => return Err(HtmlProblem::UnknownTag(lower.chars().take(20).collect())),
    })
}

/// The value of an attribute, decoded; an error when the attributes are not `name`, `name=value` or `name="value"`.
fn attribute<'a>(mut rest: &'a str, wanted: &str) -> Result<Option<Cow<'a, str>>, ()> {
    let mut found = None;
    loop {
        rest = rest.trim_start_matches(is_space);
        if rest.is_empty() {
            return Ok(found);
        }
        let end = rest.find(|c: char| is_space(c) || c == '=').unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') || name.is_empty() {
            return Err(());
        }
        let value;
        (value, rest) = match after.trim_start_matches(is_space).strip_prefix('=') {
            None => ("", after),
            Some(after) => value_of(after.trim_start_matches(is_space)).ok_or(())?,
        };
        if name.eq_ignore_ascii_case(wanted) && found.is_none() {
            found = Some(decode(value));
        }
    }
}

/// The value at the beginning and what follows it.
fn value_of(text: &str) -> Option<(&str, &str)> {
    if let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        return text.get(1..)?.split_once(quote);
    }
    let (value, rest) = text.split_at(text.find(is_space).unwrap_or(text.len()));
    let plain = value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
    (plain && !value.is_empty()).then_some((value, rest))
}

fn decode(value: &str) -> Cow<'_, str> {
    if !value.contains('&') {
        return Cow::Borrowed(value);
    }
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(c) = rest.chars().next() {
        let (c, len) = entity(rest).unwrap_or((c, c.len_utf8()));
        out.push(c);
        rest = rest.get(len..).unwrap_or_default();
    }
    Cow::Owned(out)
}

/// The character an entity at the beginning stands for, and the entity's bytes.
fn entity(text: &str) -> Option<(char, usize)> {
    let (name, _) = text.strip_prefix('&')?.split_once(';')?;
    let c = match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        _ => number(name.strip_prefix('#')?)?,
    };
    Some((c, name.len() + 2))
}

fn number(digits: &str) -> Option<char> {
    let code = match digits.strip_prefix(['x', 'X']) {
        Some(hex) if hex.len() <= 6 => u32::from_str_radix(hex, 16).ok()?,
        Some(_) => return None,
        None => digits.parse().ok()?,
    };
    char::from_u32(code).filter(|c| *c != '\0')
}
