//! The names of the settings: in the file, in the environment and on the command line, each written once.

/// The prefix of every environment variable of startlink.
pub(super) const PREFIX: &str = "STARTLINK_";

macro_rules! keys {
    ($($(#[$doc:meta])* $key:ident = $name:literal, $variable:literal, $flag:expr;)*) => {
        /// A setting.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Key {
            $($(#[$doc])* $key,)*
        }

        impl Key {
            /// Every setting, in the order in which they are shown.
            pub const ALL: &[Self] = &[$(Self::$key),*];

            /// The key in the configuration file.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$key => $name,)* }
            }

            /// The environment variable that holds the value.
            #[must_use]
            pub fn variable(self) -> &'static str {
                match self { $(Self::$key => concat!("STARTLINK_", $variable),)* }
            }

            /// The environment variable that names a file that holds the value.
            #[must_use]
            pub fn file_variable(self) -> &'static str {
                match self { $(Self::$key => concat!("STARTLINK_", $variable, "_FILE"),)* }
            }

            /// The flag; secrets have none, because everyone on the machine can read a command line.
            #[must_use]
            pub fn flag(self) -> Option<&'static str> {
                match self { $(Self::$key => $flag,)* }
            }
        }
    };
}

keys! {
    /// Where the web server listens.
    Listen = "listen", "LISTEN", Some("--listen");
    /// The folder of the data file.
    DataDir = "data_dir", "DATA_DIR", Some("--data-dir");
    /// The address under which people reach this instance.
    BaseUrl = "base_url", "BASE_URL", Some("--base-url");
    /// The networks whose forwarded headers are believed.
    TrustedProxies = "trusted_proxies", "TRUSTED_PROXIES", Some("--trusted-proxies");
    /// Whether plain http may leave this machine.
    InsecureHttp = "insecure_http", "INSECURE_HTTP", Some("--insecure-http");
    /// The lowest level that is logged.
    LogLevel = "log_level", "LOG_LEVEL", Some("--log-level");
    /// How log lines are written.
    LogFormat = "log_format", "LOG_FORMAT", Some("--log-format");
    /// The bot's token.
    BotToken = "bot_token", "BOT_TOKEN", None;
    /// Where the Bot API is reached.
    TelegramApiUrl = "telegram_api_url", "TELEGRAM_API_URL", Some("--telegram-api-url");
    /// What links to the bot begin with.
    TelegramLinkUrl = "telegram_link_url", "TELEGRAM_LINK_URL", Some("--telegram-link-url");
    /// The proxy towards the Bot API.
    Proxy = "proxy", "PROXY", None;
    /// The key that seals secrets in the data file.
    SecretKey = "secret_key", "SECRET_KEY", None;
    /// Messages a second over all chats.
    RateGlobal = "rate_global", "RATE_GLOBAL", Some("--rate-global");
    /// Messages a second to one private chat.
    RateChat = "rate_chat", "RATE_CHAT", Some("--rate-chat");
    /// Messages a minute to one group.
    RateGroup = "rate_group", "RATE_GROUP", Some("--rate-group");
    /// What webhooks may reach although it is not public.
    WebhookAllow = "webhook_allow", "WEBHOOK_ALLOW", Some("--webhook-allow");
    /// How long a stop waits for what is in flight.
    StopTimeout = "stop_timeout", "STOP_TIMEOUT", Some("--stop-timeout");
}

/// Settings that have a name already and come with a later version.
const LATER: &[&str] = &["tls_cert", "tls_key", "acme_domains", "acme_email", "acme_directory", "metrics_listen"];

/// What an unknown name turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stranger {
    /// A name that a later version will know.
    Later,
    /// Nothing known; the nearest known setting, if one is near.
    Unknown(Option<Key>),
}

impl Key {
    /// The setting with this name in the file.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|key| key.name() == name)
    }

    /// What a name that is no setting may have been meant for. `name` in the form of the file: `data_dir`.
    pub(super) fn stranger(name: &str) -> Stranger {
        if LATER.contains(&name) {
            return Stranger::Later;
        }
        let nearness = |key: &Self| strsim::damerau_levenshtein(key.name(), name);
        Stranger::Unknown(Self::ALL.iter().copied().min_by_key(nearness).filter(|key| nearness(key) <= 3))
    }
}
