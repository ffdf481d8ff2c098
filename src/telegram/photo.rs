//! Photos: sent by the identifier that Telegram gave an earlier upload, or uploaded.

use serde::{Deserialize, Serialize, Serializer};

use super::error::CallError;
use super::methods::{Manner, SentMessage};
use super::upload::File;
use super::{Api, CALL_DEADLINE, Reply};
use crate::ids::{ChatId, TelegramMessageId};

/// Where a photo comes from.
#[derive(Debug, Clone, Copy)]
pub enum PhotoSource<'a> {
    /// A `file_id` that this bot got from Telegram.
    Id(&'a str),
    /// The photo itself, at most 10 MB.
    Upload {
        /// The file.
        bytes: &'a [u8],
        /// What it is, for example `image/jpeg`.
        mime: &'static str,
    },
}

/// A photo (Bot API, `sendPhoto`).
#[derive(Debug, Clone, Copy, Serialize)]
pub struct SendPhoto<'a> {
    /// Where to.
    pub chat_id: ChatId,
    /// The photo.
    #[serde(serialize_with = "file_id", skip_serializing_if = "is_upload")]
    pub photo: PhotoSource<'a>,
    /// The text under it: up to 1,024 characters after the markup is taken out.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub caption: &'a str,
    /// How.
    #[serde(flatten)]
    pub manner: Manner<'a>,
}

impl<'a> SendPhoto<'a> {
    /// A photo with nothing but itself.
    #[must_use]
    pub fn new(chat_id: ChatId, photo: PhotoSource<'a>) -> Self {
        Self { chat_id, photo, caption: "", manner: Manner::default() }
    }
}

/// What `sendPhoto` made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentPhoto {
    /// Telegram's identifier of the message in its chat.
    pub id: TelegramMessageId,
    /// What the photo is sent by from now on; absent when the answer could not be read that far.
    pub file_id: Option<String>,
}

#[derive(Deserialize)]
struct PhotoMessage {
    message_id: TelegramMessageId,
    photo: Vec<PhotoSize>,
}

#[derive(Deserialize)]
struct PhotoSize {
    file_id: String,
    width: u64,
    height: u64,
}

impl Api {
    /// Sends a photo. There is no idempotency key: after [`Class::Unknown`] it may or may not have arrived.
    /// The deadline of an upload is [`upload_deadline`](super::upload_deadline).
    pub async fn send_photo(&self, photo: &SendPhoto<'_>) -> Result<SentPhoto, CallError> {
        const METHOD: &str = "sendPhoto";
        let PhotoSource::Upload { bytes, mime } = photo.photo else {
            return self.post(METHOD, photo, CALL_DEADLINE).await?.sent_photo();
        };
        let file = File::of_bytes(bytes, file_name(mime), mime);
        self.upload(METHOD, photo, "photo", file).await?.sent_photo()
    }
}

impl Reply {
    /// The message that was made, with the identifier of the largest size. `ok: true` means that it was sent, also when the
    /// rest cannot be read.
    fn sent_photo(&self) -> Result<SentPhoto, CallError> {
        if let Ok(PhotoMessage { message_id, photo }) = self.result() {
            let largest = photo.into_iter().max_by_key(|size| size.width.saturating_mul(size.height));
            return Ok(SentPhoto { id: message_id, file_id: largest.map(|size| size.file_id) });
        }
        let SentMessage { id } = self.sent()?;
        Ok(SentPhoto { id, file_id: None })
    }
}

fn file_name(mime: &str) -> &'static str {
    match mime {
        "image/png" => "photo.png",
        "image/webp" => "photo.webp",
        _ => "photo.jpg",
    }
}

fn file_id<S: Serializer>(source: &PhotoSource<'_>, serializer: S) -> Result<S::Ok, S::Error> {
    match source {
        PhotoSource::Id(id) => serializer.serialize_str(id),
        PhotoSource::Upload { .. } => serializer.serialize_none(),
    }
}

fn is_upload(source: &PhotoSource<'_>) -> bool {
    matches!(source, PhotoSource::Upload { .. })
}
