//! Formatting of a text in Telegram's terms: entities over UTF-16 code units, how overlapping ones are settled, and
//! the ones Telegram finds by itself. Knows nothing of HTML or of messages.

use serde::Serialize;
use serde_json::Value;

/// What an entity means; the names are those of the Bot API's `MessageEntity`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Kind {
    /// `@username`.
    Mention,
    /// `#hashtag`.
    Hashtag,
    /// `/command`.
    BotCommand,
    /// A web address in the text.
    Url,
    /// An e-mail address.
    Email,
    /// Bold.
    Bold,
    /// Italic.
    Italic,
    /// Underlined.
    Underline,
    /// Struck through.
    Strikethrough,
    /// Hidden until tapped.
    Spoiler,
    /// A quotation.
    Blockquote,
    /// A quotation that starts folded.
    ExpandableBlockquote,
    /// Monowidth.
    Code,
    /// A monowidth block.
    Pre {
        /// The programming language, when the author named it.
        #[serde(skip_serializing_if = "Option::is_none")]
        language: Option<String>,
    },
    /// A clickable text.
    TextLink {
        /// Where it leads.
        url: String,
    },
    /// A picture in place of a character.
    CustomEmoji {
        /// Which picture.
        custom_emoji_id: String,
    },
    /// A moment, shown in the reader's time zone.
    DateTime {
        /// Seconds since 1970.
        unix_time: i64,
    },
}

impl Kind {
    /// Lower comes first where two entities cover the same characters.
    fn priority(&self) -> u8 {
        match self {
            Self::Blockquote | Self::ExpandableBlockquote => 0,
            Self::Pre { .. } => 10,
            Self::Code => 20,
            Self::TextLink { .. } => 49,
            Self::Mention | Self::Hashtag | Self::BotCommand | Self::Url | Self::Email | Self::DateTime { .. } => 50,
            Self::Bold => 90,
            Self::Italic => 91,
            Self::Underline => 92,
            Self::Strikethrough => 93,
            Self::Spoiler => 94,
            Self::CustomEmoji { .. } => 99,
        }
    }

    fn is_monowidth(&self) -> bool {
        matches!(self, Self::Code | Self::Pre { .. })
    }

    fn is_quote(&self) -> bool {
        matches!(self, Self::Blockquote | Self::ExpandableBlockquote)
    }
}

/// A stretch of a text with a meaning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entity {
    /// What it means.
    #[serde(flatten)]
    pub kind: Kind,
    /// Where it starts, in UTF-16 code units.
    pub offset: usize,
    /// How long it is, in UTF-16 code units.
    pub length: usize,
}

impl Entity {
    /// An entity of `kind` over `length` units from `offset`.
    #[must_use]
    pub fn new(kind: Kind, offset: usize, length: usize) -> Self {
        Self { kind, offset, length }
    }

    /// The first unit after it.
    #[must_use]
    pub fn end(&self) -> usize {
        self.offset.saturating_add(self.length)
    }

    fn overlaps(&self, other: &Self) -> bool {
        self.offset < other.end() && other.offset < self.end()
    }
}

/// The length of a text as Telegram counts it.
#[must_use]
pub fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Puts entities into Telegram's order and takes out what its documentation forbids: other formatting inside of, or
/// around, `code` and `pre` (Bot API, "Formatting options"). At most 100 survive.
#[must_use]
pub fn settle(mut entities: Vec<Entity>) -> Vec<Entity> {
    let fixed: Vec<Entity> = entities.iter().filter(|entity| entity.kind.is_monowidth()).cloned().collect();
    if !fixed.is_empty() {
        entities.retain(|entity| {
            entity.kind.is_monowidth() || entity.kind.is_quote() || !fixed.iter().any(|mono| mono.overlaps(entity))
        });
    }
    entities.sort_by(|a, b| {
        a.offset.cmp(&b.offset).then(b.length.cmp(&a.length)).then(a.kind.priority().cmp(&b.kind.priority()))
    });
    entities.truncate(100);
    entities
}

