//! Telegram's HTML: a text with tags becomes a plain text with entities, or is refused in Telegram's words with the byte
//! offset of the mistake (Bot API, "HTML style").

use super::entities::{Entity, Kind, settle};
use super::links;

/// Parses `source`. The error is Telegram's description after `Bad Request: can't parse entities: `.
pub fn parse(source: &str) -> Result<(String, Vec<Entity>), String> {
    let mut parser =
        Parser { source, at: 0, text: String::new(), length: 0, open: Vec::new(), done: Vec::new(), lone: false };
    parser.run()?;
    if let Some(tag) = parser.open.last() {
        return Err(format!("Can't find end tag corresponding to start tag \"{}\"", tag.name));
    }
    if parser.lone {
        return Err(
            "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate \
                    code units"
                .to_owned(),
        );
    }
    let entities = parser.done.into_iter().map(|(entity, _)| entity).collect();
    Ok((parser.text, settle(entities)))
}

struct Parser<'a> {
    source: &'a str,
    at: usize,
    text: String,
    /// UTF-16 units in `text`.
    length: usize,
    open: Vec<Tag>,
    /// Finished entities, each with the language its `code` named.
    done: Vec<(Entity, Option<String>)>,
    /// Half of a surrogate pair was written as a number.
    lone: bool,
}

struct Tag {
    name: String,
    argument: String,
    /// Where its content starts in `text`, in UTF-16 units and in bytes.
    units: usize,
    bytes: usize,
}

const TAGS: [&str; 17] = [
    "a",
    "b",
    "strong",
    "i",
    "em",
    "s",
    "strike",
    "del",
    "u",
    "ins",
    "tg-spoiler",
    "tg-emoji",
    "tg-time",
    "span",
    "pre",
    "code",
    "blockquote",
];

