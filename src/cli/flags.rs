//! The flags that set settings, handed on as text: `config` checks them, so that every source is refused alike.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{ArgAction, Args};

use crate::config::{Config, ConfigErrors, Environment, Flags, Key};

/// Where the data is; what every operator command takes.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct PlaceFlags {
    #[arg(long, value_name = "FILE", help = "The configuration file (TOML) [env: STARTLINK_CONFIG]")]
    config: Option<PathBuf>,
    #[arg(
        long,
        value_name = "FOLDER",
        help = "The folder of the data file [default: ./data, or systemd's state folder]"
    )]
    data_dir: Option<String>,
}

/// What the log holds and how it looks.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct LogFlags {
    #[arg(
        long,
        value_name = "LEVEL",
        help = "The lowest level that is logged: error, warn, info, debug, trace [default: info]"
    )]
    log_level: Option<String>,
    #[arg(long, value_name = "FORMAT", help = "How log lines are written: text, json [default: text]")]
    log_format: Option<String>,
}

/// Every setting that has a flag.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct ServeFlags {
    #[command(flatten)]
    place: PlaceFlags,
    #[arg(long, value_name = "ADDRESS:PORT", help = "Where the web server listens [default: 127.0.0.1:8080]")]
    listen: Option<String>,
    #[arg(
        long,
        value_name = "URL",
        help = "The address under which people reach this instance, such as https://links.example.org"
    )]
    base_url: Option<String>,
    #[arg(
        long,
        value_name = "NETWORKS",
        help = "The proxies whose forwarded headers are believed, such as 10.0.0.0/8,::1"
    )]
    trusted_proxies: Option<String>,
    #[arg(long, action = ArgAction::SetTrue, help = "Let plain http leave this machine: passwords can then be read on the way")]
    insecure_http: bool,
    #[command(flatten)]
    log: LogFlags,
    #[arg(long, value_name = "URL", help = "Where the Bot API is reached [default: https://api.telegram.org]")]
    telegram_api_url: Option<String>,
    #[arg(long, value_name = "URL", help = "What links to the bot begin with [default: https://t.me]")]
    telegram_link_url: Option<String>,
    #[arg(long, value_name = "NUMBER", help = "Messages a second over all chats, 0 for no limit [default: 30]")]
    rate_global: Option<String>,
    #[arg(long, value_name = "NUMBER", help = "Messages a second to one private chat, 0 for no limit [default: 1]")]
    rate_chat: Option<String>,
    #[arg(long, value_name = "NUMBER", help = "Messages a minute to one group, 0 for no limit [default: 20]")]
    rate_group: Option<String>,
    #[arg(
        long,
        value_name = "HOSTS",
        help = "What webhooks may reach although it is not public, such as shop.internal,10.0.0.0/8"
    )]
    webhook_allow: Option<String>,
    #[arg(long, value_name = "TIME", help = "How long a stop waits for what is in flight [default: 10s]")]
    stop_timeout: Option<String>,
}

impl PlaceFlags {
    pub(super) fn to_flags(&self) -> Flags {
        given(self.config.as_ref(), [(Key::DataDir, self.data_dir.as_ref())])
    }

    /// The settings of an operator command.
    pub(super) fn load(&self, environment: &Environment) -> Result<Config, ConfigErrors> {
        Config::load(&self.to_flags(), environment)
    }
}

impl LogFlags {
    /// The settings these flags are.
    pub(super) fn pairs(&self) -> [(Key, Option<&String>); 2] {
        [(Key::LogLevel, self.log_level.as_ref()), (Key::LogFormat, self.log_format.as_ref())]
    }
}

impl ServeFlags {
    pub(super) fn to_flags(&self) -> Flags {
        let insecure_http = self.insecure_http.then(|| "true".to_owned());
        let pairs = [
            (Key::DataDir, self.place.data_dir.as_ref()),
            (Key::Listen, self.listen.as_ref()),
            (Key::BaseUrl, self.base_url.as_ref()),
            (Key::TrustedProxies, self.trusted_proxies.as_ref()),
            (Key::InsecureHttp, insecure_http.as_ref()),
            (Key::TelegramApiUrl, self.telegram_api_url.as_ref()),
            (Key::TelegramLinkUrl, self.telegram_link_url.as_ref()),
            (Key::RateGlobal, self.rate_global.as_ref()),
            (Key::RateChat, self.rate_chat.as_ref()),
            (Key::RateGroup, self.rate_group.as_ref()),
            (Key::WebhookAllow, self.webhook_allow.as_ref()),
            (Key::StopTimeout, self.stop_timeout.as_ref()),
        ];
        given(self.place.config.as_ref(), pairs.into_iter().chain(self.log.pairs()))
    }
}

/// The flags that were given.
pub(super) fn given<'a>(config: Option<&PathBuf>, pairs: impl IntoIterator<Item = (Key, Option<&'a String>)>) -> Flags {
    let values: BTreeMap<_, _> = pairs.into_iter().filter_map(|(key, value)| Some((key, value?.clone()))).collect();
    Flags { config: config.cloned(), values }
}
