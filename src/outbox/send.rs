//! One send: the request for a job, with no transaction open, and how it ended.

use std::panic::AssertUnwindSafe;

use futures_lite::FutureExt as _;

use super::content::Picture;
use super::lease::Job;
use super::limiter::Fare;
use crate::ids::TelegramMessageId;
use crate::runtime;
use crate::store::{Store, photos};
use crate::telegram::{Api, CallError, Class, PhotoSource, SendMessage, SendPhoto};

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
    let Some(picture) = &job.picture else {
        let sent = api.send_message(&text(job)).await.map_err(class)?;
        return Ok(Sent { message: sent.id, file: None });
    };
    let Some(file) = &picture.file else {
        let bytes = bytes(store, picture).await?;
        let source = PhotoSource::Upload { bytes: &bytes, mime: picture.mime.word() };
        let sent = api.send_photo(&photo(job, source)).await.map_err(class)?;
        return Ok(Sent { message: sent.id, file: sent.file_id });
    };
    let sent = api.send_photo(&photo(job, PhotoSource::Id(file))).await.map_err(class)?;
    Ok(Sent { message: sent.id, file: None })
}

fn text(job: &Job) -> SendMessage<'_> {
    let body = job.body.as_ref();
    SendMessage {
        buttons: &body.buttons,
        silent: body.silent,
        protect_content: body.protect,
        paid: job.flow.fare() == Fare::Paid,
        ..SendMessage::new(job.ticket.chat(), &body.text, body.format)
    }
}

fn photo<'j>(job: &'j Job, source: PhotoSource<'j>) -> SendPhoto<'j> {
    let body = job.body.as_ref();
    SendPhoto {
        caption: &body.text,
        format: body.format,
        buttons: &body.buttons,
        silent: body.silent,
        protect_content: body.protect,
        paid: job.flow.fare() == Fare::Paid,
        ..SendPhoto::new(job.ticket.chat(), source)
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
