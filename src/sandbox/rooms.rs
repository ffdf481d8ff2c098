//! What private chats and groups have in common: messages in order, notes on screens, and a number that tells of changes.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

use super::messages::Message;
use super::world::World;

/// Messages kept per chat.
const KEPT: usize = 1000;

/// What `answerCallbackQuery` showed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Toast {
    /// The text.
    pub text: String,
    /// An alert to be closed, or a note that goes by itself.
    pub alert: bool,
}

/// The messages of a chat.
#[derive(Debug, Default)]
pub struct Room {
    messages: VecDeque<Message>,
    last: i64,
    revision: u64,
    /// What is on the screens of its people.
    toasts: BTreeMap<i64, Toast>,
}

impl Room {
    /// Puts a message at the end; it gets the next id.
    pub fn append(&mut self, message: Message) -> i64 {
        self.touch();
        self.last += 1;
        if self.messages.len() >= KEPT {
            self.messages.pop_front();
        }
        self.messages.push_back(Message { id: self.last, ..message });
        self.last
    }

    /// The messages, oldest first.
    pub fn messages(&self) -> impl DoubleEndedIterator<Item = &Message> {
        self.messages.iter()
    }

    /// A message by its id.
    #[must_use]
    pub fn find(&self, id: i64) -> Option<&Message> {
        let place = self.messages.binary_search_by_key(&id, |message| message.id).ok()?;
        self.messages.get(place)
    }

    /// A message by its id, to change it.
    pub fn find_mut(&mut self, id: i64) -> Option<&mut Message> {
        self.touch();
        let place = self.messages.binary_search_by_key(&id, |message| message.id).ok()?;
        self.messages.get_mut(place)
    }

    /// Takes a message out; false when it is not there.
    pub fn remove(&mut self, id: i64) -> bool {
        self.touch();
        let place = self.messages.binary_search_by_key(&id, |message| message.id).ok();
        place.and_then(|place| self.messages.remove(place)).is_some()
    }

    /// Forgets all messages; ids go on.
    pub fn clear(&mut self) {
        self.touch();
        self.messages.clear();
    }

    /// The note or alert that a button brought up last on a person's screen.
    #[must_use]
    pub fn toast(&self, person: i64) -> Option<&Toast> {
        self.toasts.get(&person)
    }

    /// Shows a person a note, or takes it away.
    pub fn show(&mut self, person: i64, toast: Option<Toast>) {
        let before = self.toasts.remove(&person);
        if before.is_some() || toast.is_some() {
            self.touch();
        }
        if let Some(toast) = toast {
            self.toasts.insert(person, toast);
        }
    }

    /// Tells those who watch that something around the messages has changed.
    pub fn touch(&mut self) {
        self.revision += 1;
    }

    /// Grows with every change that a person could see.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The id of the newest message there ever was, 0 before the first.
    #[must_use]
    pub fn last_id(&self) -> i64 {
        self.last
    }
}

impl World {
    /// The messages of a private chat or a group.
    pub(super) fn room(&self, chat: i64) -> Option<&Room> {
        let private = self.chats.get(&chat).map(|chat| &chat.room);
        private.or_else(|| self.groups.get(&chat).map(|group| &group.room))
    }

    /// The same, to change them.
    pub(super) fn room_mut(&mut self, chat: i64) -> Option<&mut Room> {
        let private = self.chats.get_mut(&chat).map(|chat| &mut chat.room);
        private.or_else(|| self.groups.get_mut(&chat).map(|group| &mut group.room))
    }
}
