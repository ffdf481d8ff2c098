//! Reading answers: the envelope around every result, and a batch of updates element by element.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Reply;
use super::error::{CallError, Class, Refusal, classify, classify_foreign};
use super::methods::SentMessage;
use super::update::{self, Parsed, Update};
use crate::ids::TelegramMessageId;

/// What every answer looks like (Bot API, "Making requests"); fields that are not known are left alone.
#[derive(Deserialize)]
struct Envelope<T> {
    ok: bool,
    #[serde(default = "Option::default")]
    result: Option<T>,
    error_code: Option<u16>,
    description: Option<String>,
    parameters: Option<Parameters>,
}

#[derive(Deserialize)]
struct Parameters {
    retry_after: Option<u64>,
    migrate_to_chat_id: Option<i64>,
}

/// What one `getUpdates` brought, in Telegram's order.
#[derive(Debug, Default)]
pub struct Batch {
    /// Every element with an id, understood or not.
    pub updates: Vec<Update>,
    /// The same elements as they came, one for each update, to be set aside should one be a culprit.
    pub raws: Vec<Box<str>>,
    /// Elements without an id, as field names and types without any value: they cannot be confirmed one by one.
    pub strays: Vec<String>,
}

impl Batch {
    /// The `offset` that confirms this batch: the id of the last element plus one. It is not the highest id,
    /// because ids start anew at random after a week without updates (Bot API, `Update.update_id`).
    #[must_use]
    pub fn next_offset(&self) -> Option<i64> {
        self.updates.last().map(|update| update.id.0.saturating_add(1))
    }
}

impl Reply {
    /// The result of an answer with `ok: true`; otherwise the class of the refusal.
    pub(super) fn result<'a, T: Deserialize<'a>>(&'a self) -> Result<T, CallError> {
        serde_json::from_slice::<Envelope<T>>(&self.bytes).map_or_else(
            |_| Err(self.error()),
            |envelope| {
                if envelope.ok
                    && let Some(result) = envelope.result
                {
                    Ok(result)
                } else {
                    Err(self.error())
                }
            },
        )
    }

    /// Whether the answer said `ok: true`, whatever the result was.
    pub(super) fn done(&self) -> Result<(), CallError> {
        match serde_json::from_slice::<Envelope<serde::de::IgnoredAny>>(&self.bytes) {
            Ok(envelope) if envelope.ok => Ok(()),
            _ => Err(self.error()),
        }
    }

    /// The message that was made. `ok: true` means that it was sent, also when the rest cannot be read: then its number is 0.
    pub(super) fn sent(&self) -> Result<SentMessage, CallError> {
        self.result().or_else(|_| self.done().map(|()| SentMessage { id: TelegramMessageId(0) }))
    }

    /// The updates of a batch, each parsed alone.
    pub(super) fn batch(&self) -> Result<Batch, CallError> {
        let mut batch = Batch::default();
        for raw in self.result::<Vec<&RawValue>>()? {
            match update::parse(raw.get()) {
                Parsed::Update(update) => {
                    batch.updates.push(update);
                    batch.raws.push(raw.get().into());
                }
                Parsed::Stray { shape } => batch.strays.push(shape),
            }
        }
        Ok(batch)
    }

    /// What it means that this answer has no usable result.
    fn error(&self) -> CallError {
        CallError { method: self.method, class: self.class() }
    }

    fn class(&self) -> Class {
        let Ok(envelope) = serde_json::from_slice::<Envelope<serde::de::IgnoredAny>>(&self.bytes) else {
            return classify_foreign(self.status);
        };
        if envelope.ok {
            return Class::Unknown { reason: "the result was not understood".to_owned() };
        }
        let parameters = envelope.parameters;
        classify(&Refusal {
            code: envelope.error_code.unwrap_or(self.status),
            description: envelope.description.unwrap_or_default(),
            retry_after: parameters.as_ref().and_then(|p| p.retry_after),
            migrate_to: parameters.as_ref().and_then(|p| p.migrate_to_chat_id),
        })
    }
}
