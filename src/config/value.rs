//! The values of the settings: text in, types out, with a sentence about what is allowed.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use ipnet::IpNet;
use log::LevelFilter;
use url::Url;
use zeroize::Zeroizing;

use super::base_url::PlainHttp;
use super::error::Invalid;
use crate::logging;
use crate::secret::{KEY_LEN, Secret};

const LONGEST_STOP: Duration = Duration::from_mins(10);
const HIGHEST_RATE: u32 = 10_000;
/// Telegram's tokens have 35 characters behind the colon; shorter ones come from half a paste.
const TOKEN_AT_LEAST: usize = 30;

/// An http or https URL without credentials, query and trailing slash; a path is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpUrl(String);

impl HttpUrl {
    /// Telegram's own Bot API server (Bot API, "Making requests").
    #[must_use]
    pub fn bot_api() -> Self {
        Self("https://api.telegram.org".to_owned())
    }

    /// Telegram's own link host (Telegram, "Deep links").
    #[must_use]
    pub fn links() -> Self {
        Self("https://t.me".to_owned())
    }

    /// Accepts a URL with or without a trailing slash.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let refuse = |why: &str| Err(Invalid::new(why));
        let Ok(url) = Url::parse(text) else {
            return refuse("must be a URL, such as https://api.telegram.org");
        };
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return refuse("must begin with https:// or http:// and name a host");
        }
        if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
            return refuse("must not hold a user name, a password, a query or a fragment");
        }
        Ok(Self(url.as_str().trim_end_matches('/').to_owned()))
    }

    /// The URL, without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The 32 bytes that seal secrets in the data file; wiped when dropped, never printed.
#[derive(Clone)]
pub struct SealingKey(Zeroizing<[u8; KEY_LEN]>);

impl SealingKey {
    /// Accepts 64 hexadecimal digits, or base64 of either alphabet with or without padding (RFC 4648).
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let bytes = Zeroizing::new(hex(text).or_else(|| base64_either(text)).unwrap_or_default());
        let key = <[u8; KEY_LEN]>::try_from(bytes.as_slice());
        key.map(|key| Self(Zeroizing::new(key))).map_err(|_| {
            Invalid::new(
                "must be 32 bytes as base64 or as 64 hexadecimal digits; make one with: openssl rand -base64 32",
            )
        })
    }

    /// The key itself. Every caller is a place to review.
    #[must_use]
    pub fn expose(&self) -> &[u8; KEY_LEN] {
        &self.0
    }
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(16)).collect();
    let digits = digits.filter(|digits| digits.len() == 2 * KEY_LEN)?;
    digits.chunks_exact(2).map(|pair| u8::try_from(pair.iter().fold(0, |byte, digit| byte * 16 + digit)).ok()).collect()
}

fn base64_either(text: &str) -> Option<Vec<u8>> {
    let lenient = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let alphabets = [&alphabet::STANDARD, &alphabet::URL_SAFE];
    alphabets.into_iter().find_map(|alphabet| GeneralPurpose::new(alphabet, lenient).decode(text).ok())
}

pub(super) fn socket(text: &str) -> Result<SocketAddr, Invalid> {
    let local =
        text.strip_prefix("localhost:").and_then(|port| Some((IpAddr::V4(Ipv4Addr::LOCALHOST), port.parse().ok()?)));
    local.map(SocketAddr::from).or_else(|| text.parse().ok()).ok_or_else(|| {
        Invalid::new(format!(
            "`{text}` is not an address with a port, such as 127.0.0.1:8080, [::1]:8080 or localhost:8080"
        ))
    })
}

pub(super) fn path(text: &str) -> Result<PathBuf, Invalid> {
    if text.contains('\0') { Err(Invalid::new("must be the path of a folder")) } else { Ok(PathBuf::from(text)) }
}

pub(super) fn networks(text: &str) -> Result<Vec<IpNet>, Invalid> {
    let one = |part: &str| {
        let single = part.parse::<IpAddr>().map(IpNet::from);
        part.parse::<IpNet>().or(single).map(|net| net.trunc()).map_err(|_| {
            Invalid::new(format!("`{part}` is not a network; allowed are addresses and CIDRs with commas between, such as 10.0.0.0/8, ::1"))
        })
    };
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(one).collect()
}

pub(super) fn plain_http(text: &str) -> Result<PlainHttp, Invalid> {
    match text {
        "true" | "1" | "yes" => Ok(PlainHttp::Anywhere),
        "false" | "0" | "no" => Ok(PlainHttp::LoopbackOnly),
        _ => Err(Invalid::new(format!("`{text}` is not allowed; allowed are true and false"))),
    }
}

pub(super) fn level(text: &str) -> Result<LevelFilter, Invalid> {
    let level = text.parse().ok().filter(|level| *level != LevelFilter::Off);
    level
        .ok_or_else(|| Invalid::new(format!("`{text}` is not a level; allowed are error, warn, info, debug and trace")))
}

pub(super) fn log_format(text: &str) -> Result<logging::Format, Invalid> {
    text.parse().map_err(|error| Invalid::new(format!("`{text}` is not a format; {error}")))
}

