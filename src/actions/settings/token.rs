//! The bot's token: found in what people paste, sealed, and never shown again.

use crate::actions::{Caller, Error, Refusal};
use crate::config::{Config, Key, Setting, Source, parse_bot_token};
use crate::model::admin::Role;
use crate::secret::Secret;
use crate::store::{Read, StoreError, Tx, journal, meta};

/// The longest paste a token is looked for in, in bytes.
const PASTE_MAX: usize = 16 * 1024;

/// The bot's token in force, if there is one.
pub fn bot_token(read: &impl Read, config: &Config) -> Result<Option<Setting<Secret>>, StoreError> {
    match &config.bot_token {
        Some(token) => Ok(Some(token.clone())),
        None => Ok(meta::token(read)?.map(|value| Setting { value, source: Source::Saved })),
    }
}

/// The token in a paste: the token alone, or the whole of BotFather's message around it.
pub fn find_token(paste: &Secret) -> Result<Secret, Refusal> {
    let paste = paste.expose();
    if paste.len() <= PASTE_MAX {
        let part_of_one = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '_' | '-');
        let found = paste.split(|c| !part_of_one(c)).find_map(|word| parse_bot_token(word).ok());
        if let Some(token) = found {
            return Ok(token);
        }
    }
    Err(Refusal::invalid(
        "bot_token",
        "There is no bot token in this. It looks like 123456789:AAE... and stands in BotFather's message; paste the \
         whole message if you like.",
    ))
}

/// Seals and stores the token. The caller has asked Telegram whose it is.
pub fn save_token(tx: &mut Tx<'_>, caller: &Caller, config: &Config, token: &Secret) -> Result<(), Error> {
    may_change(caller, config)?;
    meta::put_token(tx, Some(token))?;
    let bot = token.expose().split(':').next().unwrap_or_default();
    journal::audit(tx, caller.actor, "bot.token.save", format!("bot {bot}"))?;
    Ok(())
}

/// Forgets the stored token: the bot stops.
pub fn forget_token(tx: &mut Tx<'_>, caller: &Caller, config: &Config) -> Result<(), Error> {
    may_change(caller, config)?;
    meta::put_token(tx, None)?;
    journal::audit(tx, caller.actor, "bot.token.forget", "")?;
    Ok(())
}

fn may_change(caller: &Caller, config: &Config) -> Result<(), Error> {
    caller.needs(Role::Owner)?;
    super::locked(Key::BotToken.name(), config.bot_token.as_ref().map(|token| token.source))?;
    Ok(())
}
