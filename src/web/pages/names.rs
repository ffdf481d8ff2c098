//! How people, admins and accounts are called in sentences and lists, also when their row is gone.

use crate::ids::{AdminId, ChatId};
use crate::model::chat::Profile;
use crate::model::event::Actor;
use crate::model::link::Target;
use crate::store::{Read, StoreError, accounts, admins, chats, keys};

/// The Telegram name of a chat, `@username` beside it.
pub fn of_chat(read: &impl Read, id: ChatId) -> Result<String, StoreError> {
    Ok(chats::get(read, id)?.map_or_else(|| format!("chat {id}"), |chat| of_profile(&chat.profile, id)))
}

/// The same, where the chat is at hand.
#[must_use]
pub fn of_profile(profile: &Profile, id: ChatId) -> String {
    match (profile.name.is_empty(), &profile.username) {
        (false, Some(username)) => format!("{} (@{username})", profile.name),
        (false, None) => profile.name.clone(),
        (true, Some(username)) => format!("@{username}"),
        (true, None) => format!("chat {id}"),
    }
}

/// Who did something.
pub fn of_actor(read: &impl Read, actor: Actor) -> Result<String, StoreError> {
    Ok(match actor {
        Actor::System => "startlink".to_owned(),
        Actor::Operator => "a command on the server".to_owned(),
        Actor::Admin(id) => of_admin(read, id)?,
        Actor::Chat(id) => of_chat(read, id)?,
        Actor::Key(id) => match keys::get(read, id)? {
            Some(key) => format!("the website, by the key \"{}\"", key.name),
            None => format!("the website, by key {id}"),
        },
        Actor::Website => "the website, by a signed address".to_owned(),
        Actor::Person(id) => {
            let name = accounts::get(read, id)?.map_or_else(|| format!("account {id}"), |row| row.username.to_string());
            format!("{name}, in the portal")
        }
    })
}

/// An admin's name.
pub fn of_admin(read: &impl Read, id: AdminId) -> Result<String, StoreError> {
    Ok(admins::get(read, id)?.map_or_else(|| format!("admin {id}"), |admin| admin.name.to_string()))
}

/// Whose chat a link binds.
pub fn of_target(read: &impl Read, target: Target) -> Result<String, StoreError> {
    Ok(match target {
        Target::Account(id) => accounts::get(read, id)?
            .map_or_else(|| format!("account {id}, deleted"), |account| account.username.to_string()),
        Target::Admin(id) => {
            let name = admins::get(read, id)?.map_or_else(|| id.to_string(), |admin| admin.name.to_string());
            format!("own chat of {name}")
        }
    })
}
