//! Changes to the settings: each field as it was typed, refused by its name, all or none.

use url::Url;

use super::locked;
use crate::actions::links::{LIFETIME_MAX, LIFETIME_MIN};
use crate::actions::{Caller, Error, Refusal};
use crate::config::{BaseUrl, Config, Key, Setting, parse_rate};
use crate::model::account::parse_name;
use crate::model::admin::Role;
use crate::model::settings::{SITE_NAME_MAX, Saved};
use crate::store::{Tx, journal, meta};

/// The longest time messages are kept, in days.
pub const KEPT_DAYS_MAX: u32 = 3650;
/// The longest address of the website, in bytes.
const URL_MAX: usize = 2048;

/// What is to be changed, as typed into a form. `None` leaves a setting, an empty text goes back to its default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SettingsChange {
    /// How people call the website: 1 to 64 characters.
    pub site_name: Option<String>,
    /// Where people get a new code: an http or https address.
    pub site_url: Option<String>,
    /// Where this instance is reached from outside.
    pub base_url: Option<String>,
    /// Minutes a code can be claimed: 1 to 10,080.
    pub link_lifetime: Option<String>,
    /// Days messages are kept: 1 to 3,650.
    pub messages_kept: Option<String>,
    /// Whether a chat is asked before it is connected.
    pub confirm_before_link: Option<bool>,
    /// Whether a chat sees only the ends of a username.
    pub mask_username: Option<bool>,
    /// Whether the bot tells people that what they write is passed on.
    pub automatic_answer: Option<bool>,
    /// Whether people of accounts may sign in to the portal.
    pub portal: Option<bool>,
    /// Messages a second over all.
    pub rate_global: Option<String>,
    /// Messages a second to one private chat.
    pub rate_chat: Option<String>,
    /// Messages a minute to one group.
    pub rate_group: Option<String>,
}

/// Saves a change. A setting the process was started with is refused when it would change; its name tells where to look.
pub fn save(tx: &mut Tx<'_>, caller: &Caller, config: &Config, change: &SettingsChange) -> Result<(), Error> {
    caller.needs(Role::Owner)?;
    let mut form = Form { saved: meta::saved(tx)?, changed: Vec::new() };
    apply(&mut form, config, change)?;
    if form.changed.is_empty() {
        return Ok(());
    }
    meta::save(tx, &form.saved)?;
    journal::audit(tx, caller.actor, "settings.save", form.changed.join(", "))?;
    Ok(())
}

/// Switches the automatic answer to what people write on or off: a website that answers by itself does not need it.
pub fn switch_automatic_answer(tx: &mut Tx<'_>, caller: &Caller, on: bool) -> Result<(), Error> {
    caller.needs(Role::Sender)?;
    let saved = meta::saved(tx)?;
    if saved.no_passed_on == on {
        meta::save(tx, &Saved { no_passed_on: !on, ..saved })?;
        journal::audit(tx, caller.actor, "settings.save", "automatic_answer")?;
    }
    Ok(())
}

/// The settings while they are being changed.
struct Form {
    saved: Saved,
    changed: Vec<&'static str>,
}