/// Cuts white space off both ends of a text and moves the entities along.
#[must_use]
pub fn trim(text: &str, entities: Vec<Entity>) -> (String, Vec<Entity>) {
    let kept = text.trim_end();
    let body = kept.trim_start();
    let cut = units(kept).saturating_sub(units(body));
    let total = units(body);
    let moved = entities.into_iter().filter_map(|entity| {
        let start = entity.offset.saturating_sub(cut);
        let end = entity.end().saturating_sub(cut).min(total);
        (end > start).then(|| Entity::new(entity.kind, start, end - start))
    });
    (body.to_owned(), moved.collect())
}

/// Adds what Telegram recognises without being told: commands, mentions, hashtags, web and e-mail addresses.
#[must_use]
pub fn detect(text: &str, mut entities: Vec<Entity>) -> Vec<Entity> {
    let mut offset = 0;
    for word in text.split_inclusive(char::is_whitespace) {
        let bare = word.trim_end_matches(char::is_whitespace);
        if let Some((kind, skip, length)) = recognise(bare) {
            let found = Entity::new(kind, offset + skip, length);
            let taken = entities.iter().any(|other| {
                other.overlaps(&found) && (other.kind.is_monowidth() || matches!(other.kind, Kind::TextLink { .. }))
            });
            if !taken {
                entities.push(found);
            }
        }
        offset += units(word);
    }
    settle(entities)
}

/// The kind, the units before it and its units, of the one entity a word may hold.
fn recognise(word: &str) -> Option<(Kind, usize, usize)> {
    let inner = word.trim_start_matches(['(', '"', '\'', '[', '«']);
    let skip = units(word).saturating_sub(units(inner));
    let inner = inner.trim_end_matches(['.', ',', ':', ';', '!', '?', ')', '"', '\'', ']', '»', '…']);
    let name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if let Some(rest) = inner.strip_prefix('/') {
        let length = rest.find(|c| !name(c) && c != '@').unwrap_or(rest.len());
        return (1..=64).contains(&length).then_some((Kind::BotCommand, skip, length + 1));
    }
    if let Some(rest) = inner.strip_prefix('@') {
        let length = rest.find(|c| !name(c)).unwrap_or(rest.len());
        return (3..=32).contains(&length).then_some((Kind::Mention, skip, length + 1));
    }
    if let Some(rest) = inner.strip_prefix('#') {
        let fits = !rest.is_empty() && rest.chars().all(|c| c.is_alphanumeric() || c == '_');
        return (fits && rest.chars().any(char::is_alphabetic)).then(|| (Kind::Hashtag, skip, units(inner)));
    }
    let lower = inner.to_ascii_lowercase();
    if ["http://", "https://", "t.me/", "telegram.me/"].iter().any(|start| lower.starts_with(start)) {
        return Some((Kind::Url, skip, units(inner)));
    }
    let (local, domain) = inner.split_once('@')?;
    let host = domain.contains('.') && domain.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-');
    (host && !local.is_empty()).then(|| (Kind::Email, skip, units(inner)))
}

/// Reads the `entities` parameter; the error is Telegram's description after `Bad Request: `.
pub fn parse(json: &str, text: &str) -> Result<Vec<Entity>, String> {
    let total = i64::try_from(units(text)).unwrap_or(i64::MAX);
    let list: Vec<Value> = serde_json::from_str(json).map_err(|_| "can't parse entities JSON object".to_owned())?;
    let mut entities = Vec::new();
    for item in &list {
        let number = |name: &str| item.get(name).and_then(Value::as_i64).unwrap_or(0);
        let (offset, length) = (number("offset"), number("length"));
        let end = offset.saturating_add(length);
        if offset < 0 {
            return Err(format!("receive an entity with incorrect offset {offset}"));
        }
        if length < 0 {
            return Err(format!("receive an entity with incorrect length {length}"));
        }
        if offset > total {
            return Err(format!("entity begins after the end of the text at UTF-16 offset {offset}"));
        }
        if end > total {
            return Err(format!(
                "entity beginning at UTF-16 offset {offset} ends after the end of the text at UTF-16 offset {end}"
            ));
        }
        if let Some(kind) = parse_kind(item)?
            && length > 0
        {
            let size = |value: i64| usize::try_from(value).unwrap_or(0);
            entities.push(Entity::new(kind, size(offset), size(length)));
        }
    }
    Ok(settle(entities))
}

