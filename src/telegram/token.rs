//! A bot token: found in whatever people paste, and never printed.

use crate::ids::UserId;
use crate::secret::Secret;

/// The shortest secret part that is taken for a token, in characters. `BotFather` makes 35.
const SECRET_LEN: usize = 30;

/// A bot's token, `<bot id>:<secret>` (Bot API, "Authorizing your bot").
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    bot: UserId,
    secret: Secret,
}

/// No token was found in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no bot token in it: a token looks like 123456789:AAE... and comes from @BotFather")]
pub struct NoToken;

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Token(bot {})", self.bot)
    }
}

impl Token {
    /// The first token in the text, which may be the whole of `BotFather`'s reply.
    pub fn parse(text: &str) -> Result<Self, NoToken> {
        text.match_indices(':').find_map(|(at, _)| Self::around(text, at)).ok_or(NoToken)
    }

    /// The token whose colon is at byte `colon`.
    fn around(text: &str, colon: usize) -> Option<Self> {
        let (before, after) = (text.get(..colon)?, text.get(colon + 1..)?);
        let digits = before.bytes().rev().take_while(u8::is_ascii_digit).count();
        let rest = after.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')).count();
        let bot = text.get(colon - digits..colon)?.parse().ok().map(UserId)?;
        let whole = text.get(colon - digits..=colon + rest)?;
        (rest >= SECRET_LEN && bot.0 > 0).then(|| Self { bot, secret: Secret::new(whole) })
    }

    /// The bot's own user id, which is the number before the colon.
    #[must_use]
    pub fn bot(&self) -> UserId {
        self.bot
    }

    /// The whole token, for sealing and for the URL.
    #[must_use]
    pub fn secret(&self) -> &Secret {
        &self.secret
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw-_";

    #[test]
    fn a_token_is_found_in_the_whole_reply_of_botfather() {
        let reply = format!(
            "Done! Congratulations on your new bot. You will find it at t.me/post_bot.\n\nUse this token to access the \
             HTTP API:\n4839574812:{SECRET}\nKeep your token secure: it can be used by anyone."
        );
        let token = Token::parse(&reply).unwrap();
        assert_eq!(token.bot(), UserId(4_839_574_812));
        assert_eq!(token.secret().expose(), format!("4839574812:{SECRET}"));
    }

    #[test]
    fn a_token_is_found_alone_in_spaces_and_in_a_url() {
        for text in [format!("1:{SECRET}"), format!("  1:{SECRET}\r\n"), format!("https://x:8081/bot1:{SECRET}/getMe")]
        {
            assert_eq!(Token::parse(&text).unwrap().secret().expose(), format!("1:{SECRET}"));
        }
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for text in
            ["", ":", "hello", "123456:short", &format!(":{SECRET}"), &format!("0:{SECRET}"), &format!("9é:{SECRET}")]
        {
            assert_eq!(Token::parse(text).unwrap_err(), NoToken, "{text}");
        }
    }

    #[test]
    fn debug_shows_the_bot_and_not_the_secret() {
        assert_eq!(format!("{:?}", Token::parse(&format!("77:{SECRET}")).unwrap()), "Token(bot 77)");
    }
}
