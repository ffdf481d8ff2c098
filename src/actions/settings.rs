//! Settings: what is in force and why, and the changes admins may make in the browser. What the process was started
//! with cannot be changed here, and says so.

mod change;
mod token;
mod voice;
mod wording;

use std::time::Duration;

pub use change::{SettingsChange, save, switch_automatic_answer};
pub use token::{bot_token, find_token, forget_token, save_token};
pub use voice::Voice;
pub use wording::{reset_text, save_text, texts};

use crate::actions::Refusal;
use crate::actions::sweep::Kept;
use crate::config::{BaseUrl, Config, DEFAULT_RATE_CHAT, DEFAULT_RATE_GLOBAL, DEFAULT_RATE_GROUP, Setting, Source};
use crate::model::settings::{LINK_LIFETIME, MESSAGES_KEPT, Saved};
use crate::store::{Read, StoreError, meta};

const DAY: Duration = Duration::from_hours(24);
/// How the website is called while nobody gave it a name.
const UNNAMED: &str = "the website";

/// The settings in force, each with where it comes from.
#[derive(Clone, Debug)]
pub struct Effective {
    /// How people call the website.
    pub site_name: Setting<String>,
    /// Where people get a new code.
    pub site_url: Setting<Option<String>>,
    /// Where this instance is reached from outside.
    pub base_url: Setting<Option<BaseUrl>>,
    /// How long a code can be claimed.
    pub link_lifetime: Setting<Duration>,
    /// How long messages and finished deliveries are kept.
    pub messages_kept: Setting<Duration>,
    /// Whether a chat is asked before it is connected.
    pub confirm_before_link: Setting<bool>,
    /// Whether a chat sees only the ends of a username.
    pub mask_username: Setting<bool>,
    /// Whether the bot tells people that what they write is passed on.
    pub automatic_answer: Setting<bool>,
    /// Whether people of accounts may sign in to the portal.
    pub portal: Setting<bool>,
    /// Messages a second over all; 0 is no limit.
    pub rate_global: Setting<u32>,
    /// Messages a second to one private chat; 0 is no limit.
    pub rate_chat: Setting<u32>,
    /// Messages a minute to one group; 0 is no limit.
    pub rate_group: Setting<u32>,
    /// Where the bot's token comes from; `None` while there is none. The token itself: [`bot_token`].
    pub bot_token: Option<Source>,
}

/// The sending limits in force; 0 is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// Messages a second over all.
    pub global: Setting<u32>,
    /// Messages a second to one private chat.
    pub chat: Setting<u32>,
    /// Messages a minute to one group.
    pub group: Setting<u32>,
}

impl Rates {
    /// Completes what the process was started with by what was saved.
    #[must_use]
    pub fn of(saved: &Saved, config: &Config) -> Self {
        Self {
            global: Setting::settle(config.rate_global, saved.rate_global, DEFAULT_RATE_GLOBAL),
            chat: Setting::settle(config.rate_chat, saved.rate_chat, DEFAULT_RATE_CHAT),
            group: Setting::settle(config.rate_group, saved.rate_group, DEFAULT_RATE_GROUP),
        }
    }
}

impl Effective {
    /// Completes what the process was started with by what was saved. Two small rows.
    pub fn load(read: &impl Read, config: &Config) -> Result<Self, StoreError> {
        let saved = meta::saved(read)?;
        let site_name = site_name(read, &saved)?;
        let rates = Rates::of(&saved, config);
        let lifetime = saved.link_lifetime_s.map(|seconds| Duration::from_secs(seconds.into()));
        let kept = saved.messages_kept_days.map(|days| DAY * days);
        Ok(Self {
            site_name,
            base_url: base_url(&saved, config),
            link_lifetime: Setting::settle(None, lifetime, LINK_LIFETIME),
            messages_kept: Setting::settle(None, kept, MESSAGES_KEPT),
            confirm_before_link: switch(saved.confirm_before_link),
            mask_username: switch(saved.mask_username),
            automatic_answer: Setting::settle(None, saved.no_passed_on.then_some(false), true),
            portal: Setting::settle(None, saved.no_portal.then_some(false), true),
            rate_global: rates.global,
            rate_chat: rates.chat,
            rate_group: rates.group,
            bot_token: bot_token(read, config)?.map(|token| token.source),
            site_url: Setting::settle(None, saved.site_url.map(Some), None),
        })
    }

    /// How long things are kept, for the sweep.
    #[must_use]
    pub fn kept(&self) -> Kept {
        Kept { messages: self.messages_kept.value, ..Kept::default() }
    }
}

/// The name that was given, else the host of the website's address, else the bot's name: a name fits every language.
fn site_name(read: &impl Read, saved: &Saved) -> Result<Setting<String>, StoreError> {
    let host = || {
        let url = url::Url::parse(saved.site_url.as_deref()?).ok()?;
        url.domain().map(str::to_owned)
    };
    let name = match (&saved.site_name, host()) {
        (Some(_), _) => None,
        (None, Some(host)) => Some(host),
        (None, None) => meta::bot(read)?.map(|bot| bot.name),
    };
    Ok(Setting::settle(None, saved.site_name.clone(), name.unwrap_or_else(|| UNNAMED.to_owned())))
}

/// A saved address that is no longer allowed, because the process was started differently, does not count.
fn base_url(saved: &Saved, config: &Config) -> Setting<Option<BaseUrl>> {
    let started = config.base_url.clone().map(|url| Setting { value: Some(url.value), source: url.source });
    let kept = saved.base_url.as_deref().and_then(|url| BaseUrl::parse(url, config.plain_http.value).ok());
    Setting::settle(started, kept.map(Some), None)
}

/// A switch that is off unless it was saved.
fn switch(value: bool) -> Setting<bool> {
    Setting::settle(None, value.then_some(true), false)
}

/// Refuses to change what the process was started with.
fn locked(field: &'static str, source: Option<Source>) -> Result<(), Refusal> {
    match source.filter(|source| source.is_locked()) {
        Some(source) => Err(Refusal::conflict(
            Some(field),
            format!("This is set by {source}. Change it there and start startlink again."),
        )),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
