//! Writing and pressing in any chat, private or not, and which of it Telegram passes on to a bot in privacy mode.

use super::acts::{ActError, Pressed, Which};
use super::entities;
use super::groups::Membership;
use super::keyboard::{Action, Button};
use super::messages::{Attached, Author, Message, Service};
use super::photos::Photo;
use super::shapes;
use super::world::{Moment, Query, World};

/// What somebody is about to write.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) text: String,
    pub(super) photo: Option<Photo>,
    pub(super) attached: Option<Attached>,
    pub(super) service: Option<Service>,
    pub(super) reply_to: Option<i64>,
}

impl Draft {
    /// A text and nothing else.
    pub(super) fn text(text: &str) -> Self {
        Self { text: text.to_owned(), ..Self::default() }
    }

    /// A report of the chat itself.
    pub(super) fn service(service: Service) -> Self {
        Self { service: Some(service), ..Self::default() }
    }
}

/// A text that Telegram takes, without the spaces around it.
pub(super) fn fitting(text: &str) -> Result<&str, ActError> {
    let text = text.trim();
    if (1..=4096).contains(&entities::units(text)) { Ok(text) } else { Err(ActError::BadText) }
}

impl World {
    /// Puts a person's message into a chat and passes it on when the bot gets to see it.
    pub(super) fn write(&mut self, chat: i64, person: i64, draft: Draft, moment: Moment) -> Result<i64, ActError> {
        let author = self.chats.get(&person).ok_or(ActError::NoSuchPerson)?;
        let message = Message {
            entities: entities::detect(&draft.text, Vec::new()),
            text: draft.text,
            photo: draft.photo,
            attached: draft.attached,
            service: draft.service,
            reply_to: draft.reply_to,
            ..Message::by_person(moment.now, &author.person)
        };
        let room = self.room_mut(chat).ok_or(ActError::NoSuchGroup)?;
        if message.reply_to.is_some_and(|id| room.find(id).is_none()) {
            return Err(ActError::NoSuchMessage);
        }
        room.show(person, None);
        let heard = self.bot_hears(chat, &message);
        let id = self.room_mut(chat).ok_or(ActError::NoSuchGroup)?.append(message);
        if heard && let Some(json) = shapes::message(self, chat, id) {
            self.queue.push(moment.now, "message", &json);
        }
        Ok(id)
    }

    /// All of a private chat; of a group, in privacy mode, what is reported, addressed to the bot or answers it (Bots,
    /// "Privacy mode").
    fn bot_hears(&self, chat: i64, message: &Message) -> bool {
        let Some(group) = self.groups.get(&chat) else { return true };
        let answered = message.reply_to.and_then(|id| group.room.find(id));
        group.bot == Membership::Member
            && (message.service.is_some()
                || is_command_for(&message.text, &self.bot.username)
                || answered.is_some_and(|answered| answered.author == Author::Bot))
    }

    /// Presses a button under a message.
    pub(super) fn press_in(
        &mut self,
        chat: i64,
        person: i64,
        message: i64,
        which: &Which,
        moment: Moment,
    ) -> Result<Pressed, ActError> {
        let room = self.room_mut(chat).ok_or(ActError::NoSuchGroup)?;
        room.show(person, None);
        let under = room.find(message).ok_or(ActError::NoSuchButton)?;
        let keyboard = under.keyboard.as_ref().ok_or(ActError::NoSuchButton)?;
        let mut buttons = keyboard.rows.iter().flatten().enumerate();
        let (_, button) =
            buttons.find(|(place, button)| is_meant(which, *place, button)).ok_or(ActError::NoSuchButton)?;
        let data = match button.action.clone() {
            Action::Url(url) => return Ok(Pressed::Url(url)),
            Action::CopyText { text } => return Ok(Pressed::Copied(text)),
            Action::CallbackData(data) => data,
        };
        self.next_query += 1;
        let id = format!("{}{:07}", self.bot.id, self.next_query);
        self.queries.insert(id.clone(), Query { chat, person, at: moment.elapsed });
        if let Some(json) = shapes::query(self, chat, person, message, &id, &data) {
            self.queue.push(moment.now, "callback_query", &json);
        }
        Ok(Pressed::Query(id))
    }
}

fn is_meant(which: &Which, place: usize, button: &Button) -> bool {
    match which {
        Which::Label(label) => button.text == *label,
        Which::Data(data) => matches!(&button.action, Action::CallbackData(own) if own == data),
        Which::Place(wanted) => place == *wanted,
    }
}

/// `/command@BOT`, or `/command` for whoever listens.
fn is_command_for(text: &str, bot: &str) -> bool {
    let Some(command) = text.strip_prefix('/').and_then(|rest| rest.split_whitespace().next()) else { return false };
    let (name, whose) = command.split_once('@').unwrap_or((command, bot));
    let named = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    named && whose.eq_ignore_ascii_case(bot)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_for_the_bot_that_it_names_or_for_any() {
        for text in ["/help", "/help@link_bot", "/start@Link_Bot abc", "/a_1\nmore"] {
            assert!(is_command_for(text, "link_bot"), "{text}");
        }
        for text in ["help", "/", "/help@other_bot", "/@link_bot", "//", "/a.b", "hello /help", ""] {
            assert!(!is_command_for(text, "link_bot"), "{text}");
        }
    }
}
