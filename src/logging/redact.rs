//! Finds what looks like a secret in a text and takes it out. A net below the rules, not instead of them.

use std::borrow::Cow;
use std::ops::Range;

const MASK: &str = "[redacted]";
/// Shorter runs are not tokens of Telegram, which have 35 characters.
const TOKEN_AT_LEAST: usize = 30;
/// Bots' numbers have eight digits and more; times such as `12:30` must stay readable.
const BARE_DIGITS_AT_LEAST: usize = 6;
/// Our own keys are longer; examples such as `slk_...` stay readable.
const KEY_AT_LEAST: usize = 8;

/// The text without bot tokens (`bot1:...`, `123456:...`, also with `%3A`), API keys (`slk_...`) and webhook secrets
/// (`whsec_...`). The number of a bot stays, it is public.
#[must_use]
pub fn redact(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut copied = 0;
    let mut at = 0;
    while at < text.len() {
        let Some(secret) = secret_after(text, at) else {
            at += 1;
            continue;
        };
        out.push_str(text.get(copied..secret.start).unwrap_or_default());
        out.push_str(MASK);
        copied = secret.end;
        at = secret.end;
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    Cow::Owned(out)
}

/// The secret whose mark (prefix or number) begins exactly at `at`.
fn secret_after(text: &str, at: usize) -> Option<Range<usize>> {
    // Not a character boundary: nothing that is looked for begins here.
    let rest = text.get(at..)?;
    let before = text.get(..at).unwrap_or_default();
    prefixed(rest, "slk_", "")
        .or_else(|| prefixed(rest, "whsec_", "+/="))
        .or_else(|| bot_token(before, rest))
        .map(|found| at + found.start..at + found.end)
}

fn prefixed(rest: &str, prefix: &str, more: &str) -> Option<Range<usize>> {
    let length = run(rest.strip_prefix(prefix)?, |c| is_token_character(c) || more.contains(c));
    (length >= KEY_AT_LEAST).then_some(prefix.len()..prefix.len() + length)
}

fn bot_token(before: &str, rest: &str) -> Option<Range<usize>> {
    if before.ends_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let digits = run(rest, |c| c.is_ascii_digit());
    if digits < BARE_DIGITS_AT_LEAST && !(digits > 0 && before.ends_with("bot")) {
        return None;
    }
    let behind = rest.get(digits..)?;
    let colon = [":", "%3A", "%3a"].into_iter().find(|colon| behind.starts_with(colon))?;
    let start = digits + colon.len();
    let length = run(rest.get(start..)?, is_token_character);
    (length >= TOKEN_AT_LEAST).then_some(start..start + length)
}

fn is_token_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

fn run(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECRET: &str = "AAbbCCddEEffGG-hIIjjKKllMMnn_OppQQr";

    #[test]
    fn tokens_are_taken_out_wherever_they_stand() {
        assert_eq!(redact(&format!("https://x/bot1:{SECRET}/getMe?a=b")), "https://x/bot1:[redacted]/getMe?a=b");
        assert_eq!(redact(&format!("{{\"token\":\"123456:{SECRET}\"}}")), "{\"token\":\"123456:[redacted]\"}");
        assert_eq!(
            redact(&format!("bot123456%3A{SECRET} é 654321:{SECRET}")),
            "bot123456%3A[redacted] é 654321:[redacted]"
        );
        assert_eq!(
            redact("key slk_0123456789abcdef, whsec_MfKQ9r8G+KYqTw/UPD8="),
            "key slk_[redacted], whsec_[redacted]"
        );
    }

    #[test]
    fn ordinary_text_stays_as_it_is() {
        for text in
            ["at 12:30, id 123456789: 5 chats", "slk_... and whsec_", "12345:tooshort", "bot 7:x", "größe 1:2", ""]
        {
            assert!(matches!(redact(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_token_survives_in_any_surroundings(before in "\\PC{0,20}", number in 100_000_u64.., after in "[^A-Za-z0-9_-]\\PC{0,20}") {
            let text = format!("{before}{number}:{SECRET}{after}");
            let clean = redact(&text);
            prop_assert!(!clean.contains(SECRET), "{}", clean);
            prop_assert!(clean.ends_with(after.as_str()));
        }
    }
}
