//! What people do: press Start, write, press buttons, block, unblock, delete. Each act queues the updates that Telegram
//! would send to the bot.

use serde::Serialize;

use super::entities;
use super::keyboard::Action;
use super::people::{Author, Manner, Message, Standing};
use super::shapes;
use super::world::{Moment, Query, World};

/// Why a person's act was not possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ActError {
    /// Nobody has this id.
    #[error("there is nobody with this id in the sandbox")]
    NoSuchPerson,
    /// The account is deactivated.
    #[error("this account is deactivated and cannot do anything")]
    Deactivated,
    /// A blocked bot cannot be written to.
    #[error("this person blocked the bot: unblock it first")]
    Blocked,
    /// Clients let nobody write before Start is pressed.
    #[error("this person has not pressed Start yet")]
    NotStarted,
    /// Telegram takes 1 to 4096 characters.
    #[error("a message has 1 to 4096 characters")]
    BadText,
    /// The link is no deep link to this bot.
    #[error("this is not a link to this bot: paste a t.me or tg:// link, or a /start command")]
    NotALink,
    /// The link leads to another bot.
    #[error("this link leads to another bot, which the sandbox does not have")]
    OtherBot,
    /// There is no such message or button.
    #[error("there is no such button")]
    NoSuchButton,
}

/// What pressing a button did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Pressed {
    /// A callback query with this id went to the bot.
    Query(String),
    /// The client opens this address.
    Url(String),
    /// The client copied this text.
    Copied(String),
}

/// Which button of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// The one with this label.
    Label(String),
    /// The one with this callback data.
    Data(String),
    /// The one at this place, counted from 0 over all rows.
    Place(usize),
}

impl World {
    fn standing(&self, person: i64) -> Result<Standing, ActError> {
        match self.chats.get(&person).map(|chat| chat.standing) {
            None => Err(ActError::NoSuchPerson),
            Some(Standing::Deactivated) => Err(ActError::Deactivated),
            Some(standing) => Ok(standing),
        }
    }

    fn stand(&mut self, person: i64, standing: Standing) {
        if let Some(chat) = self.chats.get_mut(&person) {
            chat.stand(standing);
        }
    }

    /// Presses START, with the payload of the link that was opened. A blocked bot is unblocked by it.
    pub(super) fn press_start(&mut self, person: i64, payload: &str, moment: Moment) -> Result<i64, ActError> {
        if self.standing(person)? == Standing::Blocked {
            self.unblock(person, moment)?;
        }
        self.stand(person, Standing::Started);
        let text = if payload.is_empty() { "/start".to_owned() } else { format!("/start {payload}") };
        self.write(person, &text, moment)
    }

    /// Sends a text.
    pub(super) fn send_text(&mut self, person: i64, text: &str, moment: Moment) -> Result<i64, ActError> {
        let text = text.trim();
        match self.standing(person)? {
            Standing::Blocked => return Err(ActError::Blocked),
            Standing::Stranger if text.starts_with("/start") => self.stand(person, Standing::Started),
            Standing::Stranger => return Err(ActError::NotStarted),
            Standing::Started | Standing::Deactivated => {}
        }
        if !(1..=4096).contains(&entities::units(text)) {
            return Err(ActError::BadText);
        }
        self.write(person, text, moment)
    }

    fn write(&mut self, person: i64, text: &str, moment: Moment) -> Result<i64, ActError> {
        let message = Message {
            id: 0,
            at: moment.now,
            author: Author::Person,
            text: text.to_owned(),
            entities: entities::detect(text, Vec::new()),
            photo: None,
            keyboard: None,
            edited: None,
            reply_to: None,
            manner: Manner::default(),
        };
        let chat = self.chats.get_mut(&person).ok_or(ActError::NoSuchPerson)?;
        if chat.toast().is_some() {
            chat.show(None);
        }
        let id = chat.append(message);
        let chat = self.chats.get(&person).ok_or(ActError::NoSuchPerson)?;
        if let Some(message) = chat.find(id) {
            let json = shapes::message(self, chat, message);
            self.queue.push(moment.now, "message", &json);
        }
        Ok(id)
    }