/// The kind of one item; `None` for the kinds that Telegram finds by itself and ignores when given.
fn parse_kind(item: &Value) -> Result<Option<Kind>, String> {
    let field = |name: &str| item.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
    let need =
        |name: &str| field(name).ok_or_else(|| format!("can't parse MessageEntity: Can't find field \"{name}\""));
    let kind = match need("type")?.as_str() {
        "bold" => Kind::Bold,
        "italic" => Kind::Italic,
        "underline" => Kind::Underline,
        "strikethrough" => Kind::Strikethrough,
        "spoiler" => Kind::Spoiler,
        "blockquote" => Kind::Blockquote,
        "expandable_blockquote" => Kind::ExpandableBlockquote,
        "code" => Kind::Code,
        "pre" => Kind::Pre { language: field("language") },
        "custom_emoji" => Kind::CustomEmoji { custom_emoji_id: need("custom_emoji_id")? },
        "text_link" => {
            let url = need("url")?;
            match super::links::check(&url) {
                Ok(url) => Kind::TextLink { url },
                Err(why) => return Err(format!("entity URL '{url}' is invalid: {why}")),
            }
        }
        "mention" | "hashtag" | "cashtag" | "bot_command" | "url" | "email" | "phone_number" | "text_mention"
        | "date_time" => return Ok(None),
        _ => return Err("can't parse MessageEntity: Unsupported type specified".to_owned()),
    };
    Ok(Some(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(Kind, usize, usize)> {
        detect(text, Vec::new()).into_iter().map(|e| (e.kind, e.offset, e.length)).collect()
    }

    #[test]
    fn telegram_finds_commands_mentions_and_addresses_by_itself() {
        assert_eq!(found("/start abc"), [(Kind::BotCommand, 0, 6)]);
        assert_eq!(found("🏟 see (https://a.example/x), ok"), [(Kind::Url, 8, 19)]);
        assert_eq!(
            found("ask @ada_l or a@b.example #tag"),
            [(Kind::Mention, 4, 6), (Kind::Email, 14, 11), (Kind::Hashtag, 26, 4)]
        );
        assert_eq!(found("1/2 and @x"), []);
    }

    #[test]
    fn monowidth_text_holds_no_other_formatting() {
        let entities =
            vec![Entity::new(Kind::Bold, 0, 9), Entity::new(Kind::Code, 2, 3), Entity::new(Kind::Bold, 9, 1)];
        assert_eq!(settle(entities), [Entity::new(Kind::Code, 2, 3), Entity::new(Kind::Bold, 9, 1)]);
    }

    #[test]
    fn trimming_moves_and_shortens_entities() {
        let (text, entities) = trim("  ab  ", vec![Entity::new(Kind::Bold, 0, 6), Entity::new(Kind::Italic, 4, 2)]);
        assert_eq!((text.as_str(), entities), ("ab", vec![Entity::new(Kind::Bold, 0, 2)]));
    }

    #[test]
    fn wrong_entities_are_refused_in_telegrams_words() {
        let refused = |json: &str| parse(json, "hello").unwrap_err();
        assert_eq!(
            refused(r#"[{"type":"bold","offset":100,"length":1}]"#),
            "entity begins after the end of the text at UTF-16 offset 100"
        );
        assert_eq!(
            refused(r#"[{"type":"bold","offset":0,"length":100}]"#),
            "entity beginning at UTF-16 offset 0 ends after the end of the text at UTF-16 offset 100"
        );
        assert_eq!(
            refused(r#"[{"type":"bold","offset":-1,"length":1}]"#),
            "receive an entity with incorrect offset -1"
        );
        assert_eq!(
            refused(r#"[{"type":"loud","offset":0,"length":1}]"#),
            "can't parse MessageEntity: Unsupported type specified"
        );
        assert_eq!(
            refused(r#"[{"type":"text_link","offset":0,"length":1}]"#),
            "can't parse MessageEntity: Can't find field \"url\""
        );
    }
}