/// A bot token as it stands in BotFather's message (Bot API, "Authorizing your bot"): `digits:secret`.
pub fn parse_bot_token(text: &str) -> Result<Secret, Invalid> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let whole = text.split_once(':').is_some_and(|(bot, secret)| {
        bot.parse::<u64>().is_ok_and(|bot| bot > 0) && secret.len() >= TOKEN_AT_LEAST && secret.chars().all(allowed)
    });
    if whole {
        Ok(Secret::new(text))
    } else {
        Err(Invalid::new("must be a bot token as @BotFather gives it: 123456789:AAE..."))
    }
}

pub(super) fn proxy(text: &str) -> Result<Secret, Invalid> {
    let url = Url::parse(text).ok().filter(|url| url.host_str().is_some_and(|host| !host.is_empty()));
    let known = url.is_some_and(|url| matches!(url.scheme(), "http" | "socks5" | "socks5h"));
    if known {
        Ok(Secret::new(text))
    } else {
        Err(Invalid::new("must look like http://host:port or socks5://user:password@host:port"))
    }
}

/// A rate as typed: a whole number from 0 (no limit) to 10,000.
pub fn parse_rate(text: &str) -> Result<u32, Invalid> {
    let rate = text.parse().ok().filter(|rate| *rate <= HIGHEST_RATE);
    rate.ok_or_else(|| Invalid::new(format!("`{text}` is not a whole number from 0 (no limit) to {HIGHEST_RATE}")))
}

pub(super) fn stop_timeout(text: &str) -> Result<Duration, Invalid> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let span = number.parse().ok().and_then(|number: u64| match unit.trim() {
        "" | "s" => Some(Duration::from_secs(number)),
        "ms" => Some(Duration::from_millis(number)),
        "m" => number.checked_mul(60).map(Duration::from_secs),
        _ => None,
    });
    let bounded = span.filter(|span| *span <= LONGEST_STOP);
    bounded.ok_or_else(|| Invalid::new(format!("`{text}` is not a time from 0s to 10m, such as 10s, 500ms or 2m")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_need_a_port() {
        assert_eq!(socket("localhost:80").unwrap(), "127.0.0.1:80".parse().unwrap());
        assert!(socket("[::1]:8080").is_ok());
        for text in ["8080", ":8080", "127.0.0.1", "example.org:80", "localhost:99999"] {
            assert!(socket(text).unwrap_err().to_string().contains(text));
        }
    }

    #[test]
    fn networks_are_addresses_and_cidrs() {
        let found = networks("10.1.2.3/8, ::1,192.168.1.1").unwrap();
        assert_eq!(found, ["10.0.0.0/8", "::1/128", "192.168.1.1/32"].map(|net| net.parse::<IpNet>().unwrap()));
        assert!(networks("10.0.0.0/33").is_err());
        assert!(networks("all").unwrap_err().to_string().contains("`all`"));
    }

    #[test]
    fn a_key_is_32_bytes_in_hex_or_base64() {
        let bytes: [u8; KEY_LEN] = std::array::from_fn(|at| u8::try_from(at * 8).unwrap_or(255));
        let hexed = bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
        for text in [hexed.clone(), hexed.to_uppercase()] {
            assert_eq!(SealingKey::parse(&text).unwrap_or_else(|error| panic!("{error}")).expose(), &bytes);
        }
        for engine in [base64::engine::general_purpose::STANDARD, base64::engine::general_purpose::URL_SAFE_NO_PAD] {
            assert_eq!(
                SealingKey::parse(&engine.encode(bytes)).unwrap_or_else(|error| panic!("{error}")).expose(),
                &bytes
            );
        }
        for text in ["", "abc", &hexed[2..], "é"] {
            assert!(SealingKey::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_stop_timeout_has_a_unit_and_an_end() {
        assert_eq!(stop_timeout("10").unwrap(), Duration::from_secs(10));
        assert_eq!(stop_timeout("500ms").unwrap(), Duration::from_millis(500));
        assert_eq!(stop_timeout("10m").unwrap(), LONGEST_STOP);
        for text in ["", "s", "11m", "-1", "1h", "99999999999999999999"] {
            assert!(stop_timeout(text).is_err(), "{text}");
        }
    }

    #[test]
    fn tokens_and_proxies_are_checked_without_being_repeated() {
        let secret = "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw-_";
        assert!(parse_bot_token(&format!("1:{secret}")).is_ok());
        for text in [
            secret.to_owned(),
            format!("0:{secret}"),
            format!("x:{secret}"),
            format!("1:{secret} "),
            "1:short".to_owned(),
        ] {
            let refused = parse_bot_token(&text).err().map(|error| error.to_string()).unwrap();
            assert!(!refused.contains("AAHd"), "{refused}");
        }
        assert!(proxy("socks5://u:p@10.0.0.1:1080").is_ok());
        assert!(proxy("ftp://u:hunter2@x").err().is_some_and(|error| !error.to_string().contains("hunter2")));
    }

    #[test]
    fn urls_lose_their_trailing_slash_and_keep_their_path() {
        assert_eq!(HttpUrl::parse("http://127.0.0.1:8081/x/").unwrap().as_str(), "http://127.0.0.1:8081/x");
        assert_eq!(HttpUrl::parse("https://t.me/").unwrap(), HttpUrl::links());
        for text in ["t.me", "https://a:b@t.me", "https://t.me/?a", "file:///x"] {
            assert!(HttpUrl::parse(text).is_err(), "{text}");
        }
    }
}
