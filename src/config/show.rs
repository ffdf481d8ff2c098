//! The settings as rows for people: name, value with secrets masked, source.

use url::Url;

use super::base_url::PlainHttp;
use super::key::Key;
use super::setting::{Setting, Source};
use super::{Config, DEFAULT_RATE_CHAT, DEFAULT_RATE_GLOBAL, DEFAULT_RATE_GROUP};

/// What stands in the place of a secret.
const HIDDEN: &str = "(hidden)";

/// One setting as people see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The setting.
    pub key: Key,
    /// The value, masked where it is secret; `None` when it is not set.
    pub value: Option<String>,
    /// Where the value comes from.
    pub source: Source,
    /// Whether a value may be saved in the UI while none is set here.
    pub savable: Savable,
}

/// Whether the settings page offers a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Savable {
    /// The value saved there counts when nothing stronger is set.
    InTheUi,
    /// Only flags, environment and file set it.
    No,
}

impl Config {
    /// Every setting in the order of [`Key::ALL`].
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        Key::ALL.iter().map(|key| self.row(*key)).collect()
    }

    fn row(&self, key: Key) -> Row {
        match key {
            Key::Listen => fixed(key, &self.listen, ToString::to_string),
            Key::DataDir => fixed(key, &self.data_dir, |path| path.display().to_string()),
            Key::BaseUrl => saved(key, self.base_url.as_ref(), ToString::to_string, None),
            Key::TrustedProxies => fixed(key, &self.trusted_proxies, |nets| {
                if nets.is_empty() {
                    "none".to_owned()
                } else {
                    nets.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
                }
            }),
            Key::InsecureHttp => fixed(key, &self.plain_http, |plain| (*plain == PlainHttp::Anywhere).to_string()),
            Key::LogLevel => fixed(key, &self.log_level, |level| level.as_str().to_lowercase()),
            Key::LogFormat => fixed(key, &self.log_format, |format| format.as_str().to_owned()),
            Key::BotToken => saved(key, self.bot_token.as_ref(), |token| masked_token(token.expose()), None),
            Key::TelegramApiUrl => fixed(key, &self.telegram_api_url, |url| url.as_str().to_owned()),
            Key::TelegramLinkUrl => fixed(key, &self.telegram_link_url, |url| url.as_str().to_owned()),
            Key::Proxy => optional(key, self.proxy.as_ref(), |url| masked_url(url.expose())),
            Key::SecretKey => optional(key, self.secret_key.as_ref(), |_| HIDDEN.to_owned()),
            Key::RateGlobal => saved(key, self.rate_global.as_ref(), ToString::to_string, Some(DEFAULT_RATE_GLOBAL)),
            Key::RateChat => saved(key, self.rate_chat.as_ref(), ToString::to_string, Some(DEFAULT_RATE_CHAT)),
            Key::RateGroup => saved(key, self.rate_group.as_ref(), ToString::to_string, Some(DEFAULT_RATE_GROUP)),
            Key::WebhookAllow => fixed(key, &self.webhook_allow, ToString::to_string),
            Key::StopTimeout => fixed(key, &self.stop_timeout, |span| format!("{span:?}")),
        }
    }
}

fn fixed<T>(key: Key, setting: &Setting<T>, show: impl FnOnce(&T) -> String) -> Row {
    Row { key, value: Some(show(&setting.value)), source: setting.source, savable: Savable::No }
}

fn optional<T>(key: Key, setting: Option<&Setting<T>>, show: impl FnOnce(&T) -> String) -> Row {
    let source = setting.map_or(Source::Default, |setting| setting.source);
    Row { key, value: setting.map(|setting| show(&setting.value)), source, savable: Savable::No }
}

fn saved<T>(key: Key, setting: Option<&Setting<T>>, show: impl FnOnce(&T) -> String, default: Option<u32>) -> Row {
    let row = optional(key, setting, show);
    Row { value: row.value.or(default.map(|default| default.to_string())), savable: Savable::InTheUi, ..row }
}

/// The bot's number is public and tells which bot it is.
fn masked_token(token: &str) -> String {
    token.split_once(':').map_or_else(|| HIDDEN.to_owned(), |(bot, _)| format!("{bot}:{HIDDEN}"))
}

fn masked_url(text: &str) -> String {
    let Ok(url) = Url::parse(text) else { return HIDDEN.to_owned() };
    let login =
        if url.username().is_empty() && url.password().is_none() { String::new() } else { format!("{HIDDEN}@") };
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{login}{}{port}", url.scheme(), url.host_str().unwrap_or_default())
}
