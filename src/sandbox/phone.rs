//! A person's phone as a value: what tests and the control API press, write and read.

use std::sync::Arc;
use std::time::Duration;

use super::acts::{ActError, Pressed, Which};
use super::attachments::Attachment;
use super::links::{self, DeepLink};
use super::messages::Message;
use super::people::{Person, Standing};
use super::rooms::Toast;
use super::watching;
use super::world::Core;
use crate::runtime::TimedOut;

/// One person's side of the chat with the bot. Cheap to clone.
#[derive(Clone)]
pub struct Phone {
    pub(super) core: Arc<Core>,
    pub(super) id: i64,
}

impl Phone {
    /// The person's id, which is the id of the chat.
    #[must_use]
    pub fn id(&self) -> i64 {
        self.id
    }

    /// Who holds it; `None` when nobody has this id.
    #[must_use]
    pub fn person(&self) -> Option<Person> {
        self.core.world().chats.get(&self.id).map(|chat| chat.person.clone())
    }

    /// How the person stands to the bot; `None` when nobody has this id.
    #[must_use]
    pub fn standing(&self) -> Option<Standing> {
        self.core.world().chats.get(&self.id).map(|chat| chat.standing)
    }

    /// Reads a link or a copied command as a client would; gives the payload that START would send.
    pub fn read_link(&self, pasted: &str) -> Result<String, ActError> {
        let world = self.core.world();
        match links::read(pasted, &world.bot.username, &self.core.base) {
            Some(DeepLink::Start(payload)) => Ok(payload),
            Some(DeepLink::StartGroup(_)) => Err(ActError::GroupLink),
            Some(DeepLink::Elsewhere(_)) => Err(ActError::OtherBot),
            None => Err(ActError::NotALink),
        }
    }

    /// Opens a deep link (any form, also `/start CODE`) and presses START. Gives the id of the message it sent.
    pub fn open(&self, link: &str) -> Result<i64, ActError> {
        let payload = self.read_link(link)?;
        self.press_start(&payload)
    }

    /// Presses START with a payload, which may be empty. Gives the id of the message it sent.
    pub fn press_start(&self, payload: &str) -> Result<i64, ActError> {
        self.core.act(|world, moment| world.press_start(self.id, payload, moment))
    }

    /// Sends a text. Gives the id of the message.
    pub fn send(&self, text: &str) -> Result<i64, ActError> {
        self.core.act(|world, moment| world.send_text(self.id, None, text, moment))
    }

    /// Answers a message with a text. Gives the id of the answer.
    pub fn reply(&self, message: i64, text: &str) -> Result<i64, ActError> {
        self.core.act(|world, moment| world.send_text(self.id, Some(message), text, moment))
    }

    /// Sends a file, a place or a card. Gives the id of the message.
    pub fn attach(&self, attachment: Attachment) -> Result<i64, ActError> {
        self.attach_to(None, attachment)
    }

    /// The same as an answer to a message.
    pub fn attach_to(&self, reply_to: Option<i64>, attachment: Attachment) -> Result<i64, ActError> {
        self.core.act(|world, moment| world.attach(self.id, reply_to, attachment, moment))
    }

    /// Presses a button under a message of the bot.
    pub fn press(&self, message: i64, which: &Which) -> Result<Pressed, ActError> {
        self.core.act(|world, moment| world.press(self.id, message, which, moment))
    }

    /// Blocks the bot.
    pub fn block(&self) -> Result<(), ActError> {
        self.core.act(|world, moment| world.block(self.id, moment))
    }

    /// Unblocks the bot.
    pub fn unblock(&self) -> Result<(), ActError> {
        self.core.act(|world, moment| world.unblock(self.id, moment))
    }

    /// Deletes the chat and stops the bot.
    pub fn delete_chat(&self) -> Result<(), ActError> {
        self.core.act(|world, moment| world.delete_chat(self.id, moment))
    }

    /// Deletes the account.
    pub fn deactivate(&self) -> Result<(), ActError> {
        self.core.act(|world, _| world.deactivate(self.id))
    }

    /// Shows a note on the screen, or takes it away.
    pub(super) fn show(&self, toast: Option<Toast>) {
        self.core.change(|world| {
            if let Some(chat) = world.chats.get_mut(&self.id) {
                chat.room.show(self.id, toast);
            }
        });
    }

    /// The messages in the chat after `after` (0: all), oldest first.
    #[must_use]
    pub fn messages(&self, after: i64) -> Vec<Message> {
        watching::messages(&self.core, self.id, after)
    }

    /// The id of the newest message there ever was, 0 before the first.
    #[must_use]
    pub fn last_id(&self) -> i64 {
        watching::last_id(&self.core, self.id)
    }

    /// Grows with every change that the person could see.
    #[must_use]
    pub fn revision(&self) -> u64 {
        watching::revision(&self.core, self.id)
    }

    /// The note or alert on the screen.
    #[must_use]
    pub fn toast(&self) -> Option<Toast> {
        self.core.world().chats.get(&self.id)?.toast().cloned()
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
