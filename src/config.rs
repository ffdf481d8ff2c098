//! Typed settings: flag > environment > configuration file > value saved in the UI > default, each with its source.
//! The environment and the flags are handed in as data; the data file is unknown here, so a setting that may also be
//! saved in the UI is optional and completed with [`Setting::settle`].

mod allow;
mod base_url;
mod environment;
mod error;
mod file;
mod key;
mod layers;
mod setting;
mod show;
mod value;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use log::LevelFilter;

use crate::logging;
use crate::secret::Secret;
use layers::Layers;

pub use allow::WebhookAllow;
pub use base_url::{BaseUrl, PlainHttp};
pub use environment::Environment;
pub use error::{ConfigError, ConfigErrors, Invalid};
pub use key::Key;
pub use setting::{Setting, Source};
pub use show::{Row, Savable};
pub use value::{HttpUrl, SealingKey, parse_bot_token, parse_rate};

/// Messages a second over all chats, unless set otherwise (Bots FAQ, "My bot is hitting limits").
pub const DEFAULT_RATE_GLOBAL: u32 = 30;
/// Messages a second to one private chat, unless set otherwise.
pub const DEFAULT_RATE_CHAT: u32 = 1;
/// Messages a minute to one group, unless set otherwise.
pub const DEFAULT_RATE_GROUP: u32 = 20;

const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8080);
const DEFAULT_STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// What the command line sets, as text; parsed here, so that a flag and a variable are refused with the same words.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// The configuration file (`--config`).
    pub config: Option<PathBuf>,
    /// The flags that were given.
    pub values: BTreeMap<Key, String>,
}

/// The settings of a process. What is optional here may also be saved in the UI or simply be absent.
#[derive(Clone)]
pub struct Config {
    /// Where the web server listens.
    pub listen: Setting<SocketAddr>,
    /// The folder of the data file, the key and the control socket.
    pub data_dir: Setting<PathBuf>,
    /// The address under which people reach this instance. May also be saved in the UI.
    pub base_url: Option<Setting<BaseUrl>>,
    /// The networks whose forwarded headers are believed.
    pub trusted_proxies: Setting<Vec<IpNet>>,
    /// The lowest level that is logged.
    pub log_level: Setting<LevelFilter>,
    /// How log lines are written.
    pub log_format: Setting<logging::Format>,
    /// The bot's token, of the form `digits:secret`. May also be saved in the UI.
    pub bot_token: Option<Setting<Secret>>,
    /// Where the Bot API is reached.
    pub telegram_api_url: Setting<HttpUrl>,
    /// What links to the bot begin with.
    pub telegram_link_url: Setting<HttpUrl>,
    /// The proxy towards the Bot API, a `http://` or `socks5://` URL that may hold a password.
    pub proxy: Option<Setting<Secret>>,
    /// The key that seals secrets in the data file; without it, the key file in the data folder counts.
    pub secret_key: Option<Setting<SealingKey>>,
    /// Messages a second over all chats; 0 is no limit. May also be saved in the UI.
    pub rate_global: Option<Setting<u32>>,
    /// Messages a second to one private chat; 0 is no limit. May also be saved in the UI.
    pub rate_chat: Option<Setting<u32>>,
    /// Messages a minute to one group; 0 is no limit. May also be saved in the UI.
    pub rate_group: Option<Setting<u32>>,
    /// What webhooks may reach although it is not public.
    pub webhook_allow: Setting<WebhookAllow>,
    /// How long a stop waits for what is in flight.
    pub stop_timeout: Setting<Duration>,
    /// Whether plain http may leave this machine.
    pub plain_http: Setting<PlainHttp>,
}

impl Config {
    /// Reads all sources and checks every value; all mistakes are reported together, each naming its variable, flag or
    /// line.
    pub fn load(flags: &Flags, environment: &Environment) -> Result<Self, ConfigErrors> {
        let mut layers = Layers::collect(flags, environment);
        let plain_http = layers.get_or(Key::InsecureHttp, PlainHttp::LoopbackOnly, value::plain_http);
        let policy = plain_http.value;
        let config = Self {
            listen: layers.get_or(Key::Listen, DEFAULT_LISTEN, value::socket),
            data_dir: layers.get_or(Key::DataDir, environment.default_data_dir(), value::path),
            base_url: layers.get(Key::BaseUrl, |text| BaseUrl::parse(text, policy)),
            trusted_proxies: layers.get_or(Key::TrustedProxies, Vec::new(), value::networks),
            log_level: layers.get_or(Key::LogLevel, LevelFilter::Info, value::level),
            log_format: layers.get_or(Key::LogFormat, logging::Format::Text, value::log_format),
            bot_token: layers.get(Key::BotToken, parse_bot_token),
            telegram_api_url: layers.get_or(Key::TelegramApiUrl, HttpUrl::bot_api(), HttpUrl::parse),
            telegram_link_url: layers.get_or(Key::TelegramLinkUrl, HttpUrl::links(), HttpUrl::parse),
            proxy: layers.get(Key::Proxy, value::proxy),
            secret_key: layers.get(Key::SecretKey, SealingKey::parse),
            rate_global: layers.get(Key::RateGlobal, parse_rate),
            rate_chat: layers.get(Key::RateChat, parse_rate),
            rate_group: layers.get(Key::RateGroup, parse_rate),
            webhook_allow: layers.get_or(Key::WebhookAllow, WebhookAllow::default(), WebhookAllow::parse),
            stop_timeout: layers.get_or(Key::StopTimeout, DEFAULT_STOP_TIMEOUT, value::stop_timeout),
            plain_http,
        };
        let errors = layers.into_errors();
        if errors.is_empty() { Ok(config) } else { Err(ConfigErrors(errors)) }
    }

    /// Refuses what only matters to a server: plain http that other machines can reach.
    pub fn fit_to_serve(&self) -> Result<(), ConfigErrors> {
        if self.binds_publicly_in_clear() {
            let (listen, set_by) = (self.listen.value, self.listen.source);
            return Err(ConfigErrors(vec![ConfigError::PublicBind { listen, set_by }]));
        }
        Ok(())
    }

    /// Whether strangers could read what signed-in people send: no TLS, no trusted proxy in front, not this machine only.
    fn binds_publicly_in_clear(&self) -> bool {
        !self.listen.value.ip().is_loopback()
            && self.trusted_proxies.value.is_empty()
            && self.plain_http.value == PlainHttp::LoopbackOnly
    }
}

#[cfg(test)]
mod tests;
