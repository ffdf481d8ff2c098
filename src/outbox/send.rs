//! One send: the request for a job, with no transaction open, and how it ended.

use std::panic::AssertUnwindSafe;

use futures_lite::FutureExt as _;

use super::change::Errand;
use super::content::Picture;
use super::lease::Job;
use super::limiter::Fare;
use crate::ids::TelegramMessageId;
use crate::model::change::Deed;
use crate::runtime;
use crate::store::{Store, photos};
use crate::telegram::{Api, CallError, Class, EditCaption, EditText, Manner, PhotoSource, SendMessage, SendPhoto};

/// A message that Telegram took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sent {
    /// Telegram's number of it.
    pub message: TelegramMessageId,
    /// Telegram's number of the picture, when one was uploaded.
    pub file: Option<String>,
}

/// Sends it. A send that panics ends too, in doubt: otherwise its chat would wait for ever, and so would a stop.
pub(super) async fn send(api: &Api, store: &Store, job: &Job) -> Result<Sent, Class> {
    guarded(attempt(api, store, job)).await
}

async fn guarded(attempt: impl Future<Output = Result<Sent, Class>>) -> Result<Sent, Class> {
    match AssertUnwindSafe(attempt).catch_unwind().await {
        Ok(result) => result,
        Err(_) => Err(Class::Unknown { reason: "an internal fault stopped the request".to_owned() }),
    }
}

async fn attempt(api: &Api, store: &Store, job: &Job) -> Result<Sent, Class> {
    let class = |error: CallError| error.class;
    if let Some(errand) = &job.errand {
        run(api, job, errand).await.map_err(class)?;
        return Ok(Sent { message: errand.message, file: None });
    }
    let (chat_id, text) = (job.ticket.chat(), job.body.text.as_str());
    let Some(picture) = &job.picture else {
        let text = SendMessage { chat_id, text, manner: manner(job), no_link_preview: false };
        let sent = api.send_message(&text).await.map_err(class)?;
        return Ok(Sent { message: sent.id, file: None });
    };
    let Some(file) = &picture.file else {
        let bytes = bytes(store, picture).await?;
        let source = PhotoSource::Upload { bytes: &bytes, mime: picture.mime.word() };
        let photo = SendPhoto { chat_id, photo: source, caption: text, manner: manner(job) };
        let sent = api.send_photo(&photo).await.map_err(class)?;
        return Ok(Sent { message: sent.id, file: sent.file_id });
    };
    let photo = SendPhoto { chat_id, photo: PhotoSource::Id(file), caption: text, manner: manner(job) };
    let sent = api.send_photo(&photo).await.map_err(class)?;
    Ok(Sent { message: sent.id, file: None })
}

/// Changes a message that was sent.
async fn run(api: &Api, job: &Job, errand: &Errand) -> Result<(), CallError> {
    let (chat_id, message_id, body) = (job.ticket.chat(), errand.message, job.body.as_ref());
    let (text, format, buttons) = (body.text.as_str(), body.format, body.buttons.as_slice());
    match (errand.deed, body.photo) {
        (Deed::Delete, _) => api.delete_message(chat_id, message_id).await,
        (Deed::Mark, _) => api.edit_buttons(chat_id, message_id, buttons).await,
        (Deed::Edit, None) => api.edit_message_text(&EditText { chat_id, message_id, text, format, buttons }).await,
        (Deed::Edit, Some(_)) => {
            let edit = EditCaption { chat_id, message_id, caption: text, format, buttons };
            api.edit_message_caption(&edit).await
        }
    }
}

fn manner(job: &Job) -> Manner<'_> {
    let body = job.body.as_ref();
    Manner {
        format: body.format,
        buttons: &body.buttons,
        silent: body.silent,
        protect_content: body.protect,
        paid: job.flow.fare() == Fare::Paid,
        answers: job.answers,
    }
}

/// Ten megabytes are read and opened on a thread of their own.
async fn bytes(store: &Store, picture: &Picture) -> Result<Vec<u8>, Class> {
    let (store, id) = (store.clone(), picture.id);
    let read = runtime::blocking(move || store.read(|read| photos::bytes(read, id))).await;
    match read {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err(Class::Content { description: "the stored picture cannot be opened with this key".to_owned() }),
        Err(error) => Err(Class::NotSent { reason: error.to_string() }),
    }
}

#[cfg(test)]
mod tests {
    use std::panic::panic_any;

    use super::*;

    #[test]
    fn a_send_that_panics_ends_in_doubt() {
        let result = runtime::block_on(guarded(async { panic_any("on purpose") }));
        assert!(matches!(result, Err(Class::Unknown { .. })), "{result:?}");
    }
}
