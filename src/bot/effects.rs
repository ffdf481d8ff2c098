//! Calls that are made once a batch is on disk: best effort, no deliveries. Nobody misses them when they fail.

use crate::ids::{ChatId, TelegramMessageId};
use crate::model::message::Button;
use crate::runtime;
use crate::telegram::Api;

/// Something to be done after the commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Ends the waiting state of a pressed button, with a short notice if there is one.
    Acknowledge {
        /// What `answerCallbackQuery` wants.
        query: String,
        /// At most 200 characters.
        notice: Option<String>,
    },
    /// Replaces the buttons of a message, because of what became of one of them.
    Buttons(ChatId, TelegramMessageId, Vec<Vec<Button>>),
}

/// Makes the calls one after the other, in a task of its own.
pub(super) fn perform(api: Api, effects: Vec<Effect>) {
    if effects.is_empty() {
        return;
    }
    drop(runtime::spawn(async move {
        for effect in effects {
            let done = match &effect {
                Effect::Acknowledge { query, notice } => api.answer_callback_query(query, notice.as_deref()).await,
                Effect::Buttons(chat, message, buttons) => api.edit_buttons(*chat, *message, buttons).await,
            };
            if let Err(error) = done {
                log::debug!(error:% = error; "A button could not be tidied up.");
            }
        }
    }));
}