impl Form {
    /// Reads a field if it was sent, and notes whether it changes anything.
    fn text<T: PartialEq>(
        &mut self,
        field: &'static str,
        typed: Option<&String>,
        slot: impl FnOnce(&mut Saved) -> &mut Option<T>,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<(), Refusal> {
        let Some(typed) = typed.map(|typed| typed.trim()) else { return Ok(()) };
        let value = (!typed.is_empty()).then(|| parse(typed)).transpose();
        let value = value.map_err(|sentence| Refusal::invalid(field, sentence))?;
        let slot = slot(&mut self.saved);
        if *slot != value {
            *slot = value;
            self.changed.push(field);
        }
        Ok(())
    }

    fn switch(&mut self, field: &'static str, wanted: Option<bool>, slot: impl FnOnce(&mut Saved) -> &mut bool) {
        let slot = slot(&mut self.saved);
        if let Some(wanted) = wanted.filter(|wanted| wanted != slot) {
            *slot = wanted;
            self.changed.push(field);
        }
    }

    /// A rate may be set by the process; then it is refused, unless the form shows what is in force.
    fn rate(
        &mut self,
        key: Key,
        typed: Option<&String>,
        started: Option<&Setting<u32>>,
        slot: impl FnOnce(&mut Saved) -> &mut Option<u32>,
    ) -> Result<(), Refusal> {
        let in_force = |setting: &Setting<u32>| typed.is_none_or(|typed| typed.trim() == setting.value.to_string());
        if let Some(setting) = started {
            return if in_force(setting) { Ok(()) } else { locked(key.name(), Some(setting.source)) };
        }
        self.text(key.name(), typed, slot, |text| parse_rate(text).map_err(sentence))
    }
}

fn apply(form: &mut Form, config: &Config, change: &SettingsChange) -> Result<(), Refusal> {
    form.text("site_name", change.site_name.as_ref(), |saved| &mut saved.site_name, site_name)?;
    form.text("site_url", change.site_url.as_ref(), |saved| &mut saved.site_url, site_url)?;
    base_url(form, config, change.base_url.as_ref())?;
    form.text("link_lifetime", change.link_lifetime.as_ref(), |saved| &mut saved.link_lifetime_s, lifetime)?;
    form.text("messages_kept", change.messages_kept.as_ref(), |saved| &mut saved.messages_kept_days, kept)?;
    form.switch("confirm_before_link", change.confirm_before_link, |saved| &mut saved.confirm_before_link);
    form.switch("mask_username", change.mask_username, |saved| &mut saved.mask_username);
    form.switch("automatic_answer", change.automatic_answer.map(|on| !on), |saved| &mut saved.no_passed_on);
    form.switch("portal", change.portal.map(|on| !on), |saved| &mut saved.no_portal);
    let started = [&config.rate_global, &config.rate_chat, &config.rate_group].map(Option::as_ref);
    let [global, chat, group] = started;
    form.rate(Key::RateGlobal, change.rate_global.as_ref(), global, |saved| &mut saved.rate_global)?;
    form.rate(Key::RateChat, change.rate_chat.as_ref(), chat, |saved| &mut saved.rate_chat)?;
    form.rate(Key::RateGroup, change.rate_group.as_ref(), group, |saved| &mut saved.rate_group)
}

fn base_url(form: &mut Form, config: &Config, typed: Option<&String>) -> Result<(), Refusal> {
    let policy = config.plain_http.value;
    let parse = |text: &str| BaseUrl::parse(text, policy).map(|url| url.as_str().to_owned()).map_err(sentence);
    if let Some(setting) = &config.base_url {
        let same = |typed: &String| parse(typed).as_deref() == Ok(setting.value.as_str());
        return if typed.is_none_or(same) { Ok(()) } else { locked(Key::BaseUrl.name(), Some(setting.source)) };
    }
    form.text(Key::BaseUrl.name(), typed, |saved| &mut saved.base_url, parse)
}

fn site_name(text: &str) -> Result<String, String> {
    let name = parse_name(text).map_err(sentence)?;
    let length = name.chars().count();
    if length > SITE_NAME_MAX {
        return Err(format!("The name has at most {SITE_NAME_MAX} characters; this one has {length}."));
    }
    Ok(name)
}

fn site_url(text: &str) -> Result<String, String> {
    let url = Url::parse(text).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
    });
    match url {
        Some(url) if url.as_str().len() <= URL_MAX => Ok(url.into()),
        Some(_) | None => Err("Enter an address that begins with https:// or http://, such as \
             https://www.example.org/account."
            .into()),
    }
}

fn lifetime(text: &str) -> Result<u32, String> {
    let (least, most) = (LIFETIME_MIN.as_secs() / 60, LIFETIME_MAX.as_secs() / 60);
    let minutes = text.parse::<u32>().ok().filter(|minutes| (least..=most).contains(&u64::from(*minutes)));
    minutes.map(|minutes| minutes * 60).ok_or_else(|| format!("Enter whole minutes from {least} to {most} (7 days)."))
}

fn kept(text: &str) -> Result<u32, String> {
    let days = text.parse::<u32>().ok().filter(|days| (1..=KEPT_DAYS_MAX).contains(days));
    days.ok_or_else(|| format!("Enter whole days from 1 to {KEPT_DAYS_MAX}."))
}

fn sentence(error: impl std::fmt::Display) -> String {
    error.to_string()
}
