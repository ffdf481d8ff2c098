//! The methods startlink calls, one function each. Requests are borrowed and written as JSON.

use std::time::Duration;

use serde::{Deserialize, Serialize, Serializer};

use super::answer::Batch;
use super::error::CallError;
use super::types::{BotInfo, WebhookInfo};
use super::update::ALLOWED_UPDATES;
use super::{Api, CALL_DEADLINE, POLL_GRACE};
use crate::ids::{ChatId, TelegramMessageId};
use crate::model::message::{Button, ButtonAction, Format};

/// What a poll asks for (Bot API, `getUpdates`).
#[derive(Debug, Clone, Copy, Serialize)]
pub struct GetUpdates<'a> {
    /// Confirms every update below it; the id of the last one plus one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<i64>,
    /// At most this many updates, 1 to 100.
    pub limit: u8,
    /// How long Telegram holds the poll when there is nothing, in seconds; it uses 50 at most.
    pub timeout: u16,
    /// Which kinds of update; see [`ALLOWED_UPDATES`].
    pub allowed_updates: &'a [&'a str],
}

impl GetUpdates<'static> {
    /// The usual poll: up to 100 updates, held for `timeout_s` seconds.
    #[must_use]
    pub fn long(offset: Option<i64>, timeout_s: u16) -> Self {
        Self { offset, limit: 100, timeout: timeout_s, allowed_updates: &ALLOWED_UPDATES }
    }
}

/// What texts and photos have in common when they are sent.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Manner<'a> {
    /// How the text, or the caption, is written.
    #[serde(rename = "parse_mode", serialize_with = "parse_mode", skip_serializing_if = "is_plain")]
    pub format: Format,
    /// Rows of buttons under it.
    #[serde(rename = "reply_markup", serialize_with = "keyboard", skip_serializing_if = "<[_]>::is_empty")]
    pub buttons: &'a [Vec<Button>],
    /// Without a sound.
    #[serde(rename = "disable_notification", skip_serializing_if = "is_false")]
    pub silent: bool,
    /// Not to be forwarded or saved.
    #[serde(skip_serializing_if = "is_false")]
    pub protect_content: bool,
    /// Past the free sending limit, for a fee.
    #[serde(rename = "allow_paid_broadcast", skip_serializing_if = "is_false")]
    pub paid: bool,
    /// The message of the same chat that it answers; one that is gone is no obstacle.
    #[serde(rename = "reply_parameters", serialize_with = "reply", skip_serializing_if = "Option::is_none")]
    pub answers: Option<TelegramMessageId>,
}

/// A text message (Bot API, `sendMessage`).
#[derive(Debug, Clone, Copy, Serialize)]
pub struct SendMessage<'a> {
    /// Where to.
    pub chat_id: ChatId,
    /// 1 to 4,096 characters after the markup is taken out.
    pub text: &'a str,
    /// How.
    #[serde(flatten)]
    pub manner: Manner<'a>,
    /// No preview of links.
    #[serde(rename = "link_preview_options", serialize_with = "no_preview", skip_serializing_if = "is_false")]
    pub no_link_preview: bool,
}

impl<'a> SendMessage<'a> {
    /// A message with nothing but its text.
    #[must_use]
    pub fn new(chat_id: ChatId, text: &'a str, format: Format) -> Self {
        Self { chat_id, text, manner: Manner { format, ..Manner::default() }, no_link_preview: false }
    }
}

/// A command in the bot's menu (Bot API, `BotCommand`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Command<'a> {
    /// 1 to 32 of `a-z0-9_`, without the slash.
    pub command: &'a str,
    /// 1 to 256 characters.
    pub description: &'a str,
}

/// What `sendMessage` made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct SentMessage {
    /// Telegram's identifier of the message in its chat.
    #[serde(rename = "message_id")]
    pub id: TelegramMessageId,
}

#[derive(Serialize)]
struct Nothing {}

#[derive(Serialize)]
struct AnswerCallbackQuery<'a> {
    callback_query_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
}

#[derive(Serialize)]
struct DeleteWebhook {
    drop_pending_updates: bool,
}

#[derive(Serialize)]
struct SetMyCommands<'a> {
    commands: &'a [Command<'a>],
    #[serde(skip_serializing_if = "Option::is_none")]
    language_code: Option<&'a str>,
}

#[derive(Serialize)]
struct SetMyDescription<'a> {
    description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    language_code: Option<&'a str>,
}

#[derive(Serialize)]
struct SetMyShortDescription<'a> {
    short_description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    language_code: Option<&'a str>,
}

impl Api {
    /// Who this bot is; the way to learn whether a token works.
    pub async fn get_me(&self) -> Result<BotInfo, CallError> {
        self.post("getMe", &Nothing {}, CALL_DEADLINE).await?.result()
    }

