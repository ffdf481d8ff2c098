//! Telegram's rules for text: how long it is, how it is escaped, checked, split and filled in.
//! Lengths are UTF-16 code units, the safe reading of Telegram's "characters" (Bot API, `MessageEntity`).

mod html;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::model::message::Format;
use crate::model::photo::CAPTION_LIMIT;

pub use html::{HtmlError, HtmlProblem, Piece, Tag, check_html, html_to_plain, pieces};

/// The longest text of a message, in UTF-16 code units after the markup is taken out (Bot API, `sendMessage`).
pub const TEXT_LIMIT: usize = 4096;
/// The longest text with its markup, in bytes; Telegram's server refuses more before it looks at the markup.
pub const RAW_LIMIT: usize = 32 * 1024;

/// A text that Telegram takes: not empty, not too long, its markup whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageText {
    text: String,
    format: Format,
}

/// Why a text cannot be sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing that can be seen.
    #[error("the text is empty")]
    Empty,
    /// More than Telegram takes.
    #[error("the text is {length} characters long; Telegram takes {limit}")]
    TooLong {
        /// In UTF-16 code units, without markup.
        length: usize,
        /// [`TEXT_LIMIT`], or [`CAPTION_LIMIT`] under a picture.
        limit: usize,
    },
    /// The text with its markup is more than Telegram reads.
    #[error("the text with its markup is {bytes} bytes long; Telegram takes {limit}")]
    TooMuchMarkup {
        /// With markup.
        bytes: usize,
        /// [`RAW_LIMIT`].
        limit: usize,
    },
    /// The markup is broken.
    #[error(transparent)]
    Html(#[from] HtmlError),
}

impl MessageText {
    /// Checks a text by Telegram's rules. Line ends become `\n`, as a browser's form sends `\r\n`.
    pub fn parse(text: &str, format: Format) -> Result<Self, TextError> {
        match Self::within(text, format, TEXT_LIMIT)? {
            (_, true) => Err(TextError::Empty),
            (text, false) => Ok(text),
        }
    }

    /// The same for the text under a picture: it is shorter, and may be empty.
    pub fn parse_caption(text: &str, format: Format) -> Result<Self, TextError> {
        let (text, is_empty) = Self::within(text, format, CAPTION_LIMIT)?;
        Ok(if is_empty { Self { text: String::new(), format } } else { text })
    }

    /// A text of at most `limit` units, and whether nothing of it can be seen.
    fn within(text: &str, format: Format, limit: usize) -> Result<(Self, bool), TextError> {
        let text = text.replace("\r\n", "\n");
        let plain = match format {
            Format::Plain => Cow::Borrowed(text.as_str()),
            Format::Html => Cow::Owned(visible(&text)?),
        };
        let is_empty = plain.trim().is_empty();
        let length = utf16_len(&plain);
        if length > limit && !is_empty {
            return Err(TextError::TooLong { length, limit });
        }
        if text.len() > RAW_LIMIT {
            return Err(TextError::TooMuchMarkup { bytes: text.len(), limit: RAW_LIMIT });
        }
        Ok((Self { text, format }, is_empty))
    }

    /// The text as it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// How it is written.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// What can be read of it, without markup; links with their address.
    #[must_use]
    pub fn to_plain(&self) -> Cow<'_, str> {
        match self.format {
            Format::Plain => Cow::Borrowed(&self.text),
            Format::Html => Cow::Owned(html_to_plain(&self.text)),
        }
    }
}

/// The visible characters of well-formed HTML.
fn visible(html: &str) -> Result<String, HtmlError> {
    let mut out = String::with_capacity(html.len());
    for piece in check_html(html)? {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Char(c) => out.push(c),
            Piece::Open(_) | Piece::Close(_) => {}
        }
    }
    Ok(out)
}

/// The length Telegram counts with: UTF-16 code units.
#[must_use]
pub fn utf16_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// The text so that it stands for itself inside Telegram's HTML, also inside a quoted attribute.
#[must_use]
pub fn escape_html(text: &str) -> Cow<'_, str> {
    if !text.contains(['<', '>', '&', '"']) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Cuts plain text into parts of at most `limit` UTF-16 units: between paragraphs where that fills at least half a
/// part, else between lines, else between words, else anywhere. White space at a cut is dropped, so no part is empty.
#[must_use]
pub fn split(text: &str, limit: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text.trim();
    while utf16_len(rest) > limit {
        // One character may be two units: with a smaller limit it still goes out whole, or this would not end.
        let end = prefix(rest, limit).max(rest.chars().next().map_or(0, char::len_utf8));
        let (part, tail) = rest.split_at(cut(rest, end));
        parts.push(part.trim_end());
        rest = tail.trim_start();
    }
    if !rest.is_empty() {
        parts.push(rest);
    }
    parts
}

/// The bytes of the longest beginning of at most `limit` units.
fn prefix(text: &str, limit: usize) -> usize {
    let mut units = 0;
    let fits = |c: &char| {
        units += c.len_utf16();
        units <= limit
    };
    text.chars().take_while(fits).map(char::len_utf8).sum()
}

/// Where to cut a text whose first `end` bytes fit; never 0.
fn cut(text: &str, end: usize) -> usize {
    let head = text.get(..end).unwrap_or(text);
    let tail = text.get(end..).unwrap_or_default();
    // What stands right behind the part that fits is as good a place as the same inside of it.
    let behind = |found: bool| found.then_some(end);
    let half = |at: &usize| *at >= end / 2;
    behind(tail.starts_with("\n\n"))
        .or_else(|| head.rfind("\n\n").filter(half))
        .or_else(|| behind(tail.starts_with('\n')))
        .or_else(|| head.rfind('\n').filter(half))
        .or_else(|| behind(tail.starts_with(char::is_whitespace)))
        .or_else(|| head.rfind(char::is_whitespace))
        .filter(|at| *at > 0)
        .unwrap_or(end)
}

/// A text names a placeholder that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no placeholder {{{name}}} here")]
pub struct UnknownPlaceholder {
    /// Its name, without the braces.
    pub name: String,
}

/// Replaces each `{name}` (of `a-z_`) by its value: plain replacement, once, with every value escaped when the text is
/// HTML. Other braces stand for themselves. The first name without a value is the error.
pub fn fill(template: &str, format: Format, values: &[(&str, &str)]) -> Result<String, UnknownPlaceholder> {
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, name, after)) = next_placeholder(rest) {
        let (_, value) = values
            .iter()
            .find(|(known, _)| *known == name)
            .ok_or_else(|| UnknownPlaceholder { name: name.to_owned() })?;
        out.push_str(before);
        match format {
            Format::Plain => out.push_str(value),
            Format::Html => out.push_str(&escape_html(value)),
        }
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

/// The names of the placeholders in a text, in order, repeats included.
pub fn placeholders(template: &str) -> impl Iterator<Item = &str> {
    let mut rest = template;
    std::iter::from_fn(move || {
        let (_, name, after) = next_placeholder(rest)?;
        rest = after;
        Some(name)
    })
}

/// What stands before the first placeholder, its name, and what stands after it.
fn next_placeholder(text: &str) -> Option<(&str, &str, &str)> {
    text.match_indices('{').find_map(|(open, _)| {
        let (before, inner) = (text.get(..open)?, text.get(open + 1..)?);
        let (name, after) = inner.split_once('}')?;
        let named = !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        named.then_some((before, name, after))
    })
}

#[cfg(test)]
mod tests;
