//! What things look like in the API. Every name here is a promise; the contract's schemas say the same.

use serde_json::{Value, json};

use crate::clock::Timestamp;
use crate::ids::ChatId;
use crate::model::account::{Account, Tag};
use crate::model::chat::Chat;
use crate::view::qr;

/// A moment, or nothing.
pub(super) fn moment(at: Option<Timestamp>) -> Value {
    at.map(Timestamp::rfc3339).into()
}

/// An address as a QR code that stands alone.
pub(super) fn picture(address: &str) -> String {
    let drawn = qr::svg(address, "Scan to connect Telegram").into_string();
    drawn.replacen("<svg ", "<svg xmlns=\"http://www.w3.org/2000/svg\" ", 1)
}

/// An account.
pub(super) fn account(account: &Account) -> Value {
    json!({
        "username": account.username.as_str(),
        "name": account.name,
        "tags": account.tags.iter().map(Tag::as_str).collect::<Vec<_>>(),
        "state": account.state().word(),
        "chats": account.chats,
        "reachable_chats": account.reachable,
        "muted_chats": account.muted,
        "created_at": account.created.rfc3339(),
    })
}

/// A chat of an account.
pub(super) fn chat(id: ChatId, chat: &Chat) -> Value {
    json!({
        "chat_id": id.0,
        "reachability": chat.reachability.word(),
        "muted": chat.muted.is_some(),
        "linked_at": moment(chat.binding.map(|binding| binding.since)),
        "last_heard_at": chat.last_heard.rfc3339(),
        "telegram": {
            "name": chat.profile.name,
            "username": chat.profile.username,
            "language": chat.profile.language,
        },
    })
}