    /// Whether a webhook is set, and how many updates wait.
    pub async fn get_webhook_info(&self) -> Result<WebhookInfo, CallError> {
        self.post("getWebhookInfo", &Nothing {}, CALL_DEADLINE).await?.result()
    }

    /// Removes the webhook. Updates that wait are kept.
    pub async fn delete_webhook(&self) -> Result<(), CallError> {
        self.post("deleteWebhook", &DeleteWebhook { drop_pending_updates: false }, CALL_DEADLINE).await?.done()
    }

    /// The next batch, waiting for it as long as `poll.timeout` says; the deadline is [`POLL_GRACE`] later.
    pub async fn get_updates(&self, poll: &GetUpdates<'_>) -> Result<Batch, CallError> {
        let deadline = Duration::from_secs(u64::from(poll.timeout)) + POLL_GRACE;
        self.post("getUpdates", poll, deadline).await?.batch()
    }

    /// Sends a text. There is no idempotency key: after [`Class::Unknown`] it may or may not have arrived.
    pub async fn send_message(&self, message: &SendMessage<'_>) -> Result<SentMessage, CallError> {
        self.post("sendMessage", message, CALL_DEADLINE).await?.sent()
    }

    /// Ends the waiting state of a pressed button, with a short notice of at most 200 characters if there is one.
    /// Best effort: Telegram refuses it after a while, and then nobody waits any more.
    pub async fn answer_callback_query(&self, id: &str, text: Option<&str>) -> Result<(), CallError> {
        let body = AnswerCallbackQuery { callback_query_id: id, text };
        self.post("answerCallbackQuery", &body, CALL_DEADLINE).await?.done()
    }

    /// The menu of commands, for everyone or for clients in one language (ISO 639-1).
    pub async fn set_my_commands(&self, commands: &[Command<'_>], language: Option<&str>) -> Result<(), CallError> {
        let body = SetMyCommands { commands, language_code: language };
        self.post("setMyCommands", &body, CALL_DEADLINE).await?.done()
    }

    /// What an empty chat with the bot shows, at most 512 characters.
    pub async fn set_my_description(&self, description: &str, language: Option<&str>) -> Result<(), CallError> {
        let body = SetMyDescription { description, language_code: language };
        self.post("setMyDescription", &body, CALL_DEADLINE).await?.done()
    }

    /// What the bot's profile shows, at most 120 characters.
    pub async fn set_my_short_description(&self, text: &str, language: Option<&str>) -> Result<(), CallError> {
        let body = SetMyShortDescription { short_description: text, language_code: language };
        self.post("setMyShortDescription", &body, CALL_DEADLINE).await?.done()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
pub(super) fn parse_mode<S: Serializer>(format: &Format, serializer: S) -> Result<S::Ok, S::Error> {
    match format {
        Format::Plain => serializer.serialize_none(),
        Format::Html => serializer.serialize_str("HTML"),
    }
}

/// `{"message_id":7,"allow_sending_without_reply":true}` (Bot API, `ReplyParameters`).
#[expect(clippy::ref_option, reason = "serde passes fields by reference")]
fn reply<S: Serializer>(answers: &Option<TelegramMessageId>, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Reply {
        message_id: TelegramMessageId,
        allow_sending_without_reply: bool,
    }
    answers.map(|message_id| Reply { message_id, allow_sending_without_reply: true }).serialize(serializer)
}

/// Rows of buttons as Telegram wants them (Bot API, `InlineKeyboardMarkup`), from the model without a copy.
pub(super) fn keyboard<S: Serializer>(rows: &[Vec<Button>], serializer: S) -> Result<S::Ok, S::Error> {
    struct Key<'a>(&'a Button);
    struct Row<'a>(&'a [Button]);
    struct Rows<'a>(&'a [Vec<Button>]);

    impl Serialize for Key<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let (name, value) = match &self.0.action {
                ButtonAction::Open(url) => ("url", url),
                // What a question's button tells is filled in where the message is known.
                ButtonAction::Tell(data) | ButtonAction::Answer(data) => ("callback_data", data),
            };
            serializer.collect_map([("text", &self.0.label), (name, value)])
        }
    }
    impl Serialize for Row<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_seq(self.0.iter().map(Key))
        }
    }
    impl Serialize for Rows<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_seq(self.0.iter().map(|row| Row(row)))
        }
    }
    serializer.collect_map([("inline_keyboard", Rows(rows))])
}

/// `{"is_disabled":true}` (Bot API, `LinkPreviewOptions`).
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
fn no_preview<S: Serializer>(_: &bool, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Options {
        is_disabled: bool,
    }
    Options { is_disabled: true }.serialize(serializer)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
pub(super) fn is_plain(format: &Format) -> bool {
    matches!(format, Format::Plain)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
pub(super) fn is_false(value: &bool) -> bool {
    !value
}
