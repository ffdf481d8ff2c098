//! One send: the request for a job, with no transaction open, and how it ended.

use std::panic::AssertUnwindSafe;

use futures_lite::FutureExt as _;

use super::change::Errand;
use super::content::Enclosed;
use super::lease::Job;
use super::limiter::Fare;
use super::pieces;
use crate::ids::{ChatId, DocumentId, PhotoId, TelegramMessageId};
use crate::model::change::Deed;
use crate::model::message::Attachment;
use crate::rng::Rng;
use crate::runtime;
use crate::store::{Store, StoreError, photos};
use crate::telegram::{
    Api, CallError, Class, EditCaption, EditText, File, Manner, PhotoSource, SendDocument, SendMessage, SendPhoto,
    SentDocument, SentPhoto,
};

/// A message that Telegram took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sent {
    /// Telegram's number of it.
    pub message: TelegramMessageId,
    /// Telegram's number of the attachment, when one was uploaded.
    pub file: Option<String>,
}

/// Sends it. A send that panics ends too, in doubt: otherwise its chat would wait for ever, and so would a stop.
pub(super) async fn send(api: &Api, store: &Store, rng: &Rng, job: &Job) -> Result<Sent, Class> {
    guarded(attempt(api, store, rng, job)).await
}

async fn guarded(attempt: impl Future<Output = Result<Sent, Class>>) -> Result<Sent, Class> {
    match AssertUnwindSafe(attempt).catch_unwind().await {
        Ok(result) => result,
        Err(_) => Err(Class::Unknown { reason: "an internal fault stopped the request".to_owned() }),
    }
}

async fn attempt(api: &Api, store: &Store, rng: &Rng, job: &Job) -> Result<Sent, Class> {
    if let Some(errand) = &job.errand {
        run(api, job, errand).await.map_err(class)?;
        return Ok(Sent { message: errand.message, file: None });
    }
    let Some(Enclosed { attachment, number }) = &job.enclosed else {
        let (chat_id, text) = (job.ticket.chat(), job.body.text.as_str());
        let text = SendMessage { chat_id, text, manner: manner(job), no_link_preview: false };
        let sent = api.send_message(&text).await.map_err(class)?;
        return Ok(Sent { message: sent.id, file: None });
    };
    let sent = match attachment {
        Attachment::Photo(id) => photo(api, store, job, (*id, number.as_deref())).await?,
        Attachment::Document(id) => document(api, (store, rng), job, (*id, number.as_deref())).await?,
    };
    // What was sent by its number is known by it.
    Ok(Sent { file: sent.file.filter(|_| number.is_none()), ..sent })
}

fn class(error: CallError) -> Class {
    error.class
}

async fn photo(api: &Api, store: &Store, job: &Job, (id, number): (PhotoId, Option<&str>)) -> Result<Sent, Class> {
    let (chat_id, caption, manner) = (job.ticket.chat(), job.body.text.as_str(), manner(job));
    let send = async |photo| api.send_photo(&SendPhoto { chat_id, photo, caption, manner }).await.map_err(class);
    let SentPhoto { id: message, file_id: file } = if let Some(number) = number {
        send(PhotoSource::Id(number)).await?
    } else {
        let (bytes, mime) = bytes(store, id).await?;
        send(PhotoSource::Upload { bytes: &bytes, mime }).await?
    };
    Ok(Sent { message, file })
}

async fn document(
    api: &Api,
    (store, rng): (&Store, &Rng),
    job: &Job,
    (id, number): (DocumentId, Option<&str>),
) -> Result<Sent, Class> {
    let (chat_id, caption, manner): (ChatId, _, _) = (job.ticket.chat(), job.body.text.as_str(), manner(job));
    let document = SendDocument { chat_id, document: number, caption, manner };
    let SentDocument { id: message, file_id: file } = if number.is_some() {
        api.send_document(&document).await.map_err(class)?
    } else {
        let (row, reader) = pieces::open(store, id).await.map_err(unread)?.ok_or_else(sealed)?;
        let seed = rng.bytes::<16>();
        let file = File::streamed(reader, (&row.name, &row.mime), row.size, &seed);
        api.upload_document(&document, file).await.map_err(class)?
    };
    Ok(Sent { message, file })
}

/// Changes a message that was sent.
async fn run(api: &Api, job: &Job, errand: &Errand) -> Result<(), CallError> {
    let (chat_id, message_id, body) = (job.ticket.chat(), errand.message, job.body.as_ref());
    let (text, format, buttons) = (body.text.as_str(), body.format, body.buttons.as_slice());
    match (errand.deed, body.attachment()) {
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

/// A picture's bytes and what they are. Ten megabytes are read and opened on a thread of their own.
async fn bytes(store: &Store, id: PhotoId) -> Result<(Vec<u8>, &'static str), Class> {
    let store = store.clone();
    let read = runtime::blocking(move || {
        store.read(|read| Ok::<_, StoreError>(photos::bytes(read, id)?.zip(photos::get(read, id)?)))
    });
    let (bytes, photo) = read.await.map_err(unread)?.ok_or_else(sealed)?;
    Ok((bytes, photo.mime.word()))
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
fn unread(error: StoreError) -> Class {
    Class::NotSent { reason: error.to_string() }
}

fn sealed() -> Class {
    Class::Content { description: "the stored file cannot be opened with this key".to_owned() }
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
