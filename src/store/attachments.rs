//! What messages and broadcasts carry, of whichever kind: held, let go, and known to Telegram by a number.

use crate::ids::UserId;
use crate::model::message::Attachment;
use crate::store::error::StoreError;
use crate::store::tx::{Read, Tx};
use crate::store::{documents, photos};

/// Whether it is there, and to its end.
pub fn is_there(read: &impl Read, attachment: Attachment) -> Result<bool, StoreError> {
    Ok(match attachment {
        Attachment::Photo(id) => photos::get(read, id)?.is_some(),
        Attachment::Document(id) => documents::get(read, id)?.is_some_and(|document| document.whole),
    })
}

/// How a bot can send something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// Not at all: it is gone.
    Gone,
    /// It has to be uploaded.
    Upload,
    /// By Telegram's number of it.
    Number(String),
}

/// How this bot can send it.
pub fn way(read: &impl Read, attachment: Attachment, bot: UserId) -> Result<Way, StoreError> {
    let way = |file: Option<&str>| file.map_or(Way::Upload, |number| Way::Number(number.to_owned()));
    let found = match attachment {
        Attachment::Photo(id) => photos::get(read, id)?.map(|photo| way(photo.file_of(bot))),
        Attachment::Document(id) => documents::get(read, id)?.map(|document| way(document.file_of(bot))),
    };
    Ok(found.unwrap_or(Way::Gone))
}

/// One more message or broadcast carries it.
pub fn hold(tx: &mut Tx<'_>, attachment: Attachment) -> Result<(), StoreError> {
    match attachment {
        Attachment::Photo(id) => photos::hold(tx, id),
        Attachment::Document(id) => documents::hold(tx, id),
    }
}

/// One message or broadcast less carries it; the last one takes it away.
pub fn let_go(tx: &mut Tx<'_>, attachment: Attachment) -> Result<(), StoreError> {
    match attachment {
        Attachment::Photo(id) => photos::let_go(tx, id),
        Attachment::Document(id) => documents::let_go(tx, id),
    }
}

/// Telegram's number of it, as this bot may use it.
pub fn learn(tx: &mut Tx<'_>, attachment: Attachment, bot: UserId, file: &str) -> Result<(), StoreError> {
    match attachment {
        Attachment::Photo(id) => photos::learn(tx, id, bot, file),
        Attachment::Document(id) => documents::learn(tx, id, bot, file),
    }
}

/// Telegram's number of it is of no use any more.
pub fn forget(tx: &mut Tx<'_>, attachment: Attachment) -> Result<(), StoreError> {
    match attachment {
        Attachment::Photo(id) => photos::forget(tx, id),
        Attachment::Document(id) => documents::forget(tx, id),
    }
}
