//! The addresses that lead from a code into the chat with the bot, and the page of a link. All are made here.

use maud::Markup;

use crate::clock::Timestamp;
use crate::config::Config;
use crate::model::link::Code;
use crate::model::settings::BotIdentity;
use crate::view::Href;
use crate::view::link::{self, Group, Ways};

/// The addresses of one code.
pub struct Addresses {
    bot: String,
    https: Href,
    tg: Href,
    command: String,
    group: Href,
    group_command: String,
}

impl Addresses {
    /// `https://t.me/BOT?start=CODE` and its siblings (Telegram, "Deep links"); the host is the configured one.
    #[must_use]
    pub fn of(config: &Config, bot: &BotIdentity, code: &Code) -> Self {
        let (host, name, code) = (config.telegram_link_url.value.as_str(), bot.username.as_str(), code.expose());
        Self {
            bot: format!("@{name}"),
            https: Href::from(host).join(name).with("start", code),
            tg: Href::from("tg://resolve").with("domain", name).with("start", code),
            command: format!("/start {code}"),
            group: Href::from(host).join(name).with("startgroup", code),
            group_command: format!("/link {code}"),
        }
    }

    /// `https://t.me/BOT?start=CODE`
    #[must_use]
    pub fn https(&self) -> &Href {
        &self.https
    }

    /// `tg://resolve?domain=BOT&start=CODE`
    #[must_use]
    pub fn tg(&self) -> &Href {
        &self.tg
    }

    /// `/start CODE`
    #[must_use]
    pub fn command(&self) -> &str {
        &self.command
    }

    /// `https://t.me/BOT?startgroup=CODE`: adds the bot to a group and connects that.
    #[must_use]
    pub fn group(&self) -> &Href {
        &self.group
    }

    /// The ways for a group; only for links of accounts.
    #[must_use]
    pub fn show_group(&self) -> Markup {
        let Self { bot, group, group_command, .. } = self;
        link::group(&Group { bot, https: group, command: group_command })
    }

    /// All of them as a person can use them, with the countdown.
    #[must_use]
    pub fn show(&self, until: Timestamp, now: Timestamp) -> Markup {
        let Self { bot, https, tg, command, .. } = self;
        link::ways(&Ways { bot, https, tg, command, until, now })
    }
}

/// The path of a link's own page.
#[must_use]
pub fn page_of(code: &Code) -> String {
    format!("/l/{}", code.expose())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Environment, Flags};
    use crate::ids::UserId;

    #[test]
    fn the_addresses_follow_telegrams_forms_and_the_configured_host() {
        let variables = [("STARTLINK_TELEGRAM_LINK_URL".into(), "http://127.0.0.1:8099/tme/".into())];
        let config = Config::load(&Flags::default(), &Environment::new(variables)).unwrap_or_else(|e| panic!("{e}"));
        let bot = BotIdentity { id: UserId(1), username: "post_bot".into(), name: "Post".into(), seen: Timestamp(0) };
        let code = Code::parse("AbC-_1").unwrap();
        let addresses = Addresses::of(&config, &bot, &code);
        assert_eq!(addresses.https.as_str(), "http://127.0.0.1:8099/tme/post_bot?start=AbC-_1");
        assert_eq!(addresses.tg.as_str(), "tg://resolve?domain=post_bot&start=AbC-_1");
        assert_eq!(addresses.command, "/start AbC-_1");
        assert_eq!(addresses.group.as_str(), "http://127.0.0.1:8099/tme/post_bot?startgroup=AbC-_1");
        assert_eq!(addresses.group_command, "/link AbC-_1");
        assert_eq!(page_of(&code), "/l/AbC-_1");
    }
}
