//! The bot's menu of commands, told to Telegram for each language when it changed. Nobody waits for it.

use serde::Serialize;

use crate::actions::settings::Voice;
use crate::bot::Inner;
use crate::model::settings::BotIdentity;
use crate::model::texts::{Language, TextKey};
use crate::runtime;
use crate::secret::Hash;
use crate::store::{Store, StoreError, meta};
use crate::telegram::{Api, CallError, Command};

/// Under which name the data file remembers the menu that Telegram has.
const TOLD: &str = "bot.menu";

const COMMANDS: [(&str, TextKey); 9] = [
    ("start", TextKey::CommandStart),
    ("help", TextKey::CommandHelp),
    ("status", TextKey::CommandStatus),
    ("mute", TextKey::CommandMute),
    ("unmute", TextKey::CommandUnmute),
    ("settings", TextKey::CommandSettings),
    ("stop", TextKey::CommandStop),
    ("privacy", TextKey::CommandPrivacy),
    ("delete", TextKey::CommandDelete),
];

/// A menu for clients in one language; without one, for all others.
#[derive(Serialize)]
struct Menu {
    language: Option<&'static str>,
    lines: Vec<(&'static str, String)>,
}

/// Tells Telegram the menu, in a task of its own, if it has another one.
pub(super) fn offer(bot: &Inner, api: Api, me: &BotIdentity) {
    let store = bot.store.clone();
    match changed(&store, me) {
        Ok(Some((menus, print))) => drop(runtime::spawn(async move {
            match tell(&api, &menus).await {
                Ok(()) => remember(&store, print).await,
                Err(error) => {
                    log::warn!(error:% = error; "The bot's menu could not be set; it is tried at the next start.");
                }
            }
        })),
        Ok(None) => {}
        Err(error) => log::error!(error:% = error; "The bot's menu could not be read."),
    }
}

fn changed(store: &Store, me: &BotIdentity) -> Result<Option<(Vec<Menu>, Hash)>, StoreError> {
    let (voice, told) = store.read(|read| Ok::<_, StoreError>((Voice::load(read)?, meta::fingerprint(read, TOLD)?)))?;
    let menus = menus(&voice);
    let print = Hash::of(&serde_json::to_vec(&(me.id, &menus)).unwrap_or_default());
    Ok((told != Some(print)).then_some((menus, print)))
}

fn menus(voice: &Voice) -> Vec<Menu> {
    let lines = |tag| COMMANDS.map(|(command, key)| (command, voice.say(key, tag, &[]))).to_vec();
    let own = Language::ALL.map(|language| Menu { language: Some(language.tag()), lines: lines(Some(language.tag())) });
    [Menu { language: None, lines: lines(None) }].into_iter().chain(own).collect()
}

async fn tell(api: &Api, menus: &[Menu]) -> Result<(), CallError> {
    for menu in menus {
        let commands: Vec<_> =
            menu.lines.iter().map(|(command, description)| Command { command, description }).collect();
        api.set_my_commands(&commands, menu.language).await?;
    }
    Ok(())
}

async fn remember(store: &Store, print: Hash) {
    if let Err(error) = store.write(move |tx| meta::put_fingerprint(tx, TOLD, print)).await {
        log::error!(error:% = error; "That the bot's menu was set could not be remembered.");
    }
}
