//! Documents: files of any kind, sent by the identifier that Telegram gave an earlier upload, or uploaded.

use serde::{Deserialize, Serialize};

use super::error::CallError;
use super::methods::{Manner, SentMessage};
use super::upload::File;
use super::{Api, CALL_DEADLINE, Reply};
use crate::ids::{ChatId, TelegramMessageId};

/// A document (Bot API, `sendDocument`).
#[derive(Debug, Clone, Copy, Serialize)]
pub struct SendDocument<'a> {
    /// Where to.
    pub chat_id: ChatId,
    /// A `file_id` that this bot got from Telegram; none for an upload.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<&'a str>,
    /// The text under it: up to 1,024 characters after the markup is taken out.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub caption: &'a str,
    /// How.
    #[serde(flatten)]
    pub manner: Manner<'a>,
}

/// What `sendDocument` made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentDocument {
    /// Telegram's identifier of the message in its chat.
    pub id: TelegramMessageId,
    /// What the document is sent by from now on; absent when the answer could not be read that far.
    pub file_id: Option<String>,
}

/// An upload stays what it is: without this, a picture or a film would arrive as such and not as a file.
#[derive(Serialize)]
struct Upload<'a> {
    #[serde(flatten)]
    document: &'a SendDocument<'a>,
    disable_content_type_detection: bool,
}

#[derive(Deserialize)]
struct DocumentMessage {
    message_id: TelegramMessageId,
    document: Named,
}

#[derive(Deserialize)]
struct Named {
    file_id: String,
}

impl Api {
    /// Sends a document by its identifier. There is no idempotency key: after [`Class::Unknown`](super::Class::Unknown) it may
    /// or may not have arrived.
    pub async fn send_document(&self, document: &SendDocument<'_>) -> Result<SentDocument, CallError> {
        self.post("sendDocument", document, CALL_DEADLINE).await?.sent_document()
    }

    /// Uploads a file and sends it as a document, within [`upload_deadline`](super::upload_deadline).
    pub async fn upload_document(
        &self,
        document: &SendDocument<'_>,
        file: File<'_>,
    ) -> Result<SentDocument, CallError> {
        let upload = Upload { document, disable_content_type_detection: true };
        self.upload("sendDocument", &upload, "document", file).await?.sent_document()
    }
}

impl Reply {
    /// The message that was made, with the identifier of its document. `ok: true` means that it was sent, also when the rest
    /// cannot be read.
    fn sent_document(&self) -> Result<SentDocument, CallError> {
        if let Ok(DocumentMessage { message_id, document }) = self.result() {
            return Ok(SentDocument { id: message_id, file_id: Some(document.file_id) });
        }
        let SentMessage { id } = self.sent()?;
        Ok(SentDocument { id, file_id: None })
    }
}
