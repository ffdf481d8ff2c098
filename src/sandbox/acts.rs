//! What people do in their private chats: press Start, write, attach, press buttons, block, unblock, delete. Each act
//! queues the updates that Telegram would send to the bot.

use serde::Serialize;

use super::attachments::Attachment;
use super::people::Standing;
use super::shapes::{self, Member};
use super::world::{Moment, World};
use super::writing::{self, Draft};

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
    /// The message to be answered is not in the chat.
    #[error("there is no such message to answer")]
    NoSuchMessage,
    /// Telegram takes 0 to 1024 characters.
    #[error("a caption has at most 1024 characters")]
    BadCaption,
    /// The file is empty, or no picture Telegram takes as a photo.
    #[error("this file is empty, or no picture that Telegram takes as a photo")]
    BadFile,
    /// The link adds the bot to a group.
    #[error("this link adds the bot to a group: choose one")]
    GroupLink,
    /// The link opens the private chat.
    #[error("this link opens the private chat and adds the bot to no group")]
    NotAGroupLink,
    /// No group has this id.
    #[error("there is no group with this id in the sandbox")]
    NoSuchGroup,
    /// A group needs a title.
    #[error("a group's title has 1 to 128 characters")]
    BadTitle,
    /// Only its people act in a group.
    #[error("this person is not in the group")]
    NotAMember,
    /// The person or the bot is in the group already.
    #[error("that one is in the group already")]
    MemberAlready,
    /// The bot is not in the group.
    #[error("the bot is not in this group")]
    BotNotThere,
    /// The group goes on as a supergroup with another id.
    #[error("this group was upgraded to a supergroup, which has another id")]
    Upgraded,
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
    pub(super) fn standing(&self, person: i64) -> Result<Standing, ActError> {
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
        self.write(person, person, Draft::text(&text), moment)
    }

    /// Sends a text to the bot, as an answer to a message or by itself.
    pub(super) fn send_text(
        &mut self,
        person: i64,
        reply_to: Option<i64>,
        text: &str,
        moment: Moment,
    ) -> Result<i64, ActError> {
        let text = text.trim();
        match self.standing(person)? {
            Standing::Stranger if text.starts_with("/start") => self.stand(person, Standing::Started),
            Standing::Stranger | Standing::Started | Standing::Blocked | Standing::Deactivated => {}
        }
        self.writes_to_bot(person)?;
        let draft = Draft { reply_to, ..Draft::text(writing::fitting(text)?) };
        self.write(person, person, draft, moment)
    }

    /// Sends the bot a file, a place or a card.
    pub(super) fn attach(
        &mut self,
        person: i64,
        reply_to: Option<i64>,
        attachment: Attachment,
        moment: Moment,
    ) -> Result<i64, ActError> {
        self.writes_to_bot(person)?;
        self.attach_in(person, person, reply_to, attachment, moment)
    }

    fn writes_to_bot(&self, person: i64) -> Result<(), ActError> {
        match self.standing(person)? {
            Standing::Blocked => Err(ActError::Blocked),
            Standing::Stranger => Err(ActError::NotStarted),
            Standing::Started | Standing::Deactivated => Ok(()),
        }
    }

    /// Presses a button under a message of the bot in the private chat.
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
        self.press_in(person, person, message, which, moment)
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
        let (old, new) = if blocked { (Member::In, Member::Kicked) } else { (Member::Kicked, Member::In) };
        let json = shapes::member_change(self, person, person, moment.now.seconds(), (old, new));
        self.queue.push(moment.now, "my_chat_member", &json.ok_or(ActError::NoSuchPerson)?);
        Ok(())
    }

    /// Deletes the chat and stops the bot, as clients offer it: for the bot the same as being blocked.
    pub(super) fn delete_chat(&mut self, person: i64, moment: Moment) -> Result<(), ActError> {
        if self.standing(person)? == Standing::Started {
            self.block(person, moment)?;
        }
        if let Some(chat) = self.chats.get_mut(&person) {
            chat.room.clear();
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