    /// Presses a button under a message.
    pub(super) fn press(
        &mut self,
        person: i64,
        message: i64,
        which: &Which,
        moment: Moment,
    ) -> Result<Pressed, ActError> {
        if self.standing(person)? == Standing::Blocked {
            return Err(ActError::Blocked);
        }
        let chat = self.chats.get_mut(&person).ok_or(ActError::NoSuchPerson)?;
        if chat.toast().is_some() {
            chat.show(None);
        }
        let under = chat.find(message).ok_or(ActError::NoSuchButton)?;
        let keyboard = under.keyboard.as_ref().ok_or(ActError::NoSuchButton)?;
        let mut buttons = keyboard.rows.iter().flatten().enumerate();
        let found = buttons.find(|(place, button)| match which {
            Which::Label(label) => button.text == *label,
            Which::Data(data) => matches!(&button.action, Action::CallbackData(own) if own == data),
            Which::Place(wanted) => place == wanted,
        });
        let (_, button) = found.ok_or(ActError::NoSuchButton)?;
        let data = match button.action.clone() {
            Action::Url(url) => return Ok(Pressed::Url(url)),
            Action::CopyText { text } => return Ok(Pressed::Copied(text)),
            Action::CallbackData(data) => data,
        };
        self.next_query += 1;
        let id = format!("{}{:07}", self.bot.id, self.next_query);
        self.queries.insert(id.clone(), Query { chat: person, at: moment.elapsed });
        let chat = self.chats.get(&person).ok_or(ActError::NoSuchPerson)?;
        if let Some(under) = chat.find(message) {
            let json = shapes::query(self, chat, under, &id, &data);
            self.queue.push(moment.now, "callback_query", &json);
        }
        Ok(Pressed::Query(id))
    }

    /// Blocks the bot; nothing happens when it is blocked already.
    pub(super) fn block(&mut self, person: i64, moment: Moment) -> Result<(), ActError> {
        match self.standing(person)? {
            Standing::Blocked => Ok(()),
            // Without a chat there is nobody to tell.
            Standing::Stranger | Standing::Deactivated => Err(ActError::NotStarted),
            Standing::Started => self.tell_change(person, true, moment),
        }
    }

    /// Unblocks the bot; nothing happens when it is not blocked.
    pub(super) fn unblock(&mut self, person: i64, moment: Moment) -> Result<(), ActError> {
        match self.standing(person)? {
            Standing::Blocked => self.tell_change(person, false, moment),
            Standing::Started | Standing::Stranger | Standing::Deactivated => Ok(()),
        }
    }

    fn tell_change(&mut self, person: i64, blocked: bool, moment: Moment) -> Result<(), ActError> {
        self.stand(person, if blocked { Standing::Blocked } else { Standing::Started });
        let chat = self.chats.get(&person).ok_or(ActError::NoSuchPerson)?;
        let json = shapes::member_change(self, chat, moment.now.seconds(), blocked);
        self.queue.push(moment.now, "my_chat_member", &json);
        Ok(())
    }

    /// Deletes the chat and stops the bot, as clients offer it: for the bot the same as being blocked.
    pub(super) fn delete_chat(&mut self, person: i64, moment: Moment) -> Result<(), ActError> {
        if self.standing(person)? == Standing::Started {
            self.block(person, moment)?;
        }
        if let Some(chat) = self.chats.get_mut(&person) {
            chat.clear();
        }
        Ok(())
    }

    /// Deletes the person's account. Telegram tells the bot nothing; it finds out when it writes.
    pub(super) fn deactivate(&mut self, person: i64) -> Result<(), ActError> {
        self.standing(person)?;
        self.stand(person, Standing::Deactivated);
        Ok(())
    }
}
