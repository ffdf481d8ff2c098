//! What the bot says about itself: name, descriptions and commands, per language and scope.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::entities::units;
use super::params::Params;
use super::refusal::Refusal;

/// A command in the bot's menu.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BotCommand {
    /// Without the slash.
    pub command: String,
    /// What it does.
    pub description: String,
}

/// Texts and commands by language ("" for all others).
#[derive(Debug)]
pub struct Profile {
    names: BTreeMap<String, String>,
    descriptions: BTreeMap<String, String>,
    short_descriptions: BTreeMap<String, String>,
    /// By scope type and language.
    commands: BTreeMap<(String, String), Vec<BotCommand>>,
}

/// One of the bot's texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    /// Its name.
    Name,
    /// What an empty chat shows.
    Description,
    /// What its profile shows.
    ShortDescription,
}

impl Text {
    /// The name of the parameter and of the field in answers.
    #[must_use]
    pub fn field(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Description => "description",
            Self::ShortDescription => "short_description",
        }
    }

    fn longest(self) -> usize {
        match self {
            Self::Name => 64,
            Self::Description => 512,
            Self::ShortDescription => 120,
        }
    }
}

impl Profile {
    /// A bot with a name and nothing else.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            names: BTreeMap::from([(String::new(), name.to_owned())]),
            descriptions: BTreeMap::new(),
            short_descriptions: BTreeMap::new(),
            commands: BTreeMap::new(),
        }
    }

    fn texts(&mut self, which: Text) -> &mut BTreeMap<String, String> {
        match which {
            Text::Name => &mut self.names,
            Text::Description => &mut self.descriptions,
            Text::ShortDescription => &mut self.short_descriptions,
        }
    }

    /// A text in a language, or the one for all others.
    #[must_use]
    pub fn text(&self, which: Text, language: &str) -> &str {
        let texts = match which {
            Text::Name => &self.names,
            Text::Description => &self.descriptions,
            Text::ShortDescription => &self.short_descriptions,
        };
        texts.get(language).or_else(|| texts.get("")).map_or("", String::as_str)
    }

    /// The bot's name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.text(Text::Name, "")
    }

    /// `setMyName` and its siblings; an empty text takes the language out.
    pub fn set_text(&mut self, which: Text, params: &Params) -> Result<String, Refusal> {
        let (text, language) = (params.text(which.field()), params.text("language_code"));
        if units(text) > which.longest() {
            let upper = which.field().to_uppercase();
            return Err(Refusal::bad(&format!("BOT_{upper}_TOO_LONG")));
        }
        if !text.is_empty() {
            self.texts(which).insert(language.to_owned(), text.to_owned());
        } else if !(which == Text::Name && language.is_empty()) {
            self.texts(which).remove(language);
        }
        Ok("true".to_owned())
    }

    /// `getMyName` and its siblings.
    #[must_use]
    pub fn get_text(&self, which: Text, params: &Params) -> String {
        serde_json::json!({ which.field(): self.text(which, params.text("language_code")) }).to_string()
    }

    /// `setMyCommands`.
    pub fn set_commands(&mut self, params: &Params) -> Result<String, Refusal> {
        let list: Vec<BotCommand> = serde_json::from_str(params.text("commands"))
            .map_err(|_| Refusal::bad("can't parse commands: expected an Array of BotCommand"))?;
        if list.len() > 100 {
            return Err(Refusal::bad("BOT_COMMANDS_TOO_MUCH"));
        }
        let mut commands = Vec::new();
        for BotCommand { command, description } in list {
            let command = command.trim_start_matches('/').to_owned();
            let named = command.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
            if !named || !(1..=32).contains(&command.len()) {
                return Err(Refusal::bad("BOT_COMMAND_INVALID"));
            }
            if !(1..=256).contains(&units(&description)) {
                return Err(Refusal::bad("BOT_COMMAND_DESCRIPTION_INVALID"));
            }
            commands.push(BotCommand { command, description });
        }
        self.commands.insert(slot(params)?, commands);
        Ok("true".to_owned())
    }

    /// `getMyCommands`.
    pub fn get_commands(&self, params: &Params) -> Result<String, Refusal> {
        let commands = self.commands.get(&slot(params)?).map_or(&[][..], Vec::as_slice);
        Ok(serde_json::to_string(commands).unwrap_or_else(|_| "[]".to_owned()))
    }

    /// `deleteMyCommands`.
    pub fn delete_commands(&mut self, params: &Params) -> Result<String, Refusal> {
        self.commands.remove(&slot(params)?);
        Ok("true".to_owned())
    }

    /// The menu a person with a client language sees in the private chat (Bot API, "Determining list of commands").
    #[must_use]
    pub fn menu(&self, language: &str) -> &[BotCommand] {
        self.commands_in("all_private_chats", language)
    }

    /// The same in a group.
    #[must_use]
    pub fn group_menu(&self, language: &str) -> &[BotCommand] {
        self.commands_in("all_group_chats", language)
    }

    fn commands_in(&self, scope: &str, language: &str) -> &[BotCommand] {
        let language = language.split('-').next().unwrap_or("");
        let slots = [(scope, language), (scope, ""), ("default", language), ("default", "")];
        let mut found = slots.iter().filter_map(|(scope, language)| {
            self.commands.get(&((*scope).to_owned(), (*language).to_owned())).filter(|list| !list.is_empty())
        });
        found.next().map_or(&[], Vec::as_slice)
    }
}

