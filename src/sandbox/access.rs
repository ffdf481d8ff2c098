//! Which chats a call may name, and what Telegram says when the bot may not write there.

use super::groups::{GroupChat, Membership};
use super::params::Params;
use super::people::{Chat, Standing};
use super::refusal::Refusal;
use super::rooms::Room;
use super::world::World;

/// A chat that the bot may know.
pub(super) enum Place<'a> {
    /// A person's.
    Private(&'a Chat),
    /// A group in which it is.
    Group(&'a GroupChat),
}

/// The chat that a call names, when the bot may know it at all.
pub(super) fn known_chat<'a>(world: &'a World, params: &Params) -> Result<Place<'a>, Refusal> {
    let named = params.text("chat_id");
    if named.is_empty() {
        return Err(Refusal::bad("chat_id is empty"));
    }
    // `@username` addresses public groups and channels only, and there are none here.
    let id = named.parse::<i64>().map_err(|_| Refusal::bad("chat not found"))?;
    match (world.chats.get(&id), world.groups.get(&id)) {
        (Some(chat), _) => Ok(Place::Private(chat)),
        (None, Some(group)) => check_membership(group).map(|()| Place::Group(group)),
        (None, None) => Err(Refusal::bad("chat not found")),
    }
}

/// Refuses what Telegram refuses because of how the person stands to the bot.
fn check_standing(chat: &Chat) -> Result<(), Refusal> {
    match chat.standing {
        Standing::Started => Ok(()),
        Standing::Stranger => Err(Refusal::forbidden("bot can't initiate conversation with a user")),
        Standing::Blocked => Err(Refusal::forbidden("bot was blocked by the user")),
        Standing::Deactivated => Err(Refusal::forbidden("user is deactivated")),
    }
}

/// Refuses what Telegram refuses because of how the bot stands in a group.
fn check_membership(group: &GroupChat) -> Result<(), Refusal> {
    match (group.bot, group.migrated_to) {
        (Membership::Never, _) => Err(Refusal::bad("chat not found")),
        (Membership::Kicked, _) => Err(Refusal::forbidden(&format!("bot was kicked from the {} chat", group.kind()))),
        (Membership::Member, None) => Ok(()),
        (Membership::Member, migrate_to) => {
            Err(Refusal { migrate_to, ..Refusal::bad("group chat was upgraded to a supergroup chat") })
        }
    }
}

/// A chat the bot may write to, by its id.
pub(super) fn writable<'a>(world: &'a World, params: &Params) -> Result<(i64, &'a Room), Refusal> {
    match known_chat(world, params)? {
        Place::Private(chat) => check_standing(chat).map(|()| (chat.person.id, &chat.room)),
        Place::Group(group) => Ok((group.id, &group.room)),
    }
}
