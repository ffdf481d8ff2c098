//! What is done with messages that were sent: other words, no buttons, gone. Asked twice it is done once, so that what is
//! already as it should be is no error.

use serde::Serialize;

use super::error::{CallError, Class};
use super::methods::{is_plain, keyboard, parse_mode};
use super::{Api, CALL_DEADLINE};
use crate::ids::{ChatId, TelegramMessageId};
use crate::model::message::{Button, Format};

/// Another text for a message that was sent; its buttons go unless they are given again (Bot API, `editMessageText`).
#[derive(Debug, Clone, Copy, Serialize)]
pub struct EditText<'a> {
    /// Where it is.
    pub chat_id: ChatId,
    /// Which one.
    pub message_id: TelegramMessageId,
    /// The new text.
    pub text: &'a str,
    /// How the text is written.
    #[serde(rename = "parse_mode", serialize_with = "parse_mode", skip_serializing_if = "is_plain")]
    pub format: Format,
    /// The new rows of buttons.
    #[serde(rename = "reply_markup", serialize_with = "keyboard", skip_serializing_if = "<[_]>::is_empty")]
    pub buttons: &'a [Vec<Button>],
}

/// Another text under a photo that was sent; its buttons go unless they are given again (Bot API, `editMessageCaption`).
#[derive(Debug, Clone, Copy, Serialize)]
pub struct EditCaption<'a> {
    /// Where it is.
    pub chat_id: ChatId,
    /// Which one.
    pub message_id: TelegramMessageId,
    /// The new text; none when it is empty.
    pub caption: &'a str,
    /// How the text is written.
    #[serde(rename = "parse_mode", serialize_with = "parse_mode", skip_serializing_if = "is_plain")]
    pub format: Format,
    /// The new rows of buttons.
    #[serde(rename = "reply_markup", serialize_with = "keyboard", skip_serializing_if = "<[_]>::is_empty")]
    pub buttons: &'a [Vec<Button>],
}

/// Other buttons under a message that was sent (Bot API, `editMessageReplyMarkup`).
#[derive(Serialize)]
struct EditButtons<'a> {
    chat_id: ChatId,
    message_id: TelegramMessageId,
    #[serde(rename = "reply_markup", serialize_with = "keyboard", skip_serializing_if = "<[_]>::is_empty")]
    buttons: &'a [Vec<Button>],
}

/// A message by its chat and its number there.
#[derive(Serialize)]
struct Which {
    chat_id: ChatId,
    message_id: TelegramMessageId,
}

impl Api {
    /// Replaces text and buttons of a message. That nothing changed is no error.
    pub async fn edit_message_text(&self, edit: &EditText<'_>) -> Result<(), CallError> {
        unless(SAME, self.post("editMessageText", edit, CALL_DEADLINE).await?.done())
    }

    /// Replaces the text under a photo and its buttons. That nothing changed is no error.
    pub async fn edit_message_caption(&self, edit: &EditCaption<'_>) -> Result<(), CallError> {
        unless(SAME, self.post("editMessageCaption", edit, CALL_DEADLINE).await?.done())
    }

    /// Replaces the buttons of a message; without any, takes them away. That nothing changed is no error.
    pub async fn edit_buttons(
        &self,
        chat_id: ChatId,
        message_id: TelegramMessageId,
        buttons: &[Vec<Button>],
    ) -> Result<(), CallError> {
        let body = EditButtons { chat_id, message_id, buttons };
        unless(SAME, self.post("editMessageReplyMarkup", &body, CALL_DEADLINE).await?.done())
    }

    /// Deletes a message that is not older than 48 hours (Bot API, `deleteMessage`). That it is gone already is no error.
    pub async fn delete_message(&self, chat_id: ChatId, message_id: TelegramMessageId) -> Result<(), CallError> {
        let body = Which { chat_id, message_id };
        unless(GONE, self.post("deleteMessage", &body, CALL_DEADLINE).await?.done())
    }
}

/// Telegram's words for an edit that changes nothing.
const SAME: &[&str] = &["message is not modified", "message_not_modified"];
/// Telegram's words for a deletion of what is not there.
const GONE: &[&str] = &["message to delete not found"];

/// A refusal that says that all is as it should be is done for us.
fn unless(words: &[&str], result: Result<(), CallError>) -> Result<(), CallError> {
    match result {
        Err(CallError { class: Class::Rejected { code: 400, description }, .. })
            if words.iter().any(|words| description.to_lowercase().contains(words)) =>
        {
            Ok(())
        }
        other => other,
    }
}