/// Scope (its type, and the chat it names) and language.
fn slot(params: &Params) -> Result<(String, String), Refusal> {
    let language = params.text("language_code").to_owned();
    let Some(scope) = params.find("scope").filter(|scope| !scope.is_empty()) else {
        return Ok(("default".to_owned(), language));
    };
    let scope: Value =
        serde_json::from_str(scope).map_err(|_| Refusal::bad("can't parse BotCommandScope: expected an Object"))?;
    let Some(kind) = scope.get("type").and_then(Value::as_str) else {
        return Err(Refusal::bad("can't parse BotCommandScope: Can't find field \"type\""));
    };
    match scope.get("chat_id") {
        Some(chat) => Ok((format!("{kind} {chat}"), language)),
        None => Ok((kind.to_owned(), language)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(query: &str) -> Params {
        let mut params = Params::default();
        params.add_pairs(query.as_bytes());
        params
    }

    #[test]
    fn a_person_sees_the_commands_of_their_language() {
        let mut profile = Profile::new("Bot");
        profile.set_commands(&params(r#"commands=[{"command":"help","description":"Help"}]"#)).unwrap();
        let german = r#"commands=[{"command":"/hilfe","description":"Hilfe"}]&language_code=de"#;
        profile.set_commands(&params(german)).unwrap();
        assert_eq!(profile.menu("de-at").first().map(|c| c.command.as_str()), Some("hilfe"));
        assert_eq!(profile.menu("fr").first().map(|c| c.command.as_str()), Some("help"));
    }

    #[test]
    fn wrong_commands_and_long_texts_are_refused() {
        let mut profile = Profile::new("Bot");
        let refused =
            |profile: &mut Profile, query: &str| profile.set_commands(&params(query)).unwrap_err().description;
        assert!(
            refused(&mut profile, r#"commands=[{"command":"Help","description":"x"}]"#)
                .ends_with("BOT_COMMAND_INVALID")
        );
        assert!(
            refused(&mut profile, r#"commands=[{"command":"a","description":""}]"#).ends_with("DESCRIPTION_INVALID")
        );
        assert!(profile.set_text(Text::Name, &params(&format!("name={}", "x".repeat(65)))).is_err());
        assert!(profile.set_text(Text::Name, &params("name=Post")).is_ok());
        assert_eq!(profile.name(), "Post");
    }
}
