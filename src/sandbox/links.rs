//! Addresses: which ones Telegram lets a button or a link point to, and how a deep link to the bot is read.

/// Checks an address as Telegram does before it becomes a link or a button, and gives its normal form. The error is the
/// end of Telegram's description ("Wrong HTTP URL" and the like).
pub fn check(url: &str) -> Result<String, &'static str> {
    let url = url.trim();
    if url.is_empty() {
        return Err("URL host is empty");
    }
    if let Some(rest) = strip_scheme(url, "tg://").or_else(|| strip_scheme(url, "tg:")) {
        return if rest.is_empty() {
            Err("Wrong tg URL")
        } else {
            Ok(format!("tg://{}", rest.trim_start_matches('/')))
        };
    }
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => ("http", rest),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => ("https", rest),
        Some(_) => return Err("Unsupported URL protocol"),
        None => ("http", url),
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let (name, port) = split_port(host);
    if name.is_empty() {
        return Err("URL host is empty");
    }
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    let named = name.contains('.') && name.chars().all(plain) && !name.starts_with('.') && !name.contains("..");
    let numbered = name.starts_with('[') && name.ends_with(']');
    if !(named || numbered) || port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return Err("Wrong HTTP URL");
    }
    if path.chars().any(char::is_whitespace) {
        return Err("Wrong HTTP URL");
    }
    let slash = if path.starts_with('/') { "" } else { "/" };
    Ok(format!("{scheme}://{}{slash}{path}", authority.to_lowercase()))
}

fn strip_scheme<'a>(url: &'a str, scheme: &str) -> Option<&'a str> {
    let (head, rest) = url.split_at_checked(scheme.len())?;
    head.eq_ignore_ascii_case(scheme).then_some(rest)
}

fn split_port(host: &str) -> (&str, Option<&str>) {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, Some(port)),
        Some(_) | None => (host, None),
    }
}

/// What a person pasted or scanned, as a Telegram client would understand it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeepLink {
    /// The chat with the bot, with a START button that carries this payload (may be empty).
    Start(String),
    /// Adding the bot to a group, and starting it there with this payload (may be empty).
    StartGroup(String),
    /// A link to some other bot or place.
    Elsewhere(String),
}

/// Reads `https://t.me/BOT?start=X`, `tg://resolve?domain=BOT&start=X`, our own `http://HOST/BOT?start=X` and a copied
/// `/start X`, and the same with `startgroup` (core.telegram.org, "Deep links"). `None`: not a link to a bot at all.
#[must_use]
pub fn read(pasted: &str, bot: &str, own_base: &str) -> Option<DeepLink> {
    let text = pasted.trim();
    if let Some(rest) = text.strip_prefix("/start") {
        return (rest.is_empty() || rest.starts_with(char::is_whitespace))
            .then(|| DeepLink::Start(payload(rest.trim())));
    }
    if let Some(rest) = strip_scheme(text, "tg://resolve?").or_else(|| strip_scheme(text, "tg:resolve?")) {
        return Some(target(&pair(rest, "domain")?, rest, bot));
    }
    let bare = strip_scheme(text, "https://").or_else(|| strip_scheme(text, "http://")).unwrap_or(text);
    let own = own_base.trim_start_matches("http://");
    let hosts = ["t.me", "telegram.me", "telegram.dog", "www.t.me", own];
    let rest = hosts.iter().find_map(|host| strip_scheme(bare, host)?.strip_prefix('/'))?;
    let (name, query) = rest.split_once('?').unwrap_or((rest, ""));
    let query = query.split('#').next().unwrap_or("");
    Some(target(name.trim_end_matches('/'), query, bot))
}

/// A link to the bot, to show what one looks like.
#[must_use]
pub fn example(bot: &str) -> String {
    format!("https://t.me/{bot}?start=...")
}

fn pair(query: &str, name: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

fn target(name: &str, query: &str, bot: &str) -> DeepLink {
    if !name.eq_ignore_ascii_case(bot) {
        return DeepLink::Elsewhere(name.to_owned());
    }
    match pair(query, "startgroup") {
        Some(group) => DeepLink::StartGroup(payload(&group)),
        None => DeepLink::Start(payload(&pair(query, "start").unwrap_or_default())),
    }
}

/// Clients drop a payload that is not 1 to 64 characters of `A-Za-z0-9_-` and go on without one.
fn payload(given: &str) -> String {
    let fits = given.len() <= 64 && given.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if fits { given.to_owned() } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_judged_as_telegram_does() {
        assert_eq!(check("telegram.org?x=1").unwrap(), "http://telegram.org/?x=1");
        assert_eq!(check("https://A.example/Path").unwrap(), "https://a.example/Path");
        assert_eq!(check("http://127.0.0.1:8080/l/x").unwrap(), "http://127.0.0.1:8080/l/x");
        assert_eq!(check("tg://resolve?domain=x").unwrap(), "tg://resolve?domain=x");
        assert_eq!(check("not-a-url"), Err("Wrong HTTP URL"));
        assert_eq!(check("http://localhost:8080/"), Err("Wrong HTTP URL"));
        assert_eq!(check("ftp://example.com"), Err("Unsupported URL protocol"));
        assert_eq!(check("javascript:alert(1)"), Err("Wrong HTTP URL"));
        assert_eq!(check(""), Err("URL host is empty"));
    }

    #[test]
    fn every_form_of_a_deep_link_is_understood() {
        let base = "http://127.0.0.1:4000";
        let start = |payload: &str| Some(DeepLink::Start(payload.to_owned()));
        for link in [
            "https://t.me/Link_bot?start=abc-_1",
            "t.me/link_bot?start=abc-_1",
            "https://telegram.me/link_bot?start=abc-_1",
            "tg://resolve?domain=link_bot&start=abc-_1",
            "http://127.0.0.1:4000/link_bot?start=abc-_1",
            " /start abc-_1 ",
        ] {
            assert_eq!(read(link, "link_bot", base), start("abc-_1"), "{link}");
        }
        assert_eq!(read("/start", "link_bot", base), start(""));
        assert_eq!(read("https://t.me/link_bot", "link_bot", base), start(""));
        assert_eq!(read("https://t.me/link_bot?start=a.b", "link_bot", base), start(""));
        assert_eq!(
            read("https://t.me/other_bot?start=a", "link_bot", base),
            Some(DeepLink::Elsewhere("other_bot".to_owned()))
        );
        for link in
            ["https://t.me/Link_bot?startgroup=g1&admin=pin_messages", "tg://resolve?domain=link_bot&startgroup=g1"]
        {
            assert_eq!(read(link, "link_bot", base), Some(DeepLink::StartGroup("g1".to_owned())), "{link}");
        }
        let without = read("http://127.0.0.1:4000/link_bot?startgroup", "link_bot", base);
        assert_eq!(without, Some(DeepLink::StartGroup(String::new())));
        assert_eq!(read("hello", "link_bot", base), None);
        assert_eq!(read("/started", "link_bot", base), None);
    }
}
