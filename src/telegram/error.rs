//! What a failed call means: Telegram's codes and words, and the network's faults, as classes one can act on.
//! There is no official list of errors: the code decides first, then the lower-cased beginning of the description.

use std::time::Duration;

use crate::ids::ChatId;

/// The longest pause that is believed; a longer one is asked for again after it.
const LONGEST_WAIT: Duration = Duration::from_hours(24);
/// The longest description that is kept, in characters.
const DESCRIPTION_LIMIT: usize = 300;

/// A call that failed: which method, and what that means.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{method}: {class}")]
pub struct CallError {
    /// The Bot API's name of the method.
    pub method: &'static str,
    /// What to do about it.
    pub class: Class,
}

/// What a failure means, by what one does about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Class {
    /// Nothing left this machine, or nothing reached the Bot API: trying again cannot double anything.
    #[error("Telegram could not be reached ({reason}); nothing was sent, it will be tried again")]
    NotSent {
        /// For the log and the status page.
        reason: String,
    },
    /// The request left and its outcome is open: it may or may not have been carried out.
    #[error("no usable answer came from Telegram ({reason}); it is not known whether the request was carried out")]
    Unknown {
        /// For the log and the status page.
        reason: String,
    },
    /// The server does not know the token (401, 404 `Not Found`, 421).
    #[error("Telegram refuses the bot token; take a fresh one from @BotFather and save it in the settings")]
    TokenRefused,
    /// Too many requests (429).
    #[error("Telegram asked us to slow down for {} s; sending goes on by itself after that", retry_after.as_secs())]
    FloodWait {
        /// How long to wait, at least 1 s.
        retry_after: Duration,
    },
    /// The person blocked the bot or deleted the chat (one signal for both).
    #[error("the person has blocked the bot; they have to unblock it or press Start again")]
    Blocked,
    /// The person's Telegram account was deleted.
    #[error("the person's Telegram account no longer exists; link another chat")]
    Deactivated,
    /// The person never pressed Start.
    #[error("the person has not started the bot; they have to press Start first")]
    CannotInitiate,
    /// The bot was removed from the group or channel, or the group is gone.
    #[error("the bot is no longer in this group; add it again")]
    GroupLost,
    /// This bot has never seen the chat's id, as after a change of bots.
    #[error("Telegram does not know this chat for this bot; the person has to press Start again")]
    ChatNotFound,
    /// The group became a supergroup and got another id.
    #[error("the group became a supergroup with the new id {to}; the message goes there")]
    Migrated {
        /// The id from now on.
        to: ChatId,
    },
    /// The markup was not understood.
    #[error("Telegram does not understand the formatting ({description}); correct the markup or send plain text")]
    Markup {
        /// Telegram's words.
        description: String,
    },
    /// The content itself was refused.
    #[error("Telegram refuses the content ({description}); change the text, the buttons or the file")]
    Content {
        /// Telegram's words.
        description: String,
    },
    /// Somebody else takes this bot's updates (409).
    #[error(transparent)]
    Conflict(Conflict),
    /// Refused for a reason without a class of its own; final.
    #[error("Telegram refused the request: {description} (code {code})")]
    Rejected {
        /// Telegram's `error_code`.
        code: u16,
        /// Telegram's words.
        description: String,
    },
}

/// The three reasons why polling is refused (Bot API server, `getUpdates`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// Another program called `getUpdates` with this token.
    #[error("another program polls with this bot token; stop it, or give this one a bot of its own")]
    OtherPoller,
    /// Another program set a webhook while this poll was waiting.
    #[error("another program has just set a webhook for this bot; remove the webhook to receive messages here")]
    SetWebhook,
    /// A webhook is set, so polling is not possible.
    #[error("a webhook is set for this bot, so messages go there; remove the webhook to receive them here")]
    Webhook,
}

/// An answer with `ok: false`, as far as it was understood.
#[derive(Debug, Default)]
pub(super) struct Refusal {
    /// `error_code`, or the HTTP status where it was missing.
    pub code: u16,
    /// `description`.
    pub description: String,
    /// `parameters.retry_after`, in seconds.
    pub retry_after: Option<u64>,
    /// `parameters.migrate_to_chat_id`.
    pub migrate_to: Option<i64>,
}

/// The class of an answer with `ok: false`.
pub(super) fn classify(refusal: &Refusal) -> Class {
    if let Some(to) = refusal.migrate_to {
        return Class::Migrated { to: ChatId(to) };
    }
    let lower = refusal.description.to_lowercase();
    let words = ["bad request: ", "forbidden: ", "unauthorized: ", "conflict: ", "not found: "]
        .iter()
        .find_map(|prefix| lower.strip_prefix(prefix))
        .unwrap_or(&lower);
    let rejected = |code| Class::Rejected { code, description: shorten(&refusal.description) };
    match refusal.code {
        // Older servers say 401 where newer ones say 403 for the same words.
        401 => chat_lost(words).unwrap_or(Class::TokenRefused),
        // An upload that is too large for the server.
        413 => Class::Content { description: shorten(&refusal.description) },
        421 => Class::TokenRefused,
        404 if words == "not found" => Class::TokenRefused,
        400 => chat_lost(words).or_else(|| bad_content(words, &refusal.description)).unwrap_or_else(|| rejected(400)),
        403 => chat_lost(words).unwrap_or_else(|| rejected(403)),
        409 => conflict(words).map_or_else(|| rejected(409), Class::Conflict),
        429 => Class::FloodWait { retry_after: flood_wait(refusal.retry_after, words) },
        code @ 500.. => Class::Unknown { reason: format!("code {code}: {}", shorten(&refusal.description)) },
        code => rejected(code),
    }
}

