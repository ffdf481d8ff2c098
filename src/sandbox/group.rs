//! A group as a value: what tests and the control API do in it and read from it.

use std::sync::Arc;
use std::time::Duration;

use super::acts::{ActError, Pressed, Which};
use super::attachments::Attachment;
use super::groups::{GroupChat, Membership};
use super::links::{self, DeepLink};
use super::messages::Message;
use super::people::Person;
use super::rooms::Toast;
use super::watching;
use super::world::{Core, World};
use crate::runtime::TimedOut;

/// A group. Cheap to clone. After [`Group::migrate`] this one stays the old group; the new one has its own id.
#[derive(Clone)]
pub struct Group {
    pub(super) core: Arc<Core>,
    pub(super) id: i64,
}

impl Group {
    /// The id of the chat: -4100000001 and below for groups, -1002100000001 and below for supergroups.
    #[must_use]
    pub fn id(&self) -> i64 {
        self.id
    }

    fn look<T>(&self, look: impl FnOnce(&GroupChat, &World) -> T) -> Option<T> {
        let world = self.core.world();
        world.groups.get(&self.id).map(|group| look(group, &world))
    }

    /// Its title; `None` when no group has this id.
    #[must_use]
    pub fn title(&self) -> Option<String> {
        self.look(|group, _| group.title.clone())
    }

    /// The people in it.
    #[must_use]
    pub fn members(&self) -> Vec<Person> {
        let people = self.look(|group, world| {
            group.members.iter().filter_map(|id| world.chats.get(id)).map(|chat| chat.person.clone()).collect()
        });
        people.unwrap_or_default()
    }

    /// Whether the bot is in it.
    #[must_use]
    pub fn has_bot(&self) -> bool {
        self.look(|group, _| group.bot == Membership::Member).unwrap_or(false)
    }

    /// The id of the supergroup that it became.
    #[must_use]
    pub fn migrated_to(&self) -> Option<i64> {
        self.look(|group, _| group.migrated_to).flatten()
    }

    /// Adds a person.
    pub fn add_member(&self, person: i64) -> Result<(), ActError> {
        self.core.act(|world, moment| world.add_member(self.id, person, moment))
    }

    /// A member adds the bot. With a payload the client starts it with `/start@BOT PAYLOAD` and the id of that message is
    /// given; without one it behaves like the clients that lose the code.
    pub fn add_bot(&self, by: i64, payload: Option<&str>) -> Result<Option<i64>, ActError> {
        self.core.act(|world, moment| world.add_bot(self.id, by, payload, moment))
    }

    /// Reads a `startgroup` link as a client would; gives its payload, which may be empty.
    pub fn read_link(&self, pasted: &str) -> Result<String, ActError> {
        let world = self.core.world();
        match links::read(pasted, &world.bot.username, &self.core.base) {
            Some(DeepLink::StartGroup(payload)) => Ok(payload),
            Some(DeepLink::Start(_)) => Err(ActError::NotAGroupLink),
            Some(DeepLink::Elsewhere(_)) => Err(ActError::OtherBot),
            None => Err(ActError::NotALink),
        }
    }

    /// A member opens a `startgroup` link and chooses this group: adds the bot with the payload.
    pub fn open(&self, by: i64, link: &str) -> Result<Option<i64>, ActError> {
        let payload = self.read_link(link)?;
        self.add_bot(by, Some(&payload))
    }

    /// A member removes the bot.
    pub fn remove_bot(&self, by: i64) -> Result<(), ActError> {
        self.core.act(|world, moment| world.remove_bot(self.id, by, moment))
    }

    /// A member writes. Gives the id of the message.
    pub fn send(&self, by: i64, text: &str) -> Result<i64, ActError> {
        self.core.act(|world, moment| world.send_in_group(self.id, by, None, text, moment))
    }

    /// A member answers a message. Gives the id of the answer.
    pub fn reply(&self, by: i64, message: i64, text: &str) -> Result<i64, ActError> {
        self.core.act(|world, moment| world.send_in_group(self.id, by, Some(message), text, moment))
    }

    /// A member attaches something, as an answer to a message or by itself. Gives the id of the message.
    pub fn attach(&self, by: i64, reply_to: Option<i64>, attachment: Attachment) -> Result<i64, ActError> {
        self.core.act(|world, moment| world.attach_in_group(self.id, by, reply_to, attachment, moment))
    }

    /// A member presses a button under a message of the bot.
    pub fn press(&self, by: i64, message: i64, which: &Which) -> Result<Pressed, ActError> {
        self.core.act(|world, moment| world.press_in_group(self.id, by, message, which, moment))
    }

    /// Its creator upgrades it to a supergroup. Gives the id under which it goes on.
    pub fn migrate(&self) -> Result<i64, ActError> {
        self.core.act(|world, moment| world.migrate(self.id, moment))
    }

    /// Shows a person a note, or takes it away.
    pub(super) fn show(&self, person: i64, toast: Option<Toast>) {
        self.core.change(|world| {
            if let Some(room) = world.room_mut(self.id) {
                room.show(person, toast);
            }
        });
    }

    /// The messages in it after `after` (0: all), oldest first.
    #[must_use]
    pub fn messages(&self, after: i64) -> Vec<Message> {
        watching::messages(&self.core, self.id, after)
    }

    /// The id of the newest message there ever was, 0 before the first.
    #[must_use]
    pub fn last_id(&self) -> i64 {
        watching::last_id(&self.core, self.id)
    }

    /// Grows with every change that its people could see.
    #[must_use]
    pub fn revision(&self) -> u64 {
        watching::revision(&self.core, self.id)
    }

    /// The note or alert on a person's screen.
    #[must_use]
    pub fn toast(&self, person: i64) -> Option<Toast> {
        self.core.world().room(self.id)?.toast(person).cloned()
    }

    /// Waits for the first message of the bot after message `after`; the deadline is real time.
    pub async fn next_from_bot(&self, after: i64, span: Duration) -> Result<Message, TimedOut> {
        watching::next_from_bot(&self.core, self.id, after, span).await
    }

    /// Waits until the newest message of the bot satisfies `wanted` and gives it; the deadline is real time.
    pub async fn wait_for(&self, span: Duration, wanted: impl Fn(&Message) -> bool) -> Result<Message, TimedOut> {
        watching::wait_for(&self.core, self.id, span, wanted).await
    }
}