impl Parser<'_> {
    /// The byte at `at`, 0 behind the end (as in Telegram's own parser, where 0 counts as white space).
    fn byte(&self) -> u8 {
        self.source.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    fn ended(&self) -> bool {
        self.at >= self.source.len()
    }

    fn since(&self, start: usize) -> &str {
        self.source.get(start..self.at).unwrap_or("")
    }

    fn skip_space(&mut self) {
        while !self.ended() && is_space(self.byte()) {
            self.at += 1;
        }
    }

    fn skip_while(&mut self, keep: impl Fn(u8) -> bool) {
        while !self.ended() && keep(self.byte()) {
            self.at += 1;
        }
    }

    fn push(&mut self, c: char) {
        self.text.push(c);
        self.length += c.len_utf16();
    }

    fn run(&mut self) -> Result<(), String> {
        while !self.ended() {
            match self.byte() {
                b'<' if self.source.as_bytes().get(self.at + 1) == Some(&b'/') => self.end_tag()?,
                b'<' => self.start_tag()?,
                b'&' => match self.reference() {
                    Some(Ok(c)) => self.push(c),
                    Some(Err(())) => self.lone = true,
                    None => {
                        self.at += 1;
                        self.push('&');
                    }
                },
                _ => {
                    let Some(c) = self.source.get(self.at..).and_then(|rest| rest.chars().next()) else { break };
                    self.at += c.len_utf8();
                    self.push(c);
                }
            }
        }
        Ok(())
    }

    /// A character reference at `at`: read and passed, or `None` when it is ordinary text. `Err`: half a surrogate pair.
    fn reference(&mut self) -> Option<Result<char, ()>> {
        let rest = self.source.get(self.at + 1..)?;
        let (code, used) = if let Some(number) = rest.strip_prefix('#') {
            let (digits, radix, marks) = match number.strip_prefix('x') {
                Some(hex) => (hex, 16, 2),
                None => (number, 10, 1),
            };
            let count = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
            let code =
                u32::from_str_radix(digits.get(..count)?, radix).ok().filter(|code| (1..0x10_ffff).contains(code))?;
            (code, marks + count)
        } else {
            let count = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
            let code = match rest.get(..count)? {
                "lt" => '<',
                "gt" => '>',
                "amp" => '&',
                "quot" => '"',
                _ => return None,
            };
            (u32::from(code), count)
        };
        self.at += 1 + used;
        if self.byte() == b';' {
            self.at += 1;
        }
        Some(char::from_u32(code).ok_or(()))
    }

    fn start_tag(&mut self) -> Result<(), String> {
        let begin = self.at;
        self.at += 1;
        self.skip_while(|b| !is_space(b) && b != b'>');
        if self.ended() {
            return Err(format!("Unclosed start tag at byte offset {begin}"));
        }
        let name = self.since(begin + 1).to_ascii_lowercase();
        if !TAGS.contains(&name.as_str()) {
            return Err(format!("Unsupported start tag \"{name}\" at byte offset {begin}"));
        }
        let mut argument = String::new();
        while self.byte() != b'>' {
            self.skip_space();
            if self.byte() == b'>' {
                break;
            }
            let (key, value) = self.attribute(&name, begin)?;
            match (name.as_str(), key.as_str(), value) {
                ("blockquote", "expandable", _) => "1".clone_into(&mut argument),
                ("a", "href", Some(value))
                | ("tg-emoji", "emoji-id", Some(value))
                | ("tg-time", "unix", Some(value)) => {
                    argument = value;
                }
                ("code", "class", Some(value)) => {
                    if let Some(language) = value.strip_prefix("language-") {
                        language.clone_into(&mut argument);
                    }
                }
                ("span", "class", Some(value)) => {
                    if let Some(class) = value.strip_prefix("tg-") {
                        class.clone_into(&mut argument);
                    }
                }
                _ => {}
            }
        }
        if name == "span" && argument != "spoiler" {
            return Err(format!("Tag \"span\" must have class \"tg-spoiler\" at byte offset {begin}"));
        }
        self.at += 1;
        self.open.push(Tag { name, argument, units: self.length, bytes: self.text.len() });
        Ok(())
    }

    /// One attribute: its name and, when it has one, its value.
    fn attribute(&mut self, tag: &str, begin: usize) -> Result<(String, Option<String>), String> {
        let start = self.at;
        self.skip_while(|b| !is_space(b) && !matches!(b, b'=' | b'>' | b'/' | b'"' | b'\''));
        let key = self.since(start).to_ascii_lowercase();
        if key.is_empty() {
            return Err(format!("Empty attribute name in the tag \"{tag}\" at byte offset {begin}"));
        }
        self.skip_space();
        let unclosed = || format!("Unclosed start tag \"{tag}\" at byte offset {begin}");
        if self.byte() != b'=' {
            return if self.ended() { Err(unclosed()) } else { Ok((key, None)) };
        }
        self.at += 1;
        self.skip_space();
        if self.ended() {
            return Err(unclosed());
        }
        let value = match self.byte() {
            quote @ (b'"' | b'\'') => self.quoted(quote, begin)?,
            _ => self.token()?,
        };
        Ok((key, Some(value)))
    }

    fn token(&mut self) -> Result<String, String> {
        let start = self.at;
        self.skip_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
        if !is_space(self.byte()) && self.byte() != b'>' {
            return Err(format!("Unexpected end of name token at byte offset {start}"));
        }
        Ok(self.since(start).to_ascii_lowercase())
    }

    fn quoted(&mut self, quote: u8, begin: usize) -> Result<String, String> {
        self.at += 1;
        let mut value = String::new();
        while self.byte() != quote || self.ended() {
            let Some(c) = self.source.get(self.at..).and_then(|rest| rest.chars().next()) else {
                return Err(format!("Unclosed start tag at byte offset {begin}"));
            };
            match if c == '&' { self.reference() } else { None } {
                Some(Ok(decoded)) => value.push(decoded),
                Some(Err(())) => self.lone = true,
                None => {
                    self.at += c.len_utf8();
                    value.push(c);
                }
            }
        }
        self.at += 1;
        Ok(value)
    }

    fn end_tag(&mut self) -> Result<(), String> {
        let begin = self.at;
        let Some(tag) = self.open.pop() else {
            return Err(format!("Unexpected end tag at byte offset {begin}"));
        };
        self.at += 2;
        let start = self.at;
        self.skip_while(|b| !is_space(b) && b != b'>');
        let name = self.since(start).to_ascii_lowercase();
        self.skip_space();
        if self.byte() != b'>' {
            return Err(format!("Unclosed end tag at byte offset {begin}"));
        }
        if !name.is_empty() && name != tag.name {
            return Err(format!(
                "Unmatched end tag at byte offset {begin}, expected \"</{}>\", found \"</{name}>\"",
                tag.name
            ));
        }
        self.at += 1;
        self.close(tag)
    }

    fn close(&mut self, tag: Tag) -> Result<(), String> {
        let length = self.length - tag.units;
        if length == 0 {
            return Ok(());
        }
        let kind = match tag.name.as_str() {
            "b" | "strong" => Kind::Bold,
            "i" | "em" => Kind::Italic,
            "s" | "strike" | "del" => Kind::Strikethrough,
            "u" | "ins" => Kind::Underline,
            "tg-spoiler" | "span" => Kind::Spoiler,
            "blockquote" if tag.argument.is_empty() => Kind::Blockquote,
            "blockquote" => Kind::ExpandableBlockquote,
            "tg-emoji" => match tag.argument.parse::<u64>() {
                Ok(id) if id > 0 => Kind::CustomEmoji { custom_emoji_id: id.to_string() },
                Ok(_) | Err(_) => return Err("Invalid custom emoji identifier specified".to_owned()),
            },
            "tg-time" => match tag.argument.parse() {
                Ok(unix_time) => Kind::DateTime { unix_time },
                Err(_) => return Err("Invalid date specified".to_owned()),
            },
            "a" => {
                let target =
                    if tag.argument.is_empty() { self.text.get(tag.bytes..).unwrap_or("") } else { &tag.argument };
                // An address that is not one leaves the text without a link, silently.
                let Ok(url) = links::check(target) else { return Ok(()) };
                Kind::TextLink { url }
            }
            monowidth => {
                self.close_monowidth(monowidth == "pre", tag.units, length, tag.argument);
                return Ok(());
            }
        };
        self.done.push((Entity::new(kind, tag.units, length), None));
        Ok(())
    }

    /// `pre` around exactly one `code` that names a language (or the other way round) is one block with that language.
    fn close_monowidth(&mut self, pre: bool, offset: usize, length: usize, language: String) {
        let language = Some(language).filter(|language| !language.is_empty());
        if let Some((inner, inner_language)) = self.done.last_mut()
            && (inner.offset, inner.length) == (offset, length)
        {
            let named = match (&inner.kind, pre) {
                (Kind::Code, true) => inner_language.take(),
                (Kind::Pre { language: None }, false) => language.clone(),
                _ => None,
            };
            if named.is_some() {
                inner.kind = Kind::Pre { language: named };
                return;
            }
        }
        let kind = if pre { Kind::Pre { language: None } } else { Kind::Code };
        self.done.push((Entity::new(kind, offset, length), language));
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'\0' | 0x0b)
}

#[cfg(test)]
mod tests;