/// The class of an answer that is no JSON of the Bot API, by its HTTP status.
pub(super) fn classify_foreign(status: u16) -> Class {
    match status {
        // Too large for something on the way: the same again would not get through either.
        413 => Class::Content { description: "HTTP 413: the request is too large".to_owned() },
        // Something between here and the Bot API refused to pass the request on.
        300..=407 | 409..=412 | 414..=499 => Class::NotSent {
            reason: format!("HTTP {status} from something that is not the Bot API; check the API URL and the proxy"),
        },
        _ => Class::Unknown { reason: format!("HTTP {status} without an answer of the Bot API") },
    }
}

fn chat_lost(words: &str) -> Option<Class> {
    const TABLE: [(&str, Class); 21] = [
        ("bot was blocked by the user", Class::Blocked),
        ("user_is_blocked", Class::Blocked),
        ("user is deactivated", Class::Deactivated),
        ("input_user_deactivated", Class::Deactivated),
        ("bot can't initiate conversation", Class::CannotInitiate),
        ("bot was kicked", Class::GroupLost),
        ("bot is not a member", Class::GroupLost),
        ("bot is not a participant", Class::GroupLost),
        ("bot is not participant", Class::GroupLost),
        ("not a member of", Class::GroupLost),
        ("the group chat was deleted", Class::GroupLost),
        ("group chat was deleted", Class::GroupLost),
        ("group chat was deactivated", Class::GroupLost),
        ("group is deactivated", Class::GroupLost),
        ("channel_private", Class::GroupLost),
        ("chat not found", Class::ChatNotFound),
        ("private chat not found", Class::ChatNotFound),
        ("peer_id_invalid", Class::ChatNotFound),
        ("user not found", Class::ChatNotFound),
        ("user_id_invalid", Class::ChatNotFound),
        ("chat_id_invalid", Class::ChatNotFound),
    ];
    TABLE.into_iter().find(|(prefix, _)| words.starts_with(prefix)).map(|(_, class)| class)
}

fn bad_content(words: &str, description: &str) -> Option<Class> {
    const MARKUP: [&str; 5] =
        ["can't parse entities", "can't parse message text", "can't parse caption", "entity_", "entities_"];
    const CONTENT: [&str; 43] = [
        "message is too long",
        "message_too_long",
        "message text is empty",
        "message must be non-empty",
        "message caption is too long",
        "media_caption_too_long",
        "media caption is too long",
        "text is too long",
        "text must be non-empty",
        "text must be encoded in utf-8",
        "strings must be encoded in utf-8",
        "reply markup is too long",
        "reply_markup_",
        "button_",
        "inline keyboard",
        "inline button",
        "text buttons are unallowed",
        "can't parse inline keyboard",
        "can't parse reply keyboard",
        "can't parse reply markup",
        "wrong http url",
        "wrong file identifier",
        "wrong type of the web page content",
        "failed to get http url content",
        "wrong file_id",
        "wrong remote file id",
        "wrong type of file",
        "invalid file_id",
        "invalid file id",
        "invalid remote file id",
        "type of file mismatch",
        "can't use file of type",
        "file is too big",
        "file of size",
        "file must be non-empty",
        "there is no photo in the request",
        "image_process_failed",
        "photo_",
        "media_empty",
        "media_invalid",
        "file_part",
        "file_reference_",
        "webpage_",
    ];
    let description = || shorten(description);
    let starts = |prefix: &&str| words.starts_with(*prefix);
    if MARKUP.iter().any(starts) {
        return Some(Class::Markup { description: description() });
    }
    CONTENT.iter().any(starts).then(|| Class::Content { description: description() })
}

fn conflict(words: &str) -> Option<Conflict> {
    if words.starts_with("terminated by other getupdates") {
        Some(Conflict::OtherPoller)
    } else if words.starts_with("terminated by setwebhook") {
        Some(Conflict::SetWebhook)
    } else if words.starts_with("can't use getupdates method while webhook") {
        Some(Conflict::Webhook)
    } else {
        None
    }
}

/// `retry_after`, or the number at the end of the description, or the least; never less than a second.
fn flood_wait(retry_after: Option<u64>, words: &str) -> Duration {
    let told = || words.rsplit("retry after ").next().and_then(|tail| tail.trim().parse().ok());
    let seconds = retry_after.or_else(told).unwrap_or(1).max(1);
    Duration::from_secs(seconds).min(LONGEST_WAIT)
}

fn shorten(text: &str) -> String {
    text.chars().take(DESCRIPTION_LIMIT).collect()
}

#[cfg(test)]
#[path = "error_tests.rs"]
mod tests;
